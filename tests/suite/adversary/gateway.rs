//! The embedded gateway behind a misbehaving issuer: what is no access token for this API opens nothing, by keys and by
//! introspection.

use std::time::Duration;

use serde_json::{Value, json};

use super::forgeries::forgeries;
use crate::http::{Answer, client, send};
use crate::misbehaving::bend::{after_issue, append, both, listed, renamed, set, without};
use crate::misbehaving::{Edit, Gateway, Keys, Provider, Reply, Script, edit, forge};
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};
use crate::stack::{CLIENT_ID, CLIENT_SECRET, Stack};
use solar_system::clock::Clock;

/// The gateway's own client at the issuer.
const CLIENT: [(&str, &str); 2] = [
    ("INTROSPECT_CLIENT_ID", "the-gateway"),
    ("INTROSPECT_CLIENT_SECRET", "a secret of the gateway's own"),
];

/// Whether a refusal tells that one of these rules was broken.
fn tells_of(refused: &Answer, rules: &[&str]) -> bool {
    let description = refused.json()["error_description"].to_string();
    let mut words = rules.iter().flat_map(|rule| words_of(rule));
    words.any(|words| description.contains(words))
}

/// A gateway of ours between a scripted issuer and a scripted API.
pub struct Guarded {
    pub provider: Provider,
    pub api: Gateway,
    pub stack: Stack,
}

pub type Bend = Box<dyn Fn(&mut Script)>;

/// One fault, and how it is refused.
pub struct Case {
    pub what: String,
    pub bend: Bend,
    pub status: u16,
    /// The rules of which it may break one, by their codes; without one nobody is told which.
    pub rules: Vec<&'static str>,
}

/// What a refusal tells of a rule that a token breaks.
#[rustfmt::skip]
fn words_of(rule: &str) -> &'static [&'static str] {
    match rule {
        "token_too_large" => &["is longer than"],
        "token_malformed" => &["is malformed", "characters that no token holds"],
        "token_algorithm" => &["token's algorithm"],
        "token_critical_header" => &["demands an extension"],
        "token_key_unknown" => &["its issuer does not publish"],
        "token_key_unfit" => &["one key that fits"],
        "token_signature" => &["signature is wrong"],
        "token_type" => &["another kind of token", "is not an access token", "is not a bearer access token"],
        "token_issuer" => &["token's issuer is", "another issuer's"],
        "token_audience" => &["token's audience is", "for another audience"],
        "token_expired" => &["expired"],
        "token_not_yet_valid" => &["not valid yet"],
        "token_subject" => &["whom it is about (sub)"],
        "token_key_bound" => &["bound to a key"],
        "token_inactive" => &["is not active"],
        "token_claim" => &["token's claim", "has no end (exp)", "is no number", "cannot be handed on"],
        "introspection_refused" => &["does not vouch"],
        other => panic!("no words are known of {other}"),
    }
}

impl Guarded {
    pub async fn by(policy: &str) -> Self {
        Self::over(&[("GATEWAY_POLICY", policy)]).await
    }

    pub async fn over(over: &[(&str, &str)]) -> Self {
        let (provider, api) = (Provider::start(&Clock::system()), Gateway::start());
        api.reply("/moons", Reply::json(&json!(["moon"])));
        let (issuer, api_uri) = (provider.issuer(), api.url());
        let mut settings = vec![("ISSUER", issuer.as_str()), ("API_URI", &api_uri)];
        settings.push(("API_KEY", "what the gateway shows the API, for tests alone"));
        settings.extend(CLIENT);
        settings.extend(over);
        let stack = Stack::by(provider.clock(), &settings).await;
        Self {
            provider,
            api,
            stack,
        }
    }

    /// A new access token, by the script.
    pub fn token(&self, scope: &str) -> String {
        let issuer = self.provider.issuer();
        self.provider
            .script()
            .issue_access_token(&issuer, CLIENT_ID, scope)
    }

    pub async fn ask(&self, path: &str, token: &str) -> Answer {
        send(client().get(self.stack.gateway(path)).bearer_auth(token)).await
    }

