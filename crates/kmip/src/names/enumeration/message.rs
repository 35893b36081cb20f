//! What is asked and answered: operations, results and their options.

use super::enumeration;

enumeration! {
    /// Credential Type (1.4 section 9.1.3.2.1, 2.1 section 11.11).
    CredentialType on [CREDENTIAL_TYPE] {
        USERNAME_AND_PASSWORD = 0x1, "UsernameAndPassword";
        DEVICE = 0x2, "Device";
        ATTESTATION = 0x3, "Attestation";
        ONE_TIME_PASSWORD = 0x4, "OneTimePassword";
        HASHED_PASSWORD = 0x5, "HashedPassword";
        TICKET = 0x6, "Ticket";
    } also {
    }
}

enumeration! {
    /// Validity Indicator (1.4 section 9.1.3.2.23, 2.1 section 11.61).
    ValidityIndicator on [VALIDITY_INDICATOR] {
        VALID = 0x1, "Valid";
        INVALID = 0x2, "Invalid";
        UNKNOWN = 0x3, "Unknown";
    } also {
    }
}

enumeration! {
    /// Query Function (1.4 section 9.1.3.2.24, 2.1 section 11.44).
    QueryFunction on [QUERY_FUNCTION] {
        QUERY_OPERATIONS = 0x1, "QueryOperations";
        QUERY_OBJECTS = 0x2, "QueryObjects";
        QUERY_SERVER_INFORMATION = 0x3, "QueryServerInformation";
        QUERY_APPLICATION_NAMESPACES = 0x4, "QueryApplicationNamespaces";
        QUERY_EXTENSION_LIST = 0x5, "QueryExtensionList";
        QUERY_EXTENSION_MAP = 0x6, "QueryExtensionMap";
        QUERY_ATTESTATION_TYPES = 0x7, "QueryAttestationTypes";
        QUERY_RNGS = 0x8, "QueryRNGs";
        QUERY_VALIDATIONS = 0x9, "QueryValidations";
        QUERY_PROFILES = 0xa, "QueryProfiles";
        QUERY_CAPABILITIES = 0xb, "QueryCapabilities";
        QUERY_CLIENT_REGISTRATION_METHODS = 0xc, "QueryClientRegistrationMethods";
        QUERY_DEFAULTS_INFORMATION = 0xd, "QueryDefaultsInformation";
        QUERY_STORAGE_PROTECTION_MASKS = 0xe, "QueryStorageProtectionMasks";
    } also {
    }
}

enumeration! {
    /// Cancellation Result (1.4 section 9.1.3.2.25, 2.1 section 11.7).
    CancellationResult on [CANCELLATION_RESULT] {
        CANCELED = 0x1, "Canceled";
        UNABLE_TO_CANCEL = 0x2, "UnableToCancel";
        COMPLETED = 0x3, "Completed";
        FAILED = 0x4, "Failed";
        UNAVAILABLE = 0x5, "Unavailable";
    } also {
    }
}

enumeration! {
    /// Put Function (1.4 section 9.1.3.2.26, 2.1 section 11.43).
    PutFunction on [PUT_FUNCTION] {
        NEW = 0x1, "New";
        REPLACE = 0x2, "Replace";
    } also {
    }
}

