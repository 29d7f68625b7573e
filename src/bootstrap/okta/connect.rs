//! Which tenant, and by which token: from the settings.

use super::{
    Okta,
    api::{Api, patience::Patience},
};
use crate::{
    clock::Clock,
    net::{self, check_url, origin},
    oauth::Secret,
    settings::{SettingError, Source},
};

impl Okta {
    /// Reads `OKTA_TENANT` and `OKTA_API_TOKEN`. Nothing is sent yet.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_settings(
        source: &Source,
        http: net::Client,
        clock: Clock,
    ) -> Result<Self, SettingError> {
        let missing = SettingError::without_value;
        let origin = source.parsed("OKTA_TENANT", tenant)?.ok_or_else(|| {
            missing(
                "OKTA_TENANT",
                "it is missing; which tenant, as in https://dev-511902.okta.com? http://localhost:8081 is the embedded provider",
            )
        })?;
        let token = source.secret("OKTA_API_TOKEN")?.ok_or_else(|| {
            missing(
                "OKTA_API_TOKEN",
                "it is missing, and OKTA_API_TOKEN_FILE is too; make one in the tenant: Security > API > Tokens",
            )
        })?;
        let fits = |byte: u8| byte.is_ascii_graphic();
        if !token.expose().bytes().all(fits) {
            return Err(missing(
                "OKTA_API_TOKEN",
                "it holds a blank or another character that no token has",
            ));
        }
        Ok(Self::new(http, clock, origin, token, Patience::real()))
    }

    pub(super) fn new(
        http: net::Client,
        clock: Clock,
        origin: String,
        token: Secret,
        patience: Patience,
    ) -> Self {
        let api = Api {
            http,
            clock,
            origin,
            token,
            patience,
        };
        Self { api }
    }
}

/// The origin of a tenant. The token goes there and nowhere else.
fn tenant(text: &str) -> Result<String, String> {
    let url = check_url(text).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default();
    if let Some((name, domain)) = host.split_once("-admin.okta") {
        return Err(format!(
            "that is the Admin Console's address; the tenant's is https://{name}.okta{domain}"
        ));
    }
    if url.path() != "/" || url.query().is_some() {
        return Err(format!(
            "it is the tenant's base URL, without a path: {}",
            origin(&url)
        ));
    }
    Ok(origin(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pairs: &[(&str, &str)]) -> Result<String, String> {
        let source = Source::of(pairs.iter().copied());
        let http = net::Client::new(&[]).unwrap();
        let okta = Okta::from_settings(&source, http, Clock::system());
        okta.map(|okta| okta.api.origin)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn cli_02_the_tenant_is_an_https_origin_or_this_machine() {
        for (given, origin) in [
            ("https://dev-1.okta.com", "https://dev-1.okta.com"),
            ("https://dev-1.okta.com/", "https://dev-1.okta.com"),
            ("http://localhost:8081", "http://localhost:8081"),
            ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ] {
            let made = made(&[("OKTA_TENANT", given), ("OKTA_API_TOKEN", "00token")]);
            assert_eq!(made.as_deref(), Ok(origin), "{given}");
        }
        for (given, part) in [
            ("http://dev-1.okta.com", "plain http"),
            ("dev-1.okta.com", "absolute"),
            ("https://user@dev-1.okta.com", "user info"),
            ("https://dev-1.okta.com/oauth2/default", "base URL"),
            ("https://dev-1.okta.com/?x", "base URL"),
            ("https://dev-1-admin.okta.com", "https://dev-1.okta.com"),
            (
                "https://dev-1-admin.oktapreview.com/",
                "https://dev-1.oktapreview.com",
            ),
        ] {
            let error = made(&[("OKTA_TENANT", given), ("OKTA_API_TOKEN", "00token")]).unwrap_err();
            assert!(
                error.contains("OKTA_TENANT") && error.contains(part),
                "{given}: {error}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_named_and_a_token_is_never_shown() {
        let error = made(&[("OKTA_API_TOKEN", "00token")]).unwrap_err();
        assert!(error.contains("OKTA_TENANT"), "{error}");
        let tenant = ("OKTA_TENANT", "https://dev-1.okta.com");
        let error = made(&[tenant]).unwrap_err();
        assert!(
            error.contains("OKTA_API_TOKEN") && error.contains("Tokens"),
            "{error}"
        );
        let error = made(&[tenant, ("OKTA_API_TOKEN", "can ary")]).unwrap_err();
        assert!(
            error.contains("OKTA_API_TOKEN") && !error.contains("ary"),
            "{error}"
        );
    }
}
