//! Cryptographic parameters of the protocol in the words of the model.
//!
//! Those of a request win over those that the object has as an attribute, field by field. What
//! neither says is as the object's algorithm has it, where there is one usual way, and refused
//! where there is none. Two defaults of the specification are not followed, since deployed clients
//! and the profiles' cases are not: the mask of OAEP and PSS has the hash of the rest, not SHA-1,
//! and PSS's salt is as long as the hash, not 20 bytes.

use engine::op::{EncryptionScheme, How};
use kmip::{
    attribute::{Attribute, CryptographicParameters},
    names::enumeration::{
        BlockCipherMode, CryptographicAlgorithm, DigitalSignatureAlgorithm as Signing,
        HashingAlgorithm, PaddingMethod,
    },
};
use model::{
    Error, Result,
    algorithm::{Algorithm, Hash, KeySpec, RawSpec, Spec},
    error::Invalid,
    object::Attributes,
    raw::{BlockPadding, Cipher, CipherMode, Oaep, SignatureScheme},
};

use crate::attributes;

/// A hash that is known here.
pub(crate) fn hash(hash: HashingAlgorithm) -> Option<Hash> {
    Some(match hash {
        HashingAlgorithm::SHA_1 => Hash::Sha1,
        HashingAlgorithm::SHA_224 => Hash::Sha224,
        HashingAlgorithm::SHA_256 => Hash::Sha256,
        HashingAlgorithm::SHA_384 => Hash::Sha384,
        HashingAlgorithm::SHA_512 => Hash::Sha512,
        HashingAlgorithm::SHA3_224 => Hash::Sha3_224,
        HashingAlgorithm::SHA3_256 => Hash::Sha3_256,
        HashingAlgorithm::SHA3_384 => Hash::Sha3_384,
        HashingAlgorithm::SHA3_512 => Hash::Sha3_512,
        _ => return None,
    })
}

/// RSAES-OAEP as the parameters say; the mask's hash is the label's unless it is said.
pub(crate) fn oaep(parameters: &CryptographicParameters) -> Option<Oaep> {
    let of = hash(parameters.hashing_algorithm?)?;
    let mask_hash = match parameters.mask_generator_hashing_algorithm {
        Some(mask) => hash(mask)?,
        None => of,
    };
    let label = parameters.p_source.clone().map(|label| label.0).unwrap_or_default();
    Some(Oaep { hash: of, mask_hash, label })
}

/// Length of a tag in bytes, if it is not said.
const TAG_LEN: usize = 16;

/// How an object encrypts and decrypts.
pub(crate) fn encryption(said: Option<CryptographicParameters>) -> How<EncryptionScheme> {
    Box::new(move |attributes, spec| encryption_scheme(&merged(said.as_ref(), attributes), spec))
}

/// How an object signs and verifies.
pub(crate) fn signature(said: Option<CryptographicParameters>) -> How<SignatureScheme> {
    Box::new(move |attributes, spec| signature_scheme(&merged(said.as_ref(), attributes), spec))
}

/// With which hash an object makes message authentication codes.
pub(crate) fn mac(said: Option<CryptographicParameters>) -> How<Hash> {
    Box::new(move |attributes, spec| mac_hash(&merged(said.as_ref(), attributes), spec))
}

/// The parameters of a request, and where they say nothing those of the object.
pub(crate) fn merged(
    said: Option<&CryptographicParameters>,
    object: &Attributes,
) -> CryptographicParameters {
    let said = said.cloned().unwrap_or_default();
    let own = object.labelled("Cryptographic Parameters").find_map(|label| {
        match attributes::of_label(label) {
            Some(Attribute::CryptographicParameters(own)) => Some(own),
            _ => None,
        }
    });
    let own = own.unwrap_or_default();
    macro_rules! fields {
        ($($field:ident),+ $(,)?) => {
            CryptographicParameters { $($field: said.$field.or(own.$field)),+ }
        };
    }
    fields! {
        block_cipher_mode, padding_method, hashing_algorithm, key_role_type,
        digital_signature_algorithm, cryptographic_algorithm, random_iv, iv_length, tag_length,
        fixed_field_length, invocation_field_length, counter_length, initial_counter_value,
        salt_length, mask_generator, mask_generator_hashing_algorithm, p_source, trailer_field,
    }
}

