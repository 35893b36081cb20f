//! Tokens and key sets that are nearly right: none makes a reader panic, and what is read is within
//! its bounds.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use jose::{key_set, token};
use model::limits;

/// A header, claims and a signature; what stands in them is changed by the mutations.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZSIsInN1Yi\
    I6ImFwcCIsImF1ZCI6WyJzdHMiXSwiZXhwIjoyMCwiaWF0IjoxMCwibmJmIjo5fQ.c2lnbmF0dXJl";

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"one","use":"sig",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
    {"kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS256"}]}"#;

#[test]
fn no_token_makes_the_reader_panic() {
    let seeds = [TOKEN.as_bytes().to_vec()];
    mutations::try_all("tokens", mutations::COUNT, &seeds, &mut |text| {
        let text = String::from_utf8_lossy(text);
        let Ok(read) = token(&text) else { return false };
        assert!(text.as_bytes().starts_with(read.signing_input));
        let texts = [&read.issuer, &read.subject].into_iter().chain(&read.audiences);
        assert!(texts.into_iter().all(|text| text.len() <= limits::TOKEN_CLAIM_LEN_MAX));
        true
    });
}

#[test]
fn no_key_set_makes_the_reader_panic() {
    mutations::try_all("key sets", mutations::COUNT, &[KEYS.as_bytes().to_vec()], &mut |text| {
        match key_set(&String::from_utf8_lossy(text)) {
            Ok(keys) => !keys.is_empty(),
            Err(malformed) => {
                assert!(malformed.sentence().ends_with('.'));
                false
            }
        }
    });
}
