//! Objects looked for by their attributes (1.4 section 4.9, 2.1 section 6.1.28).

use engine::op::{Locate, ObjectView};
use kmip::{
    Version,
    attribute::{Attribute, Attributes, Standard, UsageLimits},
    names::enumeration::{ObjectGroupMember, State, StorageStatusMask},
    payload::{LocateRequest, LocateResponse, Response},
    ttlv::{self, Item, Value},
    wire::{DateTime, Identifier},
};
use model::{KeyId, limits, object::Label};

use crate::{
    attributes::{facts, item_of, label_of},
    call::Call,
    failed::Failed,
};

/// `Locate`.
pub(crate) async fn locate(call: &Call<'_>, request: LocateRequest) -> Result<Response, Failed> {
    let page = Page::of(&request)?;
    let offset_is_said = request.offset_items.is_some();
    let located = match Search::of(call, request)? {
        None => None,
        Some(search) => {
            let Search { id, label, conditions } = search;
            let destroyed = conditions.storage.contains(StorageStatusMask::DESTROYED_STORAGE);
            let matches = Box::new(move |view: &ObjectView| conditions.hold(view));
            let (account, region) = (call.account(), call.region());
            let Page { offset, limit } = page;
            let locate = Locate { account, region, label, id, destroyed, matches, offset, limit };
            Some(call.perform(locate).await?)
        }
    };
    let (total, objects) = located.map_or((0, Vec::new()), |it| (it.total, it.objects));
    // An item of the batch that names no object means the one that is told here, if it is one.
    call.shared.placeholder.set(match objects.as_slice() {
        [one] => Some(one.id),
        _ => None,
    });
    Ok(Response::Locate(Box::new(LocateResponse {
        located_items: offset_is_said.then(|| i32::try_from(total).unwrap_or(i32::MAX)),
        unique_identifiers: objects
            .into_iter()
            .map(|name| Identifier::Text(name.id.to_string()))
            .collect(),
    })))
}

/// Which of the objects that are found are told.
struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    fn of(request: &LocateRequest) -> Result<Self, Failed> {
        let refused = |what| Failed::field(format!("{what} is out of range."));
        let offset = usize::try_from(request.offset_items.unwrap_or(0))
            .map_err(|_| refused("Offset Items"))?;
        let limit = match request.maximum_items.map(usize::try_from) {
            None => limits::KMIP_LOCATED_MAX,
            Some(Ok(asked)) if asked > 0 => asked.min(limits::KMIP_LOCATED_MAX),
            Some(_) => return Err(refused("Maximum Items")),
        };
        // A group's default object is the newest.
        let limit = match request.object_group_member {
            Some(ObjectGroupMember::GROUP_MEMBER_DEFAULT) => 1,
            _ => limit,
        };
        Ok(Self { offset, limit })
    }
}

/// What is looked for, and by which index.
struct Search {
    id: Option<KeyId>,
    label: Option<Label>,
    conditions: Conditions,
}

impl Search {
    /// What a request looks for; `None` if nothing can be that.
    fn of(call: &Call<'_>, request: LocateRequest) -> Result<Option<Self>, Failed> {
        let mut id = None;
        for attribute in request.attributes.iter() {
            let Attribute::UniqueIdentifier(identifier) = attribute else { continue };
            let Some(named) = named(call, identifier) else { return Ok(None) };
            if id.is_some_and(|id| id != named) {
                return Ok(None);
            }
            id = Some(named);
        }
        let label = request.attributes.iter().find(|it| is_found_by_label(it)).map(|attribute| {
            let (name, value) = label_of(attribute);
            Label { name, index: 0, value }
        });
        Ok(Some(Self { id, label, conditions: Conditions::of(&request, call.version)? }))
    }
}

/// The object that an identifier names, if it can be one of ours.
fn named(call: &Call<'_>, identifier: &Identifier) -> Option<KeyId> {
    match identifier {
        Identifier::Text(text) => text.parse().ok(),
        Identifier::Placeholder(_) => call.shared.placeholder.get(),
        Identifier::Nth(_) => None,
    }
}

