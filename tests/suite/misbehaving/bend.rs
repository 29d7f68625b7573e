//! The short words in which tables of faults are written.

use serde_json::{Value, json};

use super::{Edit, edit};

/// Puts a member into a document.
pub fn set(name: &'static str, value: impl Into<Value>) -> Edit {
    let value = value.into();
    edit(move |document| document[name] = value.clone())
}

/// Takes a member away.
pub fn without(name: &'static str) -> Edit {
    edit(move |document| {
        document.as_object_mut().unwrap().remove(name);
    })
}

/// Gives a member another name.
pub fn renamed(name: &'static str, other: &'static str) -> Edit {
    edit(move |document| {
        let value = document.as_object_mut().unwrap().remove(name);
        document[other] = value.unwrap();
    })
}

/// Sets a time so many seconds after the token was issued; before it, if negative.
pub fn after_issue(name: &'static str, seconds: i64) -> Edit {
    edit(move |claims| claims[name] = (claims["iat"].as_i64().unwrap() + seconds).into())
}

/// Adds to a member that is text.
pub fn append(name: &'static str, text: &'static str) -> Edit {
    edit(move |document| {
        document[name] = format!("{}{text}", document[name].as_str().unwrap()).into();
    })
}

/// Makes a member the list of itself and these.
pub fn listed(name: &'static str, others: &'static [&'static str]) -> Edit {
    edit(move |document| {
        let mut list = vec![document[name].clone()];
        list.extend(others.iter().map(|other| json!(other)));
        document[name] = list.into();
    })
}

/// Of a redirect's parameters: this one with another value.
pub fn pair(name: &'static str, value: &'static str) -> Edit {
    edit(move |pairs| {
        for pair in pairs.as_array_mut().unwrap() {
            if pair[0] == name {
                pair[1] = value.into();
            }
        }
    })
}

/// Of a redirect's parameters: this one with something behind it.
pub fn append_pair(name: &'static str, text: &'static str) -> Edit {
    edit(move |pairs| {
        for pair in pairs.as_array_mut().unwrap() {
            if pair[0] == name {
                pair[1] = format!("{}{text}", pair[1].as_str().unwrap()).into();
            }
        }
    })
}

/// Of a redirect's parameters: all but this one.
pub fn no_pair(name: &'static str) -> Edit {
    edit(move |pairs| pairs.as_array_mut().unwrap().retain(|pair| pair[0] != name))
}

/// Of a redirect's parameters: one more, last.
pub fn one_more(name: &'static str, value: &'static str) -> Edit {
    edit(move |pairs| pairs.as_array_mut().unwrap().push(json!([name, value])))
}

/// Of a redirect's parameters: this one twice.
pub fn twice(name: &'static str) -> Edit {
    edit(move |pairs| {
        let pairs = pairs.as_array_mut().unwrap();
        let found = pairs.iter().find(|pair| pair[0] == name).cloned();
        pairs.extend(found);
    })
}

/// One change after the other.
pub fn both(first: Edit, second: Edit) -> Edit {
    edit(move |document| {
        let changed = second.apply(first.apply(document.take()));
        *document = changed;
    })
}
