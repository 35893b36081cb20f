//! The root key and the account keys under it.

use model::{
    AccountId, Error, MaterialId, Result, Sealed, Secret,
    algorithm::{Hash, KeySpec, Spec},
};

use crate::{
    certificate_key::CertificateKey,
    kdf::label,
    log_key::LogKey,
    mac::PreparedKey,
    material,
    message::{Binding, open_bound, open_bound_secret, open_foreign, seal_bound},
    raw::Wiped,
    secmem::Guarded,
};

pub use crate::material::{Loaded, NewMaterial};

/// Length of the root key in bytes.
const ROOT_LEN: usize = 32;
/// Length of each of an account's two keys in bytes.
const ACCOUNT_KEY_LEN: usize = 32;

/// The key above all others, of one version. It exists in secret memory, and sealed in the
/// unseal sources.
pub struct RootKey {
    version: u32,
    key: Guarded,
    prepared: PreparedKey,
}

impl RootKey {
    /// A new root key, version 1.
    pub fn generate() -> Result<Self> {
        Self::new(1, Guarded::random(ROOT_LEN)?)
    }

    /// A new root key, to take this one's place.
    pub fn successor(&self) -> Result<Self> {
        let version = self.version.checked_add(1).ok_or(Error::Internal("too many root keys"))?;
        Self::new(version, Guarded::random(ROOT_LEN)?)
    }

    /// From its 32 bytes, as [`Self::export_for_unseal_source`] gave them.
    pub fn from_share_bytes(version: u32, bytes: &Secret) -> Result<Self> {
        Self::new(version, Guarded::copy_of(bytes.expose())?)
    }

    pub(crate) fn new(version: u32, key: Guarded) -> Result<Self> {
        if key.len() != ROOT_LEN {
            return Err(Error::Internal("a root key has another length"));
        }
        let prepared = PreparedKey::new(Hash::Sha256, key.expose())?;
        Ok(Self { version, key, prepared })
    }

