//! Certificates with faults, shown by real sockets, and a certificate that holds once its root is trusted.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use solar_system::doctor::{Limits, SettingsSeen, examine_only};
use solar_system::finding::{Finding, Verdict};
use solar_system::settings::{Command, Settings, Source};
use solar_system::stack::{Known, patient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};

use crate::program::empty_folder;

/// An authority of the tests' own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "An authority of the tests");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = empty_folder().join("ca.pem");
        fs::write(&file, issuer.pem()).unwrap();
        let file = file.to_str().unwrap().to_owned();
        Self { issuer, file }
    }

    /// Serves TLS with a certificate for this name from and to these years; its URL.
    async fn serves(&self, name: &str, years: (i32, i32)) -> String {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        self.serves_with(params).await
    }

    /// The same with a certificate that ends in so many hours.
    async fn serves_for(&self, hours: u64) -> String {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = (SystemTime::now() + Duration::from_secs(hours * 3600)).into();
        self.serves_with(params).await
    }

    async fn serves_with(&self, params: CertificateParams) -> String {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], der)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    stream.read_buf(&mut Vec::with_capacity(4096)).await?;
                    stream
                        .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
                        .await
                });
            }
        });
        format!("https://localhost:{port}")
    }
}

/// Answers every connection with these bytes; its URL, as if it spoke TLS.
async fn says(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read_buf(&mut Vec::with_capacity(4096)).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    format!("https://localhost:{port}")
}

/// What `tls.issuer` and `tls.gateway` see of a server.
async fn looked_at(url: &str, ca_file: Option<&str>) -> [Finding; 2] {
    let mut settings = vec![
        ("ISSUER", url),
        ("PROXY_URI", url),
        ("AUTHN_CLIENT_ID", "app"),
        ("AUTHN_CLIENT_SECRET", "a secret"),
        ("SESSION_SECRET", crate::stack::SESSION_SECRET),
    ];
    settings.extend(ca_file.map(|file| ("CA_FILE", file)));
    let settings = Settings::read(Command::Serve, &Source::of(settings)).unwrap();
    let patient = patient(settings, SettingsSeen::default(), &Known::default()).unwrap();
    let wanted = ["tls.issuer", "tls.gateway"].map(str::to_owned);
    let findings = examine_only(patient, Limits::TERMINAL, &wanted)
        .await
        .unwrap();
    findings.try_into().unwrap()
}

async fn fails_with(url: &str, ca_file: Option<&str>, got: &str, fix: &str) {
    for finding in looked_at(url, ca_file).await {
        assert_eq!(finding.verdict, Verdict::Failure, "{finding:#?}");
        assert!(finding.got.contains(got), "{finding:#?}");
        assert!(finding.fix.as_ref().unwrap().contains(fix), "{finding:#?}");
    }
}

#[tokio::test]
async fn an_unknown_authority_is_explained_and_ca_file_mends_it() {
    let authority = Authority::new();
    let url = authority.serves("localhost", (2020, 2100)).await;
    fails_with(
        &url,
        None,
        "signed by nobody who is trusted here",
        "CA_FILE",
    )
    .await;
    fails_with(&url, None, "An authority of the tests", "CA_FILE").await;
    let another = Authority::new();
    fails_with(
        &url,
        Some(&another.file),
        "nobody who is trusted",
        "CA_FILE",
    )
    .await;
    for finding in looked_at(&url, Some(&authority.file)).await {
        assert_eq!(finding.verdict, Verdict::Pass, "{finding:#?}");
        assert!(
            finding
                .got
                .contains("TLS 1.3, verified by the roots of CA_FILE"),
            "{finding:#?}"
        );
        assert!(finding.got.contains(" days left"), "{finding:#?}");
    }
}

#[tokio::test]
async fn another_name_and_a_certificate_that_is_over_are_told_apart() {
    let authority = Authority::new();
    let ca = Some(authority.file.as_str());
    let url = authority.serves("other.example", (2020, 2100)).await;
    fails_with(
        &url,
        ca,
        "not for localhost, but for other.example",
        "other.example",
    )
    .await;
    let (url, fix) = (authority.serves("localhost", (2000, 2001)).await, "renewed");
    fails_with(&url, ca, "ended", fix).await;
    let url = authority.serves("localhost", (2100, 2101)).await;
    fails_with(&url, ca, "has not begun", "clock").await;
}

