//! `/` and everything that is not there: what this provider is, and is not for.

use crate::idp::{
    Idp,
    answer::{page, problem},
    cookies,
    page::AboutPage,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

pub(crate) async fn get(State(idp): State<Arc<Idp>>, headers: HeaderMap) -> Response {
    let at = |path: &str| format!("{}/{path}", idp.issuer);
    let named = |name: &str, path: &str| (name.to_owned(), at(path));
    let cookie = cookies::read(&headers, cookies::SESSION);
    let session = idp.sessions.current(cookie, idp.clock.now());
    let user = session.and_then(|session| idp.registry.user(&session.user_id));
    let content = AboutPage {
        issuer: idp.issuer.clone(),
        documents: vec![
            named(
                "OpenID Connect discovery",
                ".well-known/openid-configuration",
            ),
            named("OAuth metadata", ".well-known/oauth-authorization-server"),
            named("keys", "v1/keys"),
        ],
        endpoints: vec![
            named("authorize", "v1/authorize"),
            named("token", "v1/token"),
            named("introspect", "v1/introspect"),
            named("revoke", "v1/revoke"),
            named("userinfo", "v1/userinfo"),
            named("logout", "v1/logout"),
        ],
        signed_in_as: user.map(|user| user.login.clone()),
    };
    page(StatusCode::OK, &content, &[])
}

pub(crate) async fn not_found(State(idp): State<Arc<Idp>>) -> Response {
    problem(
        StatusCode::NOT_FOUND,
        &idp.issuer,
        "There is nothing here",
        &["This address is not one of the identity provider's."],
    )
}

pub(crate) async fn method_not_allowed(State(idp): State<Arc<Idp>>) -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        &idp.issuer,
        "This address is asked in another way",
        &["The address is there, but not for this HTTP method."],
    )
}
