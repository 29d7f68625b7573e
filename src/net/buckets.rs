//! How much somebody may ask: a bucket for each, which empties with what is asked and fills again.
//!
//! How many buckets there are is bounded, and who is forgotten begins with a full one: memory stays flat,
//! whoever asks.

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::{borrow::Borrow, hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};

/// How many seconds' requests may come at once.
const BURST: NonZeroU32 = NonZeroU32::new(30).expect("it is not 0");
/// How many buckets of a kind are kept.
const BUCKETS: u64 = 20_000;

/// What `Retry-After` says: whole seconds, rounded up, so that nobody comes a moment too early.
#[must_use]
pub fn retry_after(wait: Duration) -> u64 {
    wait.as_secs() + 1
}

/// A bucket for everybody of one kind, by name.
pub struct Buckets<K, C: Clock = MonotonicClock> {
    each: Cache<K, Arc<Bucket<C>>>,
    quota: Quota,
    clock: C,
}

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    /// Buckets out of which so many are taken a second, and thirty times as many at once.
    #[must_use]
    pub fn new(rate: NonZeroU32) -> Self {
        Self::with(rate, MonotonicClock)
    }
}

impl<K, C> Buckets<K, C>
where
    K: Hash + Eq + Send + Sync + 'static,
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    fn with(rate: NonZeroU32, clock: C) -> Self {
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST));
        // one that nobody used for so long is full again, as a new one is
        let idle = Duration::from_secs(u64::from(BURST.get()) + 1);
        Self {
            each: Cache::builder()
                .max_capacity(BUCKETS)
                // the longest unseen goes: a newcomer who was turned away would begin full each time
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(idle)
                .build(),
            quota,
            clock,
        }
    }

    /// Takes one out of somebody's bucket.
    ///
    /// # Errors
    /// When it is empty: how long to wait.
    pub fn take<Q>(&self, who: &Q) -> Result<(), Duration>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let full = || {
            Arc::new(RateLimiter::direct_with_clock(
                self.quota,
                self.clock.clone(),
            ))
        };
        let bucket = self.each.get_with_by_ref(who, full);
        let taken = bucket.check();
        taken.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::net::IpAddr;

    #[test]
    fn gw_14_a_bucket_is_emptied_and_fills_again() {
        let clock = FakeRelativeClock::default();
        let buckets = Buckets::<String, _>::with(NonZeroU32::new(2).unwrap(), clock.clone());
        for _ in 0..60 {
            assert_eq!(buckets.take("a"), Ok(()));
        }
        assert_eq!(buckets.take("a"), Err(Duration::from_millis(500)));
        assert_eq!(buckets.take("b"), Ok(()), "everybody has their own");
        clock.advance(Duration::from_secs(1));
        for _ in 0..2 {
            assert_eq!(buckets.take("a"), Ok(()));
        }
        assert!(buckets.take("a").is_err());
        clock.advance(Duration::from_secs(1_000));
        for _ in 0..60 {
            assert_eq!(buckets.take("a"), Ok(()));
        }
        assert!(buckets.take("a").is_err());
    }

    #[test]
    fn gw_14_however_many_ask_so_many_buckets_are_kept() {
        let buckets = Buckets::<IpAddr, _>::with(NonZeroU32::MIN, FakeRelativeClock::default());
        for number in 0..50_000_u32 {
            let _ = buckets.take(&IpAddr::from(number.to_be_bytes()));
        }
        buckets.each.run_pending_tasks();
        assert!(buckets.each.entry_count() <= BUCKETS);
    }

    #[test]
    fn sec_com_21_gw_14_a_newcomer_is_counted_though_there_are_as_many_buckets_as_are_kept() {
        let buckets = Buckets::<IpAddr, _>::with(NonZeroU32::MIN, FakeRelativeClock::default());
        for number in 0..6 * 20_000_u32 {
            let known = IpAddr::from((number % 20_000).to_be_bytes());
            let _ = buckets.take(&known);
            if number % 100 == 0 {
                buckets.each.run_pending_tasks(); // so that each use is seen
            }
        }
        let newcomer = IpAddr::from([198, 51, 100, 1]);
        let counted = |_: &u32| {
            let taken = buckets.take(&newcomer);
            buckets.each.run_pending_tasks();
            taken.is_ok()
        };
        let taken = (0..40).take_while(counted).count();
        assert_eq!(taken, 30, "its bucket is the same each time");
    }
}
