//! `strongroom unseal-source`: the ways to unseal the server.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use client::{Ask, NewMeans};
use serde_json::Value;

use super::{
    Reply, Server,
    failure::Failure,
    unseal::{content, first_line},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Give the server one more way: new shares, which are shown this once, a passphrase or a key
    /// file.
    #[command(after_help = "Example:\n  strongroom unseal-source add board --shares 3 5")]
    Add(Add),
    /// Take a way from the server. Replace the root key then, and whoever had it has nothing.
    #[command(after_help = "Example:\n  strongroom unseal-source remove board")]
    Remove {
        /// Its name, as `status` shows it.
        name: String,
    },
}

#[derive(Args)]
#[command(group = ArgGroup::new("means").required(true).args(["shares", "passphrase_file", "key_file"]))]
pub(crate) struct Add {
    /// Its name: lower-case letters, digits and hyphens.
    name: String,
    /// New shares, of which K of N are needed.
    #[arg(long, num_args = 2, value_names = ["K", "N"])]
    shares: Vec<u8>,
    /// A file with the passphrase in its first line.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file of 32 random bytes.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Add(add) => add.run(server),
            Self::Remove { name } => {
                server.ask(&Ask::RemoveUnsealSource { name })?;
                Ok(Reply::done(format!(
                    "Removed {name}; now replace the root key: strongroom root-key rotate"
                )))
            }
        }
    }
}

impl Add {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let Self { name, shares, passphrase_file, key_file } = self;
        if let Some(path) = passphrase_file {
            let passphrase = first_line(path)?;
            server.add_unseal_source(name, NewMeans::Passphrase(&passphrase))?;
        } else if let Some(path) = key_file {
            server.add_unseal_source(name, NewMeans::KeyFile(&content(path)?))?;
        } else if let [needed, count] = *shares.as_slice() {
            let answer = server.ask(&Ask::AddShares { name, needed, count })?;
            let shown = lines(&answer, needed);
            return Ok(Reply::text(answer, shown));
        }
        Ok(Reply::done(format!("The server is unsealed by {name} too.")))
    }
}

fn lines(answer: &Value, needed: u8) -> String {
    let shares = answer["shares"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let mut text = format!(
        "The shares, which are not shown again. Any {needed} of them unseal the server; give each to\n\
         somebody else:\n\n"
    );
    for share in shares {
        text += &format!("  {}\n", share.as_str().unwrap_or_default());
    }
    text
}
