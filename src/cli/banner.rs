//! A few lines that tell a person what runs where, and what to do next.

use crate::{blueprint::ClientKind, settings::Settings, stack::Running};

pub(super) fn print(settings: &Settings, running: &Running) {
    for line in lines(settings, running) {
        println!("{line}");
    }
}

fn lines(settings: &Settings, running: &Running) -> Vec<String> {
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
        lines.push(format!(
            "  identity provider   {}{}",
            addresses.issuer,
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
    if !settings.runs_idp() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let machines = settings
        .blueprint
        .clients
        .iter()
        .filter(|client| client.kind == ClientKind::Machine);
    for machine in machines.filter(|_| settings.idp.machine_secret.is_none()) {
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
