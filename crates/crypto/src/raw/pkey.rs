//! Asymmetric keys: AWS-LC's `EVP_PKEY`, parsed once and used as often as needed.

use std::{
    ffi::c_int,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use aws_lc_sys as sys;
use model::{
    Error, Result, Secret,
    algorithm::{Hash, KeySpec, SigningAlgorithm},
    raw::{Oaep, SignatureScheme},
};

use super::{Wiped, check, failed, in_secret_memory, message_digest, or_abort};
use crate::secmem::Guarded;

/// Longest encoding of a key that is kept here: the PKCS#8 of RSA-8192 takes about 4,800 bytes.
const PKCS8_LEN_MAX: usize = 8192;

/// In place of a salt's length: whatever length the signature has (`RSA_PSS_SALTLEN_AUTO`).
const RECOVERED: c_int = -2;

/// A private or public key. AWS-LC's operations only read it, so threads may share it.
pub(crate) struct Pkey(NonNull<sys::EVP_PKEY>);

// SAFETY: nothing is bound to the thread that made it.
unsafe impl Send for Pkey {}
// SAFETY: the operations take the key as const; its blinding factors are behind a lock.
unsafe impl Sync for Pkey {}

impl Drop for Pkey {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::EVP_PKEY_free(self.0.as_ptr()) }
    }
}

/// How a signature is made from its input.
#[derive(Clone, Copy)]
pub(crate) enum Scheme {
    /// RSASSA-PSS over a digest.
    RsaPss {
        /// Of the digest.
        hash: Hash,
        /// Of MGF1.
        mask_hash: Hash,
        /// Length of the salt in bytes; to verify, none for whatever the signature has.
        salt_len: Option<usize>,
    },
    /// RSASSA-PKCS1-v1_5 over a digest.
    RsaPkcs1(Hash),
    /// ECDSA over a digest, DER.
    Ecdsa(Hash),
    /// Ed25519 or ML-DSA over the message.
    Message,
    /// Ed25519ph over a SHA-512 digest.
    Ed25519Ph,
    /// ML-DSA over the 64-byte message representative.
    ExternalMu,
}

impl Scheme {
    /// Of `algorithm`, from a digest, or, where it takes none, a message.
    pub(crate) fn of(algorithm: SigningAlgorithm) -> Self {
        // MGF1 with the same hash, and a salt as long as it.
        let pss =
            |hash: Hash| Self::RsaPss { hash, mask_hash: hash, salt_len: Some(hash.digest_len()) };
        match algorithm {
            SigningAlgorithm::RsaPssSha256 => pss(Hash::Sha256),
            SigningAlgorithm::RsaPssSha384 => pss(Hash::Sha384),
            SigningAlgorithm::RsaPssSha512 => pss(Hash::Sha512),
            SigningAlgorithm::RsaPkcs1Sha256 => Self::RsaPkcs1(Hash::Sha256),
            SigningAlgorithm::RsaPkcs1Sha384 => Self::RsaPkcs1(Hash::Sha384),
            SigningAlgorithm::RsaPkcs1Sha512 => Self::RsaPkcs1(Hash::Sha512),
            SigningAlgorithm::EcdsaSha256 => Self::Ecdsa(Hash::Sha256),
            SigningAlgorithm::EcdsaSha384 => Self::Ecdsa(Hash::Sha384),
            SigningAlgorithm::EcdsaSha512 => Self::Ecdsa(Hash::Sha512),
            SigningAlgorithm::Ed25519 | SigningAlgorithm::MlDsa => Self::Message,
            SigningAlgorithm::Ed25519Ph => Self::Ed25519Ph,
        }
    }
}

impl From<SignatureScheme> for Scheme {
    fn from(scheme: SignatureScheme) -> Self {
        match scheme {
            SignatureScheme::Pss { hash, mask_hash, salt_len } => {
                Self::RsaPss { hash, mask_hash, salt_len }
            }
            SignatureScheme::Pkcs1(hash) => Self::RsaPkcs1(hash),
            SignatureScheme::Ecdsa(hash) => Self::Ecdsa(hash),
            SignatureScheme::Ed25519 | SignatureScheme::MlDsa => Self::Message,
        }
    }
}

