//! What a client says that a new object is to be.

use engine::op::Draft;
use kmip::{
    attribute::{
        ApplicationSpecificInformation, Attribute, Attributes, CryptographicParameters,
        Link as Linked, Maker, Standard, UsageLimits,
    },
    names::enumeration::{
        CryptographicAlgorithm as Algorithm, ObjectType, RecommendedCurve, ResultReason,
        UsageLimitsUnit,
    },
    wire::Identifier,
};
use model::{
    limits,
    object::{LimitUnit, Link, Purposes, UsageLimit},
};

use super::{is_many, label_of, name_of, read_only, single_valued, title, wall};
use crate::{algorithms, failed::Failed};

/// What an object is to be.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// All of it that is not about the material.
    pub(crate) draft: Draft,
    /// The algorithm of the material.
    pub(crate) algorithm: Option<Algorithm>,
    /// Its length, in bits, as it was said.
    pub(crate) length: Option<i32>,
    /// The curve that it is to be on.
    pub(crate) curve: Option<RecommendedCurve>,
    /// How it is to be used, where a request does not say it.
    pub(crate) parameters: Vec<CryptographicParameters>,
}

/// Reads what an object of that type is to be: from what is common to several objects, then from
/// what is said of this one. Of what an object has once, the last word stands; of the rest, all of
/// it (1.4 section 4.2, 2.1 section 6.1.9).
pub(crate) fn wanted(object_type: ObjectType, attributes: &[Attributes]) -> Result<Wanted, Failed> {
    let mut wanted = Wanted::default();
    if attributes.iter().map(|group| group.instances.len()).sum::<usize>() > limits::LABELS_MAX {
        return Err(Failed::field("These are more attributes than an object can have."));
    }
    for (at, group) in attributes.iter().enumerate() {
        if !group.templates.is_empty() {
            return Err(Failed::unsupported("A template"));
        }
        let own = attributes.get(at + 1..).unwrap_or_default();
        let mut before = Vec::new();
        for attribute in group.iter() {
            may_set(attribute, object_type)?;
            let name = name_of(attribute);
            if !is_many(attribute) {
                if before.contains(&name) {
                    return Err(single_valued(attribute));
                }
                let is_said_again = |group: &Attributes| group.iter().any(|it| name_of(it) == name);
                if own.iter().any(is_said_again) {
                    continue;
                }
                before.push(name);
            }
            set(&mut wanted, attribute)?;
        }
    }
    Ok(wanted)
}

/// Whether a client may say this of a new object. That an attribute is not meant for objects of
/// that type is no reason to refuse it: clients give a password a length.
fn may_set(attribute: &Attribute, object_type: ObjectType) -> Result<(), Failed> {
    match attribute {
        Attribute::ObjectType(said) if *said == object_type => return Ok(()),
        Attribute::ObjectType(_) => {
            return Err(Failed::field("The attributes say another object type than the request."));
        }
        _ => {}
    }
    let Some(standard) = attribute.standard() else { return Ok(()) };
    if standard.rules().set_by == Maker::Server && !is_of_material(standard) {
        return Err(read_only(attribute));
    }
    Ok(())
}

/// The tables have the server set these, of what the client asks for or brings.
pub(crate) fn is_of_material(standard: Standard) -> bool {
    matches!(
        standard,
        Standard::CryptographicAlgorithm
            | Standard::CryptographicLength
            | Standard::CertificateType
            | Standard::CertificateLength
            | Standard::KeyFormatType
            | Standard::OpaqueDataType
    )
}

fn set(wanted: &mut Wanted, attribute: &Attribute) -> Result<(), Failed> {
    let draft = &mut wanted.draft;
    match attribute {
        Attribute::CryptographicAlgorithm(algorithm) => wanted.algorithm = Some(*algorithm),
        Attribute::CryptographicLength(length) => wanted.length = Some(*length),
        Attribute::CryptographicUsageMask(mask) => draft.purposes = Purposes(mask.0),
        Attribute::ActivationDate(date) => draft.life.activation = Some(wall(*date)),
        Attribute::DeactivationDate(date) => draft.life.deactivation = Some(wall(*date)),
        Attribute::ProcessStartDate(date) => draft.period.recipient_from = Some(wall(*date)),
        Attribute::ProtectStopDate(date) => draft.period.originator_until = Some(wall(*date)),
        Attribute::OriginalCreationDate(date) => draft.original_creation = Some(wall(*date)),
        Attribute::Sensitive(sensitive) => draft.sensitive = *sensitive,
        Attribute::Extractable(extractable) => draft.unextractable = !extractable,
        Attribute::UsageLimits(limits) => draft.usage_limit = Some(usage_limit(limits)?),
        Attribute::Link(linked) => draft.links.push(link(linked)?),
        // Every object is fresh until it is handed out here.
        Attribute::Fresh(true) | Attribute::ObjectType(_) => {}
        Attribute::Fresh(false) => {
            return Err(Failed::field("An object that is new here is fresh."));
        }
        // The material says these.
        Attribute::CertificateType(_)
        | Attribute::CertificateLength(_)
        | Attribute::KeyFormatType(_)
        | Attribute::OpaqueDataType(_) => {}
        attribute => {
            match attribute {
                Attribute::CryptographicParameters(parameters) => {
                    wanted.parameters.push(parameters.clone());
                }
                Attribute::CryptographicDomainParameters(domain) => {
                    wanted.curve = domain.recommended_curve;
                }
                attribute => check_value(attribute)?,
            }
            let label = label_of(attribute);
            if !draft.labels.contains(&label) {
                draft.labels.push(label);
            }
        }
    }
    Ok(())
}

