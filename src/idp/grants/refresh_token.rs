//! Refresh tokens: each is spent once and leads to the next (RFC 9700, section 4.14.2).

use super::{Caller, Grant, Grants, Worthless, outlives_session};
use crate::{idp::org::Lifetimes, oauth::random_value};
use std::sync::{Arc, atomic::Ordering};

pub(super) struct RefreshToken {
    grant: Arc<Grant>,
    expires_at: i64,
    spent: bool,
}

impl RefreshToken {
    /// Its grant, if that is this client's and not over.
    fn of(&self, caller: &Caller<'_>) -> Option<Arc<Grant>> {
        let is_theirs = caller.holds(&self.grant) && !self.grant.is_over();
        is_theirs.then(|| Arc::clone(&self.grant))
    }
}

/// What a refresh token's grant, and whether the token was spent before, come to.
fn unspent(found: Option<(Arc<Grant>, bool)>) -> Result<Arc<Grant>, Worthless> {
    match found {
        None => Err(Worthless::NotYours),
        Some((grant, false)) => Ok(grant),
        Some((grant, true)) => Err(Worthless::UsedBefore(grant)),
    }
}

/// A refresh token that was looked at.
pub(in crate::idp) struct LiveRefreshToken {
    pub(in crate::idp) grant: Arc<Grant>,
    pub(in crate::idp) expires_at: i64,
}

impl Grant {
    /// When a refresh token issued now ends: after the window that the rule gives it, and not later than
    /// the rule lets the grant live.
    fn refresh_end(&self, lifetimes: Lifetimes, now: i64) -> i64 {
        let idle_end = now + 60 * i64::from(lifetimes.refresh_token_window);
        match i64::from(lifetimes.refresh_token) {
            0 => idle_end,
            absolute => idle_end.min(self.issued_at + 60 * absolute),
        }
    }
}

impl Grants {
    pub(in crate::idp) fn issue_refresh_token(
        &self,
        grant: &Arc<Grant>,
        lifetimes: Lifetimes,
        now: i64,
    ) -> String {
        let value = random_value();
        let expires_at = grant.refresh_end(lifetimes, now);
        let token = RefreshToken {
            grant: Arc::clone(grant),
            expires_at,
            spent: false,
        };
        self.refresh_tokens.insert(&value, token, expires_at, now);
        value
    }

    /// The grant that a refresh token of this client could be spent for now. Looked at, not spent.
    ///
    /// # Errors
    /// See [`Worthless`]. A grant that must end is the caller's to end.
    pub(in crate::idp) fn to_refresh(
        &self,
        refresh_token: &str,
        caller: &Caller<'_>,
        now: i64,
    ) -> Result<Arc<Grant>, Worthless> {
        let look = |token: &mut RefreshToken| token.of(caller).map(|grant| (grant, token.spent));
        let looked = self.refresh_tokens.with(refresh_token, now, look);
        unspent(looked.flatten())
    }

    /// Spends a refresh token of this client. A second use ends the grant (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// See [`Worthless`]. A grant that must end is the caller's to end.
    pub(in crate::idp) fn spend(
        &self,
        refresh_token: &str,
        caller: &Caller<'_>,
        now: i64,
    ) -> Result<Arc<Grant>, Worthless> {
        let spend = |token: &mut RefreshToken| {
            let grant = token.of(caller)?;
            Some((grant, std::mem::replace(&mut token.spent, true)))
        };
        let spent = self.refresh_tokens.with(refresh_token, now, spend);
        unspent(spent.flatten())
    }

    /// Ends the refresh tokens that came without `offline_access` in sessions that are over (OpenID Connect
    /// Back-Channel Logout, section 2.7). Access tokens live on to their end.
    pub(in crate::idp) fn end_with_sessions(&self, sids: &[&str]) {
        let goes = |token: &RefreshToken| {
            let grant = &token.grant;
            !outlives_session(&grant.scopes) && sids.contains(&grant.session_id.as_str())
        };
        for token in self.refresh_tokens.take_where(goes) {
            token.grant.revoked.store(true, Ordering::SeqCst); // and what is being issued for it now
        }
    }

    /// A refresh token that could be used now. Looked at, not spent.
    pub(in crate::idp) fn refresh_token(&self, value: &str, now: i64) -> Option<LiveRefreshToken> {
        let live = |token: &mut RefreshToken| {
            (!token.spent && !token.grant.is_over()).then(|| LiveRefreshToken {
                grant: Arc::clone(&token.grant),
                expires_at: token.expires_at,
            })
        };
        self.refresh_tokens.with(value, now, live)?
    }

    /// The grant of a refresh token, spent ones included, so that any of a family ends it.
    pub(in crate::idp) fn grant_of(&self, refresh_token: &str, now: i64) -> Option<Arc<Grant>> {
        let grant = |token: &mut RefreshToken| Arc::clone(&token.grant);
        self.refresh_tokens.with(refresh_token, now, grant)
    }
}
