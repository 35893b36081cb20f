//! What a client may change of an object's attributes, by the table of rules, as changes of the
//! engine's.

use engine::op::{Change, ObjectState, ObjectView};
use kmip::{
    attribute::{Attribute, AttributeName, Instance, Maker, Standard, When},
    names::enumeration::ResultReason,
};
use model::{Wall, key::State, object::Label};

use super::{
    algorithm_and_length, check_quantum_safe, check_value, instances, is_many, label_name,
    label_of, link, name_of, read_only, single_valued, title, usage_limit, wall,
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
        self.check_value(attribute)?;
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
        Ok(vec![match is_many(attribute) {
            true => Change::AddLabel(name, value),
            false => Change::AddOnlyLabel(name, value),
        }])
    }

    /// Gives an instance that the object has another value.
    pub(crate) fn modify(
        &self,
        old: &Instance,
        attribute: &Attribute,
    ) -> Result<Vec<Change>, Failed> {
        self.check_value(attribute)?;
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

    /// Whether the value is one that the object can have.
    fn check_value(&self, attribute: &Attribute) -> Result<(), Failed> {
        check_value(attribute)?;
        if *attribute == Attribute::QuantumSafe(true) {
            let (algorithm, length) = algorithm_and_length(self.view);
            let bits = length.and_then(|length| u32::try_from(length).ok());
            return match algorithm.zip(bits) {
                Some((algorithm, bits)) => check_quantum_safe(algorithm, bits),
                None => Err(Failed::field("It is not known whether the object is quantum safe.")),
            };
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use kmip::{
        attribute::{CryptographicDomainParameters, Link as Linked, UsageLimits},
        names::enumeration::{CryptographicUsageMask, LinkType, UsageLimitsUnit},
        wire::{DateTime, Identifier, Interval},
    };
    use model::{
        KeyId,
        object::{Label, LimitUnit, Link, UsageLimit},
    };

    use super::*;
    use crate::attributes::example::{MADE, key, labelled, name};

    fn subject(view: &ObjectView) -> Subject<'_> {
        Subject { view, now: MADE }
    }

    fn in_state(state: State) -> ObjectView {
        ObjectView { state: ObjectState::Held(state), ..key() }
    }

    fn add(view: &ObjectView, attribute: Attribute) -> Result<Vec<Change>, ResultReason> {
        subject(view).add(&attribute).map_err(|failed| failed.reason)
    }

    /// Another value for the first instance that there is.
    fn modify(view: &ObjectView, attribute: Attribute) -> Result<Vec<Change>, ResultReason> {
        let old = instances(view, &name_of(&attribute)).remove(0);
        subject(view).modify(&old, &attribute).map_err(|failed| failed.reason)
    }

    fn delete(view: &ObjectView, attribute: Attribute) -> Result<Change, ResultReason> {
        subject(view).delete(&attribute.into()).map_err(|failed| failed.reason)
    }

    const READ_ONLY: ResultReason = ResultReason::ATTRIBUTE_READ_ONLY;
    const WRONG_STATE: ResultReason = ResultReason::WRONG_KEY_LIFECYCLE_STATE;

    #[test]
    fn what_may_never_be_changed_is_read_only() {
        use kmip::names::enumeration as e;
        let view = labelled(&[Attribute::CertificateLength(5)]);
        assert_eq!(modify(&view, Attribute::CertificateLength(6)).unwrap_err(), READ_ONLY);
        assert_eq!(modify(&view, Attribute::State(e::State::ACTIVE)).unwrap_err(), READ_ONLY);
        let mask = Attribute::CryptographicUsageMask(CryptographicUsageMask(1));
        assert_eq!(modify(&view, mask).unwrap_err(), READ_ONLY);
        assert_eq!(modify(&view, Attribute::Fresh(false)).unwrap_err(), READ_ONLY);
        assert_eq!(add(&view, Attribute::DestroyDate(DateTime(1))).unwrap_err(), READ_ONLY);
        assert_eq!(delete(&view, Attribute::Sensitive(false)).unwrap_err(), READ_ONLY);
        assert_eq!(delete(&view, Attribute::ActivationDate(DateTime(1))).unwrap_err(), READ_ONLY);
    }

    #[test]
    fn what_there_is_one_of_is_added_once() {
        let description = |text: &str| Attribute::Description(text.into());
        let view = labelled(&[description("a"), name("n")]);
        let refused = add(&view, description("b")).unwrap_err();
        assert_eq!(refused, ResultReason::ATTRIBUTE_SINGLE_VALUED);
        let refused = add(&view, name("n")).unwrap_err();
        assert_eq!(refused, ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
        assert!(matches!(&add(&view, name("m")).unwrap()[..], [Change::AddLabel(..)]));
        assert!(matches!(&add(&key(), description("b")).unwrap()[..], [Change::AddOnlyLabel(..)]));
    }

    #[test]
    fn a_client_may_say_once_what_it_may_not_change() {
        let domain = |q| {
            let parameters =
                CryptographicDomainParameters { q_length: Some(q), recommended_curve: None };
            Attribute::CryptographicDomainParameters(parameters)
        };
        assert!(add(&key(), domain(1)).is_ok());
        assert_eq!(modify(&labelled(&[domain(1)]), domain(2)).unwrap_err(), READ_ONLY);
        let interval = Attribute::RotateInterval(Interval(1));
        assert!(add(&key(), interval).is_ok());
    }

    #[test]
    fn an_activation_date_is_changed_while_the_object_is_pre_active() {
        let date = || Attribute::ActivationDate(DateTime(5));
        assert!(matches!(add(&key(), date()).unwrap()[..], [Change::Activation(_)]));
        let mut active = in_state(State::Active);
        active.life.activation = Some(MADE);
        assert_eq!(modify(&active, date()).unwrap_err(), WRONG_STATE);
    }

    #[test]
    fn a_deactivation_date_is_changed_until_it_has_come() {
        let date = || Attribute::DeactivationDate(DateTime(5));
        assert!(add(&in_state(State::Active), date()).is_ok());
        for state in [State::Deactivated, State::Compromised] {
            assert_eq!(add(&in_state(state), date()).unwrap_err(), WRONG_STATE);
        }
    }

    #[test]
    fn a_cryptoperiod_is_changed_until_its_date_has_come() {
        let date = || Attribute::ProtectStopDate(DateTime(5));
        let mut view = in_state(State::Active);
        view.period.originator_until = Some(MADE.plus_secs(1));
        assert!(matches!(modify(&view, date()).unwrap()[..], [Change::ProtectStop(_)]));
        view.period.originator_until = Some(MADE);
        assert_eq!(modify(&view, date()).unwrap_err(), WRONG_STATE);
        assert_eq!(add(&in_state(State::Deactivated), date()).unwrap_err(), WRONG_STATE);
    }

    #[test]
    fn usage_limits_are_changed_until_some_of_them_is_used() {
        let limits = |total| {
            let unit = Some(UsageLimitsUnit::OBJECT);
            Attribute::UsageLimits(UsageLimits { total, count: None, unit })
        };
        let mut view = key();
        assert!(add(&view, limits(3)).is_ok());
        view.attributes.usage_limit = Some(UsageLimit { total: 3, unit: LimitUnit::Calls });
        view.usage_left = Some(3);
        let changes = modify(&view, limits(4)).unwrap();
        let expected = UsageLimit { total: 4, unit: LimitUnit::Calls };
        assert!(matches!(changes[..], [Change::UsageLimit(Some(limit))] if limit == expected));
        assert!(matches!(delete(&view, limits(3)), Ok(Change::UsageLimit(None))));
        view.usage_left = Some(2);
        assert_eq!(modify(&view, limits(4)).unwrap_err(), WRONG_STATE);
        assert_eq!(delete(&view, limits(3)).unwrap_err(), WRONG_STATE);
    }

    #[test]
    fn an_instance_is_changed_and_deleted_by_its_index() {
        let view = labelled(&[name("a"), name("b")]);
        let old = instances(&view, &name_of(&name("b"))).remove(1);
        let changes = subject(&view).modify(&old, &name("c")).unwrap();
        let (label, value) = label_of(&name("c"));
        let expected = Label { name: label, index: 1, value };
        assert!(matches!(&changes[..], [Change::SetLabel(label)] if *label == expected));
        let gone = subject(&view).delete(&old).unwrap();
        assert!(matches!(gone, Change::RemoveLabel(name, Some(1)) if name == "Name"));
        let same = subject(&view).modify(&old, &name("a")).unwrap_err();
        assert_eq!(same.reason, ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
        assert!(subject(&view).modify(&old, &name("b")).unwrap().is_empty());
    }

    #[test]
    fn links_are_added_replaced_and_removed() {
        let [a, b] = [1, 2].map(|byte| KeyId::from_random([byte; 16]));
        let linked = |to: KeyId| {
            let linked = Identifier::Text(to.to_string());
            Attribute::Link(Linked { kind: LinkType::PARENT_LINK, linked })
        };
        let mut view = key();
        let link = |to| Link { kind: 0x108, to };
        assert!(
            matches!(&add(&view, linked(a)).unwrap()[..], [Change::AddLink(it)] if *it == link(a))
        );
        view.attributes.links.push(link(a));
        assert_eq!(add(&view, linked(a)).unwrap_err(), ResultReason::INVALID_FIELD);
        assert!(matches!(
            &modify(&view, linked(b)).unwrap()[..],
            [Change::RemoveLink(old), Change::AddLink(new)] if (old, new) == (&link(a), &link(b))
        ));
        assert!(matches!(delete(&view, linked(a)), Ok(Change::RemoveLink(it)) if it == link(a)));
    }

    #[test]
    fn a_short_key_is_not_said_to_be_quantum_safe() {
        let safe = Attribute::QuantumSafe(true);
        assert_eq!(add(&key(), safe.clone()).unwrap_err(), ResultReason::GENERAL_FAILURE);
        assert!(add(&key(), Attribute::QuantumSafe(false)).is_ok());
        let spec = model::algorithm::Spec::Raw(model::algorithm::RawSpec::Aes256);
        let mut view = ObjectView { spec, ..key() };
        view.attributes.bits = 256;
        assert!(add(&view, safe).is_ok());
    }
}
