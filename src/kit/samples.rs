//! Facts for tests: a plain one, and one with values that end strings and start commands.

use super::{Facts, Introspection, PemKey, SignIn, Stated};
use crate::{
    blueprint::{Blueprint, Policy},
    jose::{AccessTokenTyp, Algorithm},
    settings::PolicyChoice,
};
use url::Url;

/// A scope name with every character that RFC 6749 allows and some language minds.
pub(super) const SCOPE: &str = "http://x/a{b}#;'$%<>&*|^`~!@(c)[d]=,.?${e}%{f}{{g}}--/*h*/]]>";
/// An audience with quotes, backslashes and more.
pub(super) const AUDIENCE: &str = "it's \"an\" api \\ {{x}} <é> # ; --";
/// A path with every character that a blueprint allows.
pub(super) const PATH: &str = "/a-b._~!$&'()+,=@z";

fn stated<T>(value: T) -> Stated<T> {
    Stated::new(value, "a test")
}

/// An https issuer and API, the default policy.
pub(super) fn plain(policy: PolicyChoice) -> Facts {
    of(&Blueprint::default(), "api://default", policy)
}

/// A policy of hostile names; whatever is not expressible must be refused, and the rest read back.
pub(super) fn hostile(policy: PolicyChoice) -> Facts {
    of(&hostile_blueprint(), AUDIENCE, policy)
}

pub(super) fn hostile_blueprint() -> Blueprint {
    let text = format!(
        "[api]\naudience = '''{AUDIENCE}'''\ndescription = \"x\"\n\
         [[resource]]\nname = \"odd\"\nmethod = \"GET\"\npath = \"{PATH}\"\ntakes = ['''{SCOPE}''']\n\
         show_me = \"x\"\n\
         [[level]]\nname = \"one\"\ngroup = \"one\"\nsentence = \"x\"\nscopes = [\"openid\"]\nresources = [\"odd\"]\n\
         [[client]]\nid = \"app\"\nname = \"x\"\nkind = \"app\"\ngroups = [\"one\"]\n\
         [[client]]\nid = \"gateway\"\nname = \"x\"\nkind = \"introspection\"\n"
    );
    Blueprint::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"))
}

fn of(blueprint: &Blueprint, audience: &str, policy: PolicyChoice) -> Facts {
    let url = |text: &str| Url::parse(text).unwrap();
    let issuer = "https://idp.example.com/oauth2/default";
    Facts {
        policy,
        issuer: stated(issuer.to_owned()),
        jwks_uri: stated(url(&format!("{issuer}/v1/keys"))),
        introspection: (policy == PolicyChoice::Introspection).then(|| Introspection {
            endpoint: stated(url(&format!("{issuer}/v1/introspect"))),
            client_id: stated("gateway".to_owned()),
        }),
        sign_in: SignIn {
            authorization: Some(stated(url(&format!("{issuer}/v1/authorize")))),
            token: Some(stated(url(&format!("{issuer}/v1/token")))),
            registration: None,
        },
        audience: stated(audience.to_owned()),
        algorithms: vec![Algorithm::Es256],
        scope_claim: stated("scope"),
        typ: AccessTokenTyp::Any,
        clients: Vec::new(),
        rules: Policy::of(blueprint),
        upstream: stated(url("https://api.example.com/base")),
        listen: stated("127.0.0.1:8082".parse().unwrap()),
        decision: Ok(stated(url("http://127.0.0.1:8085/decision"))),
        with_holes: true,
        extra_roots: Some(b"-----BEGIN CERTIFICATE-----\n".to_vec()),
        keys: Ok(vec![PemKey {
            kid: Some("one \"key\"".to_owned()),
            algorithms: vec![Algorithm::Es256],
            pem: "-----BEGIN PUBLIC KEY-----\n".to_owned(),
        }]),
    }
}
