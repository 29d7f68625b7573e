//! One request of the matrix: sent as it is written, at a steady pace, and told without a token.

use super::{column::Column, row::Shows, seen::Seen, witness::Witness};
use crate::{
    blueprint::Blueprint,
    flight::{Message, printable, without_secret},
    net::{RawClient, RawRequest},
    oauth::Secret,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use url::Url;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 256 * 1024;
/// What is shown of a body, in characters.
const SHOWN: usize = 200;
/// How often a gateway that wants us to wait is asked again.
const AGAIN: usize = 3;
/// How long it may make us wait at a time, and in all.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const ALL_WAITS: Duration = Duration::from_secs(120);
/// After how many silences in a row nobody is asked any more.
const SILENCES: usize = 5;

/// Asks the gateway.
pub(super) struct Asker<'a> {
    pub(super) http: &'a RawClient,
    pub(super) gateway: &'a Url,
    pub(super) blueprint: &'a Blueprint,
    pub(super) witness: Option<&'a Witness>,
    pace: Interval,
    may_wait: Duration,
    silences: usize,
}

/// What was sent, as it is told, and what came of it.
pub(super) struct Exchange {
    pub(super) seen: Seen,
    pub(super) evidence: Vec<String>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        http: &'a RawClient,
        gateway: &'a Url,
        blueprint: &'a Blueprint,
        witness: Option<&'a Witness>,
        requests_per_second: f64,
    ) -> Self {
        let mut pace = interval(Duration::from_secs_f64(1.0 / requests_per_second));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            http,
            gateway,
            blueprint,
            witness,
            pace,
            may_wait: ALL_WAITS,
            silences: 0,
        }
    }

    /// Whether the gateway has gone: each further request would only wait for its time-out.
    pub(super) fn is_gone(&self) -> bool {
        self.silences >= SILENCES
    }

    /// Asks once; again where the gateway wants us to wait.
    pub(super) async fn ask(&mut self, column: &Column, shows: &Shows) -> Exchange {
        let mut exchange = self.once(column, shows).await;
        for _ in 0..AGAIN {
            let wait = Duration::from_secs(exchange.seen.retry_after.unwrap_or(1).max(1));
            let wait = wait.min(LONGEST_WAIT);
            if exchange.seen.status != Some(429) || wait > self.may_wait {
                break;
            }
            self.may_wait -= wait;
            sleep(wait).await;
            exchange = self.once(column, shows).await;
        }
        self.silences = if exchange.seen.silent {
            self.silences + 1
        } else {
            0
        };
        exchange
    }

    async fn once(&mut self, column: &Column, shows: &Shows) -> Exchange {
        self.pace.tick().await;
        if let Some(witness) = self.witness {
            witness.take();
        }
        let request = self.request(column, shows);
        let evidence = told(&request, shows);
        let answer = self.http.send(self.gateway, request, LIMIT).await;
        let arrivals = self.witness.map(Witness::take);
        let mut exchange = match answer {
            Ok(answer) => {
                let mut answer = answer;
                for secret in &shows.secrets {
                    answer = without_secret(answer, secret);
                }
                let seen = Seen::answer(&answer, arrivals, self.blueprint);
                let mut message = Message::response(&answer);
                message.headers.retain(|(_, value)| value != "[not shown]");
                let lines = message
                    .headers
                    .iter()
                    .map(|(name, value)| format!("< {name}: {value}"));
                let mut evidence = evidence;
                evidence.push(format!("< {}", message.first_line));
                evidence.extend(lines);
                evidence.extend(
                    message
                        .body
                        .map(|body| format!("< {}", printable(&body, SHOWN))),
                );
                Exchange { seen, evidence }
            }
            Err(error) => {
                let seen = Seen::nothing(&error, arrivals);
                let mut evidence = evidence;
                evidence.push(format!(
                    "< nothing: {}",
                    printable(&error.to_string(), SHOWN)
                ));
                Exchange { seen, evidence }
            }
        };
        let reached = exchange.seen.arrivals.iter().flatten();
        let reached = reached.map(|arrival| {
            let line = format!("the API saw: {} {}", arrival.method, arrival.target);
            printable(&hidden(&line, shows), SHOWN)
        });
        let reached: Vec<String> = reached.collect();
        exchange.evidence.extend(reached);
        exchange
    }

    fn request(&self, column: &Column, shows: &Shows) -> RawRequest {
        let base = self.gateway.path().trim_end_matches('/');
        let mut target = format!("{base}{}", column.target);
        if let Some(token) = &shows.query {
            let divider = if target.contains('?') { '&' } else { '?' };
            target = format!("{target}{divider}access_token={}", token.expose());
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let agent = concat!("solar-system-verify/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        for (name, value) in &column.headers {
            let name = HeaderName::from_static(name);
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        }
        for value in &shows.authorization {
            if let Ok(mut value) = HeaderValue::from_str(value.expose()) {
                value.set_sensitive(true);
                headers.append(header::AUTHORIZATION, value);
            }
        }
        RawRequest {
            method: column.method.clone(),
            target,
            headers,
            body: Vec::new(),
        }
    }
}

/// The request as it is told: no token in it.
fn told(request: &RawRequest, shows: &Shows) -> Vec<String> {
    let target = hidden(&request.target, shows);
    let mut lines = vec![format!("> {} {}", request.method, printable(&target, 300))];
    for value in &shows.authorization {
        let scheme = value.expose().split(' ').next().unwrap_or_default();
        lines.push(format!("> authorization: {scheme} [access token]"));
    }
    let forged = request.headers.iter().filter(|(name, _)| {
        !matches!(
            **name,
            header::ACCEPT | header::USER_AGENT | header::AUTHORIZATION
        )
    });
    let forged = forged.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("> {name}: {}", printable(&value, 100))
    });
    lines.extend(forged);
    lines
}

fn hidden(text: &str, shows: &Shows) -> String {
    let hide = |text: String, secret: &Secret| text.replace(secret.expose(), "[access token]");
    shows.secrets.iter().fold(text.to_owned(), hide)
}