/// Whether all objects with an attribute of that value have it as a label of the same bytes.
fn is_found_by_label(attribute: &Attribute) -> bool {
    use kmip::attribute::{ApplicationSpecificInformation, CustomValue};
    match attribute {
        Attribute::Name(_)
        | Attribute::AlternativeName(_)
        | Attribute::ObjectGroup(_)
        | Attribute::ContactInformation(_)
        | Attribute::OperationPolicyName(_)
        | Attribute::Description(_)
        | Attribute::Comment(_)
        | Attribute::Pkcs12FriendlyName(_)
        | Attribute::RotateName(_) => true,
        Attribute::ApplicationSpecificInformation(ApplicationSpecificInformation {
            data, ..
        }) => data.is_some(),
        Attribute::Custom(custom) => !matches!(custom.value, CustomValue::Structure(_)),
        _ => false,
    }
}

/// What an object must be.
struct Conditions {
    storage: StorageStatusMask,
    is_fresh: bool,
    attributes: Vec<Condition>,
}

/// What an object must have.
enum Condition {
    /// A date within these, both included.
    Between(Standard, DateTime, DateTime),
    /// No such date.
    Undefined(Standard),
    /// All of these purposes.
    Purposes(u32),
    /// As much usage as this, at all and left.
    Usage(UsageLimits),
    /// This attribute; of a structure, these of its fields.
    Has(Box<Wanted>),
}

struct Wanted {
    attribute: Attribute,
    label: (String, Vec<u8>),
    item: Option<Item>,
}

/// The date that is the same as none.
const NEVER: DateTime = DateTime(i64::MAX);

impl Conditions {
    fn of(request: &LocateRequest, version: Version) -> Result<Self, Failed> {
        let attributes = &request.attributes;
        let storage = request.storage_status_mask.unwrap_or(StorageStatusMask::ON_LINE_STORAGE);
        // 1.x has no bit for what is destroyed: who asks for that state asks for it.
        let storage = match version < Version::V2_0 && attributes.iter().any(is_of_destroyed) {
            true => StorageStatusMask(storage.0 | StorageStatusMask::DESTROYED_STORAGE.0),
            false => storage,
        };
        let has_group = attributes.iter().any(|it| matches!(it, Attribute::ObjectGroup(_)));
        if request.object_group_member.is_some() && !has_group {
            return Err(Failed::field("An Object Group Member is asked for, and of no group."));
        }
        let is_fresh = request.object_group_member == Some(ObjectGroupMember::GROUP_MEMBER_FRESH);
        Ok(Self { storage, is_fresh, attributes: conditions(attributes)? })
    }

    fn hold(&self, view: &ObjectView) -> bool {
        let storage = match (view.destroyed, view.attributes.archived) {
            (Some(_), _) => StorageStatusMask::DESTROYED_STORAGE,
            (None, Some(_)) => StorageStatusMask::ARCHIVAL_STORAGE,
            (None, None) => StorageStatusMask::ON_LINE_STORAGE,
        };
        if !self.storage.contains(storage) || (self.is_fresh && !view.attributes.fresh) {
            return false;
        }
        let facts = facts(view);
        self.attributes.iter().all(|condition| condition.holds(view, &facts))
    }
}

/// Whether it is a state in which material is gone.
fn is_of_destroyed(attribute: &Attribute) -> bool {
    let gone = [State::DESTROYED, State::DESTROYED_COMPROMISED];
    matches!(attribute, Attribute::State(state) if gone.contains(state))
}

fn conditions(attributes: &Attributes) -> Result<Vec<Condition>, Failed> {
    let mut conditions: Vec<Condition> = Vec::new();
    if attributes.instances.len() > limits::KMIP_CONDITIONS_MAX {
        return Err(Failed::field("More than 64 attributes are looked for."));
    }
    for attribute in attributes.iter() {
        let condition = match (attribute, date_of(attribute)) {
            // What an index has found already, if it is one of ours.
            (Attribute::UniqueIdentifier(_), _) => continue,
            (_, Some((standard, date))) => {
                let other = conditions.iter_mut().find_map(|it| match it {
                    Condition::Between(of, from, to) if *of == standard => Some((from, to)),
                    _ => None,
                });
                match other {
                    None if date == NEVER => Condition::Undefined(standard),
                    None => Condition::Between(standard, date, date),
                    Some((from, to)) if from == to => {
                        (*from, *to) = ((*from).min(date), (*to).max(date));
                        continue;
                    }
                    Some(_) => {
                        return Err(Failed::field("A range of dates has two ends, not three."));
                    }
                }
            }
            (Attribute::CryptographicUsageMask(mask), _) => Condition::Purposes(mask.0),
            (Attribute::UsageLimits(limits), _) => Condition::Usage(limits.clone()),
            (attribute, _) => Condition::Has(Box::new(Wanted {
                attribute: attribute.clone(),
                label: label_of(attribute),
                item: item_of(attribute),
            })),
        };
        conditions.push(condition);
    }
    Ok(conditions)
}

