//! What an authorization request comes to: sign in first, a code, or an error for the client.

use super::{
    authorization_request::{AuthorizationRequest, Prompt, RequestError},
    grants::Grant,
    here::Here,
    rules::judge,
    sessions::Session,
};
use crate::oauth::ErrorCode;

/// What comes next for a request that is in order.
pub(super) enum NextStep {
    /// The person must type a password.
    SignIn,
    /// The client gets a code, or an error.
    Answer(Result<String, RequestError>),
}

impl Here {
    /// Decides with the session that this browser has, if any.
    pub(super) fn next_step(
        &self,
        request: &AuthorizationRequest,
        session: Option<&Session>,
    ) -> NextStep {
        match session.filter(|session| self.will_do(request, session)) {
            Some(session) => NextStep::Answer(self.authorize(request, session)),
            None if request.prompt == Prompt::Never => NextStep::Answer(Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "Nobody is signed in here, or somebody else, or not lately enough."
                    .to_owned(),
            })),
            None => NextStep::SignIn,
        }
    }

    /// Issues a code to the client, if the person may have what it asks for.
    pub(super) fn authorize(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
    ) -> Result<String, RequestError> {
        let denied = |description| RequestError {
            error: ErrorCode::AccessDenied,
            description,
        };
        if !is_expected(request, session) {
            return Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "Another person than the id_token_hint means has signed in."
                    .to_owned(),
            });
        }
        let client = self.client(&request.client_id);
        let user = self.person_of(session);
        let (Some(client), Some(user)) = (client, user) else {
            return Err(denied(
                "The client or the person is not known any more.".to_owned(),
            ));
        };
        // What was checked when the request came may have been taken away while the person typed.
        if !client.signs_people_in() {
            return Err(RequestError {
                error: ErrorCode::UnauthorizedClient,
                description: "This client may not use the grant type authorization_code."
                    .to_owned(),
            });
        }
        let rule = judge(self, client, user, &request.scopes).map_err(|denial| {
            let description = denial.to_string();
            tracing::info!(event = "authorization_denied", client = %client.id, user = %user.id, reason = %description, "the rules deny an authorization");
            denied(description)
        })?;
        let life = rule.lifetimes.access_token_seconds();
        let (now, scopes) = (self.now(), request.scopes.clone());
        let (server, binding) = (&self.server().id, Self::binding(client, Some(user)));
        let grant = Grant::new(server, &client.id, session, &binding, scopes, life, now);
        tracing::info!(event = "code_issued", client = %client.id, user = %user.id, scopes = %request.scopes, "issued an authorization code");
        let (uri, nonce) = (&request.redirect_uri, request.nonce.as_deref());
        Ok(self
            .idp
            .grants
            .issue_code(grant, uri, &request.challenge, nonce, now))
    }

    /// Whether a session answers the request without another sign-in.
    fn will_do(&self, request: &AuthorizationRequest, session: &Session) -> bool {
        let age = self.now().saturating_sub(session.auth_time);
        request.prompt != Prompt::Always
            && request
                .max_age
                .is_none_or(|max_age| age <= max_age && max_age > 0)
            && is_expected(request, session)
            && self.person_of(session).is_some()
    }
}

/// Whether it is the person whom the request means, if it means one (OpenID Connect Core, section 3.1.2.1).
fn is_expected(request: &AuthorizationRequest, session: &Session) -> bool {
    let expected = request.expected_user.as_ref();
    expected.is_none_or(|expected| *expected == session.user_id)
}
