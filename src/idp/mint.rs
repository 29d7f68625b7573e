//! The claims of what the provider issues: access tokens (RFC 9068, with Okta's own claims beside
//! the standard ones) and ID tokens (OpenID Connect Core, section 2).

use super::{
    Idp,
    grants::{ACCESS_TOKEN_LIFE, Grant, new_jti},
    keys::KeyError,
    registry::Client,
};
use crate::{blueprint::TenantUser, jose::half_hash, oauth::Scopes};
use serde_json::{Map, Value, json};

/// An ID token lives so long (seconds).
const ID_TOKEN_LIFE: i64 = 600;

impl Idp {
    /// An access token in the name of a person.
    pub(super) async fn mint_for_person(
        &self,
        grant: &Grant,
        scopes: &Scopes,
    ) -> Result<String, KeyError> {
        let mut claims = self.access_claims(
            &grant.client_id,
            &grant.user_id,
            scopes,
            &new_jti(Some(grant)),
        );
        claims["auth_time"] = json!(grant.auth_time);
        claims["uid"] = json!(grant.user_id);
        self.sign_access_token(&claims).await
    }

    /// An access token for a client that acts for itself: its subject is the client.
    pub(super) async fn mint_for_machine(
        &self,
        client: &Client,
        scopes: &Scopes,
    ) -> Result<String, KeyError> {
        let claims = self.access_claims(&client.id, &client.id, scopes, &new_jti(None));
        self.sign_access_token(&claims).await
    }

    fn access_claims(&self, client_id: &str, subject: &str, scopes: &Scopes, jti: &str) -> Value {
        let now = self.clock.now();
        json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": self.registry.tenant.audience,
            "client_id": client_id,
            "cid": client_id,
            "scope": scopes.to_string(),
            "scp": scopes,
            "jti": jti,
            "iat": now,
            "exp": now + ACCESS_TOKEN_LIFE,
        })
    }

    async fn sign_access_token(&self, claims: &Value) -> Result<String, KeyError> {
        Ok(self
            .keys
            .for_access_tokens()
            .await?
            .signing
            .sign("at+jwt", claims)?)
    }

    /// The ID token beside an access token of these scopes, which a refresh may have narrowed. `nonce` is the authorization request's; a refreshed one
    /// has none (OpenID Connect Core, section 12.2).
    pub(super) async fn mint_id_token(
        &self,
        client: &Client,
        user: &TenantUser,
        grant: &Grant,
        scopes: &Scopes,
        access_token: &str,
        nonce: Option<&str>,
    ) -> Result<String, KeyError> {
        let now = self.clock.now();
        let mut claims = json!({
            "iss": self.issuer,
            "sub": user.id,
            "aud": client.id,
            "iat": now,
            "exp": now + ID_TOKEN_LIFE,
            "auth_time": grant.auth_time,
            "at_hash": half_hash(client.id_token_algorithm, access_token),
            "sid": grant.session_id,
            "amr": ["pwd"],
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        for (name, value) in profile_claims(user, scopes) {
            claims[&name] = value;
        }
        let key = self.keys.of(client.id_token_algorithm).await?;
        Ok(key.signing.sign("JWT", &claims)?)
    }
}

/// What is said about a person: name, login and groups always, more where it is asked for
/// (OpenID Connect Core, section 5.4).
pub(super) fn profile_claims(user: &TenantUser, scopes: &Scopes) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    say(
        "name",
        json!(format!("{} {}", user.given_name, user.family_name)),
    );
    say("preferred_username", json!(user.login));
    say("groups", json!(user.groups));
    if scopes.contains("profile") {
        say("given_name", json!(user.given_name));
        say("family_name", json!(user.family_name));
    }
    if scopes.contains("email") {
        say("email", json!(user.email));
        say("email_verified", json!(true));
    }
    claims
}
