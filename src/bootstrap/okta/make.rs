//! Making objects, once, and reading them back.

use super::{
    Okta,
    api::{Repeat, nonsense, patience::backoff},
    ask, differences,
    kind::{Kind, input},
    look::text,
    text::is_id,
};
use crate::bootstrap::target::{Existing, TargetError, Wanted};
use axum::http::Method;
use serde_json::{Map, Value, json};

/// How often something is made after it was not clear whether it was made before.
const TRIES: u32 = 3;

/// What a request to make something came to.
enum Making {
    Made(Value),
    /// An earlier request had made it, though nobody said so.
    Found(Existing),
}

impl Okta {
    /// Makes an object, with its assignments, and reads it back.
    pub(super) async fn make(&self, kind: Kind, wanted: &Wanted) -> Result<Existing, TargetError> {
        let place = kind.place(wanted)?;
        let body = ask::whole(kind, wanted)?;
        if kind == Kind::Assignment {
            let id = text(&wanted_value(&body), "id").to_owned();
            let path = format!("{place}/{}", checked(kind, &id)?);
            self.api.put(&path, &json!({})).await?;
            return self.read_back(kind, wanted, &place, &id, Value::Null).await;
        }
        match self.make_once(kind, wanted, &place, &body).await? {
            Making::Found(existing) => self.take_over(kind, wanted, existing).await,
            Making::Made(value) => {
                let id = text(&value, kind.id_member()).to_owned();
                let id = checked(kind, &id)
                    .map_err(|_| nonsense(&Method::POST, &place, "it tells no id"))?;
                let settled = async {
                    if kind == Kind::Client {
                        self.settle_app(id, &body).await?;
                        note_left_out(wanted, &body, &value);
                    }
                    self.read_back(kind, wanted, &place, id, value.clone())
                        .await
                };
                let settled = settled.await;
                settled.map_err(|error| error.after(id, value.clone()))
            }
        }
    }

    /// Sends the request to make it until it is clear that it is made. After an unclear answer the
    /// object is looked for by its name, so that nothing is made twice.
    async fn make_once(
        &self,
        kind: Kind,
        wanted: &Wanted,
        place: &str,
        body: &Map<String, Value>,
    ) -> Result<Making, TargetError> {
        let path = match kind {
            Kind::User => format!("{place}?activate=true"),
            _ => place.to_owned(),
        };
        let sent = kind.sent(body);
        let mut failed = 0;
        loop {
            let failure = match self.api.post(&path, Some(&sent), Repeat::No).await {
                Ok(value) => return Ok(Making::Made(value)),
                Err(failure) => failure,
            };
            if !failure.unclear && failed == 0 {
                return Err(failure.error);
            }
            failed += 1;
            // What came too late may be done later still.
            let looks = if failure.late { 3 } else { 1 };
            for look in 1..=looks {
                if !self.api.patience.wait(backoff(failed + look - 1)).await {
                    return Err(failure.error);
                }
                if let Some(existing) = self.look_for(kind, wanted).await? {
                    return Ok(Making::Found(existing));
                }
            }
            if failure.late || !failure.unclear || failed == TRIES {
                return Err(failure.error);
            }
        }
    }

    /// Reads an object back and holds it to what was asked for. What was told once stays in it.
    pub(super) async fn read_back(
        &self,
        kind: Kind,
        wanted: &Wanted,
        place: &str,
        id: &str,
        told_once: Value,
    ) -> Result<Existing, TargetError> {
        let existing = self.read_by_id(kind, place, id).await?;
        let path = format!("{place}/{id}");
        let mut existing = existing
            .ok_or_else(|| nonsense(&Method::GET, &path, "it was made, and is not there"))?;
        if let Some(secret) = told_once.get("client_secret") {
            existing.value["client_secret"] = secret.clone();
        }
        let body = ask::whole(kind, wanted)?;
        let differences = differences::between(kind, &body, &existing.value);
        if differences.is_empty() {
            return Ok(existing);
        }
        let all: Vec<_> = differences
            .iter()
            .map(|one| format!("{} is {} and not {}", one.at, one.found, one.wanted))
            .collect();
        Err(TargetError::NotAsWanted {
            name: wanted.name.clone(),
            problem: all.join("; "),
        })
    }
}

/// A provider may leave the implicit grant out, whoever asks for it (RFC 9700, section 2.1.2).
fn note_left_out(wanted: &Wanted, body: &Map<String, Value>, made: &Value) {
    let has_implicit = |list: &Value| {
        let list = list.as_array();
        list.is_some_and(|list| list.iter().any(|grant| grant == "implicit"))
    };
    if has_implicit(&body["grant_types"]) && !has_implicit(&made["grant_types"]) {
        tracing::info!(
            "{} is registered without the implicit grant that it asked for: it puts tokens into URLs, and the app does not use it",
            wanted.name
        );
    }
}

fn wanted_value(body: &Map<String, Value>) -> Value {
    Value::Object(body.clone())
}

/// An id that may stand in a path.
pub(super) fn checked(kind: Kind, id: &str) -> Result<&str, TargetError> {
    if is_id(id) {
        return Ok(id);
    }
    Err(input(
        kind.class(),
        format!("{:?} is no id of Okta's", super::text::plain(id)),
    ))
}