enumeration! {
    /// Operation (1.4 section 9.1.3.2.27, 2.1 section 11.36).
    Operation on [OPERATION] {
        CREATE = 0x1, "Create";
        CREATE_KEY_PAIR = 0x2, "CreateKeyPair";
        REGISTER = 0x3, "Register";
        RE_KEY = 0x4, "ReKey";
        DERIVE_KEY = 0x5, "DeriveKey";
        CERTIFY = 0x6, "Certify";
        RE_CERTIFY = 0x7, "ReCertify";
        LOCATE = 0x8, "Locate";
        CHECK = 0x9, "Check";
        GET = 0xa, "Get";
        GET_ATTRIBUTES = 0xb, "GetAttributes";
        GET_ATTRIBUTE_LIST = 0xc, "GetAttributeList";
        ADD_ATTRIBUTE = 0xd, "AddAttribute";
        MODIFY_ATTRIBUTE = 0xe, "ModifyAttribute";
        DELETE_ATTRIBUTE = 0xf, "DeleteAttribute";
        OBTAIN_LEASE = 0x10, "ObtainLease";
        GET_USAGE_ALLOCATION = 0x11, "GetUsageAllocation";
        ACTIVATE = 0x12, "Activate";
        REVOKE = 0x13, "Revoke";
        DESTROY = 0x14, "Destroy";
        ARCHIVE = 0x15, "Archive";
        RECOVER = 0x16, "Recover";
        VALIDATE = 0x17, "Validate";
        QUERY = 0x18, "Query";
        CANCEL = 0x19, "Cancel";
        POLL = 0x1a, "Poll";
        NOTIFY = 0x1b, "Notify";
        PUT = 0x1c, "Put";
        RE_KEY_KEY_PAIR = 0x1d, "ReKeyKeyPair";
        DISCOVER_VERSIONS = 0x1e, "DiscoverVersions";
        ENCRYPT = 0x1f, "Encrypt";
        DECRYPT = 0x20, "Decrypt";
        SIGN = 0x21, "Sign";
        SIGNATURE_VERIFY = 0x22, "SignatureVerify";
        MAC = 0x23, "MAC";
        MAC_VERIFY = 0x24, "MACVerify";
        RNG_RETRIEVE = 0x25, "RNGRetrieve";
        RNG_SEED = 0x26, "RNGSeed";
        HASH = 0x27, "Hash";
        CREATE_SPLIT_KEY = 0x28, "CreateSplitKey";
        JOIN_SPLIT_KEY = 0x29, "JoinSplitKey";
        IMPORT = 0x2a, "Import";
        EXPORT = 0x2b, "Export";
        LOG = 0x2c, "Log";
        LOGIN = 0x2d, "Login";
        LOGOUT = 0x2e, "Logout";
        DELEGATED_LOGIN = 0x2f, "DelegatedLogin";
        ADJUST_ATTRIBUTE = 0x30, "AdjustAttribute";
        SET_ATTRIBUTE = 0x31, "SetAttribute";
        SET_ENDPOINT_ROLE = 0x32, "SetEndpointRole";
        PKCS_11 = 0x33, "PKCS_11";
        INTEROP = 0x34, "Interop";
        RE_PROVISION = 0x35, "ReProvision";
        SET_DEFAULTS = 0x36, "SetDefaults";
        SET_CONSTRAINTS = 0x37, "SetConstraints";
        GET_CONSTRAINTS = 0x38, "GetConstraints";
        QUERY_ASYNCHRONOUS_REQUESTS = 0x39, "QueryAsynchronousRequests";
        PROCESS = 0x3a, "Process";
        PING = 0x3b, "Ping";
    } also {
    }
}

enumeration! {
    /// Result Status (1.4 section 9.1.3.2.28, 2.1 section 11.47).
    ResultStatus on [RESULT_STATUS] {
        SUCCESS = 0x0, "Success";
        OPERATION_FAILED = 0x1, "OperationFailed";
        OPERATION_PENDING = 0x2, "OperationPending";
        OPERATION_UNDONE = 0x3, "OperationUndone";
    } also {
    }
}

