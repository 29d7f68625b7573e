//! What a client says of itself when it registers (RFC 7591, section 2), and what of it is registered here.

use super::super::error::OktaError;
use super::super::{input::Problems, reader::Reader};
use crate::{
    idp::org::{AuthenticationMethod, CONSENT_METHOD, Client, GrantType, SigningAlgorithm},
    net::{check_url, is_loopback, origin},
    oauth::Scopes,
};
use serde_json::{Map, Value, json};

/// What the provider has.
const AUTH_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];
const APPLICATION_TYPES: [&str; 4] = ["web", "native", "browser", "service"];
/// Addresses of pages about the client: kept, never fetched.
pub(super) const PAGES: [&str; 4] = ["client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// A registration that can be kept.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Metadata {
    pub(in super::super) name: String,
    pub(in super::super) application_type: &'static str,
    pub(in super::super) redirect_uris: Vec<String>,
    pub(in super::super) post_logout_redirect_uris: Vec<String>,
    /// Posted to when a session ends.
    pub(in super::super) backchannel_logout_uri: Option<String>,
    pub(in super::super) backchannel_logout_session_required: bool,
    pub(in super::super) grant_types: Vec<GrantType>,
    pub(in super::super) auth_method: AuthenticationMethod,
    pub(in super::super) id_token_algorithm: SigningAlgorithm,
    pub(in super::super) scopes: Option<Scopes>,
    /// `TRUSTED` or `REQUIRED`, where it was said. For an administrator to say, and for nobody else.
    pub(in super::super) consent_method: Option<&'static str>,
    /// Those of [`PAGES`] that were given.
    pub(in super::super) pages: Vec<(&'static str, String)>,
    /// What was asked for and is not registered: member and value.
    pub(in super::super) left_out: Vec<(&'static str, String)>,
}

/// Why nothing is registered (RFC 7591, section 3.2.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum MetadataError {
    #[error("redirect_uris: {0}")]
    RedirectUri(String),
    #[error("{0}")]
    Metadata(String),
}

impl MetadataError {
    pub(in super::super) fn code(&self) -> &'static str {
        match self {
            Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::Metadata(_) => "invalid_client_metadata",
        }
    }

    /// The same in Okta's words.
    pub(in super::super) fn in_okta_shape(&self) -> OktaError {
        OktaError::Validation {
            what: self.code().to_owned(),
            causes: vec![self.to_string()],
        }
    }
}

impl Metadata {
    /// Reads a registration by an administrator, which has a name.
    ///
    /// # Errors
    /// As [`Metadata::read`].
    pub(in super::super) fn named(object: &Map<String, Value>) -> Result<Self, MetadataError> {
        if object.get("client_name").is_none_or(Value::is_null) {
            return Err(MetadataError::Metadata(
                "client_name: The field cannot be blank".to_owned(),
            ));
        }
        Self::read(object)
    }

