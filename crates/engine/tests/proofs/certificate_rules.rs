//! Rules for client certificates: whom an authority's certificates make of their holders, for how
//! long, and what they have to show besides.

use std::{
    slice::from_ref,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use engine::op;
use model::{
    Error, PrincipalName, Result, Secret, Wall,
    claim::PasswordClaim,
    error::{Existing, Invalid, Limit, Missing, Unauthenticated},
    holder::HolderName,
    limits,
};

use crate::{
    certificates::{refused, user, valid_now},
    house::{ALL, House, NOW, account, at, engine_on, house},
    issued::{DNS, IP, Party, Saying, URI, oid},
};

/// An alternative name, after its kind.
type Name<'a> = (u8, &'a [u8]);

const DAY: u64 = 86_400;
const MONTH: (Wall, Wall) = (NOW, NOW.plus_secs(30 * DAY));
const UNKNOWN: Unauthenticated = Unauthenticated::UnknownCredential;
const ME: Name<'static> = (URI, b"spiffe://example/me");

/// The certificate of a new authority, of a name that no other has.
pub(crate) fn authority() -> Vec<u8> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    Ca::new(&format!("Authority {}", COUNT.fetch_add(1, Relaxed))).certificate
}

struct Ca {
    party: Party,
    certificate: Vec<u8>,
}

impl Ca {
    fn new(name: &str) -> Self {
        let party = Party::new(name);
        let certificate = Saying::authority(MONTH, None).issue(&party, &party);
        Self { party, certificate }
    }

    /// The certificate of a new client with these alternative names.
    fn client(&self, names: &[Name<'_>]) -> Vec<u8> {
        self.issue(&Saying::client(MONTH, names))
    }

    fn issue(&self, saying: &Saying) -> Vec<u8> {
        saying.issue(&Party::new("client"), &self.party)
    }
}

fn names(texts: &[(&str, &str)]) -> Vec<HolderName> {
    texts.iter().map(|(kind, text)| HolderName::parse(kind, text).unwrap()).collect()
}

fn rule(
    principal: &PrincipalName,
    authority: &[u8],
    texts: &[(&str, &str)],
) -> op::RegisterCertificateRule {
    op::RegisterCertificateRule {
        principal: principal.clone(),
        authority: authority.to_vec(),
        names: names(texts),
        with_credential: false,
    }
}

/// Registers a rule: its id.
pub(crate) fn register(
    house: &House,
    principal: &PrincipalName,
    authority: &[u8],
    names: &[(&str, &str)],
) -> Result<String> {
    house.call(&house.admin(), rule(principal, authority, names)).map(|entry| entry.id)
}

fn remove(house: &House, principal: &PrincipalName, id: &str) -> Result<()> {
    let (principal, id) = (principal.clone(), id.to_owned());
    house.call(&house.admin(), op::RemoveCertificate { principal, id })
}

/// Who the holder of a certificate is now.
fn is(house: &House, chain: &[Vec<u8>]) -> Result<PrincipalName> {
    house.claim_by(chain, at(NOW)).map(|caller| caller.principal().clone())
}

#[test]
fn who_holds_a_certificate_of_the_authority_is_the_rules_principal_until_it_is_removed() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (name, chain) = (user(&house, "machine"), [ca.client(&[ME])]);
    refused(house.claim_by(&chain, at(NOW)), UNKNOWN);
    let id = register(&house, &name, &ca.certificate, &[("uri", "spiffe://example/me")]).unwrap();
    let caller = house.claim_by(&chain, at(NOW)).unwrap();
    assert_eq!(caller.principal(), &name);
    house.call(&caller, op::ReadStatus).unwrap();
    // Another certificate of the same holder is as good: no certificate is registered.
    assert_eq!(is(&house, &[ca.client(&[ME])]).unwrap(), name);
    let list = op::ListCertificates { principal: name.clone() };
    let listed = house.call(&caller, list).unwrap();
    assert!(listed.registered.is_empty());
    let [listed] = &*listed.rules else { panic!("{listed:?}") };
    assert_eq!((&listed.id, &*listed.authority), (&id, "CN=CA"));
    assert_eq!(listed.names, names(&[("uri", "spiffe://example/me")]));
    remove(&house, &name, &id).unwrap();
    refused(house.claim_by(&chain, at(NOW)), UNKNOWN);
    assert_eq!(remove(&house, &name, &id), Err(Error::NotFound(Missing::Certificate(id))));
}

