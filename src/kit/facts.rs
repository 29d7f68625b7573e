//! What a kit is made from: every value, and where it comes from.

use super::{Kit, PemKey, Refused, routes};
use crate::{
    blueprint::Policy,
    jose::{AccessTokenTyp, Algorithm},
    settings::PolicyChoice,
};
use aws_lc_rs::digest;
use std::{fmt::Write as _, net::SocketAddr};
use url::Url;

/// A value, and where it comes from in words.
#[derive(Clone, Debug)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// `ISSUER`, `the issuer's discovery document`, …
    pub from: String,
}

impl<T> Stated<T> {
    /// A value and its origin.
    pub fn new(value: T, from: impl Into<String>) -> Self {
        Self {
            value,
            from: from.into(),
        }
    }
}

/// What the gateway needs for asking about tokens (RFC 7662).
#[derive(Clone, Debug)]
pub struct Introspection {
    /// Where.
    pub endpoint: Stated<Url>,
    /// As whom. Its secret is named by [`Facts::CLIENT_SECRET`] and never stands in a kit.
    pub client_id: Stated<String>,
}

/// Where clients sign people in and get tokens, for documents that say so. What is not known is left out.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The authorization endpoint.
    pub authorization: Option<Stated<Url>>,
    /// The token endpoint.
    pub token: Option<Stated<Url>>,
    /// The registration endpoint (RFC 7591).
    pub registration: Option<Stated<Url>>,
}

/// What a kit is made from. No secret is in it: kits name the variables that hold them.
#[derive(Clone, Debug)]
pub struct Facts {
    /// How tokens are checked.
    pub policy: PolicyChoice,
    /// Compared as a string.
    pub issuer: Stated<String>,
    /// Where the issuer's keys are.
    pub jwks_uri: Stated<Url>,
    /// For [`PolicyChoice::Introspection`].
    pub introspection: Option<Introspection>,
    /// For gateways that register clients, or publish where people sign in.
    pub sign_in: SignIn,
    /// What `aud` must name.
    pub audience: Stated<String>,
    /// What access tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The claim with a token's scopes, for gateways that read one alone: `scope` or `scp`.
    pub scope_claim: Stated<&'static str>,
    /// What a token's header must say of its kind.
    pub typ: AccessTokenTyp,
    /// Ids of the clients whose tokens are taken; empty: any that the issuer registered.
    pub clients: Vec<String>,
    /// The rules, in the order of the blueprint.
    pub rules: Policy,
    /// The API behind the gateway.
    pub upstream: Stated<Url>,
    /// Where the gateway listens.
    pub listen: Stated<SocketAddr>,
    /// Where the embedded gateway says whether a request may pass, for gateways that ask it;
    /// or why nobody can ask there.
    pub decision: Result<Stated<Url>, String>,
    /// Somebody knows that the gateway cannot check all of a token, and wants it all the same.
    pub with_holes: bool,
    /// PEM certificates to trust beside the system's: `CA_FILE`'s content.
    pub extra_roots: Option<Vec<u8>>,
    /// The issuer's public keys as PEM, for gateways that cannot fetch them; or why there are none.
    pub keys: Result<Vec<PemKey>, String>,
}

/// A value that no configuration file should hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// Nobody says where something is.
    #[error("{what} is not known: {why}; {option} says it")]
    NotKnown {
        /// What is missing.
        what: &'static str,
        /// Why it could not be found out.
        why: String,
        /// The option of the command that gives it.
        option: &'static str,
    },
    /// A value that is set, and wrong.
    #[error("{0}")]
    Wrong(String),
}

impl Facts {
    /// Kits whose gateway asks the embedded one for each decision, so that it can do what that can.
    const ASKING_OURS: [&str; 1] = ["caddy"];
    /// The variable that holds what the gateway shows the API.
    pub const API_KEY: &'static str = "API_KEY";
    /// The variable that holds the gateway's own secret at the issuer.
    pub const CLIENT_SECRET: &'static str = "INTROSPECT_CLIENT_SECRET";
    /// How far clocks may be apart, in seconds.
    pub const LEEWAY: u32 = 60;
    /// How many requests a second one address may make, and how many at once beyond that.
    pub const RATE: (u32, u32) = (100, 200);
    /// The name of the file with [`Facts::extra_roots`] in a kit.
    pub const CA: &'static str = "ca.pem";
    /// Where Debian and its kin keep the system's roots.
    pub const SYSTEM_CA: &'static str = "/etc/ssl/certs/ca-certificates.crt";

    /// The rules as routes, by path, in the order in which a gateway must try them.
    #[must_use]
    pub fn paths(&self) -> Vec<routes::Path> {
        routes::paths(&self.rules)
    }

    /// The file of roots that outgoing TLS is checked by: the kit's own, or the system's.
    #[must_use]
    pub fn ca_file(&self) -> &'static str {
        if self.extra_roots.is_some() {
            Self::CA
        } else {
            Self::SYSTEM_CA
        }
    }

    /// What the top of every file says: who made it, from what, and for which version.
    #[must_use]
    pub fn header(&self, kit: &Kit) -> Vec<String> {
        vec![
            format!(
                "Made by solar-system {} with: solar-system kit {} --policy {}",
                env!("CARGO_PKG_VERSION"),
                kit.name,
                super::policy_name(self.policy)
            ),
            format!("Input: sha256 {}", self.hash()),
            format!("For {} {} or newer.", kit.title, kit.oldest),
            "Change the blueprint or the settings and make it again, rather than editing it by hand."
                .to_owned(),
        ]
    }

    /// Refuses what no configuration of a gateway here can check, rather than leave it out.
    ///
    /// # Errors
    /// When a rule asks how somebody signed in (RFC 9470): `auth_time` and `acr`.
    pub(super) fn can_be_expressed(&self, kit: &Kit) -> Result<(), Refused> {
        match self.rules.step_up() {
            _ if Self::ASKING_OURS.contains(&kit.name) => Ok(()),
            None => Ok(()),
            Some(rule) => Err(Refused(format!(
                "resource {:?} asks how somebody signed in (max_age, acr_values), which {} does not check: let \
                 solar-system gateway decide, as its documentation says, or take both out of the blueprint",
                rule.name, kit.title
            ))),
        }
    }

    /// Every value that people should check, and where it comes from.
    #[must_use]
    pub fn origins(&self) -> Vec<(&'static str, String, &str)> {
        let mut all = vec![
            (
                "issuer",
                self.issuer.value.clone(),
                self.issuer.from.as_str(),
            ),
            ("keys", self.jwks_uri.value.to_string(), &self.jwks_uri.from),
        ];
        if let Some(introspection) = &self.introspection {
            let endpoint = &introspection.endpoint;
            all.push((
                "introspection",
                endpoint.value.to_string(),
                endpoint.from.as_str(),
            ));
            let client = &introspection.client_id;
            all.push((
                "introspecting client",
                client.value.clone(),
                client.from.as_str(),
            ));
        }
        all.extend([
            (
                "audience",
                self.audience.value.clone(),
                self.audience.from.as_str(),
            ),
            (
                "API",
                self.upstream.value.to_string(),
                self.upstream.from.as_str(),
            ),
            (
                "listens at",
                self.listen.value.to_string(),
                self.listen.from.as_str(),
            ),
        ]);
        all
    }

    /// Names the input: two kits with the same hash were made from the same policy and settings.
    pub(super) fn hash(&self) -> String {
        // keys rotate without a change of the settings
        let stable = Self {
            keys: Ok(Vec::new()),
            ..self.clone()
        };
        let digest = digest::digest(&digest::SHA256, format!("{stable:?}").as_bytes());
        digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
