//! Who asks: the browser, its session, and the address that it used. Looked up once a request.

use super::{
    app::App,
    doctor,
    keyring::Purpose,
    oidc::SignedIn,
    page::Chrome,
    posted::{is_from_here, is_own_act},
    session::BrowserSession,
};
use crate::{
    flight::Owner,
    net::{is_loopback_name, request_id},
    oauth::random_value,
    settings::RedirectUri,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Duration};
use tower_cookies::{Cookie, Cookies, cookie::SameSite};
use tower_sessions::Session;

/// How long the home page waits for metadata that is not there yet.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of a request's sender; clones share it.
#[derive(Clone)]
pub(super) struct Visit(Arc<Known>);

/// What a [`Visit`] shows.
pub(super) struct Known {
    /// The value of the visitor's cookie: 32 random bytes that name this browser.
    visitor: String,
    /// The browser's session.
    pub(super) session: BrowserSession,
    /// Who is signed in.
    pub(super) signed_in: Option<Arc<SignedIn>>,
    /// The request's number, as it stands in the log (`request`) and on a page that tells of trouble.
    pub(super) correlation: String,
    /// Whether the request may be the person's own act, and no other site's.
    is_own_act: bool,
    /// The loopback origin that was opened instead of the public one, if it was.
    pub(super) wrong_address: Option<String>,
    app: App,
    /// The origins that this request's page names in `form-action`.
    pub(super) form_origins: Vec<String>,
}

impl std::ops::Deref for Visit {
    type Target = Known;
    fn deref(&self) -> &Known {
        &self.0
    }
}

impl Visit {
    /// The name of the browser under which its attempts are kept.
    pub(super) fn browser(&self) -> String {
        self.app.keyring.seal(Purpose::Attempts, &self.visitor)
    }

    /// Whose flights are shown: this session's, and this visitor's.
    pub(super) fn owners(&self) -> Vec<Owner> {
        let seal = |name| Owner(self.app.keyring.seal(Purpose::SessionFlights, name));
        let session = self.session_name().map(seal);
        session.into_iter().chain([self.visitor_owner()]).collect()
    }

    /// The browser as an owner: for what is left when its session ends.
    pub(super) fn visitor_owner(&self) -> Owner {
        let keyring = &self.app.keyring;
        Owner(keyring.seal(Purpose::VisitorFlights, &self.visitor))
    }

    /// Who owns a new flight: the session, else the visitor. What a person saw is nobody else's.
    pub(super) fn owner(&self) -> Owner {
        self.owners().swap_remove(0)
    }

    /// The browser as whoever logs out: what a log out saw is told to it alone.
    pub(super) fn farewell_owner(&self) -> Owner {
        Owner(self.app.keyring.seal(Purpose::LogOut, &self.visitor))
    }

    /// The value of the hidden field in each form: of this browser, of this session, and of the
    /// origins that this page's `form-action` names.
    fn csrf(&self) -> String {
        let keyring = &self.app.keyring;
        let visitor = keyring.seal(Purpose::VisitorForm, &self.visitor);
        let session = self
            .session_name()
            .map(|name| keyring.seal(Purpose::SessionForm, name));
        let origins = keyring.seal(Purpose::FormAction, &self.form_origins.join(" "));
        format!("{visitor}.{}.{origins}", session.unwrap_or_default())
    }

    /// Reads a form's hidden field. `None`: it is not of a page of this browser, or while somebody is
    /// signed in, not of a page of this session. Where nobody is, a page of a session that is over will do.
    pub(super) fn read_csrf(&self, value: &str) -> Option<FormPage> {
        let keyring = &self.app.keyring;
        let mut parts = value.split('.');
        let (visitor, session, origins) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !keyring.is_seal(Purpose::VisitorForm, &self.visitor, visitor)
        {
            return None;
        }
        let of_this_session = self
            .session_name()
            .is_none_or(|name| keyring.is_seal(Purpose::SessionForm, name, session));
        let origins_now = self.form_origins.join(" ");
        let origins_hold = keyring.is_seal(Purpose::FormAction, &origins_now, origins);
        of_this_session.then_some(FormPage { origins_hold })
    }

