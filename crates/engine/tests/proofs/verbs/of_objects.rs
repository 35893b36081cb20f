//! The verbs on objects of every kind. What each needs is written from what it does: who reads a key
//! out of the server by another key uses both, and whatever makes an object makes a key.

use engine::{By, KeyRef, op};
use model::{
    Action, KeyId, Secret,
    algorithm::{Hash, Spec},
    object::{Kind, Purposes},
    raw::Derivation,
};

use super::{Verb, of_key, of_own};
use crate::{
    certified::REQUEST,
    house::{account, region},
    stage::{
        MESSAGE, Stage,
        objects::{self, EVERYTHING, Objects},
    },
};

const IMPORT: &[Action] = &[Action::RegisterObject, Action::ImportObject];

/// What is put in the place of another is the end of the other.
const REPLACE: &[Action] = &[Action::RegisterObject, Action::ImportObject, Action::DestroyObject];

fn in_place_of(id: KeyId, replaces: bool) -> op::RegisterObject {
    let draft = objects::active(Purposes::NONE);
    op::RegisterObject { id: Some(id), replaces, ..objects::brought(b"brought", draft) }
}

fn derived(stage: &Stage, from_both: bool) -> op::DeriveObject {
    op::DeriveObject {
        base: stage.objects.raw.clone(),
        other: from_both.then(|| stage.objects.secret.clone()),
        data: (!from_both).then(|| Secret::new(MESSAGE.to_vec())),
        derivation: Box::new(|_, _| Ok(Derivation::Hmac(Hash::Sha256))),
        kind: Kind::SecretData,
        spec: Spec::Stored,
        len: 32,
        slow: false,
        draft: objects::active(Purposes::NONE),
    }
}

fn locate(id: KeyId) -> op::Locate {
    op::Locate {
        account: account(),
        region: region(),
        label: None,
        id: Some(id),
        destroyed: false,
        matches: Box::new(|_| true),
        offset: 0,
        limit: 10,
    }
}

pub(crate) fn id_of(object: &KeyRef) -> KeyId {
    let By::Id(id) = object.by else { panic!("an object by its id") };
    id
}

fn validate(certificates: Vec<Vec<u8>>, objects: Vec<KeyRef>) -> op::ValidateCertificates {
    let (account, region, moment) = (account(), region(), None);
    op::ValidateCertificates { account, region, certificates, objects, moment }
}

