//! Checkpoints: what the log says of its tree, signed.
//!
//! The form is that of C2SP `tlog-checkpoint` on `signed-note`: three lines of text (the log's
//! name, the number of entries, the root hash in base64), an empty line, and a signature line
//! `— <name> <base64(key hash || Ed25519 signature)>`.

use std::{fmt, str::FromStr};

use base64ct::{Base64, Encoding};
use crypto::{digest::sha256, log_key, log_key::LogKey};

use crate::{Failure, merkle::Hash};

/// The signed-note algorithm number of Ed25519.
const ED25519: u8 = 1;

/// What is needed to verify a log's checkpoints: its name and its public key.
///
/// As text it is the verifier key of C2SP `signed-note`:
/// `<name>+<hex key hash>+<base64(0x01 || public key)>`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifierKey {
    origin: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// From the log's name and the 32 bytes of its Ed25519 public key.
    ///
    /// The name is not empty and holds no white space, control characters or `+`
    /// ([`Failure::Origin`]).
    pub fn new(origin: &str, public: [u8; 32]) -> Result<Self, Failure> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if origin.is_empty() || origin.len() > 255 || !origin.chars().all(plain) {
            return Err(Failure::Origin(origin.into()));
        }
        Ok(Self { origin: origin.to_owned(), public })
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The first four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`.
    fn key_hash(&self) -> [u8; 4] {
        let mut bytes = self.origin.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', ED25519]);
        bytes.extend_from_slice(&self.public);
        let [a, b, c, d, ..] = sha256(&bytes);
        [a, b, c, d]
    }

    /// Reads a signed checkpoint and verifies its signature. `None` when it is malformed, of
    /// another log, or not signed with this key. Signature lines of other keys are ignored.
    pub fn open(&self, signed: &str) -> Option<Checkpoint> {
        let (text, signatures) = signed.split_once("\n\n")?;
        let text_with_break = signed.get(..text.len() + 1)?;
        let checkpoint = Checkpoint::parse(text, signed)?;
        let ours = |line: &str| {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let decoded = Base64::decode_vec(signature).ok()?;
            let (hash, signature) = decoded.split_first_chunk::<4>()?;
            let meant = name == self.origin && *hash == self.key_hash();
            Some(meant && log_key::verify(&self.public, text_with_break.as_bytes(), signature))
        };
        let verified = signatures.lines().any(|line| ours(line) == Some(true));
        (verified && checkpoint.origin == self.origin).then_some(checkpoint)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+", self.origin)?;
        for byte in self.key_hash() {
            write!(f, "{byte:02x}")?;
        }
        let mut key = vec![ED25519];
        key.extend_from_slice(&self.public);
        write!(f, "+{}", Base64::encode_string(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let parse = || {
            let mut parts = text.splitn(3, '+');
            let (origin, _, key) = (parts.next()?, parts.next()?, parts.next()?);
            let key = Base64::decode_vec(key).ok()?;
            let (&[algorithm], public) = key.split_first_chunk::<1>()?;
            let public = public.try_into().ok().filter(|_| algorithm == ED25519)?;
            Self::new(origin, public).ok()
        };
        // One spelling for one key: this also compares the key hash.
        parse().filter(|key| key.to_string() == text).ok_or_else(|| Failure::Origin(text.into()))
    }
}

/// A checkpoint whose signature has been verified or made here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The whole signed text.
    pub signed: String,
}

/// Why a checkpoint cannot be signed.
const NO_SIGNATURE: &str = "the cryptographic module gives no signature";

impl Checkpoint {
    /// Signs a checkpoint. Fails only when the cryptographic module gives no output.
    pub(crate) fn sign(
        key: &LogKey,
        verifier: &VerifierKey,
        size: u64,
        root: Hash,
    ) -> Result<Self, Failure> {
        let origin = verifier.origin.clone();
        let text = format!("{origin}\n{size}\n{}\n", Base64::encode_string(&root));
        let mut signature = verifier.key_hash().to_vec();
        let signed = key.sign(text.as_bytes());
        signature.extend_from_slice(&signed.map_err(|_| Failure::Stopped(NO_SIGNATURE.into()))?);
        let signed = format!("{text}\n— {origin} {}\n", Base64::encode_string(&signature));
        Ok(Self { origin, size, root, signed })
    }

    fn parse(text: &str, signed: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let origin = lines.next()?.to_owned();
        let digits = lines.next()?;
        let size = digits.parse::<u64>().ok().filter(|size| size.to_string() == digits)?;
        let root = Base64::decode_vec(lines.next()?).ok()?.try_into().ok()?;
        Some(Self { origin, size, root, signed: signed.to_owned() })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries, root {}", self.size, Base64::encode_string(&self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ORIGIN, TestKey};

    #[test]
    fn a_checkpoint_opens_with_its_key_only() {
        let (ours, theirs) = (TestKey::new(), TestKey::new());
        let checkpoint = Checkpoint::sign(&ours.key(), &ours.verifier(), 42, [7; 32]).unwrap();
        assert_eq!(ours.verifier().open(&checkpoint.signed), Some(checkpoint.clone()));
        assert_eq!(theirs.verifier().open(&checkpoint.signed), None);
        let other = VerifierKey::new("elsewhere", ours.key().public()).unwrap();
        assert_eq!(other.open(&checkpoint.signed), None);
    }

    #[test]
    fn a_checkpoint_with_any_byte_changed_does_not_open() {
        let key = TestKey::new();
        let verifier = key.verifier();
        let signed = Checkpoint::sign(&key.key(), &verifier, 1234, [0x5a; 32]).unwrap().signed;
        for at in 0..signed.len() - 1 {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] ^= 1;
            let opened = String::from_utf8(bytes).ok().and_then(|text| verifier.open(&text));
            assert_eq!(opened, None, "byte {at}");
        }
    }

    #[test]
    fn signatures_of_others_beside_ours_do_no_harm() {
        let key = TestKey::new();
        let signed = Checkpoint::sign(&key.key(), &key.verifier(), 1, [1; 32]).unwrap().signed;
        let (text, ours) = signed.split_once("\n\n").unwrap();
        let both = format!("{text}\n\n— witness.example AAAAAAAA\n{ours}");
        assert!(key.verifier().open(&both).is_some());
    }

    #[test]
    fn a_verifier_key_has_one_spelling() {
        let key = TestKey::new().verifier();
        let text = key.to_string();
        assert!(text.starts_with(&format!("{ORIGIN}+")));
        assert_eq!(text.parse::<VerifierKey>(), Ok(key));
        let (start, end) = text.split_at(ORIGIN.len() + 1);
        let other = if end.starts_with('0') { '1' } else { '0' };
        assert!(format!("{start}{other}{}", &end[1..]).parse::<VerifierKey>().is_err());
        for bad in ["", "a b", "a+b", "a\nb"] {
            assert!(VerifierKey::new(bad, [1; 32]).is_err());
        }
    }
}
