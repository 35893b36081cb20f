//! The attributes that an object has.

use engine::op::{ObjectState, ObjectView};
use kmip::{
    Version,
    attribute::{
        Attribute, AttributeName, Digest, Instance, Link, RevocationReason, RngParameters,
        Standard, UsageLimits,
    },
    names::enumeration::{
        CertificateType, CryptographicAlgorithm as Algorithm, CryptographicUsageMask,
        DrbgAlgorithm, HashingAlgorithm, KeyFormatType, LinkType, OpaqueDataType,
        ProtectionStorageMask, RevocationReasonCode, RngAlgorithm, State, UsageLimitsUnit,
    },
    wire::{Bytes, Identifier, Interval},
};
use model::{
    KeyId, Wall,
    algorithm::{KeySpec, RawSpec, Spec},
    key::State as Held,
    limits,
    object::{Kind, LimitUnit},
};

use super::{date, is_many, name_of, object_type, of_label};

/// Every attribute of an object that a version has, in the order of the specification's sections;
/// those of clients and vendors last.
pub(crate) fn shown(view: &ObjectView, version: Version) -> Vec<Instance> {
    let object_type = object_type(view.kind);
    let is_in = |attribute: &Attribute| {
        attribute.standard().is_none_or(|standard| standard.rules().is_in(version))
    };
    let applies = |attribute: &Attribute| {
        attribute.standard().is_none_or(|it| it.rules().applies_to(object_type, version))
    };
    // What a client has said is shown on whatever object it is said of.
    let facts = facts(view).into_iter().filter(applies).map(Instance::from);
    let mut all: Vec<Instance> =
        facts.chain(labels(view)).filter(|instance| is_in(&instance.attribute)).collect();
    all.sort_by_cached_key(|instance| (name_of(&instance.attribute), instance.index));
    all
}

/// The instances of one attribute that an object has, whichever versions have it.
pub(crate) fn instances(view: &ObjectView, name: &AttributeName) -> Vec<Instance> {
    let mut all: Vec<Instance> = facts(view).into_iter().map(Instance::from).collect();
    all.extend(labels(view));
    all.retain(|instance| name_of(&instance.attribute) == *name);
    all.sort_by_key(|instance| instance.index);
    all
}

/// Those of the attributes that are named, all of them if none is. What the object does not have
/// is left out.
pub(crate) fn named(view: &ObjectView, version: Version, names: &[AttributeName]) -> Vec<Instance> {
    let mut all = shown(view, version);
    all.retain(|instance| names.is_empty() || names.contains(&name_of(&instance.attribute)));
    all
}

/// An instance of which the index is said where it is not the one that is meant when none is (1.4
/// section 2.1.1).
fn numbered(attribute: Attribute, index: usize) -> Instance {
    let index =
        (is_many(&attribute) && index > 0).then(|| i32::try_from(index).unwrap_or(i32::MAX));
    Instance { attribute, index }
}

/// The attributes of which an object may have many, and all others that are kept as they came.
fn labels(view: &ObjectView) -> impl Iterator<Item = Instance> {
    let links = view.attributes.links.iter().enumerate().map(|(index, link)| {
        let linked = Identifier::Text(link.to.to_string());
        numbered(Attribute::Link(Link { kind: LinkType(link.kind), linked }), index)
    });
    let labels = view.attributes.labels.iter().filter_map(|label| {
        of_label(label).map(|attribute| numbered(attribute, label.index as usize))
    });
    links.chain(labels)
}

