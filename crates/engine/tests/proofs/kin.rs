//! Objects that come of other objects: replaced, derived, split and joined, brought again.

use engine::{
    KeyRef,
    op::{self, CreatePair},
};
use model::{
    Error, KeyId, Obstacle, Secret,
    algorithm::{Hash, KeySpec, KeyUsage, RawSpec, Spec},
    error::{Existing, Unauthentic},
    key::{Cryptoperiod, Life, State},
    object::{Form, Kind, Label, LimitUnit, Link, Purposes, SplitPart, UsageLimit},
    raw::{BlockPadding, ByteField, Cipher, CipherMode, Derivation, SplitMethod},
};

use crate::{
    house::{House, NOW, account, by_id, house, region},
    stage::objects::revoke,
};

const DAY: u64 = 86_400;

fn hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

pub(crate) fn active(purposes: Purposes) -> op::Draft {
    op::Draft { purposes, life: Life::active_from(NOW), ..op::Draft::default() }
}

pub(crate) fn named(name: &str, draft: op::Draft) -> op::Draft {
    op::Draft { labels: vec![(Label::NAME.to_owned(), name.into())], ..draft }
}

pub(crate) fn register(
    house: &House,
    kind: Kind,
    material: op::RegisteredMaterial,
    draft: op::Draft,
) -> op::ObjectView {
    let (account, region) = (account(), region());
    let (id, replaces) = (None, false);
    let brought = op::RegisterObject { account, region, id, replaces, kind, material, draft };
    house.call(&house.admin(), brought).unwrap()
}

/// A symmetric key or secret for derivation.
pub(crate) fn base(house: &House, kind: Kind, spec: Option<RawSpec>, bytes: &[u8]) -> KeyRef {
    let bytes = Secret::new(bytes.to_vec());
    let material = match spec {
        Some(spec) => op::RegisteredMaterial::Raw(spec, bytes),
        None => op::RegisteredMaterial::Stored(bytes),
    };
    by_id(&register(house, kind, material, active(Purposes::DERIVE)).name)
}

pub(crate) fn secret(house: &House, bytes: &[u8]) -> KeyRef {
    base(house, Kind::SecretData, None, bytes)
}

fn view(house: &House, object: &KeyRef) -> op::ObjectView {
    house.call(&house.admin(), op::ReadObject { object: object.clone() }).unwrap()
}

fn material(house: &House, view: &op::ObjectView) -> Vec<u8> {
    let get = op::GetMaterial { object: by_id(&view.name), wanted: op::Wanted::default() };
    house.call(&house.admin(), get).unwrap().material.expose().to_vec()
}

fn links(view: &op::ObjectView, kind: u32) -> Vec<KeyId> {
    let links = view.attributes.links.iter().filter(|link| link.kind == kind);
    links.map(|link| link.to).collect()
}

fn names(view: &op::ObjectView) -> Vec<Vec<u8>> {
    view.attributes.labelled(Label::NAME).map(|label| label.value.clone()).collect()
}

pub(crate) fn create(house: &House, draft: op::Draft) -> op::ObjectView {
    let (kind, spec) = (Kind::SymmetricKey, Spec::Raw(RawSpec::Aes256));
    let (account, region) = (account(), region());
    let make = op::CreateObject { account, region, kind, spec, len: 32, draft };
    house.call(&house.admin(), make).unwrap()
}

fn re_key(old: &op::ObjectView, offset_secs: Option<u32>) -> op::ReKeyObject {
    op::ReKeyObject { object: by_id(&old.name), offset_secs, changes: op::Draft::default() }
}

