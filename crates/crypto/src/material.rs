//! Key material: made, checked, and parsed for use.

use model::{
    Error, MaterialId, Result, Sealed, Usable,
    algorithm::{Hash, KeySpec, KeyUsage, RawSpec, SigningAlgorithm, Spec},
    raw::Oaep,
};

use crate::{
    mac::{self, PreparedKey},
    raw::{Pkey, Scheme},
    secmem::Guarded,
};

/// New material, sealed: what a key's version is made of.
pub struct NewMaterial {
    /// Its identity.
    pub material: MaterialId,
    /// The material, bound to account, identity and spec.
    pub sealed: Sealed,
    /// The public key as a DER SubjectPublicKeyInfo (RFC 5280), where there is one.
    pub public: Option<Vec<u8>>,
}

/// Material in secret memory, parsed and ready to use. Wiped when dropped; threads may share it.
pub struct Loaded {
    material: MaterialId,
    spec: Spec,
    form: Form,
}

enum Form {
    /// AES and HMAC keys, as HMAC states: an AES-256 key is only ever used to derive
    /// message keys by HMAC-SHA-256.
    Symmetric(PreparedKey),
    /// A key pair, as AWS-LC parsed it.
    Asymmetric(Pkey),
    /// The public half of one.
    Public(Pkey),
    /// A raw key for HMAC, as HMAC states.
    RawMac(PreparedKey),
    /// Another raw key.
    Raw(Guarded),
}

impl Loaded {
    pub(crate) fn new(material: MaterialId, spec: Spec, plain: &Guarded) -> Result<Self> {
        let form = match spec {
            Spec::Key(spec) => ours(spec, plain)?,
            Spec::Raw(spec) => raw(spec, plain)?,
            Spec::Stored => return Err(Error::Internal("what is only stored is not used")),
        };
        Ok(Self { material, spec, form })
    }

    /// The public half of a pair, from its SubjectPublicKeyInfo.
    pub(crate) fn public(material: MaterialId, spec: Spec, spki: &[u8]) -> Result<Self> {
        let of_spec = |key: &Pkey| spec.key().is_some_and(|spec| key.is(spec));
        let key = Pkey::from_spki(spki).filter(of_spec);
        let key = key.ok_or(Error::Internal("a public key is of another spec"))?;
        Ok(Self { material, spec, form: Form::Public(key) })
    }

    /// Which material it is.
    pub fn material(&self) -> MaterialId {
        self.material
    }

    /// Algorithm and size.
    pub fn spec(&self) -> Spec {
        self.spec
    }

    /// The module is in working order, and this is the material that `key` cleared for use.
    pub(crate) fn cleared<D>(&self, key: &Usable<'_, D>) -> Result<()> {
        cleared(self.material, key)
    }

    /// The public key as a DER SubjectPublicKeyInfo (RFC 5280); `None` for symmetric specs.
    pub fn public_spki(&self) -> Result<Option<Vec<u8>>> {
        crate::state::ready()?;
        self.either_half().map(Pkey::spki).transpose()
    }

    pub(crate) fn symmetric(&self) -> Option<&PreparedKey> {
        match &self.form {
            Form::Symmetric(key) => Some(key),
            _ => None,
        }
    }

    /// The private half of a pair.
    pub(crate) fn asymmetric(&self) -> Option<&Pkey> {
        match &self.form {
            Form::Asymmetric(key) => Some(key),
            _ => None,
        }
    }

    /// A key that can do what a public key can: either half.
    pub(crate) fn either_half(&self) -> Option<&Pkey> {
        match &self.form {
            Form::Asymmetric(key) | Form::Public(key) => Some(key),
            _ => None,
        }
    }

    /// A key for message authentication codes and its hash, of our schemes or raw.
    pub(crate) fn mac_key(&self) -> Option<(&PreparedKey, Hash)> {
        match (&self.form, self.spec) {
            (Form::Symmetric(key), Spec::Key(spec)) => spec.mac_hash().map(|hash| (key, hash)),
            (Form::RawMac(key), Spec::Raw(spec)) => spec.mac_hash().map(|hash| (key, hash)),
            _ => None,
        }
    }

    /// A raw key for a cipher.
    pub(crate) fn raw(&self) -> Option<(RawSpec, &Guarded)> {
        match (&self.form, self.spec) {
            (Form::Raw(key), Spec::Raw(spec)) => Some((spec, key)),
            _ => None,
        }
    }
}

/// The module is in working order, and this is the material that `key` cleared for use.
pub(crate) fn cleared<D>(material: MaterialId, key: &Usable<'_, D>) -> Result<()> {
    crate::state::ready()?;
    if key.version().material == material {
        Ok(())
    } else {
        Err(Error::Internal("other material than was cleared for use"))
    }
}

/// Length of the modulus of an RSA spec in bytes.
pub(crate) fn modulus_len(spec: Spec) -> Option<usize> {
    spec.key().filter(|spec| spec.has_primes()).map(|spec| spec.bits() as usize / 8)
}

