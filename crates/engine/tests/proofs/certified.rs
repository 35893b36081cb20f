//! Certificates that an account issues: by whom, for which keys, for how long, and whether they
//! hold.

use std::process::Command;

use crypto::certificate_key::CertificateKey;
use engine::{
    KeyRef,
    certified::{NamePart, Subject, facts},
    op::{self, Certified, ChainValidity},
};
use model::{
    Action, Error, Obstacle, Secret, Wall,
    algorithm::{KeySpec, MessageType, SigningAlgorithm},
    key::Life,
    object::{Form, Kind, Label, Link, Purposes, Revocation},
};

use crate::{
    certificate_rules, certificates,
    house::{House, NOW, account, at, by_id, house, region},
};

const DAY: u64 = 86_400;

/// A request that OpenSSL made, of a P-256 key, for `C=CH, O=Example, CN=ec.example`.
pub(crate) const REQUEST: &[u8] = include_bytes!("../../../x509/tests/request.der");

fn describe() -> op::Describe {
    Box::new(|der| {
        let about = facts(der).map(|facts| facts.subject.text).unwrap_or_default();
        vec![("about".to_owned(), about.into_bytes())]
    })
}

fn subject(name: &str) -> Option<Subject> {
    Some(Subject::Parts(vec![(NamePart::CommonName, name.to_owned())]))
}

fn pair(house: &House) -> op::CreatedPair {
    let draft =
        |purposes| op::Draft { purposes, life: Life::active_from(NOW), ..Default::default() };
    let make = op::CreatePair {
        account: account(),
        region: region(),
        spec: KeySpec::P384,
        private: draft(Purposes::SIGN),
        public: draft(Purposes::VERIFY),
        forms: (Form::Pkcs8, Form::Spki),
    };
    house.call(&house.admin(), make).unwrap()
}

fn certify(certified: Certified, name: Option<Subject>, draft: op::Draft) -> op::CertifyObject {
    let (account, region, describe) = (account(), region(), describe());
    op::CertifyObject { account, region, certified, subject: name, draft, describe }
}

fn of_key(key: &op::ObjectView, name: &str) -> op::CertifyObject {
    certify(Certified::Object(by_id(&key.name)), subject(name), op::Draft::default())
}

fn of_request() -> op::CertifyObject {
    certify(Certified::Request(REQUEST.to_vec(), None), None, op::Draft::default())
}

fn re_certify(certificate: &op::ObjectView) -> op::ReCertifyObject {
    op::ReCertifyObject {
        certificate: by_id(&certificate.name),
        request: None,
        subject: None,
        offset_secs: None,
        changes: op::Draft::default(),
        describe: describe(),
    }
}

fn view(house: &House, object: &KeyRef) -> op::ObjectView {
    house.call(&house.admin(), op::ReadObject { object: object.clone() }).unwrap()
}

fn der(house: &House, view: &op::ObjectView) -> Vec<u8> {
    let get = op::GetMaterial { object: by_id(&view.name), wanted: op::Wanted::default() };
    house.call(&house.admin(), get).unwrap().material.expose().to_vec()
}

fn linked(view: &op::ObjectView, kind: u32) -> Vec<model::KeyId> {
    let links = view.attributes.links.iter().filter(|link| link.kind == kind);
    links.map(|link| link.to).collect()
}

fn labelled(view: &op::ObjectView, name: &str) -> Vec<String> {
    let text = |label: &Label| String::from_utf8(label.value.clone()).unwrap();
    view.attributes.labelled(name).map(text).collect()
}

/// The key and the certificate of the account's authority.
fn authority(house: &House) -> Option<(op::ObjectView, op::ObjectView)> {
    let label = Label { name: Label::AUTHORITY.to_owned(), index: 0, value: vec![] };
    let find = op::Locate {
        account: account(),
        region: region(),
        label: Some(label),
        id: None,
        destroyed: false,
        matches: Box::new(|_| true),
        offset: 0,
        limit: 10,
    };
    let found = house.call(&house.admin(), find).unwrap().objects;
    assert!(found.len() <= 1);
    let key = view(house, &by_id(found.first()?));
    let id = linked(&key, Link::CERTIFICATE)[0];
    let certificate = view(house, &by_id(&model::ObjectName { id, ..key.name.clone() }));
    Some((key, certificate))
}

