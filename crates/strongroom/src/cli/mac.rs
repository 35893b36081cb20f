//! `strongroom mac`: message authentication codes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Reply, Server, failure::Failure, files};

/// What a code is over, with what.
#[derive(Args)]
pub(crate) struct Message {
    /// The key: its id, its ARN, or alias/NAME.
    key: String,
    /// The message, at most 4096 bytes; standard input if it is not named.
    file: Option<PathBuf>,
    /// HMAC_SHA_224, HMAC_SHA_256, HMAC_SHA_384 or HMAC_SHA_512, as the key is.
    #[arg(long, default_value = "HMAC_SHA_256")]
    algorithm: String,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a code over a message.
    #[command(
        after_help = "Example:\n  strongroom mac create alias/tokens token.txt --out token.mac"
    )]
    Create {
        #[command(flatten)]
        message: Message,
        /// Where to write the code; else it is printed in base64.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Verify a code.
    #[command(
        after_help = "Example:\n  strongroom mac verify alias/tokens token.txt --mac token.mac"
    )]
    Verify {
        #[command(flatten)]
        message: Message,
        /// The file with the code.
        #[arg(long, value_name = "FILE", required_unless_present = "mac_base64")]
        mac: Option<PathBuf>,
        /// The code itself, in base64.
        #[arg(long, value_name = "TEXT", conflicts_with = "mac")]
        mac_base64: Option<String>,
    },
}

impl Message {
    fn input(&self) -> Result<Value, Failure> {
        let message = files::input(self.file.as_deref())?;
        Ok(json!({
            "KeyId": self.key,
            "MacAlgorithm": self.algorithm,
            "Message": client::blob::to_value(message.expose()),
        }))
    }
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Create { message, out } => {
                let answer = server.kms("GenerateMac", &message.input()?)?;
                let code = client::blob::member(&answer, "Mac")
                    .ok_or_else(|| Failure::incomplete("Mac"))?;
                files::deliver(&code, out.as_deref(), "Mac")
            }
            Self::Verify { message, mac, mac_base64 } => {
                let code = files::given(mac.as_deref(), mac_base64.as_deref(), "code")?;
                let mut input = message.input()?;
                input["Mac"] = client::blob::to_value(code.expose());
                let answer = server.kms("VerifyMac", &input).map_err(|failure| {
                    failure.explained("KMSInvalidMacException", "The code is not valid.")
                })?;
                Ok(Reply::line(answer, "The code is valid."))
            }
        }
    }
}
