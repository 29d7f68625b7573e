//! How the program ends: requests in flight are finished, idle and half-sent connections hold nothing up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use solar_system::clock::Clock;

use crate::browser::Browser;
use crate::misbehaving::{Gateway, Provider, Reply};
use crate::program::Program;
use crate::stack::SESSION_SECRET;

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

#[test]
fn a_signal_ends_it_with_0_though_connections_are_idle_or_half_sent() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&[], &[]);
        let ports = program.ports.clone();
        program.wait_for(ports.web);
        let mut open = Vec::new();
        for port in [ports.web, ports.idp, ports.gateway, ports.api] {
            open.push(connect(port));
            let mut half = connect(port);
            half.write_all(b"GET / HTTP/1.1\r\nHost: local").unwrap();
            open.push(half);
            let mut half_body = connect(port);
            let head = b"POST /log-out HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncsrf=";
            half_body.write_all(head).unwrap();
            open.push(half_body);
            let mut idle = connect(port);
            idle.write_all(b"GET /visitors HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .unwrap();
            assert!(idle.read(&mut [0; 64]).unwrap() > 0);
            open.push(idle);
        }
        let start = Instant::now();

        program.signal(signal);
        let ended = program.end_within(Duration::from_secs(10));

        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.errors);
        assert!(start.elapsed() < Duration::from_secs(10), "{signal}");
        assert!(
            !ended.errors.contains("panicked"),
            "{signal}: {}",
            ended.errors
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_finished() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let slow = Reply::status(200).body("application/json", r#"["slowly"]"#);
    gateway.reply("/visitors", slow.after(Duration::from_secs(3)));
    let mut program = Program::start(
        &[],
        &[
            ("ISSUER", &provider.issuer()),
            ("PROXY_URI", &gateway.url()),
            ("AUTHN_CLIENT_ID", "app"),
            ("AUTHN_CLIENT_SECRET", "secret"),
            ("SESSION_SECRET", SESSION_SECRET),
        ],
    );
    program.wait_for(program.ports.web);
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;

    let in_flight = browser.press(&home, "show me the visitors!");
    let end = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        program.signal("TERM");
        tokio::task::spawn_blocking(|| program.end_within(Duration::from_secs(10))).await
    };
    let (answer, ended) = tokio::join!(in_flight, end);

    assert_eq!(answer.status, 303);
    assert!(answer.location().path().starts_with("/flights/"));
    assert_eq!(ended.unwrap().code, Some(0));
}
