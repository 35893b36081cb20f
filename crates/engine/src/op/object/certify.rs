//! Certificates that are issued here, by the account's own authority.

use std::{fmt, sync::Arc};

use model::{
    AccountId, Action, Error, KeyId, ObjectName, Obstacle, Region, Result, Wall,
    error::Invalid,
    key::State,
    object::{Kind, Label, Link},
};
use x509::{Holder, Subject};

use super::{
    authority::{self, Authority},
    links,
    make::{self, Draft},
    read::ObjectView,
    rekey::{refused, replace, successor},
};
use crate::{
    gate::{self, Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// What a door says of a certificate in DER: its labels.
pub type Describe = Box<dyn Fn(&[u8]) -> Vec<(String, Vec<u8>)> + Send + Sync>;

/// What is certified.
#[derive(Clone, Debug)]
pub enum Certified {
    /// A public key, or a request, that is kept here.
    Object(KeyRef),
    /// The key of a request in DER or PEM, which is this public key if one is said.
    Request(Vec<u8>, Option<KeyRef>),
}

/// Issue a certificate for a public key.
pub struct CertifyObject {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// What is certified.
    pub certified: Certified,
    /// Whom it is about; a request that says it too is right.
    pub subject: Option<Subject>,
    /// What the certificate is to be. It is valid from its activation, but not before it is issued,
    /// to its deactivation; 397 days if that is left out.
    pub draft: Draft,
    /// What is said of it.
    pub describe: Describe,
}

/// Issue a certificate that takes the place of another of the same key.
pub struct ReCertifyObject {
    /// The certificate.
    pub certificate: KeyRef,
    /// A request of the same key, in DER or PEM, or kept here: whom it is about from now on.
    pub request: Option<Certified>,
    /// Whom it is about from now on, if no request says it.
    pub subject: Option<Subject>,
    /// From the making of the new certificate to its activation; left out, its dates are the old
    /// ones.
    pub offset_secs: Option<u32>,
    /// What is to be different: what is left out of it is as it was.
    pub changes: Draft,
    /// What is said of certificates.
    pub describe: Describe,
}

impl fmt::Debug for CertifyObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertifyObject({:?})", self.certified)
    }
}

impl Operation for CertifyObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::Certify;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let certified = match &self.certified {
            Certified::Object(object) | Certified::Request(_, Some(object)) => {
                Demand::object(Self::ACTION, object)
            }
            Certified::Request(_, None) => Demand::account(Self::ACTION, self.account),
        };
        Ok(vec![certified, Demand::account(Action::CreateKey, self.account)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let (mut holder, public) = self.holder(permit, room)?;
        if is_empty(&holder.subject)
            && let Some(subject) = &self.subject
        {
            holder.subject = subject.to_der()?;
        }
        let place = (self.account, &self.region);
        let authority = Authority::of((self, permit), place, &self.describe, room)?;
        let draft = self.draft.clone();
        let issue = Issue { authority, holder, draft, describe: &self.describe };
        let record = issue.run(place, public.as_deref(), room)?;
        if let Some(public) = &public {
            link_pair((self, permit), public, record.name().id, room)?;
        }
        room.create_object(&record)?;
        Ok(make::view_of_new(&record, room))
    }
}

impl CertifyObject {
    /// Who is certified, and the public key if that is here.
    fn holder(
        &self,
        permit: &Permit<'_, Self>,
        room: &mut Room<'_>,
    ) -> Result<(Holder, Option<Arc<KeyObject>>)> {
        let (bytes, key) = match &self.certified {
            Certified::Request(bytes, None) => (bytes, None),
            Certified::Request(bytes, Some(_)) => (bytes, Some(permit.key()?)),
            Certified::Object(_) => {
                let object = permit.key()?;
                if object.at_hand()?.kind == Kind::CertificateRequest {
                    let holder = request_of(object, room)?;
                    let public = key_of((self, permit), object, &holder.spki, room)?;
                    return Ok((holder, public));
                }
                let spki = public_key(object, Self::ACTION, room)?;
                let holder = Holder { subject: Vec::new(), alternative_names: None, spki };
                return Ok((holder, Some(object.clone())));
            }
        };
        let holder = x509::request(bytes)?;
        if let Some(key) = key {
            same_key(&public_key(key, Self::ACTION, room)?, &holder.spki)?;
        }
        Ok((holder, key.cloned()))
    }
}

