//! A small scripted browser: it keeps cookies, follows redirects within the provider, and fills in
//! the forms that it finds. It never leaves the provider's origin, and never opens the redirect URI.

use super::{
    SignInError,
    attempt::Attempt,
    form::{self, Form},
};
use crate::{
    calls::Discovery,
    flight::printable,
    net::{Client, origin},
    oauth::Secret,
};
use axum::http::{HeaderValue, Request, Response, header};
use bytes::Bytes;
use cookie_store::CookieStore;
use url::Url;

/// How many pages and redirects a sign-in may take.
const STEPS: usize = 20;
/// The longest page that is read, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Signs somebody in, up to the code.
pub(super) async fn code(
    http: &Client,
    discovery: &Discovery,
    attempt: &Attempt,
    login: &str,
    password: &Secret,
) -> Result<Secret, SignInError> {
    let endpoint = discovery
        .endpoint("authorization_endpoint")
        .map_err(|error| error.to_string())?;
    let mut browser = Browser {
        http,
        jar: CookieStore::default(),
        origin: origin(&endpoint),
    };
    let mut step = Step::Open(attempt.url(&endpoint));
    let mut password_sent = false;
    for _ in 0..STEPS {
        let (url, answer) = browser.take(step).await?;
        if let Some(location) = redirect(&url, &answer) {
            let location = location?;
            if let Some(answered) = attempt.answer(&location) {
                return answered.map_err(SignInError::Refused);
            }
            step = Step::Open(location);
            continue;
        }
        let page = String::from_utf8_lossy(answer.body()).into_owned();
        let status = answer.status();
        if !status.is_success() {
            return Err(SignInError::Refused(format!(
                "{} answered {status}: {}",
                printable(url.path(), 200),
                form::words(&page)
            )));
        }
        let found = form::find(&page, &url).ok_or_else(|| {
            SignInError::UnknownPage(format!(
                "there is no form to go on with on the provider's page: {}",
                form::words(&page)
            ))
        })?;
        if found.password.is_some() && password_sent {
            return Err(SignInError::Refused(format!(
                "the provider did not take the password of {login}: {}",
                form::words(&page)
            )));
        }
        password_sent |= found.password.is_some();
        step = Step::Submit(found.filled_in(login, password));
    }
    let told = format!("the sign-in did not end within {STEPS} steps");
    Err(SignInError::UnknownPage(told))
}

enum Step {
    Open(Url),
    Submit(Form),
}

struct Browser<'a> {
    http: &'a Client,
    jar: CookieStore,
    /// The only origin that is asked, and that gets the password.
    origin: String,
}

impl Browser<'_> {
    async fn take(&mut self, step: Step) -> Result<(Url, Response<Bytes>), SignInError> {
        let (method, url, body) = match step {
            Step::Open(url) => ("GET", url, None),
            Step::Submit(form) if form.post => ("POST", form.action.clone(), Some(form.encoded())),
            Step::Submit(form) => {
                let mut url = form.action.clone();
                url.set_query(Some(&form.encoded()));
                ("GET", url, None)
            }
        };
        if origin(&url) != self.origin {
            let told = printable(&origin(&url), 200);
            return Err(SignInError::UnknownPage(format!(
                "the sign-in leads to {told}, and only the provider's own pages are known here"
            )));
        }
        let mut request = Request::builder().method(method).uri(url.as_str());
        request = request.header(header::ACCEPT, "text/html");
        let cookies: Vec<String> = self
            .jar
            .get_request_values(&url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let value = HeaderValue::from_str(&cookies.join("; "));
            request = request.header(header::COOKIE, value.map_err(|error| error.to_string())?);
        }
        if body.is_some() {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, self.origin.as_str());
        }
        let request = request.body(body.unwrap_or_default().into_bytes());
        let request = request.map_err(|error| error.to_string())?;
        let answer = self
            .http
            .send(request, LIMIT)
            .await
            .map_err(|error| error.to_string())?;
        for value in answer.headers().get_all(header::SET_COOKIE) {
            if let Ok(text) = value.to_str() {
                let _ = self.jar.parse(text, &url); // what is no cookie of this host is not kept
            }
        }
        Ok((url, answer))
    }
}

/// Where an answer redirects to. 307 and 308 would repeat a form, password and all: not here.
fn redirect(url: &Url, answer: &Response<Bytes>) -> Option<Result<Url, String>> {
    if !matches!(answer.status().as_u16(), 301..=303) {
        return None;
    }
    let location = answer.headers().get(header::LOCATION)?;
    let joined = location
        .to_str()
        .ok()
        .and_then(|location| url.join(location).ok());
    Some(joined.ok_or_else(|| "the provider redirects to nowhere".to_owned()))
}
