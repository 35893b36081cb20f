//! What is kept: objects, their formats and the values of their attributes.

use super::{enumeration, mask};

enumeration! {
    /// Object Type (1.4 section 9.1.3.2.12, 2.1 section 11.34).
    ObjectType on [OBJECT_TYPE] {
        CERTIFICATE = 0x1, "Certificate";
        SYMMETRIC_KEY = 0x2, "SymmetricKey";
        PUBLIC_KEY = 0x3, "PublicKey";
        PRIVATE_KEY = 0x4, "PrivateKey";
        SPLIT_KEY = 0x5, "SplitKey";
        TEMPLATE = 0x6, "Template";
        SECRET_DATA = 0x7, "SecretData";
        OPAQUE_OBJECT = 0x8, "OpaqueObject";
        PGP_KEY = 0x9, "PGPKey";
        CERTIFICATE_REQUEST = 0xa, "CertificateRequest";
    } also {
    }
}

enumeration! {
    /// State (1.4 section 9.1.3.2.18, 2.1 section 11.55).
    State on [STATE] {
        PRE_ACTIVE = 0x1, "PreActive";
        ACTIVE = 0x2, "Active";
        DEACTIVATED = 0x3, "Deactivated";
        COMPROMISED = 0x4, "Compromised";
        DESTROYED = 0x5, "Destroyed";
        DESTROYED_COMPROMISED = 0x6, "DestroyedCompromised";
    } also {
    }
}

enumeration! {
    /// Key Format Type (1.4 section 9.1.3.2.3, 2.1 section 11.25).
    KeyFormatType on [KEY_FORMAT_TYPE] {
        RAW = 0x1, "Raw";
        OPAQUE = 0x2, "Opaque";
        PKCS_1 = 0x3, "PKCS_1";
        PKCS_8 = 0x4, "PKCS_8";
        X_509 = 0x5, "X_509";
        ECPRIVATEKEY = 0x6, "ECPrivateKey";
        TRANSPARENT_SYMMETRIC_KEY = 0x7, "TransparentSymmetricKey";
        TRANSPARENT_DSA_PRIVATE_KEY = 0x8, "TransparentDSAPrivateKey";
        TRANSPARENT_DSA_PUBLIC_KEY = 0x9, "TransparentDSAPublicKey";
        TRANSPARENT_RSA_PRIVATE_KEY = 0xa, "TransparentRSAPrivateKey";
        TRANSPARENT_RSA_PUBLIC_KEY = 0xb, "TransparentRSAPublicKey";
        TRANSPARENT_DH_PRIVATE_KEY = 0xc, "TransparentDHPrivateKey";
        TRANSPARENT_DH_PUBLIC_KEY = 0xd, "TransparentDHPublicKey";
        TRANSPARENT_ECDSA_PRIVATE_KEY = 0xe, "TransparentECDSAPrivateKey";
        TRANSPARENT_ECDSA_PUBLIC_KEY = 0xf, "TransparentECDSAPublicKey";
        TRANSPARENT_ECDH_PRIVATE_KEY = 0x10, "TransparentECDHPrivateKey";
        TRANSPARENT_ECDH_PUBLIC_KEY = 0x11, "TransparentECDHPublicKey";
        TRANSPARENT_ECMQV_PRIVATE_KEY = 0x12, "TransparentECMQVPrivateKey";
        TRANSPARENT_ECMQV_PUBLIC_KEY = 0x13, "TransparentECMQVPublicKey";
        TRANSPARENT_EC_PRIVATE_KEY = 0x14, "TransparentECPrivateKey";
        TRANSPARENT_EC_PUBLIC_KEY = 0x15, "TransparentECPublicKey";
        PKCS_12 = 0x16, "PKCS_12";
        PKCS_10 = 0x17, "PKCS_10";
    } also {
    }
}

enumeration! {
    /// Key Compression Type (1.4 section 9.1.3.2.2, 2.1 section 11.24).
    KeyCompressionType on [KEY_COMPRESSION_TYPE] {
        EC_PUBLIC_KEY_TYPE_UNCOMPRESSED = 0x1, "ECPublicKeyTypeUncompressed";
        EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME = 0x2, "ECPublicKeyTypeX9_62CompressedPrime";
        EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2 = 0x3, "ECPublicKeyTypeX9_62CompressedChar2";
        EC_PUBLIC_KEY_TYPE_X9_62_HYBRID = 0x4, "ECPublicKeyTypeX9_62Hybrid";
    } also {
    }
}

