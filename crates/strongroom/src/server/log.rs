//! How the audit log stands, to whoever looks after the server: without it nothing is answered.

use audit::Failure;
use engine::Engine;

/// Why the log takes or signs nothing, if it does not; nothing while the engine is sealed.
pub(super) fn failure(engine: &Engine) -> Option<Failure> {
    engine.log_status().ok()?.failure
}

/// The same in a few words that do not change, for load balancers, as a line. The operator alone
/// is told more.
pub(super) fn words(failure: &Failure) -> &'static str {
    match failure {
        Failure::Stopped(_) => "the audit log has stopped\n",
        Failure::Full => "the disk of the audit log is full\n",
        Failure::TooManyFiles => "too many files are open to write the audit log\n",
        _ => "the audit log does not work\n",
    }
}

/// What the operator was told last.
#[derive(Default)]
pub(super) struct Watch(Option<Failure>);

impl Watch {
    /// What to tell the operator now, if the log stands otherwise than at the last look.
    pub(super) fn look(&mut self, failure: Option<Failure>) -> Option<String> {
        if self.0 == failure {
            return None;
        }
        let told = match &failure {
            Some(failure) if failure.is_passing() => {
                format!("{failure}: it goes on by itself once there is room")
            }
            Some(failure) => {
                format!("{failure}; nothing is answered before the server is started again")
            }
            None => "the audit log works again".to_owned(),
        };
        self.0 = failure;
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_fails_is_told_once_and_again_when_it_works() {
        let mut watch = Watch::default();
        assert_eq!(watch.look(None), None);
        let told = watch.look(Some(Failure::Full)).unwrap();
        assert!(told.contains("is full: it goes on by itself"), "{told}");
        assert_eq!(watch.look(Some(Failure::Full)), None);
        assert_eq!(watch.look(None).as_deref(), Some("the audit log works again"));
        let stopped = Failure::Stopped("cannot sync f: EIO".into());
        let told = watch.look(Some(stopped.clone())).unwrap();
        assert!(told.contains("has stopped: cannot sync f: EIO; nothing is answered"), "{told}");
        assert_eq!(watch.look(Some(stopped)), None);
    }

    #[test]
    fn a_load_balancer_is_told_no_path() {
        assert_eq!(words(&Failure::Stopped("/a/b".into())), "the audit log has stopped\n");
        assert_eq!(words(&Failure::Io("/a/b".into())), "the audit log does not work\n");
    }
}
