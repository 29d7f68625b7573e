//! The provider's word that a session has ended (`OpenID` Connect Back-Channel Logout, section 2.6).

use super::{
    Provider,
    keys::{Brought, KeysError},
};
use crate::jose::{
    KeySet, LogoutToken, LogoutTokenRules, Rejection, Verified, may_be_logout_token,
    verify_logout_token,
};

const LEEWAY: i64 = 60;
/// How old a logout token may be when it arrives, in seconds.
const MAX_AGE: i64 = 600;

/// Why a logout token is not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogoutTokenError {
    /// The keys are not to be had.
    #[error("the provider's keys: {0}")]
    Keys(#[from] KeysError),
    /// It breaks a rule.
    #[error("{0}")]
    Refused(#[from] Rejection),
}

impl Provider {
    /// Verifies a logout token by the keys that are there: what most are judged by, and what takes no time.
    /// `None`: the provider has to be asked, by [`Provider::verified_logout_token`].
    #[must_use]
    pub fn logout_token_at_hand(
        &self,
        token: &str,
    ) -> Option<Result<Verified<LogoutToken>, LogoutTokenError>> {
        if let Err(rejection) = may_be_logout_token(token, &self.metadata.id_token_algorithms) {
            return Some(Err(rejection.into()));
        }
        let verified = self
            .keys
            .at_hand(|keys| self.logout_token_by(token, keys))?;
        Some(verified.map_err(LogoutTokenError::from))
    }

    /// Verifies a logout token by the provider's keys. Whether its `jti` came before is not judged.
    ///
    /// # Errors
    /// The first rule that does not hold, or that the keys are not to be had.
    pub async fn verified_logout_token(
        &self,
        token: &str,
    ) -> Result<Verified<LogoutToken>, LogoutTokenError> {
        let verify = |keys: &_| self.logout_token_by(token, keys);
        self.keys.verified(Brought::ByAnybody, verify).await
    }

    fn logout_token_by(
        &self,
        token: &str,
        keys: &KeySet,
    ) -> Result<Verified<LogoutToken>, Rejection> {
        let audience = [self.registration.audience.clone()];
        let rules = LogoutTokenRules {
            issuer: &self.metadata.issuer,
            client_id: &self.registration.client_id,
            other_audiences: &audience,
            algorithms: &self.metadata.id_token_algorithms,
            leeway: LEEWAY,
            max_age: MAX_AGE,
        };
        verify_logout_token(token, keys, &rules, self.clock.now())
    }
}

/// Until when a logout token would be believed, were it not for its `jti`.
pub fn believed_until(token: &LogoutToken) -> i64 {
    let too_old = token.issued_at.saturating_add(MAX_AGE);
    token.expires_at.min(too_old).saturating_add(LEEWAY)
}