/// A context of one operation.
struct Context(NonNull<sys::EVP_PKEY_CTX>);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { sys::EVP_PKEY_CTX_free(self.0.as_ptr()) }
    }
}

impl Context {
    fn of(key: &Pkey) -> Result<Self> {
        // SAFETY: the context takes a reference of its own to the key.
        let context = unsafe { sys::EVP_PKEY_CTX_new(key.0.as_ptr(), ptr::null_mut()) };
        NonNull::new(context).map(Self).ok_or_else(failed)
    }

    fn at(&self) -> *mut sys::EVP_PKEY_CTX {
        self.0.as_ptr()
    }

    /// Sets padding and hash after a sign or verify `init`.
    fn set(&self, scheme: Scheme) -> Result<()> {
        let padding = match scheme {
            Scheme::RsaPss { .. } => Some(sys::RSA_PKCS1_PSS_PADDING),
            Scheme::RsaPkcs1(_) => Some(sys::RSA_PKCS1_PADDING),
            _ => None,
        };
        // SAFETY: a live context; the digests are static.
        unsafe {
            if let Some(padding) = padding {
                check(sys::EVP_PKEY_CTX_set_rsa_padding(self.at(), padding))?;
            }
            if let Scheme::RsaPss { hash, .. } | Scheme::RsaPkcs1(hash) | Scheme::Ecdsa(hash) =
                scheme
            {
                let digest = message_digest(hash);
                check(sys::EVP_PKEY_CTX_set_signature_md(self.at(), digest))?;
            }
            if let Scheme::RsaPss { mask_hash, salt_len, .. } = scheme {
                let salt_len = match salt_len {
                    Some(len) => c_int::try_from(len).map_err(|_| failed())?,
                    None => RECOVERED,
                };
                check(sys::EVP_PKEY_CTX_set_rsa_pss_saltlen(self.at(), salt_len))?;
                check(sys::EVP_PKEY_CTX_set_rsa_mgf1_md(self.at(), message_digest(mask_hash)))?;
            }
        }
        Ok(())
    }

    fn set_oaep(&self, oaep: &Oaep) -> Result<()> {
        let (digest, mask) = (message_digest(oaep.hash), message_digest(oaep.mask_hash));
        // SAFETY: a live context; the digests are static.
        unsafe {
            let padding = sys::RSA_PKCS1_OAEP_PADDING;
            check(sys::EVP_PKEY_CTX_set_rsa_padding(self.at(), padding))?;
            check(sys::EVP_PKEY_CTX_set_rsa_oaep_md(self.at(), digest))?;
            check(sys::EVP_PKEY_CTX_set_rsa_mgf1_md(self.at(), mask))?;
        }
        if oaep.label.is_empty() {
            return Ok(());
        }
        let len = oaep.label.len();
        // SAFETY: a live context; a copy of the label that becomes the context's own, or is freed.
        unsafe {
            let label = sys::OPENSSL_memdup(oaep.label.as_ptr().cast(), len);
            let label = NonNull::new(label.cast::<u8>()).ok_or_else(failed)?;
            let taken = sys::EVP_PKEY_CTX_set0_rsa_oaep_label(self.at(), label.as_ptr(), len);
            if taken != 1 {
                sys::OPENSSL_free(label.as_ptr().cast());
            }
            check(taken)
        }
    }
}

