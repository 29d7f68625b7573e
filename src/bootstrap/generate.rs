//! Values that are made up: tags, passwords, and names of demo people.

use crate::blueprint::Blueprint;
use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::SystemTime};
use time::OffsetDateTime;

/// Letters and digits that nobody takes for another.
const READABLE: &[u8; 54] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ2345679";
/// The same without capitals, for tags and logins.
const LOWER: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Length of a demo password.
const PASSWORD: usize = 20;

/// What `{{GENERATE_…}}` makes; its result is `{{TAG}}`, `{{FIRSTNAME}}` … for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Made {
    Tag,
    FirstName,
    LastName,
    Password,
}

impl Made {
    pub(super) const ALL: [Self; 4] = [Self::Tag, Self::FirstName, Self::LastName, Self::Password];

    /// What follows `GENERATE_`, and what the value is called afterwards.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tag => "TAG",
            Self::FirstName => "FIRSTNAME",
            Self::LastName => "LASTNAME",
            Self::Password => "PASSWORD",
        }
    }

    /// The kind of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|made| made.name() == name)
    }

    /// Whether nobody else has such a value, so that it shows whose an object is.
    pub(super) fn is_mark(self) -> bool {
        matches!(self, Self::Tag | Self::LastName)
    }
}

/// Values that were made up, by entry, then by kind: what a second run takes instead of new ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Generated(BTreeMap<String, BTreeMap<String, String>>);

impl Generated {
    /// The value of the `place`th placeholder of this kind in an entry, made now if it is new.
    pub(super) fn value(
        &mut self,
        entry: &str,
        made: Made,
        place: usize,
        people: &People,
    ) -> String {
        let earlier = self.all(made).count();
        let key = match place {
            0 => made.name().to_owned(),
            place => format!("{}_{}", made.name(), place + 1),
        };
        let values = self.0.entry(entry.to_owned()).or_default();
        let new = || match made {
            Made::Tag => tag(SystemTime::now().into()),
            Made::FirstName => people.first_name(earlier),
            Made::LastName => format!("{}-{}", people.last_name(earlier), random(LOWER, 6)),
            Made::Password => password(),
        };
        values.entry(key).or_insert_with(new).clone()
    }

    /// Every value of a kind.
    pub(super) fn all(&self, made: Made) -> impl Iterator<Item = &str> {
        let of_kind = move |key: &str| {
            let rest = key.strip_prefix(made.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        self.0
            .values()
            .flatten()
            .filter(move |(key, _)| of_kind(key))
            .map(|(_, value)| value.as_str())
    }
}

/// The blueprint's people, whose names the made-up ones are.
#[derive(Clone, Debug)]
pub(super) struct People(Vec<(String, String)>);

impl People {
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        let names = blueprint
            .users
            .iter()
            .map(|user| (plain(&user.given_name), plain(&user.family_name)));
        Self(names.collect())
    }

    fn first_name(&self, place: usize) -> String {
        let names = self.0.get(place % self.0.len().max(1));
        names.map_or_else(|| "Demo".to_owned(), |names| names.0.clone())
    }

    fn last_name(&self, place: usize) -> String {
        let names = self.0.get(place % self.0.len().max(1));
        names.map_or_else(|| "User".to_owned(), |names| names.1.clone())
    }
}

/// A name as it can stand in a login.
fn plain(name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if kept.is_empty() {
        "Demo".to_owned()
    } else {
        kept
    }
}

/// `autogen20180716-1634` as in the tutorial, and something that no other run of that minute has.
fn tag(now: OffsetDateTime) -> String {
    let (year, month, day) = (now.year(), u8::from(now.month()), now.day());
    let (hour, minute) = (now.hour(), now.minute());
    let rest = random(LOWER, 6);
    format!("autogen{year:04}{month:02}{day:02}-{hour:02}{minute:02}-{rest}")
}

/// Whether a text looks as a tag that was made up here: nobody else's name holds such a word.
pub(super) fn is_made_up_tag(tag: &str) -> bool {
    let rest = tag.strip_prefix("autogen").unwrap_or_default();
    let parts: Vec<&str> = rest.split('-').collect();
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let random = |text: &str| text.len() == 6 && text.bytes().all(|b| LOWER.contains(&b));
    matches!(parts.as_slice(), [day, time, end]
        if day.len() == 8 && digits(day) && time.len() == 4 && digits(time) && random(end))
}

/// Twenty random characters with what providers ask for: a small letter, a capital and a digit.
fn password() -> String {
    loop {
        let password = random(READABLE, PASSWORD);
        let has = |kind: fn(&u8) -> bool| password.as_bytes().iter().any(kind);
        if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit) {
            return password;
        }
    }
}

fn random(alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut byte = [0_u8; 1];
        rand::fill(&mut byte).expect("the operating system gives random bytes");
        // Bytes that are too large are thrown away, so that every character is as likely.
        let character = alphabet.get(usize::from(byte[0] & 63));
        text.extend(character.map(|character| char::from(*character)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn cli_08_demo_passwords_are_20_random_characters_of_every_kind() {
        let made: HashSet<String> = (0..500).map(|_| password()).collect();
        assert_eq!(made.len(), 500);
        for password in &made {
            assert_eq!(password.len(), 20, "{password}");
            let has = |kind: fn(char) -> bool| password.chars().any(kind);
            assert!(has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()));
            assert!(has(|c| c.is_ascii_digit()), "{password}");
            assert!(!password.contains(['0', 'O', '1', 'l', 'I', '8', '$', '"']));
        }
        let used: HashSet<char> = made.iter().flat_map(|password| password.chars()).collect();
        assert_eq!(used.len(), READABLE.len());
    }

    #[test]
    fn a_tag_is_the_tutorials_and_no_other_of_its_minute() {
        let at = OffsetDateTime::from_unix_timestamp(1_531_758_840).unwrap();
        let (one, other) = (tag(at), tag(at));
        assert!(
            one.starts_with("autogen20180716-1634-") && one.len() == 27,
            "{one}"
        );
        assert_ne!(one, other);
        assert!(is_made_up_tag(&one));
        for other in [
            "",
            "autogen",
            "autogen20180716-1634",
            "autogen20180716-1634-abc",
            "demo",
        ] {
            assert!(!is_made_up_tag(other), "{other}");
        }
    }

    #[test]
    fn made_up_people_have_the_blueprints_names_and_logins_of_their_own() {
        let people = People::of(&Blueprint::default());
        let mut generated = Generated::default();
        let mut name = |entry: &str| {
            let first = generated.value(entry, Made::FirstName, 0, &people);
            let last = generated.value(entry, Made::LastName, 0, &people);
            (first, last)
        };
        let (first, last) = name("A");
        assert_eq!(first, "Carl");
        assert!(last.starts_with("Sagan-") && last.len() == 12, "{last}");
        assert_eq!(name("A"), (first, last));
        let (first, last) = name("B");
        assert!(first == "Jodie" && last.starts_with("Foster-"));
        assert_eq!(generated.all(Made::LastName).count(), 2);
        assert_eq!(generated.all(Made::Tag).count(), 0);
    }

    #[test]
    fn a_place_of_its_own_has_a_value_of_its_own() {
        let people = People(Vec::new());
        let mut generated = Generated::default();
        let mut password = |place| generated.value("A", Made::Password, place, &people);
        assert_ne!(password(0), password(1));
        assert_eq!(password(1), password(1));
        assert_eq!(people.first_name(7), "Demo");
        assert_eq!(generated.all(Made::Password).count(), 2);
    }
}
