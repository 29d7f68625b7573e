//! A provider in memory, which can fail at any step, before or after it did what it was asked.

use crate::bootstrap::{
    Difference, Existing, Made, Tagged, Target, TargetError, Wanted, contains_word,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard};

/// An object of the provider's.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) endpoint: Option<String>,
    pub(super) value: Value,
    pub(super) groups: Vec<String>,
}

/// When a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Nothing was done.
    Before,
    /// It was done, and nobody heard of it.
    After,
    /// What an earlier run had sent arrives first, and ours is refused as the second of its name.
    Late,
    /// It was made, and the rest was not done.
    Half,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) things: Vec<Thing>,
    /// Every write, as it was asked.
    pub(super) writes: Vec<String>,
    pub(super) reads: usize,
    /// The write that fails, counted from 1.
    pub(super) fails: Option<(usize, When)>,
    /// What the provider says when it fails.
    pub(super) says: String,
    pub(super) warnings: Vec<String>,
    number: usize,
}

/// The provider.
#[derive(Debug, Default)]
pub(super) struct Fake {
    state: Mutex<State>,
    pub(super) tenant: String,
}

impl Fake {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            tenant: "https://fake.example".to_owned(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Names of all that is there.
    pub(super) fn names(&self) -> Vec<String> {
        let state = self.state();
        let mut names: Vec<String> = state
            .things
            .iter()
            .map(|thing| name(&thing.value))
            .collect();
        names.sort();
        names
    }

    /// Somebody else makes something.
    pub(super) fn plant(&self, class: &str, endpoint: Option<&str>, value: Value) -> String {
        self.state().add(class, endpoint, value, &[]).id
    }

    fn write(&self, what: String, work: impl FnOnce(&mut State)) -> Result<(), TargetError> {
        let mut state = self.state();
        state.writes.push(what);
        let now = state.writes.len();
        let when = state.fails.take_if(|(at, _)| *at == now);
        let when = when.map(|(_, when)| when);
        if when != Some(When::Before) {
            work(&mut state);
        }
        match when {
            None => Ok(()),
            Some(_) => Err(TargetError::Refused {
                method: "POST".to_owned(),
                path: "/fake".to_owned(),
                status: if when == Some(When::Late) { 400 } else { 500 },
                message: state.says.clone(),
            }),
        }
    }
}

impl State {
    fn add(
        &mut self,
        class: &str,
        endpoint: Option<&str>,
        mut value: Value,
        groups: &[String],
    ) -> Thing {
        self.number += 1;
        let id = format!("id{}", self.number);
        let members = value.as_object_mut().unwrap();
        members.remove("credentials");
        members.insert("id".to_owned(), json!(id));
        if class == "okta:client" {
            members.insert("client_id".to_owned(), json!(id));
            let secret = format!("secret-{}", self.number);
            members.insert("client_secret".to_owned(), json!(secret));
        }
        if class == "okta:authz_server" {
            members.insert(
                "issuer".to_owned(),
                json!(format!("https://fake.example/{id}")),
            );
        }
        let thing = Thing {
            id,
            class: class.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            value,
            groups: groups.to_vec(),
        };
        self.things.push(thing.clone());
        thing
    }
}

pub(super) fn name(value: &Value) -> String {
    let places = ["/profile/name", "/profile/login", "/client_name", "/name"];
    let mut found = places.iter().filter_map(|place| value.pointer(place));
    found
        .next()
        .and_then(Value::as_str)
        .unwrap_or("")
        .to_owned()
}

fn existing(thing: &Thing, with_secret: bool) -> Existing {
    let mut value = thing.value.clone();
    if !with_secret {
        value.as_object_mut().unwrap().remove("client_secret");
    }
    Existing {
        id: thing.id.clone(),
        value,
    }
}

#[async_trait]
impl Target for Fake {
    fn tenant(&self) -> &str {
        &self.tenant
    }

    async fn test(&self) -> Result<String, TargetError> {
        Ok("somebody".to_owned())
    }

    async fn find(&self, wanted: &Wanted) -> Result<Option<Existing>, TargetError> {
        let mut state = self.state();
        state.reads += 1;
        let same = |thing: &&Thing| {
            thing.class == wanted.class
                && thing.endpoint == wanted.endpoint
                && name(&thing.value) == name(&wanted.body)
        };
        let found = state.things.iter().find(same);
        Ok(found.map(|thing| existing(thing, false)))
    }

