//! How much callers may ask: each address, client and person has a bucket of its own.
//!
//! The gateway takes one issuer's tokens, so that a client's id and a subject name one client and one
//! person, and they are counted apart: a client called like a person shares nothing with them. An
//! address is throttled late, since an office sits behind one, and a web client asks for everybody.
//!
//! How many buckets there are is bounded, and who is forgotten begins with a full one: memory stays flat,
//! whoever asks.

use super::{holder::Holder, refuse::Refusal};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::sync::Cache;
use std::{
    borrow::Borrow,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

/// How many seconds' requests may come at once.
const BURST: NonZeroU32 = NonZeroU32::new(30).expect("it is not 0");
/// How many buckets of a kind are kept.
const BUCKETS: u64 = 20_000;

/// How many requests a second are answered; thirty times as many at once. `None`: as many as come.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of one address; of IPv6, of one `/64`.
    pub address: Option<NonZeroU32>,
    /// With tokens that were issued to one client.
    pub client: Option<NonZeroU32>,
    /// With tokens of one person. A client that acts for itself is none.
    pub user: Option<NonZeroU32>,
}

impl Rates {
    /// No limits at all.
    pub const NONE: Self = Self {
        address: None,
        client: None,
        user: None,
    };
}

/// Counts what is asked.
pub(super) struct Throttle {
    addresses: Option<Buckets<IpAddr>>,
    clients: Option<Buckets<String>>,
    users: Option<Buckets<Vec<u8>>>,
}

impl Throttle {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            addresses: Buckets::of(rates.address),
            clients: Buckets::of(rates.client),
            users: Buckets::of(rates.user),
        }
    }

    /// Counts a request of this address, before anything else is done for it.
    pub(super) fn address(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        let (Some(buckets), Some(address)) = (&self.addresses, address) else {
            return Ok(());
        };
        let network = network_of(address);
        counted(buckets.take(&network), "rate_address")
    }

    /// Counts a request with a valid token, whatever becomes of it: the person's first, and the client's
    /// where the person may ask.
    pub(super) fn holder(&self, holder: &Holder) -> Result<(), Refusal> {
        let client = holder.client_id.as_deref();
        let subject = holder
            .subject
            .as_ref()
            .map(axum::http::HeaderValue::as_bytes);
        let person = subject.filter(|subject| client.map(str::as_bytes) != Some(*subject));
        if let (Some(buckets), Some(person)) = (&self.users, person) {
            counted(buckets.take(person), "rate_user")?;
        }
        // last: a person who asks too much must not empty the bucket of everybody with that client
        if let (Some(buckets), Some(client)) = (&self.clients, client) {
            counted(buckets.take(client), "rate_client")?;
        }
        Ok(())
    }
}

fn counted(taken: Result<(), Duration>, reason: &'static str) -> Result<(), Refusal> {
    taken.map_err(|wait| Refusal::TooMany {
        reason,
        seconds: wait.as_secs() + 1, // rounded up: not to come a moment too early
    })
}

/// Whoever has an address of IPv6 mostly has a whole `/64` of them.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let network = six.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        four @ IpAddr::V4(_) => four,
    }
}

/// A bucket for everybody of one kind, by name.
struct Buckets<K, C: Clock = MonotonicClock> {
    each: Cache<K, Arc<Bucket<C>>>,
    quota: Quota,
    clock: C,
}

type Bucket<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    fn of(rate: Option<NonZeroU32>) -> Option<Self> {
        Some(Self::with(rate?, MonotonicClock))
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
                .time_to_idle(idle)
                .build(),
            quota,
            clock,
        }
    }

    /// Takes one out of somebody's bucket, or says how long to wait.
    fn take<Q>(&self, who: &Q) -> Result<(), Duration>
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
    fn gw_14_an_address_of_ipv6_is_its_network() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
        ] {
            let [one, other] = [one, other].map(|address| network_of(address.parse().unwrap()));
            assert_eq!(one == other, same, "{one} {other}");
        }
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
}
