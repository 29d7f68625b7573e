//! Refresh tokens: each is spent once and leads to the next (RFC 9700, section 4.14.2).

use super::{Caller, Grant, Grants, Worthless, outlives_session};
use crate::{
    idp::{org::Lifetimes, store::Store},
    oauth::random_value,
};
use std::sync::{Arc, atomic::Ordering};

/// How many that could be used are kept; the oldest makes room.
const MOST: usize = 50_000;
/// The same for those that were spent, and are kept to be known again. They have their own place: a client that
/// refreshes without end forgets its own past, and pushes out nobody's token.
const MOST_SPENT: usize = 50_000;

/// All that were issued.
pub(super) struct RefreshTokens {
    live: Store<RefreshToken>,
    spent: Store<RefreshToken>,
}

#[derive(Clone)]
struct RefreshToken {
    grant: Arc<Grant>,
    expires_at: i64,
}

impl RefreshTokens {
    pub(super) fn new() -> Self {
        Self {
            live: Store::new(MOST),
            spent: Store::new(MOST_SPENT),
        }
    }

    /// One of this client's that is not spent. Whoever spends it writes it down among the spent before it goes
    /// from the others, so that it is found in one of them at any time.
    fn look(&self, value: &str, caller: &Caller<'_>, now: i64) -> Result<RefreshToken, Worthless> {
        if let Some(token) = self.live.get(value, now) {
            return token.of(caller);
        }
        let used = self.spent.get(value, now).ok_or(Worthless::NotYours)?;
        Err(Worthless::UsedBefore(used.of(caller)?.grant))
    }
}

impl RefreshToken {
    /// It, if its grant is this client's and not over.
    fn of(self, caller: &Caller<'_>) -> Result<Self, Worthless> {
        if caller.holds(&self.grant) && !self.grant.is_over() {
            Ok(self)
        } else {
            Err(Worthless::NotYours)
        }
    }
}

/// A refresh token that was looked at.
pub(in crate::idp) struct LiveRefreshToken {
    pub(in crate::idp) grant: Arc<Grant>,
    pub(in crate::idp) expires_at: i64,
}

impl Grant {
    /// When a refresh token issued now ends: after the window that the rule gives it, and not later than
    /// the rule lets the grant live, nor than the session that it is bound to can last.
    fn refresh_end(&self, lifetimes: Lifetimes, now: i64) -> i64 {
        let idle_end = now + 60 * i64::from(lifetimes.refresh_token_window);
        let end = match i64::from(lifetimes.refresh_token) {
            0 => idle_end,
            absolute => idle_end.min(self.issued_at + 60 * absolute),
        };
        if outlives_session(&self.scopes) {
            end
        } else {
            end.min(self.session.last_end())
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
        };
        let live = &self.refresh_tokens.live;
        live.insert(&value, token, expires_at, now);
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
        let looked_at = self.refresh_tokens.look(refresh_token, caller, now);
        looked_at.map(|token| token.grant)
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
        let RefreshTokens { live, spent } = &self.refresh_tokens;
        let token = self.refresh_tokens.look(refresh_token, caller, now)?;
        spent.insert(refresh_token, token.clone(), token.expires_at, now);
        match live.take(refresh_token) {
            Some(token) => Ok(token.grant),
            None => Err(Worthless::UsedBefore(token.grant)), // by another, just now
        }
    }

    /// Ends the refresh tokens that came without `offline_access` in sessions that are over (OpenID Connect
    /// Back-Channel Logout, section 2.7). Access tokens live on to their end.
    pub(in crate::idp) fn end_with_sessions(&self, sids: &[&str]) {
        let goes = |token: &RefreshToken| {
            let grant = &token.grant;
            !outlives_session(&grant.scopes) && sids.contains(&grant.session_id.as_str())
        };
        let RefreshTokens { live, spent } = &self.refresh_tokens;
        for token in live.take_where(goes).iter().chain(&spent.take_where(goes)) {
            token.grant.revoked.store(true, Ordering::SeqCst); // and what is being issued for it now
        }
    }

    /// A refresh token that could be used now. Looked at, not spent.
    pub(in crate::idp) fn refresh_token(&self, value: &str, now: i64) -> Option<LiveRefreshToken> {
        let token = self.refresh_tokens.live.get(value, now)?;
        (!token.grant.is_over()).then_some(LiveRefreshToken {
            grant: token.grant,
            expires_at: token.expires_at,
        })
    }

    /// The grant of a refresh token, spent ones included, so that any of a family ends it.
    pub(in crate::idp) fn grant_of(&self, refresh_token: &str, now: i64) -> Option<Arc<Grant>> {
        let RefreshTokens { live, spent } = &self.refresh_tokens;
        let mut places = [live, spent].into_iter();
        let token = places.find_map(|place| place.get(refresh_token, now))?;
        Some(token.grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        idp::{
            org::{Org, OrgStore},
            sessions::Sessions,
        },
        oauth::Scopes,
    };

    #[test]
    fn sec_as_16_who_refreshes_without_end_pushes_out_nobody_and_is_known_again_for_long() {
        let grants = Grants::new(Arc::new(OrgStore::in_memory(Org::empty(0))), 0);
        let session = Sessions::new().begin(None, "person", 0, 0).session;
        let grant = || Grant::new("default", "app", &session, "-0", Scopes::default(), 600, 0);
        let issue = |grant: &Arc<Grant>| grants.issue_refresh_token(grant, Lifetimes::default(), 0);
        let caller = Caller {
            server_id: "default",
            client_id: "app",
        };
        let others = issue(&grant());
        let busy = grant();
        let mut token = issue(&busy);
        let mut first_known = None;
        for round in 0..=MOST {
            let spent = std::mem::replace(&mut token, issue(&busy));
            assert!(grants.spend(&spent, &caller, 0).is_ok(), "{round}");
            if round == 1 {
                first_known = Some(spent);
            }
        }
        assert!(grants.to_refresh(&others, &caller, 0).is_ok());
        for used in [first_known.unwrap(), others] {
            let _ = grants.spend(&used, &caller, 0);
            let again = grants.spend(&used, &caller, 0);
            assert!(matches!(again, Err(Worthless::UsedBefore(_))));
        }
    }
}
