//! Groups, and the demo people in them, each with a password of their own.

use super::{Writer, group_entries};
use crate::{
    blueprint::{Blueprint, Level, User},
    settings::variable_prefix,
};
use serde_json::{Value, json};

pub(super) fn write(writer: &mut Writer, blueprint: &Blueprint) {
    groups(writer, blueprint);
    let mut written: Vec<&str> = Vec::new();
    for level in &blueprint.levels {
        let entry = variable_prefix(&level.name);
        let person = match best_of(blueprint, level) {
            Some(user) => {
                written.push(&user.login);
                known(user)
            }
            None => Person {
                groups: std::slice::from_ref(&level.group),
                ..invented()
            },
        };
        person.write(writer, blueprint, &entry);
    }
    let others = blueprint.users.iter();
    let others = others.filter(|user| !written.contains(&user.login.as_str()));
    for (place, user) in others.enumerate() {
        known(user).write(writer, blueprint, &format!("OTHER_{}", place + 1));
    }
}

fn groups(writer: &mut Writer, blueprint: &Blueprint) {
    let entries = group_entries(blueprint);
    for level in &blueprint.levels {
        let own = format!("{}_GROUP", variable_prefix(&level.name));
        let entry = entries.iter().find(|(group, _)| *group == level.group);
        let entry = entry.map_or(own.as_str(), |(_, entry)| entry);
        if entry == own {
            writer.object(
                entry,
                "okta:user_group",
                "Who is in this group has the level.",
                &json!({
                    "profile": {
                        "name": format!("{} {{{{TAG}}}}", level.group),
                        "description": level.sentence,
                    },
                }),
            );
        }
        writer.text(&format!("{own}_ID"), &format!("{{{{{entry}.id}}}}"));
    }
}

/// The first person whose highest level this is.
fn best_of<'b>(blueprint: &'b Blueprint, level: &Level) -> Option<&'b User> {
    let highest = |user: &&User| {
        let mut levels = blueprint.levels.iter().rev();
        let theirs = levels.find(|level| user.groups.contains(&level.group));
        theirs.is_some_and(|theirs| theirs.name == level.name)
    };
    blueprint.users.iter().find(highest)
}

struct Person<'b> {
    first_name: &'b str,
    last_name: &'b str,
    email: String,
    login: String,
    groups: &'b [String],
}

/// A login is an e-mail address, and the only one of its tenant: the tag makes it so.
fn known(user: &User) -> Person<'_> {
    let name = user.login.split('@').next().unwrap_or_default();
    let domain = user.email.rsplit('@').next().unwrap_or_default();
    Person {
        first_name: &user.given_name,
        last_name: &user.family_name,
        email: user.email.clone(),
        login: format!("{name}.{{{{TAG}}}}@{domain}"),
        groups: &user.groups,
    }
}

/// For a level that none of the blueprint's people has as their highest.
fn invented() -> Person<'static> {
    Person {
        first_name: "{{GENERATE_FIRSTNAME}}",
        last_name: "{{GENERATE_LASTNAME}}",
        email: "{{FIRSTNAME}}.{{LASTNAME}}@example.com".to_owned(),
        login: "{{FIRSTNAME}}.{{LASTNAME}}.{{TAG}}@example.com".to_owned(),
        groups: &[],
    }
}

impl Person<'_> {
    fn write(&self, writer: &mut Writer, blueprint: &Blueprint, entry: &str) {
        writer.text(&format!("{entry}_PASSWORD"), "{{GENERATE_PASSWORD}}");
        let entries = group_entries(blueprint);
        let theirs = entries
            .iter()
            .filter(|(group, _)| self.groups.iter().any(|own| own == group));
        let groups: Vec<Value> = theirs
            .map(|(_, group)| json!(format!("{{{{{group}.id}}}}")))
            .collect();
        writer.object(
            &format!("{entry}_USER"),
            "okta:user",
            "A demo person.",
            &json!({
                "profile": {
                    "firstName": self.first_name,
                    "lastName": self.last_name,
                    "email": self.email,
                    "login": self.login,
                },
                "credentials": {
                    "password": { "value": format!("{{{{{entry}_PASSWORD}}}}") },
                    // Without one, the first sign-in stops at a page that asks for it. Nobody knows
                    // the answer, so that it opens nothing.
                    "recovery_question": {
                        "question": "Who made this demo person up?",
                        "answer": "{{GENERATE_PASSWORD}}",
                    },
                },
                "groupIds": groups,
            }),
        );
    }
}
