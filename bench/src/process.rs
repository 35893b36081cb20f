//! What the kernel says of a process: its processor time and its memory.

use std::fs;

/// Kernel ticks a second in `/proc/<pid>/stat` (fixed by the kernel's user interface).
const TICKS_PER_SEC: f64 = 100.0;

/// User and system time of a process so far, all its threads together, in seconds.
pub(crate) fn cpu_secs(process: u32) -> Result<f64, String> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name in parentheses may hold anything; the fields follow it.
    let fields: Vec<&str> =
        text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS_PER_SEC),
        _ => Err(format!("{path} has another form than expected")),
    }
}

/// The memory of a process that is resident, in MiB.
pub(crate) fn rss_mib(process: u32) -> Result<f64, String> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or(format!("{path} has another form than expected"))
}

/// This thread's time on a processor so far, in nanoseconds.
pub(crate) fn thread_cpu_ns() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}