#[test]
fn a_certificate_must_have_every_name_of_the_rule_as_it_is() {
    let (house, ca) = (house(), Ca::new("CA"));
    let name = user(&house, "machine");
    let asked = [("dns", "Me.Example"), ("ip", "192.0.2.1"), ("subject", "CN=client")];
    register(&house, &name, &ca.certificate, &asked).unwrap();
    let (dns, ip): (Name<'_>, Name<'_>) = ((DNS, b"mE.example"), (IP, &[192, 0, 2, 1]));
    assert_eq!(is(&house, &[ca.client(&[ip, dns, ME])]).unwrap(), name);
    let others: [&[Name<'_>]; 6] = [
        &[],
        &[dns],
        &[ip],
        &[(DNS, b"*.example"), ip],
        &[(DNS, b"me.example.org"), ip],
        &[(URI, b"me.example"), ip],
    ];
    for others in others {
        refused(house.claim_by(&[ca.client(others)], at(NOW)), UNKNOWN);
    }
    let other_subject = Saying::client(MONTH, &[dns, ip]).issue(&Party::new("other"), &ca.party);
    refused(house.claim_by(&[other_subject], at(NOW)), UNKNOWN);
}

#[test]
fn a_rule_without_names_is_about_all_that_the_authority_issued() {
    let (house, ca, other) = (house(), Ca::new("CA"), Ca::new("CA"));
    let name = user(&house, "machine");
    register(&house, &name, &ca.certificate, &[]).unwrap();
    for names in [&[][..], &[ME], &[(DNS, b"a.example")]] {
        assert_eq!(is(&house, &[ca.client(names)]).unwrap(), name);
        refused(house.claim_by(&[other.client(names)], at(NOW)), UNKNOWN);
    }
    // Nor of what is no client's.
    let server = Saying::client(MONTH, &[]).for_purpose(oid::SERVER_AUTH);
    refused(house.claim_by(&[ca.issue(&server)], at(NOW)), UNKNOWN);
    refused(house.claim_by(from_ref(&ca.certificate), at(NOW)), UNKNOWN);
}

#[test]
fn what_is_between_has_to_be_sent_on_every_connection() {
    let (house, ca, middle) = (house(), Ca::new("CA"), Party::new("Middle"));
    let name = user(&house, "machine");
    register(&house, &name, &ca.certificate, &[]).unwrap();
    let own = Saying::client(MONTH, &[]).issue(&Party::new("client"), &middle);
    let between = Saying::authority(MONTH, Some(0)).issue(&middle, &ca.party);
    let whole = [own.clone(), between.clone()];
    assert_eq!(is(&house, &whole).unwrap(), name);
    // Though it is known by now: what counts is what this connection shows.
    refused(house.claim_by(from_ref(&own), at(NOW)), UNKNOWN);
    assert_eq!(is(&house, &[own.clone(), between.clone(), ca.certificate.clone()]).unwrap(), name);
    refused(house.claim_by(&[between, own], at(NOW)), UNKNOWN);
}

#[test]
fn a_certificate_of_several_principals_is_nobodys() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (one, two) = (user(&house, "one"), user(&house, "two"));
    let chain = [ca.client(&[ME])];
    register(&house, &one, &ca.certificate, &[]).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), one);
    let uri = [("uri", "spiffe://example/me")];
    let id = register(&house, &two, &ca.certificate, &uri).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::Ambiguous);
    // Others are not concerned.
    assert_eq!(is(&house, &[ca.client(&[])]).unwrap(), one);
    remove(&house, &two, &id).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), one);
    // Two rules of one principal agree.
    register(&house, &one, &ca.certificate, &uri).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), one);
}

#[test]
fn a_registered_certificate_is_not_looked_for_in_rules() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (by_rule, by_itself) = (user(&house, "rule"), user(&house, "itself"));
    let chain = [ca.client(&[])];
    register(&house, &by_rule, &ca.certificate, &[]).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), by_rule);
    let (principal, certificate) = (by_itself.clone(), chain[0].clone());
    let own = op::RegisterCertificate { principal, certificate, with_credential: false };
    let own = house.call(&house.admin(), own).unwrap().fingerprint;
    assert_eq!(is(&house, &chain).unwrap(), by_itself);
    remove(&house, &by_itself, &own).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), by_rule);
}