enumeration! {
    /// Secret Data Type (1.4 section 9.1.3.2.9, 2.1 section 11.52).
    SecretDataType on [SECRET_DATA_TYPE] {
        PASSWORD = 0x1, "Password";
        SEED = 0x2, "Seed";
    } also {
    }
}

enumeration! {
    /// Opaque Data Type (1.4 section 9.1.3.2.10, 2.1 section 11.35).
    OpaqueDataType on [OPAQUE_DATA_TYPE] {
    } also {
    }
}

enumeration! {
    /// Certificate Type (1.4 section 9.1.3.2.6, 2.1 section 11.9).
    CertificateType on [CERTIFICATE_TYPE] {
        X_509 = 0x1, "X_509";
        PGP = 0x2, "PGP";
    } also {
    }
}

enumeration! {
    /// Certificate Request Type (1.4 section 9.1.3.2.22, 2.1 section 11.8).
    CertificateRequestType on [CERTIFICATE_REQUEST_TYPE] {
        CRMF = 0x1, "CRMF";
        PKCS_10 = 0x2, "PKCS_10";
        PEM = 0x3, "PEM";
        PGP = 0x4, "PGP";
    } also {
    }
}

enumeration! {
    /// Name Type (1.4 section 9.1.3.2.11, 2.1 section 11.31).
    NameType on [NAME_TYPE] {
        UNINTERPRETED_TEXT_STRING = 0x1, "UninterpretedTextString";
        URI = 0x2, "URI";
    } also {
    }
}

enumeration! {
    /// Alternative Name Type (1.4 section 9.1.3.2.34, 2.1 section 11.2).
    AlternativeNameType on [ALTERNATIVE_NAME_TYPE] {
        UNINTERPRETED_TEXT_STRING = 0x1, "UninterpretedTextString";
        URI = 0x2, "URI";
        OBJECT_SERIAL_NUMBER = 0x3, "ObjectSerialNumber";
        EMAIL_ADDRESS = 0x4, "EmailAddress";
        DNS_NAME = 0x5, "DNSName";
        X_500_DISTINGUISHED_NAME = 0x6, "X_500DistinguishedName";
        IP_ADDRESS = 0x7, "IPAddress";
    } also {
    }
}

enumeration! {
    /// Rotate Name Type (2.1 section 11.51).
    RotateNameType on [ROTATE_NAME_TYPE] {
        UNINTERPRETED_TEXT_STRING = 0x1, "UninterpretedTextString";
        URI = 0x2, "URI";
    } also {
    }
}

enumeration! {
    /// Link Type (1.4 section 9.1.3.2.20, 2.1 section 11.28).
    LinkType on [LINK_TYPE] {
        CERTIFICATE_LINK = 0x101, "CertificateLink";
        PUBLIC_KEY_LINK = 0x102, "PublicKeyLink";
        PRIVATE_KEY_LINK = 0x103, "PrivateKeyLink";
        DERIVATION_BASE_OBJECT_LINK = 0x104, "DerivationBaseObjectLink";
        DERIVED_KEY_LINK = 0x105, "DerivedKeyLink";
        REPLACEMENT_OBJECT_LINK = 0x106, "ReplacementObjectLink";
        REPLACED_OBJECT_LINK = 0x107, "ReplacedObjectLink";
        PARENT_LINK = 0x108, "ParentLink";
        CHILD_LINK = 0x109, "ChildLink";
        PREVIOUS_LINK = 0x10a, "PreviousLink";
        NEXT_LINK = 0x10b, "NextLink";
        PKCS_12_CERTIFICATE_LINK = 0x10c, "PKCS_12CertificateLink";
        PKCS_12_PASSWORD_LINK = 0x10d, "PKCS_12PasswordLink";
        WRAPPING_KEY_LINK = 0x10e, "WrappingKeyLink";
    } also {
    }
}

