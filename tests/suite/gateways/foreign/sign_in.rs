//! Real tokens: somebody signs in at the provider's pages, and a code is redeemed.

use serde_json::Value;
use solar_system::oauth::{pkce, random_value};
use url::Url;

use crate::browser::Browser;
use crate::http::{basic, client, query, send, with_form};
use crate::peers::Registration;
use crate::people::Person;

/// Who asks for a token in its own name.
pub struct Machine {
    pub id: String,
    pub secret: String,
    /// What it asks for.
    pub fields: &'static [(&'static str, &'static str)],
}

/// A running provider, as its discovery document describes it, and an app that is registered there.
pub struct Provider {
    pub issuer: String,
    /// What it signs access tokens with.
    pub algorithm: &'static str,
    pub app: Registration,
    pub redirect_uri: String,
    /// Id and secret of the client that introspects.
    pub gateway: (String, String),
    pub machine: Machine,
    /// One whose tokens are for somebody else.
    pub elsewhere: Machine,
    pub keys: String,
    pub introspection: String,
    authorization: String,
    token: String,
    revocation: String,
}

/// What discovery does not say.
pub struct Known {
    pub app: Registration,
    pub redirect_uri: String,
    pub gateway: (String, String),
    pub algorithm: &'static str,
    pub machine: Machine,
    pub elsewhere: Machine,
}

impl Provider {
    pub async fn of(known: Known) -> Self {
        let Known {
            app,
            redirect_uri,
            gateway,
            algorithm,
            machine,
            elsewhere,
        } = known;
        let url = format!("{}/.well-known/openid-configuration", app.issuer);
        let metadata = send(client().get(url)).await.json();
        let endpoint = |name: &str| metadata[name].as_str().unwrap().to_owned();
        Self {
            issuer: endpoint("issuer"),
            algorithm,
            redirect_uri,
            gateway,
            machine,
            elsewhere,
            keys: endpoint("jwks_uri"),
            introspection: endpoint("introspection_endpoint"),
            authorization: endpoint("authorization_endpoint"),
            token: endpoint("token_endpoint"),
            revocation: endpoint("revocation_endpoint"),
            app,
        }
    }

    pub fn port(&self) -> u16 {
        Url::parse(&self.issuer).unwrap().port().unwrap()
    }

    /// The token answer for these scopes, after a sign-in at the pages of the provider.
    pub async fn sign_in(&self, scope: &str, person: Person) -> Value {
        let app = &self.app;
        let verifier = random_value();
        let mut url = Url::parse(&self.authorization).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", &app.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", scope)
            .append_pair("state", &random_value())
            .append_pair("nonce", &random_value())
            .append_pair("code_challenge", &pkce::s256(&verifier))
            .append_pair("code_challenge_method", "S256");
        let browser = Browser::new();
        let mut page = browser.open(url.as_str()).await;
        while page.is_redirect() {
            page = browser.follow(&page).await;
        }
        let form = page.page().press("sign in");
        let form = form
            .with("username", person.login)
            .with("password", person.password);
        let mut seen = browser.submit(&page, form).await;
        while !seen.location().as_str().starts_with(&self.redirect_uri) {
            seen = browser.follow(&seen).await;
        }
        let location = seen.location();
        let code = query(&location, "code").unwrap_or_else(|| panic!("no code in {location}"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &verifier),
        ];
        self.tokens((&app.client_id, &app.client_secret), &fields)
            .await
    }

    /// What the token endpoint answers a client.
    pub async fn tokens(&self, who: (&str, &str), fields: &[(&str, &str)]) -> Value {
        let request = client()
            .post(&self.token)
            .header("authorization", basic(who.0, who.1));
        let answer = send(with_form(request, fields)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The access token that a machine gets by its own secret.
    pub async fn token_of(&self, machine: &Machine) -> String {
        let fields = [&[("grant_type", "client_credentials")], machine.fields].concat();
        let answer = self.tokens((&machine.id, &machine.secret), &fields).await;
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn revoke(&self, token: &str) {
        let app = &self.app;
        let request = client()
            .post(&self.revocation)
            .header("authorization", basic(&app.client_id, &app.client_secret));
        let answer = send(with_form(request, &[("token", token)])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The RSA key that it publishes.
    pub async fn rsa_key(&self) -> Value {
        let keys = send(client().get(&self.keys)).await.json();
        let mut keys = keys["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["kty"] == "RSA" && key["use"] == "sig");
        key.unwrap().clone()
    }
}
