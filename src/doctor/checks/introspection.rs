//! Introspection (RFC 7662): whether the gateway's client may ask, and what the answers are worth.

use crate::{
    calls::{ClientAuthentication, Credential, Introspector},
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    flight::printable,
    net::FetchError,
    oauth::Secret,
};
use serde_json::{Map, Value};
use url::Url;

pub(in crate::doctor) async fn introspection(exam: &mut Exam, _: usize) -> Saw {
    let Some(client) = exam.patient.introspector.clone() else {
        return Saw::untestable(if exam.patient.introspects {
            "the gateway's client is known to the running gateway alone: set INTROSPECT_CLIENT_ID and INTROSPECT_CLIENT_SECRET, or see the app's page /doctor"
        } else {
            "the gateway checks tokens by keys, and INTROSPECT_CLIENT_ID is not set"
        });
    };
    let endpoint = match exam.endpoint("introspection_endpoint") {
        Ok(endpoint) => endpoint,
        Err(why) if exam.patient.introspects => {
            return Saw::failure(
                why,
                "The gateway is to ask the provider about each token, and there is nowhere to ask.",
                "Set GATEWAY_POLICY=jwt if access tokens are JWTs, or let the provider offer introspection.",
            );
        }
        Err(why) => return Saw::untestable(why),
    };
    let junk = exam.made_up();
    let about_junk = match ask(exam, &endpoint, &client, &junk).await {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "Look at the provider, and at introspection_endpoint in its metadata.";
            return Saw::failure(
                error.to_string(),
                "The introspection endpoint does not answer.",
                fix,
            );
        }
    };
    let mut lines = vec![about_junk.line("about a junk token")];
    let junk_answer = match read(&about_junk, &client) {
        Ok(answer) => answer,
        Err(saw) => return saw.lines(lines),
    };
    if junk_answer.get("active") == Some(&Value::Bool(true)) {
        return Saw::hole(
            "active is true for a junk token",
            "Whoever makes a token up is let in.",
            "This endpoint tells nothing: set GATEWAY_POLICY=jwt, or correct the provider.",
        )
        .lines(lines);
    }
    let Some((level, granted)) = exam.held.last() else {
        return Saw::untestable("the gateway's client may ask, and a junk token is not active; nobody could be signed in, so that no real token was asked about").lines(lines);
    };
    let token = granted.access_token.clone();
    let level = level.clone();
    let answer = match ask(exam, &endpoint, &client, &token).await {
        Ok(answer) => answer,
        Err(error) => return Saw::untestable(error.to_string()).lines(lines),
    };
    lines.push(answer.line(&format!("about the token of {level}")));
    match read(&answer, &client) {
        Ok(members) => judge(exam, &members).lines(lines),
        Err(saw) => saw.lines(lines),
    }
}

async fn ask(
    exam: &mut Exam,
    endpoint: &Url,
    client: &Introspector,
    token: &Secret,
) -> Result<Answer, FetchError> {
    let form = [
        ("token", token.expose()),
        ("token_type_hint", "access_token"),
    ];
    let secret = Credential::Secret(client.client_secret.clone());
    let client = (client.client_id.as_str(), &secret);
    exam.post(endpoint, client, ClientAuthentication::Basic, &form)
        .await
}

/// The members of an answer whose `active` is a boolean, or what is wrong.
fn read(answer: &Answer, client: &Introspector) -> Result<Map<String, Value>, Saw> {
    if answer.status == 401
        || answer.status == 403
        || answer.member("error").as_deref() == Some("invalid_client")
    {
        return Err(Saw::failure(
            answer.in_words(),
            "The provider does not let the gateway's client ask: it does not know it, takes another secret, or has not given it that right.",
            format!(
                "Set INTROSPECT_CLIENT_ID and INTROSPECT_CLIENT_SECRET to a confidential client that may introspect (it is {} now, by client_secret_basic).",
                client.client_id
            ),
        ));
    }
    if answer.member("error").as_deref() == Some("unsupported_token_type") {
        return Err(Saw::failure(
            answer.in_words(),
            "The provider is asked about opaque tokens alone, and this one is a JWT.",
            "Set GATEWAY_POLICY=jwt, so that the gateway checks tokens by the provider's keys, or have the provider issue opaque tokens for this API.",
        ));
    }
    let members = answer.object().filter(|_| answer.status == 200);
    let Some(members) = members else {
        return Err(Saw::failure(
            answer.in_words(),
            "What answers is no introspection endpoint (RFC 7662, section 2.2).",
            "Look at introspection_endpoint in the provider's metadata.",
        ));
    };
    match members.get("active") {
        Some(Value::Bool(_)) => Ok(members),
        other => {
            let shown = other.map_or_else(
                || "missing".to_owned(),
                |value| printable(&value.to_string(), 60),
            );
            Err(Saw::failure(
                format!("active is {shown}, which is no boolean"),
                "RFC 7662, section 2.2 wants true or false. The text \"false\" is true to many a program, so that only the boolean counts here, and every token is refused.",
                "Let the provider answer with a boolean, or set GATEWAY_POLICY=jwt.",
            ))
        }
    }
}

fn judge(exam: &Exam, members: &Map<String, Value>) -> Saw {
    if members.get("active") != Some(&Value::Bool(true)) {
        return Saw::failure(
            "active is false for a token that the app just got",
            "The provider does not tell the gateway's client about tokens of the app.",
            "Let the gateway's client introspect tokens of other clients, and (Keycloak) be in their audience.",
        );
    }
    let audience = &exam.patient.audience;
    let for_us = match members.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience.as_str()),
        _ => false,
    };
    let lacks = |name: &str| !members.contains_key(name);
    if exam.patient.introspects && !for_us {
        let shown = members.get("aud").map_or_else(
            || "missing".to_owned(),
            |value| printable(&value.to_string(), 200),
        );
        return Saw::failure(
            format!("active, but its aud is {shown}"),
            "The gateway takes tokens that are meant for it alone, by the name that AUDIENCE has.",
            format!(
                "Have the provider put {audience} into aud, or set AUDIENCE to what stands there."
            ),
        );
    }
    if exam.patient.introspects && (lacks("exp") || lacks("scope") && lacks("scp")) {
        return Saw::failure(
            "active, but exp or scope is missing",
            "The gateway needs to know how long a token lives, and what it may do.",
            "Let the provider tell the gateway's client exp and scope (RFC 7662, section 2.2).",
        );
    }
    Saw::pass("true for a token of the app, false for a junk token")
}
