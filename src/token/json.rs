//! The story for scripts: one JSON object, without token and secret.

use super::Story;
use crate::{
    flight::{Hop, Message},
    reason::Reason,
};
use serde_json::{Value, json};

/// `{token: {request, answer, …}, introspection: …, call: …}`. What was not reached is `null`.
#[must_use]
pub fn as_json(story: &Story) -> String {
    let mut token = hop(&story.token.hop);
    match &story.token.outcome {
        Ok(minted) => {
            token["granted"] = json!(minted.granted.to_string());
            token["expires_in"] = json!(minted.expires_in);
            if let Some(inside) = &minted.inside {
                token["header"] = json!(inside.header);
                token["claims"] = json!(inside.claims);
            }
        }
        Err(refusal) => {
            token["error"] = json!(refusal.to_string());
            token["reason"] = reason(refusal.reason());
        }
    }
    let introspection = story.introspection.as_ref().map(|(asked, said)| {
        let mut told = hop(asked);
        match said {
            Ok(members) => told["said"] = json!(members),
            Err(error) => told["error"] = json!(error.to_string()),
        }
        told
    });
    let call = story.call.as_ref().map(|answered| {
        let mut told = hop(&answered.hop);
        told["reason"] = answered.refusal.map_or(Value::Null, reason);
        told
    });
    let whole = json!({ "token": token, "introspection": introspection, "call": call });
    format!("{whole:#}\n")
}

fn hop(hop: &Hop) -> Value {
    json!({ "request": message(&hop.asked), "answer": hop.came_back.as_ref().map(message) })
}

fn message(message: &Message) -> Value {
    let headers = message.headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    json!({ "first_line": message.first_line, "headers": headers, "body": message.body })
}

fn reason(reason: &Reason) -> Value {
    json!({
        "code": reason.code,
        "who": reason.who.words(),
        "rule": reason.rule,
        "meaning": reason.meaning,
        "change": reason.change,
    })
}
