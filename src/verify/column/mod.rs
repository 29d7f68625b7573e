//! Where is asked: every resource, other spellings of the protected ones, other methods, forged
//! headers, and paths that no rule names.

mod headers;
mod spellings;

pub(super) use headers::FORGED_NAME;

use super::access::Access;
use crate::blueprint::{Resource, Takes};

/// A column of the matrix: one request, but for what the caller shows.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The same in every run of a blueprint.
    pub(super) id: String,
    /// For people.
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) method: String,
    /// Path and query below the gateway's base, as they are written.
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The place in the blueprint of the resource that is asked, or that must not be reached.
    pub(super) resource: Option<usize>,
}

/// What a column is about, which decides what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A resource, asked as the blueprint has it.
    Resource,
    /// Another spelling of a protected resource's path, or a path beside it.
    Spelling,
    /// A path that no rule names.
    Unnamed,
    /// A method that no rule names for this path, or one that follows another (HEAD).
    Method,
    /// A protected resource, with headers that say who asks.
    Identity,
    /// An open resource, with headers that name a protected one.
    Rewrite,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Resource => "resources",
            Self::Spelling => "other spellings of protected paths",
            Self::Unnamed => "paths that no rule names",
            Self::Method => "other methods",
            Self::Identity => "forged identity headers",
            Self::Rewrite => "forged rewriting headers",
        }
    }

    /// Whether it is an attempt to get past the gateway by forgery: elsewhere than on loopback that
    /// wants a word of consent.
    pub(super) fn is_forged(self) -> bool {
        matches!(self, Self::Identity | Self::Rewrite)
    }
}

/// All columns of a blueprint.
pub(super) fn all(access: &Access) -> Vec<Column> {
    let resources = access.resources();
    let mut columns: Vec<Column> = resources.iter().enumerate().map(of_resource).collect();
    let protected: Vec<(usize, &Resource)> = resources
        .iter()
        .enumerate()
        .filter(|(_, resource)| resource.takes != Takes::Open)
        .collect();
    let open = resources
        .iter()
        .find(|resource| resource.takes == Takes::Open);
    for (index, resource) in &protected {
        columns.extend(spellings::of(access, *index, resource, open));
    }
    columns.extend(unnamed(access));
    for (place, (index, resource)) in protected.iter().enumerate() {
        let same_path = |(_, other): &(usize, &Resource)| other.path == resource.path;
        if !protected[..place].iter().any(same_path) {
            columns.extend(methods(access, *index, resource));
        }
    }
    for (index, resource) in &protected {
        columns.extend(headers::identity(*index, resource));
        if let Some(open) = open {
            columns.push(headers::rewrite(*index, resource, open));
        }
    }
    columns
}

fn of_resource((index, resource): (usize, &Resource)) -> Column {
    let method = method_of(resource);
    let target = path_of(resource);
    Column {
        id: format!("resource.{}", resource.name),
        title: format!("{method} {target}"),
        kind: Kind::Resource,
        method,
        target,
        headers: Vec::new(),
        resource: Some(index),
    }
}

/// The method that a resource is asked with.
fn method_of(resource: &Resource) -> String {
    match resource.method.as_str() {
        "*" => "GET".to_owned(),
        method => method.to_owned(),
    }
}

/// A path of a resource: its own, or one below a wildcard.
fn path_of(resource: &Resource) -> String {
    match resource.path.strip_suffix('*') {
        Some(above) => format!("{above}verify"),
        None => resource.path.clone(),
    }
}

fn unnamed(access: &Access) -> Vec<Column> {
    [
        "/",
        "/no-such-resource",
        "/no/such/resource",
        "/.well-known/nothing",
    ]
    .into_iter()
    .filter(|path| !access.names(path))
    .map(|path| Column {
        id: format!("unnamed.{path}"),
        title: format!("GET {path}"),
        kind: Kind::Unnamed,
        method: "GET".to_owned(),
        target: path.to_owned(),
        headers: Vec::new(),
        resource: None,
    })
    .collect()
}

fn methods(access: &Access, index: usize, resource: &Resource) -> Vec<Column> {
    let named = access.methods_at(&resource.path);
    let all = [
        "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "FROB",
    ];
    let is_taken = |method: &&str| {
        let any = named.contains(&"*")
            && !matches!(*method, "HEAD" | "OPTIONS" | "TRACE" | "get" | "FROB");
        any || named.contains(method)
    };
    let target = path_of(resource);
    all.into_iter()
        .filter(|method| !is_taken(method))
        .filter(|method| *method != "HEAD" || method_of(resource) == "GET")
        .map(|method| Column {
            id: format!("method.{}.{method}", resource.name),
            title: format!("{method} {target}"),
            kind: Kind::Method,
            method: method.to_owned(),
            target: target.clone(),
            headers: Vec::new(),
            resource: Some(index),
        })
        .collect()
}

#[cfg(test)]
mod tests;
