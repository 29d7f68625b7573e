//! Where browsers are sent, against everything that ever led somebody elsewhere.

mod redirects;
mod targets;
