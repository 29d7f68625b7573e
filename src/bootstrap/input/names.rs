//! Which names of the environment a placeholder may use: settings that are no secrets, and nothing
//! else, since an input may come from somebody else.

use crate::settings::VARIABLES;

/// Whether the environment may tell a name that the input does not declare.
pub(super) fn may_be_told(name: &str) -> bool {
    let mut all = VARIABLES.iter().flat_map(|(_, variables)| *variables);
    all.any(|variable| {
        !variable.secret && (variable.name == name || variable.older.contains(&name))
    })
}

/// Why a name is not known.
pub(super) fn why(name: &str, is_later: bool, is_itself: bool) -> String {
    if is_itself {
        return "it is the value itself".to_owned();
    }
    if is_later {
        return format!("{name} comes after it; put it before");
    }
    if name.starts_with("GENERATE_") {
        return "GENERATE_TAG, GENERATE_FIRSTNAME, GENERATE_LASTNAME and GENERATE_PASSWORD are there"
            .to_owned();
    }
    "it is neither declared in the input nor a setting that is no secret".to_owned()
}
