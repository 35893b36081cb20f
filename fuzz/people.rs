//! Who comes to a server in the tests of doors: users that are made, removed and carried off,
//! without a door.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use client::Credentials;
use engine::{Caller, Mode, Operation, op};
use http::{Response, StatusCode};
use model::{
    Action, Claim, PrincipalName, Sealed, Secret,
    claim::{Door, Origin, RequestId},
};
use store::{Batch, OutboxEntry, Place, Write};

use super::{
    draft::Draft,
    house::{ALL, Ground, House, NOW, at},
    second_account,
};

/// Access keys that are worth nothing any more, and one that is another's.
pub(crate) struct Others {
    /// Was removed.
    pub(crate) removed: Credentials,
    /// Went with its principal.
    pub(crate) of_nobody: Credentials,
    /// Is there, and its principal is not: no request does that, the store itself was changed.
    pub(crate) orphan: Credentials,
    /// Another principal's.
    pub(crate) live: Credentials,
}

impl Others {
    /// Makes them.
    pub(crate) fn new(ground: &Ground, house: &House) -> Self {
        let of = |name| user(house, name, &[]);
        let (removed, of_nobody) = (of("robbed"), of("gone"));
        let (principal, id) = (name("robbed"), removed.access_key_id.clone());
        call(house, &op::DeleteAccessKey { principal, id });
        call(house, &op::DeletePrincipal { name: name("gone") });
        let orphan = of("lost");
        lose(ground, "lost");
        Self { removed, of_nobody, orphan, live: of("alive") }
    }
}

pub(crate) fn name(user: &str) -> PrincipalName {
    PrincipalName::user("111122223333".parse().unwrap(), user).unwrap()
}

/// An access key of a new user with these policies.
pub(crate) fn user(house: &House, user: &str, policies: &[&str]) -> Credentials {
    let policies = policies.iter().map(|text| (*text).to_owned()).collect();
    call(house, &op::CreatePrincipal { name: name(user), policies });
    let key = call(house, &op::CreateAccessKey { principal: name(user) });
    credentials(&key.id, key.secret)
}

/// An access key of the only principal of another account, which may do everything there.
pub(crate) fn stranger(ground: &Ground, house: &House) -> Credentials {
    let stranger = user(house, "stranger", &[ALL]);
    let (_, source) = house.engine.unseal_sources().unwrap().into_iter().next().unwrap();
    let root = source.open_with_key_file(&ground.key_file).unwrap();
    second_account::carry_over(&*ground.store, &root, "stranger", &stranger.access_key_id);
    stranger
}

/// Credentials for the region that is served.
pub(crate) fn credentials(id: &str, secret: Secret) -> Credentials {
    let region = "eu-west-1".parse().unwrap();
    Credentials { access_key_id: id.to_owned(), secret, session_token: None, region }
}

/// Has the administrator do something.
pub(crate) fn call<O: Operation>(house: &House, operation: &O) -> O::Reply {
    house.engine.call(&admin(house), operation, at(), Mode::Run).unwrap().wait().unwrap()
}

fn admin(house: &House) -> Caller {
    let sent = Draft::new(("POST", "/"), &[], b"", &house.admin, ("kms", NOW)).sign();
    let head = sent.head();
    let signature = sigv4::Signature::of(&head).unwrap();
    let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let origin = Origin { door: Door::Aws, source, request: RequestId([0xad; 16]) };
    house.engine.identify(&Claim::SigV4(signature.claim(b"")), origin, at()).unwrap()
}

/// Has a user's record vanish from the store, and no access key with it.
fn lose(ground: &Ground, user: &str) {
    let place = Place::new(format!("p/111122223333/user/{user}")).unwrap();
    let expected = ground.store.get(&place).unwrap().revision();
    let id = [0x5c; 16];
    let mut batch = Batch::new(OutboxEntry { id, sealed: Sealed::assertion(vec![0]) });
    batch.write(Write { place, expected, value: None });
    store::commit_and_wait(&*ground.store, batch).unwrap();
    ground.store.settle(&[id]);
}

/// All that a caller is told.
pub(crate) type Told = (StatusCode, Vec<(String, String)>, Bytes);

/// All of a response.
pub(crate) fn whole(response: &Response<Bytes>) -> Told {
    let headers = response.headers().iter();
    let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
    (response.status(), headers, response.body().clone())
}

/// Whose claims did not hold from this entry of the log on, as they were alleged, and why. The
/// server is sealed for it: all of its log is published then.
pub(crate) fn refusals(ground: &Ground, house: &House, from: u64) -> Vec<(String, String)> {
    let size = house.engine.log_status().unwrap().next_index;
    house.engine.seal();
    let log = audit::Folder::new(&ground.folder.path().join("audit"));
    let entries = log.entries(from, usize::MAX, size).unwrap();
    let identify = |entry: &audit::Entry| entry.action == Action::Identify;
    let entries = entries.into_iter().map(|(_, entry)| entry).filter(identify);
    let told = entries.map(|entry| {
        let audit::Outcome::Denied(code) = entry.outcome else { panic!("it was let in") };
        assert_eq!((entry.principal, entry.account), (None, None));
        assert_eq!(entry.request, RequestId([0xab; 16]));
        (entry.resources.concat(), code.into_owned())
    });
    told.collect()
}