impl Condition {
    fn holds(&self, view: &ObjectView, facts: &[Attribute]) -> bool {
        let date = |standard: Standard| {
            let dates = facts.iter().filter_map(date_of);
            dates.filter(|(of, _)| *of == standard).map(|(_, date)| date).next()
        };
        match self {
            Self::Between(standard, from, to) => {
                date(*standard).is_some_and(|date| (*from..=*to).contains(&date))
            }
            Self::Undefined(standard) => date(*standard).is_none(),
            Self::Purposes(bits) => view.purposes.0 & bits == *bits,
            Self::Usage(limits) => facts.iter().any(|fact| match fact {
                Attribute::UsageLimits(has) => {
                    has.total >= limits.total
                        && has.count >= limits.count
                        && (limits.unit.is_none() || has.unit == limits.unit)
                }
                _ => false,
            }),
            Self::Has(wanted) => wanted.is_among(view, facts),
        }
    }
}

impl Wanted {
    fn is_among(&self, view: &ObjectView, facts: &[Attribute]) -> bool {
        let (name, value) = &self.label;
        if let Attribute::Link(link) = &self.attribute {
            return view.attributes.links.iter().any(|has| {
                has.kind == link.kind.0 && link.linked == Identifier::Text(has.to.to_string())
            });
        }
        let covers = |has: Option<Item>| {
            has.zip(self.item.as_ref()).is_some_and(|(has, asked)| covers(&has, asked))
        };
        // Equal bytes are equal values. Only of a structure less can be asked than there is.
        let is_structure =
            matches!(&self.item, Some(item) if matches!(item.value, Value::Structure(_)));
        let mut labels = view.attributes.labelled(name);
        let holds = |has: &Label| {
            has.value == *value || is_structure && covers(ttlv::decode(&has.value).ok())
        };
        if labels.any(holds) {
            return true;
        }
        let same = facts.iter().filter(|fact| fact.standard() == self.attribute.standard());
        same.into_iter().any(|has| *has == self.attribute || covers(item_of(has)))
    }
}

/// Whether an item has all that is asked for: not all fields of a structure need be.
fn covers(has: &Item, asked: &Item) -> bool {
    let is_same_tag = has.tag == asked.tag;
    match (&has.value, &asked.value) {
        (Value::Structure(has), Value::Structure(asked)) => {
            is_same_tag && asked.iter().all(|asked| has.iter().any(|has| covers(has, asked)))
        }
        _ => is_same_tag && ttlv_of(has) == ttlv_of(asked),
    }
}

fn ttlv_of(item: &Item) -> Option<Vec<u8>> {
    ttlv::encode(item).ok().map(|bytes| bytes.expose().to_vec())
}

/// The date that an attribute is, if it is one.
fn date_of(attribute: &Attribute) -> Option<(Standard, DateTime)> {
    let date = match attribute {
        Attribute::InitialDate(date)
        | Attribute::ActivationDate(date)
        | Attribute::ProcessStartDate(date)
        | Attribute::ProtectStopDate(date)
        | Attribute::DeactivationDate(date)
        | Attribute::DestroyDate(date)
        | Attribute::CompromiseOccurrenceDate(date)
        | Attribute::CompromiseDate(date)
        | Attribute::ArchiveDate(date)
        | Attribute::LastChangeDate(date)
        | Attribute::OriginalCreationDate(date)
        | Attribute::RotateDate(date) => *date,
        _ => return None,
    };
    attribute.standard().map(|standard| (standard, date))
}

#[cfg(test)]
mod tests {
    use engine::op::ObjectState;
    use kmip::{
        attribute::{
            AlternativeName, ApplicationSpecificInformation, CryptographicParameters,
            Link as Linked,
        },
        names::enumeration::{
            AlternativeNameType, BlockCipherMode, CryptographicAlgorithm, CryptographicUsageMask,
            LinkType, ObjectType, PaddingMethod, ResultReason, UsageLimitsUnit,
        },
    };
    use model::{
        key::State as Held,
        object::{LimitUnit, Link, UsageLimit},
    };

    use super::*;
    use crate::attributes::example::{MADE, key, labelled, name};

    fn request(attributes: &[Attribute]) -> LocateRequest {
        let attributes = attributes.iter().cloned().collect();
        LocateRequest { attributes, ..LocateRequest::default() }
    }