/// Refuses a value of a label that the server would have to complete.
pub(crate) fn check_value(attribute: &Attribute) -> Result<(), Failed> {
    match attribute {
        Attribute::ApplicationSpecificInformation(ApplicationSpecificInformation {
            data: None,
            ..
        }) => Err(Failed::new(
            ResultReason::APPLICATION_NAMESPACE_NOT_SUPPORTED,
            "The server knows no application's name space; say the data.",
        )),
        Attribute::Custom(custom) if custom.name.vendor == "y" => Err(read_only(attribute)),
        Attribute::Custom(custom) if custom.name.name.is_empty() => Err(Failed::field(format!(
            "An attribute of vendor {} has no name.",
            custom.name.vendor
        ))),
        Attribute::Name(name) if name.value.is_empty() => {
            Err(Failed::field(format!("{} is empty.", title(attribute))))
        }
        _ => Ok(()),
    }
}

/// How much an object may protect.
pub(crate) fn usage_limit(limits: &UsageLimits) -> Result<UsageLimit, Failed> {
    let unit = match limits.unit {
        Some(UsageLimitsUnit::BYTE) => LimitUnit::Bytes,
        Some(UsageLimitsUnit::OBJECT) => LimitUnit::Calls,
        _ => return Err(Failed::field("The unit of usage limits is bytes or objects.")),
    };
    if limits.count.is_some_and(|count| count != limits.total) {
        return Err(Failed::field("The count of usage limits is the server's to say."));
    }
    let total = u64::try_from(limits.total)
        .map_err(|_| Failed::field("The total of usage limits is less than nothing."))?;
    Ok(UsageLimit { total, unit })
}

/// A link to another object of ours.
pub(crate) fn link(linked: &Linked) -> Result<Link, Failed> {
    let id = match &linked.linked {
        Identifier::Text(text) => text.parse().ok(),
        Identifier::Placeholder(_) | Identifier::Nth(_) => None,
    };
    let to = id.ok_or_else(|| Failed::field("A link is not to an identifier of this server."))?;
    Ok(Link { kind: linked.kind.0, to })
}

/// Refuses a key that is to withstand quantum computers and does not.
pub(crate) fn check_protection(
    wanted: &Wanted,
    algorithm: Algorithm,
    bits: u32,
) -> Result<(), Failed> {
    match wanted.draft.labels.contains(&label_of(&Attribute::QuantumSafe(true))) {
        true => check_quantum_safe(algorithm, bits),
        false => Ok(()),
    }
}

/// Refuses a key that does not withstand quantum computers: of those that the protocol has numbers
/// for, symmetric keys of 256 bits do (NIST IR 8105, section 3).
pub(crate) fn check_quantum_safe(algorithm: Algorithm, bits: u32) -> Result<(), Failed> {
    if algorithms::is_asymmetric(algorithm) || bits < QUANTUM_SAFE_BITS {
        let message = "A key of this algorithm and length is not quantum safe.";
        return Err(Failed::new(ResultReason::GENERAL_FAILURE, message));
    }
    Ok(())
}

/// Shortest symmetric key that withstands quantum computers, in bits.
const QUANTUM_SAFE_BITS: u32 = 256;

#[cfg(test)]
mod tests {
    use kmip::{
        attribute::{Instance, Name},
        names::enumeration::{CryptographicUsageMask, LinkType, NameType, State},
        wire::{DateTime, Interval},
    };
    use model::{KeyId, Wall};

    use super::*;
    use crate::attributes::example::name;

    fn of(groups: &[&[Attribute]]) -> Result<Wanted, Failed> {
        let groups: Vec<Attributes> =
            groups.iter().map(|group| group.iter().cloned().collect()).collect();
        wanted(ObjectType::SYMMETRIC_KEY, &groups)
    }

    fn reason(groups: &[&[Attribute]]) -> ResultReason {
        of(groups).unwrap_err().reason
    }

