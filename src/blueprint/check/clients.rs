//! The programs that are registered at the identity provider.

use super::{Checked, Once, at, document, people::known_groups, refuse, values::scopes, word};
use crate::blueprint::{
    model::{Client, ClientKind, Level, User},
    tenant::user_id,
};

pub(super) fn all(
    documents: &[document::Client],
    levels: &[Level],
    users: &[User],
) -> Checked<Vec<Client>> {
    let mut ids = Once::default();
    let clients = documents
        .iter()
        .map(|document| {
            ids.note("client", &document.id)?;
            not_a_user(document, users)?;
            one(document, levels)
        })
        .collect::<Checked<Vec<_>>>()?;
    if clients.iter().any(|client| client.kind == ClientKind::App) {
        return Ok(clients);
    }
    refuse(
        usize::MAX,
        "no [[client]] has kind = \"app\": the app that signs people in must be registered",
    )
}

fn one(document: &document::Client, levels: &[Level]) -> Checked<Client> {
    let id = word("client", &document.id)?;
    let what = format!("client {id:?}");
    let kind = match document.kind.get_ref().as_str() {
        "app" => ClientKind::App,
        "introspection" => ClientKind::Introspection,
        "machine" => ClientKind::Machine,
        other => {
            return refuse(
                at(&document.kind),
                format!(
                    "{what} is of kind {other:?}: write \"app\", \"introspection\" or \"machine\""
                ),
            );
        }
    };
    let client = Client {
        name: word(&format!("{what}, name"), &document.name)?,
        scopes: scopes(&what, &document.scopes)?,
        groups: known_groups(&what, &document.groups, levels)?,
        kind,
        id,
    };
    fits_its_kind(document, &client)?;
    Ok(client)
}

/// What is given but means nothing for this kind would be believed to mean something.
fn fits_its_kind(document: &document::Client, client: &Client) -> Checked<()> {
    let wrong = match client.kind {
        ClientKind::App if client.groups.is_empty() => {
            "an app without groups lets nobody sign in: add groups"
        }
        ClientKind::Machine if client.scopes.is_empty() => {
            "a machine without scopes may ask for nothing: add scopes"
        }
        ClientKind::Machine if client.scopes.contains("openid") => {
            "a machine signs nobody in: leave \"openid\" out"
        }
        ClientKind::Machine if !client.groups.is_empty() => {
            "a machine is in no group: leave groups out"
        }
        ClientKind::Introspection if !(client.scopes.is_empty() && client.groups.is_empty()) => {
            "a client that introspects asks for no token: leave scopes and groups out"
        }
        _ => return Ok(()),
    };
    refuse(
        at(&document.kind),
        format!("client {:?}: {wrong}", client.id),
    )
}

/// A client that is named like a user could be taken for that user (RFC 9068, section 5).
fn not_a_user(document: &document::Client, users: &[User]) -> Checked<()> {
    let id = document.id.get_ref();
    match users
        .iter()
        .find(|user| user.login.eq_ignore_ascii_case(id) || user_id(&user.login) == *id)
    {
        None => Ok(()),
        Some(user) => refuse(
            at(&document.id),
            format!(
                "client {id:?} has the name of user {:?}: give it another id",
                user.login
            ),
        ),
    }
}
