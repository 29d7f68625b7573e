//! WEB-21, AS-01, AS-02: no parameter of anybody's decides where a browser is sent.
//!
//! The app has no return target by design: what a sign-in comes back to is `/`. The identity provider
//! redirects to registered URIs alone, byte for byte, and answers everything else with a page.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

use super::targets::{EVIL, bent, foreign};
use crate::browser::{Browser, Seen};
use crate::controls::Action;
use crate::http::{Answer, client, query, send};
use crate::misbehaving::{Gateway, Provider};
use crate::stack::{CLIENT_ID, Stack};

/// The names under which programs take a return target.
const NAMES: [&str; 18] = [
    "next",
    "return_to",
    "returnTo",
    "return",
    "return_url",
    "redirect",
    "redirect_to",
    "redirect_uri",
    "redirect_url",
    "url",
    "uri",
    "target",
    "target_link_uri",
    "rd",
    "continue",
    "dest",
    "callback",
    "goto",
];

/// Every name with this target, as a query or a form.
fn under_every_name(target: &str) -> String {
    let pairs = NAMES.map(|name| (name, target));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The names dealt out to three targets: the next three get them in another order.
fn dealt(targets: &[String], turn: usize) -> String {
    let target = |place: usize| &targets[(place + turn) % targets.len()];
    let names = NAMES.iter().enumerate();
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(names.map(|(place, name)| (name, target(place))))
        .finish()
}

fn with_query(url: &Url, more: &str) -> Url {
    let mut url = url.clone();
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{more}"),
        _ => more.to_owned(),
    };
    url.set_query(Some(&query));
    url
}

/// Nothing in this answer's head leads anywhere, by any header.
fn leads_nowhere(answer: &Answer) -> bool {
    ["location", "refresh", "content-location", "link"]
        .iter()
        .all(|name| !answer.headers.contains_key(*name))
}

fn head(answer: &Answer) -> String {
    format!("{:?}", answer.headers).to_lowercase()
}

/// Goes through a sign-in with these further parameters, as far as the provider's answer.
async fn answered(browser: &Browser, home: &Seen, action: &Action, more: &str) -> (Answer, Url) {
    let fields: Vec<_> = action
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let url = with_query(&action.url, more);
    let started = browser.post_form(&home.url, &url, &fields).await;
    let answered = browser.follow(&started).await;
    (started.answer.clone(), answered.location())
}

/// Every target in some place, and every place with every third: each alone would take minutes. One browser may
/// have twenty sign-ins under way, so they share their home page.
#[tokio::test]
async fn sec_web_21_every_sign_in_ends_on_the_home_page_whatever_the_corpus_says() {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let stack = Stack::against(&provider, &gateway).await;
    let good = Url::parse(&stack.web("/callback")).unwrap();
    let targets: Vec<String> = foreign(&good).into_iter().collect();
    let threes = targets.chunks(3).enumerate();
    let all: Vec<String> = threes.map(|(turn, three)| dealt(three, turn)).collect();
    for some in all.chunks(20) {
        let browser = stack.browser();
        let home = browser.open(stack.web("/")).await;
        let action = home.page().press("authenticate");
        // all begin before one ends: who is signed in needs a page of that session
        let begun = some
            .iter()
            .map(|more| answered(&browser, &home, &action, more));
        let begun = futures_util::future::join_all(begun).await;
        for (more, (started, answered)) in some.iter().zip(begun) {
            let location = started.location();
            let there = format!("{}/authorize?", provider.issuer());
            assert!(location.as_str().starts_with(&there), "{more}: {location}");
            let redirect_uri = query(&location, "redirect_uri");
            assert_eq!(redirect_uri.as_deref(), Some(good.as_str()), "{more}");
            assert!(!head(&started).contains(EVIL), "{more}");
            let signed_in = browser.get(with_query(&answered, more)).await;
            assert_eq!(
                (signed_in.status, signed_in.header("location").as_str()),
                (303, "/"),
                "{more}"
            );
            assert!(!head(&signed_in).contains(EVIL), "{more}");
        }
    }
    println!(
        "return targets of sign-ins that work: {} cases",
        targets.len()
    );
    assert!(targets.len() >= 2_000, "{}", targets.len());
}

