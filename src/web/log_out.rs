//! `POST /log-out`: the session ends here first, then the tokens, then the session at the provider.

use super::{
    app::App,
    oidc::{Provider, Revoked, SignedIn, revoke},
    page::ContinuePage,
    posted::Posted,
    problem::{Page, Problem, see_other},
    signed_out::Seen,
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
use serde_json::Value;
use url::Url;

/// Ends the session here, revokes the tokens, and sends the browser to sign out at the provider.
///
/// Unless `ID_TOKEN_HINT` says so, no `id_token_hint` goes along: no token stands in a URL. `logout_hint`
/// names the provider's own session instead (`sid`), where the ID token did. A provider that does not
/// know that hint asks the person to confirm (OpenID Connect RP-Initiated Logout, section 2).
pub(super) async fn post(State(app): State<App>, posted: Posted) -> Result<Response, Problem> {
    let visit = &posted.visit;
    let Some(signed_in) = visit.signed_in.clone() else {
        return Ok(see_other("/signed-out"));
    };
    if !posted.page.of_this_session {
        return Err(Problem::out_of_date("/log-out"));
    }
    visit.session.end().await.map_err(|error| {
        tracing::error!(event = "session_store", %error, "the session cannot be ended");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, &reason::OUR_FAULT)
    })?;
    tracing::info!(
        event = "signed_out",
        correlation = visit.correlation,
        "a person signed out"
    );
    let provider = app.directory.known();
    let tokens = match &provider {
        Some(provider) => revoke(provider, &signed_in).await,
        None => Revoked::Failed,
    };
    let end_session = provider.and_then(|provider| {
        let seen = Seen {
            tokens,
            at_provider: true,
        };
        end_session_url(&provider, &signed_in, visit.log_out_state(seen))
    });
    let response = match end_session {
        None => {
            let seen = Seen {
                tokens,
                at_provider: false,
            };
            see_other(&format!("/signed-out?state={}", visit.log_out_state(seen)))
        }
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
    if let Some(sid) = signed_in.id_token.claims.get("sid").and_then(Value::as_str) {
        request = request.set_logout_hint(LogoutHint::new(sid.to_owned()));
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