/// The attributes that are not labels: those that the engine knows, and what follows from them.
pub(crate) fn facts(view: &ObjectView) -> Vec<Attribute> {
    let attributes = &view.attributes;
    let mut all = vec![
        Attribute::UniqueIdentifier(Identifier::Text(view.name.id.to_string())),
        Attribute::ObjectType(object_type(view.kind)),
        Attribute::State(state(view.state)),
        Attribute::LeaseTime(Interval(limits::LEASE_SECS)),
        Attribute::InitialDate(date(view.created)),
        Attribute::LastChangeDate(date(attributes.last_change.max(view.created))),
        Attribute::Fresh(attributes.fresh),
        Attribute::Sensitive(attributes.sensitive),
        Attribute::AlwaysSensitive(attributes.always_sensitive),
        Attribute::Extractable(attributes.extractable),
        Attribute::NeverExtractable(attributes.never_extractable),
        Attribute::ShortUniqueIdentifier(short(view.name.id)),
        Attribute::ProtectionStorageMask(ProtectionStorageMask::SOFTWARE),
    ];
    if view.purposes.0 != 0 || is_key(view.kind) {
        all.push(Attribute::CryptographicUsageMask(CryptographicUsageMask(view.purposes.0)));
    }
    all.extend(of_material(view));
    all.extend(dates(view));
    if let Some(limit) = attributes.usage_limit {
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        all.push(Attribute::UsageLimits(UsageLimits {
            total: number(limit.total),
            count: view.usage_left.map(number),
            unit: Some(match limit.unit {
                LimitUnit::Bytes => UsageLimitsUnit::BYTE,
                LimitUnit::Calls => UsageLimitsUnit::OBJECT,
            }),
        }));
    }
    if let Some(revocation) = &attributes.revocation {
        all.push(Attribute::RevocationReason(RevocationReason {
            code: RevocationReasonCode(revocation.reason),
            message: revocation.message.clone(),
        }));
    }
    all
}

/// What is known of the material. Where a label says it, the label is shown.
fn of_material(view: &ObjectView) -> Vec<Attribute> {
    let is_labelled = |of: Standard| view.attributes.labelled(of.rules().name).next().is_some();
    let format = key_format(view);
    let mut all = Vec::new();
    if !is_labelled(Standard::KeyFormatType) {
        all.push(Attribute::KeyFormatType(format));
    }
    let (algorithm, length) = algorithm_and_length(view);
    if let (Some(algorithm), false) = (algorithm, is_labelled(Standard::CryptographicAlgorithm)) {
        all.push(Attribute::CryptographicAlgorithm(algorithm));
    }
    if let (Some(length), false) = (length, is_labelled(Standard::CryptographicLength)) {
        all.push(Attribute::CryptographicLength(length));
    }
    if !view.attributes.digest.is_empty() {
        all.push(Attribute::Digest(Digest {
            hashing_algorithm: HashingAlgorithm::SHA_256,
            value: Some(Bytes(view.attributes.digest.clone())),
            key_format_type: Some(format),
        }));
    }
    if view.attributes.generated && !is_labelled(Standard::RandomNumberGenerator) {
        all.push(Attribute::RandomNumberGenerator(GENERATOR));
    }
    all
}

/// The approved generator (SP 800-90A, section 10.2.1), of which every key comes that is made here.
pub(crate) const GENERATOR: RngParameters = RngParameters {
    rng_algorithm: RngAlgorithm::DRBG,
    cryptographic_algorithm: Some(Algorithm::AES),
    cryptographic_length: Some(256),
    hashing_algorithm: None,
    drbg_algorithm: Some(DrbgAlgorithm::CTR),
    recommended_curve: None,
    fips186_variation: None,
    prediction_resistance: None,
};

fn dates(view: &ObjectView) -> impl Iterator<Item = Attribute> {
    let (life, attributes) = (&view.life, &view.attributes);
    let made_here = attributes.generated.then_some(view.created);
    let original = attributes.original_creation.or(made_here);
    let of =
        |wall: Option<Wall>, attribute: fn(_) -> Attribute| wall.map(|wall| attribute(date(wall)));
    [
        of(life.activation, Attribute::ActivationDate),
        of(view.period.recipient_from, Attribute::ProcessStartDate),
        of(view.period.originator_until, Attribute::ProtectStopDate),
        of(life.deactivation, Attribute::DeactivationDate),
        of(view.destroyed, Attribute::DestroyDate),
        of(attributes.compromise_occurrence, Attribute::CompromiseOccurrenceDate),
        of(life.compromise, Attribute::CompromiseDate),
        of(attributes.archived, Attribute::ArchiveDate),
        of(original, Attribute::OriginalCreationDate),
    ]
    .into_iter()
    .flatten()
}

