//! A setting that stops the program: one line that names it, its value and what would be right.

use std::fmt;

/// A variable that is wrong or missing. Its `Display` is one line and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    name: String,
    value: Option<String>,
    reason: String,
}

impl SettingError {
    /// `name` is set to `value`, and this is wrong with it. A value that may hold a password (user
    /// info of a URL) is not shown.
    pub fn new(name: &str, value: &str, reason: impl Into<String>) -> Self {
        if value.contains('@') {
            return Self::without_value(name, reason);
        }
        Self {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            reason: reason.into(),
        }
    }

    /// `name` is missing, or its value is a secret that must not be shown.
    pub fn without_value(name: &str, reason: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            reason: reason.into(),
        }
    }

    /// The variable's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::error::Error for SettingError {}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = |text: &str| -> String {
            text.chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .take(300)
                .collect()
        };
        match &self.value {
            Some(value) => write!(
                formatter,
                "{}={}: {}",
                self.name,
                one_line(value),
                one_line(&self.reason)
            ),
            None => write!(formatter, "{}: {}", self.name, one_line(&self.reason)),
        }
    }
}
