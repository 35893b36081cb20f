//! Which reason for a failure a version can say.

use crate::{
    names::enumeration::ResultReason,
    payload::NoRequest,
    version::Version,
    wire::{Unfit, Why},
};

/// The reason as a version says it: the nearest one that it has.
pub fn reason_in(reason: ResultReason, version: Version) -> ResultReason {
    use ResultReason as R;
    let first = match reason.0 {
        ..=0x11 | 0x100 => Version::V1_0,
        0x12 => Version::V1_1,
        0x13..=0x15 => Version::V1_2,
        0x16..=0x18 => Version::V1_4,
        // 2.1's are those of storage, groups, constraints and processing.
        0x19..=0x44 => Version::V2_0,
        _ => Version::V2_1,
    };
    if version >= first {
        return reason;
    }
    match reason {
        R::OBJECT_DESTROYED
        | R::OBJECT_NOT_FOUND
        | R::ATTRIBUTE_NOT_FOUND
        | R::ATTRIBUTE_INSTANCE_NOT_FOUND
        | R::WRAPPING_OBJECT_NOT_FOUND
        | R::WRAPPING_OBJECT_DESTROYED
        | R::UNKNOWN_OBJECT_GROUP
        | R::INVALID_ASYNCHRONOUS_CORRELATION_VALUE
        | R::INVALID_CORRELATION_VALUE => R::ITEM_NOT_FOUND,
        R::WRONG_KEY_LIFECYCLE_STATE
        | R::SENSITIVE
        | R::NOT_EXTRACTABLE
        | R::NOT_AUTHORISED
        | R::READ_ONLY_ATTRIBUTE
        | R::ATTRIBUTE_READ_ONLY
        | R::USAGE_LIMIT_EXCEEDED
        | R::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK
        | R::CONSTRAINT_VIOLATION
        | R::SERVER_LIMIT_EXCEEDED
        | R::KEY_VALUE_NOT_PRESENT => R::PERMISSION_DENIED,
        R::WRAPPING_OBJECT_ARCHIVED => R::OBJECT_ARCHIVED,
        R::BAD_PASSWORD | R::INVALID_TICKET | R::ATTESTATION_REQUIRED | R::ATTESTATION_FAILED => {
            R::AUTHENTICATION_NOT_SUCCESSFUL
        }
        R::CODEC_ERROR
        | R::UNSUPPORTED_PROTOCOL_VERSION
        | R::MISSING_INITIALIZATION_VECTOR
        | R::UNKNOWN_TAG
        | R::UNKNOWN_MESSAGE_EXTENSION => R::INVALID_MESSAGE,
        R::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS
        | R::UNSUPPORTED_ATTRIBUTE
        | R::KEY_WRAP_TYPE_NOT_SUPPORTED
        | R::PROTECTION_STORAGE_UNAVAILABLE
        | R::ENCODING_OPTION_ERROR => R::FEATURE_NOT_SUPPORTED,
        R::INTERNAL_SERVER_ERROR => R::GENERAL_FAILURE,
        _ => R::INVALID_FIELD,
    }
}

/// The reason for which a request was not read.
pub fn reason_of(why: NoRequest, version: Version) -> ResultReason {
    let reason = match why {
        NoRequest::NotSupported => ResultReason::OPERATION_NOT_SUPPORTED,
        NoRequest::Unfit(Unfit { why: Why::Value, .. }) => ResultReason::INVALID_FIELD,
        NoRequest::Unfit(Unfit { why: Why::Type, .. }) => match version.has_attributes_by_tag() {
            true => ResultReason::INVALID_DATA_TYPE,
            false => ResultReason::INVALID_MESSAGE,
        },
        NoRequest::Unfit(Unfit { why: Why::Missing | Why::Unexpected, .. }) => {
            ResultReason::INVALID_MESSAGE
        }
    };
    reason_in(reason, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_a_reason_that_it_has() {
        let state = ResultReason::WRONG_KEY_LIFECYCLE_STATE;
        assert_eq!(reason_in(state, Version::V2_1), state);
        assert_eq!(reason_in(state, Version::V1_4), ResultReason::PERMISSION_DENIED);
        let sensitive = ResultReason::SENSITIVE;
        assert_eq!(reason_in(sensitive, Version::V1_4), sensitive);
        assert_eq!(reason_in(sensitive, Version::V1_3), ResultReason::PERMISSION_DENIED);
        for &(number, _) in ResultReason::NAMES.all() {
            for version in Version::ALL {
                let reason = reason_in(ResultReason(number), version);
                assert_eq!(reason_in(reason, version), reason, "{reason:?} in {version}");
            }
            assert!(matches!(reason_in(ResultReason(number), Version::V1_0).0, 0..=0x11 | 0x100));
        }
    }
}
