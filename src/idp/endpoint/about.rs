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
    let cookie = cookies::read(&headers, cookies::SESSION);
    let session = idp.sessions.current(cookie, idp.clock.now());
    let org = idp.org.read();
    let user = session.and_then(|session| org.user(&session.user_id));
    let servers = org
        .servers
        .iter()
        .filter(|server| server.status.is_active());
    let issuers: Vec<String> = servers.map(|server| idp.issuer_of(&server.id)).collect();
    let content = AboutPage {
        issuer: idp.issuer.clone(),
        documents: below(
            &issuers,
            &[
                (
                    "OpenID Connect discovery",
                    ".well-known/openid-configuration",
                ),
                ("OAuth metadata", ".well-known/oauth-authorization-server"),
                ("keys", "v1/keys"),
            ],
        ),
        endpoints: below(
            &issuers,
            &[
                ("authorize", "v1/authorize"),
                ("token", "v1/token"),
                ("introspect", "v1/introspect"),
                ("revoke", "v1/revoke"),
                ("userinfo", "v1/userinfo"),
                ("logout", "v1/logout"),
            ],
        ),
        signed_in_as: user.map(|user| user.login().to_owned()),
    };
    page(StatusCode::OK, &content, &[])
}

/// What lies below each issuer, with the name of what it is.
fn below(issuers: &[String], paths: &[(&str, &str)]) -> Vec<(String, String)> {
    let of_one = |issuer: &String| {
        let at = |(name, path): &(&str, &str)| ((*name).to_owned(), format!("{issuer}/{path}"));
        paths.iter().map(at).collect::<Vec<_>>()
    };
    issuers.iter().flat_map(of_one).collect()
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
