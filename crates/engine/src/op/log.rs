//! Lines that callers write into the audit log.

use model::{Action, EncryptionContext, Error, Result, error::Invalid, limits};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    room::Room,
};

/// Write a line into the audit log: the entry of this very request carries it.
pub struct WriteLog {
    line: EncryptionContext,
}

impl WriteLog {
    /// The line, of at most [`limits::LOG_LINE_LEN_MAX`] bytes.
    pub fn new(line: &str) -> Result<Self> {
        if line.len() > limits::LOG_LINE_LEN_MAX {
            return Err(Error::Invalid(Invalid::OutOfRange("the length of a line of the log")));
        }
        Ok(Self { line: EncryptionContext::new([("message", line)])? })
    }
}

impl Operation for WriteLog {
    type Reply = ();
    const ACTION: Action = Action::WriteLog;
    const WEIGHT: Weight = Weight::Light;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::nothing(Self::ACTION)])
    }

    fn context(&self) -> Option<&EncryptionContext> {
        Some(&self.line)
    }

    fn run(&self, _permit: &Permit<'_, Self>, _room: &mut Room<'_>) -> Result<()> {
        Ok(())
    }
}
