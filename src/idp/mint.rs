//! The claims of what the provider issues: access tokens (RFC 9068, with Okta's own claims beside
//! the standard ones) and ID tokens (OpenID Connect Core, section 2).

use super::{
    grants::{Grant, new_jti},
    here::Here,
    keys::KeyError,
    org::{Client, User},
    own_claims::{Told, add},
};
use crate::{jose::half_hash, oauth::Scopes};
use serde_json::{Map, Value, json};

/// An ID token lives so long (seconds).
const ID_TOKEN_LIFE: i64 = 600;

impl Here {
    /// An access token in the name of a person, for `life` seconds.
    pub(super) async fn mint_for_person(
        &self,
        grant: &Grant,
        scopes: &Scopes,
        life: i64,
    ) -> Result<String, KeyError> {
        let (client_id, user_id) = (&grant.client_id, &grant.user_id);
        let mut claims = self.access_claims(client_id, user_id, scopes, life);
        claims["jti"] = json!(new_jti(&grant.id));
        claims["auth_time"] = json!(grant.auth_time);
        claims["uid"] = json!(grant.user_id);
        let user = self.org.user(user_id);
        add(
            &mut claims,
            self.own_claims(Told::AccessToken, client_id, user, scopes),
        );
        self.sign_access_token(&claims).await
    }

    /// An access token for a client that acts for itself: its subject is the client.
    pub(super) async fn mint_for_machine(
        &self,
        client: &Client,
        scopes: &Scopes,
        life: i64,
    ) -> Result<String, KeyError> {
        let mut claims = self.access_claims(&client.id, &client.id, scopes, life);
        claims["jti"] = json!(new_jti(&Self::binding(client, None)));
        add(
            &mut claims,
            self.own_claims(Told::AccessToken, &client.id, None, scopes),
        );
        self.sign_access_token(&claims).await
    }

    /// All but the `jti`.
    fn access_claims(&self, client_id: &str, subject: &str, scopes: &Scopes, life: i64) -> Value {
        let now = self.now();
        json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": self.server().audience(),
            "client_id": client_id,
            "cid": client_id,
            "scope": scopes.to_string(),
            "scp": scopes,
            "iat": now,
            "exp": now + life,
        })
    }

    async fn sign_access_token(&self, claims: &Value) -> Result<String, KeyError> {
        let key = self.key_for_access_tokens().await?;
        Ok(key.signing.sign("at+jwt", claims)?)
    }

    /// The ID token beside an access token of these scopes, which a refresh may have narrowed. `nonce`
    /// is the authorization request's; a refreshed one has none (OpenID Connect Core, section 12.2).
    pub(super) async fn mint_id_token(
        &self,
        client: &Client,
        user: &User,
        grant: &Grant,
        scopes: &Scopes,
        access_token: &str,
        nonce: Option<&str>,
    ) -> Result<String, KeyError> {
        let now = self.now();
        let algorithm = client.id_token_signed_response_alg;
        let mut claims = json!({
            "iss": self.issuer,
            "sub": user.id,
            "aud": client.id,
            "iat": now,
            "exp": now + ID_TOKEN_LIFE,
            "auth_time": grant.auth_time,
            "at_hash": half_hash(algorithm.algorithm(), access_token),
            "sid": grant.session_id,
            "amr": ["pwd"],
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        let told = self.own_claims(Told::IdToken, &client.id, Some(user), scopes);
        add(&mut claims, told); // before the profile's: a server may say its `groups` in its own way
        add(&mut claims, self.profile_claims(user, scopes));
        let key = self.key(algorithm).await?;
        Ok(key.signing.sign("JWT", &claims)?)
    }

    /// What is said about a person: name, login and groups always, more where it is asked for
    /// (OpenID Connect Core, section 5.4).
    pub(super) fn profile_claims(&self, user: &User, scopes: &Scopes) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        say("name", json!(user.name()));
        say("preferred_username", json!(user.login()));
        say("groups", json!(self.org.group_names(user)));
        if scopes.contains("profile") {
            say("given_name", json!(user.given_name()));
            say("family_name", json!(user.family_name()));
        }
        if scopes.contains("email") {
            say("email", json!(user.email()));
            say("email_verified", json!(true));
        }
        claims
    }
}
