//! Templates (1.4 sections 2.1.8 and 2.2.6): attributes that other requests name. Deprecated since 1.3, and no
//! more in 2.x.

use std::collections::HashSet;

use engine::op::{GetMaterial, Locate, ObjectView, Wanted};
use kmip::{
    Version,
    attribute::{Attribute, Attributes, Name},
    names::Tag,
    object::Template,
    ttlv,
    wire::Wire as _,
};
use model::{
    Secret, limits,
    object::{Kind, Label},
};

use crate::{attributes, call::Call, failed::Failed};

/// The attributes with those of the templates that they name, which the former have precedence over.
pub(crate) async fn resolved(call: &Call<'_>, mut given: Attributes) -> Result<Attributes, Failed> {
    let mut names = std::mem::take(&mut given.templates);
    if names.len() > limits::KMIP_TEMPLATES_MAX {
        return Err(Failed::field("The request names more than 16 templates."));
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    for name in names {
        let template = found(call, name).await?;
        // What was there before it: of one template all values of an attribute are taken.
        let own: HashSet<_> = given.iter().map(attributes::name_of).collect();
        let more = template.attributes.instances.into_iter();
        given.instances.extend(
            more.filter(|instance| !own.contains(&attributes::name_of(&instance.attribute))),
        );
        if given.instances.len() > limits::LABELS_MAX {
            return Err(Failed::field(
                "The templates have more attributes than an object can have.",
            ));
        }
    }
    Ok(given)
}

async fn found(call: &Call<'_>, name: Name) -> Result<Template, Failed> {
    let (label, value) = attributes::label_of(&Attribute::Name(name));
    let locate = Locate {
        account: call.account(),
        region: call.region(),
        label: Some(Label { name: label, index: 0, value }),
        id: None,
        destroyed: false,
        matches: Box::new(|view: &ObjectView| view.kind == Kind::Template),
        offset: 0,
        limit: 1,
    };
    let located = call.perform(locate).await?;
    let template = located.objects.first().ok_or_else(Failed::not_found)?;
    let read = GetMaterial { object: call.named(template.id), wanted: Wanted::default() };
    kept(&call.perform(read).await?.material)
}

/// A template as it is kept.
pub(crate) fn to_keep(template: Template) -> Result<Secret, Failed> {
    let item = template.write(Tag::TEMPLATE, Version::V1_4);
    ttlv::encode(&item).map_err(|_| Failed::field("The template is too long."))
}

/// A template that was kept.
pub(crate) fn kept(bytes: &Secret) -> Result<Template, Failed> {
    let lost = || Failed::from(model::Error::Internal("a template is not one"));
    let item = ttlv::decode(bytes.expose()).map_err(|_| lost())?;
    Template::read(item, Version::V1_4).map_err(|_| lost())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_given_back_as_it_came() {
        let attributes = Attributes::from_iter([
            Attribute::CryptographicLength(256),
            Attribute::ObjectGroup("g".into()),
        ]);
        let bytes = to_keep(Template { attributes: attributes.clone() });
        let template = bytes.and_then(|bytes| kept(&bytes)).unwrap();
        assert_eq!(template.attributes, attributes);
        assert!(kept(&Secret::new(vec![0; 8])).is_err());
    }
}
