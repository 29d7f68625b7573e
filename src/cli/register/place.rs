//! Where a client is registered, and what is shown there.

use super::{Arguments, ToolError, failed};
use crate::{
    calls::Discovery,
    flight::printable,
    net::{check_url, origin},
    register::{Credential, Endpoint},
    settings::{Outputs, RedirectUri, RegisterSettings, Source, http_client},
};
use url::Url;

/// The bootstraps whose outputs may say where to register.
const OUTPUTS: [&str; 3] = ["mulesoft", "standard", "keycloak"];

/// The endpoint; `at`: where an earlier registration went.
pub(super) async fn endpoint(
    source: &Source,
    settings: &RegisterSettings,
    arguments: &Arguments,
    at: Option<String>,
) -> Result<Endpoint, ToolError> {
    let http = http_client(source)?;
    let url = match (at, &settings.registration_url) {
        (Some(url), _) => wellformed(&url, "the record of the registration")?,
        (None, Some(url)) => url.clone(),
        (None, None) => {
            let (url, issuer) = from_outputs(arguments)?;
            match (url, settings.issuer.clone().or(issuer)) {
                (Some(url), _) if settings.issuer.is_none() => url,
                (_, Some(issuer)) => {
                    let found = Discovery::fetch(&http, &issuer).await;
                    let found = found.map_err(|error| failed(&error))?;
                    found.endpoint("registration_endpoint").map_err(|error| {
                        ToolError::Failed(format!("{error}\nhint: registration is off there, or only an administration registers clients; CLIENT_REGISTRATION_URL names an endpoint that is not announced"))
                    })?
                }
                (_, None) => {
                    return Err(ToolError::WrongUse("CLIENT_REGISTRATION_URL: nothing says where to register; set it, or ISSUER, or run solar-system bootstrap first".to_owned()));
                }
            }
        }
    };
    let credential = credential(settings, &url);
    let shown = match &credential {
        Credential::Ssws(_) => "an API token (OKTA_API_TOKEN)",
        Credential::Initial(_) => "an initial access token",
        Credential::None => "nothing",
    };
    eprintln!("at {}, showing {shown}", printable(url.as_str(), 300));
    Ok(Endpoint {
        http,
        url,
        credential,
    })
}

/// The API token is its tenant's, and goes to no other origin.
fn credential(settings: &RegisterSettings, url: &Url) -> Credential {
    match (&settings.okta, &settings.initial_access_token) {
        (Some((tenant, token)), _) if origin(tenant) == origin(url) => {
            Credential::Ssws(token.clone())
        }
        (_, Some(token)) => Credential::Initial(token.clone()),
        (_, None) => Credential::None,
    }
}

/// Where browsers are sent back to, if no setting says it and a bootstrap wrote it down.
pub(super) fn redirect_uri(
    source: &Source,
    arguments: &Arguments,
) -> Result<Option<RedirectUri>, ToolError> {
    if source.text("REDIRECT_URI")?.is_some() {
        return Ok(None);
    }
    let found = outputs(arguments)?.text(&["REDIRECT_URI".to_owned()]);
    let Some((uri, file)) = found else {
        return Ok(None);
    };
    let wrong = |why| ToolError::WrongUse(format!("{file}: REDIRECT_URI: {why}"));
    RedirectUri::parse(&uri).map(Some).map_err(wrong)
}

/// What bootstraps left.
fn outputs(arguments: &Arguments) -> Result<Outputs, ToolError> {
    let names = match &arguments.from {
        Some(name) => vec![name.as_str()],
        None => OUTPUTS.to_vec(),
    };
    Outputs::read(&arguments.out, &names, arguments.from.is_some())
        .map_err(|error| ToolError::WrongUse(error.to_string()))
}

/// The endpoint and the issuer that a bootstrap wrote down.
fn from_outputs(arguments: &Arguments) -> Result<(Option<Url>, Option<String>), ToolError> {
    let outputs = outputs(arguments)?;
    let text = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        outputs.text(&names)
    };
    let url = match text(&["CLIENT_REGISTRATION_URL"]) {
        Some((url, file)) => Some(wellformed(&url, &file)?),
        None => None,
    };
    let issuer = text(&["ISSUER", "OKTA_AZ_SERVER_ISSUER"]).map(|(issuer, _)| issuer);
    Ok((url, issuer))
}

fn wellformed(url: &str, from: &str) -> Result<Url, ToolError> {
    check_url(url).map_err(|error| {
        let url = printable(url, 200);
        ToolError::WrongUse(format!("{from} names {url}, which is not called: {error}"))
    })
}
