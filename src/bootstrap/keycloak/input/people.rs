//! Groups with their roles, and the demo people in them, each with a password of their own.

use super::Writer;
use crate::blueprint::{Blueprint, Level, User};
use crate::settings::variable_prefix;
use serde_json::{Value, json};

pub(super) fn write(writer: &mut Writer, blueprint: &Blueprint) {
    let mut made: Vec<&str> = Vec::new();
    for level in &blueprint.levels {
        if made.contains(&level.group.as_str()) {
            continue;
        }
        made.push(&level.group);
        let of_group = |other: &&Level| other.group == level.group;
        let roles: Vec<&str> = blueprint
            .levels
            .iter()
            .filter(of_group)
            .map(|other| other.name.as_str())
            .collect();
        writer.object(
            &format!("{}_GROUP", variable_prefix(&level.name)),
            "keycloak:group",
            &level.sentence,
            &json!({
                "name": level.group,
                "attributes": { "tag": ["{{TAG}}"] },
                "realmRoles": roles,
            }),
        );
    }
    let mut written: Vec<&str> = Vec::new();
    for level in &blueprint.levels {
        let entry = variable_prefix(&level.name);
        match best_of(blueprint, level) {
            Some(user) => {
                written.push(&user.login);
                person(writer, &entry, &user.groups, &known(user));
            }
            None => person(
                writer,
                &entry,
                std::slice::from_ref(&level.group),
                &invented(),
            ),
        }
    }
    let others = blueprint
        .users
        .iter()
        .filter(|user| !written.contains(&user.login.as_str()));
    for (place, user) in others.enumerate() {
        person(
            writer,
            &format!("OTHER_{}", place + 1),
            &user.groups,
            &known(user),
        );
    }
}

/// The first person whose highest level this is.
fn best_of<'b>(blueprint: &'b Blueprint, level: &Level) -> Option<&'b User> {
    let highest = |user: &&User| {
        let levels = blueprint.levels.iter().rev();
        let mut theirs = levels.filter(|level| user.groups.contains(&level.group));
        theirs
            .next()
            .is_some_and(|theirs| theirs.name == level.name)
    };
    blueprint.users.iter().find(highest)
}

/// Login, given name, family name and e-mail: without one of them the first sign-in stops at a page
/// that asks for it.
type Names = [String; 4];

fn known(user: &User) -> Names {
    [
        user.login.clone(),
        user.given_name.clone(),
        user.family_name.clone(),
        user.email.clone(),
    ]
}

fn invented() -> Names {
    [
        "{{FIRSTNAME}}.{{LASTNAME}}",
        "{{GENERATE_FIRSTNAME}}",
        "{{GENERATE_LASTNAME}}",
        "{{FIRSTNAME}}.{{LASTNAME}}@example.com",
    ]
    .map(str::to_owned)
}

fn person(writer: &mut Writer, entry: &str, groups: &[String], names: &Names) {
    let [login, given_name, family_name, email] = names;
    writer.text(&format!("{entry}_PASSWORD"), "{{GENERATE_PASSWORD}}");
    let body: Value = json!({
        "firstName": given_name,
        "lastName": family_name,
        "username": login,
        "email": email,
        "emailVerified": true,
        "enabled": true,
        "attributes": { "tag": ["{{TAG}}"] },
        "groups": groups,
        "credentials": [{
            "type": "password",
            "value": format!("{{{{{entry}_PASSWORD}}}}"),
            "temporary": false,
        }],
    });
    writer.object(
        &format!("{entry}_USER"),
        "keycloak:user",
        "A demo person.",
        &body,
    );
    writer.text(
        &format!("{entry}_USERNAME"),
        &format!("{{{{{entry}_USER.username}}}}"),
    );
}
