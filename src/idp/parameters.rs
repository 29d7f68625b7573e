//! Parameters of a request, form-urlencoded, each once (RFC 6749, section 3.1).

use std::collections::HashSet;
use url::form_urlencoded;

/// The longest value that is taken, in bytes.
const LONGEST: usize = 4096;

/// Parameters in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

/// Why parameters cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// Which of two would count is a guess, and others may guess otherwise.
    #[error("the parameter {0} is there more than once")]
    Repeated(String),
    #[error("the parameter {0} is longer than is taken here")]
    TooLong(String),
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
}

impl Parameters {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// A parameter's value. One without a value counts as omitted.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, ParameterError> {
        self.get_up_to(name, LONGEST)
    }

    /// The same, for a parameter that may be longer than most.
    pub(super) fn get_up_to(
        &self,
        name: &str,
        limit: usize,
    ) -> Result<Option<&str>, ParameterError> {
        let mut values = self.0.iter().filter(|(given, _)| given == name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(ParameterError::Repeated(shown(name))),
            (Some((_, value)), None) if value.len() > limit => {
                Err(ParameterError::TooLong(shown(name)))
            }
            (Some((_, value)), None) if !value.is_empty() => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    pub(super) fn required(&self, name: &'static str) -> Result<&str, ParameterError> {
        self.get(name)?.ok_or(ParameterError::Missing(name))
    }

    /// Whether a parameter of this name is there with a value, however often.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut given = self.0.iter();
        given.any(|(given, value)| given == name && !value.is_empty())
    }

    /// Refuses any parameter that is there more than once, also those that mean nothing here.
    pub(super) fn each_once(&self) -> Result<(), ParameterError> {
        let mut seen = HashSet::new();
        match self.0.iter().find(|(name, _)| !seen.insert(name.as_str())) {
            Some((name, _)) => Err(ParameterError::Repeated(shown(name))),
            None => Ok(()),
        }
    }
}

/// A name as it may stand in a log or an answer: a stranger chose it, so no line breaks, no terminal
/// escapes, no other scripts' look-alikes, and not much of it.
fn shown(name: &str) -> String {
    let plain = name
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '=' | '\\'));
    plain.take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_and_an_empty_one_is_none() {
        let parameters = Parameters::parse(b"a=1+2%263&b=&c");
        assert_eq!(parameters.get("a"), Ok(Some("1 2&3")));
        assert_eq!(
            (parameters.get("b"), parameters.get("d")),
            (Ok(None), Ok(None))
        );
        assert!(parameters.has("a") && !parameters.has("c") && !parameters.has("d"));
        assert_eq!(parameters.required("c"), Err(ParameterError::Missing("c")));
    }

    #[test]
    fn sec_com_12_a_repeated_parameter_is_an_error() {
        for doubled in ["a=1&a=2", "a=1&b=2&a=", "a&%61"] {
            let parameters = Parameters::parse(doubled.as_bytes());
            let repeated = ParameterError::Repeated("a".to_owned());
            assert_eq!(parameters.get("a"), Err(repeated), "{doubled}");
            assert!(parameters.each_once().is_err());
        }
        assert_eq!(Parameters::parse(b"a=1&A=2").each_once(), Ok(()));
    }

    #[test]
    fn sec_com_08_an_error_names_a_parameter_in_graphic_ascii_and_briefly() {
        let forged = "a%0d%0ab%1b%5b31m%c2%85%e2%80%ae".to_owned() + "c".repeat(100).as_str();
        let parameters = Parameters::parse(format!("{forged}=1&{forged}=2").as_bytes());
        let Err(ParameterError::Repeated(name)) = parameters.each_once() else {
            panic!("{parameters:?}");
        };
        assert_eq!(name, format!("ab[31m{}", "c".repeat(58)));
    }

    #[test]
    fn values_are_bounded() {
        let long = format!("a={}", "x".repeat(LONGEST + 1));
        assert!(matches!(
            Parameters::parse(long.as_bytes()).get("a"),
            Err(ParameterError::TooLong(_))
        ));
    }
}
