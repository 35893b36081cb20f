//! Key sets: the public keys that an issuer signs with.

use std::fmt;

use model::token::{IssuerKey, IssuerKeyNumbers};
use serde::Deserialize;

use crate::bytes;

/// Why a document is no key set: one sentence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed(&'static str);

impl Malformed {
    /// The sentence.
    pub const fn sentence(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Of a private key.
    d: Option<serde::de::IgnoredAny>,
    /// A secret key.
    k: Option<serde::de::IgnoredAny>,
}

/// Reads a JSON Web Key Set. Keys that are for something else than RS256 or ES256 are passed over.
///
/// # Errors
/// A sentence, when it is not one, none of its keys is left, or there is a private key among them.
pub fn key_set(text: &str) -> Result<Vec<IssuerKey>, Malformed> {
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Malformed("The key set is not a JSON object."));
    }
    let Set { keys } = serde_json::from_str(text)
        .map_err(|_| Malformed("The key set is not JSON with a list of \"keys\"."))?;
    if keys.iter().any(|key| key.d.is_some() || key.k.is_some()) {
        return Err(Malformed("The key set holds a private key: give the public keys alone."));
    }
    let read = keys.into_iter().filter_map(|key| key.read().transpose());
    let keys = read.collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(Malformed("The key set has no key for RS256 or ES256."));
    }
    Ok(keys)
}

impl Key {
    /// Nothing when it is for something else.
    fn read(self) -> Result<Option<IssuerKey>, Malformed> {
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let with = |algorithm: &str| self.alg.as_deref().is_none_or(|alg| alg == algorithm);
        let member = |member: &Option<String>| member.as_deref().and_then(bytes);
        let numbers = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) if signs && with("RS256") => member(&self.n)
                .zip(member(&self.e))
                .map(|(n, e)| IssuerKeyNumbers::Rsa { n, e })
                .ok_or(Malformed("An RSA key has no \"n\" and \"e\" in base64url.")),
            ("EC", Some("P-256")) if signs && with("ES256") => {
                let coordinate = |text| member(text).and_then(|bytes| bytes.try_into().ok());
                coordinate(&self.x)
                    .zip(coordinate(&self.y))
                    .map(|(x, y)| IssuerKeyNumbers::P256 { x, y })
                    .ok_or(Malformed("A key on P-256 has no \"x\" and \"y\" of 32 bytes each."))
            }
            _ => return Ok(None),
        };
        Ok(Some(IssuerKey { id: self.kid, numbers: numbers? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","kid":"e","use":"sig","alg":"ES256",
        "x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"}"#;
    const RSA: &str = r#"{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB","x5c":["MII"]}"#;

    fn read(keys: &[&str]) -> Result<Vec<IssuerKey>, Malformed> {
        key_set(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
    }

    #[test]
    fn the_keys_for_rs256_and_es256_are_read_and_others_passed_over() {
        let encrypts = &RSA.replace("\"kid\"", "\"use\":\"enc\",\"kid\"");
        let pss = &RSA.replace("\"kid\"", "\"alg\":\"PS256\",\"kid\"");
        let other = r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#;
        let keys = read(&[encrypts, EC, other, pss, RSA]).unwrap();
        let ids: Vec<_> = keys.iter().map(|key| key.id.as_deref()).collect();
        assert_eq!(ids, [Some("e"), Some("r")]);
        let three = vec![1, 0, 1];
        assert_eq!(keys[1].numbers, IssuerKeyNumbers::Rsa { n: three.clone(), e: three });
        let IssuerKeyNumbers::P256 { x, y } = &keys[0].numbers else { panic!("not on P-256") };
        assert_eq!((x[31], y[31]), (0, 1));
    }

    #[test]
    fn what_is_no_key_set_is_told_in_a_sentence() {
        let told = |keys: &[&str]| read(keys).unwrap_err().sentence();
        assert!(told(&[]).contains("no key for RS256"));
        assert!(told(&[&RSA.replace("\"n\"", "\"m\"")]).contains("\"n\""));
        assert!(told(&[&EC.replace("AAAAAA\"", "AA\"")]).contains("32 bytes"));
        assert!(told(&[EC, &RSA.replace("\"kid\"", "\"d\":\"AQ\",\"kid\"")]).contains("private"));
        assert!(told(&[r#"{"kty":"oct","k":"AA"}"#, EC]).contains("private"));
        assert!(key_set("[]").unwrap_err().sentence().contains("not a JSON object"));
        assert!(key_set("{}").unwrap_err().sentence().contains("\"keys\""));
    }
}
