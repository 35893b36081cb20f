//! The log on a disk that forgets what was not synced, and on one that fails.

mod failures;
mod power_cuts;

use std::{
    collections::HashSet,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    time::Duration,
};

use ::disk::{Cut, Disk, Image, Operation, Platter};
use tempfile::TempDir;

use crate::{
    Failure, Leaf as _, Log, Options, Position, Recovered,
    testing::{ORIGIN, TestKey, entry},
    verify::verify,
};

/// The folder of the log on its disk.
const LOG: &str = "log";
/// So long that only what is asked for happens.
const NEVER: Duration = Duration::from_secs(3600);

/// What the test was told or did, as turns of these workers in the trace. Entries are counted:
/// those before the turn are meant.
const BEGUN: u8 = 0;
const APPENDED: u8 = 1;
const DURABLE: u8 = 2;
const SETTLED: u8 = 3;
/// That there is a log, whatever the turn.
const MADE: u8 = 4;

/// A few entries a segment.
fn options() -> Options {
    Options { sync_interval: NEVER, checkpoint_interval: NEVER, segment_bytes: 2 << 10 }
}

/// Makes a log.
fn create(key: &TestKey, disk: &Disk, folder: &Path, options: Options) -> Result<Log, Failure> {
    let log = Log::create(&folder.join(LOG), key.key(), ORIGIN, options)?;
    disk.acknowledge(MADE, 0);
    Ok(log)
}

fn open(key: &TestKey, folder: &Path, options: Options) -> Result<(Log, Recovered), Failure> {
    Log::open(&folder.join(LOG), key.key(), ORIGIN, options)
}

/// A folder with `image` in it, in memory if there is such a place: disks are made thousands of
/// times, and a real one would sync each time.
fn folder_of(image: &Image) -> TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    for (name, bytes) in image {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir(path).unwrap();
        } else {
            fs::write(path, bytes).unwrap();
        }
    }
    folder
}

/// What is in a folder, and in those within it.
fn image_of(folder: &Path) -> Image {
    fn walk(dir: &Path, name: &str, image: &mut Image) {
        for item in fs::read_dir(dir).unwrap() {
            let item = item.unwrap();
            let name = format!("{name}{}", item.file_name().to_str().unwrap());
            if item.file_type().unwrap().is_dir() {
                image.insert(format!("{name}/"), Vec::new());
                walk(&item.path(), &format!("{name}/"), image);
            } else {
                image.insert(name, fs::read(item.path()).unwrap());
            }
        }
    }
    let mut image = Image::new();
    walk(folder, "", &mut image);
    image
}

/// The disk of a log of `count` entries that was closed, its changes settled.
fn used(key: &TestKey, count: u64) -> Image {
    let folder = folder_of(&Image::new());
    key.filled(&folder.path().join(LOG), count);
    image_of(folder.path())
}

/// Appends entries `from..to`: some wait for their sync, some are changes, and now and then a
/// checkpoint is asked for or changes are settled.
fn work(log: &Log, disk: &Disk, from: u64, to: u64) -> Result<(), Failure> {
    for i in from..to {
        append_and_wait(log, disk, i)?;
        if i % 7 == 6 {
            log.checkpoint_barrier()?;
            disk.acknowledge(DURABLE, i + 1);
        }
        if i % 9 == 8 {
            let through = log.status().synced;
            // The store's rows are durably gone before the log is told.
            disk.acknowledge(SETTLED, through);
            log.settled_through(through);
        }
    }
    Ok(())
}

/// Appends entry `i`, every fifth as one of a change.
fn append(log: &Log, disk: &Disk, i: u64) -> Result<Position, Failure> {
    disk.acknowledge(BEGUN, i + 1);
    let position = match i % 5 {
        2 => log.append_change(&entry(i).to_leaf())?,
        _ => log.append(&entry(i))?,
    };
    assert_eq!(position.index, i, "an index is given once, and in order");
    disk.acknowledge(APPENDED, i + 1);
    Ok(position)
}

/// The same, and every fifth waits for its sync.
fn append_and_wait(log: &Log, disk: &Disk, i: u64) -> Result<(), Failure> {
    let position = append(log, disk, i)?;
    if i.is_multiple_of(5) {
        log.synced(position).wait()?;
        disk.acknowledge(DURABLE, i + 1);
    }
    Ok(())
}

/// What was told up to a point of the trace, and what anyone could read.
#[derive(Clone, Debug, Default)]
struct Told {
    /// Whether the log was made.
    made: bool,
    /// Entries that someone began to append.
    begun: u64,
    /// Entries that were appended.
    appended: u64,
    /// Entries that are on the disk, as someone was told.
    durable: u64,
    /// Entries whose changes, if they are ones, are settled.
    settled: u64,
    /// Every checkpoint that ever stood in the folder.
    checkpoints: Vec<String>,
}