#[test]
fn it_holds_while_all_of_its_path_is_valid() {
    let (house, party) = (house(), Party::new("CA"));
    let until = NOW.plus_secs(DAY);
    let authority = Saying::authority((NOW, until), None).issue(&party, &party);
    let name = user(&house, "machine");
    register(&house, &name, &authority, &[]).unwrap();
    let chain = [Saying::client(MONTH, &[]).issue(&Party::new("client"), &party)];
    house.claim_by(&chain, at(until)).unwrap();
    refused(house.claim_by(&chain, at(until.plus_secs(1))), Unauthenticated::Expired);
    // The authority's next certificate, of the same key, takes over.
    let next = Saying::authority(MONTH, None).issue(&party, &party);
    register(&house, &name, &next, &[]).unwrap();
    house.claim_by(&chain, at(until.plus_secs(1))).unwrap();
    let later = (NOW.plus_secs(DAY), NOW.plus_secs(2 * DAY));
    let chain = [Saying::client(later, &[]).issue(&Party::new("client"), &party)];
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::NotYetValid);
    house.claim_by(&chain, at(later.0)).unwrap();
}

#[test]
fn a_blocked_certificate_is_nobodys_nor_what_it_issued() {
    let (house, ca, middle) = (house(), Ca::new("CA"), Party::new("Middle"));
    let name = user(&house, "machine");
    register(&house, &name, &ca.certificate, &[]).unwrap();
    let between = Saying::authority(MONTH, Some(0)).issue(&middle, &ca.party);
    let own = Saying::client(MONTH, &[]).issue(&Party::new("client"), &middle);
    let (direct, indirect) = ([ca.client(&[])], [own, between.clone()]);
    for (blocked, chain) in [(&direct[0], &direct[..]), (&between, &indirect[..])] {
        assert_eq!(is(&house, chain).unwrap(), name);
        let digest = crypto::digest::sha256(blocked);
        let fingerprint: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let principal = name.clone();
        let block = || op::BlockCertificate {
            principal: principal.clone(),
            fingerprint: fingerprint.clone(),
        };
        house.call(&house.admin(), block()).unwrap();
        refused(house.claim_by(chain, at(NOW)), Unauthenticated::Blocked);
        let again = Err(Error::AlreadyExists(Existing::Certificate(fingerprint.clone())));
        assert_eq!(house.call(&house.admin(), block()), again);
        let listed = house.call(&house.admin(), op::ListCertificates { principal: name.clone() });
        assert_eq!(listed.unwrap().blocked, [&*fingerprint]);
        let certificate = blocked.clone();
        let own = op::RegisterCertificate {
            principal: name.clone(),
            certificate,
            with_credential: false,
        };
        let registered = house.call(&house.admin(), own);
        assert!(matches!(registered, Err(Error::Invalid(Invalid::Certificate(_)))));
        let unblock = || op::UnblockCertificate {
            principal: principal.clone(),
            fingerprint: fingerprint.clone(),
        };
        house.call(&house.admin(), unblock()).unwrap();
        assert_eq!(is(&house, chain).unwrap(), name);
        let missing = Err(Error::NotFound(Missing::Certificate(fingerprint.clone())));
        assert_eq!(house.call(&house.admin(), unblock()), missing);
    }
    let fingerprint = "ab:cd".to_owned();
    let block = op::BlockCertificate { principal: name, fingerprint };
    let malformed = house.call(&house.admin(), block);
    assert!(matches!(malformed, Err(Error::Invalid(Invalid::Certificate(_)))));
}

#[test]
fn a_registered_certificate_can_be_blocked_too() {
    let house = house();
    let (name, chain) = (user(&house, "machine"), [valid_now()]);
    let (principal, certificate) = (name.clone(), chain[0].clone());
    let own = op::RegisterCertificate { principal, certificate, with_credential: false };
    let fingerprint = house.call(&house.admin(), own).unwrap().fingerprint;
    house.call(&house.admin(), op::BlockCertificate { principal: name, fingerprint }).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::Blocked);
}