fn state(state: ObjectState) -> State {
    match state {
        ObjectState::Held(Held::PreActive) => State::PRE_ACTIVE,
        ObjectState::Held(Held::Active) => State::ACTIVE,
        ObjectState::Held(Held::Deactivated) => State::DEACTIVATED,
        ObjectState::Held(Held::Compromised) => State::COMPROMISED,
        ObjectState::Destroyed => State::DESTROYED,
        ObjectState::DestroyedCompromised => State::DESTROYED_COMPROMISED,
    }
}

fn is_key(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SymmetricKey | Kind::PublicKey | Kind::PrivateKey | Kind::SplitKey | Kind::PgpKey
    )
}

/// The identifier's 32 digits: 2.1 section 4.56 wants 32 bytes.
fn short(id: KeyId) -> Bytes {
    Bytes(id.to_string().into_bytes().into_iter().filter(|&byte| byte != b'-').collect())
}

/// The value of the label of an attribute that is there once.
fn labelled(view: &ObjectView, of: Standard) -> Option<Attribute> {
    view.attributes.labelled(of.rules().name).next().and_then(of_label)
}

/// The format in which an object came, or in which it is shown.
pub(crate) fn key_format(view: &ObjectView) -> KeyFormatType {
    if let Some(Attribute::KeyFormatType(format)) = labelled(view, Standard::KeyFormatType) {
        return format;
    }
    let is_rsa = matches!(view.spec, Spec::Key(spec) if algorithm(spec) == Some(Algorithm::RSA));
    match view.kind {
        Kind::PrivateKey | Kind::PublicKey if is_rsa => KeyFormatType::PKCS_1,
        Kind::PrivateKey => KeyFormatType::PKCS_8,
        Kind::PublicKey | Kind::Certificate => KeyFormatType::X_509,
        Kind::OpaqueData | Kind::CertificateRequest | Kind::Template => KeyFormatType::OPAQUE,
        Kind::SymmetricKey | Kind::SecretData | Kind::SplitKey | Kind::PgpKey => KeyFormatType::RAW,
    }
}

/// What kind of bytes an opaque object is.
pub(crate) fn opaque_type(view: &ObjectView) -> Option<OpaqueDataType> {
    match labelled(view, Standard::OpaqueDataType) {
        Some(Attribute::OpaqueDataType(kind)) => Some(kind),
        _ => None,
    }
}

/// What kind of certificate it is.
pub(crate) fn certificate_type(view: &ObjectView) -> Option<CertificateType> {
    match labelled(view, Standard::CertificateType) {
        Some(Attribute::CertificateType(kind)) => Some(kind),
        _ => None,
    }
}

/// The algorithm of an object's material and its length in bits, as far as they are known: as the
/// client said them, or as they are here.
pub(crate) fn algorithm_and_length(view: &ObjectView) -> (Option<Algorithm>, Option<i32>) {
    // Of a part, those of the whole.
    let spec = view.attributes.split.as_ref().map_or(view.spec, |part| part.whole);
    let (algorithm, length) = match spec {
        Spec::Key(spec) => (algorithm(spec), i32::try_from(spec.bits()).ok()),
        Spec::Raw(spec) => (Some(raw_algorithm(spec)), raw_length(spec, view.attributes.bits)),
        Spec::Stored => (None, None),
    };
    let said = match labelled(view, Standard::CryptographicAlgorithm) {
        Some(Attribute::CryptographicAlgorithm(algorithm)) => Some(algorithm),
        _ => None,
    };
    let said_length = match labelled(view, Standard::CryptographicLength) {
        Some(Attribute::CryptographicLength(length)) => Some(length),
        _ => None,
    };
    (said.or(algorithm), said_length.or(length))
}

/// The algorithm of a key of ours, if the protocol has a number for it.
fn algorithm(spec: KeySpec) -> Option<Algorithm> {
    Some(match spec {
        KeySpec::Aes256 => Algorithm::AES,
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Algorithm::RSA,
        KeySpec::P256 | KeySpec::P384 | KeySpec::P521 | KeySpec::Secp256k1 | KeySpec::X25519 => {
            Algorithm::EC
        }
        KeySpec::Ed25519 => Algorithm::ED25519,
        KeySpec::Hmac224 => Algorithm::HMAC_SHA224,
        KeySpec::Hmac256 => Algorithm::HMAC_SHA256,
        KeySpec::Hmac384 => Algorithm::HMAC_SHA384,
        KeySpec::Hmac512 => Algorithm::HMAC_SHA512,
        KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87
        | KeySpec::MlKem512
        | KeySpec::MlKem768
        | KeySpec::MlKem1024 => return None,
    })
}

