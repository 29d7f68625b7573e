//! A few lines that tell a person what runs where, and what to do next.

use crate::{blueprint::ClientKind, settings::Settings, stack::Running};
use std::io::Write;

/// `made_token`: the management API's token was made for this start, so it is told here.
pub(super) fn print(settings: &Settings, running: &Running, made_token: bool) {
    let mut out = std::io::stdout();
    for line in lines(settings, running, made_token) {
        let _ = writeln!(out, "{line}"); // the rooms run, whoever reads this or does not
    }
}

fn lines(settings: &Settings, running: &Running, made_token: bool) -> Vec<String> {
    let addresses = &running.addresses;
    let mut lines = vec![String::new()];
    if let Some(web) = &addresses.web {
        lines.push(format!("  Solar System is up. Open {web}"));
        lines.push(String::new());
        lines.push(format!("  web client          {web}"));
    }
    let place = |here: bool| if here { "" } else { "   (yours)" };
    let about_web = settings.runs_web();
    if about_web || settings.runs_idp() {
        let empty = addresses.idp.as_ref().filter(|_| settings.idp.empty);
        lines.push(format!(
            "  identity provider   {}{}",
            empty.unwrap_or(&addresses.issuer), // an empty one has no issuer yet
            place(settings.runs_idp())
        ));
    }
    if about_web || settings.runs_gateway() {
        lines.push(format!(
            "  gateway             {}{}",
            addresses.gateway,
            place(settings.runs_gateway())
        ));
    }
    if let Some(api) = &addresses.api {
        lines.push(format!("  API                 {api}"));
    }
    if !running.people.is_empty() {
        lines.push(String::new());
        lines.push(
            "  Demo people (the embedded identity provider is for demos and tests only):"
                .to_owned(),
        );
        lines.extend(running.people.iter().map(|person| {
            let groups = person.groups.join(", ");
            format!(
                "    {:<16} {:<20} {groups}",
                person.login,
                person.password.expose()
            )
        }));
    }
    lines.extend(clients(settings, running));
    lines.extend(empty(settings, running, made_token));
    if settings.runs_web() {
        lines.push(String::new());
        lines.push("  Press \"authenticate\" at a level, sign in, then ask the gateway with a show-me button.".to_owned());
    }
    lines.push("  Ctrl-C ends it.".to_owned());
    lines.push(String::new());
    lines
}

/// What the embedded provider's clients need to be told, if anybody is to use them from elsewhere. A
/// secret that was set is never printed.
fn clients(settings: &Settings, running: &Running) -> Vec<String> {
    if !settings.runs_idp() || settings.idp.empty {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let machines = settings
        .blueprint
        .clients
        .iter()
        .filter(|client| client.kind == ClientKind::Machine);
    for machine in machines.filter(|_| settings.web.machine.client_secret.is_none()) {
        let secret = running.clients.iter().find(|(id, _)| *id == machine.id);
        if let Some((id, secret)) = secret {
            lines.push("  Its machine client, with a secret for this start (MACHINE_CLIENT_SECRET sets one):".to_owned());
            lines.push(format!("    {id:<16} {}", secret.expose()));
        }
    }
    if !settings.runs_web() && settings.web.registration.client_secret.is_none() {
        lines.push(
            "  AUTHN_CLIENT_SECRET is not set: no web client elsewhere can authenticate here."
                .to_owned(),
        );
    }
    lines
}

/// What an empty provider needs next: somebody who puts something into it.
fn empty(settings: &Settings, running: &Running, made_token: bool) -> Vec<String> {
    let Some(origin) = running
        .addresses
        .idp
        .as_ref()
        .filter(|_| settings.idp.empty)
    else {
        return Vec::new();
    };
    let mut lines = vec![String::new()];
    let state = settings.idp.state.as_ref();
    lines.push(match state {
        Some(path) => format!("  It holds what {} keeps.", path.display()),
        None => "  It is empty: no people, clients or authorization server, and of groups only Everyone."
            .to_owned(),
    });
    let token = settings.idp.api_token.as_ref();
    match token.filter(|_| made_token) {
        Some(token) => {
            lines.push(
                "  Its management API takes this token, made for this start (OKTA_API_TOKEN sets one):"
                    .to_owned(),
            );
            lines.push(format!("    OKTA_API_TOKEN={}", token.expose()));
        }
        None => lines.push("  Its management API takes the token in OKTA_API_TOKEN.".to_owned()),
    }
    lines.push("  Next, in another terminal, with that token in OKTA_API_TOKEN:".to_owned());
    lines.push(format!(
        "    OKTA_TENANT={origin} solar-system bootstrap standard"
    ));
    lines
}
