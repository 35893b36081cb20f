//! What holds for an attribute (1.4 section 3, 2.1 section 4).

use super::table::Standard;
use crate::{
    names::{
        Tag,
        enumeration::{ObjectType, Operation},
    },
    version::Version,
};

/// What holds for an attribute.
#[derive(Debug)]
pub struct Rules {
    /// Its tag.
    pub tag: Tag,
    /// Its name in 1.x.
    pub name: &'static str,
    /// The first version that has it.
    pub since: Version,
    /// The last of the versions here that has it.
    pub until: Version,
    /// Whether an object of a kind that may have it always has it.
    pub presence: Presence,
    /// Who may give it its first value.
    pub set_by: Maker,
    /// When a server may change it of itself.
    pub modified_by_server: When,
    /// When a client may change it.
    pub modified_by_client: When,
    /// When a client may delete it.
    pub deleted_by_client: When,
    /// How many of it an object may have.
    pub many: Many,
    /// The operations that may set it though the request does not say so.
    pub set_with: &'static [Operation],
    /// The kinds of objects that may have it.
    pub on: On,
}

impl Rules {
    /// Whether a version has the attribute.
    pub fn is_in(&self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }

    /// Whether an object of that kind may have the attribute. Real clients of 1.x set more than
    /// these tables allow, e.g. the length of a password: what to do about it is the server's
    /// choice.
    pub fn applies_to(&self, object: ObjectType, version: Version) -> bool {
        use ObjectType as O;
        let is_key = matches!(
            object,
            O::SYMMETRIC_KEY | O::PUBLIC_KEY | O::PRIVATE_KEY | O::SPLIT_KEY | O::PGP_KEY
        );
        let is_cryptographic = is_key || matches!(object, O::CERTIFICATE | O::SECRET_DATA);
        match self.on {
            On::Certificates => object == O::CERTIFICATE,
            On::CertificatesAndPgpKeys => matches!(object, O::CERTIFICATE | O::PGP_KEY),
            On::KeyPairs => matches!(object, O::PUBLIC_KEY | O::PRIVATE_KEY | O::TEMPLATE),
            On::OpaqueObjects => object == O::OPAQUE_OBJECT,
            On::All => true,
            // 2.x allows the rest on all objects.
            _ if version.has_attributes_by_tag() => true,
            On::Cryptographic => is_cryptographic,
            On::CryptographicAndOpaque => is_cryptographic || object == O::OPAQUE_OBJECT,
            On::CryptographicAndTemplates => is_cryptographic || object == O::TEMPLATE,
            On::Keys => is_key || object == O::TEMPLATE,
            On::KeysAndCertificates => is_key || matches!(object, O::CERTIFICATE | O::TEMPLATE),
            On::SymmetricKeys => {
                matches!(object, O::SYMMETRIC_KEY | O::SPLIT_KEY | O::TEMPLATE)
            }
            On::SecretMaterial => {
                matches!(object, O::SYMMETRIC_KEY | O::PRIVATE_KEY | O::SPLIT_KEY | O::SECRET_DATA)
            }
        }
    }
}

/// Whether an attribute is always there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// On every object that may have it and whose material is known.
    Always,
    /// Where it was set.
    Maybe,
}

/// Who may give an attribute its first value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Maker {
    /// The server.
    Server,
    /// The client.
    Client,
    /// Either.
    Either,
}

/// The kinds of objects that may have an attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum On {
    /// All.
    All,
    /// Certificates.
    Certificates,
    /// Certificates and keys of OpenPGP.
    CertificatesAndPgpKeys,
    /// Public and private keys.
    KeyPairs,
    /// Opaque objects.
    OpaqueObjects,
    /// In 1.x keys, certificates and secrets; in 2.x, as all below, all objects.
    Cryptographic,
    /// In 1.x those and opaque objects.
    CryptographicAndOpaque,
    /// In 1.x those and templates.
    CryptographicAndTemplates,
    /// In 1.x keys and templates.
    Keys,
    /// In 1.x keys, certificates and templates.
    KeysAndCertificates,
    /// In 1.x symmetric keys, their parts and templates.
    SymmetricKeys,
    /// In 1.x what has material that is secret.
    SecretMaterial,
}

/// When an attribute may be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// Never.
    Never,
    /// Always.
    Always,
    /// While it has no value.
    IfAbsent,
    /// While the object is pre-active.
    BeforeActivation,
    /// While the object is pre-active or active.
    BeforeDeactivation,
    /// While the object is pre-active or active and the date that it is has not come.
    UntilItComes,
    /// Until some of the usage has been allocated.
    BeforeAllocation,
}

/// How many of an attribute an object may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Many {
    /// One.
    One,
    /// Any number, with different values.
    Any,
}

impl Standard {
    /// The attribute that is written by a tag in 2.x.
    pub fn tagged(tag: Tag) -> Option<Self> {
        Self::ALL.iter().copied().find(|standard| standard.rules().tag == tag)
    }

    /// The attribute of a name in 1.x, e.g. `Cryptographic Algorithm`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|standard| standard.rules().name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_one_tag_and_one_name() {
        for &standard in Standard::ALL {
            let rules = standard.rules();
            assert_eq!(Standard::tagged(rules.tag), Some(standard));
            assert_eq!(Standard::named(rules.name), Some(standard));
            assert!(rules.since <= rules.until);
            assert!(rules.tag.name().is_some());
        }
    }

    #[test]
    fn a_version_has_its_attributes() {
        let of = |version| Standard::ALL.iter().filter(|it| it.rules().is_in(version)).count();
        let counts = [Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3].map(of);
        assert_eq!(counts, [32, 38, 42, 43]);
        assert_eq!([Version::V1_4, Version::V2_0, Version::V2_1].map(of), [50, 78, 85]);
        assert!(!Standard::OperationPolicyName.rules().is_in(Version::V2_0));
        assert!(!Standard::Sensitive.rules().is_in(Version::V1_3));
    }

    #[test]
    fn an_attribute_is_on_the_objects_that_the_tables_name() {
        let may =
            |standard: Standard, object, version| standard.rules().applies_to(object, version);
        let opaque = ObjectType::OPAQUE_OBJECT;
        assert!(!may(Standard::State, opaque, Version::V1_4));
        assert!(may(Standard::State, opaque, Version::V2_0));
        assert!(may(Standard::Digest, opaque, Version::V1_0));
        assert!(!may(Standard::CertificateLength, ObjectType::SYMMETRIC_KEY, Version::V2_1));
        assert!(!may(Standard::ProcessStartDate, ObjectType::PRIVATE_KEY, Version::V1_4));
        assert!(may(Standard::CryptographicLength, ObjectType::TEMPLATE, Version::V1_0));
    }

    #[test]
    fn what_a_client_may_never_change_it_may_not_delete() {
        for &standard in Standard::ALL {
            let rules = standard.rules();
            if rules.modified_by_client == When::Never {
                assert_eq!(rules.deleted_by_client, When::Never, "{standard:?}");
            }
        }
    }
}
