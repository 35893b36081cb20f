//! The ways to unseal the server: one more, and one less.

use crypto::unseal::{Share, Source};
use model::{Action, Error, Result, Secret, error::Invalid};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
};

/// Length of a key file in bytes.
const KEY_FILE_LEN: usize = 32;

/// What is to unseal the server.
pub enum Means {
    /// A key file with this content: 32 random bytes.
    KeyFile(Secret),
    /// This passphrase.
    Passphrase(Secret),
    /// New shares.
    Shares {
        /// How many are needed.
        needed: u8,
        /// How many there are.
        count: u8,
    },
}

/// Give the server one more way to its root key.
pub struct AddUnsealSource {
    /// Its name: 1 to 64 lower-case letters, digits and hyphens.
    pub name: String,
    /// What is to unseal the server.
    pub means: Means,
}

/// Take a way to its root key from the server. Who has it can open copies of the store that were
/// made before; and the next root key, which `RotateRootKey` makes, not at all.
pub struct RemoveUnsealSource {
    /// Its name.
    pub name: String,
}

impl Operation for AddUnsealSource {
    /// The texts of new shares, which are not shown again; nothing for other means.
    type Reply = Vec<Secret>;
    const ACTION: Action = Action::AddUnsealSource;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::server(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Vec<Secret>> {
        room.add_unseal_source(&self.name, |root| match &self.means {
            Means::KeyFile(file) if file.len() != KEY_FILE_LEN => {
                Err(Error::Invalid(Invalid::OutOfRange("the length of a key file (32)")))
            }
            Means::KeyFile(file) => Ok((Source::key_file(root, file)?, Vec::new())),
            Means::Passphrase(text) => Ok((Source::passphrase(root, text)?, Vec::new())),
            Means::Shares { needed, count } => {
                let (source, shares) = Source::shares(root, *needed, *count)?;
                Ok((source, shares.iter().map(Share::text).collect()))
            }
        })
    }
}

impl Operation for RemoveUnsealSource {
    type Reply = ();
    const ACTION: Action = Action::RemoveUnsealSource;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::server(Self::ACTION)])
    }

    fn run(&self, _permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<()> {
        room.remove_unseal_source(&self.name)
    }
}
