//! The values of attributes that are structures (1.4 section 3, 2.1 section 4).

use crate::{
    names::enumeration::{
        AlternativeNameType, BlockCipherMode, CryptographicAlgorithm, DigitalSignatureAlgorithm,
        DrbgAlgorithm, Fips186Variation, HashingAlgorithm, KeyFormatType, KeyRoleType,
        KeyValueLocationType, LinkType, MaskGenerator, NameType, PaddingMethod, RecommendedCurve,
        RevocationReasonCode, RngAlgorithm, RotateNameType, UsageLimitsUnit,
    },
    wire::{Bytes, Identifier, structure},
};

structure! {
    /// A name that no other object has.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct Name {
        /// The name.
        value: String = NAME_VALUE,
        /// What kind of name it is.
        kind: NameType = NAME_TYPE,
    }
}

structure! {
    /// A name that other objects may have too.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct AlternativeName {
        /// The name.
        value: String = ALTERNATIVE_NAME_VALUE,
        /// What kind of name it is.
        kind: AlternativeNameType = ALTERNATIVE_NAME_TYPE,
    }
}

structure! {
    /// A name that stays with a key as it is rotated.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct RotateName {
        /// The name.
        value: String = ROTATE_NAME_VALUE,
        /// What kind of name it is.
        kind: RotateNameType = ROTATE_NAME_TYPE,
    }
}

structure! {
    /// How a key is to be applied. What is not said is for the server to say.
    #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
    pub struct CryptographicParameters {
        /// Mode of a block cipher.
        block_cipher_mode: Option<BlockCipherMode> = BLOCK_CIPHER_MODE,
        /// Padding.
        padding_method: Option<PaddingMethod> = PADDING_METHOD,
        /// Hash.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// The key's role in payment systems.
        key_role_type: Option<KeyRoleType> = KEY_ROLE_TYPE,
        /// Signature, in place of an algorithm and a hash.
        digital_signature_algorithm: Option<DigitalSignatureAlgorithm> =
            DIGITAL_SIGNATURE_ALGORITHM since V1_2,
        /// Algorithm.
        cryptographic_algorithm: Option<CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM since V1_2,
        /// Whether the server draws the initialisation vector.
        random_iv: Option<bool> = RANDOM_IV since V1_2,
        /// Length of the initialisation vector, in bits.
        iv_length: Option<i32> = IV_LENGTH since V1_2,
        /// Length of the authentication tag, in bytes.
        tag_length: Option<i32> = TAG_LENGTH since V1_2,
        /// Length of the fixed field of the vector, in bits.
        fixed_field_length: Option<i32> = FIXED_FIELD_LENGTH since V1_2,
        /// Length of the invocation field of the vector, in bits.
        invocation_field_length: Option<i32> = INVOCATION_FIELD_LENGTH since V1_2,
        /// Length of the counter in the vector, in bits.
        counter_length: Option<i32> = COUNTER_LENGTH since V1_2,
        /// The counter's first value.
        initial_counter_value: Option<i32> = INITIAL_COUNTER_VALUE since V1_2,
        /// Length of the salt of PSS, in bytes.
        salt_length: Option<i32> = SALT_LENGTH since V1_4,
        /// Mask generator of OAEP and PSS; MGF1 if it is not said.
        mask_generator: Option<MaskGenerator> = MASK_GENERATOR since V1_4,
        /// Its hash; SHA-1 if it is not said.
        mask_generator_hashing_algorithm: Option<HashingAlgorithm> =
            MASK_GENERATOR_HASHING_ALGORITHM since V1_4,
        /// Label of OAEP; empty if it is not said.
        p_source: Option<Bytes> = P_SOURCE since V1_4,
        /// Trailer of PSS; the usual one if it is not said.
        trailer_field: Option<i32> = TRAILER_FIELD since V1_4,
    }
}

structure! {
    /// The domain of a key pair that is to be made.
    #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
    pub struct CryptographicDomainParameters {
        /// Length of Q, in bits.
        q_length: Option<i32> = QLENGTH,
        /// Curve.
        recommended_curve: Option<RecommendedCurve> = RECOMMENDED_CURVE,
    }
}

structure! {
    /// Who issued a certificate under which number.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct X509CertificateIdentifier {
        /// DER of the issuer's name.
        issuer: Bytes = ISSUER_DISTINGUISHED_NAME,
        /// The serial number.
        serial_number: Bytes = CERTIFICATE_SERIAL_NUMBER,
    }
}