fn validate(
    house: &House,
    certificates: Vec<Vec<u8>>,
    objects: &[&op::ObjectView],
) -> ChainValidity {
    let objects = objects.iter().map(|view| by_id(&view.name)).collect();
    let (account, region) = (account(), region());
    let ask = op::ValidateCertificates { account, region, certificates, objects, moment: None };
    house.call(&house.admin(), ask).unwrap()
}

fn revoke(house: &House, object: &op::ObjectView, compromised: bool) {
    let revocation = Revocation { reason: 1, message: None };
    let compromised = compromised.then_some(None);
    let revoke = op::RevokeObject { object: by_id(&object.name), revocation, compromised };
    house.call(&house.admin(), revoke).unwrap();
}

#[test]
fn who_is_certified_here_can_be_known_by_a_rule_for_the_accounts_authority() {
    let house = house();
    let issued = house.call(&house.admin(), of_request()).unwrap();
    let chain = [der(&house, &issued)];
    let (_, ca) = authority(&house).unwrap();
    let unknown = model::error::Unauthenticated::UnknownCredential;
    certificates::refused(house.claim_by(&chain, at(NOW)), unknown);
    let name = certificates::user(&house, "machine");
    let asked = [("subject", "CN=ec.example,O=Example,C=CH")];
    certificate_rules::register(&house, &name, &der(&house, &ca), &asked).unwrap();
    assert_eq!(house.claim_by(&chain, at(NOW)).unwrap().principal(), &name);
}

#[test]
fn a_key_is_certified_and_linked_to_its_certificate() {
    let house = house();
    let pair = pair(&house);
    let made = house.call(&house.admin(), of_key(&pair.public, "one")).unwrap();
    assert_eq!(made.kind, Kind::Certificate);
    assert_eq!(linked(&made, Link::PUBLIC_KEY), [pair.public.name.id]);
    for half in [&pair.public, &pair.private] {
        assert_eq!(linked(&view(&house, &by_id(&half.name)), Link::CERTIFICATE), [made.name.id]);
    }
    assert_eq!(labelled(&made, "about"), ["CN=one"]);
    let said = facts(&der(&house, &made)).unwrap();
    assert_eq!(said.validity, (NOW, NOW.plus_secs(397 * DAY)));
    // The newest certificate is the one that is linked to.
    let again = house.call(&house.admin(), of_key(&pair.public, "two")).unwrap();
    let public = view(&house, &by_id(&pair.public.name));
    assert_eq!(linked(&public, Link::CERTIFICATE), [again.name.id]);
}

#[test]
fn an_account_has_one_authority_that_is_nobody_elses() {
    let house = house();
    assert!(authority(&house).is_none());
    let one = house.call(&house.admin(), of_request()).unwrap();
    let (key, certificate) = authority(&house).unwrap();
    assert_eq!((key.kind, key.purposes), (Kind::PrivateKey, Purposes::SIGN_CERTIFICATES));
    assert!(key.attributes.sensitive && !key.attributes.extractable);
    let two = house.call(&house.admin(), of_request()).unwrap();
    let root = facts(&der(&house, &certificate)).unwrap();
    let [one, two] = [one, two].map(|made| facts(&der(&house, &made)).unwrap());
    assert_eq!([&one.issuer.der, &two.issuer.der], [&root.subject.der; 2]);
    assert_ne!(one.serial, two.serial);
    assert_eq!(authority(&house).unwrap().0.name, key.name);
    // It signs nothing but certificates.
    let sign = op::Sign {
        key: by_id(&key.name),
        algorithm: SigningAlgorithm::EcdsaSha256,
        message_type: MessageType::Raw,
        message: b"to be signed".to_vec(),
    };
    let refused = house.call(&house.admin(), sign).unwrap_err();
    assert!(matches!(refused, Error::WrongUsage { .. }), "{refused:?}");
    let server = house.engine.authority_key().unwrap();
    assert_ne!(server.public_spki(), root.spki);
}

