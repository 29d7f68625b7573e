//! Resources: their names, methods, paths and what they take.

use super::{
    Checked, Once, Problem, at, document, drawing, refuse, step_up, values::scopes, word, words,
};
use crate::blueprint::model::{Resource, Takes};
use toml::Spanned;

pub(super) fn all(documents: &[document::Resource]) -> Checked<Vec<Resource>> {
    if documents.is_empty() {
        return refuse(
            usize::MAX,
            "there is no [[resource]]: at least one is needed",
        );
    }
    let mut names = Once::default();
    let mut resources: Vec<Resource> = Vec::with_capacity(documents.len());
    for document in documents {
        names.note("resource", &document.name)?;
        let resource = one(document)?;
        if let Some(other) = resources.iter().find(|other| clash(other, &resource)) {
            return refuse(
                at(&document.path),
                format!(
                    "resource {:?} has {} {}, which resource {:?} has already: change the path or the method",
                    resource.name, resource.method, resource.path, other.name
                ),
            );
        }
        resources.push(resource);
    }
    Ok(resources)
}

fn one(document: &document::Resource) -> Checked<Resource> {
    let name = document.name.get_ref();
    let problem = |at: usize, wrong: &str, value: &str| {
        Problem::new(at, format!("resource {name:?}, {value:?}: {wrong}"))
    };
    if let Some(wrong) = words::wrong_with_name(name) {
        return refuse(at(&document.name), format!("resource {name:?}: {wrong}"));
    }
    let method = document.method.get_ref();
    if let Some(wrong) = words::wrong_with_method(method) {
        return Err(problem(at(&document.method), wrong, method));
    }
    let path = document.path.get_ref();
    if let Some(wrong) = words::wrong_with_path(path) {
        return Err(problem(at(&document.path), wrong, path));
    }
    let answer = document
        .answer
        .iter()
        .map(|entry| word(&format!("resource {name:?} answers"), entry))
        .collect::<Checked<Vec<_>>>()?;
    let drawing = document.drawing.as_ref().map(drawing::one).transpose()?;
    if let Some(drawing) = &drawing {
        drawing::has_all(drawing, name, &document.answer)?;
    }
    let takes = takes(name, &document.takes)?;
    Ok(Resource {
        name: name.clone(),
        method: method.clone(),
        path: path.clone(),
        step_up: step_up::one(document, &takes)?,
        takes,
        show_me: word("show_me", &document.show_me)?,
        answer,
        drawing,
    })
}

fn takes(name: &str, takes: &Spanned<document::Takes>) -> Checked<Takes> {
    let right = "write \"nothing\", \"any token\" or a list of scopes";
    match takes.get_ref() {
        document::Takes::Word(word) => match word.as_str() {
            "nothing" => Ok(Takes::Open),
            "any token" => Ok(Takes::AnyToken),
            other => refuse(
                at(takes),
                format!("resource {name:?} takes {other:?}: {right}"),
            ),
        },
        // an empty list could be read as "nothing" or as "any token": it must be said
        document::Takes::Scopes(names) if names.is_empty() => refuse(
            at(takes),
            format!("resource {name:?} takes an empty list: {right}"),
        ),
        document::Takes::Scopes(names) => {
            scopes(&format!("resource {name:?} takes"), names).map(Takes::Scopes)
        }
    }
}

fn clash(one: &Resource, other: &Resource) -> bool {
    one.path == other.path
        && (one.method == other.method || one.method == "*" || other.method == "*")
}
