//! Sets an identity provider up for the scenario, shows what would change, and takes it back.
//!
//! An [`Input`] says what is to be there. A [`Session`] sets it against a [`Target`]: its values are
//! reviewed, a [`Plan`] is made by reading alone, and applied one object at a time, each written down in
//! the [`Output`] as soon as it exists. A [`Destruction`] takes back what was written down.

mod apply;
mod console;
mod destroy;
mod environment;
mod error;
mod generate;
mod input;
pub mod keycloak;
pub mod okta;
mod ours;
mod output;
mod plan;
mod review;
mod scope;
mod session;
mod target;
#[cfg(test)]
mod tests;

pub use console::Console;
pub use destroy::Destruction;
pub use environment::Environment;
pub use error::BootstrapError;
pub use input::{
    Entry, EntryKind, Found, Input, InputError, ObjectEntry, Places, TargetKind, find, generated,
    name_of,
};
pub use ours::{Ours, contains_word};
pub use output::{FOLDER, Output, OutputError};
pub use plan::Plan;
pub use session::{Session, Work};
pub use target::{Difference, Existing, Made, Tagged, Target, TargetError, Wanted};
