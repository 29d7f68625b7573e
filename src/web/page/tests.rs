//! Every template, rendered from samples.

use super::{samples::*, *};
use crate::assets::checks::{self, HOSTILE, Page};
use askama::Template;

fn noticed() -> HomePage {
    let notice = |kind, detail: Option<&str>| Notice {
        kind,
        text: "The identity provider cannot be reached.".to_owned(),
        detail: detail.map(str::to_owned),
    };
    HomePage {
        notices: vec![
            notice(
                NoticeKind::Problem,
                Some("Connection refused. Asked again every few seconds."),
            ),
            notice(NoticeKind::Warning, None),
            notice(NoticeKind::Note, None),
        ],
        ..home(Some(opaque_tokens()), Some("Carl Sagan"))
    }
}

fn machine_needs() -> HomePage {
    let mut page = home(None, None);
    let machine = page.machine.as_mut().unwrap();
    machine.needs = Some("Set MACHINE_CLIENT_SECRET.".to_owned());
    machine.resources[0].action = None;
    page
}

fn hostile_flight() -> FlightPage {
    let mut page = refused();
    page.answer = Some(AnswerView::List(vec![HOSTILE.to_owned()]));
    let came_back = page.came_back.as_mut().unwrap();
    came_back.body = Some(HOSTILE.to_owned());
    came_back
        .headers
        .push((HOSTILE.to_owned(), HOSTILE.to_owned()));
    page
}

fn hostile_problem() -> ProblemPage {
    let mut page = problem();
    page.status = 502;
    page.heading = HOSTILE.to_owned();
    page.facts.push((HOSTILE.to_owned(), HOSTILE.to_owned()));
    page
}

fn small_pages() -> Vec<Page> {
    let go_on = ContinuePage {
        chrome: chrome(None),
        heading: "On to the identity provider".to_owned(),
        sentences: vec![
            "When this app made its page, it did not know the provider's address.".to_owned(),
        ],
        url: "http://localhost:8081/oauth2/default/v1/authorize?state=1".to_owned(),
        link_text: "Go on to localhost:8081".to_owned(),
    };
    let signed_out = SignedOutPage {
        chrome: chrome(None),
        facts: vec![("Session here".to_owned(), "ended".to_owned())],
        next: vec![NextStep::link("Start again.", "/", "to the panels")],
    };
    let address = AddressPage {
        chrome: chrome(None),
        opened: "http://127.0.0.1:8080".to_owned(),
        right: "http://localhost:8080".to_owned(),
        url: "http://localhost:8080/".to_owned(),
    };
    vec![
        ("continue", go_on.render().unwrap()),
        ("signed-out", signed_out.render().unwrap()),
        ("address", address.render().unwrap()),
    ]
}

fn pages() -> Vec<Page> {
    let signed_in = |name: &str| home(Some(tokens(name)), Some(name)).render().unwrap();
    let mut pages = vec![
        ("home-out", home(None, None).render().unwrap()),
        ("home-in", signed_in("Carl Sagan")),
        ("home-opaque", noticed().render().unwrap()),
        ("home-hostile", signed_in(HOSTILE)),
        ("home-machine-needs", machine_needs().render().unwrap()),
        ("flight-open", answered(0).render().unwrap()),
        ("flight-row", answered(3).render().unwrap()),
        ("flight-around", answered(4).render().unwrap()),
        ("flight-machine", by_machine("odd").render().unwrap()),
        (
            "flight-machine-hostile",
            by_machine(HOSTILE).render().unwrap(),
        ),
        ("flight-refreshed", refreshed("odd").render().unwrap()),
        (
            "flight-refreshed-hostile",
            refreshed(HOSTILE).render().unwrap(),
        ),
        ("flight-refused", refused().render().unwrap()),
        ("flight-failed-hostile", failed().render().unwrap()),
        ("flight-hostile", hostile_flight().render().unwrap()),
        ("problem", problem().render().unwrap()),
        ("problem-hostile", hostile_problem().render().unwrap()),
        ("doctor", doctor(None).render().unwrap()),
        ("doctor-examined", examined("odd").render().unwrap()),
        ("doctor-hostile", examined(HOSTILE).render().unwrap()),
    ];
    pages.extend(small_pages());
    pages
}

