//! What no room looks at, and says so in its own way.

use reqwest::Method;
use reqwest::header::{ALLOW, HOST};

use super::sockets::{said, status};
use crate::http::{client, send};
use crate::program::Program;
use crate::stack::Stack;

/// Cookies of other programs on this machine come along: whose browser sends too many reads why.
#[tokio::test]
async fn sec_com_11_web_28_headers_that_are_too_large_lead_to_a_page_that_says_so() {
    let mut program = Program::start(&[], &[("LOG_FORMAT", "json")]);
    program.wait_for(program.ports.web);
    let cookies = format!("other={}", "a".repeat(17 * 1024));
    let request = client().get(program.web("/")).header("cookie", cookies);
    let answer = send(request).await;
    assert_eq!(answer.status, 431);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-security-policy").contains("'none'"));
    let number = answer.header("x-request-id");
    let words = answer.page().words();
    assert!(
        words.contains("cookies") && words.contains(&number) && number.len() == 32,
        "{words}"
    );
    let line = |line: &str| {
        ["\"unfit\"", "headers_too_large", "431", &number]
            .iter()
            .all(|part| line.contains(part))
    };
    assert!(program.errors().lines().any(line), "{}", program.errors());
}

#[tokio::test]
async fn sec_com_19_no_room_takes_a_body_whose_end_is_not_clear() {
    let stack = Stack::start().await;
    for (room, url, path) in [
        ("web", stack.web(""), "/log-out"),
        ("idp", stack.idp(""), "/oauth2/default/v1/token"),
        ("gateway", stack.gateway(""), "/visitors"),
        ("api", stack.api(""), "/planets"),
    ] {
        let ask = async |framing: &str| {
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n{framing}\r\n"
            );
            said(&url, request.as_bytes()).await
        };
        for unclear in [
            "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n",
            "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
            "Content-Length: 1, 2\r\n\r\na",
            "Content-Length: +1\r\n\r\na",
            "Transfer-Encoding: identity\r\n\r\na",
        ] {
            let answer = ask(unclear).await;
            assert_eq!(status(&answer), 400, "{room}: {unclear:?}: {answer}");
            let head = answer.to_ascii_lowercase();
            assert!(head.contains("connection: close"), "{room}: {unclear:?}");
        }
        for clear in [
            "Content-Length: 1\r\n\r\na",
            "Transfer-Encoding: chunked\r\n\r\n0\r\n",
        ] {
            let answer = ask(clear).await;
            let seen = status(&answer);
            let unclear = answer.contains("not clear");
            assert!(seen >= 400 && !unclear, "{room}: {clear:?}: {answer}");
        }
        for method in ["TRACE", "CONNECT", "BREW"] {
            let target = if method == "CONNECT" {
                "localhost:1"
            } else {
                path
            };
            let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let seen = status(&said(&url, request.as_bytes()).await);
            assert!((400..500).contains(&seen), "{room}: {method}: {seen}");
        }
    }
}

#[tokio::test]
async fn sec_web_33_a_file_is_read_and_nothing_else() {
    let stack = Stack::start().await;
    let home = send(client().get(stack.web("/"))).await;
    let file = home.page().loads().first().unwrap().clone();
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = send(client().request(method, file.clone())).await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header(ALLOW.as_str()), "GET, HEAD");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(send(client().head(file)).await.status, 200);
}

#[tokio::test]
async fn sec_com_12_a_state_that_stands_twice_is_refused_where_a_log_out_ends() {
    let stack = Stack::start().await;
    let ask = async |query: &str| {
        let url = stack.web(&format!("/signed-out{query}"));
        send(client().get(url)).await.status
    };
    assert_eq!(ask("").await, 200);
    assert_eq!(ask("?state=a").await, 200);
    assert_eq!(ask("?state=a&state=a").await, 400);
}

/// In a container the app listens at every address: by plain http it answers for this machine alone.
#[tokio::test]
async fn sec_com_16_com_23_by_plain_http_the_app_answers_for_this_machine_wherever_it_listens() {
    let secret = ("SESSION_SECRET", "0123456789abcdef0123456789abcdef");
    let mut program = Program::start(&[], &[("HOST", "0.0.0.0"), secret]);
    program.wait_for(program.ports.web);
    let ask = async |host: &str| {
        let request = client().get(program.web("/")).header(HOST, host);
        send(request).await.status
    };
    assert_eq!(ask("localhost").await, 200);
    assert_eq!(ask("192.0.2.1:8080").await, 421);
    assert_eq!(ask("app.example").await, 421);
}
