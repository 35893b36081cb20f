//! The gate: what an operation asks for, what policy says to it, and the proof that it said yes.

use std::{marker::PhantomData, sync::Arc};

use model::{
    AccountId, Action, ActionSet, At, Error, ObjectName, PrincipalName, Result,
    algorithm::KeySpec,
    error::Missing,
    name::PrincipalKind,
    policy::{self, Decision, Document, Policies, Value},
};

use crate::{
    caller::Caller,
    facts::{OwnFacts, RequestFacts, Scheme},
    object::{KeyObject, Used},
    reference::{AliasRef, By, KeyRef},
    room::Room,
};

/// One thing an operation asks for: to do `action` to `target`.
#[derive(Clone, Debug)]
pub struct Demand {
    /// What it wants to do.
    pub action: Action,
    /// To what.
    pub target: Target,
}

/// What a demand is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// Nothing in particular: decided by the caller's own policies alone.
    Nothing,
    /// An account as a whole, no object in it: likewise, and only the caller's own.
    Account(AccountId),
    /// The server itself: likewise, and only for principals of the operator's account, the one
    /// that was founded with the server.
    Server,
    /// A key, or another object that is not destroyed.
    Key(KeyRef),
    /// An object, also one that is destroyed. One that is archived has to be recovered first
    /// (KMIP 1.4 section 4, 2.1 section 6.1).
    Object(KeyRef),
    /// An object, also one that is archived or destroyed.
    AnyObject(KeyRef),
    /// An alias: decided by the caller's own policies alone.
    Alias(AliasRef),
    /// A principal: decided by the caller's own policies alone.
    Principal(PrincipalName),
    /// A role: decided by whom it trusts, and by the caller's own policies where it trusts an
    /// account.
    Role(PrincipalName),
}

impl Demand {
    /// A demand on a key.
    pub fn key(action: Action, key: &KeyRef) -> Self {
        Self { action, target: Target::Key(key.clone()) }
    }

    /// A demand on an object, which may be destroyed, and is refused while it is archived.
    pub fn object(action: Action, object: &KeyRef) -> Self {
        Self { action, target: Target::Object(object.clone()) }
    }

    /// A demand on an object, which may be archived or destroyed.
    pub fn any_object(action: Action, object: &KeyRef) -> Self {
        Self { action, target: Target::AnyObject(object.clone()) }
    }

    /// A demand on nothing in particular.
    pub fn nothing(action: Action) -> Self {
        Self { action, target: Target::Nothing }
    }

    /// A demand on an account as a whole.
    pub fn account(action: Action, account: AccountId) -> Self {
        Self { action, target: Target::Account(account) }
    }

    /// A demand on the server itself.
    pub fn server(action: Action) -> Self {
        Self { action, target: Target::Server }
    }

    /// A demand on a principal.
    pub fn principal(action: Action, name: &PrincipalName) -> Self {
        Self { action, target: Target::Principal(name.clone()) }
    }

    /// A demand on a role.
    pub fn role(action: Action, name: &PrincipalName) -> Self {
        Self { action, target: Target::Role(name.clone()) }
    }

    /// A demand on an alias.
    pub fn alias(action: Action, alias: &AliasRef) -> Self {
        Self { action, target: Target::Alias(alias.clone()) }
    }
}

/// Where an operation may run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// A few microseconds and no store: on the thread that read the request.
    Light,
    /// By the key: inline when its material is cached and its algorithm is quick.
    ByKey,
    /// Slow, or it reads or writes the store: on the pool.
    Heavy,
}

