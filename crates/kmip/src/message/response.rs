//! Responses.

use super::{MessageExtension, Nonce, Refused, RequestMessage, reason_in, request::nearest};
use crate::{
    names::{
        Tag,
        enumeration::{AttestationType, Operation, ResultReason, ResultStatus},
    },
    payload::{ProtocolVersion, Response},
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, DateTime, Field, Fields, Unfit, Why, Wire, structure},
};

structure! {
    /// What holds for a whole response.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ResponseHeader {
        /// The version that it is in.
        protocol_version: ProtocolVersion = PROTOCOL_VERSION,
        /// When the server thinks that it is.
        time_stamp: DateTime = TIME_STAMP,
        /// Bytes for the client to attest.
        nonce: Option<Nonce> = NONCE since V1_2,
        /// The server's answer to a hashed password.
        server_hashed_password: Option<Bytes> = SERVER_HASHED_PASSWORD since V2_0,
        /// Ways in which the client could attest itself.
        attestation_types: Vec<AttestationType> = ATTESTATION_TYPE since V1_2,
        /// What the client called the request.
        client_correlation_value: Option<String> = CLIENT_CORRELATION_VALUE since V1_4,
        /// What the server calls it.
        server_correlation_value: Option<String> = SERVER_CORRELATION_VALUE since V1_4,
        /// How many items there are.
        batch_count: i32 = BATCH_COUNT,
    }
}

/// What an item of a batch came to. Payloads are written, or not yet read.
#[derive(Debug)]
pub enum Outcome {
    /// It was done.
    Success(Item),
    /// It is worked on.
    Pending(Bytes),
    /// It failed.
    Failed {
        /// Why.
        reason: ResultReason,
        /// In words.
        message: Option<String>,
    },
    /// It was done, and undone because another item failed.
    Undone {
        /// Why.
        reason: Option<ResultReason>,
        /// In words.
        message: Option<String>,
        /// What it had come to.
        payload: Option<Item>,
    },
}

/// An item of a batch.
#[derive(Debug)]
pub struct ResponseItem {
    /// What was asked, if it is known.
    pub operation: Option<Operation>,
    /// What the client calls the item.
    pub id: Option<Bytes>,
    /// What it came to.
    pub outcome: Outcome,
    /// What vendors add.
    pub extensions: Vec<MessageExtension>,
}

impl ResponseItem {
    /// An item that was done.
    pub fn success(response: Response, id: Option<Bytes>, version: Version) -> Self {
        Self {
            operation: Some(response.operation()),
            id,
            outcome: Outcome::Success(response.write(version)),
            extensions: Vec::new(),
        }
    }

    /// An item that failed, for the nearest reason that the version has.
    pub fn failed(
        operation: Option<Operation>,
        id: Option<Bytes>,
        reason: ResultReason,
        message: impl Into<String>,
        version: Version,
    ) -> Self {
        let reason = reason_in(reason, version);
        let outcome = Outcome::Failed { reason, message: Some(message.into()) };
        Self { operation, id, outcome, extensions: Vec::new() }
    }
}