/// A key of our schemes, ready for use.
fn ours(spec: KeySpec, plain: &Guarded) -> Result<Form> {
    match symmetric(spec) {
        Some((hash, len)) if plain.len() == len => {
            PreparedKey::new(hash, plain.expose()).map(Form::Symmetric)
        }
        Some(_) => Err(Error::Internal("a symmetric key has another length")),
        None => {
            let key = Pkey::from_pkcs8(plain.expose())?;
            if !key.is(spec) {
                return Err(Error::Internal("a private key is of another spec"));
            }
            Ok(Form::Asymmetric(key))
        }
    }
}

/// A raw key, ready for use.
fn raw(spec: RawSpec, plain: &Guarded) -> Result<Form> {
    if !spec.fits(plain.len()) {
        return Err(Error::Internal("a raw key has another length"));
    }
    match spec.mac_hash() {
        Some(hash) => PreparedKey::new(hash, plain.expose()).map(Form::RawMac),
        None => Guarded::copy_of(plain.expose()).map(Form::Raw),
    }
}

/// The HMAC hash and key length in bytes of a symmetric spec.
fn symmetric(spec: KeySpec) -> Option<(Hash, usize)> {
    match spec {
        KeySpec::Aes256 => Some((Hash::Sha256, 32)),
        _ => spec.mac_hash().map(|hash| (hash, hash.digest_len())),
    }
}

/// New material: its identity, its encoding, and the public key.
pub(crate) fn generate(spec: KeySpec) -> Result<(MaterialId, Guarded, Option<Vec<u8>>)> {
    crate::state::ready()?;
    let id = MaterialId(crate::random::array()?);
    if let Some((_, len)) = symmetric(spec) {
        return Ok((id, Guarded::random(len)?, None));
    }
    let (pkcs8, public) = generate_pair(spec)?;
    Ok((id, pkcs8, Some(public)))
}

/// A new key pair that has passed its pairwise consistency test: PKCS#8 and
/// SubjectPublicKeyInfo. The test runs on the keys as parsed back from both encodings.
pub(crate) fn generate_pair(spec: KeySpec) -> Result<(Guarded, Vec<u8>)> {
    crate::state::ready()?;
    let key = Pkey::generate(spec)?;
    let (pkcs8, spki) = (key.pkcs8()?, key.spki()?);
    let private = Pkey::from_pkcs8(pkcs8.expose())?;
    let consistent = match Pkey::from_spki(&spki) {
        Some(public) => private.is(spec) && is_consistent(spec, &private, &public)?,
        None => false,
    };
    if !consistent {
        crate::state::enter_error_state("a new key pair failed its consistency test");
        return Err(Error::Unavailable(model::error::Unavailable::Crypto));
    }
    Ok((pkcs8, spki))
}

/// FIPS 140-3 IG 10.3.A: the halves of a pair fit.
pub(crate) fn is_consistent(spec: KeySpec, private: &Pkey, public: &Pkey) -> Result<bool> {
    let probe = [0x5a; 32];
    let mut tested = false;
    if let Some(&algorithm) = spec.signing_algorithms().first() {
        let (scheme, input) = probe_input(algorithm, &probe);
        let signature = private.sign(scheme, &input)?;
        if !public.verify(scheme, &input, &signature)? {
            return Ok(false);
        }
        tested = true;
    }
    if !spec.encryption_algorithms().is_empty() {
        let oaep = Oaep::plain(Hash::Sha256);
        let ciphertext = public.oaep_encrypt(&oaep, &probe)?;
        let plaintext = private.oaep_decrypt(&oaep, &ciphertext)?;
        if plaintext.is_none_or(|plaintext| !mac::equal(plaintext.expose(), &probe)) {
            return Ok(false);
        }
        tested = true;
    }
    if spec.usages().contains(&KeyUsage::KeyAgreement) {
        let other = Pkey::generate(spec)?;
        let (ours, theirs) = (private.agree(&other)?, other.agree(public)?);
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if mac::equal(ours.expose(), theirs.expose()) => {}
            _ => return Ok(false),
        }
        tested = true;
    }
    if spec.usages().contains(&KeyUsage::EncapsulateDecapsulate) {
        let (ciphertext, shared) = public.encapsulate()?;
        let opened = private.decapsulate(&ciphertext)?;
        if opened.is_none_or(|opened| !mac::equal(opened.expose(), shared.expose())) {
            return Ok(false);
        }
        tested = true;
    }
    Ok(tested)
}

fn probe_input(algorithm: SigningAlgorithm, probe: &[u8]) -> (Scheme, Vec<u8>) {
    let input = match algorithm.digest() {
        Some(hash) => crate::digest::digest(hash, probe),
        None => probe.to_vec(),
    };
    (Scheme::of(algorithm), input)
}
