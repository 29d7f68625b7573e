//! What passes and what does not, name by name.

use super::*;

/// Names that some proxy, gateway, cloud or framework believes.
#[rustfmt::skip]
pub(in crate::gateway) const FORGED: &[&str] = &[
    "x-auth-subject", "x-auth-client", "x-auth-scope", "x-auth", "x-auth-request-user",
    "x-authenticated-user", "x-authenticated-userid", "x-authorization", "auth-user",
    "x-api-key", "api-key", "apikey", "x-apikey", "x-consumer-id", "x-consumer-username",
    "x-credential-identifier", "x-anonymous-consumer", "x-user", "x-user-id", "x-username",
    "x-user-roles", "x-userinfo", "userinfo", "x-remote-user", "remote-user", "x-remote-group",
    "remote-addr", "x-webauth-user", "x-preferred-username", "x-email", "x-groups", "x-roles",
    "x-scope", "x-scopes", "x-subject", "x-tenant-id", "x-jwt-payload", "x-jwt-assertion",
    "x-jwt", "jwt-claims", "x-id-token", "x-access-token", "x-token", "x-oauth-scopes",
    "oidc-claim-sub", "oidc-access-token", "x-oidc-sub", "x-amzn-oidc-identity",
    "x-amzn-oidc-data", "x-goog-authenticated-user-email", "x-goog-iap-jwt-assertion",
    "x-ms-client-principal", "x-ms-client-principal-name", "x-ms-token-aad-id-token",
    "cf-access-jwt-assertion", "x-endpoint-api-userinfo", "x-apigee-user", "x-tyk-authorization",
    "forwarded", "x-forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-forwarded-user", "x-forwarded-prefix", "x-forward-for", "x-forwarded-client-cert",
    "x-forwarded-uri", "x-forwarded-method", "x-real-ip", "x-client-ip", "client-ip",
    "true-client-ip", "cf-connecting-ip", "fastly-client-ip", "x-cluster-client-ip",
    "x-envoy-external-address", "x-envoy-original-path", "x-host", "x-http-host-override",
    "x-original-url", "x-original-uri", "x-original-method", "x-original-host", "x-rewrite-url",
    "x-rewrite-uri", "x-waws-unencoded-url", "x-path", "x-url", "x-uri",
    "x-http-method-override", "x-http-method", "x-method-override", "x-ssl-client-cert",
    "ssl-client-verify", "x-client-cert", "x-client-verify", "client-cert", "x-session-id",
    "proxy", "proxy-client-ip", "wl-proxy-client-ip", "proxy-authorization",
    "http-x-auth-subject", "http-x-forwarded-for", "iv-user", "iv-groups", "sm-user",
    "tailscale-user-login", "x-vouch-user", "x-pomerium-claim-email", "x-hasura-role",
    "x-hasura-admin-secret", "x-appengine-inbound-appid", "x-middleware-subrequest",
    "x-ms-original-url", "x-override-url", "destination", "x-ssl-cert", "x-arr-clientcert",
    "x-sub", "x-uid", "x-claims-sub", "x-admin", "x-actor", "on-behalf-of",
    "x-serverless-authorization", "dpop", "x-amz-security-token", "password", "from", "referer",
    "origin", "x-never-heard-of", "accept-user", "content-user", "if-admin", "range-user",
    "user-agent-user", "x-request-id-user", "x-refused",
];

fn kept(clean: fn(&mut HeaderMap), sent: &[(&str, &str)]) -> Vec<String> {
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        );
    }
    clean(&mut headers);
    let mut kept: Vec<String> = headers.keys().map(ToString::to_string).collect();
    kept.sort();
    kept
}

#[test]
fn what_could_pass_for_the_gateways_word_is_dropped_in_every_spelling() {
    for name in FORGED {
        let title: String = name
            .split('-')
            .map(|part| part[..1].to_uppercase() + &part[1..])
            .collect::<Vec<_>>()
            .join("-");
        for spelling in [
            (*name).to_owned(),
            name.to_uppercase(),
            title,
            name.replace('-', "_"),
            name.replacen('-', "_", 1),
            name.replace('-', "."),
        ] {
            if !name.contains('-') || spelling.contains(['-', '_', '.']) {
                let kept = kept(clean_request, &[(&spelling, "forged"), ("accept", "*/*")]);
                assert_eq!(kept, ["accept"], "{spelling}");
            }
        }
    }
}

#[test]
fn credentials_stay_here_and_what_says_how_to_answer_goes_on() {
    let credentials = [
        ("authorization", "Bearer x"),
        ("cookie", "a=b"),
        ("host", "gateway"),
        ("content-length", "3"),
        ("expect", "100-continue"),
        ("content_length", "9"),
        ("content_type", "text/html"),
    ];
    let mut harmless = [
        ("accept", "*/*"),
        ("accept-charset", "utf-8"),
        ("accept-encoding", "gzip"),
        ("accept-language", "de"),
        ("content-disposition", "inline"),
        ("content-encoding", "identity"),
        ("content-language", "de"),
        ("content-range", "bytes 0-1/2"),
        ("content-type", "text/plain"),
        ("if-match", "*"),
        ("if-modified-since", "x"),
        ("if-none-match", "*"),
        ("if-range", "x"),
        ("if-unmodified-since", "x"),
        ("range", "bytes=0-1"),
        ("traceparent", "00-1-2-01"),
        ("tracestate", "a=b"),
        ("user-agent", "x"),
        ("x-request-id", "1"),
    ];
    harmless.sort_unstable();
    let sent: Vec<_> = credentials.into_iter().chain(harmless).collect();
    assert_eq!(kept(clean_request, &sent), harmless.map(|(name, _)| name));
}

#[test]
fn what_concerns_the_connection_stays_with_it_both_ways() {
    let sent = [
        ("connection", "close, X-Mine , keep-alive"),
        ("connection", "other, b\u{e4}d, , Range"),
        ("x-mine", "1"),
        ("other", "1"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("trailer", "x"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("proxy-connection", "keep-alive"),
        ("proxy-authenticate", "Basic"),
        ("range", "bytes=0-1"),
        ("accept", "*/*"),
    ];
    assert_eq!(kept(clean_request, &sent), ["accept"]);
    assert_eq!(kept(clean_answer, &sent), ["accept"]);
}

#[test]
fn the_upstreams_cookies_do_not_reach_the_caller() {
    let sent = [
        ("set-cookie", "a"),
        ("set-cookie", "b"),
        ("Set-Cookie2", "c"),
        ("content-type", "application/json"),
    ];
    assert_eq!(kept(clean_answer, &sent), ["content-type"]);
}
