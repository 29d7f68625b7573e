//! What an authorization request comes to: sign in first, consent, a code, or an error for the client.

use super::{
    authorization_request::{AuthorizationRequest, Prompt, RequestError},
    grants::Grant,
    here::Here,
    org::{Client, Rule, User},
    rules::judge,
    sessions::{Audience, Session},
};
use crate::oauth::ErrorCode;

/// What comes next for a request that is in order.
pub(super) enum NextStep {
    /// The person must type a password.
    SignIn,
    /// The person must say whether the client may.
    Consent,
    /// The client gets a code, or an error.
    Answer(Result<String, RequestError>),
}

/// Who may have what a request asks for, and by which rule.
pub(super) struct Judged<'h> {
    pub(super) client: &'h Client,
    pub(super) user: &'h User,
    pub(super) rule: &'h Rule,
}

impl Here {
    /// Decides with the session that this browser has, if any.
    pub(super) fn next_step(
        &self,
        request: &AuthorizationRequest,
        session: Option<&Session>,
    ) -> NextStep {
        match session.filter(|session| self.will_do(request, session)) {
            Some(session) => self.once_signed_in(request, session),
            None if request.prompt == Prompt::Never => NextStep::Answer(Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "Nobody is signed in here, or somebody else, or not lately enough."
                    .to_owned(),
            })),
            None => NextStep::SignIn,
        }
    }

    /// Issues a code, if the person may have what the client asks for, and has said so where that is needed.
    /// `prompt=none` never skips the question (OpenID Connect Core, section 3.1.2.1).
    pub(super) fn once_signed_in(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
    ) -> NextStep {
        let judged = match self.judged(request, session) {
            Ok(judged) => judged,
            Err(error) => return NextStep::Answer(Err(error)),
        };
        let Judged { client, user, .. } = judged;
        let needed = client.needs_consent() && !self.has_consented(client, user, &request.scopes);
        if !needed && !request.asks_for_consent {
            return NextStep::Answer(self.code(request, session, &judged));
        }
        if request.prompt == Prompt::Never {
            return NextStep::Answer(Err(RequestError {
                error: ErrorCode::ConsentRequired,
                description: "The person was not asked what this client may do.".to_owned(),
            }));
        }
        NextStep::Consent
    }

    /// Issues a code to a client about which the person was asked, judged once more.
    pub(super) fn once_asked(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
        allowed: bool,
    ) -> Result<String, RequestError> {
        let judged = self.judged(request, session)?;
        if !allowed {
            self.refuses(judged.client, judged.user, &request.scopes);
            return Err(denied("The person said no.".to_owned()));
        }
        self.consents(judged.client, judged.user, &request.scopes);
        self.code(request, session, &judged)
    }

    /// Whether the person may have what the client asks for.
    pub(super) fn judged(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
    ) -> Result<Judged<'_>, RequestError> {
        if !is_expected(request, session) {
            return Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "Another person than the id_token_hint means has signed in."
                    .to_owned(),
            });
        }
        if !self.is_recent(request, session) {
            return Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "The password was typed too long ago by now.".to_owned(),
            });
        }
        let client = self.same_client(&request.client_id, &request.incarnation);
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
        Ok(Judged { client, user, rule })
    }

    fn code(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
        judged: &Judged<'_>,
    ) -> Result<String, RequestError> {
        let Judged { client, user, rule } = *judged;
        let life = rule.lifetimes.access_token_seconds();
        let (now, scopes) = (self.now(), request.scopes.clone());
        let (server, binding) = (&self.server().id, Self::binding(client, Some(user)));
        let to = Audience {
            server_id: server.clone(),
            client_id: client.id.clone(),
            incarnation: client.incarnation.clone(),
        };
        if !session.use_made.note(to) {
            return Err(RequestError {
                error: ErrorCode::LoginRequired,
                description: "The person has just signed out.".to_owned(),
            });
        }
        let grant = Grant::new(server, &client.id, session, &binding, scopes, life, now);
        tracing::info!(event = "code_issued", client = %client.id, user = %user.id, scopes = %request.scopes, "issued an authorization code");
        let (uri, nonce) = (&request.redirect_uri, request.nonce.as_deref());
        Ok(self
            .idp
            .grants
            .issue_code(grant, uri, &request.challenge, nonce, now))
    }

    /// Whether the password was typed lately enough, also when a person has thought about consent for a while.
    /// A `max_age` of 0 wants it typed for this very request, as `prompt=login` does, and says no more.
    fn is_recent(&self, request: &AuthorizationRequest, session: &Session) -> bool {
        let age = self.now().saturating_sub(session.auth_time);
        let longest = request.max_age.filter(|max_age| *max_age > 0);
        longest.is_none_or(|max_age| age <= max_age)
    }

    /// Whether a session answers the request without another sign-in.
    fn will_do(&self, request: &AuthorizationRequest, session: &Session) -> bool {
        request.prompt != Prompt::Always
            && request.max_age != Some(0)
            && self.is_recent(request, session)
            && is_expected(request, session)
            && self.person_of(session).is_some()
    }
}

fn denied(description: String) -> RequestError {
    RequestError {
        error: ErrorCode::AccessDenied,
        description,
    }
}

/// Whether it is the person whom the request means, if it means one (OpenID Connect Core, section 3.1.2.1).
fn is_expected(request: &AuthorizationRequest, session: &Session) -> bool {
    let expected = request.expected_user.as_ref();
    expected.is_none_or(|expected| *expected == session.user_id)
}