enumeration! {
    /// Result Reason (1.4 section 9.1.3.2.29, 2.1 section 11.46).
    ResultReason on [RESULT_REASON] {
        ITEM_NOT_FOUND = 0x1, "ItemNotFound";
        RESPONSE_TOO_LARGE = 0x2, "ResponseTooLarge";
        AUTHENTICATION_NOT_SUCCESSFUL = 0x3, "AuthenticationNotSuccessful";
        INVALID_MESSAGE = 0x4, "InvalidMessage";
        OPERATION_NOT_SUPPORTED = 0x5, "OperationNotSupported";
        MISSING_DATA = 0x6, "MissingData";
        INVALID_FIELD = 0x7, "InvalidField";
        FEATURE_NOT_SUPPORTED = 0x8, "FeatureNotSupported";
        OPERATION_CANCELED_BY_REQUESTER = 0x9, "OperationCanceledByRequester";
        CRYPTOGRAPHIC_FAILURE = 0xa, "CryptographicFailure";
        ILLEGAL_OPERATION = 0xb, "IllegalOperation";
        PERMISSION_DENIED = 0xc, "PermissionDenied";
        OBJECT_ARCHIVED = 0xd, "ObjectArchived";
        INDEX_OUT_OF_BOUNDS = 0xe, "IndexOutOfBounds";
        APPLICATION_NAMESPACE_NOT_SUPPORTED = 0xf, "ApplicationNamespaceNotSupported";
        KEY_FORMAT_TYPE_NOT_SUPPORTED = 0x10, "KeyFormatTypeNotSupported";
        KEY_COMPRESSION_TYPE_NOT_SUPPORTED = 0x11, "KeyCompressionTypeNotSupported";
        ENCODING_OPTION_ERROR = 0x12, "EncodingOptionError";
        KEY_VALUE_NOT_PRESENT = 0x13, "KeyValueNotPresent";
        ATTESTATION_REQUIRED = 0x14, "AttestationRequired";
        ATTESTATION_FAILED = 0x15, "AttestationFailed";
        SENSITIVE = 0x16, "Sensitive";
        NOT_EXTRACTABLE = 0x17, "NotExtractable";
        OBJECT_ALREADY_EXISTS = 0x18, "ObjectAlreadyExists";
        INVALID_TICKET = 0x19, "InvalidTicket";
        USAGE_LIMIT_EXCEEDED = 0x1a, "UsageLimitExceeded";
        NUMERIC_RANGE = 0x1b, "NumericRange";
        INVALID_DATA_TYPE = 0x1c, "InvalidDataType";
        READ_ONLY_ATTRIBUTE = 0x1d, "ReadOnlyAttribute";
        MULTI_VALUED_ATTRIBUTE = 0x1e, "MultiValuedAttribute";
        UNSUPPORTED_ATTRIBUTE = 0x1f, "UnsupportedAttribute";
        ATTRIBUTE_INSTANCE_NOT_FOUND = 0x20, "AttributeInstanceNotFound";
        ATTRIBUTE_NOT_FOUND = 0x21, "AttributeNotFound";
        ATTRIBUTE_READ_ONLY = 0x22, "AttributeReadOnly";
        ATTRIBUTE_SINGLE_VALUED = 0x23, "AttributeSingleValued";
        BAD_CRYPTOGRAPHIC_PARAMETERS = 0x24, "BadCryptographicParameters";
        BAD_PASSWORD = 0x25, "BadPassword";
        CODEC_ERROR = 0x26, "CodecError";
        ILLEGAL_OBJECT_TYPE = 0x28, "IllegalObjectType";
        INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK = 0x29, "IncompatibleCryptographicUsageMask";
        INTERNAL_SERVER_ERROR = 0x2a, "InternalServerError";
        INVALID_ASYNCHRONOUS_CORRELATION_VALUE = 0x2b, "InvalidAsynchronousCorrelationValue";
        INVALID_ATTRIBUTE = 0x2c, "InvalidAttribute";
        INVALID_ATTRIBUTE_VALUE = 0x2d, "InvalidAttributeValue";
        INVALID_CORRELATION_VALUE = 0x2e, "InvalidCorrelationValue";
        INVALID_CSR = 0x2f, "InvalidCSR";
        INVALID_OBJECT_TYPE = 0x30, "InvalidObjectType";
        KEY_WRAP_TYPE_NOT_SUPPORTED = 0x32, "KeyWrapTypeNotSupported";
        MISSING_INITIALIZATION_VECTOR = 0x34, "MissingInitializationVector";
        NON_UNIQUE_NAME_ATTRIBUTE = 0x35, "NonUniqueNameAttribute";
        OBJECT_DESTROYED = 0x36, "ObjectDestroyed";
        OBJECT_NOT_FOUND = 0x37, "ObjectNotFound";
        NOT_AUTHORISED = 0x39, "NotAuthorised";
        SERVER_LIMIT_EXCEEDED = 0x3a, "ServerLimitExceeded";
        UNKNOWN_ENUMERATION = 0x3b, "UnknownEnumeration";
        UNKNOWN_MESSAGE_EXTENSION = 0x3c, "UnknownMessageExtension";
        UNKNOWN_TAG = 0x3d, "UnknownTag";
        UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS = 0x3e, "UnsupportedCryptographicParameters";
        UNSUPPORTED_PROTOCOL_VERSION = 0x3f, "UnsupportedProtocolVersion";
        WRAPPING_OBJECT_ARCHIVED = 0x40, "WrappingObjectArchived";
        WRAPPING_OBJECT_DESTROYED = 0x41, "WrappingObjectDestroyed";
        WRAPPING_OBJECT_NOT_FOUND = 0x42, "WrappingObjectNotFound";
        WRONG_KEY_LIFECYCLE_STATE = 0x43, "WrongKeyLifecycleState";
        PROTECTION_STORAGE_UNAVAILABLE = 0x44, "ProtectionStorageUnavailable";
        PKCS_11_CODEC_ERROR = 0x45, "PKCS_11CodecError";
        PKCS_11_INVALID_FUNCTION = 0x46, "PKCS_11InvalidFunction";
        PKCS_11_INVALID_INTERFACE = 0x47, "PKCS_11InvalidInterface";
        PRIVATE_PROTECTION_STORAGE_UNAVAILABLE = 0x48, "PrivateProtectionStorageUnavailable";
        PUBLIC_PROTECTION_STORAGE_UNAVAILABLE = 0x49, "PublicProtectionStorageUnavailable";
        UNKNOWN_OBJECT_GROUP = 0x4a, "UnknownObjectGroup";
        CONSTRAINT_VIOLATION = 0x4b, "ConstraintViolation";
        DUPLICATE_PROCESS_REQUEST = 0x4c, "DuplicateProcessRequest";
        GENERAL_FAILURE = 0x100, "GeneralFailure";
    } also {
        "NotAuthorized" = 0x39;
    }
}

