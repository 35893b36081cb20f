//! The versions of the protocol.

use std::fmt;

/// A version that this crate speaks. Each knows what those before it do, but for what was taken
/// out.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// 1.0 (2010).
    V1_0,
    /// 1.1 (2013).
    V1_1,
    /// 1.2 (2015).
    V1_2,
    /// 1.3 (2016).
    V1_3,
    /// 1.4 (2017).
    V1_4,
    /// 2.0 (2019).
    V2_0,
    /// 2.1 (2020).
    V2_1,
}

impl Version {
    /// Every version, the newest first: the order in which a server prefers them.
    pub const ALL: [Version; 7] =
        [Self::V2_1, Self::V2_0, Self::V1_4, Self::V1_3, Self::V1_2, Self::V1_1, Self::V1_0];

    /// The version's number: major and minor.
    pub const fn number(self) -> (i32, i32) {
        match self {
            Self::V1_0 => (1, 0),
            Self::V1_1 => (1, 1),
            Self::V1_2 => (1, 2),
            Self::V1_3 => (1, 3),
            Self::V1_4 => (1, 4),
            Self::V2_0 => (2, 0),
            Self::V2_1 => (2, 1),
        }
    }

    /// The version of a number, if it is one of these.
    pub fn numbered(major: i32, minor: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == (major, minor))
    }

    /// Whether attributes are items of their own, rather than pairs of a name and a value.
    pub const fn has_attributes_by_tag(self) -> bool {
        matches!(self, Self::V2_0 | Self::V2_1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.number();
        write!(f, "{major}.{minor}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_number_and_versions_are_in_order() {
        assert!(Version::ALL.is_sorted_by(|newer, older| newer > older));
        for version in Version::ALL {
            let (major, minor) = version.number();
            assert_eq!(Version::numbered(major, minor), Some(version));
        }
        assert_eq!((Version::numbered(3, 0), Version::numbered(1, 5)), (None, None));
    }
}