/// A verb the engine knows. One file each, under `op/`.
pub trait Operation: Send + Sync + 'static {
    /// What it answers.
    type Reply: Send + 'static;

    /// Its name in the audit log.
    const ACTION: Action;

    /// Where it may run.
    const WEIGHT: Weight;

    /// What it asks for, all of which must be granted before it runs.
    fn demands(&self) -> Result<Vec<Demand>>;

    /// The values of condition keys that this request determines, by canonical key.
    fn fact(&self, key: &str) -> Option<Value<'_>> {
        let _ = key;
        None
    }

    /// The same for one of several demands, where they differ: what is asked of a destination is
    /// not what is asked of a source.
    fn fact_of(&self, action: Action, key: &str) -> Option<Value<'_>> {
        let _ = action;
        self.fact(key)
    }

    /// How it uses an object that a demand found, where only the object, or the first part of a
    /// text, says that: policy is asked about this too. What cannot be told is not run.
    fn scheme(
        &self,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
    ) -> Result<Option<Scheme>> {
        let _ = (object, caller, room);
        Ok(None)
    }

    /// Whether it is worth a try on the thread that read the request.
    fn may_be_quick(&self) -> bool {
        Self::WEIGHT != Weight::Heavy
    }

    /// Whether it may take seconds, and waits for its like only.
    fn is_slow(&self) -> bool {
        false
    }

    /// Names and values worth recording with a use.
    fn context(&self) -> Option<&model::EncryptionContext> {
        None
    }

    /// Does it. Repeatable: it changes nothing but through `room`, whose changes are committed
    /// together with the audit entry, or not at all.
    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Self::Reply>;
}

impl<O: Operation> OwnFacts for O {
    fn own_fact(&self, action: Action, key: &str) -> Option<Value<'_>> {
        self.fact_of(action, key)
    }
}

/// Proof that policy lets this caller do `O` to these objects. Only the gate makes one.
///
/// That its fields are private is all that keeps this from compiling:
///
/// ```compile_fail
/// fn forge(caller: &engine::Caller) -> engine::Permit<'_, engine::op::Encrypt> {
///     engine::Permit { admitted: Vec::new(), caller, operation: std::marker::PhantomData }
/// }
/// ```
pub struct Permit<'c, O: ?Sized> {
    admitted: Vec<Admitted>,
    caller: &'c Caller,
    operation: PhantomData<fn(&O)>,
}

/// An object that a demand named, admitted.
pub(crate) enum Admitted {
    /// Nothing was named.
    Nothing,
    /// A key.
    Key(Arc<KeyObject>),
    /// Something else of this name; whether it exists is the operation's business.
    Named(String),
}

impl<O: ?Sized> Permit<'_, O> {
    /// The first admitted key.
    pub fn key(&self) -> Result<&Arc<KeyObject>> {
        self.nth_key(0)
    }

    /// The admitted key of the `n`th demand on a key, counting from 0.
    pub fn nth_key(&self, n: usize) -> Result<&Arc<KeyObject>> {
        let keys = self.admitted.iter().filter_map(|admitted| match admitted {
            Admitted::Key(key) => Some(key),
            Admitted::Nothing | Admitted::Named(_) => None,
        });
        keys.into_iter().nth(n).ok_or(Error::Internal("an operation ran without its demand"))
    }

    /// Whether an operation with the admitted keys takes some tens of microseconds at most.
    pub(crate) fn is_quick(&self) -> bool {
        use KeySpec::*;
        self.admitted.iter().all(|admitted| match admitted {
            Admitted::Nothing | Admitted::Named(_) => true,
            Admitted::Key(key) => key.held().is_ok_and(|held| {
                let quick = [
                    Aes256, Hmac224, Hmac256, Hmac384, Hmac512, P256, Ed25519, MlKem512, MlKem768,
                    MlKem1024,
                ];
                held.spec.key().is_none_or(|spec| quick.contains(&spec))
            }),
        })
    }

    /// Who was admitted.
    pub(crate) fn caller(&self) -> &Caller {
        self.caller
    }

    /// The names of what was admitted, as the audit log writes them: those of keys with the
    /// version that was used, where one was.
    pub(crate) fn names(&self, mut used: Used) -> impl Iterator<Item = &str> {
        self.admitted.iter().filter_map(move |admitted| match admitted {
            Admitted::Nothing => None,
            Admitted::Key(key) => Some(used.take(key).unwrap_or(key.arn())),
            Admitted::Named(name) => Some(name.as_str()),
        })
    }
}

/// The names of what an operation asks for, as it was named: for the entry of a refusal.
pub(crate) fn names_asked<O: Operation>(operation: &O) -> Vec<String> {
    let demands = operation.demands().unwrap_or_default();
    let name = |demand: Demand| match demand.target {
        Target::Nothing | Target::Account(_) | Target::Server => None,
        Target::Alias(alias) => Some(alias.arn()),
        Target::Principal(name) | Target::Role(name) => Some(name.arn()),
        Target::Key(reference) | Target::Object(reference) | Target::AnyObject(reference) => {
            let KeyRef { account, region, by } = reference;
            Some(match by {
                By::Id(id) => ObjectName { account, region, id }.arn(),
                By::Alias(alias) => AliasRef { account, region, alias }.arn(),
            })
        }
    };
    demands.into_iter().filter_map(name).collect()
}