enumeration! {
    /// Batch Error Continuation Option (1.4 section 9.1.3.2.30, 2.1 section 11.5).
    BatchErrorContinuationOption on [BATCH_ERROR_CONTINUATION_OPTION] {
        CONTINUE = 0x1, "Continue";
        STOP = 0x2, "Stop";
        UNDO = 0x3, "Undo";
    } also {
    }
}

enumeration! {
    /// Attestation Type (1.4 section 9.1.3.2.36, 2.1 section 11.4).
    AttestationType on [ATTESTATION_TYPE] {
        TPM_QUOTE = 0x1, "TPMQuote";
        TCG_INTEGRITY_REPORT = 0x2, "TCGIntegrityReport";
        SAML_ASSERTION = 0x3, "SAMLAssertion";
    } also {
    }
}

enumeration! {
    /// Validation Authority Type (1.4 section 9.1.3.2.40, 2.1 section 11.63).
    ValidationAuthorityType on [VALIDATION_AUTHORITY_TYPE] {
        UNSPECIFIED = 0x1, "Unspecified";
        NIST_CMVP = 0x2, "NISTCMVP";
        COMMON_CRITERIA = 0x3, "CommonCriteria";
    } also {
    }
}

enumeration! {
    /// Validation Type (1.4 section 9.1.3.2.41, 2.1 section 11.64).
    ValidationType on [VALIDATION_TYPE] {
        UNSPECIFIED = 0x1, "Unspecified";
        HARDWARE = 0x2, "Hardware";
        SOFTWARE = 0x3, "Software";
        FIRMWARE = 0x4, "Firmware";
        HYBRID = 0x5, "Hybrid";
    } also {
    }
}

