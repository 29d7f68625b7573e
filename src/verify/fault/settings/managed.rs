//! Gateways that come with a management of their own.

use crate::verify::fault::Fault;

pub(super) fn mulesoft(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open | Fault::Unnamed | Fault::Method => {
            "the policy's method and resource conditions; an API specification that routes only what it names"
        }
        Fault::Audience => {
            "JWT validation: Validate Audience Claim, Audience Claim Mandatory, Supported Audience Values"
        }
        Fault::Expiry | Fault::ExpiryMissing => "JWT validation: Expiration Claim Mandatory",
        Fault::NotBefore => "JWT validation: Not Before Claim Mandatory",
        Fault::Issuer => {
            "JWT validation: Mandatory Custom Claim Validations, iss: #[vars.claimSet.iss == '…']"
        }
        Fault::Signature | Fault::Algorithm => {
            "JWT validation: JWT Signing Method and JWT Key origin (JWKS)"
        }
        Fault::Client => {
            "JWT validation: Skip Client Id Validation off; the client's contract in API Manager"
        }
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "OpenID Connect enforcement: Scopes and Scope Validation Criteria (AND); JWT validation: a mandatory custom claim that splits scp, as in #[vars.claimSet.scp contains '…']"
        }
        Fault::Revoked => "OpenID Connect access token enforcement in place of JWT validation",
        Fault::Identity => "Header Removal policy",
        Fault::Place => "JWT validation: JWT origin, HTTP Bearer Authentication Header",
        Fault::TokenForwarded => {
            "OpenID Connect enforcement: Expose Headers off; Header Removal policy for authorization"
        }
        _ => return None,
    })
}

pub(super) fn kong(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "the openid-connect (or jwt) plugin on this route",
        Fault::Signature => "openid-connect: verify_signature: true",
        Fault::Algorithm => {
            "jwt: algorithm of the credential; openid-connect: enable_hs_signatures: false"
        }
        Fault::Expiry => {
            "openid-connect: verify_claims: true, leeway; jwt: claims_to_verify: [exp]"
        }
        Fault::NotBefore => "openid-connect: verify_claims: true; jwt: claims_to_verify: [nbf]",
        Fault::ExpiryMissing => "jwt: claims_to_verify: [exp]",
        Fault::Issuer => "openid-connect: issuers_allowed",
        Fault::Audience => "openid-connect: audience_required",
        Fault::Place => {
            "openid-connect: bearer_token_param_type: [header]; jwt: uri_param_names: [], cookie_names: []"
        }
        Fault::Revoked => {
            "openid-connect: auth_methods: [introspection], cache_introspection: false"
        }
        Fault::Client => "openid-connect: consumer_claim with consumers, or claims_forbidden",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "openid-connect: scopes_required (a list is OR, blanks within an entry are AND), scopes_claim"
        }
        Fault::Spelling => "route: path_handling and exact paths (~/path$)",
        Fault::Method => "route: methods",
        Fault::Unnamed => "no route for /",
        Fault::Identity => {
            "request-transformer: remove.headers; openid-connect: upstream_headers_claims"
        }
        Fault::TokenForwarded => "openid-connect: upstream_access_token_header: null",
        _ => return None,
    })
}

pub(super) fn tyk(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => {
            "server.authentication.enabled, and no ignoreAuthentication on the operation"
        }
        Fault::Signature => "authentication.securitySchemes.….jwksURIs",
        Fault::Algorithm => "authentication.securitySchemes.….signingMethod",
        Fault::Expiry => "authentication.securitySchemes.….expiresAtValidationSkew",
        Fault::NotBefore => "authentication.securitySchemes.….notBeforeValidationSkew",
        Fault::Issuer => "authentication.securitySchemes.….allowedIssuers",
        Fault::Audience => "authentication.securitySchemes.….allowedAudiences",
        Fault::Place => "authentication.securitySchemes.….query.enabled: false",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "authentication.securitySchemes.….scopes: claims and scopeToPolicyMapping"
        }
        Fault::Method | Fault::Unnamed => "middleware.operations.….allow.enabled",
        Fault::Spelling => "http_server_options.strict_routes, skip_url_cleaning",
        Fault::Identity => "middleware.global.transformRequestHeaders.remove",
        Fault::TokenForwarded => "server.authentication.stripAuthorizationData: true",
        _ => return None,
    })
}