/// What AWS-LC calls the algorithm of a spec, and the number that picks its size.
/// `None` for symmetric specs.
fn kind(spec: KeySpec) -> Option<(c_int, c_int)> {
    Some(match spec {
        KeySpec::Rsa2048 => (sys::EVP_PKEY_RSA, 2048),
        KeySpec::Rsa3072 => (sys::EVP_PKEY_RSA, 3072),
        KeySpec::Rsa4096 => (sys::EVP_PKEY_RSA, 4096),
        KeySpec::P256 => (sys::EVP_PKEY_EC, sys::NID_X9_62_prime256v1),
        KeySpec::P384 => (sys::EVP_PKEY_EC, sys::NID_secp384r1),
        KeySpec::P521 => (sys::EVP_PKEY_EC, sys::NID_secp521r1),
        KeySpec::Secp256k1 => (sys::EVP_PKEY_EC, sys::NID_secp256k1),
        KeySpec::Ed25519 => (sys::EVP_PKEY_ED25519, 0),
        KeySpec::X25519 => (sys::EVP_PKEY_X25519, 0),
        KeySpec::MlDsa44 => (sys::EVP_PKEY_PQDSA, sys::NID_MLDSA44),
        KeySpec::MlDsa65 => (sys::EVP_PKEY_PQDSA, sys::NID_MLDSA65),
        KeySpec::MlDsa87 => (sys::EVP_PKEY_PQDSA, sys::NID_MLDSA87),
        KeySpec::MlKem512 => (sys::EVP_PKEY_KEM, sys::NID_MLKEM512),
        KeySpec::MlKem768 => (sys::EVP_PKEY_KEM, sys::NID_MLKEM768),
        KeySpec::MlKem1024 => (sys::EVP_PKEY_KEM, sys::NID_MLKEM1024),
        KeySpec::Aes256
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512 => return None,
    })
}

impl Pkey {
    /// A new key pair, in secret memory. RSA with the exponent 65537.
    pub(crate) fn generate(spec: KeySpec) -> Result<Self> {
        let (algorithm, size) = kind(spec).ok_or(Error::Internal("not an asymmetric spec"))?;
        in_secret_memory(|| {
            let mut key = ptr::null_mut();
            // SAFETY: a live context; `key` receives a key of our own.
            unsafe {
                let context = sys::EVP_PKEY_CTX_new_id(algorithm, ptr::null_mut());
                let context = NonNull::new(context).map(Context).ok_or_else(failed)?;
                let at = context.at();
                check(sys::EVP_PKEY_keygen_init(at))?;
                match algorithm {
                    sys::EVP_PKEY_RSA => check(sys::EVP_PKEY_CTX_set_rsa_keygen_bits(at, size))?,
                    sys::EVP_PKEY_EC => {
                        check(sys::EVP_PKEY_CTX_set_ec_paramgen_curve_nid(at, size))?;
                    }
                    sys::EVP_PKEY_PQDSA => check(sys::EVP_PKEY_CTX_pqdsa_set_params(at, size))?,
                    sys::EVP_PKEY_KEM => check(sys::EVP_PKEY_CTX_kem_set_params(at, size))?,
                    _ => {}
                }
                check(sys::EVP_PKEY_keygen(at, &raw mut key))?;
            }
            NonNull::new(key).map(Self).ok_or_else(failed)
        })
    }

