//! Headers by which a gateway tells an API who asks, or by which a proxy says what was asked before
//! it rewrote it. From a caller each is a lie.

use super::{Column, Kind, method_of, path_of};
use crate::blueprint::{Resource, Takes};

/// Who the forged headers say is asking. Nobody is called so: if the API is told, it was the caller.
pub(in crate::verify) const FORGED_NAME: &str = "forged-by-verify";

/// Headers that some gateway tells an API who asks by.
const IDENTITY: [&str; 18] = [
    "x-auth-subject",
    "x-auth-client",
    "x-auth-scope",
    "x-user",
    "x-username",
    "x-userinfo",
    "x-user-id",
    "x-remote-user",
    "remote-user",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-auth-request-user",
    "x-authenticated-userid",
    "x-consumer-id",
    "x-consumer-username",
    "x-credential-identifier",
    "x-jwt-payload",
];

/// The same with underscores, which some servers take for dashes, and others refuse.
const UNDERSCORES: [&str; 5] = [
    "x_auth_subject",
    "x_auth_client",
    "x_auth_scope",
    "x_forwarded_user",
    "oidc_claim_sub",
];

/// Headers that some server takes for the path that was really asked.
const REWRITE: [&str; 7] = [
    "x-original-url",
    "x-rewrite-url",
    "x-original-uri",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-envoy-original-path",
    "x-http-destinationurl",
];

/// A protected resource, asked by somebody who says to be somebody; with dashes, and with underscores.
pub(super) fn identity(index: usize, resource: &Resource) -> [Column; 2] {
    let method = method_of(resource);
    let target = path_of(resource);
    let mut headers: Vec<(&'static str, String)> = IDENTITY
        .iter()
        .map(|name| (*name, FORGED_NAME.to_owned()))
        .collect();
    if let Takes::Scopes(scopes) = &resource.takes {
        for name in ["x-scope", "x-scopes", "x-authenticated-scope", "scope"] {
            headers.push((name, scopes.to_string()));
        }
    }
    // some gateways trust who seems to come from the machine itself
    headers.push(("x-forwarded-for", "127.0.0.1".to_owned()));
    headers.push(("x-real-ip", "127.0.0.1".to_owned()));
    let underscores = UNDERSCORES.iter();
    let underscores = underscores.map(|name| (*name, FORGED_NAME.to_owned()));
    let column = |id: &str, how: &str, headers: Vec<(&'static str, String)>| Column {
        id: format!("{id}.{}", resource.name),
        title: format!("{method} {target}, saying who asks{how}"),
        kind: Kind::Identity,
        method: method.clone(),
        target: target.clone(),
        headers,
        resource: Some(index),
    };
    [
        column("identity", "", headers),
        column("underscores", " with underscores", underscores.collect()),
    ]
}

/// An open resource, asked with headers that name a protected one.
pub(super) fn rewrite(index: usize, resource: &Resource, open: &Resource) -> Column {
    let method = method_of(open);
    let (target, hidden) = (path_of(open), path_of(resource));
    let headers = REWRITE.iter().map(|name| (*name, hidden.clone()));
    Column {
        id: format!("rewrite.{}", resource.name),
        title: format!("{method} {target}, rewritten to {hidden}"),
        kind: Kind::Rewrite,
        method,
        target,
        headers: headers.collect(),
        resource: Some(index),
    }
}
