//! The preflight: whether what is set up fits together, looked at in order as an outsider would, each check
//! with what was seen and what would mend it.
//!
//! A check whose ground is missing is not testable, and says so; it never counts as passed. Few requests
//! are made, each within a time-out, all of them within a limit, and only to the provider and the gateway of the
//! settings. No secret and no token is in a finding: whatever holds one is struck out before it is one.

mod ask;
mod check;
mod checks;
mod exam;
mod patient;
mod read;
mod report;
mod saw;

pub use check::{CHECKS, Check, UnknownCheck};
pub use exam::{Limits, examine, examine_only};
pub use patient::{Patient, SettingProblem, SettingsSeen};
pub use read::read_settings;
pub use report::Report;
