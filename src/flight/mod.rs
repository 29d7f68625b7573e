//! What the dance looked like: messages as they went over the wire, redacted when they are recorded;
//! what each claim of a token is for; and a bounded store that shows each flight to its own browser
//! alone.

pub mod claims;
mod message;
mod printable;
mod store;
mod time_words;

pub use claims::ClaimRow;
pub use message::{Hop, Message, without, without_secret};
pub use printable::{is_plain, printable};
pub use store::{Flights, Owner, Weight};
pub use time_words::{how_long, time_in_words};
