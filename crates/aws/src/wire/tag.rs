//! `TagResource`, `UntagResource`, `ListResourceTags`.

use bytes::Bytes;
use engine::op::{ListResourceTags, Tag, TagResource, UntagResource};
use model::limits;
use serde::Deserialize;

use super::member::{self, Text};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

/// A tag on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry<'a> {
    #[serde(borrow)]
    tag_key: Option<Text<'a>>,
    #[serde(borrow)]
    tag_value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    tags: Option<Vec<Entry<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    tag_keys: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    limit: Option<i32>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

/// Tags with their constraints; `None` when one does not hold.
pub(crate) fn entries(checks: &mut Checks, tags: Vec<Entry<'_>>) -> Option<Vec<Tag>> {
    // All of them are checked, so that all violations are told.
    let checked: Vec<Option<Tag>> = (1..).zip(tags).map(|(i, tag)| entry(checks, i, tag)).collect();
    checked.into_iter().collect()
}

fn entry(checks: &mut Checks, number: usize, tag: Entry<'_>) -> Option<Tag> {
    let path = format!("tags.{number}.member.tagKey");
    let name = checks
        .required(&path, tag.tag_key)
        .and_then(|text| checks.text(&path, text, 1..=limits::TAG_KEY_LEN_MAX));
    let path = format!("tags.{number}.member.tagValue");
    let value = checks
        .required(&path, tag.tag_value)
        .and_then(|text| checks.text(&path, text, 0..=limits::TAG_VALUE_LEN_MAX));
    Some(Tag { name: name?.into_owned(), value: value?.into_owned() })
}

/// Answers `TagResource`.
pub(crate) async fn tag(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: TagInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let tags = checks.required("tags", input.tags).and_then(|tags| entries(&mut checks, tags));
    let (Some(key), Some(tags)) = (key, tags) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    call.perform(TagResource { key, tags }).await?;
    Ok(Bytes::new())
}

/// Answers `UntagResource`.
pub(crate) async fn untag(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: UntagInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let names = checks.required("tagKeys", input.tag_keys).and_then(|names| {
        let checked: Vec<Option<String>> = (1..)
            .zip(names)
            .map(|(i, text): (usize, Text<'_>)| {
                let path = format!("tagKeys.{i}.member");
                checks.text(&path, text, 1..=limits::TAG_KEY_LEN_MAX).map(Text::into_owned)
            })
            .collect();
        checked.into_iter().collect()
    });
    let (Some(key), Some(names)) = (key, names) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    call.perform(UntagResource { key, names }).await?;
    Ok(Bytes::new())
}

/// Answers `ListResourceTags`.
pub(crate) async fn list(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: ListInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let page = member::page(&mut checks, input.limit, input.marker, 50, 50);
    let (Some(key), Some(page)) = (key, page) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let reply = call.perform(ListResourceTags { key, page }).await?;
    let object = Object::new().objects("Tags", &reply.items, |object, tag| {
        object.text("TagKey", &tag.name).text("TagValue", &tag.value)
    });
    Ok(member::page_end(object, reply.next.as_deref()).body())
}
