//! Tokens: `header.claims.signature`, each in base64url.

use model::{
    Wall, limits,
    token::{Token, TokenAlgorithm},
};
use serde::Deserialize;

use crate::bytes;

/// It is no token that could be verified here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood, and nothing of it is.
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Option<Audience>,
    azp: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    iat: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Takes a token apart.
///
/// # Errors
/// [`Malformed`] for whatever is no token, is longer than it may be, lacks `iss`, `sub`, `exp`,
/// `iat` or an audience, or is signed in any other way than with RS256 or ES256: not at all, or by
/// a code whose key its verifier would have.
pub fn token(text: &str) -> Result<Token<'_>, Malformed> {
    if text.len() > limits::WEB_IDENTITY_TOKEN_LEN_MAX {
        return Err(Malformed);
    }
    let (input, signature) = text.rsplit_once('.').ok_or(Malformed)?;
    let (header, claims) = input.split_once('.').ok_or(Malformed)?;
    let Header { alg, kid, crit } = from_json(header)?;
    let algorithm = match alg.as_str() {
        "RS256" => TokenAlgorithm::Rs256,
        "ES256" => TokenAlgorithm::Es256,
        _ => return Err(Malformed),
    };
    let Claims { iss, sub, aud, azp, exp, nbf, iat } = from_json(claims)?;
    let audiences = match (azp, aud) {
        (Some(azp), _) => vec![azp],
        (None, Some(Audience::One(one))) => vec![one],
        (None, Some(Audience::Many(many))) => many,
        (None, None) => return Err(Malformed),
    };
    let texts = [&iss, &sub].into_iter().chain(&audiences).chain(&kid);
    let fits = |text: &String| {
        (1..=limits::TOKEN_CLAIM_LEN_MAX).contains(&text.len()) && !text.contains(char::is_control)
    };
    let counted = (1..=limits::AUDIENCES_MAX).contains(&audiences.len());
    if crit.is_some() || !counted || !texts.into_iter().all(fits) {
        return Err(Malformed);
    }
    Ok(Token {
        signing_input: input.as_bytes(),
        signature: bytes(signature).ok_or(Malformed)?,
        algorithm,
        key_id: kid,
        issuer: iss,
        subject: sub,
        audiences,
        expires: wall(exp)?,
        not_before: nbf.map(wall).transpose()?,
        issued: wall(iat)?,
    })
}

fn from_json<T: for<'d> Deserialize<'d>>(text: &str) -> Result<T, Malformed> {
    let bytes = bytes(text).ok_or(Malformed)?;
    // A list would do for serde's structs.
    if bytes.trim_ascii().first() != Some(&b'{') {
        return Err(Malformed);
    }
    serde_json::from_slice(&bytes).map_err(|_| Malformed)
}

/// Seconds since 1970, which may have a fraction (RFC 7519, section 2), rounded down.
fn wall(seconds: f64) -> Result<Wall, Malformed> {
    // What is beyond has more digits than any date, and `u64` holds it.
    if (0.0..1e15).contains(&seconds) {
        Ok(Wall((seconds * 1000.0) as u64))
    } else {
        Err(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding as _};

    use super::*;

    const HEADER: &str = r#"{"alg":"RS256","kid":"one","typ":"JWT"}"#;
    const CLAIMS: &str = r#"{"iss":"https://oidc.example","sub":"app","aud":"sts","exp":20.5,"iat":10,
        "nbf":9,"more":{"deep":[1]}}"#;

    fn written(header: &str, claims: &str) -> String {
        let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    #[test]
    fn a_token_is_taken_apart() {
        let text = written(HEADER, CLAIMS);
        let read = token(&text).unwrap();
        assert_eq!(read.signing_input, text.rsplit_once('.').unwrap().0.as_bytes());
        assert_eq!(
            (read.signature.as_slice(), read.algorithm),
            (&b"signature"[..], TokenAlgorithm::Rs256)
        );
        assert_eq!(read.key_id.as_deref(), Some("one"));
        assert_eq!((read.issuer.as_str(), read.subject.as_str()), ("https://oidc.example", "app"));
        assert_eq!(read.audiences, ["sts"]);
        assert_eq!((read.issued, read.expires), (Wall(10_000), Wall(20_500)));
        assert_eq!(read.not_before, Some(Wall(9000)));
    }

    #[test]
    fn the_authorized_party_is_the_audience_where_it_is_said() {
        let claims = |aud: &str| CLAIMS.replace(r#""aud":"sts""#, aud);
        let audiences =
            |aud: &str| token(&written(HEADER, &claims(aud))).map(|read| read.audiences);
        assert_eq!(audiences(r#""aud":["a","b"]"#), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(audiences(r#""aud":["a"],"azp":"p""#), Ok(vec!["p".to_owned()]));
        assert_eq!(audiences(r#""aud":[]"#), Err(Malformed));
        assert_eq!(audiences(r#""other":1"#), Err(Malformed));
    }

    #[test]
    fn only_what_a_public_key_verifies_is_a_token() {
        for alg in
            ["none", "None", "", "HS256", "HS512", "RS512", "PS256", "ES384", "EdDSA", "rs256"]
        {
            let header = HEADER.replace("RS256", alg);
            assert_eq!(token(&written(&header, CLAIMS)).err(), Some(Malformed), "{alg}");
        }
        let with = |more: &str| HEADER.replace(r#""typ":"JWT""#, more);
        for header in
            ["[]", "{}", r#"["RS256"]"#, &with(r#""crit":["exp"]"#), &with(r#""kid":"b""#)]
        {
            assert_eq!(token(&written(header, CLAIMS)).err(), Some(Malformed), "{header}");
        }
    }

    #[test]
    fn a_token_has_each_claim_once_and_within_bounds() {
        let long = format!("\"{}\"", "a".repeat(256));
        for (from, to) in [
            (r#""sub":"app","#, ""),
            (r#""iss":"https://oidc.example","#, ""),
            (r#","exp":20.5"#, ""),
            (r#","iat":10"#, ""),
            ("20.5", "\"20\""),
            ("20.5", "-1"),
            ("20.5", "1e300"),
            ("\"app\"", "\"\""),
            ("\"app\"", &long),
            ("\"app\"", r#""a\u0000""#),
            ("\"app\"", r#""a","sub":"b""#),
        ] {
            let claims = CLAIMS.replace(from, to);
            assert_eq!(token(&written(HEADER, &claims)).err(), Some(Malformed), "{claims}");
        }
        let text = written(HEADER, CLAIMS);
        for text in ["", "..", "a.b", &text[1..], &format!("{text}="), &format!("{text}.e30")] {
            assert_eq!(token(text).err(), Some(Malformed), "{text}");
        }
        assert_eq!(token(&"a".repeat(20_001)).err(), Some(Malformed));
    }
}