#[test]
fn a_revoked_authority_issues_nothing_until_it_is_destroyed() {
    let house = house();
    let made = house.call(&house.admin(), of_request()).unwrap();
    let issued = der(&house, &made);
    assert_eq!(validate(&house, vec![issued.clone()], &[]), ChainValidity::Valid);
    let (key, _) = authority(&house).unwrap();
    revoke(&house, &key, true);
    let refused = house.call(&house.admin(), of_request()).unwrap_err();
    assert!(matches!(refused, Error::WrongState { obstacle: Obstacle::Compromised, .. }));
    // What a lost key has signed may be anybody's.
    assert_eq!(validate(&house, vec![issued], &[]), ChainValidity::Unknown);
    house.call(&house.admin(), op::DestroyObject { object: by_id(&key.name) }).unwrap();
    house.call(&house.admin(), of_request()).unwrap();
    assert_ne!(authority(&house).unwrap().0.name, key.name);
}

#[test]
fn an_authority_whose_certificate_is_gone_certifies_itself_anew() {
    let house = house();
    house.call(&house.admin(), of_request()).unwrap();
    let (key, certificate) = authority(&house).unwrap();
    revoke(&house, &certificate, false);
    house.call(&house.admin(), op::DestroyObject { object: by_id(&certificate.name) }).unwrap();
    let made = house.call(&house.admin(), of_request()).unwrap();
    let (same, anew) = authority(&house).unwrap();
    assert_eq!(same.name, key.name);
    assert_ne!(anew.name, certificate.name);
    assert_eq!(validate(&house, vec![], &[&made]), ChainValidity::Valid);
}

