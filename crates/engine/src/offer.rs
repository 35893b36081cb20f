//! Unsealing by those who hold the means: one gives the passphrase or the key file, or several
//! give a share each, until there are enough.
//!
//! Nobody is identified yet, so who gives something wrong hears no more than that it was wrong. A
//! passphrase can be guessed, which the others cannot: it is tried one at a time, and who gave a
//! wrong one waits before the next. Nobody who holds a key file or a share ever waits for that.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, MutexGuard, PoisonError, TryLockError, atomic::Ordering::Relaxed},
};

use audit::Outcome;
use crypto::{
    root::RootKey,
    unseal::{Method, Share, UnsealFailure},
};
use model::{Action, At, EncryptionContext, Error, Secret, claim::Origin};

use crate::{
    Engine,
    caller::Caller,
    entry::{self, STOPPED},
    pending::{Pending, Ticket},
    perform::{Answer, Lane, Offload},
    place,
    source::{self, Named},
};

/// How long who gave a wrong passphrase waits, in milliseconds from when it came: several times
/// what it takes to try one, so that one address leaves most of the time to the others.
const PATIENCE_MS: u64 = 2000;

/// What somebody gives to unseal the server with.
pub enum Given {
    /// A key file's content.
    KeyFile(Secret),
    /// The passphrase.
    Passphrase(Secret),
    /// The text of a share.
    Share(Secret),
}

/// A kind of way to the root key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// A file of 32 bytes.
    KeyFile,
    /// A passphrase.
    Passphrase,
    /// Shares.
    Shares {
        /// How many are needed.
        needed: u8,
        /// How many there are.
        count: u8,
    },
}

impl From<Method> for Way {
    fn from(method: Method) -> Self {
        match method {
            Method::KeyFile => Self::KeyFile,
            Method::Passphrase => Self::Passphrase,
            Method::Shares { threshold, count } => Self::Shares { needed: threshold, count },
        }
    }
}

/// How far unsealing is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Whether the server is sealed.
    pub sealed: bool,
    /// The ways to unseal it, by name; none are told once it is unsealed.
    pub ways: Vec<(String, Way)>,
    /// How many shares are held.
    pub shares_given: usize,
}

/// Why what was given did not unseal the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It is not sealed.
    NotSealed,
    /// It is not unsealed in this way.
    NoSuchWay,
    /// The text is not a share at all.
    NotAShare,
    /// The share was mistyped or damaged: its own check does not hold.
    DamagedShare,
    /// A share of this number is held already.
    GivenAlready(u8),
    /// It opens nothing here: another passphrase, key file, or a share of something else.
    Wrong,
    /// There were enough shares, and together they open nothing. All are discarded.
    WrongTogether,
    /// A wrong passphrase was given from this address a moment ago, one is being tried, or the
    /// server is about to be sealed.
    TooSoon,
    /// For a reason of the server's.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What has been given so far, and by whom in vain.
#[derive(Default)]
pub(crate) struct Attempt {
    /// Shares, in secret memory, by the split they are of.
    sets: HashMap<[u8; 8], Vec<Share>>,
    /// When a wrong passphrase came from a neighbourhood, on the monotonic clock, in milliseconds.
    /// Few at any time: it takes a good part of a second to become one of them.
    impatient: HashMap<IpAddr, u64>,
    /// How often something wrong was given since the server was sealed.
    wrong_count: u64,
    /// How many are sealing the server right now.
    sealing: u32,
    /// How often it was sealed or unsealed.
    turns: u64,
}

impl Attempt {
    /// Discards, and so wipes, all shares.
    fn forget(&mut self) {
        self.sets.clear();
        self.wrong_count = 0;
        self.turns += 1;
    }

    /// Nobody unseals from now on, until [`Attempt::end_sealing`].
    pub(crate) fn begin_sealing(&mut self) {
        self.forget();
        self.sealing += 1;
    }

    pub(crate) fn end_sealing(&mut self) {
        self.sealing -= 1;
    }

    /// Whether who is at an address may try a passphrase.
    fn may_try(&mut self, from: IpAddr, now_ms: u64) -> Result<(), Refused> {
        self.impatient.retain(|_, at| now_ms.saturating_sub(*at) < PATIENCE_MS);
        if self.impatient.contains_key(&neighbourhood(from)) {
            return Err(Refused::TooSoon);
        }
        Ok(())
    }

