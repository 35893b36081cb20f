//! Where a key's material comes from, and whether it is here.

use crate::{
    error::Obstacle,
    seal::Sealed,
    time::{At, Wall},
};

/// Who makes a key's material.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum KeyOrigin {
    /// Strongroom; or it came with the key when the key was registered.
    #[default]
    Internal,
    /// The key's owner, who brings it after the key was made, takes it away and brings it again.
    External,
}

/// The material of one version, as far as it is here. It is had by [`Content::at`] only, so that
/// what has expired is not used, whether or not it was seen to yet.
#[derive(Clone, Debug)]
pub struct Content(State);

#[derive(Clone, Debug)]
enum State {
    Awaited,
    Held { sealed: Sealed, expiry: Option<Wall> },
    Gone,
}

/// What is stored of [`Content`].
#[derive(Clone, Copy, Debug)]
pub enum Stored<'a> {
    /// There never was any.
    Awaited,
    /// It is here.
    Held {
        /// The material, encrypted.
        sealed: &'a Sealed,
        /// When it expires.
        expiry: Option<Wall>,
    },
    /// It was here, and may be brought again.
    Gone,
}

impl Content {
    /// To be brought: there never was any.
    pub const AWAITED: Self = Self(State::Awaited);
    /// To be brought again: it was deleted, or has expired.
    pub const GONE: Self = Self(State::Gone);

    /// Here, until it expires.
    pub const fn held(sealed: Sealed, expiry: Option<Wall>) -> Self {
        Self(State::Held { sealed, expiry })
    }

    /// The material at a moment.
    ///
    /// # Errors
    ///
    /// [`Obstacle::PendingImport`] when it is not here, or has expired.
    pub fn at(&self, at: At) -> Result<&Sealed, Obstacle> {
        match &self.0 {
            State::Held { sealed, expiry } if !expiry.is_some_and(|date| at.has_come(date)) => {
                Ok(sealed)
            }
            State::Held { .. } | State::Awaited | State::Gone => Err(Obstacle::PendingImport),
        }
    }

    /// When it expires, if it is here and does.
    pub const fn expiry(&self) -> Option<Wall> {
        match self.0 {
            State::Held { expiry, .. } => expiry,
            State::Awaited | State::Gone => None,
        }
    }

    /// Whether there never was any.
    pub const fn is_awaited(&self) -> bool {
        matches!(self.0, State::Awaited)
    }

    /// What is to be stored of it.
    pub const fn stored(&self) -> Stored<'_> {
        match &self.0 {
            State::Awaited => Stored::Awaited,
            State::Held { sealed, expiry } => Stored::Held { sealed, expiry: *expiry },
            State::Gone => Stored::Gone,
        }
    }
}

impl From<Sealed> for Content {
    fn from(sealed: Sealed) -> Self {
        Self::held(sealed, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Trust;

    #[test]
    fn what_has_expired_is_not_here_from_that_moment_on() {
        let at = |wall, trust| At { wall: Wall(wall), monotonic_ms: 0, trust };
        let content = Content::held(Sealed::assertion(vec![1]), Some(Wall(100)));
        assert!(content.at(at(99, Trust::Steady)).is_ok());
        assert_eq!(content.at(at(100, Trust::Steady)).err(), Some(Obstacle::PendingImport));
        // Nor when the clock is set back.
        assert!(content.at(at(1, Trust::Behind(Wall(100)))).is_err());
        for absent in [Content::AWAITED, Content::GONE] {
            assert_eq!(absent.at(at(0, Trust::Steady)).err(), Some(Obstacle::PendingImport));
        }
    }
}
