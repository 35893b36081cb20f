//! Percent-encoded text (RFC 3986), and what a query may say.

use engine::op::Page;

use crate::error::Refusal;

/// Entries on a page when the query does not say.
const PAGE_LEN: usize = 100;
/// Most entries on a page.
pub(crate) const PAGE_LEN_MAX: usize = 1000;

/// A parameter of a query.
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) about: &'static str,
    /// Whether it is a number from 1 to [`PAGE_LEN_MAX`]; else it is a text.
    pub(crate) is_number: bool,
}

/// How many entries a page has.
pub(crate) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Most entries on the page; 100 unless said.",
    is_number: true,
};

/// Where a page begins.
pub(crate) const AFTER: Parameter =
    Parameter { name: "after", about: "The `next` of the page before.", is_number: false };

/// The page that a query asks for. A parameter that is not known or said twice is refused.
pub(crate) fn page(query: &str) -> Result<Page, Refusal> {
    let (mut limit, mut after) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value)
            .ok_or_else(|| Refusal::invalid("The query is not percent-encoded text."))?;
        let place = match name {
            "limit" => &mut limit,
            "after" => &mut after,
            _ => return Err(Refusal::invalid("The query takes \"limit\" and \"after\" only.")),
        };
        if place.replace(value).is_some() {
            return Err(Refusal::invalid("The query says the same parameter twice."));
        }
    }
    let limit = match limit {
        None => PAGE_LEN,
        Some(text) => match text.parse() {
            Ok(limit) if (1..=PAGE_LEN_MAX).contains(&limit) => limit,
            _ => {
                let message = format!("\"limit\" is a number from 1 to {PAGE_LEN_MAX}.");
                return Err(Refusal::invalid(message));
            }
        },
    };
    Ok(Page { limit, after })
}

/// The text that an encoded one stands for; `None` when it is malformed or not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let value = digit()? << 4 | digit()?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_hundred_entries_unless_said() {
        let page_of = |query| page(query).ok().map(|page| (page.limit, page.after));
        assert_eq!(page_of(""), Some((100, None)));
        assert_eq!(page_of("limit=7&after=a%2Bb"), Some((7, Some("a+b".to_owned()))));
    }

    #[test]
    fn what_a_query_cannot_say_is_refused() {
        for query in
            ["limit=0", "limit=1001", "limit=-1", "limit=", "x=1", "after=a&after=b", "after=%zz"]
        {
            assert_eq!(page(query).err().map(|refusal| refusal.code()), Some("invalid"), "{query}");
        }
    }

    #[test]
    fn malformed_escapes_and_bytes_that_are_no_text_do_not_decode() {
        assert_eq!(decode("%41+%c3%a9").as_deref(), Some("A+é"));
        for text in ["%", "%4", "%g1", "%ff"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
