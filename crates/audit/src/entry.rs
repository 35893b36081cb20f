//! One entry: who asked for what, when, from where, and how it ended.
//!
//! An entry is binary with a length before each text, so no content of a field can end a field
//! or an entry. Whoever prints one escapes its texts as the output needs.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use model::{
    AccountId, Action, EncryptionContext, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
    claim::{Door, RequestId},
};

/// The format that [`Entry`] is written in.
const FORMAT: u8 = 1;

/// What nearly every leaf has room in.
pub(crate) const LEAF_LEN_USUAL: usize = 492;

/// The most bytes of one text in an entry; a longer one is cut and ends in `…`.
pub const TEXT_LEN_MAX: usize = 1024;
/// The most resources in an entry; what is beyond is left out.
pub const RESOURCES_MAX: usize = 24;
/// The most context pairs in an entry; what is beyond is left out.
pub const CONTEXT_MAX: usize = 12;

/// The identity of an entry: random, and the same wherever the entry is kept.
pub type EntryId = [u8; 16];

/// Where an entry stands in the log.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The index of its leaf, counted from 0.
    pub index: u64,
}

/// What an entry says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The entry's own id, by which a replay is told from a new entry.
    pub id: EntryId,
    /// When the request was decided.
    pub time: Wall,
    /// The account whose objects were asked for; none when identification failed before that.
    pub account: Option<AccountId>,
    /// Who asked, as an ARN; none when identification failed.
    pub principal: Option<Arc<str>>,
    /// The door the request came through.
    pub door: Door,
    /// The peer's address.
    pub source: IpAddr,
    /// What was asked for.
    pub action: Action,
    /// What it was asked of: key ids and aliases, with versions.
    pub resources: Vec<String>,
    /// The encryption context, which is public by definition; at most [`CONTEXT_MAX`] pairs.
    pub context: Vec<(String, String)>,
    /// How it ended.
    pub outcome: Outcome,
    /// The request's id, as the caller was told it.
    pub request: RequestId,
}

/// How a request ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was permitted and done.
    Allowed,
    /// It was refused; the code says by what.
    Denied(Cow<'static, str>),
    /// It was permitted and failed; the code says how.
    Failed(Cow<'static, str>),
}

impl Entry {
    /// Reads an entry back. Anything that [`Leaf::to_leaf`] would not have made is refused.
    pub fn from_leaf(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::from_canonical(bytes)
    }

    /// The names and values of its fields, in order, for a printer. Absent fields are left out;
    /// `resource` may come several times, and a context pair is `context.<name>`.
    pub fn fields(&self) -> impl Iterator<Item = (Cow<'static, str>, Cow<'_, str>)> {
        let (outcome, code) = match &self.outcome {
            Outcome::Allowed => ("allowed", None),
            Outcome::Denied(code) => ("denied", Some(code)),
            Outcome::Failed(code) => ("failed", Some(code)),
        };
        let fixed = [
            ("id", Some(Cow::from(uuid(&self.id)))),
            ("time", Some(self.time.to_iso8601().into())),
            ("account", self.account.map(|account| account.to_string().into())),
            ("principal", self.principal.as_deref().map(Cow::from)),
            ("door", Some(door_name(self.door).into())),
            ("source", Some(self.source.to_string().into())),
            ("action", Some(self.action.name().into())),
            ("outcome", Some(outcome.into())),
            ("code", code.map(|code| Cow::from(&**code))),
            ("request", Some(uuid(&self.request.0).into())),
        ];
        let resources = self.resources.iter().map(|name| (Cow::from("resource"), Cow::from(name)));
        let context =
            self.context.iter().map(|(n, v)| (Cow::from(format!("context.{n}")), Cow::from(v)));
        fixed
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (Cow::from(name), value)))
            .chain(resources)
            .chain(context)
    }
}

