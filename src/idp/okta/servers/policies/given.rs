//! What is said of a policy.

use super::ALL_CLIENTS;
use crate::idp::{
    okta::{error::OktaError, input::Problems, reader::Reader},
    org::{AuthorizationServer, ClientCondition, Org, Status},
};
use serde_json::{Map, Value};

pub(super) struct Given {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) status: Status,
    pub(super) priority: Option<u32>,
    pub(super) clients: ClientCondition,
}

impl Given {
    pub(super) fn read(
        object: &Map<String, Value>,
        org: &Org,
        server: &AuthorizationServer,
        id: &str,
    ) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        reader.required_word("type", &["OAUTH_AUTHORIZATION_POLICY"]);
        let name = reader.required_text("name", 1..=100);
        if server
            .policies
            .iter()
            .any(|policy| policy.name == name && policy.id != id)
        {
            reader.wrong(
                "name",
                "An object with this field already exists in the current organization",
            );
        }
        let description = reader.text("description", 0..=1024).unwrap_or_default();
        let status = status(&reader);
        let priority = priority_of(&reader);
        let clients = reader.object("conditions").object("clients");
        let ids = clients.texts("include", 1000).unwrap_or_default();
        let all = ids == [ALL_CLIENTS];
        if ids.is_empty() && !clients.is_wrong("include") && !reader.is_wrong("conditions") {
            clients.wrong(
                "include",
                "There must be one at least, or ALL_CLIENTS alone",
            );
        } else if !all && ids.iter().any(|id| org.client(id).is_none()) {
            clients.wrong("include", "One of them is no client");
        }
        problems.none().map(|()| Self {
            name,
            description,
            status,
            priority,
            clients: if all {
                ClientCondition::All
            } else {
                ClientCondition::These(ids)
            },
        })
    }
}

pub(in super::super) fn status(reader: &Reader<'_>) -> Status {
    match reader.word("status", &["ACTIVE", "INACTIVE"]) {
        Some("INACTIVE") => Status::Inactive,
        _ => Status::Active,
    }
}

pub(in super::super) fn priority_of(reader: &Reader<'_>) -> Option<u32> {
    reader
        .number("priority", 1..=10_000)
        .and_then(|priority| u32::try_from(priority).ok())
}
