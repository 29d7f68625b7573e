//! What a room that others reach cannot do without: on loopback, none of it is asked for.

use super::{HOW_TO_MAKE_A_SECRET, SettingError, Settings, web::is_loopback_host};
use crate::oauth::Secret;
use url::Url;

/// How long a secret has to be, in bytes.
const SECRET_BYTES: usize = 32;

/// # Errors
/// When a room would listen for others without a secret that holds, or with nobody in front who ends TLS:
/// the rooms themselves speak plain http. The app has its own rules (`REDIRECT_URI`, `SESSION_SECRET`).
pub(super) fn check(settings: &Settings) -> Result<(), SettingError> {
    let gateway = &settings.gateway;
    let gateway_is_open = settings.runs_gateway() && lets_others_in(&gateway.host);
    if gateway_is_open {
        let publics = [&gateway.public_url, &settings.proxy_uri];
        let mut publics = publics.into_iter().flatten();
        let is_named =
            !gateway.trusted_proxies.is_empty() || publics.any(|url| url.scheme() == "https");
        if !is_named {
            let reason = "lets others in, and the gateway speaks plain http: say who ends TLS in front of it, by \
                          GATEWAY_PUBLIC_URL=https://… or GATEWAY_TRUSTED_PROXIES";
            return Err(SettingError::new("GATEWAY_HOST", &gateway.host, reason));
        }
    }
    let is_short = |key: &Secret| key.expose().len() < SECRET_BYTES;
    let is_open = settings.runs_api() && lets_others_in(&settings.api.host);
    let is_https = |url: &Url| url.scheme() == "https";
    if is_open && !gateway.api_uri.as_ref().is_some_and(is_https) {
        let reason = "lets others in, and the API speaks plain http: run `solar-system api`, and say by \
                      API_URI=https://… at which address TLS ends in front of it";
        return Err(SettingError::new("API_HOST", &settings.api.host, reason));
    }
    if (is_open || gateway_is_open) && gateway.api_key.as_ref().is_some_and(is_short) {
        let reason = format!(
            "32 bytes or more are needed where API_HOST or GATEWAY_HOST lets others in; {HOW_TO_MAKE_A_SECRET}"
        );
        return Err(SettingError::without_value("API_KEY", reason));
    }
    Ok(())
}

fn lets_others_in(host: &str) -> bool {
    !is_loopback_host(host.trim_matches(['[', ']'])) && !is_loopback_host(host)
}

#[cfg(test)]
mod tests {
    use crate::settings::{Command, Settings, Source};

    const LONG: (&str, &str) = ("API_KEY", "0123456789abcdef0123456789abcdef");
    const SHORT: (&str, &str) = ("API_KEY", "short");
    const TLS: (&str, &str) = ("API_URI", "https://api.example");

    fn refused(command: Command, pairs: &[(&str, &str)]) -> Option<String> {
        let source = Source::of(pairs.iter().copied());
        let read = Settings::read(command, &source);
        let error = read.err()?;
        assert!(!error.to_string().contains("short"), "{error}");
        Some(error.name().to_owned())
    }