    #[test]
    fn so_many_attributes_are_looked_for_and_no_more() {
        let of = |count: usize| request(&vec![Attribute::Comment("c".into()); count]);
        let taken = |count| Conditions::of(&of(count), Version::V2_1);
        assert!(taken(limits::KMIP_CONDITIONS_MAX).is_ok());
        let refused = taken(limits::KMIP_CONDITIONS_MAX + 1).err().unwrap();
        assert_eq!(refused.reason, ResultReason::INVALID_FIELD);
    }

    fn finds(request: &LocateRequest, view: &ObjectView) -> bool {
        Conditions::of(request, Version::V2_1).unwrap().hold(view)
    }

    fn matches(attributes: &[Attribute], view: &ObjectView) -> bool {
        finds(&request(attributes), view)
    }

    #[test]
    fn an_object_must_have_all_that_is_asked_for() {
        let group = |value: &str| Attribute::ObjectGroup(value.into());
        let view = labelled(&[name("a"), name("b"), group("g")]);
        let kind = Attribute::ObjectType(ObjectType::SYMMETRIC_KEY);
        assert!(matches(&[], &view));
        assert!(matches(&[name("b"), group("g"), kind.clone()], &view));
        assert!(!matches(&[name("b"), group("h"), kind], &view));
        assert!(!matches(&[Attribute::ObjectType(ObjectType::CERTIFICATE)], &view));
    }

    #[test]
    fn what_is_known_is_looked_for_as_what_is_kept() {
        let mut view = key();
        assert!(matches(&[Attribute::CryptographicAlgorithm(CryptographicAlgorithm::AES)], &view));
        assert!(matches(&[Attribute::CryptographicLength(128)], &view));
        assert!(!matches(&[Attribute::CryptographicLength(256)], &view));
        assert!(matches(&[Attribute::State(State::PRE_ACTIVE)], &view));
        view.state = ObjectState::Held(Held::Active);
        assert!(!matches(&[Attribute::State(State::PRE_ACTIVE)], &view));
        assert!(matches(&[Attribute::Sensitive(false), Attribute::Fresh(true)], &view));
        let to = KeyId::from_random([1; 16]);
        let linked =
            |kind| Attribute::Link(Linked { kind, linked: Identifier::Text(to.to_string()) });
        view.attributes.links.push(Link { kind: Link::PUBLIC_KEY, to });
        assert!(matches(&[linked(LinkType::PUBLIC_KEY_LINK)], &view));
        assert!(!matches(&[linked(LinkType::PRIVATE_KEY_LINK)], &view));
    }

    #[test]
    fn of_a_structure_what_is_asked_for_must_be_equal() {
        let used = |block_cipher_mode, padding_method| {
            Attribute::CryptographicParameters(CryptographicParameters {
                block_cipher_mode,
                padding_method,
                ..CryptographicParameters::default()
            })
        };
        let (cbc, pkcs5) = (Some(BlockCipherMode::CBC), Some(PaddingMethod::PKCS5));
        let information = |data: Option<&str>| {
            Attribute::ApplicationSpecificInformation(ApplicationSpecificInformation {
                namespace: "ssl".into(),
                data: data.map(Into::into),
            })
        };
        let view = labelled(&[used(cbc, pkcs5), information(Some("www"))]);
        assert!(matches(&[used(cbc, None)], &view));
        assert!(matches(&[used(cbc, pkcs5)], &view));
        assert!(!matches(&[used(Some(BlockCipherMode::ECB), None)], &view));
        assert!(matches(&[information(None)], &view));
        assert!(!matches(&[information(Some("ftp"))], &view));
    }

    #[test]
    fn one_date_is_equal_and_two_are_a_range() {
        let secs = i64::try_from(MADE.secs()).unwrap();
        let mut view = key();
        let stop = |secs| Attribute::ProtectStopDate(DateTime(secs));
        assert!(matches(&[stop(i64::MAX)], &view) && !matches(&[stop(secs)], &view));
        view.period.originator_until = Some(MADE);
        assert!(matches(&[stop(secs)], &view) && !matches(&[stop(secs + 1)], &view));
        assert!(!matches(&[stop(i64::MAX)], &view));
        assert!(matches(&[stop(secs), stop(secs + 9)], &view));
        assert!(matches(&[stop(secs + 9), stop(secs - 9)], &view));
        assert!(!matches(&[stop(secs + 1), stop(secs + 9)], &view));
        let three = request(&[stop(1), stop(2), stop(3)]);
        let refused = Conditions::of(&three, Version::V2_1).err().unwrap();
        assert_eq!(refused.reason, ResultReason::INVALID_FIELD);
    }

