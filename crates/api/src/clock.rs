//! What time it is, and how far that is relied on.

use model::{At, time::Trust};
use serde::Serialize;

use crate::shape::{Kind, Member, Shape};

/// How the clock stands.
pub(crate) static CLOCK: Shape = Shape {
    name: "ClockStatus",
    members: &[
        Member::new("time", Kind::Time, "The server's time."),
        Member::new(
            "trust",
            Kind::Text,
            "steady; or jumped or behind, and then no key is destroyed by date.",
        ),
        Member::optional("latest", Kind::Time, "What it was already, where it is behind."),
    ],
};

/// The same as it is written.
#[derive(Debug, Serialize)]
pub(crate) struct Clock {
    time: String,
    trust: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
}

impl From<At> for Clock {
    fn from(at: At) -> Self {
        let (trust, latest) = match at.trust {
            Trust::Steady => ("steady", None),
            Trust::Jumped => ("jumped", None),
            Trust::Behind(latest) => ("behind", Some(latest.to_iso8601())),
        };
        Self { time: at.wall.to_iso8601(), trust, latest }
    }
}

#[cfg(test)]
mod tests {
    use model::Wall;

    use super::*;

    #[test]
    fn a_clock_that_is_behind_says_what_time_it_was_already() {
        let at = |trust| At { wall: Wall::from_secs(1_800_000_000), monotonic_ms: 0, trust };
        let text = |trust| serde_json::to_string(&Clock::from(at(trust))).unwrap();
        let steady = r#"{"time":"2027-01-15T08:00:00Z","trust":"steady"}"#;
        assert_eq!(text(Trust::Steady), steady);
        let behind = text(Trust::Behind(Wall::from_secs(1_900_000_000)));
        assert!(behind.ends_with(r#""trust":"behind","latest":"2030-03-17T17:46:40Z"}"#));
    }
}
