//! Who signs in at which level.

use super::DemoPerson;
use crate::{
    blueprint::{Blueprint, Level},
    oauth::Secret,
    settings::Settings,
};
use std::collections::BTreeMap;

/// Login and password, by level.
pub type People = BTreeMap<String, (String, Secret)>;

/// `<LEVEL>_USERNAME` and `<LEVEL>_PASSWORD`; where they are not set, the demo person of the level who
/// is in the fewest groups: the level alone should decide.
#[must_use]
pub fn by_level(settings: &Settings, blueprint: &Blueprint, demo: &[DemoPerson]) -> People {
    let of = |level: &Level| {
        let set = settings.web.credentials.get(&level.name);
        let own = |person: &&DemoPerson| {
            let named = set.is_none_or(|set| set.username == person.login);
            named && (set.is_some() || person.groups.contains(&level.group))
        };
        let demo = demo
            .iter()
            .filter(own)
            .min_by_key(|person| person.groups.len());
        let password = set.and_then(|set| set.password.clone());
        let login = set
            .map(|set| set.username.clone())
            .or(demo.map(|person| person.login.clone()))?;
        let password = password.or(demo.map(|person| person.password.clone()))?;
        (!password.is_empty()).then(|| (level.name.clone(), (login, password)))
    };
    blueprint.levels.iter().filter_map(of).collect()
}

/// The blueprint's people with their demo passwords.
#[must_use]
pub fn of_the_blueprint(blueprint: &Blueprint) -> Vec<DemoPerson> {
    let people = blueprint.users.iter().filter_map(|user| {
        Some(DemoPerson {
            login: user.login.clone(),
            password: user.password.clone()?,
            groups: user.groups.clone(),
        })
    });
    people.collect()
}
