//! A form that a page of this app, in this browser, sent. Nothing that changes anything takes less.

use super::{
    app::App,
    problem::Problem,
    visit::{FormPage, Visit},
};
use crate::{net::origin, reason};
use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header},
};
use url::{Url, form_urlencoded};

/// The longest form, in bytes.
const LIMIT: usize = 16 * 1024;

/// Proof that a form was ours: address, `Origin`, `Sec-Fetch-Site` and its hidden field hold
/// (OWASP ASVS 3.5.1 to 3.5.3). While somebody is signed in, the field is of a page of this session.
pub(super) struct Posted {
    /// Who sent it.
    pub(super) visit: Visit,
    /// The page that it stood on.
    pub(super) page: FormPage,
}

impl FromRequest<App> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app)
            .await
            .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, &reason::OUR_FAULT))?;
        if visit.wrong_address.is_some() {
            return Err(Problem::wrong_address());
        }
        let again = parts.uri.path();
        if !is_from_here(app, &parts.headers) {
            tracing::warn!(
                event = "cross_site_refused",
                reason = "cross_site",
                path = again,
                "another site's page sent a form"
            );
            return Err(Problem::new(StatusCode::FORBIDDEN, &reason::CROSS_SITE));
        }
        let bad_form = || Problem::new(StatusCode::BAD_REQUEST, &reason::BAD_FORM);
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        let is_form = content_type
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| {
                kind.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        let body = to_bytes(body, LIMIT).await.map_err(|_| bad_form())?;
        if !is_form && !body.is_empty() {
            return Err(bad_form());
        }
        let mut fields = form_urlencoded::parse(&body).filter(|(name, _)| name == "csrf");
        let field = fields.next();
        if fields.next().is_some() {
            return Err(bad_form());
        }
        let page = field.and_then(|(_, value)| visit.read_csrf(&value));
        let Some(page) = page else {
            tracing::warn!(
                event = "form_refused",
                reason = "csrf",
                path = again,
                "a form's hidden field did not match"
            );
            return Err(Problem::out_of_date(again));
        };
        Ok(Self { visit, page })
    }
}

impl Posted {
    /// Whether the page's `form-action` let its form lead to this place: a browser blocks a form's
    /// redirect to an origin that is not named there, without a word.
    pub(super) fn may_lead_to(&self, url: &Url) -> bool {
        self.page.origins_hold && self.visit.form_origins.contains(&origin(url))
    }
}

/// Whether a person's own act may have sent this: a page of this app, or the address bar. Another site's page, or
/// another port of localhost, says so in `Sec-Fetch-Site`; browsers of old say nothing.
pub(super) fn is_own_act(headers: &HeaderMap) -> bool {
    let sites = headers.get_all("sec-fetch-site");
    sites
        .iter()
        .all(|site| site == "same-origin" || site == "none")
}

/// An `Origin` that is there must be ours, or `null`, which is what `no-referrer` makes of ours; a
/// `Sec-Fetch-Site` that is there must say `same-origin`: another port of localhost is `same-site`.
pub(super) fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    let ours = app.config.redirect_uri.origin();
    let origin = headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| origin == ours.as_str() || origin == "null");
    let site = headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| site == "same-origin");
    origin && site
}
