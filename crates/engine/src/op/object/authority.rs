//! Who issues an account's certificates: a key of its own and a certificate of that key, both of
//! them objects like any others, with a policy, states and an end.
//!
//! It has nothing to do with who vouches for the server: whoever trusts that must not be fooled by
//! what a client had certified. The key is on P-256, whose signatures everybody verifies, and
//! which is made in no time when the first certificate is asked for.

use std::sync::Arc;

use crypto::secmem::Guarded;
use model::{
    AccountId, Action, Error, Key, KeyId, ObjectName, Protect, Region, Result, Wall,
    algorithm::{Algorithm, KeySpec, MessageType, SigningAlgorithm, Spec},
    key::{Life, State},
    object::{DIGEST_HASH, Form, Kind, Label, Link, Purposes},
};

use super::{
    certify::Describe,
    make::{self, Draft, New},
};
use crate::{
    gate::{self, Operation, Permit},
    object::KeyObject,
    record::KeyRecord,
    room::Room,
};

/// Seconds of a day.
const DAY_SECS: u64 = 86_400;
/// How long a certificate is valid, if its dates do not say it: as long as public authorities issue
/// them at most.
pub(super) const ISSUED_SECS: u64 = 397 * DAY_SECS;
/// How long the authority's own is. It is issued anew when it is valid for less than one that it
/// issues.
const AUTHORITY_SECS: u64 = 3650 * DAY_SECS;

/// The authority of an account and region, ready to sign.
pub(super) struct Authority {
    key: Arc<KeyObject>,
    spki: Vec<u8>,
    /// Its certificate in DER.
    pub(super) certificate: Vec<u8>,
    /// The last moment at which that is valid.
    pub(super) until: Wall,
}

