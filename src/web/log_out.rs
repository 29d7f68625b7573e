//! `POST /log-out`: the session ends here first, then the tokens, then the session at the provider.

use super::{
    app::App,
    farewell::{self, Seen},
    oidc::{Provider, SignedIn},
    page::ContinuePage,
    posted::Posted,
    problem::{Page, Problem, see_other},
    visit::Visit,
};
use crate::reason;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use openidconnect::{
    ClientId, CsrfToken, EndSessionUrl, LogoutHint, LogoutRequest, PostLogoutRedirectUrl,
};
use std::sync::Arc;
use url::Url;

/// Ends the session here, revokes the tokens, and sends the browser to sign out at the provider.
///
/// Unless `ID_TOKEN_HINT` says so, no `id_token_hint` goes along: no token stands in a URL. `logout_hint`
/// names the provider's own session instead (`sid`), where the ID token did. A provider that does not
/// know that hint asks the person to confirm (OpenID Connect RP-Initiated Logout, section 2).
pub(super) async fn post(State(app): State<App>, posted: Posted) -> Result<Response, Problem> {
    let visit = &posted.visit;
    let Some(live) = visit.session.live() else {
        return Ok(see_other("/signed-out"));
    };
    visit.session.end().await.map_err(|error| {
        tracing::error!(event = "session_store", %error, "the session cannot be ended");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, &reason::OUR_FAULT)
    })?;
    let signed_in = live.person(); // what a refresh brought until now; none brings more
    tracing::info!(event = "signed_out", "a person signed out");
    let provider = app.directory.known();
    let tokens = farewell::give_back(&app, provider.clone(), Arc::clone(&signed_in)).await;
    let session_gone = !app.sessions.is_there(&live.id);
    let end_session = provider
        .as_ref()
        .filter(|provider| provider.metadata.end_session_endpoint.is_some());
    let seen = Seen {
        session_gone,
        tokens,
        at_provider: end_session.is_some(),
    };
    let state = app.farewells.keep(visit.farewell_owner(), seen);
    let end_session =
        end_session.and_then(|provider| end_session_url(provider, &signed_in, state.clone()));
    let response = match end_session {
        None => see_other(&format!("/signed-out?state={state}")),
        Some(url) if posted.may_lead_to(&url) => see_other(url.as_str()),
        Some(url) => Page(StatusCode::OK, link(visit, url.as_str())).into_response(),
    };
    Ok(clear(response))
}

/// Takes what the browser keeps of this origin, but its cookies: on loopback all ports share them.
fn clear(mut response: Response) -> Response {
    let what = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", what);
    response
}

fn end_session_url(provider: &Provider, signed_in: &SignedIn, state: String) -> Option<Url> {
    let endpoint = provider.metadata.end_session_endpoint.clone()?;
    let registration = &provider.registration;
    let back = PostLogoutRedirectUrl::new(registration.post_logout_redirect_uri.clone()).ok()?;
    let mut request = LogoutRequest::from(EndSessionUrl::from_url(endpoint))
        .set_client_id(ClientId::new(registration.client_id.clone()))
        .set_post_logout_redirect_uri(back)
        .set_state(CsrfToken::new(state));
    if let Some(sid) = &signed_in.session_id {
        request = request.set_logout_hint(LogoutHint::new(sid.clone()));
    }
    let mut url = request.http_get_url();
    if let Some(id_token) = &signed_in.id_token_hint {
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token.expose());
    }
    Some(url)
}

fn link(visit: &Visit, url: &str) -> ContinuePage {
    let mut chrome = visit.chrome();
    chrome.signed_in_as = None;
    ContinuePage {
        chrome,
        heading: "You are signed out here".to_owned(),
        sentences: vec![
            "Your session in this app has ended, and its tokens were given back.".to_owned(),
            "At the identity provider you may still be signed in. This link ends that too."
                .to_owned(),
        ],
        url: url.to_owned(),
        link_text: "sign out at the identity provider".to_owned(),
    }
}