enumeration! {
    /// Key Role Type (1.4 section 9.1.3.2.17, 2.1 section 11.26).
    KeyRoleType on [KEY_ROLE_TYPE] {
        BDK = 0x1, "BDK";
        CVK = 0x2, "CVK";
        DEK = 0x3, "DEK";
        MKAC = 0x4, "MKAC";
        MKSMC = 0x5, "MKSMC";
        MKSMI = 0x6, "MKSMI";
        MKDAC = 0x7, "MKDAC";
        MKDN = 0x8, "MKDN";
        MKCP = 0x9, "MKCP";
        MKOTH = 0xa, "MKOTH";
        KEK = 0xb, "KEK";
        MAC16609 = 0xc, "MAC16609";
        MAC97971 = 0xd, "MAC97971";
        MAC97972 = 0xe, "MAC97972";
        MAC97973 = 0xf, "MAC97973";
        MAC97974 = 0x10, "MAC97974";
        MAC97975 = 0x11, "MAC97975";
        ZPK = 0x12, "ZPK";
        PVKIBM = 0x13, "PVKIBM";
        PVKPVV = 0x14, "PVKPVV";
        PVKOTH = 0x15, "PVKOTH";
        DUKPT = 0x16, "DUKPT";
        IV = 0x17, "IV";
        TRKBK = 0x18, "TRKBK";
    } also {
    }
}

enumeration! {
    /// NIST Key Type (2.1 section 11.32).
    NistKeyType on [NIST_KEY_TYPE] {
        PRIVATE_SIGNATURE_KEY = 0x1, "PrivateSignatureKey";
        PUBLIC_SIGNATURE_VERIFICATION_KEY = 0x2, "PublicSignatureVerificationKey";
        SYMMETRIC_AUTHENTICATION_KEY = 0x3, "SymmetricAuthenticationKey";
        PRIVATE_AUTHENTICATION_KEY = 0x4, "PrivateAuthenticationKey";
        PUBLIC_AUTHENTICATION_KEY = 0x5, "PublicAuthenticationKey";
        SYMMETRIC_DATA_ENCRYPTION_KEY = 0x6, "SymmetricDataEncryptionKey";
        SYMMETRIC_KEY_WRAPPING_KEY = 0x7, "SymmetricKeyWrappingKey";
        SYMMETRIC_RANDOM_NUMBER_GENERATION_KEY = 0x8, "SymmetricRandomNumberGenerationKey";
        SYMMETRIC_MASTER_KEY = 0x9, "SymmetricMasterKey";
        PRIVATE_KEY_TRANSPORT_KEY = 0xa, "PrivateKeyTransportKey";
        PUBLIC_KEY_TRANSPORT_KEY = 0xb, "PublicKeyTransportKey";
        SYMMETRIC_KEY_AGREEMENT_KEY = 0xc, "SymmetricKeyAgreementKey";
        PRIVATE_STATIC_KEY_AGREEMENT_KEY = 0xd, "PrivateStaticKeyAgreementKey";
        PUBLIC_STATIC_KEY_AGREEMENT_KEY = 0xe, "PublicStaticKeyAgreementKey";
        PRIVATE_EPHEMERAL_KEY_AGREEMENT_KEY = 0xf, "PrivateEphemeralKeyAgreementKey";
        PUBLIC_EPHEMERAL_KEY_AGREEMENT_KEY = 0x10, "PublicEphemeralKeyAgreementKey";
        SYMMETRIC_AUTHORIZATION_KEY = 0x11, "SymmetricAuthorizationKey";
        PRIVATE_AUTHORIZATION_KEY = 0x12, "PrivateAuthorizationKey";
        PUBLIC_AUTHORIZATION_KEY = 0x13, "PublicAuthorizationKey";
    } also {
    }
}

enumeration! {
    /// Key Value Location Type (1.4 section 9.1.3.2.35, 2.1 section 11.27).
    KeyValueLocationType on [KEY_VALUE_LOCATION_TYPE] {
        UNINTERPRETED_TEXT_STRING = 0x1, "UninterpretedTextString";
        URI = 0x2, "URI";
    } also {
    }
}

enumeration! {
    /// Object Group Member (1.4 section 9.1.3.2.33, 2.1 section 11.33).
    ObjectGroupMember on [OBJECT_GROUP_MEMBER] {
        GROUP_MEMBER_FRESH = 0x1, "GroupMemberFresh";
        GROUP_MEMBER_DEFAULT = 0x2, "GroupMemberDefault";
    } also {
    }
}