impl Authority {
    /// The authority for what a caller was admitted to; it is made when there is none yet. Who may
    /// not certify with its key is denied.
    pub(super) fn of<O: Operation>(
        (operation, permit): (&O, &Permit<'_, O>),
        (account, region): (AccountId, &Region),
        describe: &Describe,
        room: &mut Room<'_>,
    ) -> Result<Self> {
        let label = authority_label();
        let id = room.labelled(account, region, &label)?.into_iter().next();
        let known = id.map(|id| room.key_named(&name(account, region, id))).transpose()?;
        let key = match &known {
            Some(key) => key.clone(),
            None => Arc::new(new_key(account, region, room)?),
        };
        if !gate::allows(operation, permit.caller(), room.at(), Action::Certify, &key) {
            return Err(Error::Denied(Action::Certify));
        }
        let spki = key.held()?.versions.current().public.clone();
        let spki = spki.ok_or(Error::Internal("an authority without a public key"))?;
        let now = room.at().wall;
        let mut made = Self { key, spki, certificate: Vec::new(), until: now };
        if let Some((certificate, until)) = made.present_certificate(room)?
            && until >= now.plus_secs(ISSUED_SECS)
        {
            room.note_change(&made.key);
            return Ok(Self { certificate, until, ..made });
        }
        made.certify_itself(known.is_some(), describe, room)?;
        Ok(made)
    }

    /// Its certificate, if that is still there, and the last moment at which that is valid.
    fn present_certificate(&self, room: &Room<'_>) -> Result<Option<(Vec<u8>, Wall)>> {
        let Some(id) = linked(&self.key, Link::CERTIFICATE) else { return Ok(None) };
        let object = found(room.key_named(&ObjectName { id, ..self.key.name().clone() }))?;
        let Some(object) = object else { return Ok(None) };
        let plain = room.open_material(&object, object.held()?.versions.current())?;
        // Who may change links may have linked it to something else.
        let facts = x509::facts(plain.expose()).ok();
        let own = facts.filter(|facts| facts.is_self_signed && facts.spki == self.spki);
        Ok(own.map(|facts| (plain.expose().to_vec(), facts.validity.1)))
    }

    /// Issues its own certificate, and writes it and the key that is linked to it.
    fn certify_itself(
        &mut self,
        is_written: bool,
        describe: &Describe,
        room: &mut Room<'_>,
    ) -> Result<()> {
        let ObjectName { account, region, id } = self.key.name().clone();
        let (now, serial) = (room.at().wall, crypto::random::array()?);
        self.until = now.plus_secs(AUTHORITY_SECS);
        let signing = Signing { authority: self, room };
        let named = format!("Strongroom {account} {region}");
        let made = x509::self_signed_ca(&signing, &named, (now, self.until), serial)?;
        self.certificate = made;
        let draft = Draft {
            purposes: Purposes::VERIFY,
            life: Life::active_from(now),
            links: vec![Link { kind: Link::PRIVATE_KEY, to: id }],
            labels: describe(&self.certificate),
            ..Draft::default()
        };
        let certificate = certificate_record(room, (account, &region), &self.certificate, &draft)?;
        let mut record = self.key.record().clone();
        set_certificate(&mut record, certificate.name().id);
        if is_written {
            room.note_change(&self.key);
            room.replace_object(&self.key, record)?;
        } else {
            room.create_object(&record)?;
        }
        room.create_object(&certificate)
    }

    /// Issues a certificate, in DER.
    pub(super) fn issue(
        &self,
        holder: &x509::Holder,
        validity: (Wall, Wall),
        room: &Room<'_>,
    ) -> Result<Vec<u8>> {
        let what = "the key of a certificate, which is the authority's own";
        if holder.spki == self.spki {
            return Err(Error::Invalid(model::error::Invalid::OutOfRange(what)));
        }
        let serial = crypto::random::array()?;
        let signing = Signing { authority: self, room };
        x509::certificate(&self.certificate, &signing, holder, validity, serial)
    }
}

/// An authority's key, in the room in which it signs.
struct Signing<'a, 'e> {
    authority: &'a Authority,
    room: &'a Room<'e>,
}

impl x509::Signer for Signing<'_, '_> {
    fn spki(&self) -> &[u8] {
        &self.authority.spki
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>> {
        let (key, how) = (&self.authority.key, SigningAlgorithm::EcdsaSha256);
        let (action, purposes) = (Action::Certify, Purposes::SIGN_CERTIFICATES);
        let algorithm = Algorithm::Signing(how);
        let usable = self.room.usable_for::<Protect>(key, action, purposes, &[algorithm])?;
        let loaded = self.room.load(key, usable.version())?;
        crypto::sign::sign(usable, loaded, how, MessageType::Raw, tbs)
    }
}

fn authority_label() -> Label {
    Label { name: Label::AUTHORITY.to_owned(), index: 0, value: Vec::new() }
}

fn name(account: AccountId, region: &Region, id: KeyId) -> ObjectName {
    ObjectName { account, region: region.clone(), id }
}

/// A new key for an authority, which is still to be written.
fn new_key(account: AccountId, region: &Region, room: &Room<'_>) -> Result<KeyObject> {
    let key = KeySpec::P256;
    room.makeable(key)?;
    let made = room.generate(account, key)?;
    let spec = Spec::Key(key);
    let pkcs8 = room.opened(account, spec, made.material, &made.sealed)?;
    let label = authority_label();
    let draft = Draft {
        purposes: Purposes::SIGN_CERTIFICATES,
        life: Life::active_from(room.at().wall),
        sensitive: true,
        unextractable: true,
        labels: vec![(label.name, label.value)],
        ..Draft::default()
    };
    let new = New {
        name: make::new_name(account, region)?,
        kind: Kind::PrivateKey,
        spec,
        made,
        generated: true,
        digest: crypto::digest::digest(DIGEST_HASH, pkcs8.expose()),
        bits: key.bits(),
        form: Some(Form::Pkcs8),
        draft: &draft,
    };
    room.unwritten(make::new_record(new, room))
}

/// A certificate that was issued here, which is still to be written.
pub(super) fn certificate_record(
    room: &Room<'_>,
    (account, region): (AccountId, &Region),
    der: &[u8],
    draft: &Draft,
) -> Result<KeyRecord> {
    let (name, what) = (make::new_name(account, region)?, (Kind::Certificate, Spec::Stored));
    let mut record = make::record_of(room, name, what, &Guarded::copy_of(der)?, (draft, true))?;
    note_root(&mut record, der);
    Ok(record)
}

/// Has a certificate that signs itself be found by its subject.
pub(super) fn note_root(record: &mut KeyRecord, der: &[u8]) {
    let is_certificate = matches!(&record.key, Key::Held(held) if held.kind == Kind::Certificate);
    if let Some(facts) = is_certificate.then(|| x509::facts(der).ok()).flatten()
        && facts.is_self_signed
    {
        record.attributes.add_label(Label::ROOT, root_value(&facts.subject.der));
    }
}

fn root_value(subject: &[u8]) -> Vec<u8> {
    crypto::digest::sha256(subject).to_vec()
}

/// The certificates of an account and region, in DER, that sign themselves and are about a subject:
/// those that are not revoked, and whose keys, where they are here, are not compromised.
pub(super) fn roots(
    room: &Room<'_>,
    (account, region): (AccountId, &Region),
    subject: &[u8],
) -> Result<Vec<Vec<u8>>> {
    let label = Label { name: Label::ROOT.to_owned(), index: 0, value: root_value(subject) };
    let mut roots = Vec::new();
    for id in room.labelled(account, region, &label)? {
        let Some(root) = found(room.key_named(&name(account, region, id)))? else { continue };
        let key = match linked(&root, Link::PRIVATE_KEY) {
            Some(id) => found(room.object_named(&name(account, region, id)))?,
            None => None,
        };
        let is_lost = key.is_some_and(|key| is_compromised(key.record()));
        if root.online().is_ok() && holds(&root, room) && !is_lost {
            let version = root.held()?.versions.current();
            roots.push(room.open_material(&root, version)?.expose().to_vec());
        }
    }
    Ok(roots)
}

fn is_compromised(record: &KeyRecord) -> bool {
    match &record.key {
        Key::Held(held) => held.versions.current().life.compromise.is_some(),
        Key::Destroyed(gone) => gone.life.compromise.is_some(),
    }
}

/// An object that a link or a label leads to, which may be gone.
pub(super) fn found(object: Result<Arc<KeyObject>>) -> Result<Option<Arc<KeyObject>>> {
    match object {
        Ok(object) => Ok(Some(object)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an object is not destroyed, and not revoked.
pub(super) fn holds(object: &KeyObject, room: &Room<'_>) -> bool {
    object.held().is_ok_and(|held| {
        let state = held.versions.current().life.state(room.at());
        !matches!(state, State::Deactivated | State::Compromised)
    })
}

/// The first object to which an object is linked so.
pub(super) fn linked(object: &KeyObject, kind: u32) -> Option<KeyId> {
    object.record().attributes.links.iter().find(|link| link.kind == kind).map(|link| link.to)
}

/// Links a key to its newest certificate.
pub(super) fn set_certificate(record: &mut KeyRecord, id: KeyId) {
    let links = &mut record.attributes.links;
    links.retain(|link| link.kind != Link::CERTIFICATE);
    links.push(Link { kind: Link::CERTIFICATE, to: id });
}
