//! `strongroom root-key`: the key above all others.

use clap::Subcommand;
use client::Ask;

use super::{Reply, Server, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Replace the root key while the server works. What unseals the server stays the same.
    #[command(after_help = "Example:\n  strongroom root-key rotate")]
    Rotate,
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Rotate => {
                let answer = server.ask(&Ask::RotateRootKey)?;
                let version = answer["version"].as_u64().unwrap_or_default();
                let line = format!("The root key is replaced; version {version} is in use.");
                Ok(Reply::line(answer, line))
            }
        }
    }
}
