//! One parser both checks and uses a URL, and plain http goes to loopback only.

use url::{Host, Url};

/// Why a URL is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL at all.
    #[error("it is not an absolute URL")]
    NotAUrl,
    /// Neither https nor http.
    #[error("only https is spoken, and http on loopback")]
    Scheme,
    /// Plain http to somewhere else than this machine.
    #[error("plain http is for loopback only; use https")]
    PlainHttp,
    /// Part of a URL that hides where it leads, or that nobody sends.
    #[error("it holds {0}, which a URL of a peer must not")]
    Part(&'static str),
}

/// Parses a URL of a peer: absolute, https (http on loopback), without user info, fragment,
/// backslash, blank or control character.
///
/// # Errors
/// What is wrong with it, as half a sentence.
pub fn check_url(text: &str) -> Result<Url, UrlError> {
    if text.contains('\\') {
        return Err(UrlError::Part("a backslash"));
    }
    if text
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(UrlError::Part("a blank or control character"));
    }
    let url = Url::parse(text).map_err(|_| UrlError::NotAUrl)?;
    if url.fragment().is_some() {
        return Err(UrlError::Part("a fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Part("user info"));
    }
    if !is_spelled_out(&url, text) {
        return Err(UrlError::Part("a host in another spelling than it is sent"));
    }
    match url.scheme() {
        "https" if url.host().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(UrlError::PlainHttp),
        _ => Err(UrlError::Scheme),
    }
}

/// Parses the URL of an endpoint that `issuer` announces: where the issuer has TLS, so have its endpoints
/// (RFC 8414, section 2), on loopback too.
///
/// # Errors
/// See [`check_url`].
pub fn check_endpoint(issuer: &str, text: &str) -> Result<Url, UrlError> {
    let url = check_url(text)?;
    if url.scheme() == "http" && !issuer.starts_with("http://") {
        return Err(UrlError::PlainHttp);
    }
    Ok(url)
}

/// Whether the host stands in the text as it is sent. Letters of other alphabets and look-alikes of ours, percent
/// signs, and numbers such as `0x7f.1` all mean another host than people read; one that is meant is written in
/// ASCII (`xn--…`). Addresses of IPv6 have several spellings, all of them digits.
fn is_spelled_out(url: &Url, text: &str) -> bool {
    match url.host() {
        None | Some(Host::Ipv6(_)) => true,
        Some(host) => {
            let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let (host, authority) = (host.to_string(), authority.to_ascii_lowercase());
            let port = authority.strip_prefix(&host);
            port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
        }
    }
}

/// Whether a URL leads to this machine by a name that cannot lead elsewhere.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Scheme, host and port as a browser's `Origin` header spells them.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Appends a path that begins with `/` to a base URL, keeping the base's own path and query, with
/// one slash between the two.
#[must_use]
pub fn join_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}{path}", base.path().trim_end_matches('/'));
    url.set_path(&joined);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_com_13_odd_urls_are_refused_by_name() {
        for odd in [
            "https://exämple.com",
            "https://example\u{3002}com",
            "https://\u{24d4}xample.com",
            "https://ex%61mple.com",
            "https://xn--example-.com",
            "https://xn--a",
            "https://exam\u{ad}ple.com",
            "http://0x7f.1",
            "http://2130706433",
            "http://127.1",
            "http://017700000001",
            "https:example.com",
            "https:///example.com",
            "https://example.com:443@evil.example",
            "https://@example.com",
            "https://:@example.com",
            "https://example.com\t",
            " https://example.com",
            "https://example.com/\u{85}",
            "https://example.com/\u{a0}",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "issuer",
            "//host",
            "ftp://localhost",
            "http://example.com",
            "https://user@example.com",
            "https://example.com#x",
            "https://example.com\\@evil",
            "https://exa mple.com",
            "https://example.com/\n",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(check_url(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn sec_web_07_an_issuer_with_tls_has_no_endpoint_without() {
        let endpoint = |issuer| check_endpoint(issuer, "http://127.0.0.1:9/token");
        assert!(endpoint("http://localhost:8081/oauth2/default").is_ok());
        for issuer in ["https://issuer.example", "https://localhost:8443", "HTTP"] {
            assert!(endpoint(issuer).is_err(), "{issuer}");
            assert!(check_endpoint(issuer, "https://other.example/token").is_ok());
        }
    }

    #[test]
    fn https_and_loopback_are_taken() {
        for good in [
            "https://Example.COM/A",
            "https://xn--exmple-cua.com:8443/a",
            "https://example.com:443",
            "http://[0:0:0:0:0:0:0:1]:1/",
            "https://example.com/a?b",
            "http://localhost:8081",
            "http://127.0.0.1",
            "http://[::1]:1/",
        ] {
            assert!(check_url(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_base_path_stays_and_no_slash_doubles() {
        for (base, joined) in [
            ("http://localhost:1", "http://localhost:1/planets"),
            ("http://localhost:1/", "http://localhost:1/planets"),
            ("http://localhost:1/base", "http://localhost:1/base/planets"),
            (
                "http://localhost:1/base/?k=v",
                "http://localhost:1/base/planets?k=v",
            ),
        ] {
            assert_eq!(
                join_path(&check_url(base).unwrap(), "/planets").as_str(),
                joined
            );
        }
    }
}
