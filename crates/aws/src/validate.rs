//! The constraints of the API's members, and how it says that they do not hold: all at once.

use std::{fmt::Write, ops::RangeInclusive};

use crate::error::Refusal;

/// The constraints that a request has been found to violate.
///
/// Each check gives back its value, or `None` when it recorded a violation: so a value that
/// passed is at hand exactly when there is nothing to complain of.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    violations: Vec<String>,
}

impl Checks {
    fn violated(&mut self, value: Option<&str>, path: &str, constraint: &str) {
        let value = value.map_or_else(String::new, |value| format!(" '{value}'"));
        self.violations.push(format!(
            "Value{value} at '{path}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    /// The refusal that lists every violation.
    pub(crate) fn refusal(self) -> Refusal {
        let count = self.violations.len();
        let noun = if count == 1 { "error" } else { "errors" };
        let mut message = format!("{count} validation {noun} detected: ");
        for (i, violation) in self.violations.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            // Writing into a String does not fail.
            let _ = write!(message, "{separator}{violation}");
        }
        Refusal::validation(message)
    }

    /// A member that must be there.
    pub(crate) fn required<T>(&mut self, path: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.violations.push(format!(
                "Value null at '{path}' failed to satisfy constraint: Member must not be null"
            ));
        }
        value
    }

    /// A member that may be left out, and is checked when it is not.
    pub(crate) fn optional<T, U>(
        &mut self,
        value: Option<T>,
        check: impl FnOnce(&mut Self, T) -> Option<U>,
    ) -> Option<Option<U>> {
        match value {
            None => Some(None),
            Some(value) => check(self, value).map(Some),
        }
    }

    /// A text of a length in characters.
    pub(crate) fn text<T: AsRef<str>>(
        &mut self,
        path: &str,
        text: T,
        length: RangeInclusive<usize>,
    ) -> Option<T> {
        let shown = text.as_ref();
        // Bytes bound characters from above, and are counted already.
        let count = if shown.len() < *length.start() || shown.len() > *length.end() {
            shown.chars().count()
        } else {
            shown.len()
        };
        let allowed = self.length(Some(shown), path, count, length);
        allowed.then_some(text)
    }

    /// Bytes of a length. Their value is not repeated: they may be secret.
    pub(crate) fn bytes<T>(
        &mut self,
        path: &str,
        bytes: T,
        len: usize,
        length: RangeInclusive<usize>,
    ) -> Option<T> {
        self.length(None, path, len, length).then_some(bytes)
    }

    fn length(
        &mut self,
        shown: Option<&str>,
        path: &str,
        count: usize,
        length: RangeInclusive<usize>,
    ) -> bool {
        let (min, max) = length.into_inner();
        if count < min {
            let constraint = format!("have length greater than or equal to {min}");
            self.violated(shown, path, &constraint);
        } else if count > max {
            let constraint = format!("have length less than or equal to {max}");
            self.violated(shown, path, &constraint);
        }
        (min..=max).contains(&count)
    }

    /// A number in a range.
    pub(crate) fn number(
        &mut self,
        path: &str,
        value: i32,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let (min, max) = range.into_inner();
        let shown = value.to_string();
        match u32::try_from(value) {
            Ok(value) if (min..=max).contains(&value) => return Some(value),
            Ok(value) if value > max => {
                let constraint = format!("have value less than or equal to {max}");
                self.violated(Some(&shown), path, &constraint);
            }
            _ => {
                let constraint = format!("have value greater than or equal to {min}");
                self.violated(Some(&shown), path, &constraint);
            }
        }
        None
    }

    /// One of a set of names.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        path: &str,
        text: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = all.iter().copied().find(|value| name(*value) == text);
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|value| name(*value)).collect();
            let constraint = format!("satisfy enum value set: [{}]", names.join(", "));
            self.violated(Some(text), path, &constraint);
        }
        found
    }

    /// A text made of the characters that `pattern` describes and `plain` accepts.
    pub(crate) fn pattern<T: AsRef<str>>(
        &mut self,
        path: &str,
        text: T,
        plain: fn(char) -> bool,
        pattern: &str,
    ) -> Option<T> {
        let holds = text.as_ref().chars().all(plain);
        if !holds {
            let constraint = format!("satisfy regular expression pattern: {pattern}");
            self.violated(Some(text.as_ref()), path, &constraint);
        }
        holds.then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(checks: Checks) -> String {
        checks.refusal().message().unwrap_or_default().to_owned()
    }

    #[test]
    fn one_violation_is_one_error() {
        let mut checks = Checks::default();
        assert_eq!(checks.number("numberOfBytes", 1025, 1..=1024), None);
        assert_eq!(
            message(checks),
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy \
             constraint: Member must have value less than or equal to 1024"
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let mut checks = Checks::default();
        assert_eq!(checks.bytes("plaintext", (), 4097, 1..=4096), None);
        assert_eq!(
            message(checks),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: \
             Member must have length less than or equal to 4096"
        );
    }

    #[test]
    fn every_violation_is_told() {
        let mut checks = Checks::default();
        assert_eq!(checks.required::<()>("keyId", None), None);
        assert_eq!(checks.one_of("keySpec", "X", &["A", "B"], |name| name), None);
        assert_eq!(
            message(checks),
            "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: \
             Member must not be null; Value 'X' at 'keySpec' failed to satisfy constraint: Member \
             must satisfy enum value set: [A, B]"
        );
    }

    #[test]
    fn what_holds_is_given_back() {
        let mut checks = Checks::default();
        assert_eq!(checks.text("keyId", "k", 1..=2), Some("k"));
        assert_eq!(checks.text("keyId", "\u{e9}\u{e9}", 1..=2), Some("\u{e9}\u{e9}"));
        assert_eq!(checks.number("limit", 7, 1..=9), Some(7));
        assert_eq!(checks.number("limit", -7, 1..=9), None);
        assert_eq!(checks.optional(None::<&str>, |c, t| c.text("a", t, 1..=2)), Some(None));
    }
}
