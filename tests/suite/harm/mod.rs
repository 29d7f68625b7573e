//! Load, and what is done to harm: nothing grows, and whoever means no harm is answered all the same.
//!
//! What takes long is run by `make harm`, which prints what it measured; less of the same runs always.

mod abandoned;
mod crowded;
mod junk;

pub use self::abandoned::begin;
