//! `strongroom certificate`: client certificates that principals connect with.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use client::Ask;
use model::{Error, error::Invalid};
use serde_json::{Value, json};

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
        /// Its holder has to show an access key of the principal in each KMIP request besides.
        #[arg(long)]
        with_credential: bool,
        /// The certificate in PEM.
        file: PathBuf,
    },
    /// Let the holders of certificates of an authority act as a principal.
    ///
    /// Certificates that the authority issued, directly or through others, are the principal's if
    /// they have all names that are given here, and no others are. Names are compared whole: there
    /// are no wildcards. Whoever is several principals by several rules is refused. A certificate
    /// that is registered itself is not looked for in rules.
    #[command(
        after_help = "Example:\n  strongroom certificate trust --principal payments --ca ca.pem \
                      --san-uri spiffe://example/payments"
    )]
    Trust {
        #[command(flatten)]
        whose: Whose,
        /// The certificate of the authority in PEM.
        #[arg(long, value_name = "FILE")]
        ca: PathBuf,
        #[command(flatten)]
        names: Names,
        /// Holders have to show an access key of the principal in each KMIP request besides.
        #[arg(long)]
        with_credential: bool,
    },
    /// List a principal's certificates, the rules for others, and the blocked ones.
    #[command(after_help = "Example:\n  strongroom certificate list --principal payments")]
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// Remove a certificate or a rule; on open connections too it ends at once.
    #[command(
        after_help = "Example:\n  strongroom certificate remove --principal payments 4f:53:cd:a1:8c"
    )]
    Remove {
        #[command(flatten)]
        whose: Whose,
        /// The SHA-256 fingerprint, as `list` or `openssl x509 -fingerprint -sha256` shows it, or
        /// the rule's id, as `list` shows it.
        id: String,
    },
    /// Block a certificate that a rule would take; it ends at once, on open connections too.
    ///
    /// The certificate of an authority that is between a client's and the rule's can be blocked
    /// too, and with it all that it issued.
    #[command(
        after_help = "Example:\n  strongroom certificate block --principal payments 4f:53:cd:a1:8c"
    )]
    Block {
        #[command(flatten)]
        whose: Whose,
        /// Its SHA-256 fingerprint, as `openssl x509 -fingerprint -sha256` shows it.
        fingerprint: String,
    },
    /// Block a certificate no longer.
    #[command(
        after_help = "Example:\n  strongroom certificate unblock --principal payments 4f:53:cd:a1:8c"
    )]
    Unblock {
        #[command(flatten)]
        whose: Whose,
        /// Its SHA-256 fingerprint, as `list` shows it.
        fingerprint: String,
    },
}

/// What a certificate must have, all of it.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Names {
    /// This DNS name among its alternative names.
    #[arg(long, value_name = "NAME")]
    san_dns: Vec<String>,
    /// This URI among its alternative names.
    #[arg(long, value_name = "URI")]
    san_uri: Vec<String>,
    /// This e-mail address among its alternative names.
    #[arg(long, value_name = "ADDRESS")]
    san_email: Vec<String>,
    /// This IP address among its alternative names.
    #[arg(long, value_name = "ADDRESS")]
    san_ip: Vec<String>,
    /// This subject, as RFC 4514 writes it: `openssl x509 -subject -nameopt RFC2253` shows it.
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// Nothing more: every certificate of the authority is the principal's.
    #[arg(long, conflicts_with_all = ["san_dns", "san_uri", "san_email", "san_ip", "subject"])]
    any: bool,
}

impl Names {
    /// The names, each with its kind.
    fn with_kinds(&self) -> Vec<(&str, &str)> {
        let kinds = [
            ("dns", &self.san_dns),
            ("uri", &self.san_uri),
            ("email", &self.san_email),
            ("ip", &self.san_ip),
        ];
        let mut names: Vec<_> = self.subject.iter().map(|name| ("subject", &**name)).collect();
        for (kind, texts) in kinds {
            names.extend(texts.iter().map(|text| (kind, &**text)));
        }
        names
    }
}

impl super::Verb for Verb {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        match self {
            Self::Register { whose: Whose { principal }, with_credential, file } => {
                let (certificate, with_credential) = (certificate(file)?, *with_credential);
                let certificate = certificate.as_str();
                let ask = Ask::RegisterCertificate { principal, certificate, with_credential };
                let answer = server.ask(&ask)?;
                Ok(Reply::fields(answer.clone(), &answer))
            }
            Self::Trust { whose: Whose { principal }, ca, names, with_credential } => {
                let (authority, names) = (certificate(ca)?, names.with_kinds());
                let answer = server.ask(&Ask::RegisterCertificateRule {
                    principal,
                    authority: &authority,
                    names: &names,
                    with_credential: *with_credential,
                })?;
                let shown = rule(&answer);
                Ok(Reply::fields(answer, &shown))
            }
            Self::List { whose: Whose { principal } } => {
                let answer = server.ask(&Ask::ListCertificates { principal })?;
                let columns = [
                    ("id", "SHA-256, OR ID OF A RULE"),
                    ("holder", "HOLDER"),
                    ("not_before", "VALID FROM"),
                    ("not_after", "VALID TO"),
                ];
                let entries = entries(&answer);
                Ok(Reply::table(answer, &entries, &columns))
            }
            Self::Remove { whose: Whose { principal }, id } => {
                server.ask(&Ask::RemoveCertificate { principal, id })?;
                Ok(Reply::done(format!("Removed {id} of {principal}.")))
            }
            Self::Block { whose: Whose { principal }, fingerprint } => {
                server.ask(&Ask::BlockCertificate { principal, fingerprint })?;
                Ok(Reply::done(format!("Blocked {fingerprint} of {principal}.")))
            }
            Self::Unblock { whose: Whose { principal }, fingerprint } => {
                server.ask(&Ask::UnblockCertificate { principal, fingerprint })?;
                Ok(Reply::done(format!("{fingerprint} of {principal} is blocked no longer.")))
            }
        }
    }
}

/// What is listed, for people: certificates, rules, and what is blocked.
fn entries(answer: &Value) -> Vec<Value> {
    let listed = |member: &str| answer[member].as_array().into_iter().flatten();
    let certificates = listed("certificates").map(|it| {
        json!({
            "id": it["fingerprint"], "holder": it["subject"],
            "not_before": it["not_before"], "not_after": it["not_after"],
        })
    });
    let blocked = listed("blocked").map(|it| json!({ "id": it, "holder": "blocked" }));
    certificates.chain(listed("rules").map(rule)).chain(blocked).collect()
}

/// A rule, for people.
fn rule(rule: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names = rule["names"].as_array().into_iter().flatten();
    let mut names: Vec<_> =
        names.map(|name| format!("{} {}", text(&name["kind"]), text(&name["value"]))).collect();
    if names.is_empty() {
        names.push("any".to_owned());
    }
    let holder = format!("{} of {}", names.join(", "), text(&rule["authority"]));
    json!({ "id": rule["id"], "holder": holder, "not_after": rule["not_after"] })
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
