//! Tags: what an item is, by number and by name (1.4 section 9.1.3.1, 2.1 section 11.56).

use std::fmt;

/// What an item is: three bytes on the wire.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tag(pub u32);

impl Tag {
    /// The first of the tags that are left to vendors.
    pub const VENDOR_FIRST: Tag = Tag(0x54_0000);
    /// The last of the tags that are left to vendors.
    pub const VENDOR_LAST: Tag = Tag(0x54_ffff);

    /// Whether the tag is one that specifications leave to vendors.
    pub fn is_of_a_vendor(self) -> bool {
        (Self::VENDOR_FIRST..=Self::VENDOR_LAST).contains(&self)
    }

    /// The tag's name as XML and JSON write it, e.g. `CryptographicLength`.
    pub fn name(self) -> Option<&'static str> {
        let at = TAGS.binary_search_by_key(&self, |&(tag, _)| tag).ok()?;
        TAGS.get(at).map(|&(_, name)| name)
    }

    /// The tag of a name as XML and JSON write it.
    pub fn named(name: &str) -> Option<Self> {
        let at = BY_NAME.binary_search_by_key(&name, |&(name, _)| name).ok()?;
        BY_NAME.get(at).map(|&(_, tag)| tag)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#08x}", self.0),
        }
    }
}

macro_rules! tags {
    ($($value:literal $constant:ident $name:literal;)+) => {
        impl Tag {
            $(#[doc = concat!("`", $name, "`.")]
            pub const $constant: Tag = Tag($value);)+
        }

        /// Every tag with its name, by number.
        const TAGS: &[(Tag, &str)] = &[$((Tag($value), $name)),+];
    };
}

/// The same by name, put in order when it is compiled.
const BY_NAME: &[(&str, Tag)] = &by_name();

