//! Claims read by type, and the rules on them that all kinds of tokens share.

use super::{Rejection, rejection::shortened};
use serde_json::{Map, Value};

/// The claims of a token whose signature holds.
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A string, if the claim is there.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Rejection> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "is not a string")),
        }
    }

    /// A time, if the claim is there: a number, whole or not. Huge ones saturate (RFC 7519, section 2).
    pub(super) fn time(&self, name: &'static str) -> Result<Option<i64>, Rejection> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(saturated(number))),
            Some(_) => Err(wrong(name, "is not a number")),
        }
    }

    pub(super) fn required_time(&self, name: &'static str) -> Result<i64, Rejection> {
        self.time(name)?.ok_or_else(|| wrong(name, "is missing"))
    }

    /// A string or a list of strings.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, Rejection> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| wrong(name, "is a list with something else than strings in it")),
            Some(_) => Err(wrong(name, "is neither a string nor a list of strings")),
        }
    }

    /// `iss` is a string and exactly the issuer.
    pub(super) fn issued_by(&self, issuer: &str) -> Result<(), Rejection> {
        match self
            .text("iss")?
            .ok_or_else(|| wrong("iss", "is missing"))?
        {
            got if got == issuer && !issuer.is_empty() => Ok(()),
            got => Err(Rejection::IssuerWrong {
                expected: issuer.to_owned(),
                got: shortened(got),
            }),
        }
    }

    /// `aud` is there and names the receiver. Returns all of it.
    pub(super) fn meant_for(&self, receiver: &str) -> Result<Vec<String>, Rejection> {
        let audience = self.texts("aud")?;
        // a receiver without a name is nobody's audience
        if !receiver.is_empty() && audience.iter().any(|name| name == receiver) {
            return Ok(audience);
        }
        Err(audience_wrong(receiver, &audience))
    }

    /// `aud` is there and names this client; it and `azp` name nobody else, but whom the client knows.
    pub(super) fn for_client(
        &self,
        client_id: &str,
        others: &[String],
    ) -> Result<Vec<String>, Rejection> {
        let audience = self.meant_for(client_id)?;
        let known = |name: &String| name == client_id || others.contains(name);
        if !audience.iter().all(known) {
            return Err(audience_wrong(client_id, &audience));
        }
        match self.text("azp")? {
            Some(party) if party != client_id => Err(Rejection::AuthorizedPartyWrong),
            _ => Ok(audience),
        }
    }

    /// `iat` is there, not ahead, and not longer ago than `max_age` seconds. Returns it.
    pub(super) fn issued_lately(
        &self,
        now: i64,
        leeway: i64,
        max_age: i64,
    ) -> Result<i64, Rejection> {
        let issued_at = self.required_time("iat")?;
        not_ahead("iat", issued_at, now, leeway)?;
        let age = now.saturating_sub(issued_at);
        if age > max_age {
            return Err(Rejection::TooOld { age });
        }
        Ok(issued_at)
    }

    /// `sub` is a filled string.
    pub(super) fn subject(&self) -> Result<String, Rejection> {
        match self.text("sub")? {
            None | Some("") => Err(Rejection::SubjectMissing),
            Some(subject) => Ok(subject.to_owned()),
        }
    }

    /// `exp` has not passed, `nbf` has. Returns `exp`.
    pub(super) fn in_force(&self, now: i64, leeway: i64) -> Result<i64, Rejection> {
        let expires_at = self.required_time("exp")?;
        if now >= expires_at.saturating_add(leeway) {
            return Err(Rejection::Expired {
                ago: now.saturating_sub(expires_at),
            });
        }
        if let Some(not_before) = self.time("nbf")? {
            not_ahead("nbf", not_before, now, leeway)?;
        }
        Ok(expires_at)
    }
}

/// Refuses a time that lies ahead by more than the leeway.
pub(super) fn not_ahead(
    claim: &'static str,
    time: i64,
    now: i64,
    leeway: i64,
) -> Result<(), Rejection> {
    let ahead = time.saturating_sub(now);
    if ahead > leeway {
        return Err(Rejection::NotYetValid { claim, ahead });
    }
    Ok(())
}

fn audience_wrong(expected: &str, got: &[String]) -> Rejection {
    Rejection::AudienceWrong {
        expected: expected.to_owned(),
        got: got.iter().take(8).map(|name| shortened(name)).collect(),
    }
}

pub(super) fn wrong(name: &'static str, why: &'static str) -> Rejection {
    Rejection::ClaimWrong { name, why }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from a float saturates, and the fraction of a second does not matter"
)]
fn saturated(number: &serde_json::Number) -> i64 {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole,
        (None, Some(float)) => float.floor() as i64,
        (None, None) => i64::MAX,
    }
}
