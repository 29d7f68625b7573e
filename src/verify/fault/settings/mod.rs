//! The settings of known gateways, by their own names.

mod managed;
mod proxies;

use super::Fault;

/// The setting of a gateway (in lower case) that mends a fault.
pub(super) fn of(fault: Fault, gateway: &str) -> Option<&'static str> {
    let (_, of_gateway) = GATEWAYS.iter().find(|(name, _)| *name == gateway)?;
    of_gateway(fault)
}

type OfGateway = fn(Fault) -> Option<&'static str>;

const GATEWAYS: [(&str, OfGateway); 14] = [
    ("embedded", embedded),
    ("mulesoft", managed::mulesoft),
    ("kong", managed::kong),
    ("tyk", managed::tyk),
    ("aws", managed::aws),
    ("apigee", managed::apigee),
    ("swag", managed::swag),
    ("envoy", proxies::envoy),
    ("nginx", proxies::nginx),
    ("haproxy", proxies::haproxy),
    ("apache", proxies::apache),
    ("caddy", proxies::caddy),
    ("krakend", proxies::krakend),
    ("apisix", managed::apisix),
];

fn embedded(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Audience => "AUDIENCE",
        Fault::Issuer => "ISSUER",
        Fault::Kind => "ACCESS_TOKEN_TYP=at+jwt",
        Fault::Revoked => "GATEWAY_POLICY=introspection",
        Fault::Client => "[gateway] clients in the blueprint",
        Fault::Scope | Fault::Open => "takes of the resource in the blueprint",
        Fault::NoAnswer => "API_URI and API_KEY, and ISSUER for a 503",
        _ => return None,
    })
}
