//! What survives when the process or the disk does not.
#![cfg(test)]

mod crashed_disk;
mod decayed_disk;
mod failing_disk;
mod killed;
mod workload;
