//! What people let clients do that nobody here vouches for: who was asked, and what for.

use super::{
    grants::outlives_session,
    here::Here,
    org::{Client, Lifetimes, User},
    sessions::ABSOLUTE,
    store::Store,
};
use crate::oauth::Scopes;
use std::collections::BTreeMap;

/// How many are remembered; who is forgotten is asked again.
const MOST: usize = 10_000;
/// Consent to a scope is asked for again after thirty days (seconds).
const LIFE: i64 = 30 * 24 * 3600;

/// By authorization server, client and person: until when each scope counts as let.
pub(super) struct Consents(Store<BTreeMap<String, i64>>);

impl Consents {
    pub(super) fn new() -> Self {
        Self(Store::new(MOST))
    }
}

impl Here {
    /// Whether the person has let this very client have all of these before.
    pub(super) fn has_consented(&self, client: &Client, user: &User, scopes: &Scopes) -> bool {
        let let_before = self.let_before(client, user);
        scopes.iter().all(|scope| let_before.contains_key(scope))
    }

    /// Remembers it, beside what was let before, which ages as it did.
    pub(super) fn consents(&self, client: &Client, user: &User, scopes: &Scopes) {
        let until = self.now() + LIFE;
        let mut all = self.let_before(client, user);
        all.extend(scopes.iter().map(|scope| (scope.to_owned(), until)));
        self.keep_let(client, user, all);
    }

    /// Remembers a no: what was let before of what was asked for now is let no more.
    pub(super) fn refuses(&self, client: &Client, user: &User, scopes: &Scopes) {
        let mut all = self.let_before(client, user);
        all.retain(|scope, _| !scopes.contains(scope));
        self.keep_let(client, user, all);
    }

    /// What this person lets this client have now.
    fn let_before(&self, client: &Client, user: &User) -> BTreeMap<String, i64> {
        let (key, now) = (self.consent_of(client, user), self.now());
        let mut all = self.idp.consents.0.get(&key, now).unwrap_or_default();
        all.retain(|_, until| *until > now);
        all
    }

    fn keep_let(&self, client: &Client, user: &User, all: BTreeMap<String, i64>) {
        let (key, now) = (self.consent_of(client, user), self.now());
        match all.values().max().copied() {
            Some(until) => self.idp.consents.0.insert(&key, all, until, now),
            None => drop(self.idp.consents.0.take(&key)),
        }
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
pub(super) fn lives(client: &Client, lifetimes: Lifetimes, scopes: &Scopes) -> Vec<String> {
    let mut lives = vec![format!(
        "{} with each access token",
        span(lifetimes.access_token_seconds() / 60)
    )];
    if client.gets_refresh_token(scopes) {
        lives.push(renewal(lifetimes, scopes));
    }
    lives
}

/// How long it may get new access tokens.
fn renewal(lifetimes: Lifetimes, scopes: &Scopes) -> String {
    let unused = i64::from(lifetimes.refresh_token_window);
    let absolute = Some(i64::from(lifetimes.refresh_token)).filter(|minutes| *minutes > 0);
    let (begin, most) = if outlives_session(scopes) {
        ("without you", absolute)
    } else {
        let session = ABSOLUTE / 60;
        let most = absolute.map_or(session, |absolute| absolute.min(session));
        ("until you sign out here, at the most", Some(most))
    };
    let unused_for = format!("until it is not used for {}", span(unused));
    match most {
        None => format!("{begin}, {unused_for}"),
        Some(most) if most <= unused => format!("{begin} for {}", span(most)),
        Some(most) => format!("{begin} for {}, or {unused_for}", span(most)),
    }
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
