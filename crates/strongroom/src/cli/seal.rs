//! `strongroom seal`: the server forgets every key until it is unsealed.

use clap::Args;
use client::Ask;

use super::{Reply, Server, Verb, failure::Failure};

#[derive(Args)]
#[command(after_help = "Example:\n  strongroom seal")]
pub(crate) struct Seal {}

impl Verb for Seal {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        server.ask(&Ask::Seal)?;
        Ok(Reply::done("The server is sealed: strongroom unseal takes it into use again."))
    }
}