#[test]
fn a_principal_that_is_removed_takes_its_rules_along() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (name, chain) = (user(&house, "machine"), [ca.client(&[])]);
    register(&house, &name, &ca.certificate, &[]).unwrap();
    house.claim_by(&chain, at(NOW)).unwrap();
    house.call(&house.admin(), op::DeletePrincipal { name }).unwrap();
    refused(house.claim_by(&chain, at(NOW)), UNKNOWN);
    // Who comes after it by the same name is another.
    let name = user(&house, "machine");
    refused(house.claim_by(&chain, at(NOW)), UNKNOWN);
    register(&house, &name, &ca.certificate, &[]).unwrap();
    assert_eq!(is(&house, &chain).unwrap(), name);
}

#[test]
fn the_entry_of_a_rule_says_whom_it_lets_in() {
    let (house, ca) = (house(), Ca::new("CA"));
    let name = user(&house, "machine");
    let id = register(&house, &name, &ca.certificate, &[("uri", "spiffe://example/me")]).unwrap();
    let log = crate::record::contents(&house.folder.path().join("audit"));
    for told in [&*id, "uri spiffe://example/me", "user/machine"] {
        assert!(log.windows(told.len()).any(|window| window == told.as_bytes()), "{told}");
    }
}

#[test]
fn a_rule_is_still_there_after_a_restart() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (name, chain) = (user(&house, "machine"), [ca.client(&[ME])]);
    register(&house, &name, &ca.certificate, &[("uri", "spiffe://example/me")]).unwrap();
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    house.unseal();
    assert_eq!(is(&house, &chain).unwrap(), name);
}

#[test]
fn what_cannot_be_a_rule_is_told_why() {
    let (house, ca) = (house(), Ca::new("CA"));
    let name = user(&house, "machine");
    let invalid = |outcome: Result<String>| {
        assert!(matches!(outcome, Err(Error::Invalid(Invalid::Certificate(_)))), "{outcome:?}");
    };
    invalid(register(&house, &name, b"none", &[]));
    invalid(register(&house, &name, &ca.client(&[]), &[]));
    invalid(register(&house, &name, &vec![0x30; limits::CERTIFICATE_LEN_MAX + 1], &[]));
    let gone = Saying::authority((Wall::from_secs(1_700_000_000), Wall(NOW.0 - 1000)), None);
    invalid(register(&house, &name, &gone.issue(&ca.party, &ca.party), &[]));
    invalid(register(&house, &name, &ca.certificate, &[("dns", "*.example")]));
    let many: Vec<_> = (0..9).map(|n| format!("a{n}.example")).collect();
    let many: Vec<_> = many.iter().map(|text| ("dns", &**text)).collect();
    invalid(register(&house, &name, &ca.certificate, &many));
    // The same rule is there once, in whatever order and case it is said, and whoever it names.
    let id = register(&house, &name, &ca.certificate, &many[..2]).unwrap();
    let said = [("dns", "A1.example"), ("dns", "a0.EXAMPLE"), ("dns", "a0.example")];
    let exists = Err(Error::AlreadyExists(Existing::Certificate(id)));
    assert_eq!(register(&house, &user(&house, "other"), &ca.certificate, &said), exists);
    for n in 1..limits::CERTIFICATE_RULES_MAX {
        register(&house, &name, &ca.certificate, &[("dns", &format!("b{n}.example"))]).unwrap();
    }
    let full = Err(Error::TooMany(Limit::CertificateRules));
    assert_eq!(register(&house, &name, &ca.certificate, &[]), full);
}

#[test]
fn the_rules_that_begin_alike_are_bounded() {
    let (house, ca) = (house(), Ca::new("CA"));
    let mut last = user(&house, "user-0");
    for n in 0..limits::CERTIFICATE_RULES_ALIKE_MAX {
        if n % limits::CERTIFICATE_RULES_MAX == 0 {
            last = user(&house, &format!("users-{n}"));
        }
        let asked = [("subject", "CN=client"), ("dns", &*format!("a{n}.example"))];
        register(&house, &last, &ca.certificate, &asked).unwrap();
    }
    let next = user(&house, "next");
    let asked = [("subject", "CN=client"), ("dns", "b.example")];
    let full = Err(Error::TooMany(Limit::CertificateRules));
    assert_eq!(register(&house, &next, &ca.certificate, &asked), full);
    // All of them are looked at.
    let name = format!("a{}.example", limits::CERTIFICATE_RULES_ALIKE_MAX - 1);
    assert_eq!(is(&house, &[ca.client(&[(DNS, name.as_bytes())])]).unwrap(), last);
}

