//! Who is asking, once it has been checked.

use std::sync::Arc;

use model::{PrincipalName, Region, claim::Origin, policy::Document};

/// Proof that a claim was checked in this request. Only [`crate::Engine::identify`] makes one; for
/// what Strongroom does of itself, the engine does. That its fields are private is all that keeps
/// this from compiling:
///
/// ```compile_fail
/// use engine::Caller;
/// use model::{Region, claim::Origin};
///
/// fn forge(other: Caller, origin: Origin, region: Region) -> Caller {
///     Caller { identity: other.identity, origin, region }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Arc<Identity>,
    origin: Origin,
    region: Region,
}

/// A principal with the policies that hold for it now.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: PrincipalName,
    pub(crate) arn: Arc<str>,
    pub(crate) policies: Vec<Arc<Document>>,
    /// The fingerprints of certificates by which nobody is it.
    pub(crate) blocked: Vec<String>,
}

impl Caller {
    pub(crate) fn new(identity: Arc<Identity>, origin: Origin, region: Region) -> Self {
        Self { identity, origin, region }
    }

    /// The principal.
    pub fn principal(&self) -> &PrincipalName {
        &self.identity.name
    }

    /// The principal, as the policy language writes it.
    pub fn arn(&self) -> &str {
        &self.identity.arn
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The region the request is for.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The same as if it had come from there.
    pub(crate) fn at_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    pub(crate) fn identity_policies(&self) -> &[Arc<Document>] {
        &self.identity.policies
    }
}
