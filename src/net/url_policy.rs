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
    match url.scheme() {
        "https" if url.host().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(UrlError::PlainHttp),
        _ => Err(UrlError::Scheme),
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
    fn odd_urls_are_refused_by_name() {
        for odd in [
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
    fn https_and_loopback_are_taken() {
        for good in [
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
