//! Discovery (OpenID Connect Discovery, section 4; RFC 8414): the metadata, whose they are, and where
//! they lead.

use crate::{
    calls::Discovery,
    doctor::{exam::Exam, saw::Saw},
    flight::printable,
    net::{FetchError, check_endpoint, check_url, is_loopback, join_path, origin},
};
use serde_json::Value;
use url::Url;

/// Endpoints without which nobody signs in.
const NEEDED: [&str; 3] = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
/// Endpoints that are used where they are there.
const USED: [&str; 4] = [
    "userinfo_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];

pub(in crate::doctor) async fn discovery(exam: &mut Exam, _: usize) -> Saw {
    let Ok(base) = check_url(&exam.patient.issuer) else {
        return Saw::untestable("ISSUER is no URL that is asked");
    };
    let url = join_path(&base, "/.well-known/openid-configuration");
    let answer = match exam.get(&url, "application/json", None).await {
        Ok(answer) => answer,
        Err(error) => return unreachable(exam, &error),
    };
    let line = answer.line(url.path());
    exam.issuer_ahead = exam.ahead(&answer);
    if answer.status != 200 {
        let moved = answer.location();
        let (got, fix) = match moved {
            Some(to) => (
                format!("{} to {to}", answer.status),
                "Set ISSUER to what the provider calls itself: a redirect is not followed.".to_owned(),
            ),
            None => (
                format!("{} at {url}", answer.status),
                "Set ISSUER to the issuer identifier of the provider: its URL up to, and without, /.well-known/.".to_owned(),
            ),
        };
        return Saw::failure(got, "No issuer is there.", fix).line(line);
    }
    let Some(document) = answer.object() else {
        return Saw::failure(
            "what answers is no JSON object, each member named once",
            "Something else answers there: a sign-in page, a proxy, another application.",
            "Set ISSUER to the issuer identifier of the provider, and look at what answers at that URL.",
        )
        .line(line);
    };
    let json = answer.header(axum::http::header::CONTENT_TYPE);
    let json = json.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let size = answer.body.len();
    exam.fetched = Some((url.to_string(), answer.body.clone()));
    exam.document = Some(document.clone());
    // RFC 8414 puts its word before the issuer's path, and some write it after
    let other = with_word_before_path(&base, "/.well-known/oauth-authorization-server");
    let other = exam.get(&other, "application/json", None).await;
    let (lines, differs) = match other {
        Ok(other) if other.status == 200 => {
            let told = other.line("/.well-known/oauth-authorization-server");
            let same = other
                .object()
                .and_then(|other| other.get("issuer").cloned());
            (vec![line, told], same.as_ref() != document.get("issuer"))
        }
        Ok(other) => {
            let told = format!(
                "/.well-known/oauth-authorization-server: {}, which nothing here needs",
                other.status
            );
            (vec![line, told], false)
        }
        Err(error) => (vec![line, error.to_string()], false),
    };
    if !json {
        return Saw::blemish(
            "200 with JSON in it, but another content type",
            "OpenID Connect Discovery, section 4.2 wants application/json; some programs insist.",
            "Let the provider answer with Content-Type: application/json.",
        )
        .lines(lines);
    }
    if differs {
        return Saw::blemish(
            "the two well-known documents are of different issuers",
            "Programs that read the other one (RFC 8414) see another issuer.",
            "Let both documents say the same at the provider.",
        )
        .lines(lines);
    }
    Saw::pass(format!("200, JSON, {size} bytes")).lines(lines)
}

fn unreachable(exam: &Exam, error: &FetchError) -> Saw {
    let why = match error {
        FetchError::Refused(_) => "The provider is not running, or listens at another port.",
        FetchError::TimedOut(_) => {
            "The provider takes too long, or something on the way swallows the request."
        }
        _ => "The provider cannot be reached from here.",
    };
    let fix = if exam.patient.embedded_idp {
        "Start the rooms with: solar-system"
    } else {
        "Start the provider, or correct ISSUER; between containers, localhost is each container itself."
    };
    Saw::failure(error.to_string(), why, fix)
}

fn with_word_before_path(base: &Url, word: &str) -> Url {
    let mut url = base.clone();
    let path = base.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{word}{path}"));
    url
}

pub(in crate::doctor) async fn issuer(exam: &mut Exam, _: usize) -> Saw {
    let expected = exam.patient.issuer.clone();
    let document = exam.document.as_ref();
    let found = document.and_then(|document| document.get("issuer"));
    let found = match found {
        Some(Value::String(found)) => found.clone(),
        _ => {
            return Saw::failure(
                "the document names no issuer",
                "Without its name nobody can tell whose metadata these are.",
                "Set ISSUER to an OpenID provider's issuer identifier.",
            );
        }
    };
    if let Some((url, body)) = &exam.fetched
        && let Ok(discovery) = Discovery::read(&expected, url, body)
    {
        exam.discovery = Some(discovery);
        return Saw::pass(expected);
    }
    let slash = found.trim_end_matches('/') == expected.trim_end_matches('/');
    let why = if slash {
        "The two differ by the slash at the end, and are compared byte for byte: tokens would be refused as another issuer's."
    } else if found.eq_ignore_ascii_case(&expected) {
        "The two differ by upper and lower case, and are compared byte for byte."
    } else {
        "The metadata are another issuer's: its tokens would be refused."
    };
    let got = printable(&found, 200);
    let fix = format!("Set ISSUER={got}");
    Saw::failure(got, why, fix).line(format!("ISSUER={expected}"))
}

pub(in crate::doctor) async fn endpoints(exam: &mut Exam, _: usize) -> Saw {
    let Some(document) = &exam.document else {
        return Saw::untestable("the provider's metadata are not known");
    };
    let mut lines = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for member in NEEDED.into_iter().chain(USED) {
        let needed = NEEDED.contains(&member);
        let told = match document.get(member) {
            None | Some(Value::Null) => {
                lines.push(format!("{member}: not announced"));
                if needed {
                    wrong.push(format!("{member} is not announced"));
                }
                continue;
            }
            Some(Value::String(text)) => text.as_str(),
            Some(_) => "",
        };
        lines.push(format!("{member}: {}", printable(told, 200)));
        if let Err(error) = check_endpoint(&exam.patient.issuer, told) {
            wrong.push(format!("{member} is not called: {error}"));
        }
    }
    if wrong.is_empty() {
        return Saw::pass("all that are needed are there, and safe to call").lines(lines);
    }
    Saw::failure(
        wrong.join("; "),
        "Codes, tokens and secrets go over these, so that plain http to another machine is never used (RFC 6749, section 3.1).",
        "Let the provider announce https endpoints: behind a proxy that ends TLS it must be told its public https URL.",
    )
    .lines(lines)
}

pub(in crate::doctor) async fn hosts(exam: &mut Exam, _: usize) -> Saw {
    let Ok(issuer) = Url::parse(&exam.patient.issuer) else {
        return Saw::untestable("ISSUER is no URL");
    };
    let mut elsewhere = Vec::new();
    let mut surprise = None;
    for member in NEEDED.into_iter().chain(USED) {
        let Ok(url) = exam.endpoint(member) else {
            continue;
        };
        if origin(&url) == origin(&issuer) {
            continue;
        }
        elsewhere.push(format!("{member}: {}", origin(&url)));
        match (is_loopback(&issuer), is_loopback(&url)) {
            (false, true) => surprise = Some((member, url, true)),
            (true, true) if surprise.is_none() => surprise = Some((member, url, false)),
            _ => {}
        }
    }
    match surprise {
        Some((member, url, true)) => Saw::failure(
            format!("{member} is at {}", origin(&url)),
            "The issuer is another machine, and sends this one to itself: the provider does not know its own public name.",
            "Tell the provider its public URL (Keycloak: --hostname; behind a proxy: its forwarded headers).",
        )
        .lines(elsewhere),
        Some((member, url, false)) => Saw::blemish(
            format!("{member} is at {}, the issuer at {}", origin(&url), origin(&issuer)),
            "Both are this machine by different names or ports: cookies and redirects are bound to the one that the browser opened.",
            "Use one name for all of it, localhost or 127.0.0.1.",
        )
        .lines(elsewhere),
        None if elsewhere.is_empty() => Saw::pass(format!("all at {}", origin(&issuer))),
        None => Saw::pass(format!(
            "{} at other hosts, which the issuer itself announces",
            elsewhere.len()
        ))
        .lines(elsewhere),
    }
}