    /// Reads a registration. Members that mean nothing here are passed over (RFC 7591, section 2).
    ///
    /// # Errors
    /// When a redirect URI cannot be used, or a member is not what it may be, or nothing is left of it.
    pub(in super::super) fn read(object: &Map<String, Value>) -> Result<Self, MetadataError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        let mut left_out = Vec::new();
        let name = reader.text("client_name", 1..=100);
        let application_type = reader
            .word("application_type", &APPLICATION_TYPES)
            .unwrap_or("web");
        let auth_method = match reader.word("token_endpoint_auth_method", &AUTH_METHODS) {
            Some("client_secret_post") => AuthenticationMethod::ClientSecretPost,
            _ => AuthenticationMethod::ClientSecretBasic,
        };
        let id_token_algorithm =
            match reader.word("id_token_signed_response_alg", &["RS256", "ES256"]) {
                Some("ES256") => SigningAlgorithm::Es256,
                _ => SigningAlgorithm::Rs256,
            };
        let uris = |member| reader.texts(member, 20).unwrap_or_default();
        let (redirect_uris, post_logout_redirect_uris) =
            (uris("redirect_uris"), uris("post_logout_redirect_uris"));
        let grant_types = grant_types(&reader, application_type, &mut left_out);
        let has_code = grant_types.contains(&GrantType::AuthorizationCode);
        response_types(&reader, has_code, &mut left_out);
        let scopes = reader
            .text("scope", 0..=1024)
            .map(|scope| Scopes::parse(&scope));
        if let Some(Err(_)) = scopes {
            reader.wrong("scope", "It holds what is not a scope name");
        }
        let scopes = scopes.and_then(Result::ok);
        let page = |page: &'static str| reader.text(page, 0..=1024).map(|url| (page, url));
        let pages: Vec<_> = PAGES
            .into_iter()
            .filter_map(page)
            .filter(|(_, url)| !url.is_empty())
            .collect();
        let backchannel_logout_uri = reader
            .text("backchannel_logout_uri", 0..=1024)
            .filter(|url| !url.is_empty());
        let told = backchannel_logout_uri.iter();
        let told = told.map(|url| ("backchannel_logout_uri", url));
        for (member, url) in pages.iter().map(|(page, url)| (*page, url)).chain(told) {
            if check_url(url).is_err() {
                reader.wrong(
                    member,
                    "It is not an absolute https URL, or http one of this machine",
                );
            }
        }
        let consent_method = reader.word("consent_method", &["TRUSTED", "REQUIRED"]);
        let backchannel_logout_session_required = reader
            .flag("backchannel_logout_session_required")
            .unwrap_or_default();
        if reader.has("jwks") || reader.has("jwks_uri") {
            reader.wrong("jwks", "Clients authenticate by secret here");
        }
        if grant_types.is_empty() {
            reader.wrong(
                "grant_types",
                format!(
                    "None of {} is asked for",
                    GrantType::ALL.map(GrantType::as_str).join(", ")
                ),
            );
        }
        problems.none().map_err(|error| {
            let causes = error.causes();
            MetadataError::Metadata(causes.join("; "))
        })?;
        for uri in redirect_uris.iter().chain(&post_logout_redirect_uris) {
            check_return_uri(uri)?;
        }
        if has_code && redirect_uris.is_empty() {
            let missing = "authorization_code needs one at least".to_owned();
            return Err(MetadataError::RedirectUri(missing));
        }
        Ok(Self {
            name: name.unwrap_or_else(|| "client without a name".to_owned()),
            application_type,
            redirect_uris,
            post_logout_redirect_uris,
            backchannel_logout_uri,
            backchannel_logout_session_required,
            grant_types,
            auth_method,
            id_token_algorithm,
            scopes,
            consent_method,
            pages,
            left_out,
        })
    }

    /// The same of a client about itself, whom nobody vouches for: it is told of a session's end on this machine
    /// only where people are sent back to it too, or it would have us post to what listens here.
    ///
    /// # Errors
    /// As [`Metadata::read`].
    pub(super) fn of_a_stranger(object: &Map<String, Value>) -> Result<Self, MetadataError> {
        let metadata = Self::read(object)?;
        let told = metadata.backchannel_logout_uri.as_deref();
        let told = told.and_then(|uri| check_url(uri).ok()).filter(is_loopback);
        if let Some(told) = told {
            let mut returns = metadata.redirect_uris.iter();
            let is_there =
                |uri: &String| check_url(uri).is_ok_and(|uri| origin(&uri) == origin(&told));
            if !returns.any(is_there) {
                return Err(MetadataError::Metadata(
                    "backchannel_logout_uri: on this machine it must have the origin of a redirect URI"
                        .to_owned(),
                ));
            }
        }
        Ok(metadata)
    }

    /// What was not registered of this client, for the answer. One that registered itself is never trusted.
    pub(in super::super) fn left_out(&self, client: &Client) -> Vec<Value> {
        let row = |(member, value): (&str, &str)| json!({ "member": member, "value": value });
        let untrusted = client.registered_itself() && self.consent_method == Some("TRUSTED");
        let untrusted = untrusted.then_some((CONSENT_METHOD, "TRUSTED"));
        let all = self.left_out.iter();
        let all = all.map(|(member, value)| (*member, value.as_str()));
        all.chain(untrusted).map(row).collect()
    }
}

fn grant_types(
    reader: &Reader<'_>,
    application_type: &str,
    left_out: &mut Vec<(&'static str, String)>,
) -> Vec<GrantType> {
    let usual = if application_type == "service" {
        "client_credentials"
    } else {
        "authorization_code"
    };
    let asked = reader
        .texts("grant_types", 20)
        .unwrap_or_else(|| vec![usual.to_owned()]);
    let mut kept = Vec::new();
    for grant_type in asked {
        match GrantType::named(&grant_type) {
            Some(known) if kept.contains(&known) => {}
            Some(known) => kept.push(known),
            None => left_out.push(("grant_types", grant_type)),
        }
    }
    kept
}

/// Only `code` is answered here, and only where there is a grant that redeems it.
fn response_types(reader: &Reader<'_>, has_code: bool, left_out: &mut Vec<(&'static str, String)>) {
    let asked = reader.texts("response_types", 20).unwrap_or_default();
    let others = asked
        .into_iter()
        .filter(|asked| !has_code || asked != "code");
    left_out.extend(others.map(|other| ("response_types", other)));
}

/// Absolute, https or loopback, no fragment, and bytes that can stand in a header (RFC 9700, section 2.1).
fn check_return_uri(uri: &str) -> Result<(), MetadataError> {
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(MetadataError::RedirectUri(
            "one holds characters that are not ASCII".to_owned(),
        ));
    }
    if uri.contains('*') {
        return Err(MetadataError::RedirectUri(
            "one holds a wildcard; each is compared byte for byte".to_owned(),
        ));
    }
    check_url(uri)
        .map(|_| ())
        .map_err(|error| MetadataError::RedirectUri(format!("of one, {error}")))
}
