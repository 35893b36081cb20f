//! What is found on the disk after the power was cut.

use std::collections::BTreeMap;

use crate::{Image, Operation};

/// What a cut leaves of what was not synced.
#[derive(Debug)]
pub struct Cut {
    random: u64,
    /// What is written whole or not at all, in bytes.
    sector: usize,
    /// Of 256 sectors, how many are kept; 256 and 0 keep and lose everything else too.
    kept: u64,
}

impl Cut {
    /// Nothing of it.
    pub fn losing_all() -> Self {
        Self { random: 0, sector: 4096, kept: 0 }
    }

    /// All of it: the process ended, not the power.
    pub fn keeping_all() -> Self {
        Self { random: 0, sector: 4096, kept: 256 }
    }

    /// Some of it, always the same for one `seed`: few sectors, half, most or nearly all, of 512
    /// or 4096 bytes.
    pub fn random(seed: u64) -> Self {
        let mut cut = Self { random: seed, sector: 512, kept: 128 };
        cut.sector = [512, 4096][cut.below(2) as usize];
        cut.kept = [32, 128, 224, 250][cut.below(4) as usize];
        cut
    }

    fn keeps(&mut self) -> bool {
        self.below(256) < self.kept
    }

    /// The next number below `bound` (SplitMix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What the disk holds and what it may hold, as operations are replayed.
#[derive(Clone, Debug)]
pub struct Platter {
    files: Vec<File>,
    names: BTreeMap<String, Name>,
}

/// A file, whatever it is called.
#[derive(Clone, Debug, Default)]
struct File {
    /// What is on the disk for sure.
    base: Vec<u8>,
    /// What may follow, in order.
    changes: Vec<Change>,
    /// Whether its first sync is to come, which SQLite has the folder's sync follow.
    fresh: bool,
}

#[derive(Clone, Debug)]
struct Change {
    what: What,
    fate: Fate,
}

#[derive(Clone, Debug)]
enum What {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Pending,
    /// It is on the disk, but follows something that is in doubt.
    Durable,
    /// A sync of it failed.
    Doubtful,
}

/// What a name stands for.
#[derive(Clone, Debug)]
struct Name {
    /// The file it is now.
    now: Option<usize>,
    /// The files it may be after a cut, or none: what it was when the folder was synced, and all
    /// that it has been since.
    possible: Vec<Option<usize>>,
    /// Whether a sync of the folder failed since it was changed.
    doubtful: bool,
}

impl Name {
    fn set(&mut self, file: Option<usize>) {
        (self.now, self.doubtful) = (file, false);
        self.possible.push(file);
    }
}

/// The name of the folder that a name is in.
fn folder(name: &str) -> &str {
    let inner = name.strip_suffix('/').unwrap_or(name);
    inner.rfind('/').map_or("", |at| &name[..=at])
}

impl Platter {
    /// A disk that holds `image`, all of it synced.
    pub fn new(image: &Image) -> Self {
        let mut platter = Self { files: Vec::new(), names: BTreeMap::new() };
        for (file, (name, bytes)) in image.iter().enumerate() {
            platter.files.push(File { base: bytes.clone(), ..File::default() });
            let possible = vec![Some(file)];
            let name_of = Name { now: Some(file), possible, doubtful: false };
            platter.names.insert(name.clone(), name_of);
        }
        platter
    }

    /// Does what was done next.
    pub fn replay(&mut self, operation: &Operation) {
        match operation {
            Operation::Opened(name) => self.make(name, true),
            Operation::Made(name) => self.make(name, false),
            Operation::Renamed { from, to } => {
                let file = self.names.get(from).and_then(|name| name.now);
                self.name(from).set(None);
                self.name(to).set(file);
            }
            Operation::FolderSynced(folder) => {
                let settled = self.names_in(folder).filter(|name| !name.doubtful);
                settled.for_each(|name| name.possible = vec![name.now]);
            }
            Operation::FolderUnsynced(folder) => {
                self.names_in(folder).for_each(|name| name.doubtful = name.possible.len() > 1);
            }
            Operation::Written { file, at, bytes } => {
                let what = What::Write { at: *at as usize, bytes: bytes.clone() };
                self.change(file, what);
            }
            Operation::Cut { file, len } => self.change(file, What::Cut(*len as usize)),
            Operation::Synced(name) => self.sync(name),
            Operation::Unsynced(name) => {
                let pending = self.file(name).into_iter().flat_map(|file| &mut file.changes);
                pending.filter(|c| c.fate == Fate::Pending).for_each(|c| c.fate = Fate::Doubtful);
            }
            Operation::Removed { file, durably } => {
                let gone = |name: &str| {
                    name == file || file.ends_with('/') && name.starts_with(file.as_str())
                };
                let names = self.names.iter_mut().filter(|(name, _)| gone(name));
                names.for_each(|(_, name)| name.set(None));
                if *durably {
                    self.sync_names();
                }
            }
            Operation::Acknowledged { .. } => {}
        }
    }