impl Operation for ReCertifyObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::Certify;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let mut demands = vec![Demand::object(Self::ACTION, &self.certificate)];
        if let Some(Certified::Object(request) | Certified::Request(_, Some(request))) =
            &self.request
        {
            demands.push(Demand::object(Self::ACTION, request));
        }
        demands.push(Demand::account(Action::CreateKey, self.certificate.account));
        Ok(demands)
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        let old = permit.key()?;
        let held = old.at_hand()?;
        if held.kind != Kind::Certificate {
            return Err(refused(old, Self::ACTION));
        }
        let der = room.open_material(old, held.versions.current())?.expose().to_vec();
        let holder = self.holder(&der, permit, room)?;
        let place = (held.name.account, &held.name.region);
        let authority = Authority::of((self, permit), place, &self.describe, room)?;
        let mut draft = successor(old, self.offset_secs, &self.changes, room.at().wall)?;
        // What was said of the old certificate is not said of the new one.
        let described: Vec<String> =
            (self.describe)(&der).into_iter().map(|(name, _)| name).collect();
        draft.labels.retain(|(name, _)| name != Label::ROOT && !described.contains(name));
        draft.bits = None;
        let public = key_of((self, permit), old, &holder.spki, room)?;
        let issue = Issue { authority, holder, draft, describe: &self.describe };
        let mut record = issue.run(place, public.as_deref(), room)?;
        if let Some(public) = &public {
            link_pair((self, permit), public, record.name().id, room)?;
        }
        replace(old, &mut record, room)?;
        room.create_object(&record)?;
        Ok(make::view_of_new(&record, room))
    }
}

impl ReCertifyObject {
    /// Who is certified: as before, or as a request of the same key says.
    fn holder(&self, old: &[u8], permit: &Permit<'_, Self>, room: &Room<'_>) -> Result<Holder> {
        let was = x509::facts(old)?;
        let request = match &self.request {
            None => None,
            Some(Certified::Request(bytes, _)) => Some(x509::request(bytes)?),
            Some(Certified::Object(_)) => Some(request_of(permit.nth_key(1)?, room)?),
        };
        let subject = match (&request, &self.subject) {
            (Some(request), _) if !is_empty(&request.subject) => request.subject.clone(),
            (_, Some(subject)) => subject.to_der()?,
            _ => was.subject.der,
        };
        let alternative_names = match &request {
            Some(request) => {
                same_key(&was.spki, &request.spki)?;
                request.alternative_names.clone()
            }
            None => was.alternative_names,
        };
        Ok(Holder { subject, alternative_names, spki: was.spki })
    }
}

/// A certificate that is about to be issued.
struct Issue<'a> {
    authority: Authority,
    holder: Holder,
    draft: Draft,
    describe: &'a Describe,
}

impl Issue<'_> {
    /// Issues it, linked to its public key; it is still to be written.
    fn run(
        self,
        place: (AccountId, &Region),
        public: Option<&KeyObject>,
        room: &Room<'_>,
    ) -> Result<KeyRecord> {
        let Self { authority, holder, mut draft, describe } = self;
        let validity = validity(&draft, room.at().wall, authority.until);
        let der = authority.issue(&holder, validity, room)?;
        let said = describe(&der);
        draft.labels.retain(|(name, _)| said.iter().all(|(it, _)| it != name));
        draft.labels.extend(said);
        if let Some(public) = public {
            draft.links.retain(|link| link.kind != Link::PUBLIC_KEY);
            draft.links.push(Link { kind: Link::PUBLIC_KEY, to: public.name().id });
        }
        authority::certificate_record(room, place, &der, &draft)
    }
}

