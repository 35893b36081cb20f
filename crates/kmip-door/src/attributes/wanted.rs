//! What a client says that a new object is to be.

use engine::op::Draft;
use kmip::{
    Version,
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
use model::object::{LimitUnit, Link, Purposes, UsageLimit};

use super::{is_many, label_of, name_of, read_only, single_valued, title, wall};
use crate::failed::Failed;

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
/// it (1.4 section 4.2, 2.1 section 6.1.11).
pub(crate) fn wanted(
    object_type: ObjectType,
    attributes: &[Attributes],
    version: Version,
) -> Result<Wanted, Failed> {
    let mut wanted = Wanted::default();
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

/// Refuses a key that is to withstand quantum computers and does not: of those that can be made,
/// symmetric keys of 256 bits do (NIST IR 8105, section 3).
pub(crate) fn check_protection(
    wanted: &Wanted,
    algorithm: Algorithm,
    bits: u32,
) -> Result<(), Failed> {
    let is_asked = wanted.draft.labels.contains(&label_of(&Attribute::QuantumSafe(true)));
    let is_broken = matches!(
        algorithm,
        Algorithm::RSA
            | Algorithm::DSA
            | Algorithm::DH
            | Algorithm::EC
            | Algorithm::ECDSA
            | Algorithm::ECDH
            | Algorithm::ECMQV
            | Algorithm::ED25519
            | Algorithm::ED448
    );
    if is_asked && (is_broken || bits < QUANTUM_SAFE_BITS) {
        let message = "A key of this algorithm and length is not quantum safe.";
        return Err(Failed::new(ResultReason::GENERAL_FAILURE, message));
    }
    Ok(())
}

/// Shortest symmetric key that withstands quantum computers, in bits.
const QUANTUM_SAFE_BITS: u32 = 256;
