//! What a client may ask for at the end-session endpoint (OpenID Connect RP-Initiated Logout, section 2).

use super::{
    org::{Client, Org, RegisteredBy},
    parameters::{ParameterError, Parameters},
    sessions::Session,
};
use crate::{jose::IdToken, oauth::constant_time_eq};

/// Why a request to sign out is not followed. None of these leads anywhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogoutProblem {
    #[error("In the request {0}.")]
    Parameter(#[from] ParameterError),
    #[error("The request names a client that is not registered here (client_id).")]
    UnknownClient,
    #[error("The request's id_token_hint was issued to another client than its client_id.")]
    OtherClient,
    #[error(
        "The request's post_logout_redirect_uri is not registered. It must be the same, byte for byte."
    )]
    UnknownReturnUri,
}

/// A request to sign out that is in order.
pub(super) struct LogoutRequest<'o> {
    /// Who asks, if that is known: by a hint of ours, or by name alone.
    pub(super) client: Option<&'o Client>,
    /// The `sid` of a session, by which a client that puts no token in a URL can say whom it means.
    /// Only the clients that it was signed in through know it, and it opens nothing.
    session_hint: Option<&'o str>,
    /// The person that the ID token hint is about.
    subject: Option<String>,
    /// The session that the hint is about.
    sid: Option<String>,
    /// Registered, byte for byte.
    pub(super) return_to: Option<&'o str>,
    pub(super) state: Option<&'o str>,
}

/// Checks a request. `hinted` is what its `id_token_hint` says. One that is not (any more) a token of
/// ours counts as none: then the person is asked.
pub(super) fn read<'o>(
    org: &'o Org,
    hinted: Option<(&'o Client, IdToken)>,
    parameters: &'o Parameters,
) -> Result<LogoutRequest<'o>, LogoutProblem> {
    parameters.each_once()?;
    let named = match parameters.get("client_id")? {
        None => None,
        Some(id) => Some(org.active_client(id).ok_or(LogoutProblem::UnknownClient)?),
    };
    if let (Some(named), Some((client, _))) = (named, &hinted)
        && named.id != client.id
    {
        return Err(LogoutProblem::OtherClient);
    }
    let client = hinted.as_ref().map(|(client, _)| *client).or(named);
    let (subject, sid) = match hinted {
        Some((_, claims)) => (Some(claims.subject), claims.session_id),
        None => (None, None),
    };
    Ok(LogoutRequest {
        client,
        subject,
        sid,
        session_hint: parameters.get("logout_hint")?,
        return_to: return_uri(org, client, parameters)?,
        state: parameters.get("state")?,
    })
}

/// A registered URI: the client's, or where none is named that of any client which did not register itself.
/// Being registered is what keeps this from leading anywhere else.
fn return_uri<'o>(
    org: &'o Org,
    client: Option<&'o Client>,
    parameters: &Parameters,
) -> Result<Option<&'o str>, LogoutProblem> {
    let Some(asked) = parameters.get("post_logout_redirect_uri")? else {
        return Ok(None);
    };
    let mut registered = org
        .clients
        .iter()
        .filter(|candidate| candidate.status.is_active())
        .filter(|candidate| match client {
            Some(client) => client.id == candidate.id,
            None => candidate.registered_by != RegisteredBy::Anybody,
        })
        .flat_map(|client| &client.post_logout_redirect_uris);
    let found = registered
        .find(|uri| *uri == asked)
        .ok_or(LogoutProblem::UnknownReturnUri)?;
    Ok(Some(found))
}

impl LogoutRequest<'_> {
    /// The parameters of this request once more, without a hint that is a token.
    pub(super) fn to_repeat(&self) -> Vec<(&str, &str)> {
        let client_id = self.client.map(|client| client.id.as_str());
        let all = [
            ("client_id", client_id),
            ("logout_hint", self.session_hint),
            ("post_logout_redirect_uri", self.return_to),
            ("state", self.state),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The sessions that the request names, by either hint.
    pub(super) fn sids(&self) -> impl Iterator<Item = &str> {
        self.sid.as_deref().into_iter().chain(self.session_hint)
    }

    /// Whether the request proves that it means this session: by an ID token about its person, or by
    /// the session's `sid`. Another site's page knows neither.
    pub(super) fn is_about(&self, session: &Session) -> bool {
        let named = self
            .session_hint
            .is_some_and(|hint| constant_time_eq(&session.sid, hint));
        named || self.subject.as_ref() == Some(&session.user_id)
    }
}
