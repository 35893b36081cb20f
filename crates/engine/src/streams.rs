//! Texts that come in several parts: what has come of them, between the first request and the
//! last.
//!
//! They are in memory only, and bounded: in number, of one principal and of all, and each by
//! whoever opens it. When there is no more room the one that has waited longest is given up. One
//! that is opened by a request that then fails is nobody's, and goes with its age.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::{Error, ObjectName, PrincipalName, Result, error::Invalid, limits};

/// What the parts of a text have in common. Random, so that nobody comes upon another's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct StreamId(pub [u8; 16]);

/// Whose a text is, and by which object it is processed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Owner {
    pub(crate) principal: PrincipalName,
    pub(crate) object: Option<ObjectName>,
}

struct Stream {
    owner: Owner,
    /// When its last part came, on the monotonic clock.
    last_ms: u64,
    /// None while a request has it: it counts all the same.
    work: Option<Box<dyn Any + Send>>,
}

impl Stream {
    fn holds<T: 'static>(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.is::<T>())
    }
}

/// The open texts of all callers.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<StreamId, Stream>>);

impl Streams {
    /// Opens one.
    pub(crate) fn open<T: Send + 'static>(
        &self,
        owner: Owner,
        work: T,
        now_ms: u64,
    ) -> Result<StreamId> {
        let id = StreamId(crypto::random::array()?);
        let mut open = self.locked();
        open.retain(|_, stream| now_ms.saturating_sub(stream.last_ms) <= limits::STREAM_AGE_MS_MAX);
        let of_one = |stream: &Stream| stream.owner.principal == owner.principal;
        if open.values().filter(|stream| of_one(stream)).count() >= limits::STREAMS_OF_ONE_MAX {
            give_up_oldest(&mut open, of_one);
        }
        if open.len() >= limits::STREAMS_MAX {
            give_up_oldest(&mut open, |_| true);
        }
        open.insert(id, Stream { owner, last_ms: now_ms, work: Some(Box::new(work)) });
        Ok(id)
    }

    /// Takes one out for its next part. Nobody else has it meanwhile.
    ///
    /// # Errors
    ///
    /// [`Invalid::Stream`] when there is none, or it is another's or another object's.
    pub(crate) fn take<T: Send + 'static>(
        &self,
        id: StreamId,
        owner: &Owner,
        now_ms: u64,
    ) -> Result<Taken<'_, T>> {
        let none = Error::Invalid(Invalid::Stream);
        let mut open = self.locked();
        let stream = open.get_mut(&id).filter(|it| it.owner == *owner && it.holds::<T>());
        let work = stream.and_then(|it| it.work.take()).ok_or(none.clone())?;
        let work = work.downcast::<T>().map_err(|_| none)?;
        Ok(Taken { streams: self, id, now_ms, work: Some(work) })
    }

    /// Sees what has come of one, which stays where it is.
    ///
    /// # Errors
    ///
    /// As [`Self::take`], and while another request has it.
    pub(crate) fn look<T: 'static, R>(
        &self,
        id: StreamId,
        owner: &Owner,
        see: impl FnOnce(&T) -> R,
    ) -> Result<R> {
        let open = self.locked();
        let stream = open.get(&id).filter(|it| it.owner == *owner);
        let work = stream.and_then(|it| it.work.as_ref()?.downcast_ref::<T>());
        work.map(see).ok_or(Error::Invalid(Invalid::Stream))
    }

    /// Gives all of them up.
    pub(crate) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<StreamId, Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn give_up_oldest(open: &mut HashMap<StreamId, Stream>, of: impl Fn(&Stream) -> bool) {
    let candidates = open.iter().filter(|(_, stream)| of(stream));
    if let Some(id) = candidates.min_by_key(|(_, stream)| stream.last_ms).map(|(id, _)| *id) {
        open.remove(&id);
    }
}

/// A text that was taken out. It goes back when this is dropped, unless it has ended or was given
/// up meanwhile.
pub(crate) struct Taken<'s, T: Send + 'static> {
    streams: &'s Streams,
    id: StreamId,
    now_ms: u64,
    work: Option<Box<T>>,
}