    /// The files as they are found after the power was cut now.
    pub fn image(&self, mut cut: Cut) -> Image {
        let mut image = Image::new();
        for (name, known) in &self.names {
            let last = known.possible.len() as u64 - 1;
            let found = match cut.kept {
                0 => 0,
                256 => last,
                _ => cut.below(last + 1),
            };
            let file = known.possible.get(found as usize).copied().flatten();
            // Whoever has lost a folder has lost what is in it. Folders come before their files.
            let above = folder(name);
            let reached = above.is_empty() || image.contains_key(above);
            if let Some(file) = file.filter(|_| reached).and_then(|file| self.files.get(file)) {
                image.insert(name.clone(), file.found(&mut cut));
            }
        }
        image
    }

    /// What a program reads in a file now; `None` when there is none of that name.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let file = self.files.get(self.names.get(name)?.now?)?;
        Some(file.found(&mut Cut::keeping_all()))
    }

    fn make(&mut self, name: &str, fresh: bool) {
        let next = self.files.len();
        let known = self.name(name);
        if known.now.is_none() {
            known.set(Some(next));
            self.files.push(File { fresh, ..File::default() });
        }
    }

    fn name(&mut self, name: &str) -> &mut Name {
        let unknown = || Name { now: None, possible: vec![None], doubtful: false };
        self.names.entry(name.to_owned()).or_insert_with(unknown)
    }

    fn names_in<'a>(&'a mut self, above: &'a str) -> impl Iterator<Item = &'a mut Name> {
        let within = self.names.iter_mut().filter(move |(name, _)| folder(name) == above);
        within.map(|(_, name)| name)
    }

    fn file(&mut self, name: &str) -> Option<&mut File> {
        let file = self.names.get(name)?.now?;
        self.files.get_mut(file)
    }

    fn change(&mut self, name: &str, what: What) {
        if let Some(file) = self.file(name) {
            file.changes.push(Change { what, fate: Fate::Pending });
        }
    }

    fn sync(&mut self, name: &str) {
        let Some(file) = self.file(name) else { return };
        for change in file.changes.iter_mut().filter(|c| c.fate == Fate::Pending) {
            change.fate = Fate::Durable;
        }
        let certain = file.changes.iter().take_while(|c| c.fate == Fate::Durable).count();
        for change in file.changes.drain(..certain) {
            change.what.apply(&mut file.base);
        }
        if std::mem::take(&mut file.fresh) {
            self.sync_names();
        }
    }

    fn sync_names(&mut self) {
        self.names.values_mut().for_each(|name| name.possible = vec![name.now]);
    }
}

impl File {
    /// Its bytes after a cut.
    fn found(&self, cut: &mut Cut) -> Vec<u8> {
        let mut bytes = self.base.clone();
        for change in &self.changes {
            match &change.what {
                what if change.fate == Fate::Durable => what.apply(&mut bytes),
                What::Write { at, bytes: written } => write_some(&mut bytes, *at, written, cut),
                what => {
                    if cut.keeps() {
                        what.apply(&mut bytes);
                    }
                }
            }
        }
        bytes
    }
}

impl What {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes: written } => {
                let end = at + written.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*at..end].copy_from_slice(written);
            }
            Self::Cut(len) => bytes.resize(*len, 0),
        }
    }
}

