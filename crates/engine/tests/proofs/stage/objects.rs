//! The objects on a stage that protocols know which keep and hand out objects: one for each state
//! that a verb starts from.

use engine::{
    By, KeyRef,
    certified::{NamePart, Subject},
    op,
};
use model::{
    KeyId, Secret,
    algorithm::{Hash, KeySpec, MessageType, RawSpec, Spec},
    key::Life,
    object::{Form, Kind, LimitUnit, Purposes, Revocation, UsageLimit},
    raw::{BlockPadding, Cipher, CipherMode, SignatureScheme, SplitMethod, Wrapping},
};

use super::MESSAGE;
use crate::house::{House, NOW, account, by_id, region};

/// See the module's page. All of them have the policy of the stage's keys.
pub(crate) struct Objects {
    /// A raw key that is active, and for everything; how much it may protect is limited.
    pub(crate) raw: KeyRef,
    /// A raw key that is not active yet.
    pub(crate) fresh: KeyRef,
    /// A raw key that is deactivated.
    pub(crate) spent: KeyRef,
    /// A raw key that is archived.
    pub(crate) aside: KeyRef,
    /// A raw key that wraps.
    pub(crate) wrapping: KeyRef,
    /// A secret from which something may be derived.
    pub(crate) secret: KeyRef,
    /// A raw key that is active, and split.
    pub(crate) whole: KeyRef,
    /// Both parts of a split key.
    pub(crate) parts: [KeyRef; 2],
    /// The private half of a pair.
    pub(crate) private: KeyRef,
    /// The public half of it.
    pub(crate) public: KeyRef,
    /// Of the public half.
    pub(crate) certificate: KeyRef,
    /// Of the stage's message, by the raw key.
    pub(crate) ciphertext: Vec<u8>,
    /// Its tag.
    pub(crate) tag: Vec<u8>,
    /// Likewise.
    pub(crate) code: Vec<u8>,
    /// Likewise, by the private key.
    pub(crate) signature: Vec<u8>,
    /// Material, wrapped by the raw key.
    pub(crate) wrapped: Vec<u8>,
    /// Of no object.
    pub(crate) free_id: KeyId,
}

/// Everything that a key may be for.
pub(crate) const EVERYTHING: Purposes = Purposes(0xffff);

/// What is active and for `purposes`.
pub(crate) fn active(purposes: Purposes) -> op::Draft {
    op::Draft { purposes, life: Life::active_from(NOW), ..op::Draft::default() }
}

/// A new raw key.
pub(crate) fn new_raw(draft: op::Draft) -> op::CreateObject {
    let (kind, spec) = (Kind::SymmetricKey, Spec::Raw(RawSpec::Aes256));
    op::CreateObject { account: account(), region: region(), kind, spec, len: 32, draft }
}

/// Bytes that are brought as a secret.
pub(crate) fn brought(bytes: &[u8], draft: op::Draft) -> op::RegisterObject {
    op::RegisterObject {
        account: account(),
        region: region(),
        id: None,
        replaces: false,
        kind: Kind::SecretData,
        material: op::RegisteredMaterial::Stored(Secret::new(bytes.to_vec())),
        draft,
    }
}

/// The material of an object, wrapped by a key.
pub(crate) fn wrap(object: &KeyRef, by: &KeyRef) -> op::WrapMaterial {
    let method = op::WrapMethod::Aes(Wrapping::KeyWrapPadded);
    let (object, by) = (object.clone(), by.clone());
    op::WrapMaterial {
        object,
        wanted: op::Wanted::default(),
        by,
        method,
        dress: Box::new(|_, _, bare| Ok(bare)),
    }
}

/// A secret that comes wrapped so.
pub(crate) fn unwrap(by: &KeyRef, bytes: &[u8]) -> op::RegisterObject {
    let undress: op::Undress =
        Box::new(|plain| Ok((op::RegisteredMaterial::Stored(plain), active(Purposes::NONE))));
    let method = op::WrapMethod::Aes(Wrapping::KeyWrapPadded);
    let wrapped = op::Wrapped { by: by.clone(), method, bytes: bytes.to_vec(), undress };
    let material = op::RegisteredMaterial::Wrapped(wrapped);
    op::RegisterObject { material, ..brought(b"", active(Purposes::NONE)) }
}

