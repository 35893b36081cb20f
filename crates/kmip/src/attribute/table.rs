//! Every attribute with its rules, as the tables of the specifications state them.
//!
//! Where two versions differ, the newer one's rule stands, but for the versions that have the
//! attribute at all.

use super::{
    custom::Custom,
    occasions,
    rules::{Maker, Many, On, Presence, Rules, When},
    value::*,
};
use crate::{
    names::{
        Tag,
        enumeration::{
            CertificateType, CryptographicAlgorithm, CryptographicUsageMask,
            DigitalSignatureAlgorithm, KeyFormatType, NistKeyType, ObjectType, OpaqueDataType,
            ProtectionLevel, ProtectionStorageMask, State,
        },
    },
    ttlv::Item,
    version::Version,
    wire::{Bytes, DateTime, Identifier, Interval, Unfit, Wire},
};

macro_rules! attributes {
    ($(
        $(#[$doc:meta])*
        $Variant:ident($Type:ty) = $tag:ident $name:literal
            [$since:ident..=$until:ident, $always:ident, by $maker:ident,
             server $server:ident, client $client:ident, deleted $deleted:ident,
             $many:ident, set by $set_by:ident, on $on:ident];
    )+) => {
        /// An attribute with its value, whatever the version that brought it.
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum Attribute {
            $($(#[$doc])* $Variant($Type),)+
            /// One that specifications do not define.
            Custom(Custom),
        }

        /// An attribute that specifications define.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Standard {
            $($(#[$doc])* $Variant,)+
        }

        impl Standard {
            /// Every one.
            pub const ALL: &[Standard] = &[$(Self::$Variant),+];

            /// What holds for the attribute.
            pub const fn rules(self) -> &'static Rules {
                match self {
                    $(Self::$Variant => &Rules {
                        tag: Tag::$tag,
                        name: $name,
                        since: Version::$since,
                        until: Version::$until,
                        presence: Presence::$always,
                        set_by: Maker::$maker,
                        modified_by_server: When::$server,
                        modified_by_client: When::$client,
                        deleted_by_client: When::$deleted,
                        many: Many::$many,
                        set_with: occasions::$set_by,
                        on: On::$on,
                    },)+
                }
            }
        }

        impl Attribute {
            /// Which attribute it is, if specifications define it.
            pub fn standard(&self) -> Option<Standard> {
                match self {
                    $(Self::$Variant(_) => Some(Standard::$Variant),)+
                    Self::Custom(_) => None,
                }
            }

            /// Reads the value of an attribute.
            pub(super) fn read(of: Standard, item: Item, version: Version) -> Result<Self, Unfit> {
                match of {
                    $(Standard::$Variant => {
                        <$Type as Wire>::read(item, version).map(Self::$Variant)
                    })+
                }
            }

            /// Writes the value of an attribute.
            pub(super) fn write(self, tag: Tag, version: Version) -> Item {
                match self {
                    $(Self::$Variant(value) => value.write(tag, version),)+
                    Self::Custom(custom) => custom.write(tag, version),
                }
            }
        }
    };
}

attributes! {
    /// Unique Identifier (1.4 section 3.1, 2.1 section 4.58).
    UniqueIdentifier(Identifier) = UNIQUE_IDENTIFIER "Unique Identifier"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on All];
    /// Name (1.4 section 3.2, 2.1 section 4.32).
    Name(Name) = NAME "Name"
        [V1_0..=V2_1, Maybe, by Client, server Always, client Always, deleted Always,
         Any, set by REPLACED, on All];
    /// Object Type (1.4 section 3.3, 2.1 section 4.36).
    ObjectType(ObjectType) = OBJECT_TYPE "Object Type"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on All];
    /// Cryptographic Algorithm (1.4 section 3.4, 2.1 section 4.13).
    CryptographicAlgorithm(CryptographicAlgorithm) = CRYPTOGRAPHIC_ALGORITHM "Cryptographic Algorithm"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on KeysAndCertificates];
    /// Cryptographic Length (1.4 section 3.5, 2.1 section 4.15).
    CryptographicLength(i32) = CRYPTOGRAPHIC_LENGTH "Cryptographic Length"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on KeysAndCertificates];
    /// Cryptographic Parameters (1.4 section 3.6, 2.1 section 4.16).
    CryptographicParameters(CryptographicParameters) = CRYPTOGRAPHIC_PARAMETERS "Cryptographic Parameters"
        [V1_0..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         Any, set by REPLACED, on KeysAndCertificates];
    /// Cryptographic Domain Parameters (1.4 section 3.7, 2.1 section 4.14).
    CryptographicDomainParameters(CryptographicDomainParameters) = CRYPTOGRAPHIC_DOMAIN_PARAMETERS "Cryptographic Domain Parameters"
        [V1_0..=V2_1, Maybe, by Client, server Never, client Never, deleted Never,
         One, set by RE_KEYED, on KeyPairs];
    /// Certificate Type (1.4 section 3.8, 2.1 section 4.7).
    CertificateType(CertificateType) = CERTIFICATE_TYPE "Certificate Type"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// Certificate Length (1.4 section 3.9, 2.1 section 4.8).
    CertificateLength(i32) = CERTIFICATE_LENGTH "Certificate Length"
        [V1_1..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// X.509 Certificate Identifier (1.4 section 3.10, 2.1 section 4.61).
    X509CertificateIdentifier(X509CertificateIdentifier) = X_509_CERTIFICATE_IDENTIFIER "X.509 Certificate Identifier"
        [V1_1..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// X.509 Certificate Subject (1.4 section 3.11, 2.1 section 4.63).
    X509CertificateSubject(X509CertificateSubject) = X_509_CERTIFICATE_SUBJECT "X.509 Certificate Subject"
        [V1_1..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// X.509 Certificate Issuer (1.4 section 3.12, 2.1 section 4.62).
    X509CertificateIssuer(X509CertificateIssuer) = X_509_CERTIFICATE_ISSUER "X.509 Certificate Issuer"
        [V1_1..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// Certificate Identifier (1.4 section 3.13).
    CertificateIdentifier(CertificateIdentifier) = CERTIFICATE_IDENTIFIER "Certificate Identifier"
        [V1_0..=V1_4, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// Certificate Subject (1.4 section 3.14).
    CertificateSubject(CertificateSubject) = CERTIFICATE_SUBJECT "Certificate Subject"
        [V1_0..=V1_4, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// Certificate Issuer (1.4 section 3.15).
    CertificateIssuer(CertificateIssuer) = CERTIFICATE_ISSUER "Certificate Issuer"
        [V1_0..=V1_4, Always, by Server, server Never, client Never, deleted Never,
         One, set by CERTIFIED, on Certificates];
    /// Digital Signature Algorithm (1.4 section 3.16, 2.1 section 4.22).
    DigitalSignatureAlgorithm(DigitalSignatureAlgorithm) = DIGITAL_SIGNATURE_ALGORITHM "Digital Signature Algorithm"
        [V1_1..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on CertificatesAndPgpKeys];
    /// Digest (1.4 section 3.17, 2.1 section 4.21).
    Digest(Digest) = DIGEST "Digest"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         Any, set by MADE, on CryptographicAndOpaque];
    /// Operation Policy Name (1.4 section 3.18).
    OperationPolicyName(String) = OPERATION_POLICY_NAME "Operation Policy Name"
        [V1_0..=V1_4, Maybe, by Either, server Always, client Never, deleted Never,
         One, set by MADE, on All];
    /// Cryptographic Usage Mask (1.4 section 3.19, 2.1 section 4.17).
    CryptographicUsageMask(CryptographicUsageMask) = CRYPTOGRAPHIC_USAGE_MASK "Cryptographic Usage Mask"
        [V1_0..=V2_1, Always, by Either, server Always, client Never, deleted Never,
         One, set by MADE, on CryptographicAndTemplates];
    /// Lease Time (1.4 section 3.20, 2.1 section 4.30).
    LeaseTime(Interval) = LEASE_TIME "Lease Time"
        [V1_0..=V2_1, Maybe, by Server, server Always, client Never, deleted Never,
         One, set by MADE, on Cryptographic];
    /// Usage Limits (1.4 section 3.21, 2.1 section 4.59).
    UsageLimits(UsageLimits) = USAGE_LIMITS "Usage Limits"
        [V1_0..=V2_1, Maybe, by Either, server Always, client BeforeAllocation, deleted BeforeAllocation,
         One, set by LIMITED, on Keys];
    /// State (1.4 section 3.22, 2.1 section 4.57).
    State(State) = STATE "State"
        [V1_0..=V2_1, Always, by Server, server Always, client Never, deleted Never,
         One, set by STATED, on Cryptographic];
    /// Initial Date (1.4 section 3.23, 2.1 section 4.25).
    InitialDate(DateTime) = INITIAL_DATE "Initial Date"
        [V1_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on All];
    /// Activation Date (1.4 section 3.24, 2.1 section 4.1).
    ActivationDate(DateTime) = ACTIVATION_DATE "Activation Date"
        [V1_0..=V2_1, Maybe, by Either, server BeforeActivation, client BeforeActivation, deleted Never,
         One, set by ACTIVATED, on CryptographicAndTemplates];
    /// Process Start Date (1.4 section 3.25, 2.1 section 4.40).
    ProcessStartDate(DateTime) = PROCESS_START_DATE "Process Start Date"
        [V1_0..=V2_1, Maybe, by Either, server UntilItComes, client UntilItComes, deleted Never,
         One, set by PERIOD, on SymmetricKeys];
    /// Protect Stop Date (1.4 section 3.26, 2.1 section 4.41).
    ProtectStopDate(DateTime) = PROTECT_STOP_DATE "Protect Stop Date"
        [V1_0..=V2_1, Maybe, by Either, server UntilItComes, client UntilItComes, deleted Never,
         One, set by PERIOD, on SymmetricKeys];
    /// Deactivation Date (1.4 section 3.27, 2.1 section 4.18).
    DeactivationDate(DateTime) = DEACTIVATION_DATE "Deactivation Date"
        [V1_0..=V2_1, Maybe, by Either, server BeforeDeactivation, client BeforeDeactivation, deleted Never,
         One, set by DEACTIVATED, on CryptographicAndTemplates];
    /// Destroy Date (1.4 section 3.28, 2.1 section 4.20).
    DestroyDate(DateTime) = DESTROY_DATE "Destroy Date"
        [V1_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by DESTROYED, on CryptographicAndOpaque];
    /// Compromise Occurrence Date (1.4 section 3.29, 2.1 section 4.11).
    CompromiseOccurrenceDate(DateTime) = COMPROMISE_OCCURRENCE_DATE "Compromise Occurrence Date"
        [V1_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by REVOKED, on CryptographicAndOpaque];
    /// Compromise Date (1.4 section 3.30, 2.1 section 4.10).
    CompromiseDate(DateTime) = COMPROMISE_DATE "Compromise Date"
        [V1_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by REVOKED, on CryptographicAndOpaque];
    /// Revocation Reason (1.4 section 3.31, 2.1 section 4.47).
    RevocationReason(RevocationReason) = REVOCATION_REASON "Revocation Reason"
        [V1_0..=V2_1, Maybe, by Server, server Always, client Never, deleted Never,
         One, set by REVOKED, on CryptographicAndOpaque];
    /// Archive Date (1.4 section 3.32, 2.1 section 4.5).
    ArchiveDate(DateTime) = ARCHIVE_DATE "Archive Date"
        [V1_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by ARCHIVED, on All];
    /// Object Group (1.4 section 3.33, 2.1 section 4.35).
    ObjectGroup(String) = OBJECT_GROUP "Object Group"
        [V1_0..=V2_1, Maybe, by Either, server Always, client Always, deleted Always,
         Any, set by MADE, on All];
    /// Fresh (1.4 section 3.34, 2.1 section 4.24).
    Fresh(bool) = FRESH "Fresh"
        [V1_1..=V2_1, Always, by Either, server Always, client Never, deleted Never,
         One, set by MADE, on Cryptographic];
    /// Link (1.4 section 3.35, 2.1 section 4.31).
    Link(Link) = LINK "Link"
        [V1_0..=V2_1, Maybe, by Either, server Always, client Always, deleted Always,
         Any, set by LINKED, on Cryptographic];
    /// Application Specific Information (1.4 section 3.36, 2.1 section 4.4).
    ApplicationSpecificInformation(ApplicationSpecificInformation) = APPLICATION_SPECIFIC_INFORMATION "Application Specific Information"
        [V1_0..=V2_1, Maybe, by Either, server IfAbsent, client Always, deleted Always,
         Any, set by REPLACED, on All];
    /// Contact Information (1.4 section 3.37, 2.1 section 4.12).
    ContactInformation(String) = CONTACT_INFORMATION "Contact Information"
        [V1_0..=V2_1, Maybe, by Either, server Always, client Always, deleted Always,
         One, set by MADE, on All];
    /// Last Change Date (1.4 section 3.38, 2.1 section 4.29).
    LastChangeDate(DateTime) = LAST_CHANGE_DATE "Last Change Date"
        [V1_0..=V2_1, Always, by Server, server Always, client Never, deleted Never,
         One, set by CHANGED, on All];
    /// Alternative Name (1.4 section 3.40, 2.1 section 4.2).
    AlternativeName(AlternativeName) = ALTERNATIVE_NAME "Alternative Name"
        [V1_2..=V2_1, Maybe, by Client, server IfAbsent, client Always, deleted Always,
         Any, set by NOTHING, on All];
    /// Key Value Present (1.4 section 3.41, 2.1 section 4.28).
    KeyValuePresent(bool) = KEY_VALUE_PRESENT "Key Value Present"
        [V1_2..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by REGISTERED, on SecretMaterial];
    /// Key Value Location (1.4 section 3.42, 2.1 section 4.27).
    KeyValueLocation(KeyValueLocation) = KEY_VALUE_LOCATION "Key Value Location"
        [V1_2..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         Any, set by NOTHING, on SecretMaterial];
    /// Original Creation Date (1.4 section 3.43, 2.1 section 4.38).
    OriginalCreationDate(DateTime) = ORIGINAL_CREATION_DATE "Original Creation Date"
        [V1_2..=V2_1, Maybe, by Either, server Never, client Never, deleted Never,
         One, set by GENERATED, on All];
    /// Random Number Generator (1.4 section 3.44, 2.1 section 4.46).
    RandomNumberGenerator(RngParameters) = RANDOM_NUMBER_GENERATOR "Random Number Generator"
        [V1_3..=V2_1, Maybe, by Either, server Never, client Never, deleted Never,
         One, set by GENERATED, on Cryptographic];
    /// PKCS#12 Friendly Name (1.4 section 3.45, 2.1 section 4.39).
    Pkcs12FriendlyName(String) = PKCS_12_FRIENDLY_NAME "PKCS#12 Friendly Name"
        [V1_4..=V2_1, Maybe, by Either, server Never, client Always, deleted Always,
         One, set by NOTHING, on Cryptographic];
    /// Description (1.4 section 3.46, 2.1 section 4.19).
    Description(String) = DESCRIPTION "Description"
        [V1_4..=V2_1, Maybe, by Either, server Always, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Comment (1.4 section 3.47, 2.1 section 4.9).
    Comment(String) = COMMENT "Comment"
        [V1_4..=V2_1, Maybe, by Either, server Always, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Sensitive (1.4 section 3.48, 2.1 section 4.55).
    Sensitive(bool) = SENSITIVE "Sensitive"
        [V1_4..=V2_1, Always, by Either, server Always, client Always, deleted Never,
         One, set by MADE, on All];
    /// Always Sensitive (1.4 section 3.49, 2.1 section 4.3).
    AlwaysSensitive(bool) = ALWAYS_SENSITIVE "Always Sensitive"
        [V1_4..=V2_1, Always, by Server, server Always, client Never, deleted Never,
         One, set by MADE, on All];
    /// Extractable (1.4 section 3.50, 2.1 section 4.23).
    Extractable(bool) = EXTRACTABLE "Extractable"
        [V1_4..=V2_1, Always, by Either, server Always, client Always, deleted Never,
         One, set by MADE, on All];
    /// Never Extractable (1.4 section 3.51, 2.1 section 4.33).
    NeverExtractable(bool) = NEVER_EXTRACTABLE "Never Extractable"
        [V1_4..=V2_1, Always, by Server, server Always, client Never, deleted Never,
         One, set by MADE, on All];
    /// Key Format Type (2.1 section 4.26).
    KeyFormatType(KeyFormatType) = KEY_FORMAT_TYPE "Key Format Type"
        [V2_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by NOTHING, on All];
    /// NIST Key Type (2.1 section 4.34).
    NistKeyType(NistKeyType) = NIST_KEY_TYPE "NIST Key Type"
        [V2_0..=V2_1, Maybe, by Client, server Never, client Never, deleted Never,
         Any, set by NOTHING, on All];
    /// Opaque Data Type (2.1 section 4.37).
    OpaqueDataType(OpaqueDataType) = OPAQUE_DATA_TYPE "Opaque Data Type"
        [V2_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by REGISTERED, on OpaqueObjects];
    /// Protection Level (2.1 section 4.42).
    ProtectionLevel(ProtectionLevel) = PROTECTION_LEVEL "Protection Level"
        [V2_0..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Protection Period (2.1 section 4.43).
    ProtectionPeriod(Interval) = PROTECTION_PERIOD "Protection Period"
        [V2_0..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Protection Storage Mask (2.1 section 4.44).
    ProtectionStorageMask(ProtectionStorageMask) = PROTECTION_STORAGE_MASK "Protection Storage Mask"
        [V2_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on All];
    /// Quantum Safe (2.1 section 4.45).
    QuantumSafe(bool) = QUANTUM_SAFE "Quantum Safe"
        [V2_0..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Rotate Automatic (2.1 section 4.48).
    RotateAutomatic(bool) = ROTATE_AUTOMATIC "Rotate Automatic"
        [V2_1..=V2_1, Maybe, by Either, server Always, client Never, deleted Never,
         One, set by NOTHING, on All];
    /// Rotate Date (2.1 section 4.49).
    RotateDate(DateTime) = ROTATE_DATE "Rotate Date"
        [V2_1..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by RE_KEYED, on All];
    /// Rotate Generation (2.1 section 4.50).
    RotateGeneration(i32) = ROTATE_GENERATION "Rotate Generation"
        [V2_1..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         One, set by RE_KEYED, on All];
    /// Rotate Interval (2.1 section 4.51).
    RotateInterval(Interval) = ROTATE_INTERVAL "Rotate Interval"
        [V2_1..=V2_1, Maybe, by Either, server Always, client Never, deleted Never,
         One, set by MADE, on All];
    /// Rotate Latest (2.1 section 4.52).
    RotateLatest(bool) = ROTATE_LATEST "Rotate Latest"
        [V2_1..=V2_1, Maybe, by Server, server Always, client Never, deleted Never,
         One, set by RE_KEYED, on All];
    /// Rotate Name (2.1 section 4.53).
    RotateName(RotateName) = ROTATE_NAME "Rotate Name"
        [V2_1..=V2_1, Maybe, by Client, server Never, client Always, deleted Always,
         One, set by NOTHING, on All];
    /// Rotate Offset (2.1 section 4.54).
    RotateOffset(Interval) = ROTATE_OFFSET "Rotate Offset"
        [V2_1..=V2_1, Maybe, by Either, server Always, client Never, deleted Never,
         One, set by MADE, on All];
    /// Short Unique Identifier (2.1 section 4.56).
    ShortUniqueIdentifier(Bytes) = SHORT_UNIQUE_IDENTIFIER "Short Unique Identifier"
        [V2_0..=V2_1, Always, by Server, server Never, client Never, deleted Never,
         One, set by MADE, on All];
    /// Certificate Subject CN (2.1 section 4.6).
    CertificateSubjectCn(String) = CERTIFICATE_SUBJECT_CN "Certificate Subject CN"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject O (2.1 section 4.6).
    CertificateSubjectO(String) = CERTIFICATE_SUBJECT_O "Certificate Subject O"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject OU (2.1 section 4.6).
    CertificateSubjectOu(String) = CERTIFICATE_SUBJECT_OU "Certificate Subject OU"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject Email (2.1 section 4.6).
    CertificateSubjectEmail(String) = CERTIFICATE_SUBJECT_EMAIL "Certificate Subject Email"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject C (2.1 section 4.6).
    CertificateSubjectC(String) = CERTIFICATE_SUBJECT_C "Certificate Subject C"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject ST (2.1 section 4.6).
    CertificateSubjectSt(String) = CERTIFICATE_SUBJECT_ST "Certificate Subject ST"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject L (2.1 section 4.6).
    CertificateSubjectL(String) = CERTIFICATE_SUBJECT_L "Certificate Subject L"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject UID (2.1 section 4.6).
    CertificateSubjectUid(String) = CERTIFICATE_SUBJECT_UID "Certificate Subject UID"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject Serial Number (2.1 section 4.6).
    CertificateSubjectSerialNumber(String) = CERTIFICATE_SUBJECT_SERIAL_NUMBER "Certificate Subject Serial Number"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject Title (2.1 section 4.6).
    CertificateSubjectTitle(String) = CERTIFICATE_SUBJECT_TITLE "Certificate Subject Title"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject DC (2.1 section 4.6).
    CertificateSubjectDc(String) = CERTIFICATE_SUBJECT_DC "Certificate Subject DC"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Subject DN Qualifier (2.1 section 4.6).
    CertificateSubjectDnQualifier(String) = CERTIFICATE_SUBJECT_DN_QUALIFIER "Certificate Subject DN Qualifier"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer CN (2.1 section 4.6).
    CertificateIssuerCn(String) = CERTIFICATE_ISSUER_CN "Certificate Issuer CN"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer O (2.1 section 4.6).
    CertificateIssuerO(String) = CERTIFICATE_ISSUER_O "Certificate Issuer O"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer OU (2.1 section 4.6).
    CertificateIssuerOu(String) = CERTIFICATE_ISSUER_OU "Certificate Issuer OU"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer Email (2.1 section 4.6).
    CertificateIssuerEmail(String) = CERTIFICATE_ISSUER_EMAIL "Certificate Issuer Email"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer C (2.1 section 4.6).
    CertificateIssuerC(String) = CERTIFICATE_ISSUER_C "Certificate Issuer C"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer ST (2.1 section 4.6).
    CertificateIssuerSt(String) = CERTIFICATE_ISSUER_ST "Certificate Issuer ST"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer L (2.1 section 4.6).
    CertificateIssuerL(String) = CERTIFICATE_ISSUER_L "Certificate Issuer L"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer UID (2.1 section 4.6).
    CertificateIssuerUid(String) = CERTIFICATE_ISSUER_UID "Certificate Issuer UID"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer Serial Number (2.1 section 4.6).
    CertificateIssuerSerialNumber(String) = CERTIFICATE_ISSUER_SERIAL_NUMBER "Certificate Issuer Serial Number"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer Title (2.1 section 4.6).
    CertificateIssuerTitle(String) = CERTIFICATE_ISSUER_TITLE "Certificate Issuer Title"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer DC (2.1 section 4.6).
    CertificateIssuerDc(String) = CERTIFICATE_ISSUER_DC "Certificate Issuer DC"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
    /// Certificate Issuer DN Qualifier (2.1 section 4.6).
    CertificateIssuerDnQualifier(String) = CERTIFICATE_ISSUER_DN_QUALIFIER "Certificate Issuer DN Qualifier"
        [V2_0..=V2_1, Maybe, by Server, server Never, client Never, deleted Never,
         Any, set by CERTIFIED, on Certificates];
}
