//! The TLS handshakes of a listener that have begun and are not done.
//!
//! They are what a peer may have of the server before it proves anything: memory, and time on a
//! thread that serves others. So there are a few at a time. One more waits a moment for others to be
//! done, as they are when many honest clients come at once; then the oldest, which is most likely
//! nobody's, gives way.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    time::timeout,
};

/// See the module's page.
pub(super) struct Handshakes {
    places: Semaphore,
    /// Those that have a place, the oldest first, and how each is told to give way.
    begun: Mutex<VecDeque<Arc<Notify>>>,
    patience: Duration,
}

impl Handshakes {
    /// At most so many at a time, where one more waits for so long before the oldest gives way.
    pub(super) fn new(most: usize, patience: Duration) -> Self {
        Self { places: Semaphore::new(most), begun: Mutex::default(), patience }
    }

    /// Does a handshake. None if it had to give way.
    pub(super) async fn run<T>(&self, handshake: impl Future<Output = T>) -> Option<T> {
        let _place = self.place().await?;
        let begun = Begun::among(self);
        tokio::select! {
            biased;
            done = handshake => Some(done),
            () = begun.way.notified() => None,
        }
    }

    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        let mut place = pin!(self.places.acquire());
        if let Ok(place) = timeout(self.patience, place.as_mut()).await {
            return place.ok();
        }
        if let Some(oldest) = self.locked().pop_front() {
            oldest.notify_one();
        }
        place.await.ok()
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Arc<Notify>>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them, until it is dropped.
struct Begun<'h> {
    all: &'h Handshakes,
    way: Arc<Notify>,
}

impl<'h> Begun<'h> {
    fn among(all: &'h Handshakes) -> Self {
        let way = Arc::new(Notify::new());
        all.locked().push_back(way.clone());
        Self { all, way }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.all.locked().retain(|way| !Arc::ptr_eq(way, &self.way));
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    /// A handshake whose peer says nothing.
    fn begin(all: &Arc<Handshakes>) -> tokio::task::JoinHandle<Option<()>> {
        let all = all.clone();
        tokio::spawn(async move { all.run(pending()).await })
    }

    #[tokio::test]
    async fn the_oldest_that_is_not_done_gives_way_to_one_more() {
        let all = Arc::new(Handshakes::new(2, Duration::from_millis(5)));
        let first = begin(&all);
        tokio::task::yield_now().await;
        let second = begin(&all);
        tokio::task::yield_now().await;
        assert_eq!(all.run(ready(7)).await, Some(7));
        assert_eq!(first.await.unwrap(), None);
        assert!(!second.is_finished());
        // That left a place, which the next takes without a wait.
        assert_eq!(all.run(ready(8)).await, Some(8));
        assert!(!second.is_finished());
        assert_eq!(all.locked().len(), 1);
    }

    #[tokio::test]
    async fn none_gives_way_where_others_are_done_soon() {
        let all = Arc::new(Handshakes::new(1, Duration::from_secs(60)));
        let (done, told) = tokio::sync::oneshot::channel::<u8>();
        let first = {
            let all = all.clone();
            tokio::spawn(async move { all.run(told).await })
        };
        tokio::task::yield_now().await;
        let second = {
            let all = all.clone();
            tokio::spawn(async move { all.run(ready(2)).await })
        };
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        done.send(1).unwrap();
        assert_eq!(first.await.unwrap(), Some(Ok(1)));
        assert_eq!(second.await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn what_is_given_up_leaves_its_place() {
        let all = Arc::new(Handshakes::new(1, Duration::from_secs(60)));
        let first = begin(&all);
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(all.run(ready(1)).await, Some(1));
    }
}
