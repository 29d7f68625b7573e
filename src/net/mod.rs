//! HTTP plumbing that all rooms share: listeners, the accept loop, the one outgoing client, URLs.

mod buckets;
mod certificate;
mod connection;
mod edge;
mod fetch;
mod handle;
mod hosts;
mod limits;
mod listen;
mod peer;
mod proxies;
mod raw;
mod request;
mod serve;
mod static_file;
mod tls_fault;
mod url_policy;

pub use buckets::{Buckets, retry_after};
pub use certificate::{CertificateSeen, Roots, TlsProblem, TlsSeen, look_at_certificate};
pub use edge::{LONGEST_TARGET, Unfit, fit, fit_headers, fit_only};
pub use fetch::{Client, FetchError, RootsError};
pub use handle::Handle;
pub use hosts::{OwnHosts, is_loopback_name, own_hosts_only};
pub use limits::Limits;
pub use listen::{ListenError, Listeners, http_url};
pub use peer::{Peer, network_of};
pub use proxies::Proxies;
pub use raw::{RawClient, RawClientError, RawRequest};
pub use request::{Number, RequestNumbers, hand_trace_on, numbered, request_id, request_numbers};
pub use serve::{Room, RunningRoom};
pub use static_file::static_file;
pub use tls_fault::tls_fault;
pub use url_policy::{UrlError, check_endpoint, check_url, is_loopback, join_path, origin};
