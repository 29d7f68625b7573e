//! The entries of an input, one after the other.

use serde_json::{Map, Value, json};

/// What an input is made of, entry by entry.
#[derive(Default)]
pub(super) struct Writer(Map<String, Value>);

impl Writer {
    /// The whole input.
    pub(super) fn finished(self) -> Value {
        Value::Object(self.0)
    }

    /// An entry as it is.
    pub(super) fn entry(&mut self, name: &str, entry: Value) {
        self.0.insert(name.to_owned(), entry);
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str, default: &str) {
        let entry = json!({ "objType": "string", "saveToOutput": true, "default": default });
        self.0.insert(name.to_owned(), entry);
    }

    /// A text that a person may want to change.
    pub(super) fn asked(&mut self, name: &str, default: &str, hint: &str) {
        self.text(name, default);
        self.0[name]["hint"] = json!(hint);
    }

    /// An object in the tenant.
    pub(super) fn object(&mut self, name: &str, class: &str, comment: &str, default: &Value) {
        let entry = json!({
            "objType": "json",
            "saveToOutput": true,
            "comment": comment,
            "objectClass": class,
            "default": default,
        });
        self.0.insert(name.to_owned(), entry);
    }

    /// A member of an entry, beside those that each has.
    pub(super) fn with(&mut self, name: &str, member: &str, value: Value) {
        self.0[name][member] = value;
    }
}
