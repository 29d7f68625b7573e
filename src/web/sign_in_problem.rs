//! From what went wrong at a sign-in to the page that explains it.

use super::{
    oidc::{Asked, OidcError, ResponseError, Trouble},
    problem::Problem,
};
use crate::{net::FetchError, reason};
use axum::http::StatusCode;

/// The problem for an error; `asked` is what the sign-in asked for, where it is known.
pub(super) fn of(error: OidcError, asked: Option<&Asked>) -> Problem {
    tracing::info!(event = "sign_in_refused", %error, "a sign-in ended without a session");
    let problem = explained(error);
    let Some(asked) = asked else { return problem };
    problem
        .fact("asked for", asked.scopes.to_string())
        .level(&asked.level)
}

fn explained(error: OidcError) -> Problem {
    let bad_request = |reason| Problem::new(StatusCode::BAD_REQUEST, reason);
    let bad_gateway = |reason| Problem::new(StatusCode::BAD_GATEWAY, reason);
    match error {
        OidcError::Provider(trouble) => of_provider(&trouble),
        OidcError::Response(ResponseError::Repeated(name)) => {
            bad_request(&reason::REPEATED_PARAMETER).fact("parameter", name)
        }
        OidcError::Response(ResponseError::StateMissing) => bad_request(&reason::STATE_MISSING),
        OidcError::Response(ResponseError::Unknown) => bad_request(&reason::STATE_UNKNOWN),
        OidcError::Response(ResponseError::Contradiction) => bad_request(&reason::CONTRADICTION),
        OidcError::AnotherIssuer { got } => bad_request(&reason::ISSUER_MISMATCH).fact(
            "iss in the answer",
            got.unwrap_or_else(|| "(none)".to_owned()),
        ),
        OidcError::Refused { code, description } => of_refusal(&code, description),
        OidcError::TokenRefused { code, description } => {
            let problem = match code.as_str() {
                "invalid_client" | "unauthorized_client" => bad_gateway(&reason::CLIENT_REFUSED),
                "invalid_grant" => bad_request(&reason::CODE_REFUSED),
                _ => bad_gateway(&reason::TOKEN_REFUSED),
            };
            said(problem, &code, description)
        }
        OidcError::KeyRefused { description, used } => {
            let problem = bad_gateway(&reason::CLIENT_KEY_REFUSED).fact("key", used.key);
            let problem = match used.lack {
                Some(lack) => problem.fact("what the provider announces", lack),
                None => problem,
            };
            said(problem, "invalid_client", description)
        }
        OidcError::TokenUnreachable(error) => of_fetch(&error, &reason::TOKEN_UNREACHABLE),
        OidcError::TokenAnswer(what) => {
            bad_gateway(&reason::TOKEN_ANSWER).fact("what is wrong", what)
        }
        OidcError::Keys(error) => {
            bad_gateway(&reason::KEYS).fact("what is wrong", error.to_string())
        }
        OidcError::IdToken(rejection) => bad_gateway(&reason::ID_TOKEN)
            .sentence(rejection.to_string())
            .fact("check", rejection.reason_code()),
        OidcError::AccessTokenHash => bad_gateway(&reason::AT_HASH),
        OidcError::AnotherPerson => bad_gateway(&reason::ANOTHER_PERSON),
    }
}

fn of_provider(trouble: &Trouble) -> Problem {
    match trouble {
        Trouble::Fetch(error) => of_fetch(error, &reason::PROVIDER_UNREACHABLE),
        Trouble::Status { .. } => {
            Problem::new(StatusCode::BAD_GATEWAY, &reason::PROVIDER_UNREACHABLE)
                .fact("what was seen", trouble.to_string())
        }
        Trouble::Metadata(error) => {
            Problem::new(StatusCode::BAD_GATEWAY, &reason::PROVIDER_METADATA)
                .fact("what was seen", error.to_string())
        }
    }
}

fn of_fetch(error: &FetchError, unreachable: &'static reason::Reason) -> Problem {
    let problem = match error {
        FetchError::TimedOut(_) => {
            Problem::new(StatusCode::GATEWAY_TIMEOUT, &reason::PROVIDER_SLOW)
        }
        _ => Problem::new(StatusCode::BAD_GATEWAY, unreachable),
    };
    problem.fact("what was seen", error.to_string())
}

/// The provider's own words follow ours, cut and escaped: its state and issuer have passed.
fn of_refusal(code: &str, description: Option<String>) -> Problem {
    let problem = match code {
        "access_denied" => {
            Problem::new(StatusCode::FORBIDDEN, &reason::ACCESS_DENIED).with_policy()
        }
        "temporarily_unavailable" => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, &reason::PROVIDER_ERROR)
        }
        "server_error" => Problem::new(StatusCode::BAD_GATEWAY, &reason::PROVIDER_ERROR),
        _ => Problem::new(StatusCode::BAD_REQUEST, &reason::PROVIDER_ERROR),
    };
    said(problem, code, description)
}

fn said(problem: Problem, code: &str, description: Option<String>) -> Problem {
    let problem = problem.fact("error", code);
    match description {
        Some(text) => problem.fact("the provider says", text),
        None => problem,
    }
}