#[test]
fn a_new_key_takes_the_names_of_the_one_it_replaces_and_is_linked_to_it() {
    let house = house();
    let mut draft = named("disk", active(Purposes::ENCRYPT));
    draft.labels.push(("Object Group".to_owned(), b"disks".to_vec()));
    draft.usage_limit = Some(UsageLimit { total: 7, unit: LimitUnit::Calls });
    draft.sensitive = true;
    let old = create(&house, draft);
    let new = house.call(&house.admin(), re_key(&old, None)).unwrap();
    let old = view(&house, &by_id(&old.name));
    assert_eq!((names(&old), names(&new)), (vec![], vec![b"disk".to_vec()]));
    assert_eq!(links(&old, Link::REPLACEMENT), [new.name.id]);
    assert_eq!(links(&new, Link::REPLACED), [old.name.id]);
    assert_ne!(old.attributes.digest, new.attributes.digest);
    assert_eq!((new.spec, new.purposes, new.usage_left), (old.spec, old.purposes, Some(7)));
    assert!(new.attributes.sensitive && new.attributes.labelled("Object Group").count() == 1);
    // The name is found where it is now, and is free for nobody else.
    let label = Some(Label { name: Label::NAME.to_owned(), index: 0, value: b"disk".to_vec() });
    let find = op::Locate {
        account: account(),
        region: region(),
        label,
        id: None,
        destroyed: false,
        matches: Box::new(|_| true),
        offset: 0,
        limit: 10,
    };
    let found = house.call(&house.admin(), find).unwrap();
    assert_eq!(found.objects, std::slice::from_ref(&new.name));
    // And it passes on once more.
    let newest = house.call(&house.admin(), re_key(&new, None)).unwrap();
    assert_eq!(names(&newest), [b"disk".to_vec()]);
}

#[test]
fn a_new_keys_dates_are_the_old_ones_or_moved_by_its_activation() {
    let house = house();
    let day = |n: u64| Some(NOW.plus_secs(n * DAY));
    let mut draft = active(Purposes::ENCRYPT);
    draft.life.deactivation = day(30);
    draft.period = Cryptoperiod { originator_until: day(20), ..Cryptoperiod::default() };
    let old = create(&house, draft);
    let admin = &house.admin();
    let same = house.call(admin, re_key(&old, None)).unwrap();
    assert_eq!((same.life, same.period), (old.life, old.period));
    let later = house.call(admin, re_key(&old, Some(3 * DAY as u32))).unwrap();
    assert_eq!((later.life.activation, later.life.deactivation), (day(3), day(33)));
    assert_eq!(later.period.originator_until, day(23));
    assert_eq!(later.state, op::ObjectState::Held(State::PreActive));
    let mut draft = op::Draft { purposes: Purposes::ENCRYPT, ..op::Draft::default() };
    draft.life.deactivation = day(30);
    let never = create(&house, draft);
    let refused = house.call(admin, re_key(&never, Some(1))).unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused:?}");
}

#[test]
fn what_was_lost_of_the_old_key_is_not_said_of_the_new_one() {
    let house = house();
    let old = create(&house, active(Purposes::ENCRYPT));
    let object = by_id(&old.name);
    let revocation = model::object::Revocation { reason: 2, message: None };
    let revoke = op::RevokeObject { object, revocation, compromised: Some(None) };
    house.call(&house.admin(), revoke).unwrap();
    let new = house.call(&house.admin(), re_key(&old, None)).unwrap();
    assert_eq!(new.state, op::ObjectState::Held(State::Active));
    assert_eq!((new.attributes.revocation, new.attributes.compromise_occurrence), (None, None));
    // What is destroyed is replaced by nothing.
    house.call(&house.admin(), op::DestroyObject { object: by_id(&old.name) }).unwrap();
    let refused = house.call(&house.admin(), re_key(&old, None)).unwrap_err();
    assert!(matches!(refused, Error::WrongState { obstacle: Obstacle::Destroyed, .. }));
}

#[test]
fn a_key_of_our_own_schemes_is_not_replaced_split_or_derived_from() {
    let house = house();
    let object = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let admin = &house.admin();
    // Its policy says nothing of what only other protocols do.
    let policy = iam::default_object_policy(account());
    let put = op::PutKeyPolicy { key: object.clone(), policy, bypass_lockout_check: false };
    house.call(admin, put).unwrap();
    let changes = op::Draft::default();
    let re_key = op::ReKeyObject { object: object.clone(), offset_secs: None, changes };
    let refused = house.call(admin, re_key).unwrap_err();
    assert!(matches!(refused, Error::WrongUsage { .. }), "{refused:?}");
    let whole = op::Whole::Kept(object.clone());
    let refused = house.call(admin, split(whole, SplitMethod::Xor, 2, 2));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })));
    let changes = vec![op::Change::Purposes(Purposes::DERIVE)];
    house.call(admin, op::ChangeObject { object: object.clone(), changes }).unwrap();
    let refused = house.call(admin, derive(&object, Derivation::Hash(Hash::Sha256), 32));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })));
}

