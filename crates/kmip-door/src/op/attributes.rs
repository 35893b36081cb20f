//! Operations that change attributes (1.4 sections 4.14 to 4.16, 2.1 sections 6.1.2, 6.1.3, 6.1.13,
//! 6.1.34 and 6.1.51).
//!
//! Each reads the object, finds what the table of rules allows, and has the engine change it, which
//! checks once more what depends on the moment.

use engine::op::{Change, ChangeObject, ObjectView};
use kmip::{
    attribute::{Attribute, Instance},
    names::enumeration::ResultReason as R,
    payload::{
        AdjustAttributeRequest, AttributeResponse, DeleteAttributeRequest, ModifyAttributeRequest,
        Named, NewAttributeRequest, Response,
    },
    wire::Identifier,
};

use super::find;
use crate::{
    attributes::{self, Subject, adjusted, index_of, name_of},
    call::Call,
    failed::Failed,
};

/// `AddAttribute`.
pub(crate) async fn add(call: &Call<'_>, request: NewAttributeRequest) -> Result<Response, Failed> {
    let Instance { attribute, index } = request.attribute;
    if index.is_some() {
        return Err(Failed::field("The index of a new attribute is not the client's to say."));
    }
    let view = find::read(call, request.unique_identifier.as_ref()).await?;
    let view = added(call, &view, &attribute).await.map_err(|failed| in_1x(call, failed))?;
    let instances = attributes::instances(&view, &name_of(&attribute));
    let added = instances.into_iter().find(|it| it.attribute == attribute);
    let answer = answer(&view, added.or_else(|| Some(attribute.into())));
    Ok(Response::AddAttribute(Box::new(answer)))
}

/// `ModifyAttribute`.
pub(crate) async fn modify(
    call: &Call<'_>,
    request: ModifyAttributeRequest,
) -> Result<Response, Failed> {
    let new = request.new;
    let view = find::read(call, request.unique_identifier.as_ref()).await?;
    let subject = subject(call, &view);
    subject.may_modify(&new.attribute)?;
    let which = match (call.version.has_attributes_by_tag(), request.current) {
        (false, _) => Which::Index(index_of(&new)),
        (true, Some(current)) if name_of(&current.attribute) != name_of(&new.attribute) => {
            return Err(Failed::field("The current attribute is another than the new one."));
        }
        (true, Some(current)) => Which::Value(current.attribute),
        (true, None) => Which::TheOne,
    };
    let old = which.of(subject.instances(&name_of(&new.attribute))).map_err(|failed| {
        // What is not there at all is not looked for in vain in 1.x, but asked for wrongly.
        match failed.reason {
            R::ATTRIBUTE_NOT_FOUND if !call.version.has_attributes_by_tag() => {
                Failed::field(failed.message)
            }
            _ => failed,
        }
    })?;
    let attribute = completed(&old.attribute, new.attribute);
    let changes = subject.modify(&old, &attribute).map_err(|failed| in_1x(call, failed))?;
    let view = change(call, &view, changes).await.map_err(|failed| in_1x(call, failed))?;
    let modified = Instance { attribute, index: old.index };
    Ok(Response::ModifyAttribute(Box::new(answer(&view, Some(modified)))))
}

