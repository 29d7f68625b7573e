//! An HTML page as a person without scripts meets it: words to read, controls to press.

use reqwest::Url;
use scraper::{ElementRef, Html, Selector};

use crate::controls::{self, Action, Control};

/// A page and where it came from.
#[derive(Clone, Debug)]
pub struct Page {
    url: Url,
    html: String,
}

impl Page {
    pub fn new(url: Url, html: String) -> Self {
        Self { url, html }
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The words of the body, blanks collapsed, without scripts and styles.
    pub fn words(&self) -> String {
        self.words_at("body").unwrap_or_default()
    }

    /// The words of the first element that the CSS selector finds.
    pub fn words_at(&self, selector: &str) -> Option<String> {
        self.all_words_at(selector).into_iter().next()
    }

    /// The words of every element that the CSS selector finds.
    pub fn all_words_at(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        select(&html, selector).map(words).collect()
    }

    /// The values of an attribute on every element that the CSS selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        select(&html, selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// The words of the first-level heading; empty if the page has none.
    pub fn heading(&self) -> String {
        self.words_at("h1").unwrap_or_default()
    }

    /// What pressing this control asks for; `None` where no enabled control has these words.
    pub fn find<'a>(&self, control: impl Into<Control<'a>>) -> Option<Action> {
        let html = Html::parse_document(&self.html);
        controls::find(&html, &self.url, control.into())
    }

    /// What pressing this control asks for; panics with the page's words if it isn't there.
    pub fn press<'a>(&self, control: impl Into<Control<'a>>) -> Action {
        let control = control.into();
        self.find(control)
            .unwrap_or_else(|| panic!("no {control:?} on {}: {}", self.url, self.words()))
    }

    /// Everything that a browser would load to show this page: styles, scripts, pictures, frames, fonts.
    pub fn loads(&self) -> Vec<Url> {
        let sources = [
            ("link[href]:not([rel=canonical])", "href"),
            (
                "script[src], img[src], iframe[src], audio[src], video[src], source[src], embed[src], input[src]",
                "src",
            ),
            ("object[data]", "data"),
            ("svg image[href], svg use[href]", "href"),
        ];
        let linked = sources
            .iter()
            .flat_map(|(selector, name)| self.attributes(selector, name));
        let mut styles = self.all_words_at("style");
        styles.extend(self.attributes("[style]", "style"));
        linked
            .chain(style_urls(&styles.join(" ")))
            .map(|reference| self.url.join(&reference).unwrap())
            .collect()
    }
}

/// The references in `url(…)` of a stylesheet.
pub fn style_urls(styles: &str) -> Vec<String> {
    styles
        .split("url(")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|reference| reference.trim_matches(['"', '\'', ' ']).to_owned())
        .collect()
}

/// All elements of the page that the CSS selector finds.
pub(crate) fn select<'a>(
    html: &'a Html,
    selector: &str,
) -> impl Iterator<Item = ElementRef<'a>> + use<'a> {
    let selector = Selector::parse(selector).unwrap();
    let found: Vec<_> = html.select(&selector).collect();
    found.into_iter()
}

/// All elements inside this one that the CSS selector finds.
pub(crate) fn within<'a>(
    element: ElementRef<'a>,
    selector: &str,
) -> impl Iterator<Item = ElementRef<'a>> + use<'a> {
    let selector = Selector::parse(selector).unwrap();
    let found: Vec<_> = element.select(&selector).collect();
    found.into_iter()
}

/// The words inside an element, blanks collapsed. What `<script>` and `<style>` hold is no word, unless asked for itself.
pub(crate) fn words(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect(element, &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect(element: ElementRef<'_>, text: &mut String) {
    const APART: [&str; 12] = [
        "p", "div", "li", "td", "th", "dt", "dd", "br", "button", "h1", "h2", "h3",
    ];
    for child in element.children() {
        if let Some(plain) = child.value().as_text() {
            text.push_str(plain);
        } else if let Some(inner) = ElementRef::wrap(child) {
            let name = inner.value().name();
            if matches!(name, "script" | "style" | "template" | "noscript") {
                continue;
            }
            if APART.contains(&name) {
                text.push(' ');
            }
            collect(inner, text);
            if APART.contains(&name) {
                text.push(' ');
            }
        }
    }
}
