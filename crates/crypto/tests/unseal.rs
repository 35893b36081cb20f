//! Unseal sources: each opens with what it was made for, and says plainly what is wrong.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use crypto::{
    Options, RootKey,
    unseal::{Method, Share, Source, UnsealFailure, new_key_file},
};
use model::{Secret, canon::Canonical};

fn root() -> RootKey {
    crypto::start(Options::default()).expect("the module starts");
    RootKey::generate().unwrap()
}

fn same(one: &RootKey, other: &RootKey) -> bool {
    let bytes = |root: &RootKey| root.export_for_unseal_source().unwrap().expose().to_vec();
    one.version() == other.version() && bytes(one) == bytes(other)
}

/// Through the encoding, as from a store.
fn stored(source: &Source) -> Source {
    let again = Source::from_canonical(&source.to_canonical()).unwrap();
    assert_eq!(&again, source);
    again
}

#[test]
fn a_key_file_opens_its_source() {
    let (root, file) = (root(), new_key_file().unwrap());
    let source = stored(&Source::key_file(&root, &file).unwrap());
    assert_eq!(source.method(), Method::KeyFile);
    assert!(same(&source.open_with_key_file(&file).ok().unwrap(), &root));
    let fails = |file: &Secret| source.open_with_key_file(file).err();
    assert_eq!(fails(&new_key_file().unwrap()), Some(UnsealFailure::WrongKeyFile));
    assert_eq!(fails(&Secret::new(vec![1; 31])), Some(UnsealFailure::WrongKeyFile));
    assert_eq!(source.open_with_passphrase(&file).err(), Some(UnsealFailure::WrongMethod));
}

#[test]
fn a_passphrase_opens_its_source() {
    let (root, passphrase) = (root(), Secret::new(b"correct horse battery".to_vec()));
    let source = stored(&Source::passphrase(&root, &passphrase).unwrap());
    assert!(same(&source.open_with_passphrase(&passphrase).ok().unwrap(), &root));
    let wrong = Secret::new(b"correct horse batter".to_vec());
    assert_eq!(source.open_with_passphrase(&wrong).err(), Some(UnsealFailure::WrongPassphrase));
    assert!(Source::passphrase(&root, &Secret::new(b"short".to_vec())).is_err());
}

#[test]
fn shares_open_their_source_and_no_other() {
    let root = root();
    let (source, shares) = Source::shares(&root, 2, 3).unwrap();
    let source = stored(&source);
    assert_eq!(source.method(), Method::Shares { threshold: 2, count: 3 });
    assert!(same(&source.open_with_shares(&shares[1..]).ok().unwrap(), &root));
    let few = source.open_with_shares(&shares[..1]).err();
    assert_eq!(few, Some(UnsealFailure::TooFewShares { given: 1, needed: 2 }));
    let (_, others) = Source::shares(&root, 2, 3).unwrap();
    assert_eq!(source.open_with_shares(&others).err(), Some(UnsealFailure::WrongShares));
    let text = shares[0].text();
    let again = Share::parse(std::str::from_utf8(text.expose()).unwrap()).ok().unwrap();
    assert_eq!((again.set(), again.index(), again.threshold()), (shares[0].set(), 1, 2));
}

#[test]
fn a_new_root_key_reaches_every_source_without_its_holders() {
    let (root, file) = (root(), new_key_file().unwrap());
    let (of_file, (of_shares, shares)) =
        (Source::key_file(&root, &file).unwrap(), Source::shares(&root, 2, 2).unwrap());
    let next = root.successor().unwrap();
    let of_file = stored(&of_file.rewrap(&root, &next).unwrap());
    let of_shares = stored(&of_shares.rewrap(&root, &next).unwrap());
    assert_eq!(of_file.root_version(), 2);
    assert!(same(&of_file.open_with_key_file(&file).ok().unwrap(), &next));
    assert!(same(&of_shares.open_with_shares(&shares).ok().unwrap(), &next));
    assert!(of_file.rewrap(&root, &next).is_err());
}

#[test]
fn an_edited_source_does_not_open() {
    let (root, file) = (root(), new_key_file().unwrap());
    let bytes = Source::key_file(&root, &file).unwrap().to_canonical();
    let sealed_wrapping = bytes.len() - 65;
    for i in 0..sealed_wrapping {
        let mut edited = bytes.clone();
        edited[i] ^= 1;
        if let Ok(source) = Source::from_canonical(&edited) {
            assert!(source.open_with_key_file(&file).is_err(), "byte {i}");
        }
    }
}
