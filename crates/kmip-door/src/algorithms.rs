//! Algorithms, lengths and formats of the protocol in the words of the model.

use kmip::names::enumeration::{
    CryptographicAlgorithm as Algorithm, KeyFormatType as Format, RecommendedCurve as Curve,
};
use model::{
    algorithm::{KeySpec, RawSpec, Spec},
    object::Form,
};

/// What a symmetric key of an algorithm and of a length in bits is here: a raw key that can be
/// used, or bytes that are stored.
pub(crate) fn raw_spec(algorithm: Algorithm, bits: u32) -> Spec {
    let spec = match (algorithm, bits) {
        (Algorithm::AES, 128) => RawSpec::Aes128,
        (Algorithm::AES, 192) => RawSpec::Aes192,
        (Algorithm::AES, 256) => RawSpec::Aes256,
        // Counted with the bits of parity or without.
        (Algorithm::DES3, 112 | 128 | 168 | 192) => RawSpec::Tdes,
        (Algorithm::CHACHA20, 256) => RawSpec::ChaCha20,
        (Algorithm::CHACHA20POLY1305, 256) => RawSpec::ChaCha20Poly1305,
        (Algorithm::HMAC_SHA1, _) => RawSpec::HmacSha1,
        (Algorithm::HMAC_SHA224, _) => RawSpec::Hmac224,
        (Algorithm::HMAC_SHA256, _) => RawSpec::Hmac256,
        (Algorithm::HMAC_SHA384, _) => RawSpec::Hmac384,
        (Algorithm::HMAC_SHA512, _) => RawSpec::Hmac512,
        (Algorithm::HMAC_SHA3_224, _) => RawSpec::HmacSha3_224,
        (Algorithm::HMAC_SHA3_256, _) => RawSpec::HmacSha3_256,
        (Algorithm::HMAC_SHA3_384, _) => RawSpec::HmacSha3_384,
        (Algorithm::HMAC_SHA3_512, _) => RawSpec::HmacSha3_512,
        _ => return Spec::Stored,
    };
    Spec::Raw(spec)
}

/// How many bytes a key of an algorithm and of a length in bits has.
pub(crate) fn len_of(algorithm: Algorithm, bits: u32) -> Option<usize> {
    let bits = match (algorithm, bits) {
        (Algorithm::DES3, 112) => 128,
        (Algorithm::DES3, 168) => 192,
        (_, bits) => bits,
    };
    (bits > 0 && bits % 8 == 0).then_some(bits as usize / 8)
}

/// The pair that an algorithm, a length and a curve ask for.
pub(crate) fn pair_spec(
    algorithm: Algorithm,
    bits: Option<u32>,
    curve: Option<Curve>,
) -> Option<KeySpec> {
    Some(match (algorithm, curve, bits) {
        (Algorithm::RSA, _, Some(2048) | None) => KeySpec::Rsa2048,
        (Algorithm::RSA, _, Some(3072)) => KeySpec::Rsa3072,
        (Algorithm::RSA, _, Some(4096)) => KeySpec::Rsa4096,
        (Algorithm::ED25519, _, _) => KeySpec::Ed25519,
        (Algorithm::EC | Algorithm::ECDSA | Algorithm::ECDH, Some(curve), _) => match curve {
            Curve::CURVE25519 => KeySpec::X25519,
            curve => curve_spec(curve)?,
        },
        (Algorithm::EC | Algorithm::ECDSA | Algorithm::ECDH, None, Some(bits)) => match bits {
            256 => KeySpec::P256,
            384 => KeySpec::P384,
            521 => KeySpec::P521,
            _ => return None,
        },
        _ => return None,
    })
}

/// The keys on a curve whose points have two coordinates.
pub(crate) fn curve_spec(curve: Curve) -> Option<KeySpec> {
    Some(match curve {
        Curve::P_256 => KeySpec::P256,
        Curve::P_384 => KeySpec::P384,
        Curve::P_521 => KeySpec::P521,
        Curve::SECP256K1 => KeySpec::Secp256k1,
        _ => return None,
    })
}

