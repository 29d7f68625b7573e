//! Which settings a gateway and the app in front of it need, where each comes from, and what is
//! missing: for `solar-system settings`.

mod gateways;
mod key;
mod print;
mod sheet;
mod write;

pub use gateways::{GATEWAYS, Gateway, gateway};
pub use key::{Key, Need, Purpose};
pub use print::{as_env, as_json, as_table};
pub use sheet::{Found, Places, Row, Sheet};
pub use write::{Written, write_env};