    /// Keeps a share with the others of its split, and opens the root key when there are enough.
    fn take_share(
        &mut self,
        share: Share,
        sources: &[Named],
    ) -> Result<Option<(String, RootKey)>, Refused> {
        let named = source_of(&share, sources)?;
        let (set, index) = (share.set(), share.index());
        let shares = self.sets.entry(set).or_default();
        if shares.iter().any(|held| held.index() == index) {
            return Err(Refused::GivenAlready(index));
        }
        shares.push(share);
        match named.source.open_with_shares(shares) {
            Ok(root) => Ok(Some((named.name.clone(), root))),
            Err(UnsealFailure::TooFewShares { .. }) => Ok(None),
            Err(UnsealFailure::Module(error)) => Err(Refused::Failed(error)),
            // One of them at least is forged, and which cannot be told.
            Err(_) => {
                self.sets.remove(&set);
                Err(Refused::WrongTogether)
            }
        }
    }

    fn shares_given(&self) -> usize {
        self.sets.values().map(Vec::len).max().unwrap_or_default()
    }
}

/// Who is one with an address: the address itself, or the first half of an IPv6 address: of the second everybody has all.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

fn parse(text: &Secret) -> Result<Share, Refused> {
    let text = str::from_utf8(text.expose()).map_err(|_| Refused::NotAShare)?;
    Share::parse(text).map_err(|failure| match failure {
        UnsealFailure::NotAShare => Refused::NotAShare,
        UnsealFailure::Module(error) => Refused::Failed(error),
        _ => Refused::DamagedShare,
    })
}

/// The source that a share is of.
fn source_of<'s>(share: &Share, sources: &'s [Named]) -> Result<&'s Named, Refused> {
    let mut refused = Refused::NoSuchWay;
    for named in sources {
        let Method::Shares { threshold, .. } = named.source.method() else { continue };
        refused = Refused::Wrong;
        // Alone it opens the source, is one of too few, or is of another split.
        let alone = named.source.open_with_shares(std::slice::from_ref(share));
        let is_of_it = matches!(alone, Ok(_) | Err(UnsealFailure::TooFewShares { .. }));
        if is_of_it && share.threshold() == threshold {
            return Ok(named);
        }
    }
    Err(refused)
}

/// The root key by the first source of a kind that opens.
fn first(
    sources: &[Named],
    is_of_kind: impl Fn(Way) -> bool,
    open: impl Fn(&Named) -> Result<RootKey, UnsealFailure>,
) -> Result<(String, RootKey), Refused> {
    let mut refused = Refused::NoSuchWay;
    for named in sources.iter().filter(|named| is_of_kind(named.source.method().into())) {
        match open(named) {
            Ok(root) => return Ok((named.name.clone(), root)),
            Err(UnsealFailure::Module(error)) => return Err(Refused::Failed(error)),
            Err(_) => refused = Refused::Wrong,
        }
    }
    Err(refused)
}

impl Engine {
    /// Takes what somebody gives to unseal the server. When it is enough, the server is unsealed,
    /// and the audit log says by which way and how often something wrong was given before.
    ///
    /// A passphrase takes a good part of a second: never on a thread that serves connections.
    pub fn offer(&self, given: &Given, origin: Origin, at: At) -> Result<Progress, Refused> {
        let sources = source::all(self.view())?;
        let mut attempt = self.attempt_to_unseal()?;
        let opened = match given {
            Given::Share(text) => parse(text).and_then(|share| attempt.take_share(share, &sources)),
            Given::KeyFile(file) => {
                let open = |named: &Named| named.source.open_with_key_file(file);
                first(&sources, |way| way == Way::KeyFile, open).map(Some)
            }
            Given::Passphrase(passphrase) => {
                attempt.may_try(origin.source, at.monotonic_ms)?;
                let turns = attempt.turns;
                // Who has a share or a key file does not wait for it.
                drop(attempt);
                let opened = self.try_passphrase(passphrase, &sources);
                attempt = self.attempt_to_unseal()?;
                if attempt.turns != turns {
                    // Given before the server was sealed again, it does not undo that.
                    return Err(Refused::TooSoon);
                }
                if matches!(opened, Err(Refused::Wrong)) {
                    attempt.impatient.insert(neighbourhood(origin.source), at.monotonic_ms);
                }
                opened.map(Some)
            }
        };
        match opened {
            Ok(Some((name, root))) => {
                self.unseal(root)?;
                if let Err(error) = self.record_unsealing(&name, attempt.wrong_count, origin, at) {
                    // What cannot be recorded does not happen.
                    self.close();
                    return Err(error.into());
                }
                attempt.forget();
            }
            Ok(None) => {}
            Err(refused) => {
                if matches!(refused, Refused::Wrong | Refused::WrongTogether) {
                    attempt.wrong_count += 1;
                    self.unseal_refusals.fetch_add(1, Relaxed);
                }
                return Err(refused);
            }
        }
        Ok(self.progress_of(&attempt, &sources))
    }

