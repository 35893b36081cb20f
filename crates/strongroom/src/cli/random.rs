//! `strongroom random`: bytes from the server's generator.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Reply, Server, Verb, failure::Failure, files};

#[derive(Args)]
#[command(after_help = "Example:\n  strongroom random 32 --out seed.bin")]
pub(crate) struct Random {
    /// How many bytes.
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    count: u32,
    /// Where to write them; else they are printed in base64.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Verb for Random {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let answer = server.kms("GenerateRandom", &json!({ "NumberOfBytes": self.count }))?;
        let bytes = client::blob::member(&answer, "Plaintext")
            .ok_or_else(|| Failure::incomplete("Plaintext"))?;
        files::deliver(&bytes, self.out.as_deref(), "Plaintext")
    }
}
