//! The parameters of a request: names and values as forms write them
//! (`application/x-www-form-urlencoded`), in a body or a query.

use std::collections::HashMap;

use model::limits;

use crate::error::Refusal;

/// Most parameters of a request: each that an operation has, and lists within them.
const PARAMETERS_MAX: usize = 256;

/// The parameters of one request, each said once.
#[derive(Debug)]
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body or a query.
    pub(crate) fn read(text: &[u8]) -> Result<Self, Refusal> {
        if text.len() > limits::STS_FORM_LEN_MAX {
            return Err(Refusal::malformed("The parameters are too long."));
        }
        let mut parameters = HashMap::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next(), halves.next());
            let name = decode(name.unwrap_or_default());
            let value = decode(value.unwrap_or_default());
            let (Some(name), Some(value)) = (name, value) else {
                return Err(Refusal::malformed("The parameters are not percent-encoded text."));
            };
            if parameters.insert(name, value).is_some() {
                return Err(Refusal::malformed("A parameter is there twice."));
            }
            if parameters.len() > PARAMETERS_MAX {
                return Err(Refusal::malformed("There are too many parameters."));
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter's value; an empty one is as good as none.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether there is any parameter whose name starts so.
    pub(crate) fn has_any(&self, start: &str) -> bool {
        self.0.keys().any(|name| name.starts_with(start))
    }
}

/// The text that an encoded one stands for; `None` when it is malformed or not UTF-8.
fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_as_forms_are() {
        let form = Form::read(b"Action=A+b%2Bc&Empty=&Alone&PolicyArns.member.1.arn=x").unwrap();
        assert_eq!(form.value("Action"), Some("A b+c"));
        assert_eq!((form.value("Empty"), form.value("Alone"), form.value("x")), (None, None, None));
        assert!(form.has_any("PolicyArns.") && !form.has_any("Tags."));
    }

    #[test]
    fn what_is_no_form_or_says_a_thing_twice_is_refused() {
        for text in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"a=1&a=2", b"\xff=1"] {
            assert!(Form::read(text).is_err(), "{}", text.escape_ascii());
        }
        let many: String = (0..300).map(|n| format!("p{n}=1&")).collect();
        assert!(Form::read(many.as_bytes()).is_err());
        let long = format!("a={}", "a".repeat(limits::STS_FORM_LEN_MAX));
        assert!(Form::read(long.as_bytes()).is_err());
    }
}
