//! A browser that keeps cookies and follows nothing by itself, and what it asks for.

use super::*;
use std::{collections::HashMap, sync::Mutex};

/// An authorization request.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) parameters: Vec<(String, String)>,
    pub(super) verifier: String,
}

impl Asked {
    pub(super) fn new(scope: &str) -> Self {
        let verifier = random_value();
        let challenge = pkce::s256(&verifier);
        let parameters = [
            ("response_type", "code"),
            ("client_id", APP),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("state", "st ate&1"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            parameters: parameters.map(owned).to_vec(),
            verifier,
        }
    }

    /// With another value; an empty one takes the parameter away.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(given, _)| given != name);
        if !value.is_empty() {
            self.parameters.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(super) fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn query(&self) -> String {
        let mut serializer = form_urlencoded::Serializer::new(String::new());
        serializer.extend_pairs(&self.parameters).finish()
    }
}

/// Keeps cookies and follows nothing by itself.
pub(super) struct Browser<'p> {
    provider: &'p Provider,
    cookies: Mutex<HashMap<String, String>>,
}

impl<'p> Browser<'p> {
    pub(super) fn of(provider: &'p Provider) -> Self {
        Self {
            provider,
            cookies: Mutex::default(),
        }
    }

    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub(super) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], &[]).await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, fields, &[]).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let cookies: Vec<String> = {
            let jar = self.cookies.lock().unwrap();
            jar.iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .provider
            .send(request.body(Body::from(form(fields))).unwrap())
            .await;
        self.keep_cookies(&answer);
        answer
    }

    /// Does what the `Set-Cookie` headers of an answer say.
    pub(super) fn keep_cookies(&self, answer: &Answer) {
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.lock().unwrap().remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }

    pub(super) async fn authorize(&self, asked: &Asked) -> Answer {
        self.get(&format!("{BASE}/v1/authorize?{}", asked.query()))
            .await
    }

    /// The path of the sign-in page that a request leads to.
    pub(super) async fn sign_in_page(&self, asked: &Asked) -> String {
        let answer = self.authorize(asked).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert!(
            answer.location().starts_with("/signin/"),
            "{}",
            answer.location()
        );
        answer.location().to_owned()
    }

    /// Fills the form in and sends it.
    pub(super) async fn type_in(&self, page: &str, (username, password): (&str, &str)) -> Answer {
        let form = self.get(page).await;
        let csrf = form
            .field("csrf")
            .unwrap_or_else(|| panic!("{}", form.body))
            .to_owned();
        let fields = [
            ("csrf", csrf.as_str()),
            ("username", username),
            ("password", password),
        ];
        self.post(page, &fields).await
    }

    pub(super) async fn sign_in(&self, asked: &Asked, person: (&str, &str)) -> Answer {
        let page = self.sign_in_page(asked).await;
        self.type_in(&page, person).await
    }
}
