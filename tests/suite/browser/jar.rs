//! A browser's cookies: shared by all ports of a host, gone when their time is over, held back across sites.

use cookie::{Cookie, Expiration, SameSite};
use reqwest::Url;

/// The cookies of one browser.
#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    host: String,
    path: String,
    /// Unix seconds; `None` until the browser is closed.
    expires: Option<i64>,
    cookie: Cookie<'static>,
}

/// How a request came about, as far as `SameSite` asks.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub cross_site: bool,
    pub safe_method: bool,
}

impl Jar {
    /// Takes a `Set-Cookie` header, or refuses it as a browser would: a prefix whose conditions do not hold, a domain
    /// that isn't the host.
    pub fn set(&mut self, url: &Url, header: &str, now: i64) {
        let cookie = Cookie::parse(header.to_owned()).unwrap();
        let host = url.host_str().unwrap().to_owned();
        if cookie.domain().is_some_and(|domain| domain != host) {
            return;
        }
        let secure = cookie.secure() == Some(true);
        let host_prefix = cookie.name().starts_with("__Host-");
        if host_prefix && !(secure && cookie.path() == Some("/") && cookie.domain().is_none())
            || cookie.name().starts_with("__Secure-") && !secure
            || secure && !is_trustworthy(url)
        {
            return;
        }
        let path = match cookie.path() {
            Some(path) if path.starts_with('/') => path.to_owned(),
            _ => default_path(url.path()),
        };
        let expires = match (cookie.max_age(), cookie.expires()) {
            (Some(age), _) => Some(now.saturating_add(age.whole_seconds())),
            (None, Some(Expiration::DateTime(time))) => Some(time.unix_timestamp()),
            _ => None,
        };
        self.cookies.retain(|kept| {
            !(kept.host == host && kept.path == path && kept.cookie.name() == cookie.name())
        });
        if expires.is_none_or(|expires| expires > now) {
            self.cookies.push(Kept {
                host,
                path,
                expires,
                cookie,
            });
        }
    }

    /// The `Cookie` header for a request; empty if none applies.
    pub fn header(&self, url: &Url, context: Context, now: i64) -> String {
        let mut chosen: Vec<_> = self
            .cookies
            .iter()
            .filter(|kept| Some(kept.host.as_str()) == url.host_str())
            .filter(|kept| path_matches(&kept.path, url.path()))
            .filter(|kept| kept.expires.is_none_or(|expires| expires > now))
            .filter(|kept| kept.cookie.secure() != Some(true) || is_trustworthy(url))
            .filter(|kept| match kept.cookie.same_site() {
                _ if !context.cross_site => true,
                Some(SameSite::None) => kept.cookie.secure() == Some(true),
                Some(SameSite::Strict) => false,
                Some(SameSite::Lax) | None => context.safe_method,
            })
            .collect();
        chosen.sort_by_key(|kept| std::cmp::Reverse(kept.path.len()));
        let pairs = chosen
            .iter()
            .map(|kept| format!("{}={}", kept.cookie.name(), kept.cookie.value()));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The cookies of a host, as they were set, expired ones left out.
    pub fn of_host(&self, host: &str, now: i64) -> Vec<Cookie<'static>> {
        self.cookies
            .iter()
            .filter(|kept| kept.host == host)
            .filter(|kept| kept.expires.is_none_or(|expires| expires > now))
            .map(|kept| kept.cookie.clone())
            .collect()
    }
}

/// Where browsers take `Secure` cookies: https, and loopback.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// RFC 6265, section 5.1.4.
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

fn path_matches(cookie: &str, request: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}
