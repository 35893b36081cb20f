//! Managed objects and their key blocks (1.4 sections 2.1 and 2.2, 2.1 section 2 and 3).

use model::Secret;

use crate::{
    attribute::{Attributes, CryptographicParameters},
    names::{
        Tag,
        enumeration::{
            CertificateRequestType, CertificateType, CryptographicAlgorithm, EncodingOption,
            KeyCompressionType, KeyFormatType, ObjectType, OpaqueDataType, RecommendedCurve,
            SecretDataType, SplitKeyMethod, WrappingMethod,
        },
    },
    ttlv::{Item, Value},
    version::Version,
    wire::{BigInteger, Bytes, Field, Fields, Identifier, Unfit, Why, Wire, structure},
};

structure! {
    /// A certificate.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Certificate {
        /// What kind of certificate it is.
        kind: CertificateType = CERTIFICATE_TYPE,
        /// The certificate, e.g. in DER.
        value: Bytes = CERTIFICATE_VALUE,
    }
}

structure! {
    /// A request for a certificate. Since 2.0.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct CertificateRequest {
        /// What kind of request it is.
        kind: CertificateRequestType = CERTIFICATE_REQUEST_TYPE,
        /// The request, e.g. in DER.
        value: Bytes = CERTIFICATE_REQUEST_VALUE,
    }
}

