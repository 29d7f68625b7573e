//! What a client may ask for at the authorization endpoint, in order of trust: the client, its
//! redirect URI, then everything else (RFC 6749, section 4.1; RFC 7636; OpenID Connect Core, section 3.1.2.1).

use super::{
    here::Here,
    org::Client,
    parameters::{ParameterError, Parameters},
};
use crate::{
    jose::ID_TOKEN_LIMIT,
    oauth::{ErrorCode, Scopes, pkce},
};

/// The longest `state`, `nonce` and `login_hint`, in bytes: each is kept while a person signs in, for
/// whoever asks.
const LONGEST_KEPT: usize = 1024;

/// Why the person can't be sent back: before client and redirect URI hold, nothing may redirect.
#[derive(Debug, thiserror::Error)]
pub(super) enum TargetProblem {
    #[error("The request names no client that is registered here (client_id).")]
    UnknownClient,
    #[error(
        "The request's redirect_uri is not registered for this client. It must be the same, byte for byte."
    )]
    UnknownRedirectUri,
    #[error("In the request {0}.")]
    Parameter(#[from] ParameterError),
}

/// A registered client, and the redirect URI of its own that it asked to be answered at.
pub(super) struct Target<'h> {
    pub(super) client: &'h Client,
    pub(super) redirect_uri: &'h str,
    /// The request's, to be given back. `None` also when it could not be read: then [`read`] refuses.
    pub(super) state: Option<String>,
}

/// An error that goes back to the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestError {
    pub(super) error: ErrorCode,
    pub(super) description: String,
}

/// Whether the person must sign in (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Only when there is no session that will do.
    IfNeeded,
    /// In any case. Also for `select_account`, since the sign-in page lets another person sign in.
    Always,
    /// Never: an error instead.
    Never,
}

/// A request that is in order; who the person is and what they may have is not judged yet.
#[derive(Debug)]
pub(super) struct AuthorizationRequest {
    /// The authorization server that was asked.
    pub(super) server_id: String,
    pub(super) client_id: String,
    /// The client's, when it asked: another client may have taken the id by the time it is answered.
    pub(super) incarnation: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) scopes: Scopes,
    /// S256 (RFC 7636, section 4.2).
    pub(super) challenge: String,
    pub(super) prompt: Prompt,
    /// Whether the person must be asked (again) what the client may do: `consent` among the prompts.
    pub(super) asks_for_consent: bool,
    /// The password was typed at most so many seconds ago.
    pub(super) max_age: Option<i64>,
    pub(super) login_hint: Option<String>,
    /// The person whom an ID token of ours is about, who alone may be the one.
    pub(super) expected_user: Option<String>,
}

/// Checks client and redirect URI.
pub(super) fn target<'h>(
    parameters: &Parameters,
    here: &'h Here,
) -> Result<Target<'h>, TargetProblem> {
    let client_id = parameters.required("client_id")?;
    let client = here.client(client_id).ok_or(TargetProblem::UnknownClient)?;
    let asked = parameters.required("redirect_uri")?;
    let registered = client.redirect_uris.iter().find(|uri| *uri == asked);
    Ok(Target {
        client,
        redirect_uri: registered.ok_or(TargetProblem::UnknownRedirectUri)?,
        state: kept(parameters, "state").ok().flatten(),
    })
}

/// Checks everything else.
pub(super) fn read(
    here: &Here,
    parameters: &Parameters,
    target: &Target<'_>,
) -> Result<AuthorizationRequest, RequestError> {
    parameters.each_once()?;
    if !target.client.signs_people_in() {
        let text = "This client may not use the grant type authorization_code.";
        return refuse(ErrorCode::UnauthorizedClient, text);
    }
    no_request_object(parameters)?;
    response_is_a_code_in_the_query(parameters)?;
    let (prompt, asks_for_consent) = prompt(parameters)?;
    Ok(AuthorizationRequest {
        server_id: here.server().id.clone(),
        client_id: target.client.id.clone(),
        incarnation: target.client.incarnation.clone(),
        redirect_uri: target.redirect_uri.to_owned(),
        state: kept(parameters, "state")?,
        nonce: kept(parameters, "nonce")?,
        challenge: challenge(parameters)?,
        scopes: scopes(here, parameters, target.client)?,
        prompt,
        asks_for_consent,
        max_age: max_age(parameters)?,
        login_hint: kept(parameters, "login_hint")?,
        expected_user: expected_user(here, parameters)?,
    })
}

fn kept(parameters: &Parameters, name: &str) -> Result<Option<String>, ParameterError> {
    Ok(parameters.get_up_to(name, LONGEST_KEPT)?.map(str::to_owned))
}

