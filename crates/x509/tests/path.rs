//! Whom an authority vouches for, and whom it does not.

#![cfg(test)]

#[path = "../../../fuzz/issued.rs"]
mod issued;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use issued::{DNS, EMAIL, IP, Party, Saying, URI, oid, tlv};
use model::{Wall, holder::HolderName};
use x509::{HoldingPath, Presented, canonical_name, check_authority};

const YEAR: (Wall, Wall) = (Wall::from_secs(1_800_000_000), Wall::from_secs(1_830_000_000));
const MONTH: (Wall, Wall) = (Wall::from_secs(1_801_000_000), Wall::from_secs(1_803_000_000));

/// An authority, one below it, and a client of that.
struct Stage {
    root: Party,
    middle: Party,
    client: Party,
}

impl Stage {
    fn new() -> Self {
        let (root, middle) = (Party::new("Root"), Party::new("Middle"));
        Self { root, middle, client: Party::new("client") }
    }

    fn root(&self) -> Vec<u8> {
        Saying::authority(YEAR, None).issue(&self.root, &self.root)
    }

    fn middle(&self) -> Vec<u8> {
        Saying::authority(YEAR, None).issue(&self.middle, &self.root)
    }

    /// A client of the root.
    fn direct(&self, saying: &Saying) -> Vec<u8> {
        saying.issue(&self.client, &self.root)
    }
}

fn path(chain: &[Vec<u8>], authority: &[u8]) -> Option<HoldingPath> {
    Presented::read(chain)?.path_to(authority).unwrap()
}

fn plain() -> Saying {
    Saying::client(MONTH, &[])
}

#[test]
fn an_authority_vouches_for_what_it_issued_directly_or_through_others() {
    let stage = Stage::new();
    let (root, middle) = (stage.root(), stage.middle());
    let direct = [stage.direct(&plain())];
    let found = path(&direct, &root).unwrap();
    assert_eq!(found, HoldingPath { len: 1, validity: MONTH });
    let indirect = [plain().issue(&stage.client, &stage.middle), middle.clone(), root.clone()];
    assert_eq!(path(&indirect, &root).unwrap().len, 2);
    // One that is itself below another can be the one that is trusted.
    assert_eq!(path(&indirect, &middle).unwrap().len, 1);
    // What is between has to be sent, in its order.
    assert_eq!(path(&indirect[..1], &root), None);
    let [own, middle, root_too] = indirect;
    assert_eq!(path(&[own, root_too, middle], &root), None);
}

#[test]
fn a_name_alone_vouches_for_nothing() {
    let stage = Stage::new();
    let namesake = Party::new("Root");
    let forged = plain().issue(&stage.client, &namesake);
    assert_eq!(path(&[forged], &stage.root()), None);
    let forged = Saying::authority(YEAR, None).issue(&stage.middle, &namesake);
    let chain = [plain().issue(&stage.client, &stage.middle), forged];
    assert_eq!(path(&chain, &stage.root()), None);
    let mut edited = stage.direct(&plain());
    *edited.last_mut().unwrap() ^= 1;
    assert_eq!(path(&[edited], &stage.root()), None);
}

#[test]
fn only_authorities_issue() {
    let stage = Stage::new();
    let chain = |middle: &Saying| {
        [plain().issue(&stage.client, &stage.middle), middle.issue(&stage.middle, &stage.root)]
    };
    let authority = Saying::authority(YEAR, None);
    assert!(path(&chain(&authority), &stage.root()).is_some());
    let not_one = tlv(0x30, &[]);
    let refused = [
        ("a client", plain()),
        ("without constraints", authority.clone().without(oid::BASIC_CONSTRAINTS)),
        (
            "not an authority",
            authority.clone().without(oid::BASIC_CONSTRAINTS).with(oid::BASIC_CONSTRAINTS, not_one),
        ),
        ("may not sign certificates", authority.clone().with_usage(1 << 7)),
        ("for servers", authority.clone().for_purpose(oid::SERVER_AUTH)),
        ("constrains names", authority.clone().with(oid::NAME_CONSTRAINTS, tlv(0x30, &[]))),
        (
            "says what is not known",
            authority.clone().with(oid::CERTIFICATE_POLICIES, tlv(0x30, &[])),
        ),
    ];
    for (says, middle) in refused {
        assert_eq!(path(&chain(&middle), &stage.root()), None, "{says}");
    }
    assert!(path(&chain(&authority.for_purpose(oid::CLIENT_AUTH)), &stage.root()).is_some());
}

#[test]
fn the_length_of_a_path_is_bounded_by_its_authorities() {
    let stage = Stage::new();
    let lower = Party::new("Lower");
    let chain = [
        plain().issue(&stage.client, &lower),
        Saying::authority(YEAR, Some(0)).issue(&lower, &stage.middle),
        Saying::authority(YEAR, Some(1)).issue(&stage.middle, &stage.root),
    ];
    let root = |len| Saying::authority(YEAR, len).issue(&stage.root, &stage.root);
    assert_eq!(path(&chain, &root(Some(2))).unwrap().len, 3);
    assert_eq!(path(&chain, &root(Some(1))), None);
    let tight = Saying::authority(YEAR, Some(0)).issue(&stage.middle, &stage.root);
    let [own, below, _] = chain;
    assert_eq!(path(&[own, below, tight], &root(None)), None);
}

