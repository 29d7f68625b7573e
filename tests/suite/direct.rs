//! Tokens straight from the embedded provider, as the app would get them, for looking at them and for the gateway.

use serde_json::Value;
use solar_system::oauth::{pkce, random_value};
use url::Url;

use crate::browser::Browser;
use crate::http::{Answer, basic, client, query, send, with_form};
use crate::people::Person;
use crate::stack::{CLIENT_ID, CLIENT_SECRET, Stack};

pub const GATEWAY: &str = "solar-system-gateway";
pub const MACHINE: &str = "telescope";

/// An authorization request of the app, to be changed before it is sent.
pub struct Asked {
    pub url: Url,
    pub verifier: String,
    redirect_uri: String,
}

impl Stack {
    /// A right authorization request for these scopes.
    pub fn ask_for(&self, scope: &str) -> Asked {
        let verifier = random_value();
        let redirect_uri = self.web("/callback");
        let mut url = Url::parse(&format!("{}/v1/authorize", self.issuer())).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", scope)
            .append_pair("state", &random_value())
            .append_pair("nonce", &random_value())
            .append_pair("code_challenge", &pkce::s256(&verifier))
            .append_pair("code_challenge_method", "S256");
        Asked {
            url,
            verifier,
            redirect_uri,
        }
    }

    /// Signs in and stops at the redirect back to the app.
    pub async fn answer_to(&self, browser: &Browser, asked: &Asked, person: Person) -> Url {
        let page = browser.open(&asked.url).await;
        let form = page.page().press("sign in");
        let form = form
            .with("username", person.login)
            .with("password", person.password);
        let mut seen = browser.submit(&page, form).await;
        while !seen.location().as_str().starts_with(&asked.redirect_uri) {
            seen = browser.follow(&seen).await;
        }
        seen.location()
    }

    /// Redeems the code of a redirect.
    pub async fn redeem(&self, asked: &Asked, redirect: &Url) -> Answer {
        let code = query(redirect, "code").unwrap_or_else(|| panic!("no code in {redirect}"));
        self.token_request(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &asked.redirect_uri),
            ("code_verifier", &asked.verifier),
        ])
        .await
    }

    /// Asks the token endpoint as the app.
    pub async fn token_request(&self, fields: &[(&str, &str)]) -> Answer {
        self.ask_as("token", (CLIENT_ID, CLIENT_SECRET), fields)
            .await
    }

    /// The whole token answer for these scopes.
    pub async fn tokens_for(&self, scope: &str, person: Person) -> Value {
        let browser = self.browser();
        let asked = self.ask_for(scope);
        let redirect = self.answer_to(&browser, &asked, person).await;
        let answer = self.redeem(&asked, &redirect).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// An access token that carries these scopes beside `openid`.
    pub async fn access_token(&self, scopes: &[&str], person: Person) -> String {
        let scope = [&["openid"], scopes].concat().join(" ");
        let tokens = self.tokens_for(&scope, person).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// The machine's access token.
    pub async fn machine_token(&self) -> String {
        let fields = [("grant_type", "client_credentials"), ("scope", "read")];
        let answer = self
            .ask_as("token", (MACHINE, &self.secret_of(MACHINE)), &fields)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// What the provider says of a token to the gateway.
    pub async fn introspect(&self, token: &str) -> Value {
        let answer = self
            .ask_as(
                "introspect",
                (GATEWAY, &self.secret_of(GATEWAY)),
                &[("token", token)],
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Asks a back-channel endpoint of the provider with `client_secret_basic`.
    pub async fn ask_as(
        &self,
        endpoint: &str,
        who: (&str, &str),
        fields: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}/v1/{endpoint}", self.issuer());
        let request = client()
            .post(url)
            .header("authorization", basic(who.0, who.1));
        send(with_form(request, fields)).await
    }

    /// Asks the gateway, with a token or without.
    pub async fn ask_gateway(&self, path: &str, access_token: Option<&str>) -> Answer {
        let mut request = client().get(self.gateway(path));
        if let Some(token) = access_token {
            request = request.bearer_auth(token);
        }
        send(request).await
    }
}