/// See the module's page.
pub(crate) const VERBS: &[Verb] = &[
    of_own("CreateObject", &[Action::CreateKey], |a| {
        a.call(objects::new_raw(objects::active(EVERYTHING)))
    }),
    of_own("CreatePair", &[Action::CreateKey], |a| {
        let draft = || objects::active(Purposes::NONE);
        a.call(objects::new_pair(draft(), draft()))
    }),
    of_own("RegisterObject", &[Action::RegisterObject], |a| {
        a.call(objects::brought(b"brought", objects::active(Purposes::NONE)))
    }),
    of_own("RegisterObject (with an id)", IMPORT, |a| {
        a.call(in_place_of(a.stage.objects.free_id, false))
    }),
    of_own("RegisterObject (in place of it)", REPLACE, |a| {
        a.call(in_place_of(id_of(&a.stage.objects.raw), true))
    }),
    of_own("RegisterObject (wrapped)", &[Action::RegisterObject, Action::UnwrapKey], |a| {
        a.call(objects::unwrap(&a.stage.objects.raw, &a.stage.objects.wrapped))
    }),
    of_key("ReadObject", &[Action::DescribeKey], |a| {
        a.call(op::ReadObject { object: a.stage.objects.raw.clone() })
    }),
    of_key("GetMaterial", &[Action::GetKeyMaterial], |a| {
        a.call(op::GetMaterial {
            object: a.stage.objects.raw.clone(),
            wanted: op::Wanted::default(),
        })
    }),
    of_key("WrapMaterial (of it)", &[Action::GetKeyMaterial, Action::WrapKey], |a| {
        a.call(objects::wrap(&a.stage.objects.raw, &a.stage.objects.wrapping))
    }),
    of_key("WrapMaterial (by it)", &[Action::GetKeyMaterial, Action::WrapKey], |a| {
        a.call(objects::wrap(&a.stage.objects.wrapping, &a.stage.objects.raw))
    }),
    of_key("ChangeObject", &[Action::ChangeAttributes], |a| {
        let changes = vec![op::Change::AddLabel("team".to_owned(), b"blue".to_vec())];
        a.call(op::ChangeObject { object: a.stage.objects.raw.clone(), changes })
    }),
    of_key("ActivateObject", &[Action::ActivateObject], |a| {
        a.call(op::ActivateObject { object: a.stage.objects.fresh.clone() })
    }),
    of_key("RevokeObject", &[Action::RevokeObject], |a| {
        a.call(objects::revoke(&a.stage.objects.raw, false))
    }),
    of_key("RevokeObject (compromised)", &[Action::RevokeObject], |a| {
        a.call(objects::revoke(&a.stage.objects.raw, true))
    }),
    of_key("DestroyObject", &[Action::DestroyObject], |a| {
        a.call(op::DestroyObject { object: a.stage.objects.spent.clone() })
    }),
    of_key("ArchiveObject", &[Action::ArchiveObject], |a| {
        a.call(op::ArchiveObject { object: a.stage.objects.raw.clone() })
    }),
    of_key("RecoverObject", &[Action::RecoverObject], |a| {
        a.call(op::RecoverObject { object: a.stage.objects.aside.clone() })
    }),
    of_own("Locate", &[Action::Locate], |a| a.call(locate(id_of(&a.stage.objects.raw)))),
    of_own("ReKeyObject", &[Action::ReKeyObject, Action::CreateKey], |a| {
        let object = a.stage.objects.raw.clone();
        let changes = op::Draft::default();
        a.call(op::ReKeyObject { object, offset_secs: None, changes })
    }),
    of_own("ReKeyPair", &[Action::ReKeyObject, Action::CreateKey], |a| {
        a.call(op::ReKeyPair {
            private: a.stage.objects.private.clone(),
            offset_secs: None,
            private_changes: op::Draft::default(),
            public_changes: op::Draft::default(),
        })
    }),
    of_own("DeriveObject (from one)", &[Action::DeriveObject, Action::CreateKey], |a| {
        a.call(derived(a.stage, false))
    }),
    of_own("DeriveObject (from two)", &[Action::DeriveObject, Action::CreateKey], |a| {
        a.call(derived(a.stage, true))
    }),
    of_own("SplitObject (kept)", &[Action::SplitObject, Action::CreateKey], |a| {
        let whole = op::Whole::Kept(a.stage.objects.whole.clone());
        a.call(objects::split(whole, objects::active(EVERYTHING)))
    }),
    of_own("SplitObject (new)", &[Action::SplitObject, Action::CreateKey], |a| {
        a.call(objects::split(objects::NEW_WHOLE, objects::active(EVERYTHING)))
    }),
    of_own("JoinObject", &[Action::JoinObject, Action::CreateKey], |a| {
        let (parts, draft) = (a.stage.objects.parts.to_vec(), objects::active(Purposes::NONE));
        a.call(op::JoinObject { parts, kind: Kind::SymmetricKey, spec: None, draft })
    }),
    of_key("EncryptWith", &[Action::Encrypt], |a| {
        a.call(objects::encrypt_with(&a.stage.objects.raw))
    }),
    of_key("DecryptWith", &[Action::Decrypt], |a| a.call(objects::decrypt_with(&a.stage.objects))),
    of_key("SignWith", &[Action::Sign], |a| a.call(objects::sign_with(&a.stage.objects.private))),
    of_key("VerifyWith", &[Action::Verify], |a| {
        let Objects { public, signature, .. } = &a.stage.objects;
        a.call(objects::verify_with(public, signature))
    }),
    of_key("GenerateMacWith", &[Action::GenerateMac], |a| {
        a.call(objects::generate_mac_with(&a.stage.objects.raw))
    }),
    of_key("VerifyMacWith", &[Action::VerifyMac], |a| {
        let Objects { raw, code, .. } = &a.stage.objects;
        a.call(objects::verify_mac_with(raw, code))
    }),
    of_own("HashMessage", &[Action::Hash], |a| {
        let (part, message) = (op::Part::Whole, MESSAGE.to_vec());
        a.call(op::HashMessage { hash: Hash::Sha256, part, message })
    }),
    of_key("CheckObject", &[Action::CheckObject], |a| {
        let (object, purposes) = (a.stage.objects.raw.clone(), Some(Purposes::ENCRYPT));
        a.call(op::CheckObject { object, purposes, units: None, lease_secs: None })
    }),
    of_key("ObtainLease", &[Action::ObtainLease], |a| {
        a.call(op::ObtainLease { object: a.stage.objects.raw.clone() })
    }),
    of_key("AllocateUsage", &[Action::AllocateUsage], |a| {
        a.call(op::AllocateUsage { object: a.stage.objects.raw.clone(), units: 1 })
    }),
    of_own("CertifyObject (a key)", &[Action::Certify, Action::CreateKey], |a| {
        let certified = op::Certified::Object(a.stage.objects.public.clone());
        a.call(objects::certify(certified, op::Draft::default()))
    }),
    of_own("CertifyObject (a request)", &[Action::Certify, Action::CreateKey], |a| {
        let certified = op::Certified::Request(REQUEST.to_vec(), None);
        a.call(objects::certify(certified, op::Draft::default()))
    }),
    of_own("ReCertifyObject", &[Action::Certify, Action::CreateKey], |a| {
        a.call(op::ReCertifyObject {
            certificate: a.stage.objects.certificate.clone(),
            request: None,
            subject: None,
            offset_secs: None,
            changes: op::Draft::default(),
            describe: Box::new(|_| Vec::new()),
        })
    }),
    // The account is asked too: what it trusts says something of it.
    of_own("ValidateCertificates (kept)", &[Action::Verify], |a| {
        a.call(validate(Vec::new(), vec![a.stage.objects.certificate.clone()]))
    }),
    of_own("ValidateCertificates (brought)", &[Action::Verify], |a| {
        a.call(validate(vec![a.stage.free_certificate.clone()], Vec::new()))
    }),
];
