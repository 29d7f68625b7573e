//! From what the file says to what holds: each value by itself, then what one says of another.

mod clients;
mod drawing;
mod people;
mod resources;
mod step_up;
#[cfg(test)]
mod tests;
mod values;

use super::{
    document::{self, Document, Text},
    error::Problem,
    model::{Api, Blueprint, Client, Gateway, Level},
    words,
};
use url::Url;
use values::{Checked, Once, at, refuse, word, words_once};

/// Checks a whole document, in the order in which people read it.
pub(super) fn document(document: &Document) -> Checked<Blueprint> {
    let api = api(&document.api)?;
    let gateway = Gateway {
        clients: words_once("[gateway] clients", &document.gateway.clients)?,
    };
    let resources = resources::all(&document.resources)?;
    let levels = people::levels(&document.levels, &resources)?;
    let users = people::users(&document.users, &levels)?;
    let clients = clients::all(&document.clients, &levels, &users)?;
    every_group_has_an_app(&document.levels, &levels, &clients)?;
    Ok(Blueprint {
        api,
        gateway,
        resources,
        levels,
        users,
        clients,
    })
}

fn api(api: &document::Api) -> Checked<Api> {
    let audience = word("[api] audience", &api.audience)?;
    let url = api.url.as_ref().map(api_url).transpose()?;
    Ok(Api {
        audience,
        description: api.description.clone(),
        url,
    })
}

fn api_url(url: &Text) -> Checked<String> {
    let good = Url::parse(url.get_ref()).is_ok_and(|parsed| {
        matches!(parsed.scheme(), "http" | "https")
            && parsed.username().is_empty()
            && parsed.query().is_none()
            && parsed.fragment().is_none()
    });
    if good {
        return Ok(url.get_ref().clone());
    }
    refuse(
        at(url),
        format!(
            "[api] url {:?} is no address: write one like \"https://api.example.com\", without query and fragment",
            url.get_ref()
        ),
    )
}

/// Without an app that is assigned to a level's group, nobody could ever have that level.
fn every_group_has_an_app(
    documents: &[document::Level],
    levels: &[Level],
    clients: &[Client],
) -> Checked<()> {
    for (document, level) in documents.iter().zip(levels) {
        if !clients
            .iter()
            .any(|client| client.groups.contains(&level.group))
        {
            return refuse(
                at(&document.group),
                format!(
                    "no app is assigned to group {:?} of level {:?}: add the group to the groups of the [[client]] whose kind is \"app\"",
                    level.group, level.name
                ),
            );
        }
    }
    Ok(())
}
