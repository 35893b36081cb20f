//! The connections that a listener has open, and which of them goes for one that comes.
//!
//! Whoever opens connections without proving who they are keeps nobody out: such a connection goes
//! before one whose peer is known, and one source has but a share of the room for them.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
};

use engine::neighbourhood;

use super::pace::{Order, Pace};

/// The part of the room that one source may fill with connections whose peers are not known.
const SHARE: usize = 8;

/// See the module's page.
pub(super) struct Crowd {
    /// In the order in which they came, each with its peer's neighbourhood.
    all: Vec<(IpAddr, Weak<Pace>)>,
    /// Most at the same time.
    room: usize,
}

impl Crowd {
    pub(super) fn new(room: usize) -> Self {
        Self { all: Vec::new(), room }
    }

    /// One more has come from there.
    pub(super) fn add(&mut self, address: IpAddr, pace: &Arc<Pace>) {
        // Those that have ended are forgotten now and then.
        if self.all.len() >= 2 * self.room {
            self.all.retain(|(_, pace)| pace.strong_count() > 0);
        }
        self.all.push((neighbourhood(address), Arc::downgrade(pace)));
    }

    /// Tells those that are too slow to leave, and forgets those that have ended.
    pub(super) fn look_after(&mut self) {
        self.all.retain(|(_, pace)| {
            pace.upgrade().is_some_and(|pace| {
                if pace.is_too_slow() {
                    pace.tell(Order::Leave);
                }
                true
            })
        });
    }

    /// Where the source of `address` has more connections with unknown peers than its share, the
    /// oldest of them leaves. Whether one was told to.
    pub(super) fn keep_to_share(&self, address: IpAddr) -> bool {
        let source = neighbourhood(address);
        let of_source = || self.open().filter(|(from, _)| *from == source).map(|(_, pace)| pace);
        let unknown = of_source().filter(|pace| pace.is_unknown()).count();
        let is_over = unknown > (self.room / SHARE).max(1);
        let oldest = is_over.then(|| of_source().find(|pace| pace.may_leave())).flatten();
        oldest.inspect(|pace| pace.tell(Order::Leave)).is_some()
    }

    /// The oldest connection with an unknown peer leaves; where there is none but `newcomer`, the
    /// one that has been idle for longest ends. So the next one that comes finds room.
    pub(super) fn make_room(&self, newcomer: Option<&Arc<Pace>>) {
        let is_other = |pace: &Arc<Pace>| newcomer.is_none_or(|it| !Arc::ptr_eq(it, pace));
        let mut others = self.open().map(|(_, pace)| pace).filter(is_other);
        if let Some(unknown) = others.find(|pace| pace.may_leave()) {
            return unknown.tell(Order::Leave);
        }
        // Of those that are idle for as long, the one that came first.
        let idle = self.open().filter_map(|(_, pace)| Some((pace.idle_looks()?, pace)));
        if let Some((_, pace)) = idle.min_by_key(|(looks, _)| std::cmp::Reverse(*looks)) {
            pace.tell(Order::Finish);
        }
    }

    /// Tells all to finish.
    pub(super) fn finish(&self) {
        self.open().for_each(|(_, pace)| pace.tell(Order::Finish));
    }

    fn open(&self) -> impl Iterator<Item = (IpAddr, Arc<Pace>)> {
        self.all.iter().filter_map(|(source, pace)| Some((*source, pace.upgrade()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::pace::Looks, *};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn address(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    /// Adds one, as the listener does when it has come.
    fn come(crowd: &mut Crowd, from: IpAddr) -> Arc<Pace> {
        let pace = Arc::new(Pace::new(Looks::default()));
        crowd.add(from, &pace);
        crowd.keep_to_share(from);
        pace
    }

    fn come_known(crowd: &mut Crowd, from: IpAddr) -> Arc<Pace> {
        let pace = come(crowd, from);
        pace.know();
        pace.idle();
        pace
    }

    /// Whether each of them is still served.
    fn served(paces: &[Arc<Pace>]) -> Vec<bool> {
        let context = std::task::Context::from_waker(std::task::Waker::noop());
        paces.iter().map(|pace| pace.order(&context) == Order::Serve).collect()
    }

    #[test]
    fn unknown_peers_go_before_known_ones_and_the_oldest_goes_first() {
        let mut crowd = Crowd::new(64);
        let known = come_known(&mut crowd, HERE);
        let (first, second) = (come(&mut crowd, HERE), come(&mut crowd, HERE));
        // Refused again and again: it is the older one all the same.
        first.idle();
        let newcomer = come(&mut crowd, HERE);
        let all = [known, first, second, newcomer];
        for left in
            [[true, false, true, true], [true, false, false, true], [false, false, false, true]]
        {
            crowd.make_room(Some(&all[3]));
            assert_eq!(served(&all), left);
        }
        crowd.make_room(None);
        assert_eq!(served(&all), [false; 4]);
    }

    #[test]
    fn a_message_that_is_being_answered_is_not_given_up() {
        let mut crowd = Crowd::new(64);
        let (asking, other) = (come(&mut crowd, HERE), come(&mut crowd, HERE));
        asking.answer();
        crowd.make_room(None);
        crowd.make_room(None);
        assert_eq!(served(&[asking, other]), [true, false]);
    }

    #[test]
    fn one_source_cannot_fill_the_room_and_hurts_nobody_but_itself() {
        let mut crowd = Crowd::new(64);
        let known = come_known(&mut crowd, address(1));
        let others = [come(&mut crowd, address(1)), come(&mut crowd, address(2))];
        let flood: Vec<_> = (0..1100).map(|_| come(&mut crowd, address(3))).collect();
        let left = served(&flood).into_iter().filter(|is_served| *is_served).count();
        assert_eq!(left, 8);
        assert!(served(&flood[1092..]).into_iter().all(|is_served| is_served));
        assert_eq!(served(&[known]), [true]);
        assert_eq!(served(&others), [true, true]);
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let mut crowd = Crowd::new(8);
        let come = |crowd: &mut Crowd, text: &str| come(crowd, text.parse().unwrap());
        let first = come(&mut crowd, "2001:db8::1");
        let other = come(&mut crowd, "2001:db8:0:1::1");
        let second = come(&mut crowd, "2001:db8::ffff:0:0:2");
        assert_eq!(served(&[first, other, second]), [false, true, true]);
    }

    #[test]
    fn a_known_peer_stays_while_its_own_address_is_flooded_from() {
        let mut crowd = Crowd::new(8);
        let known = come_known(&mut crowd, HERE);
        for _ in 0..100 {
            come(&mut crowd, HERE);
        }
        assert_eq!(served(&[known]), [true]);
    }
}
