//! The provider's endpoints: each speaks HTTP and asks the rule files beside this folder.

pub(super) mod about;
pub(super) mod authorize;
pub(super) mod consent;
pub(super) mod discovery;
pub(super) mod introspect;
pub(super) mod keys;
pub(super) mod logout;
pub(super) mod revoke;
pub(super) mod sign_in;
pub(super) mod token;
pub(super) mod user_info;