/// An [`Entry`] that is about to be written, in the words of whoever has them: nothing is copied
/// but into the journal.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The entry's own id.
    pub id: EntryId,
    /// When the request was decided.
    pub time: Wall,
    /// The account whose objects were asked for.
    pub account: Option<AccountId>,
    /// Who asked, as an ARN.
    pub principal: Option<&'a str>,
    /// The door the request came through.
    pub door: Door,
    /// The peer's address.
    pub source: IpAddr,
    /// What was asked for.
    pub action: Action,
    /// What it was asked of.
    pub resources: &'a [&'a str],
    /// The encryption context, of which [`CONTEXT_MAX`] pairs are written.
    pub context: Option<&'a EncryptionContext>,
    /// How it ended.
    pub outcome: Outcome,
    /// The request's id.
    pub request: RequestId,
}

/// What can be appended to the log.
pub trait Leaf {
    /// Appends the leaf's bytes.
    fn write_leaf(&self, to: &mut Writer);

    /// The bytes that become the leaf: the canonical encoding, with texts and lists beyond their
    /// limits cut, so that it always fits in an entry bundle (65,535 bytes).
    fn to_leaf(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(LEAF_LEN_USUAL);
        self.write_leaf(&mut writer);
        writer.into_bytes()
    }
}

impl Leaf for Entry {
    fn write_leaf(&self, to: &mut Writer) {
        self.write(to);
    }
}

impl Leaf for Statement<'_> {
    fn write_leaf(&self, to: &mut Writer) {
        let head = Head {
            id: &self.id,
            time: self.time,
            account: self.account.as_ref(),
            principal: self.principal,
            door: self.door,
            source: self.source,
            action: self.action,
        };
        head.write(to);
        write_resources(to, self.resources.iter().copied());
        match self.context {
            Some(context) => write_context(to, context.pairs()),
            None => to.count(0),
        }
        write_tail(to, &self.outcome, self.request);
    }
}

/// The fields before the lists.
struct Head<'a> {
    id: &'a EntryId,
    time: Wall,
    account: Option<&'a AccountId>,
    principal: Option<&'a str>,
    door: Door,
    source: IpAddr,
    action: Action,
}

impl Head<'_> {
    fn write(&self, to: &mut Writer) {
        to.u8(FORMAT);
        to.fixed(self.id);
        to.u64(self.time.0);
        to.option(self.account, |to, account| to.text(account.as_str()));
        to.option(self.principal, write_text);
        to.u8(door_code(self.door));
        write_address(to, self.source);
        to.u8(self.action.code());
    }
}

fn write_resources<'a>(to: &mut Writer, names: impl ExactSizeIterator<Item = &'a str>) {
    to.count(names.len().min(RESOURCES_MAX));
    names.take(RESOURCES_MAX).for_each(|name| write_text(to, name));
}

fn write_context<'a>(to: &mut Writer, pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
    to.count(pairs.len().min(CONTEXT_MAX));
    pairs.take(CONTEXT_MAX).for_each(|(name, value)| {
        write_text(to, name);
        write_text(to, value);
    });
}

fn write_tail(to: &mut Writer, outcome: &Outcome, request: RequestId) {
    match outcome {
        Outcome::Allowed => to.u8(0),
        Outcome::Denied(code) => {
            to.u8(1);
            write_text(to, code);
        }
        Outcome::Failed(code) => {
            to.u8(2);
            write_text(to, code);
        }
    }
    to.fixed(&request.0);
}

