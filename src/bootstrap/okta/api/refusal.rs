//! An answer that is a no, with what to do about it where that is known.

use super::super::super::target::TargetError;
use super::super::text::{complaint, plain};
use axum::http::{HeaderMap, Method, StatusCode, header};

/// What the token's owner needs, by the beginning of a path: the least of the roles that Okta has
/// from the start, and the scope of an app's access token.
const RIGHTS: [(&str, &str, &str); 6] = [
    (
        "/api/v1/authorizationServers",
        "API Access Management Administrator",
        "okta.authorizationServers.manage",
    ),
    (
        "/oauth2/v1/clients",
        "Application Administrator",
        "okta.clients.manage",
    ),
    (
        "/api/v1/apps",
        "Application Administrator",
        "okta.apps.manage",
    ),
    (
        "/api/v1/groups",
        "Organization Administrator",
        "okta.groups.manage",
    ),
    (
        "/api/v1/users",
        "Organization Administrator",
        "okta.users.manage",
    ),
    (
        "/api/v1/trustedOrigins",
        "Organization Administrator",
        "okta.trustedOrigins.manage",
    ),
];

/// What the rights of [`RIGHTS`] come to.
pub(in super::super) const ROLES: &str = "the roles Organization Administrator (people, groups, trusted origins), Application Administrator (clients) and API Access Management Administrator (authorization servers) suffice together; it need not be a Super Administrator";

/// The refusal of a request.
pub(super) fn refusal(
    method: &Method,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> TargetError {
    let said = complaint(body);
    let path = plain(path.split('?').next().unwrap_or_default());
    let message = match status.as_u16() {
        300..=399 => {
            let location = headers.get(header::LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            format!(
                "a redirect to {:?}, which is not followed: set OKTA_TENANT to where the tenant itself answers",
                plain(location.unwrap_or_default())
            )
        }
        401 => format!(
            "{said}: the token does not work. OKTA_API_TOKEN must be one of this tenant's; one that was not used for 30 days, or whose owner was deactivated, is dead. A new one: Security > API > Tokens > Create token; {ROLES}"
        ),
        403 => match rights(&path) {
            Some((role, scope)) => format!(
                "{said}: the token's owner may not do this; it takes the role {role} (or an app's access token with the scope {scope})"
            ),
            None => format!("{said}: the token's owner may not do this; {ROLES}"),
        },
        429 => format!("{said}: the tenant's rate limit, for longer than is waited here"),
        _ => said,
    };
    TargetError::Refused {
        method: method.to_string(),
        path,
        status: status.as_u16(),
        message,
    }
}

fn rights(path: &str) -> Option<(&'static str, &'static str)> {
    let rights = RIGHTS.iter().find(|(start, ..)| path.starts_with(start));
    rights.map(|(_, role, scope)| (*role, *scope))
}
