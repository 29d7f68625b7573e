//! A client as it is kept and told, and the secret that is told once.

use super::metadata::{Metadata, PAGES};
use crate::{
    idp::{
        okta::{call::Call, error::OktaError},
        org::{
            AuthenticationMethod, CONSENT_METHOD, Client, ClientSecret, GrantType, MayIntrospect,
            Org, RegisteredBy, SecretDigest, SigningAlgorithm, Status, new_id,
        },
    },
    oauth::{Scopes, Secret},
};
use serde_json::{Map, Value, json};

/// A client that is about to be kept, and its secret.
pub(in super::super) struct Registered {
    pub(in super::super) client: Client,
    secret: Secret,
}

impl Registered {
    pub(in super::super) fn new(
        metadata: &Metadata,
        by: RegisteredBy,
        may_introspect: MayIntrospect,
        now: i64,
    ) -> Self {
        let (secret, kept) = secret(now);
        let mut client = Client {
            id: new_id("0oa"),
            incarnation: new_id("0oa"),
            name: String::new(),
            status: Status::Active,
            registered_by: by,
            created: now,
            last_updated: now,
            secrets: vec![kept],
            token_endpoint_auth_method: AuthenticationMethod::ClientSecretBasic,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            grant_types: Vec::new(),
            response_types: Vec::new(),
            application_type: String::new(),
            scopes: None,
            groups: Vec::new(),
            users: Vec::new(),
            may_introspect,
            id_token_signed_response_alg: SigningAlgorithm::Rs256,
            limited: false,
            registration_token: None,
            further: Map::new(),
        };
        taken_over(&mut client, metadata, now);
        Self { client, secret }
    }

    /// Keeps it, unless `check` has something against it.
    pub(in super::super) async fn keep(
        self,
        call: &Call,
        check: impl FnOnce(&Org) -> Result<(), OktaError> + Send + 'static,
    ) -> Result<(Client, Secret), OktaError> {
        let client = self.client.clone();
        call.change(move |org| {
            check(org)?;
            org.clients.push(client);
            Ok(())
        })
        .await?;
        Ok((self.client, self.secret))
    }
}

/// A new secret, and what is kept of it.
pub(in super::super) fn secret(now: i64) -> (Secret, ClientSecret) {
    let secret = Secret::random();
    let kept = ClientSecret {
        id: new_id("ocs"),
        status: Status::Active,
        digest: SecretDigest::of(secret.expose()),
        created: now,
        last_updated: now,
    };
    (secret, kept)
}

/// Puts what a registration says into a client.
pub(in super::super) fn taken_over(client: &mut Client, metadata: &Metadata, now: i64) {
    client.name.clone_from(&metadata.name);
    metadata
        .application_type
        .clone_into(&mut client.application_type);
    client.redirect_uris.clone_from(&metadata.redirect_uris);
    client
        .post_logout_redirect_uris
        .clone_from(&metadata.post_logout_redirect_uris);
    client
        .backchannel_logout_uri
        .clone_from(&metadata.backchannel_logout_uri);
    client.backchannel_logout_session_required = metadata.backchannel_logout_session_required;
    client.grant_types.clone_from(&metadata.grant_types);
    let has_code = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    client.response_types = has_code.then(|| "code".to_owned()).into_iter().collect();
    client.token_endpoint_auth_method = metadata.auth_method;
    client.scopes.clone_from(&metadata.scopes);
    client.id_token_signed_response_alg = metadata.id_token_algorithm;
    for page in PAGES {
        match metadata.pages.iter().find(|(name, _)| *name == page) {
            Some((_, url)) => client.further.insert(page.to_owned(), json!(url)),
            None => client.further.remove(page),
        };
    }
    if let Some(method) = metadata.consent_method {
        let further = &mut client.further;
        further.insert(CONSENT_METHOD.to_owned(), json!(method));
    }
    client.last_updated = now;
}

/// Takes away what a client must not give itself: grants and scopes beyond those that an administrator left
/// it. What goes is told as left out.
pub(super) fn narrowed(metadata: &mut Metadata, client: &Client) {
    let left_out = &mut metadata.left_out;
    metadata.grant_types.retain(|grant_type| {
        let stays = client.grant_types.contains(grant_type);
        if !stays {
            left_out.push(("grant_types", grant_type.as_str().to_owned()));
        }
        stays
    });
    let Some(allowed) = &client.scopes else {
        return;
    };
    let Some(asked) = &metadata.scopes else {
        metadata.scopes = Some(allowed.clone());
        return;
    };
    let mut kept = Scopes::default();
    for scope in asked.iter() {
        if allowed.contains(scope) {
            kept.insert(scope);
        } else {
            left_out.push(("scope", scope.to_owned()));
        }
    }
    metadata.scopes = Some(kept);
}

/// A client as it is told, without its secret.
pub(super) fn view(client: &Client) -> Value {
    let mut shown = json!({
        "client_id": client.id,
        "client_id_issued_at": client.created,
        "client_secret_expires_at": 0,
        "client_name": client.name,
    });
    for page in PAGES {
        shown[page] = client.further.get(page).cloned().unwrap_or_default();
    }
    let registered = json!({
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "response_types": client.response_types,
        "grant_types": client.grant_types,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "application_type": client.application_type,
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut shown, registered) {
        all.extend(more);
    }
    if let Some(uri) = &client.backchannel_logout_uri {
        shown["backchannel_logout_uri"] = json!(uri);
        shown["backchannel_logout_session_required"] =
            json!(client.backchannel_logout_session_required);
    }
    if let Some(scopes) = &client.scopes {
        shown["scope"] = json!(scopes.to_string());
    }
    shown
}

/// The answer to a registration: the one time that the secret is told.
pub(super) fn shown_once(client: &Client, secret: &Secret, metadata: &Metadata) -> Value {
    let mut shown = view(client);
    shown["client_secret"] = json!(secret.expose());
    super::with_left_out(shown, client, metadata)
}
