//! Clients. At Okta an OAuth client and an app are one object, seen through two APIs.

use super::{SecretDigest, Status};
use crate::{jose::Algorithm, oauth::Scopes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The member of a registration that says whether people are asked for consent.
pub(in crate::idp) const CONSENT_METHOD: &str = "consent_method";

/// A client with its registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Client {
    /// The `client_id` and the app's id, `0oa…` or what the blueprint calls it.
    pub(in crate::idp) id: String,
    /// Tells it from one of the same id that was there before: what was issued to that one is worth nothing
    /// to this. Empty: the first, of the blueprint.
    #[serde(default)]
    pub(in crate::idp) incarnation: String,
    /// The `client_name` and the app's `label`.
    pub(in crate::idp) name: String,
    pub(in crate::idp) status: Status,
    pub(in crate::idp) registered_by: RegisteredBy,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
    /// Any active one will do.
    pub(in crate::idp) secrets: Vec<ClientSecret>,
    pub(in crate::idp) token_endpoint_auth_method: AuthenticationMethod,
    pub(in crate::idp) redirect_uris: Vec<String>,
    pub(in crate::idp) post_logout_redirect_uris: Vec<String>,
    /// Where the client is told that a session has ended (OpenID Connect Back-Channel Logout, section 2.2).
    #[serde(default)]
    pub(in crate::idp) backchannel_logout_uri: Option<String>,
    /// Whether it said that it must be told which session. Every client is.
    #[serde(default)]
    pub(in crate::idp) backchannel_logout_session_required: bool,
    /// What the client may do here; a registration that asks for more gets these.
    pub(in crate::idp) grant_types: Vec<GrantType>,
    pub(in crate::idp) response_types: Vec<String>,
    /// `web`, `native`, `browser`, `service`.
    pub(in crate::idp) application_type: String,
    /// What it may ask for, besides the standard scopes of an app. `None`: whatever the rules give.
    pub(in crate::idp) scopes: Option<Scopes>,
    /// Whose members may sign in through it.
    pub(in crate::idp) groups: Vec<GroupAssignment>,
    /// Ids of people who may sign in through it whatever their groups.
    pub(in crate::idp) users: Vec<String>,
    pub(in crate::idp) may_introspect: MayIntrospect,
    pub(in crate::idp) id_token_signed_response_alg: SigningAlgorithm,
    /// Whether an administrator has changed the registration of a client that registered itself. Then what
    /// it says of itself may narrow its grants and scopes, and not widen them.
    #[serde(default)]
    pub(in crate::idp) limited: bool,
    /// Of the registration access token (RFC 7592).
    pub(in crate::idp) registration_token: Option<SecretDigest>,
    /// What else the registration said and is told again, by its name there: `client_uri`, `logo_uri`,
    /// `contacts`, an app's `settings` … Nothing here depends on it but on `consent_method`.
    pub(in crate::idp) further: Map<String, Value>,
}

/// A client's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct ClientSecret {
    /// `ocs…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) status: Status,
    pub(in crate::idp) digest: SecretDigest,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
}

/// A group whose members may sign in through a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct GroupAssignment {
    pub(in crate::idp) group_id: String,
    pub(in crate::idp) priority: u32,
    pub(in crate::idp) profile: Map<String, Value>,
    pub(in crate::idp) last_updated: i64,
}

/// By whom a client came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum RegisteredBy {
    /// The blueprint. Its secret is told at each start. One that gets a new secret is an administrator's
    /// from then on, and that of the start counts no more.
    Blueprint,
    /// An administrator (`SSWS`).
    Administrator,
    /// Whoever asked (RFC 7591).
    Anybody,
}

/// The grants that exist here. `implicit` and `password` do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

/// How a client authenticates. Either of the first two is taken from whoever registered with one of
/// them, as at Okta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum AuthenticationMethod {
    ClientSecretBasic,
    ClientSecretPost,
}

/// Whose access tokens a client may introspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum MayIntrospect {
    /// Its own.
    Own,
    /// Anybody's, at the authorization servers of which no access policy names it: it guards what they open.
    All,
}

/// What tokens are signed with here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::idp) enum SigningAlgorithm {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "RS256")]
    Rs256,
}

impl Client {
    /// Whether it is one of the secrets that are kept. All are compared, each in constant time.
    pub(in crate::idp) fn has_secret(&self, candidate: &str) -> bool {
        let active = self
            .secrets
            .iter()
            .filter(|secret| secret.status.is_active());
        active.fold(false, |found, secret| {
            secret.digest.matches(candidate) | found
        })
    }

    pub(in crate::idp) fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether people are asked what it may do: always, if it registered itself; else as `consent_method` says (`REQUIRED`), as at Okta.
    pub(in crate::idp) fn needs_consent(&self) -> bool {
        let required = self.further.get(CONSENT_METHOD);
        self.registered_itself() || required.and_then(Value::as_str) == Some("REQUIRED")
    }

    /// Whether nobody here vouches for it.
    pub(in crate::idp) fn registered_itself(&self) -> bool {
        self.registered_by == RegisteredBy::Anybody
    }

    /// Whether it gets a refresh token with what it is granted: if it asked for `offline_access`, and the
    /// blueprint's own app does in any case. That asks for exactly its level's scopes, and the demo is to show
    /// a refresh. Okta gives none then, and neither does this provider to any other client.
    pub(in crate::idp) fn gets_refresh_token(&self, granted: &Scopes) -> bool {
        let unasked = self.registered_by == RegisteredBy::Blueprint;
        let asked = granted.contains("offline_access");
        (asked || unasked) && self.may_use(GrantType::RefreshToken)
    }

    /// Whether people sign in through it.
    pub(in crate::idp) fn signs_people_in(&self) -> bool {
        self.may_use(GrantType::AuthorizationCode)
    }
}

impl GrantType {
    pub(in crate::idp) const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    pub(in crate::idp) fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// By its name in a request; `None` for what does not exist here.
    pub(in crate::idp) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

impl SigningAlgorithm {
    pub(in crate::idp) fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::Es256,
            Self::Rs256 => Algorithm::Rs256,
        }
    }
}