    /// What has been given so far, while the server is sealed and nobody is sealing it.
    fn attempt_to_unseal(&self) -> Result<MutexGuard<'_, Attempt>, Refused> {
        let attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if attempt.sealing > 0 {
            return Err(Refused::TooSoon);
        }
        if !self.is_sealed() {
            return Err(Refused::NotSealed);
        }
        Ok(attempt)
    }

    /// The root key by a passphrase, if no other is being tried.
    fn try_passphrase(
        &self,
        passphrase: &Secret,
        sources: &[Named],
    ) -> Result<(String, RootKey), Refused> {
        let _turn = match self.stretching.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Refused::TooSoon),
        };
        let open = |named: &Named| named.source.open_with_passphrase(passphrase);
        first(sources, |way| way == Way::Passphrase, open)
    }

    /// How often something was given that did not unseal the server, since it was started: the
    /// audit log, which is closed then, hears of it only when the server is unsealed.
    pub fn unseal_refusals(&self) -> u64 {
        self.unseal_refusals.load(Relaxed)
    }

    /// How far unsealing is.
    pub fn unseal_progress(&self) -> model::Result<Progress> {
        let attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.progress_of(&attempt, &source::all(self.view())?))
    }

    fn progress_of(&self, attempt: &Attempt, sources: &[Named]) -> Progress {
        if !self.is_sealed() {
            return Progress { sealed: false, ways: Vec::new(), shares_given: 0 };
        }
        let shares_given = attempt.shares_given();
        Progress { sealed: true, ways: named_ways(sources), shares_given }
    }

    /// The ways to the root key, by name.
    pub(crate) fn ways(&self) -> model::Result<Vec<(String, Way)>> {
        Ok(named_ways(&source::all(self.view())?))
    }

    fn record_unsealing(
        &self,
        name: &str,
        wrong_count: u64,
        origin: Origin,
        at: At,
    ) -> model::Result<()> {
        let open = self.opened()?;
        let caller: Caller = self.system_caller(place::system_account()?)?.at_origin(origin);
        let context = EncryptionContext::new([("wrong-before", &*wrong_count.to_string())])?;
        let (names, context) = ([name], Some(&context));
        let entry = entry::of_call(&caller, at, Action::Unseal, &names, context, Outcome::Allowed)?;
        open.log().append(&entry).map(|_| ()).map_err(|_| STOPPED)
    }
}

fn named_ways(sources: &[Named]) -> Vec<(String, Way)> {
    sources.iter().map(|named| (named.name.clone(), named.source.method().into())).collect()
}

/// [`Engine::offer`] on the pool, or [`Engine::unseal_progress`] when nothing is given.
pub async fn offer(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    given: Option<Given>,
    origin: Origin,
    at: At,
) -> Result<Progress, Refused> {
    if !engine.is_sealed() {
        // Whoever asks has not said who they are: it costs no work and tells no more.
        return match given {
            Some(_) => Err(Refused::NotSealed),
            None => Ok(Progress { sealed: false, ways: Vec::new(), shares_given: 0 }),
        };
    }
    let (giver, answered) = Answer::ends();
    let engine = engine.clone();
    let job = move || {
        let outcome = match given {
            Some(given) => engine.offer(&given, origin, at),
            None => engine.unseal_progress().map_err(Refused::Failed),
        };
        giver.give(Ok(Pending::new(outcome, Ticket::Recorded)))
    };
    if pool.offload(Lane::Server, Box::new(job)).is_err() {
        return Err(Refused::TooSoon);
    }
    answered.await?.await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_ipv6_address_is_one_neighbour() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_ne!(of("::ffff:192.0.2.1"), of("::ffff:192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