    #[test]
    fn what_decides_something_becomes_a_fact() {
        let limits = UsageLimits { total: 16, count: None, unit: Some(UsageLimitsUnit::BYTE) };
        let to = KeyId::from_random([1; 16]);
        let linked = Identifier::Text(to.to_string());
        let wanted = of(&[&[
            Attribute::CryptographicAlgorithm(Algorithm::AES),
            Attribute::CryptographicLength(256),
            Attribute::CryptographicUsageMask(CryptographicUsageMask(0xc)),
            Attribute::ActivationDate(DateTime(-5)),
            Attribute::DeactivationDate(DateTime(8)),
            Attribute::ProcessStartDate(DateTime(6)),
            Attribute::ProtectStopDate(DateTime(7)),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::UsageLimits(limits),
            Attribute::Link(Linked { kind: LinkType::PARENT_LINK, linked }),
            Attribute::ObjectType(ObjectType::SYMMETRIC_KEY),
            Attribute::Fresh(true),
        ]])
        .unwrap();
        let draft = &wanted.draft;
        assert_eq!((wanted.algorithm, wanted.length), (Some(Algorithm::AES), Some(256)));
        assert_eq!(draft.purposes, Purposes::ENCRYPT.and(Purposes::DECRYPT));
        assert_eq!(draft.life.activation, Some(Wall(0)));
        assert_eq!(draft.life.deactivation, Some(Wall::from_secs(8)));
        assert_eq!(draft.period.recipient_from, Some(Wall::from_secs(6)));
        assert_eq!(draft.period.originator_until, Some(Wall::from_secs(7)));
        assert!(draft.sensitive && draft.unextractable);
        let limit = UsageLimit { total: 16, unit: LimitUnit::Bytes };
        assert_eq!(draft.usage_limit, Some(limit));
        assert_eq!(draft.links, [Link { kind: 0x108, to }]);
        assert!(draft.labels.is_empty());
    }

    #[test]
    fn the_rest_becomes_labels_in_the_order_of_the_request() {
        let group = Attribute::ObjectGroup("g".into());
        let parameters = CryptographicParameters { iv_length: Some(96), ..Default::default() };
        let used = Attribute::CryptographicParameters(parameters.clone());
        let wanted =
            of(&[&[name("a"), group.clone(), name("b"), used.clone(), name("a")]]).unwrap();
        let labels = [name("a"), group, name("b"), used].map(|it| label_of(&it));
        assert_eq!(wanted.draft.labels, labels);
        assert_eq!(wanted.parameters, [parameters]);
    }

    #[test]
    fn what_is_the_servers_is_refused() {
        for attribute in [
            Attribute::State(State::ACTIVE),
            Attribute::UniqueIdentifier("a".into()),
            Attribute::InitialDate(DateTime(0)),
            Attribute::LeaseTime(Interval(1)),
            Attribute::AlwaysSensitive(true),
        ] {
            assert_eq!(reason(&[&[attribute]]), ResultReason::ATTRIBUTE_READ_ONLY);
        }
        let limits = UsageLimits { total: 16, count: Some(3), unit: Some(UsageLimitsUnit::BYTE) };
        assert_eq!(reason(&[&[Attribute::UsageLimits(limits)]]), ResultReason::INVALID_FIELD);
    }

    #[test]
    fn what_there_is_one_of_is_said_once_or_overruled() {
        let [a, b] = ["a", "b"].map(|text| Attribute::Description(text.into()));
        assert_eq!(reason(&[&[a.clone(), b.clone()]]), ResultReason::ATTRIBUTE_SINGLE_VALUED);
        let both = of(&[&[a, name("common")], &[b.clone(), name("own")]]).unwrap();
        let labels = [name("common"), b, name("own")].map(|it| label_of(&it));
        assert_eq!(both.draft.labels, labels);
    }

    #[test]
    fn a_link_is_to_an_identifier_of_this_server() {
        for linked in [Identifier::from("elsewhere"), Identifier::Nth(1)] {
            let link = Attribute::Link(Linked { kind: LinkType::CHILD_LINK, linked });
            assert_eq!(reason(&[&[link]]), ResultReason::INVALID_FIELD);
        }
    }

    #[test]
    fn what_the_server_would_have_to_complete_is_refused() {
        let information =
            Attribute::ApplicationSpecificInformation(ApplicationSpecificInformation {
                namespace: "ssl".into(),
                data: None,
            });
        let refused = ResultReason::APPLICATION_NAMESPACE_NOT_SUPPORTED;
        assert_eq!(reason(&[&[information]]), refused);
        let other = Attribute::ObjectType(ObjectType::CERTIFICATE);
        assert_eq!(reason(&[&[other]]), ResultReason::INVALID_FIELD);
        let name = Name { value: "t".into(), kind: NameType::UNINTERPRETED_TEXT_STRING };
        let template = Attributes { templates: vec![name], instances: Vec::<Instance>::new() };
        let refused = wanted(ObjectType::SYMMETRIC_KEY, &[template]).unwrap_err();
        assert_eq!(refused.reason, ResultReason::FEATURE_NOT_SUPPORTED);
    }

    #[test]
    fn a_short_or_asymmetric_key_is_not_quantum_safe() {
        let safe = of(&[&[Attribute::QuantumSafe(true)]]).unwrap();
        assert!(check_protection(&safe, Algorithm::AES, 256).is_ok());
        for (algorithm, bits) in [(Algorithm::AES, 128), (Algorithm::RSA, 4096)] {
            let refused = check_protection(&safe, algorithm, bits).unwrap_err();
            assert_eq!(refused.reason, ResultReason::GENERAL_FAILURE);
            assert!(check_protection(&Wanted::default(), algorithm, bits).is_ok());
        }
    }
}
