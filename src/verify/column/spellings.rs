//! Other ways to write a protected path. A gateway and the API behind it may read them differently,
//! and whoever finds one that the gateway lets by and the API understands is in.

use super::{Column, Kind, method_of, path_of};
use crate::{blueprint::Resource, verify::access::Access};

/// The spellings of one resource. What the blueprint names by itself is left out.
pub(super) fn of(
    access: &Access,
    index: usize,
    resource: &Resource,
    open: Option<&Resource>,
) -> Vec<Column> {
    let path = path_of(resource);
    let method = method_of(resource);
    let beside = open.map_or_else(|| "/x".to_owned(), path_of);
    spell(&path, &beside)
        .into_iter()
        .filter(|(_, target)| {
            let bare = target.split('?').next().unwrap_or_default();
            !access.names(bare) || target.contains('?')
        })
        .map(|(name, target)| Column {
            id: format!("spelling.{}.{name}", resource.name),
            title: format!("{method} {target}"),
            kind: Kind::Spelling,
            method: method.clone(),
            target,
            headers: Vec::new(),
            resource: Some(index),
        })
        .collect()
}

/// `path` in other words; `beside` is a path that anybody may see.
fn spell(path: &str, beside: &str) -> Vec<(&'static str, String)> {
    let name = path.trim_start_matches('/');
    let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
    let hex = |text: &str| {
        let bytes = text.bytes().map(|byte| format!("%{byte:02x}"));
        bytes.collect::<Vec<_>>().concat()
    };
    let upper = path.to_ascii_uppercase();
    let mut all = vec![
        ("with-a-query", format!("{path}?x=1")),
        ("dot", format!("/./{name}")),
        ("dots", format!("/x/../{name}")),
        ("dots-beside-an-open-path", format!("{beside}/../{name}")),
        ("encoded-dots", format!("{beside}/%2e%2e/{name}")),
        ("encoded-slashes", format!("{beside}%2f..%2f{name}")),
        ("encoded-slash-and-dots", format!("{beside}/..%2f{name}")),
        ("double-encoded-dots", format!("{beside}/%252e%252e/{name}")),
        ("dots-and-a-semicolon", format!("{beside}/..;/{name}")),
        ("backslash", format!("{beside}/..\\{name}")),
        ("doubled-slash", format!("//{name}")),
        ("encoded-slash-first", format!("/%2f{name}")),
        ("slash-behind", format!("{path}/")),
        ("encoded-slash-behind", format!("{path}%2f")),
        ("dot-behind", format!("{path}/.")),
        ("parameter", format!("{path};x=1")),
        ("parameter-first", format!("/;x=1/{name}")),
        ("encoded-letter", format!("/{}{rest}", hex(first))),
        (
            "double-encoded-letter",
            format!("/{}{rest}", hex(first).replace('%', "%25")),
        ),
        ("encoded-null", format!("{path}%00")),
        ("encoded-blank", format!("{path}%20")),
        ("encoded-line-end", format!("{path}%0a")),
        ("encoded-question-mark", format!("{path}%3fx")),
        ("encoded-fragment", format!("{path}%23x")),
        ("overlong-slash", format!("{beside}%c0%af..%c0%af{name}")),
        ("extension", format!("{path}.json")),
        ("below", format!("{path}/x")),
        ("longer", format!("{path}x")),
    ];
    if upper != path {
        all.push(("upper-case", upper));
    }
    all
}
