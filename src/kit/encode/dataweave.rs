//! `DataWeave`, the expressions of Mule, and what Mule reads in a policy's values before it.

use super::{cannot, printable};
use crate::kit::Refused;
use std::fmt::{self, Write as _};

/// A value of a policy that Mule takes as it is.
///
/// # Errors
/// When Mule would read it as a property or as an expression, or it holds a control character.
pub fn mule(text: &str) -> Result<String, Refused> {
    printable("MuleSoft", text)?;
    for (start, what) in [("${", "a property"), ("![", "an encrypted property")] {
        if text.contains(start) {
            return Err(cannot("MuleSoft", text, &format!("{what} begins so there")));
        }
    }
    if text.starts_with("#[") {
        return Err(cannot("MuleSoft", text, "an expression begins so there"));
    }
    Ok(text.to_owned())
}

/// A string inside an expression, quotes and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataWeave(String);

impl DataWeave {
    /// # Errors
    /// As for [`mule`]: properties are put in before an expression is read.
    pub fn new(text: &str) -> Result<Self, Refused> {
        // what stands inside quotes begins no expression
        mule(&format!("\"{text}"))?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DataWeave {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            if r#"\"$"#.contains(character) {
                formatter.write_char('\\')?;
            }
            formatter.write_char(character)?;
        }
        formatter.write_char('"')
    }
}
