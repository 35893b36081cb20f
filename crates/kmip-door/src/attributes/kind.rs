//! Object types of the protocol as kinds of ours.

use kmip::names::enumeration::ObjectType;
use model::object::Kind;

/// The kind of an object type.
pub(crate) fn kind(object_type: ObjectType) -> Option<Kind> {
    Some(match object_type {
        ObjectType::CERTIFICATE => Kind::Certificate,
        ObjectType::SYMMETRIC_KEY => Kind::SymmetricKey,
        ObjectType::PUBLIC_KEY => Kind::PublicKey,
        ObjectType::PRIVATE_KEY => Kind::PrivateKey,
        ObjectType::SPLIT_KEY => Kind::SplitKey,
        ObjectType::TEMPLATE => Kind::Template,
        ObjectType::SECRET_DATA => Kind::SecretData,
        ObjectType::OPAQUE_OBJECT => Kind::OpaqueData,
        ObjectType::PGP_KEY => Kind::PgpKey,
        ObjectType::CERTIFICATE_REQUEST => Kind::CertificateRequest,
        _ => return None,
    })
}

/// The object type of a kind.
pub(crate) fn object_type(kind: Kind) -> ObjectType {
    match kind {
        Kind::Certificate => ObjectType::CERTIFICATE,
        Kind::SymmetricKey => ObjectType::SYMMETRIC_KEY,
        Kind::PublicKey => ObjectType::PUBLIC_KEY,
        Kind::PrivateKey => ObjectType::PRIVATE_KEY,
        Kind::SplitKey => ObjectType::SPLIT_KEY,
        Kind::Template => ObjectType::TEMPLATE,
        Kind::SecretData => ObjectType::SECRET_DATA,
        Kind::OpaqueData => ObjectType::OPAQUE_OBJECT,
        Kind::PgpKey => ObjectType::PGP_KEY,
        Kind::CertificateRequest => ObjectType::CERTIFICATE_REQUEST,
    }
}
