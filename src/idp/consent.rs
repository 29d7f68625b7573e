//! What people let clients do that nobody here vouches for: who was asked, and what for.

use super::{
    here::Here,
    org::{Client, Lifetimes, User},
    store::Store,
};
use crate::oauth::Scopes;

/// How many are remembered; who is forgotten is asked again.
const MOST: usize = 10_000;
/// A consent is asked for again after thirty days (seconds).
const LIFE: i64 = 30 * 24 * 3600;

/// Scopes by authorization server, client and person.
pub(super) struct Consents(Store<Scopes>);

impl Consents {
    pub(super) fn new() -> Self {
        Self(Store::new(MOST))
    }
}

impl Here {
    /// Whether the person has let this very client have all of these before.
    pub(super) fn has_consented(&self, client: &Client, user: &User, scopes: &Scopes) -> bool {
        let kept = self
            .idp
            .consents
            .0
            .get(&self.consent_of(client, user), self.now());
        kept.is_some_and(|kept| kept.contains_all(scopes))
    }

    /// Remembers it, beside what was let before.
    pub(super) fn consents(&self, client: &Client, user: &User, scopes: &Scopes) {
        let (key, now) = (self.consent_of(client, user), self.now());
        let mut all = self.idp.consents.0.get(&key, now).unwrap_or_default();
        scopes.iter().for_each(|scope| all.insert(scope));
        self.idp.consents.0.insert(&key, all, now + LIFE, now);
    }

    /// Another client under the same id, or a person who was put out of work since, is another matter.
    fn consent_of(&self, client: &Client, user: &User) -> String {
        let binding = Self::binding(client, Some(user));
        format!(
            "{}\0{}\0{}\0{binding}",
            self.server().id,
            client.id,
            user.id
        )
    }
}

/// How long the client may act, a sentence each.
pub(super) fn lives(lifetimes: Lifetimes, scopes: &Scopes) -> Vec<String> {
    let mut lives = vec![format!(
        "{} with each access token",
        span(lifetimes.access_token_seconds() / 60)
    )];
    if scopes.contains("offline_access") {
        let unused = span(i64::from(lifetimes.refresh_token_window));
        lives.push(match i64::from(lifetimes.refresh_token) {
            0 => format!("without you, until it is not used for {unused}"),
            all => format!(
                "without you for {}, or until it is not used for {unused}",
                span(all)
            ),
        });
    }
    lives
}

/// Minutes in words.
fn span(minutes: i64) -> String {
    let (count, unit) = match minutes {
        m if m >= 48 * 60 && m % (24 * 60) == 0 => (m / (24 * 60), "days"),
        m if m >= 120 && m % 60 == 0 => (m / 60, "hours"),
        m => (m, "minutes"),
    };
    format!("{count} {unit}")
}
