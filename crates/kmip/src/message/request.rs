//! Requests.

use std::fmt;

use model::limits;

use super::{Authentication, MessageExtension};
use crate::{
    names::{
        Tag,
        enumeration::{
            AsynchronousIndicator, AttestationType, BatchErrorContinuationOption, Operation,
            ResultReason,
        },
    },
    payload::{NoRequest, ProtocolVersion, Request},
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, DateTime, Field, Fields, Unfit, Why, Wire, structure},
};

/// Whether a client takes answers that come later: a truth value in 1.x, which is the server's
/// choice if it is true, and an enumeration in 2.x.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asynchronous(pub AsynchronousIndicator);

impl Wire for Asynchronous {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::Boolean(true) => Ok(Self(AsynchronousIndicator::OPTIONAL)),
            Value::Boolean(false) => Ok(Self(AsynchronousIndicator::PROHIBITED)),
            _ => AsynchronousIndicator::read(item, version).map(Self),
        }
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        if version.has_attributes_by_tag() {
            return self.0.write(tag, version);
        }
        Item::new(tag, Value::Boolean(self.0 != AsynchronousIndicator::PROHIBITED))
    }
}

structure! {
    /// What holds for a whole request.
    #[derive(Debug)]
    pub struct RequestHeader {
        /// The version that the client speaks.
        protocol_version: ProtocolVersion = PROTOCOL_VERSION,
        /// Longest response that it takes, in bytes.
        maximum_response_size: Option<i32> = MAXIMUM_RESPONSE_SIZE,
        /// What it calls the request, for logs.
        client_correlation_value: Option<String> = CLIENT_CORRELATION_VALUE since V1_4,
        /// What a server called one that has to do with it.
        server_correlation_value: Option<String> = SERVER_CORRELATION_VALUE since V1_4,
        /// Whether it takes answers that come later.
        asynchronous: Option<Asynchronous> = ASYNCHRONOUS_INDICATOR,
        /// Whether it can attest itself.
        attestation_capable: Option<bool> = ATTESTATION_CAPABLE_INDICATOR since V1_2,
        /// In which ways.
        attestation_types: Vec<AttestationType> = ATTESTATION_TYPE since V1_2,
        /// Who it says that it is.
        authentication: Option<Authentication> = AUTHENTICATION,
        /// What to do after an item that failed; to stop, if it is not said.
        batch_error_continuation: Option<BatchErrorContinuationOption> =
            BATCH_ERROR_CONTINUATION_OPTION,
        /// Whether the items must be done in their order.
        batch_order: Option<bool> = BATCH_ORDER_OPTION,
        /// When the client thinks that it is.
        time_stamp: Option<DateTime> = TIME_STAMP,
        /// How many items there are.
        batch_count: i32 = BATCH_COUNT,
    }
}

impl RequestHeader {
    /// Whether the items must be done in their order, as the versions say it when the client does
    /// not: 2.x yes, 1.x no.
    pub fn is_ordered(&self, version: Version) -> bool {
        self.batch_order.unwrap_or(version.has_attributes_by_tag())
    }
}

/// An item of a batch, of which the payload has not been read.
#[derive(Debug)]
pub struct RequestItem {
    /// What is asked.
    pub operation: Operation,
    /// Whether the data that come out are only for items after this one. Since 2.0.
    pub ephemeral: Option<bool>,
    /// What the client calls the item.
    pub id: Option<Bytes>,
    /// What vendors add.
    pub extensions: Vec<MessageExtension>,
    /// The payload.
    pub payload: Item,
}

impl RequestItem {
    /// Reads the payload.
    ///
    /// # Errors
    /// When the version has no such operation, or the payload is not one of it.
    pub fn request(self, version: Version) -> Result<Request, NoRequest> {
        Request::read(self.operation, self.payload, version)
    }
}

impl Wire for RequestItem {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        let mut fields = Fields::of(item, version)?;
        let payload = fields.first_of(&[Tag::REQUEST_PAYLOAD]);
        let read = Self {
            operation: Field::taken(&mut fields, Tag::OPERATION)?,
            ephemeral: Field::taken(&mut fields, Tag::EPHEMERAL)?,
            id: Field::taken(&mut fields, Tag::UNIQUE_BATCH_ITEM_ID)?,
            extensions: Field::taken(&mut fields, Tag::MESSAGE_EXTENSION)?,
            // An item without one fails alone, if it needs one.
            payload: payload
                .unwrap_or_else(|| Item::new(Tag::REQUEST_PAYLOAD, Value::Structure(Vec::new()))),
        };
        fields.end()?;
        Ok(read)
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        let Self { operation, ephemeral, id, extensions, payload } = self;
        let mut items = vec![operation.write(Tag::OPERATION, version)];
        ephemeral.filter(|_| version >= Version::V2_0).put(Tag::EPHEMERAL, &mut items, version);
        id.put(Tag::UNIQUE_BATCH_ITEM_ID, &mut items, version);
        items.push(payload);
        extensions.put(Tag::MESSAGE_EXTENSION, &mut items, version);
        Item::new(tag, Value::Structure(items))
    }
}

