//! The provider's parts, shared by its endpoints.

use super::{
    IdpConfig, IdpError,
    back_channel::Notices,
    consent::Consents,
    given::Given,
    grants::Grants,
    is_usual,
    keys::Keys,
    okta::Management,
    org::{Org, OrgStore, RegisteredBy, SigningAlgorithm, StateFile, seed},
    pace::Pace,
    passwords::Passwords,
    pending::PendingRequests,
    sessions::Sessions,
};
use crate::{clock::Clock, jose::Algorithm, net, oauth::Secret};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::sync::Arc;
use url::Url;

pub(super) struct Idp {
    /// The configured issuer identifier.
    pub(super) issuer: String,
    /// The id of the authorization server whose issuer that is, if it is there.
    pub(super) home: String,
    /// Scheme, host and port, as in `http://localhost:8081`.
    pub(super) origin: String,
    /// What there is, and what the management API changes.
    pub(super) org: Arc<OrgStore>,
    pub(super) given: Arc<Given>,
    /// What opens the management API (`SSWS`); `None`: it is off.
    pub(super) api_token: Option<Secret>,
    pub(super) management: Management,
    pub(super) keys: Keys,
    pub(super) sessions: Sessions,
    pub(super) pending: PendingRequests,
    pub(super) grants: Grants,
    pub(super) consents: Consents,
    pub(super) passwords: Arc<Passwords>,
    pub(super) pace: Pace,
    pub(super) notices: Notices,
    /// Makes sign-out forms that nobody else can.
    form_key: Secret,
    pub(super) clock: Clock,
}

/// The org that the file keeps, if there is one; else the blueprint's, or nothing.
fn org(config: &IdpConfig, server_id: &str) -> Result<OrgStore, IdpError> {
    let seed = || seed(config, server_id);
    let Some(path) = &config.state else {
        return Ok(OrgStore::in_memory(seed()));
    };
    let kept = StateFile::open(path).and_then(|opened| OrgStore::kept(opened, seed));
    kept.map_err(|problem| IdpError::State {
        path: path.clone(),
        problem,
    })
}

/// A file may keep what was registered when the app was elsewhere.
fn warn_of_unknown_uris(config: &IdpConfig, org: &Org) {
    let mut clients = org.clients.iter();
    for uri in config.redirect_uris.iter().filter(|_| !config.empty) {
        if !clients.any(|client| client.redirect_uris.contains(uri)) {
            tracing::warn!(event = "redirect_uri_unknown", %uri, "no client that IDP_STATE keeps is registered with this redirect URI");
        }
    }
}

impl Idp {
    /// `issuer` is the configured one, parsed.
    pub(super) fn new(config: IdpConfig, issuer: &Url) -> Result<Self, IdpError> {
        config.check()?;
        let access_token_algorithm = match config.access_token_algorithm {
            Algorithm::Es256 => SigningAlgorithm::Es256,
            Algorithm::Rs256 => SigningAlgorithm::Rs256,
            other => return Err(IdpError::Algorithm(other)),
        };
        let base = issuer.path().trim_end_matches('/');
        let home = if is_usual(base) {
            base.trim_start_matches("/oauth2/").to_owned()
        } else {
            "default".to_owned()
        };
        let org = Arc::new(org(&config, &home)?);
        warn_of_unknown_uris(&config, &org.read());
        let given = Arc::new(Given::new(&config));
        let clock = config.clock;
        Ok(Self {
            passwords: Passwords::new(Arc::clone(&org), Arc::clone(&given), clock.clone()),
            pace: Pace::new(),
            keys: Keys::new(access_token_algorithm),
            sessions: Sessions::new(),
            pending: PendingRequests::new(),
            consents: Consents::new(),
            notices: Notices::new(config.http),
            grants: Grants::new(Arc::clone(&org), clock.now()),
            form_key: Secret::random(),
            origin: net::origin(issuer),
            issuer: config.issuer,
            api_token: config.api_token,
            management: Management::new(config.management),
            home,
            org,
            given,
            clock,
        })
    }

    /// The issuer identifier of an authorization server.
    pub(super) fn issuer_of(&self, server_id: &str) -> String {
        if server_id == self.home {
            return self.issuer.clone();
        }
        format!("{}/oauth2/{server_id}", self.origin)
    }

    /// Who of the blueprint's people can sign in with the password of this start, and which of its
    /// clients are there.
    pub(super) fn of_the_blueprint(&self) -> (Vec<String>, Vec<String>) {
        let org = self.org.read();
        let users = org.users.iter();
        let users = users.filter(|user| user.is_active() && self.given.password(user).is_some());
        let clients = org.clients.iter();
        let clients = clients.filter(|client| client.registered_by == RegisteredBy::Blueprint);
        (
            users.map(|user| user.login().to_owned()).collect(),
            clients.map(|client| client.id.clone()).collect(),
        )
    }

    /// Whether this is the token that opens the management API, compared in constant time. No token
    /// opens one that is off.
    pub(super) fn is_api_token(&self, candidate: &str) -> bool {
        let token = self.api_token.as_ref();
        token.is_some_and(|token| token.matches(candidate))
    }

    /// What a sign-out form of this session must carry.
    pub(super) fn sign_out_csrf(&self, session_cookie: &str) -> String {
        self.form_value(&format!("sign out {session_cookie}"))
    }

    /// What a consent form of this session must carry; `asked` is the sign-in's own random value.
    pub(super) fn consent_csrf(&self, asked: &str, session_cookie: &str) -> String {
        self.form_value(&format!("consent {asked} {session_cookie}"))
    }

    fn form_value(&self, of: &str) -> String {
        let key = aws_lc_rs::hmac::Key::new(
            aws_lc_rs::hmac::HMAC_SHA256,
            self.form_key.expose().as_bytes(),
        );
        let tag = aws_lc_rs::hmac::sign(&key, of.as_bytes());
        URL_SAFE_NO_PAD.encode(tag)
    }
}
