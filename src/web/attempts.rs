//! Sign-ins under way: kept by the server, by browser and then by state, and taken once.

mod starts;

use super::oidc::Attempt;
use crate::{clock::Clock, net::network_of, oauth::constant_time_eq};
use moka::{
    ops::compute::Op,
    policy::EvictionPolicy,
    sync::{Cache, CacheBuilder},
};
use starts::{IN_ALL, Start, Starts};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How many attempts a browser may have; the oldest goes first.
const A_BROWSER: usize = 20;

/// A bounded store. An attempt can only be found by the browser that started it.
///
/// Each attempt is an entry of its own, and all count alike: a cache whose entries come to weigh more
/// while they are in it loses count of them after some hundred thousand, and then keeps none.
#[derive(Clone)]
pub(super) struct Attempts {
    kept: Cache<String, Arc<Kept>>,
    /// The states of each browser, the oldest first.
    by_browser: Cache<String, Arc<[String]>>,
    starts: Arc<Mutex<Starts>>,
    clock: Clock,
}

/// An attempt, until it is taken.
struct Kept {
    attempt: Mutex<Option<Attempt>>,
    /// Of its start.
    number: u64,
}

impl Attempts {
    pub(super) fn new(clock: Clock) -> Self {
        let starts: Arc<Mutex<Starts>> = Arc::default();
        let waiting = Arc::clone(&starts);
        let over = move |_, kept: Arc<Kept>, _| {
            lock(&waiting).end(kept.number);
        };
        Self {
            kept: bounded().eviction_listener(over).build(),
            by_browser: bounded().build(),
            starts,
            clock,
        }
    }

    /// Keeps an attempt for this browser, started from this address. Attempts that are over make room first.
    pub(super) fn keep(&self, from: Option<IpAddr>, browser: &str, attempt: Attempt) {
        let now = self.clock.now();
        let state = attempt.state().to_owned();
        let number = self.make_room(Start {
            address: network_of(from.unwrap_or(Ipv4Addr::UNSPECIFIED.into())),
            browser: browser.to_owned(),
            state: state.clone(),
        });
        let attempt = Mutex::new(Some(attempt));
        let kept = Kept { attempt, number };
        self.kept.insert(name(browser, &state), Arc::new(kept));
        self.by_browser
            .entry_by_ref(browser)
            .and_upsert_with(|old| {
                let old = old.map(moka::Entry::into_value).unwrap_or_default();
                let mut waiting = self.waiting(browser, &old, now);
                let too_many = (waiting.len() + 1).saturating_sub(A_BROWSER);
                for oldest in waiting.drain(..too_many) {
                    self.kept.invalidate(&name(browser, &oldest));
                }
                waiting.push(state.clone());
                waiting.into()
            });
    }

    /// Takes the attempt of this browser and state. It can be taken once, by one caller.
    pub(super) fn take(&self, browser: &str, state: &str) -> Option<Attempt> {
        let states = self.by_browser.get(browser)?;
        let mut states = states.iter();
        let state = states.find(|kept| constant_time_eq(kept, state))?;
        let kept = self.kept.remove(&name(browser, state))?;
        let attempt = kept.attempt().take();
        self.tidy(browser);
        let now = self.clock.now();
        attempt.filter(|attempt| !attempt.is_over(now))
    }

    /// Numbers a new start, and drops the attempt that goes for it, if one does.
    fn make_room(&self, start: Start) -> u64 {
        let (number, gone) = lock(&self.starts).add(start);
        if let Some(gone) = gone {
            self.kept.invalidate(&name(&gone.browser, &gone.state));
            self.tidy(&gone.browser);
        }
        number
    }

    /// Leaves of a browser's states those whose attempts still wait.
    fn tidy(&self, browser: &str) {
        let now = self.clock.now();
        self.by_browser
            .entry_by_ref(browser)
            .and_compute_with(|old| {
                let old = old.map(moka::Entry::into_value).unwrap_or_default();
                let waiting = self.waiting(browser, &old, now);
                if waiting.is_empty() {
                    Op::Remove
                } else {
                    Op::Put(waiting.into())
                }
            });
    }

    /// How many there are, for tests.
    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        self.kept.run_pending_tasks();
        self.kept.entry_count()
    }

    /// Those of these states whose attempts still wait.
    fn waiting(&self, browser: &str, states: &[String], now: i64) -> Vec<String> {
        let waits = |state: &&String| {
            let kept = self.kept.get(&name(browser, state));
            kept.is_some_and(|kept| kept.is_waiting(now))
        };
        states.iter().filter(waits).cloned().collect()
    }
}