    async fn read(&self, _wanted: &Wanted, id: &str) -> Result<Option<Existing>, TargetError> {
        let mut state = self.state();
        state.reads += 1;
        let found = state.things.iter().find(|thing| thing.id == id);
        Ok(found.map(|thing| existing(thing, false)))
    }

    fn differences(&self, wanted: &Wanted, existing: &Existing) -> Vec<Difference> {
        let members = wanted.body.as_object().unwrap().iter();
        let other = members.filter(|(member, wanted)| {
            *member != "credentials" && existing.value.get(*member) != Some(*wanted)
        });
        let difference = |(member, wanted): (&String, &Value)| Difference {
            at: format!("/{member}"),
            wanted: wanted.to_string(),
            found: existing
                .value
                .get(member)
                .unwrap_or(&Value::Null)
                .to_string(),
        };
        other.map(difference).collect()
    }

    async fn create(&self, wanted: &Wanted) -> Result<Existing, TargetError> {
        let parent = wanted.endpoint.as_deref().unwrap_or_default();
        let parent = parent.split('/').find(|segment| segment.starts_with("id"));
        if let Some(parent) = parent {
            assert!(self.state().things.iter().any(|thing| thing.id == parent));
        }
        let what = format!("create {} {}", wanted.name, wanted.body);
        let mut made = None;
        let is_half = matches!(self.state().fails, Some((_, When::Half)));
        let written = self.write(what, |state| {
            let endpoint = wanted.endpoint.as_deref();
            made = Some(state.add(&wanted.class, endpoint, wanted.body.clone(), &wanted.groups));
        });
        if let (Err(cause), true, Some(thing)) = (&written, is_half, &made) {
            return Err(TargetError::Unfinished {
                existing: Box::new(existing(thing, true)),
                cause: Box::new(TargetError::NotAsWanted {
                    name: wanted.name.clone(),
                    problem: cause.to_string(),
                }),
            });
        }
        written?;
        Ok(existing(&made.unwrap(), true))
    }

    async fn update(&self, wanted: &Wanted, before: &Existing) -> Result<Existing, TargetError> {
        self.write(format!("update {}", wanted.name), |state| {
            let mut things = state.things.iter_mut();
            let thing = things.find(|thing| thing.id == before.id).unwrap();
            for (member, value) in wanted.body.as_object().unwrap() {
                if member != "credentials" {
                    thing.value[member] = value.clone();
                }
            }
        })?;
        Ok(self.read(wanted, &before.id).await?.unwrap())
    }

    async fn adopt(&self, wanted: &Wanted, found: Existing) -> Result<Existing, TargetError> {
        self.write(format!("adopt {}", wanted.name), |state| {
            state.number += 1;
            let secret = format!("secret-{}", state.number);
            let mut things = state.things.iter_mut();
            let thing = things.find(|thing| thing.id == found.id).unwrap();
            thing.groups.clone_from(&wanted.groups);
            if wanted.class == "okta:client" {
                thing.value["client_secret"] = json!(secret);
            }
        })?;
        let state = self.state();
        let thing = state.things.iter().find(|thing| thing.id == found.id);
        Ok(existing(thing.unwrap(), true))
    }

    async fn delete(
        &self,
        class: &str,
        _endpoint: Option<&str>,
        id: &str,
    ) -> Result<bool, TargetError> {
        let mut was_there = false;
        self.write(format!("delete {class} {id}"), |state| {
            let before = state.things.len();
            let below = |thing: &Thing| {
                let endpoint = thing.endpoint.as_deref().unwrap_or_default();
                endpoint.split('/').any(|segment| segment == id)
            };
            state.things.retain(|thing| thing.id != id && !below(thing));
            was_there = state.things.len() < before;
        })?;
        Ok(was_there)
    }

    async fn tagged(&self, tag: &str) -> Result<Vec<Tagged>, TargetError> {
        let state = self.state();
        let tagged = state
            .things
            .iter()
            .filter(|thing| contains_word(&name(&thing.value), tag));
        let rows = tagged.map(|thing| Tagged {
            class: thing.class.clone(),
            endpoint: thing.endpoint.clone(),
            id: thing.id.clone(),
            name: name(&thing.value),
        });
        Ok(rows.collect())
    }

    /// Whoever named it: another run's tag may stand there.
    fn may_share(&self, wanted: &Wanted, existing: &Existing) -> bool {
        let differences = self.differences(wanted, existing);
        wanted.class == "okta:trusted_origin" && differences.iter().all(|one| one.at == "/label")
    }

    async fn probe(&self, made: &[Made]) -> Result<Vec<String>, TargetError> {
        assert!(!made.is_empty());
        Ok(self.state().warnings.clone())
    }
}
