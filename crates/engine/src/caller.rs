//! Who is asking, once it has been checked.

use std::{collections::BTreeMap, sync::Arc};

use model::{PrincipalName, Region, Wall, claim::Origin, name::PrincipalKind, policy::Document};

use crate::session::{Session, Vouched};

/// Proof that a claim was checked in this request. Only [`crate::Engine::identify`] makes one; for
/// what Strongroom does of itself, the engine does. That its fields are private is all that keeps
/// this from compiling:
///
/// ```compile_fail
/// use engine::Caller;
/// use model::{Region, claim::Origin};
///
/// fn forge(other: Caller, origin: Origin, region: Region) -> Caller {
///     Caller { identity: other.identity, acting: other.acting, origin, region }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Arc<Identity>,
    acting: Acting,
    origin: Origin,
    region: Region,
}

/// A principal with the policies that hold for it now.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: PrincipalName,
    pub(crate) arn: Arc<str>,
    /// What AWS calls a unique id: of this principal, and of none that has its name later.
    pub(crate) unique_id: String,
    pub(crate) policies: Vec<Arc<Document>>,
    /// The fingerprints of certificates by which nobody is it.
    pub(crate) blocked: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The unique id of a principal that was made then: as AWS's, four letters for its kind and 17 more.
/// They are of its name and that moment, so that whoever has the name later has another.
pub(crate) fn unique_id(name: &PrincipalName, created: Wall) -> String {
    let kind = match name.kind {
        PrincipalKind::User => "AIDA",
        PrincipalKind::Role => "AROA",
        PrincipalKind::Account | PrincipalKind::System | PrincipalKind::Issuer => "ABIA",
    };
    let text = format!("strongroom unique id 1\n{}\n{}", name.arn(), created.0);
    let digest = crypto::digest::sha256(text.as_bytes());
    kind.chars().chain(digest.iter().take(17).copied().map(base32_letter)).collect()
}

/// One of RFC 4648's base32 letters, by the low bits of a byte.
pub(crate) fn base32_letter(byte: u8) -> char {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char::from(LETTERS[usize::from(byte & 31)])
}

/// In what way a principal is behind a request.
#[derive(Clone, Debug)]
pub(crate) enum Acting {
    /// By a credential of its own.
    Itself,
    /// It is a role, and this is a session of it.
    Session(Arc<Session>),
    /// It is an issuer, and vouches for this.
    Vouched(Arc<Vouched>),
}

impl Caller {
    pub(crate) fn new(
        identity: Arc<Identity>,
        acting: Acting,
        origin: Origin,
        region: Region,
    ) -> Self {
        Self { identity, acting, origin, region }
    }

    /// The principal.
    pub fn principal(&self) -> &PrincipalName {
        &self.identity.name
    }

    /// The principal, as the policy language writes it; a session of a role has an ARN of its own.
    pub fn arn(&self) -> &str {
        match &self.acting {
            Acting::Session(session) => session.arn(),
            Acting::Itself | Acting::Vouched(_) => &self.identity.arn,
        }
    }

    /// What AWS calls the user's id: a unique id, and of a session its name behind it.
    pub fn user_id(&self) -> String {
        let id = &self.identity.unique_id;
        match &self.acting {
            Acting::Session(session) => format!("{id}:{}", session.name()),
            Acting::Itself | Acting::Vouched(_) => id.clone(),
        }
    }

    /// How the audit log writes who it is.
    pub(crate) fn recorded_as(&self) -> &str {
        match &self.acting {
            Acting::Vouched(vouched) => vouched.recorded_as(),
            Acting::Itself | Acting::Session(_) => self.arn(),
        }
    }

    pub(crate) fn acting(&self) -> &Acting {
        &self.acting
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The ARN of the role that a session is of.
    pub(crate) fn role_arn(&self) -> Option<&str> {
        match &self.acting {
            Acting::Session(_) => Some(&self.identity.arn),
            // A role acts in sessions only.
            Acting::Itself | Acting::Vouched(_) => None,
        }
    }

    /// What a session may do at most.
    pub(crate) fn session_policy(&self) -> Option<&Arc<Document>> {
        match &self.acting {
            Acting::Session(session) => session.policy(),
            Acting::Itself | Acting::Vouched(_) => None,
        }
    }

    /// Whether it is a user, with a name of its own to policies.
    pub(crate) fn is_user(&self) -> bool {
        self.identity.name.kind == PrincipalKind::User
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