impl Kept {
    fn attempt(&self) -> MutexGuard<'_, Option<Attempt>> {
        lock(&self.attempt)
    }

    fn is_waiting(&self, now: i64) -> bool {
        let attempt = self.attempt();
        attempt
            .as_ref()
            .is_some_and(|attempt| !attempt.is_over(now))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By what an attempt is kept: it says whose it is.
fn name(browser: &str, state: &str) -> String {
    format!("{browser} {state}")
}

fn bounded<V: Clone + Send + Sync + 'static>() -> CacheBuilder<String, V, Cache<String, V>> {
    Cache::builder()
        .max_capacity(IN_ALL as u64)
        .time_to_live(Duration::from_secs(660)) // bounds what is kept; the clock judges
        .eviction_policy(EvictionPolicy::lru())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        oauth::{Scopes, random_value},
        web::oidc::{Asked, Provider},
    };

    struct World {
        attempts: Attempts,
        provider: Arc<Provider>,
        clock: Clock,
    }

    impl World {
        fn new() -> Self {
            let clock = Clock::standing();
            Self {
                attempts: Attempts::new(clock.clone()),
                provider: Arc::new(Provider::unasked(clock.clone())),
                clock,
            }
        }

        /// Starts a sign-in; its state.
        fn start(&self, browser: &str) -> String {
            self.start_from([198, 51, 100, 1], browser)
        }

        fn start_from(&self, address: [u8; 4], browser: &str) -> String {
            let asked = Asked {
                level: "level".to_owned(),
                scopes: Scopes::parse("openid").unwrap(),
            };
            let attempt = Attempt::start(Arc::clone(&self.provider), asked);
            let state = attempt.state().to_owned();
            self.attempts.keep(Some(address.into()), browser, attempt);
            state
        }

        /// How many attempts are kept, and of how many browsers.
        fn kept(&self) -> (u64, u64) {
            self.attempts.kept.run_pending_tasks();
            self.attempts.by_browser.run_pending_tasks();
            let Attempts {
                kept, by_browser, ..
            } = &self.attempts;
            assert_eq!(kept.entry_count(), kept.weighted_size());
            (kept.entry_count(), by_browser.entry_count())
        }
    }

    #[test]
    fn sec_ses_07_thirty_thousand_abandoned_sign_ins_leave_what_ten_thousand_leave() {
        let world = World::new();
        for _ in 0..30_000 {
            world.start(&random_value());
        }
        let share = starts::AN_ADDRESS as u64;
        let (attempts, browsers) = world.kept();
        assert!(attempts <= share && browsers <= share);
        assert!(attempts > share / 2, "{attempts} are kept");
        let state = world.start("late");
        assert!(world.attempts.take("late", &state).is_some(), "still works");
    }

    #[test]
    fn sec_com_21_sign_ins_without_end_from_one_address_push_nobody_elses_out() {
        let world = World::new();
        let address = [192, 0, 2, 1];
        let state = world.start_from(address, "patient");
        for _ in 0..30_000 {
            world.start(&random_value());
        }
        let (attempts, _) = world.kept();
        assert!(attempts <= starts::AN_ADDRESS as u64 + 1, "{attempts}");
        assert!(world.attempts.take("patient", &state).is_some());
    }

    /// Behind a proxy everybody comes from one address: who finishes takes no place of who is slow.
    #[test]
    fn sec_com_21_sign_ins_that_were_finished_push_nobody_out() {
        let world = World::new();
        let state = world.start("slow");
        for _ in 0..=starts::AN_ADDRESS {
            let browser = random_value();
            let finished = world.start(&browser);
            assert!(world.attempts.take(&browser, &finished).is_some());
        }
        assert!(world.attempts.take("slow", &state).is_some());
    }

    #[test]
    fn sec_ses_07_one_browser_keeps_its_latest_twenty() {
        let world = World::new();
        let states: Vec<_> = (0..120).map(|_| world.start("one")).collect();
        assert_eq!(world.kept(), (20, 1));
        assert!(world.attempts.take("one", &states[99]).is_none());
        for state in &states[100..] {
            assert!(world.attempts.take("other", state).is_none());
            assert!(world.attempts.take("one", state).is_some());
            assert!(world.attempts.take("one", state).is_none(), "once");
        }
        assert_eq!(world.kept(), (0, 0));
    }

    #[test]
    fn sign_ins_that_are_finished_leave_nothing_behind() {
        let world = World::new();
        for number in 0..3_000 {
            let browser = (number % 7).to_string();
            let states = [world.start(&browser), world.start(&browser)];
            for state in states {
                assert!(world.attempts.take(&browser, &state).is_some());
            }
        }
        assert_eq!(world.kept(), (0, 0));
    }

    #[test]
    fn sec_web_03_an_attempt_is_over_after_ten_minutes() {
        let world = World::new();
        let [in_time, late] = [world.start("one"), world.start("one")];
        world.clock.advance(Duration::from_secs(600));
        assert!(world.attempts.take("one", &in_time).is_some());
        world.clock.advance(Duration::from_secs(1));
        assert!(world.attempts.take("one", &late).is_none());
    }
}
