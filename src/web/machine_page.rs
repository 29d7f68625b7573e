//! The machine's part of the pages: its card on the home page, and how it got its token.

use super::{
    app::App,
    chips::{self, Scopes3, chips, machine_path},
    home_view::resource,
    machine::{self, NoToken, TokenStep},
    page::{
        FlightPage, Life, MachineResource, MachineView, NextStep, TokenKind, TokenStepView,
        TokenView, Verdict, VerdictKind, claims,
    },
    shown_page::{Told, message},
    visit::Visit,
};
use crate::{
    blueprint::Resource,
    calls::TokenRefusal,
    flight::{Hop, Message},
    net::FetchError,
    oauth::Scopes,
};
use axum::http::StatusCode;
use url::form_urlencoded;

/// The blueprint's machine, what only its scopes open, and what it would ask for.
pub(super) fn panel(app: &App) -> Option<MachineView> {
    let client = machine::client(app)?;
    let has_secret = app.config.machine.is_some();
    let provider = app.directory.known();
    let endpoint = provider.map(|provider| provider.metadata.token_endpoint.to_string());
    let lines = endpoint.as_ref().map(|endpoint| {
        vec![
            "# the secret stands on the console, or with whoever registered the client".to_owned(),
            "solar-system token".to_owned(),
            "# or step by step".to_owned(),
            format!(
                "curl -u '{}:SECRET' -d grant_type=client_credentials -d scope='{}' \\",
                client.id, client.scopes
            ),
            format!("  {endpoint}"),
        ]
    });
    let scope: String =
        form_urlencoded::byte_serialize(client.scopes.to_string().as_bytes()).collect();
    Some(MachineView {
        name: client.id.clone(),
        sentence: "A program that gets a token for itself, by client credentials (RFC 6749, section 4.4): nobody is asked for a password, and the access token is about the program.".to_owned(),
        scope: chips(app, &client.scopes),
        request: vec![
            format!("POST {}", endpoint.unwrap_or_else(|| "/token, at the provider".to_owned())),
            "authorization: Basic [client id and secret]".to_owned(),
            String::new(),
            format!("grant_type=client_credentials&scope={scope}"),
        ],
        resources: machine::resources(app)
            .map(|one| MachineResource {
                resource: resource(app, one),
                action: has_secret.then(|| machine_path(&one.name)),
            })
            .collect(),
        needs: (!has_secret).then(|| {
            "To ask as the machine from here, set MACHINE_CLIENT_ID and MACHINE_CLIENT_SECRET to a client that the provider has registered for client credentials. Where this app is not on your own machine alone, MACHINE_ON_HOME_PAGE=true too: whoever opens this page may then ask as the machine.".to_owned()
        }),
        lines: lines.unwrap_or_default(),
    })
}

/// How the machine got the token that was sent.
pub(super) fn token_step(app: &App, step: &TokenStep) -> TokenStepView {
    let now = app.config.clock.now();
    let (asked, came_back) = messages(&step.hop);
    let (got, ends) = step.life;
    TokenStepView {
        asked,
        came_back,
        token: TokenView {
            title: "The machine's access token".to_owned(),
            kind: match &step.inside {
                Some(inside) => TokenKind::Jwt {
                    header: claims::rows(&inside.header, now),
                    claims: claims::rows(&inside.claims, now),
                },
                None => TokenKind::Opaque,
            },
            life: ends.map(|ends| Life::of(Some(got), ends, now)),
            scopes: chips(app, &step.granted),
            note: if step.reused {
                "It is about the machine, and not about you. It was got for an earlier request, as shown here, and is used again until shortly before it ends; your session knows nothing of it."
            } else {
                "It is about the machine, and not about you. It is used again until shortly before it ends; your session knows nothing of it."
            }
            .to_owned(),
        },
    }
}

/// The page of a token call that led nowhere.
pub(super) fn tell(app: &App, visit: &Visit, call: &NoToken) -> Told {
    let reason = call.refusal.reason();
    let (kind, status) = match &call.refusal {
        TokenRefusal::Error { .. } => (VerdictKind::Refused, StatusCode::BAD_GATEWAY),
        TokenRefusal::Fetch(FetchError::TimedOut(_)) => {
            (VerdictKind::Failed, StatusCode::GATEWAY_TIMEOUT)
        }
        _ => (VerdictKind::Failed, StatusCode::BAD_GATEWAY),
    };
    let resource = app.config.blueprint.resource(&call.resource);
    let (asked, came_back) = messages(&call.hop);
    let mut next = vec![NextStep::advice(reason.change)];
    next.extend(resource.map(|resource| once_more(app, resource)));
    next.push(NextStep::link(
        "All levels and resources.",
        "/",
        "go to the home page",
    ));
    let why = resource.map(|resource| {
        let scopes = Scopes3 {
            asked: call.asked.clone(),
            granted: Scopes::default(),
            needed: App::needed(resource),
        };
        chips::why(app, &scopes)
    });
    let page = FlightPage {
        chrome: visit.chrome(),
        verdict: Verdict {
            kind,
            sentence: format!("{}.", reason.heading),
        },
        answer: None,
        token: None,
        before: Vec::new(),
        asked,
        came_back,
        after: Vec::new(),
        meaning: vec![
            reason.meaning.to_owned(),
            format!(
                "Who refused: {}. The rule: {}.",
                reason.who.words(),
                reason.rule
            ),
            format!("What was seen: {}.", call.refusal),
            "Without a token the gateway was not asked.".to_owned(),
        ],
        why,
        next,
        correlation: call.correlation.clone(),
        remote_gateway: false,
    };
    Told {
        status,
        page,
        retry_after: None,
    }
}

/// A button that lets the machine ask again, or the way to let it.
pub(super) fn once_more(app: &App, resource: &Resource) -> NextStep {
    let name = machine::client(app).map_or("the machine", |client| client.id.as_str());
    NextStep::post(
        "Let the machine ask once more.",
        machine_path(&resource.name),
        format!("ask as {name}"),
        None,
    )
}

fn messages(hop: &Hop) -> (super::page::MessageView, Option<super::page::MessageView>) {
    let came_back = |came: &Message| message(came, "token endpoint to web client", false);
    (
        message(&hop.asked, "web client to token endpoint", false),
        hop.came_back.as_ref().map(came_back),
    )
}
