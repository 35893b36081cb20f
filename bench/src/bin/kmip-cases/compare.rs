//! Whether an answer is the one that a case has.
//!
//! The fields of a structure may come in any order; the items of a batch may not. Where several
//! fields have one tag, each of the case's is paired with one of the answer's, and another is tried
//! when the rest does not fit.

use kmip::names::Tag;

use crate::{
    tree::{Content, Leaf, LeafContent, Node},
    values::Values,
    variations::{Objects, Variations},
};

/// The moments that `$NOW` may be in an answer, in seconds since 1970: from the first to the last.
#[derive(Clone, Copy)]
pub(crate) struct Now(pub(crate) i64, pub(crate) i64);

/// Compares the answer to a request with the case's, and keeps what can be learnt from it.
/// Answers what there was beyond the case's, where that is allowed.
///
/// # Errors
/// What differs, in words.
pub(crate) fn compare(
    request: &Node,
    expected: &Node,
    actual: &Node,
    values: &mut Values,
    objects: &mut Objects,
    now: Now,
) -> Result<Vec<String>, String> {
    let mut beyond = Vec::new();
    if actual.tag != expected.tag {
        return Err(format!("{:?} instead of {:?}", actual.tag, expected.tag));
    }
    let items = |message: &Node| -> (Vec<Node>, Vec<Node>) {
        message.fields().iter().cloned().partition(|field| field.tag == Tag::BATCH_ITEM)
    };
    let (expected_items, expected_rest) = items(expected);
    let (actual_items, actual_rest) = items(actual);
    let mut pairs =
        Pairs { values: &mut *values, variations: Variations::default(), now, beyond: &mut beyond };
    let told = |why| match complaint(&expected_items, &actual_items) {
        Some(complaint) => format!("{why}; {complaint}"),
        None => why,
    };
    pairs.fields(expected, &expected_rest, &actual_rest).map_err(told)?;
    if actual_items.len() != expected_items.len() {
        let (has, shall) = (actual_items.len(), expected_items.len());
        return Err(told(format!("{has} items in the batch instead of {shall}")));
    }
    let requests = request.fields().iter().filter(|field| field.tag == Tag::BATCH_ITEM);
    for (request, (expected, actual)) in requests.zip(expected_items.iter().zip(&actual_items)) {
        let variations = Variations::of(request, expected, actual, objects);
        let mut pairs = Pairs { values: &mut *values, variations, now, beyond: &mut beyond };
        pairs.fields(expected, expected.fields(), actual.fields()).map_err(told)?;
        objects.see(request, actual);
    }
    values.see(actual);
    Ok(beyond)
}

/// The pairs that are being found.
struct Pairs<'a> {
    values: &'a mut Values,
    variations: Variations,
    now: Now,
    beyond: &'a mut Vec<String>,
}

