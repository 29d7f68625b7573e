//! The kinds of objects in a realm, and where Keycloak keeps each.

use super::super::target::TargetError;

/// What an `objectClass` of an input stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Realm,
    Role,
    ClientScope,
    Client,
    Group,
    User,
}

const CLASSES: [(&str, Kind); 6] = [
    ("keycloak:realm", Kind::Realm),
    ("keycloak:role", Kind::Role),
    ("keycloak:client_scope", Kind::ClientScope),
    ("keycloak:client", Kind::Client),
    ("keycloak:group", Kind::Group),
    ("keycloak:user", Kind::User),
];

impl Kind {
    /// The kind of a class; `name` is the object that wants it.
    pub(super) fn of(class: &str, name: &str) -> Result<Self, TargetError> {
        let known = CLASSES.iter().find(|(known, _)| *known == class);
        known.map(|(_, kind)| *kind).ok_or_else(|| {
            let classes: Vec<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
            TargetError::Input {
                name: name.to_owned(),
                problem: format!(
                    "objectClass {class:?} is none of Keycloak's: {} are",
                    classes.join(", ")
                ),
            }
        })
    }

    /// The class of a kind.
    pub(super) fn class(self) -> &'static str {
        let known = CLASSES.iter().find(|(_, kind)| *kind == self);
        known.map_or("", |(class, _)| class)
    }

    /// The member that people know an object by.
    pub(super) fn name_member(self) -> &'static str {
        match self {
            Self::Realm => "realm",
            Self::Role | Self::ClientScope | Self::Group => "name",
            Self::Client => "clientId",
            Self::User => "username",
        }
    }

    /// Where objects of this kind are made, below the realm; a realm itself is made elsewhere.
    pub(super) fn collection(self) -> &'static str {
        match self {
            Self::Realm => "",
            Self::Role => "/roles",
            Self::ClientScope => "/client-scopes",
            Self::Client => "/clients",
            Self::Group => "/groups",
            Self::User => "/users",
        }
    }

    /// Where an object is read, changed and deleted by its id.
    pub(super) fn by_id(self) -> &'static str {
        match self {
            Self::Role => "/roles-by-id",
            other => other.collection(),
        }
    }
}