impl Wire for ResponseItem {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        let mut fields = Fields::of(item, version)?;
        let payload = fields.first_of(&[Tag::RESPONSE_PAYLOAD]);
        let status: ResultStatus = Field::taken(&mut fields, Tag::RESULT_STATUS)?;
        let reason: Option<ResultReason> = Field::taken(&mut fields, Tag::RESULT_REASON)?;
        let message: Option<String> = Field::taken(&mut fields, Tag::RESULT_MESSAGE)?;
        let pending: Option<Bytes> =
            Field::taken(&mut fields, Tag::ASYNCHRONOUS_CORRELATION_VALUE)?;
        let missing = |tag| Unfit::new(tag, Why::Missing);
        let outcome = match status {
            ResultStatus::SUCCESS => {
                let empty = || Item::new(Tag::RESPONSE_PAYLOAD, Value::Structure(Vec::new()));
                Outcome::Success(payload.unwrap_or_else(empty))
            }
            ResultStatus::OPERATION_PENDING => {
                Outcome::Pending(pending.ok_or(missing(Tag::ASYNCHRONOUS_CORRELATION_VALUE))?)
            }
            ResultStatus::OPERATION_FAILED => {
                let reason = reason.ok_or(missing(Tag::RESULT_REASON))?;
                Outcome::Failed { reason, message }
            }
            ResultStatus::OPERATION_UNDONE => Outcome::Undone { reason, message, payload },
            _ => return Err(Unfit::new(Tag::RESULT_STATUS, Why::Value)),
        };
        let read = Self {
            operation: Field::taken(&mut fields, Tag::OPERATION)?,
            id: Field::taken(&mut fields, Tag::UNIQUE_BATCH_ITEM_ID)?,
            outcome,
            extensions: Field::taken(&mut fields, Tag::MESSAGE_EXTENSION)?,
        };
        fields.end()?;
        Ok(read)
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        let (status, reason, message, pending, payload) = match self.outcome {
            Outcome::Success(payload) => (ResultStatus::SUCCESS, None, None, None, Some(payload)),
            Outcome::Pending(value) => {
                (ResultStatus::OPERATION_PENDING, None, None, Some(value), None)
            }
            Outcome::Failed { reason, message } => {
                (ResultStatus::OPERATION_FAILED, Some(reason), message, None, None)
            }
            Outcome::Undone { reason, message, payload } => {
                (ResultStatus::OPERATION_UNDONE, reason, message, None, payload)
            }
        };
        let mut items = Vec::with_capacity(8);
        self.operation.put(Tag::OPERATION, &mut items, version);
        self.id.put(Tag::UNIQUE_BATCH_ITEM_ID, &mut items, version);
        status.put(Tag::RESULT_STATUS, &mut items, version);
        reason.put(Tag::RESULT_REASON, &mut items, version);
        message.put(Tag::RESULT_MESSAGE, &mut items, version);
        pending.put(Tag::ASYNCHRONOUS_CORRELATION_VALUE, &mut items, version);
        items.extend(payload);
        self.extensions.put(Tag::MESSAGE_EXTENSION, &mut items, version);
        Item::new(tag, Value::Structure(items))
    }
}

/// A response.
#[derive(Debug)]
pub struct ResponseMessage {
    /// What holds for all of it.
    pub header: ResponseHeader,
    /// The version in which it is written.
    pub version: Version,
    /// What was asked came to this.
    pub items: Vec<ResponseItem>,
}

impl ResponseMessage {
    /// The response to a request, in its version.
    pub fn to(request: &RequestMessage, time_stamp: DateTime, items: Vec<ResponseItem>) -> Self {
        let number = request.header.protocol_version;
        Self::of(number, request.version, time_stamp, items)
    }

    /// The response to what was no request: one item that failed.
    pub fn refusal(refused: &Refused, time_stamp: DateTime) -> Self {
        let version = nearest(refused.version);
        let message = refused.to_string();
        let item = ResponseItem::failed(None, None, refused.reason, message, version);
        Self::of(refused.version, version, time_stamp, vec![item])
    }

    /// A response in a version, which is announced by a number that may be another's.
    pub fn of(
        number: ProtocolVersion,
        version: Version,
        time_stamp: DateTime,
        items: Vec<ResponseItem>,
    ) -> Self {
        let header = ResponseHeader {
            protocol_version: number,
            time_stamp,
            nonce: None,
            server_hashed_password: None,
            attestation_types: Vec::new(),
            client_correlation_value: None,
            server_correlation_value: None,
            batch_count: 0,
        };
        Self { header, version, items }
    }

    /// Reads a response, as a client does.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(message: Item, version: Version) -> Result<Self, Unfit> {
        if message.tag != Tag::RESPONSE_MESSAGE {
            return Err(Unfit::new(message.tag, Why::Unexpected));
        }
        let mut fields = Fields::of(message, version)?;
        let header = Field::taken(&mut fields, Tag::RESPONSE_HEADER)?;
        let items = Field::taken(&mut fields, Tag::BATCH_ITEM)?;
        fields.end()?;
        Ok(Self { header, version, items })
    }

    /// Writes the response. The header says as many items as there are.
    pub fn write(mut self) -> Item {
        self.header.batch_count = i32::try_from(self.items.len()).unwrap_or(i32::MAX);
        let mut items = vec![self.header.write(Tag::RESPONSE_HEADER, self.version)];
        self.items.put(Tag::BATCH_ITEM, &mut items, self.version);
        Item::new(Tag::RESPONSE_MESSAGE, Value::Structure(items))
    }
}
