//! One item of a batch of a known caller: what an operation's file reads from and acts through.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use engine::{By, Caller, Engine, KeyRef, Mode, Offload, Operation, Together};
use kmip::{Version, names::enumeration::ResultReason, wire::Identifier};
use model::{AccountId, At, Error, KeyId, ObjectName, Region, limits};

use crate::{failed::Failed, outstanding::Outstanding};

/// The ID placeholder of a batch.
#[derive(Default)]
pub(crate) struct Placeholder(Mutex<Option<KeyId>>);

impl Placeholder {
    pub(crate) fn get(&self) -> Option<KeyId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, id: Option<KeyId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }
}

/// The iterations of PBKDF2 that the items of a batch have asked for, in one sum, so that a long
/// batch is no way around the bound.
#[derive(Default)]
pub(crate) struct Stretching(AtomicU64);

impl Stretching {
    /// Adds those of one more derivation, if there is room for them.
    pub(crate) fn add(&self, iterations: u64) -> Result<(), Failed> {
        let sum = |so_far: u64| {
            so_far.checked_add(iterations).filter(|it| *it <= limits::PBKDF2_ITERATIONS_MAX)
        };
        match self.0.fetch_update(Relaxed, Relaxed, sum) {
            Ok(_) => Ok(()),
            Err(_) => Err(Failed::field(format!(
                "The derivations of one message take at most {} iterations of PBKDF2 together, \
                 each block of a derived key counted.",
                limits::PBKDF2_ITERATIONS_MAX
            ))),
        }
    }
}

/// What lives as long as a batch, for all of its items.
#[derive(Default)]
pub(crate) struct Shared {
    /// The ID placeholder: the object that the item before this one was about (1.4 section 4, 2.1
    /// section 6.1).
    pub(crate) placeholder: Placeholder,
    /// How much the batch has stretched so far.
    pub(crate) stretching: Stretching,
}

/// What an item is done with.
pub(crate) struct Call<'a> {
    pub(crate) engine: &'a Arc<Engine>,
    pub(crate) pool: &'a dyn Offload,
    /// Requests whose answers come later.
    pub(crate) outstanding: &'a Arc<Outstanding>,
    pub(crate) caller: &'a Caller,
    /// The version that the client speaks.
    pub(crate) version: Version,
    pub(crate) at: At,
    /// What it shares with the other items of the batch.
    pub(crate) shared: &'a Shared,
    /// What the items of the batch have changed so far, if they are to be done all or not at all.
    pub(crate) together: Option<&'a Arc<Together>>,
}

impl Call<'_> {
    /// The account in which the caller's objects are.
    pub(crate) fn account(&self) -> AccountId {
        self.caller.principal().account
    }

    /// The region in which they are.
    pub(crate) fn region(&self) -> Region {
        self.caller.region().clone()
    }

    /// Has the engine do it.
    pub(crate) async fn perform<O: Operation>(&self, operation: O) -> Result<O::Reply, Failed> {
        Ok(self.attempt(operation).await?)
    }

    /// The same, for whom some of the engine's errors are answers.
    pub(crate) async fn attempt<O: Operation>(&self, operation: O) -> Result<O::Reply, Error> {
        let Self { engine, pool, caller, at, together, .. } = *self;
        match together {
            None => engine::perform(engine, pool, caller, operation, at, Mode::Run).await,
            Some(others) => engine::perform_together(engine, pool, others, operation, at).await,
        }
    }

    /// The object that a request names, or leaves to the placeholder.
    pub(crate) fn object(&self, identifier: Option<&Identifier>) -> Result<KeyRef, Failed> {
        let id = match identifier {
            Some(Identifier::Text(text)) => text.parse().map_err(|_| Failed::not_found())?,
            // Every operation that gives an identifier sets the placeholder to it, so that both say
            // the same.
            None | Some(Identifier::Placeholder(_)) => self
                .shared
                .placeholder
                .get()
                .ok_or_else(|| Failed::new(ResultReason::INVALID_FIELD, NO_PLACEHOLDER))?,
            Some(Identifier::Nth(_)) => {
                return Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, NO_NTH));
            }
        };
        Ok(self.named(id))
    }

    /// The object of an id.
    pub(crate) fn named(&self, id: KeyId) -> KeyRef {
        KeyRef { account: self.account(), region: self.region(), by: By::Id(id) }
    }

    /// Has the items after this one mean an object when they name none, and gives what an answer
    /// calls it.
    pub(crate) fn about(&self, name: &ObjectName) -> Identifier {
        self.shared.placeholder.set(Some(name.id));
        Identifier::Text(name.id.to_string())
    }
}

const NO_PLACEHOLDER: &str =
    "No object is named, and no item before this one in the batch was about one.";
const NO_NTH: &str = "Objects are not named by their place in the answer here.";
