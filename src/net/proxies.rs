//! The proxies of the environment, as the outgoing client takes them: for https to other machines alone.
//!
//! What the variables mean is read by the very matcher that the client asks, so that nobody is told of
//! another way than the one that is taken.

use super::is_loopback;
use hyper_util::client::proxy::matcher::Matcher;
use std::sync::Arc;
use url::Url;

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
#[derive(Clone, Debug)]
pub struct Proxies {
    /// Which proxy whom is asked through.
    ways: Arc<Matcher>,
    /// The same if every host had one: what it has no proxy for is what `NO_PROXY` names.
    exceptions: Arc<Matcher>,
    are_set: bool,
    is_understood: bool,
}

impl Proxies {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Those that `value` has under their usual names.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let of = |name: &str| {
            let found = value(&name.to_ascii_uppercase()).or_else(|| value(name));
            found.unwrap_or_default()
        };
        let [https, http, all] = ["https_proxy", "http_proxy", "all_proxy"].map(of);
        let given = || {
            let matcher = Matcher::builder().https(https.as_str());
            matcher.http(http.as_str()).all(all.as_str())
        };
        let is_set = |value: &String| !value.trim().is_empty();
        let for_https = is_set(&https) || is_set(&all);
        let somewhere = Url::parse("https://idp.example").ok();
        let finds_one = |matcher: &Matcher| {
            let found = somewhere.as_ref().and_then(|url| way(matcher, url));
            found.is_some()
        };
        Self {
            are_set: for_https || is_set(&http),
            is_understood: !for_https || finds_one(&given().build()),
            ways: Arc::new(given().no(of("no_proxy")).build()),
            exceptions: Arc::new(
                Matcher::builder()
                    .all("http://proxy.example")
                    .no(of("no_proxy"))
                    .build(),
            ),
        }
    }

    /// Whether any is set.
    #[must_use]
    pub fn are_set(&self) -> bool {
        self.are_set
    }

    /// Whether the one for https is a proxy's URL. What is none is passed over without a word.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.is_understood
    }

    /// The proxy that our client takes to a URL.
    #[must_use]
    pub fn on_the_way_to(&self, url: &Url) -> Option<Url> {
        if url.scheme() != "https" || is_loopback(url) {
            return None;
        }
        way(&self.ways, url)
    }

    /// Whether `NO_PROXY` names the host of a URL: itself, a domain above it, its range, or all.
    #[must_use]
    pub fn spares(&self, url: &Url) -> bool {
        way(&self.exceptions, url).is_none()
    }
}

fn way(matcher: &Matcher, url: &Url) -> Option<Url> {
    let intercepted = matcher.intercept(&url.as_str().parse().ok()?)?;
    Url::parse(&intercepted.uri().to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(pairs: &[(&str, &str)]) -> Proxies {
        Proxies::read(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn way(proxies: &Proxies, url: &str) -> Option<String> {
        let proxy = proxies.on_the_way_to(&Url::parse(url).unwrap())?;
        Some(proxy.to_string())
    }

    #[test]
    fn only_https_to_other_machines_goes_through_a_proxy() {
        let set = proxies(&[("https_proxy", "proxy.example:3128")]);
        assert!(set.are_set() && !proxies(&[]).are_set());
        let proxy = Some("http://proxy.example:3128/".to_owned());
        assert_eq!(way(&set, "https://idp.example/a"), proxy);
        for direct in ["https://localhost:1", "http://localhost", "https://[::1]"] {
            assert_eq!(way(&set, direct), None, "{direct}");
        }
        let all = proxies(&[("ALL_PROXY", "http://p:1"), ("HTTP_PROXY", "http://q:1")]);
        assert_eq!(way(&all, "https://idp.example").unwrap(), "http://p:1/");
        for odd in ["http://", "a b", "://"] {
            let odd = proxies(&[("HTTPS_PROXY", odd)]);
            assert!(odd.are_set() && !odd.is_understood());
            assert_eq!(way(&odd, "https://idp.example"), None, "it is passed over");
        }
        assert!(all.is_understood() && set.is_understood() && proxies(&[]).is_understood());
    }

    #[test]
    fn no_proxy_names_hosts_and_what_lies_below_them() {
        for (exceptions, spared) in [
            ("idp.example", true),
            ("a.b, IDP.example ", true),
            ("example", true),
            (".example", true),
            ("*", true),
            ("dp.example", false),
            ("idp.example.org", false),
            ("", false),
        ] {
            let set = proxies(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", exceptions)]);
            let direct = way(&set, "https://idp.example").is_none();
            assert_eq!(direct, spared, "{exceptions}");
        }
    }

    #[test]
    fn no_proxy_names_ranges_of_addresses_too() {
        let set = proxies(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", "10.0.0.0/8")]);
        assert_eq!(way(&set, "https://10.1.2.3"), None);
        assert!(way(&set, "https://11.1.2.3").is_some());
    }
}
