//! Checks passwords: argon2id, off the async threads, a bounded queue in front.
//!
//! The blueprint's passwords lie in memory as they were configured (the sign-in page fills them in), so
//! there is no stored hash of them that could leak; those that a management API sets are kept as hashes.
//! In either case a try costs one run of argon2id, whether or not the name is known, was tried before, and
//! the password is right.

mod kept;
#[cfg(test)]
mod tests;

use crate::idp::{
    given::Given,
    org::{OrgStore, Password},
    store::Store,
    throttle::Throttle,
};
use crate::{clock::Clock, oauth::Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB: 46 MiB (OWASP's first choice for t=1, p=1).
const MEMORY: u32 = 46 * 1024;
/// How many hashes are computed at once: each takes its memory and a core.
const AT_ONCE: usize = 2;
/// How many may wait; above that the page says that it is busy.
const WAITING: usize = 1_000;
/// How long a right password is remembered, in seconds.
const REMEMBERED: i64 = 3_600;
/// How long a browser is known for a login, in seconds: 30 days.
const KNOWN: i64 = 30 * 86_400;

/// What became of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::idp) enum Outcome {
    /// Right; the id of its user.
    Right(String),
    /// Wrong, or nobody has this login: both look and cost the same.
    Wrong,
    /// Too many wrong ones for this login; seconds to wait.
    Throttled(i64),
    /// Too many are waiting.
    Busy,
    /// The hash could not be computed.
    Failed,
}

/// The people's passwords.
pub(in crate::idp) struct Passwords {
    org: Arc<OrgStore>,
    given: Arc<Given>,
    permits: Semaphore,
    waiting: AtomicUsize,
    /// Login and password that were right before, hashed with a random value of this process, so
    /// that they cost 36 ms once and not at each sign-in.
    right_before: Store<()>,
    /// Browsers that signed in under a login before.
    known_browsers: Store<()>,
    pepper: Secret,
    throttle: Throttle,
    clock: Clock,
    /// How often argon2id was run.
    #[cfg(test)]
    runs: AtomicUsize,
}

/// Whose password it is, and how it is known.
struct Account {
    user_id: String,
    known: Known,
}

enum Known {
    /// As it was configured.
    Word(Secret),
    /// As an argon2id hash.
    Hash(String),
}

impl Passwords {
    pub(in crate::idp) fn new(org: Arc<OrgStore>, given: Arc<Given>, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            org,
            given,
            permits: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
            right_before: Store::new(1_000),
            known_browsers: Store::new(10_000),
            pepper: Secret::random(),
            throttle: Throttle::new(),
            clock,
            #[cfg(test)]
            runs: AtomicUsize::new(0),
        })
    }

    /// Checks login and password. Ten wrong ones for a login, also in parallel, slow it down; a
    /// browser (its visitor's value) that signed in under this login before is counted on its own, so
    /// that strangers cannot lock it out.
    pub(in crate::idp) async fn check(
        self: &Arc<Self>,
        login: &str,
        password: Secret,
        browser: Option<&str>,
    ) -> Outcome {
        let login = login.to_ascii_lowercase();
        let known = browser.map(|browser| format!("{login}\0{browser}"));
        let known = known.filter(|known| self.known_browsers.contains(known, self.clock.now()));
        let counted = known.unwrap_or_else(|| login.clone());
        let outcome = self.check_counted(&login, password, &counted).await;
        if let (Outcome::Right(_), Some(browser)) = (&outcome, browser) {
            let now = self.clock.now();
            self.known_browsers
                .insert(&format!("{login}\0{browser}"), (), now + KNOWN, now);
        }
        outcome
    }

    async fn check_counted(
        self: &Arc<Self>,
        login: &str,
        password: Secret,
        counted: &str,
    ) -> Outcome {
        let (login, counted) = (login.to_owned(), counted.to_owned());
        if let Some(outcome) = self.without_hashing(&login, &password, &counted) {
            return outcome;
        }
        let Some(_waiting) = Waiting::line_up(&self.waiting) else {
            return Outcome::Busy;
        };
        let Ok(_permit) = self.permits.acquire().await else {
            return Outcome::Busy;
        };
        // While this one waited, the same password may have been found right, or nine more wrong.
        if let Some(outcome) = self.without_hashing(&login, &password, &counted) {
            return outcome;
        }
        let this = Arc::clone(self);
        let work =
            tokio::task::spawn_blocking(move || this.hash_and_compare(&login, &password, &counted));
        work.await.unwrap_or(Outcome::Failed)
    }

    /// The throttle goes first: a remembered password must not be an oracle for fast guessing.
    fn without_hashing(&self, login: &str, password: &Secret, counted: &str) -> Option<Outcome> {
        let now = self.clock.now();
        if let Err(wait) = self.throttle.check(counted, now) {
            return Some(Outcome::Throttled(wait));
        }
        let account = self.account(login)?;
        self.right_before
            .contains(&self.remembrance(&account, password), now)
            .then_some(Outcome::Right(account.user_id))
    }

    fn hash_and_compare(&self, login: &str, password: &Secret, counted: &str) -> Outcome {
        let account = self.account(login);
        let right = match account.as_ref().map(|account| &account.known) {
            Some(Known::Hash(hash)) => {
                self.count_run();
                kept::is_of(hash, password)
            }
            Some(Known::Word(word)) => match self.hash(password) {
                Ok(_) => word.matches(password.expose()),
                Err(_) => return Outcome::Failed,
            },
            None => match self.hash(password) {
                Ok(_) => false,
                Err(_) => return Outcome::Failed,
            },
        };
        let now = self.clock.now();
        let Some(account) = account.filter(|_| right) else {
            self.throttle.count(counted, now);
            return Outcome::Wrong;
        };
        let remembrance = self.remembrance(&account, password);
        self.right_before
            .insert(&remembrance, (), now + REMEMBERED, now);
        Outcome::Right(account.user_id)
    }

    /// Computes a hash, for what that costs.
    fn hash(&self, password: &Secret) -> Result<[u8; 32], argon2::Error> {
        self.count_run();
        let parameters = Params::new(MEMORY, 1, 1, None)?;
        let mut hash = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password_into(
            password.expose().as_bytes(),
            self.pepper.expose().as_bytes(),
            &mut hash,
        )?;
        Ok(std::hint::black_box(hash)) // or the work may be found useless and left out
    }

    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "only tests count"))]
    fn count_run(&self) {
        #[cfg(test)]
        self.runs.fetch_add(1, Ordering::SeqCst);
    }

    /// Who may sign in under this login now, and how their password is known.
    fn account(&self, login: &str) -> Option<Account> {
        let org = self.org.read();
        let user = org.user_by_login(login).filter(|user| user.is_active())?;
        let known = match &user.password {
            Password::Hash(hash) => Known::Hash(hash.clone()),
            Password::Blueprint | Password::None => Known::Word(self.given.password(user)?.clone()),
        };
        Some(Account {
            user_id: user.id.clone(),
            known,
        })
    }

    /// The store keeps only the SHA-256 of this, and the pepper makes it worthless outside. A password
    /// that was set anew is another.
    fn remembrance(&self, account: &Account, password: &Secret) -> String {
        let (pepper, id) = (self.pepper.expose(), &account.user_id);
        let known = match &account.known {
            Known::Word(word) => word.expose(),
            Known::Hash(hash) => hash,
        };
        let length = known.len();
        format!("{pepper}\0{id}\0{length}\0{known}\0{}", password.expose())
    }
}

/// A place in the queue, given back on drop.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn line_up(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::SeqCst) < WAITING).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
