//! Arguments of the form NAME=VALUE.

use std::collections::BTreeMap;

use super::failure::Failure;

/// The two parts of a `what`, e.g. "tag". The value may hold more signs.
pub(super) fn pair<'a>(text: &'a str, what: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=')
        .ok_or_else(|| Failure::Usage(format!("a {what} is NAME=VALUE, and {text} is not")))
}

/// Several; a name stands once.
pub(super) fn pairs(texts: &[String], what: &str) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let (name, value) = pair(text, what)?;
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::Usage(format!("the {what} {name} is given twice")));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_more_signs_and_a_name_stands_once() {
        assert_eq!(pair("a=b=c", "tag").ok(), Some(("a", "b=c")));
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let two: Vec<_> = texts(&["b=", "a=x"]);
        assert_eq!(pairs(&two, "tag").ok().map(|pairs| pairs.len()), Some(2));
        for wrong in [texts(&["a"]), texts(&["a=1", "a=2"])] as [Vec<String>; 2] {
            assert_eq!(pairs(&wrong, "tag").err().map(|f| f.exit_code()), Some(2));
        }
    }
}