/// Resolves every demand and asks policy about each: all, or a refusal.
pub(crate) fn admit<'c, O: Operation>(
    operation: &O,
    caller: &'c Caller,
    room: &Room<'_>,
) -> Result<Permit<'c, O>> {
    let demands = operation.demands()?;
    let mut admitted = Vec::with_capacity(demands.len());
    for demand in demands {
        admitted.push(admit_one(operation, caller, room, demand)?);
    }
    Ok(Permit { admitted, caller, operation: PhantomData })
}

fn admit_one<O: Operation>(
    operation: &O,
    caller: &Caller,
    room: &Room<'_>,
    demand: Demand,
) -> Result<Admitted> {
    let Demand { action, target } = demand;
    let at = room.at();
    match target {
        Target::Nothing => {
            ask(operation, caller, at, action, None, None)?;
            Ok(Admitted::Nothing)
        }
        Target::Account(account) => {
            // Also for what another account may be allowed to do to an object.
            if caller.principal().account != account {
                return Err(Error::Denied(action));
            }
            ask(operation, caller, at, action, None, None)?;
            Ok(Admitted::Nothing)
        }
        Target::Server => {
            if caller.principal().account != room.operator() {
                return Err(Error::Denied(action));
            }
            ask(operation, caller, at, action, None, None)?;
            Ok(Admitted::Nothing)
        }
        Target::Alias(alias) => {
            own_account_unless(action, alias.account, caller)?;
            let arn = alias.arn();
            ask(operation, caller, at, action, Some((&arn, alias.account)), None)?;
            Ok(Admitted::Named(arn))
        }
        Target::Principal(name) => {
            own_account_unless(action, name.account, caller)?;
            let arn = name.arn();
            ask(operation, caller, at, action, Some((&arn, name.account)), None)?;
            Ok(Admitted::Named(arn))
        }
        Target::Role(name) => admit_to_role(operation, caller, room, action, &name),
        Target::Key(ref reference)
        | Target::Object(ref reference)
        | Target::AnyObject(ref reference) => {
            own_account_unless(action, reference.account, caller)?;
            room.begin_look();
            let found = match target {
                Target::Object(_) | Target::AnyObject(_) => room.object(reference),
                _ => room.key(reference),
            };
            let admitted = admit_key(operation, caller, room, action, reference, found);
            if let Err(Error::Denied(_)) = admitted {
                room.look_in_vain(reference)?;
            }
            if let (Target::Object(_), Ok(Admitted::Key(object))) = (&target, &admitted) {
                object.online()?;
            }
            admitted
        }
    }
}

/// Whether a role trusts the caller. One that is not there trusts nobody, and says no more.
fn admit_to_role<O: Operation>(
    operation: &O,
    caller: &Caller,
    room: &Room<'_>,
    action: Action,
    name: &PrincipalName,
) -> Result<Admitted> {
    let record = room.role(name)?.value.ok_or(Error::Denied(action))?;
    let trust = (room.engine().language().trust_policy)(&record.trust)?;
    let arn = name.arn();
    let facts = RequestFacts::new(operation, action, caller, room.at());
    decide_by(caller, action, Some((&arn, name.account)), Some(&trust), &facts)?;
    Ok(Admitted::Named(arn))
}

fn admit_key<O: Operation>(
    operation: &O,
    caller: &Caller,
    room: &Room<'_>,
    action: Action,
    reference: &KeyRef,
    found: Result<Arc<KeyObject>>,
) -> Result<Admitted> {
    let at = room.at();
    let alias = match &reference.by {
        By::Alias(alias) => Some(alias),
        By::Id(_) => None,
    };
    match found {
        Ok(key) => {
            let scheme = operation.scheme(&key, caller, room);
            let facts = RequestFacts::new(operation, action, caller, at)
                .with_key(&key)
                .with_alias(alias)
                .with_scheme(scheme.as_ref().ok().copied().flatten());
            let resource = Some((key.arn(), reference.account));
            decide(caller, action, resource, Some(&key), &facts)?;
            // Not before: why it cannot be told is only for those who may.
            scheme.map(|_| Admitted::Key(key))
        }
        Err(Error::NotFound(missing)) => {
            // Only those whose own policies would let them try learn that it is not there.
            let arn = arn_of_missing(reference, &missing);
            ask(operation, caller, at, action, Some((&arn, reference.account)), None)?;
            Err(Error::NotFound(missing))
        }
        Err(error) => Err(error),
    }
}

