//! An adversary at every peer of the app: tables of what a provider does wrong, and what becomes of it.
//!
//! A table runs in one app. After each refusal the same app signs somebody in, by one of the right answers in turn:
//! what refuses everything would pass no table.

mod callback;
mod discovery;
mod forgeries;
mod gateway;
mod id_token;
mod introspection;
mod keys;
mod log_out;
mod machine;
mod patience;
mod request;
mod right;
mod scene;
mod shown;
mod token_answer;
mod user_info;

pub use self::scene::{Case, Scene, case};
