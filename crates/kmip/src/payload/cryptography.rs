//! Operations that use keys, in one part or in several.
//!
//! A request in several parts says with its first that it is the first, with its last that it is
//! the last, and in between the correlation value that the answer to the first had.

use model::Secret;

use crate::{
    attribute::CryptographicParameters,
    names::{
        Tag,
        enumeration::{DataOutput, ValidityIndicator},
    },
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, Identifier, Unfit, Why, Wire, structure},
};

/// Data of a request (2.1 section 7.9).
#[derive(Debug)]
pub enum Data {
    /// The data.
    Bytes(Secret),
    /// What an operation before it in the batch put out. Since 2.0.
    Output(DataOutput),
    /// The n-th data in the answer so far; below zero, counted back from its end. Since 2.0.
    Nth(i32),
}

impl Wire for Data {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::ByteString(bytes) => Ok(Self::Bytes(bytes)),
            Value::Enumeration(number) => Ok(Self::Output(DataOutput(number))),
            Value::Integer(number) => Ok(Self::Nth(number)),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        let value = match self {
            Self::Bytes(bytes) => Value::ByteString(bytes),
            Self::Output(output) => Value::Enumeration(output.0),
            Self::Nth(number) => Value::Integer(number),
        };
        Item::new(tag, value)
    }
}

structure! {
    /// A request to encrypt.
    #[derive(Debug)]
    pub struct EncryptRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The plaintext.
        data: Option<Data> = DATA,
        /// The initialisation vector, counter or nonce.
        iv_counter_nonce: Option<Bytes> = IV_COUNTER_NONCE,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
        /// Data that are authenticated with it.
        additional_data: Option<Bytes> = AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA since V1_4,
    }
}

structure! {
    /// What was encrypted.
    #[derive(Debug)]
    pub struct EncryptResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The ciphertext.
        data: Option<Bytes> = DATA,
        /// The initialisation vector, counter or nonce, if the server drew it.
        iv_counter_nonce: Option<Bytes> = IV_COUNTER_NONCE,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// The authentication tag.
        tag: Option<Bytes> = AUTHENTICATED_ENCRYPTION_TAG since V1_4,
    }
}

structure! {
    /// A request to decrypt.
    #[derive(Debug)]
    pub struct DecryptRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The ciphertext.
        data: Option<Data> = DATA,
        /// The initialisation vector, counter or nonce.
        iv_counter_nonce: Option<Bytes> = IV_COUNTER_NONCE,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
        /// Data that are authenticated with it.
        additional_data: Option<Bytes> = AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA since V1_4,
        /// The authentication tag.
        tag: Option<Bytes> = AUTHENTICATED_ENCRYPTION_TAG since V1_4,
    }
}

structure! {
    /// What was decrypted.
    #[derive(Debug)]
    pub struct DecryptResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The plaintext.
        data: Option<Secret> = DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A request to sign.
    #[derive(Debug)]
    pub struct SignRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The message.
        data: Option<Data> = DATA,
        /// Its hash, in place of it.
        digested_data: Option<Bytes> = DIGESTED_DATA since V1_4,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
    }
}

structure! {
    /// What was signed.
    #[derive(Debug)]
    pub struct SignResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The signature.
        signature_data: Option<Bytes> = SIGNATURE_DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A question whether a signature is right.
    #[derive(Debug)]
    pub struct SignatureVerifyRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The message.
        data: Option<Data> = DATA,
        /// Its hash, in place of it.
        digested_data: Option<Bytes> = DIGESTED_DATA since V1_4,
        /// The signature.
        signature_data: Option<Bytes> = SIGNATURE_DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
    }
}

structure! {
    /// Whether it is.
    #[derive(Debug)]
    pub struct SignatureVerifyResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// Whether it is.
        validity_indicator: Option<ValidityIndicator> = VALIDITY_INDICATOR,
        /// The message, if the signature holds it.
        data: Option<Secret> = DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A request for an authentication code.
    #[derive(Debug)]
    pub struct MacRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The message.
        data: Option<Data> = DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
    }
}

structure! {
    /// An authentication code.
    #[derive(Debug)]
    pub struct MacResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The code.
        mac_data: Option<Bytes> = MAC_DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A question whether an authentication code is right.
    #[derive(Debug)]
    pub struct MacVerifyRequest {
        /// The key.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// How; as the key's attributes say, if it is not said.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The message.
        data: Option<Data> = DATA,
        /// The code.
        mac_data: Option<Bytes> = MAC_DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
    }
}

structure! {
    /// Whether it is.
    #[derive(Debug)]
    pub struct MacVerifyResponse {
        /// The key.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// Whether it is.
        validity_indicator: Option<ValidityIndicator> = VALIDITY_INDICATOR,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A request for a hash.
    #[derive(Debug)]
    pub struct HashRequest {
        /// Which hash.
        cryptographic_parameters: CryptographicParameters = CRYPTOGRAPHIC_PARAMETERS,
        /// The message.
        data: Option<Data> = DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
        /// Whether it is the first part.
        init_indicator: Option<bool> = INIT_INDICATOR since V1_3,
        /// Whether it is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR since V1_3,
    }
}

structure! {
    /// A hash.
    #[derive(Debug)]
    pub struct HashResponse {
        /// The hash.
        data: Option<Bytes> = DATA,
        /// Which request in several parts.
        correlation_value: Option<Bytes> = CORRELATION_VALUE since V1_3,
    }
}

structure! {
    /// A request for random bytes.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct RngRetrieveRequest {
        /// How many.
        data_length: i32 = DATA_LENGTH,
    }
}

structure! {
    /// Random bytes.
    #[derive(Debug)]
    pub struct RngRetrieveResponse {
        /// The bytes.
        data: Secret = DATA,
    }
}

structure! {
    /// Bytes for the server's random number generator.
    #[derive(Debug)]
    pub struct RngSeedRequest {
        /// The bytes.
        data: Data = DATA,
    }
}

structure! {
    /// How many of them were used.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct RngSeedResponse {
        /// How many.
        data_length: i32 = DATA_LENGTH,
    }
}
