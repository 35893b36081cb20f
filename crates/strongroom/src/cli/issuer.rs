//! `strongroom issuer`: whose tokens are taken for who somebody is.

use std::path::PathBuf;

use clap::Subcommand;
use client::{Ask, IssuerSays};

use super::{Reply, Server, failure::Failure, files};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Take an issuer's word for who somebody is. A role must trust them besides.
    #[command(
        after_help = "Example:\n  strongroom issuer register https://oidc.example --audience sts.amazonaws.com --jwks jwks.json"
    )]
    Register {
        /// It, as its tokens write it: https:// and more.
        issuer: String,
        /// Whom its tokens may be for (aud, or azp); may be given several times.
        #[arg(long, value_name = "AUDIENCE", required = true)]
        audience: Vec<String>,
        /// A file with its JSON Web Key Set. The server fetches nothing.
        #[arg(long, value_name = "FILE")]
        jwks: PathBuf,
    },
    /// List issuers.
    #[command(after_help = "Example:\n  strongroom issuer list")]
    List,
    /// Change an issuer's keys or audiences: what is not given stays.
    #[command(
        after_help = "Example:\n  strongroom issuer change https://oidc.example --jwks jwks.json"
    )]
    Change {
        /// It.
        issuer: String,
        /// Whom its tokens may be for; may be given several times, and takes the place of all.
        #[arg(long, value_name = "AUDIENCE")]
        audience: Vec<String>,
        /// A file with its JSON Web Key Set, as it is now.
        #[arg(long, value_name = "FILE")]
        jwks: Option<PathBuf>,
    },
    /// Take an issuer's word no more. Sessions that it has helped to begin go on until they end.
    #[command(after_help = "Example:\n  strongroom issuer remove https://oidc.example")]
    Remove {
        /// It.
        issuer: String,
    },
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Register { issuer, audience, jwks } => {
                let jwks = files::policy(jwks)?;
                let says = IssuerSays { audiences: Some(audience), jwks: Some(&jwks) };
                let answer = server.ask(&Ask::RegisterIssuer { issuer, says })?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::List => {
                let listed = server.all("issuers", |after| Ask::ListIssuers { limit: None, after });
                let issuers = listed?;
                let columns = [
                    ("issuer", "ISSUER"),
                    ("registered", "REGISTERED"),
                    ("audiences", "AUDIENCES"),
                    ("keys", "KEYS"),
                ];
                Ok(Reply::rows(issuers, "issuers", &columns))
            }
            Self::Change { issuer, audience, jwks } => {
                let jwks = jwks.as_deref().map(files::policy).transpose()?;
                let audiences = Some(audience.as_slice()).filter(|given| !given.is_empty());
                let says = IssuerSays { audiences, jwks: jwks.as_deref() };
                server.ask(&Ask::ChangeIssuer { issuer, says })?;
                Ok(Reply::done(format!("Changed {issuer}.")))
            }
            Self::Remove { issuer } => {
                server.ask(&Ask::RemoveIssuer { issuer })?;
                Ok(Reply::done(format!("Removed {issuer}.")))
            }
        }
    }
}
