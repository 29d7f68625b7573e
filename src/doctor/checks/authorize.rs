//! Authorization requests as an outsider makes them: which redirect URIs are taken, and PKCE.
//!
//! `prompt=none` lets the provider answer at once (OpenID Connect Core, section 3.1.2.1): back to the
//! app with `login_required` where the redirect URI is registered, on a page of its own where not. No
//! password is typed, and the redirect URI is not opened.

use crate::{
    calls::words_of_page,
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    flight::printable,
    net::origin,
    oauth::{pkce, random_value},
};
use serde_json::Value;
use url::Url;

/// How many redirects within the provider are followed.
const STEPS: usize = 4;

/// What an authorization request came to.
enum Came {
    /// Back to the redirect URI: an error's code, or none with a code.
    Back {
        error: Option<String>,
        described: String,
    },
    /// The provider's page for signing in.
    SignIn,
    /// A page of the provider's that is something else, or an error's.
    Page { status: u16, words: String },
    /// No answer, or one that leads elsewhere.
    Elsewhere(String),
}

impl Came {
    fn in_words(&self) -> String {
        match self {
            Self::Back {
                error: Some(error),
                described,
            } => format!("back to the app: {error}{described}"),
            Self::Back { error: None, .. } => "back to the app with a code".to_owned(),
            Self::SignIn => "the provider's sign-in page".to_owned(),
            Self::Page { status, words } => format!("{status}, a page of the provider: {words}"),
            Self::Elsewhere(why) => why.clone(),
        }
    }
}

async fn ask(exam: &Exam, redirect_uri: &str, challenge: bool) -> Came {
    let mut url = match exam.endpoint("authorization_endpoint") {
        Ok(url) => url,
        Err(why) => return Came::Elsewhere(why),
    };
    let own = origin(&url);
    let state = random_value();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &exam.patient.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", &state)
            .append_pair("nonce", &random_value())
            .append_pair("prompt", "none");
        if challenge {
            query
                .append_pair("code_challenge", &pkce::s256(&random_value()))
                .append_pair("code_challenge_method", "S256");
        }
    }
    for _ in 0..STEPS {
        let answer = match exam.get(&url, "text/html", None).await {
            Ok(answer) => answer,
            Err(error) => return Came::Elsewhere(error.to_string()),
        };
        let Some(location) = answer.location() else {
            return page(&answer);
        };
        if leads_to(&location, redirect_uri) {
            return back(&location);
        }
        if origin(&location) != own {
            let to = printable(&origin(&location), 200);
            return Came::Elsewhere(format!("a redirect to {to}"));
        }
        url = location;
    }
    Came::Elsewhere("one redirect after the other".to_owned())
}

fn leads_to(location: &Url, redirect_uri: &str) -> bool {
    let bare = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
    let normal = Url::parse(redirect_uri).map(|url| bare(url.as_str()));
    let found = bare(location.as_str());
    found == bare(redirect_uri) || normal.is_ok_and(|normal| normal == found)
}

fn back(location: &Url) -> Came {
    let fragment = location.fragment().unwrap_or_default().to_owned();
    let pairs: Vec<(String, String)> = location
        .query_pairs()
        .chain(url::form_urlencoded::parse(fragment.as_bytes()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let of = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| printable(value, 200))
    };
    let described = of("error_description").map(|text| format!(" ({text})"));
    Came::Back {
        error: of("error"),
        described: described.unwrap_or_default(),
    }
}

fn page(answer: &Answer) -> Came {
    let text = String::from_utf8_lossy(&answer.body);
    let has_form = text.to_ascii_lowercase().contains("<form");
    if answer.is_success() && has_form {
        return Came::SignIn;
    }
    Came::Page {
        status: answer.status,
        words: words_of_page(&text),
    }
}

pub(in crate::doctor) async fn redirect(exam: &mut Exam, _: usize) -> Saw {
    let redirect_uri = exam.patient.redirect_uri.clone();
    let came = ask(exam, &redirect_uri, true).await;
    let line = format!("authorization request with prompt=none and redirect_uri={redirect_uri}");
    let got = came.in_words();
    let saw = match &came {
        Came::Back {
            error: Some(error), ..
        } if error == "unauthorized_client" => Saw::failure(
            got,
            "The provider knows the redirect URI, and does not let this client use the code flow.",
            "Allow the authorization code grant for the client at the provider.",
        ),
        Came::Back {
            error: Some(error), ..
        } if error == "invalid_scope" => Saw::failure(
            got,
            "The provider knows the redirect URI, and does not let this client ask for openid.",
            "Assign the scope openid to the client, or the client to the application, at the provider.",
        ),
        Came::Back {
            error: Some(error), ..
        } if error == "unsupported_response_type" => Saw::failure(
            got,
            "The provider knows the redirect URI, and offers no code flow.",
            "Allow response_type=code for the client at the provider.",
        ),
        Came::Back { .. } | Came::SignIn => Saw::pass(got),
        Came::Page { .. } => Saw::failure(
            got,
            "The provider answers on a page of its own: it does not know the client, or this is not one of the client's redirect URIs, byte for byte.",
            format!(
                "Register {redirect_uri} as a redirect URI of the client {} at the provider, or set REDIRECT_URI (and AUTHN_CLIENT_ID) to what is registered there.",
                exam.patient.client_id
            ),
        ),
        Came::Elsewhere(_) => {
            Saw::untestable(format!("the authorization endpoint led elsewhere: {got}"))
        }
    };
    saw.line(line)
}

