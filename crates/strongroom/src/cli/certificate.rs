//! `strongroom certificate`: client certificates that principals connect with.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use client::Ask;
use model::{Error, error::Invalid};

use super::{Reply, Server, failure::Failure, files};

/// Who is meant.
#[derive(Args)]
pub(crate) struct Whose {
    /// The principal.
    #[arg(long, value_name = "NAME")]
    principal: String,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Let the holder of a client certificate's key act as a principal.
    ///
    /// The certificate itself is registered, not its issuer: it holds until it is removed or
    /// expires. Only the first certificate of the file is sent, never a key beside it.
    #[command(
        after_help = "Example:\n  strongroom certificate register --principal payments payments.pem"
    )]
    Register {
        #[command(flatten)]
        whose: Whose,
        /// The certificate in PEM.
        file: PathBuf,
    },
    /// List a principal's certificates.
    #[command(after_help = "Example:\n  strongroom certificate list --principal payments")]
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// Remove a certificate; it is refused from then on, on open connections too.
    #[command(
        after_help = "Example:\n  strongroom certificate remove --principal payments 4f:53:cd:a1:8c"
    )]
    Remove {
        #[command(flatten)]
        whose: Whose,
        /// Its SHA-256 fingerprint, as `list` or `openssl x509 -fingerprint -sha256` shows it.
        fingerprint: String,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Register { whose: Whose { principal }, file } => {
                let certificate = certificate(file)?;
                let certificate = certificate.as_str();
                let answer = server.ask(&Ask::RegisterCertificate { principal, certificate })?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::List { whose: Whose { principal } } => {
                let answer = server.ask(&Ask::ListCertificates { principal })?;
                let columns = [
                    ("fingerprint", "SHA-256"),
                    ("subject", "SUBJECT"),
                    ("not_before", "VALID FROM"),
                    ("not_after", "VALID TO"),
                ];
                Ok(Reply::rows(answer, "certificates", &columns))
            }
            Self::Remove { whose: Whose { principal }, fingerprint } => {
                server.ask(&Ask::RemoveCertificate { principal, fingerprint })?;
                Ok(Reply::done(format!("Removed {fingerprint} of {principal}.")))
            }
        }
    }
}

/// The first certificate of a file, as one PEM block.
fn certificate(file: &Path) -> Result<String, Failure> {
    let bytes = files::input(Some(file))?;
    let text = String::from_utf8_lossy(bytes.expose());
    x509::from_pem(&text).and_then(|der| x509::to_pem(&der)).map_err(|error| match error {
        Error::Invalid(Invalid::Certificate(sentence)) => {
            Failure::Usage(format!("{}: {sentence}", file.display()))
        }
        _ => Failure::Usage(format!("{} is not a certificate", file.display())),
    })
}
