//! Several operations that are done together or not at all: each is admitted and run as any other,
//! and sees what those before it changed; then all changes are one commit, with the entries of all.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use audit::{Leaf as _, Outcome, Statement};
use model::{Action, At, EncryptionContext, Error, Result, error::Invalid};
use store::{BATCH_COUNT_MAX, BATCH_LEN_MAX, Write};

use crate::{
    Engine,
    call::{self, Mode, Tried},
    caller::Caller,
    entry::{self, STOPPED},
    gate::Operation,
    open::Open,
    pending::{Pending, Ticket},
    room::{Aftermath, Made, Pace, Room},
    view::Changes,
};

/// What several operations of one caller have changed so far. Nothing of it is done before
/// [`Engine::commit_together`]; if it goes without that or [`Engine::abandon`], nothing was done
/// and the log does not say that it was tried.
pub struct Together {
    caller: Caller,
    tried: Mutex<All>,
}

/// What is to be committed, and the entries of the operations that changed it, in their order.
#[derive(Default)]
struct All {
    changes: Changes,
    entries: Vec<Entry>,
}

/// What the log is to say of an operation, however it ends.
struct Entry {
    at: At,
    action: Action,
    names: Vec<String>,
    context: Option<EncryptionContext>,
}

/// Most bytes of what is changed together: what else fits in a commit is for the entries.
const CHANGES_LEN_MAX: usize = BATCH_LEN_MAX / 2;

/// The bytes in a write.
fn len(write: &Write) -> usize {
    write.place.as_bytes().len() + write.value.as_ref().map_or(0, |value| value.as_bytes().len())
}

impl Together {
    /// Nothing as yet, for this caller's operations.
    pub fn of(caller: Caller) -> Self {
        Self { caller, tried: Mutex::default() }
    }

    /// Whose operations they are.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What was tried; a panic elsewhere left it whole, since an operation's part is added at its
    /// end.
    fn all(&self) -> MutexGuard<'_, All> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// What do you want, together with what you wanted before? As [`Engine::call`], but what the
    /// operation changes is kept and not committed. Only the operations after it see it, so its
    /// reply is for nobody else before [`Engine::commit_together`] has answered. What changes
    /// nothing is a use, recorded as the use that it is.
    ///
    /// # Errors
    ///
    /// As [`Engine::call`], recorded before it is returned; nothing of the operation is kept.
    /// [`Error::Internal`] when it is one that changes more than the store.
    pub fn call_together<O: Operation>(
        &self,
        together: &Together,
        operation: &O,
        at: At,
    ) -> Result<Pending<O::Reply>> {
        let open = self.opened()?;
        let at = self.judged(&open, at)?;
        let (caller, mut all) = (&together.caller, together.all());
        let new_room = || Room::new(self, &open, at, Pace::Any).over(&all.changes);
        let (tried, room) = self.tried(operation, caller, Mode::Run, new_room)?;
        let used = room.used();
        let (permit, reply) = match tried {
            Tried::Done(permit, reply) => (permit, reply),
            Tried::Refused(error) => {
                return Err(call::refused(&open, caller, operation, at, error));
            }
            Tried::Failed(permit, error) => {
                let names: Vec<&str> = permit.names(used).collect();
                return Err(call::told(&open, caller, operation, at, &names, error));
            }
        };
        let Made { changes, names: made, aftermath, spent: _ } = room.into_made();
        let names: Vec<&str> = permit.names(used).chain(made.iter().map(String::as_str)).collect();
        let context = operation.context();
        if let (true, Aftermath::Nothing) = (changes.is_empty(), &aftermath) {
            let entry = entry::of_call(caller, at, O::ACTION, &names, context, Outcome::Allowed)?;
            return self.record_use(open.clone(), &entry).map(|ticket| Pending::new(reply, ticket));
        }
        let kept = match aftermath {
            Aftermath::Nothing => all.keep(changes),
            Aftermath::Seal | Aftermath::Adopt(_) => {
                Err(Error::Internal("an operation that is done alone, among others"))
            }
        };
        if let Err(error) = kept {
            return Err(call::told(&open, caller, operation, at, &names, error));
        }
        let names = names.into_iter().map(str::to_owned).collect();
        all.entries.push(Entry { at, action: O::ACTION, names, context: context.cloned() });
        Ok(Pending::new(reply, Ticket::Recorded))
    }

