//! How fast a peer must be, and how the listener tells its connections what to do. One look at
//! all of them from time to time, instead of a timer for each request.

use std::{
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicU8, AtomicU32, Ordering::Acquire, Ordering::Relaxed,
            Ordering::Release,
        },
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

/// How often connections are looked at: a limit may be overrun by as much.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Longest time between requests and for a request's head, together, in looks.
const HEAD_LOOKS_MAX: u32 = 60;
/// Longest time for a request's body, in looks.
const BODY_LOOKS_MAX: u32 = 30;
/// Longest time to take an answer, in looks.
const REPLY_LOOKS_MAX: u32 = 60;
/// Longest time between messages where a connection is kept for them, in looks: a day for a peer
/// that is known. Any other has as long as for its first.
const IDLE_LOOKS_MAX: u32 = 24 * 60 * 60;

/// How many looks there were: a clock that is read for nothing.
#[derive(Clone, Default)]
pub(crate) struct Looks(Arc<AtomicU32>);

impl Looks {
    /// Counts one more.
    pub(crate) fn look(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn so_far(&self) -> u32 {
        self.0.load(Relaxed)
    }
}

/// What a connection waits for.
#[derive(Clone, Copy, Eq, PartialEq)]
#[repr(u8)]
enum Phase {
    /// The peer: the next request's head.
    Head,
    /// The peer: the rest of the request.
    Body,
    /// The server: the answer takes as long as it takes.
    Answer,
    /// The peer: to take the answer.
    Reply,
    /// The peer: its next message, which may be long in coming.
    Idle,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Head, Self::Body, Self::Answer, Self::Reply, Self::Idle];

    /// Longest time in it, in looks, where there is one.
    fn looks_max(self, is_known: bool) -> Option<u32> {
        match self {
            Self::Head => Some(HEAD_LOOKS_MAX),
            Self::Body => Some(BODY_LOOKS_MAX),
            Self::Answer => None,
            Self::Reply => Some(REPLY_LOOKS_MAX),
            Self::Idle if is_known => Some(IDLE_LOOKS_MAX),
            Self::Idle => Some(HEAD_LOOKS_MAX),
        }
    }
}

/// What the listener asks of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Order {
    /// To serve.
    Serve = 0,
    /// To finish what it is at, and take no more.
    Finish = 1,
    /// To end at once.
    Leave = 2,
}

/// What one connection is at, and since when.
pub(crate) struct Pace {
    looks: Looks,
    phase: AtomicU8,
    since: AtomicU32,
    is_known: AtomicBool,
    order: AtomicU8,
    waker: OnceLock<Waker>,
}

impl Pace {
    /// A connection that waits for its first request.
    pub(crate) fn new(looks: Looks) -> Self {
        let since = AtomicU32::new(looks.so_far());
        Self {
            looks,
            phase: AtomicU8::new(Phase::Head as u8),
            since,
            is_known: AtomicBool::new(false),
            order: AtomicU8::new(Order::Serve as u8),
            waker: OnceLock::new(),
        }
    }

