//! How the module starts: secret memory, then the self-tests. It stands above all the others.

use std::{fmt, sync::OnceLock};

use crate::{raw, secmem, self_test, state};

static STARTED: OnceLock<Result<Status, StartFailure>> = OnceLock::new();

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Size of secret memory in bytes; below 8 MiB, an ordinary user's limit on locked memory.
    pub secret_memory_bytes: usize,
}

impl Default for Options {
    /// 4 MiB: some sixty thousand symmetric keys, or six hundred RSA-2048 keys.
    fn default() -> Self {
        Self { secret_memory_bytes: 4 << 20 }
    }
}

/// What started.
#[derive(Clone, Debug)]
pub struct Status {
    /// How secret memory is protected.
    pub protection: secmem::Protection,
    /// How many self-tests passed.
    pub self_tests: usize,
    /// The cryptographic library and its version.
    pub library: String,
}

/// Why the module did not start: one sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StartFailure(String);

impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartFailure {}

/// Sets secret memory up and runs the self-tests. Until it has succeeded, and ever after it has
/// failed, no operation gives output. A second call returns what the first one did, unless a test
/// has failed since.
pub fn start(options: Options) -> Result<Status, StartFailure> {
    let started = STARTED.get_or_init(|| first_start(&options, self_test::run)).clone()?;
    let failed = |_| StartFailure("a self-test of the cryptographic module has failed".to_owned());
    state::not_failed().map_err(failed).map(|()| started)
}

pub(crate) fn first_start(
    options: &Options,
    self_tests: impl FnOnce() -> Result<usize, &'static str>,
) -> Result<Status, StartFailure> {
    let bytes = options.secret_memory_bytes;
    let protection = secmem::set_up(bytes).map_err(|error| {
        StartFailure(format!(
            "cannot lock {bytes} bytes of secret memory ({error}); raise the limit on locked \
             memory (ulimit -l, or LimitMEMLOCK= in the service's unit)"
        ))
    })?;
    let self_tests = state::ready_after(self_tests).map_err(|test| {
        StartFailure(format!(
            "the cryptographic module's self-test \"{test}\" failed; nothing is started"
        ))
    })?;
    Ok(Status { protection, self_tests, library: library() })
}

/// What started; `None` before [`start`] and in the error state.
pub fn status() -> Option<Status> {
    state::ready().ok()?;
    STARTED.get()?.clone().ok()
}

fn library() -> String {
    format!("AWS-LC {}", raw::library_version())
}
