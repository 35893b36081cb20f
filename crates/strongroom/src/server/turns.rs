//! Jobs that take long, of principals who take turns.
//!
//! One principal's are done one after the other, and after each comes the next principal. So
//! whoever asks for much waits behind the own jobs, and another behind one job of each principal
//! at most; of several threads, no principal holds more than one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use engine::{Full, Job};
use model::PrincipalName;

/// See the module's page.
pub(super) struct Turns {
    state: Mutex<State>,
    came: Condvar,
    /// Most jobs that wait, of all and of one principal.
    waiting_max: (usize, usize),
}

#[derive(Default)]
struct State {
    /// What waits of each principal who has a turn, or a job that is being done.
    waiting: HashMap<PrincipalName, VecDeque<Job>>,
    /// Whose turn it is, in order; without those of whom a job is being done.
    turns: VecDeque<PrincipalName>,
    is_closed: bool,
}

impl Turns {
    /// None yet. At most so many wait, of all and of one principal.
    pub(super) fn new(waiting_max: (usize, usize)) -> Self {
        Self { state: Mutex::default(), came: Condvar::new(), waiting_max }
    }

    /// Adds a job to those of its principal.
    pub(super) fn add(&self, whose: PrincipalName, job: Job) -> Result<(), Full> {
        let (of_all_max, of_one_max) = self.waiting_max;
        let mut state = self.locked();
        let of_all: usize = state.waiting.values().map(VecDeque::len).sum();
        let of_one = state.waiting.get(&whose).map(VecDeque::len);
        if of_all >= of_all_max || of_one.unwrap_or(0) >= of_one_max {
            return Err(Full);
        }
        state.waiting.entry(whose.clone()).or_default().push_back(job);
        if of_one.is_none() {
            state.turns.push_back(whose);
            self.came.notify_one();
        }
        Ok(())
    }

    /// Does jobs as they come, until there will be no more.
    pub(super) fn work(&self, mut run: impl FnMut(Job)) {
        while let Some((whose, job)) = self.next() {
            run(job);
            self.done(whose);
        }
    }

    /// There will be no more.
    pub(super) fn close(&self) {
        self.locked().is_closed = true;
        self.came.notify_all();
    }

    /// Waits for the next principal's first job.
    fn next(&self) -> Option<(PrincipalName, Job)> {
        let mut state = self.locked();
        loop {
            if let Some(whose) = state.turns.pop_front() {
                let job = state.waiting.get_mut(&whose)?.pop_front()?;
                return Some((whose, job));
            }
            if state.is_closed {
                return None;
            }
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A principal's job is done: with more of them, it has a turn after the others.
    fn done(&self, whose: PrincipalName) {
        let mut state = self.locked();
        if state.waiting.get(&whose).is_some_and(VecDeque::is_empty) {
            state.waiting.remove(&whose);
        } else {
            state.turns.push_back(whose);
            self.came.notify_one();
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::Told;

    use super::*;

    fn principal(name: &str) -> PrincipalName {
        PrincipalName::user("111122223333".parse().unwrap(), name).unwrap()
    }

    #[test]
    fn principals_take_turns_however_much_one_of_them_asks_for() {
        let turns = Turns::new((8, 4));
        let done = Arc::new(Mutex::new(String::new()));
        for name in ["a", "a", "a", "b", "c", "b"] {
            let done = done.clone();
            let job = Box::new(move || {
                done.lock().unwrap().push_str(name);
                Told::default()
            });
            turns.add(principal(name), job).unwrap();
        }
        turns.close();
        turns.work(|job| drop(job()));
        assert_eq!(*done.lock().unwrap(), "abcaba");
    }

    #[test]
    fn of_a_principal_one_job_is_done_at_a_time() {
        let turns = Turns::new((8, 4));
        for name in ["a", "a", "b"] {
            turns.add(principal(name), Box::new(Told::default)).unwrap();
        }
        assert_eq!(turns.next().unwrap().0, principal("a"));
        assert_eq!(turns.next().unwrap().0, principal("b"));
        turns.close();
        assert!(turns.next().is_none());
        turns.done(principal("a"));
        assert_eq!(turns.next().unwrap().0, principal("a"));
    }

    #[test]
    fn no_principal_fills_the_room_for_all() {
        let turns = Turns::new((8, 4));
        let add = |name| turns.add(principal(name), Box::new(Told::default));
        for name in ["a", "b"] {
            assert!((0..4).all(|_| add(name).is_ok()));
            assert_eq!(add(name), Err(Full));
        }
        assert_eq!(add("c"), Err(Full));
        let (whose, _) = turns.next().unwrap();
        assert_eq!(add("c"), Ok(()));
        turns.done(whose);
    }
}
