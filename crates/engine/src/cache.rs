//! A bounded cache that never keeps what a commit has replaced.
//!
//! A commit makes the cache forget the places it wrote before it is acknowledged. A reader that
//! fetched the old value just before must not put it back afterwards: each shard counts what it
//! was told to forget, and a load that began under an older count is used once and not kept.

use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use hashbrown::HashTable;
use model::Result;

const SHARDS: usize = 16;
/// How many entries are compared when one must go.
const SAMPLE: usize = 8;

/// How much a cache holds, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most entries.
    pub count: usize,
    /// Longest stay, in milliseconds, however often an entry is used.
    pub age_ms: u64,
}

/// What a cache has done since it was made.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Not found, or too old.
    pub loads: AtomicU64,
    /// Let go for want of room or for age.
    pub evictions: AtomicU64,
    /// Forgotten because a commit replaced them.
    pub forgotten: AtomicU64,
}

struct Entry<K, V> {
    key: K,
    hash: u64,
    value: Arc<V>,
    loaded_ms: u64,
    used_ms: u64,
}

struct Shard<K, V> {
    entries: HashTable<Entry<K, V>>,
    forgotten: u64,
    /// How often a value was found here and fresh: counted under the lock that is held anyway.
    hits: u64,
}

/// See the module's page.
pub(crate) struct Cache<K, V> {
    shards: Vec<Mutex<Shard<K, V>>>,
    hasher: RandomState,
    bounds: Bounds,
    counters: Counters,
}

impl<K: Eq + Hash, V> Cache<K, V> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let empty = || Mutex::new(Shard { entries: HashTable::new(), forgotten: 0, hits: 0 });
        Self {
            shards: (0..SHARDS).map(|_| empty()).collect(),
            hasher: RandomState::new(),
            bounds,
            counters: Counters::default(),
        }
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How often a value was found here and fresh.
    pub(crate) fn hits(&self) -> u64 {
        self.each_shard().map(|shard| shard.hits).sum()
    }

    /// The shard of a key whose hash this is. One hash serves for both: the table within takes
    /// the bits at either end.
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard<K, V>> {
        let index = (hash >> 32) as usize % SHARDS;
        lock(&self.shards[index])
    }

    /// The shards, locked one after the other.
    fn each_shard(&self) -> impl Iterator<Item = MutexGuard<'_, Shard<K, V>>> {
        self.shards.iter().map(lock)
    }

    /// The fresh value of `key`, if it is here.
    #[cfg(test)]
    pub(crate) fn find<Q: ?Sized + Eq + Hash>(&self, key: &Q, now_ms: u64) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.find_hashed(self.hasher.hash_one(key), key, now_ms)
    }

    fn find_hashed<Q: ?Sized + Eq>(&self, hash: u64, key: &Q, now_ms: u64) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let mut shard = self.shard(hash);
        let entry = shard.entries.find_mut(hash, |entry| entry.key.borrow() == key)?;
        if self.is_aged(entry, now_ms) {
            remove(&mut shard, hash, key);
            self.counters.evictions.fetch_add(1, Relaxed);
            return None;
        }
        entry.used_ms = now_ms;
        let value = entry.value.clone();
        shard.hits += 1;
        Some(value)
    }

    /// The value of `key`, loaded if it is not here; kept unless the cache was told to forget
    /// something meanwhile.
    pub(crate) fn find_or_load<Q>(
        &self,
        key: &Q,
        now_ms: u64,
        load: impl FnOnce() -> Result<V>,
    ) -> Result<Arc<V>>
    where
        K: Borrow<Q>,
        Q: ?Sized + Eq + Hash + ToOwned<Owned = K>,
    {
        let hash = self.hasher.hash_one(key);
        if let Some(value) = self.find_hashed(hash, key, now_ms) {
            return Ok(value);
        }
        let before = self.shard(hash).forgotten;
        self.counters.loads.fetch_add(1, Relaxed);
        let value = Arc::new(load()?);
        let mut shard = self.shard(hash);
        if shard.forgotten == before {
            // Another may have loaded it meanwhile.
            remove(&mut shard, hash, key);
            if shard.entries.len() >= (self.bounds.count / SHARDS).max(1) {
                self.evict_one(&mut shard);
            }
            let (key, value) = (key.to_owned(), value.clone());
            let entry = Entry { key, hash, value, loaded_ms: now_ms, used_ms: now_ms };
            shard.entries.insert_unique(hash, entry, |entry| entry.hash);
        }
        Ok(value)
    }

    /// Lets the least recently used of a few entries go. The table's order is random by shard.
    fn evict_one(&self, shard: &mut Shard<K, V>) {
        let oldest = shard.entries.iter().take(SAMPLE).min_by_key(|entry| entry.used_ms);
        if let Some((hash, used_ms)) = oldest.map(|entry| (entry.hash, entry.used_ms)) {
            let same = |entry: &Entry<K, V>| entry.hash == hash && entry.used_ms == used_ms;
            if let Ok(oldest) = shard.entries.find_entry(hash, same) {
                oldest.remove();
            }
            self.counters.evictions.fetch_add(1, Relaxed);
        }
    }

    fn is_aged(&self, entry: &Entry<K, V>, now_ms: u64) -> bool {
        now_ms.saturating_sub(entry.loaded_ms) > self.bounds.age_ms
    }

    /// Lets all go that have stayed for as long as they may.
    pub(crate) fn expire(&self, now_ms: u64) {
        for mut shard in self.each_shard() {
            self.let_go(&mut shard, |entry| self.is_aged(entry, now_ms));
        }
    }

    /// Of the entries whose values `counts` counts, lets one in `share` go, the least recently
    /// used, and those that were last used in the same millisecond.
    pub(crate) fn evict(&self, share: usize, counts: impl Fn(&V) -> bool) {
        let mut uses = Vec::new();
        for shard in self.each_shard() {
            let counted = shard.entries.iter().filter(|entry| counts(&entry.value));
            uses.extend(counted.map(|entry| entry.used_ms));
        }
        uses.sort_unstable();
        let Some(&last) = uses.len().div_ceil(share).checked_sub(1).and_then(|at| uses.get(at))
        else {
            return;
        };
        for mut shard in self.each_shard() {
            self.let_go(&mut shard, |entry| entry.used_ms <= last && counts(&entry.value));
        }
    }

    fn let_go(&self, shard: &mut Shard<K, V>, goes: impl Fn(&Entry<K, V>) -> bool) {
        let before = shard.entries.len();
        shard.entries.retain(|entry| !goes(entry));
        let gone = before - shard.entries.len();
        self.counters.evictions.fetch_add(gone as u64, Relaxed);
    }

    /// A commit replaced the value of `key`.
    pub(crate) fn forget<Q: ?Sized + Eq + Hash>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.shard(hash);
        shard.forgotten += 1;
        remove(&mut shard, hash, key);
        self.counters.forgotten.fetch_add(1, Relaxed);
    }

    /// Forgets everything (the server is being sealed).
    pub(crate) fn clear(&self) {
        for mut shard in self.each_shard() {
            shard.forgotten += 1;
            shard.entries.clear();
        }
    }
}