/// A new pair on P-256.
pub(crate) fn new_pair(private: op::Draft, public: op::Draft) -> op::CreatePair {
    let (account, region, spec) = (account(), region(), KeySpec::P256);
    op::CreatePair { account, region, spec, private, public, forms: (Form::Pkcs8, Form::Spki) }
}

/// Two parts of `whole`, both of which are needed.
pub(crate) fn split(whole: op::Whole, draft: op::Draft) -> op::SplitObject {
    let (account, region, method) = (account(), region(), SplitMethod::Xor);
    let (prime, parts, threshold) = (None, 2, 2);
    op::SplitObject { account, region, whole, method, prime, parts, threshold, draft }
}

/// That an object protects nothing more, or is compromised.
pub(crate) fn revoke(object: &KeyRef, compromised: bool) -> op::RevokeObject {
    op::RevokeObject {
        object: object.clone(),
        revocation: Revocation { reason: 1, message: None },
        compromised: compromised.then_some(None),
    }
}

fn how<T: Clone + Send + Sync + 'static>(is: T) -> op::How<T> {
    Box::new(move |_, _| Ok(is.clone()))
}

fn gcm() -> op::How<op::EncryptionScheme> {
    let cipher = Cipher { mode: CipherMode::Gcm, padding: BlockPadding::None, tag_len: 16 };
    how(op::EncryptionScheme::Cipher { cipher, draws_iv: false, iv_len: None })
}

const IV: [u8; 12] = [0; 12];

pub(crate) fn encrypt_with(raw: &KeyRef) -> op::EncryptWith {
    op::EncryptWith {
        object: raw.clone(),
        how: gcm(),
        part: op::Part::Whole,
        plaintext: Secret::new(MESSAGE.to_vec()),
        iv: Some(IV.to_vec()),
        aad: Vec::new(),
    }
}

pub(crate) fn decrypt_with(objects: &Objects) -> op::DecryptWith {
    op::DecryptWith {
        object: objects.raw.clone(),
        how: gcm(),
        part: op::Part::Whole,
        ciphertext: objects.ciphertext.clone(),
        iv: Some(IV.to_vec()),
        aad: Vec::new(),
        tag: Some(objects.tag.clone()),
    }
}

pub(crate) fn sign_with(private: &KeyRef) -> op::SignWith {
    let how = how(SignatureScheme::Ecdsa(Hash::Sha256));
    let (object, part, kind) = (private.clone(), op::Part::Whole, MessageType::Raw);
    op::SignWith { object, how, part, kind, message: MESSAGE.to_vec() }
}

pub(crate) fn verify_with(public: &KeyRef, signature: &[u8]) -> op::VerifyWith {
    let op::SignWith { object, how, part, kind, message } = sign_with(public);
    op::VerifyWith { object, how, part, kind, message, signature: signature.to_vec() }
}

pub(crate) fn generate_mac_with(raw: &KeyRef) -> op::GenerateMacWith {
    let (object, how, part) = (raw.clone(), how(Hash::Sha256), op::Part::Whole);
    op::GenerateMacWith { object, how, part, message: MESSAGE.to_vec() }
}

pub(crate) fn verify_mac_with(raw: &KeyRef, code: &[u8]) -> op::VerifyMacWith {
    let op::GenerateMacWith { object, how, part, message } = generate_mac_with(raw);
    op::VerifyMacWith { object, how, part, message, code: code.to_vec() }
}

/// A new certificate.
pub(crate) fn certify(certified: op::Certified, draft: op::Draft) -> op::CertifyObject {
    let (account, region, describe) = (account(), region(), Box::new(|_: &[u8]| Vec::new()));
    let subject = Some(Subject::Parts(vec![(NamePart::CommonName, "holder".to_owned())]));
    op::CertifyObject { account, region, certified, subject, draft, describe }
}

