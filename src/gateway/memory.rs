//! Tokens that were found valid, remembered for a short while by a hash of all their bytes.

use super::holder::Holder;
use crate::clock::Clock;
use aws_lc_rs::digest;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// SHA-256 of a whole token: two tokens that differ in a byte share nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(token: &str) -> Self {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        Self(fingerprint)
    }
}

/// What was found out about tokens, until a moment each. Bounded; what is least used goes first.
pub(super) struct Memory<V: Clone + Send + Sync + 'static> {
    entries: Cache<Fingerprint, (V, i64)>,
    seconds: i64,
    clock: Clock,
}

impl<V: Clone + Send + Sync + 'static> Memory<V> {
    /// Remembers `most` tokens for so many seconds at most.
    pub(super) fn new(most: usize, seconds: u32, clock: Clock) -> Self {
        Self {
            // the cache only bounds memory: whether an entry still counts is for our clock
            entries: Cache::new(most),
            seconds: i64::from(seconds),
            clock,
        }
    }

    pub(super) fn recall(&self, token: &Fingerprint) -> Option<V> {
        let (value, until) = self.entries.get(token)?;
        (self.clock.now() < until).then_some(value)
    }

    /// Remembers until `expires_at`, if that is sooner.
    pub(super) fn remember(&self, token: Fingerprint, value: V, expires_at: i64) {
        let now = self.clock.now();
        let until = expires_at.min(now.saturating_add(self.seconds));
        if until > now {
            self.entries.insert(token, (value, until));
        }
    }
}

/// Valid tokens.
pub(super) type Holders = Memory<Arc<Holder>>;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_remembered_ends_with_the_token_or_the_time() {
        let clock = Clock::standing();
        let memory = Memory::new(10, 60, clock.clone());
        let [short, long, over] = ["a", "b", "c"].map(Fingerprint::of);
        let now = clock.now();
        memory.remember(short, 1, now + 20);
        memory.remember(long, 2, now + 1000);
        memory.remember(over, 3, now);
        assert_eq!(
            (memory.recall(&short), memory.recall(&long)),
            (Some(1), Some(2))
        );
        assert_eq!(memory.recall(&over), None);
        clock.advance(Duration::from_secs(25));
        assert_eq!(
            (memory.recall(&short), memory.recall(&long)),
            (None, Some(2))
        );
        clock.advance(Duration::from_secs(40));
        assert_eq!(memory.recall(&long), None);
    }

    #[test]
    fn one_other_byte_is_another_token() {
        let memory = Memory::new(10, 60, Clock::standing());
        memory.remember(Fingerprint::of("a.b.c"), 1, i64::MAX);
        for other in ["a.b.d", "a.b.c ", "A.b.c", "a.b.", ""] {
            assert_eq!(memory.recall(&Fingerprint::of(other)), None, "{other}");
        }
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let memory = Memory::new(100, 60, Clock::standing());
        let tokens: Vec<_> = (0..1000).map(|n| Fingerprint::of(&n.to_string())).collect();
        for token in &tokens {
            memory.remember(*token, 1, i64::MAX);
        }
        let known = tokens.iter().filter(|token| memory.recall(token).is_some());
        assert!((50..=110).contains(&known.count()));
    }
}