fn lock<K, V>(shard: &Mutex<Shard<K, V>>) -> MutexGuard<'_, Shard<K, V>> {
    // A panic while the lock is held cannot leave a shard half changed: each change is one call
    // of the table.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove<K: Borrow<Q>, V, Q: ?Sized + Eq>(shard: &mut Shard<K, V>, hash: u64, key: &Q) {
    if let Ok(entry) = shard.entries.find_entry(hash, |entry| entry.key.borrow() == key) {
        entry.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(count: usize) -> Cache<u32, u32> {
        Cache::new(Bounds { count, age_ms: 1000 })
    }

    #[test]
    fn a_value_replaced_while_it_was_loaded_is_not_kept() {
        let cache = cache(64);
        let stale = cache.find_or_load(&1, 0, || {
            cache.forget(&1);
            Ok(7)
        });
        assert_eq!(stale.ok().as_deref(), Some(&7));
        assert_eq!(cache.find(&1, 0), None);
    }

    #[test]
    fn an_entry_leaves_at_its_age_however_often_it_is_used() {
        let cache = cache(64);
        cache.find_or_load(&1, 0, || Ok(7)).ok();
        for now in (0..=1000).step_by(100) {
            assert!(cache.find(&1, now).is_some());
        }
        assert!(cache.find(&1, 1001).is_none());
    }

    #[test]
    fn the_count_stays_within_its_bound() {
        let cache = cache(32);
        for key in 0..10_000 {
            cache.find_or_load(&key, 0, || Ok(key)).ok();
        }
        let held = (0..10_000).filter(|key| cache.find(key, 0).is_some()).count();
        assert!((1..=32).contains(&held), "{held}");
    }

    /// How many values are held by the cache alone.
    fn held(values: &[Arc<u32>]) -> usize {
        values.iter().filter(|value| Arc::strong_count(value) > 1).count()
    }

    #[test]
    fn what_nobody_asks_for_leaves_at_its_age_too() {
        let cache = cache(640);
        let load = |key, now| cache.find_or_load(&key, now, || Ok(key)).unwrap();
        let early: Vec<_> = (0..100).map(|key| load(key, 0)).collect();
        let late: Vec<_> = (100..200).map(|key| load(key, 500)).collect();
        cache.expire(1000);
        assert_eq!((held(&early), held(&late)), (100, 100));
        cache.expire(1001);
        assert_eq!((held(&early), held(&late)), (0, 100));
    }

    #[test]
    fn what_must_make_room_is_what_was_used_least_recently() {
        let cache = cache(6400);
        let load = |key: u32| cache.find_or_load(&key, key.into(), || Ok(key)).unwrap();
        let values: Vec<_> = (0..800).map(load).collect();
        // The first is used again.
        cache.find(&0, 900);
        let is_even = |value: &u32| value.is_multiple_of(2);
        cache.evict(8, is_even);
        let gone = |values: &[Arc<u32>]| values.len() - held(values);
        assert_eq!(gone(&values), 50);
        assert!(values[1..=100].iter().all(|v| is_even(v) == (Arc::strong_count(v) == 1)));
        cache.evict(1, is_even);
        assert_eq!(gone(&values), 400);
        cache.evict(1, is_even);
        assert_eq!(gone(&values), 400);
    }
}