enumeration! {
    /// Revocation Reason Code (1.4 section 9.1.3.2.19, 2.1 section 11.48).
    RevocationReasonCode on [REVOCATION_REASON_CODE] {
        UNSPECIFIED = 0x1, "Unspecified";
        KEY_COMPROMISE = 0x2, "KeyCompromise";
        CA_COMPROMISE = 0x3, "CACompromise";
        AFFILIATION_CHANGED = 0x4, "AffiliationChanged";
        SUPERSEDED = 0x5, "Superseded";
        CESSATION_OF_OPERATION = 0x6, "CessationOfOperation";
        PRIVILEGE_WITHDRAWN = 0x7, "PrivilegeWithdrawn";
    } also {
    }
}

enumeration! {
    /// Usage Limits Unit (1.4 section 9.1.3.2.31, 2.1 section 11.60).
    UsageLimitsUnit on [USAGE_LIMITS_UNIT] {
        BYTE = 0x1, "Byte";
        OBJECT = 0x2, "Object";
    } also {
    }
}

enumeration! {
    /// Protection Level (2.1 section 11.42).
    ProtectionLevel on [PROTECTION_LEVEL] {
        HIGH = 0x1, "High";
        LOW = 0x2, "Low";
    } also {
    }
}

mask! {
    /// Protection Storage Mask (2.1 section 12.2).
    ProtectionStorageMask on [PROTECTION_STORAGE_MASK] {
        SOFTWARE = 0x1, "Software";
        HARDWARE = 0x2, "Hardware";
        ON_PROCESSOR = 0x4, "OnProcessor";
        ON_SYSTEM = 0x8, "OnSystem";
        OFF_SYSTEM = 0x10, "OffSystem";
        HYPERVISOR = 0x20, "Hypervisor";
        OPERATING_SYSTEM = 0x40, "OperatingSystem";
        CONTAINER = 0x80, "Container";
        ON_PREMISES = 0x100, "OnPremises";
        OFF_PREMISES = 0x200, "OffPremises";
        SELF_MANAGED = 0x400, "SelfManaged";
        OUTSOURCED = 0x800, "Outsourced";
        VALIDATED = 0x1000, "Validated";
        SAME_JURISDICTION = 0x2000, "SameJurisdiction";
    } also {
    }
}

mask! {
    /// Storage Status Mask (1.4 section 9.1.3.3.2, 2.1 section 12.3).
    StorageStatusMask on [STORAGE_STATUS_MASK] {
        ON_LINE_STORAGE = 0x1, "OnLineStorage";
        ARCHIVAL_STORAGE = 0x2, "ArchivalStorage";
        DESTROYED_STORAGE = 0x4, "DestroyedStorage";
    } also {
    }
}

enumeration! {
    /// Unique Identifier (2.1 section 11.58).
    Placeholder on [UNIQUE_IDENTIFIER, LINKED_OBJECT_IDENTIFIER, PRIVATE_KEY_UNIQUE_IDENTIFIER, PUBLIC_KEY_UNIQUE_IDENTIFIER] {
        ID_PLACEHOLDER = 0x1, "IDPlaceholder";
        CERTIFY = 0x2, "Certify";
        CREATE = 0x3, "Create";
        CREATE_KEY_PAIR = 0x4, "CreateKeyPair";
        CREATE_KEY_PAIR_PRIVATE_KEY = 0x5, "CreateKeyPairPrivateKey";
        CREATE_KEY_PAIR_PUBLIC_KEY = 0x6, "CreateKeyPairPublicKey";
        CREATE_SPLIT_KEY = 0x7, "CreateSplitKey";
        DERIVE_KEY = 0x8, "DeriveKey";
        IMPORT = 0x9, "Import";
        JOIN_SPLIT_KEY = 0xa, "JoinSplitKey";
        LOCATE = 0xb, "Locate";
        REGISTER = 0xc, "Register";
        RE_KEY = 0xd, "ReKey";
        RE_CERTIFY = 0xe, "ReCertify";
        RE_KEY_KEY_PAIR = 0xf, "ReKeyKeyPair";
        RE_KEY_KEY_PAIR_PRIVATE_KEY = 0x10, "ReKeyKeyPairPrivateKey";
        RE_KEY_KEY_PAIR_PUBLIC_KEY = 0x11, "ReKeyKeyPairPublicKey";
    } also {
    }
}