fn raw_algorithm(spec: RawSpec) -> Algorithm {
    match spec {
        RawSpec::Aes128 | RawSpec::Aes192 | RawSpec::Aes256 => Algorithm::AES,
        RawSpec::Tdes => Algorithm::DES3,
        RawSpec::ChaCha20 => Algorithm::CHACHA20,
        RawSpec::ChaCha20Poly1305 => Algorithm::CHACHA20POLY1305,
        RawSpec::HmacSha1 => Algorithm::HMAC_SHA1,
        RawSpec::Hmac224 => Algorithm::HMAC_SHA224,
        RawSpec::Hmac256 => Algorithm::HMAC_SHA256,
        RawSpec::Hmac384 => Algorithm::HMAC_SHA384,
        RawSpec::Hmac512 => Algorithm::HMAC_SHA512,
        RawSpec::HmacSha3_224 => Algorithm::HMAC_SHA3_224,
        RawSpec::HmacSha3_256 => Algorithm::HMAC_SHA3_256,
        RawSpec::HmacSha3_384 => Algorithm::HMAC_SHA3_384,
        RawSpec::HmacSha3_512 => Algorithm::HMAC_SHA3_512,
    }
}

fn raw_length(spec: RawSpec, bits: u32) -> Option<i32> {
    let bits = match spec {
        // Without the bits of parity, as clients ask for it.
        RawSpec::Tdes => bits / 8 * 7,
        _ => bits,
    };
    i32::try_from(bits).ok()
}

#[cfg(test)]
mod tests {
    use kmip::{
        attribute::{AttributeName, Custom, CustomName, CustomValue},
        names::enumeration::ObjectType,
    };
    use model::object::{Revocation, UsageLimit};

    use super::*;
    use crate::attributes::example::{MADE, key, labelled, name};

    fn has(view: &ObjectView, version: Version, attribute: &Attribute) -> bool {
        shown(view, version).iter().any(|instance| instance.attribute == *attribute)
    }

