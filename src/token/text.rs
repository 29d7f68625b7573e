//! The story for people.

use super::{Answered, Story};
use crate::{
    calls::{Minted, Outcome},
    flight::{ClaimRow, Hop, Message, claims, printable},
    jose::Inspected,
    reason::Reason,
};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value};
use std::fmt::{self, Write};

/// How long a line of a message may be, in characters.
const LINE: usize = 2_000;
/// How wide tables are, in columns.
const WIDTH: u16 = 110;

/// Everything that happened, in its order. No token and no secret is in it.
#[must_use]
pub fn as_text(story: &Story, now: i64) -> String {
    let mut text = String::new();
    hop(&mut text, "Asking for a token", &story.token.hop);
    match &story.token.outcome {
        Ok(minted) => token(&mut text, minted, now),
        Err(refusal) => {
            put(&mut text, format_args!("\n{refusal}\n"));
            explain(&mut text, refusal.reason());
        }
    }
    if let Some((asked, said)) = &story.introspection {
        hop(
            &mut text,
            "Asking the issuer about it (introspection)",
            asked,
        );
        match said {
            Ok(members) => {
                let active = members.get("active") == Some(&Value::Bool(true));
                let verdict = if active {
                    "active: the issuer stands by this token"
                } else {
                    "not active: to whoever asked, the issuer does not stand by this token"
                };
                put(&mut text, format_args!("\n{verdict}\n"));
                table(&mut text, "What it says", &claims::rows(members, now));
            }
            Err(error) => put(
                &mut text,
                format_args!(
                    "\n{error}\nhint: INTROSPECT_CLIENT_ID and INTROSPECT_CLIENT_SECRET name the gateway's own client; unset them to leave this out\n"
                ),
            ),
        }
    }
    if let Some(answered) = &story.call {
        call(&mut text, answered);
    }
    text
}

fn put(text: &mut String, line: fmt::Arguments<'_>) {
    let _ = text.write_fmt(line); // a string takes whatever is written
}

fn token(text: &mut String, minted: &Minted, now: i64) {
    let granted = if minted.granted.is_empty() {
        "nothing".to_owned()
    } else {
        minted.granted.to_string()
    };
    put(
        text,
        format_args!("\ngranted: {}\n", printable(&granted, LINE)),
    );
    match &minted.inside {
        Some(Inspected { header, claims }) => {
            let rows = |members: &Map<String, Value>| claims::rows(members, now);
            table(text, "The token's header", &rows(header));
            table(text, "The token's claims", &rows(claims));
            text.push_str("(looked at, not verified: that is the gateway's part)\n");
        }
        None => text.push_str(
            "The token is opaque: it means something to its issuer alone, and the gateway asks there.\n",
        ),
    }
}

fn call(text: &mut String, answered: &Answered) {
    hop(text, "Asking the gateway with it", &answered.hop);
    match (&answered.refusal, &answered.outcome) {
        (None, Outcome::List(names)) => {
            put(
                text,
                format_args!("\nThe gateway let it through: {} entries.\n", names.len()),
            );
        }
        (None, _) => text.push_str("\nThe gateway let it through.\n"),
        (Some(reason), outcome) => {
            match outcome {
                Outcome::Nothing(error) => put(text, format_args!("\n{error}\n")),
                Outcome::Forbidden {
                    needed: Some(needed),
                } => put(text, format_args!("\nneeded: {needed}\n")),
                _ => text.push('\n'),
            }
            explain(text, reason);
        }
    }
}

fn explain(text: &mut String, reason: &Reason) {
    put(
        text,
        format_args!(
            "{}.\n{}\nThe rule: {}.\nhint: {}\n",
            reason.heading, reason.meaning, reason.rule, reason.change
        ),
    );
}

fn hop(text: &mut String, heading: &str, hop: &Hop) {
    if !text.is_empty() {
        text.push('\n');
    }
    put(text, format_args!("== {heading}\n"));
    message(text, '>', &hop.asked);
    match &hop.came_back {
        Some(came_back) => message(text, '<', came_back),
        None => text.push_str("< nothing\n"),
    }
}

fn message(text: &mut String, sign: char, message: &Message) {
    let mut line = |content: &str| {
        let content = printable(content, LINE);
        text.push_str(format!("{sign} {content}").trim_end());
        text.push('\n');
    };
    line(&message.first_line);
    for (name, value) in &message.headers {
        line(&format!("{name}: {value}"));
    }
    if let Some(body) = &message.body {
        line("");
        body.lines().for_each(line);
    }
}

fn table(text: &mut String, heading: &str, rows: &[ClaimRow]) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
    table.set_header(["name", "value", "what it is for"]);
    for row in rows {
        let mut value = printable(&row.value, 400);
        if let Some(time) = &row.time {
            value = format!("{value}\n{time}");
        }
        table.add_row([printable(&row.name, 100), value, row.meaning.clone()]);
    }
    put(text, format_args!("\n{heading}\n{table}\n"));
}
