//! Objects looked for by their attributes (1.4 section 4.9, 2.1 section 6.1.28).

use engine::op::{Locate, ObjectView};
use kmip::{
    attribute::{Attribute, Attributes, Standard, UsageLimits},
    names::enumeration::{ObjectGroupMember, StorageStatusMask},
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
            let matches = Box::new(move |view: &ObjectView| conditions.hold(view));
            let (account, region) = (call.account(), call.region());
            let Page { offset, limit } = page;
            let locate = Locate { account, region, label, id, matches, offset, limit };
            Some(call.perform(locate).await?)
        }
    };
    let (total, objects) = located.map_or((0, Vec::new()), |it| (it.total, it.objects));
    // An item of the batch that names no object means the one that is told here, if it is one.
    call.placeholder.set(match objects.as_slice() {
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
        Ok(Some(Self { id, label, conditions: Conditions::of(&request)? }))
    }
}

/// The object that an identifier names, if it can be one of ours.
fn named(call: &Call<'_>, identifier: &Identifier) -> Option<KeyId> {
    match identifier {
        Identifier::Text(text) => text.parse().ok(),
        Identifier::Placeholder(_) => call.placeholder.get(),
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
    fn of(request: &LocateRequest) -> Result<Self, Failed> {
        let storage = request.storage_status_mask.unwrap_or(StorageStatusMask::ON_LINE_STORAGE);
        let attributes = &request.attributes;
        let has_group = attributes.iter().any(|it| matches!(it, Attribute::ObjectGroup(_)));
        if request.object_group_member.is_some() && !has_group {
            return Err(Failed::field("An Object Group Member is asked for, and of no group."));
        }
        let is_fresh = request.object_group_member == Some(ObjectGroupMember::GROUP_MEMBER_FRESH);
        Ok(Self { storage, is_fresh, attributes: conditions(attributes)? })
    }

    fn hold(&self, view: &ObjectView) -> bool {
        let storage = match view.attributes.archived {
            Some(_) => StorageStatusMask::ARCHIVAL_STORAGE,
            None => StorageStatusMask::ON_LINE_STORAGE,
        };
        if !self.storage.contains(storage) || (self.is_fresh && !view.attributes.fresh) {
            return false;
        }
        let facts = facts(view);
        self.attributes.iter().all(|condition| condition.holds(view, &facts))
    }
}

fn conditions(attributes: &Attributes) -> Result<Vec<Condition>, Failed> {
    let mut conditions: Vec<Condition> = Vec::new();
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
        let mut labels = view.attributes.labelled(name);
        if labels.any(|has| has.value == *value || covers(ttlv::decode(&has.value).ok())) {
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