/// The parameters do not make sense.
pub(crate) fn refused<T>(sentence: &'static str) -> Result<T> {
    Err(Error::Invalid(Invalid::Parameters(sentence)))
}

fn encryption_scheme(said: &CryptographicParameters, spec: Spec) -> Result<EncryptionScheme> {
    match spec {
        Spec::Key(KeySpec::Aes256) => match said.block_cipher_mode {
            None => Ok(EncryptionScheme::Envelope),
            Some(_) => refused(
                "This key encrypts in one way only, whose ciphertext says all it needs: leave the \
                 block cipher mode out.",
            ),
        },
        Spec::Raw(spec) => cipher(said, spec),
        spec => match said.padding_method {
            None | Some(PaddingMethod::OAEP) => {
                let hash = said.hashing_algorithm.or(Some(HashingAlgorithm::SHA_256));
                let said = CryptographicParameters { hashing_algorithm: hash, ..said.clone() };
                match oaep(&said) {
                    Some(oaep) => Ok(EncryptionScheme::Oaep(oaep)),
                    None => refused("OAEP has no such hash here."),
                }
            }
            Some(_) if spec == Spec::Stored => {
                Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Oaep(Hash::Sha256) })
            }
            Some(_) => refused("RSA keys encrypt with OAEP padding only."),
        },
    }
}

/// The cipher of a raw key.
pub(crate) fn cipher_of(said: &CryptographicParameters, spec: Spec) -> Result<Cipher> {
    match spec {
        Spec::Raw(spec) => match cipher(said, spec)? {
            EncryptionScheme::Cipher { cipher, .. } => Ok(cipher),
            EncryptionScheme::Envelope | EncryptionScheme::Oaep(_) => refused(NO_CIPHER),
        },
        Spec::Key(_) | Spec::Stored => refused(NO_CIPHER),
    }
}

const NO_CIPHER: &str = "The key is not one for a cipher.";

fn cipher(said: &CryptographicParameters, spec: RawSpec) -> Result<EncryptionScheme> {
    let mode = cipher_mode(said.block_cipher_mode, spec)?;
    let padding = match said.padding_method {
        None | Some(PaddingMethod::NONE) => BlockPadding::None,
        Some(PaddingMethod::PKCS5) => BlockPadding::Pkcs7,
        Some(PaddingMethod::ANSI_X9_23) => BlockPadding::X923,
        Some(_) => return refused("Blocks are padded as PKCS5 or ANSI X9.23 say, or not."),
    };
    if said.initial_counter_value.is_some_and(|first| first != 0) {
        return refused("The counter starts where the vector says.");
    }
    let whole_counter = said.counter_length.is_none_or(|bits| bits == 128);
    if mode == CipherMode::Ctr && !whole_counter {
        return refused("The counter of CTR is all of its block.");
    }
    let tag_len = said.tag_length.map_or(Ok(TAG_LEN), usize::try_from);
    let tag_len = tag_len.map_err(|_| Error::Invalid(Invalid::TagLength))?;
    let iv_len = match said.iv_length {
        None => None,
        Some(bits) => match usize::try_from(bits) {
            Ok(bits) if bits.is_multiple_of(8) => Some(bits / 8),
            _ => return refused("A vector is whole bytes; its length is said in bits."),
        },
    };
    let draws_iv = said.random_iv == Some(true);
    Ok(EncryptionScheme::Cipher { cipher: Cipher { mode, padding, tag_len }, draws_iv, iv_len })
}

