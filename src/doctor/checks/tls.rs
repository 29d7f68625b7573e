//! TLS: whether the certificate holds, by whose roots, and for how long.

use crate::{
    doctor::{exam::Exam, saw::Saw},
    flight::how_long,
    net::{Roots, TlsProblem, TlsSeen, look_at_certificate, origin},
};
use url::Url;

/// How many days a certificate should have left.
const DAYS: i64 = 14;
const DAY: i64 = 86_400;

pub(in crate::doctor) async fn issuer(exam: &mut Exam, _: usize) -> Saw {
    match Url::parse(&exam.patient.issuer) {
        Ok(url) => of(exam, &url, "ISSUER").await,
        Err(_) => Saw::untestable("ISSUER is no URL"),
    }
}

pub(in crate::doctor) async fn gateway(exam: &mut Exam, _: usize) -> Saw {
    let url = exam.patient.gateway.clone();
    of(exam, &url, "PROXY_URI").await
}

async fn of(exam: &Exam, url: &Url, variable: &str) -> Saw {
    if url.scheme() != "https" {
        return Saw::pass("plain http, which never leaves this machine");
    }
    if exam.patient.proxies.on_the_way_to(url).is_some() {
        return through_a_proxy(exam, url).await;
    }
    let seen = look_at_certificate(url, &exam.patient.extra_roots).await;
    let now = exam.patient.clock.now();
    let saw = match &seen.verdict {
        Err(problem) => explain(problem, &seen, url, variable, now),
        Ok(roots) => holds(*roots, &seen, now),
    };
    saw.lines(shown(&seen, now))
}

fn holds(roots: Roots, seen: &TlsSeen, now: i64) -> Saw {
    let by = match roots {
        Roots::System => "the system's roots",
        Roots::Extra => "the roots of CA_FILE",
    };
    let version = seen.version.as_deref().unwrap_or("TLS");
    let Some(certificate) = &seen.certificate else {
        return Saw::pass(format!("{version}, verified by {by}"));
    };
    let days = certificate.not_after.saturating_sub(now) / DAY;
    let got = format!("{version}, verified by {by}, {days} days left");
    if days < DAYS {
        return Saw::blemish(
            got,
            "It ends soon, and then nothing works.",
            "Have the server's certificate renewed.",
        );
    }
    Saw::pass(got)
}

fn explain(problem: &TlsProblem, seen: &TlsSeen, url: &Url, variable: &str, now: i64) -> Saw {
    let host = url.host_str().unwrap_or_default();
    let certificate = seen.certificate.as_ref();
    match problem {
        TlsProblem::Refused => Saw::failure(
            format!("nobody listens at {}", origin(url)),
            "The server is not running, or listens at another port.",
            format!("Start it, or correct {variable}."),
        ),
        TlsProblem::Unreachable(why) => Saw::failure(
            format!("{} cannot be reached: {why}", origin(url)),
            "The network between here and there lets nothing through.",
            format!("Look at {variable}, firewalls and HTTPS_PROXY."),
        ),
        TlsProblem::NoTls => Saw::failure(
            "what answers there speaks no TLS",
            "The port is one for plain http, or something else listens there.",
            format!("Correct the port of {variable}, or let the server speak TLS there."),
        ),
        TlsProblem::TooOld => Saw::failure(
            "the server speaks only versions of TLS that are too old",
            "TLS 1.2 and 1.3 are taken, and nothing older (RFC 8996).",
            "Let the server speak TLS 1.2 or 1.3.",
        ),
        TlsProblem::UnknownAuthority => Saw::failure(
            format!(
                "its certificate is signed by nobody who is trusted here ({})",
                certificate.map_or("unknown", |certificate| certificate.signed_by.as_str())
            ),
            "The certificate leads to none of the system's roots, nor to one of CA_FILE; a server that leaves out the certificate between its own and the root looks the same.",
            "Set CA_FILE to a PEM file with the root that signed it, or let the server send its whole chain.",
        ),
        TlsProblem::WrongName => {
            let names = certificate.map(|certificate| certificate.names.join(", "));
            let names = names.unwrap_or_else(|| "another name".to_owned());
            Saw::failure(
                format!("its certificate is not for {host}, but for {names}"),
                "Whoever answers cannot prove to be the host that was asked.",
                format!("Use {names} in {variable}, or have a certificate made that names {host}."),
            )
        }
        TlsProblem::Expired => Saw::failure(
            match certificate {
                Some(seen) => format!(
                    "its certificate ended {} ago",
                    how_long(now.saturating_sub(seen.not_after))
                ),
                None => "its certificate has ended".to_owned(),
            },
            "A certificate that has ended proves nothing.",
            "Have the server's certificate renewed; if it is new, look at this machine's clock.",
        ),
        TlsProblem::NotYetValid => Saw::failure(
            "its certificate has not begun",
            "This machine's clock is behind, or the certificate was made for later.",
            "Set this machine's clock.",
        ),
        TlsProblem::Other(why) => Saw::failure(
            format!("TLS failed: {why}"),
            "The server's certificate or its way to speak TLS is not taken.",
            "Look at the server's certificate, as with: openssl s_client -connect HOST:PORT",
        ),
    }
}

/// The certificate is not ours to look at: the request's own TLS says whether it holds.
async fn through_a_proxy(exam: &Exam, url: &Url) -> Saw {
    match exam.get(url, "*/*", None).await {
        Ok(answer) => Saw::pass(format!(
            "through the proxy it answers {}, and its certificate holds",
            answer.status
        )),
        Err(error) => Saw::failure(
            error.to_string(),
            "Through the proxy there is no TLS with the server, or the proxy shows a certificate of its own.",
            "If the proxy breaks TLS open, set CA_FILE to its root; else look at HTTPS_PROXY and NO_PROXY.",
        ),
    }
}

fn shown(seen: &TlsSeen, now: i64) -> Vec<String> {
    let Some(certificate) = &seen.certificate else {
        return Vec::new();
    };
    let ends = crate::flight::time_in_words(certificate.not_after, now);
    vec![
        format!("names: {}", certificate.names.join(", ")),
        format!("signed by: {}", certificate.signed_by),
        format!("ends: {}", ends.unwrap_or_else(|| "?".to_owned())),
    ]
}