    fn names(view: &ObjectView, version: Version) -> Vec<&'static str> {
        let all = shown(view, version);
        let standard = all.iter().filter_map(|instance| instance.attribute.standard());
        standard.map(|standard| standard.rules().name).collect()
    }

    #[test]
    fn a_key_has_what_the_profiles_list() {
        let mut view = labelled(&[name("k")]);
        view.life.activation = Some(MADE);
        view.life.compromise = Some(MADE);
        view.attributes.compromise_occurrence = Some(MADE);
        view.attributes.revocation = Some(Revocation { reason: 2, message: None });
        let listed = [
            "Unique Identifier",
            "Name",
            "Object Type",
            "Cryptographic Algorithm",
            "Cryptographic Length",
            "Digest",
            "Cryptographic Usage Mask",
            "Lease Time",
            "State",
            "Initial Date",
            "Activation Date",
            "Compromise Occurrence Date",
            "Compromise Date",
            "Revocation Reason",
            "Fresh",
            "Last Change Date",
            "Original Creation Date",
            "Random Number Generator",
            "Sensitive",
            "Always Sensitive",
            "Extractable",
            "Never Extractable",
        ];
        assert_eq!(names(&view, Version::V1_4), listed);
        let more = ["Key Format Type", "Protection Storage Mask", "Short Unique Identifier"];
        assert_eq!(names(&view, Version::V2_1), [&listed[..], &more].concat());
    }

    #[test]
    fn values_are_those_of_the_object() {
        let mut view = key();
        view.attributes.usage_limit = Some(UsageLimit { total: 16, unit: LimitUnit::Bytes });
        view.usage_left = Some(4);
        let unit = Some(UsageLimitsUnit::BYTE);
        for attribute in [
            Attribute::UniqueIdentifier("abababab-abab-abab-abab-abababababab".into()),
            Attribute::ShortUniqueIdentifier(Bytes(b"ab".repeat(16))),
            Attribute::ObjectType(ObjectType::SYMMETRIC_KEY),
            Attribute::CryptographicAlgorithm(Algorithm::AES),
            Attribute::CryptographicLength(128),
            Attribute::State(State::PRE_ACTIVE),
            Attribute::LeaseTime(Interval(3600)),
            Attribute::InitialDate(date(MADE)),
            Attribute::KeyFormatType(KeyFormatType::RAW),
            Attribute::UsageLimits(UsageLimits { total: 16, count: Some(4), unit }),
        ] {
            assert!(has(&view, Version::V2_1, &attribute), "{attribute:?}");
        }
    }

    #[test]
    fn what_was_brought_has_no_generator_and_no_date_of_creation() {
        let mut view = key();
        view.attributes.generated = false;
        let names = names(&view, Version::V2_1);
        assert!(!names.contains(&"Random Number Generator"));
        assert!(!names.contains(&"Original Creation Date"));
    }

    #[test]
    fn a_length_is_told_as_clients_ask_for_it_and_what_they_said_stands() {
        let mut view = key();
        view.spec = Spec::Raw(RawSpec::Tdes);
        for (bits, length) in [(192, 168), (128, 112)] {
            view.attributes.bits = bits;
            assert_eq!(algorithm_and_length(&view), (Some(Algorithm::DES3), Some(length)));
        }
        view.spec = Spec::Stored;
        assert_eq!(algorithm_and_length(&view), (None, None));
        let mut said = labelled(&[
            Attribute::CryptographicAlgorithm(Algorithm::BLOWFISH),
            Attribute::CryptographicLength(56),
        ]);
        said.spec = Spec::Stored;
        assert_eq!(algorithm_and_length(&said), (Some(Algorithm::BLOWFISH), Some(56)));
        let count = |of| names(&said, Version::V1_0).iter().filter(|it| **it == of).count();
        assert_eq!(count("Cryptographic Algorithm"), 1);
        assert_eq!(count("Cryptographic Length"), 1);
    }

    #[test]
    fn which_of_several_is_said_as_the_label_says_it() {
        let mut view = labelled(&[name("a"), name("b"), name("c")]);
        view.attributes.labels.remove(1);
        let of = [AttributeName::Standard(Standard::Name)];
        let instance = |attribute, index| Instance { attribute, index };
        let expected = [instance(name("a"), None), instance(name("c"), Some(2))];
        assert_eq!(named(&view, Version::V1_4, &of), expected);
    }

    #[test]
    fn a_version_is_shown_what_it_has() {
        let policy = Attribute::OperationPolicyName("default".into());
        let custom = Attribute::Custom(Custom {
            name: CustomName { vendor: "x".into(), name: "ID".into() },
            value: CustomValue::Integer(0),
        });
        let mut view = labelled(&[policy.clone(), custom.clone()]);
        view.attributes.labels.push(model::object::Label {
            name: ".Secret Data Type".into(),
            index: 0,
            value: vec![0, 0, 0, 1],
        });
        assert!(has(&view, Version::V1_4, &policy) && !has(&view, Version::V2_0, &policy));
        assert!(has(&view, Version::V1_0, &custom) && has(&view, Version::V2_1, &custom));
        assert!(!names(&view, Version::V1_3).contains(&"Sensitive"));
        assert!(!names(&view, Version::V1_4).contains(&"Short Unique Identifier"));
        assert_eq!(shown(&view, Version::V2_1).last().map(|it| &it.attribute), Some(&custom));
        let all = shown(&view, Version::V2_1).len();
        view.attributes.labels.pop();
        assert_eq!(shown(&view, Version::V2_1).len(), all);
    }

    #[test]
    fn an_opaque_object_has_a_state_in_2_x_only() {
        let mut view = key();
        view.kind = Kind::OpaqueData;
        assert!(!names(&view, Version::V1_4).contains(&"State"));
        assert!(names(&view, Version::V2_1).contains(&"State"));
    }

    #[test]
    fn what_an_object_lacks_is_left_out_of_what_is_asked_for() {
        let asked = [Standard::Comment, Standard::State].map(AttributeName::Standard);
        let state = Attribute::State(State::PRE_ACTIVE);
        assert_eq!(named(&key(), Version::V2_1, &asked), [Instance::from(state)]);
    }
}