/// `DeleteAttribute`.
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteAttributeRequest,
) -> Result<Response, Failed> {
    let view = find::read(call, request.unique_identifier.as_ref()).await?;
    let subject = subject(call, &view);
    let by_tag = call.version.has_attributes_by_tag();
    let deleted = match (request.current, request.name) {
        (Some(current), _) => {
            subject.may_delete(&current.attribute)?;
            let instances = subject.instances(&name_of(&current.attribute));
            vec![Which::Value(current.attribute).of(instances)?]
        }
        (None, Some(name)) => {
            let instances = subject.instances(&name);
            let first = instances.first().ok_or_else(no_such)?;
            subject.may_delete(&first.attribute)?;
            // 2.x means all of them, 1.x one.
            match by_tag {
                true => instances,
                false => {
                    let index = u32::try_from(request.index.unwrap_or(0)).unwrap_or(u32::MAX);
                    vec![Which::Index(index).of(instances)?]
                }
            }
        }
        (None, None) => return Err(Failed::field("No attribute is named.")),
    };
    let changes = deleted.iter().map(|it| subject.delete(it)).collect::<Result<Vec<_>, _>>()?;
    let view = change(call, &view, changes).await?;
    let answer = answer(&view, deleted.into_iter().next());
    Ok(Response::DeleteAttribute(Box::new(answer)))
}

/// `SetAttribute`: adds the attribute, or modifies the one that there is.
pub(crate) async fn set(call: &Call<'_>, request: NewAttributeRequest) -> Result<Response, Failed> {
    let view = find::read(call, request.unique_identifier.as_ref()).await?;
    let unique_identifier = put(call, &view, request.attribute.attribute).await?;
    Ok(Response::SetAttribute(Box::new(Named { unique_identifier })))
}

/// `AdjustAttribute`.
pub(crate) async fn adjust(
    call: &Call<'_>,
    request: AdjustAttributeRequest,
) -> Result<Response, Failed> {
    let name = request.name.ok_or_else(|| Failed::field("No attribute is named."))?;
    let view = find::read(call, request.unique_identifier.as_ref()).await?;
    let old = one(subject(call, &view).instances(&name))?;
    let attribute = adjusted(
        &name,
        old.map(|old| old.attribute),
        request.adjustment_type,
        request.adjustment_value,
    )?;
    let unique_identifier = put(call, &view, attribute).await?;
    Ok(Response::AdjustAttribute(Box::new(Named { unique_identifier })))
}

/// Gives an object the one value that it has of an attribute.
async fn put(
    call: &Call<'_>,
    view: &ObjectView,
    attribute: Attribute,
) -> Result<Identifier, Failed> {
    let subject = subject(call, view);
    let view = match one(subject.instances(&name_of(&attribute)))? {
        None => added(call, view, &attribute).await?,
        Some(old) => {
            let attribute = completed(&old.attribute, attribute);
            let changes = subject.modify(&old, &attribute).map_err(newly)?;
            change(call, view, changes).await?
        }
    };
    Ok(Identifier::Text(view.name.id.to_string()))
}

/// Gives an object an attribute that it does not have.
async fn added(
    call: &Call<'_>,
    view: &ObjectView,
    attribute: &Attribute,
) -> Result<ObjectView, Failed> {
    let changes = subject(call, view).add(attribute).map_err(newly)?;
    change(call, view, changes).await.map_err(|failed| match failed.reason {
        // Another request came between.
        R::NON_UNIQUE_NAME_ATTRIBUTE if !attributes::is_many(attribute) => {
            attributes::single_valued(attribute)
        }
        _ => failed,
    })
}

/// The instance that there is, of at most one.
fn one(instances: Vec<Instance>) -> Result<Option<Instance>, Failed> {
    if instances.len() > 1 {
        let message = "The object has several of the attribute.";
        return Err(Failed::new(R::MULTI_VALUED_ATTRIBUTE, message));
    }
    Ok(instances.into_iter().next())
}

fn subject<'a>(call: &Call<'_>, view: &'a ObjectView) -> Subject<'a> {
    Subject { view, now: call.at.wall }
}

async fn change(
    call: &Call<'_>,
    view: &ObjectView,
    changes: Vec<Change>,
) -> Result<ObjectView, Failed> {
    let object = call.named(view.name.id);
    call.perform(ChangeObject { object, changes }).await
}

fn answer(view: &ObjectView, attribute: Option<Instance>) -> AttributeResponse {
    let unique_identifier = Identifier::Text(view.name.id.to_string());
    AttributeResponse { unique_identifier, attribute }
}

