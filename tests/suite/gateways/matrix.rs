//! Who may see what through somebody else's gateway: the table as it is written, and what it must not pass on.
//!
//! What is expected is literal here. Neither the kit's templates nor our own gateway's judge have a say in it.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::ask::Ask;
use super::gateway::Gateway;
use super::issuer::{AUDIENCE, Issuer, now};
use super::real::RealGateway;
use super::world::{API_KEY, World, put};
use crate::misbehaving::{Received, unsecured};
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

const PATHS: [&str; 5] = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];
pub const REFUSED: [u16; 5] = [200, 401, 401, 401, 401];

/// What a gateway is known to do otherwise without letting anybody in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blemishes {
    /// Its refusals carry no `WWW-Authenticate`, or one that says too little.
    pub challenge: bool,
    /// It does not answer `HEAD`.
    pub head: bool,
    /// The rows of the table that it cannot tell from a good token.
    pub rows: &'static [&'static str],
}

impl Blemishes {
    pub const NONE: Self = Self {
        challenge: false,
        head: false,
        rows: &[],
    };
}

/// A cell that is not as it should be.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Whether somebody was let in.
    pub hole: bool,
    pub what: String,
}

/// Who, with which token, and the status at visitors, asteroids, comets, planets, moons.
pub type Row = (&'static str, Option<String>, [u16; 5]);

/// What is asked: every row, and the good tokens that the other questions are asked with.
pub struct Table {
    pub rows: Vec<Row>,
    /// Without a scope of the API.
    pub plain: String,
    pub silver: String,
    /// With gold, and whatever else.
    pub gold: String,
}

impl Table {
    /// By an issuer that signs whatever a test wants.
    pub fn of(world: &World) -> Self {
        let minted = |scope: &str| world.issuer.issue("at+jwt", &world.issuer.claims(scope));
        Self {
            rows: rows(&world.issuer, world.policy),
            plain: minted("openid"),
            silver: minted(&format!("openid {SILVER}")),
            gold: minted(&format!("openid read {SILVER} {GOLD}")),
        }
    }
}

#[rustfmt::skip]
fn rows(issuer: &Issuer, policy: &str) -> Vec<Row> {
    let both = format!("openid read {SILVER} {GOLD}");
    let good = || issuer.claims(&both);
    let minted = |claims: &Value| Some(issuer.issue("at+jwt", claims));
    let with = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        minted(&claims)
    };
    let without = |name: &str| {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        minted(&claims)
    };
    let scp = |scopes: Value| {
        let mut claims = issuer.claims("");
        claims.as_object_mut().unwrap().remove("scope");
        claims["scp"] = scopes;
        minted(&claims)
    };
    let scope = |scope: &str| minted(&issuer.claims(scope));
    let kid = issuer.key_id();
    let mut tampered = issuer.sign_as(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }), &issuer.claims("openid"));
    let claims = tampered.split('.').nth(1).unwrap().to_owned();
    let stolen = unsecured(&json!({}), &good());
    tampered = tampered.replace(&claims, stolen.split('.').nth(1).unwrap());
    let mut id_token = good();
    id_token["nonce"] = json!("n");
    id_token["aud"] = json!(["solar-system-app", AUDIENCE]);
    id_token.as_object_mut().unwrap().remove("client_id");

    let typed = |typ: &str| {
        let mut claims = good();
        claims["typ"] = json!(typ);
        Some(issuer.issue("JWT", &claims))
    };
    let mut rows = vec![
        ("none",                 None,                                                    REFUSED),
        ("junk",                 Some("junk".into()),                                     REFUSED),
        ("junk with dots",       Some("e30.e30.AAAA".into()),                             REFUSED),
        ("alg none",             Some(unsecured(&json!({ "alg": "none", "typ": "at+jwt" }), &good())), REFUSED),
        ("alg NoNe",             Some(unsecured(&json!({ "alg": "NoNe", "typ": "at+jwt" }), &good())), REFUSED),
        ("HMAC with public key", Some(hmac(&issuer.public_key(), &good())),                             REFUSED),
        ("tampered",             Some(tampered),                                          REFUSED),
        ("a stranger's key",     Some(issuer.forged(&kid, &good())),                      REFUSED),
        ("unknown kid",          Some(issuer.forged("unknown", &good())),                 REFUSED),
        ("expired",              with("exp", json!(now() - 90)),                          REFUSED),
        ("no expiry",            without("exp"),                                          REFUSED),
        ("not yet valid",        with("nbf", json!(now() + 300)),                         REFUSED),
        ("wrong issuer",         with("iss", json!("https://issuer.example.com")),        REFUSED),
        ("nearly the issuer",    with("iss", json!(issuer.identifier() + "/")),           REFUSED),
        ("wrong audience",       with("aud", json!("api://other")),                       REFUSED),
        ("nearly the audience",  with("aud", json!(format!("{AUDIENCE}/x"))),             REFUSED),
        ("no audience",          without("aud"),                                          REFUSED),
        ("key-bound",            with("cnf", json!({ "jkt": "x" })),                      REFUSED),
        // an issuer that is asked may say so too
        ("refresh token",        typed("Refresh"),                                        REFUSED),
        ("typ of an ID token",   typed("ID"),                                             REFUSED),
        ("plain",                scope("openid"),                                         [200, 200, 403, 403, 403]),
        ("machine",              scope("read"),                                           [200, 200, 200, 403, 403]),
        ("silver",               scope(&format!("openid {SILVER}")),                      [200, 200, 403, 200, 403]),
        ("gold",                 scope(&format!("openid {SILVER} {GOLD}")),               [200, 200, 403, 200, 200]),
        ("gold, other order",    scope(&format!("{GOLD} openid {SILVER}")),               [200, 200, 403, 200, 200]),
        ("gold alone",           scope(GOLD),                                             [200, 200, 403, 403, 200]),
        ("silverx",              scope(&format!("{SILVER}x x{GOLD} READ reader {GOLD},{SILVER} {}", GOLD.replace('.', "-"))), [200, 200, 403, 403, 403]),
        ("scp list silver",      scp(json!(["openid", SILVER])),                          [200, 200, 403, 200, 403]),
        ("scp list gold",        scp(json!([GOLD, "openid", SILVER])),                    [200, 200, 403, 200, 200]),
        ("scp list silverx",     scp(json!([format!("{SILVER}x"), format!("x {GOLD}x"), "reader"])), [200, 200, 403, 403, 403]),
        ("scp string",           scp(json!(format!("openid {SILVER}"))),                  [200, 200, 403, 200, 403]),
        ("audience in a list",   with("aud", json!(["api://other", AUDIENCE])),           [200, 200, 200, 200, 200]),
    ];
    if policy == "jwt" {
        // An issuer calls these inactive when it is asked.
        let crit = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "crit": ["odd"], "odd": 1 });
        rows.extend([
            ("unknown crit",     Some(issuer.sign_as(&crit, &good())),                    REFUSED),
            ("ID token",         Some(issuer.issue("JWT", &id_token)),                    REFUSED),
            ("RS256",            Some(issuer.issue_by(jsonwebtoken::Algorithm::RS256, "at+jwt", &good())), [200; 5]),
        ]);
    }
    rows
}

