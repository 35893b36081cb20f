//! One request of a known caller: what a verb's function reads from and acts through.

use std::sync::Arc;

use bytes::Bytes;
use engine::{Caller, Engine, Mode, Offload, Operation};
use model::{AccountId, At, PrincipalName};
use serde::{Deserialize, Serialize};

use crate::error::Refusal;

/// A request whose sender is known and whose body is not read yet.
pub(crate) struct Call<'a> {
    /// The engine.
    pub(crate) engine: &'a Arc<Engine>,
    /// Where the engine's slower work runs.
    pub(crate) pool: &'a dyn Offload,
    /// Who is asking.
    pub(crate) caller: Caller,
    /// The body.
    pub(crate) body: &'a [u8],
    /// The query as it was sent.
    pub(crate) query: &'a str,
    /// The values of the names in the path.
    pub(crate) values: Vec<String>,
    /// When it came.
    pub(crate) at: At,
}

impl<'a> Call<'a> {
    /// The caller's account: the only one it can name here.
    pub(crate) fn account(&self) -> AccountId {
        self.caller.principal().account
    }

    /// The `n`th value in the path, counting from 0.
    pub(crate) fn value(&self, n: usize) -> &str {
        self.values.get(n).map_or("", String::as_str)
    }

    /// The principal that the path names.
    pub(crate) fn principal(&self) -> Result<PrincipalName, Refusal> {
        Ok(PrincipalName::user(self.account(), self.value(0))?)
    }

    /// The role that the path names.
    pub(crate) fn role(&self) -> Result<PrincipalName, Refusal> {
        Ok(PrincipalName::role(self.account(), self.value(0))?)
    }

    /// The body as an operation's input.
    pub(crate) fn input<T: Deserialize<'a>>(&self) -> Result<T, Refusal> {
        input(self.body)
    }

    /// Has the engine do it.
    pub(crate) async fn perform<O: Operation>(&self, operation: O) -> Result<O::Reply, Refusal> {
        let Self { engine, pool, caller, at, .. } = self;
        Ok(engine::perform(engine, *pool, caller, operation, *at, Mode::Run).await?)
    }
}

/// A body as an operation's input.
pub(crate) fn input<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    let body = body.trim_ascii();
    // A list would do for serde's structs.
    if body.first() != Some(&b'{') {
        return Err(Refusal::invalid("The body must be a JSON object."));
    }
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("The body is not this call's input: {error}.")))
}

/// A reply as JSON.
pub(crate) fn json(reply: &impl Serialize) -> Result<Bytes, Refusal> {
    serde_json::to_vec(reply)
        .map(Bytes::from)
        .map_err(|_| model::Error::Internal("a reply is not JSON").into())
}