enumeration! {
    /// Destroy Action (1.4 section 9.1.3.2.44, 2.1 section 11.15).
    DestroyAction on [DESTROY_ACTION] {
        UNSPECIFIED = 0x1, "Unspecified";
        KEY_MATERIAL_DELETED = 0x2, "KeyMaterialDeleted";
        KEY_MATERIAL_SHREDDED = 0x3, "KeyMaterialShredded";
        META_DATA_DELETED = 0x4, "MetaDataDeleted";
        META_DATA_SHREDDED = 0x5, "MetaDataShredded";
        DELETED = 0x6, "Deleted";
        SHREDDED = 0x7, "Shredded";
    } also {
    }
}

enumeration! {
    /// Client Registration Method (1.4 section 9.1.3.2.47, 2.1 section 11.10).
    ClientRegistrationMethod on [CLIENT_REGISTRATION_METHOD] {
        UNSPECIFIED = 0x1, "Unspecified";
        SERVER_PRE_GENERATED = 0x2, "ServerPreGenerated";
        SERVER_ON_DEMAND = 0x3, "ServerOnDemand";
        CLIENT_GENERATED = 0x4, "ClientGenerated";
        CLIENT_REGISTERED = 0x5, "ClientRegistered";
    } also {
    }
}

enumeration! {
    /// Adjustment Type (2.1 section 11.1).
    AdjustmentType on [ADJUSTMENT_TYPE] {
        INCREMENT = 0x1, "Increment";
        DECREMENT = 0x2, "Decrement";
        NEGATE = 0x3, "Negate";
    } also {
    }
}

enumeration! {
    /// Asynchronous Indicator (2.1 section 11.3).
    AsynchronousIndicator on [ASYNCHRONOUS_INDICATOR] {
        MANDATORY = 0x1, "Mandatory";
        OPTIONAL = 0x2, "Optional";
        PROHIBITED = 0x3, "Prohibited";
    } also {
    }
}

enumeration! {
    /// Data (2.1 section 11.13).
    DataOutput on [DATA] {
        DECRYPT = 0x1, "Decrypt";
        ENCRYPT = 0x2, "Encrypt";
        HASH = 0x3, "Hash";
        MAC_MAC_DATA = 0x4, "MACMACData";
        RNG_RETRIEVE = 0x5, "RNGRetrieve";
        SIGN_SIGNATURE_DATA = 0x6, "SignSignatureData";
        SIGNATURE_VERIFY = 0x7, "SignatureVerify";
    } also {
    }
}

enumeration! {
    /// Endpoint Role (2.1 section 11.19).
    EndpointRole on [ENDPOINT_ROLE] {
        CLIENT = 0x1, "Client";
        SERVER = 0x2, "Server";
    } also {
    }
}

enumeration! {
    /// Interop Function (2.1 section 11.22).
    InteropFunction on [INTEROP_FUNCTION] {
        BEGIN = 0x1, "Begin";
        END = 0x2, "End";
        RESET = 0x3, "Reset";
    } also {
    }
}

enumeration! {
    /// Item Type (2.1 section 11.23).
    ItemType on [EXTENSION_TYPE] {
        STRUCTURE = 0x1, "Structure";
        INTEGER = 0x2, "Integer";
        LONG_INTEGER = 0x3, "LongInteger";
        BIG_INTEGER = 0x4, "BigInteger";
        ENUMERATION = 0x5, "Enumeration";
        BOOLEAN = 0x6, "Boolean";
        TEXT_STRING = 0x7, "TextString";
        BYTE_STRING = 0x8, "ByteString";
        DATE_TIME = 0x9, "DateTime";
        INTERVAL = 0xa, "Interval";
        DATE_TIME_EXTENDED = 0xb, "DateTimeExtended";
    } also {
    }
}

enumeration! {
    /// Processing Stage (2.1 section 11.40).
    ProcessingStage on [PROCESSING_STAGE] {
        SUBMITTED = 0x1, "Submitted";
        IN_PROCESS = 0x2, "InProcess";
        COMPLETED = 0x3, "Completed";
    } also {
    }
}

enumeration! {
    /// Ticket Type (2.1 section 11.57).
    TicketType on [TICKET_TYPE] {
        LOGIN = 0x1, "Login";
    } also {
    }
}