/// Signed with HMAC, keyed with what everybody may read.
pub fn hmac(public: &Value, claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": public["kid"] });
    let message = unsecured(&header, claims);
    let message = message.trim_end_matches('.');
    let modulus = public["n"].as_str().unwrap().as_bytes();
    let key = jsonwebtoken::EncodingKey::from_secret(modulus);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
    format!("{message}.{}", signature.unwrap())
}

/// Asks the whole table; what differs from it.
fn differences(
    world: &World,
    gateway: &RealGateway,
    table: &Table,
    known: Blemishes,
    methods: &[&str],
) -> Vec<Difference> {
    let mut found = Vec::new();
    world.reached();
    for (who, token, expected) in &table.rows {
        for (path, expected) in PATHS.into_iter().zip(expected) {
            for method in methods.iter().copied() {
                let reply = gateway.ask(&Ask::by(method, path).bearer(token.as_deref()));
                let reached = world.reached().len();
                let let_in = reached > 0 || reply.status == 200;
                // An open resource may refuse a token that is there and wrong.
                let open = path == "/visitors" && reply.status == 401 && token.is_some();
                if reply.status != *expected && !open {
                    let tolerated =
                        known.rows.contains(who) || known.head && method == "HEAD" && !let_in;
                    if !tolerated {
                        let what = format!(
                            "{method} {path} by {who}: {} in place of {expected}",
                            reply.status
                        );
                        found.push(Difference {
                            hole: let_in && *expected != 200,
                            what: format!("{what}; {}", reply.body),
                        });
                    }
                } else if let_in && *expected != 200 {
                    found.push(Difference {
                        hole: true,
                        what: format!("{method} {path} by {who} reached the API"),
                    });
                }
                if !known.challenge && method == "GET" {
                    found.extend(wrong_challenge(who, path, &reply));
                }
            }
        }
    }
    found.extend(other_ways(world, gateway, table, known));
    found.extend(other_paths(world, gateway, table));
    found.extend(passed_on(world, gateway, table));
    found
}

