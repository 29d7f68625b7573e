//! A person who signed in, with the tokens that came along. Kept in the session, on the server.

use super::{Asked, token_call::Tokens, user_info::UserInfo};
use crate::{
    flight::printable,
    jose::{IdToken, Inspected, Verified, inspect},
    oauth::{Scopes, Secret},
};
use serde_json::{Map, Value};

/// Whoever signed in. Only [`super::Redeemed::verify`] makes one, and [`super::refresh`] another of it.
///
/// The person is issuer and subject together; names are for display.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The provider that vouches.
    pub issuer: String,
    /// Whom it vouches for.
    pub subject: String,
    /// The provider's session (`sid`), if it says so.
    pub session_id: Option<String>,
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
    /// When it was got.
    pub got_at: i64,
    /// When the refresh token ends, if the provider said so.
    pub refresh_ends_at: Option<i64>,
    /// When the sign-in was finished; seconds since 1970.
    pub signed_in_at: i64,
    /// Whether there was a refresh token, and a refresh that brought nothing to use spent it.
    pub refresh_is_spent: bool,
    /// What the first ID token said and later ones must not contradict.
    pub(super) first: First,
    /// For the gateway, and nobody else.
    pub(crate) access_token: Secret,
    /// For the provider's token endpoint.
    pub(crate) refresh_token: Option<Secret>,
    /// The ID token itself, kept only where the provider wants it back at a log out.
    pub(crate) id_token_hint: Option<Secret>,
}

/// A token's header and claims.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

/// Claims of the first ID token (OpenID Connect Core, section 12.2).
#[derive(Clone, Debug, Default)]
pub(super) struct First {
    pub(super) audience: Vec<String>,
    pub(super) authorized_party: Option<String>,
    pub(super) nonce: Option<String>,
}

impl From<Inspected> for Decoded {
    fn from(token: Inspected) -> Self {
        Self {
            header: token.header,
            claims: token.claims,
        }
    }
}

impl SignedIn {
    pub(super) fn new(
        verified: Verified<IdToken>,
        user_info: UserInfo,
        tokens: Tokens,
        asked: Asked,
        now: i64,
    ) -> Self {
        let IdToken {
            issuer,
            subject,
            audience,
            authorized_party,
            session_id,
            all,
            ..
        } = verified.claims;
        let inside = inspect(tokens.access_token.expose()).map(Decoded::from);
        let nonce = all.get("nonce").and_then(Value::as_str).map(str::to_owned);
        Self {
            name: display_name(&all, user_info.as_ref().ok(), &subject),
            issuer,
            subject,
            session_id,
            level: asked.level,
            // an absent `scope` means what was asked, an empty or smaller one just that
            granted: tokens.scopes.unwrap_or_else(|| asked.scopes.clone()),
            asked: asked.scopes,
            id_token: Decoded {
                header: verified.header,
                claims: all,
            },
            expires_at: tokens.expires_at.or_else(|| claimed_end(inside.as_ref())),
            access_token_inside: inside,
            user_info,
            got_at: now,
            refresh_ends_at: tokens.refresh_ends_at,
            signed_in_at: now,
            refresh_is_spent: false,
            first: First {
                audience,
                authorized_party,
                nonce,
            },
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            id_token_hint: None,
        }
    }

    /// The same person with the tokens of a refresh: what the answer leaves out stays as it was.
    pub(super) fn renewed(
        &self,
        tokens: Tokens,
        verified: Option<Verified<IdToken>>,
        now: i64,
    ) -> Self {
        let inside = inspect(tokens.access_token.expose()).map(Decoded::from);
        let rotated = tokens.refresh_token.is_some();
        let id_token = verified.map(|verified| Decoded {
            header: verified.header,
            claims: verified.claims.all,
        });
        Self {
            granted: tokens.scopes.unwrap_or_else(|| self.granted.clone()),
            expires_at: tokens.expires_at.or_else(|| claimed_end(inside.as_ref())),
            access_token_inside: inside,
            got_at: now,
            refresh_ends_at: match tokens.refresh_ends_at {
                None if !rotated => self.refresh_ends_at,
                said => said,
            },
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token.or_else(|| self.refresh_token.clone()),
            id_token_hint: match tokens.id_token {
                Some(newer) if self.id_token_hint.is_some() => Some(newer),
                _ => self.id_token_hint.clone(),
            },
            id_token: id_token.unwrap_or_else(|| self.id_token.clone()),
            ..self.clone()
        }
    }