    #[test]
    fn sec_com_23_a_gateway_that_others_reach_names_who_ends_tls() {
        for host in ["0.0.0.0", "::", "[::]", "192.0.2.1", "gateway.example"] {
            let here = ("GATEWAY_HOST", host);
            for plain in [
                vec![here, LONG],
                vec![here, LONG, ("GATEWAY_PUBLIC_URL", "http://localhost:9")],
            ] {
                let name = refused(Command::Gateway, &plain);
                assert_eq!(name.as_deref(), Some("GATEWAY_HOST"), "{plain:?}");
            }
            for named in [
                ("GATEWAY_PUBLIC_URL", "https://gateway.example"),
                ("PROXY_URI", "https://gateway.example"),
                ("GATEWAY_TRUSTED_PROXIES", "10.0.0.1"),
            ] {
                assert_eq!(refused(Command::Gateway, &[here, LONG, named]), None);
            }
            assert_eq!(refused(Command::Api, &[here, LONG]), None, "none runs here");
        }
        for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
            assert_eq!(
                refused(Command::Gateway, &[("GATEWAY_HOST", host), SHORT]),
                None
            );
        }
    }

    #[test]
    fn sec_com_16_off_loopback_a_short_key_of_the_api_is_refused() {
        let open = [("API_HOST", "0.0.0.0"), TLS];
        let api_key = Some("API_KEY".to_owned());
        assert_eq!(
            refused(Command::Api, &[&open[..], &[SHORT]].concat()),
            api_key
        );
        assert_eq!(refused(Command::Api, &open), api_key, "missing");
        assert_eq!(refused(Command::Api, &[&open[..], &[LONG]].concat()), None);
        assert_eq!(refused(Command::Api, &[SHORT]), None, "on loopback");
    }

    #[test]
    fn sec_com_16_a_gateway_that_others_reach_has_no_short_key_for_the_api() {
        let open = [
            ("GATEWAY_HOST", "0.0.0.0"),
            ("GATEWAY_TRUSTED_PROXIES", "10.0.0.1"),
        ];
        let asked = |key| refused(Command::Gateway, &[&open[..], &[key]].concat());
        assert_eq!(asked(SHORT), Some("API_KEY".to_owned()));
        assert_eq!(asked(LONG), None);
    }

    #[test]
    fn sec_com_23_an_api_that_others_reach_names_who_ends_tls() {
        let open = ("API_HOST", "0.0.0.0");
        let name = Some("API_HOST".to_owned());
        assert_eq!(refused(Command::Api, &[open, LONG]), name);
        let here = ("API_URI", "http://localhost:9");
        assert_eq!(refused(Command::Api, &[open, LONG, here]), name);
        assert_eq!(refused(Command::Serve, &[open, LONG]), name);
        assert_eq!(refused(Command::Api, &[open, LONG, TLS]), None);
        assert_eq!(
            refused(Command::Serve, &[open, LONG, TLS]),
            None,
            "none runs here"
        );
    }

    #[test]
    fn sec_com_16_off_loopback_the_session_secret_is_asked_for() {
        let open = ("HOST", "0.0.0.0");
        let name = Some("SESSION_SECRET".to_owned());
        for secret in [None, Some("some random phrase"), Some("short")] {
            let mut pairs = vec![open];
            pairs.extend(secret.map(|secret| ("SESSION_SECRET", secret)));
            assert_eq!(refused(Command::Serve, &pairs), name, "{secret:?}");
        }
        assert_eq!(
            refused(Command::Serve, &[open, ("SESSION_SECRET", LONG.1)]),
            None
        );
    }

    #[test]
    fn sec_com_17_http_and_the_embedded_provider_stay_on_loopback() {
        for host in ["0.0.0.0", "::", "192.0.2.1", "idp.example"] {
            for command in [Command::Serve, Command::Idp] {
                let name = refused(command, &[("IDP_HOST", host)]);
                assert_eq!(name.as_deref(), Some("IDP_HOST"), "{host}");
            }
        }
        for uri in ["http://app.example/callback", "http://192.0.2.1/callback"] {
            let name = refused(Command::Serve, &[("REDIRECT_URI", uri)]);
            assert_eq!(name.as_deref(), Some("REDIRECT_URI"), "{uri}");
        }
        for (name, uri) in [
            ("ISSUER", "http://issuer.example"),
            ("PROXY_URI", "http://gateway.example"),
            ("API_URI", "http://api.example"),
            ("OKTA_TENANT", "http://tenant.example"),
        ] {
            let source = Source::of([(name, uri)]);
            let checked = match name {
                "OKTA_TENANT" => source.parsed(name, super::super::read::base_url).err(),
                _ => Settings::read(Command::Serve, &source).err(),
            };
            assert_eq!(checked.unwrap().name(), name);
        }
    }
}
