//! `verify` finds the faults that gateways have, and finds none in a gateway that has none.

mod gateway;
mod program;
mod real;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use serde_json::Value;
use solar_system::blueprint::Blueprint;
use solar_system::clock::Clock;
use solar_system::finding::Verdict;
use solar_system::jose::{Algorithm, SigningKey};
use solar_system::net::{Client, Listeners, RawClient, Room, RunningRoom};
use solar_system::verify::{
    Config, Ledger, Matrix, Minter, Report, ScopeClaims, Tokens, Witness, verify,
};
use url::Url;

use self::gateway::{Fault, World};
use crate::misbehaving::Server;

const ISSUER: &str = "http://localhost:1/issuer";

/// A scripted gateway with one fault, and all that is needed to verify it.
struct Bench {
    world: World,
    minter: Minter,
    witness: Option<Witness>,
    _room: Option<RunningRoom>,
}

impl Bench {
    /// With an API of verify's behind the gateway, or with none that it could see.
    async fn new(with_witness: bool) -> Self {
        let mut blueprint = Blueprint::default();
        blueprint.gateway.clients = ["solar-system-app", "telescope"]
            .map(str::to_owned)
            .to_vec();
        let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
        let ledger = Ledger::default();
        let clock = Clock::standing();
        let (witness, room, api) = if with_witness {
            let witness = Witness::of(&blueprint);
            let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
            let port = listeners.port();
            let room = Room {
                name: "witness",
                listeners,
                router: witness.router(),
            };
            (Some(witness), Some(room.start()), Some(port))
        } else {
            (None, None, None)
        };
        let revoked = ledger.clone();
        let world = World {
            blueprint,
            issuer: ISSUER.to_owned(),
            public: key.public_jwk(),
            pem: pem(&key.public_jwk()),
            revoked: Arc::new(move |token| revoked.is_revoked(token)),
            api,
            clock: clock.clone(),
        };
        let minter = Minter {
            issuer: ISSUER.to_owned(),
            audience: world.blueprint.api.audience.clone(),
            key,
            scope_claims: ScopeClaims::Both,
            ledger: Some(ledger),
            clock,
        };
        Self {
            world,
            minter,
            witness,
            _room: room,
        }
    }

    fn config(&self, server: &Server) -> Config {
        Config {
            title: "a scripted gateway".to_owned(),
            blueprint: self.world.blueprint.clone(),
            audience: self.world.blueprint.api.audience.clone(),
            gateway: Url::parse(&server.url()).unwrap(),
            gateway_name: "nginx".to_owned(),
            issuer: ISSUER.to_owned(),
            client_id: "solar-system-app".to_owned(),
            introspects: true,
            tokens: Tokens::Minted(self.minter.clone()),
            given: std::collections::BTreeMap::default(),
            witness: self.witness.clone(),
            forged: false,
            rate: 10_000.0,
            requests: 5_000,
            progress: |_| {},
            patience: Duration::ZERO,
            http: Client::new(&[]).unwrap(),
            raw: RawClient::new(&[], false).unwrap(),
            clock: self.minter.clock.clone(),
        }
    }

    async fn matrix(&self, fault: Fault) -> Matrix {
        let server = gateway::start(self.world.clone(), fault);
        verify(&self.config(&server)).await.unwrap()
    }
}

/// The key as openssl writes it.
fn pem(public: &Value) -> String {
    let prefix = STANDARD
        .decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
        .unwrap();
    let part = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(public[name].as_str().unwrap())
            .unwrap()
    };
    let text = STANDARD.encode([prefix, part("x"), part("y")].concat());
    let (first, second) = text.split_at(64);
    format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
}

fn ids(matrix: &Matrix, verdict: Verdict) -> Vec<&str> {
    let cells = matrix.cells.iter().map(|cell| &cell.finding);
    let cells = cells.filter(|finding| finding.verdict == verdict);
    cells.map(|finding| finding.id.as_str()).collect()
}

