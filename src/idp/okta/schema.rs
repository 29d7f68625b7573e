//! `/api/v1/meta/schemas/user/default`: what a person's profile holds.

use super::call::Call;
use axum::Json;
use serde_json::{Map, Value, json};

/// Name, title, whether it is needed, and its length.
const ATTRIBUTES: [(&str, &str, bool, u32, u32); 5] = [
    ("login", "Username", true, 5, 100),
    ("firstName", "First name", false, 1, 50),
    ("lastName", "Last name", false, 1, 50),
    ("email", "Primary email", true, 5, 100),
    ("displayName", "Display name", false, 1, 100),
];

/// Describes the profile as this provider keeps it; other attributes are kept as they come.
pub(super) async fn get(call: Call) -> Json<Value> {
    let attribute = |(name, title, required, shortest, longest): (&str, &str, bool, u32, u32)| {
        let described = json!({
            "title": title,
            "type": "string",
            "required": required,
            "mutability": "READ_WRITE",
            "scope": "NONE",
            "minLength": shortest,
            "maxLength": longest,
            "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
            "master": { "type": "PROFILE_MASTER" },
        });
        (name.to_owned(), described)
    };
    let properties: Map<String, Value> = ATTRIBUTES.into_iter().map(attribute).collect();
    let required: Vec<&str> = ATTRIBUTES
        .iter()
        .filter(|row| row.2)
        .map(|row| row.0)
        .collect();
    let id = call.href("/api/v1/meta/schemas/user/default");
    Json(json!({
        "id": id,
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "type": "object",
        "definitions": {
            "base": { "id": "#base", "type": "object", "properties": properties, "required": required },
            "custom": { "id": "#custom", "type": "object", "properties": {}, "required": [] },
        },
        "properties": {
            "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] },
        },
        "_links": { "self": { "href": id } },
    }))
}