/// A key that is split before anyone has it.
pub(crate) const NEW_WHOLE: op::Whole =
    op::Whole::New { spec: Spec::Raw(RawSpec::Aes256), len: 32 };

impl Objects {
    /// New ones, with this policy, or the default one of objects.
    pub(crate) fn new(house: &House, number: u32, policy: Option<&str>) -> Self {
        let admin = &house.admin();
        let draft = |purposes| op::Draft { policy: policy.map(str::to_owned), ..active(purposes) };
        let raw = |draft| by_id(&house.call(admin, new_raw(draft)).unwrap().name);
        let secret = house.call(admin, brought(b"secret", draft(EVERYTHING))).unwrap();
        let secret = by_id(&secret.name);
        let parts = split(NEW_WHOLE, draft(EVERYTHING));
        let parts = house.call(admin, parts).unwrap();
        let pair = new_pair(draft(Purposes::SIGN), draft(Purposes::VERIFY));
        let pair = house.call(admin, pair).unwrap();
        let usage_limit = Some(UsageLimit { total: 1 << 20, unit: LimitUnit::Calls });
        let limited = raw(op::Draft { usage_limit, ..draft(EVERYTHING) });
        let (private, public) = (by_id(&pair.private.name), by_id(&pair.public.name));
        let certificate = certify(op::Certified::Object(public.clone()), draft(Purposes::NONE));
        let encrypted = house.call(admin, encrypt_with(&limited)).unwrap();
        let code = house.call(admin, generate_mac_with(&limited)).unwrap().code.unwrap();
        let signature = house.call(admin, sign_with(&private)).unwrap().signature.unwrap();
        let wrapped = house.call(admin, wrap(&secret, &limited)).unwrap().wrapped;
        let objects = Self {
            raw: limited,
            fresh: raw(op::Draft { life: Life::default(), ..draft(EVERYTHING) }),
            spent: raw(op::Draft {
                life: Life { deactivation: Some(NOW), ..Life::active_from(NOW) },
                ..draft(EVERYTHING)
            }),
            aside: raw(draft(EVERYTHING)),
            wrapping: raw(draft(Purposes::WRAP)),
            whole: raw(draft(EVERYTHING)),
            secret,
            parts: [&parts[0], &parts[1]].map(|part| by_id(&part.name)),
            private,
            public,
            certificate: by_id(&house.call(admin, certificate).unwrap().name),
            ciphertext: encrypted.ciphertext,
            tag: encrypted.tag.unwrap(),
            code,
            signature,
            wrapped,
            free_id: free_id(number),
        };
        house.call(admin, op::ArchiveObject { object: objects.aside.clone() }).unwrap();
        objects
    }

    /// The same, of which none is there.
    pub(crate) fn without_any(self, number: u8, free: u32) -> Self {
        let name = |kind: u8| {
            let by = By::Id(KeyId::from_random([number.wrapping_add(0x80 + kind); 16]));
            KeyRef { account: account(), region: region(), by }
        };
        Self {
            raw: name(6),
            fresh: name(7),
            spent: name(8),
            aside: name(9),
            wrapping: name(10),
            secret: name(11),
            whole: name(17),
            parts: [name(12), name(13)],
            private: name(14),
            public: name(15),
            certificate: name(16),
            free_id: free_id(free),
            ..self
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> [&KeyRef; 12] {
        let Self { raw, fresh, spent, aside, wrapping, secret, parts: [one, other], .. } = self;
        let Self { whole, private, public, certificate, .. } = self;
        [
            raw,
            fresh,
            spent,
            aside,
            wrapping,
            whole,
            secret,
            one,
            other,
            private,
            public,
            certificate,
        ]
    }
}

fn free_id(number: u32) -> KeyId {
    let mut random = [0xf5; 16];
    random[..4].copy_from_slice(&number.to_be_bytes());
    KeyId::from_random(random)
}
