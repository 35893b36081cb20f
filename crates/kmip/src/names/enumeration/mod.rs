//! Enumerations and masks: their values by number and by name (1.4 section 9.1.3.2 and 9.1.3.3,
//! 2.1 sections 11 and 12).
//!
//! A type here is a number, known or not: what a server does with a value that it does not know is
//! not for the codec to say. A value has one name, that of the newest specification, and may be
//! read by the name that an older one or a misprint gave it.

mod algorithm;
mod message;
mod object;
mod profile;

pub use algorithm::*;
pub use message::*;
pub use object::*;
pub use profile::*;

use super::Tag;

/// The values of an enumeration, or the bits of a mask.
#[derive(Debug)]
pub struct Names {
    values: &'static [(u32, &'static str)],
    also: &'static [(u32, &'static str)],
}

impl Names {
    /// The name of a value as XML and JSON write it.
    pub fn name(&self, value: u32) -> Option<&'static str> {
        let at = self.values.binary_search_by_key(&value, |&(value, _)| value).ok()?;
        self.values.get(at).map(|&(_, name)| name)
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<u32> {
        let named = |&&(_, its): &&(u32, &str)| its == name;
        self.values.iter().chain(self.also).find(named).map(|&(value, _)| value)
    }

    /// All values with their names, by number.
    pub fn all(&self) -> &'static [(u32, &'static str)] {
        self.values
    }
}

/// A number that has a name.
pub trait Numbered: Copy {
    /// Whether the number is a mask of bits: an Integer on the wire instead of an Enumeration.
    const IS_MASK: bool;

    /// Any number, known or not.
    fn from_number(number: u32) -> Self;

    /// The number.
    fn number(self) -> u32;
}

/// States an enumeration: a type of its values, and their names for items with certain tags.
macro_rules! enumeration {
    (
        $(#[$doc:meta])*
        $Type:ident on [$($tag:ident),+] {
            $($constant:ident = $value:literal, $name:literal;)*
        } also {
            $($alias:literal = $aliased:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $Type(pub u32);

        impl $Type {
            $(#[doc = concat!("`", $name, "`.")]
            pub const $constant: $Type = $Type($value);)*

            /// The values and their names.
            pub const NAMES: super::Names =
                super::Names { values: &[$(($value, $name)),*], also: &[$(($aliased, $alias)),*] };

            pub(super) const ON: &[crate::names::Tag] = &[$(crate::names::Tag::$tag),+];

            /// The value's name as XML and JSON write it, if specifications have one.
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.name(self.0)
            }
        }

        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#010x}", self.0),
                }
            }
        }

        impl super::Numbered for $Type {
            const IS_MASK: bool = false;

            fn from_number(number: u32) -> Self {
                Self(number)
            }

            fn number(self) -> u32 {
                self.0
            }
        }
    };
}

/// States a mask: a type of its bits, and their names for items with certain tags.
macro_rules! mask {
    (
        $(#[$doc:meta])*
        $Type:ident on [$($tag:ident),+] {
            $($constant:ident = $value:literal, $name:literal;)*
        } also {}
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
        pub struct $Type(pub u32);

        impl $Type {
            $(#[doc = concat!("`", $name, "`.")]
            pub const $constant: $Type = $Type($value);)*

            /// The bits and their names.
            pub const NAMES: super::Names =
                super::Names { values: &[$(($value, $name)),*], also: &[] };

            pub(super) const ON: &[crate::names::Tag] = &[$(crate::names::Tag::$tag),+];

            /// Whether all bits of `other` are set.
            pub fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl std::ops::BitOr for $Type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:#010x}", self.0)
            }
        }

        impl super::Numbered for $Type {
            const IS_MASK: bool = true;

            fn from_number(number: u32) -> Self {
                Self(number)
            }

            fn number(self) -> u32 {
                self.0
            }
        }
    };
}

use {enumeration, mask};