/// What a page calls a redirect URI when it tells of one.
const NAMES: [&str; 7] = [
    "redirect_uri",
    "redirect uri",
    "redirect url",
    "redirection uri",
    "callback uri",
    "callback url",
    "reply url",
];

/// Whether a page of the provider's says no to the redirect URI: by its status, or, where that is 200, by
/// naming it. A server that is busy, broken or away says nothing about it.
fn says_no(status: u16, words: &str) -> bool {
    let words = words.to_lowercase();
    match status {
        408 | 429 => false,
        400..=499 => true,
        200..=299 => NAMES.iter().any(|name| words.contains(name)),
        _ => false,
    }
}

/// Two that nobody registered: another site's, and a longer one of our own.
pub(in crate::doctor) async fn others(exam: &mut Exam, _: usize) -> Saw {
    let own = exam.patient.redirect_uri.clone();
    let bare = own.split(['?', '#']).next().unwrap_or_default();
    let longer = format!("{}/nobody-registered-this", bare.trim_end_matches('/'));
    let mut lines = Vec::new();
    let mut unclear = None;
    for (who, wrong) in [
        (
            "another site's",
            "https://attacker.invalid/callback".to_owned(),
        ),
        ("a longer one", longer),
    ] {
        let came = ask(exam, &wrong, true).await;
        lines.push(format!("{wrong}: {}", came.in_words()));
        match came {
            Came::Back { .. } => {
                return Saw::hole(
                    format!("{who} is taken: {wrong}"),
                    "Whoever sends a person through such a request gets the person's code (RFC 9700, section 4.1.1).",
                    format!("Let the provider compare whole redirect URIs: register {own} alone, without wildcards."),
                )
                .lines(lines);
            }
            Came::SignIn => {
                unclear =
                    Some("the provider shows its sign-in page before it looks at the redirect URI");
            }
            Came::Elsewhere(_) => {
                unclear = Some("the provider answers neither on a page nor to the app");
            }
            Came::Page { status, words } if says_no(status, &words) => {}
            Came::Page { .. } => {
                unclear = Some("the provider's page does not say that it refuses the redirect URI");
            }
        }
    }
    match unclear {
        Some(why) => Saw::untestable(why).lines(lines),
        None => Saw::pass("refused, on a page of the provider").lines(lines),
    }
}

pub(in crate::doctor) async fn pkce(exam: &mut Exam, _: usize) -> Saw {
    let announced = exam.document.as_ref();
    let announced = announced.and_then(|document| document.get("code_challenge_methods_supported"));
    let announced: Vec<String> = announced
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| printable(name, 40))
        .collect();
    let redirect_uri = exam.patient.redirect_uri.clone();
    let without = ask(exam, &redirect_uri, false).await;
    let insists =
        matches!(&without, Came::Back { error: Some(error), .. } if error == "invalid_request");
    let line = format!("a request without code_challenge: {}", without.in_words());
    let insists = if insists {
        "a request without it is refused"
    } else {
        "a request without it goes on (every one of ours has it)"
    };
    if !announced.iter().any(|method| method == "S256") {
        return Saw::blemish(
            if announced.is_empty() {
                format!("S256 is not announced; {insists}")
            } else {
                format!("announced is {} alone; {insists}", announced.join(", "))
            },
            "PKCE is sent all the same; a provider that does not know it ignores it, and then a stolen code can be redeemed (RFC 9700, section 2.1.1).",
            "Switch PKCE with S256 on at the provider, or for this client.",
        )
        .line(line);
    }
    Saw::pass(format!("S256; {insists}")).line(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_that_is_about_the_request_says_no() {
        for (status, words) in [
            (400, ""),
            (403, "no"),
            (200, "Invalid redirect_uri"),
            (200, "The Redirect URI does not match"),
        ] {
            assert!(says_no(status, words), "{status} {words}");
        }
        for (status, words) in [
            (429, "redirect_uri"),
            (408, ""),
            (500, "redirect_uri"),
            (503, "callback URL"),
            (302, ""),
            (200, "Back in an hour"),
            (200, "Redirecting"),
        ] {
            assert!(!says_no(status, words), "{status} {words}");
        }
    }

    #[test]
    fn back_at_the_app_is_its_redirect_uri_and_nothing_beside_it() {
        let leads = |location: &str| {
            leads_to(
                &Url::parse(location).unwrap(),
                "http://localhost:8080/callback",
            )
        };
        assert!(leads("http://localhost:8080/callback?error=login_required"));
        assert!(leads("http://localhost:8080/callback#error=x"));
        for other in [
            "http://localhost:8080/callback2",
            "http://localhost:8081/callback",
            "https://localhost:8080/callback",
        ] {
            assert!(!leads(other), "{other}");
        }
    }
}