impl Pairs<'_> {
    /// Pairs all of `expected` with all of `actual`, fields of `parent`.
    fn fields(&mut self, parent: &Node, expected: &[Node], actual: &[Node]) -> Result<(), String> {
        self.rest(parent, expected, actual, &mut vec![false; actual.len()])
    }

    /// Pairs `expected` with those of `actual` that are not yet `taken`.
    fn rest(
        &mut self,
        parent: &Node,
        expected: &[Node],
        actual: &[Node],
        taken: &mut [bool],
    ) -> Result<(), String> {
        let Some((first, rest)) = expected.split_first() else {
            return self.left(parent, actual, taken);
        };
        let (mark, beyond) = (self.values.mark(), self.beyond.len());
        let mut of_rest = None;
        for at in 0..actual.len() {
            if taken[at] || actual[at].tag != first.tag {
                continue;
            }
            if self.node(parent, first, &actual[at]).is_ok() {
                taken[at] = true;
                match self.rest(parent, rest, actual, taken) {
                    Ok(()) => return Ok(()),
                    Err(why) => of_rest = of_rest.or(Some(why)),
                }
                taken[at] = false;
            }
            self.values.back_to(mark);
            self.beyond.truncate(beyond);
        }
        if self.variations.may_lack(first) {
            return self.rest(parent, rest, actual, taken);
        }
        Err(of_rest.unwrap_or_else(|| self.why_not(parent, first, actual, taken)))
    }

    /// Whether what has no partner may be there.
    fn left(&mut self, parent: &Node, actual: &[Node], taken: &[bool]) -> Result<(), String> {
        for field in actual.iter().zip(taken).filter(|(_, taken)| !**taken).map(|(field, _)| field)
        {
            if !self.variations.may_have(parent, field) {
                return Err(format!("{field} is not in the case"));
            }
            self.beyond.push(field.to_string());
        }
        Ok(())
    }

    /// Why a field has no partner: in what the one differs that is most like it, if any is.
    fn why_not(&mut self, parent: &Node, field: &Node, actual: &[Node], taken: &[bool]) -> String {
        // What something is comes before what it is like.
        let likeness = |other: &Node| {
            let pairs = field.fields().iter().zip(other.fields());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let of_tag = |(other, taken): &(&Node, &bool)| !**taken && other.tag == field.tag;
        let others: Vec<&Node> =
            actual.iter().zip(taken).filter(of_tag).map(|(other, _)| other).collect();
        let is_alone = parent.fields().iter().filter(|its| its.tag == field.tag).count() == 1;
        let nearest = others.iter().max_by_key(|other| likeness(other));
        let nearest = nearest.filter(|other| is_alone || likeness(other) > 0);
        let mark = self.values.mark();
        let why = nearest.and_then(|other| self.node(parent, field, other).err());
        self.values.back_to(mark);
        why.unwrap_or_else(|| format!("{field} is missing"))
    }

    fn node(&mut self, parent: &Node, expected: &Node, actual: &Node) -> Result<(), String> {
        let within = |why| format!("{:?}/{why}", expected.tag);
        match (&expected.content, &actual.content) {
            _ if self.variations.is_any(expected) => Ok(()),
            (Content::Fields(fields), Content::Fields(others)) => {
                let Some(essence) = self.variations.essence(parent, expected) else {
                    return self.fields(expected, fields, others).map_err(within);
                };
                match essence.iter().find(|tag| actual.field(**tag).is_none()) {
                    Some(tag) => Err(within(format!("{tag:?} is missing"))),
                    None => Ok(()),
                }
            }
            (Content::Leaf(leaf), Content::Leaf(other)) => {
                if self.leaf(expected.tag, leaf, other) {
                    return Ok(());
                }
                let shall = match &leaf.content {
                    LeafContent::Variable(name) => self.values.variable(name).unwrap_or(leaf),
                    _ => self.values.choice(leaf).unwrap_or(leaf),
                };
                let [has, shall] = [other, shall].map(|leaf| leaf.named(naming(parent, expected)));
                Err(format!("{:?} is {has} instead of {shall}", expected.tag))
            }
            _ => Err(format!("{actual} instead of {expected}")),
        }
    }

    /// Whether a value is the one that the case has, or becomes it.
    fn leaf(&mut self, tag: Tag, expected: &Leaf, actual: &Leaf) -> bool {
        if expected.kind != actual.kind {
            return false;
        }
        match (&expected.content, &actual.content) {
            (LeafContent::Now(offset), LeafContent::Number(moment)) => {
                let Now(first, last) = self.now;
                (first + offset..=last + offset).contains(moment)
            }
            (LeafContent::Variable(name), _) => match self.values.variable(name) {
                Some(value) => value == actual,
                None => {
                    self.values.set_variable(name, actual);
                    true
                }
            },
            (LeafContent::Bytes(bytes), LeafContent::Bytes(others)) => {
                if let Some(choice) = self.values.choice(expected) {
                    return choice == actual;
                }
                if !self.variations.is_chosen(tag) || self.values.was_sent(expected) {
                    return bytes == others;
                }
                self.values.set_choice(expected, actual);
                bytes.len() == others.len()
            }
            _ => expected == actual,
        }
    }
}

/// The tag whose names the numbers of a field have: in 1.x an attribute's name says it.
fn naming(parent: &Node, field: &Node) -> Tag {
    let name = parent.text(Tag::ATTRIBUTE_NAME).filter(|_| field.tag == Tag::ATTRIBUTE_VALUE);
    name.and_then(|name| Tag::named(&name.replace(' ', ""))).unwrap_or(field.tag)
}

/// What an answer says of its first failure, if the case has none there.
fn complaint(expected: &[Node], actual: &[Node]) -> Option<String> {
    let failed = |item: &Node| item.field(Tag::RESULT_REASON).is_some();
    let at = actual.iter().position(failed)?;
    if expected.get(at).is_some_and(failed) {
        return None;
    }
    let reason = actual[at].field(Tag::RESULT_REASON)?.leaf()?.named(Tag::RESULT_REASON);
    let message = actual[at].text(Tag::RESULT_MESSAGE).unwrap_or_default();
    Some(format!("the server says {reason}: {message}"))
}