fn cipher_mode(said: Option<BlockCipherMode>, spec: RawSpec) -> Result<CipherMode> {
    let mode = match (spec, said) {
        (RawSpec::ChaCha20, None) => CipherMode::Stream,
        (RawSpec::ChaCha20Poly1305, None | Some(BlockCipherMode::AEAD)) => CipherMode::Poly1305,
        (_, None) => {
            return refused("Say the block cipher mode, or set it as the key's attribute.");
        }
        (_, Some(BlockCipherMode::ECB)) => CipherMode::Ecb,
        (_, Some(BlockCipherMode::CBC)) => CipherMode::Cbc,
        (_, Some(BlockCipherMode::CTR)) => CipherMode::Ctr,
        (_, Some(BlockCipherMode::CFB)) => CipherMode::Cfb,
        (_, Some(BlockCipherMode::OFB)) => CipherMode::Ofb,
        (_, Some(BlockCipherMode::GCM)) => CipherMode::Gcm,
        _ => return refused("This block cipher mode is not supported here for this key."),
    };
    Ok(mode)
}

fn signature_scheme(said: &CryptographicParameters, spec: Spec) -> Result<SignatureScheme> {
    use KeySpec::{Ed25519, MlDsa44, MlDsa65, MlDsa87, P256, P384, P521, Secp256k1};
    let Spec::Key(key) = spec else {
        return Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Signature(Hash::Sha256) });
    };
    let by_curve = match key {
        P384 => Hash::Sha384,
        P521 => Hash::Sha512,
        _ => Hash::Sha256,
    };
    let hash_said = match said.hashing_algorithm {
        None => by_curve,
        Some(said) => match hash(said) {
            Some(hash) => hash,
            None => return refused("This hash is not supported here."),
        },
    };
    match key {
        Ed25519 => Ok(SignatureScheme::Ed25519),
        MlDsa44 | MlDsa65 | MlDsa87 => Ok(SignatureScheme::MlDsa),
        P256 | P384 | P521 | Secp256k1 => match said.digital_signature_algorithm.map(signing) {
            None => Ok(SignatureScheme::Ecdsa(hash_said)),
            Some(Some(Signed::Ecdsa(hash))) => Ok(SignatureScheme::Ecdsa(hash)),
            Some(_) => refused("A key on a curve does not sign so."),
        },
        key if key.has_primes() => rsa_scheme(said, hash_said),
        _ => Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Signature(hash_said) }),
    }
}

fn rsa_scheme(said: &CryptographicParameters, hash_said: Hash) -> Result<SignatureScheme> {
    let is_pss = match (said.digital_signature_algorithm.map(signing), said.padding_method) {
        (Some(Some(Signed::Pkcs1(hash))), None | Some(PaddingMethod::PKCS1_V1_5)) => {
            return Ok(SignatureScheme::Pkcs1(hash));
        }
        (Some(Some(Signed::Pkcs1(_))), Some(PaddingMethod::PSS)) => {
            return refused(
                "The signature algorithm and the padding method contradict each other.",
            );
        }
        (Some(Some(Signed::Pss)), _) | (None, Some(PaddingMethod::PSS)) => true,
        (None, Some(PaddingMethod::PKCS1_V1_5)) => false,
        (None, None) => return refused("Say the padding method, PSS or PKCS1 v1.5."),
        _ => return refused("An RSA key does not sign so here."),
    };
    if !is_pss {
        return Ok(SignatureScheme::Pkcs1(hash_said));
    }
    let mask_hash = match said.mask_generator_hashing_algorithm {
        None => hash_said,
        Some(said) => match hash(said) {
            Some(hash) => hash,
            None => return refused("The mask generator has no such hash here."),
        },
    };
    if said.trailer_field.is_some_and(|trailer| trailer != 1) {
        return refused("The trailer of PSS is 1.");
    }
    let salt_len = match said.salt_length.map(usize::try_from) {
        None => None,
        Some(Ok(len)) => Some(len),
        Some(Err(_)) => return refused("No salt is that long."),
    };
    Ok(SignatureScheme::Pss { hash: hash_said, mask_hash, salt_len })
}

