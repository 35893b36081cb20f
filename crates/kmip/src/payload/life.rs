//! Operations that move objects through their lives.

use crate::{
    attribute::RevocationReason,
    wire::{DateTime, Identifier, Interval, structure},
};

structure! {
    /// A request to revoke an object.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct RevokeRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// Why.
        revocation_reason: RevocationReason = REVOCATION_REASON,
        /// Since when it is thought to be compromised.
        compromise_occurrence_date: Option<DateTime> = COMPROMISE_OCCURRENCE_DATE,
    }
}

structure! {
    /// For how long a client may use its copy of an object.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ObtainLeaseResponse {
        /// The object.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// For how long.
        lease_time: Interval = LEASE_TIME,
        /// When the object was last changed.
        last_change_date: DateTime = LAST_CHANGE_DATE,
    }
}

structure! {
    /// A request for a part of what a key may protect.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct GetUsageAllocationRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How much.
        usage_limits_count: i64 = USAGE_LIMITS_COUNT,
    }
}