structure! {
    /// A symmetric, public or private key.
    #[derive(Debug)]
    pub struct Key {
        /// Its material.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// A part of a key.
    #[derive(Debug)]
    pub struct SplitKey {
        /// How many parts there are.
        parts: i32 = SPLIT_KEY_PARTS,
        /// Which of them this is, from 1.
        part: i32 = KEY_PART_IDENTIFIER,
        /// How many of them make the key.
        threshold: i32 = SPLIT_KEY_THRESHOLD,
        /// How the key was split.
        method: SplitKeyMethod = SPLIT_KEY_METHOD,
        /// The order of the field, if that is prime.
        prime_field_size: Option<BigInteger> = PRIME_FIELD_SIZE,
        /// The part.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// A secret that is no key.
    #[derive(Debug)]
    pub struct SecretData {
        /// What kind of secret it is.
        kind: SecretDataType = SECRET_DATA_TYPE,
        /// The secret.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// Bytes that a server keeps and does not look into.
    #[derive(Debug)]
    pub struct OpaqueObject {
        /// What kind of bytes they are.
        kind: OpaqueDataType = OPAQUE_DATA_TYPE,
        /// The bytes.
        value: Secret = OPAQUE_DATA_VALUE,
    }
}

structure! {
    /// A key of OpenPGP. Since 1.2.
    #[derive(Debug)]
    pub struct PgpKey {
        /// The key's version.
        pgp_key_version: i32 = PGP_KEY_VERSION,
        /// The key.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// Attributes that other requests can name. Until 1.4.
    #[derive(Debug)]
    pub struct Template {
        /// The attributes.
        attributes: Attributes = ATTRIBUTE,
    }
}

/// A managed object.
#[derive(Debug)]
pub enum Object {
    /// A certificate.
    Certificate(Certificate),
    /// A symmetric key.
    SymmetricKey(Key),
    /// A public key.
    PublicKey(Key),
    /// A private key.
    PrivateKey(Key),
    /// A part of a key.
    SplitKey(SplitKey),
    /// Attributes that other requests can name.
    Template(Template),
    /// A secret that is no key.
    SecretData(SecretData),
    /// Bytes that a server does not look into.
    OpaqueObject(OpaqueObject),
    /// A key of OpenPGP.
    PgpKey(PgpKey),
    /// A request for a certificate.
    CertificateRequest(CertificateRequest),
}

/// The kinds of objects, with the first and the last of the versions here that have each.
pub const OBJECT_TYPES: &[(ObjectType, Version, Version)] = &[
    (ObjectType::CERTIFICATE, Version::V1_0, Version::V2_1),
    (ObjectType::SYMMETRIC_KEY, Version::V1_0, Version::V2_1),
    (ObjectType::PUBLIC_KEY, Version::V1_0, Version::V2_1),
    (ObjectType::PRIVATE_KEY, Version::V1_0, Version::V2_1),
    (ObjectType::SPLIT_KEY, Version::V1_0, Version::V2_1),
    (ObjectType::TEMPLATE, Version::V1_0, Version::V1_4),
    (ObjectType::SECRET_DATA, Version::V1_0, Version::V2_1),
    (ObjectType::OPAQUE_OBJECT, Version::V1_0, Version::V2_1),
    (ObjectType::PGP_KEY, Version::V1_2, Version::V2_1),
    (ObjectType::CERTIFICATE_REQUEST, Version::V2_0, Version::V2_1),
];

impl Object {
    const TAGS: &[Tag] = &[
        Tag::CERTIFICATE,
        Tag::SYMMETRIC_KEY,
        Tag::PUBLIC_KEY,
        Tag::PRIVATE_KEY,
        Tag::SPLIT_KEY,
        Tag::TEMPLATE,
        Tag::SECRET_DATA,
        Tag::OPAQUE_OBJECT,
        Tag::PGP_KEY,
        Tag::CERTIFICATE_REQUEST,
    ];

    /// What kind of object it is.
    pub fn object_type(&self) -> ObjectType {
        match self {
            Self::Certificate(_) => ObjectType::CERTIFICATE,
            Self::SymmetricKey(_) => ObjectType::SYMMETRIC_KEY,
            Self::PublicKey(_) => ObjectType::PUBLIC_KEY,
            Self::PrivateKey(_) => ObjectType::PRIVATE_KEY,
            Self::SplitKey(_) => ObjectType::SPLIT_KEY,
            Self::Template(_) => ObjectType::TEMPLATE,
            Self::SecretData(_) => ObjectType::SECRET_DATA,
            Self::OpaqueObject(_) => ObjectType::OPAQUE_OBJECT,
            Self::PgpKey(_) => ObjectType::PGP_KEY,
            Self::CertificateRequest(_) => ObjectType::CERTIFICATE_REQUEST,
        }
    }

    /// The object's key block, if it has one.
    pub fn key_block(&self) -> Option<&KeyBlock> {
        match self {
            Self::SymmetricKey(key) | Self::PublicKey(key) | Self::PrivateKey(key) => {
                Some(&key.key_block)
            }
            Self::SplitKey(key) => Some(&key.key_block),
            Self::SecretData(data) => Some(&data.key_block),
            Self::PgpKey(key) => Some(&key.key_block),
            Self::Certificate(_)
            | Self::Template(_)
            | Self::OpaqueObject(_)
            | Self::CertificateRequest(_) => None,
        }
    }

    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        Ok(match item.tag {
            Tag::CERTIFICATE => Self::Certificate(Wire::read(item, version)?),
            Tag::SYMMETRIC_KEY => Self::SymmetricKey(Wire::read(item, version)?),
            Tag::PUBLIC_KEY => Self::PublicKey(Wire::read(item, version)?),
            Tag::PRIVATE_KEY => Self::PrivateKey(Wire::read(item, version)?),
            Tag::SPLIT_KEY => Self::SplitKey(Wire::read(item, version)?),
            Tag::TEMPLATE => Self::Template(Wire::read(item, version)?),
            Tag::SECRET_DATA => Self::SecretData(Wire::read(item, version)?),
            Tag::OPAQUE_OBJECT => Self::OpaqueObject(Wire::read(item, version)?),
            Tag::PGP_KEY => Self::PgpKey(Wire::read(item, version)?),
            Tag::CERTIFICATE_REQUEST => Self::CertificateRequest(Wire::read(item, version)?),
            tag => return Err(Unfit::new(tag, Why::Unexpected)),
        })
    }

    fn write(self, version: Version) -> Item {
        match self {
            Self::Certificate(it) => it.write(Tag::CERTIFICATE, version),
            Self::SymmetricKey(it) => it.write(Tag::SYMMETRIC_KEY, version),
            Self::PublicKey(it) => it.write(Tag::PUBLIC_KEY, version),
            Self::PrivateKey(it) => it.write(Tag::PRIVATE_KEY, version),
            Self::SplitKey(it) => it.write(Tag::SPLIT_KEY, version),
            Self::Template(it) => it.write(Tag::TEMPLATE, version),
            Self::SecretData(it) => it.write(Tag::SECRET_DATA, version),
            Self::OpaqueObject(it) => it.write(Tag::OPAQUE_OBJECT, version),
            Self::PgpKey(it) => it.write(Tag::PGP_KEY, version),
            Self::CertificateRequest(it) => it.write(Tag::CERTIFICATE_REQUEST, version),
        }
    }
}

/// An object is a field of its own tag, whichever that is; the field is stated with the tag of
/// `ObjectType`'s neighbour, `Objects`, by which a missing one is named.
impl Field for Object {
    fn taken(fields: &mut Fields, tag: Tag) -> Result<Self, Unfit> {
        let version = fields.version();
        let item = fields.first_of(Self::TAGS).ok_or(Unfit::new(tag, Why::Missing))?;
        Self::read(item, version)
    }

    fn put(self, _: Tag, items: &mut Vec<Item>, version: Version) {
        items.push(self.write(version));
    }
}

structure! {
    /// Material with what one must know to use it.
    #[derive(Debug)]
    pub struct KeyBlock {
        /// How the material is written.
        key_format_type: KeyFormatType = KEY_FORMAT_TYPE,
        /// How the points of a curve are written.
        key_compression_type: Option<KeyCompressionType> = KEY_COMPRESSION_TYPE,
        /// The material. It is not there if a server has only the key's attributes.
        key_value: Option<KeyValue> = KEY_VALUE,
        /// What the key is for.
        cryptographic_algorithm: Option<CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM,
        /// Length of the key, in bits.
        cryptographic_length: Option<i32> = CRYPTOGRAPHIC_LENGTH,
        /// How the material is wrapped, if it is.
        key_wrapping_data: Option<KeyWrappingData> = KEY_WRAPPING_DATA,
    }
}

/// Material, in the clear or wrapped.
#[derive(Debug)]
pub enum KeyValue {
    /// In the clear, or with only the material wrapped.
    Plain(PlainKeyValue),
    /// Wrapped whole: a structure in TTLV, or what the encoding option says.
    Wrapped(Secret),
}

structure! {
    /// Material in the clear.
    #[derive(Debug)]
    pub struct PlainKeyValue {
        /// The material.
        material: KeyMaterial = KEY_MATERIAL,
        /// Attributes that are bound to it.
        attributes: Option<Attributes> = ATTRIBUTE,
    }
}

impl Wire for KeyValue {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::ByteString(wrapped) => Ok(Self::Wrapped(wrapped)),
            _ => PlainKeyValue::read(item, version).map(Self::Plain),
        }
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        match self {
            Self::Plain(value) => value.write(tag, version),
            Self::Wrapped(wrapped) => Item::new(tag, Value::ByteString(wrapped)),
        }
    }
}

/// Material as the format says.
#[derive(Debug)]
pub enum KeyMaterial {
    /// Bytes: raw, DER of one of the standards, or opaque.
    Bytes(Secret),
    /// The numbers that it is made of.
    Transparent(Box<TransparentKey>),
}

structure! {
    /// The numbers that a key is made of; which of them is for the format to say.
    #[derive(Debug)]
    pub struct TransparentKey {
        /// A symmetric key.
        key: Option<Secret> = KEY,
        /// RSA: the modulus.
        modulus: Option<BigInteger> = MODULUS,
        /// RSA: the private exponent.
        private_exponent: Option<BigInteger> = PRIVATE_EXPONENT,
        /// RSA: the public exponent.
        public_exponent: Option<BigInteger> = PUBLIC_EXPONENT,
        /// RSA: the first prime. DSA and DH: the order of the field.
        p: Option<BigInteger> = P,
        /// RSA: the second prime. DSA and DH: the order of the subgroup.
        q: Option<BigInteger> = Q,
        /// RSA: the private exponent modulo P - 1.
        prime_exponent_p: Option<BigInteger> = PRIME_EXPONENT_P,
        /// RSA: the private exponent modulo Q - 1.
        prime_exponent_q: Option<BigInteger> = PRIME_EXPONENT_Q,
        /// RSA: the inverse of Q modulo P.
        crt_coefficient: Option<BigInteger> = CRT_COEFFICIENT,
        /// DSA and DH: the generator of the subgroup.
        g: Option<BigInteger> = G,
        /// DH: the cofactor.
        j: Option<BigInteger> = J,
        /// DSA and DH: the private key.
        x: Option<BigInteger> = X,
        /// DSA and DH: the public key.
        y: Option<BigInteger> = Y,
        /// Elliptic curves: the curve.
        recommended_curve: Option<RecommendedCurve> = RECOMMENDED_CURVE,
        /// Elliptic curves: the private key.
        d: Option<BigInteger> = D,
        /// Elliptic curves: the public key.
        q_string: Option<Bytes> = Q_STRING,
    }
}

impl Wire for KeyMaterial {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::ByteString(bytes) => Ok(Self::Bytes(bytes)),
            _ => TransparentKey::read(item, version).map(|key| Self::Transparent(Box::new(key))),
        }
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        match self {
            Self::Bytes(bytes) => Item::new(tag, Value::ByteString(bytes)),
            Self::Transparent(key) => key.write(tag, version),
        }
    }
}

