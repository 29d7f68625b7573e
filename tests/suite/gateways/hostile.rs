//! A blueprint whose names end strings and start commands in every language there is: each gateway either gets a kit
//! that means these names and nothing else, or none at all.

use serde_json::json;

use super::ask::Ask;
use super::gateway::Gateway;
use super::{apache, caddy, envoy, haproxy, krakend, nginx};

/// As RFC 6749 allows it; no language's quotes, but everything that comes after them.
const SCOPE: &str = "http://x/a{b}#;'$%<>&*|^`~!@(c)[d]=,.?$e%f{{g}}--/*h*/]]>";
const AUDIENCE: &str = "it's \"an\" api \\ {{x}} <é> # ; --";
const PATH: &str = "/a-b._~!$&'()+,=@z";
const CLIENT: &str = "the \"app\" \\ {x} #1";

fn blueprint() -> String {
    format!(
        "[api]\naudience = '''{AUDIENCE}'''\ndescription = \"x\"\n\
         [gateway]\nclients = [\"somebody\", '''{CLIENT}''']\n\
         [[resource]]\nname = \"odd\"\nmethod = \"GET\"\npath = \"{PATH}\"\ntakes = ['''{SCOPE}''', \"two\"]\nshow_me = \"x\"\n\
         [[resource]]\nname = \"any\"\nmethod = \"GET\"\npath = \"/asteroids\"\ntakes = \"any token\"\nshow_me = \"x\"\n\
         [[resource]]\nname = \"change\"\nmethod = \"PUT\"\npath = \"/asteroids\"\ntakes = [\"two\"]\nshow_me = \"x\"\n\
         [[level]]\nname = \"one\"\ngroup = \"one\"\nsentence = \"x\"\nscopes = [\"openid\"]\nresources = [\"odd\"]\n\
         [[client]]\nid = '''{CLIENT}'''\nname = \"x\"\nkind = \"app\"\ngroups = [\"one\"]\n\
         [[client]]\nid = \"somebody\"\nname = \"x\"\nkind = \"machine\"\nscopes = [\"two\"]\n\
         [[client]]\nid = \"gateway\"\nname = \"x\"\nkind = \"introspection\"\n"
    )
}

fn means_these_names(kind: &Gateway) {
    for policy in kind.policies {
        means_these_names_by(kind, policy);
    }
}

#[expect(clippy::too_many_lines, reason = "most of it is one table")]
fn means_these_names_by(kind: &Gateway, policy: &'static str) {
    let world = kind.world_of(&blueprint(), policy);
    let gateway = kind.launch(&world);
    gateway.wait_for(&Ask::get(PATH), &[401]);
    let kept = world.issuer.issue("at+jwt", &world.issuer.claims("openid"));
    gateway.wait_for(&Ask::get("/asteroids").bearer(Some(&kept)), &[401]); // not 503: the keys are there
    let mut claims = world.issuer.claims("openid");
    claims["aud"] = json!(AUDIENCE);
    claims["client_id"] = json!(CLIENT);
    let token = |change: &[(&str, &str)]| {
        let mut claims = claims.clone();
        for (name, value) in change {
            claims[*name] = json!(value);
        }
        world.issuer.issue("at+jwt", &claims)
    };
    let both = format!("two openid {SCOPE}");
    let status = |method: &str, path: &str, token: &str| {
        let length = if method == "PUT" { "0" } else { "" };
        let ask = Ask::by(method, path).bearer(Some(token));
        gateway.ask(&if length.is_empty() {
            ask
        } else {
            ask.header("Content-Length", length)
        })
    };
    for (what, path, change, expected) in [
        (
            "both scopes",
            PATH,
            &[("scope", both.as_str())][..],
            &[200][..],
        ),
        ("one of two", PATH, &[("scope", SCOPE)], &[403]),
        ("the other of two", PATH, &[("scope", "two")], &[403]),
        (
            "nearly",
            PATH,
            &[("scope", &both.replace('*', "+"))],
            &[403],
        ),
        (
            "another audience",
            PATH,
            &[("scope", &both), ("aud", "api://default")],
            &[401],
        ),
        (
            "nearly the audience",
            PATH,
            &[("scope", &both), ("aud", &AUDIENCE.replace('é', "e"))],
            &[401],
        ),
        (
            "another client",
            PATH,
            &[("scope", &both), ("client_id", "someone")],
            &[401, 403],
        ),
        (
            "a listed client",
            PATH,
            &[("scope", &both), ("client_id", "somebody")],
            &[200],
        ),
        (
            "a path that looks like it",
            "/a-b._~!$&'()+,=@zz",
            &[("scope", &both)],
            &[404],
        ),
        (
            "a path that a pattern would match",
            "/a-bx_~!$&'()+,=@z",
            &[("scope", &both)],
            &[404],
        ),
    ] {
        world.reached();
        let reply = status("GET", path, &token(change));
        assert!(
            expected.contains(&reply.status),
            "{policy}, {what}: {reply:?}\n{}",
            gateway.log()
        );
        let reached: Vec<String> = world
            .reached()
            .into_iter()
            .map(|request| request.path)
            .collect();
        assert_eq!(
            reached.len(),
            usize::from(expected == [200]),
            "{policy}, {what}"
        );
        assert!(reached.iter().all(|seen| seen == path), "{reached:?}");
    }
    // one path, two methods, two rules
    let asteroids =
        |method, scope| status(method, "/asteroids", &token(&[("scope", scope)])).status;
    assert_eq!(asteroids("GET", "openid"), 200);
    assert_eq!(asteroids("PUT", "openid"), 403);
    assert_eq!(asteroids("PUT", "two"), 200);
    assert!(matches!(asteroids("DELETE", "two"), 404 | 405));
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_01_envoy_means_hostile_names_and_nothing_else() {
    means_these_names(&envoy::GATEWAY);
}

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_01_nginx_means_hostile_names_and_nothing_else() {
    means_these_names(&nginx::GATEWAY);
}

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_01_haproxy_means_hostile_names_and_nothing_else() {
    means_these_names(&haproxy::GATEWAY);
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_01_apache_means_hostile_names_and_nothing_else() {
    means_these_names(&apache::GATEWAY);
}

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_01_caddy_means_hostile_names_and_nothing_else() {
    means_these_names(&caddy::GATEWAY);
}

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_01_krakend_means_hostile_names_and_nothing_else() {
    means_these_names(&krakend::GATEWAY);
}
