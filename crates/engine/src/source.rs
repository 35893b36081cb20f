//! The ways to the root key, as the store keeps them: the root key sealed by what somebody has or
//! knows.

use crypto::unseal::Source;
use model::{Error, Result, Sealed, canon::Canonical, error::Invalid};
use store::Write;

use crate::{place, view::View};

/// Longest name of an unseal source.
const NAME_LEN_MAX: usize = 64;
/// Most unseal sources.
pub(crate) const COUNT_MAX: usize = 64;

/// A way to the root key, its name, and the revision it was read at.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) revision: u64,
}

/// All ways to the root key, in the order of their names.
pub(crate) fn all(view: View<'_>) -> Result<Vec<Named>> {
    let records = view.scan(place::UNSEAL_SOURCES, None, COUNT_MAX)?;
    let sources = records.iter().map(|record| {
        let name = record.place.as_bytes().strip_prefix(place::UNSEAL_SOURCES);
        let name = name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default().to_owned();
        let source = Source::from_canonical(record.value.as_bytes())
            .map_err(|_| Error::Internal("an unseal source is malformed"))?;
        Ok(Named { name, source, revision: record.revision })
    });
    sources.collect()
}

/// The write of a way to the root key.
///
/// # Errors
///
/// [`Error::Invalid`] when the name is not 1 to 64 lower-case letters, digits and hyphens.
pub(crate) fn write(name: &str, source: &Source, expected: u64) -> Result<Write> {
    let value = Sealed::assertion(source.to_canonical());
    Ok(Write { place: place_of(name)?, expected, value: Some(value) })
}

/// Where a way to the root key stands; fails as [`write()`] does.
pub(crate) fn place_of(name: &str) -> Result<store::Place> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=NAME_LEN_MAX).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(Error::Invalid(Invalid::OutOfRange("the name of an unseal source")));
    }
    place::unseal_source(name)
}
