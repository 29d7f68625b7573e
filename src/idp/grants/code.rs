//! Authorization codes, spent once with all that they are bound to.

use super::{Caller, Grant, Grants, Worthless};
use crate::oauth::{pkce, random_value};
use std::sync::Arc;

/// An authorization code lives so long (seconds).
const CODE_LIFE: i64 = 60;

/// An authorization code's bindings (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
pub(in crate::idp) struct Code {
    pub(in crate::idp) grant: Arc<Grant>,
    pub(in crate::idp) redirect_uri: String,
    pub(in crate::idp) challenge: String,
    pub(in crate::idp) nonce: Option<String>,
    spent: bool,
}

/// A code that was spent just now, by whom it was issued to.
pub(in crate::idp) struct RedeemedCode {
    pub(in crate::idp) grant: Arc<Grant>,
    pub(in crate::idp) nonce: Option<String>,
}

impl Grants {
    /// Issues a code for 60 seconds.
    pub(in crate::idp) fn issue_code(
        &self,
        grant: Arc<Grant>,
        redirect_uri: &str,
        challenge: &str,
        nonce: Option<&str>,
        now: i64,
    ) -> String {
        let value = random_value();
        let code = Code {
            grant,
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            nonce: nonce.map(str::to_owned),
            spent: false,
        };
        self.codes.insert(&value, code, now + CODE_LIFE, now);
        value
    }

    /// Spends a code. All bindings must hold together, and the person must not have signed out since: the
    /// client would begin a session whose end it was told of before. A try that fails them spends
    /// and revokes nothing, so that who has only seen the code can't end the grant. A second use of one that
    /// was spent while the person was signed in counts after that too: what came of it may live on.
    ///
    /// # Errors
    /// See [`Worthless`]. A grant that must end is the caller's to end.
    pub(in crate::idp) fn redeem(
        &self,
        code: &str,
        caller: &Caller<'_>,
        redirect_uri: &str,
        verifier: &str,
        now: i64,
    ) -> Result<RedeemedCode, Worthless> {
        let holds = |code: &Code| {
            caller.holds(&code.grant)
                && code.redirect_uri == redirect_uri
                && pkce::is_verifier(verifier)
                && pkce::s256(verifier) == code.challenge
        };
        let spent = self.codes.with(code, now, |code| {
            let too_late = !code.spent && code.grant.session_has_ended();
            if !holds(code) || too_late {
                return None;
            }
            let before = std::mem::replace(&mut code.spent, true);
            let redeemed = RedeemedCode {
                grant: Arc::clone(&code.grant),
                nonce: code.nonce.clone(),
            };
            Some((redeemed, before))
        });
        match spent.flatten() {
            None => Err(Worthless::NotYours),
            Some((redeemed, false)) => Ok(redeemed),
            Some((redeemed, true)) => Err(Worthless::UsedBefore(redeemed.grant)),
        }
    }
}
