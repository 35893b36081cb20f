//! Texts of requests, whole or in parts.
//!
//! A request in several parts says with its first that it is the first, with its last that it is
//! the last, and with all but the first the correlation value that the first was answered with.

use engine::{StreamId, op::Part};
use kmip::{names::enumeration::ResultReason, payload::Data, wire::Bytes};
use model::{Error, Secret, error::Invalid};

use crate::failed::Failed;

/// Which part a request is.
pub(crate) fn part(
    correlation: Option<&Bytes>,
    is_first: Option<bool>,
    is_last: Option<bool>,
) -> Result<Part, Failed> {
    let (is_first, is_last) = (is_first == Some(true), is_last == Some(true));
    let Some(Bytes(id)) = correlation else {
        return Ok(if is_first && !is_last { Part::First } else { Part::Whole });
    };
    if is_first {
        let message = "What goes on under a correlation value is not the first part.";
        return Err(Failed::field(message));
    }
    let id = StreamId(id.as_slice().try_into().map_err(|_| Error::Invalid(Invalid::Stream))?);
    Ok(if is_last { Part::Last(id) } else { Part::Next(id) })
}

/// The correlation value under which a text goes on.
pub(crate) fn correlation(stream: Option<StreamId>) -> Option<Bytes> {
    stream.map(|id| Bytes(id.0.to_vec()))
}

/// The data of a request. The last part of a text may have none.
pub(crate) fn data(data: Option<Data>, part: Part) -> Result<Secret, Failed> {
    match (data, part) {
        (Some(Data::Bytes(bytes)), _) => Ok(bytes),
        (Some(Data::Output(_) | Data::Nth(_)), _) => Err(Failed::new(
            ResultReason::FEATURE_NOT_SUPPORTED,
            "Data are not taken from other answers of a batch here.",
        )),
        (None, Part::Whole) => Err(missing("the data")),
        (None, Part::First | Part::Next(_) | Part::Last(_)) => Ok(Secret::new(Vec::new())),
    }
}

/// The request does not have what it needs.
pub(crate) fn missing(what: &'static str) -> Failed {
    Error::Invalid(Invalid::Missing(what)).into()
}

/// Data that are no secret to whoever processes them: a message that is signed, a ciphertext.
pub(crate) fn open_data(from: Option<Data>, part: Part) -> Result<Vec<u8>, Failed> {
    Ok(data(from, part)?.expose().to_vec())
}

/// What comes with the last part only: a signature, a code.
pub(crate) fn with_last(
    bytes: Option<Bytes>,
    part: Part,
    what: &'static str,
) -> Result<Vec<u8>, Failed> {
    match (bytes, part) {
        (Some(Bytes(bytes)), _) => Ok(bytes),
        (None, Part::First | Part::Next(_)) => Ok(Vec::new()),
        (None, Part::Whole | Part::Last(_)) => Err(missing(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_and_correlation_value_say_which_part_it_is() {
        let id = Bytes(vec![7; 16]);
        let of = |correlation, first, last| part(correlation, first, last).ok();
        assert_eq!(of(None, None, None), Some(Part::Whole));
        assert_eq!(of(None, Some(true), Some(true)), Some(Part::Whole));
        assert_eq!(of(None, Some(true), None), Some(Part::First));
        assert_eq!(of(Some(&id), None, None), Some(Part::Next(StreamId([7; 16]))));
        assert_eq!(of(Some(&id), Some(false), Some(true)), Some(Part::Last(StreamId([7; 16]))));
        assert_eq!(of(Some(&id), Some(true), None), None);
        assert_eq!(of(Some(&Bytes(vec![7])), None, None), None);
    }
}
