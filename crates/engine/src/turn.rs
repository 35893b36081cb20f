//! Lets others go first.
//!
//! The code of one request is larger than a processor's first cache. Where requests wait at the
//! same point, each lets the others come up to it: then all of them go through the next stage one
//! behind the other, its code is fetched once for all, and they share one write of the log.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Pending once, having asked to be polled again: what is ready to run comes before.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    is_taken: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.is_taken {
            return Poll::Ready(());
        }
        self.is_taken = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
