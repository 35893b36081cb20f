//! Operations that find objects, hand them out and tell about them.

use crate::{
    attribute::{AttributeName, Attributes},
    names::enumeration::{
        CryptographicUsageMask, KeyCompressionType, KeyFormatType, KeyWrapType, ObjectGroupMember,
        ObjectType, StorageStatusMask, ValidityIndicator,
    },
    object::{Certificate, KeyWrappingSpecification, Object},
    wire::{DateTime, Identifier, Interval, structure},
};

structure! {
    /// A request for the identifiers of objects that have certain attributes.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct LocateRequest {
        /// Most identifiers to give.
        maximum_items: Option<i32> = MAXIMUM_ITEMS,
        /// How many to skip.
        offset_items: Option<i32> = OFFSET_ITEMS since V1_3,
        /// Where the objects are kept.
        storage_status_mask: Option<StorageStatusMask> = STORAGE_STATUS_MASK,
        /// Which member of an object group.
        object_group_member: Option<ObjectGroupMember> = OBJECT_GROUP_MEMBER since V1_1,
        /// The attributes; a date that is there twice is a range.
        attributes: Attributes = ATTRIBUTE,
    }
}

structure! {
    /// The objects that were found.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct LocateResponse {
        /// How many there are.
        located_items: Option<i32> = LOCATED_ITEMS since V1_3,
        /// The identifiers of some of them.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// A question whether an object may be used in a certain way.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct CheckRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How much it is to protect.
        usage_limits_count: Option<i64> = USAGE_LIMITS_COUNT,
        /// What it is to be used for.
        cryptographic_usage_mask: Option<CryptographicUsageMask> = CRYPTOGRAPHIC_USAGE_MASK,
        /// For how long.
        lease_time: Option<Interval> = LEASE_TIME,
    }
}

structure! {
    /// What an object may not be used for, of what was asked.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct CheckResponse {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How much it may protect.
        usage_limits_count: Option<i64> = USAGE_LIMITS_COUNT,
        /// What it may be used for.
        cryptographic_usage_mask: Option<CryptographicUsageMask> = CRYPTOGRAPHIC_USAGE_MASK,
        /// For how long.
        lease_time: Option<Interval> = LEASE_TIME,
    }
}

structure! {
    /// A request for an object: of `Get` and of `Export`.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct GetRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How its material is to be written.
        key_format_type: Option<KeyFormatType> = KEY_FORMAT_TYPE,
        /// Whether it is to stay wrapped as it was registered.
        key_wrap_type: Option<KeyWrapType> = KEY_WRAP_TYPE since V1_4,
        /// How the points of a curve are to be written.
        key_compression_type: Option<KeyCompressionType> = KEY_COMPRESSION_TYPE,
        /// How it is to be wrapped.
        key_wrapping_specification: Option<KeyWrappingSpecification> = KEY_WRAPPING_SPECIFICATION,
    }
}

structure! {
    /// An object.
    #[derive(Debug)]
    pub struct GetResponse {
        /// What kind of object it is.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The object.
        object: Object = OBJECTS,
    }
}

structure! {
    /// An object with all its attributes.
    #[derive(Debug)]
    pub struct ExportResponse {
        /// What kind of object it is.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTE,
        /// The object.
        object: Object = OBJECTS,
    }
}

structure! {
    /// A request for attributes.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct GetAttributesRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The attributes; all of them if none is named.
        names: Vec<AttributeName> = ATTRIBUTE_REFERENCE,
    }
}

structure! {
    /// Attributes of an object.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct GetAttributesResponse {
        /// The object.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The attributes.
        attributes: Attributes = ATTRIBUTE,
    }
}

structure! {
    /// Which attributes an object has.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct GetAttributeListResponse {
        /// The object.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The attributes.
        names: Vec<AttributeName> = ATTRIBUTE_REFERENCE,
    }
}

structure! {
    /// A question whether a chain of certificates is valid.
    #[derive(Debug)]
    pub struct ValidateRequest {
        /// Certificates.
        certificates: Vec<Certificate> = CERTIFICATE,
        /// Certificates that are kept as objects.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
        /// When; now, if it is not said.
        validity_date: Option<DateTime> = VALIDITY_DATE,
    }
}

structure! {
    /// Whether it is.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct ValidateResponse {
        /// Whether it is.
        validity_indicator: ValidityIndicator = VALIDITY_INDICATOR,
    }
}