structure! {
    /// Whom a certificate is about.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct X509CertificateSubject {
        /// DER of the subject's name.
        name: Bytes = SUBJECT_DISTINGUISHED_NAME,
        /// DER of its other names.
        alternative_names: Vec<Bytes> = SUBJECT_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Who issued a certificate.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct X509CertificateIssuer {
        /// DER of the issuer's name.
        name: Bytes = ISSUER_DISTINGUISHED_NAME,
        /// DER of its other names.
        alternative_names: Vec<Bytes> = ISSUER_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Who issued a certificate under which number, as 1.0 said it.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct CertificateIdentifier {
        /// The issuer's name.
        issuer: String = ISSUER,
        /// The serial number.
        serial_number: Option<String> = SERIAL_NUMBER,
    }
}

structure! {
    /// Whom a certificate is about, as 1.0 said it.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct CertificateSubject {
        /// The subject's name.
        name: String = CERTIFICATE_SUBJECT_DISTINGUISHED_NAME,
        /// Its other names.
        alternative_names: Vec<String> = CERTIFICATE_SUBJECT_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Who issued a certificate, as 1.0 said it.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct CertificateIssuer {
        /// The issuer's name.
        name: String = CERTIFICATE_ISSUER_DISTINGUISHED_NAME,
        /// Its other names.
        alternative_names: Vec<String> = CERTIFICATE_ISSUER_ALTERNATIVE_NAME,
    }
}

structure! {
    /// A hash of an object's material.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct Digest {
        /// Which hash.
        hashing_algorithm: HashingAlgorithm = HASHING_ALGORITHM,
        /// The hash.
        value: Option<Bytes> = DIGEST_VALUE,
        /// Of which format of the material.
        key_format_type: Option<KeyFormatType> = KEY_FORMAT_TYPE since V1_1,
    }
}

structure! {
    /// How much a key may protect, and how much of that is left.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct UsageLimits {
        /// How much at all.
        total: i64 = USAGE_LIMITS_TOTAL,
        /// How much is left. The server says it.
        count: Option<i64> = USAGE_LIMITS_COUNT,
        /// Of what.
        unit: Option<UsageLimitsUnit> = USAGE_LIMITS_UNIT,
    }
}

structure! {
    /// Why an object was revoked.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct RevocationReason {
        /// The reason.
        code: RevocationReasonCode = REVOCATION_REASON_CODE,
        /// In words.
        message: Option<String> = REVOCATION_MESSAGE,
    }
}

structure! {
    /// Another object that has to do with this one.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct Link {
        /// What it has to do with this one.
        kind: LinkType = LINK_TYPE,
        /// The other object.
        linked: Identifier = LINKED_OBJECT_IDENTIFIER,
    }
}

structure! {
    /// What an application keeps with an object.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct ApplicationSpecificInformation {
        /// The application's name space.
        namespace: String = APPLICATION_NAMESPACE,
        /// What it keeps. A server that knows the name space may choose it.
        data: Option<String> = APPLICATION_DATA,
    }
}

structure! {
    /// Where the material of an object is whose material is not here.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct KeyValueLocation {
        /// The place.
        value: String = KEY_VALUE_LOCATION_VALUE,
        /// What kind of place it is.
        kind: KeyValueLocationType = KEY_VALUE_LOCATION_TYPE,
    }
}

structure! {
    /// A random number generator.
    #[derive(Clone, Debug, Eq, Hash, PartialEq)]
    pub struct RngParameters {
        /// The generator.
        rng_algorithm: RngAlgorithm = RNG_ALGORITHM,
        /// What it is built on.
        cryptographic_algorithm: Option<CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM,
        /// Length of its key, in bits.
        cryptographic_length: Option<i32> = CRYPTOGRAPHIC_LENGTH,
        /// Its hash.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// Which of the deterministic generators.
        drbg_algorithm: Option<DrbgAlgorithm> = DRBG_ALGORITHM,
        /// Its curve.
        recommended_curve: Option<RecommendedCurve> = RECOMMENDED_CURVE,
        /// Which of FIPS 186's generators.
        fips186_variation: Option<Fips186Variation> = FIPS186_VARIATION,
        /// Whether it has prediction resistance.
        prediction_resistance: Option<bool> = PREDICTION_RESISTANCE,
    }
}
