//! 429, 500, garbage, nothing, redirects, pages that lead elsewhere, answers without end.

use super::*;
use crate::clock::Clock;

/// A tenant with no group in it, until one is posted; `fault` may answer instead, before or after it
/// was done.
async fn tenant(
    fault: impl Fn(usize, &Request) -> Option<(bool, Reply)> + Send + Sync + 'static,
) -> Tenant {
    let made = std::sync::atomic::AtomicUsize::new(0);
    Tenant::start(move |number, request| {
        use std::sync::atomic::Ordering::SeqCst;
        let meddling = fault(number, request);
        let is_done = meddling.as_ref().is_none_or(|(after, _)| *after);
        if request.method == "POST" && is_done {
            made.fetch_add(1, SeqCst);
        }
        if let Some((_, reply)) = meddling {
            return reply;
        }
        let all = vec![told_group("ours"); made.load(SeqCst)];
        match request.path.as_str() {
            "/api/v1/groups" | "/api/v1/groups/00g1" => Reply::json(200, &told_group("ours")),
            _ => Reply::json(200, &json!(all)),
        }
    })
    .await
}

fn posts(tenant: &Tenant) -> usize {
    let received = tenant.received();
    received.iter().filter(|one| one.method == "POST").count()
}

#[tokio::test]
async fn cli_12_a_429_is_waited_for_as_long_as_it_asks_and_then_the_group_is_made_once() {
    let tenant = tenant(|number, _| match number {
        0 => Some((false, Reply::new(429, &[("Retry-After", "7")], "{}"))),
        1 => Some((false, Reply::status(429))),
        _ => None,
    })
    .await;
    let made = tenant.okta.create(&group("ours")).await.unwrap();
    assert_eq!(made.id, "00g1");
    assert_eq!(tenant.waited(), [7, 2]);
    assert_eq!(posts(&tenant), 3);
}

#[tokio::test]
async fn cli_12_a_429_without_end_ends_in_five_minutes() {
    let tenant = Tenant::start(|_, _| {
        Reply::new(
            429,
            &[("Retry-After", "100")],
            "{\"errorSummary\":\"too many\"}",
        )
    })
    .await;
    let error = tenant.okta.find(&group("ours")).await.unwrap_err();
    assert_eq!(tenant.waited(), [100, 100, 100]);
    let said = error.to_string();
    assert!(
        said.contains("429") && said.contains("rate limit"),
        "{said}"
    );
    // What is left of it is not given to the next request anew.
    assert!(tenant.okta.find(&group("ours")).await.is_err());
    assert_eq!(tenant.waited().len(), 3);
}

#[tokio::test]
async fn cli_12_the_reset_time_is_read_by_the_clock() {
    let tenant = Tenant::start(|number, _| match number {
        0 => {
            let reset = (Clock::system().now() + 40).to_string();
            Reply::new(429, &[("X-Rate-Limit-Reset", &reset)], "")
        }
        _ => Reply::json(200, &json!([])),
    })
    .await;
    assert!(tenant.okta.find(&group("ours")).await.unwrap().is_none());
    let waited = tenant.waited();
    assert!(
        waited.len() == 1 && (38..=42).contains(&waited[0]),
        "{waited:?}"
    );
    let _ = tenant.clock.now();
}

#[tokio::test]
async fn what_is_not_clear_is_looked_for_and_never_made_twice() {
    type Fault = fn() -> Reply;
    let faults: [(&str, Fault); 4] = [
        ("500", || Reply::status(500)),
        ("503", || {
            Reply::new(503, &[("content-type", "text/html")], "<h1>busy</h1>")
        }),
        ("garbage", || {
            Reply::new(200, &[], "<h1>\u{1b}[31mproxy</h1>")
        }),
        ("nothing", Reply::nothing),
    ];
    for (what, fault) in faults {
        for is_done in [true, false] {
            let tenant = tenant(move |number, _| (number == 0).then(|| (is_done, fault()))).await;
            let made = tenant.okta.create(&group("ours")).await;
            assert_eq!(made.unwrap().id, "00g1", "{what} {is_done}");
            let expected = if is_done { 1 } else { 2 };
            assert_eq!(posts(&tenant), expected, "{what} {is_done}");
            assert!(
                tenant.calls()[1].starts_with("GET /api/v1/groups?q=ours"),
                "{:?}",
                tenant.calls()
            );
        }
    }
}