/// Whom `id_token_hint` means. One that is not ours names nobody, and to go on without it would answer
/// for anybody.
fn expected_user(here: &Here, parameters: &Parameters) -> Result<Option<String>, RequestError> {
    let Some(hint) = parameters.get_up_to("id_token_hint", ID_TOKEN_LIMIT)? else {
        return Ok(None);
    };
    match here.hinted(hint) {
        Some((_, claims)) => Ok(Some(claims.subject)),
        None => invalid("The id_token_hint is not an ID token of this provider."),
    }
}

/// Neither is ever fetched (OpenID Connect Core, section 6; RFC 9101, section 10).
fn no_request_object(parameters: &Parameters) -> Result<(), RequestError> {
    let unsupported =
        |error, name| refuse(error, format!("The parameter {name} is not supported."));
    if parameters.has("request") {
        return unsupported(ErrorCode::RequestNotSupported, "request");
    }
    if parameters.has("request_uri") {
        return unsupported(ErrorCode::RequestUriNotSupported, "request_uri");
    }
    Ok(())
}

fn response_is_a_code_in_the_query(parameters: &Parameters) -> Result<(), RequestError> {
    if parameters.required("response_type")? != "code" {
        let text = "Only the response_type code is supported.";
        return refuse(ErrorCode::UnsupportedResponseType, text);
    }
    match parameters.get("response_mode")? {
        None | Some("query") => Ok(()),
        Some(_) => invalid("Only the response_mode query is supported."),
    }
}

fn challenge(parameters: &Parameters) -> Result<String, RequestError> {
    let Some(challenge) = parameters.get("code_challenge")? else {
        return invalid("PKCE is required: code_challenge is missing.");
    };
    // Without a method it would mean plain (RFC 7636, section 4.3), which proves nothing.
    if parameters.get("code_challenge_method")? != Some("S256") {
        return invalid("PKCE is required with the code_challenge_method S256.");
    }
    if !pkce::is_s256_challenge(challenge) {
        return invalid("The code_challenge is not a SHA-256 in base64url.");
    }
    Ok(challenge.to_owned())
}

fn scopes(here: &Here, parameters: &Parameters, client: &Client) -> Result<Scopes, RequestError> {
    let scope = parameters.get("scope")?.unwrap_or_default();
    let asked = Scopes::parse(scope).map_err(|_| RequestError {
        error: ErrorCode::InvalidScope,
        description: "The scope holds characters that no scope may have.".to_owned(),
    })?;
    if asked.is_empty() {
        return refuse(ErrorCode::InvalidScope, "The request asks for no scope.");
    }
    let unknown: Vec<&str> = asked
        .iter()
        .filter(|scope| !here.may_ask_for(client, scope))
        .collect();
    if unknown.is_empty() {
        return Ok(asked);
    }
    let text = format!(
        "Not a scope that this client may ask for: {}.",
        unknown.join(" ")
    );
    refuse(ErrorCode::InvalidScope, text)
}

/// Whether to sign in, and whether to ask for consent (OpenID Connect Core, section 3.1.2.1).
fn prompt(parameters: &Parameters) -> Result<(Prompt, bool), RequestError> {
    let values: Vec<&str> = match parameters.get("prompt")? {
        None => return Ok((Prompt::IfNeeded, false)),
        Some(prompt) => prompt
            .split(' ')
            .filter(|value| !value.is_empty())
            .collect(),
    };
    if values.contains(&"none") {
        return match values.as_slice() {
            ["none"] => Ok((Prompt::Never, false)),
            _ => invalid("The prompt none stands alone."),
        };
    }
    let known = |value: &&str| matches!(*value, "login" | "consent" | "select_account");
    if !values.iter().all(known) {
        return invalid("The prompt is none of none, login, consent and select_account.");
    }
    let sign_in = values.iter().any(|value| *value != "consent");
    let prompt = if sign_in {
        Prompt::Always
    } else {
        Prompt::IfNeeded
    };
    Ok((prompt, values.contains(&"consent")))
}

fn max_age(parameters: &Parameters) -> Result<Option<i64>, RequestError> {
    let Some(max_age) = parameters.get("max_age")? else {
        return Ok(None);
    };
    let digits = max_age.bytes().all(|byte| byte.is_ascii_digit()); // `parse` would take a plus sign
    match max_age.parse::<u32>() {
        Ok(seconds) if digits => Ok(Some(i64::from(seconds))),
        _ => invalid("The max_age is not a number of seconds."),
    }
}

fn invalid<T>(description: &str) -> Result<T, RequestError> {
    refuse(ErrorCode::InvalidRequest, description)
}

fn refuse<T>(error: ErrorCode, description: impl Into<String>) -> Result<T, RequestError> {
    let description = description.into();
    Err(RequestError { error, description })
}

impl From<ParameterError> for RequestError {
    fn from(problem: ParameterError) -> Self {
        Self {
            error: ErrorCode::InvalidRequest,
            description: format!("In the request {problem}."),
        }
    }
}