#[test]
fn both_halves_of_a_pair_are_replaced_and_linked() {
    let house = house();
    let admin = &house.admin();
    let old = house.call(admin, new_pair()).unwrap();
    let new = house.call(admin, re_key_pair(&old.private)).unwrap();
    let (private, public) =
        (view(&house, &by_id(&old.private.name)), view(&house, &by_id(&old.public.name)));
    for (old, new, name) in [(&private, &new.private, "private"), (&public, &new.public, "public")]
    {
        assert_eq!((names(old), names(new)), (vec![], vec![name.as_bytes().to_vec()]));
        assert_eq!(links(old, Link::REPLACEMENT), [new.name.id]);
        assert_eq!(links(new, Link::REPLACED), [old.name.id]);
        assert_eq!(new.attributes.form, old.attributes.form);
    }
    assert_eq!(links(&new.private, Link::PUBLIC_KEY), [new.public.name.id]);
    assert_eq!(links(&new.public, Link::PRIVATE_KEY), [new.private.name.id]);
    assert_eq!(links(&private, Link::PUBLIC_KEY), [public.name.id]);
    // A half whose other half is gone is no pair.
    house
        .call(
            admin,
            op::RevokeObject {
                object: by_id(&public.name),
                revocation: model::object::Revocation { reason: 1, message: None },
                compromised: None,
            },
        )
        .unwrap();
    house.call(admin, op::DestroyObject { object: by_id(&public.name) }).unwrap();
    let refused = house.call(admin, re_key_pair(&private)).unwrap_err();
    assert!(matches!(refused, Error::WrongState { obstacle: Obstacle::Destroyed, .. }));
}

#[test]
fn a_key_that_a_link_takes_for_the_other_half_is_not_replaced_as_that() {
    let house = house();
    let admin = &house.admin();
    let make = || {
        let CreatePair { account, region, spec, forms, .. } = new_pair();
        let (private, public) = (active(Purposes::SIGN), active(Purposes::VERIFY));
        house.call(admin, CreatePair { account, region, spec, private, public, forms }).unwrap()
    };
    let (one, other) = (make(), make());
    let link = |to: &op::ObjectView| Link { kind: Link::PUBLIC_KEY, to: to.name.id };
    let changes =
        vec![op::Change::RemoveLink(link(&one.public)), op::Change::AddLink(link(&other.public))];
    let object = by_id(&one.private.name);
    house.call(admin, op::ChangeObject { object, changes }).unwrap();
    let refused = house.call(admin, re_key_pair(&one.private)).unwrap_err();
    assert!(matches!(refused, Error::WrongUsage { .. }), "{refused:?}");
    assert!(links(&view(&house, &by_id(&other.public.name)), Link::REPLACEMENT).is_empty());
}