/// RFC 6750, section 3.
fn wrong_challenge(who: &str, path: &str, reply: &super::ask::Reply) -> Option<Difference> {
    let challenge = reply.header("www-authenticate");
    let right = match reply.status {
        401 if who == "none" => challenge.starts_with("Bearer") && !challenge.contains("error"),
        401 => challenge.starts_with("Bearer") && challenge.contains("invalid_token"),
        403 => {
            let scope = match path {
                "/comets" => "read",
                "/planets" => SILVER,
                _ => GOLD,
            };
            challenge.contains("insufficient_scope")
                && challenge.contains(&format!("scope=\"{scope}\""))
        }
        _ => true,
    };
    let what = format!(
        "{path} by {who}: {} with the challenge {challenge:?}",
        reply.status
    );
    (!right).then_some(Difference { hole: false, what })
}

/// Tokens in other places, and other schemes.
fn other_ways(
    world: &World,
    gateway: &RealGateway,
    table: &Table,
    known: Blemishes,
) -> Vec<Difference> {
    let Table { gold, plain, .. } = table;
    let bearer = |token: &str| format!("Bearer {token}");
    let moons = || Ask::get("/moons");
    let refused = [
        (
            "token in the query",
            Ask::get(&format!("/moons?access_token={gold}")),
        ),
        (
            "token in a cookie",
            moons().header("Cookie", &format!("access_token={gold}")),
        ),
        (
            "token as Basic",
            moons().header("Authorization", &format!("Basic {gold}")),
        ),
        (
            "token as DPoP",
            moons().header("Authorization", &format!("DPoP {gold}")),
        ),
        (
            "token without a scheme",
            moons().header("Authorization", gold),
        ),
        (
            "two tokens",
            moons()
                .header("Authorization", &bearer(plain))
                .header("Authorization", &bearer(gold)),
        ),
        (
            "two tokens in one",
            moons().header("Authorization", &format!("Bearer {plain}, Bearer {gold}")),
        ),
        (
            "forged identity",
            moons()
                .header("X-User", "gold")
                .header("X-Auth-Scope", GOLD)
                .header("X-Api-Key", API_KEY),
        ),
        (
            "forged identity and a plain token",
            moons().bearer(Some(plain)).header("x-auth-scope", GOLD),
        ),
        (
            "another path in a header",
            Ask::get("/visitors")
                .header("X-Original-URL", "/moons")
                .header("X-Rewrite-URL", "/moons"),
        ),
    ];
    let mut found = Vec::new();
    for (what, ask) in refused {
        if known.rows.contains(&what) {
            continue;
        }
        let reply = gateway.ask(&ask);
        let reached: Vec<String> = world
            .reached()
            .into_iter()
            .map(|request| request.path)
            .collect();
        if reached.iter().any(|path| path != "/visitors") || reply.body.contains("moons") {
            found.push(Difference {
                hole: true,
                what: format!("{what}: {} and the API saw {reached:?}", reply.status),
            });
        }
    }
    for scheme in ["bearer", "BEARER"] {
        let reply = gateway.ask(&moons().header("Authorization", &format!("{scheme} {gold}")));
        if reply.status != 200 {
            found.push(Difference {
                hole: false,
                what: format!("the scheme {scheme}: {}", reply.status),
            });
        }
    }
    world.reached();
    found
}

