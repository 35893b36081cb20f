//! A case as the profiles publish it: requests and responses in XML, in the order of a
//! conversation, with variables where the server or the clock chooses.
//!
//! `$NOW`, `$NOW-3600` and `$NOW+3600` are moments. Every other `$NAME` is a text or bytes. A
//! document with them is no message yet; each stands in for a value of its type that no case has,
//! the document is read as any other, and the values are variables again.

use std::fmt::Write as _;

use kmip::{Encoding, names::Tag, ttlv::Kind, xml};

use crate::tree::{Leaf, LeafContent, Node};

/// A case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name, e.g. `SKLC-M-1-21`.
    pub(crate) name: String,
    /// What is asked and answered, in order.
    pub(crate) steps: Vec<Step>,
}

/// A request and its answer.
#[derive(Debug)]
pub(crate) struct Step {
    /// What is sent.
    pub(crate) request: Node,
    /// What shall come back.
    pub(crate) response: Node,
}

/// Where `$NOW` is put, as a moment.
const NOW: i64 = 0x7000_0000_0000_0000;
/// How far from `$NOW` a moment may be, in seconds.
const NOW_MAX: i64 = 1 << 32;

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// What is not as it must be, in words.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, String> {
        let mut messages = messages(text).into_iter();
        let mut steps = Vec::new();
        while let Some(request) = messages.next() {
            let wrong = |what: &str| format!("{name}: step {}: {what}", steps.len());
            let response = messages.next().ok_or_else(|| wrong("there is no response"))?;
            let [request, response] = [request, response].map(|text| {
                let item = xml::decode(standing_in(text)?.as_bytes());
                item.map(|item| marked(&Node::from(&item))).map_err(|why| why.to_string())
            });
            let request = request.map_err(|why| wrong(&format!("the request: {why}")))?;
            let response = response.map_err(|why| wrong(&format!("the response: {why}")))?;
            if (request.tag, response.tag) != (Tag::REQUEST_MESSAGE, Tag::RESPONSE_MESSAGE) {
                return Err(wrong("this is not a request and its response"));
            }
            steps.push(Step { request, response });
        }
        if steps.is_empty() {
            Err(format!("{name}: no messages"))
        } else {
            Ok(Self { name: name.to_owned(), steps })
        }
    }

    /// How the case is sent over HTTPS, when it is about that.
    pub(crate) fn over_https(&self) -> Option<Encoding> {
        match self.name.strip_prefix("MSGENC-")?.split('-').next()? {
            "HTTPS" => Some(Encoding::Ttlv),
            "XML" => Some(Encoding::Xml),
            "JSON" => Some(Encoding::Json),
            _ => None,
        }
    }
}

/// The documents of a case's messages.
fn messages(text: &str) -> Vec<&str> {
    let mut messages = Vec::new();
    let mut rest = text;
    loop {
        let next = ["RequestMessage", "ResponseMessage"].into_iter().filter_map(|name| {
            let from = rest.find(&format!("<{name}>"))?;
            let end = format!("</{name}>");
            Some((from, rest[from..].find(&end)? + from + end.len()))
        });
        let Some((from, to)) = next.min() else { return messages };
        messages.push(&rest[from..to]);
        rest = &rest[to..];
    }
}