/// What must be found, and that nothing worse is.
async fn finds(fault: Fault, with_witness: bool, verdict: Verdict, expected: &[&str]) {
    let matrix = Bench::new(with_witness).await.matrix(fault).await;
    let found = ids(&matrix, verdict);
    for id in expected {
        assert!(found.contains(id), "{fault:?}: {id} is not among {found:?}");
    }
    for cell in &matrix.cells {
        let finding = &cell.finding;
        assert!(finding.verdict <= verdict, "{fault:?}: {finding:?}");
        let is_told = finding.verdict <= Verdict::NotTestable
            || finding.reason.is_some() && finding.fix.is_some() && !finding.evidence.is_empty();
        assert!(is_told, "{fault:?}: {finding:?}");
    }
    let holds = Report::of(vec![matrix]).summary.holds();
    assert_eq!(holds, verdict == Verdict::Blemish, "{fault:?}");
}

#[tokio::test]
async fn a_gateway_without_a_fault_is_as_expected_in_every_cell() {
    for with_witness in [true, false] {
        let bench = Bench::new(with_witness).await;
        let matrix = bench.matrix(Fault::None).await;
        for verdict in [Verdict::Hole, Verdict::Failure, Verdict::Blemish] {
            let found = ids(&matrix, verdict);
            assert!(found.is_empty(), "{verdict:?}: {found:?}");
        }
        let untested = ids(&matrix, Verdict::NotTestable);
        assert!(untested.is_empty(), "{untested:?}");
        assert!(ids(&matrix, Verdict::Pass).len() > 900);
    }
}

/// A fault, how bad it is, and cells that show it.
type Known = (Fault, Verdict, &'static [&'static str]);

async fn all_are_found(known: &[Known], with_witness: bool) {
    let finding = known
        .iter()
        .map(|(fault, verdict, cells)| finds(*fault, with_witness, *verdict, cells));
    futures_util::future::join_all(finding).await;
}