/// What a signature algorithm says.
enum Signed {
    Pkcs1(Hash),
    Pss,
    Ecdsa(Hash),
}

fn signing(algorithm: Signing) -> Option<Signed> {
    Some(match algorithm {
        Signing::SHA_1_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha1),
        Signing::SHA_224_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha224),
        Signing::SHA_256_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha256),
        Signing::SHA_384_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha384),
        Signing::SHA_512_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha512),
        Signing::SHA3_256_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha3_256),
        Signing::SHA3_384_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha3_384),
        Signing::SHA3_512_WITH_RSA_ENCRYPTION => Signed::Pkcs1(Hash::Sha3_512),
        Signing::RSASSA_PSS => Signed::Pss,
        Signing::ECDSA_WITH_SHA_1 => Signed::Ecdsa(Hash::Sha1),
        Signing::ECDSA_WITH_SHA224 => Signed::Ecdsa(Hash::Sha224),
        Signing::ECDSA_WITH_SHA256 => Signed::Ecdsa(Hash::Sha256),
        Signing::ECDSA_WITH_SHA384 => Signed::Ecdsa(Hash::Sha384),
        Signing::ECDSA_WITH_SHA512 => Signed::Ecdsa(Hash::Sha512),
        _ => return None,
    })
}

