//! The shape of the TOML file: every value with its place, nothing believed yet.

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use std::fmt;
use toml::Spanned;

/// A piece of text and where it stands.
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) api: Api,
    #[serde(default)]
    pub(super) gateway: Gateway,
    #[serde(default, rename = "resource")]
    pub(super) resources: Vec<Resource>,
    #[serde(default, rename = "level")]
    pub(super) levels: Vec<Level>,
    #[serde(default, rename = "user")]
    pub(super) users: Vec<User>,
    #[serde(default, rename = "client")]
    pub(super) clients: Vec<Client>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    pub(super) audience: Text,
    #[serde(default)]
    pub(super) description: String,
    pub(super) url: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gateway {
    #[serde(default)]
    pub(super) clients: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    pub(super) name: Text,
    pub(super) method: Text,
    pub(super) path: Text,
    pub(super) takes: Spanned<Takes>,
    pub(super) max_age: Option<Spanned<i64>>,
    pub(super) acr_values: Option<Spanned<Vec<Text>>>,
    pub(super) show_me: Text,
    #[serde(default)]
    pub(super) answer: Vec<Text>,
    pub(super) drawing: Option<Drawing>,
}

/// `takes`: a word, or a list of scopes.
pub(super) enum Takes {
    Word(String),
    Scopes(Vec<Text>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drawing {
    pub(super) layout: Text,
    pub(super) centre: Body,
    pub(super) bodies: Vec<Body>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) name: Text,
    pub(super) radius_km: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    pub(super) name: Text,
    pub(super) group: Text,
    #[serde(default)]
    pub(super) sentence: String,
    pub(super) scopes: Spanned<Vec<Text>>,
    #[serde(default)]
    pub(super) resources: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) login: Text,
    pub(super) given_name: Text,
    pub(super) family_name: Text,
    pub(super) email: Text,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
    pub(super) password: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) kind: Text,
    #[serde(default)]
    pub(super) scopes: Vec<Text>,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
}

impl<'de> Deserialize<'de> for Takes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TakesVisitor)
    }
}

/// Reads the two forms itself: serde's untagged enums would lose the places of the scopes.
struct TakesVisitor;

impl<'de> Visitor<'de> for TakesVisitor {
    type Value = Takes;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"nothing\", \"any token\" or a list of scopes")
    }

    fn visit_str<E>(self, word: &str) -> Result<Takes, E> {
        Ok(Takes::Word(word.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, scopes: A) -> Result<Takes, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(scopes)).map(Takes::Scopes)
    }
}