#[tokio::test]
async fn faults_of_scopes_and_conditions_are_found() {
    all_are_found(
        &[
            (
                Fault::ScopeEquality,
                Verdict::Failure,
                &["level.gold@resource.planets", "level.gold@resource.moons"],
            ),
            (
                Fault::UnbalancedCondition,
                Verdict::Hole,
                &[
                    "none@resource.moons",
                    "junk@resource.moons",
                    "level.silver@resource.moons",
                ],
            ),
            (
                Fault::NoScope,
                Verdict::Hole,
                &[
                    "level.bronze@resource.planets",
                    "level.silver@resource.moons",
                    "machine.telescope@resource.moons",
                    "level.gold@resource.comets",
                ],
            ),
            (
                Fault::ScopeInPart,
                Verdict::Hole,
                &["near-scopes@resource.moons", "near-scopes@resource.comets"],
            ),
            (
                Fault::ScopeWithoutCase,
                Verdict::Hole,
                &["near-scopes@resource.planets"],
            ),
            (
                Fault::MisspeltKey,
                Verdict::Hole,
                &["level.silver@resource.moons", "level.bronze@resource.moons"],
            ),
            (
                Fault::MisspeltRoute,
                Verdict::Hole,
                &["none@resource.moons", "expired@resource.moons"],
            ),
            (
                Fault::SharedVariable,
                Verdict::Hole,
                &[
                    "level.silver@resource.moons",
                    "level.bronze@resource.planets",
                ],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn faults_of_claims_are_found() {
    let everywhere = |row: &str| {
        let resources = ["asteroids", "comets", "planets", "moons"];
        resources.map(|resource| format!("{row}@resource.{resource}"))
    };
    for (fault, row) in [
        (Fault::AnyAudience, "wrong-audience"),
        (Fault::AnyAudience, "no-audience"),
        (Fault::AnyIssuer, "wrong-issuer"),
        (Fault::ExpirySkipped, "expired"),
        (Fault::ExpiryOptional, "no-expiry"),
        (Fault::NotBeforeSkipped, "not-yet-valid"),
        (Fault::CriticalIgnored, "unknown-crit"),
        (Fault::RefreshToken, "refresh-token"),
        (Fault::RevokedTaken, "revoked"),
        (Fault::AnyClient, "unknown-client"),
    ] {
        let cells = everywhere(row);
        let cells = cells.each_ref().map(String::as_str);
        finds(fault, true, Verdict::Hole, &cells).await;
    }
    let asteroids = ["id-token@resource.asteroids"];
    finds(Fault::IdToken, true, Verdict::Hole, &asteroids).await;
}

#[tokio::test]
async fn faults_of_signatures_are_found() {
    all_are_found(
        &[
            (Fault::AlgNone, Verdict::Hole, &["alg-none@resource.moons"]),
            (
                Fault::AlgNoneInAnyCase,
                Verdict::Hole,
                &[
                    "alg-None@resource.moons",
                    "alg-NONE@resource.moons",
                    "alg-nOnE@resource.moons",
                ],
            ),
            (Fault::Hmac, Verdict::Hole, &["hmac-pem@resource.moons"]),
            (
                Fault::NoSignature,
                Verdict::Hole,
                &[
                    "tampered@resource.moons",
                    "unknown-kid@resource.moons",
                    "other-key@resource.moons",
                    "alg-none@resource.moons",
                ],
            ),
            (
                Fault::KeyFromTheHeader,
                Verdict::Hole,
                &["own-key@resource.moons"],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn faults_of_where_a_token_stands_are_found() {
    all_are_found(
        &[
            (
                Fault::TokenInTheQuery,
                Verdict::Hole,
                &["in-the-query@resource.moons"],
            ),
            (
                Fault::SecondHeader,
                Verdict::Hole,
                &["two-headers@resource.moons"],
            ),
            (
                Fault::SchemeWithCase,
                Verdict::Blemish,
                &["lower-case@resource.moons", "upper-case@resource.planets"],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn sec_gw_02_faults_of_paths_and_methods_are_found() {
    for with_witness in [true, false] {
        all_are_found(
            &[
                (
                    Fault::UnnamedPath,
                    Verdict::Hole,
                    &["none@unnamed./no-such-resource"],
                ),
                (
                    Fault::Prefix,
                    Verdict::Hole,
                    &[
                        "none@spelling.moons.dots-beside-an-open-path",
                        "level.silver@spelling.moons.encoded-dots",
                    ],
                ),
                (
                    Fault::Decoding,
                    Verdict::Hole,
                    &[
                        "none@spelling.moons.encoded-letter",
                        "none@spelling.planets.encoded-letter",
                    ],
                ),
                (
                    Fault::TrailingSlash,
                    Verdict::Hole,
                    &["none@spelling.moons.slash-behind"],
                ),
                (
                    Fault::PathWithoutCase,
                    Verdict::Hole,
                    &["level.silver@spelling.moons.upper-case"],
                ),
                (
                    Fault::AnyMethod,
                    Verdict::Hole,
                    &[
                        "level.gold@method.moons.DELETE",
                        "level.gold@method.planets.POST",
                    ],
                ),
                (
                    Fault::OriginalUrl,
                    Verdict::Hole,
                    &["none@rewrite.moons", "none@rewrite.asteroids"],
                ),
            ],
            with_witness,
        )
        .await;
    }
}

#[tokio::test]
async fn sec_gw_09_what_a_caller_forges_is_seen_where_the_api_is_ours() {
    let cells = ["level.gold@identity.moons", "level.gold@identity.asteroids"];
    finds(Fault::IdentityPassed, true, Verdict::Hole, &cells).await;
    let cells = [
        "level.gold@resource.moons",
        "machine.telescope@resource.comets",
    ];
    finds(Fault::TokenPassed, true, Verdict::Blemish, &cells).await;
}

#[tokio::test]
async fn sec_gw_04_refusals_that_do_not_say_what_they_should_are_blemishes() {
    all_are_found(
        &[
            (
                Fault::Always401,
                Verdict::Blemish,
                &["level.silver@resource.moons"],
            ),
            (
                Fault::Forbidden404,
                Verdict::Blemish,
                &["level.silver@resource.moons"],
            ),
            (
                Fault::NoChallenge,
                Verdict::Blemish,
                &[
                    "none@resource.moons",
                    "junk@resource.moons",
                    "level.silver@resource.moons",
                ],
            ),
            (
                Fault::ChallengeWithoutScope,
                Verdict::Blemish,
                &["level.silver@resource.moons"],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn a_gateway_that_refuses_who_may_be_let_in_fails() {
    all_are_found(
        &[
            (
                Fault::OpenIsClosed,
                Verdict::Failure,
                &["none@resource.visitors"],
            ),
            (
                Fault::Broken,
                Verdict::Failure,
                &["level.gold@resource.moons", "none@resource.visitors"],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn com_06_no_token_stands_in_what_is_told() {
    let bench = Bench::new(true).await;
    let server = gateway::start(bench.world.clone(), Fault::TokenInTheQuery);
    let matrix = verify(&bench.config(&server)).await.unwrap();
    let tokens: std::collections::BTreeSet<String> = server
        .received()
        .iter()
        .flat_map(|request| {
            let header = request.header("authorization").unwrap_or_default();
            let all: Vec<String> = header.split([' ', ',']).map(str::to_owned).collect();
            all.into_iter().chain(request.field("access_token"))
        })
        .filter(|token| token.len() > 40)
        .collect();
    assert!(tokens.len() > 20, "{}", tokens.len());
    let report = Report::of(vec![matrix]);
    for told in [
        report.json(),
        report.text(None),
        report.html(),
        report.junit(true),
    ] {
        for token in &tokens {
            assert!(!told.contains(token.as_str()), "{token}");
        }
        assert!(told.contains("[access token]"));
    }
}

#[tokio::test]
async fn the_good_tokens_of_the_bench_are_good_to_the_houses_own_verifier() {
    let bench = Bench::new(false).await;
    let server = gateway::start(bench.world.clone(), Fault::None);
    verify(&bench.config(&server)).await.unwrap();
    let good = server
        .received()
        .iter()
        .filter(|request| {
            let header = request.header("authorization").unwrap_or_default();
            let token = header.strip_prefix("Bearer ").unwrap_or_default();
            gateway::strictly_good(&bench.world, token)
        })
        .count();
    assert!(good > 100, "{good}");
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_told_at_once() {
    let bench = Bench::new(false).await;
    let server = gateway::start(bench.world.clone(), Fault::None);
    let mut config = bench.config(&server);
    let nobody = format!("http://127.0.0.1:{}", crate::peers::free_port());
    config.gateway = Url::parse(&nobody).unwrap();
    let error = verify(&config).await.unwrap_err().to_string();
    assert!(
        error.starts_with("the gateway cannot be reached: nobody listens at"),
        "{error}"
    );
}

#[tokio::test]
async fn com_04_what_is_beyond_the_bound_is_not_asked_and_not_passed() {
    let bench = Bench::new(false).await;
    let server = gateway::start(bench.world.clone(), Fault::None);
    let mut config = bench.config(&server);
    config.requests = 10;
    let matrix = verify(&config).await.unwrap();
    assert_eq!(ids(&matrix, Verdict::Pass).len(), 10);
    assert_eq!(
        server.received().len(),
        11,
        "and one to see whether it is there"
    );
    assert!(ids(&matrix, Verdict::NotTestable).len() > 800);
}

#[tokio::test]
async fn cli_12_foreign_text_is_escaped_on_the_page_and_in_xml() {
    let bench = Bench::new(false).await;
    let server = Server::start(0, |_| {
        let body = "<script>alert(1)</script>]]>&\u{1b}[31m";
        crate::misbehaving::Reply::status(200)
            .header("Server", "<b>\"x\"</b>")
            .body("text/html", body)
    });
    let matrix = verify(&bench.config(&server)).await.unwrap();
    let report = Report::of(vec![matrix]);
    assert!(report.summary.holes > 500, "{:?}", report.summary);
    for told in [report.html(), report.junit(false)] {
        assert!(!told.contains("<script>") && !told.contains("<b>") && !told.contains('\u{1b}'));
    }
    assert!(!report.text(None).contains('\u{1b}'));
    scraper::Html::parse_document(&report.html());
}
