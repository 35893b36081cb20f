//! What the verbs are tried on: keys, objects, aliases, a user, and what they made before.

pub(crate) mod objects;
pub(crate) mod roles;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use engine::{AliasRef, By, Caller, KeyRef, op};
use model::{
    KeyId, PrincipalName,
    algorithm::{Hash, KeySpec, KeyUsage, MessageType, SigningAlgorithm},
};

use self::{objects::Objects, roles::Roles};
use crate::{
    certificate_rules, certificates,
    house::{House, account, by_id, create, encrypt, region},
};

/// See the module's page. All of its keys have the same policy.
pub(crate) struct Stage {
    /// Encrypts, and has `alias`.
    pub(crate) key: KeyRef,
    /// Encrypts, and has `other_alias`.
    pub(crate) other: KeyRef,
    /// Signs.
    pub(crate) pair: KeyRef,
    /// Makes codes.
    pub(crate) mac: KeyRef,
    /// Agrees on secrets.
    pub(crate) agreeing: KeyRef,
    /// Its public key.
    pub(crate) peer: Vec<u8>,
    /// Encapsulates secrets.
    pub(crate) kem: KeyRef,
    /// To `kem`.
    pub(crate) encapsulation: Vec<u8>,
    /// Waits to be destroyed.
    pub(crate) dying: KeyRef,
    pub(crate) objects: Objects,
    pub(crate) roles: Roles,
    pub(crate) alias: AliasRef,
    pub(crate) other_alias: AliasRef,
    /// Of no key.
    pub(crate) free_alias: AliasRef,
    /// Under `key`.
    pub(crate) ciphertext: Vec<u8>,
    /// Under `other`.
    pub(crate) other_ciphertext: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) code: Vec<u8>,
    /// Has an access key and a certificate.
    pub(crate) user: PrincipalName,
    pub(crate) access_key: String,
    /// Its certificate's fingerprint.
    pub(crate) certificate: String,
    /// In DER; of no user.
    pub(crate) free_certificate: Vec<u8>,
    /// The id of a rule for certificates of the user.
    pub(crate) rule: String,
    /// An authority's certificate that no rule is about.
    pub(crate) free_authority: Vec<u8>,
    /// Of no user.
    pub(crate) free_user: PrincipalName,
    /// A way to unseal the server: [`SPARE`], which is put there when it is tried.
    pub(crate) source: String,
    /// The name of no such way.
    pub(crate) free_source: String,
}

/// The way to unseal the server that is tried to be removed: one for all stages, since there may
/// not be as many as stages.
pub(crate) const SPARE: &str = "spare";

/// The fingerprint of a certificate that is blocked of the stage's user.
pub(crate) const BLOCKED: &str = "bb0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd";

/// What the stage's signature and code are of.
pub(crate) const MESSAGE: &[u8] = b"message";

/// A key policy that lets the administrator do everything by name, and says `more`.
pub(crate) fn policy_with(more: &str) -> String {
    let statement = allow_by_name("arn:aws:iam::111122223333:user/admin", "*");
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}{more}]}}"#)
}

/// A key policy's statement that allows `action` to one principal.
pub(crate) fn allow_by_name(arn: &str, action: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"{action}","Resource":"*"}}"#
    )
}

pub(crate) fn alias_ref(name: &str) -> AliasRef {
    AliasRef { account: account(), region: region(), alias: name.parse().unwrap() }
}

/// Of the stages so far: each has names of its own.
static COUNT: AtomicU32 = AtomicU32::new(0);

