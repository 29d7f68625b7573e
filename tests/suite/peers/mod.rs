//! Programs that nobody here wrote: real providers, a real browser.
//!
//! `tests/peers/install.sh` puts them there; what needs them is ignored by a plain `cargo test`.

mod chromium;
pub mod keycloak;
mod oidc_provider;
mod prism;
mod process;
mod tests;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

pub use self::chromium::{Chromium, Look};
pub use self::keycloak::Keycloak;
pub use self::oidc_provider::OidcProvider;
pub use self::prism::Prism;
pub use self::process::Process;

/// What an app is told when it is registered.
#[derive(Clone, Debug)]
pub struct Registration {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
}

/// Where the peers are installed: `.peers`, or `$PEERS`.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("PEERS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".peers"),
        PathBuf::from,
    );
    assert!(
        folder.is_dir(),
        "{} is missing: run make test, or tests/peers/install.sh",
        folder.display()
    );
    folder
}

/// `node`: the one that `install.sh` put there where the system's was too old, or the system's.
pub fn node() -> PathBuf {
    let own = folder().join("bin/node");
    if own.exists() { own } else { "node".into() }
}

/// A TCP port of localhost that is free, and that nobody gets by chance before its program binds it: it lies below the
/// range from which systems hand ports out, each is given once in a run, and a lock keeps it from other runs of these
/// tests on the same machine until this one ends.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let offset = std::process::id().wrapping_mul(101);
    let locks = std::env::temp_dir().join("solar-system-ports");
    let _ = fs::create_dir_all(&locks);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(offset) % 12_000;
        let port = 20_000 + u16::try_from(number).unwrap();
        let lock = File::create(locks.join(port.to_string())); // fails where somebody else's run made the folder
        if lock.as_ref().is_ok_and(|lock| lock.try_lock().is_err()) {
            continue;
        }
        let is_free = |address: &str| match TcpListener::bind((address, port)) {
            Ok(_) => true,
            Err(problem) => problem.kind() == ErrorKind::AddrNotAvailable, // no such address here
        };
        if is_free("127.0.0.1") && is_free("::1") {
            TAKEN.lock().unwrap().extend(lock);
            return port;
        }
    }
}
