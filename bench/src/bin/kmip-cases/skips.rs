//! Cases that the server is known not to pass, each with the reason.
//!
//! ```toml
//! [[skip]]
//! case = "CS-RNG-O-2-14"
//! reason = "…"
//! ```

use std::collections::BTreeMap;

/// The reasons, by the cases' names.
pub(crate) type Skips = BTreeMap<String, String>;

/// Reads a file of skips.
///
/// # Errors
/// What is not as it must be, in words.
pub(crate) fn read(text: &str) -> Result<Skips, String> {
    let table: toml::Table = text.parse().map_err(|why: toml::de::Error| why.to_string())?;
    let mut skips = Skips::new();
    if let Some(name) = table.keys().find(|name| *name != "skip") {
        return Err(format!("{name} is nothing that is known here"));
    }
    let Some(entries) = table.get("skip") else { return Ok(skips) };
    for entry in entries.as_array().ok_or("skip is no array of tables")? {
        let text = |name: &str| {
            let text = entry.get(name).and_then(toml::Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).ok_or(format!("a skip without {name}"))
        };
        let (case, reason) = (text("case")?, text("reason")?);
        if skips.insert(case.to_owned(), reason.to_owned()).is_some() {
            return Err(format!("{case} is there twice"));
        }
    }
    Ok(skips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_has_a_case_and_a_reason() {
        let skips = read("[[skip]]\ncase = \"A\"\nreason = \"because\"\n").unwrap();
        assert_eq!(skips.get("A").map(String::as_str), Some("because"));
        assert!(read("").unwrap().is_empty());
        for wrong in [
            "[[skip]]\ncase = \"A\"\n",
            "[[skip]]\ncase = \"A\"\nreason = \" \"\n",
            "[[skip]]\ncase = \"A\"\nreason = \"b\"\n[[skip]]\ncase = \"A\"\nreason = \"c\"\n",
            "[[skips]]\ncase = \"A\"\nreason = \"b\"\n",
            "skip = 1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
