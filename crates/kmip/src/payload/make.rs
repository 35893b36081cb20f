//! Operations that make objects, or bring them in.

use crate::{
    attribute::{Attributes, CryptographicParameters},
    names::enumeration::{
        CertificateRequestType, DerivationMethod, KeyWrapType, ObjectType, ProtectionStorageMask,
        SecretDataType, SplitKeyMethod,
    },
    object::{Certificate, Object},
    wire::{BigInteger, Bytes, Identifier, Interval, structure},
};
use model::Secret;

structure! {
    /// How material may be protected, any of these. Since 2.0.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct ProtectionStorageMasks {
        /// The ways.
        masks: Vec<ProtectionStorageMask> = PROTECTION_STORAGE_MASK,
    }
}

structure! {
    /// A request to make a key or secret.
    #[derive(Debug)]
    pub struct CreateRequest {
        /// What to make.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its attributes.
        attributes: Attributes = TEMPLATE_ATTRIBUTE,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// What was made.
    #[derive(Debug)]
    pub struct CreateResponse {
        /// What kind of object it is.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// Attributes that the server set.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE until V1_4,
    }
}

structure! {
    /// An object that was made of others or brought in.
    #[derive(Debug)]
    pub struct MadeResponse {
        /// Its identifier.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// Attributes that the server set.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE until V1_4,
    }
}

structure! {
    /// A request to make a key pair.
    #[derive(Debug)]
    pub struct CreateKeyPairRequest {
        /// Attributes of both keys.
        common: Option<Attributes> = COMMON_TEMPLATE_ATTRIBUTE,
        /// Attributes of the private key.
        private_key: Option<Attributes> = PRIVATE_KEY_TEMPLATE_ATTRIBUTE,
        /// Attributes of the public key.
        public_key: Option<Attributes> = PUBLIC_KEY_TEMPLATE_ATTRIBUTE,
        /// How both may be protected.
        common_protection: Option<ProtectionStorageMasks> =
            COMMON_PROTECTION_STORAGE_MASKS since V2_0,
        /// How the private key may be protected.
        private_protection: Option<ProtectionStorageMasks> =
            PRIVATE_PROTECTION_STORAGE_MASKS since V2_0,
        /// How the public key may be protected.
        public_protection: Option<ProtectionStorageMasks> =
            PUBLIC_PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// The key pair that was made.
    #[derive(Debug)]
    pub struct CreateKeyPairResponse {
        /// The private key's identifier.
        private_key: Identifier = PRIVATE_KEY_UNIQUE_IDENTIFIER,
        /// The public key's identifier.
        public_key: Identifier = PUBLIC_KEY_UNIQUE_IDENTIFIER,
        /// Attributes of the private key that the server set.
        private_attributes: Option<Attributes> = PRIVATE_KEY_TEMPLATE_ATTRIBUTE until V1_4,
        /// Attributes of the public key that the server set.
        public_attributes: Option<Attributes> = PUBLIC_KEY_TEMPLATE_ATTRIBUTE until V1_4,
    }
}

structure! {
    /// A request to keep an object.
    #[derive(Debug)]
    pub struct RegisterRequest {
        /// What kind of object it is.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its attributes.
        attributes: Attributes = TEMPLATE_ATTRIBUTE,
        /// The object.
        object: Object = OBJECTS,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to keep an object under the identifier that it had elsewhere.
    #[derive(Debug)]
    pub struct ImportRequest {
        /// Its identifier.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// What kind of object it is.
        object_type: Option<ObjectType> = OBJECT_TYPE since V2_0,
        /// Whether it replaces one of that identifier.
        replace_existing: Option<bool> = REPLACE_EXISTING,
        /// Whether it is to be kept wrapped.
        key_wrap_type: Option<KeyWrapType> = KEY_WRAP_TYPE,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTE,
        /// The object.
        object: Object = OBJECTS,
    }
}

structure! {
    /// A request to replace a symmetric key by a new one.
    #[derive(Debug)]
    pub struct ReKeyRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// From its making to its activation.
        offset: Option<Interval> = OFFSET,
        /// Attributes of the new key.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to replace a key pair by a new one.
    #[derive(Debug)]
    pub struct ReKeyKeyPairRequest {
        /// The private key.
        private_key: Option<Identifier> = PRIVATE_KEY_UNIQUE_IDENTIFIER,
        /// From its making to its activation.
        offset: Option<Interval> = OFFSET,
        /// Attributes of both keys.
        common: Option<Attributes> = COMMON_TEMPLATE_ATTRIBUTE,
        /// Attributes of the private key.
        private_attributes: Option<Attributes> = PRIVATE_KEY_TEMPLATE_ATTRIBUTE,
        /// Attributes of the public key.
        public_attributes: Option<Attributes> = PUBLIC_KEY_TEMPLATE_ATTRIBUTE,
        /// How both may be protected.
        common_protection: Option<ProtectionStorageMasks> =
            COMMON_PROTECTION_STORAGE_MASKS since V2_0,
        /// How the private key may be protected.
        private_protection: Option<ProtectionStorageMasks> =
            PRIVATE_PROTECTION_STORAGE_MASKS since V2_0,
        /// How the public key may be protected.
        public_protection: Option<ProtectionStorageMasks> =
            PUBLIC_PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to derive a key or secret.
    #[derive(Debug)]
    pub struct DeriveKeyRequest {
        /// What to derive.
        object_type: ObjectType = OBJECT_TYPE,
        /// Of what.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
        /// How.
        derivation_method: DerivationMethod = DERIVATION_METHOD,
        /// With what.
        derivation_parameters: DerivationParameters = DERIVATION_PARAMETERS,
        /// Attributes of what is derived.
        attributes: Attributes = TEMPLATE_ATTRIBUTE,
    }
}

structure! {
    /// What goes into a derivation.
    #[derive(Debug)]
    pub struct DerivationParameters {
        /// The function.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// Its initialisation vector; empty if it is not said.
        initialization_vector: Option<Bytes> = INITIALIZATION_VECTOR,
        /// The data, if no object holds them.
        derivation_data: Option<Secret> = DERIVATION_DATA,
        /// The salt.
        salt: Option<Bytes> = SALT,
        /// How often.
        iteration_count: Option<i32> = ITERATION_COUNT,
    }
}

structure! {
    /// A request to certify a public key.
    #[derive(Debug)]
    pub struct CertifyRequest {
        /// The key, or the request kept as an object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// What kind of request there is.
        certificate_request_type: Option<CertificateRequestType> = CERTIFICATE_REQUEST_TYPE,
        /// The request, as 1.x names it.
        certificate_request: Option<Bytes> = CERTIFICATE_REQUEST until V1_4,
        /// The request, as 2.x names it.
        certificate_request_value: Option<Bytes> = CERTIFICATE_REQUEST_VALUE since V2_0,
        /// Attributes of the certificate.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to renew a certificate.
    #[derive(Debug)]
    pub struct ReCertifyRequest {
        /// The certificate.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The request, kept as an object.
        certificate_request_identifier: Option<Identifier> =
            CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER since V2_0,
        /// What kind of request there is.
        certificate_request_type: Option<CertificateRequestType> = CERTIFICATE_REQUEST_TYPE,
        /// The request, as 1.x names it.
        certificate_request: Option<Bytes> = CERTIFICATE_REQUEST until V1_4,
        /// The request, as 2.x names it.
        certificate_request_value: Option<Bytes> = CERTIFICATE_REQUEST_VALUE since V2_0,
        /// From its making to its activation.
        offset: Option<Interval> = OFFSET,
        /// Attributes of the new certificate.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to make a key in parts.
    #[derive(Debug)]
    pub struct CreateSplitKeyRequest {
        /// What to split.
        object_type: ObjectType = OBJECT_TYPE,
        /// The key, if it is not to be made.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How many parts.
        parts: i32 = SPLIT_KEY_PARTS,
        /// How many of them make the key.
        threshold: i32 = SPLIT_KEY_THRESHOLD,
        /// How.
        method: SplitKeyMethod = SPLIT_KEY_METHOD,
        /// The order of the field, if that is prime.
        prime_field_size: Option<BigInteger> = PRIME_FIELD_SIZE,
        /// Attributes of the parts.
        attributes: Attributes = TEMPLATE_ATTRIBUTE,
        /// How they may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// The parts that were made.
    #[derive(Debug)]
    pub struct CreateSplitKeyResponse {
        /// Their identifiers.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
        /// Attributes that the server set.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE until V1_4,
    }
}

structure! {
    /// A request to make a key of its parts.
    #[derive(Debug)]
    pub struct JoinSplitKeyRequest {
        /// What they make.
        object_type: ObjectType = OBJECT_TYPE,
        /// The parts.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
        /// What kind of secret they make.
        secret_data_type: Option<SecretDataType> = SECRET_DATA_TYPE,
        /// Its attributes.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE,
        /// How it may be protected.
        protection_storage_masks: Option<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// A request to replace the client's own certificate. Since 2.0.
    #[derive(Debug)]
    pub struct ReProvisionRequest {
        /// The request to sign.
        certificate_request: Option<crate::object::CertificateRequest> = CERTIFICATE_REQUEST,
        /// The certificate that replaces the client's.
        certificate: Option<Certificate> = CERTIFICATE,
    }
}