/// The curve of such keys.
pub(crate) fn curve(spec: KeySpec) -> Option<Curve> {
    let curves = [Curve::P_256, Curve::P_384, Curve::P_521, Curve::SECP256K1];
    curves.into_iter().find(|curve| curve_spec(*curve) == Some(spec))
}

/// The forms in which a pair that was made here is shown: of the private and of the public key.
pub(crate) fn formats_of_pair(spec: KeySpec) -> (Format, Format) {
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => (Format::PKCS_1, Format::PKCS_1),
        _ => (Format::PKCS_8, Format::X_509),
    }
}

/// Our form of a format that has one.
pub(crate) fn form(format: Format) -> Option<Form> {
    Some(match format {
        Format::RAW | Format::OPAQUE => Form::Raw,
        Format::PKCS_1 => Form::Pkcs1,
        Format::PKCS_8 => Form::Pkcs8,
        Format::X_509 => Form::Spki,
        Format::ECPRIVATEKEY => Form::EcPrivateKey,
        // Others are kept as they came.
        format => match transparent(format)? {
            (Algorithm::DH, _) => return None,
            _ => Form::Numbers,
        },
    })
}

/// Of which algorithm the keys of a transparent format are, and whether they are private.
pub(crate) fn transparent(format: Format) -> Option<(Algorithm, bool)> {
    Some(match format {
        Format::TRANSPARENT_RSA_PRIVATE_KEY => (Algorithm::RSA, true),
        Format::TRANSPARENT_RSA_PUBLIC_KEY => (Algorithm::RSA, false),
        Format::TRANSPARENT_DSA_PRIVATE_KEY => (Algorithm::DSA, true),
        Format::TRANSPARENT_DSA_PUBLIC_KEY => (Algorithm::DSA, false),
        Format::TRANSPARENT_DH_PRIVATE_KEY => (Algorithm::DH, true),
        Format::TRANSPARENT_DH_PUBLIC_KEY => (Algorithm::DH, false),
        Format::TRANSPARENT_ECDSA_PRIVATE_KEY => (Algorithm::ECDSA, true),
        Format::TRANSPARENT_ECDSA_PUBLIC_KEY => (Algorithm::ECDSA, false),
        Format::TRANSPARENT_ECDH_PRIVATE_KEY => (Algorithm::ECDH, true),
        Format::TRANSPARENT_ECDH_PUBLIC_KEY => (Algorithm::ECDH, false),
        Format::TRANSPARENT_ECMQV_PRIVATE_KEY => (Algorithm::ECMQV, true),
        Format::TRANSPARENT_ECMQV_PUBLIC_KEY => (Algorithm::ECMQV, false),
        Format::TRANSPARENT_EC_PRIVATE_KEY => (Algorithm::EC, true),
        Format::TRANSPARENT_EC_PUBLIC_KEY => (Algorithm::EC, false),
        _ => return None,
    })
}

/// The format of a form that is the only one of it.
pub(crate) fn format(form: Form) -> Option<Format> {
    match form {
        Form::Pkcs1 => Some(Format::PKCS_1),
        Form::Pkcs8 => Some(Format::PKCS_8),
        Form::Spki => Some(Format::X_509),
        Form::EcPrivateKey => Some(Format::ECPRIVATEKEY),
        Form::Raw | Form::Numbers => None,
    }
}

/// The algorithm and length that attributes say, beside those of the key block.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) bits: Option<u32>,
}

/// Whether the keys of an algorithm are pairs.
pub(crate) fn is_asymmetric(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::RSA
            | Algorithm::DSA
            | Algorithm::DH
            | Algorithm::EC
            | Algorithm::ECDSA
            | Algorithm::ECDH
            | Algorithm::ECMQV
            | Algorithm::ED25519
            | Algorithm::ED448
    )
}
