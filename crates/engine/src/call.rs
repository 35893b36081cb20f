//! What do you want? Admit, run, record, commit, reply: in that order, for everything.

use std::sync::Arc;

use audit::{Leaf as _, Outcome, Statement};
use model::{At, Error, Result, error::Unavailable};
use store::{Batch, OutboxEntry};

use crate::{
    Durability, Engine,
    allowance::Spent,
    caller::Caller,
    entry::{self, STOPPED},
    gate::{self, Operation, Permit},
    open::Open,
    pending::{Commit, Pending, Ticket},
    pressure::Relief,
    room::{Aftermath, Made, Pace, Room},
    turn::Turn,
};

/// Whether an operation is done or only tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Do it.
    Run,
    /// Check everything that doing it would check, change nothing and answer
    /// [`Error::DryRun`].
    DryRun,
}

impl Engine {
    /// What do you want?
    ///
    /// # Errors
    ///
    /// Whatever the operation, policy or the state say, recorded before it is returned. A
    /// [`Error::Conflict`] says that another change came first and that nothing happened:
    /// [`crate::perform`] calls again.
    pub fn call<O: Operation>(
        &self,
        caller: &Caller,
        operation: &O,
        at: At,
        mode: Mode,
    ) -> Result<Pending<O::Reply>> {
        self.call_at_pace(caller, operation, at, mode, Pace::Any)
    }

    pub(crate) fn call_at_pace<O: Operation>(
        &self,
        caller: &Caller,
        operation: &O,
        at: At,
        mode: Mode,
        pace: Pace,
    ) -> Result<Pending<O::Reply>> {
        let open = self.opened()?;
        let at = self.judged(&open, at)?;
        let new_room = || Room::new(self, &open, at, pace);
        let (tried, room) = self.tried(operation, caller, mode, new_room)?;
        let (permit, reply) = match tried {
            Tried::Done(permit, reply) => (permit, reply),
            // Nothing happened, and it will be tried again.
            Tried::Refused(Error::Conflict) | Tried::Failed(_, Error::Conflict) => {
                return Err(Error::Conflict);
            }
            Tried::Refused(error) => return Err(refused(&open, caller, operation, at, error)),
            Tried::Failed(permit, error) => {
                let names: Vec<&str> = permit.names(room.used()).collect();
                return Err(told(&open, caller, operation, at, &names, error));
            }
        };
        let used = room.used();
        let Made { changes, names: made, aftermath, spent } = room.into_made();
        let names: Vec<&str> = permit.names(used).chain(made.iter().map(String::as_str)).collect();
        let context = operation.context();
        let entry = entry::of_call(caller, at, O::ACTION, &names, context, Outcome::Allowed)?;
        if let Aftermath::Adopt(root) = &aftermath {
            open.expect_root(root.clone());
        }
        let ticket = match (changes.is_empty(), &aftermath) {
            // Nothing but the reply comes after it.
            (true, Aftermath::Nothing) => {
                return self.record_use(open, &entry).map(|ticket| Pending::new(reply, ticket));
            }
            (true, _) => self.record_use(open.clone(), &entry)?,
            (false, _) => self.commit(&open, changes, &entry, spent)?,
        };
        self.conclude(open, Pending::new(reply, ticket), aftermath)
    }

    /// Tries an operation in a room, and again in another once there is room in secret memory if
    /// that was lacking.
    pub(crate) fn tried<'c, 'e, O: Operation>(
        &self,
        operation: &O,
        caller: &'c Caller,
        mode: Mode,
        new_room: impl Fn() -> Room<'e>,
    ) -> Result<(Tried<'c, O>, Room<'e>)> {
        let (mut room, mut relief) = (new_room(), Relief::default());
        loop {
            let tried = attempt(operation, caller, &mut room, mode);
            if !tried.error().is_some_and(|error| relief.is_left(error)) {
                return Ok((tried, room));
            }
            room.unhurried()?;
            // The keys that it held are among those that may make room.
            drop(tried);
            relief.give(self.caches(), room.at().monotonic_ms);
            room = new_room();
        }
    }

    /// Does what comes after an operation. What has an aftermath runs on the pool, where it may
    /// wait until it is recorded.
    fn conclude<R>(
        &self,
        open: Arc<Open>,
        pending: Pending<R>,
        aftermath: Aftermath,
    ) -> Result<Pending<R>> {
        let recorded = match aftermath {
            Aftermath::Nothing => return Ok(pending),
            Aftermath::Seal | Aftermath::Adopt(_) => pending.wait(),
        };
        match aftermath {
            Aftermath::Adopt(root) => open.settle_root(root, recorded.is_ok()),
            Aftermath::Seal if recorded.is_ok() => {
                // This operation must not be one that sealing waits for.
                drop(open);
                self.seal();
            }
            Aftermath::Nothing | Aftermath::Seal => {}
        }
        recorded.map(|reply| Pending::new(reply, Ticket::Recorded))
    }

    /// Records that an operation was refused before it could be tried to the end, and says why
    /// as its caller hears it.
    pub(crate) fn refuse<O: Operation>(
        &self,
        caller: &Caller,
        operation: &O,
        at: At,
        error: Error,
    ) -> Error {
        match self.opened() {
            Ok(open) => refused(&open, caller, operation, at, error),
            Err(sealed) => sealed,
        }
    }

    pub(crate) fn record_use(&self, open: Arc<Open>, entry: &Statement<'_>) -> Result<Ticket> {
        match self.durability {
            Durability::Buffered => {
                let position = open.log().enter(entry).map_err(|_| STOPPED)?;
                Ok(Ticket::Entered { open, position, turn: Turn::default() })
            }
            Durability::Durable => {
                open.log().append_durable(entry).map(Ticket::Synced).map_err(|_| STOPPED)
            }
        }
    }