    /// Parses a whole PKCS#8 PrivateKeyInfo (RFC 5208) into secret memory.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self> {
        in_secret_memory(|| parse(der, sys::EVP_parse_private_key).ok_or_else(failed))
    }

    /// Parses a whole SubjectPublicKeyInfo (RFC 5280); points are checked to be on their curve.
    /// Only the encoding that [`Self::spki`] writes is accepted: in particular a named curve,
    /// not parameters that look like one.
    pub(crate) fn from_spki(der: &[u8]) -> Option<Self> {
        let key = parse(der, sys::EVP_parse_public_key)?;
        key.spki().is_ok_and(|again| again == der).then_some(key)
    }

    /// Whether this is a key of `spec`.
    pub(crate) fn is(&self, spec: KeySpec) -> bool {
        let Some((algorithm, size)) = kind(spec) else { return false };
        let at = self.0.as_ptr();
        // SAFETY: a live key; the EC accessors are called on EC keys only.
        unsafe {
            if sys::EVP_PKEY_id(at) != algorithm {
                return false;
            }
            match algorithm {
                sys::EVP_PKEY_RSA => sys::EVP_PKEY_bits(at) == size,
                sys::EVP_PKEY_EC => {
                    let ec = sys::EVP_PKEY_get0_EC_KEY(at);
                    sys::EC_GROUP_get_curve_name(sys::EC_KEY_get0_group(ec)) == size
                }
                sys::EVP_PKEY_PQDSA => sys::EVP_PKEY_pqdsa_get_type(at) == size,
                // A KEM's sets differ in the length of their public keys.
                sys::EVP_PKEY_KEM => {
                    let mut len = 0;
                    sys::EVP_PKEY_get_raw_public_key(at, ptr::null_mut(), &raw mut len) == 1
                        && len == kem_public_len(spec)
                }
                _ => true,
            }
        }
    }

    /// The private key as PKCS#8, written straight into secret memory. ML-DSA and ML-KEM keys
    /// as their seed (RFC 9881, RFC 9935).
    pub(crate) fn pkcs8(&self) -> Result<Guarded> {
        // SAFETY: a live builder and a live key.
        guarded(|cbb| unsafe { sys::EVP_marshal_private_key(cbb, self.0.as_ptr()) == 1 })
    }

    /// The public key as a SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> Result<Vec<u8>> {
        // SAFETY: a live builder and a live key.
        written(|cbb| unsafe { sys::EVP_marshal_public_key(cbb, self.0.as_ptr()) == 1 })
    }

    /// The 32 bytes of an Ed25519 public key.
    pub(crate) fn ed25519_public(&self) -> Result<[u8; 32]> {
        let mut public = [0; 32];
        let mut len = public.len();
        let at = self.0.as_ptr();
        // SAFETY: a live key; writes no more than `len` bytes.
        check(unsafe { sys::EVP_PKEY_get_raw_public_key(at, public.as_mut_ptr(), &raw mut len) })?;
        if len == 32 { Ok(public) } else { Err(failed()) }
    }

    /// Signs `input`: a digest, a message or a representative, as `scheme` says.
    pub(crate) fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>> {
        in_secret_memory(|| match scheme {
            Scheme::Message => self.sign_message(input),
            Scheme::Ed25519Ph => self.sign_ed25519ph(input),
            _ => {
                let context = Context::of(self)?;
                // SAFETY: a live context.
                check(unsafe { sys::EVP_PKEY_sign_init(context.at()) })?;
                context.set(scheme)?;
                let mut out = vec![0; self.size()];
                let mut len = out.len();
                // SAFETY: pointers and lengths are slices'; writes no more than `len` bytes.
                check(unsafe {
                    let (to, from) = (out.as_mut_ptr(), input.as_ptr());
                    sys::EVP_PKEY_sign(context.at(), to, &raw mut len, from, input.len())
                })?;
                out.truncate(len);
                Ok(out)
            }
        })
    }

    fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>> {
        let context = DigestContext::new();
        let mut out = vec![0; self.size()];
        let mut len = out.len();
        // SAFETY: pointers and lengths are slices'; writes no more than `len` bytes. The
        // algorithms that come here hash by themselves: no digest is named.
        unsafe {
            let (none, key) = (ptr::null_mut(), self.0.as_ptr());
            check(sys::EVP_DigestSignInit(context.at(), none, ptr::null(), ptr::null_mut(), key))?;
            let (to, from) = (out.as_mut_ptr(), message.as_ptr());
            check(sys::EVP_DigestSign(context.at(), to, &raw mut len, from, message.len()))?;
        }
        out.truncate(len);
        Ok(out)
    }

    fn sign_ed25519ph(&self, digest: &[u8]) -> Result<Vec<u8>> {
        let digest: &[u8; 64] = digest.try_into().map_err(|_| failed())?;
        let (mut seed, mut pair) = (Wiped::<32>::zeroed(), Wiped::<64>::zeroed());
        let mut out = vec![0; 64];
        let mut len = seed.0.len();
        // SAFETY: writes no more than `len` bytes.
        check(unsafe {
            let (at, to) = (self.0.as_ptr(), seed.0.as_mut_ptr());
            sys::EVP_PKEY_get_raw_private_key(at, to, &raw mut len)
        })?;
        ed25519_expand(&seed.0, &mut pair.0);
        // SAFETY: fixed lengths: signature 64, digest 64, seed and public key 64; no context.
        check(unsafe {
            let (to, from) = (out.as_mut_ptr(), digest.as_ptr());
            sys::ED25519ph_sign_digest(to, from, pair.0.as_ptr(), ptr::null(), 0)
        })?;
        Ok(out)
    }

    /// Whether `signature` is one of `input` by this key.
    pub(crate) fn verify(&self, scheme: Scheme, input: &[u8], signature: &[u8]) -> Result<bool> {
        let key = self.0.as_ptr();
        let (sig, sig_len) = (signature.as_ptr(), signature.len());
        let (from, len) = (input.as_ptr(), input.len());
        // SAFETY: live contexts; pointers and lengths are slices', and of fixed length where
        // the call takes none.
        let returned = unsafe {
            match scheme {
                Scheme::Message => {
                    let context = DigestContext::new();
                    let (at, none) = (context.at(), ptr::null_mut());
                    check(sys::EVP_DigestVerifyInit(at, none, ptr::null(), ptr::null_mut(), key))?;
                    sys::EVP_DigestVerify(at, sig, sig_len, from, len)
                }
                Scheme::Ed25519Ph => {
                    let public = self.ed25519_public()?;
                    if len != 64 || sig_len != 64 {
                        return Ok(false);
                    }
                    sys::ED25519ph_verify_digest(from, sig, public.as_ptr(), ptr::null(), 0)
                }
                _ => {
                    let context = Context::of(self)?;
                    check(sys::EVP_PKEY_verify_init(context.at()))?;
                    context.set(scheme)?;
                    sys::EVP_PKEY_verify(context.at(), sig, sig_len, from, len)
                }
            }
        };
        if returned != 1 {
            let _ = failed();
        }
        Ok(returned == 1)
    }

    /// RSAES-OAEP.
    pub(crate) fn oaep_encrypt(&self, oaep: &Oaep, plaintext: &[u8]) -> Result<Vec<u8>> {
        let context = Context::of(self)?;
        // SAFETY: a live context.
        check(unsafe { sys::EVP_PKEY_encrypt_init(context.at()) })?;
        context.set_oaep(oaep)?;
        let mut out = vec![0; self.size()];
        let mut len = out.len();
        // SAFETY: pointers and lengths are slices'; writes no more than `len` bytes.
        check(unsafe {
            let (to, from) = (out.as_mut_ptr(), plaintext.as_ptr());
            sys::EVP_PKEY_encrypt(context.at(), to, &raw mut len, from, plaintext.len())
        })?;
        out.truncate(len);
        Ok(out)
    }

    /// The reverse; `None` when the ciphertext is not authentic, whatever the reason.
    pub(crate) fn oaep_decrypt(&self, oaep: &Oaep, ciphertext: &[u8]) -> Result<Option<Secret>> {
        in_secret_memory(|| {
            let context = Context::of(self)?;
            // SAFETY: a live context.
            check(unsafe { sys::EVP_PKEY_decrypt_init(context.at()) })?;
            context.set_oaep(oaep)?;
            let mut out = Wiped::<512>::zeroed();
            let mut len = out.0.len();
            // SAFETY: pointers and lengths are slices'; writes no more than `len` bytes.
            let returned = unsafe {
                let (to, from) = (out.0.as_mut_ptr(), ciphertext.as_ptr());
                sys::EVP_PKEY_decrypt(context.at(), to, &raw mut len, from, ciphertext.len())
            };
            if returned != 1 {
                let _ = failed();
                return Ok(None);
            }
            Ok(out.0.get(..len).map(|plaintext| Secret::new(plaintext.to_vec())))
        })
    }

    /// Diffie-Hellman with `peer`'s public key: the x-coordinate (SP 800-56A, 5.7.1.2) or the
    /// X25519 output (RFC 7748). `None` when the peer's key is not for it, or the result is zero.
    pub(crate) fn agree(&self, peer: &Pkey) -> Result<Option<Secret>> {
        in_secret_memory(|| {
            let context = Context::of(self)?;
            let mut out = Wiped::<66>::zeroed();
            let mut len = out.0.len();
            // SAFETY: live contexts and keys; writes no more than `len` bytes.
            let returned = unsafe {
                check(sys::EVP_PKEY_derive_init(context.at()))?;
                if sys::EVP_PKEY_derive_set_peer(context.at(), peer.0.as_ptr()) != 1 {
                    0
                } else {
                    sys::EVP_PKEY_derive(context.at(), out.0.as_mut_ptr(), &raw mut len)
                }
            };
            if returned != 1 {
                let _ = failed();
                return Ok(None);
            }
            Ok(out.0.get(..len).map(|shared| Secret::new(shared.to_vec())))
        })
    }

    /// A fresh shared secret of 32 bytes, and its encapsulation to this ML-KEM key.
    pub(crate) fn encapsulate(&self) -> Result<(Vec<u8>, Secret)> {
        in_secret_memory(|| {
            let context = Context::of(self)?;
            // The longest ciphertext is ML-KEM-1024's.
            let (mut ciphertext, mut shared) = (vec![0; 1568], Wiped::<32>::zeroed());
            let (mut len, mut shared_len) = (ciphertext.len(), shared.0.len());
            // SAFETY: a live context; writes no more than the lengths say.
            check(unsafe {
                let (to, secret) = (ciphertext.as_mut_ptr(), shared.0.as_mut_ptr());
                let (len, secret_len) = (&raw mut len, &raw mut shared_len);
                sys::EVP_PKEY_encapsulate(context.at(), to, len, secret, secret_len)
            })?;
            ciphertext.truncate(len);
            Ok((ciphertext, Secret::new(shared.0.to_vec())))
        })
    }

    /// The shared secret of an encapsulation; for one that is not genuine, a secret that nobody
    /// else has (FIPS 203, implicit rejection). `None` when its length is not this key's.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Option<Secret>> {
        in_secret_memory(|| {
            let context = Context::of(self)?;
            let mut shared = Wiped::<32>::zeroed();
            let mut len = shared.0.len();
            // SAFETY: pointers and lengths are slices'; writes no more than `len` bytes.
            let returned = unsafe {
                let (to, from) = (shared.0.as_mut_ptr(), ciphertext.as_ptr());
                sys::EVP_PKEY_decapsulate(context.at(), to, &raw mut len, from, ciphertext.len())
            };
            if returned != 1 {
                let _ = failed();
                return Ok(None);
            }
            Ok(Some(Secret::new(shared.0.to_vec())))
        })
    }

    /// Longest output of signing or encrypting with it.
    fn size(&self) -> usize {
        // SAFETY: a live key.
        usize::try_from(unsafe { sys::EVP_PKEY_size(self.0.as_ptr()) }).unwrap_or(0)
    }
}

