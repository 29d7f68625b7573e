//! The proxies of the environment, as the outgoing client takes them: for https to other machines alone.

use super::is_loopback;
use url::{Host, Url};

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For https.
    https: Option<String>,
    /// For http, which goes to loopback only, and past every proxy.
    http: Option<String>,
    /// For whatever has none of its own.
    all: Option<String>,
    /// Hosts that are asked directly.
    exceptions: Vec<String>,
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
            let upper = value(&name.to_ascii_uppercase());
            let found = upper.or_else(|| value(name));
            found.filter(|text| !text.trim().is_empty())
        };
        let exceptions = of("no_proxy").unwrap_or_default();
        let exceptions = exceptions.split(',').map(|one| one.trim().to_owned());
        Self {
            https: of("https_proxy"),
            http: of("http_proxy"),
            all: of("all_proxy"),
            exceptions: exceptions.filter(|one| !one.is_empty()).collect(),
        }
    }

    /// Whether any is set.
    #[must_use]
    pub fn are_set(&self) -> bool {
        self.https.is_some() || self.http.is_some() || self.all.is_some()
    }

    /// The proxy that our client takes to a URL: `Err` when what is set is no URL of one.
    #[must_use]
    pub fn on_the_way_to(&self, url: &Url) -> Option<Result<Url, ()>> {
        if url.scheme() != "https" || is_loopback(url) || self.spares(url) {
            return None;
        }
        let set = self.https.as_ref().or(self.all.as_ref())?;
        let with_scheme = if set.contains("://") {
            set.clone()
        } else {
            format!("http://{set}")
        };
        let url = Url::parse(&with_scheme).ok();
        Some(url.filter(Url::has_host).ok_or(()))
    }

    /// Whether `NO_PROXY` names the host of a URL: itself, a domain above it, or all. (Ranges of
    /// addresses are not looked at.)
    #[must_use]
    pub fn spares(&self, url: &Url) -> bool {
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_ascii_lowercase(),
            Some(address) => address.to_string(),
            None => return false,
        };
        let host = host.trim_matches(['[', ']']);
        self.exceptions.iter().any(|exception| {
            let exception = exception.to_ascii_lowercase();
            let domain = exception.trim_start_matches("*.").trim_start_matches('.');
            let below = host.strip_suffix(domain);
            exception == "*" || below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
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
        Some(proxy.map_or_else(|()| "no URL".to_owned(), |url| url.to_string()))
    }

    #[test]
    fn only_https_to_other_machines_goes_through_a_proxy() {
        let set = proxies(&[("https_proxy", "proxy.example:3128")]);
        assert!(set.are_set() && !Proxies::default().are_set());
        let proxy = Some("http://proxy.example:3128/".to_owned());
        assert_eq!(way(&set, "https://idp.example/a"), proxy);
        for direct in ["https://localhost:1", "http://localhost", "https://[::1]"] {
            assert_eq!(way(&set, direct), None, "{direct}");
        }
        let all = proxies(&[("ALL_PROXY", "http://p:1"), ("HTTP_PROXY", "http://q:1")]);
        assert_eq!(way(&all, "https://idp.example").unwrap(), "http://p:1/");
        let odd = proxies(&[("HTTPS_PROXY", "http://")]);
        assert_eq!(way(&odd, "https://idp.example").unwrap(), "no URL");
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
}
