//! Takes in the bodies of requests, in bounded memory whatever peers send: before it is known who
//! they are, they may have many connections and be slow on all of them. Messages that come without
//! HTTP share the same room.

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Longest body that is taken without asking for room, in bytes: that of every use of a key,
/// unless its encryption context is written in escapes.
const LIGHT_LEN_MAX: usize = 20 << 10;
/// Room for the longer ones, all together, in bytes.
const ROOM: usize = 64 << 20;

/// Why a body is not taken, and the sentence that says so.
pub(super) type Refusal = (StatusCode, &'static str);

const TOO_LONG: Refusal = (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long\n");
const BROKEN: Refusal = (StatusCode::BAD_REQUEST, "the body cannot be read\n");
const NO_ROOM: Refusal = (
    StatusCode::SERVICE_UNAVAILABLE,
    "too many long requests are coming in at the same time; try again\n",
);

/// A body, and the room it takes, to be held as long as the body is.
pub(super) type Taken<'r> = (Bytes, Option<SemaphorePermit<'r>>);

/// The room that all bodies share.
pub(super) struct Bodies(Semaphore);

impl Default for Bodies {
    fn default() -> Self {
        Self(Semaphore::new(ROOM))
    }
}

impl Bodies {
    /// A body of at most `longest` bytes. One that came in a single piece, as most do, is not
    /// copied.
    pub(super) async fn take<B>(&self, mut body: B, longest: usize) -> Result<Taken<'_>, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        // As long as its head says, or not said.
        let mut len_max = match body.size_hint().exact() {
            Some(len) => usize::try_from(len).unwrap_or(usize::MAX),
            None => LIGHT_LEN_MAX,
        };
        if len_max > longest {
            return Err(TOO_LONG);
        }
        let mut held = self.room_for(len_max)?;
        let (mut first, mut all) = (Bytes::new(), BytesMut::new());
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame.map_err(|_| BROKEN)?.into_data() else {
                continue; // Trailers say nothing here.
            };
            if first.is_empty() && all.is_empty() {
                first = piece;
                continue;
            }
            let len = first.len() + all.len() + piece.len();
            if len > longest {
                return Err(TOO_LONG);
            }
            if len > len_max {
                len_max = longest;
                held = self.room_for(len_max)?;
            }
            // Once, and not by and by: growing would take more than is held.
            all.reserve(len_max - all.len());
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&piece);
        }
        Ok((if all.is_empty() { first } else { all.freeze() }, held))
    }

    /// Room for what has so many bytes, if it takes any; to be held as long as that is.
    pub(super) fn room_for(&self, len: usize) -> Result<Option<SemaphorePermit<'_>>, Refusal> {
        if len <= LIGHT_LEN_MAX {
            return Ok(None);
        }
        let permits = u32::try_from(len).map_err(|_| TOO_LONG)?;
        self.0.try_acquire_many(permits).map(Some).map_err(|_| NO_ROOM)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use hyper::body::{Frame, SizeHint};
    use model::limits;

    use super::*;

    /// A body of pieces, whose length the head says or does not.
    struct Pieces {
        pieces: Vec<Bytes>,
        said: Option<usize>,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.pieces.pop().map(|piece| Ok(Frame::data(piece))))
        }

        fn size_hint(&self) -> SizeHint {
            self.said.map_or_else(SizeHint::default, |len| SizeHint::with_exact(len as u64))
        }
    }

    fn pieces(count: usize, len: usize, said: Option<usize>) -> Pieces {
        Pieces { pieces: vec![Bytes::from(vec![7; len]); count], said }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(future)
    }

    fn take(bodies: &Bodies, body: Pieces) -> Result<Taken<'_>, Refusal> {
        now(bodies.take(body, limits::BODY_LEN_MAX))
    }

    fn refusal(taken: Result<Taken<'_>, Refusal>) -> Option<StatusCode> {
        taken.err().map(|(status, _)| status)
    }

    #[test]
    fn a_body_in_one_piece_is_not_copied() {
        let piece = Bytes::from(vec![7; 9_000]);
        let body = Pieces { pieces: vec![piece.clone()], said: Some(9_000) };
        let bodies = Bodies::default();
        let taken = take(&bodies, body).ok().unwrap();
        assert_eq!(taken.0.as_ptr(), piece.as_ptr());
        assert_eq!(bodies.0.available_permits(), ROOM);
    }

    #[test]
    fn a_body_is_put_together_of_its_pieces() {
        let bodies = Bodies::default();
        for (count, len) in [(0, 0), (1, 1), (2, 10_000), (3, 10_000), (12, 60_000)] {
            for said in [Some(count * len), None] {
                let taken = take(&bodies, pieces(count, len, said)).ok().unwrap();
                assert_eq!(taken.0, vec![7; count * len]);
                assert_eq!(bodies.0.available_permits() < ROOM, count * len > LIGHT_LEN_MAX);
            }
        }
        assert_eq!(bodies.0.available_permits(), ROOM);
    }

    #[test]
    fn a_body_that_is_too_long_is_refused_before_it_is_read() {
        let bodies = Bodies::default();
        let too_long = Some(StatusCode::PAYLOAD_TOO_LARGE);
        let said = Some(limits::BODY_LEN_MAX + 1);
        assert_eq!(refusal(take(&bodies, pieces(0, 0, said))), too_long);
        let len = limits::BODY_LEN_MAX / 4;
        assert_eq!(refusal(take(&bodies, pieces(4, len, None))), None);
        assert_eq!(refusal(take(&bodies, pieces(5, len, None))), too_long);
        assert_eq!(bodies.0.available_permits(), ROOM);
    }

    #[test]
    fn long_bodies_have_so_much_room_and_short_ones_need_none() {
        let bodies = Bodies::default();
        let mut taken = Vec::new();
        let long = || pieces(2, limits::BODY_LEN_MAX / 2, Some(limits::BODY_LEN_MAX));
        for _ in 0..ROOM / limits::BODY_LEN_MAX {
            taken.push(take(&bodies, long()).ok().unwrap());
        }
        let no_room = Some(StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refusal(take(&bodies, long())), no_room);
        assert_eq!(refusal(take(&bodies, pieces(3, 10_000, None))), no_room);
        assert_eq!(refusal(take(&bodies, pieces(2, 10_000, None))), None);
        taken.pop();
        assert_eq!(refusal(take(&bodies, long())), None);
    }
}
