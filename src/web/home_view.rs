//! What the home page shows.

use super::{
    app::App,
    chips::{authenticate_path, chips, show_me_path},
    machine_page,
    oidc::SignedIn,
    page::{
        Credentials, HomePage, HouseView, Life, Notice, NoticeKind, PanelView, RefreshView,
        ResourceView, RoomView, TokenKind, TokenView, TokensView, claims, time_in_words,
    },
    refresh,
    visit::Visit,
};
use crate::{
    blueprint::{Panel, Resource, Takes},
    oauth::Scopes,
};

pub(super) fn home(app: &App, visit: &Visit, trouble: Option<String>) -> HomePage {
    HomePage {
        chrome: visit.chrome(),
        notices: notices(app, visit, trouble),
        panels: app.panels.iter().map(|level| panel(app, level)).collect(),
        machine: machine_page::panel(app),
        tokens: visit
            .signed_in
            .as_deref()
            .map(|signed_in| tokens(app, visit, signed_in)),
        house: house(app),
    }
}

fn notices(app: &App, visit: &Visit, trouble: Option<String>) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(opened) = &visit.wrong_address {
        let right = app.config.redirect_uri.origin();
        notices.push(Notice {
            kind: NoticeKind::Warning,
            text: format!("You opened {opened}. Please use {right} instead."),
            detail: Some(format!("The provider sends browsers back to {right}, and a cookie that was set at {opened} does not go there: a sign-in from here would be lost.")),
        });
    }
    if let Some(trouble) = trouble {
        notices.push(Notice {
            kind: NoticeKind::Problem,
            text: "The identity provider cannot be reached, so nobody can sign in now. This app asks again by itself.".to_owned(),
            detail: Some(format!("{}: {trouble}.", app.config.issuer)),
        });
    }
    if let Some(signed_in) = visit.signed_in.as_deref() {
        notices.extend(granted_less(signed_in));
    }
    notices
}

/// A sign-in that brought less than it asked for. Some providers refuse such a request, others leave
/// out what a person may not have (RFC 6749, section 3.3), and then only this tells.
fn granted_less(signed_in: &SignedIn) -> Option<Notice> {
    let withheld = signed_in.withheld();
    (!withheld.is_empty()).then(|| Notice {
        kind: NoticeKind::Warning,
        text: format!("You are signed in, with less than was asked: the provider did not grant {withheld}."),
        detail: Some(format!(
            "Asked: {}. Granted: {}. Some providers, Okta among them, refuse the whole sign-in when one scope is not for this person. Others, such as Keycloak, leave that scope out and let the person in (RFC 6749, section 3.3, allows it). Whatever takes the missing scope, the gateway will refuse; who may have it is decided at the provider, by a person's groups.",
            signed_in.asked, signed_in.granted
        )),
    })
}

fn panel(app: &App, panel: &Panel) -> PanelView {
    let set = app.config.credentials.get(&panel.level);
    PanelView {
        level: panel.level.clone(),
        rings: panel.rings,
        sentence: panel.sentence.clone(),
        asks: chips(app, &panel.scopes),
        credentials: set.map(|set| Credentials {
            username: set.username.clone(),
            password: set
                .password
                .as_ref()
                .map(|p| p.expose().to_owned())
                .unwrap_or_default(),
        }),
        authenticate_action: authenticate_path(&panel.level),
        resources: panel
            .resources
            .iter()
            .map(|one| resource(app, one))
            .collect(),
    }
}

pub(super) fn resource(app: &App, resource: &Resource) -> ResourceView {
    let takes = match &resource.takes {
        Takes::Open => "open to all".to_owned(),
        Takes::AnyToken => "any access token".to_owned(),
        Takes::Scopes(scopes) => format!("takes {scopes}"),
    };
    ResourceView {
        method: if resource.method == "*" {
            "GET".to_owned()
        } else {
            resource.method.clone()
        },
        url: app.resource_url(resource).into(),
        show_me: resource.show_me.clone(),
        action: show_me_path(&resource.name),
        takes,
    }
}

fn tokens(app: &App, visit: &Visit, signed_in: &SignedIn) -> TokensView {
    let now = app.config.clock.now();
    let user_info = signed_in.user_info.as_ref().ok();
    TokensView {
        id_token: id_token(signed_in, now),
        access_token: access_token(app, signed_in, now),
        user_info: user_info.map(|members| claims::rows(members, now)),
        refresh: refresh(signed_in, session_end(app, visit, signed_in, now), now),
    }
}

