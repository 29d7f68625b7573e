//! Links and forms: what a browser would send when a person presses one.

use reqwest::Url;
use scraper::{ElementRef, Html};

use crate::page::{select, within, words};

/// What pressing a control asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// `GET` or `POST`.
    pub method: String,
    pub url: Url,
    pub fields: Vec<(String, String)>,
    /// Whether a form is sent, so that `form-action` of the page's policy applies.
    pub is_form: bool,
}

impl Action {
    /// The same with a field filled in, which has to be there.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(key, _)| key == name);
        let (_, filled) = field.unwrap_or_else(|| panic!("the form has no field {name}"));
        value.clone_into(filled);
        self
    }
}

/// Which control is meant: its words, and the heading it stands under where several have the same words.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    words: &'a str,
    heading: Option<&'a str>,
}

impl<'a> Control<'a> {
    /// The first control whose words contain these, without regard to case.
    pub fn named(words: &'a str) -> Self {
        let heading = None;
        Self { words, heading }
    }

    /// Only where the nearest heading around the control contains this word.
    pub fn under(self, heading: &'a str) -> Self {
        let heading = Some(heading);
        Self { heading, ..self }
    }
}

impl<'a> From<&'a str> for Control<'a> {
    fn from(words: &'a str) -> Self {
        Self::named(words)
    }
}

/// Finds an enabled link or submit control by its words.
pub(crate) fn find(html: &Html, page: &Url, wanted: Control<'_>) -> Option<Action> {
    let controls = "a[href], button:not([disabled]), input[type=submit]:not([disabled])";
    select(html, controls)
        .filter(|element| contains(&label(*element), wanted.words))
        .filter(|element| {
            wanted.heading.is_none_or(|heading| {
                nearest_heading(*element).is_some_and(|found| contains(&found, heading))
            })
        })
        .find_map(|element| {
            if element.value().name() == "a" {
                return Some(Action {
                    method: "GET".to_owned(),
                    url: page.join(element.attr("href")?).ok()?,
                    fields: Vec::new(),
                    is_form: false,
                });
            }
            submit(html, page, element)
        })
}

fn submit(html: &Html, page: &Url, control: ElementRef<'_>) -> Option<Action> {
    if matches!(control.attr("type"), Some("button" | "reset")) {
        return None;
    }
    let form = form_of(html, control)?;
    let fields = select(html, "input, select, textarea, button")
        .filter(|element| form_of(html, *element) == Some(form))
        .filter_map(|element| field(element, element == control))
        .collect();
    let target = control.attr("formaction").or(form.attr("action"));
    let method = control.attr("formmethod").or(form.attr("method"));
    Some(Action {
        method: method.unwrap_or("GET").to_uppercase(),
        url: page.join(target.unwrap_or_default()).ok()?,
        fields,
        is_form: true,
    })
}

/// The form an element belongs to: the one it names, else the one it stands in.
fn form_of<'a>(html: &'a Html, element: ElementRef<'a>) -> Option<ElementRef<'a>> {
    if let Some(id) = element.attr("form") {
        return select(html, "form").find(|form| form.attr("id") == Some(id));
    }
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|ancestor| ancestor.value().name() == "form")
}

fn field(element: ElementRef<'_>, pressed: bool) -> Option<(String, String)> {
    let name = element.attr("name")?;
    if element.attr("disabled").is_some() {
        return None;
    }
    let value = match (element.value().name(), element.attr("type")) {
        ("button", _) | ("input", Some("submit" | "button" | "image" | "reset")) if !pressed => {
            return None;
        }
        ("input", Some("checkbox" | "radio")) => {
            element.attr("checked")?;
            element.attr("value").unwrap_or("on").to_owned()
        }
        ("textarea", _) => element.text().collect(),
        ("select", _) => {
            let chosen = within(element, "option[selected]").next();
            let option = chosen.or_else(|| within(element, "option").next())?;
            option
                .attr("value")
                .map_or_else(|| words(option), str::to_owned)
        }
        _ => element.attr("value").unwrap_or_default().to_owned(),
    };
    Some((name.to_owned(), value))
}

fn label(control: ElementRef<'_>) -> String {
    let written = words(control);
    let named = [control.attr("aria-label"), control.attr("value")];
    let named = named.into_iter().flatten();
    std::iter::once(written.as_str())
        .chain(named)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The heading of the smallest element around the control that has one.
fn nearest_heading(control: ElementRef<'_>) -> Option<String> {
    control
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find_map(|ancestor| {
            let heading = within(ancestor, "h1, h2, h3, h4, legend").next();
            heading.map(words)
        })
}

fn contains(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(&words.to_lowercase())
}