/// Paths that no rule names, spellings of paths that some rule names, and methods that none does.
fn other_paths(world: &World, gateway: &RealGateway, table: &Table) -> Vec<Difference> {
    let Table { gold, silver, .. } = table;
    let mut found = Vec::new();
    for path in [
        "/",
        "/moon",
        "/moonsx",
        "/moons/",
        "/moons/io",
        "/MOONS",
        "/Moons",
        "/planets/moons",
        "/*",
        "/.env",
        "/admin",
        "/metrics",
        "/_gate",
        "/_keys",
        "/_introspect",
        "/server-status",
        "/__health",
        "/stats",
    ] {
        let reply = gateway.ask(&Ask::get(path).bearer(Some(gold)));
        let reached = world.reached();
        if !reached.is_empty() || !matches!(reply.status, 400 | 401 | 403 | 404 | 405) {
            found.push(Difference {
                hole: true,
                what: format!("{path} with a good token: {}", reply.status),
            });
        } else if reply.status != 404 {
            found.push(Difference {
                hole: false,
                what: format!("{path} is {} in place of 404", reply.status),
            });
        }
    }
    for path in [
        "//moons",
        "/./moons",
        "/visitors/../moons",
        "/visitors/%2e%2e/moons",
        "/visitors/..%2fmoons",
        "/visitors%2f..%2fmoons",
        "/%6doons",
        "/moons%2f",
        "/moons%00",
        "/moons;x",
        "/moons%3b",
        "/moons%3fx",
        "/moons?x=/visitors",
        "/moons%20",
        "/moons#x",
        "/visitors/..;/moons",
        "\\moons",
        "/visitors\\..\\moons",
        "/moons%252f",
        "/moons//",
        "/moons/.",
        "http://127.0.0.1/moons",
    ] {
        let reply = gateway.ask(&Ask::get(path).bearer(Some(silver)));
        let reached: Vec<String> = world
            .reached()
            .into_iter()
            .map(|request| request.path)
            .collect();
        if !reached.is_empty() || reply.status == 200 {
            found.push(Difference {
                hole: true,
                what: format!(
                    "{path} with a silver token: {}, the API saw {reached:?}",
                    reply.status
                ),
            });
        }
    }
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FROB", "get",
    ] {
        let ask = Ask::by(method, "/moons").bearer(Some(gold));
        let reply = gateway.ask(&ask.header("Content-Length", "0"));
        if !world.reached().is_empty() || reply.status == 200 && method != "OPTIONS" {
            found.push(Difference {
                hole: true,
                what: format!("{method} /moons: {}", reply.status),
            });
        }
    }
    found
}

/// Panics when anything differs from the table.
pub fn holds(world: &World, gateway: &RealGateway, known: Blemishes) {
    holds_for(world, gateway, &Table::of(world), known);
}

/// The same with somebody else's tokens.
pub fn holds_for(world: &World, gateway: &RealGateway, table: &Table, known: Blemishes) {
    let found = differences(world, gateway, table, known, &["GET", "HEAD"]);
    let lines: Vec<String> = found
        .iter()
        .map(|one| format!("{} {}", if one.hole { "HOLE" } else { "blemish" }, one.what))
        .collect();
    assert!(found.is_empty(), "{}\n{}", lines.join("\n"), gateway.log());
}

/// A known mistake in a kit's file, and what the table must say of it.
pub struct Fault {
    pub name: &'static str,
    /// In which file what is replaced by what; each must be there.
    pub edits: &'static [(&'static str, &'static str, &'static str)],
    /// Part of a difference that must be found.
    pub found_by: &'static str,
}

/// The kit as it was written answers the table, and limits who asks too often.
pub fn is_answered(gateway: &Gateway, limits: bool) {
    for policy in gateway.policies {
        let world = gateway.world(policy);
        let running = gateway.start(&world);
        holds(&world, &running, gateway.known);
        if limits {
            is_limited(&world, &running);
        }
    }
}

/// Puts each fault into a kit of its own, starts the gateway with it, and panics unless the table finds it.
pub fn finds_each(
    faults: &[Fault],
    world: impl Fn() -> World,
    start: impl Fn(&World) -> RealGateway,
) {
    for fault in faults {
        let world = world();
        put(&world.folder, fault.edits);
        let gateway = start(&world);
        let table = Table::of(&world);
        let found = differences(&world, &gateway, &table, Blemishes::NONE, &["GET"]);
        let named = found.iter().any(|one| one.what.contains(fault.found_by));
        assert!(
            named,
            "{:?} was not found; {} others were: {found:?}",
            fault.name,
            found.len()
        );
    }
}

/// The same at one of the gateways in the list.
pub fn finds_each_at(gateway: &Gateway, policy: &'static str, faults: &[Fault]) {
    finds_each(
        faults,
        || gateway.world(policy),
        |world| gateway.start(world),
    );
}

/// While the issuer's keys cannot be had, nobody is let in, and nobody is told that the token is wrong.
pub fn is_closed_without_issuer(gateway: &Gateway, status: u16) {
    for policy in gateway.policies {
        let world = gateway.world_without_issuer(policy);
        let running = gateway.launch(&world);
        running.wait_for(&Ask::get("/visitors"), &[200]);
        fails_closed(&world, &running, status);
    }
}