/// Writes seed and public key to `pair`, and returns the public key.
pub(crate) fn ed25519_expand(seed: &[u8; 32], pair: &mut [u8; 64]) -> [u8; 32] {
    let mut public = [0; 32];
    // SAFETY: fixed lengths: 32, 64 and 32.
    unsafe {
        sys::ED25519_keypair_from_seed(public.as_mut_ptr(), pair.as_mut_ptr(), seed.as_ptr());
    }
    public
}

/// Pure Ed25519 with what [`ed25519_expand`] wrote. It fails only on a `pair` of another length
/// or when the library's memory is damaged; then nothing leaves.
pub(crate) fn ed25519_sign(pair: &[u8], message: &[u8]) -> [u8; 64] {
    let mut signature = [0; 64];
    // SAFETY: the length of `pair` is checked first; the signature is 64 bytes.
    let signed = pair.len() == 64
        && unsafe {
            let (to, from) = (signature.as_mut_ptr(), message.as_ptr());
            sys::ED25519_sign(to, from, message.len(), pair.as_ptr()) == 1
        };
    or_abort(signed);
    signature
}

/// A digest context of our own.
struct DigestContext(std::cell::UnsafeCell<MaybeUninit<sys::EVP_MD_CTX>>);

impl DigestContext {
    fn new() -> Self {
        let mut context = MaybeUninit::uninit();
        // SAFETY: initialises it. It may be moved before first use: it points to nothing yet.
        unsafe { sys::EVP_MD_CTX_init(context.as_mut_ptr()) };
        Self(context.into())
    }

