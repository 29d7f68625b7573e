//! `/api/v1/org`: what this is, as far as it has a name.

use super::{call::Call, view::date};
use axum::Json;
use serde_json::{Value, json};

/// The org is as old as the group that everybody is in.
pub(super) async fn get(call: Call) -> Json<Value> {
    let org = call.idp.org.read();
    let everyone = org.groups.first();
    let created = date(everyone.map_or(0, |group| group.created));
    Json(json!({
        "id": everyone.map_or_else(String::new, |group| group.id.replacen("00g", "00o", 1)),
        "companyName": "Embedded identity provider, for demos and tests",
        "subdomain": "localhost",
        "website": call.idp.origin,
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": created,
        "_links": {},
    }))
}
