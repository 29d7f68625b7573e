//! Real gateways with our kits loaded as they were written, before an issuer and an API that these tests own.
//!
//! Each kit answers the table of `matrix.rs`; then known faults are put back into its files one by one, and the same
//! table must find each.

mod apache;
mod apigee;
mod apisix;
mod ask;
mod aws;
mod caddy;
mod cloud;
mod embedded;
mod envoy;
mod every;
mod faults;
mod foreign;
mod front;
mod gateway;
mod haproxy;
mod hostile;
mod issuer;
mod kong;
mod krakend;
mod matrix;
mod mulesoft;
mod nginx;
mod openidc;
mod real;
mod schemas;
mod swag;
mod tyk;
mod verified;
mod world;