fn mac_hash(said: &CryptographicParameters, spec: Spec) -> Result<Hash> {
    use CryptographicAlgorithm as A;
    Ok(match (said.cryptographic_algorithm, spec.mac_hash()) {
        (Some(A::HMAC_SHA1), _) => Hash::Sha1,
        (Some(A::HMAC_SHA224), _) => Hash::Sha224,
        (Some(A::HMAC_SHA256), _) => Hash::Sha256,
        (Some(A::HMAC_SHA384), _) => Hash::Sha384,
        (Some(A::HMAC_SHA512), _) => Hash::Sha512,
        (Some(A::HMAC_SHA3_224), _) => Hash::Sha3_224,
        (Some(A::HMAC_SHA3_256), _) => Hash::Sha3_256,
        (Some(A::HMAC_SHA3_384), _) => Hash::Sha3_384,
        (Some(A::HMAC_SHA3_512), _) => Hash::Sha3_512,
        (Some(_), _) => return refused("Codes are made by HMAC only."),
        (None, Some(own)) => own,
        (None, None) => return refused("Say with which HMAC the key makes codes."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> CryptographicParameters {
        CryptographicParameters::default()
    }

    fn with_own(own: CryptographicParameters) -> Attributes {
        let (name, value) = attributes::label_of(&Attribute::CryptographicParameters(own));
        let mut all = Attributes::default();
        all.add_label(&name, value);
        all
    }

    fn cipher_of(scheme: EncryptionScheme) -> Option<Cipher> {
        match scheme {
            EncryptionScheme::Cipher { cipher, .. } => Some(cipher),
            EncryptionScheme::Envelope | EncryptionScheme::Oaep(_) => None,
        }
    }

    const AES: Spec = Spec::Raw(RawSpec::Aes128);

    #[test]
    fn a_request_wins_over_the_object_which_supplies_the_rest() {
        let own = with_own(CryptographicParameters {
            block_cipher_mode: Some(BlockCipherMode::CBC),
            padding_method: Some(PaddingMethod::PKCS5),
            random_iv: Some(true),
            ..said()
        });
        let ecb =
            CryptographicParameters { block_cipher_mode: Some(BlockCipherMode::ECB), ..said() };
        let of = |said: Option<CryptographicParameters>| encryption(said)(&own, AES).ok();
        let mode = |mode| Cipher { mode, padding: BlockPadding::Pkcs7, tag_len: 16 };
        assert_eq!(of(None).and_then(cipher_of), Some(mode(CipherMode::Cbc)));
        assert_eq!(of(Some(ecb)).and_then(cipher_of), Some(mode(CipherMode::Ecb)));
        let drawn = |it| matches!(it, Some(EncryptionScheme::Cipher { draws_iv: true, .. }));
        assert!(drawn(of(None)));
    }

    #[test]
    fn each_key_has_its_usual_way_or_none() {
        let of = |spec| encryption_scheme(&said(), spec).ok();
        assert_eq!(of(KeySpec::Aes256.into()), Some(EncryptionScheme::Envelope));
        let oaep = EncryptionScheme::Oaep(Oaep::plain(Hash::Sha256));
        assert_eq!(of(KeySpec::Rsa2048.into()), Some(oaep));
        assert_eq!(of(AES), None);
        let mode = |spec| of(Spec::Raw(spec)).and_then(cipher_of).map(|cipher| cipher.mode);
        assert_eq!(mode(RawSpec::ChaCha20), Some(CipherMode::Stream));
        assert_eq!(mode(RawSpec::ChaCha20Poly1305), Some(CipherMode::Poly1305));
    }

    #[test]
    fn a_key_of_our_scheme_takes_no_mode() {
        let gcm =
            CryptographicParameters { block_cipher_mode: Some(BlockCipherMode::GCM), ..said() };
        assert!(encryption_scheme(&gcm, KeySpec::Aes256.into()).is_err());
    }

    #[test]
    fn a_mask_has_the_hash_of_the_rest_and_a_salt_is_left_open() {
        let pss = CryptographicParameters {
            padding_method: Some(PaddingMethod::PSS),
            hashing_algorithm: Some(HashingAlgorithm::SHA_384),
            ..said()
        };
        let (hash, mask_hash) = (Hash::Sha384, Hash::Sha384);
        let open = SignatureScheme::Pss { hash, mask_hash, salt_len: None };
        assert_eq!(signature_scheme(&pss, KeySpec::Rsa2048.into()), Ok(open));
        let long = CryptographicParameters { salt_length: Some(222), ..pss };
        let long = signature_scheme(&long, KeySpec::Rsa2048.into());
        assert_eq!(long, Ok(SignatureScheme::Pss { hash, mask_hash, salt_len: Some(222) }));
    }

    #[test]
    fn one_signature_algorithm_says_padding_and_hash() {
        let one = |algorithm| CryptographicParameters {
            digital_signature_algorithm: Some(algorithm),
            ..said()
        };
        let (rsa, curve) = (KeySpec::Rsa2048.into(), KeySpec::P256.into());
        let pkcs1 = one(Signing::SHA_512_WITH_RSA_ENCRYPTION);
        assert_eq!(signature_scheme(&pkcs1, rsa), Ok(SignatureScheme::Pkcs1(Hash::Sha512)));
        let ecdsa = one(Signing::ECDSA_WITH_SHA384);
        assert_eq!(signature_scheme(&ecdsa, curve), Ok(SignatureScheme::Ecdsa(Hash::Sha384)));
        assert!(signature_scheme(&ecdsa, rsa).is_err());
        assert!(signature_scheme(&pkcs1, curve).is_err());
    }

    #[test]
    fn an_aes_key_makes_codes_as_its_parameters_say() {
        let hmac = CryptographicParameters {
            cryptographic_algorithm: Some(CryptographicAlgorithm::HMAC_SHA256),
            ..said()
        };
        assert_eq!(mac(None)(&with_own(hmac), AES), Ok(Hash::Sha256));
        assert!(mac_hash(&said(), AES).is_err());
        assert_eq!(mac_hash(&said(), Spec::Raw(RawSpec::Hmac384)), Ok(Hash::Sha384));
    }
}
