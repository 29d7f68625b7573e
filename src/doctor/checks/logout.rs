//! The end of a sign-in (OpenID Connect RP-Initiated Logout): the endpoint, and the way back.

use crate::{
    calls::words_of_page,
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    net::{FetchError, origin},
    oauth::random_value,
};
use url::Url;

/// How many redirects within the provider are followed.
const STEPS: usize = 4;
/// An address that nobody registered, of a name that nobody can have (RFC 6761, section 6.4).
const ATTACKER: &str = "https://attacker.invalid/";

pub(in crate::doctor) async fn logout(exam: &mut Exam, _: usize) -> Saw {
    let announced = exam.document.as_ref();
    let announced = announced.is_some_and(|document| document.contains_key("end_session_endpoint"));
    let endpoint = match exam.endpoint("end_session_endpoint") {
        Ok(endpoint) => endpoint,
        Err(_) if !announced => {
            return Saw::blemish(
                "end_session_endpoint is not announced",
                "Signing out ends the session in the app alone: whoever sits down next is signed in again without a password.",
                "Switch RP-initiated logout on at the provider, where it has one.",
            );
        }
        Err(why) => {
            let fix = "Let the provider announce an https URL.";
            return Saw::failure(why, "The endpoint is not used.", fix);
        }
    };
    match exam.get(&endpoint, "text/html", None).await {
        Ok(answer) if answer.status < 500 && answer.status != 404 => {
            Saw::pass(format!("announced, and it answers {}", answer.status))
        }
        Ok(answer) => Saw::failure(
            format!("{} at {endpoint}", answer.status),
            "Signing out ends on a page that is not there.",
            "Look at end_session_endpoint in the provider's metadata.",
        ),
        Err(error) => {
            let fix = "Look at end_session_endpoint in the provider's metadata.";
            Saw::failure(error.to_string(), "Nobody can sign out there.", fix)
        }
    }
}

/// What a sign-out request came to.
enum Came {
    Back,
    Page(Answer),
    Elsewhere(String),
}

async fn ask(exam: &Exam, return_to: &str) -> Result<Came, FetchError> {
    let Ok(mut url) = exam.endpoint("end_session_endpoint") else {
        return Ok(Came::Elsewhere("no endpoint".to_owned()));
    };
    let own = origin(&url);
    url.query_pairs_mut()
        .append_pair("client_id", &exam.patient.client_id)
        .append_pair("post_logout_redirect_uri", return_to)
        .append_pair("state", &random_value());
    // a token goes into a URL only where the app does so too
    let hint = exam
        .held
        .last()
        .and_then(|(_, granted)| granted.id_token.clone());
    if let Some(hint) = hint.filter(|_| exam.patient.id_token_hint) {
        url.query_pairs_mut()
            .append_pair("id_token_hint", hint.expose());
    }
    let target = Url::parse(return_to).ok();
    for _ in 0..STEPS {
        let answer = exam.get(&url, "text/html", None).await?;
        let Some(location) = answer.location() else {
            return Ok(Came::Page(answer));
        };
        let is_back = target.as_ref().is_some_and(|target| {
            origin(target) == origin(&location) && target.path() == location.path()
        });
        if is_back {
            return Ok(Came::Back);
        }
        if origin(&location) != own {
            return Ok(Came::Elsewhere(origin(&location)));
        }
        url = location;
    }
    Ok(Came::Elsewhere("one redirect after the other".to_owned()))
}

pub(in crate::doctor) async fn way_back(exam: &mut Exam, _: usize) -> Saw {
    if exam.endpoint("end_session_endpoint").is_err() {
        return Saw::untestable("there is no logout endpoint");
    }
    let ours = exam.patient.post_logout_redirect_uri.clone();
    let came = match ask(exam, &ours).await {
        Ok(came) => came,
        Err(error) => return Saw::untestable(error.to_string()),
    };
    let other = ask(exam, ATTACKER).await;
    let line = format!("{ATTACKER}: {}", in_words(&other));
    let saw = match (came, other) {
        (_, Ok(Came::Back)) => open_redirect(),
        (_, Ok(Came::Elsewhere(to))) if to == ATTACKER.trim_end_matches('/') => open_redirect(),
        (Came::Page(answer), _) if matches!(answer.status, 408 | 429 | 500..) => {
            Saw::untestable(format!("the logout endpoint answers {}", answer.status))
        }
        (Came::Page(answer), _) if !answer.is_success() => Saw::failure(
            format!(
                "{}, a page of the provider: {}",
                answer.status,
                words_of_page(&String::from_utf8_lossy(&answer.body))
            ),
            "The provider does not take the app's address after a sign-out, or wants to be shown the ID token.",
            format!(
                "Register {ours} as a post-logout redirect URI of the client at the provider; where it insists on an ID token (Okta), set ID_TOKEN_HINT=true."
            ),
        ),
        (Came::Elsewhere(to), _) => {
            Saw::untestable(format!("the logout endpoint led elsewhere: {to}"))
        }
        (Came::Back, Ok(Came::Page(answer))) if stays(&answer) => Saw::pass("back to the app"),
        (Came::Page(_), Ok(Came::Page(answer))) if stays(&answer) && !answer.is_success() => {
            Saw::pass(
                "the provider asks the person first, or says that it is done; another address it refuses",
            )
        }
        (Came::Page(_), Ok(Came::Page(answer))) if answer.is_success() => Saw::untestable(
            "the provider shows a page for the app's address and for a stranger's alike: where they lead to, only a person sees",
        ),
        _ => Saw::untestable("whether the provider refuses a stranger's address did not show"),
    };
    saw.line(line)
}

fn in_words(came: &Result<Came, FetchError>) -> String {
    match came {
        Ok(Came::Back) => "it sends browsers there".to_owned(),
        Ok(Came::Page(answer)) => format!("{}, a page of the provider", answer.status),
        Ok(Came::Elsewhere(to)) => to.clone(),
        Err(error) => error.to_string(),
    }
}

fn open_redirect() -> Saw {
    Saw::hole(
        format!("it sends browsers to {ATTACKER}"),
        "Whoever sends a person a link to the provider leads the person where they like (an open redirect).",
        "Let the provider compare whole addresses: register the app's alone.",
    )
}

/// Whether a page says no to the attacker's address, or goes without it: one that holds it may lead there yet.
fn stays(answer: &Answer) -> bool {
    match answer.status {
        408 | 429 => false,
        400..=499 => true,
        _ => {
            let page = String::from_utf8_lossy(&answer.body);
            answer.is_success() && !page.contains("attacker.invalid")
        }
    }
}