    #[test]
    fn a_mask_asks_for_all_its_bits() {
        let mask = |bits| [Attribute::CryptographicUsageMask(CryptographicUsageMask(bits))];
        assert!(matches(&mask(0x4), &key()) && matches(&mask(0xc), &key()));
        assert!(!matches(&mask(0x1c), &key()));
    }

    #[test]
    fn usage_limits_ask_for_as_much() {
        let limits = |total, count| {
            let unit = Some(UsageLimitsUnit::BYTE);
            [Attribute::UsageLimits(UsageLimits { total, count, unit })]
        };
        let mut view = key();
        assert!(!matches(&limits(1, None), &view));
        view.attributes.usage_limit = Some(UsageLimit { total: 10, unit: LimitUnit::Bytes });
        view.usage_left = Some(4);
        assert!(matches(&limits(10, None), &view) && matches(&limits(5, Some(4)), &view));
        assert!(!matches(&limits(11, None), &view) && !matches(&limits(10, Some(5)), &view));
    }

    #[test]
    fn archived_objects_and_used_ones_are_found_only_when_asked_for() {
        let mut view = labelled(&[Attribute::ObjectGroup("g".into())]);
        let mut asked = request(&[Attribute::ObjectGroup("g".into())]);
        view.attributes.archived = Some(MADE);
        assert!(!finds(&asked, &view));
        asked.storage_status_mask = Some(StorageStatusMask::ARCHIVAL_STORAGE);
        assert!(finds(&asked, &view));
        view.attributes.archived = None;
        assert!(!finds(&asked, &view));
        asked.storage_status_mask = Some(StorageStatusMask(3));
        asked.object_group_member = Some(ObjectGroupMember::GROUP_MEMBER_FRESH);
        assert!(finds(&asked, &view));
        view.attributes.fresh = false;
        assert!(!finds(&asked, &view));
        asked.attributes = Attributes::default();
        assert!(Conditions::of(&asked, Version::V2_1).is_err());
    }

    #[test]
    fn what_is_destroyed_is_found_by_the_mask_and_in_1_x_by_its_state() {
        let mut view = key();
        view.state = ObjectState::Destroyed;
        view.destroyed = Some(MADE);
        let mut asked = request(&[Attribute::State(State::DESTROYED)]);
        let finds = |asked: &LocateRequest, view: &ObjectView, version| {
            Conditions::of(asked, version).unwrap().hold(view)
        };
        assert!(finds(&asked, &view, Version::V1_4) && !finds(&asked, &view, Version::V2_1));
        asked.storage_status_mask = Some(StorageStatusMask(7));
        assert!(finds(&asked, &view, Version::V2_1));
        asked.attributes = Attributes::default();
        assert!(finds(&asked, &view, Version::V1_4) && finds(&asked, &key(), Version::V1_4));
        asked.storage_status_mask = Some(StorageStatusMask(3));
        assert!(!finds(&asked, &view, Version::V1_4) && !finds(&asked, &view, Version::V2_1));
    }

    #[test]
    fn a_page_is_within_its_bounds() {
        let page = |maximum_items, offset_items| {
            Page::of(&LocateRequest { maximum_items, offset_items, ..LocateRequest::default() })
                .map(|page| (page.offset, page.limit))
                .map_err(|failed| failed.reason)
        };
        assert_eq!(page(None, None), Ok((0, limits::KMIP_LOCATED_MAX)));
        assert_eq!(page(Some(i32::MAX), Some(7)), Ok((7, limits::KMIP_LOCATED_MAX)));
        assert_eq!(page(Some(3), None), Ok((0, 3)));
        let refused = Err(ResultReason::INVALID_FIELD);
        assert_eq!(page(Some(0), None), refused);
        assert_eq!(page(Some(-1), None), refused);
        assert_eq!(page(None, Some(-1)), refused);
    }

    #[test]
    fn an_index_finds_only_what_is_one_label() {
        let alternative = AlternativeName { value: "a".into(), kind: AlternativeNameType::URI };
        assert!(is_found_by_label(&name("a")));
        assert!(is_found_by_label(&Attribute::AlternativeName(alternative)));
        assert!(!is_found_by_label(&Attribute::CryptographicLength(128)));
        assert!(!is_found_by_label(&Attribute::CryptographicParameters(Default::default())));
    }
}