/// From when until when a certificate is valid, which its authority outlives.
fn validity(draft: &Draft, now: Wall, authority_until: Wall) -> (Wall, Wall) {
    let from = draft.life.activation.map_or(now, |activation| activation.max(now));
    let until = draft.life.deactivation.unwrap_or(from.plus_secs(authority::ISSUED_SECS));
    (from, until.min(authority_until))
}

/// Whether a name in DER has no parts.
fn is_empty(subject: &[u8]) -> bool {
    matches!(subject, [] | [0x30, 0])
}

/// The SubjectPublicKeyInfo of a public key that may be certified.
fn public_key(object: &KeyObject, action: Action, room: &Room<'_>) -> Result<Vec<u8>> {
    let held = object.at_hand()?;
    let version = held.versions.current();
    match (held.kind, &version.public) {
        (Kind::PublicKey, Some(spki)) => match version.life.state(room.at()) {
            State::Compromised => Err(object.wrong_state(Obstacle::Compromised)),
            State::Deactivated => Err(object.wrong_state(Obstacle::Deactivated)),
            State::PreActive | State::Active => Ok(spki.clone()),
        },
        _ => Err(refused(object, action)),
    }
}

/// A request that is kept here.
fn request_of(object: &KeyObject, room: &Room<'_>) -> Result<Holder> {
    let held = object.at_hand()?;
    if held.kind != Kind::CertificateRequest {
        return Err(refused(object, Action::Certify));
    }
    x509::request(room.open_material(object, held.versions.current())?.expose())
}

/// Refuses a request of another key, however both are written.
fn same_key(one: &[u8], other: &[u8]) -> Result<()> {
    let kept = |spki: &[u8]| {
        let read = crypto::form::public(model::object::Form::Spki, spki);
        read.map_or_else(|_| spki.to_vec(), |(_, spki)| spki)
    };
    if kept(one) == kept(other) {
        return Ok(());
    }
    Err(Error::Invalid(Invalid::Certificate("The request is about another key.")))
}

/// An object that another is linked to, if it is here and the caller may certify it.
fn certifiable<O: Operation>(
    (operation, permit): (&O, &Permit<'_, O>),
    from: &ObjectName,
    id: KeyId,
    room: &Room<'_>,
) -> Result<Option<Arc<KeyObject>>> {
    let key = authority::found(room.key_named(&ObjectName { id, ..from.clone() }))?;
    let at = room.at();
    Ok(key.filter(|key| gate::allows(operation, permit.caller(), at, O::ACTION, key)))
}

/// The public key that a certificate or a request is linked to, if it is here, is what that is
/// about, and the caller may certify it.
fn key_of<O: Operation>(
    by: (&O, &Permit<'_, O>),
    about: &KeyObject,
    spki: &[u8],
    room: &mut Room<'_>,
) -> Result<Option<Arc<KeyObject>>> {
    let Some(id) = authority::linked(about, Link::PUBLIC_KEY) else { return Ok(None) };
    let Some(key) = certifiable(by, about.name(), id, room)? else { return Ok(None) };
    // Whoever may change links may have linked it to something else.
    if key.held()?.kind != Kind::PublicKey
        || same_key(&public_key(&key, O::ACTION, room)?, spki).is_err()
    {
        return Ok(None);
    }
    room.note_change(&key);
    Ok(Some(key))
}

/// Links a public key to its newest certificate, and its private key where that is here too.
fn link_pair<O: Operation>(
    by: (&O, &Permit<'_, O>),
    public: &KeyObject,
    certificate: KeyId,
    room: &mut Room<'_>,
) -> Result<()> {
    let mut record = public.record().clone();
    authority::set_certificate(&mut record, certificate);
    room.replace_object(public, record)?;
    let Some(id) = authority::linked(public, Link::PRIVATE_KEY) else { return Ok(()) };
    let Some(private) = certifiable(by, public.name(), id, room)? else { return Ok(()) };
    if !links::are_halves(&private, public)? {
        return Ok(());
    }
    let mut record = private.record().clone();
    authority::set_certificate(&mut record, certificate);
    room.note_change(&private);
    room.replace_object(&private, record)?;
    Ok(())
}
