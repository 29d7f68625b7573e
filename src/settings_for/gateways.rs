//! The gateways that are known by name, and what each wants to be told.

use super::key::{Key, Purpose};

/// A gateway, and what its portal or its configuration needs.
#[derive(Clone, Copy, Debug)]
pub struct Gateway {
    /// As it is asked for.
    pub name: &'static str,
    /// What `GATEWAY` says for it.
    pub gateway: &'static str,
    /// The bootstrap's outputs that are looked into, the first first.
    pub outputs: &'static [&'static str],
    /// What the gateway is told.
    pub keys: &'static [Key],
    /// Whether the app's own settings are listed too.
    pub app: bool,
    /// Whether the app needs to be told where it is.
    pub foreign: bool,
    /// A sentence on what else it takes.
    pub note: &'static str,
}

const fn for_gateway(name: &'static str) -> Key {
    Key::required(name, Purpose::Gateway)
}

const fn optional(name: &'static str) -> Key {
    Key::optional(name, Purpose::Gateway)
}

/// By keys: who signs, for whom, and where the keys are.
const BY_KEYS: &[Key] = &[
    for_gateway("ISSUER"),
    for_gateway("AUDIENCE"),
    for_gateway("JWKS_URI"),
];
/// By keys or by asking, as one likes.
const BY_KEYS_OR_ASKING: &[Key] = &[
    for_gateway("ISSUER"),
    for_gateway("AUDIENCE"),
    for_gateway("JWKS_URI"),
    optional("TOKEN_INTROSPECTION_URL"),
    optional("INTROSPECT_CLIENT_ID"),
    optional("INTROSPECT_CLIENT_SECRET"),
];
/// What a portal asks for that registers clients by itself and asks about their tokens.
const PORTAL: &[Key] = &[
    for_gateway("ISSUER"),
    for_gateway("CLIENT_REGISTRATION_URL"),
    for_gateway("INTROSPECT_CLIENT_ID"),
    for_gateway("INTROSPECT_CLIENT_SECRET"),
    for_gateway("AUTHORIZE_URL"),
    for_gateway("TOKEN_URL"),
    for_gateway("TOKEN_INTROSPECTION_URL"),
];
const EMBEDDED: &[Key] = &[
    for_gateway("ISSUER"),
    for_gateway("AUDIENCE"),
    optional("INTROSPECT_CLIENT_ID"),
    optional("INTROSPECT_CLIENT_SECRET"),
];

const fn by_keys(name: &'static str, note: &'static str) -> Gateway {
    Gateway {
        name,
        gateway: name,
        outputs: &["standard"],
        keys: BY_KEYS,
        app: true,
        foreign: true,
        note,
    }
}

const fn either_way(name: &'static str, note: &'static str) -> Gateway {
    Gateway {
        keys: BY_KEYS_OR_ASKING,
        ..by_keys(name, note)
    }
}

/// All of them, in the order in which they are listed.
pub const GATEWAYS: &[Gateway] = &[
    Gateway {
        name: "mulesoft_introspect",
        gateway: "mulesoft",
        outputs: &["mulesoft"],
        keys: PORTAL,
        app: false,
        foreign: true,
        note: "For Anypoint's client provider (OpenID Connect dynamic client registration). Its authorization header is SSWS, a blank and an API token of your tenant, which is not printed here.",
    },
    Gateway {
        name: "mulesoft",
        gateway: "mulesoft",
        outputs: &["mulesoft_policy", "mulesoft"],
        keys: &[],
        app: true,
        foreign: true,
        note: "The app's id and secret are those that the portal registers when you request access, or: solar-system register --write",
    },
    by_keys(
        "aws",
        "For the JWT authorizer of an HTTP API: issuer, and audience; one route for each resource, with its scopes.",
    ),
    either_way("kong", "For Kong's OpenID Connect or JWT plugin."),
    by_keys(
        "swag",
        "For Software AG's API gateway: an authorization server alias with these values.",
    ),
    either_way(
        "tyk",
        "For a JWT policy of the API definition, or Tyk's introspection.",
    ),
    by_keys("apigee", "For a VerifyJWT policy, with its JWKS."),
    by_keys("envoy", "For a provider of jwt_authn, and rbac behind it."),
    either_way("nginx", "For auth_request with njs, by keys or by asking."),
    by_keys(
        "haproxy",
        "For jwt_verify: the key is a PEM file made from the JWKS, and issuer, audience and end are compared by hand.",
    ),
    either_way("apache", "For mod_oauth2 or mod_auth_openidc."),
    by_keys(
        "caddy",
        "For forward_auth: what decides behind it checks these.",
    ),
    by_keys("krakend", "For auth/validator of each endpoint."),
    either_way("apisix", "For the openid-connect plugin."),
    Gateway {
        name: "embedded",
        gateway: "embedded",
        outputs: &["standard", "mulesoft_policy", "mulesoft", "keycloak"],
        keys: EMBEDDED,
        app: true,
        foreign: false,
        note: "Started by solar-system itself; with INTROSPECT_CLIENT_ID it asks the provider about each token, else it checks by keys.",
    },
];

/// The gateway of this name, in any case.
#[must_use]
pub fn gateway(name: &str) -> Option<&'static Gateway> {
    let name = name.trim_start_matches("--").to_lowercase();
    GATEWAYS.iter().find(|gateway| gateway.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tutorials_names_are_known_in_any_case_and_with_its_dashes() {
        for name in [
            "mulesoft_introspect",
            "--mulesoft",
            "AWS",
            "kong",
            "--swag",
            "Tyk",
        ] {
            assert!(gateway(name).is_some(), "{name}");
        }
        assert!(gateway("../mulesoft").is_none() && gateway("").is_none());
    }

    #[test]
    fn each_is_there_once_and_says_what_else_it_takes() {
        for (index, one) in GATEWAYS.iter().enumerate() {
            assert!(
                one.note.len() > 20 && !one.outputs.is_empty(),
                "{}",
                one.name
            );
            let earlier = &GATEWAYS[..index];
            assert!(
                earlier.iter().all(|other| other.name != one.name),
                "{}",
                one.name
            );
            assert!(one.app || !one.keys.is_empty(), "{}", one.name);
        }
    }
}