#[test]
fn what_takes_the_place_of_another_is_not_the_mate_of_its_mates() {
    let house = house();
    let admin = &house.admin();
    let pair = house.call(admin, new_pair()).unwrap();
    let (private, public) = (by_id(&pair.private.name), by_id(&pair.public.name));
    let parent = Link { kind: 0x108, to: pair.private.name.id };
    let changes = vec![op::Change::AddLink(parent.clone())];
    house.call(admin, op::ChangeObject { object: public.clone(), changes }).unwrap();
    let put = |form, bytes: &[u8], links: Vec<Link>| {
        let material = op::RegisteredMaterial::Private(form, Secret::new(bytes.to_vec()));
        let draft = op::Draft { links, ..op::Draft::default() };
        let import = op::RegisterObject {
            account: account(),
            region: region(),
            id: Some(pair.private.name.id),
            replaces: true,
            kind: Kind::PrivateKey,
            material,
            draft,
        };
        house.call(admin, import).unwrap();
        view(&house, &public).attributes.links
    };
    let back = Link { kind: Link::PRIVATE_KEY, to: pair.private.name.id };
    // The same key, brought again.
    let same = material(&house, &pair.private);
    assert_eq!(put(Form::Pkcs8, &same, vec![]), [back.clone(), parent.clone()]);
    let mate = Link { kind: Link::PUBLIC_KEY, to: pair.public.name.id };
    let other = b"something else";
    assert_eq!(put(Form::Pkcs8, other, vec![mate.clone()]), [back, parent.clone()]);
    assert_eq!(put(Form::Pkcs8, b"something else again", vec![]), [parent]);
    // What is destroyed is still what it was.
    house.call(admin, op::DestroyObject { object: private.clone() }).unwrap();
    assert_eq!(view(&house, &private).state, op::ObjectState::Destroyed);
}

pub(crate) fn new_pair() -> op::CreatePair {
    op::CreatePair {
        account: account(),
        region: region(),
        spec: KeySpec::P256,
        private: named("private", active(Purposes::SIGN)),
        public: named("public", active(Purposes::VERIFY)),
        forms: (Form::Pkcs8, Form::Spki),
    }
}

fn re_key_pair(private: &op::ObjectView) -> op::ReKeyPair {
    op::ReKeyPair {
        private: by_id(&private.name),
        offset_secs: None,
        private_changes: op::Draft::default(),
        public_changes: op::Draft::default(),
    }
}

pub(crate) fn derive(base: &KeyRef, derivation: Derivation, len: usize) -> op::DeriveObject {
    op::DeriveObject {
        base: base.clone(),
        other: None,
        data: None,
        derivation: Box::new(move |_, _| Ok(derivation.clone())),
        slow: false,
        kind: Kind::SecretData,
        spec: Spec::Stored,
        len,
        draft: active(Purposes::NONE),
    }
}

pub(crate) fn over(data: &[u8], derive: op::DeriveObject) -> op::DeriveObject {
    op::DeriveObject { data: Some(Secret::new(data.to_vec())), ..derive }
}

#[test]
fn what_is_derived_is_what_the_standards_say() {
    let house = house();
    let admin = &house.admin();
    let derived = |derive| material(&house, &house.call(admin, derive).unwrap());
    // RFC 6070, the third.
    let (salt, iterations) = (b"salt".to_vec(), 4096);
    let pbkdf2 = Derivation::Pbkdf2 { hash: Hash::Sha1, salt, iterations };
    let password = secret(&house, b"password");
    let key = derived(derive(&password, pbkdf2, 20));
    assert_eq!(key, hex("4b007901b765489abead49d926f721d065a429c1"));
    // FIPS 180-4's "abc", and the first half of it.
    let abc = secret(&house, b"abc");
    let digest = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(derived(derive(&abc, Derivation::Hash(Hash::Sha256), 32)), digest);
    assert_eq!(derived(derive(&abc, Derivation::Hash(Hash::Sha256), 16)), digest[..16]);
    // RFC 4231, the first; the key says which hash.
    let mac = hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    let key = base(&house, Kind::SymmetricKey, Some(RawSpec::Hmac256), &[0x0b; 20]);
    assert_eq!(derived(over(b"Hi There", derive(&key, Derivation::Hmac(Hash::Sha256), 32))), mac);
    // The data may be an object too, which is named first or last.
    let data = secret(&house, b"Hi There");
    for (one, other) in [(&key, &data), (&data, &key)] {
        let other = Some(other.clone());
        let derive = op::DeriveObject { other, ..derive(one, Derivation::Hmac(Hash::Sha256), 32) };
        assert_eq!(derived(derive), mac);
    }
    // RFC 5869, the first.
    let salt = hex("000102030405060708090a0b0c");
    let hkdf = Derivation::Hkdf { hash: Hash::Sha256, salt };
    let key = secret(&house, &[0x0b; 22]);
    let okm = hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\
                   34007208d5b887185865");
    assert_eq!(derived(over(&hex("f0f1f2f3f4f5f6f7f8f9"), derive(&key, hkdf, 42))), okm);
    // FIPS 197, appendix C.1.
    let key = hex("000102030405060708090a0b0c0d0e0f");
    let key = base(&house, Kind::SymmetricKey, Some(RawSpec::Aes128), &key);
    let cipher = Cipher { mode: CipherMode::Ecb, padding: BlockPadding::None, tag_len: 16 };
    let encrypt = derive(&key, Derivation::Encrypt { cipher, iv: Vec::new() }, 16);
    let block = hex("00112233445566778899aabbccddeeff");
    let encrypt = op::DeriveObject {
        kind: Kind::SymmetricKey,
        spec: Spec::Raw(RawSpec::Aes128),
        ..over(&block, encrypt)
    };
    assert_eq!(derived(encrypt), hex("69c4e0d86a7b0430d8cdb78070b4c55a"));
}

