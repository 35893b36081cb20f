//! Who a client says that it is, beside its certificate (1.4 section 2.1.2, 2.1 sections 9.4 and 9.11).

use model::Secret;

use crate::{
    names::{
        Tag,
        enumeration::{AttestationType, CredentialType, HashingAlgorithm},
    },
    payload::Ticket,
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, Field, Fields, Microseconds, Password, Unfit, Why, Wire, structure},
};

structure! {
    /// Who a client says that it is.
    #[derive(Debug)]
    pub struct Authentication {
        /// In one or several ways; 1.0 and 1.1 have one.
        credentials: Vec<Credential> = CREDENTIAL,
    }
}

/// A way to say who one is.
#[derive(Debug)]
pub enum Credential {
    /// By a name and a password.
    UsernameAndPassword(UsernameAndPassword),
    /// By a device. Since 1.1.
    Device(Device),
    /// By a measurement of what runs there. Since 1.2.
    Attestation(Attestation),
    /// By a password that is good once. Since 2.0.
    OneTimePassword(OneTimePassword),
    /// By a hash of a password. Since 2.0.
    HashedPassword(HashedPassword),
    /// By a ticket that `Login` gave. Since 2.0.
    Ticket(TicketCredential),
}

structure! {
    /// A name and a password.
    #[derive(Debug)]
    pub struct UsernameAndPassword {
        /// The name.
        username: String = USERNAME,
        /// The password.
        password: Option<Password> = PASSWORD,
    }
}

structure! {
    /// A device.
    #[derive(Debug)]
    pub struct Device {
        /// Its serial number.
        serial_number: Option<String> = DEVICE_SERIAL_NUMBER,
        /// A password.
        password: Option<Password> = PASSWORD,
        /// What names it.
        device: Option<String> = DEVICE_IDENTIFIER,
        /// What names its network.
        network: Option<String> = NETWORK_IDENTIFIER,
        /// What names the machine that it is in.
        machine: Option<String> = MACHINE_IDENTIFIER,
        /// What names the medium in it.
        media: Option<String> = MEDIA_IDENTIFIER,
    }
}

structure! {
    /// Bytes that a server drew and a client is to give back.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Nonce {
        /// Which.
        id: Bytes = NONCE_ID,
        /// The bytes.
        value: Bytes = NONCE_VALUE,
    }
}

structure! {
    /// A measurement of what runs on a client.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Attestation {
        /// The server's bytes.
        nonce: Nonce = NONCE,
        /// What kind of measurement it is.
        kind: AttestationType = ATTESTATION_TYPE,
        /// The client's measurement.
        measurement: Option<Bytes> = ATTESTATION_MEASUREMENT,
        /// Another's word for it.
        assertion: Option<Bytes> = ATTESTATION_ASSERTION,
    }
}

structure! {
    /// A password that is good once.
    #[derive(Debug)]
    pub struct OneTimePassword {
        /// The name.
        username: String = USERNAME,
        /// A password.
        password: Option<Password> = PASSWORD,
        /// The password that is good once.
        one_time_password: Password = ONE_TIME_PASSWORD,
    }
}

structure! {
    /// A hash of a password.
    #[derive(Debug)]
    pub struct HashedPassword {
        /// The name.
        username: String = USERNAME,
        /// When.
        time_stamp: Microseconds = TIME_STAMP,
        /// Which hash.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// The hash.
        hashed_password: Secret = HASHED_PASSWORD,
    }
}

structure! {
    /// A ticket that `Login` gave.
    #[derive(Debug)]
    pub struct TicketCredential {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}

impl Wire for Credential {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        let mut fields = Fields::of(item, version)?;
        let kind: CredentialType = Field::taken(&mut fields, Tag::CREDENTIAL_TYPE)?;
        let value = fields
            .first_of(&[Tag::CREDENTIAL_VALUE])
            .ok_or(Unfit::new(Tag::CREDENTIAL_VALUE, Why::Missing))?;
        fields.end()?;
        Ok(match kind {
            CredentialType::USERNAME_AND_PASSWORD => {
                Self::UsernameAndPassword(Wire::read(value, version)?)
            }
            CredentialType::DEVICE => Self::Device(Wire::read(value, version)?),
            CredentialType::ATTESTATION => Self::Attestation(Wire::read(value, version)?),
            CredentialType::ONE_TIME_PASSWORD => Self::OneTimePassword(Wire::read(value, version)?),
            CredentialType::HASHED_PASSWORD => Self::HashedPassword(Wire::read(value, version)?),
            CredentialType::TICKET => Self::Ticket(Wire::read(value, version)?),
            _ => return Err(Unfit::new(Tag::CREDENTIAL_TYPE, Why::Value)),
        })
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        let of = Tag::CREDENTIAL_VALUE;
        let (kind, value) = match self {
            Self::UsernameAndPassword(it) => {
                (CredentialType::USERNAME_AND_PASSWORD, it.write(of, version))
            }
            Self::Device(it) => (CredentialType::DEVICE, it.write(of, version)),
            Self::Attestation(it) => (CredentialType::ATTESTATION, it.write(of, version)),
            Self::OneTimePassword(it) => (CredentialType::ONE_TIME_PASSWORD, it.write(of, version)),
            Self::HashedPassword(it) => (CredentialType::HASHED_PASSWORD, it.write(of, version)),
            Self::Ticket(it) => (CredentialType::TICKET, it.write(of, version)),
        };
        Item::new(tag, Value::Structure(vec![kind.write(Tag::CREDENTIAL_TYPE, version), value]))
    }
}
