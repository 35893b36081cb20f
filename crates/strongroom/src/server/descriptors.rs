//! How many files the process may have open, and how many connections that leaves room for.
//! Every connection is an open file, and so is what the log and the store open: connections are
//! fewer than what may be open, whatever clients do.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most HTTPS connections at the same time.
const HTTPS_MAX: u64 = 4096;
/// Most connections for metrics at the same time.
const METRICS_MAX: u64 = 16;
/// Open files that are not HTTPS connections, beside those of the threads that serve them.
const OTHERS: u64 = 256;
/// Open files of a thread that serves connections.
const OF_THREAD: u64 = 4;

/// How many connections are served at the same time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Room {
    pub(super) https: usize,
    pub(super) metrics: usize,
    /// How many files may be open, if that is what limits the connections.
    pub(super) limited_by: Option<u64>,
}

impl Room {
    /// As much as there is, after the soft limit on open files was raised to the hard one.
    pub(super) fn make(threads: usize) -> Self {
        let limit = getrlimit(Resource::Nofile);
        // Where it cannot be raised, there is less room.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
        Self::within(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX), threads as u64)
    }

    /// What fits into so many open files: all but the others, or a quarter if that is more.
    fn within(files: u64, threads: u64) -> Self {
        let others = OTHERS + OF_THREAD * threads;
        let https = files.saturating_sub(others).max(files / 4).clamp(1, HTTPS_MAX);
        let metrics = (files / 16).clamp(1, METRICS_MAX);
        // Both are small.
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let limited_by = (https < HTTPS_MAX).then_some(files);
        Self { https: count(https), metrics: count(metrics), limited_by }
    }

    /// What the operator is told where there is little room.
    pub(super) fn lack(self) -> Option<String> {
        let files = self.limited_by?;
        Some(format!(
            "this process may have {files} files open, so at most {} connections are served at \
             the same time; allow it more (ulimit -n, or LimitNOFILE= in the service's unit)",
            self.https
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files_however_few_there_may_be() {
        for (files, https, metrics) in [
            (64, 16, 4),
            (256, 64, 16),
            (512, 256, 16),
            (1024, 768, 16),
            (4351, 4095, 16),
            (4352, 4096, 16),
            (u64::MAX, 4096, 16),
        ] {
            let limited_by = (files < 4352).then_some(files);
            assert_eq!(Room::within(files, 0), Room { https, metrics, limited_by }, "{files}");
        }
        // So does what the threads that serve them have open.
        assert_eq!(Room::within(1024, 64).https, 512);
        assert!(Room::within(1024, 0).lack().unwrap().contains("at most 768 connections"));
        assert_eq!(Room::within(1 << 20, 0).lack(), None);
    }
}