fn page(name: &str) -> String {
    let found = pages().into_iter().find(|(known, _)| *known == name);
    found.unwrap().1
}

#[test]
fn every_page_is_sound() {
    pages().iter().for_each(checks::assert_sound);
}

#[test]
fn every_form_posts_with_the_csrf_value() {
    for (name, html) in &pages() {
        let posting = html.matches("<form method=\"post\"").count();
        assert_eq!(html.matches("<form").count(), posting, "{name}");
        let field = format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{}\">",
            chrome(None).csrf
        );
        assert_eq!(html.matches(&field).count(), posting, "{name}");
    }
}

#[test]
fn controls_are_there_signed_in_or_out_with_the_words_of_the_tutorial() {
    for name in ["home-out", "home-in", "home-opaque"] {
        let html = page(name);
        assert_eq!(html.matches(">authenticate</button>").count(), 3, "{name}");
        assert_eq!(html.matches(">log out</button>").count(), 1, "{name}");
        for words in [
            "the visitors!",
            "some asteroids!",
            "some comets!",
            "the planets!",
            "some moons!",
        ] {
            assert_eq!(
                html.matches(&format!(">show me {words}</button>")).count(),
                1,
                "{name}: {words}"
            );
        }
        assert!(!html.contains("disabled"), "{name}");
    }
}

#[test]
fn the_machine_shows_what_it_would_ask_and_a_button_where_it_has_credentials() {
    let html = page("home-out");
    for text in [
        "grant_type=client_credentials&#38;scope=read",
        "Basic [client id and secret]",
        ">ask as telescope</button>",
        "action=\"/machine/comets\"",
        "Which grant, when",
        "Never",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let without = page("home-machine-needs");
    assert!(without.contains("Set MACHINE_CLIENT_SECRET."));
    assert!(!without.contains("ask as") && without.contains("some comets!"));
}

#[test]
fn a_machines_flight_shows_both_calls_and_its_token_decoded() {
    let html = page("flight-machine");
    for text in [
        "First, a token was asked for",
        "And given",
        "The machine&#39;s access token",
        "about the machine",
        "What was asked",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(!page("flight-row").contains("First, a token"));
}

#[test]
fn each_panel_is_headed_by_its_own_level_alone() {
    let html = page("home-out");
    let levels = ["bronze", "silver", "gold"];
    let headings: Vec<_> = html.split("<h2 id=\"panel-").skip(1).collect();
    assert_eq!(headings.len(), levels.len());
    for (heading, own) in headings.iter().zip(levels) {
        let heading = heading.split("</h2>").next().unwrap();
        for level in levels {
            assert_eq!(heading.contains(level), level == own, "{heading}");
        }
    }
}

#[test]
fn all_claims_stand_on_the_page_and_an_opaque_token_is_called_that() {
    let html = page("home-in");
    for text in [
        "ID token",
        "access token",
        "at_hash",
        "00u3vx9q2mzk4LtTd1",
        "&#34;country&#34;",
        "at+jwt",
        "8 minutes left",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(page("home-opaque").contains("Opaque."));
    assert!(!html.contains("Opaque."));
}

#[test]
fn a_refusal_marks_what_is_missing_and_gives_a_way_on() {
    for name in ["flight-refused", "problem"] {
        let html = page(name);
        let missing = html.split("chip missing").nth(1).unwrap();
        assert!(
            missing
                .split("</li>")
                .next()
                .unwrap()
                .contains("http://myapp.com/scp/gold"),
            "{name}"
        );
        assert_eq!(html.matches("chip missing").count(), 1, "{name}");
        assert!(html.contains(">authenticate as gold</button>"), "{name}");
    }
    assert!(!page("flight-row").contains("missing"));
}

#[test]
fn the_doctors_page_says_each_verdict_in_a_word_and_what_to_do() {
    let html = page("doctor-examined");
    for text in [
        "As expected.",
        "Not testable here.",
        "Blemish.",
        "Failure.",
        "Hole.",
        "To do:",
        ">run the checks again</button>",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(page("doctor").contains(">run the checks</button>"));
    assert!(page("home-out").contains("href=\"/doctor\""));
}

#[test]
#[ignore = "writes pages to look at, into the folder that PAGES names"]
fn write_the_pages() {
    checks::write(&pages());
}