#[test]
fn a_private_and_a_public_key_agree_in_either_order() {
    let house = house();
    // RFC 7748, section 6.1, in the forms of RFC 8410.
    let alice = hex("302e020100300506032b656e04220420\
         77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = hex("302a300506032b656e032100\
         de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let draft = || active(Purposes::DERIVE);
    let private = op::RegisteredMaterial::Private(Form::Pkcs8, Secret::new(alice));
    let public = op::RegisteredMaterial::Public(Form::Spki, Secret::new(bob));
    let private = by_id(&register(&house, Kind::PrivateKey, private, draft()).name);
    let public = by_id(&register(&house, Kind::PublicKey, public, draft()).name);
    for (one, other) in [(&private, &public), (&public, &private)] {
        let other = Some(other.clone());
        let derive = op::DeriveObject { other, ..derive(one, Derivation::Agreement, 32) };
        let derived = house.call(&house.admin(), derive).unwrap();
        assert_eq!(material(&house, &derived), shared);
    }
}

#[test]
fn what_is_derived_and_its_bases_are_linked() {
    let house = house();
    let key = base(&house, Kind::SymmetricKey, Some(RawSpec::Hmac256), &[1; 32]);
    let data = secret(&house, b"data");
    let other = Some(data.clone());
    let derive = op::DeriveObject { other, ..derive(&key, Derivation::Hmac(Hash::Sha256), 32) };
    let derived = house.call(&house.admin(), derive).unwrap();
    let ids = [&key, &data].map(|base| view(&house, base).name.id);
    assert_eq!(links(&derived, Link::DERIVATION_BASE), ids);
    for base in [&key, &data] {
        assert_eq!(links(&view(&house, base), Link::DERIVED), [derived.name.id]);
    }
}

#[test]
fn only_what_is_for_it_and_active_is_derived_from_and_no_more_than_there_is() {
    let house = house();
    let admin = &house.admin();
    let hash = || Derivation::Hash(Hash::Sha256);
    let is_invalid = |derive| {
        let refused = house.call(admin, derive);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    };
    let base = secret(&house, b"abc");
    is_invalid(derive(&base, hash(), 33));
    is_invalid(derive(&base, hash(), 0));
    is_invalid(over(b"x", derive(&base, hash(), 32)));
    is_invalid(derive(&base, Derivation::Hmac(Hash::Sha256), 32));
    let other = Some(base.clone());
    let twice = derive(&base, Derivation::Hmac(Hash::Sha256), 32);
    is_invalid(op::DeriveObject { other, ..twice });
    let stored = |draft| {
        let bytes = op::RegisteredMaterial::Stored(Secret::new(b"abc".to_vec()));
        by_id(&register(&house, Kind::SecretData, bytes, draft).name)
    };
    let other_purpose = stored(active(Purposes::ENCRYPT));
    let refused = house.call(admin, derive(&other_purpose, hash(), 32));
    assert!(matches!(refused, Err(Error::WrongUsage { .. })), "{refused:?}");
    let purposes = Purposes::DERIVE;
    let pre_active = stored(op::Draft { purposes, ..op::Draft::default() });
    let refused = house.call(admin, derive(&pre_active, hash(), 32));
    assert!(matches!(refused, Err(Error::WrongState { obstacle: Obstacle::PreActive, .. })));
    let revoke = op::RevokeObject {
        object: base.clone(),
        revocation: model::object::Revocation { reason: 1, message: None },
        compromised: None,
    };
    house.call(admin, revoke).unwrap();
    let refused = house.call(admin, derive(&base, hash(), 32));
    assert!(matches!(refused, Err(Error::WrongState { obstacle: Obstacle::Deactivated, .. })));
    house.call(admin, op::DestroyObject { object: base.clone() }).unwrap();
    let refused = house.call(admin, derive(&base, hash(), 32));
    assert!(matches!(refused, Err(Error::WrongState { obstacle: Obstacle::Destroyed, .. })));
}

pub(crate) fn split(
    whole: op::Whole,
    method: SplitMethod,
    parts: u32,
    threshold: u32,
) -> op::SplitObject {
    let (account, region) = (account(), region());
    // 2^521 - 1.
    let mut prime = vec![0xff; 66];
    prime[0] = 1;
    let prime = (method == SplitMethod::PrimeField).then_some(prime);
    let draft = active(Purposes::ENCRYPT);
    op::SplitObject { account, region, whole, method, prime, parts, threshold, draft }
}

pub(crate) fn join(parts: &[&op::ObjectView]) -> op::JoinObject {
    op::JoinObject {
        parts: parts.iter().map(|part| by_id(&part.name)).collect(),
        kind: Kind::SymmetricKey,
        spec: None,
        draft: active(Purposes::NONE),
    }
}

#[test]
fn any_parts_of_the_threshold_make_the_key_and_fewer_do_not() {
    let house = house();
    let admin = &house.admin();
    let key = create(&house, active(Purposes::ENCRYPT));
    let bytes = material(&house, &key);
    let methods = [
        (SplitMethod::Xor, 3),
        (SplitMethod::PrimeField, 2),
        (SplitMethod::Gf65536(ByteField::Fips197), 2),
        (SplitMethod::Gf65536(ByteField::ReedSolomon), 2),
        (SplitMethod::Gf256(ByteField::Fips197), 2),
        (SplitMethod::Gf256(ByteField::ReedSolomon), 2),
    ];
    for (method, threshold) in methods {
        let whole = op::Whole::Kept(by_id(&key.name));
        let parts = house.call(admin, split(whole, method, 3, threshold)).unwrap();
        let numbers: Vec<u32> =
            parts.iter().map(|part| part.attributes.split.as_ref().unwrap().number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let all: Vec<&op::ObjectView> = parts.iter().collect();
        let sets: &[&[usize]] = match threshold {
            3 => &[&[0, 1, 2], &[2, 0, 1]],
            _ => &[&[0, 1], &[1, 2], &[2, 0], &[2, 1, 0]],
        };
        for set in sets {
            let set: Vec<_> = set.iter().map(|&at| all[at]).collect();
            let joined = house.call(admin, join(&set)).unwrap();
            assert_eq!(material(&house, &joined), bytes, "{method:?}");
            assert_eq!((joined.spec, joined.purposes), (key.spec, key.purposes));
        }
        let few = house.call(admin, join(&all[..threshold as usize - 1]));
        assert!(matches!(few, Err(Error::Invalid(_))), "{method:?}: {few:?}");
        let same = vec![all[0]; threshold as usize];
        let same = house.call(admin, join(&same));
        assert!(matches!(same, Err(Error::Invalid(_))), "{method:?}: {same:?}");
    }
}

#[test]
fn a_key_that_is_nowhere_but_in_its_parts_is_made_of_them() {
    let house = house();
    let (spec, len) = (Spec::Raw(RawSpec::Aes256), 32);
    let new = split(op::Whole::New { spec, len }, SplitMethod::Xor, 2, 2);
    let parts = house.call(&house.admin(), new).unwrap();
    let bytes = [&parts[0], &parts[1]].map(|part| material(&house, part));
    let both: Vec<u8> = bytes[0].iter().zip(&bytes[1]).map(|(a, b)| a ^ b).collect();
    let joined = house.call(&house.admin(), join(&[&parts[0], &parts[1]])).unwrap();
    assert_eq!((material(&house, &joined), joined.spec), (both, spec));
}

#[test]
fn parts_are_as_bound_as_the_key_and_so_is_what_they_make() {
    let house = house();
    let admin = &house.admin();
    let mut draft = active(Purposes::ENCRYPT);
    (draft.sensitive, draft.unextractable) = (true, true);
    let key = create(&house, draft);
    let whole = op::Whole::Kept(by_id(&key.name));
    let parts = house.call(admin, split(whole, SplitMethod::Xor, 2, 2)).unwrap();
    let joined = house.call(admin, join(&[&parts[0], &parts[1]])).unwrap();
    for object in parts.iter().chain([&joined]) {
        assert!(object.attributes.sensitive && !object.attributes.extractable);
        let get = op::GetMaterial { object: by_id(&object.name), wanted: op::Wanted::default() };
        assert!(matches!(house.call(admin, get), Err(Error::WrongState { .. })));
    }
    assert_eq!(joined.attributes.digest, key.attributes.digest);
    // It is made what it was.
    let spec = Some(Spec::Raw(RawSpec::ChaCha20));
    let other = op::JoinObject { spec, ..join(&[&parts[0], &parts[1]]) };
    assert!(matches!(house.call(admin, other), Err(Error::Invalid(_))));
}

#[test]
fn parts_are_joined_while_they_may_process_and_what_they_make_ends_with_them() {
    let house = house();
    let admin = &house.admin();
    let parts = |draft: op::Draft| {
        let (spec, len) = (Spec::Raw(RawSpec::Aes256), 32);
        let new = split(op::Whole::New { spec, len }, SplitMethod::Xor, 2, 2);
        house.call(admin, op::SplitObject { draft, ..new }).unwrap()
    };
    let join = |parts: &[op::ObjectView]| house.call(admin, join(&[&parts[0], &parts[1]]));
    let end = |part: &op::ObjectView, compromised| {
        house.call(admin, revoke(&by_id(&part.name), compromised)).unwrap();
    };
    let ended = parts(active(Purposes::ENCRYPT));
    end(&ended[1], false);
    let joined = join(&ended).unwrap();
    assert_eq!(joined.state, op::ObjectState::Held(State::Deactivated));
    end(&ended[1], true);
    let refused = join(&ended).unwrap_err();
    assert!(matches!(refused, Error::WrongState { obstacle: Obstacle::Compromised, .. }));
    // Within the recipient's period, and no longer than that.
    let mut draft = active(Purposes::ENCRYPT);
    draft.period.recipient_until = Some(NOW.plus_secs(60));
    let joined = join(&parts(draft.clone())).unwrap();
    assert_eq!(joined.period, draft.period);
    draft.period.recipient_until = Some(NOW);
    let refused = join(&parts(draft)).unwrap_err();
    assert!(matches!(refused, Error::WrongState { obstacle: Obstacle::OutsideCryptoperiod, .. }));
    // What was never activated has not ended.
    join(&parts(op::Draft::default())).unwrap();
}

#[test]
fn parts_that_do_not_belong_together_make_nothing() {
    let house = house();
    let admin = &house.admin();
    let [one, other] = [(); 2].map(|()| {
        let key = create(&house, active(Purposes::ENCRYPT));
        let whole = op::Whole::Kept(by_id(&key.name));
        house.call(admin, split(whole, SplitMethod::Xor, 2, 2)).unwrap()
    });
    let mixed = house.call(admin, join(&[&one[0], &other[1]]));
    assert!(matches!(mixed, Err(Error::Invalid(_))), "{mixed:?}");
    // A part of zeros would give the other one away.
    let of = one[0].attributes.split.clone().unwrap();
    let forge = |of: SplitPart| {
        let bytes = op::RegisteredMaterial::Stored(Secret::new(vec![0; 32]));
        let draft = op::Draft { split: Some(of), ..active(Purposes::ENCRYPT) };
        register(&house, Kind::SplitKey, bytes, draft)
    };
    let forged = forge(SplitPart { number: 2, digest: None, ..of.clone() });
    let refused = house.call(admin, join(&[&one[0], &forged]));
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let forged = forge(SplitPart { number: 2, ..of });
    let refused = house.call(admin, join(&[&one[0], &forged]));
    assert!(matches!(refused, Err(Error::NotAuthentic(Unauthentic::Ciphertext))), "{refused:?}");
}

#[test]
fn several_parts_have_not_one_name() {
    let house = house();
    let (spec, len) = (Spec::Raw(RawSpec::Aes256), 32);
    let mut new = split(op::Whole::New { spec, len }, SplitMethod::Xor, 2, 2);
    new.draft = named("part", new.draft);
    let refused = house.call(&house.admin(), new);
    assert!(matches!(refused, Err(Error::AlreadyExists(Existing::ObjectLabel))));
}

#[test]
fn an_object_is_replaced_by_who_may_destroy_it_and_only_if_it_is_said_so() {
    let house = house();
    let admin = &house.admin();
    let import = |id, replaces, bytes: u8| op::RegisterObject {
        account: account(),
        region: region(),
        id: Some(id),
        replaces,
        kind: Kind::SymmetricKey,
        material: op::RegisteredMaterial::Raw(RawSpec::Aes128, Secret::new(vec![bytes; 16])),
        draft: named("moved", op::Draft::default()),
    };
    let id = KeyId::from_random([7; 16]);
    let first = house.call(admin, import(id, true, 1)).unwrap();
    assert_eq!((first.name.id, material(&house, &first)), (id, vec![1; 16]));
    let taken = house.call(admin, import(id, false, 2));
    assert!(matches!(taken, Err(Error::AlreadyExists(Existing::Key(it))) if it == id));
    let may_not = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"strongroom:DestroyObject","Resource":"*"}]}"#;
    let refused = house.call(&house.user("mover", may_not), import(id, true, 2));
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    let second = house.call(admin, import(id, true, 2)).unwrap();
    assert_eq!((material(&house, &second), names(&second)), (vec![2; 16], vec![b"moved".to_vec()]));
    house.call(admin, op::DestroyObject { object: by_id(&second.name) }).unwrap();
    let gone = house.call(admin, import(id, true, 3));
    assert!(matches!(gone, Err(Error::AlreadyExists(Existing::Key(it))) if it == id));
}

