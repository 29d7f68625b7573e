//! Gateways that are configured by files.

use crate::verify::fault::Fault;

pub(super) fn envoy(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "rules of jwt_authn and rbac for this path",
        Fault::Audience => "audiences of the jwt_authn provider",
        Fault::Issuer => "issuer of the jwt_authn provider",
        Fault::Expiry | Fault::NotBefore => "clock_skew_seconds of the jwt_authn provider",
        Fault::ExpiryMissing => "require_expiration: true of the jwt_authn provider",
        Fault::Signature | Fault::Algorithm => {
            "remote_jwks of the jwt_authn provider, keys with alg"
        }
        Fault::Place => "from_headers of the jwt_authn provider, set and without from_params",
        Fault::Scheme => "from_headers value_prefix: jwt_authn compares it with its case",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "the rbac policy's metadata matcher (list_match, one_of, exact) with normalize_payload_in_metadata for scope and scp"
        }
        Fault::Kind => {
            "an rbac principal that refuses metadata with nonce, or header_in_metadata with typ"
        }
        Fault::Critical => "header_in_metadata with an rbac rule that refuses crit",
        Fault::Spelling => {
            "normalize_path: true, merge_slashes: true, path_with_escaped_slashes_action: REJECT_REQUEST"
        }
        Fault::Unnamed => {
            "no catch-all route; rbac lets what no route names pass to the router's 404"
        }
        Fault::Method => "a :method matcher on the route",
        Fault::Identity | Fault::Rewrite => {
            "request_headers_to_remove of the route configuration, early header mutation"
        }
        Fault::TokenForwarded => "forward: false of the jwt_authn provider",
        Fault::Refusal => {
            "local_reply_config.mappers with WWW-Authenticate; audiences fail with 403 as it comes"
        }
        Fault::NoAnswer => "failure_mode of remote_jwks, and the cluster's address",
        _ => return None,
    })
}

pub(super) fn nginx(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "auth_request in this location",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "what is needed in the path of the auth subrequest (auth_request /_auth/…): a variable that set fills at server level is filled again in the subrequest; compare whole names in njs"
        }
        Fault::Audience
        | Fault::Issuer
        | Fault::Expiry
        | Fault::NotBefore
        | Fault::ExpiryMissing
        | Fault::Critical
        | Fault::Kind
        | Fault::Algorithm
        | Fault::Signature => "the claims that the njs function compares",
        Fault::Revoked => {
            "proxy_cache of the introspection location; read active as a boolean in njs"
        }
        Fault::Place => "if ($arg_access_token) { return 400; }",
        Fault::Spelling => "location = /path (exact), and $request_uri compared before",
        Fault::Unnamed => "location / { return 404; }",
        Fault::Method => "limit_except, or if ($request_method …) { return 405; }",
        Fault::Identity => "proxy_set_header … \"\" for each of them; underscores_in_headers off",
        Fault::TokenForwarded => "proxy_set_header Authorization \"\"",
        Fault::Refusal => {
            "auth_request_set, error_page and add_header WWW-Authenticate … always: auth_request passes it on with 401 only"
        }
        Fault::NoAnswer => "subrequest_output_buffer_size, and the resolver",
        _ => return None,
    })
}

pub(super) fn haproxy(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "http-request deny unless the acl of the token holds",
        Fault::Signature => "http-request deny unless { http_auth_bearer,jwt_verify(…) -m int 1 }",
        Fault::Algorithm => {
            "http-request deny unless { http_auth_bearer,jwt_header_query('$.alg') -m str … }"
        }
        Fault::Audience => "jwt_payload_query('$.aud') -m str, whole",
        Fault::Issuer => "jwt_payload_query('$.iss') -m str",
        Fault::Expiry | Fault::ExpiryMissing => {
            "jwt_payload_query('$.exp','int') compared with date()"
        }
        Fault::NotBefore => "jwt_payload_query('$.nbf','int') compared with date()",
        Fault::Critical => "jwt_header_query('$.crit') -m found",
        Fault::Kind => "jwt_header_query('$.typ'), or a claim that only access tokens have",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "jwt_payload_query('$.scp[0]'), '$.scp[1]' … and '$.scope' with word(…): lists are not returned whole"
        }
        Fault::Place => {
            "http-request deny if { url_param(access_token) -m found }; req.hdr_cnt(authorization) gt 1"
        }
        Fault::Spelling => {
            "path -m str (exact) and http-request normalize-uri, or a deny on % ; // \\"
        }
        Fault::Unnamed => "http-request return status 404 at the end",
        Fault::Method => "an acl on method",
        Fault::Identity => "http-request del-header for each of them",
        Fault::TokenForwarded => "http-request del-header Authorization",
        Fault::Refusal => "http-request return status 401 hdr WWW-Authenticate …",
        _ => return None,
    })
}

pub(super) fn apache(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "AuthType oauth2 (or oauth20) and Require in this Location",
        Fault::Audience => "Require oauth2_claim aud:… (mod_auth_openidc: Require claim aud:…)",
        Fault::Issuer => "Require oauth2_claim iss:…, or verify.iss of OAuth2TokenVerify",
        Fault::Expiry | Fault::ExpiryMissing => "verify.exp=required of OAuth2TokenVerify",
        Fault::NotBefore => "a RewriteCond over the nbf claim",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "Require oauth2_claim scope:… : builds without PCRE match no pattern (scope~), so compare with an expression; Require lines beside each other are OR, so wrap them in RequireAll"
        }
        Fault::Revoked => {
            "verify.… expiry of OAuth2TokenVerify introspect; OIDCOAuthTokenIntrospectionInterval 0 for mod_auth_openidc, which keeps answers until exp"
        }
        Fault::Place => "OAuth2AcceptTokenAs header; OIDCOAuthAcceptTokenAs header",
        Fault::Spelling => "AllowEncodedSlashes Off, MergeSlashes Off, and exact Locations",
        Fault::Unnamed => "<Location \"/\"> Require all denied, as 404",
        Fault::Method => "<LimitExcept>, or Require method",
        Fault::Identity => "RequestHeader unset … early",
        Fault::TokenForwarded => "RequestHeader unset Authorization; OAuth2TargetPass headers off",
        Fault::Refusal => "AuthzSendForbiddenOnFailure On: a missing scope is 401 without it",
        _ => return None,
    })
}

pub(super) fn caddy(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "forward_auth in this handle",
        Fault::Spelling => "path_regexp ^…$ : the path matcher does not regard case",
        Fault::Unnamed => "handle { respond 404 } last, with respond ordered",
        Fault::Method => "a method matcher",
        Fault::Identity => "request_header -X-… before forward_auth; copy_headers",
        Fault::TokenForwarded => "header_up -Authorization of reverse_proxy",
        _ => return None,
    })
}

pub(super) fn krakend(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => {
            "extra_config \"auth/validator\" of the endpoint: a misspelt key is ignored without a word"
        }
        Fault::Audience => "audience of auth/validator",
        Fault::Issuer => "issuer of auth/validator",
        Fault::Algorithm => "alg of auth/validator",
        Fault::Signature => "jwk_url of auth/validator",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "scopes_key, scopes and scopes_matcher of auth/validator (scope_key is ignored without a word)"
        }
        Fault::Spelling => "disable_redirect_fixed_path, disable_path_decoding of the router",
        Fault::Identity => "input_headers of the endpoint",
        Fault::TokenForwarded => "input_headers of the endpoint without Authorization",
        Fault::Method => "method of the endpoint",
        _ => return None,
    })
}