#[test]
fn a_client_shows_a_clients_certificate() {
    let stage = Stage::new();
    let root = stage.root();
    let refused = [
        ("an authority", Saying::authority(YEAR, None)),
        ("for servers", plain().for_purpose(oid::SERVER_AUTH)),
        ("may not sign", plain().with_usage(1 << 5)),
        ("constrains names", plain().with(oid::NAME_CONSTRAINTS, tlv(0x30, &[]))),
        ("says what is not known", plain().with(oid::CERTIFICATE_POLICIES, tlv(0x30, &[]))),
        ("says a thing twice", plain().with(oid::KEY_USAGE, tlv(3, &[0, 0x80]))),
    ];
    for (says, saying) in refused {
        assert_eq!(path(&[stage.direct(&saying)], &root), None, "{says}");
    }
    for taken in [Saying::nothing(MONTH), plain()] {
        assert!(path(&[stage.direct(&taken)], &root).is_some());
    }
    // The authority itself is nobody's client.
    assert_eq!(path(std::slice::from_ref(&root), &root), None);
    assert!(Presented::read(&[]).is_none() && Presented::read(&[b"none".to_vec()]).is_none());
}

#[test]
fn a_path_is_valid_when_all_of_it_is() {
    let stage = Stage::new();
    let early = (Wall::from_secs(1_790_000_000), Wall::from_secs(1_802_000_000));
    let middle = Saying::authority(early, None).issue(&stage.middle, &stage.root);
    let chain = [plain().issue(&stage.client, &stage.middle), middle];
    let found = path(&chain, &stage.root()).unwrap();
    assert_eq!(found.validity, (MONTH.0, early.1));
}

#[test]
fn the_names_are_those_of_the_holder_and_as_they_are() {
    let client = Party::new("a, b");
    let names: &[(u8, &[u8])] = &[
        (DNS, b"A.Example"),
        (DNS, b"*.example"),
        (URI, b"spiffe://Example/a"),
        (EMAIL, b"A@example"),
        (IP, &[192, 0, 2, 1]),
        (IP, &[1, 2, 3]),
    ];
    let chain = [Saying::client(MONTH, names).issue(&client, &Party::new("Root"))];
    let presented = Presented::read(&chain).unwrap();
    let of = |kind, text: &str| HolderName::parse(kind, text).unwrap();
    let expected = [
        of("subject", r"CN=a\, b"),
        of("dns", "a.example"),
        of("dns", "*.example"),
        of("uri", "spiffe://Example/a"),
        of("email", "A@example"),
        of("ip", "192.0.2.1"),
    ];
    assert_eq!(presented.names(), expected);
    let many: Vec<(u8, &[u8])> = vec![(DNS, b"a.example"); model::limits::HOLDER_NAMES_MAX];
    let chain = [Saying::client(MONTH, &many).issue(&client, &client)];
    assert!(Presented::read(&chain).is_none());
}

#[test]
fn a_name_of_a_rule_is_one_that_a_certificate_can_have() {
    let taken = |kind, text: &str| canonical_name(HolderName::parse(kind, text).unwrap());
    assert_eq!(taken("dns", "A.Example").unwrap(), HolderName::Dns("a.example".to_owned()));
    for (kind, text) in [
        ("subject", r"CN=a\, b,O=Example"),
        ("uri", "spiffe://example/a"),
        ("email", "a@example"),
        ("ip", "2001:db8::1"),
    ] {
        assert_eq!(taken(kind, text).unwrap().to_string(), text);
    }
    for (kind, text) in [
        ("dns", "*.example"),
        ("dns", "a.example."),
        ("dns", ""),
        ("uri", "nowhere"),
        ("uri", "a:\n"),
        ("email", "nobody"),
        ("subject", "nobody"),
        ("subject", ""),
        ("uri", &format!("a:{}", "b".repeat(1024))),
    ] {
        assert!(taken(kind, text).is_err(), "{kind} {text}");
    }
}

#[test]
fn no_certificate_that_is_nearly_right_is_vouched_for() {
    let stage = Stage::new();
    let root = stage.root();
    let names: &[(u8, &[u8])] = &[(DNS, b"a.example"), (IP, &[192, 0, 2, 1])];
    let own = stage.direct(&Saying::client(MONTH, names));
    mutations::try_all("paths", mutations::COUNT, std::slice::from_ref(&own), &mut |der| {
        // None of them makes what reads authorities panic either.
        let _ = check_authority(der);
        let is_vouched_for = path(&[der.to_vec()], &root).is_some();
        assert!(!is_vouched_for || der == own);
        is_vouched_for
    });
}

#[test]
fn only_an_authority_for_clients_can_be_trusted_with_them() {
    let stage = Stage::new();
    assert_eq!(check_authority(&stage.root()), Ok(()));
    let root = |saying: Saying| saying.issue(&stage.root, &stage.root);
    let authority = Saying::authority(YEAR, None);
    for refused in [
        root(plain()),
        root(authority.clone().with_usage(1 << 7)),
        root(authority.clone().for_purpose(oid::SERVER_AUTH)),
        root(authority.with(oid::NAME_CONSTRAINTS, tlv(0x30, &[]))),
        b"none".to_vec(),
    ] {
        assert!(check_authority(&refused).is_err());
    }
}
