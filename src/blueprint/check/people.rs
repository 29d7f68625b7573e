//! Levels and users.

use super::{
    Checked, Once, Text, at, document, refuse,
    values::{one_of, scopes},
    word, words, words_once,
};
use crate::{
    blueprint::model::{Level, Resource, User},
    oauth::Secret,
};

pub(super) fn levels(documents: &[document::Level], resources: &[Resource]) -> Checked<Vec<Level>> {
    if documents.is_empty() {
        return refuse(usize::MAX, "there is no [[level]]: at least one is needed");
    }
    let mut names = Once::default();
    documents
        .iter()
        .map(|document| {
            names.note("level", &document.name)?;
            level(document, resources)
        })
        .collect()
}

fn level(document: &document::Level, resources: &[Resource]) -> Checked<Level> {
    let name = document.name.get_ref();
    if let Some(wrong) = words::wrong_with_name(name) {
        return refuse(at(&document.name), format!("level {name:?}: {wrong}"));
    }
    let shown = words_once(&format!("level {name:?} shows"), &document.resources)?;
    for resource in &document.resources {
        if !resources
            .iter()
            .any(|known| known.name == *resource.get_ref())
        {
            let known = one_of(resources.iter().map(|known| known.name.as_str()));
            return refuse(
                at(resource),
                format!(
                    "level {name:?} shows resource {:?}, which is not defined: {known}",
                    resource.get_ref()
                ),
            );
        }
    }
    let what = format!("level {name:?}");
    let asked = scopes(&what, document.scopes.get_ref())?;
    if !asked.contains("openid") {
        return refuse(
            at(&document.scopes),
            format!(
                "{what} does not ask for \"openid\", without which nobody signs in: add it to scopes"
            ),
        );
    }
    Ok(Level {
        name: name.clone(),
        group: word(&format!("{what}, group"), &document.group)?,
        sentence: document.sentence.clone(),
        scopes: asked,
        resources: shown,
    })
}

pub(super) fn users(documents: &[document::User], levels: &[Level]) -> Checked<Vec<User>> {
    let mut logins = Once::default();
    documents
        .iter()
        .map(|document| {
            logins.note("user", &document.login)?;
            user(document, levels)
        })
        .collect()
}

fn user(document: &document::User, levels: &[Level]) -> Checked<User> {
    let login = word("user", &document.login)?;
    let what = format!("user {login:?}");
    if login.contains(char::is_whitespace) {
        return refuse(
            at(&document.login),
            format!("{what}: a login holds no blank"),
        );
    }
    let email = word(&format!("{what}, email"), &document.email)?;
    if !is_email(&email) {
        return refuse(
            at(&document.email),
            format!("{what}, email {email:?} is no address: write one like \"name@example.com\""),
        );
    }
    Ok(User {
        given_name: word(&format!("{what}, given_name"), &document.given_name)?,
        family_name: word(&format!("{what}, family_name"), &document.family_name)?,
        groups: known_groups(&what, &document.groups, levels)?,
        password: document
            .password
            .as_ref()
            .map(|password| demo_password(&what, password))
            .transpose()?,
        email,
        login,
    })
}

/// Groups, each once and each that of a level.
pub(super) fn known_groups(what: &str, groups: &[Text], levels: &[Level]) -> Checked<Vec<String>> {
    for group in groups {
        if !levels.iter().any(|level| level.group == *group.get_ref()) {
            let mut known: Vec<&str> = levels.iter().map(|level| level.group.as_str()).collect();
            known.dedup();
            return refuse(
                at(group),
                format!(
                    "{what} is in group {:?}, which no level has: {}",
                    group.get_ref(),
                    one_of(known.into_iter())
                ),
            );
        }
    }
    words_once(&format!("{what}, group"), groups)
}

/// The problem names the user, never the password.
fn demo_password(what: &str, password: &Text) -> Checked<Secret> {
    match words::wrong_with_word(password.get_ref()) {
        None => Ok(Secret::new(password.get_ref().clone())),
        Some(wrong) => refuse(
            at(password),
            format!("{what}, password: {wrong}; leave it out for a random one at each start"),
        ),
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@')
    }) && !text.contains(char::is_whitespace)
}
