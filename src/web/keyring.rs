//! Keys derived from `SESSION_SECRET`, one for each purpose, so that no value passes for another.

use crate::oauth::{Secret, constant_time_eq};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Makes and checks values that only this app can make.
#[derive(Clone)]
pub(super) struct Keyring {
    root: hmac::Key,
}

/// What a value is for. None passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A form of a page of this browser.
    VisitorForm,
    /// A form of a page of this session.
    SessionForm,
    /// The browser whose attempts these are.
    Attempts,
    /// The visitor whose flights these are.
    VisitorFlights,
    /// The session whose flights these are.
    SessionFlights,
    /// The `state` of a log out at the provider.
    LogOut,
    /// The origins that a page's `form-action` names.
    FormAction,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::VisitorForm => "visitor form",
            Self::SessionForm => "session form",
            Self::Attempts => "attempts",
            Self::VisitorFlights => "visitor flights",
            Self::SessionFlights => "session flights",
            Self::LogOut => "log out",
            Self::FormAction => "form action",
        }
    }
}

impl Keyring {
    pub(super) fn new(session_secret: &Secret) -> Self {
        Self {
            root: hmac::Key::new(hmac::HMAC_SHA256, session_secret.expose().as_bytes()),
        }
    }

    /// An HMAC over purpose and value: 43 characters of base64url.
    pub(super) fn seal(&self, purpose: Purpose, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.root);
        context.update(purpose.label().as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }

    /// Whether `candidate` is the seal of this value for this purpose, in constant time.
    pub(super) fn is_seal(&self, purpose: Purpose, value: &str, candidate: &str) -> bool {
        constant_time_eq(&self.seal(purpose, value), candidate)
    }

    /// The key that signs the session's cookie.
    pub(super) fn cookie_key(&self) -> tower_sessions::cookie::Key {
        let halves = ["session cookie, signing", "session cookie, sealing"];
        let bytes = halves.map(|label| hmac::sign(&self.root, label.as_bytes()));
        tower_sessions::cookie::Key::from(&[bytes[0].as_ref(), bytes[1].as_ref()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_passes_for_another_purpose_or_another_secret() {
        let keyring = Keyring::new(&Secret::new("a".repeat(32)));
        let seal = keyring.seal(Purpose::VisitorForm, "v");
        assert!(keyring.is_seal(Purpose::VisitorForm, "v", &seal));
        assert!(!keyring.is_seal(Purpose::SessionForm, "v", &seal));
        assert!(!keyring.is_seal(Purpose::VisitorForm, "w", &seal));
        assert!(!keyring.is_seal(Purpose::VisitorForm, "v", ""));
        let other = Keyring::new(&Secret::new("b".repeat(32)));
        assert!(!other.is_seal(Purpose::VisitorForm, "v", &seal));
    }
}
