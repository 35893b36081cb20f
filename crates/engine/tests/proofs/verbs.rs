//! Every verb of the engine, ready to be tried by anyone on a [`Stage`].

pub(crate) mod of_objects;
mod of_roles;

use std::path::PathBuf;

use engine::{Caller, Mode, Operation, op};
use model::{
    Action, Error,
    algorithm::{EncryptionAlgorithm::Envelope, Hash, KeySpec, KeyUsage, MessageType},
    algorithm::{SigningAlgorithm, SigningAlgorithm::EcdsaSha256},
};

use crate::{
    house::{ALL, House, account, context, create, decrypt, encrypt, region},
    stage::{BLOCKED, MESSAGE, SPARE, Stage, generate_mac, policy_with, sign},
};

/// A verb, once for each set of demands it can make.
pub(crate) struct Verb {
    /// The operation's name; what follows a space tells its rows apart.
    pub(crate) name: &'static str,
    /// Every action that must be allowed for it: written here a second time, from AWS's tables
    /// of permissions, so that a wrong demand in the engine is found.
    pub(crate) needs: &'static [Action],
    /// Who decides: key policies, or the caller's own policies too or alone.
    pub(crate) judge: Judge,
    run: fn(&Attempt<'_>) -> Result<(), Error>,
}

/// Who decides about a verb.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judge {
    /// A key's policy may allow it alone.
    Key,
    /// The caller's own policies must allow it.
    Own,
}

/// Someone trying a verb.
pub(crate) struct Attempt<'a> {
    pub(crate) house: &'a House,
    pub(crate) caller: &'a Caller,
    pub(crate) stage: &'a Stage,
    pub(crate) mode: Mode,
}

impl Attempt<'_> {
    fn call<O: Operation>(&self, operation: O) -> Result<(), Error> {
        self.house.perform(self.caller, operation, self.mode).map(drop)
    }
}

impl Verb {
    pub(crate) fn attempt(&self, attempt: &Attempt<'_>) -> Result<(), Error> {
        (self.run)(attempt)
    }
}

