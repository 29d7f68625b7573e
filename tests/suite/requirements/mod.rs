//! Requirements that hold for the house as a whole and have no better place: each test's name holds their ids.

mod edge;
mod inventory;
mod limits;
mod log;
mod pages;
mod scripts;
mod sockets;
mod source;
mod throttling;
