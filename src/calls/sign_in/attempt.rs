//! A sign-in under way: what is asked for, and what the answer must bear.

use super::App;
use crate::oauth::{Scopes, Secret, pkce, random_value};
use url::Url;

/// What one sign-in asks for. The code flow, with PKCE.
pub(super) struct Attempt {
    pub(super) state: String,
    pub(super) verifier: Secret,
    pub(super) scopes: Scopes,
    pub(super) redirect_uri: String,
    client_id: String,
    audience: Option<String>,
}

impl Attempt {
    pub(super) fn new(app: &App, scopes: &Scopes) -> Self {
        Self {
            state: random_value(),
            verifier: Secret::random(),
            scopes: scopes.clone(),
            redirect_uri: app.redirect_uri.clone(),
            client_id: app.client_id.clone(),
            audience: app.audience.clone(),
        }
    }

    /// Where a browser would be sent.
    pub(super) fn url(&self, endpoint: &Url) -> Url {
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scopes.to_string())
            .append_pair("state", &self.state)
            .append_pair("nonce", &random_value())
            .append_pair("code_challenge", &pkce::s256(self.verifier.expose()))
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "login");
        if let Some(audience) = &self.audience {
            query
                .append_pair("resource", audience)
                .append_pair("audience", audience);
        }
        drop(query);
        url
    }

    /// The code, where a URL is the answer to this attempt; `None` where it leads elsewhere.
    pub(super) fn answer(&self, url: &Url) -> Option<Result<Secret, String>> {
        let bare = url.as_str().split(['?', '#']).next()?;
        let expected = self.redirect_uri.split(['?', '#']).next()?;
        let normal = Url::parse(expected).ok();
        if bare != expected && normal.is_none_or(|normal| bare != normal.as_str()) {
            return None;
        }
        let parameter = |name: &str| {
            let mut pairs = url.query_pairs().filter(|(key, _)| key == name);
            pairs.next().map(|(_, value)| value.into_owned())
        };
        if parameter("state").as_deref() != Some(self.state.as_str()) {
            return Some(Err(
                "the provider's answer does not bear our state".to_owned()
            ));
        }
        let told = |text: String| crate::flight::printable(&text, 300);
        if let Some(error) = parameter("error") {
            let why =
                parameter("error_description").map_or_else(String::new, |text| format!(": {text}"));
            return Some(Err(told(format!("the provider answered {error}{why}"))));
        }
        let code = parameter("code").filter(|code| !code.is_empty());
        Some(
            code.map(Secret::new)
                .ok_or_else(|| "the provider's answer bears no code".to_owned()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calls::Credential, clock::Clock};

    fn attempt() -> Attempt {
        let app = App {
            client_id: "app".to_owned(),
            credential: Credential::Secret(Secret::new("s")),
            redirect_uri: "http://localhost:8080/callback".to_owned(),
            audience: None,
            clock: Clock::system(),
        };
        Attempt::new(&app, &Scopes::parse("openid").unwrap())
    }

    #[test]
    fn the_code_is_taken_from_the_redirect_uri_alone_and_with_our_state() {
        let attempt = attempt();
        let answer = |url: &str| attempt.answer(&Url::parse(url).unwrap());
        let state = &attempt.state;
        let good = format!("http://localhost:8080/callback?code=c&state={state}");
        assert_eq!(answer(&good).unwrap().unwrap().expose(), "c");
        for elsewhere in [
            "http://localhost:8081/callback",
            "http://localhost:8080/callback2",
            "http://localhost:8080/",
        ] {
            assert!(answer(&format!("{elsewhere}?code=c&state={state}")).is_none());
        }
        for wrong in [
            "code=c&state=other".to_owned(),
            "code=c".to_owned(),
            format!("state={state}"),
            format!("error=access_denied&code=c&state={state}"),
        ] {
            let url = format!("http://localhost:8080/callback?{wrong}");
            assert!(answer(&url).unwrap().is_err(), "{wrong}");
        }
    }
}
