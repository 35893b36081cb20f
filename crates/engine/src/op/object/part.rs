//! What the uses of objects have in common: how is resolved when the object is known, and a text
//! may come in parts.

use model::{
    Error, Key, Result, Secret, algorithm::Spec, error::Invalid, limits, object::Attributes,
};

use crate::{
    caller::Caller,
    facts::Scheme,
    object::KeyObject,
    room::Room,
    streams::{Owner, StreamId, Taken},
};

/// How an object is to be applied, by what is known of it: its attributes may supply what a request
/// leaves out, and one use is one call.
pub type How<T> = Box<dyn Fn(&Attributes, Spec) -> Result<T> + Send + Sync>;

/// Which part of a text a request has. Each part is a call of its own, decided and recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The first, which says how.
    First,
    /// One more.
    Next(StreamId),
    /// The last.
    Last(StreamId),
}

/// The text until now, and how it is to be processed: as its first part said.
struct Text<T> {
    how: T,
    pieces: Vec<Secret>,
}

impl<T> Text<T> {
    fn add(&mut self, piece: &[u8]) -> Result<()> {
        self.check(piece)?;
        self.pieces.push(Secret::new(piece.to_vec()));
        Ok(())
    }

    fn joined(&self, last: &[u8]) -> Result<Secret> {
        let mut all = Vec::with_capacity(self.check(last)?);
        self.pieces.iter().for_each(|piece| all.extend_from_slice(piece.expose()));
        all.extend_from_slice(last);
        Ok(Secret::new(all))
    }

    /// The length with one more piece.
    fn check(&self, piece: &[u8]) -> Result<usize> {
        let len = self.pieces.iter().map(Secret::len).sum::<usize>() + piece.len();
        if len <= limits::STREAM_LEN_MAX && self.pieces.len() < PIECES_MAX {
            Ok(len)
        } else {
            Err(Error::Invalid(Invalid::OutOfRange("the length of a text in parts")))
        }
    }
}

/// Most pieces of a text that is kept: what each takes beside its bytes is bounded too.
const PIECES_MAX: usize = 4096;

/// A text that is kept until its end.
pub(super) enum Gathered<'a, T: Send + 'static> {
    /// More of it is to come.
    Open(StreamId),
    /// All of it is there.
    All(All<'a, T>),
}

/// A text, and how it is to be processed.
pub(super) struct All<'a, T: Send + 'static> {
    pub(super) how: T,
    whole: &'a [u8],
    joined: Option<Secret>,
    taken: Option<Taken<'a, Text<T>>>,
}

impl<T: Send + 'static> All<'_, T> {
    /// The text.
    pub(super) fn text(&self) -> &[u8] {
        self.joined.as_ref().map_or(self.whole, Secret::expose)
    }

    /// It was processed, and is not kept any longer.
    pub(super) fn close(self) -> Result<()> {
        self.taken.map_or(Ok(()), |taken| taken.end().map(|_| ()))
    }
}

impl Part {
    /// Puts a piece to those that came before, of a text of the caller's that the object, if it
    /// needs one, processes. `how` is asked for with the first.
    pub(super) fn gather<'a, T: Clone + Send + 'static>(
        self,
        room: &Room<'a>,
        caller: &Caller,
        object: Option<&KeyObject>,
        piece: &'a [u8],
        how: impl FnOnce() -> Result<T>,
    ) -> Result<Gathered<'a, T>> {
        room.unhurried_from(piece.len())?;
        if self == Self::Whole {
            let (how, joined, taken) = (how()?, None, None);
            return Ok(Gathered::All(All { how, whole: piece, joined, taken }));
        }
        room.unhurried()?;
        let owner = owner(caller, object);
        let (streams, now_ms) = (room.engine().streams(), room.at().monotonic_ms);
        match self {
            Self::Whole | Self::First => {
                let mut text = Text { how: how()?, pieces: Vec::new() };
                text.add(piece)?;
                streams.open(owner, text, now_ms).map(Gathered::Open)
            }
            Self::Next(id) => {
                let mut taken = streams.take::<Text<T>>(id, &owner, now_ms)?;
                taken.work()?.add(piece)?;
                Ok(Gathered::Open(id))
            }
            Self::Last(id) => {
                let mut taken = streams.take::<Text<T>>(id, &owner, now_ms)?;
                let text = taken.work()?;
                let (how, joined) = (text.how.clone(), Some(text.joined(piece)?));
                Ok(Gathered::All(All { how, whole: &[], joined, taken: Some(taken) }))
            }
        }
    }

    /// What policies call it how a text that is gathered is processed. `how` is asked for with the
    /// first part.
    pub(super) fn scheme<T: 'static>(
        self,
        owner: impl FnOnce() -> Owner,
        room: &Room<'_>,
        how: impl FnOnce() -> Result<T>,
        named: impl FnOnce(&T) -> Scheme,
    ) -> Result<Option<Scheme>> {
        let scheme = match self.begun() {
            None => named(&how()?),
            Some(id) => {
                room.engine().streams().look(id, &owner(), |text: &Text<T>| named(&text.how))?
            }
        };
        Ok(Some(scheme))
    }

    /// What policies call it how a text under an object is processed, where how it is processed is
    /// all that its first part says.
    pub(super) fn scheme_by<T: 'static>(
        self,
        how: &How<T>,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
        named: impl FnOnce(&T) -> Scheme,
    ) -> Result<Option<Scheme>> {
        let owner = || owner(caller, Some(object));
        self.scheme(owner, room, || resolve(how, object), named)
    }

    /// The text that it goes on with.
    pub(super) fn begun(self) -> Option<StreamId> {
        match self {
            Self::Whole | Self::First => None,
            Self::Next(id) | Self::Last(id) => Some(id),
        }
    }
}

/// Whose a text in parts is.
pub(super) fn owner(caller: &Caller, object: Option<&KeyObject>) -> Owner {
    let principal = caller.principal().clone();
    Owner { principal, object: object.map(|object| object.name().clone()) }
}

/// How an object is to be applied, if `check` finds that it may be.
pub(super) fn checked<T, C>(
    how: &How<T>,
    object: &KeyObject,
    check: impl FnOnce(&T) -> Result<C>,
) -> Result<T> {
    let how = resolve(how, object)?;
    check(&how).map(|_| how)
}

/// How an object is to be applied.
pub(super) fn resolve<T>(how: &How<T>, object: &KeyObject) -> Result<T> {
    let record = object.record();
    let spec = match &record.key {
        Key::Held(held) => held.spec,
        Key::Destroyed(gone) => gone.spec,
    };
    how(&record.attributes, spec)
}