/// Whether policy lets a caller do `action` to an object that an operation came upon: what may not
/// be seen is not found.
pub(crate) fn allows<O: Operation>(
    operation: &O,
    caller: &Caller,
    at: At,
    action: Action,
    key: &KeyObject,
) -> bool {
    let facts = RequestFacts::new(operation, action, caller, at).with_key(key);
    decide(caller, action, Some((key.arn(), key.name().account)), Some(key), &facts).is_ok()
}

fn arn_of_missing(reference: &KeyRef, missing: &Missing) -> String {
    match missing {
        Missing::Key(name) => name.arn(),
        _ => format!("arn:aws:kms:{}:{}:key/", reference.region, reference.account),
    }
}

fn ask<O: Operation>(
    operation: &O,
    caller: &Caller,
    at: At,
    action: Action,
    resource: Option<(&str, AccountId)>,
    key: Option<&KeyObject>,
) -> Result<()> {
    let facts = RequestFacts::new(operation, action, caller, at);
    decide(caller, action, resource, key, &facts)
}

/// What Strongroom's own principal may do, whatever key policies say: carry out what was
/// scheduled, note the time, and set aside what an admitted operation uses of a limit.
const SYSTEM_ACTIONS: ActionSet = ActionSet::EMPTY
    .with(Action::DestroyKey)
    .with(Action::RotateKey)
    .with(Action::KeepTime)
    .with(Action::AllocateUsage);

/// The one place where policy is asked.
fn decide(
    caller: &Caller,
    action: Action,
    resource: Option<(&str, AccountId)>,
    key: Option<&KeyObject>,
    facts: &RequestFacts<'_>,
) -> Result<()> {
    decide_by(caller, action, resource, key.map(KeyObject::policy), facts)
}

/// The same by the policy of whatever it is done to.
fn decide_by(
    caller: &Caller,
    action: Action,
    resource: Option<(&str, AccountId)>,
    policy: Option<&Document>,
    facts: &RequestFacts<'_>,
) -> Result<()> {
    if caller.principal().kind == PrincipalKind::System {
        return if SYSTEM_ACTIONS.contains(action) { Ok(()) } else { Err(Error::Denied(action)) };
    }
    let (identity, session) = (caller.identity_policies(), caller.session_policy());
    let policies = Policies { identity, session, key: policy };
    let request = policy::Request {
        principal: caller.principal(),
        principal_arn: caller.arn(),
        role_arn: caller.role_arn(),
        action,
        resource: resource.map(|(arn, account)| policy::Resource { arn, account }),
        facts,
    };
    match policy::decide(&policies, &request) {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(_) => Err(Error::Denied(action)),
    }
}

/// Most operations stay within the caller's account, whatever policies say.
fn own_account_unless(action: Action, account: AccountId, caller: &Caller) -> Result<()> {
    if account == caller.principal().account || crosses_accounts(action) {
        Ok(())
    } else {
        Err(Error::Denied(action))
    }
}

/// The actions that another account may be allowed (AWS KMS: "cross-account use").
fn crosses_accounts(action: Action) -> bool {
    use Action::*;
    matches!(
        action,
        Decapsulate
            | Decrypt
            | DeriveSharedSecret
            | DescribeKey
            | Encapsulate
            | Encrypt
            | GenerateDataKey
            | GenerateDataKeyPair
            | GenerateDataKeyPairWithoutPlaintext
            | GenerateDataKeyWithoutPlaintext
            | GenerateMac
            | GetKeyRotationStatus
            | GetPublicKey
            | ReEncryptFrom
            | ReEncryptTo
            | Sign
            | Verify
            | VerifyMac
    )
}
