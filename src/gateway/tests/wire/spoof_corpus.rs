//! Headers that would speak in the gateway's name, in every spelling, and every way to make it take its
//! own words back. Each has its right answer: it stays here, or the request is refused.

use super::*;
use crate::gateway::headers::tests::FORGED;
use std::collections::BTreeSet;

/// What the gateway says itself; `host` besides.
const OWN: [&str; 4] = [
    "x-auth-subject",
    "x-auth-client",
    "x-auth-scope",
    "x-api-key",
];

/// A request's further header lines, and how many spoofs stand in them.
struct Case {
    lines: Vec<String>,
    is_refused: bool,
}

impl Case {
    fn dropped(lines: Vec<String>) -> Self {
        let is_refused = false;
        Self { lines, is_refused }
    }

    fn refused(line: String) -> Self {
        let lines = vec![line];
        Self {
            lines,
            is_refused: true,
        }
    }
}

/// Every mixture of dashes and underscores, each in small letters, capitals and titles.
fn spellings(name: &str) -> BTreeSet<String> {
    let parts: Vec<&str> = name.split('-').collect();
    let gaps = parts.len() - 1;
    let mut all = BTreeSet::new();
    for bits in 0..1_u32 << gaps {
        let join = |change: fn(&str) -> String| {
            let mut joined = change(parts[0]);
            for (gap, part) in parts[1..].iter().enumerate() {
                joined.push(if bits >> gap & 1 == 0 { '-' } else { '_' });
                joined.push_str(&change(part));
            }
            joined
        };
        let title = |part: &str| part[..1].to_uppercase() + &part[1..];
        all.extend([join(str::to_owned), join(str::to_uppercase), join(title)]);
    }
    all
}

/// Names that others believe, all spellings of one name in one request.
fn names() -> Vec<Case> {
    let lines = |name: &&str| {
        let spelled = spellings(name).into_iter();
        Case::dropped(spelled.map(|name| format!("{name}: forged")).collect())
    };
    FORGED.iter().map(lines).collect()
}

/// Names that only look like the gateway's own, twice and often.
#[rustfmt::skip] // tables
fn near_names() -> Vec<Case> {
    let mut cases = Vec::new();
    for own in OWN {
        let bare = own.replace('-', "");
        let near = [
            own.replace('-', "."), own.replace('-', "--"), own.replace('-', "__"), own.replace('-', "~"), own.replace('-', "+"),
            format!("{own}-"), format!("{own}_"), format!("-{own}"), format!("_{own}"), format!("{own}2"), format!("http-{own}"),
            format!("HTTP_{}", own.to_uppercase().replace('-', "_")), format!("x-{own}"), format!("'{own}"), format!("{own}'"), format!("!{own}"), format!("{own}*"), bare,
        ];
        cases.extend(near.map(|name| Case::dropped(vec![format!("{name}: forged")])));
        for times in [2, 3, 40] {
            cases.push(Case::dropped(vec![format!("{own}: forged"); times]));
        }
        for value in ["", " ", "forged,forged", "forged\tforged", "\"forged\"", "f\u{f6}rged forged", "carl, forged", "forged; q=1"] {
            cases.push(Case::dropped(vec![format!("{own}: {value}")]));
        }
    }
    cases
}

/// Lines that one reader takes for a header of this name, and another does not.
#[rustfmt::skip] // tables
fn broken_lines() -> Vec<Case> {
    let mut cases = Vec::new();
    for own in OWN {
        let lines = [
            format!("{own} : forged"), format!("{own}\t: forged"), format!("{own}\0: forged"), format!("{own}\u{b}: forged"), format!("{own}\r: forged"),
            format!(" {own}: forged"), format!("\t{own}: forged"), format!("({own}): forged"), format!("\"{own}\": forged"), format!("{own};: forged"),
            format!("{}: forged", own.replace('-', " ")), format!("{}: forged", own.replace('-', "\u{2010}")), format!("{}: forged", own.replace('x', "\u{445}")),
            own.to_owned(), format!("{own} forged"), format!("{own}=forged"), format!(":{own}: forged"), format!("{own}\u{a0}: forged"), format!("\u{feff}{own}: forged"),
            format!("accept: a\r\n {own}: forged"), format!("accept: a\r\n\t{own}: forged"), format!("accept: a\r{own}: forged"), format!("accept: a\0\r\n{own}: forged"),
            format!("accept: a\r\r\n{own}: forged"), format!("{own}: forged\0"), format!("{own}: \r forged"), format!("{own}: for\u{7f}ged"), format!("{own}: \u{1b}forged"),
        ];
        cases.extend(lines.map(Case::refused));
    }
    cases
}

/// A caller who says that the gateway's own words concern the connection only (RFC 9110, section 7.6.1).
#[rustfmt::skip] // tables
fn nominations() -> Vec<Case> {
    let mut cases = Vec::new();
    let targets = OWN.into_iter().chain(["host", "content-length", "X-Auth-Subject", "x-auth-subject, x-api-key, x-auth-client", "x_auth_subject", "connection", "*"]);
    for target in targets {
        for lines in [
            vec![format!("connection: {target}")], vec![format!("Connection: {}", target.to_uppercase())], vec![format!("connection: keep-alive, {target}")],
            vec![format!("connection: {target}, close")], vec![format!("connection:,,\t{target}\t,,")], vec!["connection: keep-alive".into(), format!("connection: {target}")],
            vec![format!("connection: {target}"), format!("connection: {target}")], vec![format!("connection: \"{target}\"")], vec![format!("connection: {target};q=1")],
            vec![format!("proxy-connection: {target}")], vec![format!("keep-alive: {target}")], vec![format!("te: trailers, {target}")],
            vec![format!("connection: {target}"), format!("{target}: forged")], vec![format!("no-vary: {target}")], vec![format!("trailer: {target}")],
        ] {
            cases.push(Case::dropped(lines.into_iter().filter(|line| !line.starts_with("x-auth-subject,") && !line.starts_with("*:")).collect()));
        }
    }
    // a length and a host of one's own are no nominations
    let sets = |line: &String| ["content-length: forged", "host: forged", "connection: forged"].contains(&line.as_str());
    for case in &mut cases {
        case.lines.retain(|line| !sets(line));
    }
    cases
}

