//! What is said of a rule.

use super::super::policies::{priority_of, status};
use crate::idp::{
    okta::{error::OktaError, input::Problems, reader::Reader},
    org::{AuthorizationServer, Chosen, Lifetimes, Org, People, Policy, Rule, Status},
};
use serde_json::{Map, Value};

const EVERYONE: &str = "EVERYONE";
/// What a rule may name, whether or not there is such a grant here.
const GRANT_TYPES: [&str; 11] = [
    "authorization_code",
    "implicit",
    "password",
    "client_credentials",
    "refresh_token",
    "interaction_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
];

pub(super) struct Given {
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) priority: Option<u32>,
    pub(super) people: People,
    pub(super) grant_types: Vec<String>,
    pub(super) scopes: Vec<String>,
    pub(super) lifetimes: Lifetimes,
}

impl Given {
    pub(super) fn read(
        object: &Map<String, Value>,
        org: &Org,
        server: &AuthorizationServer,
        policy: &Policy,
        id: Option<&str>,
    ) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        reader.required_word("type", &["RESOURCE_ACCESS"]);
        let name = reader.required_text("name", 1..=255);
        if policy
            .rules
            .iter()
            .any(|rule| rule.name == name && Some(rule.id.as_str()) != id)
        {
            reader.wrong(
                "name",
                "An object with this field already exists in the current organization",
            );
        }
        let conditions = reader.object("conditions");
        let people = conditions.object("people");
        let people = People {
            groups: chosen(&people.object("groups"), |id| {
                id == EVERYONE || org.group(id).is_some()
            }),
            users: chosen(&people.object("users"), |id| org.user(id).is_some()),
        };
        let of_conditions = |name: &str, known: &dyn Fn(&str) -> bool| {
            let part = conditions.object(name);
            let given = part.texts("include", 1000).unwrap_or_default();
            if given.is_empty() && !part.is_wrong("include") && !reader.is_wrong("conditions") {
                part.wrong("include", "There must be one at least");
            } else if !given.iter().all(|one| known(one)) {
                part.wrong("include", "One of them does not exist");
            }
            given
        };
        let grant_types = of_conditions("grantTypes", &|name| GRANT_TYPES.contains(&name));
        let scopes = of_conditions("scopes", &|name| {
            name == "*" || server.scope(name).is_some()
        });
        let status = status(&reader);
        let priority = priority_of(&reader);
        let lifetimes = lifetimes(&reader.object("actions").object("token"));
        problems.none().map(|()| Self {
            name,
            status,
            priority,
            people,
            grant_types,
            scopes,
            lifetimes,
        })
    }

    pub(super) fn rule(&self, id: String, created: i64, now: i64) -> Rule {
        Rule {
            id,
            name: self.name.clone(),
            status: self.status,
            priority: 0,
            system: false,
            people: self.people.clone(),
            grant_types: self.grant_types.clone(),
            scopes: self.scopes.clone(),
            lifetimes: self.lifetimes,
            created,
            last_updated: now,
        }
    }
}

fn chosen(reader: &Reader<'_>, is_known: impl Fn(&str) -> bool) -> Chosen {
    let ids = |name: &str| {
        let ids = reader.texts(name, 1000).unwrap_or_default();
        if !ids.iter().all(|id| is_known(id)) {
            reader.wrong(name, "One of them does not exist");
        }
        ids
    };
    Chosen {
        include: ids("include"),
        exclude: ids("exclude"),
    }
}

/// Minutes, within Okta's bounds.
fn lifetimes(token: &Reader<'_>) -> Lifetimes {
    let usual = Lifetimes::default();
    let minutes = |name: &str, low: i64, high: i64, usual: u32| {
        let given = token
            .number(name, low..=high)
            .and_then(|minutes| u32::try_from(minutes).ok());
        given.unwrap_or(usual)
    };
    Lifetimes {
        access_token: minutes("accessTokenLifetimeMinutes", 5, 1440, usual.access_token),
        refresh_token: minutes(
            "refreshTokenLifetimeMinutes",
            0,
            2_628_000,
            usual.refresh_token,
        ),
        refresh_token_window: minutes(
            "refreshTokenWindowMinutes",
            10,
            2_628_000,
            usual.refresh_token_window,
        ),
    }
}
