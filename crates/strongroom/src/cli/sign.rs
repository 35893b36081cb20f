//! `strongroom sign` and `strongroom verify`.
//!
//! A message that is too long for a request is hashed here and its digest is signed there, which
//! gives the same signature.

use std::path::PathBuf;

use clap::Args;
use model::{Secret, algorithm::Hash, limits};
use serde_json::{Value, json};

use super::{Reply, Server, Verb, failure::Failure, files};

/// What is signed, with what.
#[derive(Args)]
struct Signed {
    /// The key: its id, its ARN, or alias/NAME.
    key: String,
    /// The message; standard input if it is not named.
    file: Option<PathBuf>,
    /// E.g. ECDSA_SHA_256, RSASSA_PSS_SHA_256, ED25519_SHA_512, ML_DSA_SHAKE_256.
    #[arg(long)]
    algorithm: String,
    /// The file holds the message's digest, not the message.
    #[arg(long)]
    digest: bool,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom sign alias/releases release.tar --algorithm ECDSA_SHA_256 --out release.sig"
)]
pub(crate) struct Sign {
    #[command(flatten)]
    signed: Signed,
    /// Where to write the signature; else it is printed in base64.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom verify alias/releases release.tar --algorithm ECDSA_SHA_256 --signature release.sig"
)]
pub(crate) struct Verify {
    #[command(flatten)]
    signed: Signed,
    /// The file with the signature.
    #[arg(long, value_name = "FILE", required_unless_present = "signature_base64")]
    signature: Option<PathBuf>,
    /// The signature itself, in base64.
    #[arg(long, value_name = "TEXT", conflicts_with = "signature")]
    signature_base64: Option<String>,
}

impl Signed {
    /// What both operations take.
    fn input(&self) -> Result<Value, Failure> {
        let message = files::input(self.file.as_deref())?;
        let (message, kind) = match (self.digest, message.len() > limits::PLAINTEXT_LEN_MAX) {
            (true, _) => (message, "DIGEST"),
            (false, false) => (message, "RAW"),
            (false, true) => (Secret::new(self.digest_of(message.expose())?), "DIGEST"),
        };
        Ok(json!({
            "KeyId": self.key,
            "SigningAlgorithm": self.algorithm,
            "MessageType": kind,
            "Message": client::blob::to_value(message.expose()),
        }))
    }

    fn digest_of(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let hash = prehash(&self.algorithm).ok_or_else(|| {
            Failure::Usage(format!(
                "{} signs whole messages, of at most {} bytes; this one has {}",
                self.algorithm,
                limits::PLAINTEXT_LEN_MAX,
                message.len()
            ))
        })?;
        Ok(crypto::digest::digest(hash, message))
    }
}

/// The hash whose digest an algorithm signs; `None` when it signs the message itself.
fn prehash(algorithm: &str) -> Option<Hash> {
    if !(algorithm.starts_with("ECDSA_") || algorithm.starts_with("RSASSA_")) {
        return None;
    }
    match algorithm.rsplit_once("SHA_")?.1 {
        "256" => Some(Hash::Sha256),
        "384" => Some(Hash::Sha384),
        "512" => Some(Hash::Sha512),
        _ => None,
    }
}

impl Verb for Sign {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let answer = server.kms("Sign", &self.signed.input()?)?;
        let signature = client::blob::member(&answer, "Signature")
            .ok_or_else(|| Failure::incomplete("Signature"))?;
        files::deliver(&signature, self.out.as_deref(), "Signature")
    }
}

impl Verb for Verify {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let (file, text) = (self.signature.as_deref(), self.signature_base64.as_deref());
        let signature = files::given(file, text, "signature")?;
        let mut input = self.signed.input()?;
        input["Signature"] = client::blob::to_value(signature.expose());
        let answer = server.kms("Verify", &input).map_err(|failure| {
            failure.explained("KMSInvalidSignatureException", "The signature is not valid.")
        })?;
        Ok(Reply::line(answer, "The signature is valid."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_algorithms_over_a_digest_are_hashed_here() {
        assert_eq!(prehash("ECDSA_SHA_384"), Some(Hash::Sha384));
        assert_eq!(prehash("RSASSA_PKCS1_V1_5_SHA_512"), Some(Hash::Sha512));
        for algorithm in ["ED25519_SHA_512", "ED25519_PH_SHA_512", "ML_DSA_SHAKE_256", "ECDSA_X"] {
            assert_eq!(prehash(algorithm), None, "{algorithm}");
        }
    }
}