#[test]
fn who_may_not_certify_with_a_key_has_it_not_certified() {
    let house = house();
    let pair = pair(&house);
    let only = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}"#
        )
    };
    let maker = house.user("maker", &only(r#"["kms:*"]"#));
    let denied = house.call(&maker, of_key(&pair.public, "one")).unwrap_err();
    assert_eq!(denied, Error::Denied(Action::Certify));
    let certifier = house.user("certifier", &only(r#"["strongroom:*"]"#));
    let denied = house.call(&certifier, of_key(&pair.public, "one")).unwrap_err();
    assert_eq!(denied, Error::Denied(Action::CreateKey));
    let both = house.user("both", &only(r#"["kms:CreateKey", "strongroom:Certify"]"#));
    assert!(house.call(&both, of_key(&pair.public, "one")).is_ok());
}

#[test]
fn a_request_certifies_its_own_key_only() {
    let house = house();
    let pair = pair(&house);
    let of_both = Certified::Request(REQUEST.to_vec(), Some(by_id(&pair.public.name)));
    let ask = certify(of_both, None, op::Draft::default());
    assert!(matches!(house.call(&house.admin(), ask), Err(Error::Invalid(_))));
    let made = house.call(&house.admin(), of_request()).unwrap();
    assert_eq!(labelled(&made, "about"), ["CN=ec.example,O=Example,C=CH"]);
    // A request is right about its subject, whatever else is said.
    let certified = Certified::Request(REQUEST.to_vec(), None);
    let ask = certify(certified, subject("other"), op::Draft::default());
    let made = house.call(&house.admin(), ask).unwrap();
    assert_eq!(labelled(&made, "about"), ["CN=ec.example,O=Example,C=CH"]);
    // Nothing is certified that is neither, and nobody who has no name.
    let private = of_key(&pair.private, "x");
    assert!(matches!(house.call(&house.admin(), private), Err(Error::WrongUsage { .. })));
    let certified = Certified::Object(by_id(&pair.public.name));
    let nobody = certify(certified, None, op::Draft::default());
    assert!(matches!(house.call(&house.admin(), nobody), Err(Error::Invalid(_))));
}

#[test]
fn a_request_that_is_kept_here_is_answered_and_its_key_linked() {
    let house = house();
    let register = |kind, material, links| {
        let draft = op::Draft { links, ..op::Draft::default() };
        let (account, region) = (account(), region());
        let (id, replaces) = (None, false);
        let keep = op::RegisterObject { account, region, id, replaces, kind, material, draft };
        house.call(&house.admin(), keep).unwrap()
    };
    let spki = x509::request(REQUEST).unwrap().spki;
    let key = op::RegisteredMaterial::Public(Form::Spki, Secret::new(spki));
    let key = register(Kind::PublicKey, key, vec![]);
    let stranger = pair(&house).public;
    let request = |to: &op::ObjectView| {
        let material = op::RegisteredMaterial::Stored(Secret::new(REQUEST.to_vec()));
        let links = vec![Link { kind: Link::PUBLIC_KEY, to: to.name.id }];
        let request = register(Kind::CertificateRequest, material, links);
        let certified = Certified::Object(by_id(&request.name));
        let ask = certify(certified, None, op::Draft::default());
        house.call(&house.admin(), ask).unwrap()
    };
    let made = request(&key);
    assert_eq!(labelled(&made, "about"), ["CN=ec.example,O=Example,C=CH"]);
    assert_eq!(linked(&made, Link::PUBLIC_KEY), [key.name.id]);
    let key = view(&house, &by_id(&key.name));
    assert_eq!(linked(&key, Link::CERTIFICATE), [made.name.id]);
    // A link to another key says nothing of that.
    assert!(linked(&request(&stranger), Link::PUBLIC_KEY).is_empty());
    let stranger = view(&house, &by_id(&stranger.name));
    assert!(linked(&stranger, Link::CERTIFICATE).is_empty());
}

#[test]
fn a_certificate_is_valid_for_as_long_as_its_dates_say_and_its_authority_is() {
    let house = house();
    let day = |n: u64| NOW.plus_secs(n * DAY);
    let between = |from: Option<Wall>, until: Option<Wall>| {
        let life = Life { activation: from, deactivation: until, compromise: None };
        let draft = op::Draft { life, ..op::Draft::default() };
        let made = certify(Certified::Request(REQUEST.to_vec(), None), None, draft);
        let made = house.call(&house.admin(), made)?;
        Ok::<_, Error>(facts(&der(&house, &made)).unwrap().validity)
    };
    assert_eq!(between(Some(day(3)), Some(day(9))), Ok((day(3), day(9))));
    assert_eq!(between(Some(day(3)), None), Ok((day(3), day(400))));
    // Not before it is issued, and not after what vouches for it.
    assert_eq!(between(Some(Wall::from_secs(1)), Some(day(9_999))), Ok((NOW, day(3_650))));
    assert!(matches!(between(None, Some(Wall::from_secs(5))), Err(Error::Invalid(_))));
}

#[test]
fn a_renewed_certificate_takes_the_place_of_the_old_one() {
    let house = house();
    let pair = pair(&house);
    let mut ask = of_key(&pair.public, "one");
    ask.draft.labels.push((Label::NAME.to_owned(), b"tls".to_vec()));
    ask.draft.life = Life { deactivation: Some(NOW.plus_secs(9 * DAY)), ..Life::active_from(NOW) };
    let old = house.call(&house.admin(), ask).unwrap();
    let mut again = re_certify(&old);
    again.offset_secs = Some(5 * DAY as u32);
    let new = house.call(&house.admin(), again).unwrap();
    let was = view(&house, &by_id(&old.name));
    assert_eq!(
        (labelled(&was, Label::NAME), labelled(&new, Label::NAME)),
        (vec![], vec!["tls".into()])
    );
    assert_eq!(linked(&was, Link::REPLACEMENT), [new.name.id]);
    assert_eq!(linked(&new, Link::REPLACED), [old.name.id]);
    assert_eq!(linked(&new, Link::PUBLIC_KEY), [pair.public.name.id]);
    let public = view(&house, &by_id(&pair.public.name));
    assert_eq!(linked(&public, Link::CERTIFICATE), [new.name.id]);
    let [before, after] = [&was, &new].map(|it| facts(&der(&house, it)).unwrap());
    assert_eq!((&after.spki, &after.subject.der), (&before.spki, &before.subject.der));
    assert_eq!(after.validity, (NOW.plus_secs(5 * DAY), NOW.plus_secs(14 * DAY)));
    assert_ne!(after.serial, before.serial);
    // About somebody else, with nothing left of what was said of the old one.
    let mut renamed = re_certify(&new);
    renamed.subject = subject("two");
    let renamed = house.call(&house.admin(), renamed).unwrap();
    assert_eq!(labelled(&renamed, "about"), ["CN=two"]);
    let mut stranger = re_certify(&renamed);
    stranger.request = Some(Certified::Request(REQUEST.to_vec(), None));
    assert!(matches!(house.call(&house.admin(), stranger), Err(Error::Invalid(_))));
}

#[test]
fn a_chain_is_valid_up_to_a_root_that_is_here() {
    let house = house();
    let made = house.call(&house.admin(), of_request()).unwrap();
    let (_, root) = authority(&house).unwrap();
    assert_eq!(validate(&house, vec![], &[&made, &root]), ChainValidity::Valid);
    assert_eq!(validate(&house, vec![der(&house, &root)], &[&made]), ChainValidity::Valid);
    // One that signs itself counts from when it is registered until it is revoked.
    let own = crate::certificate::certificate((NOW, NOW.plus_secs(DAY)));
    assert_eq!(validate(&house, vec![own.clone()], &[]), ChainValidity::Unknown);
    let register = op::RegisterObject {
        account: account(),
        region: region(),
        id: None,
        replaces: false,
        kind: Kind::Certificate,
        material: op::RegisteredMaterial::Stored(Secret::new(own.clone())),
        draft: op::Draft { life: Life::active_from(NOW), ..op::Draft::default() },
    };
    let registered = house.call(&house.admin(), register).unwrap();
    assert_eq!(validate(&house, vec![own.clone()], &[]), ChainValidity::Valid);
    revoke(&house, &registered, false);
    assert_eq!(validate(&house, vec![own], &[]), ChainValidity::Unknown);
    assert_eq!(validate(&house, vec![], &[&registered]), ChainValidity::Invalid);
    assert_eq!(validate(&house, vec![b"no certificate".to_vec()], &[]), ChainValidity::Invalid);
    revoke(&house, &made, true);
    assert_eq!(validate(&house, vec![], &[&made]), ChainValidity::Invalid);
    let none = op::ValidateCertificates {
        account: account(),
        region: region(),
        certificates: vec![],
        objects: vec![],
        moment: None,
    };
    assert!(matches!(house.call(&house.admin(), none), Err(Error::Invalid(_))));
}

#[test]
fn a_certificate_for_the_servers_name_is_not_vouched_for_by_the_servers_authority() {
    let house = house();
    let server = house.engine.authority_key().unwrap();
    struct Vouching(CertificateKey);
    impl x509::Signer for Vouching {
        fn spki(&self) -> &[u8] {
            self.0.public_spki()
        }

        fn sign(&self, tbs: &[u8]) -> model::Result<Vec<u8>> {
            self.0.sign(tbs)
        }
    }
    let validity = (NOW, NOW.plus_secs(9_000 * DAY));
    let ca = x509::self_signed_ca(&Vouching(server), "Strongroom CA", validity, [7; 16]).unwrap();
    let pair = pair(&house);
    let made = house.call(&house.admin(), of_key(&pair.public, "localhost")).unwrap();
    let chain = [der(&house, &made)];
    let trusted = |_: &[u8]| Ok(vec![ca.clone()]);
    assert_eq!(x509::validate(&chain, NOW, &trusted), Ok(ChainValidity::Unknown));
    assert_eq!(
        x509::validate(&[chain[0].clone(), ca.clone()], NOW, &trusted),
        Ok(ChainValidity::Invalid)
    );
}

#[test]
fn openssl_accepts_what_an_account_issues() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: verification of a certificate by OpenSSL: no `openssl` is installed");
        return;
    }
    let house = house();
    let pair = pair(&house);
    let made = house.call(&house.admin(), of_key(&pair.public, "one")).unwrap();
    let (_, root) = authority(&house).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [root, made] = [root, made].map(|view| {
        let path = folder.path().join(view.name.id.to_string());
        std::fs::write(&path, x509::to_pem(&der(&house, &view)).unwrap()).unwrap();
        path
    });
    let mut verify = Command::new("openssl");
    verify.args(["verify", "-x509_strict", "-attime", &NOW.secs().to_string(), "-CAfile"]);
    let outcome = verify.arg(&root).arg(&made).output().unwrap();
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
}
