//! Whole messages: their headers and batches (1.4 sections 6 and 7, 2.1 sections 8 and 9).
//!
//! A request's header and batch are read at once and its payloads one by one, so that one that
//! does not fit fails alone. Whatever is wrong with a message, there is a version and a reason to
//! answer with.

mod credential;
mod reason;
mod request;
mod response;

pub use credential::{
    Attestation, Authentication, Credential, Device, HashedPassword, Nonce, OneTimePassword,
    TicketCredential, UsernameAndPassword,
};
pub use reason::{reason_in, reason_of};
pub use request::{Asynchronous, Refused, RequestHeader, RequestItem, RequestMessage};
pub use response::{Outcome, ResponseHeader, ResponseItem, ResponseMessage};

use crate::{attribute::CustomValue, wire::structure};

structure! {
    /// What a vendor adds to an item of a batch.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct MessageExtension {
        /// Whose addition it is.
        vendor_identification: String = VENDOR_IDENTIFICATION,
        /// Whether who does not know it must refuse the item.
        is_critical: bool = CRITICALITY_INDICATOR,
        /// The addition.
        extension: CustomValue = VENDOR_EXTENSION,
    }
}

#[cfg(test)]
mod tests;
