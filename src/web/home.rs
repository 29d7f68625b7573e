//! `GET /`: the levels, who is signed in, and how it works. With a redirect URI of path `/` it takes
//! the provider's answer too.

use super::{
    app::App,
    callback, home_view,
    oidc::AuthorizationResponse,
    problem::{Page, Problem},
    visit::Visit,
};
use axum::{
    extract::{RawQuery, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};

pub(super) async fn get(
    state: State<App>,
    visit: Visit,
    method: Method,
    query: RawQuery,
) -> Result<Response, Problem> {
    let is_answer = query.0.as_deref().is_some_and(AuthorizationResponse::is_in);
    if is_answer && state.config.redirect_uri.path() == "/" {
        return callback::get(state, visit, method, query).await;
    }
    let trouble = match state.directory.known() {
        Some(_) => None,
        None => state.directory.provider().now_or_trouble().await,
    };
    visit.uses_session(); // before the page tells when the session ends
    Ok(Page(StatusCode::OK, home_view::home(&state, &visit, trouble)).into_response())
}

/// What is known without waiting: the page waited for metadata already.
trait NowOrTrouble {
    async fn now_or_trouble(self) -> Option<String>;
}

impl<T, E: ToString, F: Future<Output = Result<T, E>>> NowOrTrouble for F {
    async fn now_or_trouble(self) -> Option<String> {
        let soon = std::time::Duration::from_millis(50);
        match tokio::time::timeout(soon, self).await {
            Ok(Ok(_)) => None,
            Ok(Err(trouble)) => Some(trouble.to_string()),
            Err(_) => Some("it has not answered yet".to_owned()),
        }
    }
}