/// What a request shows beside its certificate.
fn shown<'a>(id: &'a str, secret: &'a Secret) -> Option<PasswordClaim<'a>> {
    Some(PasswordClaim { access_key_id: id, secret })
}

#[test]
fn where_a_credential_is_asked_for_the_certificate_alone_is_not_enough() {
    let (house, ca) = (house(), Ca::new("CA"));
    let access = house.make_user(&house.admin(), account(), "machine", &[ALL]);
    let stranger = house.make_user(&house.admin(), account(), "stranger", &[ALL]);
    let name = PrincipalName::user(account(), "machine").unwrap();
    let (ruled, own) = ([ca.client(&[])], [valid_now()]);
    let made =
        op::RegisterCertificateRule { with_credential: true, ..rule(&name, &ca.certificate, &[]) };
    assert!(house.call(&house.admin(), made).unwrap().with_credential);
    let (principal, certificate) = (name.clone(), own[0].clone());
    let made = op::RegisterCertificate { principal, certificate, with_credential: true };
    assert!(house.call(&house.admin(), made).unwrap().with_credential);
    let needed = Unauthenticated::CredentialNeeded;
    let wrong = Secret::new(b"wrong".to_vec());
    let entries = || house.engine.log_status().unwrap().next_index;
    for chain in [&ruled[..], &own] {
        refused(house.claim_by(chain, at(NOW)), needed);
        for claim in [
            shown(&access.id, &wrong),
            shown(&access.id, &stranger.secret),
            shown("AKIAAAAAAAAAAAAAAAAA", &access.secret),
            shown("", &access.secret),
            // It holds, and is another's.
            shown(&stranger.id, &stranger.secret),
        ] {
            let before = entries();
            refused(house.claim_with_password(chain, claim, at(NOW)), needed);
            assert_eq!(entries(), before + 1);
        }
        let right = shown(&access.id, &access.secret);
        let caller = house.claim_with_password(chain, right, at(NOW)).unwrap();
        assert_eq!(caller.principal(), &name);
        // It is asked for again with every request.
        refused(house.claim_by(chain, at(NOW)), needed);
    }
    // What is shown is in no entry, and no stranger's certificate counts for a right credential.
    let right = shown(&access.id, &access.secret);
    refused(house.claim_with_password(&[valid_now()], right, at(NOW)), UNKNOWN);
    let log = crate::record::contents(&house.folder.path().join("audit"));
    for told in ["AKIAAAAAAAAAAAAAAAAA".as_bytes(), access.secret.expose(), b"wrong"] {
        assert!(!log.windows(told.len()).any(|window| window == told));
    }
    // An access key that is removed ends it.
    let (principal, id) = (name, access.id.clone());
    house.call(&house.admin(), op::DeleteAccessKey { principal, id }).unwrap();
    let right = shown(&access.id, &access.secret);
    refused(house.claim_with_password(&own, right, at(NOW)), needed);
}

#[test]
fn where_none_is_asked_for_it_is_not_looked_at() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (name, chain) = (user(&house, "machine"), [ca.client(&[])]);
    register(&house, &name, &ca.certificate, &[]).unwrap();
    let made_up = Secret::new(b"password".to_vec());
    house.claim_with_password(&chain, shown("Fred", &made_up), at(NOW)).unwrap();
}

#[test]
fn of_two_rules_the_one_that_asks_for_a_credential_counts() {
    let (house, ca) = (house(), Ca::new("CA"));
    let (name, chain) = (user(&house, "machine"), [ca.client(&[ME])]);
    register(&house, &name, &ca.certificate, &[]).unwrap();
    house.claim_by(&chain, at(NOW)).unwrap();
    let uri = [("uri", "spiffe://example/me")];
    let asks =
        op::RegisterCertificateRule { with_credential: true, ..rule(&name, &ca.certificate, &uri) };
    house.call(&house.admin(), asks).unwrap();
    refused(house.claim_by(&chain, at(NOW)), Unauthenticated::CredentialNeeded);
}
