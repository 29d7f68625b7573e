//! What a client says of itself (RFC 7591, section 2).

use crate::{
    blueprint::{Blueprint, ClientKind},
    settings::RedirectUri,
};
use serde_json::{Map, Value, json};

/// Whose client it is, which decides under what names it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The app that signs people in.
    App,
    /// The gateway's own client, which asks about tokens.
    Introspection,
    /// A machine with tokens of its own.
    Machine,
}

impl Role {
    /// What its settings begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::App => "AUTHN_CLIENT",
            Self::Introspection => "INTROSPECT_CLIENT",
            Self::Machine => "MACHINE_CLIENT",
        }
    }

    fn kind(self) -> ClientKind {
        match self {
            Self::App => ClientKind::App,
            Self::Introspection => ClientKind::Introspection,
            Self::Machine => ClientKind::Machine,
        }
    }

    /// Its name in the blueprint.
    #[must_use]
    pub fn name_in(self, blueprint: &Blueprint) -> String {
        let mut clients = blueprint.clients.iter();
        let client = clients.find(|client| client.kind == self.kind());
        client.map_or_else(|| "solar-system".to_owned(), |client| client.name.clone())
    }
}

/// A client that is to be registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_name`.
    pub name: String,
    /// `grant_types`.
    pub grant_types: Vec<String>,
    /// `redirect_uris`.
    pub redirect_uris: Vec<String>,
    /// `post_logout_redirect_uris`.
    pub post_logout_redirect_uris: Vec<String>,
    /// `backchannel_logout_uri`, where the provider can reach the app.
    pub backchannel_logout_uri: Option<String>,
    /// `token_endpoint_auth_method`.
    pub auth_method: String,
    /// `scope`, where one is asked for: some providers then leave their defaults out.
    pub scope: Option<String>,
}

/// What is to be changed of a client; what is `None` or empty stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Added to `grant_types`.
    pub add_grant_types: Vec<String>,
    /// In the place of `client_name`.
    pub name: Option<String>,
    /// In the place of `redirect_uris`.
    pub redirect_uris: Vec<String>,
    /// In the place of `post_logout_redirect_uris`.
    pub post_logout_redirect_uris: Vec<String>,
    /// In the place of `token_endpoint_auth_method`.
    pub auth_method: Option<String>,
}

/// What a provider says of a client that it says itself, or that is only for whoever registered it:
/// none of these goes into a change (RFC 7592, section 2.2).
const NOT_SENT_BACK: [&str; 6] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
    "client_secret",
    "_links",
];

impl Client {
    /// A client of this role with the least that it needs.
    #[must_use]
    pub fn of(role: Role, name: String, redirect_uri: &RedirectUri) -> Self {
        let app = role == Role::App;
        let grant = if app {
            "authorization_code"
        } else {
            "client_credentials"
        };
        let given = |uri: String| if app { vec![uri] } else { Vec::new() };
        Self {
            name,
            grant_types: vec![grant.to_owned()],
            redirect_uris: given(redirect_uri.as_str().to_owned()),
            post_logout_redirect_uris: given(format!("{}/signed-out", redirect_uri.origin())),
            // A provider elsewhere does not reach an app on this machine, and some refuse such an address.
            backchannel_logout_uri: (app && !redirect_uri.is_loopback())
                .then(|| format!("{}/back-channel-logout", redirect_uri.origin())),
            auth_method: "client_secret_basic".to_owned(),
            scope: None,
        }
    }

    /// The request's body. `okta`: whether it goes to Okta's API, which has a type for services.
    #[must_use]
    pub fn metadata(&self, okta: bool) -> Map<String, Value> {
        let response_types = response_types(&self.grant_types, okta);
        let service = !self.has("authorization_code") && !self.has("implicit");
        let mut metadata = json!({
            "client_name": self.name,
            "redirect_uris": self.redirect_uris,
            "grant_types": self.grant_types,
            "response_types": response_types,
            "token_endpoint_auth_method": self.auth_method,
        });
        if !self.post_logout_redirect_uris.is_empty() {
            metadata["post_logout_redirect_uris"] = json!(self.post_logout_redirect_uris);
        }
        if let Some(uri) = &self.backchannel_logout_uri {
            metadata["backchannel_logout_uri"] = json!(uri);
            metadata["backchannel_logout_session_required"] = json!(true);
        }
        match (service, okta) {
            (true, true) => metadata["application_type"] = json!("service"),
            (true, false) => {} // the specification knows web and native alone, and both mean people
            (false, _) => metadata["application_type"] = json!("web"),
        }
        if let Some(scope) = &self.scope {
            metadata["scope"] = json!(scope);
        }
        match metadata {
            Value::Object(metadata) => metadata,
            _ => Map::new(),
        }
    }

    fn has(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|one| one == grant_type)
    }
}

impl Change {
    /// What was read, changed, ready to be sent back whole.
    #[must_use]
    pub fn apply(&self, read: &Map<String, Value>, okta: bool) -> Map<String, Value> {
        let mut metadata = read.clone();
        metadata.retain(|name, value| !NOT_SENT_BACK.contains(&name.as_str()) && !value.is_null());
        let mut grants = texts(&metadata, "grant_types");
        if grants.is_empty() {
            grants.push("authorization_code".to_owned()); // what an absent one means
        }
        let before = grants.len();
        for grant in &self.add_grant_types {
            if !grants.contains(grant) {
                grants.push(grant.clone());
            }
        }
        if grants.len() != before {
            let mut types = texts(&metadata, "response_types");
            for one in response_types(&grants, okta) {
                if !types.iter().any(|known| known == one) {
                    types.push(one.to_owned());
                }
            }
            metadata.insert("response_types".to_owned(), json!(types));
        }
        metadata.insert("grant_types".to_owned(), json!(grants));
        let texts = [
            ("client_name", self.name.as_ref()),
            ("token_endpoint_auth_method", self.auth_method.as_ref()),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                metadata.insert(name.to_owned(), json!(value));
            }
        }
        let lists = [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ];
        for (name, values) in lists {
            if !values.is_empty() {
                metadata.insert(name.to_owned(), json!(values));
            }
        }
        metadata
    }
}

/// The response types that go with grant types (RFC 7591, section 2.1). Okta wants `token` for
/// client credentials alone, and nowhere else is one without `implicit`.
fn response_types(grant_types: &[String], okta: bool) -> Vec<&'static str> {
    let has = |name: &str| grant_types.iter().any(|one| one == name);
    let mut types = Vec::new();
    if has("authorization_code") {
        types.push("code");
    }
    if has("implicit") {
        types.extend(["token", "id_token"]);
    }
    if types.is_empty() && okta && has("client_credentials") {
        types.push("token");
    }
    types
}

pub(super) fn texts(metadata: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = metadata.get(name).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