impl Told {
    /// That a log of `count` entries was there, settled and with a checkpoint.
    fn before(image: &Image, count: u64) -> Self {
        let checkpoint = image.get("log/checkpoint").cloned();
        let made = checkpoint.is_some();
        let checkpoints = checkpoint.into_iter().map(|text| String::from_utf8(text).unwrap());
        Self {
            made,
            begun: count,
            appended: count,
            durable: count,
            settled: count,
            checkpoints: checkpoints.collect(),
        }
    }

    /// Takes note of an operation that `platter` has replayed.
    fn note(&mut self, operation: &Operation, platter: &Platter) {
        match *operation {
            Operation::Acknowledged { worker: MADE, .. } => self.made = true,
            Operation::Acknowledged { worker, turn } => {
                let place = match worker {
                    BEGUN => &mut self.begun,
                    APPENDED => &mut self.appended,
                    DURABLE => &mut self.durable,
                    _ => &mut self.settled,
                };
                *place = turn.max(*place);
            }
            Operation::Renamed { ref to, .. } if to == "log/checkpoint" => {
                let text = platter.read(to).unwrap();
                self.checkpoints.push(String::from_utf8(text).unwrap());
            }
            _ => {}
        }
    }

    /// Opens the log in `folder` and says what is wrong with it, if anything: every entry that
    /// was durable is there, none that nobody wrote, each at its place and whole; changes are
    /// known until they are settled; the log goes on, and verifies against every checkpoint.
    fn compare(&self, key: &TestKey, folder: &Path, least: u64) -> Result<(), String> {
        let (log, recovered) = match open(key, folder, options()) {
            Ok(opened) => opened,
            Err(Failure::NoLog(_)) if !self.made => return Ok(()),
            Err(failure) => return Err(failure.to_string()),
        };
        let next = recovered.next_index;
        if next < least || next > self.begun {
            return Err(format!("{least} to {} entries became {next}", self.begun));
        }
        let changes = (self.settled..next).filter(|i| i % 5 == 2);
        if let Some(lost) =
            changes.into_iter().find(|i| !recovered.recent_ids.contains(&entry(*i).id))
        {
            return Err(format!("change {lost} would be appended twice"));
        }
        let read = log.read(self.settled.min(next), usize::MAX).map_err(|f| f.to_string())?;
        if !read.iter().all(|(i, read)| *read == entry(*i)) {
            return Err("what was read is not what was appended".to_owned());
        }
        log.append(&entry(next)).map_err(|failure| failure.to_string())?;
        log.close().map_err(|failure| failure.to_string())?;
        // Now and then, since it takes as long as all the rest.
        if next.is_multiple_of(4) {
            let (_log, recovered) = open(key, folder, options()).map_err(|f| f.to_string())?;
            assert_eq!(recovered.next_index, next + 1);
        }
        let held: Vec<_> = self.checkpoints.iter().map(String::as_str).collect();
        let report = verify(&folder.join(LOG), &key.verifier(), &held);
        if report.entries == next + 1 && report.is_clean() {
            return Ok(());
        }
        Err(format!("{} entries, {:?}", report.entries, report.findings))
    }

    /// That the log on `image` is as it must be after a power cut.
    fn assert_kept(&self, key: &TestKey, image: &Image, when: &str) {
        let folder = folder_of(image);
        if let Err(wrong) = self.compare(key, folder.path(), self.durable) {
            let names: Vec<_> = image.iter().map(|(name, bytes)| (name, bytes.len())).collect();
            panic!("{when}: {wrong}\n{self:?}\n{names:?}");
        }
    }
}

/// The states that were looked at, by their hashes: often a cut leaves what another did.
#[derive(Default)]
struct Seen(HashSet<u64>);

impl Seen {
    /// Compares what is on `image` with what was told, unless that was done.
    fn look(&mut self, key: &TestKey, image: &Image, told: &Told, when: &str) {
        let mut hasher = DefaultHasher::new();
        (image, told.durable, told.settled, told.checkpoints.len()).hash(&mut hasher);
        if self.0.insert(hasher.finish()) {
            told.assert_kept(key, image, when);
        }
    }
}

/// A folder with `image` in it that a disk watches.
fn disk_of(image: &Image) -> (TempDir, PathBuf, Disk) {
    let folder = folder_of(image);
    let path = folder.path().to_owned();
    let disk = Disk::told(&path);
    (folder, path, disk)
}

/// A platter that all operations were done to, and what was told.
fn replayed(image: &Image, operations: &[Operation], mut told: Told) -> (Platter, Told) {
    let mut platter = Platter::new(image);
    for operation in operations {
        platter.replay(operation);
        told.note(operation, &platter);
    }
    (platter, told)
}

/// The cuts at one point: nothing of what was not synced, all of it, and some of it.
fn cuts(point: u64, random: u64) -> impl Iterator<Item = Cut> {
    let some = (0..random).map(move |seed| Cut::random(point << 8 | seed));
    some.chain([Cut::losing_all(), Cut::keeping_all()])
}