#[tokio::test]
async fn sec_web_21_nothing_else_in_the_app_leads_where_the_corpus_says() {
    let stack = Stack::with(&[("SIGN_IN_RATE", "off")]).await; // a 429 would pass for a refusal
    let good = Url::parse(&stack.web("/callback")).unwrap();
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let log_out = Url::parse(&stack.web("/log-out")).unwrap();
    let signed_out = Url::parse(&stack.web("/signed-out")).unwrap();
    let form = home.page().press("authenticate");
    let csrf = form
        .fields
        .iter()
        .find(|(name, _)| name == "csrf")
        .unwrap()
        .1
        .clone();
    let mut count = 0;
    for (number, target) in foreign(&good).iter().enumerate() {
        let more = under_every_name(target);
        // answers that nobody waits for, with the target in the place of every parameter too
        let answer = match number % 3 {
            0 => more.clone(),
            1 => format!("{more}&code=c&state=s"),
            _ => format!("{more}&error=x&error_uri=y&state=s"),
        };
        let seen = browser.get(with_query(&good, &answer)).await;
        assert!(
            (400..500).contains(&seen.status) && seen.status != 429 && leads_nowhere(&seen),
            "{target:?}: {}",
            seen.status
        );
        let signed_out = browser.get(with_query(&signed_out, &more)).await;
        assert!(
            signed_out.status == 200 && leads_nowhere(&signed_out),
            "{target:?}"
        );
        count += 2;
        if number % 3 == 0 {
            let mut fields: Vec<(&str, &str)> =
                NAMES.iter().map(|name| (*name, target.as_str())).collect();
            fields.push(("csrf", &csrf));
            let out = browser
                .post_form(&home.url, &with_query(&log_out, &more), &fields)
                .await;
            assert_eq!(
                (out.status, out.header("location").as_str()),
                (303, "/signed-out"),
                "{target:?}"
            );
            count += 1;
        }
    }
    println!("return targets beside sign-ins: {count} cases");
    assert!(count >= 1_500, "{count}");
}

/// Targets as paths, and hosts as headers: no path is tidied by a redirect, and no header names a host.
#[tokio::test]
async fn sec_web_21_com_18_no_path_and_no_header_becomes_a_location() {
    let stack = Stack::start().await;
    let home = Url::parse(&stack.web("/")).unwrap();
    let port = home.port().unwrap();
    let mut count = 0;
    for target in foreign(&home) {
        if !target.starts_with(['/', '\\']) {
            continue;
        }
        for path in [
            target.clone(),
            format!("/signed-out/{target}"),
            format!("/.{target}"),
        ] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let request = format!(
                "GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(request.as_bytes()).await;
            let mut said = Vec::new();
            let _ = stream.read_to_end(&mut said).await;
            let said = String::from_utf8_lossy(&said).to_lowercase();
            let head = said.split("\r\n\r\n").next().unwrap_or_default();
            assert!(
                head.starts_with("http/1.1 ")
                    && !head.starts_with("http/1.1 3")
                    && !head.contains("\r\nlocation:"),
                "{path:?}: {head}"
            );
            count += 1;
        }
    }
    for name in [
        "x-forwarded-host",
        "x-forwarded-server",
        "x-host",
        "forwarded",
        "x-original-host",
        "x-forwarded-prefix",
        "referer",
        "x-original-url",
    ] {
        for value in [
            EVIL,
            "https://evil.example/",
            "host=evil.example;proto=https",
            "//evil.example",
        ] {
            let browser = client();
            for path in [
                "/",
                "/callback",
                "/signed-out",
                "/log-out",
                "/authenticate/silver",
            ] {
                let answer = send(browser.get(stack.web(path)).header(name, value)).await;
                assert!(
                    !head(&answer).contains(EVIL) && leads_nowhere(&answer),
                    "{name}: {value} at {path}"
                );
                count += 1;
            }
        }
    }
    println!("return targets as paths and headers: {count} cases");
}

/// Both endpoints of the provider that redirect, with everything that is nearly a registered URI.
#[tokio::test]
async fn sec_as_01_02_a_bent_redirect_gets_a_page_and_no_location() {
    let stack = Stack::start().await;
    let http = client();
    let ask = async |path: &str, name: &str, target: &str| {
        let mut url = Url::parse(&format!("{}{path}", stack.issuer())).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", CLIENT_ID)
            .append_pair(name, target)
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("state", "s")
            .append_pair("prompt", "none")
            .append_pair(
                "code_challenge",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            )
            .append_pair("code_challenge_method", "S256");
        send(http.get(url)).await
    };
    let mut count = 0;
    for (path, name, good) in [
        ("/v1/authorize", "redirect_uri", stack.web("/callback")),
        (
            "/v1/logout",
            "post_logout_redirect_uri",
            stack.web("/signed-out"),
        ),
    ] {
        let right = ask(path, name, &good).await;
        assert_eq!(right.status, 303, "{}", right.text());
        assert!(
            right.header("location").starts_with(&format!("{good}?")),
            "{}",
            right.header("location")
        );
        for target in bent(&Url::parse(&good).unwrap()) {
            let answer = ask(path, name, &target).await;
            assert_eq!(
                answer.status,
                400,
                "{name} {target:?}: {}",
                answer.header("location")
            );
            assert!(leads_nowhere(&answer), "{name} {target:?}");
            assert!(
                answer.header("content-type").starts_with("text/html"),
                "{name} {target:?}"
            );
            assert!(!answer.page().heading().is_empty(), "{name} {target:?}");
            count += 1;
        }
    }
    println!("bent redirect URIs at the provider: {count} cases");
    assert!(count >= 1_500, "{count}");
}
