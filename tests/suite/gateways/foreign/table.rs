//! The table for tokens of a real provider: what it hands out, and what others forge after it.

use serde_json::{Value, json};
use solar_system::jose::inspect;

use super::sign_in::Provider;
use crate::gateways::issuer::{AUDIENCE, now};
use crate::gateways::matrix::{REFUSED, Row, Table, hmac};
use crate::gateways::world::World;
use crate::misbehaving::unsecured;
use crate::people::{CARL, GOLD_SCOPE as GOLD, JODIE, SILVER_SCOPE as SILVER};

/// What the provider handed out.
pub struct Signed {
    pub plain: String,
    silver: String,
    gold: String,
    gold_alone: String,
    machine: String,
    /// A good one for somebody else.
    elsewhere: String,
    /// Only where it can be seen: by who asks.
    revoked: Option<String>,
    id_token: String,
    refresh_token: Option<String>,
    rsa_key: Value,
    issuer: String,
}

impl Signed {
    /// Signs in as often as the rows need it.
    pub async fn at(provider: &Provider, policy: &str) -> Self {
        let access = |answer: &Value| answer["access_token"].as_str().unwrap().to_owned();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let signed_in = async |scope: &str, person| access(&provider.sign_in(scope, person).await);
        let silver = provider.sign_in(&format!("openid {SILVER}"), CARL).await;
        let both = format!("openid {SILVER} {GOLD}");
        let revoked = if policy == "introspection" {
            let token = signed_in(&both, JODIE).await;
            provider.revoke(&token).await;
            Some(token)
        } else {
            None
        };
        Self {
            plain: signed_in("openid", CARL).await,
            silver: access(&silver),
            gold: signed_in(&both, JODIE).await,
            gold_alone: signed_in(&format!("openid {GOLD}"), JODIE).await,
            machine: provider.token_of(&provider.machine).await,
            elsewhere: provider.token_of(&provider.elsewhere).await,
            revoked,
            id_token: text(&silver["id_token"]).unwrap(),
            refresh_token: text(&silver["refresh_token"]),
            rsa_key: provider.rsa_key().await,
            issuer: provider.issuer.clone(),
        }
    }

    /// Who is let in where.
    #[rustfmt::skip]
    pub fn table(&self, world: &World) -> Table {
        // The claims of the best token that there is, for whoever cannot sign them.
        let claims = inspect(&self.gold).map_or_else(|| json!({
            "iss": self.issuer, "sub": JODIE.login, "aud": AUDIENCE, "client_id": "app", "exp": now() + 600,
            "scope": format!("openid {SILVER} {GOLD}"),
        }), |token| token.claims.into());
        let stranger = &world.issuer;
        let of = |token: &str| Some(token.to_owned());
        let mut rows: Vec<Row> = vec![
            ("none",                 None,                                                                  REFUSED),
            ("junk",                 of("junk"),                                                            REFUSED),
            ("alg none",             Some(unsecured(&json!({ "alg": "none", "typ": "at+jwt" }), &claims)),  REFUSED),
            ("HMAC with public key", Some(hmac(&self.rsa_key, &claims)),                                    REFUSED),
            ("tampered",             Some(self.tampered(&claims)),                                          REFUSED),
            ("a stranger's key",     Some(stranger.forged(self.rsa_key["kid"].as_str().unwrap(), &claims)), REFUSED),
            ("unknown kid",          Some(stranger.forged("unknown", &claims)),                             REFUSED),
            ("wrong audience",       of(&self.elsewhere),                                                   REFUSED),
            ("ID token",             of(&self.id_token),                                                    REFUSED),
            ("plain",                of(&self.plain),                                                       [200, 200, 403, 403, 403]),
            ("machine",              of(&self.machine),                                                     [200, 200, 200, 403, 403]),
            ("silver",               of(&self.silver),                                                      [200, 200, 403, 200, 403]),
            ("gold",                 of(&self.gold),                                                        [200, 200, 403, 200, 200]),
            ("gold alone",           of(&self.gold_alone),                                                  [200, 200, 403, 403, 200]),
        ];
        for (who, token) in [("refresh token", &self.refresh_token), ("revoked", &self.revoked)] {
            rows.extend(token.as_deref().map(|token| (who, of(token), REFUSED)));
        }
        Table { rows, plain: self.plain.clone(), silver: self.silver.clone(), gold: self.gold.clone() }
    }

    /// A plain token with the claims of a better one, or some letter changed in an opaque one.
    fn tampered(&self, claims: &Value) -> String {
        let better = unsecured(&json!({}), claims);
        let better = better.split('.').nth(1).unwrap();
        match self.plain.split('.').collect::<Vec<_>>().as_slice() {
            [header, _, signature] => format!("{header}.{better}.{signature}"),
            _ => format!("{}x", self.gold),
        }
    }
}
