//! What is sent of an object of each kind.

use super::Kind;
use serde_json::{Map, Value};

impl Kind {
    /// Members that a change sends back as they are, unless they are wanted otherwise: a `PUT`
    /// replaces the whole object.
    pub(in super::super) fn kept(self) -> &'static [&'static str] {
        match self {
            Self::Group => &["profile"],
            Self::Client => &[
                "client_id",
                "client_name",
                "client_uri",
                "logo_uri",
                "tos_uri",
                "policy_uri",
                "initiate_login_uri",
                "redirect_uris",
                "response_types",
                "grant_types",
                "token_endpoint_auth_method",
                "application_type",
                "jwks",
                "jwks_uri",
            ],
            Self::Server => &["name", "description", "audiences", "issuerMode"],
            Self::Scope => &[
                "name",
                "description",
                "displayName",
                "consent",
                "default",
                "metadataPublish",
                "optional",
            ],
            Self::Claim => &[
                "name",
                "status",
                "claimType",
                "valueType",
                "value",
                "conditions",
                "alwaysIncludeInToken",
                "group_filter_type",
            ],
            Self::Policy => &[
                "type",
                "status",
                "name",
                "description",
                "priority",
                "conditions",
            ],
            Self::Rule => &[
                "type",
                "status",
                "name",
                "priority",
                "conditions",
                "actions",
            ],
            Self::Origin => &["name", "origin", "scopes", "status"],
            Self::User | Self::Assignment => &[],
        }
    }

    /// Members that this adapter understands and Okta's endpoint for this kind has not.
    pub(in super::super) fn not_sent(self) -> &'static [&'static str] {
        match self {
            Self::Client => &["groups", "pkce_required", "post_logout_redirect_uris"],
            Self::Assignment => &["id"],
            _ => &[],
        }
    }

    /// What is sent to make it.
    pub(in super::super) fn sent(self, body: &Map<String, Value>) -> Value {
        let members = body.iter().filter(|(member, value)| {
            !value.is_null() && !self.not_sent().contains(&member.as_str())
        });
        let members = members.map(|(member, value)| (member.clone(), value.clone()));
        Value::Object(members.collect())
    }
}
