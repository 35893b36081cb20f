//! How many files the process may have open, and how many connections that leaves room for.
//! Every connection is an open file, and so is what the log and the store open: connections are
//! fewer than what may be open, whatever clients do.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most HTTPS connections at the same time.
const HTTPS_MAX: u64 = 4096;
/// Most KMIP connections at the same time; where there is less room, as large a share of it.
const KMIP_MAX: u64 = 1024;
/// Most connections for metrics at the same time.
const METRICS_MAX: u64 = 16;
/// Open files that are no connections of clients, beside those of the threads that serve them.
const OTHERS: u64 = 256;
/// Open files of a thread that serves connections.
const OF_THREAD: u64 = 4;

/// How many connections are served at the same time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Room {
    pub(super) https: usize,
    pub(super) kmip: usize,
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
        let clients_max = HTTPS_MAX + KMIP_MAX;
        let clients = files.saturating_sub(others).max(files / 4).clamp(2, clients_max);
        let kmip = (clients * KMIP_MAX / clients_max).max(1);
        let https = clients - kmip;
        let metrics = (files / 16).clamp(1, METRICS_MAX);
        // All are small.
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let limited_by = (clients < clients_max).then_some(files);
        Self { https: count(https), kmip: count(kmip), metrics: count(metrics), limited_by }
    }

    /// What the operator is told where there is little room.
    pub(super) fn lack(self) -> Option<String> {
        let files = self.limited_by?;
        Some(format!(
            "this process may have {files} files open, so at most {} connections for HTTPS and {} \
             for KMIP are served at the same time; allow it more (ulimit -n, or LimitNOFILE= in \
             the service's unit)",
            self.https, self.kmip
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files_however_few_there_may_be() {
        for (files, https, kmip, metrics) in [
            (8, 1, 1, 1),
            (64, 13, 3, 4),
            (256, 52, 12, 16),
            (512, 205, 51, 16),
            (1024, 615, 153, 16),
            (5375, 4096, 1023, 16),
            (5376, 4096, 1024, 16),
            (u64::MAX, 4096, 1024, 16),
        ] {
            let limited_by = (files < 5376).then_some(files);
            let room = Room { https, kmip, metrics, limited_by };
            assert_eq!(Room::within(files, 0), room, "{files}");
        }
        // So does what the threads that serve them have open.
        assert_eq!(Room::within(1024, 64).https, 410);
        let lack = Room::within(1024, 0).lack().unwrap();
        assert!(lack.contains("at most 615 connections for HTTPS and 153 for KMIP"), "{lack}");
        assert_eq!(Room::within(1 << 20, 0).lack(), None);
    }
}
