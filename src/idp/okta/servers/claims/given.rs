//! What is said of a claim.

use crate::idp::{
    okta::{error::OktaError, input::Problems, reader::Reader},
    org::{AuthorizationServer, Claim, ClaimKind, Status, ValueKind},
};
use serde_json::{Map, Value};

/// What a token says by itself, and nobody may say otherwise.
const RESERVED: [&str; 25] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "ver",
    "typ",
    "azp",
    "cid",
    "uid",
    "scp",
    "scope",
    "client_id",
    "nonce",
    "at_hash",
    "c_hash",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "cnf",
    "active",
    "token_type",
];

pub(super) fn given(
    object: &Map<String, Value>,
    server: &AuthorizationServer,
    id: String,
) -> Result<Claim, OktaError> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    let name = reader.required_text("name", 1..=255);
    let kind = match reader.word("claimType", &["RESOURCE", "IDENTITY"]) {
        Some("IDENTITY") => ClaimKind::Identity,
        _ => ClaimKind::Resource,
    };
    let is_groups = reader.word("valueType", &["EXPRESSION", "GROUPS"]) == Some("GROUPS");
    let value = reader.required_text("value", 1..=1024);
    let filter = reader.word(
        "group_filter_type",
        &["STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"],
    );
    if is_groups && filter.is_none() && !reader.is_wrong("group_filter_type") {
        reader.wrong("group_filter_type", "The field cannot be blank");
    }
    let taken = |claim: &Claim| claim.name == name && claim.kind == kind && claim.id != id;
    if RESERVED.contains(&name.as_str()) {
        reader.wrong("name", "A token says this by itself");
    } else if server.claims.iter().any(taken) {
        reader.wrong(
            "name",
            "An object with this field already exists in the current organization",
        );
    }
    let mut scopes: Vec<String> = Vec::new();
    for scope in reader
        .object("conditions")
        .texts("scopes", 100)
        .unwrap_or_default()
    {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.iter().any(|scope| server.scope(scope).is_none()) {
        reader
            .object("conditions")
            .wrong("scopes", "One of them is no scope of this server");
    }
    let status = reader.word("status", &["ACTIVE", "INACTIVE"]);
    let always_in_token = reader.flag("alwaysIncludeInToken").unwrap_or(true);
    let claim = Claim {
        id,
        name,
        status: if status == Some("INACTIVE") {
            Status::Inactive
        } else {
            Status::Active
        },
        kind,
        value_kind: if is_groups {
            ValueKind::Groups
        } else {
            ValueKind::Expression
        },
        value,
        group_filter: filter.filter(|_| is_groups).map(str::to_owned),
        always_in_token,
        scopes,
        system: false,
    };
    if problems.is_empty() && !claim.is_understood() {
        let text = "Not understood here: an expression is user.NAME, app.clientId or a text in quotes, \
                    and of patterns only .* is known";
        reader.wrong("value", text);
    }
    problems.none().map(|()| claim)
}
