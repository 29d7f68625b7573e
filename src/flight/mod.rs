//! What the dance looked like: messages as they went over the wire, redacted when they are recorded,
//! and a bounded store that shows each flight to its own browser alone.

mod message;
mod store;

pub use message::{Hop, Message, without_secret};
pub use store::{Flights, Owner, Weight};
