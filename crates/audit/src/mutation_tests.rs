//! Files of a log that are nearly right: none makes a reader panic, and what is accepted is what
//! the log would have written.

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use std::{fs, path::Path};

use crate::{
    Entry, Folder, Leaf as _, Log, Options, VerifierKey,
    journal::{self, Frame},
    testing::{ORIGIN, TestKey, copy_folder, entry, options},
    tiles,
    verify::verify,
};

fn leaves() -> Vec<Vec<u8>> {
    let mut rich = entry(3);
    rich.source = std::net::Ipv6Addr::LOCALHOST.into();
    rich.resources = vec!["key/1".into(), "alias/ä".into()];
    vec![entry(1).to_leaf(), rich.to_leaf()]
}

#[test]
fn no_bytes_make_the_entry_reader_panic() {
    mutations::try_all("audit entries", mutations::COUNT, &leaves(), &mut |bytes| {
        let Ok(entry) = Entry::from_leaf(bytes) else { return false };
        assert_eq!(entry.to_leaf(), bytes, "there is one form of an entry");
        assert!(entry.fields().count() > 5);
        true
    });
}

#[test]
fn no_bytes_make_the_journal_reader_panic() {
    let mut segment = Vec::new();
    for (index, leaf) in (7..).zip(leaves()) {
        segment.extend_from_slice(Frame::new(false, |to| to.fixed(&leaf)).seal(index));
    }
    mutations::try_all("journal segments", mutations::COUNT, &[segment], &mut |bytes| {
        let (frames, end) = journal::frames(bytes, 0, 7);
        let mut written = Vec::new();
        for (index, mut frame) in (7..).zip(frames) {
            written.extend_from_slice(frame.seal(index));
        }
        assert_eq!(written, bytes[..end]);
        assert!(journal::used(bytes, end) <= (bytes.len() - end) as u64);
        end == bytes.len()
    });
}

#[test]
fn no_bytes_make_the_tile_readers_panic() {
    let mut bundle = Vec::new();
    leaves().iter().for_each(|leaf| tiles::push_entry(&mut bundle, leaf));
    mutations::try_all("entry bundles", mutations::COUNT, &[bundle], &mut |bytes| {
        let (leaves, whole) = tiles::entries(bytes);
        let mut written = Vec::new();
        leaves.iter().for_each(|leaf| tiles::push_entry(&mut written, leaf));
        assert!(bytes.starts_with(&written));
        assert_eq!(whole, written.len() == bytes.len());
        whole
    });
    mutations::try_all("tiles", mutations::COUNT, &[vec![5; 96]], &mut |bytes| {
        let Some(hashes) = tiles::hashes(bytes) else { return false };
        assert_eq!(hashes.as_flattened(), bytes);
        true
    });
}

#[test]
fn no_text_makes_a_checkpoint_or_a_verifier_key() {
    let (dir, key) = (tempfile::tempdir().unwrap(), TestKey::new());
    key.filled(dir.path(), 5);
    let (verifier, folder) = (key.verifier(), Folder::new(dir.path()));
    let signed = folder.checkpoint(&verifier).unwrap();
    mutations::try_all(
        "checkpoints",
        mutations::COUNT,
        &[signed.signed.clone().into_bytes()],
        &mut |bytes| {
            let Some(checkpoint) = verifier.open(&String::from_utf8_lossy(bytes)) else {
                return false;
            };
            assert_eq!((checkpoint.size, checkpoint.root), (signed.size, signed.root));
            true
        },
    );
    mutations::try_all(
        "verifier keys",
        mutations::COUNT,
        &[verifier.to_string().into_bytes()],
        &mut |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let Ok(read) = text.parse::<VerifierKey>() else { return false };
            assert_eq!(read.to_string(), text, "one spelling for one key");
            true
        },
    );
}

/// The files of a log's folder, by their paths within.
fn files(dir: &Path, within: &str, found: &mut Vec<String>) {
    for item in fs::read_dir(dir.join(within)).unwrap() {
        let item = item.unwrap();
        let name = format!("{within}{}", item.file_name().to_str().unwrap());
        if item.file_type().unwrap().is_dir() {
            files(dir, &format!("{name}/"), found);
        } else if name != "lock" {
            found.push(name);
        }
    }
}

fn memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn an_altered_file_of_the_tree_is_told_and_makes_nothing_panic() {
    let (dir, key) = (memory(), TestKey::new());
    key.filled(dir.path(), 300);
    let mut names = Vec::new();
    files(dir.path(), "", &mut names);
    names.retain(|name| !name.starts_with("journal/"));
    assert_eq!(names.len(), 6);
    for name in names {
        let right = fs::read(dir.path().join(&name)).unwrap();
        let mut tried = |bytes: &[u8]| {
            let copy = memory();
            copy_folder(dir.path(), copy.path());
            fs::write(copy.path().join(&name), bytes).unwrap();
            let report = verify(copy.path(), &key.verifier(), &[]);
            assert_eq!(report.is_clean(), bytes == right, "{name}: {:?}", report.findings);
            let opened = Log::open(copy.path(), key.key(), ORIGIN, options());
            report.is_clean() && opened.is_ok()
        };
        mutations::try_all(
            &format!("a log's {name}"),
            60,
            std::slice::from_ref(&right),
            &mut tried,
        );
    }
}

#[test]
fn an_altered_journal_yields_its_first_entries_and_nothing_else() {
    let (made, key) = (memory(), TestKey::new());
    let never = std::time::Duration::from_secs(3600);
    let lazy = Options { checkpoint_interval: never, segment_bytes: 4 << 10, ..options() };
    let log = Log::create(made.path(), key.key(), ORIGIN, lazy).unwrap();
    for i in 0..20 {
        log.append(&entry(i)).unwrap();
    }
    log.sync_barrier().unwrap();
    let dir = memory();
    copy_folder(made.path(), dir.path());
    let segment = format!("journal/{:020}", 0);
    let right = fs::read(dir.path().join(&segment)).unwrap();
    let mut tried = |bytes: &[u8]| {
        let copy = memory();
        copy_folder(dir.path(), copy.path());
        fs::write(copy.path().join(&segment), bytes).unwrap();
        let (log, recovered) = Log::open(copy.path(), key.key(), ORIGIN, options()).unwrap();
        let read = log.read(0, usize::MAX).unwrap();
        assert_eq!(read.len() as u64, recovered.next_index);
        assert!(read.iter().all(|(i, read)| *read == entry(*i)));
        read.len() > 15
    };
    mutations::try_all("a journal", 500, &[right], &mut tried);
}
