//! As much of Keycloak's Admin REST API as the tests need.

use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use crate::http::{Answer, client, send, with_form, with_json};

pub const NAME: &str = "admin";
pub const PASSWORD: &str = "a password for the tests";

/// A signed-in administrator; the access token lives 60 seconds.
pub struct Admin {
    http: Client,
    base: String,
    realm: String,
    access_token: String,
}

impl Admin {
    pub async fn sign_in(base: &str, realm: &str) -> Self {
        let http = client();
        let token_endpoint = format!("{base}/realms/master/protocol/openid-connect/token");
        let fields = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", NAME),
            ("password", PASSWORD),
        ];
        let answer = send(with_form(http.post(token_endpoint), &fields)).await;
        let access_token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Self {
            http,
            base: format!("{base}/admin/realms"),
            realm: realm.to_owned(),
            access_token,
        }
    }

    pub async fn create_realm(&self, realm: &Value) {
        let request = self.http.post(&self.base);
        self.send(with_json(request, realm)).await;
    }

    /// Names of all realms.
    pub async fn realms(&self) -> Vec<String> {
        let rows = self.send(self.http.get(&self.base)).await.json();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["realm"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Makes something in the realm; its id, which Keycloak says in `Location` alone, or nothing where it has none.
    pub async fn create(&self, path: &str, what: &Value) -> String {
        let request = self.http.post(self.url(path));
        let answer = self.send(with_json(request, what)).await;
        let location = answer.header("location");
        // Roles that are given have no address of their own.
        location.rsplit('/').next().unwrap().to_owned()
    }

    /// Sends something; what the answer says.
    pub async fn post(&self, path: &str, what: &Value) -> Value {
        let request = self.http.post(self.url(path));
        self.send(with_json(request, what)).await.json()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(self.http.get(self.url(path))).await.json()
    }

    pub async fn put(&self, path: &str) {
        self.put_json(path, &Value::Null).await;
    }

    pub async fn put_json(&self, path: &str, what: &Value) {
        let request = self.http.put(self.url(path));
        self.send(with_json(request, what)).await;
    }

    /// Deletes something, or what the body names of it.
    pub async fn delete(&self, path: &str, what: &Value) {
        let request = self.http.delete(self.url(path));
        self.send(with_json(request, what)).await;
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base, self.realm)
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = send(request.bearer_auth(&self.access_token)).await;
        let success = (200..300).contains(&answer.status);
        assert!(
            success,
            "{}: {} {}",
            answer.url,
            answer.status,
            answer.text()
        );
        answer
    }
}