/// When the session ends, by what ends it first.
fn session_end(app: &App, visit: &Visit, signed_in: &SignedIn, now: i64) -> Option<String> {
    let idle = i64::try_from(app.config.session_idle.as_secs()).unwrap_or(i64::MAX);
    let (unused, last) = visit.session.live()?.ends(idle);
    let words = |moment| time_in_words(moment, now);
    let refresh_token = signed_in
        .refresh_ends_at
        .filter(|ends| *ends <= unused.min(last));
    if let Some(ends) = refresh_token.and_then(words) {
        return Some(format!(
            "The refresh token ends on {ends}, and your session here with it, unless it is used before."
        ));
    }
    if unused < last {
        let (unused, last) = (words(unused)?, words(last)?);
        return Some(format!(
            "Your session here ends on {unused} if nobody uses it until then, and on {last} whatever happens."
        ));
    }
    Some(format!(
        "Your session here ends on {}, whatever happens.",
        words(last)?
    ))
}

/// When the access token ends, and what happens then.
fn refresh(signed_in: &SignedIn, session_end: Option<String>, now: i64) -> RefreshView {
    let words = |moment| time_in_words(moment, now);
    let ends = match signed_in.expires_at.and_then(words) {
        Some(ends) => format!("The access token ends on {ends}."),
        None => "Nobody said when the access token ends.".to_owned(),
    };
    if signed_in.refresh_token.is_none() {
        let why = if signed_in.refresh_is_spent {
            "The refresh token is spent: the provider took it, and what it gave for it could not be used. Afterwards you authenticate again."
        } else {
            "The provider gave no refresh token, so afterwards you authenticate again. Many providers give one only for the scope offline_access, and this app asks for exactly what a level lists: to get one there, list that scope in the blueprint's level."
        };
        let sentences = [ends, why.to_owned()];
        return RefreshView {
            sentences: sentences.into_iter().chain(session_end).collect(),
            action: None,
        };
    }
    let first = [
        ends,
        "The provider gave a refresh token too. It stays on the server, like the others, and goes to nobody but the provider. The app uses it by itself when you ask for something and the access token has less than thirty seconds left, or the gateway does not take it; the button does it now.".to_owned(),
    ];
    RefreshView {
        sentences: first.into_iter().chain(session_end).collect(),
        action: Some(refresh::PATH),
    }
}

fn id_token(signed_in: &SignedIn, now: i64) -> TokenView {
    let claim = |name: &str| {
        signed_in
            .id_token
            .claims
            .get(name)
            .and_then(serde_json::Value::as_i64)
    };
    TokenView {
        title: "ID token".to_owned(),
        kind: TokenKind::Jwt {
            header: claims::rows(&signed_in.id_token.header, now),
            claims: claims::rows(&signed_in.id_token.claims, now),
        },
        life: claim("exp").map(|ends| Life::of(claim("iat"), ends, now)),
        scopes: Vec::new(),
        note: "Tells this app who signed in. It was verified: signature, issuer, audience, nonce, times.".to_owned(),
    }
}

fn access_token(app: &App, signed_in: &SignedIn, now: i64) -> TokenView {
    let kind = match &signed_in.access_token_inside {
        Some(inside) => TokenKind::Jwt {
            header: claims::rows(&inside.header, now),
            claims: claims::rows(&inside.claims, now),
        },
        None => TokenKind::Opaque,
    };
    TokenView {
        title: "access token".to_owned(),
        kind,
        life: signed_in
            .expires_at
            .map(|ends| Life::of(Some(signed_in.got_at), ends, now)),
        scopes: chips(app, &signed_in.granted),
        note: granted_note(&signed_in.withheld()),
    }
}

fn granted_note(missing: &Scopes) -> String {
    let purpose = "Tells the gateway what its bearer may do. The app passes it on; it is the gateway that verifies it.";
    if missing.is_empty() {
        return purpose.to_owned();
    }
    format!("{purpose} The provider granted less than was asked: {missing} is not in it.")
}

fn house(app: &App) -> HouseView {
    let config = &app.config;
    let room = |name: &str, url: String, embedded: bool, sentence: &str| RoomView {
        name: name.to_owned(),
        url,
        embedded,
        sentence: sentence.to_owned(),
    };
    let api = config
        .api_url
        .clone()
        .unwrap_or_else(|| "behind the gateway".to_owned());
    HouseView {
        rooms: [
            room(
                "web client",
                config.redirect_uri.origin(),
                true,
                "Signs people in, keeps their tokens on the server, and asks the gateway for them.",
            ),
            room(
                "identity provider",
                config.issuer.clone(),
                config.embedded.idp,
                "Knows the people and their groups, and decides which scopes a token carries.",
            ),
            room(
                "gateway",
                config.gateway.to_string(),
                config.embedded.gateway,
                "Looks at the access token and its scopes before anything reaches the API.",
            ),
            room(
                "API",
                api,
                config.embedded.api,
                "Knows the answers, and takes requests from the gateway alone.",
            ),
        ],
    }
}
