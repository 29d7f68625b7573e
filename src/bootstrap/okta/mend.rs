//! Making what is there as it is wanted, and taking over what a killed run made.

use super::{
    Okta,
    api::{Repeat, nonsense},
    ask, differences,
    kind::Kind,
    look::text,
    make::checked,
};
use crate::bootstrap::target::{Existing, TargetError, Wanted};
use axum::http::Method;
use serde_json::{Map, Value, json};

impl Okta {
    /// Makes an object that is there as it is wanted, and reads it back.
    pub(super) async fn mend(
        &self,
        kind: Kind,
        wanted: &Wanted,
        existing: &Existing,
    ) -> Result<Existing, TargetError> {
        self.mend_with(kind, wanted, existing, false).await
    }

    async fn mend_with(
        &self,
        kind: Kind,
        wanted: &Wanted,
        existing: &Existing,
        password_too: bool,
    ) -> Result<Existing, TargetError> {
        let place = kind.place(wanted)?;
        let id = checked(kind, &existing.id)?;
        let body = ask::whole(kind, wanted)?;
        let path = format!("{place}/{id}");
        let now = self.read_by_id(kind, &place, id).await?;
        let now = now.ok_or_else(|| nonsense(&Method::GET, &path, "it is gone meanwhile"))?;
        match kind {
            Kind::User => self.mend_user(&path, &body, &now, password_too).await?,
            Kind::Assignment => {
                self.api.put(&path, &json!({})).await?;
            }
            _ => {
                let replaced = replacement(kind, &body, &now.value);
                if is_changed(kind, &replaced, &now.value) {
                    self.api.put(&path, &replaced).await?;
                }
                match kind {
                    Kind::Client => self.settle_app(id, &body).await?,
                    Kind::Server | Kind::Policy | Kind::Rule | Kind::Origin => {
                        self.set_status(&path, &body, &now.value).await?;
                    }
                    _ => {}
                }
            }
        }
        self.read_back(kind, wanted, &place, id, existing.value.clone())
            .await
    }

    /// Takes over what a killed run made, or one whose answer was lost: what was told once is made anew.
    pub(super) async fn take_over(
        &self,
        kind: Kind,
        wanted: &Wanted,
        mut existing: Existing,
    ) -> Result<Existing, TargetError> {
        let body = ask::whole(kind, wanted)?;
        if kind == Kind::Client {
            let place = kind.place(wanted)?;
            let id = checked(kind, &existing.id)?;
            let path = format!("{place}/{id}/lifecycle/newSecret");
            let renewed = self.api.post(&path, None, Repeat::Freely).await?;
            existing.value["client_secret"] = renewed["client_secret"].clone();
        }
        let has_password = kind == Kind::User && body.contains_key("credentials");
        if has_password || !differences::between(kind, &body, &existing.value).is_empty() {
            return self.mend_with(kind, wanted, &existing, has_password).await;
        }
        Ok(existing)
    }

    /// Puts what is out of work to work, or the reverse where that is wanted.
    async fn set_status(
        &self,
        path: &str,
        body: &Map<String, Value>,
        now: &Value,
    ) -> Result<(), TargetError> {
        let wanted = body.get("status").and_then(Value::as_str);
        let wanted = wanted.unwrap_or("ACTIVE");
        let found = text(now, "status");
        if found.is_empty() || found == wanted {
            return Ok(());
        }
        let action = if wanted == "ACTIVE" {
            "activate"
        } else {
            "deactivate"
        };
        let path = format!("{path}/lifecycle/{action}");
        self.api.post(&path, None, Repeat::Freely).await?;
        Ok(())
    }
}

/// What a `PUT` sends: the object as it is, with what is wanted over it.
fn replacement(kind: Kind, body: &Map<String, Value>, now: &Value) -> Value {
    let mut replaced = Map::new();
    for member in kind.kept() {
        if let Some(value) = now.get(member).filter(|value| !value.is_null()) {
            replaced.insert((*member).to_owned(), value.clone());
        }
    }
    let Value::Object(sent) = kind.sent(body) else {
        return Value::Object(replaced);
    };
    for (member, value) in sent {
        // The place of a rule among others is theirs too.
        let stays = matches!(kind, Kind::Policy | Kind::Rule) && member == "priority";
        match (replaced.get_mut(&member), value) {
            (Some(_), _) if stays => {}
            (Some(Value::Object(there)), Value::Object(wanted)) if kind == Kind::Group => {
                there.extend(wanted);
            }
            (_, value) => {
                replaced.insert(member, value);
            }
        }
    }
    Value::Object(replaced)
}

fn is_changed(kind: Kind, replaced: &Value, now: &Value) -> bool {
    let members = replaced.as_object().into_iter().flatten();
    let mut members = members.filter(|(member, _)| kind == Kind::Claim || *member != "status");
    members.any(|(member, value)| {
        let one = Map::from_iter([(member.clone(), value.clone())]);
        let found = json!({ member.as_str(): now.get(member) });
        !differences::between(kind, &one, &found).is_empty()
    })
}