/// A document with values that stand in for variables.
fn standing_in(text: &str) -> Result<String, String> {
    const VALUE: &str = "value=\"$";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(VALUE) {
        let (before, after) = (&rest[..at], &rest[at + VALUE.len()..]);
        let end = after.find('"').ok_or("a value does not end")?;
        let name = &after[..end];
        out.push_str(before);
        out.push_str("value=\"");
        let is = |kind: &str| before.trim_end().ends_with(&format!("type=\"{kind}\""));
        if is("DateTime") {
            let offset = name.strip_prefix("NOW").ok_or(format!("${name} is no moment"))?;
            let offset = if offset.is_empty() { Ok(0) } else { offset.parse::<i64>() };
            let offset = offset.ok().filter(|offset| offset.abs() < NOW_MAX);
            let moment = NOW + offset.ok_or(format!("${name} is no moment"))?;
            let _ = write!(out, "{moment:#018x}");
        } else if is("ByteString") {
            for byte in format!("${name}").bytes() {
                let _ = write!(out, "{byte:02x}");
            }
        } else if is("TextString") {
            let _ = write!(out, "${name}");
        } else {
            return Err(format!("${name} has a type that a variable cannot have"));
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The same tree with variables where there are values that stand in for them.
fn marked(message: &Node) -> Node {
    let variable = |text: &str| text.strip_prefix('$').map(str::to_owned);
    let mark = |_, leaf: &Leaf| {
        let content = match &leaf.content {
            LeafContent::Text(text) => variable(text).map(LeafContent::Variable),
            LeafContent::Bytes(bytes) if is_name(bytes) => {
                str::from_utf8(bytes).ok().and_then(variable).map(LeafContent::Variable)
            }
            LeafContent::Number(moment) if leaf.kind == Kind::DateTime => {
                let offset = moment.checked_sub(NOW).filter(|offset| offset.abs() < NOW_MAX);
                offset.map(LeafContent::Now)
            }
            _ => None,
        };
        let content = content.unwrap_or_else(|| leaf.content.clone());
        Ok::<_, std::convert::Infallible>(Leaf { kind: leaf.kind, content })
    };
    let Ok(message) = message.map(&mut { mark });
    message
}

/// Whether bytes are what stands in for a variable, and no key's by accident.
fn is_name(bytes: &[u8]) -> bool {
    let is_of_name = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    matches!(bytes, [b'$', b'A'..=b'Z', b'A'..=b'Z', rest @ ..] if rest.iter().all(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"<KMIP><!-- one -->
        <RequestMessage>
          <UniqueIdentifier type="TextString" value="$UNIQUE_IDENTIFIER_0"/>
          <Data type="ByteString" value="$DATA_0"/>
          <ActivationDate type="DateTime" value="$NOW-3600"/>
        </RequestMessage>
        <ResponseMessage>
          <TimeStamp type="DateTime" value="$NOW"/>
          <Data type="ByteString" value="00ff"/>
        </ResponseMessage></KMIP>"#;

    #[test]
    fn a_variable_is_read_with_its_type() {
        let case = Case::read("A-M-1-21", CASE).unwrap();
        let [step] = case.steps.as_slice() else { panic!("{case:?}") };
        let leaf = |node: &Node, tag| node.field(tag).unwrap().leaf().unwrap().clone();
        let variable = |name: &str| LeafContent::Variable(name.to_owned());
        let identifier = leaf(&step.request, Tag::UNIQUE_IDENTIFIER);
        assert_eq!(identifier.content, variable("UNIQUE_IDENTIFIER_0"));
        assert_eq!(identifier.kind, Kind::TextString);
        let data = leaf(&step.request, Tag::DATA);
        assert_eq!((data.kind, data.content), (Kind::ByteString, variable("DATA_0")));
        let moment = leaf(&step.request, Tag::ACTIVATION_DATE);
        assert_eq!(moment.content, LeafContent::Now(-3600));
        assert_eq!(leaf(&step.response, Tag::TIME_STAMP).content, LeafContent::Now(0));
        let data = leaf(&step.response, Tag::DATA);
        assert_eq!(data.content, LeafContent::Bytes(vec![0, 0xff]));
    }

    #[test]
    fn what_is_no_case_says_why() {
        for (from, to) in [
            ("<ResponseMessage>", "<Nothing>"),
            ("$NOW-3600", "$THEN"),
            ("\"DateTime\" value=\"$NOW\"", "\"Integer\" value=\"$NOW\""),
            ("\"00ff\"", "\"00f\""),
        ] {
            let text = CASE.replace(from, to);
            assert!(Case::read("A-M-1-21", &text).is_err(), "{from}");
        }
    }

    #[test]
    fn a_case_about_an_encoding_says_which() {
        let case = |name: &str| Case { name: name.to_owned(), steps: vec![] }.over_https();
        assert_eq!(case("MSGENC-HTTPS-M-1-14"), Some(Encoding::Ttlv));
        assert_eq!(case("MSGENC-JSON-M-1-21"), Some(Encoding::Json));
        assert_eq!(case("MSGENC-XML-M-1-21"), Some(Encoding::Xml));
        assert_eq!(case("SKLC-M-1-21"), None);
    }
}