    /// Counts as a use of the session, so that it lasts: what another site's page makes the browser ask does not.
    pub(super) fn uses_session(&self) {
        if let Some(live) = self.session.live().filter(|_| self.is_own_act) {
            live.seen(self.app.config.clock.now());
        }
    }

    /// The frame of every page.
    pub(super) fn chrome(&self) -> Chrome {
        Chrome {
            gateway_name: self.app.config.gateway_name.clone(),
            gateway_url: self.app.config.gateway.to_string(),
            signed_in_as: self
                .signed_in
                .as_ref()
                .map(|signed_in| signed_in.name.clone()),
            csrf: self.csrf(),
            doctor: self.app.config.doctor.as_ref().map(|_| doctor::PATH),
        }
    }

    fn session_name(&self) -> Option<&str> {
        self.session.live().map(|live| live.name.as_str())
    }
}

/// What a form's hidden field says of the page that it stood on.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormPage {
    /// Whether its `form-action` named the same origins as a page would now.
    pub(super) origins_hold: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Looks up who asks, before any handler runs.
pub(super) async fn begin(
    State(app): State<App>,
    cookies: Cookies,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let session = BrowserSession::find(session, &app.sessions);
    let signed_in = session.live().map(|live| live.person());
    // Only the home page waits for metadata; the others ask for it on their way.
    let is_home = request.uri().path() == "/" && request.method() != Method::POST;
    let patience = if is_home { PATIENCE } else { Duration::ZERO };
    let visit = Visit(Arc::new(Known {
        visitor: visitor(&app, &cookies, may_keep_cookies(&app, &request)),
        session,
        signed_in,
        correlation: request_id(),
        is_own_act: is_own_act(request.headers()),
        wrong_address: wrong_address(&app, request.headers()),
        form_origins: app.form_origins(patience).await,
        app,
    }));
    request.extensions_mut().insert(visit);
    next.run(request).await
}

/// A form that another site's page sends comes without our cookies. An answer that set new ones would
/// take the old ones from the browser, and with them its attempts and open pages.
fn may_keep_cookies(app: &App, request: &Request) -> bool {
    request.method().is_safe() || is_from_here(app, request.headers())
}

/// The browser's name from its cookie, or a new one.
fn visitor(app: &App, cookies: &Cookies, may_keep: bool) -> String {
    let secure = app.config.redirect_uri.is_https();
    let name = cookie_name("solar_visitor", &app.config.redirect_uri);
    let known = cookies.get(&name).map(|cookie| cookie.value().to_owned());
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if let Some(known) = known.filter(|known| known.len() == 43 && known.bytes().all(plain)) {
        return known;
    }
    let value = random_value();
    if !may_keep {
        return value;
    }
    let cookie = Cookie::build((name, value.clone()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure);
    cookies.add(cookie.build());
    value
}

/// `__Host-` where cookies are `Secure` (OWASP ASVS 3.3.1). Loopback's http cannot have it, and all
/// ports of a host share their cookies: there the port is in the name.
pub(super) fn cookie_name(name: &str, redirect_uri: &RedirectUri) -> String {
    if redirect_uri.is_https() {
        return format!("__Host-{name}");
    }
    format!("{name}_{}", redirect_uri.port())
}

/// A loopback origin other than the public one: its cookies would not come back with the answer of
/// the provider. `Host` decides nothing but this sentence.
fn wrong_address(app: &App, headers: &HeaderMap) -> Option<String> {
    let redirect_uri = &app.config.redirect_uri;
    let authority = headers.get(header::HOST)?.to_str().ok()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let other = redirect_uri.is_loopback()
        && is_loopback_name(host)
        && !host.eq_ignore_ascii_case(redirect_uri.host());
    other.then(|| format!("http://{}", authority.to_ascii_lowercase()))
}
