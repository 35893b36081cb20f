//! Client certificates: whose they are, for how long, and that nobody else's count.

use std::sync::Arc;

use engine::{Caller, FirstClient, op};
use model::{
    At, Error, PrincipalName, Result, Wall,
    error::{Existing, Invalid, Limit, Missing, Unauthenticated},
    limits,
    time::Trust,
};

use crate::{
    certificate::certificate,
    house::{ALL, House, NOW, account, at, engine_on, house, house_with},
};

const DAY: u64 = 86_400;

/// One that is valid now.
pub(crate) fn valid_now() -> Vec<u8> {
    certificate((NOW, NOW.plus_secs(30 * DAY)))
}

pub(crate) fn user(house: &House, name: &str) -> PrincipalName {
    house.make_user(&house.admin(), account(), name, &[ALL]);
    PrincipalName::user(account(), name).unwrap()
}

fn register(house: &House, principal: &PrincipalName, certificate: &[u8]) -> Result<String> {
    let (principal, certificate) = (principal.clone(), certificate.to_vec());
    let with_credential = false;
    let register = op::RegisterCertificate { principal, certificate, with_credential };
    let made = house.call(&house.admin(), register);
    made.map(|entry| entry.fingerprint)
}

pub(crate) fn refused(outcome: Result<Caller>, reason: Unauthenticated) {
    assert_eq!(outcome.unwrap_err(), Error::Unauthenticated(reason));
}

#[test]
fn the_holder_of_a_registered_certificate_is_its_principal_until_it_is_removed() {
    let house = house();
    let (name, own) = (user(&house, "machine"), valid_now());
    let chain = [own.clone(), valid_now()];
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::UnknownCredential);
    let fingerprint = register(&house, &name, &own).unwrap();
    let caller = house.claim_by(&chain, at(NOW)).unwrap();
    assert_eq!(caller.principal(), &name);
    house.call(&caller, op::ReadStatus).unwrap();
    let listed = house.call(&caller, op::ListCertificates { principal: name.clone() }).unwrap();
    let listed = listed.registered;
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].fingerprint, &*listed[0].subject), (&fingerprint, "CN=client"));
    let remove = || op::RemoveCertificate { principal: name.clone(), id: fingerprint.clone() };
    house.call(&house.admin(), remove()).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::UnknownCredential);
    let again = house.call(&house.admin(), remove());
    assert_eq!(again, Err(Error::NotFound(Missing::Certificate(fingerprint.clone()))));
    // What was removed may come back.
    register(&house, &name, &own).unwrap();
    house.claim_by(&chain, at(NOW)).unwrap();
}

#[test]
fn a_server_may_have_a_client_with_a_certificate_from_the_start() {
    let own = valid_now();
    let (name, policy, certificate) = ("database".to_owned(), ALL.to_owned(), own.clone());
    let client = FirstClient { name, policy, certificate };
    let house = house_with(Arc::new(store::memory::Memory::new()), Some(client));
    let chain = [own.clone()];
    let caller = house.claim_by(&chain, at(NOW)).unwrap();
    let name = PrincipalName::user(account(), "database").unwrap();
    assert_eq!(caller.principal(), &name);
    house.call(&caller, op::ReadStatus).unwrap();
    // Its certificate is one like any other.
    let listed = house.call(&house.admin(), op::ListCertificates { principal: name.clone() });
    let fingerprint = listed.unwrap().registered.remove(0).fingerprint;
    assert_eq!(register(&house, &name, &own), {
        Err(Error::AlreadyExists(Existing::Certificate(fingerprint.clone())))
    });
    let remove = op::RemoveCertificate { principal: name, id: fingerprint };
    house.call(&house.admin(), remove).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::UnknownCredential);
}

