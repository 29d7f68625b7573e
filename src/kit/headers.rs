//! Headers that a caller must not be believed in.

/// What APIs behind gateways take for the gateway's word: who asks, by what right, from where, and for
/// what. Callers' own are removed before anything else is done. Lower case; where a gateway can remove
/// by prefix, all of `x-` goes.
pub(super) const IDENTITY: &[&str] = &[
    "x-api-key",
    "x-auth-subject",
    "x-auth-client",
    "x-auth-scope",
    "x-auth-user",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-auth-request-groups",
    "x-auth-request-access-token",
    "x-user",
    "x-user-id",
    "x-user-email",
    "x-username",
    "x-userinfo",
    "x-email",
    "x-groups",
    "x-roles",
    "x-scope",
    "x-scopes",
    "x-sub",
    "x-subject",
    "x-client-id",
    "x-jwt-payload",
    "x-jwt-assertion",
    "x-access-token",
    "x-id-token",
    "x-refresh-token",
    "x-remote-user",
    "x-authenticated-user",
    "x-authenticated-userid",
    "x-authenticated-groups",
    "x-authenticated-scope",
    "x-anonymous-consumer",
    "x-consumer-id",
    "x-consumer-username",
    "x-consumer-custom-id",
    "x-consumer-groups",
    "x-credential-identifier",
    "x-credential-username",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-access-token",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-forwarded-uri",
    "x-forwarded-method",
    "x-real-ip",
    "x-client-ip",
    "x-original-url",
    "x-original-uri",
    "x-original-method",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
    "remote-user",
    "remote-groups",
    "oidc-claim-sub",
    "forwarded",
    "true-client-ip",
    "client-ip",
    "ssl-client-cert",
    "cookie",
    "proxy-authorization",
];

/// What this program's own gateways say in these names, and what kits put in: no spelling of them may be a caller's.
const OURS: &[&str] = &[
    "x-api-key",
    "x-auth-subject",
    "x-auth-client",
    "x-auth-scope",
];

/// Whether a kit says this header itself.
pub(super) fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}

/// The names with every mixture of dashes and underscores, for gateways that remove by whole name: what stands
/// behind may read an underscore as a dash.
pub(super) fn spelled() -> Vec<String> {
    IDENTITY.iter().flat_map(|name| mixtures(name)).collect()
}

/// The names as they are and with underscores alone, and our own in every mixture: for lists that a person types.
pub(super) fn spelled_by_hand() -> Vec<String> {
    let few = |name: &&str| {
        let mut all = mixtures(name);
        if !is_ours(name) && all.len() > 2 {
            all = vec![(*name).to_owned(), name.replace('-', "_")];
        }
        all
    };
    IDENTITY.iter().flat_map(few).collect()
}

/// Our own names with an underscore somewhere.
pub(super) fn ours_with_underscores() -> Vec<String> {
    let all = OURS.iter().flat_map(|name| mixtures(name));
    all.filter(|name| name.contains('_')).collect()
}

fn mixtures(name: &str) -> Vec<String> {
    let mut parts = name.split('-');
    let mut all = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        let longer = |start: &String| [format!("{start}-{part}"), format!("{start}_{part}")];
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gw_09_a_name_is_spelled_with_every_mixture_of_dashes_and_underscores() {
        assert_eq!(
            mixtures("x-api-key"),
            ["x-api-key", "x-api_key", "x_api-key", "x_api_key"]
        );
        assert_eq!(mixtures("cookie"), ["cookie"]);
        assert!(OURS.iter().all(|name| IDENTITY.contains(name)));
        for name in ["x_auth-subject", "x-auth_subject", "x_user", "remote_user"] {
            assert!(spelled().iter().any(|one| one == name), "{name}");
            assert!(spelled_by_hand().iter().any(|one| one == name), "{name}");
        }
    }
}