/// Why a message is no request, and what to answer with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The version to answer in: the client's where it could be read, or else the oldest.
    pub version: ProtocolVersion,
    /// The reason.
    pub reason: ResultReason,
    /// The item at fault, if it is one.
    pub unfit: Option<Unfit>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unfit {
            Some(unfit) => unfit.fmt(f),
            None => f.write_str("The protocol version is not supported."),
        }
    }
}

/// A request.
#[derive(Debug)]
pub struct RequestMessage {
    /// What holds for all of it.
    pub header: RequestHeader,
    /// The version in which it is read and answered: the header's, or the nearest one to a version
    /// that is not known, if all that is asked is which versions there are.
    pub version: Version,
    /// What is asked.
    pub items: Vec<RequestItem>,
}

impl RequestMessage {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is none, when its version is not known, when it does not have as many items as it
    /// says, and when these are none or more than `limits::KMIP_BATCH_ITEMS_MAX`.
    pub fn read(message: Item) -> Result<Self, Refused> {
        let number = announced(&message).unwrap_or(Version::V1_0.into());
        let refused = |unfit| Refused {
            version: number,
            reason: ResultReason::INVALID_MESSAGE,
            unfit: Some(unfit),
        };
        let version = match Version::numbered(number.major, number.minor) {
            Some(version) => version,
            None if asks_for_versions_only(&message) => nearest(number),
            None => {
                let reason = ResultReason::INVALID_MESSAGE;
                return Err(Refused { version: number, reason, unfit: None });
            }
        };
        Self::read_in(version, message).map_err(refused)
    }

    fn read_in(version: Version, message: Item) -> Result<Self, Unfit> {
        if message.tag != Tag::REQUEST_MESSAGE {
            return Err(Unfit::new(message.tag, Why::Unexpected));
        }
        let mut fields = Fields::of(message, version)?;
        let header: RequestHeader = Field::taken(&mut fields, Tag::REQUEST_HEADER)?;
        let items: Vec<RequestItem> = Field::taken(&mut fields, Tag::BATCH_ITEM)?;
        fields.end()?;
        let counted = usize::try_from(header.batch_count) == Ok(items.len());
        if !counted || !(1..=limits::KMIP_BATCH_ITEMS_MAX).contains(&items.len()) {
            return Err(Unfit::new(Tag::BATCH_COUNT, Why::Value));
        }
        Ok(Self { header, version, items })
    }

    /// Writes the request, as a client does.
    pub fn write(self) -> Item {
        let mut items = vec![self.header.write(Tag::REQUEST_HEADER, self.version)];
        self.items.put(Tag::BATCH_ITEM, &mut items, self.version);
        Item::new(Tag::REQUEST_MESSAGE, Value::Structure(items))
    }
}

/// The item of a tag within a structure.
fn within(item: &Item, tag: Tag) -> Option<&Item> {
    match &item.value {
        Value::Structure(items) => items.iter().find(|item| item.tag == tag),
        _ => None,
    }
}

/// The version that a message says it is in, whatever else is wrong with it.
fn announced(message: &Item) -> Option<ProtocolVersion> {
    let version = within(within(message, Tag::REQUEST_HEADER)?, Tag::PROTOCOL_VERSION)?;
    let number = |tag| match within(version, tag)?.value {
        Value::Integer(number) => Some(number),
        _ => None,
    };
    let major = number(Tag::PROTOCOL_VERSION_MAJOR)?;
    let minor = number(Tag::PROTOCOL_VERSION_MINOR)?;
    Some(ProtocolVersion { major, minor })
}

fn asks_for_versions_only(message: &Item) -> bool {
    let Value::Structure(items) = &message.value else { return false };
    let asks = |item| match within(item, Tag::OPERATION).map(|operation| &operation.value) {
        Some(Value::Enumeration(number)) => *number == Operation::DISCOVER_VERSIONS.0,
        _ => false,
    };
    items.iter().filter(|item| item.tag == Tag::BATCH_ITEM).all(asks)
}

/// The known version in which a message of an unknown one may be read.
pub(super) fn nearest(number: ProtocolVersion) -> Version {
    let known = |version: &Version| version.number() <= (number.major, number.minor);
    Version::ALL.into_iter().find(known).unwrap_or(Version::V1_0)
}
