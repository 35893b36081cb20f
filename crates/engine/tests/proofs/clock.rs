//! A clock that cannot be relied on: what it may not bring about, and what it may not undo.

use engine::{KeyRef, Mode, op};
use model::{
    At, Error, Obstacle, PrincipalName, Wall,
    algorithm::{KeySpec, KeyUsage},
    error::Unauthenticated,
    time::Trust,
};

use crate::{
    certificate::certificate,
    house::{House, NOW, account, encrypt, engine_on, house},
};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// So long after the houses' present by the wall clock, and so long by the monotonic one.
fn after(wall_ms: i64, monotonic_ms: u64) -> At {
    let wall = Wall(NOW.0.saturating_add_signed(wall_ms));
    At { wall, monotonic_ms, trust: Trust::Steady }
}

fn days(count: u64) -> i64 {
    (count * DAY_MS).cast_signed()
}

/// A key that is to be destroyed in seven days.
fn dying(house: &House) -> KeyRef {
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let schedule = op::ScheduleKeyDeletion { key: key.clone(), window_days: 7 };
    house.call(&house.admin(), schedule).unwrap();
    key
}

fn destroyed(house: &House, at: At) -> usize {
    house.engine.destroy_due(at).unwrap().len()
}

/// The same server, started again.
fn again(house: House) -> House {
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_on(store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    house.unseal();
    house
}

fn entries(house: &House) -> u64 {
    house.engine.log_status().unwrap().next_index
}

#[test]
fn a_clock_that_leaps_ahead_destroys_nothing_at_once() {
    for leap in [days(8), days(3650), days(36_500)] {
        let house = house();
        let key = dying(&house);
        // The house has run as long as its wall clock says.
        let run = NOW.0 + MINUTE_MS;
        assert_eq!(destroyed(&house, after(leap, run)), 0);
        assert_eq!(house.engine.trust(after(leap, run)), Ok(Trust::Jumped));
        assert_eq!(destroyed(&house, after(leap, run + DAY_MS - 1)), 0);
        // Set right, the clock has brought about nothing, and the key may still be saved.
        assert_eq!(destroyed(&house, after(days(1), run + DAY_MS)), 0);
        let pending = house.call(&house.admin(), encrypt(&key, b"x")).unwrap_err();
        assert!(matches!(pending, Error::WrongState { obstacle: Obstacle::PendingDeletion, .. }));
        house.call(&house.admin(), op::CancelKeyDeletion { key }).unwrap();
    }
}

#[test]
fn a_server_that_was_off_past_a_date_destroys_after_a_day_of_running() {
    let house = house();
    dying(&house);
    house.engine.keep_time(after(0, NOW.0), 0).unwrap();
    let house = again(house);
    for run in [5, MINUTE_MS, DAY_MS] {
        assert_eq!(destroyed(&house, after(days(8), run)), 0);
    }
    assert_eq!(destroyed(&house, after(days(8), DAY_MS + 5)), 1);
}

#[test]
fn a_server_that_was_off_for_less_than_a_day_destroys_on_the_date() {
    let house = house();
    dying(&house);
    house.engine.keep_time(after(days(7) - 1, NOW.0 + 7 * DAY_MS), 0).unwrap();
    let house = again(house);
    assert_eq!(destroyed(&house, after(days(7) + 1, 5)), 1);
}

#[test]
fn a_clock_that_leaps_ahead_in_small_steps_destroys_nothing() {
    let house = house();
    dying(&house);
    // Each step is what a clock may be ahead of the run, and is asked about.
    for step in 1..=2100 {
        let now = after(step * 295_000, NOW.0 + step.unsigned_abs());
        assert_eq!(destroyed(&house, now), 0, "{step}");
        house.engine.keep_time(now, 0).unwrap();
    }
    assert_eq!(house.engine.trust(after(days(7), NOW.0 + 3000)), Ok(Trust::Jumped));
}

#[test]
fn a_clock_that_leaps_ahead_at_every_restart_destroys_nothing() {
    let mut house = house();
    dying(&house);
    house.engine.keep_time(after(0, NOW.0), 0).unwrap();
    for restart in 1..=8 {
        house = again(house);
        let now = after(restart * (DAY_MS - MINUTE_MS).cast_signed(), 5);
        assert_eq!(destroyed(&house, now), 0, "{restart}");
        let trust = if restart == 1 { Trust::Steady } else { Trust::Jumped };
        assert_eq!(house.engine.trust(now), Ok(trust), "{restart}");
        house.engine.keep_time(now, 0).unwrap();
    }
}

#[test]
fn a_clock_that_was_set_back_while_the_server_was_off_is_noticed_and_destroys_nothing() {
    let house = house();
    dying(&house);
    let late = NOW.plus_secs(30 * 86_400);
    house.engine.keep_time(after(days(30), NOW.0 + 30 * DAY_MS), 0).unwrap();
    let house = again(house);
    // Due by either time.
    for back in [days(8), days(29)] {
        assert_eq!(house.engine.trust(after(back, 5)), Ok(Trust::Behind(late)));
        assert_eq!(destroyed(&house, after(back, 5 * DAY_MS)), 0);
    }
    assert_eq!(house.engine.trust(after(days(30) - 1000, 6)), Ok(Trust::Steady));
    assert_eq!(destroyed(&house, after(days(30), 7)), 1);
}

/// Where a clock may find itself, in milliseconds from the houses' present.
fn jumps() -> impl Iterator<Item = i64> {
    const SECOND: i64 = 1000;
    const HOUR: i64 = 3600 * SECOND;
    const YEARS: i64 = 3650 * 24 * HOUR;
    let by = [-YEARS, -24 * HOUR, -HOUR, -SECOND, 0, SECOND, HOUR, 24 * HOUR, YEARS];
    let to =
        [(1970, 1, 1), (2038, 1, 19), (2100, 2, 28), (2100, 3, 1)].map(|(year, month, day)| {
            let wall = Wall::from_utc(year, month, day, 0, 0, 0).unwrap();
            wall.0.cast_signed() - NOW.0.cast_signed()
        });
    by.into_iter().chain(to)
}

#[test]
fn wherever_a_clock_jumps_what_ended_stays_ended_and_nothing_is_destroyed() {
    let soon = NOW.plus_secs(60);
    for jump in jumps() {
        let house = house();
        let key = dying(&house);
        let chain = [certificate((NOW, Wall(soon.0 - 1000)))];
        let principal = PrincipalName::user(account(), "machine").unwrap();
        house.make_user(&house.admin(), account(), "machine", &[]);
        let certificate = chain[0].clone();
        house
            .call(
                &house.admin(),
                op::RegisterCertificate { principal, certificate, with_credential: false },
            )
            .unwrap();
        let ended = after(MINUTE_MS.cast_signed(), NOW.0 + MINUTE_MS);
        let expired = Error::Unauthenticated(Unauthenticated::Expired);
        assert_eq!(house.claim_by(&chain, ended).unwrap_err(), expired);
        house.engine.keep_time(ended, 0).unwrap();
        // In the run, and in the next one.
        let jumped = |run| after(MINUTE_MS.cast_signed() + jump, run);
        let refused = house.claim_by(&chain, jumped(NOW.0 + MINUTE_MS + 5)).unwrap_err();
        assert_eq!(refused, expired, "{jump}");
        assert_eq!(destroyed(&house, jumped(NOW.0 + MINUTE_MS + 6)), 0, "{jump}");
        let house = again(house);
        assert_eq!(house.claim_by(&chain, jumped(5)).unwrap_err(), expired, "{jump}");
        assert_eq!(destroyed(&house, jumped(6)), 0, "{jump}");
        // Set right, the clock lets the key be saved. (A leap of up to a day looks like a server
        // that was off: such a clock is behind for as long.)
        let set_right = after(2 * MINUTE_MS.cast_signed(), MINUTE_MS);
        assert_ne!(house.engine.trust(set_right), Ok(Trust::Jumped), "{jump}");
        let cancel =
            house.engine.call(&house.admin(), &op::CancelKeyDeletion { key }, set_right, Mode::Run);
        cancel.unwrap().wait().unwrap();
    }
}

#[test]
fn the_wait_for_a_destruction_is_not_shortened_by_setting_a_clock_right() {
    let house = house();
    let key = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    let admin = house.admin();
    let schedule = op::ScheduleKeyDeletion { key, window_days: 7 };
    let behind = after(-days(10), NOW.0 + MINUTE_MS);
    let set = house.engine.call(&admin, &schedule, behind, Mode::Run).unwrap().wait().unwrap();
    assert_eq!(set.date, NOW.plus_secs(7 * 86_400));
    assert_eq!(destroyed(&house, after(MINUTE_MS.cast_signed(), NOW.0 + 2 * MINUTE_MS)), 0);
    assert_eq!(destroyed(&house, after(days(7), NOW.0 + 7 * DAY_MS)), 1);
}

#[test]
fn the_time_is_kept_now_and_then_with_an_entry_and_never_turned_back() {
    let house = house();
    let before = entries(&house);
    let keep = |at| house.engine.keep_time(at, 5 * MINUTE_MS).unwrap();
    for minute in 0..=15 {
        keep(after((minute * MINUTE_MS).cast_signed(), NOW.0 + minute * MINUTE_MS));
    }
    assert_eq!(entries(&house), before + 3, "at 0, 6 and 12 minutes");
    keep(after(-days(1), NOW.0 + 16 * MINUTE_MS));
    keep(after(days(400), NOW.0 + 16 * MINUTE_MS));
    assert_eq!(entries(&house), before + 3);
    let house = again(house);
    let kept = NOW.plus_secs(12 * 60);
    assert_eq!(house.engine.trust(after(0, 5)), Ok(Trust::Behind(kept)));
}

#[test]
fn a_sealed_server_does_not_know_how_late_it_was() {
    let house = house();
    house.engine.seal();
    assert_eq!(house.engine.trust(after(0, 5)), Err(Error::Sealed));
    assert_eq!(house.engine.keep_time(after(0, 5), 0), Err(Error::Sealed));
}