const fn by_name() -> [(&'static str, Tag); TAGS.len()] {
    let mut sorted = [("", Tag(0)); TAGS.len()];
    let mut count = 0;
    while count < TAGS.len() {
        let (tag, name) = TAGS[count];
        let mut at = count;
        while at > 0 && precedes(name, sorted[at - 1].0) {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        sorted[at] = (name, tag);
        count += 1;
    }
    sorted
}

/// Whether `one` comes before `other` in the order of bytes.
const fn precedes(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
}

tags! {
    0x42_0001 ACTIVATION_DATE "ActivationDate";
    0x42_0002 APPLICATION_DATA "ApplicationData";
    0x42_0003 APPLICATION_NAMESPACE "ApplicationNamespace";
    0x42_0004 APPLICATION_SPECIFIC_INFORMATION "ApplicationSpecificInformation";
    0x42_0005 ARCHIVE_DATE "ArchiveDate";
    0x42_0006 ASYNCHRONOUS_CORRELATION_VALUE "AsynchronousCorrelationValue";
    0x42_0007 ASYNCHRONOUS_INDICATOR "AsynchronousIndicator";
    0x42_0008 ATTRIBUTE "Attribute";
    0x42_0009 ATTRIBUTE_INDEX "AttributeIndex";
    0x42_000a ATTRIBUTE_NAME "AttributeName";
    0x42_000b ATTRIBUTE_VALUE "AttributeValue";
    0x42_000c AUTHENTICATION "Authentication";
    0x42_000d BATCH_COUNT "BatchCount";
    0x42_000e BATCH_ERROR_CONTINUATION_OPTION "BatchErrorContinuationOption";
    0x42_000f BATCH_ITEM "BatchItem";
    0x42_0010 BATCH_ORDER_OPTION "BatchOrderOption";
    0x42_0011 BLOCK_CIPHER_MODE "BlockCipherMode";
    0x42_0012 CANCELLATION_RESULT "CancellationResult";
    0x42_0013 CERTIFICATE "Certificate";
    0x42_0014 CERTIFICATE_IDENTIFIER "CertificateIdentifier";
    0x42_0015 CERTIFICATE_ISSUER "CertificateIssuer";
    0x42_0016 CERTIFICATE_ISSUER_ALTERNATIVE_NAME "CertificateIssuerAlternativeName";
    0x42_0017 CERTIFICATE_ISSUER_DISTINGUISHED_NAME "CertificateIssuerDistinguishedName";
    0x42_0018 CERTIFICATE_REQUEST "CertificateRequest";
    0x42_0019 CERTIFICATE_REQUEST_TYPE "CertificateRequestType";
    0x42_001a CERTIFICATE_SUBJECT "CertificateSubject";
    0x42_001b CERTIFICATE_SUBJECT_ALTERNATIVE_NAME "CertificateSubjectAlternativeName";
    0x42_001c CERTIFICATE_SUBJECT_DISTINGUISHED_NAME "CertificateSubjectDistinguishedName";
    0x42_001d CERTIFICATE_TYPE "CertificateType";
    0x42_001e CERTIFICATE_VALUE "CertificateValue";
    0x42_001f COMMON_TEMPLATE_ATTRIBUTE "CommonTemplateAttribute";
    0x42_0020 COMPROMISE_DATE "CompromiseDate";
    0x42_0021 COMPROMISE_OCCURRENCE_DATE "CompromiseOccurrenceDate";
    0x42_0022 CONTACT_INFORMATION "ContactInformation";
    0x42_0023 CREDENTIAL "Credential";
    0x42_0024 CREDENTIAL_TYPE "CredentialType";
    0x42_0025 CREDENTIAL_VALUE "CredentialValue";
    0x42_0026 CRITICALITY_INDICATOR "CriticalityIndicator";
    0x42_0027 CRT_COEFFICIENT "CRTCoefficient";
    0x42_0028 CRYPTOGRAPHIC_ALGORITHM "CryptographicAlgorithm";
    0x42_0029 CRYPTOGRAPHIC_DOMAIN_PARAMETERS "CryptographicDomainParameters";
    0x42_002a CRYPTOGRAPHIC_LENGTH "CryptographicLength";
    0x42_002b CRYPTOGRAPHIC_PARAMETERS "CryptographicParameters";
    0x42_002c CRYPTOGRAPHIC_USAGE_MASK "CryptographicUsageMask";
    0x42_002d CUSTOM_ATTRIBUTE "CustomAttribute";
    0x42_002e D "D";
    0x42_002f DEACTIVATION_DATE "DeactivationDate";
    0x42_0030 DERIVATION_DATA "DerivationData";
    0x42_0031 DERIVATION_METHOD "DerivationMethod";
    0x42_0032 DERIVATION_PARAMETERS "DerivationParameters";
    0x42_0033 DESTROY_DATE "DestroyDate";
    0x42_0034 DIGEST "Digest";
    0x42_0035 DIGEST_VALUE "DigestValue";
    0x42_0036 ENCRYPTION_KEY_INFORMATION "EncryptionKeyInformation";
    0x42_0037 G "G";
    0x42_0038 HASHING_ALGORITHM "HashingAlgorithm";
    0x42_0039 INITIAL_DATE "InitialDate";
    0x42_003a INITIALIZATION_VECTOR "InitializationVector";
    0x42_003b ISSUER "Issuer";
    0x42_003c ITERATION_COUNT "IterationCount";
    0x42_003d IV_COUNTER_NONCE "IVCounterNonce";
    0x42_003e J "J";
    0x42_003f KEY "Key";
    0x42_0040 KEY_BLOCK "KeyBlock";
    0x42_0041 KEY_COMPRESSION_TYPE "KeyCompressionType";
    0x42_0042 KEY_FORMAT_TYPE "KeyFormatType";
    0x42_0043 KEY_MATERIAL "KeyMaterial";
    0x42_0044 KEY_PART_IDENTIFIER "KeyPartIdentifier";
    0x42_0045 KEY_VALUE "KeyValue";
    0x42_0046 KEY_WRAPPING_DATA "KeyWrappingData";
    0x42_0047 KEY_WRAPPING_SPECIFICATION "KeyWrappingSpecification";
    0x42_0048 LAST_CHANGE_DATE "LastChangeDate";
    0x42_0049 LEASE_TIME "LeaseTime";
    0x42_004a LINK "Link";
    0x42_004b LINK_TYPE "LinkType";
    0x42_004c LINKED_OBJECT_IDENTIFIER "LinkedObjectIdentifier";
    0x42_004d MAC_SIGNATURE "MACSignature";
    0x42_004e MAC_SIGNATURE_KEY_INFORMATION "MACSignatureKeyInformation";
    0x42_004f MAXIMUM_ITEMS "MaximumItems";
    0x42_0050 MAXIMUM_RESPONSE_SIZE "MaximumResponseSize";
    0x42_0051 MESSAGE_EXTENSION "MessageExtension";
    0x42_0052 MODULUS "Modulus";
    0x42_0053 NAME "Name";
    0x42_0054 NAME_TYPE "NameType";
    0x42_0055 NAME_VALUE "NameValue";
    0x42_0056 OBJECT_GROUP "ObjectGroup";
    0x42_0057 OBJECT_TYPE "ObjectType";
    0x42_0058 OFFSET "Offset";
    0x42_0059 OPAQUE_DATA_TYPE "OpaqueDataType";
    0x42_005a OPAQUE_DATA_VALUE "OpaqueDataValue";
    0x42_005b OPAQUE_OBJECT "OpaqueObject";
    0x42_005c OPERATION "Operation";
    0x42_005d OPERATION_POLICY_NAME "OperationPolicyName";
    0x42_005e P "P";
    0x42_005f PADDING_METHOD "PaddingMethod";
    0x42_0060 PRIME_EXPONENT_P "PrimeExponentP";
    0x42_0061 PRIME_EXPONENT_Q "PrimeExponentQ";
    0x42_0062 PRIME_FIELD_SIZE "PrimeFieldSize";
    0x42_0063 PRIVATE_EXPONENT "PrivateExponent";
    0x42_0064 PRIVATE_KEY "PrivateKey";
    0x42_0065 PRIVATE_KEY_TEMPLATE_ATTRIBUTE "PrivateKeyTemplateAttribute";
    0x42_0066 PRIVATE_KEY_UNIQUE_IDENTIFIER "PrivateKeyUniqueIdentifier";
    0x42_0067 PROCESS_START_DATE "ProcessStartDate";
    0x42_0068 PROTECT_STOP_DATE "ProtectStopDate";
    0x42_0069 PROTOCOL_VERSION "ProtocolVersion";
    0x42_006a PROTOCOL_VERSION_MAJOR "ProtocolVersionMajor";
    0x42_006b PROTOCOL_VERSION_MINOR "ProtocolVersionMinor";
    0x42_006c PUBLIC_EXPONENT "PublicExponent";
    0x42_006d PUBLIC_KEY "PublicKey";
    0x42_006e PUBLIC_KEY_TEMPLATE_ATTRIBUTE "PublicKeyTemplateAttribute";
    0x42_006f PUBLIC_KEY_UNIQUE_IDENTIFIER "PublicKeyUniqueIdentifier";
    0x42_0070 PUT_FUNCTION "PutFunction";
    0x42_0071 Q "Q";
    0x42_0072 Q_STRING "QString";
    0x42_0073 QLENGTH "Qlength";
    0x42_0074 QUERY_FUNCTION "QueryFunction";
    0x42_0075 RECOMMENDED_CURVE "RecommendedCurve";
    0x42_0076 REPLACED_UNIQUE_IDENTIFIER "ReplacedUniqueIdentifier";
    0x42_0077 REQUEST_HEADER "RequestHeader";
    0x42_0078 REQUEST_MESSAGE "RequestMessage";
    0x42_0079 REQUEST_PAYLOAD "RequestPayload";
    0x42_007a RESPONSE_HEADER "ResponseHeader";
    0x42_007b RESPONSE_MESSAGE "ResponseMessage";
    0x42_007c RESPONSE_PAYLOAD "ResponsePayload";
    0x42_007d RESULT_MESSAGE "ResultMessage";
    0x42_007e RESULT_REASON "ResultReason";
    0x42_007f RESULT_STATUS "ResultStatus";
    0x42_0080 REVOCATION_MESSAGE "RevocationMessage";
    0x42_0081 REVOCATION_REASON "RevocationReason";
    0x42_0082 REVOCATION_REASON_CODE "RevocationReasonCode";
    0x42_0083 KEY_ROLE_TYPE "KeyRoleType";
    0x42_0084 SALT "Salt";
    0x42_0085 SECRET_DATA "SecretData";
    0x42_0086 SECRET_DATA_TYPE "SecretDataType";
    0x42_0087 SERIAL_NUMBER "SerialNumber";
    0x42_0088 SERVER_INFORMATION "ServerInformation";
    0x42_0089 SPLIT_KEY "SplitKey";
    0x42_008a SPLIT_KEY_METHOD "SplitKeyMethod";
    0x42_008b SPLIT_KEY_PARTS "SplitKeyParts";
    0x42_008c SPLIT_KEY_THRESHOLD "SplitKeyThreshold";
    0x42_008d STATE "State";
    0x42_008e STORAGE_STATUS_MASK "StorageStatusMask";
    0x42_008f SYMMETRIC_KEY "SymmetricKey";
    0x42_0090 TEMPLATE "Template";
    0x42_0091 TEMPLATE_ATTRIBUTE "TemplateAttribute";
    0x42_0092 TIME_STAMP "TimeStamp";
    0x42_0093 UNIQUE_BATCH_ITEM_ID "UniqueBatchItemID";
    0x42_0094 UNIQUE_IDENTIFIER "UniqueIdentifier";
    0x42_0095 USAGE_LIMITS "UsageLimits";
    0x42_0096 USAGE_LIMITS_COUNT "UsageLimitsCount";
    0x42_0097 USAGE_LIMITS_TOTAL "UsageLimitsTotal";
    0x42_0098 USAGE_LIMITS_UNIT "UsageLimitsUnit";
    0x42_0099 USERNAME "Username";
    0x42_009a VALIDITY_DATE "ValidityDate";
    0x42_009b VALIDITY_INDICATOR "ValidityIndicator";
    0x42_009c VENDOR_EXTENSION "VendorExtension";
    0x42_009d VENDOR_IDENTIFICATION "VendorIdentification";
    0x42_009e WRAPPING_METHOD "WrappingMethod";
    0x42_009f X "X";
    0x42_00a0 Y "Y";
    0x42_00a1 PASSWORD "Password";
    0x42_00a2 DEVICE_IDENTIFIER "DeviceIdentifier";
    0x42_00a3 ENCODING_OPTION "EncodingOption";
    0x42_00a4 EXTENSION_INFORMATION "ExtensionInformation";
    0x42_00a5 EXTENSION_NAME "ExtensionName";
    0x42_00a6 EXTENSION_TAG "ExtensionTag";
    0x42_00a7 EXTENSION_TYPE "ExtensionType";
    0x42_00a8 FRESH "Fresh";
    0x42_00a9 MACHINE_IDENTIFIER "MachineIdentifier";
    0x42_00aa MEDIA_IDENTIFIER "MediaIdentifier";
    0x42_00ab NETWORK_IDENTIFIER "NetworkIdentifier";
    0x42_00ac OBJECT_GROUP_MEMBER "ObjectGroupMember";
    0x42_00ad CERTIFICATE_LENGTH "CertificateLength";
    0x42_00ae DIGITAL_SIGNATURE_ALGORITHM "DigitalSignatureAlgorithm";
    0x42_00af CERTIFICATE_SERIAL_NUMBER "CertificateSerialNumber";
    0x42_00b0 DEVICE_SERIAL_NUMBER "DeviceSerialNumber";
    0x42_00b1 ISSUER_ALTERNATIVE_NAME "IssuerAlternativeName";
    0x42_00b2 ISSUER_DISTINGUISHED_NAME "IssuerDistinguishedName";
    0x42_00b3 SUBJECT_ALTERNATIVE_NAME "SubjectAlternativeName";
    0x42_00b4 SUBJECT_DISTINGUISHED_NAME "SubjectDistinguishedName";
    0x42_00b5 X_509_CERTIFICATE_IDENTIFIER "X_509CertificateIdentifier";
    0x42_00b6 X_509_CERTIFICATE_ISSUER "X_509CertificateIssuer";
    0x42_00b7 X_509_CERTIFICATE_SUBJECT "X_509CertificateSubject";
    0x42_00b8 KEY_VALUE_LOCATION "KeyValueLocation";
    0x42_00b9 KEY_VALUE_LOCATION_VALUE "KeyValueLocationValue";
    0x42_00ba KEY_VALUE_LOCATION_TYPE "KeyValueLocationType";
    0x42_00bb KEY_VALUE_PRESENT "KeyValuePresent";
    0x42_00bc ORIGINAL_CREATION_DATE "OriginalCreationDate";
    0x42_00bd PGP_KEY "PGPKey";
    0x42_00be PGP_KEY_VERSION "PGPKeyVersion";
    0x42_00bf ALTERNATIVE_NAME "AlternativeName";
    0x42_00c0 ALTERNATIVE_NAME_VALUE "AlternativeNameValue";
    0x42_00c1 ALTERNATIVE_NAME_TYPE "AlternativeNameType";
    0x42_00c2 DATA "Data";
    0x42_00c3 SIGNATURE_DATA "SignatureData";
    0x42_00c4 DATA_LENGTH "DataLength";
    0x42_00c5 RANDOM_IV "RandomIV";
    0x42_00c6 MAC_DATA "MACData";
    0x42_00c7 ATTESTATION_TYPE "AttestationType";
    0x42_00c8 NONCE "Nonce";
    0x42_00c9 NONCE_ID "NonceID";
    0x42_00ca NONCE_VALUE "NonceValue";
    0x42_00cb ATTESTATION_MEASUREMENT "AttestationMeasurement";
    0x42_00cc ATTESTATION_ASSERTION "AttestationAssertion";
    0x42_00cd IV_LENGTH "IVLength";
    0x42_00ce TAG_LENGTH "TagLength";
    0x42_00cf FIXED_FIELD_LENGTH "FixedFieldLength";
    0x42_00d0 COUNTER_LENGTH "CounterLength";
    0x42_00d1 INITIAL_COUNTER_VALUE "InitialCounterValue";
    0x42_00d2 INVOCATION_FIELD_LENGTH "InvocationFieldLength";
    0x42_00d3 ATTESTATION_CAPABLE_INDICATOR "AttestationCapableIndicator";
    0x42_00d4 OFFSET_ITEMS "OffsetItems";
    0x42_00d5 LOCATED_ITEMS "LocatedItems";
    0x42_00d6 CORRELATION_VALUE "CorrelationValue";
    0x42_00d7 INIT_INDICATOR "InitIndicator";
    0x42_00d8 FINAL_INDICATOR "FinalIndicator";
    0x42_00d9 RNG_PARAMETERS "RNGParameters";
    0x42_00da RNG_ALGORITHM "RNGAlgorithm";
    0x42_00db DRBG_ALGORITHM "DRBGAlgorithm";
    0x42_00dc FIPS186_VARIATION "FIPS186Variation";
    0x42_00dd PREDICTION_RESISTANCE "PredictionResistance";
    0x42_00de RANDOM_NUMBER_GENERATOR "RandomNumberGenerator";
    0x42_00df VALIDATION_INFORMATION "ValidationInformation";
    0x42_00e0 VALIDATION_AUTHORITY_TYPE "ValidationAuthorityType";
    0x42_00e1 VALIDATION_AUTHORITY_COUNTRY "ValidationAuthorityCountry";
    0x42_00e2 VALIDATION_AUTHORITY_URI "ValidationAuthorityURI";
    0x42_00e3 VALIDATION_VERSION_MAJOR "ValidationVersionMajor";
    0x42_00e4 VALIDATION_VERSION_MINOR "ValidationVersionMinor";
    0x42_00e5 VALIDATION_TYPE "ValidationType";
    0x42_00e6 VALIDATION_LEVEL "ValidationLevel";
    0x42_00e7 VALIDATION_CERTIFICATE_IDENTIFIER "ValidationCertificateIdentifier";
    0x42_00e8 VALIDATION_CERTIFICATE_URI "ValidationCertificateURI";
    0x42_00e9 VALIDATION_VENDOR_URI "ValidationVendorURI";
    0x42_00ea VALIDATION_PROFILE "ValidationProfile";
    0x42_00eb PROFILE_INFORMATION "ProfileInformation";
    0x42_00ec PROFILE_NAME "ProfileName";
    0x42_00ed SERVER_URI "ServerURI";
    0x42_00ee SERVER_PORT "ServerPort";
    0x42_00ef STREAMING_CAPABILITY "StreamingCapability";
    0x42_00f0 ASYNCHRONOUS_CAPABILITY "AsynchronousCapability";
    0x42_00f1 ATTESTATION_CAPABILITY "AttestationCapability";
    0x42_00f2 UNWRAP_MODE "UnwrapMode";
    0x42_00f3 DESTROY_ACTION "DestroyAction";
    0x42_00f4 SHREDDING_ALGORITHM "ShreddingAlgorithm";
    0x42_00f5 RNG_MODE "RNGMode";
    0x42_00f6 CLIENT_REGISTRATION_METHOD "ClientRegistrationMethod";
    0x42_00f7 CAPABILITY_INFORMATION "CapabilityInformation";
    0x42_00f8 KEY_WRAP_TYPE "KeyWrapType";
    0x42_00f9 BATCH_UNDO_CAPABILITY "BatchUndoCapability";
    0x42_00fa BATCH_CONTINUE_CAPABILITY "BatchContinueCapability";
    0x42_00fb PKCS_12_FRIENDLY_NAME "PKCS_12FriendlyName";
    0x42_00fc DESCRIPTION "Description";
    0x42_00fd COMMENT "Comment";
    0x42_00fe AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA "AuthenticatedEncryptionAdditionalData";
    0x42_00ff AUTHENTICATED_ENCRYPTION_TAG "AuthenticatedEncryptionTag";
    0x42_0100 SALT_LENGTH "SaltLength";
    0x42_0101 MASK_GENERATOR "MaskGenerator";
    0x42_0102 MASK_GENERATOR_HASHING_ALGORITHM "MaskGeneratorHashingAlgorithm";
    0x42_0103 P_SOURCE "PSource";
    0x42_0104 TRAILER_FIELD "TrailerField";
    0x42_0105 CLIENT_CORRELATION_VALUE "ClientCorrelationValue";
    0x42_0106 SERVER_CORRELATION_VALUE "ServerCorrelationValue";
    0x42_0107 DIGESTED_DATA "DigestedData";
    0x42_0108 CERTIFICATE_SUBJECT_CN "CertificateSubjectCN";
    0x42_0109 CERTIFICATE_SUBJECT_O "CertificateSubjectO";
    0x42_010a CERTIFICATE_SUBJECT_OU "CertificateSubjectOU";
    0x42_010b CERTIFICATE_SUBJECT_EMAIL "CertificateSubjectEmail";
    0x42_010c CERTIFICATE_SUBJECT_C "CertificateSubjectC";
    0x42_010d CERTIFICATE_SUBJECT_ST "CertificateSubjectST";
    0x42_010e CERTIFICATE_SUBJECT_L "CertificateSubjectL";
    0x42_010f CERTIFICATE_SUBJECT_UID "CertificateSubjectUID";
    0x42_0110 CERTIFICATE_SUBJECT_SERIAL_NUMBER "CertificateSubjectSerialNumber";
    0x42_0111 CERTIFICATE_SUBJECT_TITLE "CertificateSubjectTitle";
    0x42_0112 CERTIFICATE_SUBJECT_DC "CertificateSubjectDC";
    0x42_0113 CERTIFICATE_SUBJECT_DN_QUALIFIER "CertificateSubjectDNQualifier";
    0x42_0114 CERTIFICATE_ISSUER_CN "CertificateIssuerCN";
    0x42_0115 CERTIFICATE_ISSUER_O "CertificateIssuerO";
    0x42_0116 CERTIFICATE_ISSUER_OU "CertificateIssuerOU";
    0x42_0117 CERTIFICATE_ISSUER_EMAIL "CertificateIssuerEmail";
    0x42_0118 CERTIFICATE_ISSUER_C "CertificateIssuerC";
    0x42_0119 CERTIFICATE_ISSUER_ST "CertificateIssuerST";
    0x42_011a CERTIFICATE_ISSUER_L "CertificateIssuerL";
    0x42_011b CERTIFICATE_ISSUER_UID "CertificateIssuerUID";
    0x42_011c CERTIFICATE_ISSUER_SERIAL_NUMBER "CertificateIssuerSerialNumber";
    0x42_011d CERTIFICATE_ISSUER_TITLE "CertificateIssuerTitle";
    0x42_011e CERTIFICATE_ISSUER_DC "CertificateIssuerDC";
    0x42_011f CERTIFICATE_ISSUER_DN_QUALIFIER "CertificateIssuerDNQualifier";
    0x42_0120 SENSITIVE "Sensitive";
    0x42_0121 ALWAYS_SENSITIVE "AlwaysSensitive";
    0x42_0122 EXTRACTABLE "Extractable";
    0x42_0123 NEVER_EXTRACTABLE "NeverExtractable";
    0x42_0124 REPLACE_EXISTING "ReplaceExisting";
    0x42_0125 ATTRIBUTES "Attributes";
    0x42_0126 COMMON_ATTRIBUTES "CommonAttributes";
    0x42_0127 PRIVATE_KEY_ATTRIBUTES "PrivateKeyAttributes";
    0x42_0128 PUBLIC_KEY_ATTRIBUTES "PublicKeyAttributes";
    0x42_0129 EXTENSION_ENUMERATION "ExtensionEnumeration";
    0x42_012a EXTENSION_ATTRIBUTE "ExtensionAttribute";
    0x42_012b EXTENSION_PARENT_STRUCTURE_TAG "ExtensionParentStructureTag";
    0x42_012c EXTENSION_DESCRIPTION "ExtensionDescription";
    0x42_012d SERVER_NAME "ServerName";
    0x42_012e SERVER_SERIAL_NUMBER "ServerSerialNumber";
    0x42_012f SERVER_VERSION "ServerVersion";
    0x42_0130 SERVER_LOAD "ServerLoad";
    0x42_0131 PRODUCT_NAME "ProductName";
    0x42_0132 BUILD_LEVEL "BuildLevel";
    0x42_0133 BUILD_DATE "BuildDate";
    0x42_0134 CLUSTER_INFO "ClusterInfo";
    0x42_0135 ALTERNATE_FAILOVER_ENDPOINTS "AlternateFailoverEndpoints";
    0x42_0136 SHORT_UNIQUE_IDENTIFIER "ShortUniqueIdentifier";
    0x42_0138 TAG "Tag";
    0x42_0139 CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER "CertificateRequestUniqueIdentifier";
    0x42_013a NIST_KEY_TYPE "NISTKeyType";
    0x42_013b ATTRIBUTE_REFERENCE "AttributeReference";
    0x42_013c CURRENT_ATTRIBUTE "CurrentAttribute";
    0x42_013d NEW_ATTRIBUTE "NewAttribute";
    0x42_0140 CERTIFICATE_REQUEST_VALUE "CertificateRequestValue";
    0x42_0141 LOG_MESSAGE "LogMessage";
    0x42_0142 PROFILE_VERSION "ProfileVersion";
    0x42_0143 PROFILE_VERSION_MAJOR "ProfileVersionMajor";
    0x42_0144 PROFILE_VERSION_MINOR "ProfileVersionMinor";
    0x42_0145 PROTECTION_LEVEL "ProtectionLevel";
    0x42_0146 PROTECTION_PERIOD "ProtectionPeriod";
    0x42_0147 QUANTUM_SAFE "QuantumSafe";
    0x42_0148 QUANTUM_SAFE_CAPABILITY "QuantumSafeCapability";
    0x42_0149 TICKET "Ticket";
    0x42_014a TICKET_TYPE "TicketType";
    0x42_014b TICKET_VALUE "TicketValue";
    0x42_014c REQUEST_COUNT "RequestCount";
    0x42_014d RIGHTS "Rights";
    0x42_014e OBJECTS "Objects";
    0x42_014f OPERATIONS "Operations";
    0x42_0150 RIGHT "Right";
    0x42_0151 ENDPOINT_ROLE "EndpointRole";
    0x42_0152 DEFAULTS_INFORMATION "DefaultsInformation";
    0x42_0153 OBJECT_DEFAULTS "ObjectDefaults";
    0x42_0154 EPHEMERAL "Ephemeral";
    0x42_0155 SERVER_HASHED_PASSWORD "ServerHashedPassword";
    0x42_0156 ONE_TIME_PASSWORD "OneTimePassword";
    0x42_0157 HASHED_PASSWORD "HashedPassword";
    0x42_0158 ADJUSTMENT_TYPE "AdjustmentType";
    0x42_0159 PKCS_11_INTERFACE "PKCS_11Interface";
    0x42_015a PKCS_11_FUNCTION "PKCS_11Function";
    0x42_015b PKCS_11_INPUT_PARAMETERS "PKCS_11InputParameters";
    0x42_015c PKCS_11_OUTPUT_PARAMETERS "PKCS_11OutputParameters";
    0x42_015d PKCS_11_RETURN_CODE "PKCS_11ReturnCode";
    0x42_015e PROTECTION_STORAGE_MASK "ProtectionStorageMask";
    0x42_015f PROTECTION_STORAGE_MASKS "ProtectionStorageMasks";
    0x42_0160 INTEROP_FUNCTION "InteropFunction";
    0x42_0161 INTEROP_IDENTIFIER "InteropIdentifier";
    0x42_0162 ADJUSTMENT_VALUE "AdjustmentValue";
    0x42_0163 COMMON_PROTECTION_STORAGE_MASKS "CommonProtectionStorageMasks";
    0x42_0164 PRIVATE_PROTECTION_STORAGE_MASKS "PrivateProtectionStorageMasks";
    0x42_0165 PUBLIC_PROTECTION_STORAGE_MASKS "PublicProtectionStorageMasks";
    0x42_0166 OBJECT_GROUPS "ObjectGroups";
    0x42_0167 OBJECT_TYPES "ObjectTypes";
    0x42_0168 CONSTRAINTS "Constraints";
    0x42_0169 CONSTRAINT "Constraint";
    0x42_016a ROTATE_INTERVAL "RotateInterval";
    0x42_016b ROTATE_AUTOMATIC "RotateAutomatic";
    0x42_016c ROTATE_OFFSET "RotateOffset";
    0x42_016d ROTATE_DATE "RotateDate";
    0x42_016e ROTATE_GENERATION "RotateGeneration";
    0x42_016f ROTATE_NAME "RotateName";
    0x42_0170 ROTATE_NAME_VALUE "RotateNameValue";
    0x42_0171 ROTATE_NAME_TYPE "RotateNameType";
    0x42_0172 ROTATE_LATEST "RotateLatest";
    0x42_0173 ASYNCHRONOUS_REQUEST "AsynchronousRequest";
    0x42_0174 SUBMISSION_DATE "SubmissionDate";
    0x42_0175 PROCESSING_STAGE "ProcessingStage";
    0x42_0176 ASYNCHRONOUS_CORRELATION_VALUES "AsynchronousCorrelationValues";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_one_number_and_one_name() {
        assert!(TAGS.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(BY_NAME.is_sorted_by(|(one, _), (other, _)| one < other));
        for &(tag, name) in TAGS {
            assert_eq!((Tag::named(name), tag.name()), (Some(tag), Some(name)));
        }
        assert_eq!(Tag::named("NoSuchTag"), None);
        assert_eq!(Tag(0x42_0000).name(), None);
    }
}
