//! What forgers do to a JWT, whatever its kind, and the rule by which each is found out. ID tokens meet them in the
//! app, access tokens at the gateway.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::misbehaving::{Draft, Forge, Keys, forge};

/// A token that nobody may take.
pub struct Forgery {
    pub name: String,
    pub forge: Forge,
    /// The rule that it breaks (`Rejection::reason_code`).
    pub check: &'static str,
}

fn forgery(
    name: impl Into<String>,
    check: &'static str,
    forger: impl Fn(&Draft<'_>) -> String + Send + Sync + 'static,
) -> Forgery {
    let (name, forge) = (name.into(), forge(forger));
    Forgery { name, forge, check }
}

/// Signed by its issuer, with a header that says more or something else.
fn header(name: &'static str, check: &'static str, members: Value) -> Forgery {
    let forger = move |draft: &Draft<'_>| draft.with_header(&members).signed();
    forgery(name, check, forger)
}

/// Signed by a stranger, whose header speaks for him.
fn stranger(
    name: &'static str,
    check: &'static str,
    says: impl Fn(&Keys) -> Value + Send + Sync + 'static,
) -> Forgery {
    forgery(name, check, move |draft| draft.by_stranger(&says))
}

/// Whole, and then changed as text.
fn changed(
    name: &'static str,
    check: &'static str,
    change: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Forgery {
    forgery(name, check, move |draft| change(&draft.signed()))
}

/// Signed over claims that are written so, and not as JSON has them.
fn claims_text(name: &'static str, write: fn(String) -> String) -> Forgery {
    forgery(name, "token_malformed", move |draft| {
        draft.signed_as(&draft.header.to_string(), write(draft.claims.to_string()))
    })
}

fn header_text(name: &'static str, write: fn(String) -> String) -> Forgery {
    forgery(name, "token_malformed", move |draft| {
        draft.signed_as(&write(draft.header.to_string()), draft.claims.to_string())
    })
}

/// Its signature's bytes, changed.
fn bent(name: &'static str, bend: fn(&mut Vec<u8>)) -> Forgery {
    forgery(name, "token_signature", move |draft| {
        draft.with_bent_signature(bend)
    })
}

/// One more member in front of all others.
fn in_front(object: &str, member: &str) -> String {
    object.replacen('{', &format!("{{{member},"), 1)
}

/// All of them. `client_secret` is what the app and its provider share; at `elsewhere` a stranger's keys lie.
pub fn forgeries(client_secret: &'static str, elsewhere: &str) -> Vec<Forgery> {
    let mut all = algorithms(client_secret);
    all.extend(keys(elsewhere));
    all.extend(signatures());
    all.extend(forms());
    all
}

/// TOK-02: none in every spelling, HMAC with whatever is known, names that are no algorithm.
#[rustfmt::skip]
fn algorithms(client_secret: &'static str) -> Vec<Forgery> {
    const SPELLINGS: [&str; 8] = ["none", "None", "NONE", "nOnE", "nonE", "none ", "\u{ff4e}one", ""];
    const NAMES: [&str; 7] = ["RS1", "RS512", "rs256", "RS256 ", "HS256", "ES256K", "Ed25519"];
    let mut all = vec![
        forgery("no alg", "token_malformed", |draft| draft.without_header("alg").signed()),
        header("alg null", "token_malformed", json!({ "alg": null })),
        header("alg as a list", "token_malformed", json!({ "alg": ["RS256"] })),
        header("alg as a number", "token_malformed", json!({ "alg": 256 })),
    ];
    for alg in SPELLINGS {
        all.push(forgery(format!("alg {alg:?} and no signature"), "token_algorithm", move |draft| {
            draft.with_header(&json!({ "alg": alg })).with_signature("")
        }));
        all.push(header("none, though signed", "token_algorithm", json!({ "alg": alg })));
    }
    all.extend(NAMES.map(|alg| header("a name that is not agreed", "token_algorithm", json!({ "alg": alg }))));
    for alg in ["HS256", "HS384", "HS512"] {
        all.push(forgery(format!("{alg} with the client secret"), "token_algorithm", move |draft| {
            draft.hmac(alg, client_secret.as_bytes())
        }));
        all.push(forgery(format!("{alg} with an empty key"), "token_algorithm", move |draft| draft.hmac(alg, b"")));
    }
    for (what, key) in Keys::generate(0).as_secrets() {
        let same_key = key.clone();
        all.push(forgery(format!("HS256 with the public key as {what}"), "token_algorithm", move |draft| {
            draft.hmac("HS256", &key)
        }));
        all.push(forgery(format!("RS256 in name, HMAC with the public key as {what}"), "token_signature", move |draft| {
            draft.hmac("RS256", &same_key)
        }));
    }
    all
}

/// TOK-03, 04, 05, 12: which key is meant, and who may say so.
#[rustfmt::skip]
fn keys(elsewhere: &str) -> Vec<Forgery> {
    let (jku, x5u) = (format!("{elsewhere}/keys"), format!("{elsewhere}/certificates"));
    vec![
        header("an unknown kid", "token_key_unknown", json!({ "kid": "nobody knows" })),
        header("an empty kid", "token_key_unknown", json!({ "kid": "" })),
        header("a kid that is a path", "token_key_unknown", json!({ "kid": "../../../../dev/null" })),
        header("a kid that is a query", "token_key_unknown", json!({ "kid": "x' UNION SELECT 'key" })),
        header("a kid that is a number", "token_malformed", json!({ "kid": 1 })),
        header("a kid that is null", "token_malformed", json!({ "kid": null })),
        stranger("a stranger's key under a stranger's kid", "token_key_unknown", |keys| {
            json!({ "alg": "ES256", "kid": keys.key_id(Algorithm::ES256) })
        }),
        forgery("a stranger's key and no kid", "token_signature", |draft| {
            draft.without_header("kid").by_stranger(|_| json!({ "alg": "ES256" }))
        }),
        stranger("a stranger's key in the header", "token_key_unknown", |keys| json!({
            "alg": "ES256", "kid": keys.key_id(Algorithm::ES256), "jwk": keys.public(Algorithm::ES256),
        })),
        stranger("a stranger's key set at jku", "token_key_unknown", move |keys| json!({
            "alg": "ES256", "kid": keys.key_id(Algorithm::ES256), "jku": jku,
        })),
        stranger("a stranger's certificate at x5u", "token_key_unknown", move |keys| json!({
            "alg": "ES256", "kid": keys.key_id(Algorithm::ES256), "x5u": x5u,
        })),
        stranger("a stranger's certificate in the header", "token_key_unknown", |keys| json!({
            "alg": "ES256", "kid": keys.key_id(Algorithm::ES256), "x5c": ["MIIB"], "x5t": "AAAA",
        })),
        forgery("a stranger's key under a known kid", "token_signature", move |draft| {
            let kid = draft.keys.key_id(Algorithm::ES256);
            draft.by_stranger(|_| json!({ "alg": "ES256", "kid": kid }))
        }),
        forgery("another algorithm than the kid's", "token_key_unfit", |draft| {
            let other = if draft.algorithm == Algorithm::ES256 { "RS256" } else { "ES256" };
            draft.with_header(&json!({ "alg": other })).signed()
        }),
        forgery("another kind of key under the kid", "token_key_unfit", |draft| {
            let other = if draft.algorithm == Algorithm::EdDSA { Algorithm::ES256 } else { Algorithm::EdDSA };
            draft.with_header(&json!({ "kid": draft.keys.key_id(other) })).signed()
        }),
        header("crit of something known", "token_critical_header", json!({ "crit": ["exp"], "exp": 1 })),
        header("crit of something unknown", "token_critical_header", json!({ "crit": ["x"], "x": 1 })),
        header("crit of nothing", "token_critical_header", json!({ "crit": [] })),
        header("crit that is no list", "token_critical_header", json!({ "crit": "b64" })),
        header("b64 false", "token_malformed", json!({ "b64": false })),
        header("b64 true", "token_malformed", json!({ "b64": true })),
        header("b64 false, and crit says so", "token_critical_header", json!({ "b64": false, "crit": ["b64"] })),
        header("compressed", "token_malformed", json!({ "zip": "DEF" })),
        header("encrypted, so it says", "token_malformed", json!({ "enc": "A128GCM" })),
        forgery("a nested token", "token_type", |draft| {
            draft.with_header(&json!({ "typ": "dpop+jwt", "cty": "JWT" })).signed()
        }),
        forgery("a logout token by its typ", "token_type", |draft| {
            draft.with_header(&json!({ "typ": "logout+jwt" })).signed()
        }),
        header("a typ that is a number", "token_malformed", json!({ "typ": 1 })),
    ]
}

/// Signatures that are nobody's.
#[rustfmt::skip]
fn signatures() -> Vec<Forgery> {
    vec![
        bent("one bit of the signature", |bytes| bytes[10] ^= 1),
        bent("the signature's last bit", |bytes| *bytes.last_mut().unwrap() ^= 1),
        bent("no signature", Vec::clear),
        bent("zeros", |bytes| bytes.fill(0)),
        bent("ones", |bytes| bytes.fill(0xff)),
        bent("a byte less", |bytes| bytes.truncate(bytes.len() - 1)),
        bent("a byte more", |bytes| bytes.push(0)),
        bent("a zero in front", |bytes| bytes.insert(0, 0)),
        bent("the signature twice", |bytes| bytes.extend(bytes.clone())),
        bent("the signature backwards", |bytes| bytes.reverse()),
        bent("the halves of the signature swapped", |bytes| {
            let middle = bytes.len() / 2;
            bytes.rotate_left(middle);
        }),
        forgery("other claims under the same signature", "token_signature", |draft| {
            let mut other = draft.clone();
            other.claims["sub"] = "jodie.foster".into();
            let signed = draft.signed();
            let (_, signature) = signed.rsplit_once('.').unwrap();
            format!("{}.{signature}", other.message())
        }),
        forgery("another header under the same signature", "token_signature", |draft| {
            let signed = draft.signed();
            let (_, signature) = signed.rsplit_once('.').unwrap();
            format!("{}.{signature}", draft.with_header(&json!({ "x": 1 })).message())
        }),
        forgery("claims written otherwise under the same signature", "token_signature", |draft| {
            let signed = draft.signed();
            let (message, signature) = signed.rsplit_once('.').unwrap();
            let (header, _) = message.split_once('.').unwrap();
            let claims = URL_SAFE_NO_PAD.encode(format!(" {}", draft.claims));
            format!("{header}.{claims}.{signature}")
        }),
    ]
}

/// TOK-01, COM-12: what is no compact JWT, or could be read in two ways.
#[rustfmt::skip]
fn forms() -> Vec<Forgery> {
    vec![
        changed("two parts", "token_malformed", |token| token.rsplit_once('.').unwrap().0.to_owned()),
        changed("four parts", "token_malformed", |token| format!("{token}.AAAA")),
        changed("five parts", "token_malformed", |token| format!("{token}.AAAA.AAAA")),
        changed("a dot at its end", "token_malformed", |token| format!("{token}.")),
        changed("a dot in front", "token_malformed", |token| format!(".{token}")),
        changed("no header", "token_malformed", |token| format!(".{}", token.split_once('.').unwrap().1)),
        changed("padding", "token_malformed", |token| format!("{token}=")),
        changed("another alphabet", "token_malformed", |token| format!("{}+/+/", &token[..token.len() - 4])),
        changed("a letter that is none of base64url's", "token_malformed", |token| token.replacen('e', "~", 1)),
        header_text("alg twice", |text| in_front(&text, r#""alg":"none""#)),
        header_text("kid twice", |text| in_front(&text, r#""kid":"x""#)),
        header_text("a header that is a list", |text| format!("[{text}]")),
        header_text("a header with something behind it", |text| text + "{}"),
        header_text("a header with a byte order mark", |text| format!("\u{feff}{text}")),
        claims_text("iss twice", |text| in_front(&text, r#""iss":"https://evil.example""#)),
        claims_text("aud twice", |text| in_front(&text, r#""aud":"somebody else""#)),
        claims_text("sub twice, and the same", |text| in_front(&text, r#""sub":"carl.sagan""#)),
        claims_text("exp twice, once spelt with an escape", |text| in_front(&text, r#""\u0065xp":1"#)),
        claims_text("a member twice, deep inside", |text| in_front(&text, r#""x":[{"y":{"z":1,"z":1}}]"#)),
        claims_text("claims that are a list", |text| format!("[{text}]")),
        claims_text("claims that are text", |_| r#""claims""#.to_owned()),
        claims_text("no claims", |_| String::new()),
        claims_text("claims with a comma too much", |text| text.replacen('}', ",}", 1)),
        claims_text("claims with a comment", |text| text.replacen('{', "{/* */", 1)),
        claims_text("claims in single quotes", |text| text.replace('"', "'")),
        claims_text("claims with something behind them", |text| text + "x"),
        claims_text("claims cut short", |text| text[..text.len() - 1].to_owned()),
        claims_text("claims nested without end", |text| in_front(&text, &format!(r#""x":{}1{}"#, "[".repeat(500), "]".repeat(500)))),
        claims_text("a number that is none", |text| in_front(&text, r#""x":NaN"#)),
        forgery("claims that are no UTF-8", "token_malformed", |draft| {
            let claims = draft.claims.to_string().replace("sub", "s\u{fffd}b").into_bytes();
            let claims: Vec<u8> = claims.into_iter().map(|byte| if byte == 0xbf { 0xff } else { byte }).collect();
            draft.signed_as(&draft.header.to_string(), claims)
        }),
    ]
}
