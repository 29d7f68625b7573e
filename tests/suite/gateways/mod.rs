//! Real gateways with our kits loaded as they were written, before an issuer and an API that these tests own.
//!
//! Each kit answers the table of `matrix.rs`; then known faults are put back into its files one by one, and the same
//! table must find each.

mod apache;
mod apisix;
mod ask;
mod embedded;
mod envoy;
mod haproxy;
mod hostile;
mod issuer;
mod krakend;
mod matrix;
mod nginx;
mod real;
mod verified;
mod world;