impl Canonical for Entry {
    fn write(&self, to: &mut Writer) {
        let head = Head {
            id: &self.id,
            time: self.time,
            account: self.account.as_ref(),
            principal: self.principal.as_deref(),
            door: self.door,
            source: self.source,
            action: self.action,
        };
        head.write(to);
        write_resources(to, self.resources.iter().map(String::as_str));
        write_context(to, self.context.iter().map(|(name, value)| (&**name, &**value)));
        write_tail(to, &self.outcome, self.request);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.u8()? != FORMAT {
            return Err(Malformed);
        }
        let id = from.array()?;
        let time = Wall(from.u64()?);
        let account = from.option(|from| read_text(from)?.parse().map_err(|_| Malformed))?;
        let principal = from.option(|from| read_text(from).map(Arc::from))?;
        let door = door_of_code(from.u8()?)?;
        let source = read_address(from)?;
        let action = Action::from_code(from.u8()?).ok_or(Malformed)?;
        let resources = from.list(|from| read_text(from).map(String::from))?;
        let context = from.list(|from| Ok((read_text(from)?.into(), read_text(from)?.into())))?;
        if resources.len() > RESOURCES_MAX || context.len() > CONTEXT_MAX {
            return Err(Malformed);
        }
        let outcome = match from.u8()? {
            0 => Outcome::Allowed,
            1 => Outcome::Denied(read_text(from)?.to_owned().into()),
            2 => Outcome::Failed(read_text(from)?.to_owned().into()),
            _ => return Err(Malformed),
        };
        let request = RequestId(from.array()?);
        Ok(Self {
            id,
            time,
            account,
            principal,
            door,
            source,
            action,
            resources,
            context,
            outcome,
            request,
        })
    }
}

/// The id of the entry that a leaf is, without reading the rest.
pub(crate) fn entry_id(leaf: &[u8]) -> Option<EntryId> {
    leaf.get(1..)?.first_chunk().copied()
}

/// A text, cut to its limit at a character boundary.
fn write_text(to: &mut Writer, text: &str) {
    const MARK: &str = "…";
    if text.len() <= TEXT_LEN_MAX {
        return to.text(text);
    }
    let kept = &text[..text.floor_char_boundary(TEXT_LEN_MAX - MARK.len())];
    to.count(kept.len() + MARK.len());
    to.fixed(kept.as_bytes());
    to.fixed(MARK.as_bytes());
}

fn read_text<'a>(from: &mut Reader<'a>) -> Result<&'a str, Malformed> {
    from.text().and_then(|text| if text.len() > TEXT_LEN_MAX { Err(Malformed) } else { Ok(text) })
}

fn write_address(to: &mut Writer, address: IpAddr) {
    match address {
        IpAddr::V4(v4) => {
            to.u8(4);
            to.fixed(&v4.octets());
        }
        IpAddr::V6(v6) => {
            to.u8(6);
            to.fixed(&v6.octets());
        }
    }
}

fn read_address(from: &mut Reader<'_>) -> Result<IpAddr, Malformed> {
    match from.u8()? {
        4 => from.array::<4>().map(|octets| Ipv4Addr::from(octets).into()),
        6 => from.array::<16>().map(|octets| Ipv6Addr::from(octets).into()),
        _ => Err(Malformed),
    }
}

const fn door_code(door: Door) -> u8 {
    match door {
        Door::System => 0,
        Door::Aws => 1,
        Door::Api => 2,
        Door::Kmip => 3,
        Door::Sts => 4,
    }
}

const fn door_of_code(code: u8) -> Result<Door, Malformed> {
    match code {
        0 => Ok(Door::System),
        1 => Ok(Door::Aws),
        2 => Ok(Door::Api),
        3 => Ok(Door::Kmip),
        4 => Ok(Door::Sts),
        _ => Err(Malformed),
    }
}

const fn door_name(door: Door) -> &'static str {
    match door {
        Door::System => "system",
        Door::Aws => "aws",
        Door::Api => "api",
        Door::Kmip => "kmip",
        Door::Sts => "sts",
    }
}

