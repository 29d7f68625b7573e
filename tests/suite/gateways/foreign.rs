//! The same gateways with tokens of providers that nobody here wrote, from real sign-ins: kits written from the
//! provider's own discovery.
//!
//! What only the issuer could sign (expired, without expiry, not yet valid …) is not asked here: no provider hands it out.

mod keycloak;
mod oidc_provider;
mod sign_in;
mod table;

use self::sign_in::Provider;
use self::table::Signed;
use super::ask::Ask;
use super::front::Front;
use super::gateway::{Gateway, texts};
use super::matrix::holds_for;
use super::verified::report;
use super::world::World;
use crate::people::{CARL, JODIE};
use crate::program::Program;

/// The kit written for the provider answers the table for its tokens, and `verify` signs in by itself and finds nothing.
async fn answers_for(provider: &Provider, gateway: &Gateway, policy: &'static str) {
    let signed = Signed::at(provider, policy).await;
    tokio::task::block_in_place(|| answers(provider, gateway, policy, &signed));
}

fn answers(provider: &Provider, gateway: &Gateway, policy: &'static str, signed: &Signed) {
    let mut settings = vec![
        ("ISSUER", provider.issuer.as_str()),
        ("INTROSPECT_CLIENT_ID", &provider.gateway.0),
        ("INTROSPECT_CLIENT_SECRET", &provider.gateway.1),
    ];
    let options = gateway.arguments(provider.algorithm);
    let mut arguments = texts(&options);
    // Where the gateway wants TLS, what it asks stands behind a front. The issuer's name stays.
    let front = gateway.wants_tls.then(|| Front::to(provider.port()));
    let behind = |endpoint: &str| front.as_ref().map(|front| front.in_front_of(endpoint));
    let (keys, introspection) = (behind(&provider.keys), behind(&provider.introspection));
    if let (Some(front), Some(keys), Some(introspection)) = (&front, &keys, &introspection) {
        settings.push(("CA_FILE", front.roots.to_str().unwrap()));
        arguments.extend([
            "--jwks-uri",
            keys,
            "--introspection-endpoint",
            introspection,
        ]);
    }
    let world = World::before(gateway.kit, policy, &settings, &arguments);
    let running = gateway.launch(&world);
    running.wait_for(&Ask::get("/asteroids").bearer(Some(&signed.plain)), &[200]);
    holds_for(&world, &running, &signed.table(&world), gateway.known);

    let proxy_uri = format!("http://127.0.0.1:{}", world.port);
    settings.extend([
        ("AUTHN_CLIENT_ID", provider.app.client_id.as_str()),
        ("AUTHN_CLIENT_SECRET", &provider.app.client_secret),
        ("REDIRECT_URI", &provider.redirect_uri),
        ("PROXY_URI", &proxy_uri),
        ("GATEWAY", gateway.kit),
        ("BRONZE_USERNAME", CARL.login),
        ("BRONZE_PASSWORD", CARL.password),
        ("SILVER_USERNAME", CARL.login),
        ("SILVER_PASSWORD", CARL.password),
        ("GOLD_USERNAME", JODIE.login),
        ("GOLD_PASSWORD", JODIE.password),
    ]);
    let verify = ["verify", "--json", "--rate", "80", "--policy", policy];
    let ended = Program::start(&verify, &settings).end_within(std::time::Duration::from_secs(240));
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.said(), running.log());
    let report = report(&ended);
    if !gateway.known.challenge {
        assert_eq!(report["summary"]["blemishes"], 0, "{}", report["summary"]);
    }
    let cells = report["matrices"][0]["cells"].as_array().unwrap();
    for (row, expected) in [
        ("level.bronze@resource.moons", 403),
        ("level.silver@resource.moons", 403),
        ("level.silver@resource.planets", 200),
        ("level.gold@resource.moons", 200),
        ("id-token@resource.moons", 401),
    ] {
        let cell = cells.iter().find(|cell| cell["finding"]["id"] == row);
        let cell = cell.unwrap_or_else(|| panic!("no cell {row}"));
        let verdict = cell["finding"]["verdict"].as_str();
        let blemish = gateway.known.challenge.then_some("blemish");
        assert!(
            verdict == Some("pass") || verdict == blemish && blemish.is_some(),
            "{row}, {expected}: {cell}"
        );
    }
}
