//! JSON that means one thing only: no member twice, nothing behind the value, bounded depth.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};
use std::{cell::RefCell, fmt};

/// How deep arrays and objects may nest.
const DEPTH: usize = 64;

/// Why a text is not taken. No variant repeats a value, since values may be secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrictJsonError {
    /// The text is not JSON, or something follows it.
    #[error("it is not JSON (line {line}, column {column})")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// An object names a member twice: two readers would understand two things (RFC 8259, section 4).
    #[error("it names the member {0:?} twice")]
    Repeated(String),
    /// Nested deeper than 64 levels.
    #[error("it is nested deeper than {DEPTH} levels")]
    TooDeep,
    /// JSON, but not of the form that was asked for.
    #[error("it has another form than expected{0}")]
    Form(String),
}

/// Reads one JSON value of type `T` out of `bytes`.
///
/// # Errors
/// See [`StrictJsonError`].
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StrictJsonError> {
    read(parse(bytes)?)
}

/// Reads one JSON object into a struct `T`, whose members a derived reader would take out of a list, too.
///
/// # Errors
/// See [`StrictJsonError`].
pub fn object_from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StrictJsonError> {
    match parse(bytes)? {
        object @ Value::Object(_) => read(object),
        _ => Err(StrictJsonError::Form(": it is no object".to_owned())),
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, StrictJsonError> {
    serde_json::from_value(value).map_err(|error| {
        let message = error.to_string();
        // The other messages quote what stands in the text, which may be a token.
        let detail = if message.starts_with("missing field") {
            format!(": {message}")
        } else {
            String::new()
        };
        StrictJsonError::Form(detail)
    })
}

fn parse(bytes: &[u8]) -> Result<Value, StrictJsonError> {
    let problem = RefCell::new(None);
    let strict = Strict {
        depth: 0,
        problem: &problem,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = strict
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| {
        problem.take().unwrap_or(StrictJsonError::NotJson {
            line: error.line(),
            column: error.column(),
        })
    })
}

/// Builds a [`Value`] and notes in `problem` what is wrong with the text beyond its syntax.
#[derive(Clone, Copy)]
struct Strict<'p> {
    depth: usize,
    problem: &'p RefCell<Option<StrictJsonError>>,
}

impl Strict<'_> {
    fn refuse<E: Error>(self, problem: StrictJsonError) -> E {
        let error = E::custom(&problem);
        *self.problem.borrow_mut() = Some(problem);
        error
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH {
            return Err(self.refuse(StrictJsonError::TooDeep));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(deeper)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(StrictJsonError::Repeated(name)));
            }
            let value = members.next_value_seed(deeper)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, StrictJsonError> {
        from_slice(text.as_bytes())
    }

    #[test]
    fn sec_com_12_a_struct_is_read_from_an_object_and_from_no_list() {
        #[derive(serde::Deserialize)]
        struct Named {
            issuer: String,
        }
        let read = |text: &str| object_from_slice::<Named>(text.as_bytes()).map(|it| it.issuer);
        assert_eq!(read(r#"{"issuer":"a"}"#).as_deref(), Ok("a"));
        for odd in [
            r#"["a"]"#,
            r#"[["a"]]"#,
            "null",
            "\"a\"",
            r#"{"issuer":["a"]}"#,
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn ordinary_json_reads_as_it_is() {
        let text = r#" {"a":[1,-2,0.5,1e300,true,null,"\u0041"],"b":{"a":{}}} "#;
        let expected = json!({"a":[1,-2,0.5,1e300,true,null,"A"],"b":{"a":{}}});
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn sec_com_12_a_member_named_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"iss":1,"iss":1}"#,
            r#"{"iss":1,"\u0069ss":2}"#,
            r#"{"a":[{"b":{"c":1,"d":2,"c":3}}]}"#,
        ] {
            assert!(
                matches!(read(text), Err(StrictJsonError::Repeated(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_one_json_value_is_refused() {
        for text in [
            "",
            "{",
            "{}x",
            "{} {}",
            "{\"a\":1,}",
            "nul",
            "[1 2]",
            "\u{feff}{}",
            "'a'",
            "1e999",
        ] {
            assert!(
                matches!(read(text), Err(StrictJsonError::NotJson { .. })),
                "{text}"
            );
        }
        assert!(from_slice::<Value>(b"\"\xff\"").is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(DEPTH)).is_ok());
        assert_eq!(read(&nested(DEPTH + 1)), Err(StrictJsonError::TooDeep));
        assert!(read(&nested(100_000)).is_err());
    }

    #[test]
    fn errors_repeat_no_value() {
        let error = from_slice::<u8>(br#""canary""#).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
