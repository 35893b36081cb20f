//! Bytes inside JSON, as base64 (RFC 4648), encoded and decoded in constant time.

use base64ct::{Base64, Encoding};
use model::Secret;
use serde_json::Value;

/// Bytes as a JSON string.
pub fn to_value(bytes: &[u8]) -> Value {
    Value::String(Base64::encode_string(bytes))
}

/// The bytes of a member of an answer; `None` when it is not there or not base64.
pub fn member(answer: &Value, name: &str) -> Option<Secret> {
    from_text(answer.get(name)?.as_str()?)
}

/// Takes the bytes of a member out of an answer, and leaves no text of them there; `None` when it
/// is not there or not base64. For keys.
pub fn take(answer: &mut Value, name: &str) -> Option<Secret> {
    match answer.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => {
            // Wiped when it is dropped.
            let text = Secret::new(text.into_bytes());
            from_text(std::str::from_utf8(text.expose()).ok()?)
        }
        _ => None,
    }
}

/// The bytes that a base64 text stands for; `None` when it is not one.
pub fn from_text(text: &str) -> Option<Secret> {
    Base64::decode_vec(text).ok().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_went() {
        let answer = serde_json::json!({ "Plaintext": to_value(b"\x00\xffx") });
        assert_eq!(member(&answer, "Plaintext").unwrap().expose(), b"\x00\xffx");
        assert!(member(&answer, "Signature").is_none());
        assert!(from_text("not base64!").is_none());
    }

    #[test]
    fn what_is_taken_is_no_longer_there() {
        let mut answer = serde_json::json!({ "Plaintext": to_value(b"key"), "KeyId": "a" });
        assert_eq!(take(&mut answer, "Plaintext").unwrap().expose(), b"key");
        assert!(take(&mut answer, "Plaintext").is_none());
        assert_eq!(answer, serde_json::json!({ "Plaintext": null, "KeyId": "a" }));
    }
}
