//! What Keycloak tells at addresses of its own, put into the object as members.

use super::{Keycloak, admin::nonsense, kind::Kind, look::text, text::is_id};
use crate::bootstrap::target::{Existing, TargetError, Wanted};
use axum::http::Method;
use serde_json::{Map, Value, json};

/// Of the hundred members of a realm, what is kept; the rest is Keycloak's own business.
const OF_A_REALM: [&str; 15] = [
    "id",
    "realm",
    "displayName",
    "enabled",
    "sslRequired",
    "registrationAllowed",
    "resetPasswordAllowed",
    "rememberMe",
    "verifyEmail",
    "loginWithEmailAllowed",
    "editUsernameAllowed",
    "bruteForceProtected",
    "accessTokenLifespan",
    "ssoSessionIdleTimeout",
    "attributes",
];

/// Of what the realm announces of itself, what is kept.
const ANNOUNCED: [&str; 7] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "registration_endpoint",
];

/// An object with the members that matter: of a realm those that are wanted, and a few beside.
pub(super) fn what_matters(wanted: &Wanted, mut existing: Existing) -> Existing {
    if wanted.class == Kind::Realm.class()
        && let Some(members) = existing.value.as_object_mut()
    {
        members.retain(|name, _| {
            name == "unmanagedAttributePolicy"
                || OF_A_REALM.contains(&name.as_str())
                || ANNOUNCED.contains(&name.as_str())
                || wanted.body.get(name).is_some()
        });
    }
    existing
}

impl Keycloak {
    pub(super) async fn add_what_lies_beside(
        &self,
        kind: Kind,
        id: &str,
        members: &mut Map<String, Value>,
    ) -> Result<(), TargetError> {
        match kind {
            Kind::Realm | Kind::Role => {}
            Kind::Group => {
                let roles = self.roles_at(&self.roles_path(kind, id)).await?;
                members.insert("realmRoles".to_owned(), json!(roles));
            }
            Kind::ClientScope => {
                let roles = self.roles_at(&self.roles_path(kind, id)).await?;
                members.insert("realmRoles".to_owned(), json!(roles));
                members.entry("protocolMappers").or_insert(json!([]));
            }
            Kind::Client => {
                members.entry("protocolMappers").or_insert(json!([]));
                if let Some(secret) = self.secret_of(id).await? {
                    members.insert("secret".to_owned(), secret);
                }
                if members.get("serviceAccountsEnabled") == Some(&json!(true)) {
                    let account = self.service_account(id).await?;
                    let roles = self
                        .roles_at(&self.roles_path(Kind::User, &account))
                        .await?;
                    members.insert("realmRoles".to_owned(), json!(roles));
                }
            }
            Kind::User => {
                let roles = self.roles_at(&self.roles_path(kind, id)).await?;
                members.insert("realmRoles".to_owned(), json!(roles));
                let groups = self.groups_of(id).await?;
                let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
                members.insert("groups".to_owned(), json!(names));
            }
        }
        Ok(())
    }

    pub(super) async fn whole_realm(&self, value: Value) -> Result<Existing, TargetError> {
        let id = text(&value, "id").to_owned();
        if id.is_empty() {
            // An administrator of other realms is told the name alone.
            return Err(TargetError::Refused {
                method: "GET".to_owned(),
                path: self.below(""),
                status: 403,
                message: format!(
                    "there is a realm {} that {} may not look into: KEYCLOAK_REALM names another",
                    self.realm,
                    self.admin.whose()
                ),
            });
        }
        let mut kept = value.as_object().cloned().unwrap_or_default();
        let profile = self.admin.get(&self.below("/users/profile")).await?;
        let policy = profile.and_then(|profile| profile.get("unmanagedAttributePolicy").cloned());
        let policy = policy.unwrap_or_else(|| json!("DISABLED"));
        kept.insert("unmanagedAttributePolicy".to_owned(), policy);
        if value.get("enabled") == Some(&json!(true)) {
            let path = format!("/realms/{}/.well-known/openid-configuration", self.realm);
            let announced = self.admin.get_public(&path).await?;
            for member in ANNOUNCED {
                kept.insert(member.to_owned(), announced[member].clone());
            }
        }
        Ok(Existing {
            id,
            value: Value::Object(kept),
        })
    }

    /// Where the realm roles of a group, a person or a scope are kept.
    pub(super) fn roles_path(&self, kind: Kind, id: &str) -> String {
        let folder = if kind == Kind::ClientScope {
            "scope-mappings"
        } else {
            "role-mappings"
        };
        self.below(&format!("{}/{id}/{folder}/realm", kind.collection()))
    }

    /// Names of the realm roles there, but for the one that everybody has.
    async fn roles_at(&self, path: &str) -> Result<Vec<String>, TargetError> {
        let everybody = format!("default-roles-{}", self.realm.to_lowercase());
        let roles = self.admin.list(path).await?;
        let names = roles.iter().map(|role| text(role, "name").to_owned());
        Ok(names.filter(|name| *name != everybody).collect())
    }

    /// Names and ids of a person's groups. A group inside another has a path for a name.
    pub(super) async fn groups_of(&self, id: &str) -> Result<Vec<(String, String)>, TargetError> {
        let path = self.below(&format!("/users/{id}/groups?max=1000"));
        let groups = self.admin.list(&path).await?;
        let named = groups.iter().map(|group| {
            let name = text(group, "path").trim_start_matches('/').to_owned();
            (name, text(group, "id").to_owned())
        });
        Ok(named.collect())
    }

    /// A confidential client's secret. It can be read at any time, so none is ever told once only.
    async fn secret_of(&self, id: &str) -> Result<Option<Value>, TargetError> {
        let path = self.below(&format!("/clients/{id}/client-secret"));
        let secret = self.admin.get(&path).await?;
        Ok(secret.and_then(|secret| secret.get("value").cloned()))
    }

    /// The id of the user that a client is when it acts for itself.
    pub(super) async fn service_account(&self, id: &str) -> Result<String, TargetError> {
        let path = self.below(&format!("/clients/{id}/service-account-user"));
        let account = self.admin.get(&path).await?.unwrap_or_default();
        match text(&account, "id") {
            account if is_id(account) => Ok(account.to_owned()),
            _ => Err(nonsense(
                &Method::GET,
                &path,
                "no service account is told there",
            )),
        }
    }
}
