//! Where Keycloak is, and with whose rights: from the settings.

use super::{
    Keycloak,
    admin::{Admin, Credentials},
};
use crate::{
    clock::Clock,
    net::{self, check_url},
    settings::{SettingError, Source},
};

impl Keycloak {
    /// Reads `KEYCLOAK_URL`, `KEYCLOAK_REALM`, `KEYCLOAK_ADMIN` and `KEYCLOAK_ADMIN_PASSWORD` or
    /// `KEYCLOAK_ADMIN_SECRET`. Nothing is sent yet.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_settings(
        source: &Source,
        http: net::Client,
        clock: Clock,
    ) -> Result<Self, SettingError> {
        let missing = SettingError::without_value;
        let base = source.parsed("KEYCLOAK_URL", base_url)?.ok_or_else(|| {
            missing(
                "KEYCLOAK_URL",
                "it is missing; where does Keycloak answer, as in https://keycloak.example.com?",
            )
        })?;
        let realm = source.parsed("KEYCLOAK_REALM", realm_name)?;
        let realm = realm.unwrap_or_else(|| "solar-system".to_owned());
        let name = source.text("KEYCLOAK_ADMIN")?;
        let password = source.secret("KEYCLOAK_ADMIN_PASSWORD")?;
        let secret = source.secret("KEYCLOAK_ADMIN_SECRET")?;
        let credentials = match (name, password, secret) {
            (name, Some(password), None) => Credentials::Person {
                name: name.unwrap_or_else(|| "admin".to_owned()),
                password,
            },
            (Some(id), None, Some(secret)) => Credentials::Client { id, secret },
            (None, None, Some(_)) => {
                let reason = "it is missing; KEYCLOAK_ADMIN_SECRET is the secret of which client?";
                return Err(missing("KEYCLOAK_ADMIN", reason));
            }
            (_, Some(_), Some(_)) => {
                let reason = "KEYCLOAK_ADMIN_PASSWORD is set too; set one of the two";
                return Err(missing("KEYCLOAK_ADMIN_SECRET", reason));
            }
            (_, None, None) => {
                let reason = "it is missing, and KEYCLOAK_ADMIN_SECRET is too; set one of the two, or KEYCLOAK_ADMIN_PASSWORD_FILE";
                return Err(missing("KEYCLOAK_ADMIN_PASSWORD", reason));
            }
        };
        let admin = Admin::new(http, clock, &base, credentials);
        let tenant = format!("{}/realms/{realm}", admin.base());
        Ok(Self {
            admin,
            realm,
            tenant,
        })
    }
}

fn base_url(text: &str) -> Result<String, String> {
    let url = check_url(text).map_err(|error| error.to_string())?;
    if url.query().is_some() {
        return Err("it holds a query".to_owned());
    }
    Ok(url.to_string())
}

/// A realm's name stands in paths, and the realm that administers the others is nobody's demo.
fn realm_name(text: &str) -> Result<String, String> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !text.bytes().all(safe) || text.starts_with('.') || text.len() > 64 {
        return Err(
            "letters, digits, hyphens, underscores and dots make a realm's name".to_owned(),
        );
    }
    if text.eq_ignore_ascii_case("master") {
        return Err("the realm master administers Keycloak itself; name another".to_owned());
    }
    Ok(text.to_owned())
}
