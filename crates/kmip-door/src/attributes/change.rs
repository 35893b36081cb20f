//! What a client may change of an object's attributes, by the table of rules, as changes of the
//! engine's.

use engine::op::{Change, ObjectState, ObjectView};
use kmip::{
    attribute::{Attribute, AttributeName, Instance, Maker, Standard, When},
    names::enumeration::ResultReason,
};
use model::{Wall, key::State, object::Label};

use super::{
    check_value, instances, is_many, label_name, label_of, link, name_of, read_only, single_valued,
    title, usage_limit, wall,
};
use crate::failed::Failed;

/// An object at a moment, whose attributes a client wants to change.
pub(crate) struct Subject<'a> {
    pub(crate) view: &'a ObjectView,
    pub(crate) now: Wall,
}

impl Subject<'_> {
    /// The instances of an attribute that the object has.
    pub(crate) fn instances(&self, name: &AttributeName) -> Vec<Instance> {
        instances(self.view, name)
    }

    /// Gives the object an attribute that it does not have.
    pub(crate) fn add(&self, attribute: &Attribute) -> Result<Vec<Change>, Failed> {
        self.check_archived()?;
        check_value(attribute)?;
        if let Some(standard) = attribute.standard() {
            let rules = standard.rules();
            if rules.set_by == Maker::Server {
                return Err(read_only(attribute));
            }
            self.check_moment(rules.modified_by_client, attribute)?;
        }
        let existing = self.instances(&name_of(attribute));
        if existing.iter().any(|it| it.attribute == *attribute) && is_many(attribute) {
            return Err(twice(attribute));
        }
        if !is_many(attribute) && !existing.is_empty() {
            return Err(single_valued(attribute));
        }
        if let Attribute::Link(linked) = attribute {
            return Ok(vec![Change::AddLink(link(linked)?)]);
        }
        if let Some(change) = self.fact(attribute)? {
            return Ok(vec![change]);
        }
        if !is_kept(attribute) {
            return Err(read_only(attribute));
        }
        let (name, value) = label_of(attribute);
        Ok(vec![Change::AddLabel(name, value)])
    }

    /// Gives an instance that the object has another value.
    pub(crate) fn modify(
        &self,
        old: &Instance,
        attribute: &Attribute,
    ) -> Result<Vec<Change>, Failed> {
        self.check_archived()?;
        check_value(attribute)?;
        self.may_modify(attribute)?;
        if old.attribute == *attribute {
            return Ok(Vec::new());
        }
        if self.instances(&name_of(attribute)).iter().any(|it| it.attribute == *attribute) {
            return Err(twice(attribute));
        }
        if let (Attribute::Link(old), Attribute::Link(new)) = (&old.attribute, attribute) {
            return Ok(vec![Change::RemoveLink(link(old)?), Change::AddLink(link(new)?)]);
        }
        if let Some(change) = self.fact(attribute)? {
            return Ok(vec![change]);
        }
        if !is_kept(attribute) {
            return Err(read_only(attribute));
        }
        let (name, value) = label_of(attribute);
        Ok(vec![Change::SetLabel(Label { name, index: index_of(old), value })])
    }

    /// Takes an instance away.
    pub(crate) fn delete(&self, old: &Instance) -> Result<Change, Failed> {
        self.check_archived()?;
        let attribute = &old.attribute;
        self.may_delete(attribute)?;
        Ok(match attribute {
            Attribute::Link(linked) => Change::RemoveLink(link(linked)?),
            Attribute::UsageLimits(_) => Change::UsageLimit(None),
            attribute => Change::RemoveLabel(label_name(&name_of(attribute)), Some(index_of(old))),
        })
    }

    /// Whether a client may change the attribute now.
    pub(crate) fn may_modify(&self, attribute: &Attribute) -> Result<(), Failed> {
        match attribute.standard() {
            None => Ok(()),
            Some(standard) => self.check(standard.rules().modified_by_client, attribute),
        }
    }

    /// Whether a client may delete the attribute now.
    pub(crate) fn may_delete(&self, attribute: &Attribute) -> Result<(), Failed> {
        match attribute.standard() {
            None => Ok(()),
            Some(standard) => self.check(standard.rules().deleted_by_client, attribute),
        }
    }

    fn check(&self, when: When, attribute: &Attribute) -> Result<(), Failed> {
        match when {
            When::Never | When::IfAbsent => Err(read_only(attribute)),
            when => self.check_moment(when, attribute),
        }
    }

    /// Whether the object's state is one in which the attribute may be set.
    fn check_moment(&self, when: When, attribute: &Attribute) -> Result<(), Failed> {
        use ObjectState::Held;
        let is_pre_active = self.view.state == Held(State::PreActive);
        let is_before_end = is_pre_active || self.view.state == Held(State::Active);
        let is_free = match when {
            When::Never | When::Always | When::IfAbsent => true,
            When::BeforeActivation => is_pre_active,
            When::BeforeDeactivation => is_before_end,
            When::UntilItComes => {
                is_before_end && self.date(attribute).is_none_or(|date| date > self.now)
            }
            When::BeforeAllocation => {
                let limit = self.view.attributes.usage_limit;
                limit.is_none_or(|limit| self.view.usage_left == Some(limit.total))
            }
        };
        if is_free {
            return Ok(());
        }
        let message = format!("{} cannot be changed any more.", title(attribute));
        Err(Failed::new(ResultReason::WRONG_KEY_LIFECYCLE_STATE, message))
    }

    /// The date of the cryptoperiod that is to be changed, as it is.
    fn date(&self, attribute: &Attribute) -> Option<Wall> {
        match attribute {
            Attribute::ProcessStartDate(_) => self.view.period.recipient_from,
            Attribute::ProtectStopDate(_) => self.view.period.originator_until,
            _ => None,
        }
    }

    fn check_archived(&self) -> Result<(), Failed> {
        match self.view.attributes.archived {
            None => Ok(()),
            Some(_) => {
                let message = "The object is archived; recover it first.";
                Err(Failed::new(ResultReason::OBJECT_ARCHIVED, message))
            }
        }
    }

    /// The change of what the engine knows, if the attribute is such a thing.
    fn fact(&self, attribute: &Attribute) -> Result<Option<Change>, Failed> {
        Ok(Some(match attribute {
            Attribute::ActivationDate(date) => Change::Activation(wall(*date)),
            Attribute::DeactivationDate(date) => Change::Deactivation(Some(wall(*date))),
            Attribute::ProcessStartDate(date) => Change::ProcessStart(Some(wall(*date))),
            Attribute::ProtectStopDate(date) => Change::ProtectStop(Some(wall(*date))),
            Attribute::CryptographicUsageMask(mask) => {
                Change::Purposes(model::object::Purposes(mask.0))
            }
            Attribute::Sensitive(sensitive) => Change::Sensitive(*sensitive),
            Attribute::Extractable(extractable) => Change::Extractable(*extractable),
            Attribute::UsageLimits(limits) => Change::UsageLimit(Some(usage_limit(limits)?)),
            _ => return Ok(None),
        }))
    }
}

/// Whether the attribute is kept as a label, rather than known.
fn is_kept(attribute: &Attribute) -> bool {
    !matches!(
        attribute.standard(),
        Some(Standard::Fresh | Standard::OriginalCreationDate | Standard::RandomNumberGenerator)
    )
}

/// Which of several it is.
pub(crate) fn index_of(instance: &Instance) -> u32 {
    instance.index.and_then(|index| u32::try_from(index).ok()).unwrap_or(0)
}

/// An object is to have the same value twice.
fn twice(attribute: &Attribute) -> Failed {
    let reason = match attribute {
        Attribute::Name(_) => ResultReason::NON_UNIQUE_NAME_ATTRIBUTE,
        _ => ResultReason::INVALID_FIELD,
    };
    Failed::new(reason, format!("The object has that {} already.", title(attribute)))
}
