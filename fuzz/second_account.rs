//! A second account, for the tests of what accounts keep from each other.

use crypto::root::RootKey;
use model::{AccountId, Sealed};
use store::{Batch, OutboxEntry, Place, Store, Write};

/// The account that the servers of tests are founded with.
const FIRST: &str = "111122223333";
/// The other one.
pub(crate) const SECOND: &str = "444455556666";

/// Founds the second account, with a user of the first one as its only principal.
///
/// The engine has no verb for it, so the user is carried over in the store itself: its record is
/// sealed anew under the new account's keys, and its access key is made to name the user there.
pub(crate) fn carry_over(store: &dyn Store, root: &RootKey, user: &str, access_key_id: &str) {
    let account = |text: &str| -> AccountId { text.parse().unwrap() };
    let read = |text: String| {
        let place = Place::new(text).unwrap();
        (place.clone(), store.get(&place).unwrap().record().unwrap())
    };
    let keys_of =
        |text: &str| root.open_account(account(text), &read(format!("a/{text}")).1.value).unwrap();
    let (first, system) = (keys_of(FIRST), keys_of("000000000000"));
    let (second, second_sealed) = root.new_account(account(SECOND)).unwrap();
    let (from, record) = read(format!("p/{FIRST}/user/{user}"));
    let plain = first.open_record(from.as_bytes(), record.revision, &record.value).unwrap();
    let to = Place::new(format!("p/{SECOND}/user/{user}")).unwrap();
    let user_sealed = second.seal_record(to.as_bytes(), 1, &plain).unwrap();
    let (credential, key) = read(format!("c/{access_key_id}"));
    let mut plain = system.open_record(credential.as_bytes(), key.revision, &key.value).unwrap();
    let index = plain.windows(12).position(|window| window == FIRST.as_bytes()).unwrap();
    plain[index..index + 12].copy_from_slice(SECOND.as_bytes());
    let key_sealed = system.seal_record(credential.as_bytes(), key.revision + 1, &plain).unwrap();
    let id = [0x5e; 16];
    let mut batch = Batch::new(OutboxEntry { id, sealed: Sealed::assertion(vec![0]) });
    let keys = Place::new(format!("a/{SECOND}")).unwrap();
    batch.write(Write { place: keys, expected: 0, value: Some(second_sealed) });
    batch.write(Write { place: to, expected: 0, value: Some(user_sealed) });
    batch.write(Write { place: from, expected: record.revision, value: None });
    batch.write(Write { place: credential, expected: key.revision, value: Some(key_sealed) });
    store::commit_and_wait(store, batch).unwrap();
    store.settle(&[id]);
}
