//! A look at a server's certificate: what it says, whether it holds, and by whose roots.
//!
//! Nothing is sent but the handshake, and a certificate that does not hold ends it, as it ends every
//! other call; it is only looked at before that.

use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError,
    SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_cert::{
    der::Decode,
    ext::pkix::{SubjectAltName, name::GeneralName},
};

/// What connecting and shaking hands may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSeen {
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Who signed it, as it says.
    pub signed_by: String,
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
}

/// Whose roots a certificate leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Those of the system.
    System,
    /// Those that are trusted beside them (`CA_FILE`).
    Extra,
}

/// Why a server is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// Nobody listens.
    Refused,
    /// No connection, or no answer in time.
    Unreachable(String),
    /// What answers speaks no TLS.
    NoTls,
    /// It speaks only versions that are too old.
    TooOld,
    /// Signed by nobody who is trusted.
    UnknownAuthority,
    /// For another name.
    WrongName,
    /// Over.
    Expired,
    /// Not yet begun.
    NotYetValid,
    /// Anything else.
    Other(String),
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct TlsSeen {
    /// The server's certificate, if it showed one that can be read, believed or not.
    pub certificate: Option<CertificateSeen>,
    /// The version that was agreed on.
    pub version: Option<String>,
    /// Whether it holds.
    pub verdict: Result<Roots, TlsProblem>,
}

/// Shakes hands with the server of an https URL, directly: a proxy of the environment is not used.
pub async fn look_at_certificate(url: &Url, extra_roots: &[Vec<u8>]) -> TlsSeen {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut seen = TlsSeen {
        certificate: None,
        version: None,
        verdict: Err(TlsProblem::NoTls),
    };
    let chain = Arc::new(Mutex::new(Vec::new()));
    let connector = match connector(&provider, extra_roots, &chain) {
        Ok(connector) => connector,
        Err(error) => {
            seen.verdict = Err(TlsProblem::Other(error.to_string()));
            return seen;
        }
    };
    let shaken = tokio::time::timeout(PATIENCE, shake_hands(&connector, url)).await;
    let late = || TlsProblem::Unreachable("no answer within 10 seconds".to_owned());
    let shaken = shaken.unwrap_or_else(|_| Err(late()));
    let chain = chain.lock().unwrap_or_else(PoisonError::into_inner).clone();
    seen.certificate = chain.first().and_then(read);
    seen.verdict = shaken.map(|version| {
        seen.version = version;
        let name = ServerName::try_from(host(url).to_owned());
        let by_the_system = name.is_ok_and(|name| is_the_systems(&provider, &chain, &name));
        if by_the_system {
            Roots::System
        } else {
            Roots::Extra
        }
    });
    seen
}

async fn shake_hands(connector: &TlsConnector, url: &Url) -> Result<Option<String>, TlsProblem> {
    let name = ServerName::try_from(host(url).to_owned())
        .map_err(|_| TlsProblem::Other("its host is no name for a certificate".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = TcpStream::connect((host(url), port)).await;
    let tcp = tcp.map_err(|error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => TlsProblem::Refused,
        _ => TlsProblem::Unreachable(error.to_string()),
    })?;
    let tls = connector.connect(name, tcp).await;
    let tls = tls.map_err(|error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(error) => explain(error),
            None if error.kind() == std::io::ErrorKind::UnexpectedEof => TlsProblem::NoTls,
            None => TlsProblem::Unreachable(error.to_string()),
        }
    })?;
    let version = tls.get_ref().1.protocol_version();
    Ok(version.and_then(|version| {
        version
            .as_str()
            .map(|name| name.replace("TLSv1_", "TLS 1."))
    }))
}

fn explain(error: &TlsError) -> TlsProblem {
    match error {
        TlsError::InvalidCertificate(wrong) => match wrong {
            // another authority of the same name signed it, as after a root was made anew
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsProblem::UnknownAuthority
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsProblem::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsProblem::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsProblem::WrongName
            }
            other => TlsProblem::Other(format!("the certificate does not hold: {other}")),
        },
        TlsError::AlertReceived(AlertDescription::ProtocolVersion)
        | TlsError::PeerIncompatible(_) => TlsProblem::TooOld,
        TlsError::InvalidMessage(_) => TlsProblem::NoTls,
        other => TlsProblem::Other(other.to_string()),
    }
}

fn connector(
    provider: &Arc<CryptoProvider>,
    extra_roots: &[Vec<u8>],
    chain: &Arc<Mutex<Vec<CertificateDer<'static>>>>,
) -> Result<TlsConnector, TlsError> {
    let roots = extra_roots.iter().flat_map(|pem| {
        let roots = CertificateDer::pem_slice_iter(pem);
        roots.filter_map(Result::ok)
    });
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(provider))?;
    let watching = Watching {
        verifier: Arc::new(verifier),
        chain: Arc::clone(chain),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?;
    // "dangerous" is every verifier but a plain list of roots; this one's answer is the platform's
    let builder = builder.dangerous();
    let config = builder.with_custom_certificate_verifier(Arc::new(watching));
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}

/// Whether a chain that holds would hold without the extra roots.
fn is_the_systems(
    provider: &Arc<CryptoProvider>,
    chain: &[CertificateDer<'static>],
    name: &ServerName<'_>,
) -> bool {
    let (Ok(system), Some((first, others))) =
        (Verifier::new(Arc::clone(provider)), chain.split_first())
    else {
        return false;
    };
    let verified = system.verify_server_cert(first, others, name, &[], UnixTime::now());
    verified.is_ok()
}

fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_matches(['[', ']'])
}

fn read(der: &CertificateDer<'static>) -> Option<CertificateSeen> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?.tbs_certificate;
    let names = certificate.get::<SubjectAltName>().ok().flatten();
    let names = names.into_iter().flat_map(|(_, names)| names.0);
    let names = names.filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()),
        _ => None,
    });
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    Some(CertificateSeen {
        names: names.collect(),
        signed_by: certificate.issuer.to_string(),
        not_before: seconds(certificate.validity.not_before),
        not_after: seconds(certificate.validity.not_after),
    })
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(std::net::IpAddr::from);
    let six = <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from);
    four.or(six).ok().map(|address| address.to_string())
}

/// Keeps what the server showed, and answers what the platform's verifier answers.
#[derive(Debug)]
struct Watching {
    verifier: Arc<Verifier>,
    chain: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        first: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let shown = std::iter::once(first).chain(others);
        let shown = shown.map(|one| one.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        self.verifier
            .verify_server_cert(first, others, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.verifier
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.verifier
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
