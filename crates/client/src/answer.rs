//! What the server answered: the reply, or its refusal in one form for every door.

use std::fmt;

use serde_json::Value;

/// A refusal, or an answer that is none of Strongroom's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for programs: `not-found` of the native API, `NotFoundException` of AWS's.
    pub code: String,
    /// What went wrong, for people; empty when the server says no more than the code.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, message } = self;
        if message.is_empty() {
            write!(f, "{code} (HTTP {status})")
        } else {
            write!(f, "{message} ({code}, HTTP {status})")
        }
    }
}

impl std::error::Error for Failure {}

/// Reads an answer: its JSON, `Null` when there is no body, or the refusal.
///
/// # Errors
/// The server's refusal; with the code `unreadable` what no Strongroom would say.
pub fn answer(status: u16, body: &[u8]) -> Result<Value, Failure> {
    let body = body.trim_ascii();
    let value = if body.is_empty() { Some(Value::Null) } else { serde_json::from_slice(body).ok() };
    match (status, value) {
        (200..=299, Some(value)) => Ok(value),
        (_, Some(value)) => Err(refusal(status, &value).unwrap_or_else(|| unreadable(status))),
        (_, None) => Err(unreadable(status)),
    }
}

fn unreadable(status: u16) -> Failure {
    let message = "The answer is not one of a Strongroom server. Is the endpoint right?".to_owned();
    Failure { status, code: "unreadable".to_owned(), message }
}

fn refusal(status: u16, value: &Value) -> Option<Failure> {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    if let Some(error) = value.get("error") {
        let message = text(error, "message").unwrap_or_default();
        return Some(Failure { status, code: text(error, "code")?, message });
    }
    let kind = text(value, "__type")?;
    // A type may come with its namespace: `com.amazonaws.kms#NotFoundException`.
    let code = kind.rsplit('#').next().unwrap_or_default().to_owned();
    let message = text(value, "message").or_else(|| text(value, "Message")).unwrap_or_default();
    Some(Failure { status, code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_doors_refusals_read_alike() {
        let native = br#"{"error":{"code":"not-found","message":"There is no principal bob."}}"#;
        let failure = answer(404, native).unwrap_err();
        assert_eq!((failure.status, failure.code.as_str()), (404, "not-found"));
        assert_eq!(failure.message, "There is no principal bob.");
        let aws = br#"{"__type":"com.amazonaws.kms#NotFoundException","Message":"Key is gone"}"#;
        let failure = answer(400, aws).unwrap_err();
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            ("NotFoundException", "Key is gone")
        );
        let silent = answer(400, br#"{"__type":"InvalidCiphertextException"}"#).unwrap_err();
        assert_eq!(silent.to_string(), "InvalidCiphertextException (HTTP 400)");
    }

    #[test]
    fn an_empty_answer_is_null_and_foreign_ones_are_unreadable() {
        assert_eq!(answer(204, b""), Ok(Value::Null));
        for (status, body) in [(200, "<html>"), (502, "<html>"), (404, "{}"), (500, "")] {
            assert_eq!(answer(status, body.as_bytes()).unwrap_err().code, "unreadable", "{body}");
        }
    }
}
