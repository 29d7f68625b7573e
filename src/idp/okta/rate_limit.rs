//! How many calls a minute: a limit for who shows the token, and one of its own for who does not, so that a stranger
//! cannot use the first one up.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::{Mutex, PoisonError};

/// Seconds after which a caller starts anew.
const WINDOW: i64 = 60;

/// Who calls, as far as the limit tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Known,
    Stranger,
}

/// Calls in the running minute, for each kind of caller.
#[derive(Debug)]
pub(super) struct RateLimit {
    limit: u32,
    minutes: Mutex<[Minute; 2]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    ends_at: i64,
    calls: u32,
}

/// How a call stands to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    limit: u32,
    remaining: u32,
    ends_at: i64,
    pub(super) exceeded: bool,
}

impl RateLimit {
    /// So many calls a minute.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            minutes: Mutex::default(),
        }
    }

    /// Counts a call.
    pub(super) fn count(&self, caller: Caller, now: i64) -> Standing {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = &mut minutes[caller as usize];
        if minute.ends_at <= now {
            *minute = Minute {
                ends_at: now + WINDOW,
                calls: 0,
            };
        }
        minute.calls = minute.calls.saturating_add(1);
        Standing {
            limit: self.limit,
            remaining: self.limit.saturating_sub(minute.calls),
            ends_at: minute.ends_at,
            exceeded: minute.calls > self.limit,
        }
    }
}

impl Standing {
    /// Says it in Okta's headers: the end of the minute in seconds since 1970.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("x-rate-limit-limit", i64::from(self.limit)),
            ("x-rate-limit-remaining", i64::from(self.remaining)),
            ("x-rate-limit-reset", self.ends_at),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_after_the_last_is_refused_until_the_minute_ends() {
        let limit = RateLimit::new(2);
        let count = |now| limit.count(Caller::Known, now);
        assert_eq!((count(100).remaining, count(159).remaining), (1, 0));
        let third = count(159);
        assert!(third.exceeded && third.ends_at == 160 && third.remaining == 0);
        assert!(!count(160).exceeded);
    }

    #[test]
    fn a_stranger_uses_up_nobodys_calls_but_strangers() {
        let limit = RateLimit::new(1);
        assert!(!limit.count(Caller::Stranger, 0).exceeded);
        assert!(limit.count(Caller::Stranger, 0).exceeded);
        assert!(!limit.count(Caller::Known, 0).exceeded);
    }
}
