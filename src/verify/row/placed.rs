//! Real tokens: of another kind, in another place, and as they should be.

use super::{Cast, Row, Shows, holder};
use crate::{
    oauth::{Scopes, Secret},
    verify::{access::Standing, fault::Fault},
};

/// Other tokens of the same issuer in an access token's place.
pub(super) fn other_kinds(cast: &Cast<'_>) -> Vec<Row> {
    let holdings = cast.holdings;
    [
        ("id-token", "an ID token in its place", &holdings.id_token),
        (
            "refresh-token",
            "a refresh token in its place",
            &holdings.refresh_token,
        ),
    ]
    .into_iter()
    .map(|(id, title, token)| Row {
        forged: false,
        ..Row::forged(id, title, Fault::Kind, token.clone())
    })
    .collect()
}

/// A real token where none belongs, two of them, and the scheme in other letters.
pub(super) fn other_places(cast: &Cast<'_>) -> Vec<Row> {
    let strongest = cast.holdings.strongest();
    let token = strongest.map(|held| held.access_token.clone());
    let junk = Secret::new("Bearer junk");
    let bearer = |token: &Secret| Secret::new(format!("Bearer {}", token.expose()));
    let misplaced = |id: &str, title: &str, shows: Result<Shows, String>| Row {
        shows,
        ..Row::new(id, title, Standing::Misplaced, Fault::Place)
    };
    let in_query = token.clone().map(|token| Shows {
        query: Some(token.clone()),
        secrets: vec![token],
        ..Shows::default()
    });
    let two = token.clone().map(|token| Shows {
        authorization: vec![junk, bearer(&token)],
        query: None,
        secrets: vec![token],
    });
    let weakest = cast.holdings.weakest();
    let beside = weakest.clone().and_then(|weak| {
        let strong = token.clone()?;
        let mut shows = Shows::bearer(&weak.access_token);
        shows.secrets.push(strong.clone());
        shows.query = Some(strong);
        Ok(shows)
    });
    let (client_id, scopes) = weakest.map_or_else(
        |_| (None, Scopes::default()),
        |weak| (weak.client_id.clone(), weak.scopes.clone()),
    );
    let twofold = Standing::Twofold { client_id, scopes };
    let mut rows = vec![
        misplaced("in-the-query", "a token in the query", in_query),
        misplaced("two-headers", "two tokens: two Authorization headers", two),
        Row {
            shows: beside,
            ..Row::new(
                "header-and-query",
                "two tokens: a weak one in the header, a strong one in the query",
                twofold,
                Fault::Place,
            )
        },
    ];
    for (id, scheme) in [("lower-case", "bearer"), ("upper-case", "BEARER")] {
        let scopes = cast.holdings.strongest().map(|held| held.scopes.clone());
        let client_id = cast
            .holdings
            .strongest()
            .ok()
            .and_then(|held| held.client_id.clone());
        let standing = holder(client_id.as_deref(), &scopes.unwrap_or_default());
        rows.push(Row {
            shows: token.clone().map(|token| Shows::under(scheme, &token)),
            courtesy: true,
            ..Row::new(
                id,
                &format!("the scheme spelt {scheme}"),
                standing,
                Fault::Scheme,
            )
        });
    }
    rows
}

/// Who holds what the blueprint gives.
pub(super) fn holders(cast: &Cast<'_>) -> Vec<Row> {
    let levels = cast
        .holdings
        .levels
        .iter()
        .map(|(name, held)| (name.as_str(), held));
    let machine = cast.holdings.machine.as_ref();
    let machine = machine.map(|(name, held)| (name.as_str(), held));
    levels
        .map(|level| (level, "level"))
        .chain(machine.map(|machine| (machine, "machine")))
        .map(|((name, held), what)| {
            let (client_id, scopes) = held.as_ref().map_or_else(
                |_| (None, Scopes::default()),
                |held| (held.client_id.clone(), held.scopes.clone()),
            );
            let title = match held {
                Ok(held) => format!("{name}: {}", held.scopes),
                Err(_) => name.to_owned(),
            };
            let standing = holder(client_id.as_deref(), &scopes);
            Row {
                shows: held
                    .as_ref()
                    .map(|held| Shows::bearer(&held.access_token))
                    .map_err(Clone::clone),
                everywhere: true,
                ..Row::new(&format!("{what}.{name}"), &title, standing, Fault::Scope)
            }
        })
        .collect()
}