const fn of_key(
    name: &'static str,
    needs: &'static [Action],
    run: fn(&Attempt<'_>) -> Result<(), Error>,
) -> Verb {
    Verb { name, needs, judge: Judge::Key, run }
}

const fn of_own(
    name: &'static str,
    needs: &'static [Action],
    run: fn(&Attempt<'_>) -> Result<(), Error>,
) -> Verb {
    Verb { name, needs, judge: Judge::Own, run }
}

fn page() -> op::Page {
    op::Page { limit: 10, after: None }
}

fn tag() -> op::Tag {
    op::Tag { name: "team".to_owned(), value: "blue".to_owned() }
}

fn data_key(stage: &Stage) -> op::GenerateDataKey {
    let context = context(&[("purpose", "test")]);
    op::GenerateDataKey { key: stage.key.clone(), context, len: 32 }
}

fn data_key_pair(stage: &Stage) -> op::GenerateDataKeyPair {
    let context = context(&[("purpose", "test")]);
    op::GenerateDataKeyPair { key: stage.key.clone(), context, spec: KeySpec::P256 }
}

pub(crate) fn re_encrypt(ciphertext: &[u8], to: &engine::KeyRef) -> op::ReEncrypt {
    op::ReEncrypt {
        source: None,
        place: (account(), region()),
        source_algorithm: Envelope,
        source_context: context(&[("purpose", "test")]),
        ciphertext: ciphertext.to_vec(),
        destination: to.clone(),
        destination_algorithm: Envelope,
        destination_context: context(&[("purpose", "test")]),
    }
}

fn new_key() -> op::CreateKey {
    create(KeySpec::Aes256, KeyUsage::EncryptDecrypt)
}

const RE_ENCRYPT: &[Action] = &[Action::ReEncryptFrom, Action::ReEncryptTo];

/// All of them: [`every_operation_has_a_row`] sees to that.
pub(crate) fn all() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().chain(of_roles::VERBS).chain(of_objects::VERBS)
}

/// Those that are not of objects.
const VERBS: &[Verb] = &[
    of_own("CreateKey", &[Action::CreateKey], |a| a.call(new_key())),
    of_own("CreateKey (with tags)", &[Action::CreateKey, Action::TagResource], |a| {
        a.call(op::CreateKey { tags: vec![tag()], ..new_key() })
    }),
    of_key("DescribeKey", &[Action::DescribeKey], |a| {
        a.call(op::DescribeKey { key: a.stage.key.clone() })
    }),
    of_own("ListKeys", &[Action::ListKeys], |a| {
        a.call(op::ListKeys { account: account(), region: region(), page: page() })
    }),
    of_key("UpdateKeyDescription", &[Action::UpdateKeyDescription], |a| {
        let key = a.stage.key.clone();
        a.call(op::UpdateKeyDescription { key, description: "new".to_owned() })
    }),
    of_key("EnableKey", &[Action::EnableKey], |a| {
        a.call(op::EnableKey { key: a.stage.key.clone() })
    }),
    of_key("DisableKey", &[Action::DisableKey], |a| {
        a.call(op::DisableKey { key: a.stage.key.clone() })
    }),
    of_key("ScheduleKeyDeletion", &[Action::ScheduleKeyDeletion], |a| {
        a.call(op::ScheduleKeyDeletion { key: a.stage.key.clone(), window_days: 7 })
    }),
    of_key("CancelKeyDeletion", &[Action::CancelKeyDeletion], |a| {
        a.call(op::CancelKeyDeletion { key: a.stage.dying.clone() })
    }),
    of_key("EnableKeyRotation", &[Action::EnableKeyRotation], |a| {
        a.call(op::EnableKeyRotation { key: a.stage.key.clone(), period_days: 365 })
    }),
    of_key("DisableKeyRotation", &[Action::DisableKeyRotation], |a| {
        a.call(op::DisableKeyRotation { key: a.stage.key.clone() })
    }),
    of_key("GetKeyRotationStatus", &[Action::GetKeyRotationStatus], |a| {
        a.call(op::GetKeyRotationStatus { key: a.stage.key.clone() })
    }),
    of_key("ListKeyRotations", &[Action::ListKeyRotations], |a| {
        a.call(op::ListKeyRotations { key: a.stage.key.clone(), all: true, page: page() })
    }),
    of_key("RotateKeyOnDemand", &[Action::RotateKeyOnDemand], |a| {
        a.call(op::RotateKeyOnDemand { key: a.stage.key.clone() })
    }),
    of_own("CreateAlias", &[Action::CreateAlias], |a| {
        let alias = a.stage.free_alias.clone();
        a.call(op::CreateAlias { alias, key: a.stage.key.clone() })
    }),
    of_own("UpdateAlias (from it)", &[Action::UpdateAlias], |a| {
        let alias = a.stage.alias.clone();
        a.call(op::UpdateAlias { alias, key: a.stage.other.clone() })
    }),
    of_own("UpdateAlias (to it)", &[Action::UpdateAlias], |a| {
        let alias = a.stage.other_alias.clone();
        a.call(op::UpdateAlias { alias, key: a.stage.key.clone() })
    }),
    of_own("DeleteAlias", &[Action::DeleteAlias], |a| {
        a.call(op::DeleteAlias { alias: a.stage.alias.clone() })
    }),
    of_own("ListAliases", &[Action::ListAliases], |a| {
        a.call(op::ListAliases { account: account(), region: region(), key: None, page: page() })
    }),
    of_own("ListAliases (of a key)", &[Action::ListAliases], |a| {
        let key = Some(a.stage.key.clone());
        a.call(op::ListAliases { account: account(), region: region(), key, page: page() })
    }),
    of_key("TagResource", &[Action::TagResource], |a| {
        a.call(op::TagResource { key: a.stage.key.clone(), tags: vec![tag()] })
    }),
    of_key("UntagResource", &[Action::UntagResource], |a| {
        a.call(op::UntagResource { key: a.stage.key.clone(), names: vec![tag().name] })
    }),
    of_key("ListResourceTags", &[Action::ListResourceTags], |a| {
        a.call(op::ListResourceTags { key: a.stage.key.clone(), page: page() })
    }),
    of_key("GetKeyPolicy", &[Action::GetKeyPolicy], |a| {
        a.call(op::GetKeyPolicy { key: a.stage.key.clone() })
    }),
    of_key("PutKeyPolicy", &[Action::PutKeyPolicy], |a| {
        let (key, policy) = (a.stage.key.clone(), policy_with(""));
        a.call(op::PutKeyPolicy { key, policy, bypass_lockout_check: true })
    }),
    of_key("ListKeyPolicies", &[Action::ListKeyPolicies], |a| {
        a.call(op::ListKeyPolicies { key: a.stage.key.clone() })
    }),
    of_key("Encrypt", &[Action::Encrypt], |a| a.call(encrypt(&a.stage.key, b"plain"))),
    of_key("Decrypt", &[Action::Decrypt], |a| a.call(decrypt(&a.stage.ciphertext))),
    of_key("ReEncrypt (from it)", RE_ENCRYPT, |a| {
        a.call(re_encrypt(&a.stage.ciphertext, &a.stage.other))
    }),
    of_key("ReEncrypt (to it)", RE_ENCRYPT, |a| {
        a.call(re_encrypt(&a.stage.other_ciphertext, &a.stage.key))
    }),
    of_key("GenerateDataKey", &[Action::GenerateDataKey], |a| a.call(data_key(a.stage))),
    of_key("GenerateDataKeyWithoutPlaintext", &[Action::GenerateDataKeyWithoutPlaintext], |a| {
        a.call(op::GenerateDataKeyWithoutPlaintext(data_key(a.stage)))
    }),
    of_key("GenerateDataKeyPair", &[Action::GenerateDataKeyPair], |a| {
        a.call(data_key_pair(a.stage))
    }),
    of_key(
        "GenerateDataKeyPairWithoutPlaintext",
        &[Action::GenerateDataKeyPairWithoutPlaintext],
        |a| a.call(op::GenerateDataKeyPairWithoutPlaintext(data_key_pair(a.stage))),
    ),
    of_own("GenerateRandom", &[Action::GenerateRandom], |a| a.call(op::GenerateRandom { len: 32 })),
    of_own("WriteLog", &[Action::WriteLog], |a| a.call(op::WriteLog::new("a line").unwrap())),
    of_key("GetPublicKey", &[Action::GetPublicKey], |a| {
        a.call(op::GetPublicKey { key: a.stage.pair.clone() })
    }),
    of_key("Sign", &[Action::Sign], |a| a.call(sign(&a.stage.pair))),
    of_key("Verify", &[Action::Verify], |a| {
        let algorithm: SigningAlgorithm = EcdsaSha256;
        let (key, signature) = (a.stage.pair.clone(), a.stage.signature.clone());
        let (message_type, message) = (MessageType::Raw, MESSAGE.to_vec());
        a.call(op::Verify { key, algorithm, message_type, message, signature })
    }),
    of_key("GenerateMac", &[Action::GenerateMac], |a| a.call(generate_mac(&a.stage.mac))),
    of_key("VerifyMac", &[Action::VerifyMac], |a| {
        let (key, code) = (a.stage.mac.clone(), a.stage.code.clone());
        a.call(op::VerifyMac { key, hash: Hash::Sha256, message: MESSAGE.to_vec(), code })
    }),
    of_key("DeriveSharedSecret", &[Action::DeriveSharedSecret], |a| {
        let (key, peer) = (a.stage.agreeing.clone(), a.stage.peer.clone());
        a.call(op::DeriveSharedSecret { key, peer })
    }),
    of_key("Encapsulate", &[Action::Encapsulate], |a| {
        a.call(op::Encapsulate { key: a.stage.kem.clone() })
    }),
    of_key("Decapsulate", &[Action::Decapsulate], |a| {
        let (key, ciphertext) = (a.stage.kem.clone(), a.stage.encapsulation.clone());
        a.call(op::Decapsulate { key, ciphertext })
    }),
    of_own("CreatePrincipal", &[Action::CreatePrincipal], |a| {
        let name = a.stage.free_user.clone();
        a.call(op::CreatePrincipal { name, policies: vec![ALL.to_owned()] })
    }),
    of_own("ListPrincipals", &[Action::ListPrincipals], |a| {
        a.call(op::ListPrincipals { account: account(), page: page() })
    }),
    of_own("DeletePrincipal", &[Action::DeletePrincipal], |a| {
        a.call(op::DeletePrincipal { name: a.stage.user.clone() })
    }),
    of_own("PutPrincipalPolicy", &[Action::PutPrincipalPolicy], |a| {
        let name = a.stage.user.clone();
        a.call(op::PutPrincipalPolicy { name, policies: vec![ALL.to_owned()] })
    }),
    of_own("GetPrincipalPolicy", &[Action::GetPrincipalPolicy], |a| {
        a.call(op::GetPrincipalPolicy { name: a.stage.user.clone() })
    }),
    of_own("CreateAccessKey", &[Action::CreateAccessKey], |a| {
        a.call(op::CreateAccessKey { principal: a.stage.user.clone() })
    }),
    of_own("ListAccessKeys", &[Action::ListAccessKeys], |a| {
        a.call(op::ListAccessKeys { principal: a.stage.user.clone() })
    }),
    of_own("DeleteAccessKey", &[Action::DeleteAccessKey], |a| {
        let (principal, id) = (a.stage.user.clone(), a.stage.access_key.clone());
        a.call(op::DeleteAccessKey { principal, id })
    }),
    of_own("RegisterCertificate", &[Action::RegisterCertificate], |a| {
        let (principal, certificate) = (a.stage.user.clone(), a.stage.free_certificate.clone());
        a.call(op::RegisterCertificate { principal, certificate, with_credential: false })
    }),
    of_own("ListCertificates", &[Action::ListCertificates], |a| {
        a.call(op::ListCertificates { principal: a.stage.user.clone() })
    }),
    of_own("RemoveCertificate", &[Action::RemoveCertificate], |a| {
        let (principal, id) = (a.stage.user.clone(), a.stage.certificate.clone());
        a.call(op::RemoveCertificate { principal, id })
    }),
    of_own("RemoveCertificate (a rule)", &[Action::RemoveCertificate], |a| {
        let (principal, id) = (a.stage.user.clone(), a.stage.rule.clone());
        a.call(op::RemoveCertificate { principal, id })
    }),
    of_own("RegisterCertificateRule", &[Action::RegisterCertificate], |a| {
        let (principal, authority) = (a.stage.user.clone(), a.stage.free_authority.clone());
        let (names, with_credential) = (Vec::new(), false);
        a.call(op::RegisterCertificateRule { principal, authority, names, with_credential })
    }),
    of_own("BlockCertificate", &[Action::RemoveCertificate], |a| {
        let (principal, fingerprint) = (a.stage.user.clone(), a.stage.certificate.clone());
        a.call(op::BlockCertificate { principal, fingerprint })
    }),
    of_own("UnblockCertificate", &[Action::RegisterCertificate], |a| {
        let (principal, fingerprint) = (a.stage.user.clone(), BLOCKED.to_owned());
        a.call(op::UnblockCertificate { principal, fingerprint })
    }),
    of_own("ReadStatus", &[Action::ReadStatus], |a| a.call(op::ReadStatus)),
    of_own("Seal", &[Action::Seal], |a| {
        let outcome = a.call(op::Seal);
        if a.house.engine.is_sealed() {
            a.house.unseal();
        }
        outcome
    }),
    of_own("AddUnsealSource", &[Action::AddUnsealSource], |a| {
        let name = a.stage.free_source.clone();
        a.call(op::AddUnsealSource { name, means: op::Means::Shares { needed: 2, count: 3 } })
    }),
    of_own("RemoveUnsealSource", &[Action::RemoveUnsealSource], |a| {
        if a.stage.source == SPARE {
            a.house.plant_unseal_source(SPARE);
        }
        a.call(op::RemoveUnsealSource { name: a.stage.source.clone() })
    }),
    of_own("RotateRootKey", &[Action::RotateRootKey], |a| a.call(op::RotateRootKey)),
];

/// The files in which operations are, those in folders among them.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/op"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

#[test]
fn every_operation_has_a_row() {
    let names: Vec<_> = all().map(|verb| verb.name).collect();
    assert!(names.iter().all(|name| names.iter().filter(|it| *it == name).count() == 1));
    let mut operations = 0;
    // Asked of no policy: `sessions` proves what it says, and to whom.
    let unasked = ["GetCallerIdentity"];
    for file in files() {
        let text = std::fs::read_to_string(file).unwrap();
        // Some are written by a macro.
        let names = text.lines().filter_map(|line| {
            let line =
                line.strip_prefix("impl Operation for ").or_else(|| line.strip_prefix("verb!("))?;
            line.split([' ', '<', '{', ',']).next()
        });
        for name in names.filter(|name| !unasked.contains(name)) {
            let rows = all().filter(|verb| verb.name.split(' ').next() == Some(name));
            assert!(rows.count() > 0, "{name} has no row: write one, and look at the tables");
            operations += 1;
        }
    }
    assert!(operations >= 75, "{operations}");
}