/// What an entry names, and its context.
type Said = (Vec<String>, Vec<(String, String)>);

/// What the entries of some requests say.
fn said_of(house: &House, requests: impl FnOnce()) -> Vec<Said> {
    let before = house.engine.log_status().unwrap().next_index;
    requests();
    let after = house.engine.log_status().unwrap().next_index;
    house.engine.seal();
    let log = audit::Folder::new(&house.folder.path().join("audit"));
    let entries = log.entries(before, usize::MAX, after).unwrap().into_iter();
    entries.map(|(_, entry)| (entry.resources, entry.context)).collect()
}

#[test]
fn a_line_is_written_into_the_audit_log() {
    let house = house();
    assert!(op::WriteLog::new(&"x".repeat(1025)).is_err());
    let nobody = house.user_with("mute", &[]);
    let said = said_of(&house, || {
        house.call(&house.admin(), op::WriteLog::new("backup done").unwrap()).unwrap();
        let refused = house.call(&nobody, op::WriteLog::new("hello").unwrap());
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    });
    let line = |text: &str| (vec![], vec![("message".to_owned(), text.to_owned())]);
    assert_eq!(said, [line("backup done"), line("hello")]);
}

#[test]
fn the_entry_of_a_replaced_pair_names_all_four_halves() {
    let house = house();
    let admin = house.admin();
    let old = house.call(&admin, new_pair()).unwrap();
    let mut names = vec![old.private.name.arn(), old.public.name.arn()];
    let said = said_of(&house, || {
        let new = house.call(&admin, re_key_pair(&old.private)).unwrap();
        names.extend([new.private.name.arn(), new.public.name.arn()]);
    });
    assert_eq!(said, [(names, vec![])]);
}