impl Stage {
    /// A new stage, whose keys have this policy, or the default one.
    pub(crate) fn new(house: &House, policy: Option<&str>) -> Self {
        let number = COUNT.fetch_add(1, Relaxed);
        let admin = &house.admin();
        let key = |spec, usage| {
            let policy = policy.map(str::to_owned);
            let make = op::CreateKey { policy, bypass_lockout_check: true, ..create(spec, usage) };
            by_id(&house.call(admin, make).unwrap().name)
        };
        let encrypting = || key(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
        let (first, other, dying) = (encrypting(), encrypting(), encrypting());
        let pair = key(KeySpec::P256, KeyUsage::SignVerify);
        let mac = key(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
        let agreeing = key(KeySpec::P256, KeyUsage::KeyAgreement);
        let kem = key(KeySpec::MlKem512, KeyUsage::EncapsulateDecapsulate);
        let alias = |kind: &str, key: &KeyRef| {
            let alias = alias_ref(&format!("{kind}-{number}"));
            let make = op::CreateAlias { alias: alias.clone(), key: key.clone() };
            house.call(admin, make).unwrap();
            alias
        };
        let user = format!("user-{number}");
        let access_key = house.make_user(admin, account(), &user, &[]).id;
        let name = PrincipalName::user(account(), &user).unwrap();
        let (principal, certificate) = (name.clone(), certificates::valid_now());
        let register = op::RegisterCertificate { principal, certificate, with_credential: false };
        let certificate = house.call(admin, register).unwrap().fingerprint;
        let rule = certificate_rules::register(house, &name, &certificate_rules::authority(), &[]);
        let (principal, fingerprint) = (name.clone(), BLOCKED.to_owned());
        house.call(admin, op::BlockCertificate { principal, fingerprint }).unwrap();
        let stage = Self {
            alias: alias("first", &first),
            other_alias: alias("other", &other),
            free_alias: alias_ref(&format!("free-{number}")),
            ciphertext: house.call(admin, encrypt(&first, b"plain")).unwrap().ciphertext,
            other_ciphertext: house.call(admin, encrypt(&other, b"plain")).unwrap().ciphertext,
            signature: house.call(admin, sign(&pair)).unwrap().signature,
            code: house.call(admin, generate_mac(&mac)).unwrap().code,
            peer: house.call(admin, op::GetPublicKey { key: agreeing.clone() }).unwrap().spki,
            encapsulation: house
                .call(admin, op::Encapsulate { key: kem.clone() })
                .unwrap()
                .ciphertext,
            user: name,
            access_key,
            certificate,
            free_certificate: certificates::valid_now(),
            rule: rule.unwrap(),
            free_authority: certificate_rules::authority(),
            free_user: PrincipalName::user(account(), &format!("free-{number}")).unwrap(),
            source: SPARE.to_owned(),
            free_source: format!("free-{number}"),
            key: first,
            other,
            pair,
            mac,
            agreeing,
            kem,
            dying,
            objects: Objects::new(house, number, policy),
            roles: Roles::new(house, number),
        };
        let schedule = op::ScheduleKeyDeletion { key: stage.dying.clone(), window_days: 7 };
        house.call(admin, schedule).unwrap();
        stage
    }

    /// Of which nothing is there: its keys, aliases and users have names that nothing has.
    pub(crate) fn of_nothing(house: &House, number: u8) -> Self {
        let name = |kind: u8| {
            let by = By::Id(KeyId::from_random([number ^ (kind << 4); 16]));
            KeyRef { account: account(), region: region(), by }
        };
        let stage = Self::new(house, None);
        let (key, other) = (name(1), name(2));
        let under = |key: &KeyRef, ciphertext: &[u8]| {
            let mut ciphertext = ciphertext.to_vec();
            if let By::Id(id) = key.by {
                ciphertext[1..17].copy_from_slice(&id.0);
            }
            ciphertext
        };
        Self {
            ciphertext: under(&key, &stage.ciphertext),
            other_ciphertext: under(&other, &stage.other_ciphertext),
            alias: alias_ref(&format!("nothing-{number}")),
            other_alias: alias_ref(&format!("nothing-either-{number}")),
            user: PrincipalName::user(account(), &format!("nobody-{number}")).unwrap(),
            access_key: "AKIAAAAAAAAAAAAAAAAA".to_owned(),
            source: format!("no-source-{number}"),
            certificate: "0".repeat(64),
            rule: "0".repeat(32),
            key,
            other,
            pair: name(3),
            mac: name(4),
            dying: name(5),
            agreeing: name(6),
            kem: name(7),
            objects: stage.objects.without_any(number, COUNT.fetch_add(1, Relaxed)),
            roles: stage.roles.without_any(number),
            ..stage
        }
    }

    /// All of its keys, the objects among them.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyRef> {
        let keys = [&self.key, &self.other, &self.pair, &self.mac, &self.dying];
        keys.into_iter().chain([&self.agreeing, &self.kem]).chain(self.objects.all())
    }

    /// Replaces the policy of all of its keys.
    pub(crate) fn put_policy(&self, house: &House, by: &Caller, policy: &str) {
        for key in self.keys() {
            let policy = policy.to_owned();
            let put = op::PutKeyPolicy { key: key.clone(), policy, bypass_lockout_check: true };
            house.call(by, put).unwrap();
        }
    }
}

pub(crate) fn sign(pair: &KeyRef) -> op::Sign {
    op::Sign {
        key: pair.clone(),
        algorithm: SigningAlgorithm::EcdsaSha256,
        message_type: MessageType::Raw,
        message: MESSAGE.to_vec(),
    }
}

pub(crate) fn generate_mac(mac: &KeyRef) -> op::GenerateMac {
    op::GenerateMac { key: mac.clone(), hash: Hash::Sha256, message: MESSAGE.to_vec() }
}
