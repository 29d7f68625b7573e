//! How often a password may be wrong: ten times in quick succession, then once every five seconds.
//!
//! It is counted for each account, since that is what is guessed at, and apart for a browser that has
//! signed in to the account before: whoever keeps guessing from elsewhere does not keep its owner out
//! there. In a browser that is new to the account, the owner must wait for the attack to end. Only wrong
//! passwords count, so two hundred people who sign in at once are nobody's attack.

use super::store::Store;

/// Wrong passwords in a row.
const BURST: i64 = 10;
/// One more each so many seconds.
const INTERVAL: i64 = 5;

/// For each account, or account and browser, the time until which its wrong passwords are paid off.
pub(super) struct Throttle(Store<i64>);

impl Throttle {
    pub(super) fn new() -> Self {
        Self(Store::new(10_000))
    }

    /// Whether another try is allowed now; else how many seconds to wait.
    pub(super) fn check(&self, account: &str, now: i64) -> Result<(), i64> {
        let paid_off_at = self.0.get(account, now).unwrap_or(now);
        let wait = paid_off_at - now - (BURST - 1) * INTERVAL;
        if wait > 0 { Err(wait) } else { Ok(()) }
    }

    /// Counts a wrong password.
    pub(super) fn count(&self, account: &str, now: i64) {
        let paid_off_at = self.0.get(account, now).unwrap_or(now) + INTERVAL;
        self.0.insert(account, paid_off_at, paid_off_at, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_passwords_then_one_each_five_seconds_for_that_account_alone() {
        let throttle = Throttle::new();
        for _ in 0..BURST {
            assert_eq!(throttle.check("carl", 0), Ok(()));
            throttle.count("carl", 0);
        }
        assert_eq!(throttle.check("carl", 0), Err(INTERVAL));
        assert_eq!(throttle.check("jodie", 0), Ok(()));
        assert_eq!(throttle.check("carl", INTERVAL), Ok(()));
        throttle.count("carl", INTERVAL);
        assert!(throttle.check("carl", INTERVAL + 1).is_err());
        assert_eq!(throttle.check("carl", 100), Ok(()));
    }
}