/// What others read the path or the method from.
#[rustfmt::skip]
const REWRITING: [&str; 18] = [
    "x-original-url", "x-original-uri", "x-rewrite-url", "x-rewrite-uri", "x-forwarded-uri", "x-forwarded-path", "x-forwarded-prefix", "x-envoy-original-path",
    "x-http-method-override", "x-http-method", "x-method-override", "x-forwarded-method", "x-original-method", "x-waws-unencoded-url", "x-accel-redirect",
    "x-sendfile", "x-override-url", "destination",
];

async fn answered(
    open: &sockets::Open,
    path: &str,
    token: Option<&str>,
    lines: &[String],
) -> String {
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n");
    for line in lines {
        request.push_str(line);
        request.push_str("\r\n");
    }
    if let Some(token) = token {
        request.push_str("authorization: Bearer ");
        request.push_str(token);
        request.push_str("\r\n");
    }
    request.push_str("connection: close\r\n\r\n");
    let mut caller = open.say(&request).await;
    sockets::rest(&mut caller).await
}

#[tokio::test]
async fn sec_gw_09_the_spoof_corpus_never_reaches_the_api() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    let open = sockets::listen(&world).await;
    let families = [names(), near_names(), broken_lines(), nominations()];
    let mut count = 0;
    for case in families.iter().flatten() {
        for (path, own) in [
            (
                "/moons",
                &[
                    "host",
                    "x-api-key",
                    "x-auth-client",
                    "x-auth-scope",
                    "x-auth-subject",
                ][..],
            ),
            ("/visitors", &["host", "x-api-key"]),
        ] {
            let said = answered(&open, path, Some(&gold), &case.lines).await;
            let asked = world.api.take();
            let shown = format!("{path} {:?}: {said}", case.lines);
            if case.is_refused {
                assert!(said.starts_with("HTTP/1.1 400"), "{shown}");
                assert!(asked.is_empty(), "{shown}");
                continue;
            }
            assert!(said.starts_with("HTTP/1.1 200"), "{shown}");
            let [asked] = asked.as_slice() else {
                panic!("{shown}: {asked:?}")
            };
            let mut names: Vec<&str> = asked
                .headers
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            names.sort_unstable();
            assert_eq!(names, own, "{shown}");
            assert!(
                !format!("{:?}", asked.headers).contains("forged"),
                "{shown}"
            );
            assert_eq!(asked.headers["x-api-key"], KEY, "{shown}");
            assert_eq!(
                asked.headers["host"],
                world.api.url().authority(),
                "{shown}"
            );
            if path == "/moons" {
                assert_eq!(asked.headers["x-auth-subject"], "carl", "{shown}");
                assert_eq!(asked.headers["x-auth-scope"], GOLD, "{shown}");
            }
        }
        count += case.lines.len();
    }
    for name in REWRITING.iter().flat_map(|name| spellings(name)) {
        for value in ["/visitors", "http://localhost/visitors", "GET", "OPTIONS"] {
            let line = [format!("{name}: {value}")];
            let said = answered(&open, "/moons", None, &line).await;
            assert!(said.starts_with("HTTP/1.1 401"), "{line:?}: {said}");
            assert!(world.api.take().is_empty(), "{line:?}");
        }
        for value in ["/moons", "http://localhost/moons", "DELETE"] {
            let said = answered(&open, "/visitors", None, &[format!("{name}: {value}")]).await;
            assert!(said.starts_with("HTTP/1.1 200"), "{name}: {said}");
            let asked = world.api.only();
            assert_eq!(
                (asked.method.as_str(), asked.target.as_str()),
                ("GET", "/visitors"),
                "{name}"
            );
        }
        count += 1;
    }
    println!("header spoofs: {count} cases, each at a protected and at an open path");
    assert!(count >= 200, "{count}");
}

/// Trailers are headers to some readers (RFC 9110, section 6.5.1): none goes on.
#[tokio::test]
async fn sec_gw_09_forged_trailers_stay_here() {
    let upstream = Arc::new(std::sync::Mutex::new(Vec::<u8>::new()));
    let kept = Arc::clone(&upstream);
    let (_world, open) = sockets::before(
        move |mut peer| {
            let kept = Arc::clone(&kept);
            async move {
                let mut said = Vec::new();
                while !said.ends_with(b"0\r\n\r\n")
                    && !said.windows(8).any(|part| part == b"0\r\nx-aut")
                {
                    if peer.read_buf(&mut said).await.unwrap_or_default() == 0 {
                        break;
                    }
                }
                kept.lock().unwrap().extend(said);
                let _ = peer.write_all(sockets::OK).await;
            }
        },
        |_| {},
    )
    .await;
    let body = "5\r\nhello\r\n0\r\nx-auth-subject: forged\r\nx-api-key: forged\r\n\r\n";
    let request = "POST /visitors HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\ntrailer: x-auth-subject, x-api-key\r\nte: trailers\r\nconnection: close\r\n\r\n";
    let mut caller = open.say(&format!("{request}{body}")).await;
    let said = sockets::rest(&mut caller).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let heard = String::from_utf8_lossy(&upstream.lock().unwrap()).into_owned();
    assert!(
        heard.contains("hello") && !heard.contains("forged"),
        "{heard}"
    );
}