    /// Commits changes with the entry that tells of them. The entry is appended to the log when
    /// the commit is durable; a crash in between is made good from the outbox at the next start.
    /// After a conflict, what was `spent` of limits goes back.
    pub(crate) fn commit(
        &self,
        open: &Arc<Open>,
        changes: Vec<store::Write>,
        entry: &Statement<'_>,
        spent: Vec<Spent>,
    ) -> Result<Ticket> {
        let outcome = entry::outcome(&Error::Unavailable(Unavailable::Store));
        // An entry of its own: a disk that failed in mid-commit may have kept the batch, whose
        // entry is then appended at the next start unless the log knows its id.
        let failed = Statement { id: crypto::random::id()?, outcome, ..entry.clone() }.to_leaf();
        let told = Told { id: entry.id, leaf: entry.to_leaf() };
        self.commit_told(open, changes, told, Vec::new(), move |error| match error {
            // It will be tried again.
            Error::Conflict => {
                spent.into_iter().for_each(Spent::give_back);
                Ok(Vec::new())
            }
            _ => Ok(vec![failed]),
        })
    }

    /// Commits changes with the entries that tell of them, at least one, in their order. `failed`
    /// gives the leaves of the entries that tell that nothing was done, and why.
    pub(crate) fn commit_told(
        &self,
        open: &Arc<Open>,
        changes: impl IntoIterator<Item = store::Write>,
        first: Told,
        others: Vec<Told>,
        failed: impl FnOnce(&Error) -> Result<Vec<Vec<u8>>> + Send + 'static,
    ) -> Result<Ticket> {
        let mut batch = Batch::new(first.sealed(open)?);
        for other in &others {
            batch.also(other.sealed(open)?);
        }
        for change in changes {
            batch.write(change);
        }
        let commit = Arc::new(Commit::default());
        let (settled, open) = (commit.clone(), open.clone());
        self.store().commit(
            batch,
            Box::new(move |outcome| {
                let log = open.log();
                let outcome = match outcome {
                    // The change is made and told in the outbox. If the log has stopped, the
                    // caller hears that, and every later operation is refused.
                    Ok(_) => [first].iter().chain(&others).try_for_each(|told| {
                        log.append_change(&told.leaf).map(drop).map_err(|_| STOPPED)
                    }),
                    Err(failure) => {
                        let error = failure.into();
                        let told = failed(&error).and_then(|leaves| {
                            let mut leaves = leaves.iter();
                            leaves.try_for_each(|leaf| {
                                log.append_leaf(leaf).map(drop).map_err(|_| STOPPED)
                            })
                        });
                        told.and(Err(error))
                    }
                };
                settled.settle(outcome);
            }),
        );
        Ok(Ticket::Commit(commit))
    }
}

/// An entry as it is written, and its id.
pub(crate) struct Told {
    pub(crate) id: [u8; 16],
    pub(crate) leaf: Vec<u8>,
}

impl Told {
    fn sealed(&self, open: &Open) -> Result<OutboxEntry> {
        let sealed = open.system().seal_record(&outbox_place(&self.id), 1, &self.leaf)?;
        Ok(OutboxEntry { id: self.id, sealed })
    }
}

/// How far an operation came.
pub(crate) enum Tried<'c, O: Operation> {
    /// It was not admitted.
    Refused(Error),
    /// It was admitted and failed.
    Failed(Permit<'c, O>, Error),
    /// It ran to its end.
    Done(Permit<'c, O>, O::Reply),
}

impl<O: Operation> Tried<'_, O> {
    fn error(&self) -> Option<&Error> {
        match self {
            Self::Refused(error) | Self::Failed(_, error) => Some(error),
            Self::Done(..) => None,
        }
    }
}

/// Admits and runs an operation.
fn attempt<'c, O: Operation>(
    operation: &O,
    caller: &'c Caller,
    room: &mut Room<'_>,
    mode: Mode,
) -> Tried<'c, O> {
    let permit = match gate::admit(operation, caller, room) {
        Ok(permit) => permit,
        Err(error) => return Tried::Refused(error),
    };
    let pace = if permit.is_quick() { Ok(()) } else { room.unhurried() };
    match (pace.and_then(|()| operation.run(&permit, room)), mode) {
        (Ok(reply), Mode::Run) => Tried::Done(permit, reply),
        (Ok(_), Mode::DryRun) => Tried::Failed(permit, Error::DryRun),
        (Err(error), _) => Tried::Failed(permit, error),
    }
}

/// Records that an operation was refused before it could be tried, by what it asked for.
pub(crate) fn refused<O: Operation>(
    open: &Open,
    caller: &Caller,
    operation: &O,
    at: At,
    error: Error,
) -> Error {
    let names = gate::names_asked(operation);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    told(open, caller, operation, at, &names, error)
}

/// Records that an operation failed, and gives what its caller hears: why, or that it could not
/// be recorded.
pub(crate) fn told<O: Operation>(
    open: &Open,
    caller: &Caller,
    operation: &O,
    at: At,
    names: &[&str],
    error: Error,
) -> Error {
    let (context, outcome) = (operation.context(), entry::outcome(&error));
    let recorded = entry::of_call(caller, at, O::ACTION, names, context, outcome)
        .and_then(|entry| open.log().append(&entry).map_err(|_| STOPPED));
    recorded.err().unwrap_or(error)
}

/// What an outbox entry's seal is bound to.
pub(crate) fn outbox_place(id: &[u8; 16]) -> Vec<u8> {
    [b"outbox/".as_slice(), id].concat()
}