#[test]
fn only_the_peers_own_certificate_counts_and_not_what_it_sends_along() {
    let house = house();
    let (name, own) = (user(&house, "machine"), valid_now());
    register(&house, &name, &own).unwrap();
    let unknown = Unauthenticated::UnknownCredential;
    refused(house.claim_by(&[valid_now(), own.clone()], at(NOW)), unknown);
    refused(house.claim_by(&[], at(NOW)), unknown);
    refused(house.claim_by(&[Vec::new()], at(NOW)), unknown);
    let mut edited = own;
    *edited.last_mut().unwrap() ^= 1;
    refused(house.claim_by(&[edited], at(NOW)), unknown);
}

#[test]
fn a_certificate_holds_from_its_first_second_to_its_last() {
    let house = house();
    let (from, to) = (NOW.plus_secs(100), NOW.plus_secs(200));
    let chain = [certificate((from, to))];
    register(&house, &user(&house, "machine"), &chain[0]).unwrap();
    let early = Wall(from.0 - 1);
    refused(house.claim_by(&chain, at(early)), Unauthenticated::NotYetValid);
    house.claim_by(&chain, at(from)).unwrap();
    house.claim_by(&chain, at(Wall(to.0 + 999))).unwrap();
    refused(house.claim_by(&chain, at(to.plus_secs(1))), Unauthenticated::Expired);
    // A clock that is set back does not bring it back.
    let behind = At { trust: Trust::Behind(to.plus_secs(1)), ..at(from) };
    refused(house.claim_by(&chain, behind), Unauthenticated::Expired);
}

#[test]
fn a_principal_that_is_removed_takes_its_certificates_along() {
    let house = house();
    let (name, chain) = (user(&house, "machine"), [valid_now()]);
    register(&house, &name, &chain[0]).unwrap();
    house.claim_by(&chain, at(NOW)).unwrap();
    house.call(&house.admin(), op::DeletePrincipal { name }).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::UnknownCredential);
    // It is free for another.
    let next = user(&house, "next");
    register(&house, &next, &chain[0]).unwrap();
    assert_eq!(house.claim_by(&chain, at(NOW)).unwrap().principal(), &next);
}

#[test]
fn a_certificate_is_still_its_principals_after_a_restart() {
    let house = house();
    let (name, chain) = (user(&house, "machine"), [valid_now()]);
    register(&house, &name, &chain[0]).unwrap();
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    assert_eq!(house.claim_by(&chain, at(NOW)).unwrap_err(), Error::Sealed);
    house.unseal();
    assert_eq!(house.claim_by(&chain, at(NOW)).unwrap().principal(), &name);
}

#[test]
fn a_claim_that_fails_is_one_entry_that_names_the_certificate() {
    let house = house();
    let entries = || house.engine.log_status().unwrap().next_index;
    let chain = [valid_now()];
    let before = entries();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::UnknownCredential);
    assert_eq!(entries(), before + 1);
    let fingerprint = register(&house, &user(&house, "machine"), &chain[0]).unwrap();
    let log = crate::record::contents(&house.folder.path().join("audit"));
    let named = log.windows(64).filter(|window| *window == fingerprint.as_bytes());
    assert!(named.count() >= 2, "refused once, registered once");
}

#[test]
fn what_cannot_be_registered_is_told_why() {
    let house = house();
    let name = user(&house, "machine");
    let invalid = |outcome: Result<String>| {
        assert!(matches!(outcome, Err(Error::Invalid(Invalid::Certificate(_)))), "{outcome:?}");
    };
    invalid(register(&house, &name, b"not a certificate"));
    invalid(register(&house, &name, &vec![0x30; limits::CERTIFICATE_LEN_MAX + 1]));
    invalid(register(&house, &name, &certificate((Wall(0), Wall(NOW.0 - 1000)))));
    let own = valid_now();
    let fingerprint = register(&house, &name, &own).unwrap();
    let exists = Err(Error::AlreadyExists(Existing::Certificate(fingerprint)));
    assert_eq!(register(&house, &name, &own), exists);
    assert_eq!(register(&house, &user(&house, "other"), &own), exists);
    for _ in 1..limits::CERTIFICATES_MAX {
        register(&house, &name, &valid_now()).unwrap();
    }
    let full = Err(Error::TooMany(Limit::Certificates));
    assert_eq!(register(&house, &name, &valid_now()), full);
}
