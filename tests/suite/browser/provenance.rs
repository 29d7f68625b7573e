//! How a request came about: which page asked for it, and over which hosts it was redirected.

use reqwest::Url;

use crate::http::Answer;

/// What a browser knows about a navigation, kept over its redirects.
#[derive(Clone, Debug)]
pub(super) struct Provenance {
    /// The page that asked; `None` for a typed address.
    page: Option<Url>,
    /// Every URL of the navigation so far, redirects included.
    chain: Vec<Url>,
    /// The `Referrer-Policy` of the page that asked.
    referrer_policy: String,
    /// The sources of the page's `form-action`, while a form is being sent.
    form_action: Option<Vec<String>>,
}

impl Provenance {
    pub fn typed() -> Self {
        Self {
            page: None,
            chain: Vec::new(),
            referrer_policy: String::new(),
            form_action: None,
        }
    }

    pub fn of_page(page: &Url) -> Self {
        Self {
            page: Some(page.clone()),
            ..Self::typed()
        }
    }

    pub fn with_policies_of(mut self, answer: &Answer) -> Self {
        self.referrer_policy = answer.header("referrer-policy");
        self
    }

    /// From here on each hop has to be allowed by the page's `form-action`, as Chromium has it.
    pub fn obeys_form_action(&mut self, answer: &Answer) {
        let policy = answer.header("content-security-policy");
        let directive = policy
            .split(';')
            .find_map(|directive| directive.trim().strip_prefix("form-action"));
        self.form_action =
            directive.map(|sources| sources.split_whitespace().map(str::to_owned).collect());
    }

    /// Adds a hop; panics where a browser would block it without a word.
    pub fn arrives_at(&mut self, url: &Url) {
        if let Some(sources) = &self.form_action {
            let page = self.page.as_ref().unwrap();
            let allowed = sources.iter().any(|source| match source.as_str() {
                "'self'" => url.origin() == page.origin(),
                "'none'" => false,
                source => Url::parse(source).is_ok_and(|source| source.origin() == url.origin()),
            });
            assert!(
                allowed,
                "the browser blocks the form's way to {url}: form-action {sources:?}"
            );
        }
        self.chain.push(url.clone());
    }

    /// The value of `Sec-Fetch-Site`: the worst of the whole chain.
    pub fn sec_fetch_site(&self) -> &'static str {
        let Some(page) = &self.page else {
            return "none";
        };
        if self.is_cross_site() {
            "cross-site"
        } else if self.chain.iter().all(|url| url.origin() == page.origin()) {
            "same-origin"
        } else {
            "same-site"
        }
    }

    /// Whether another site is involved; ports make no difference, scheme and host do.
    pub fn is_cross_site(&self) -> bool {
        let Some(page) = &self.page else {
            return false;
        };
        let site = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned));
        self.chain.iter().any(|url| site(url) != site(page))
    }

    /// The value of `Origin` on a form that is sent, with what the page's `Referrer-Policy` makes of it.
    pub fn origin(&self) -> String {
        let (Some(page), Some(url)) = (&self.page, self.chain.last()) else {
            return "null".to_owned();
        };
        match self.referrer_policy.as_str() {
            "no-referrer" => "null".to_owned(),
            "same-origin" if page.origin() != url.origin() => "null".to_owned(),
            _ => page.origin().ascii_serialization(),
        }
    }
}
