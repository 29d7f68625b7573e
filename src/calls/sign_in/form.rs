//! The form that a person would fill in on a provider's page.

use crate::{flight::printable, oauth::Secret};
use scraper::{ElementRef, Html, Selector};
use url::{Url, form_urlencoded};

/// A form with what it holds by itself, and what is to be filled in.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: Url,
    pub(super) post: bool,
    fields: Vec<(String, String)>,
    /// The name of the field for the login.
    pub(super) login: Option<String>,
    /// The name of the field for the password.
    pub(super) password: Option<String>,
}

impl Form {
    pub(super) fn filled_in(mut self, login: &str, password: &Secret) -> Self {
        if let Some(name) = self.login.clone() {
            self.set(&name, login);
        }
        if let Some(name) = self.password.clone() {
            self.set(&name, password.expose());
        }
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish()
    }
}

/// What would go on: a form with a password before one with a login, and that before one that only
/// wants a yes.
pub(super) fn find(page: &str, url: &Url) -> Option<Form> {
    let page = Html::parse_document(page);
    let forms: Vec<Form> = page
        .select(&selector("form"))
        .filter_map(|form| read(form, url))
        .collect();
    let rank = |form: &Form| match (&form.password, &form.login) {
        (Some(_), _) => 0,
        (None, Some(_)) => 1,
        (None, None) => 2,
    };
    forms.into_iter().min_by_key(rank)
}

/// The words of a page that tell what went wrong, else all of them; cut.
pub fn words(page: &str) -> String {
    let page = Html::parse_document(page);
    let alert = page
        .select(&selector("[role=alert], .alert, .error, #input-error"))
        .next();
    let body = || page.select(&selector("body")).next();
    let text: String = alert.or_else(body).map_or_else(String::new, |element| {
        element.text().collect::<Vec<_>>().join(" ")
    });
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&text, 200)
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("the selectors of this file are written out, and tested")
}

fn read(form: ElementRef<'_>, url: &Url) -> Option<Form> {
    let action = url.join(form.attr("action").unwrap_or_default()).ok()?;
    let post = form
        .attr("method")
        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
    let mut read = Form {
        action,
        post,
        fields: Vec::new(),
        login: None,
        password: None,
    };
    for input in form.select(&selector("input[name]")) {
        let name = input.attr("name").unwrap_or_default();
        let kind = input.attr("type").unwrap_or("text").to_ascii_lowercase();
        let value = input.attr("value").unwrap_or_default();
        let is_ticked = input.attr("checked").is_some();
        match kind.as_str() {
            "submit" | "button" | "image" | "reset" | "file" => continue,
            "checkbox" | "radio" if !is_ticked => continue,
            "password" => read.password = read.password.or_else(|| Some(name.to_owned())),
            "text" | "email" if read.login.is_none() => read.login = Some(name.to_owned()),
            _ => {}
        }
        read.fields.push((name.to_owned(), value.to_owned()));
    }
    let button = submit(form)?;
    read.fields.extend(button);
    Some(read)
}

/// The button that goes on, and what it says; `None` where every button turns back.
#[expect(clippy::option_option, reason = "a button may well say nothing")]
fn submit(form: ElementRef<'_>) -> Option<Option<(String, String)>> {
    let buttons = selector("button, input[type=submit]");
    let mut buttons = form.select(&buttons).filter(|button| {
        let kind = button.attr("type").unwrap_or("submit");
        kind.eq_ignore_ascii_case("submit") && !turns_back(*button)
    });
    let button = buttons.next()?;
    let name = button.attr("name").filter(|name| !name.is_empty());
    let value = button.attr("value").unwrap_or_default();
    Some(name.map(|name| (name.to_owned(), value.to_owned())))
}

fn turns_back(button: ElementRef<'_>) -> bool {
    let said: String = button.text().collect::<String>().to_lowercase();
    let named =
        ["name", "value", "id"].map(|name| button.attr(name).unwrap_or_default().to_lowercase());
    let words = ["cancel", "deny", "decline", "abort", "reject"];
    let is_no = |text: &str| words.iter().any(|word| text.contains(word)) || text.trim() == "no";
    is_no(&said) || named.iter().any(|text| is_no(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Option<Form> {
        find(
            page,
            &Url::parse("https://idp.example/a/sign-in?x=1").unwrap(),
        )
    }

    #[test]
    fn a_sign_in_form_is_filled_in_with_all_it_holds() {
        let page = r#"<form action="/search"><input name="q"><button>go</button></form>
            <form method="POST" action="../in?session=1"><input type="hidden" name="csrf" value="c&amp;d">
            <input name="username" value="old"><input type="password" name="password">
            <input type="checkbox" name="remember"><button name="cancel" value="x">Cancel</button>
            <button name="go" value="yes">Sign in</button></form>"#;
        let form = found(page).unwrap().filled_in("carl", &Secret::new("p w"));
        assert_eq!(form.action.as_str(), "https://idp.example/in?session=1");
        assert!(form.post);
        assert_eq!(
            form.encoded(),
            "csrf=c%26d&go=yes&username=carl&password=p+w"
        );
    }

    #[test]
    fn consent_is_given_and_never_withdrawn() {
        let page = r#"<form method="post"><input type="hidden" name="prompt" value="consent">
            <button type="submit" name="cancel">No</button><button>Continue</button></form>"#;
        let form = found(page).unwrap();
        assert_eq!(form.encoded(), "prompt=consent");
        let no = r#"<form method="post"><button name="deny">Deny</button></form>"#;
        assert!(found(no).is_none());
        assert!(found("<p>Nothing</p>").is_none());
    }

    #[test]
    fn a_login_alone_comes_before_its_password() {
        let page = r#"<form method="post"><input type="email" name="identifier"><input type="submit" value="Next"></form>"#;
        let form = found(page).unwrap();
        assert_eq!(form.login.as_deref(), Some("identifier"));
        assert!(form.password.is_none());
    }

    #[test]
    fn what_a_page_says_is_one_line_without_controls() {
        let page = "<title>x</title><p role=alert>Wrong\n <b>name\u{1b}[31m</b></p><p>more</p>";
        assert_eq!(words(page), "Wrong name [31m");
    }
}