/// What goes on to the API: the key, and nothing that a caller could say in the gateway's name.
fn passed_on(world: &World, gateway: &RealGateway, table: &Table) -> Vec<Difference> {
    let gold = &table.gold;
    let mut ask = Ask::get("/moons?query=as-it-was").bearer(Some(gold));
    for name in [
        "X-User",
        "X-Userinfo",
        "X-Jwt-Payload",
        "X-Auth-Subject",
        "X-Auth-Client",
        "X-Auth-Scope",
        "X-Forwarded-User",
        "X-Api-Key",
        "X-Forwarded-Email",
        "X-Auth-Request-User",
        "X-Consumer-Id",
        "X-Consumer-Username",
        "Remote-User",
        "X-Remote-User",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Access-Token",
        "X-Id-Token",
        "X-Real-IP",
        "Forwarded",
        "Cookie",
        "X-Forwarded-Host",
        "X-Forwarded-Prefix",
        "Proxy-Authorization",
    ] {
        ask = ask.header(name, "forged");
    }
    // some APIs read names with underscores as if they were written with dashes; a gateway may refuse them
    let underscored = Ask::get("/moons?query=as-it-was")
        .bearer(Some(gold))
        .header("X_Auth_Subject", "forged")
        .header("X_Api_Key", "forged")
        .header("X_User", "forged");
    let mixed = Ask::get("/moons?query=as-it-was")
        .bearer(Some(gold))
        .header("X-Auth_Subject", "forged")
        .header("X_Auth-Scope", "forged")
        .header("X-Api_Key", "forged")
        .header("X_Forwarded-User", "forged");
    // what a proxy takes out because of the caller's Connection may not be what it put in
    let named = Ask::get("/moons?query=as-it-was")
        .bearer(Some(gold))
        .header(
            "Connection",
            "x-auth-subject, X-Auth-Client, X-Auth-Scope, X-Api-Key",
        );
    let mut found = Vec::new();
    gateway.ask(&Ask::get("/moons?query=as-it-was").bearer(Some(gold)));
    let told: Vec<_> = world.reached().iter().map(identity).collect();
    for (ask, may_refuse) in [
        (ask.header("Connection", "close, x-api-key"), false),
        (underscored, true),
        (mixed, true),
        (named, true),
    ] {
        let reply = gateway.ask(&ask);
        let reached = world.reached();
        if reached.len() != 1 && !(may_refuse && matches!(reply.status, 400 | 403)) {
            let what = format!(
                "forged headers beside a good token: {}, {} reached the API",
                reply.status,
                reached.len()
            );
            found.push(Difference { hole: false, what });
        }
        for seen in reached {
            let forged = |(_, value): &&(String, String)| {
                value.contains("forged") || value.contains(gold.as_str())
            };
            let forged: Vec<_> = seen.headers.iter().filter(forged).collect();
            if !forged.is_empty() {
                found.push(Difference {
                    hole: true,
                    what: format!("the API is told what a caller says: {forged:?}"),
                });
            }
            let now = identity(&seen);
            if told != [now.clone()] {
                found.push(Difference {
                    hole: true,
                    what: format!("a caller changes what the gateway says: {now:?} for {told:?}"),
                });
            }
            if seen.header("x-api-key").as_deref() != Some(API_KEY)
                || seen.query != "query=as-it-was"
            {
                found.push(Difference {
                    hole: false,
                    what: format!("the API gets neither its key nor the query: {seen:?}"),
                });
            }
        }
    }
    found
}

/// Whom the gateway says that it let in, where it says so.
fn identity(seen: &Received) -> Vec<Option<String>> {
    let names = ["x-auth-subject", "x-auth-client", "x-auth-scope"];
    names.iter().map(|name| seen.header(name)).collect()
}

/// The same with a gateway that is started.
pub fn fails_closed(world: &World, gateway: &RealGateway, status: u16) {
    let good = world.issuer.issue("at+jwt", &world.issuer.claims(GOLD));
    world.reached();
    let reply = gateway.ask(&Ask::get("/moons").bearer(Some(&good)));
    assert!(world.reached().is_empty(), "{reply:?}");
    assert_eq!(reply.status, status, "{reply:?} {}", gateway.log());
    gateway.wait_for(&Ask::get("/visitors"), &[200]);
}

/// One caller who asks too often is told so.
pub fn is_limited(world: &World, gateway: &RealGateway) {
    let limited = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..500 {
                    if limited.load(Ordering::Relaxed) {
                        return;
                    }
                    if Ask::get("/moons").send(gateway.port).status == 429 {
                        limited.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    world.reached();
    assert!(
        limited.into_inner(),
        "4000 requests were answered without a 429"
    );
}
