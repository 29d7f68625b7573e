//! Refresh tokens: each is spent once and leads to the next (RFC 9700, section 4.14.2).

use super::{Grant, Grants, Worthless};
use crate::{idp::store::Full, oauth::random_value};
use std::sync::Arc;

/// A refresh token that nobody uses ends after a day,
const REFRESH_IDLE: i64 = 24 * 3600;
/// and its grant after 30 days, whatever happens.
const REFRESH_ABSOLUTE: i64 = 30 * 24 * 3600;

pub(super) struct RefreshToken {
    grant: Arc<Grant>,
    expires_at: i64,
    spent: bool,
}

/// A refresh token that was looked at.
pub(in crate::idp) struct LiveRefreshToken {
    pub(in crate::idp) grant: Arc<Grant>,
    pub(in crate::idp) expires_at: i64,
}

impl Grant {
    /// When a refresh token issued now ends.
    fn refresh_end(&self, now: i64) -> i64 {
        (now + REFRESH_IDLE).min(self.issued_at + REFRESH_ABSOLUTE)
    }
}

impl Grants {
    pub(in crate::idp) fn issue_refresh_token(&self, grant: &Arc<Grant>, now: i64) -> String {
        let value = random_value();
        let expires_at = grant.refresh_end(now);
        let token = RefreshToken {
            grant: Arc::clone(grant),
            expires_at,
            spent: false,
        };
        self.refresh_tokens.insert(&value, token, expires_at, now);
        value
    }

    /// Spends a refresh token of this client. A second use ends the grant (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// See [`Worthless`]; [`Full`] when a grant that must end cannot be.
    pub(in crate::idp) fn rotate(
        &self,
        refresh_token: &str,
        client_id: &str,
        now: i64,
    ) -> Result<Result<Arc<Grant>, Worthless>, Full> {
        let spent = self.refresh_tokens.with(refresh_token, now, |token| {
            if token.grant.client_id != client_id || token.grant.is_revoked() {
                return None;
            }
            let before = std::mem::replace(&mut token.spent, true);
            Some((Arc::clone(&token.grant), before))
        });
        match spent.flatten() {
            None => Ok(Err(Worthless::NotYours)),
            Some((grant, false)) => Ok(Ok(grant)),
            Some((grant, true)) => {
                self.revoke_grant(&grant, now)?;
                Ok(Err(Worthless::UsedBefore))
            }
        }
    }

    /// A refresh token that could be used now. Looked at, not spent.
    pub(in crate::idp) fn refresh_token(&self, value: &str, now: i64) -> Option<LiveRefreshToken> {
        let live = |token: &mut RefreshToken| {
            (!token.spent && !token.grant.is_revoked()).then(|| LiveRefreshToken {
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