    /// Its version, counting from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Its 32 bytes. Only for building an unseal source outside of this crate.
    pub fn export_for_unseal_source(&self) -> Result<Secret> {
        crate::state::ready()?;
        Ok(Secret::new(self.key.expose().to_vec()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.key.expose()
    }

    pub(crate) fn prepared(&self) -> &PreparedKey {
        &self.prepared
    }

    /// New keys for an account, and their sealed form.
    pub fn new_account(&self, account: AccountId) -> Result<(AccountKeys, Sealed)> {
        let pair = Guarded::random(2 * ACCOUNT_KEY_LEN)?;
        let sealed = self.seal_account(account, &pair)?;
        Ok((AccountKeys::new(&pair)?, sealed))
    }

    /// Opens what [`Self::new_account`] sealed for this account under this root key.
    pub fn open_account(&self, account: AccountId, sealed: &Sealed) -> Result<AccountKeys> {
        AccountKeys::new(&self.open_pair(account, sealed)?)
    }

    /// The same account keys, sealed under another root key.
    pub fn rewrap_account(
        &self,
        to: &RootKey,
        account: AccountId,
        sealed: &Sealed,
    ) -> Result<Sealed> {
        to.seal_account(account, &self.open_pair(account, sealed)?)
    }

    fn seal_account(&self, account: AccountId, pair: &Guarded) -> Result<Sealed> {
        seal_bound(&self.prepared, label::ACCOUNT_KEYS, self.binding(Some(account)), pair.expose())
    }

    fn open_pair(&self, account: AccountId, sealed: &Sealed) -> Result<Guarded> {
        let failure = "an account's keys fail authentication";
        let binding = self.binding(Some(account));
        open_bound_secret(&self.prepared, label::ACCOUNT_KEYS, binding, sealed, failure)
    }

    /// The account, if any, and this root key's version.
    fn binding(&self, account: Option<AccountId>) -> Binding {
        let mut binding = Binding::with_capacity(16);
        if let Some(account) = account {
            binding.writer().fixed(account.as_str().as_bytes());
        }
        binding.writer().u32(self.version);
        binding
    }

    /// The audit log's signing key, sealed.
    pub fn seal_log_key(&self, key: &LogKey) -> Result<Sealed> {
        seal_bound(&self.prepared, label::LOG_KEY, self.binding(None), key.seed())
    }

    /// Opens what [`Self::seal_log_key`] sealed.
    pub fn open_log_key(&self, sealed: &Sealed) -> Result<LogKey> {
        let failure = "the log key fails authentication";
        let binding = self.binding(None);
        let seed = open_bound_secret(&self.prepared, label::LOG_KEY, binding, sealed, failure)?;
        LogKey::from_seed(&seed)
    }

    /// A certificate's private key, sealed.
    pub fn seal_certificate_key(&self, key: &CertificateKey) -> Result<Sealed> {
        let pkcs8 = key.pkcs8()?;
        seal_bound(&self.prepared, label::CERTIFICATE_KEY, self.binding(None), pkcs8.expose())
    }

    /// Opens what [`Self::seal_certificate_key`] sealed.
    pub fn open_certificate_key(&self, sealed: &Sealed) -> Result<CertificateKey> {
        let (label, failure) = (label::CERTIFICATE_KEY, "a certificate's key fails authentication");
        let binding = self.binding(None);
        let pkcs8 = open_bound_secret(&self.prepared, label, binding, sealed, failure)?;
        CertificateKey::from_pkcs8(&pkcs8)
    }
}

/// An account's two keys: one seals material and secrets, one authenticates records.
/// Without them nothing of the account can be read: to destroy them is to shred the account.
pub struct AccountKeys {
    sealing: PreparedKey,
    records: PreparedKey,
}

impl AccountKeys {
    fn new(pair: &Guarded) -> Result<Self> {
        let (sealing, records) = pair
            .expose()
            .split_at_checked(ACCOUNT_KEY_LEN)
            .filter(|(_, records)| records.len() == ACCOUNT_KEY_LEN)
            .ok_or(Error::Internal("an account's keys have another length"))?;
        Ok(Self {
            sealing: PreparedKey::new(Hash::Sha256, sealing)?,
            records: PreparedKey::new(Hash::Sha256, records)?,
        })
    }

    /// Seals a record, bound to where it stands and to its revision.
    pub fn seal_record(&self, place: &[u8], revision: u64, plain: &[u8]) -> Result<Sealed> {
        seal_bound(&self.records, label::RECORD, record_binding(place, revision), plain)
    }

    /// Opens a record; fails as [`Error::Internal`] when it is not the one that was sealed for
    /// this place and revision.
    pub fn open_record(&self, place: &[u8], revision: u64, sealed: &Sealed) -> Result<Vec<u8>> {
        let binding = record_binding(place, revision);
        let failure = "a record fails authentication";
        open_bound(&self.records, label::RECORD, binding, sealed, failure)
    }

    /// Seals a secret that is no key of a caller's, e.g. an access key's, for a purpose that
    /// says whose it is.
    pub fn seal_secret(&self, purpose: &[u8], secret: &Guarded) -> Result<Sealed> {
        seal_bound(&self.sealing, label::SECRET, secret_binding(purpose), secret.expose())
    }

    /// Opens what [`Self::seal_secret`] sealed for the same purpose.
    pub fn open_secret(&self, purpose: &[u8], sealed: &Sealed) -> Result<Guarded> {
        let failure = "a secret fails authentication";
        open_bound_secret(&self.sealing, label::SECRET, secret_binding(purpose), sealed, failure)
    }

    /// Seals what a session of a role is, bound to its access key's id: the token that its holder
    /// brings back with each request.
    pub fn seal_session(&self, access_key_id: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let binding = secret_binding(access_key_id.as_bytes());
        let sealed = seal_bound(&self.sealing, label::SESSION, binding, plain)?;
        Ok(sealed.as_bytes().to_vec())
    }

    /// Opens what [`Self::seal_session`] sealed for the same id; `None` for anything else.
    pub fn open_session(&self, access_key_id: &str, token: &[u8]) -> Result<Option<Vec<u8>>> {
        open_foreign(&self.sealing, label::SESSION, secret_binding(access_key_id.as_bytes()), token)
    }

    /// The secret of the session that a sealed token is of: 240 bits that are kept nowhere, as 40
    /// of base64's characters. Another token has another.
    pub fn session_secret(&self, access_key_id: &str, token: &[u8]) -> Result<Guarded> {
        crate::state::ready()?;
        let digest = crate::digest::sha256(token);
        let input = [label::SESSION_SECRET, &[0], access_key_id.as_bytes(), &[0], &digest].concat();
        let mut code = Wiped::<32>::zeroed();
        self.sealing.codes(&[&input], &mut code.0);
        Guarded::filled(40, |text| {
            for (three, four) in code.0[..30].chunks(3).zip(text.chunks_mut(4)) {
                let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
                for (place, letter) in four.iter_mut().enumerate() {
                    *letter = base64_letter((bits >> (18 - 6 * place)) as u8 & 63);
                }
            }
            Ok(())
        })
    }

    /// New key material. A key pair has signed and verified, encrypted and decrypted, or agreed
    /// with itself before it is returned. Slow for RSA: never on an I/O thread.
    pub fn generate(&self, account: AccountId, spec: KeySpec) -> Result<NewMaterial> {
        let (id, plain, public) = material::generate(spec)?;
        self.seal_material(account, id, spec.into(), &plain, public)
    }

    /// New random bytes as the material of a raw key or of what is only stored; `len` of them.
    pub fn generate_raw(&self, account: AccountId, spec: Spec, len: usize) -> Result<NewMaterial> {
        crate::state::ready()?;
        let id = MaterialId(crate::random::array()?);
        self.seal_material(account, id, spec, &Guarded::random(len)?, None)
    }

    /// Seals material that was made elsewhere: 32 bytes for AES-256, as many as the digest has for
    /// HMAC, PKCS#8 for key pairs, a raw key of a fitting length, or anything that is only stored.
    /// What is to be used is parsed first, and refused when it is no key of its spec.
    pub fn import(
        &self,
        account: AccountId,
        spec: impl Into<Spec>,
        plain: &Guarded,
    ) -> Result<NewMaterial> {
        crate::state::ready()?;
        let spec = spec.into();
        let id = MaterialId(crate::random::array()?);
        let public = match spec {
            Spec::Stored => None,
            Spec::Key(_) | Spec::Raw(_) => Loaded::new(id, spec, plain)?.public_spki()?,
        };
        self.seal_material(account, id, spec, plain, public)
    }

    /// The same for the public half of a pair as an object of its own.
    pub fn import_public(
        &self,
        account: AccountId,
        spec: Spec,
        spki: &[u8],
    ) -> Result<NewMaterial> {
        crate::state::ready()?;
        let id = MaterialId(crate::random::array()?);
        let public = Loaded::public(id, spec, spki)?.public_spki()?;
        self.seal_material(account, id, spec, &Guarded::copy_of(spki)?, public)
    }

    fn seal_material(
        &self,
        account: AccountId,
        material: MaterialId,
        spec: Spec,
        plain: &Guarded,
        public: Option<Vec<u8>>,
    ) -> Result<NewMaterial> {
        let binding = material_binding(account, material, spec);
        let sealed = seal_bound(&self.sealing, label::MATERIAL, binding, plain.expose())?;
        Ok(NewMaterial { material, sealed, public })
    }

    /// Opens and parses material: done once, however often the key is then used.
    pub fn load(
        &self,
        account: AccountId,
        spec: impl Into<Spec>,
        material: MaterialId,
        sealed: &Sealed,
    ) -> Result<Loaded> {
        let spec = spec.into();
        Loaded::new(material, spec, &self.open_material(account, spec, material, sealed)?)
    }

    /// The same for the public half of a pair as an object of its own.
    pub fn load_public(
        &self,
        account: AccountId,
        spec: Spec,
        material: MaterialId,
        sealed: &Sealed,
    ) -> Result<Loaded> {
        let spki = self.open_material(account, spec, material, sealed)?;
        Loaded::public(material, spec, spki.expose())
    }

    /// Opens material without parsing it: for an authorised export, and for what derives from it.
    pub fn open_material(
        &self,
        account: AccountId,
        spec: Spec,
        material: MaterialId,
        sealed: &Sealed,
    ) -> Result<Guarded> {
        crate::state::ready()?;
        let binding = material_binding(account, material, spec);
        let failure = "key material fails authentication";
        open_bound_secret(&self.sealing, label::MATERIAL, binding, sealed, failure)
    }

    /// What a value is found by in an index without being told there: HMAC-SHA-256 under the
    /// account's key for records.
    pub fn index(&self, value: &[u8]) -> Result<[u8; 32]> {
        crate::state::ready()?;
        let mut code = [0; 32];
        self.records.codes(&[&[label::INDEX, value].concat()], &mut code);
        Ok(code)
    }
}

/// A record's place and revision.
pub(crate) fn record_binding(place: &[u8], revision: u64) -> Binding {
    let mut binding = Binding::with_capacity(place.len() + 12);
    binding.writer().bytes(place);
    binding.writer().u64(revision);
    binding
}

/// Worked out, not looked up: the time it takes must not tell the value.
fn base64_letter(value: u8) -> u8 {
    let from = |start: u8| 0_u8.wrapping_sub(u8::from(value >= start));
    // Each range adds how far it is from where the one before would go on.
    (b'A' + value)
        .wrapping_add(from(26) & (b'a' - b'A' - 26))
        .wrapping_sub(from(52) & (b'a' + 26 - b'0'))
        .wrapping_sub(from(62) & (b'0' + 10 - b'+'))
        .wrapping_add(from(63) & (b'/' - b'+' - 1))
}

fn secret_binding(purpose: &[u8]) -> Binding {
    let mut binding = Binding::with_capacity(purpose.len() + 4);
    binding.writer().bytes(purpose);
    binding
}

fn material_binding(account: AccountId, material: MaterialId, spec: Spec) -> Binding {
    let mut binding = Binding::with_capacity(29);
    binding.writer().fixed(account.as_str().as_bytes());
    binding.writer().fixed(&material.0);
    binding.writer().u8(spec.code());
    binding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_base64s() {
        let letters: Vec<u8> = (0..64).map(base64_letter).collect();
        let expected = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        assert_eq!(letters, expected);
    }

    #[test]
    fn a_session_is_opened_with_its_own_id_by_its_own_account_alone() {
        crate::test_start();
        let root = RootKey::generate().unwrap();
        let account = |text: &str| root.new_account(text.parse().unwrap()).unwrap().0;
        let (ours, theirs) = (account("111122223333"), account("444455556666"));
        let token = ours.seal_session("ASIA1", b"who").unwrap();
        assert_eq!(ours.open_session("ASIA1", &token).unwrap().as_deref(), Some(&b"who"[..]));
        assert_eq!(ours.open_session("ASIA2", &token).unwrap(), None);
        assert_eq!(theirs.open_session("ASIA1", &token).unwrap(), None);
        for at in 0..token.len() {
            let mut forged = token.clone();
            forged[at] ^= 1;
            assert_eq!(ours.open_session("ASIA1", &forged).unwrap(), None);
            assert_eq!(ours.open_session("ASIA1", &token[..at]).unwrap(), None);
        }
        let secret = |keys: &AccountKeys, id, token: &[u8]| {
            keys.session_secret(id, token).unwrap().expose().to_vec()
        };
        let own = secret(&ours, "ASIA1", &token);
        assert_eq!((own.len(), &own), (40, &secret(&ours, "ASIA1", &token)));
        assert_ne!(own, secret(&ours, "ASIA2", &token));
        assert_ne!(own, secret(&theirs, "ASIA1", &token));
        assert_ne!(own, secret(&ours, "ASIA1", &token[1..]));
    }
}