/// Writes the sectors of `written` that `cut` keeps. The length of a file may be on the disk
/// though its last bytes are not: they are zeros then.
fn write_some(bytes: &mut Vec<u8>, at: usize, written: &[u8], cut: &mut Cut) {
    let mut from = at;
    let end = at + written.len();
    while from < end {
        let to = (from / cut.sector * cut.sector + cut.sector).min(end);
        if cut.keeps() {
            let part = written[from - at..to - at].to_vec();
            What::Write { at: from, bytes: part }.apply(bytes);
        } else if bytes.len() < to && cut.kept > 0 && cut.below(2) == 0 {
            bytes.resize(to, 0);
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(at: u64, byte: u8, len: usize) -> Operation {
        Operation::Written { file: "f".to_owned(), at, bytes: vec![byte; len] }
    }

    fn synced() -> Operation {
        Operation::Synced("f".to_owned())
    }

    fn platter(operations: &[Operation]) -> Platter {
        let mut platter = Platter::new(&Image::from([("f".to_owned(), vec![0; 8192])]));
        operations.iter().for_each(|operation| platter.replay(operation));
        platter
    }

    #[test]
    fn what_was_synced_is_found_whatever_the_cut() {
        let platter = platter(&[written(0, 1, 8192), synced(), written(4096, 2, 4096)]);
        for seed in 0..64 {
            let found = &platter.image(Cut::random(seed))["f"];
            assert!(found[..4096].iter().all(|byte| *byte == 1));
            for sector in found[4096..].chunks(512) {
                assert!(sector == [1; 512] || sector == [2; 512]);
            }
        }
        assert_eq!(platter.image(Cut::losing_all())["f"], [1; 8192]);
        assert_eq!(platter.image(Cut::keeping_all())["f"][4096..], [2; 4096]);
    }

    #[test]
    fn what_a_sync_failed_to_write_is_in_doubt_for_good() {
        let failed = Operation::Unsynced("f".to_owned());
        let platter = platter(&[written(0, 1, 512), failed, written(512, 2, 512), synced()]);
        let found = &platter.image(Cut::losing_all())["f"];
        assert_eq!((found[0], found[512]), (0, 2));
    }

    #[test]
    fn a_name_in_a_folder_is_there_once_each_folder_above_was_synced() {
        let (made, synced) = (
            |name: &str| Operation::Made(name.to_owned()),
            |name: &str| Operation::FolderSynced(name.to_owned()),
        );
        let mut platter = platter(&[made("a/"), made("a/b/"), made("a/b/new")]);
        let renamed = Operation::Renamed { from: "a/b/new".into(), to: "a/b/c".into() };
        platter.replay(&renamed);
        let names = |platter: &Platter, cut| platter.image(cut).into_keys().collect::<Vec<_>>();
        assert_eq!(names(&platter, Cut::keeping_all()), ["a/", "a/b/", "a/b/c", "f"]);
        platter.replay(&synced("a/b/"));
        platter.replay(&synced("a/"));
        assert_eq!(names(&platter, Cut::losing_all()), ["f"]);
        platter.replay(&Operation::FolderUnsynced(String::new()));
        platter.replay(&synced(""));
        assert_eq!(names(&platter, Cut::losing_all()), ["f"], "what failed is in doubt for good");
        platter.replay(&Operation::Removed { file: "a/".into(), durably: false });
        assert_eq!(names(&platter, Cut::keeping_all()), ["f"]);
        platter.replay(&made("a/"));
        platter.replay(&synced(""));
        assert_eq!(names(&platter, Cut::losing_all()), ["a/", "a/b/", "a/b/c", "f"]);
    }

    #[test]
    fn a_name_is_there_for_sure_when_the_folder_was_synced() {
        let log = || "log".to_owned();
        let mut platter = platter(&[Operation::Opened(log())]);
        assert!(!platter.image(Cut::losing_all()).contains_key("log"));
        platter.replay(&Operation::Synced(log()));
        assert!(platter.image(Cut::losing_all()).contains_key("log"));
        platter.replay(&Operation::Removed { file: log(), durably: false });
        assert!(platter.image(Cut::losing_all()).contains_key("log"));
        assert!(!platter.image(Cut::keeping_all()).contains_key("log"));
    }
}
