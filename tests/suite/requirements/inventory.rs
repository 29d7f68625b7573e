//! `docs/security/inventory.md` says what the source says (COM-22).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use solar_system::blueprint::{Blueprint, Takes};

use super::source::code;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table below a heading, without its head: the cells of each.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/security/inventory.md")).unwrap();
    let (_, below) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = below.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split(" | ");
        cells
            .map(|cell| cell.trim().trim_matches('|').trim().to_owned())
            .collect::<Vec<_>>()
    };
    rows.skip(2).map(cells).collect()
}

fn bare(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn sec_com_22_the_log_s_events_are_those_of_the_source() {
    let mut logged = BTreeSet::new();
    for (path, code) in code() {
        for (place, _) in code.match_indices("tracing::") {
            let rest = &code[place + "tracing::".len()..];
            let level = rest.split('!').next().unwrap();
            if !["error", "warn", "info", "debug", "trace"].contains(&level) {
                continue;
            }
            let call = rest.split(';').next().unwrap();
            if path.to_string_lossy().contains("/bootstrap/") {
                continue; // a tool that talks to who runs it
            }
            let event = call
                .split_once("event = \"")
                .and_then(|(_, rest)| rest.split_once('"'));
            let (event, _) =
                event.unwrap_or_else(|| panic!("{}: no event: {call}", path.display()));
            logged.insert(event.to_owned());
        }
    }
    let written: BTreeSet<String> = table("The log").iter().map(|row| bare(&row[0])).collect();
    let unwritten: Vec<_> = logged.difference(&written).collect();
    let unknown: Vec<_> = written.difference(&logged).collect();
    assert!(
        unwritten.is_empty(),
        "docs/security/inventory.md lacks {unwritten:?}"
    );
    assert!(
        unknown.is_empty(),
        "docs/security/inventory.md has {unknown:?}"
    );
}

#[test]
fn sec_com_22_the_bounds_are_those_of_the_source() {
    let rows = table("Bounds");
    assert!(rows.len() > 30, "{rows:?}");
    for row in &rows {
        let [file, name, value] = [&row[0], &row[1], &row[2]].map(|cell| bare(cell));
        let source = fs::read_to_string(root().join(&file)).unwrap_or_else(|_| panic!("{file}"));
        let named = source.split_once(&format!("const {name}: "));
        let (_, rest) = named.unwrap_or_else(|| panic!("{file} has no {name}"));
        let is = rest.split(';').next().unwrap().split_once(" = ").unwrap().1;
        assert_eq!(is, value, "{file}: {name}");
    }
}

#[test]
fn sec_com_22_every_outgoing_call_of_the_rooms_is_listed_with_its_bound() {
    let rows = table("Outgoing calls");
    let bounds = table("Bounds");
    let listed: BTreeSet<String> = rows.iter().map(|row| bare(&row[2])).collect();
    for (path, code) in code() {
        let path = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let of_rooms = ["src/web", "src/gateway", "src/idp", "src/api", "src/calls"];
        let calls = code
            .replace(char::is_whitespace, "")
            .contains(".send(request,");
        if calls && of_rooms.iter().any(|room| path.starts_with(room)) {
            assert!(
                listed.contains(&path),
                "{path} asks somebody and is not listed"
            );
        }
    }
    for row in &rows {
        let file = bare(&row[2]);
        assert!(root().join(&file).is_file(), "{file}");
        for name in row[3]
            .split(", ")
            .map(bare)
            .filter(|name| !name.starts_with("GATEWAY_"))
        {
            let has = |bound: &Vec<String>| bare(&bound[0]) == file && bare(&bound[1]) == name;
            assert!(
                bounds.iter().any(has),
                "{file}: {name} is not among the bounds"
            );
        }
    }
}

#[test]
fn sec_com_22_who_may_what_is_the_blueprint_s() {
    let rows: Vec<Vec<String>> = table("Who may what");
    let rows: Vec<[String; 3]> = rows
        .iter()
        .map(|row| [bare(&row[0]), bare(&row[1]), row[2].replace('`', "")])
        .collect();
    let resources = Blueprint::default().resources;
    let due: Vec<[String; 3]> = resources
        .iter()
        .map(|resource| {
            let takes = match &resource.takes {
                Takes::Open => "nothing".to_owned(),
                Takes::AnyToken => "any valid access token".to_owned(),
                Takes::Scopes(scopes) => format!("an access token with {scopes}"),
            };
            [resource.method.clone(), resource.path.clone(), takes]
        })
        .collect();
    assert_eq!(rows, due);
}

#[test]
fn sec_com_22_keys_sessions_and_data_are_written_down() {
    for heading in ["Keys and secrets", "Data"] {
        assert!(table(heading).len() > 3, "{heading}");
    }
    let text = fs::read_to_string(root().join("docs/security/inventory.md")).unwrap();
    for secret in [
        "SESSION_SECRET",
        "AUTHN_CLIENT_SECRET",
        "API_KEY",
        "SESSION_MAX_AGE",
    ] {
        assert!(text.contains(secret), "{secret}");
    }
}