#[tokio::test]
async fn what_stays_unclear_is_an_error_that_says_so() {
    let tenant =
        tenant(|_, request| (request.method == "POST").then(|| (false, Reply::status(500)))).await;
    let error = tenant.okta.create(&group("ours")).await.unwrap_err();
    assert!(error.to_string().contains("500"), "{error}");
    assert_eq!(posts(&tenant), 3);
}

#[tokio::test]
async fn a_client_whose_answer_was_lost_gets_a_new_secret() {
    let client = json!({ "client_id": "0oa1", "client_name": "ours", "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic" });
    let tenant = Tenant::start(move |_, request| {
        let path = request.path.split('?').next().unwrap();
        match (request.method.as_str(), path) {
            ("POST", "/oauth2/v1/clients") => Reply::nothing(),
            ("POST", "/oauth2/v1/clients/0oa1/lifecycle/newSecret") => {
                let mut client = client.clone();
                client["client_secret"] = json!("another");
                Reply::json(200, &client)
            }
            (_, "/oauth2/v1/clients") => Reply::json(200, &json!([client])),
            (_, "/api/v1/apps/0oa1/groups") => Reply::json(200, &json!([])),
            (_, "/api/v1/apps/0oa1") => {
                Reply::json(200, &json!({ "id": "0oa1", "status": "ACTIVE" }))
            }
            _ => Reply::json(200, &client),
        }
    })
    .await;
    let body = json!({ "client_name": "ours", "grant_types": ["client_credentials"] });
    let made = tenant
        .okta
        .create(&wanted("okta:client", None, body))
        .await
        .unwrap();
    assert_eq!(made.value["client_secret"], "another");
    assert_eq!(
        tenant
            .calls()
            .iter()
            .filter(|call| *call == "POST /oauth2/v1/clients")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_read_is_repeated_a_few_times_and_a_refusal_is_not() {
    let flaky = Tenant::start(|number, _| match number {
        0 => Reply::status(502),
        1 => Reply::nothing(),
        2 => Reply::new(200, &[], "not json"),
        _ => Reply::json(200, &json!([])),
    })
    .await;
    assert!(flaky.okta.find(&group("ours")).await.unwrap().is_none());
    assert_eq!(flaky.waited(), [1, 2, 4]);
    let down = Tenant::start(|_, _| Reply::status(500)).await;
    assert!(down.okta.find(&group("ours")).await.is_err());
    assert_eq!(down.received().len(), 4);
    let no = Tenant::start(|_, _| Reply::json(403, &json!({ "errorSummary": "no" }))).await;
    assert!(no.okta.find(&group("ours")).await.is_err());
    assert_eq!(no.received().len(), 1);
}

#[tokio::test]
async fn cli_02_the_token_follows_no_redirect() {
    let thief = Tenant::start(|_, _| Reply::json(200, &json!([]))).await;
    let to = format!("{}/api/v1/groups", thief.origin);
    let tenant = Tenant::start(move |_, _| Reply::new(302, &[("Location", &to)], "")).await;
    let error = tenant
        .okta
        .find(&group("ours"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("302") && error.contains("not followed"),
        "{error}"
    );
    assert!(thief.received().is_empty());
    assert!(tenant.okta.create(&group("ours")).await.is_err());
    assert!(thief.received().is_empty());
}

#[tokio::test]
async fn cli_02_the_token_goes_to_no_foreign_next_page() {
    let thief = Tenant::start(|_, _| Reply::json(200, &json!([]))).await;
    for path in ["/api/v1/groups?after=1", "/api/v1/users?after=1"] {
        let elsewhere = format!("<{}{path}>; rel=\"next\"", thief.origin);
        let tenant = Tenant::start(move |_, _| {
            Reply::new(
                200,
                &[("Link", &elsewhere), ("content-type", "application/json")],
                "[]",
            )
        })
        .await;
        let error = tenant
            .okta
            .find(&group("ours"))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("next page") && error.contains("OKTA_TENANT"),
            "{error}"
        );
        assert_eq!(tenant.received().len(), 1);
    }
    assert!(thief.received().is_empty());
}

#[tokio::test]
async fn pages_are_followed_to_the_last_and_a_circle_is_not() {
    let tenant = Tenant::start(|_, request| {
        let host = request
            .head
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap();
        let link = format!("<http://{host}/api/v1/groups?after=2>; rel=\"next\"");
        match request.path.as_str() {
            "/api/v1/groups?after=2" => Reply::json(200, &json!([told_group("ours")])),
            _ => Reply::new(
                200,
                &[("Link", &link)],
                &json!([told_group("ours too")]).to_string(),
            ),
        }
    })
    .await;
    let found = tenant.okta.find(&group("ours")).await.unwrap();
    assert_eq!(found.unwrap().id, "00g1");
    let circle = Tenant::start(|_, request| {
        let host = request
            .head
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap();
        let link = format!("<http://{host}/api/v1/groups?after=2>; rel=\"next\"");
        Reply::new(200, &[("Link", &link)], "[]")
    })
    .await;
    let error = circle
        .okta
        .find(&group("ours"))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("itself"), "{error}");
}

#[tokio::test]
async fn com_04_an_answer_without_end_is_not_read() {
    let tenant = Tenant::start(|_, _| {
        let long = format!("[\"{}\"]", "x".repeat(60 * 1024 * 1024));
        Reply::json(200, &json!(long))
    })
    .await;
    let error = tenant
        .okta
        .read(&group("ours"), "00g1")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("more than 4194304 bytes"), "{error}");
}

