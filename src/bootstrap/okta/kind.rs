//! The kinds of objects in a tenant, and where Okta keeps each.

mod place;
mod sent;

use super::super::target::TargetError;
use serde_json::Value;

/// What an `objectClass` of an input stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Group,
    User,
    Client,
    Server,
    Scope,
    Claim,
    Policy,
    Rule,
    Origin,
    Assignment,
}

const CLASSES: [(&str, Kind); 10] = [
    ("okta:user_group", Kind::Group),
    ("okta:user", Kind::User),
    ("okta:client", Kind::Client),
    ("okta:authz_server", Kind::Server),
    ("okta:scope", Kind::Scope),
    ("okta:claim", Kind::Claim),
    ("okta:oauth_policy", Kind::Policy),
    ("okta:rule", Kind::Rule),
    ("okta:trusted_origin", Kind::Origin),
    ("okta:app_assignment", Kind::Assignment),
];

impl Kind {
    /// The kind of a class; `name` is the object that wants it.
    pub(super) fn of(class: &str, name: &str) -> Result<Self, TargetError> {
        let known = CLASSES.iter().find(|(known, _)| *known == class);
        known.map(|(_, kind)| *kind).ok_or_else(|| {
            let classes = CLASSES.map(|(class, _)| class).join(", ");
            let problem = format!("objectClass {class:?} is none of Okta's: {classes} are");
            input(name, problem)
        })
    }

    /// The class of a kind.
    pub(super) fn class(self) -> &'static str {
        let known = CLASSES.iter().find(|(_, kind)| *kind == self);
        known.map_or("", |(class, _)| class)
    }

    /// Where in an object its name stands: what people would confuse it by.
    pub(super) fn name_at(self) -> &'static str {
        match self {
            Self::Group => "/profile/name",
            Self::User => "/profile/login",
            Self::Client => "/client_name",
            Self::Assignment => "/id",
            _ => "/name",
        }
    }

    /// The member that holds an object's id.
    pub(super) fn id_member(self) -> &'static str {
        if self == Self::Client {
            "client_id"
        } else {
            "id"
        }
    }

    /// An object's name.
    pub(super) fn name_of(self, object: &Value) -> &str {
        let name = object.pointer(self.name_at());
        name.and_then(Value::as_str).unwrap_or_default()
    }
}

pub(super) fn input(name: &str, problem: impl Into<String>) -> TargetError {
    TargetError::Input {
        name: name.to_owned(),
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_known_and_others_are_refused() {
        for (class, kind) in CLASSES {
            assert_eq!(Kind::of(class, "X").unwrap(), kind);
            assert_eq!(kind.class(), class);
        }
        for class in ["", "okta:app", "keycloak:client", "okta:Client"] {
            let error = Kind::of(class, "X").unwrap_err().to_string();
            assert!(
                error.starts_with("X:") && error.contains("okta:client"),
                "{error}"
            );
        }
    }
}