/// Which of the instances of an attribute.
enum Which {
    /// The one of that index.
    Index(u32),
    /// The one of that value.
    Value(Attribute),
    /// The only one.
    TheOne,
}

impl Which {
    fn of(self, instances: Vec<Instance>) -> Result<Instance, Failed> {
        if instances.is_empty() {
            return Err(no_such());
        }
        let is_one = instances.len() == 1;
        let found = instances.into_iter().find(|it| match &self {
            Self::Index(index) => index_of(it) == *index,
            Self::Value(value) => it.attribute == *value,
            Self::TheOne => is_one,
        });
        let message = "It is not said, or not to be found, which of the attribute is meant.";
        found.ok_or_else(|| Failed::new(R::ATTRIBUTE_INSTANCE_NOT_FOUND, message))
    }
}

fn no_such() -> Failed {
    Failed::new(R::ATTRIBUTE_NOT_FOUND, "The object has no such attribute.")
}

/// What a new value does not say of the old one: the unit of usage limits.
fn completed(old: &Attribute, new: Attribute) -> Attribute {
    match (old, new) {
        (Attribute::UsageLimits(old), Attribute::UsageLimits(mut new)) => {
            new.unit = new.unit.or(old.unit);
            Attribute::UsageLimits(new)
        }
        (_, new) => new,
    }
}

/// The operations that may give an attribute its first value call one that is not the client's
/// otherwise (2.1 sections 6.1.2.1, 6.1.3.1 and 6.1.51.1).
fn newly(failed: Failed) -> Failed {
    match failed.reason {
        R::ATTRIBUTE_READ_ONLY => Failed { reason: R::READ_ONLY_ATTRIBUTE, ..failed },
        _ => failed,
    }
}

/// 1.x calls what is there already illegal (1.4 sections 11.15 and 11.16).
fn in_1x(call: &Call<'_>, failed: Failed) -> Failed {
    match failed.reason {
        R::ATTRIBUTE_SINGLE_VALUED | R::NON_UNIQUE_NAME_ATTRIBUTE
            if !call.version.has_attributes_by_tag() =>
        {
            Failed { reason: R::ILLEGAL_OPERATION, ..failed }
        }
        _ => failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::example::{labelled, name};

    fn instances(values: &[&str]) -> Vec<Instance> {
        let view = labelled(&values.iter().map(|value| name(value)).collect::<Vec<_>>());
        attributes::instances(&view, &name_of(&name("")))
    }

    fn found(which: Which, values: &[&str]) -> Result<Attribute, R> {
        which.of(instances(values)).map(|it| it.attribute).map_err(|failed| failed.reason)
    }

    #[test]
    fn an_instance_is_said_by_its_index_or_its_value_or_is_the_only_one() {
        assert_eq!(found(Which::Index(1), &["a", "b"]), Ok(name("b")));
        assert_eq!(found(Which::Value(name("b")), &["a", "b"]), Ok(name("b")));
        assert_eq!(found(Which::TheOne, &["a"]), Ok(name("a")));
        let none = Err(R::ATTRIBUTE_INSTANCE_NOT_FOUND);
        assert_eq!(found(Which::Index(2), &["a", "b"]), none);
        assert_eq!(found(Which::Value(name("c")), &["a", "b"]), none);
        assert_eq!(found(Which::TheOne, &["a", "b"]), none);
        assert_eq!(found(Which::TheOne, &[]), Err(R::ATTRIBUTE_NOT_FOUND));
    }

    #[test]
    fn of_several_none_is_set() {
        assert!(matches!(one(instances(&[])), Ok(None)));
        assert!(matches!(one(instances(&["a"])), Ok(Some(_))));
        let refused = one(instances(&["a", "b"])).unwrap_err();
        assert_eq!(refused.reason, R::MULTI_VALUED_ATTRIBUTE);
    }
}
