//! HTTP plumbing that all rooms share: listeners, the accept loop, the one outgoing client, URLs.

mod fetch;
mod hosts;
mod listen;
mod raw;
mod serve;
mod static_file;
mod url_policy;

pub use fetch::{Client, FetchError, RootsError};
pub use hosts::{is_loopback_name, own_hosts_only};
pub use listen::{ListenError, Listeners, http_url};
pub use raw::{RawClient, RawClientError, RawRequest};
pub use serve::{Room, RunningRoom};
pub use static_file::static_file;
pub use url_policy::{UrlError, check_url, is_loopback, join_path, origin};