    /// The same person with these tokens alone, to give them back.
    pub(super) fn bearing(&self, access_token: Secret, refresh_token: Option<Secret>) -> Self {
        Self {
            access_token,
            refresh_token,
            id_token_hint: None,
            ..self.clone()
        }
    }

    /// The same person without a refresh token: it is spent.
    pub(crate) fn without_refresh_token(&self) -> Self {
        Self {
            refresh_token: None,
            refresh_ends_at: None,
            refresh_is_spent: self.refresh_token.is_some() || self.refresh_is_spent,
            ..self.clone()
        }
    }

    /// Whether the access token ends before `moment`, as far as anybody said.
    #[must_use]
    pub fn ends_before(&self, moment: i64) -> bool {
        self.expires_at.is_some_and(|ends| ends < moment)
    }

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

    /// How much it takes, roughly, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let decoded = |token: &Decoded| taken(&token.header) + taken(&token.claims);
        let inside = self.access_token_inside.as_ref().map_or(0, decoded);
        let user_info = self.user_info.as_ref().map_or(0, taken);
        let secrets = [&self.refresh_token, &self.id_token_hint];
        let secrets = secrets.into_iter().flatten().chain([&self.access_token]);
        let secrets: usize = secrets.map(|secret| secret.expose().len()).sum();
        decoded(&self.id_token) + inside + user_info + secrets + 1024
    }
}

/// Members with their names, and what a map takes beside them.
fn taken(members: &Map<String, Value>) -> usize {
    let member = |(name, value): (&String, &Value)| name.len() + 2 * value.to_string().len() + 96;
    members.iter().map(member).sum()
}

/// `exp`, looked at and not believed. What lies outside of 64 bits saturates (RFC 7519, section 2).
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from float saturates, as it should here"
)]
fn claimed_end(inside: Option<&Decoded>) -> Option<i64> {
    let ends = inside?.claims.get("exp")?;
    ends.as_i64()
        .or_else(|| ends.as_f64().map(|moment| moment as i64))
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
    printable(found.unwrap_or(subject), 100)
}

#[cfg(test)]
impl SignedIn {
    /// Somebody of `https://idp.example`, for tests of what keeps people.
    pub(crate) fn sample(subject: &str) -> Self {
        let empty = || Decoded {
            header: Map::new(),
            claims: Map::new(),
        };
        Self {
            issuer: "https://idp.example".to_owned(),
            subject: subject.to_owned(),
            session_id: None,
            name: subject.to_owned(),
            level: "one".to_owned(),
            asked: Scopes::default(),
            granted: Scopes::default(),
            id_token: empty(),
            access_token_inside: None,
            user_info: Err("not asked".to_owned()),
            expires_at: None,
            got_at: 0,
            refresh_ends_at: None,
            signed_in_at: 0,
            refresh_is_spent: false,
            first: First::default(),
            access_token: Secret::new(format!("the access token of {subject}")),
            refresh_token: None,
            id_token_hint: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sec_ses_09_an_end_that_the_access_token_claims_saturates() {
        let end = |exp: Value| {
            let mut inside = SignedIn::sample("a").id_token;
            inside.claims.insert("exp".to_owned(), exp);
            claimed_end(Some(&inside))
        };
        for (claimed, ends) in [
            (json!(600), Some(600)),
            (json!(600.9), Some(600)),
            (json!(-1), Some(-1)),
            (json!(1e300), Some(i64::MAX)),
            (json!(-1e300), Some(i64::MIN)),
            (json!(1_u64 << 63), Some(i64::MAX)),
            (json!(u64::MAX), Some(i64::MAX)),
            (json!("600"), None),
            (json!(null), None),
            (json!([600]), None),
        ] {
            assert_eq!(end(claimed.clone()), ends, "{claimed}");
        }
        assert_eq!(claimed_end(None), None);
    }

    #[test]
    fn sec_ses_09_whether_a_token_ends_soon_is_told_at_the_ends_of_64_bits_too() {
        for (expires_at, soon) in [
            (None, false),
            (Some(i64::MIN), true),
            (Some(-1), true),
            (Some(99), true),
            (Some(100), false),
            (Some(i64::MAX), false),
        ] {
            let mut person = SignedIn::sample("a");
            person.expires_at = expires_at;
            assert_eq!(person.ends_before(100), soon, "{expires_at:?}");
        }
    }
}
