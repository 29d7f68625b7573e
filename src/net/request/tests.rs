//! What a request is called, and what is made of what callers say.

use super::*;
use axum::{Router, routing::get};
use std::collections::HashSet;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn came_with(values: &[&str]) -> Came {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(TRACEPARENT, value.parse().unwrap());
    }
    Came::of(&headers)
}

#[test]
fn sec_com_07_only_what_is_a_trace_is_taken_for_one() {
    let whole = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let Came::With(trace) = came_with(&[&whole]) else {
        panic!("{whole}");
    };
    assert_eq!((trace.id.to_string().as_str(), trace.flags), (TRACE, 1));
    assert!(matches!(came_with(&[]), Came::Without));
    for malformed in [
        "",
        "00",
        &whole.to_uppercase(),
        &whole.replace("00-4", "01-4"),
        &whole.replace("00-4", "ff-4"),
        &whole.replace('-', ""),
        &format!("{whole}-"),
        &format!("{whole}0"),
        &whole[..54],
        &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        &format!("00-{TRACE}-{}-01", "0".repeat(16)),
        &format!("00-{TRACE}-00f067aa0ba902b7-\t1"),
        &format!("00-{}-00f067aa0ba902b7-01", "\u{fffd}".repeat(10)),
    ] {
        let came = came_with(&[malformed]);
        assert!(matches!(came, Came::Malformed), "{malformed}");
    }
    assert!(matches!(came_with(&[&whole, &whole]), Came::Malformed));
}

#[test]
fn no_two_requests_have_one_number() {
    let numbers: HashSet<_> = (0..10_000).map(|_| Number::next().to_string()).collect();
    assert_eq!(numbers.len(), 10_000);
    assert!(numbers.iter().all(|number| number.len() == 32));
}

async fn asked(router: Router, traceparent: Option<&str>) -> Response<Body> {
    let mut request = Request::get("/");
    if let Some(traceparent) = traceparent {
        request = request.header("traceparent", traceparent);
    }
    let request = request.body(Body::empty()).unwrap();
    let room = "room";
    let handler = router;
    Numbered { room, handler }.handle(request).await
}

fn id_of(answer: &Response<Body>) -> Option<&str> {
    let id = answer.headers().get("x-request-id")?;
    Some(id.to_str().unwrap())
}

#[tokio::test]
async fn sec_com_09_a_refusal_is_named_and_an_answer_only_where_somebody_named_it() {
    let quiet = Router::new().route("/", get(|| async { "fine" }));
    assert_eq!(id_of(&asked(quiet, None).await), None);
    let refused = Router::new().route("/", get(|| async { StatusCode::FORBIDDEN }));
    assert_eq!(id_of(&asked(refused, None).await).map(str::len), Some(32));

    let naming = Router::new().route("/", get(|| async { [("said", request_id())] }));
    let answer = asked(naming, None).await;
    assert_eq!(answer.headers()["said"], id_of(&answer).unwrap());
}

#[tokio::test]
async fn work_in_a_task_of_its_own_goes_by_its_requests_number() {
    let asking = || async {
        let told = || request_numbers().map(|numbers| numbers.request.to_string());
        let bare = tokio::spawn(async move { told() }).await.unwrap();
        let carried = tokio::spawn(numbered(async move { told() })).await.unwrap();
        assert_eq!((bare, carried), (None, Some(request_id())));
    };
    let router = Router::new().route("/", get(asking));
    assert_eq!(asked(router, None).await.status(), 200);
}

#[tokio::test]
async fn sec_com_07_what_we_ask_is_named_like_the_request_and_never_like_a_callers_trace() {
    let asking = || async {
        let mut headers = HeaderMap::new();
        tell_trace(&mut headers);
        [
            ("told", headers["traceparent"].to_str().unwrap().to_owned()),
            ("id", request_id()),
        ]
    };
    let router = Router::new().route("/", get(asking));
    let sent = format!("00-{TRACE}-00f067aa0ba902b7-00");
    for sent in [Some(sent.as_str()), Some("junk"), None] {
        let answer = asked(router.clone(), sent).await;
        let told = answer.headers()["told"].to_str().unwrap();
        let id = answer.headers()["id"].to_str().unwrap();
        assert_ne!(id, TRACE, "what a caller says names nothing here");
        assert!(told.starts_with(&format!("00-{id}-")), "{told}");
        assert!(!told.contains("00f067aa0ba902b7"), "{told}");
        assert!(Trace::read(told.as_bytes()).is_some(), "{told}");
    }
    let mut outside = HeaderMap::new();
    tell_trace(&mut outside);
    assert!(outside.is_empty() && request_numbers().is_none());
}

/// A trace that is handed on keeps its name and its state; what is none leaves neither behind (section 3.3 of
/// W3C Trace Context: a state without a parent is dropped).
#[tokio::test]
async fn sec_com_07_a_state_whose_trace_is_missing_or_malformed_is_not_handed_on() {
    let handing = |mut headers: HeaderMap| async move {
        hand_trace_on(&mut headers);
        let value = |name| headers.get(name).map_or("none", |v| v.to_str().unwrap());
        let told = ["traceparent", "tracestate"].map(|name| value(name).to_owned());
        format!("{} {}", told[0], told[1])
    };
    let router = Router::new().route("/", get(handing));
    let whole = format!("00-{TRACE}-00f067aa0ba902b7-00");
    for (sent, keeps) in [
        (Some(whole.as_str()), true),
        (Some("junk"), false),
        (None, false),
    ] {
        let mut request = Request::get("/").header("tracestate", "a=b");
        if let Some(sent) = sent {
            request = request.header("traceparent", sent);
        }
        let request = request.body(Body::empty()).unwrap();
        let (room, handler) = ("room", router.clone());
        let answer = Numbered { room, handler }.handle(request).await;
        let told = axum::body::to_bytes(answer.into_body(), 1024)
            .await
            .unwrap();
        let told = String::from_utf8(told.to_vec()).unwrap();
        if keeps {
            assert!(told.starts_with(&format!("00-{TRACE}-")), "{told}");
            assert!(
                told.ends_with("-00 a=b") && !told.contains("00f067aa0ba902b7"),
                "{told}"
            );
        } else {
            assert_eq!(told, "none none", "{sent:?}");
        }
    }
}