macro_rules! listed {
    ($($Type:ident),+ $(,)?) => {
        &[$(($Type::ON, &$Type::NAMES)),+]
    };
}

/// Every enumeration, with the tags of the items that have its values.
const ENUMERATIONS: &[(&[Tag], &Names)] = listed!(
    CryptographicAlgorithm,
    BlockCipherMode,
    PaddingMethod,
    HashingAlgorithm,
    MaskGenerator,
    DigitalSignatureAlgorithm,
    RecommendedCurve,
    DerivationMethod,
    RngAlgorithm,
    DrbgAlgorithm,
    Fips186Variation,
    RngMode,
    WrappingMethod,
    EncodingOption,
    KeyWrapType,
    UnwrapMode,
    SplitKeyMethod,
    ShreddingAlgorithm,
    CredentialType,
    ValidityIndicator,
    QueryFunction,
    CancellationResult,
    PutFunction,
    Operation,
    ResultStatus,
    ResultReason,
    BatchErrorContinuationOption,
    AttestationType,
    ValidationAuthorityType,
    ValidationType,
    DestroyAction,
    ClientRegistrationMethod,
    AdjustmentType,
    AsynchronousIndicator,
    DataOutput,
    EndpointRole,
    InteropFunction,
    ItemType,
    ProcessingStage,
    TicketType,
    ObjectType,
    State,
    KeyFormatType,
    KeyCompressionType,
    SecretDataType,
    OpaqueDataType,
    CertificateType,
    CertificateRequestType,
    NameType,
    AlternativeNameType,
    RotateNameType,
    LinkType,
    KeyRoleType,
    NistKeyType,
    KeyValueLocationType,
    ObjectGroupMember,
    RevocationReasonCode,
    UsageLimitsUnit,
    ProtectionLevel,
    Placeholder,
    ProfileName,
    Pkcs11Function,
    Pkcs11ReturnCode,
);

/// Every mask, with the tags of the items that have its bits.
const MASKS: &[(&[Tag], &Names)] =
    listed!(CryptographicUsageMask, ProtectionStorageMask, StorageStatusMask);

fn on(tag: Tag, all: &'static [(&[Tag], &Names)]) -> Option<&'static Names> {
    all.iter().find(|(tags, _)| tags.contains(&tag)).map(|&(_, names)| names)
}

/// The names of an item's values, if it is one of an enumeration.
pub fn enumeration_on(tag: Tag) -> Option<&'static Names> {
    on(tag, ENUMERATIONS)
}

/// The names of an item's bits, if it is one of a mask.
pub fn mask_on(tag: Tag) -> Option<&'static Names> {
    on(tag, MASKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_name_and_a_name_one_value() {
        for &(tags, names) in ENUMERATIONS.iter().chain(MASKS) {
            assert!(names.all().is_sorted_by(|one, other| one.0 < other.0), "{tags:?}");
            for &(value, name) in names.all() {
                assert_eq!((names.value(name), names.name(value)), (Some(value), Some(name)));
            }
            for &(value, alias) in names.also {
                assert_eq!(names.value(alias), Some(value));
                assert!(names.name(value).is_some_and(|name| name != alias));
            }
        }
    }

    #[test]
    fn an_item_has_the_values_of_one_enumeration() {
        let mut tags: Vec<_> =
            ENUMERATIONS.iter().chain(MASKS).flat_map(|&(tags, _)| tags).collect();
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count);
        let hash = enumeration_on(Tag::MASK_GENERATOR_HASHING_ALGORITHM).unwrap();
        assert_eq!(hash.value("SHA_256"), Some(6));
        assert_eq!(hash.value("SHA_3_256"), hash.value("SHA3_256"));
        assert!(mask_on(Tag::CRYPTOGRAPHIC_USAGE_MASK).is_some());
        assert!(enumeration_on(Tag::DESCRIPTION).is_none());
    }
}
