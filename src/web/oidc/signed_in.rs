//! A person who signed in, with the tokens that came along. Kept in the session, on the server.

use super::{Asked, user_info::UserInfo};
use crate::{
    jose::{IdToken, Verified, inspect},
    oauth::{Scopes, Secret},
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// Whoever signed in. Only [`super::Redeemed::verify`] makes one; a session hands it back.
///
/// The person is issuer and subject together; names are for display.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// The provider that vouches.
    pub issuer: String,
    /// Whom it vouches for.
    pub subject: String,
    /// How the provider calls the person, for display.
    pub name: String,
    /// The level whose button was pressed.
    pub level: String,
    /// What was asked for.
    pub asked: Scopes,
    /// What was granted.
    pub granted: Scopes,
    /// Header and claims of the verified ID token.
    pub id_token: Decoded,
    /// Header and claims of the access token, as inspected; `None` when it is opaque.
    pub access_token_inside: Option<Decoded>,
    /// Userinfo, or why there is none.
    pub user_info: Result<Map<String, Value>, String>,
    /// When the access token ends, if anybody said so; seconds since 1970.
    pub expires_at: Option<i64>,
    /// When the sign-in was finished; seconds since 1970.
    pub signed_in_at: i64,
    /// For the gateway, and nobody else.
    #[serde(serialize_with = "exposed")]
    pub(crate) access_token: Secret,
    /// For the provider's token endpoint.
    #[serde(serialize_with = "exposed_option")]
    pub(crate) refresh_token: Option<Secret>,
    /// The ID token itself, kept only where the provider wants it back at a log out.
    #[serde(serialize_with = "exposed_option")]
    pub(crate) id_token_hint: Option<Secret>,
}

/// A token's header and claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decoded {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl SignedIn {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one thing that the checks before it left"
    )]
    pub(super) fn new(
        verified: Verified<IdToken>,
        user_info: UserInfo,
        access_token: Secret,
        refresh_token: Option<Secret>,
        granted: Scopes,
        asked: Asked,
        expires_at: Option<i64>,
        now: i64,
    ) -> Self {
        let IdToken {
            issuer,
            subject,
            all,
            ..
        } = verified.claims;
        let inside = inspect(access_token.expose());
        let claimed = inside
            .as_ref()
            .and_then(|token| token.claims.get("exp")?.as_i64());
        Self {
            name: display_name(&all, user_info.as_ref().ok(), &subject),
            issuer,
            subject,
            level: asked.level,
            asked: asked.scopes,
            granted,
            id_token: Decoded {
                header: verified.header,
                claims: all,
            },
            access_token_inside: inside.map(|token| Decoded {
                header: token.header,
                claims: token.claims,
            }),
            user_info,
            expires_at: expires_at.or(claimed),
            signed_in_at: now,
            access_token,
            refresh_token,
            id_token_hint: None,
        }
    }
}

/// What was asked and not granted, `openid` left out: some providers do not repeat it for an access
/// token that is about an API.
fn withheld(asked: &Scopes, granted: &Scopes) -> Scopes {
    let mut withheld = Scopes::default();
    let missing = granted.missing(asked);
    let counted = missing.iter().filter(|name| *name != "openid");
    counted.for_each(|name| withheld.insert(name));
    withheld
}

fn display_name(
    id_token: &Map<String, Value>,
    user_info: Option<&Map<String, Value>>,
    subject: &str,
) -> String {
    let names = ["name", "preferred_username", "email"];
    let sources = [Some(id_token), user_info];
    let found = names.iter().find_map(|name| {
        sources
            .iter()
            .flatten()
            .find_map(|claims| claims.get(*name)?.as_str().filter(|n| !n.trim().is_empty()))
    });
    found.unwrap_or(subject).chars().take(100).collect()
}

/// The session's store is the one place where a token is written out.
fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn exposed_option<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

impl SignedIn {
    /// What was asked and not granted. `openid` does not count: its ID token is there.
    #[must_use]
    pub fn withheld(&self) -> Scopes {
        withheld(&self.asked, &self.granted)
    }

    /// Whether two sign-ins are of different people: issuer and subject together name one.
    #[must_use]
    pub fn is_somebody_else(&self, other: &Self) -> bool {
        (&self.issuer, &self.subject) != (&other.issuer, &other.subject)
    }
}