structure! {
    /// A key that wraps others, and how.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct KeyInformation {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// How it is applied.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
    }
}

structure! {
    /// How material is wrapped.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct KeyWrappingData {
        /// Encrypted, authenticated, or both.
        wrapping_method: WrappingMethod = WRAPPING_METHOD,
        /// The key that encrypts it.
        encryption_key: Option<KeyInformation> = ENCRYPTION_KEY_INFORMATION,
        /// The key that authenticates or signs it.
        mac_key: Option<KeyInformation> = MAC_SIGNATURE_KEY_INFORMATION,
        /// The code or signature.
        mac: Option<Bytes> = MAC_SIGNATURE,
        /// The initialisation vector, counter or nonce.
        iv_counter_nonce: Option<Bytes> = IV_COUNTER_NONCE,
        /// What is wrapped: the structure in TTLV, which it is if it is not said, or the material.
        encoding_option: Option<EncodingOption> = ENCODING_OPTION since V1_1,
    }
}

structure! {
    /// How material is to be wrapped.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct KeyWrappingSpecification {
        /// Encrypted, authenticated, or both.
        wrapping_method: WrappingMethod = WRAPPING_METHOD,
        /// The key that is to encrypt it.
        encryption_key: Option<KeyInformation> = ENCRYPTION_KEY_INFORMATION,
        /// The key that is to authenticate or sign it.
        mac_key: Option<KeyInformation> = MAC_SIGNATURE_KEY_INFORMATION,
        /// Names of attributes that are to be wrapped with it, as 1.x writes them in all versions.
        attribute_names: Vec<String> = ATTRIBUTE_NAME,
        /// What is to be wrapped: the structure in TTLV, if it is not said, or the material.
        encoding_option: Option<EncodingOption> = ENCODING_OPTION since V1_1,
    }
}