    fn at(&self) -> *mut sys::EVP_MD_CTX {
        self.0.get().cast()
    }
}

impl Drop for DigestContext {
    fn drop(&mut self) {
        // SAFETY: initialised since `new`.
        unsafe { sys::EVP_MD_CTX_cleanup(self.at()) };
    }
}

const fn kem_public_len(spec: KeySpec) -> usize {
    match spec {
        KeySpec::MlKem512 => 800,
        KeySpec::MlKem768 => 1184,
        _ => 1568,
    }
}

/// Parses all of `der`.
fn parse(
    der: &[u8],
    parse: unsafe extern "C" fn(*mut sys::CBS) -> *mut sys::EVP_PKEY,
) -> Option<Pkey> {
    let mut cbs = MaybeUninit::<sys::CBS>::uninit();
    // SAFETY: the string is initialised from a slice that outlives it; the key is our own.
    let (key, left) = unsafe {
        sys::CBS_init(cbs.as_mut_ptr(), der.as_ptr(), der.len());
        let key = NonNull::new(parse(cbs.as_mut_ptr())).map(Pkey);
        (key, sys::CBS_len(cbs.as_ptr()))
    };
    if key.is_none() {
        let _ = failed();
    }
    key.filter(|_| left == 0)
}

/// What `marshal` writes of a private key, straight into secret memory.
fn guarded(marshal: impl FnOnce(*mut sys::CBB) -> bool) -> Result<Guarded> {
    let mut len = 0;
    let mut guarded = Guarded::filled(PKCS8_LEN_MAX, |out| {
        len = in_secret_memory(|| build(out, marshal))?;
        Ok(())
    })?;
    guarded.truncate(len);
    Ok(guarded)
}

/// What `marshal` writes of a public key.
fn written(marshal: impl FnOnce(*mut sys::CBB) -> bool) -> Result<Vec<u8>> {
    let mut out = vec![0; PKCS8_LEN_MAX];
    let len = build(&mut out, marshal)?;
    out.truncate(len);
    Ok(out)
}

/// Has `marshal` write an encoding to `out`, and returns its length.
fn build(out: &mut [u8], marshal: impl FnOnce(*mut sys::CBB) -> bool) -> Result<usize> {
    let mut cbb = MaybeUninit::<sys::CBB>::zeroed();
    let (mut at, mut len) = (ptr::null_mut(), 0);
    // SAFETY: a builder over `out` that never grows it; it is cleaned up in each case.
    let written = unsafe {
        let cbb = cbb.as_mut_ptr();
        let written = sys::CBB_init_fixed(cbb, out.as_mut_ptr(), out.len()) == 1
            && marshal(cbb)
            && sys::CBB_finish(cbb, &raw mut at, &raw mut len) == 1;
        sys::CBB_cleanup(cbb);
        written
    };
    if written { Ok(len) } else { Err(failed()) }
}

mod form;
mod numbers;

#[cfg(test)]
mod tests;