pub(super) fn aws(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "AuthorizationType: JWT and AuthorizerId on the route",
        Fault::Audience => "JwtConfiguration.Audience of the authorizer",
        Fault::Issuer => "JwtConfiguration.Issuer of the authorizer",
        Fault::Scope | Fault::LockedOut => {
            "AuthorizationScopes of the route (one of them is enough)"
        }
        Fault::Place => "IdentitySource: $request.header.Authorization",
        Fault::Unnamed => "no $default route and no {proxy+}",
        Fault::Method => "RouteKey with the method in place of ANY",
        Fault::Identity => "RequestParameters: remove:header.… of the integration",
        Fault::Revoked => "a Lambda authorizer that introspects, with its TTL at 0",
        _ => return None,
    })
}

pub(super) fn apigee(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open | Fault::Unnamed => {
            "the conditional flow's Condition, and a last flow that raises a fault"
        }
        Fault::Audience => "<Audience> in VerifyJWT",
        Fault::Issuer => "<Issuer> in VerifyJWT",
        Fault::Algorithm => "<Algorithm> in VerifyJWT",
        Fault::Signature => "<PublicKey><JWKS uri=…/> in VerifyJWT",
        Fault::Expiry | Fault::NotBefore => "<TimeAllowance> in VerifyJWT",
        Fault::ExpiryMissing => "a condition on jwt.….claim.expiry after VerifyJWT",
        Fault::Critical => "<IgnoreCriticalHeaders>false</IgnoreCriticalHeaders> in VerifyJWT",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "the condition on the scope claim in this flow: balance its parentheses, and match whole names"
        }
        Fault::Identity => "<Remove><Headers> in AssignMessage, before all else",
        Fault::Method => "request.verb in the flow's Condition",
        Fault::Spelling => {
            "MatchesPath in place of proxy.pathsuffix ~~, and a fault for encoded paths"
        }
        _ => return None,
    })
}

pub(super) fn swag(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "the policy action Identify & Authorize, with anonymous access off",
        Fault::Audience => "Audience of the authorization server's JWT settings",
        Fault::Issuer | Fault::Signature => "Issuer and JWKS URI of the authorization server",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "OAuth2 scope mapping of the API's scope"
        }
        Fault::Client => "the application's OAuth strategy with its client id",
        Fault::Revoked => "remote introspection of the authorization server",
        Fault::Method | Fault::Unnamed => "the API's enabled resources and methods",
        Fault::Identity => "Request Transformation: remove headers",
        _ => return None,
    })
}

pub(super) fn apisix(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Open => "openid-connect with bearer_only: true on this route",
        Fault::Audience => {
            "claim_validator.audience.required and match_with_client_id of openid-connect"
        }
        Fault::Issuer => "claim_validator.issuer.valid_issuers of openid-connect",
        Fault::Signature => "use_jwks: true of openid-connect",
        Fault::Algorithm => "token_signing_alg_values_expected of openid-connect",
        Fault::Scope | Fault::ScopeInPart | Fault::LockedOut => {
            "required_scopes of openid-connect (reads the scope string only; a misspelt key is no error)"
        }
        Fault::Revoked => "introspection_endpoint, introspection_interval of openid-connect",
        Fault::Identity => "proxy-rewrite headers.remove; set_userinfo_header: false",
        Fault::TokenForwarded => "set_access_token_header: false",
        Fault::Method => "methods of the route",
        _ => return None,
    })
}