#[tokio::test]
async fn a_certificate_that_ends_within_a_fortnight_is_a_blemish() {
    let authority = Authority::new();
    for (hours, verdict) in [
        (24 * 14 - 1, Verdict::Blemish),
        (24, Verdict::Blemish),
        (24 * 14 + 1, Verdict::Pass),
    ] {
        let url = authority.serves_for(hours).await;
        for finding in looked_at(&url, Some(&authority.file)).await {
            assert_eq!(finding.verdict, verdict, "{hours} hours: {finding:#?}");
            let fix = finding.fix.unwrap_or_default();
            assert_eq!(fix.contains("renewed"), verdict == Verdict::Blemish);
        }
    }
}

#[tokio::test]
async fn what_speaks_no_tls_or_an_old_one_is_told_apart() {
    let url = says(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    fails_with(&url, None, "speaks no TLS", "port").await;
    let url = says(&[0x15, 3, 1, 0, 2, 2, 70]).await; // alert: protocol version
    fails_with(&url, None, "too old", "TLS 1.2 or 1.3").await;
    let closed = format!("https://localhost:{}", crate::peers::free_port());
    fails_with(&closed, None, "nobody listens", "Start it").await;
}

/// The one outgoing client, and what the log says (COM-03, COM-08).
#[tokio::test]
async fn sec_com_03_chain_name_time_and_version_are_verified_on_every_call() {
    let authority = Authority::new();
    let root = fs::read(&authority.file).unwrap();
    let ask = async |url: &str, roots: &[Vec<u8>]| {
        let client = solar_system::net::Client::new(roots).unwrap();
        let request = request_to(url);
        client
            .send(request, 1024)
            .await
            .map(|answer| answer.status().as_u16())
    };
    let url = authority.serves("localhost", (2020, 2100)).await;
    assert_eq!(
        ask(&url, std::slice::from_ref(&root)).await.unwrap(),
        404,
        "it holds"
    );
    assert!(ask(&url, &[]).await.is_err(), "a root that nobody added");
    let other = fs::read(Authority::new().file).unwrap();
    assert!(ask(&url, &[other]).await.is_err(), "another root");
    for (what, url) in [
        (
            "another name",
            authority.serves("other.example", (2020, 2100)).await,
        ),
        ("over", authority.serves("localhost", (2000, 2001)).await),
        (
            "not begun",
            authority.serves("localhost", (2100, 2101)).await,
        ),
        ("TLS 1.1", says(&[0x15, 3, 2, 0, 2, 2, 70]).await),
        (
            "no TLS",
            says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await,
        ),
    ] {
        assert!(
            ask(&url, std::slice::from_ref(&root)).await.is_err(),
            "{what}"
        );
    }
}

fn request_to(url: &str) -> axum::http::Request<Vec<u8>> {
    axum::http::Request::get(url).body(Vec::new()).unwrap()
}

#[tokio::test]
async fn sec_com_08_a_certificate_that_does_not_hold_is_in_the_log() {
    let url = Authority::new().serves("localhost", (2020, 2100)).await;
    let settings = [
        ("ISSUER", url.as_str()),
        ("PROXY_URI", &url),
        ("AUTHN_CLIENT_ID", "app"),
        ("AUTHN_CLIENT_SECRET", "a secret"),
        ("SESSION_SECRET", crate::stack::SESSION_SECRET),
        ("LOG_FORMAT", "json"),
    ];
    let mut program = crate::program::Program::start(&[], &settings);
    program.wait_for(program.ports.web);
    crate::browser::Browser::new().open(program.web("/")).await;
    let log = program.errors();
    let mut lines = log.lines();
    let line = lines.find(|line| line.contains("\"event\":\"tls_failed\""));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    assert!(
        line.contains(&url) && line.contains("UnknownIssuer"),
        "{line}"
    );
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["request"].as_str().map(str::len), Some(32), "{line}");
}
