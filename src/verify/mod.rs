//! The access matrix: who is let in where, as an outsider sees it.
//!
//! What it expects follows from the blueprint alone, read a second time: neither the gateway nor what
//! it judges by is asked. A request goes to the configured gateway and to nobody else; real tokens
//! come from the provider, and forged ones are made here.

mod access;
mod ask;
mod column;
mod config;
mod fault;
mod issuer;
mod judge;
mod matrix;
mod mint;
mod report;
mod row;
mod run;
mod seen;
mod sign_in;
mod witness;

pub use config::{Config, Tokens};
pub use issuer::{Ledger, TestIssuer, router as issuer_router};
pub use matrix::{CellReport, Head, Matrix};
pub use mint::{Minter, ScopeClaims};
pub use report::Report;
pub use row::Held;
pub use run::{VerifyError, verify};
pub use sign_in::Provider;
pub use witness::Witness;