    /// Runs a table: each token is refused with this status, and after each a right one of the same issuer opens.
    pub async fn each_is_refused(&self, cases: Vec<Case>) {
        let right = right_tokens();
        let mut complaints = Vec::new();
        for (number, case) in cases.into_iter().enumerate() {
            let Case {
                what,
                bend,
                status,
                rules,
            } = case;
            // Unknown keys are looked up once a minute.
            self.stack.clock.advance(Duration::from_secs(61));
            bend(&mut self.provider.script());
            self.api.server.forget_received();
            let token = self.token(SILVER_SCOPE);
            let refused = self.ask("/planets", &token).await;
            self.provider.script().behave();

            let challenge = refused.header("www-authenticate");
            let is_told = match status {
                401 => challenge.contains(r#"error="invalid_token""#),
                _ => challenge.is_empty() && !refused.header("retry-after").is_empty(),
            };
            if refused.status != status || !is_told || !refused.json()["error"].is_string() {
                complaints.push(format!("{what}: not {status}: {refused:?}"));
            }
            if !rules.is_empty() && !tells_of(&refused, &rules) {
                complaints.push(format!("{what}: not by {rules:?}: {}", refused.text()));
            }
            if refused.text().contains(&token) || refused.text().contains("canary") {
                complaints.push(format!("{what}: told too much: {}", refused.text()));
            }
            if !self.api.server.received().is_empty() {
                complaints.push(format!("{what}: it reached the API"));
            }
            let (name, bend) = &right[number % right.len()];
            complaints.extend(self.takes(name, bend).await.err());
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    /// A right token opens what its scope opens, and nothing else.
    pub async fn takes(&self, what: &str, bend: &Bend) -> Result<(), String> {
        self.stack.clock.advance(Duration::from_secs(61));
        bend(&mut self.provider.script());
        let token = self.token(SILVER_SCOPE);
        let (planets, moons) = (
            self.ask("/planets", &token).await,
            self.ask("/moons", &token).await,
        );
        self.provider.script().behave();
        match (planets.status, moons.status) {
            (200, 403) if moons.header("www-authenticate").contains(GOLD_SCOPE) => Ok(()),
            statuses => Err(format!("right: {what}: {statuses:?} {}", planets.text())),
        }
    }
}

/// Access tokens that have to be taken, as JWT and when the issuer is asked.
#[rustfmt::skip]
fn right_tokens() -> Vec<(&'static str, Bend)> {
    let claims = |name, change: fn() -> Edit| -> (&'static str, Bend) {
        (name, Box::new(move |script: &mut Script| script.access_token = change()))
    };
    let header = |name, members: fn() -> Value| -> (&'static str, Bend) {
        (name, Box::new(move |script: &mut Script| {
            script.access_token_forge = forge(move |draft| draft.with_header(&members()).signed());
        }))
    };
    vec![
        ("as RFC 9068 has it", Box::new(|_: &mut Script| {})),
        claims("scp", || renamed("scope", "scp")),
        claims("scp as a list", || both(renamed("scope", "scp"), listed("scp", &[]))),
        claims("scope as a list", || edit(|claims| claims["scope"] = json!([claims["scope"], "openid"]))),
        claims("scope and scp", || set("scp", json!(["other"]))),
        claims("aud as a list", || listed("aud", &[])),
        claims("aud with others", || listed("aud", &["api://other", "https://elsewhere.example/"])),
        claims("no jti, no iat", || both(without("jti"), without("iat"))),
        claims("ended within the minute of leeway", || after_issue("exp", -30)),
        claims("not valid yet within the minute of leeway", || after_issue("nbf", 30)),
        claims("times with fractions", || edit(|claims| claims["exp"] = json!(claims["exp"].as_f64().unwrap() + 0.5))),
        claims("an end beyond all numbers", || set("exp", 1e300)),
        claims("client as Okta calls it", || renamed("client_id", "cid")),
        claims("200 groups", || edit(|claims| claims["groups"] = (0..200).map(|n| format!("g{n}")).collect())),
        claims("claims of any shape", || set("x", json!({ "y": [null, 1e-9, { "": "ü" }] }))),
        header("typ in full", || json!({ "typ": "application/at+jwt" })),
        header("typ JWT, as Okta has it", || json!({ "typ": "JWT" })),
        header("keys in the header that nobody looks at", || json!({ "jwk": { "kty": "oct" }, "jku": "http://127.0.0.1:9/" })),
        ("new keys", Box::new(|script: &mut Script| script.keys = Keys::generate(script.keys.generation() + 1))),
    ]
}

/// The rules that a claim can break.
fn rules_of(claim: &str) -> Vec<&'static str> {
    let rule = match claim {
        "iss" => "token_issuer",
        "aud" => "token_audience",
        "exp" => "token_expired",
        "nbf" | "iat" => "token_not_yet_valid",
        "sub" => "token_subject",
        "typ" => "token_type",
        "cnf" => "token_key_bound",
        _ => "token_claim",
    };
    vec![rule, "token_claim"]
}

fn claim(name: &'static str, value: &Value) -> Case {
    let what = format!("{name} {value}");
    let value = value.clone();
    let bend = move |script: &mut Script| {
        script.access_token = if value.is_null() {
            without(name)
        } else {
            set(name, value.clone())
        };
    };
    refused(what, bend, rules_of(name))
}

/// Begins with the name of the claim that is wrong.
fn claims(what: &'static str, change: fn() -> Edit) -> Case {
    let bend = move |script: &mut Script| script.access_token = change();
    let name = what.split(' ').next().unwrap_or_default();
    refused(what, bend, rules_of(name))
}

/// A token that is refused by one of these rules.
pub fn refused(
    what: impl Into<String>,
    bend: impl Fn(&mut Script) + 'static,
    rules: Vec<&'static str>,
) -> Case {
    Case {
        what: what.into(),
        bend: Box::new(bend),
        status: 401,
        rules,
    }
}

/// What no policy takes, whether the token says it or the issuer.
#[rustfmt::skip]
fn wrong_claims() -> Vec<Case> {
    vec![
        claim("iss", &json!("https://evil.example")),
        claims("iss with a slash", || append("iss", "/")),
        claims("iss as a list", || edit(|claims| claims["iss"] = json!([claims["iss"]]))),
        claim("aud", &json!("api://other")),
        claim("aud", &json!(CLIENT_ID)),
        claims("aud with something behind it", || append("aud", "/x")),
        claims("aud cut short", || set("aud", "api://defaul")),
        claims("aud with a number", || edit(|claims| claims["aud"] = json!([claims["aud"], 1]))),
        claims("aud as an object", || edit(|claims| claims["aud"] = json!({ "0": claims["aud"] }))),
        claim("aud", &json!([])),
        claim("aud", &Value::Null),
        claims("exp before the minute of leeway", || after_issue("exp", -61)),
        claim("exp", &json!(0)),
        claim("exp", &json!(-1)),
        claim("exp", &json!("2999-01-01")),
        claims("exp as text", || edit(|claims| claims["exp"] = claims["exp"].to_string().into())),
        claim("exp", &json!(true)),
        claim("exp", &Value::Null),
        claims("nbf in two minutes", || after_issue("nbf", 120)),
        claim("nbf", &json!("0")),
        claim("nbf", &json!(1e300)),
        claim("sub", &json!(7)),
        claim("sub", &json!(["carl.sagan"])),
        claim("sub", &json!("carl\r\nx-auth-scope: gold")),
        claim("client_id", &json!(7)),
        claim("scope", &json!(7)),
        claim("scope", &json!([7])),
        claim("scope", &json!("a\"b")),
        claim("typ", &json!("ID")),
        claim("typ", &json!("Refresh")),
        claim("cnf", &json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
        claim("cnf", &json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" })),
        claim("cnf", &json!({})),
    ]
}

#[tokio::test]
async fn sec_tok_07_08_09_18_access_tokens_with_a_wrong_claim_open_nothing_by_keys() {
    let guarded = Guarded::by("jwt").await;
    let mut cases = wrong_claims();
    cases.push(claim("sub", &Value::Null));
    cases.push(claim("sub", &json!("")));
    cases.push(claim("iss", &Value::Null));
    cases.push(claims("iat in two minutes", || after_issue("iat", 120)));
    guarded.each_is_refused(cases).await;
    assert!(
        guarded
            .provider
            .server
            .received_at("/introspect")
            .is_empty()
    );
}

#[tokio::test]
async fn sec_tok_17_18_answers_of_introspection_with_a_wrong_claim_open_nothing() {
    let guarded = Guarded::by("introspection").await;
    guarded.each_is_refused(wrong_claims()).await;
}

#[tokio::test]
async fn sec_tok_01_02_03_04_05_12_forged_access_tokens_open_nothing() {
    let guarded = Guarded::by("jwt").await;
    let elsewhere = crate::misbehaving::Server::start(0, |_| Reply::status(404));
    let cases = forgeries(CLIENT_SECRET, &elsewhere.url())
        .into_iter()
        .map(|forgery| {
            let bend = move |script: &mut Script| script.access_token_forge = forgery.forge.clone();
            // the issuer's key of this kid is for ES256, and that is looked at first
            let rule = if forgery.name.starts_with("RS256 in name") {
                "token_key_unfit"
            } else {
                forgery.check
            };
            refused(forgery.name, bend, vec![rule])
        });
    let mut cases: Vec<_> = cases.collect();
    let long = |script: &mut Script| script.access_token = set("filler", "x".repeat(6_500));
    cases.push(refused("nine kilobytes", long, vec!["token_too_large"]));
    guarded.each_is_refused(cases).await;
    assert!(
        elsewhere.received().is_empty(),
        "a token adds nobody to ask"
    );
}

/// No claim counts before the signature: who forges learns nothing else.
#[tokio::test]
async fn sec_tok_14_a_bent_signature_is_all_that_a_refusal_tells() {
    let guarded = Guarded::by("jwt").await;
    let bent = || forge(|draft| draft.with_bent_signature(|bytes| bytes[0] ^= 0x80));
    for change in [
        Edit::default(),
        set("iss", "https://evil.example"),
        set("aud", "api://other"),
        set("exp", 0),
        set("cnf", json!({})),
        set("sub", 7),
    ] {
        {
            let mut script = guarded.provider.script();
            script.access_token = change;
            script.access_token_forge = bent();
        }
        let refused = guarded.ask("/planets", &guarded.token(SILVER_SCOPE)).await;
        assert_eq!(refused.status, 401);
        assert_eq!(
            refused.json()["error_description"],
            "The token's signature is wrong."
        );
    }
    guarded.provider.script().behave();
    assert_eq!(
        guarded
            .ask("/planets", &guarded.token(SILVER_SCOPE))
            .await
            .status,
        200
    );
}

/// Scopes are whole names, and those of another token count for nothing.
#[tokio::test]
async fn sec_tok_16_scope_is_judged_for_each_token_and_every_time() {
    for policy in ["jwt", "introspection"] {
        let guarded = Guarded::by(policy).await;
        for (scope, planets, moons) in [
            ("openid", 403, 403),
            (SILVER_SCOPE, 200, 403),
            (GOLD_SCOPE, 403, 200),
            ("http://myapp.com/scp/silverx", 403, 403),
            ("http://myapp.com/scp/silve", 403, 403),
            ("HTTP://MYAPP.COM/SCP/SILVER", 403, 403),
            ("", 403, 403),
            (
                "http://myapp.com/scp/silver http://myapp.com/scp/gold",
                200,
                200,
            ),
        ] {
            let token = guarded.token(scope);
            for _ in 0..2 {
                let statuses = (
                    guarded.ask("/planets", &token).await.status,
                    guarded.ask("/moons", &token).await.status,
                );
                assert_eq!(statuses, (planets, moons), "{policy}: {scope:?}");
            }
        }
    }
}

/// ID tokens, refresh tokens and opaque words of the issuer are no access tokens.
#[tokio::test]
async fn sec_tok_06_what_the_issuer_signs_for_others_opens_nothing() {
    for typ in ["any", "at+jwt"] {
        let guarded = Guarded::over(&[("GATEWAY_POLICY", "jwt"), ("ACCESS_TOKEN_TYP", typ)]).await;
        let mut cases = Vec::new();
        for header in [
            "JWT",
            "logout+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "oauth-authz-req+jwt",
            "",
        ] {
            let what = format!("{typ}: an ID token's claims, typ {header:?}");
            let bend = move |script: &mut Script| {
                script.access_token_header = set("typ", header);
                script.access_token = both(set("nonce", "n"), set("at_hash", "h"));
            };
            cases.push(refused(what, bend, vec!["token_type"]));
        }
        // with claims that are an access token's in all: the header alone tells the kind
        for header in [
            "logout+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "oauth-authz-req+jwt",
        ] {
            let bend = move |script: &mut Script| script.access_token_header = set("typ", header);
            let what = format!("{typ}: typ {header:?} alone");
            cases.push(refused(what, bend, vec!["token_type"]));
        }
        let bare = |script: &mut Script| {
            script.access_token_header = without("typ");
            script.access_token = both(without("client_id"), without("scope"));
        };
        let what = format!("{typ}: neither client nor scope");
        cases.push(refused(what, bare, vec!["token_type"]));
        let opaque = |script: &mut Script| script.access_token_algorithm = None;
        let what = format!("{typ}: an opaque token");
        cases.push(refused(what, opaque, vec!["token_malformed"]));
        for case in cases {
            (case.bend)(&mut guarded.provider.script());
            let refused = guarded.ask("/planets", &guarded.token(SILVER_SCOPE)).await;
            let what = format!("{}: {}", case.what, refused.text());
            assert_eq!(refused.status, case.status, "{what}");
            assert!(tells_of(&refused, &case.rules), "{what}");
            guarded.provider.script().behave();
        }
        assert_eq!(
            guarded
                .ask("/planets", &guarded.token(SILVER_SCOPE))
                .await
                .status,
            200
        );
    }
}

const METADATA: &str = "/.well-known/openid-configuration";

/// Without metadata and keys of exactly this issuer nobody gets in, and all recovers by itself.
#[tokio::test]
#[rustfmt::skip]
async fn sec_tok_04_07_12_gw_12_keys_that_are_not_the_issuers_own_open_nothing() {
    let elsewhere = crate::misbehaving::Server::start(0, |_| Reply::status(404));
    let metadata = |change: fn() -> Edit| -> Bend { Box::new(move |script| script.metadata = change()) };
    let keys = |change: fn(&mut Vec<Value>)| -> Bend {
        Box::new(move |script| {
            script.published_keys = edit(move |set| change(set["keys"].as_array_mut().unwrap()));
        })
    };
    let at = |path: &'static str, reply: Reply| -> Bend { Box::new(move |script| script.reply(path, reply.clone())) };
    let text = |text: &str| Reply::status(200).body("application/json", text);
    let faults: Vec<(&str, Bend)> = vec![
        ("another issuer", metadata(|| set("issuer", "https://evil.example"))),
        ("the issuer with a slash", metadata(|| append("issuer", "/"))),
        ("no issuer", metadata(|| without("issuer"))),
        ("no keys announced", metadata(|| without("jwks_uri"))),
        ("keys by plain http", metadata(|| set("jwks_uri", "http://evil.example/keys"))),
        ("keys in a file", metadata(|| set("jwks_uri", "file:///etc/passwd"))),
        ("a member of the metadata twice", at(METADATA, text(r#"{"issuer":"a","issuer":"b"}"#))),
        ("metadata elsewhere", at(METADATA, Reply::redirect(302, &elsewhere.url()))),
        ("metadata of 60 MB", at(METADATA, Reply::status(200).huge(60_000_000))),
        ("metadata that are a page", at(METADATA, Reply::html("<h1>Welcome</h1>"))),
        ("no keys", keys(Vec::clear)),
        ("33 keys", keys(|keys| keys.resize(33, json!({ "kty": "oct" })))),
        ("private parts in all of them", keys(|keys| keys.iter_mut().for_each(|key| key["d"] = "AQAB".into()))),
        ("keys twice", at("/keys", text(r#"{"keys":[],"keys":[]}"#))),
        ("keys elsewhere", at("/keys", Reply::redirect(302, &elsewhere.url()))),
        ("keys of 60 MB", at("/keys", Reply::status(200).huge(60_000_000))),
        ("keys cut short", at("/keys", Reply::status(200).cut(r#"{"keys":["#))),
        ("keys that are a page", at("/keys", Reply::html("<h1>Keys</h1>"))),
        ("an error", at("/keys", Reply::status(500))),
        ("no HTTP", at("/keys", Reply::raw(b"SSH-2.0-OpenSSH_9.2\r\n"))),
    ];
    let all = faults.into_iter().map(|(what, bend)| async move {
        let guarded = Guarded::by("jwt").await;
        bend(&mut guarded.provider.script());
        let token = guarded.token(SILVER_SCOPE);
        let refused = guarded.ask("/planets", &token).await;
        assert_eq!(refused.status, 503, "{what}: {}", refused.text());
        assert_eq!(refused.header("retry-after"), "5", "{what}");
        assert!(guarded.api.server.received().is_empty(), "{what}");

        guarded.provider.script().behave();
        guarded.stack.clock.advance(Duration::from_secs(4));
        let answer = guarded.ask("/planets", &token).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    });
    futures_util::future::join_all(all).await;
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}