#[tokio::test]
async fn cli_12_what_the_tenant_says_is_escaped_and_cut() {
    let tenant = Tenant::start(|_, _| {
        let said = format!("\u{1b}[2J\u{202e}{}", "x".repeat(100_000));
        Reply::json(400, &json!({ "errorSummary": said }))
    })
    .await;
    let error = tenant
        .okta
        .find(&group("ours"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        !error.contains('\u{1b}') && !error.contains('\u{202e}') && error.len() < 500,
        "{error}"
    );
    let page = Tenant::start(|_, _| Reply::new(200, &[], "<html>\u{1b}[2J\n\n</html>")).await;
    let error = page
        .okta
        .find(&group("ours"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        !error.contains('\u{1b}') && !error.contains('\n') && error.contains("<html>"),
        "{error}"
    );
}

#[tokio::test]
async fn cli_01_the_token_is_in_a_header_and_in_no_error() {
    let tenant = Tenant::start(|_, _| Reply::status(500)).await;
    let error = tenant.okta.create(&group("ours")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    let request = &tenant.received()[0];
    assert!(
        request
            .head
            .contains(&format!("authorization: SSWS {TOKEN}\r\n")),
        "{}",
        request.head
    );
    assert!(!request.path.contains("canary") && !request.body.to_string().contains("canary"));
}

#[tokio::test]
async fn cli_11_a_token_that_does_not_work_or_may_too_little_is_told_what_it_takes() {
    let dead = Tenant::start(|_, _| {
        Reply::json(
            401,
            &json!({ "errorCode": "E0000011", "errorSummary": "Invalid token provided" }),
        )
    })
    .await;
    let error = dead.okta.test().await.unwrap_err().to_string();
    for part in [
        "the token does not work",
        "Security > API > Tokens",
        "API Access Management Administrator",
        "need not be a Super",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(dead.received()[0].path == "/api/v1/meta/schemas/user/default");
    let weak = Tenant::start(|_, _| Reply::json(403, &json!({ "errorCode": "E0000006" }))).await;
    for (class, role, scope) in [
        (
            "okta:user_group",
            "Organization Administrator",
            "okta.groups.manage",
        ),
        (
            "okta:client",
            "Application Administrator",
            "okta.clients.manage",
        ),
        (
            "okta:authz_server",
            "API Access Management Administrator",
            "okta.authorizationServers.manage",
        ),
    ] {
        let body = json!({ "profile": { "name": "x" }, "client_name": "x", "name": "x" });
        let error = weak
            .okta
            .create(&wanted(class, None, body))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(role) && error.contains(scope), "{error}");
    }
    let other = Tenant::start(|_, _| Reply::new(404, &[], "<h1>not here</h1>")).await;
    let error = other.okta.test().await.unwrap_err().to_string();
    assert!(error.contains("no Okta answers there"), "{error}");
    let works = Tenant::start(|_, _| Reply::json(200, &json!({ "id": "schema" }))).await;
    assert!(works.okta.test().await.unwrap().contains(&works.origin));
}