/// Sixteen bytes the way UUIDs are written (RFC 9562).
fn uuid(bytes: &[u8; 16]) -> String {
    model::name::Uuid::of(bytes).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Numbers, entry};

    #[test]
    fn a_statement_is_written_as_the_entry_it_becomes() {
        let texts = |n: usize| (0..n).map(|i| format!("{i:02}")).collect::<Vec<_>>();
        for (resources, pairs) in [(0, 0), (1, 2), (RESOURCES_MAX + 1, CONTEXT_MAX + 1)] {
            let (resources, pairs) = (texts(resources), texts(pairs));
            let names: Vec<&str> = resources.iter().map(String::as_str).collect();
            let context = EncryptionContext::new(pairs.iter().map(|text| (text, text))).unwrap();
            let one = Entry {
                resources: resources.clone(),
                context: context.pairs().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
                ..entry(2)
            };
            let statement = Statement {
                id: one.id,
                time: one.time,
                account: one.account,
                principal: one.principal.as_deref(),
                door: one.door,
                source: one.source,
                action: one.action,
                resources: &names,
                context: Some(&context),
                outcome: one.outcome.clone(),
                request: one.request,
            };
            assert_eq!(statement.to_leaf(), one.to_leaf());
        }
    }

    #[test]
    fn an_entry_is_read_back_as_it_was_written() {
        for i in 0..10 {
            let mut one = entry(i);
            if i % 2 == 0 {
                one.source = Ipv6Addr::LOCALHOST.into();
                (one.account, one.principal) = (None, None);
                one.outcome = Outcome::Failed("store".into());
            }
            assert_eq!(Entry::from_leaf(&one.to_leaf()), Ok(one.clone()));
            assert_eq!(entry_id(&one.to_leaf()), Some(one.id));
        }
    }

    #[test]
    fn a_cut_or_lengthened_entry_is_refused() {
        let leaf = entry(1).to_leaf();
        for len in 0..leaf.len() {
            assert_eq!(Entry::from_leaf(&leaf[..len]), Err(Malformed));
        }
        assert_eq!(Entry::from_leaf(&[&leaf[..], &[0]].concat()), Err(Malformed));
    }

    #[test]
    fn no_content_of_a_text_ends_a_field_or_an_entry() {
        let hostile =
            ["a\r\nb", "\u{1b}[2J\u{1b}[H", "\"}\n{\"id\":\"", "\0\0\0\0", "— x y\n\n", "\u{202e}"];
        let mut numbers = Numbers(3);
        for _ in 0..500 {
            let mut pick = || {
                let text = hostile[numbers.below(hostile.len() as u64) as usize];
                text.repeat(1 + numbers.below(40) as usize)
            };
            let mut one = entry(5);
            one.principal = Some(pick().into());
            one.resources = vec![pick(), pick()];
            one.context = vec![(pick(), pick())];
            one.outcome = Outcome::Denied(pick().into());
            assert_eq!(Entry::from_leaf(&one.to_leaf()), Ok(one));
        }
    }

    #[test]
    fn a_text_of_a_mebibyte_is_cut_and_the_entry_fits_in_a_bundle() {
        let mut one = entry(6);
        let huge = "ä".repeat(1 << 19);
        one.principal = Some(huge.as_str().into());
        one.resources = vec![huge.clone(); 100];
        one.context = vec![(huge.clone(), huge.clone()); 100];
        one.outcome = Outcome::Failed(huge.into());
        let leaf = one.to_leaf();
        assert!(leaf.len() <= usize::from(u16::MAX), "{}", leaf.len());
        let read = Entry::from_leaf(&leaf).unwrap();
        assert_eq!((read.resources.len(), read.context.len()), (RESOURCES_MAX, CONTEXT_MAX));
        assert!(read.resources[0].ends_with('…') && read.resources[0].len() <= TEXT_LEN_MAX);
        assert_eq!(read.to_leaf(), leaf);
    }

    #[test]
    fn fields_come_in_order_and_absent_ones_not_at_all() {
        let mut one = entry(3);
        one.principal = None;
        let names: Vec<_> = one.fields().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(
            names,
            [
                "id",
                "time",
                "account",
                "door",
                "source",
                "action",
                "outcome",
                "code",
                "request",
                "resource",
                "context.purpose"
            ]
        );
    }
}
