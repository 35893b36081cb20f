//! Before `start` there is no output, and a start that cannot lock its memory says what to do.

use crypto::{Options, RootKey, data_key, kdf, random, secmem::Guarded, unseal};
use model::{
    Error, Secret,
    algorithm::{Hash, KeySpec},
    error::Unavailable,
};

#[test]
fn nothing_works_before_start_and_never_after_a_failed_one() {
    nothing_works();
    let failure = crypto::start(Options { secret_memory_bytes: usize::MAX });
    let sentence = failure.map(|_| ()).expect_err("no machine has that much").to_string();
    assert!(sentence.contains("limit on locked memory"), "{sentence}");
    nothing_works();
    assert!(crypto::start(Options::default()).is_err(), "a second start repeats the first");
}

fn nothing_works() {
    const OFF: Option<Error> = Some(Error::Unavailable(Unavailable::Crypto));
    assert!(crypto::status().is_none());
    assert_eq!(random::fill(&mut [0; 16]).err(), OFF);
    assert_eq!(random::array::<16>().err(), OFF);
    assert_eq!(Guarded::copy_of(b"secret").err(), OFF);
    assert_eq!(Guarded::random(32).err(), OFF);
    assert_eq!(RootKey::generate().err(), OFF);
    assert_eq!(data_key::pair(KeySpec::P256).err(), OFF);
    assert_eq!(kdf::hkdf(Hash::Sha256, b"", b"", b"", &mut [0; 8]).err(), OFF);
    assert_eq!(unseal::split(&Secret::new(vec![1; 32]), 2, 3).err(), OFF);
}