impl<T: Send + 'static> Taken<'_, T> {
    /// What has come of it.
    pub(crate) fn work(&mut self) -> Result<&mut T> {
        self.work.as_deref_mut().ok_or(Error::Internal("a stream that has ended goes on"))
    }

    /// The same for the last time.
    pub(crate) fn end(mut self) -> Result<T> {
        let work = self.work.take().ok_or(Error::Internal("a stream that has ended ends"))?;
        Ok(*work)
    }
}

impl<T: Send + 'static> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        let mut open = self.streams.locked();
        match (self.work.take(), open.get_mut(&self.id)) {
            (Some(work), Some(stream)) => {
                stream.last_ms = self.now_ms;
                stream.work = Some(work);
            }
            _ => drop(open.remove(&self.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        let account = "111122223333".parse().unwrap();
        Owner { principal: PrincipalName::user(account, name).unwrap(), object: None }
    }

    fn is_open(streams: &Streams, id: StreamId, owner: &Owner) -> bool {
        streams.take::<u8>(id, owner, 0).is_ok()
    }

    #[test]
    fn only_who_opened_a_text_goes_on_with_it_and_as_what_it_is() {
        let (streams, mine) = (Streams::default(), owner("me"));
        let id = streams.open(mine.clone(), 7_u8, 0).unwrap();
        assert!(!is_open(&streams, id, &owner("you")));
        assert!(streams.take::<u16>(id, &mine, 0).is_err());
        *streams.take::<u8>(id, &mine, 0).unwrap().work().unwrap() = 8;
        assert_eq!(streams.look(id, &mine, |work: &u8| *work), Ok(8));
        assert!(streams.look(id, &owner("you"), |_: &u8| ()).is_err());
        assert!(streams.look(id, &mine, |_: &u16| ()).is_err());
        assert_eq!(streams.take::<u8>(id, &mine, 0).unwrap().end().unwrap(), 8);
        assert!(!is_open(&streams, id, &mine));
    }

    #[test]
    fn the_oldest_of_whoever_opens_too_many_is_given_up_and_no_other() {
        let (streams, mine, yours) = (Streams::default(), owner("me"), owner("you"));
        let other = streams.open(yours.clone(), 0_u8, 0).unwrap();
        let open = |at| streams.open(mine.clone(), 0_u8, at).unwrap();
        let first = open(1);
        let rest: Vec<_> = (2..=limits::STREAMS_OF_ONE_MAX as u64 + 1).map(open).collect();
        assert!(!is_open(&streams, first, &mine));
        assert!(rest.iter().all(|id| is_open(&streams, *id, &mine)));
        assert!(is_open(&streams, other, &yours));
    }

    #[test]
    fn a_text_that_a_request_has_counts_among_those_of_its_principal() {
        let (streams, mine, yours) = (Streams::default(), owner("me"), owner("you"));
        let other = streams.open(yours.clone(), 0_u8, 0).unwrap();
        for at in 1..=limits::STREAMS_MAX as u64 {
            let id = streams.open(mine.clone(), 0_u8, at).unwrap();
            let taken = streams.take::<u8>(id, &mine, at).unwrap();
            assert!(streams.take::<u8>(id, &mine, at).is_err());
            // Others are opened while a request has it, and it is given up for them.
            for _ in 0..limits::STREAMS_OF_ONE_MAX {
                streams.open(mine.clone(), 0_u8, at + 1).unwrap();
            }
            drop(taken);
            assert!(!is_open(&streams, id, &mine));
            assert_eq!(streams.locked().len(), limits::STREAMS_OF_ONE_MAX + 1);
        }
        assert!(is_open(&streams, other, &yours));
    }

    #[test]
    fn what_has_waited_too_long_goes() {
        let (streams, mine) = (Streams::default(), owner("me"));
        let old = streams.open(mine.clone(), 0_u8, 0).unwrap();
        streams.open(mine.clone(), 0_u8, limits::STREAM_AGE_MS_MAX + 1).unwrap();
        assert!(!is_open(&streams, old, &mine));
    }
}