    /// Commits what the operations changed, all of it with an entry for each, as one change of the
    /// store.
    ///
    /// # Errors
    ///
    /// Nothing was done then, which is recorded of each: [`Error::Conflict`] when another change
    /// of one of the places came first, [`Error::Unavailable`] or [`Error::Sealed`].
    pub fn commit_together(&self, together: &Together) -> Result<Pending<()>> {
        let open = self.opened()?;
        let mut all = together.all();
        let caller = together.caller.clone();
        let made = |entry: &Entry| entry.told(&caller, Outcome::Allowed);
        let mut told = all.entries.iter().map(made).collect::<Result<Vec<_>>>()?.into_iter();
        let Some(first) = told.next() else {
            return Ok(Pending::new((), Ticket::Recorded));
        };
        let All { changes, entries } = mem::take(&mut *all);
        // Entries of their own: see `commit`.
        let failed = move |error: &Error| {
            let outcome = entry::outcome(error);
            let leaf = |entry: &Entry| Ok(entry.told(&caller, outcome.clone())?.leaf);
            entries.iter().map(leaf).collect()
        };
        let ticket =
            self.commit_told(&open, changes.into_values(), first, told.collect(), failed)?;
        Ok(Pending::new((), ticket))
    }

    /// Does nothing of it, and records of each operation that changed something that it was tried
    /// and undone.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded. Nothing is done then either.
    pub fn abandon(&self, together: &Together) -> Result<()> {
        let All { entries, .. } = mem::take(&mut *together.all());
        if entries.is_empty() {
            return Ok(());
        }
        let open = self.opened()?;
        entries.iter().try_for_each(|entry| entry.abandoned(&together.caller, &open))
    }
}

impl All {
    /// Adds what an operation changed. One that changes a place twice, or a place otherwise than
    /// as the operations before it left it, is a conflict; one with which it would be more than a
    /// commit takes is invalid. Then nothing is added.
    fn keep(&mut self, changes: Vec<Write>) -> Result<()> {
        let mut seen = HashSet::new();
        let fits = |write: &Write| {
            let before = self.changes.get(&write.place);
            before.is_none_or(|before| before.expected == write.expected)
        };
        if !changes.iter().all(|write| seen.insert(&write.place) && fits(write)) {
            return Err(Error::Conflict);
        }
        let all = || self.changes.values().chain(&changes);
        let len: usize = all().map(len).sum();
        if all().count() + self.entries.len() >= BATCH_COUNT_MAX || len > CHANGES_LEN_MAX {
            return Err(Error::Invalid(Invalid::OutOfRange("the size of what is done together")));
        }
        self.changes.extend(changes.into_iter().map(|write| (write.place.clone(), write)));
        Ok(())
    }
}

impl Entry {
    fn told(&self, caller: &Caller, outcome: Outcome) -> Result<call::Told> {
        self.say(caller, outcome, |entry| Ok(call::Told { id: entry.id, leaf: entry.to_leaf() }))
    }

    fn abandoned(&self, caller: &Caller, open: &Arc<Open>) -> Result<()> {
        self.say(caller, entry::undone(), |entry| {
            open.log().append(entry).map(drop).map_err(|_| STOPPED)
        })
    }

    /// Shows `to` the entry of this outcome, under a new id.
    fn say<T>(
        &self,
        caller: &Caller,
        outcome: Outcome,
        to: impl FnOnce(&Statement<'_>) -> Result<T>,
    ) -> Result<T> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let context = self.context.as_ref();
        to(&entry::of_call(caller, self.at, self.action, &names, context, outcome)?)
    }
}
