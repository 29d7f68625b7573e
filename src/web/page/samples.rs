//! Pages filled with what they show in the demo, and with the worst that others may send.

use super::*;
use crate::{
    assets::checks::HOSTILE,
    blueprint::{Blueprint, Takes, panels},
    web::drawing,
};
use serde_json::{Map, Value, json};

/// The moment at which the samples are looked at.
pub const NOW: i64 = 1_764_106_145;

pub fn chrome(signed_in_as: Option<&str>) -> Chrome {
    Chrome {
        gateway_name: "embedded".to_owned(),
        gateway_url: "http://localhost:8082".to_owned(),
        signed_in_as: signed_in_as.map(str::to_owned),
        csrf: "wq4cPp0UeqQ1gbnTBlbv2cBTcJTGQwJSqjQ6XtR0pLw".to_owned(),
        doctor: Some("/doctor"),
    }
}

fn chip(scope: &str) -> ScopeChip {
    let rings = panels(&Blueprint::default())
        .iter()
        .position(|panel| panel.scopes.contains(scope))
        .map(|index| index + 1)
        .filter(|_| scope != "openid");
    ScopeChip::new(scope, rings)
}

fn resource(resource: &crate::blueprint::Resource) -> ResourceView {
    ResourceView {
        method: resource.method.clone(),
        url: format!("http://localhost:8082{}", resource.path),
        show_me: resource.show_me.clone(),
        action: format!("/show-me/{}", resource.name),
        takes: match &resource.takes {
            Takes::Open => "open to all".to_owned(),
            Takes::AnyToken => "any valid access token".to_owned(),
            Takes::Scopes(scopes) => format!("an access token with {scopes}"),
        },
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

pub fn home(tokens: Option<TokensView>, name: Option<&str>) -> HomePage {
    let blueprint = Blueprint::default();
    let comets = blueprint.resources.iter().find(|resource| {
        (blueprint.levels.iter()).all(|level| !level.resources.contains(&resource.name))
    });
    let room = |name: &str, port: u16, sentence: &str| RoomView {
        name: name.to_owned(),
        url: format!("http://localhost:{port}"),
        embedded: true,
        sentence: sentence.to_owned(),
    };
    HomePage {
        chrome: chrome(name),
        notices: Vec::new(),
        panels: panels(&blueprint)
            .into_iter()
            .map(|panel| PanelView {
                asks: panel.scopes.iter().map(chip).collect(),
                credentials: Some(Credentials {
                    username: "carl.sagan".to_owned(),
                    password: "pale-blue-dot".to_owned(),
                }),
                authenticate_action: format!("/authenticate/{}", panel.level),
                resources: panel.resources.iter().map(resource).collect(),
                level: panel.level,
                rings: panel.rings,
                sentence: panel.sentence,
            })
            .collect(),
        machine: Some(MachineView {
            name: "telescope".to_owned(),
            sentence:
                "No person here: a program that signs in as itself (client credentials) and may do \
                       what its own scope says."
                    .to_owned(),
            scope: vec![ScopeChip::new("read", None)],
            request: vec![
                "POST http://localhost:8081/oauth2/default/v1/token".to_owned(),
                "authorization: Basic [client id and secret]".to_owned(),
                String::new(),
                "grant_type=client_credentials&scope=read".to_owned(),
            ],
            resources: comets
                .map(|comets| MachineResource {
                    resource: resource(comets),
                    action: Some(format!("/machine/{}", comets.name)),
                })
                .into_iter()
                .collect(),
            needs: None,
            lines: vec![
                "curl -u \"telescope:$SECRET\" -d grant_type=client_credentials -d scope=read \\"
                    .to_owned(),
                "  http://localhost:8081/oauth2/default/v1/token".to_owned(),
                "curl -H \"Authorization: Bearer $ACCESS_TOKEN\" http://localhost:8082/comets"
                    .to_owned(),
            ],
        }),
        tokens,
        house: HouseView {
            rooms: [
                room(
                    "web client",
                    8080,
                    "This app. It signs you in, keeps the tokens, and asks for you.",
                ),
                room(
                    "identity provider",
                    8081,
                    "Knows people and groups, and makes the tokens.",
                ),
                room(
                    "gateway",
                    8082,
                    "Looks at each access token before it lets a request through.",
                ),
                room(
                    "API",
                    8083,
                    "Has the answers, and answers only who comes through the gateway.",
                ),
            ],
        },
    }
}

pub fn tokens(name: &str) -> TokensView {
    let id_token = members(json!({
        "sub": "00u3vx9q2mzk4LtTd1", "name": name, "preferred_username": "carl.sagan",
        "email": "carl.sagan@example.com", "email_verified": true, "ver": 1,
        "iss": "http://localhost:8081/oauth2/default", "aud": "solar-system-app",
        "iat": NOW - 61, "exp": NOW + 3_539, "auth_time": NOW - 65, "amr": ["pwd"],
        "nonce": "pEqmMWY8WbHMRhXlLLcDzAwMTAPvbnZRpQ_KA4QZsKQ", "at_hash": "r2xC3jbGcUmYg4U8dNhvZQ",
        "sid": "idx7Jd3Yt1SSmKJgmxfGWZKbA", "address": {"country": name}, "odd": null, name: [1, {"a": "b"}]
    }));
    let access_token = members(json!({
        "iss": "http://localhost:8081/oauth2/default", "aud": "api://default", "sub": "carl.sagan",
        "client_id": "solar-system-app", "cid": "solar-system-app", "uid": "00u3vx9q2mzk4LtTd1",
        "iat": NOW - 61, "exp": NOW + 539, "jti": "AT.k2mUqxg7cLAKe9SCBLVAyL6W9o2sVxSm3ozUXQwqS3E",
        "scp": ["openid", "http://myapp.com/scp/silver"], "scope": "openid http://myapp.com/scp/silver",
        "groups": [name]
    }));
    let header =
        |typ: &str| members(json!({"alg": "ES256", "kid": "3PmF1cb0l0kNfTvyF1M", "typ": typ}));
    TokensView {
        id_token: TokenView {
            title: "ID token".to_owned(),
            kind: TokenKind::Jwt {
                header: claims::rows(&header("JWT"), NOW),
                claims: claims::rows(&id_token, NOW),
            },
            life: Some(Life::of(Some(NOW - 61), NOW + 3_539, NOW)),
            scopes: Vec::new(),
            note: "Says to this app who signed in, when, and how.".to_owned(),
        },
        access_token: TokenView {
            title: "access token".to_owned(),
            kind: TokenKind::Jwt {
                header: claims::rows(&header("at+jwt"), NOW),
                claims: claims::rows(&access_token, NOW),
            },
            life: Some(Life::of(Some(NOW - 61), NOW + 539, NOW)),
            scopes: vec![chip("openid"), chip("http://myapp.com/scp/silver")],
            note: "Says to the gateway what its bearer may do.".to_owned(),
        },
        user_info: Some(claims::rows(
            &members(json!({"sub": "00u3vx9q2mzk4LtTd1", "name": name})),
            NOW,
        )),
        refresh: RefreshView {
            sentences: vec!["There is none.".to_owned()],
            action: None,
        },
    }
}

pub fn opaque_tokens() -> TokensView {
    let mut view = tokens("Carl Sagan");
    view.access_token.kind = TokenKind::Opaque;
    view.user_info = None;
    view.refresh = RefreshView {
        sentences: vec!["There is one, and it stays on the server.".to_owned()],
        action: Some("/refresh"),
    };
    view
}

/// A flight that went well, to the resource at this position of the blueprint.
pub fn answered(position: usize) -> FlightPage {
    let blueprint = Blueprint::default();
    let resource = &blueprint.resources[position];
    let list = resource.answer.clone();
    FlightPage {
        chrome: chrome(Some("Carl Sagan")),
        verdict: Verdict {
            kind: VerdictKind::Pass,
            sentence: format!("The gateway answered: {} names.", list.len()),
        },
        token: None,
        before: Vec::new(),
        after: Vec::new(),
        asked: MessageView {
            title: "web client to gateway".to_owned(),
            first_line: format!("GET http://localhost:8082{}", resource.path),
            headers: vec![
                (
                    "authorization".to_owned(),
                    "Bearer [access token]".to_owned(),
                ),
                ("accept".to_owned(), "application/json".to_owned()),
                (
                    "traceparent".to_owned(),
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
                ),
            ],
            body: None,
        },
        came_back: Some(MessageView {
            title: "gateway to web client".to_owned(),
            first_line: "HTTP/1.1 200 OK".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(json!(list).to_string()),
        }),
        answer: Some(match &resource.drawing {
            Some(drawing) => AnswerView::Drawing {
                svg: drawing::draw(drawing, &list),
                list,
            },
            None => AnswerView::List(list),
        }),
        meaning: vec![
            "The access token was valid and carried the scope that this resource takes.".to_owned(),
        ],
        why: None,
        next: vec![NextStep::link(
            "See what else your token opens.",
            "/",
            "back to the panels",
        )],
        correlation: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        remote_gateway: false,
    }
}

/// What the machine asked for, with a token of its own that says `odd`.
pub fn by_machine(odd: &str) -> FlightPage {
    let header = members(json!({"alg": "ES256", "kid": odd, "typ": "at+jwt"}));
    let access_token = members(json!({
        "iss": "http://localhost:8081/oauth2/default", "aud": "api://default", "sub": "telescope",
        "client_id": "telescope", "iat": NOW - 1, "exp": NOW + 599, "scp": ["read"], odd: odd
    }));
    FlightPage {
        token: Some(TokenStepView {
            asked: MessageView {
                title: "web client to token endpoint".to_owned(),
                first_line: "POST http://localhost:8081/oauth2/default/v1/token".to_owned(),
                headers: vec![(
                    "authorization".to_owned(),
                    "Basic [client id and secret]".to_owned(),
                )],
                body: Some("grant_type=client_credentials&scope=read".to_owned()),
            },
            came_back: Some(MessageView {
                title: "token endpoint to web client".to_owned(),
                first_line: "200 OK".to_owned(),
                headers: vec![(odd.to_owned(), odd.to_owned())],
                body: Some(format!(
                    r#"{{"access_token":"[access token]","token_type":"Bearer","expires_in":600,"scope":"{odd}"}}"#
                )),
            }),
            token: TokenView {
                title: "The machine's access token".to_owned(),
                kind: TokenKind::Jwt {
                    header: claims::rows(&header, NOW),
                    claims: claims::rows(&access_token, NOW),
                },
                life: Some(Life::of(Some(NOW - 1), NOW + 599, NOW)),
                scopes: vec![chip("read")],
                note: "It is about the machine, and not about you.".to_owned(),
            },
        }),
        ..answered(2)
    }
}

/// A flight that was refused first, and answered after a refresh; `odd` is what servers say.
pub fn refreshed(odd: &str) -> FlightPage {
    let message = |first_line: &str| MessageView {
        title: "web client to token endpoint".to_owned(),
        first_line: first_line.to_owned(),
        headers: vec![(odd.to_owned(), odd.to_owned())],
        body: Some(odd.to_owned()),
    };
    let step = |came_back| StepView {
        sentence: odd.to_owned(),
        asked_heading: "New tokens were asked for".to_owned(),
        asked: message("POST http://localhost:8081/oauth2/default/v1/token"),
        came_back_heading: "What the token endpoint said".to_owned(),
        came_back,
    };
    FlightPage {
        before: vec![step(Some(message("200 OK")))],
        after: vec![step(None)],
        ..answered(3)
    }
}

pub fn refused() -> FlightPage {
    let gold = "http://myapp.com/scp/gold";
    FlightPage {
        verdict: Verdict {
            kind: VerdictKind::Refused,
            sentence: "Refused by the gateway: this token lacks the gold scope.".to_owned(),
        },
        answer: None,
        came_back: Some(MessageView {
            title: "gateway to web client".to_owned(),
            first_line: "HTTP/1.1 403 Forbidden".to_owned(),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("www-authenticate".to_owned(), format!(r#"Bearer error="insufficient_scope", scope="{gold}""#)),
            ],
            body: Some(r#"{"error":"insufficient_scope"}"#.to_owned()),
        }),
        meaning: vec![
            "Your access token is valid, but the moons take a scope that it does not carry (403, RFC 6750, section 3.1).".to_owned(),
            "Your group decides which scopes you get, and it was not asked for this one.".to_owned(),
        ],
        why: Some(WhyView {
            asked: vec![chip("openid"), chip("http://myapp.com/scp/silver")],
            granted: vec![chip("openid"), chip("http://myapp.com/scp/silver")],
            needed: vec![ScopeChip::missing(gold, Some(3))],
        }),
        next: vec![
            NextStep::post("Sign in as somebody whose group may have it.", "/authenticate/gold", "authenticate as gold", Some(3)),
            NextStep::link("Or see what your token opens.", "/", "back to the panels"),
        ],
        remote_gateway: true,
        ..answered(4)
    }
}

pub fn failed() -> FlightPage {
    FlightPage {
        chrome: chrome(None),
        verdict: Verdict {
            kind: VerdictKind::Failed,
            sentence: "The gateway could not be reached: nobody listens at localhost:8082."
                .to_owned(),
        },
        answer: Some(AnswerView::Raw(HOSTILE.to_owned())),
        came_back: None,
        meaning: vec!["Nothing was answered, so nothing was refused either.".to_owned()],
        next: vec![NextStep::advice(
            "Start the gateway, then reload this page's button.",
        )],
        ..answered(0)
    }
}

pub fn problem() -> ProblemPage {
    let silver = "http://myapp.com/scp/silver";
    let gold = "http://myapp.com/scp/gold";
    ProblemPage {
        chrome: chrome(None),
        status: 403,
        heading: "The identity provider refused the sign-in".to_owned(),
        sentences: vec![
            "It did not grant all scopes that this level asks for, and so it granted none."
                .to_owned(),
            "You are signed in there, and not here.".to_owned(),
        ],
        facts: vec![
            ("error code".to_owned(), "access_denied".to_owned()),
            (
                "it says".to_owned(),
                "The requested scope is not granted to any of your groups.".to_owned(),
            ),
            (
                "who refused".to_owned(),
                "http://localhost:8081/oauth2/default".to_owned(),
            ),
        ],
        why: Some(WhyView {
            asked: vec![chip("openid"), chip(silver), chip(gold)],
            granted: Vec::new(),
            needed: vec![
                chip("openid"),
                chip(silver),
                ScopeChip::missing(gold, Some(3)),
            ],
        }),
        policy: panels(&Blueprint::default())
            .into_iter()
            .map(|panel| LevelRow {
                scopes: panel.scopes.iter().map(chip).collect(),
                level: panel.level,
                rings: panel.rings,
                group: panel.group,
            })
            .collect(),
        next: vec![
            NextStep::post(
                "Sign in at the level of your group.",
                "/authenticate/silver",
                "authenticate as silver",
                Some(2),
            ),
            NextStep::post(
                "Or as somebody else.",
                "/authenticate/gold",
                "authenticate as gold",
                Some(3),
            ),
        ],
        correlation: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
    }
}

pub fn doctor(examined: Option<ExaminedView>) -> DoctorPage {
    DoctorPage {
        chrome: chrome(None),
        next: vec![NextStep::post(
            "Run them all.",
            "/doctor",
            if examined.is_some() {
                "run the checks again"
            } else {
                "run the checks"
            },
            None,
        )],
        examined,
    }
}

/// A check of each verdict, with a text of a server's.
pub fn examined(odd: &str) -> DoctorPage {
    let row = |(number, (word, class)): (usize, (&'static str, &'static str))| CheckRow {
        id: format!("check.{number}"),
        title: odd.to_owned(),
        word,
        class,
        got: odd.to_owned(),
        expected: odd.to_owned(),
        reason: (number > 0).then(|| odd.to_owned()),
        fix: (number > 1).then(|| odd.to_owned()),
        evidence: vec![odd.to_owned()],
    };
    let words = [
        ("As expected", "pass"),
        ("Not testable here", "note"),
        ("Blemish", "failed"),
        ("Failure", "refused"),
        ("Hole", "refused"),
    ];
    doctor(Some(ExaminedView {
        kind: VerdictKind::Failed,
        sentence: odd.to_owned(),
        rows: words.into_iter().enumerate().map(row).collect(),
    }))
}