    fn enter(&self, phase: Phase) {
        self.since.store(self.looks.so_far(), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// A head has come, and the body is read.
    pub(crate) fn body(&self) {
        self.enter(Phase::Body);
    }

    /// The body has come, and the answer is worked out.
    pub(crate) fn answer(&self) {
        self.phase.store(Phase::Answer as u8, Relaxed);
    }

    /// The answer is given, and the next head is waited for.
    pub(crate) fn head(&self) {
        self.enter(Phase::Head);
    }

    /// The answer is given, and the peer has yet to take it.
    pub(crate) fn reply(&self) {
        self.enter(Phase::Reply);
    }

    /// The answer is taken, and the connection is kept for the next message.
    pub(crate) fn idle(&self) {
        self.enter(Phase::Idle);
    }

    /// The peer has proved to be somebody whom the engine knows. That stays so.
    pub(crate) fn know(&self) {
        self.is_known.store(true, Relaxed);
    }

    /// Whether the peer keeps the server waiting for too long.
    pub(crate) fn is_too_slow(&self) -> bool {
        let is_known = self.is_known.load(Relaxed);
        self.phase().looks_max(is_known).is_some_and(|looks_max| self.waited() > looks_max)
    }

    /// Whether the peer is nobody who is known yet. One that was told to end is on its way.
    pub(crate) fn is_unknown(&self) -> bool {
        !self.is_known.load(Relaxed) && self.last_order() == Order::Serve
    }

    /// Whether the connection may go at any time: it is unknown, and waits for its peer.
    pub(crate) fn may_leave(&self) -> bool {
        self.is_unknown() && self.phase() != Phase::Answer
    }

    /// For how many looks the connection has been kept for a message of a peer that is known, if it
    /// is and is to serve.
    pub(crate) fn idle_looks(&self) -> Option<u32> {
        let is_idle = self.phase() == Phase::Idle && self.last_order() == Order::Serve;
        (is_idle && self.is_known.load(Relaxed)).then(|| self.waited())
    }

    fn phase(&self) -> Phase {
        let phase = self.phase.load(Relaxed);
        Phase::ALL.into_iter().find(|it| *it as u8 == phase).unwrap_or(Phase::Head)
    }

    fn waited(&self) -> u32 {
        self.looks.so_far().wrapping_sub(self.since.load(Relaxed))
    }

    /// Tells the connection, and wakes it.
    pub(crate) fn tell(&self, order: Order) {
        self.order.store(order as u8, Release);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// What the connection was told. It is the connection's task, always the same, that asks.
    pub(crate) fn order(&self, context: &Context<'_>) -> Order {
        // First the way to be woken, so that an order that comes now is seen then.
        self.waker.get_or_init(|| context.waker().clone());
        self.last_order()
    }

    /// Waits until the connection is told to end, now or when it is done with what it is at.
    pub(crate) async fn ending(&self) {
        poll_fn(|context| match self.order(context) {
            Order::Serve => Poll::Pending,
            Order::Finish | Order::Leave => Poll::Ready(()),
        })
        .await;
    }

    fn last_order(&self) -> Order {
        match self.order.load(Acquire) {
            order if order == Order::Serve as u8 => Order::Serve,
            order if order == Order::Finish as u8 => Order::Finish,
            _ => Order::Leave,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(looks: &Looks, count: u32) {
        (0..count).for_each(|_| looks.look());
    }

    #[test]
    fn a_peer_is_too_slow_between_requests_and_within_one_but_never_while_it_waits_for_us() {
        let looks = Looks::default();
        let pace = Pace::new(looks.clone());
        pass(&looks, HEAD_LOOKS_MAX);
        assert!(!pace.is_too_slow());
        pass(&looks, 1);
        assert!(pace.is_too_slow());
        pace.body();
        pass(&looks, BODY_LOOKS_MAX);
        assert!(!pace.is_too_slow());
        pass(&looks, 1);
        assert!(pace.is_too_slow());
        pace.answer();
        pass(&looks, 1000);
        assert!(!pace.is_too_slow());
        pace.head();
        assert!(!pace.is_too_slow());
    }

    #[test]
    fn a_connection_that_is_kept_may_be_idle_for_a_day_but_has_to_take_its_answers() {
        let looks = Looks::default();
        let pace = Pace::new(looks.clone());
        assert_eq!(pace.idle_looks(), None);
        pace.know();
        pace.reply();
        pass(&looks, REPLY_LOOKS_MAX + 1);
        assert!(pace.is_too_slow() && pace.idle_looks().is_none());
        pace.idle();
        pass(&looks, IDLE_LOOKS_MAX);
        assert!(!pace.is_too_slow());
        assert_eq!(pace.idle_looks(), Some(IDLE_LOOKS_MAX));
        pass(&looks, 1);
        assert!(pace.is_too_slow());
        // One that was told to end is on its way.
        pace.tell(Order::Finish);
        assert_eq!(pace.idle_looks(), None);
    }

    #[test]
    fn a_peer_that_is_not_known_may_be_idle_as_long_as_before_its_first_message() {
        let looks = Looks::default();
        let pace = Pace::new(looks.clone());
        assert!(pace.may_leave());
        pace.answer();
        assert!(pace.is_unknown() && !pace.may_leave());
        pace.idle();
        pass(&looks, HEAD_LOOKS_MAX);
        assert!(!pace.is_too_slow() && pace.may_leave() && pace.idle_looks().is_none());
        pass(&looks, 1);
        assert!(pace.is_too_slow());
        pace.know();
        assert!(!pace.is_too_slow() && !pace.is_unknown() && !pace.may_leave());
        assert_eq!(pace.idle_looks(), Some(HEAD_LOOKS_MAX + 1));
    }

    #[test]
    fn a_connection_hears_what_it_was_told_before_it_ever_asked() {
        let pace = Pace::new(Looks::default());
        let context = Context::from_waker(Waker::noop());
        pace.tell(Order::Finish);
        assert_eq!(pace.order(&context), Order::Finish);
        pace.tell(Order::Leave);
        assert_eq!(pace.order(&context), Order::Leave);
    }
}
