//! npm `@stoplight/prism-cli`, as `tests/peers/prism.mjs` runs it: a proxy that holds calls of a management API to Okta's
//! own description of it.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Process, folder, node};

/// Okta's `OpenAPI` descriptions, beside the project where they are at hand; they are not part of it.
const DESCRIPTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/okta");

/// How long nothing must be written down before all is.
const QUIET: Duration = Duration::from_millis(300);

/// A running proxy. Every call passes, and what is wrong with it, or with its answer, is written down.
pub struct Prism {
    url: String,
    process: Process,
}

impl Prism {
    /// Whether there is something to hold calls to; says so when there is not.
    pub fn is_possible() -> bool {
        let possible = Path::new(DESCRIPTIONS).is_dir();
        if !possible {
            // Past the harness, which keeps to itself what a test that passes prints.
            let line = "NOTHING WAS TESTED: ../shared/okta is not there\n";
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
        possible
    }

    /// Starts one in front of `upstream` (scheme, host, port), on a port of its own: [`super::free_port`], or 0 for any.
    ///
    /// A provider whose issuer has that port gives links that lead through the proxy.
    pub fn start(port: u16, upstream: &str) -> Self {
        let descriptions =
            ["management.json", "oauth.json"].map(|name| format!("{DESCRIPTIONS}/{name}"));
        let settings = json!({
            "upstream": upstream,
            "port": port,
            "descriptions": descriptions,
        });
        let mut command = Command::new(node());
        command.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/peers/prism.mjs"
        ));
        command.arg(settings.to_string()).env("PEERS", folder());
        let mut process = Process::start(&command, true);
        let ready: Value = serde_json::from_str(&process.first_line()).unwrap();
        Self {
            url: format!("http://127.0.0.1:{}", ready["port"]),
            process,
        }
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was wrong so far, with the call that it was wrong in. Waits until the proxy has been quiet for a while: it
    /// writes down what was wrong after it has answered.
    pub fn violations(&self) -> Vec<String> {
        let mut log = self.process.log();
        loop {
            sleep(QUIET);
            let now = self.process.log();
            if now == log {
                break;
            }
            log = now;
        }
        let lines = log.lines();
        lines
            .filter_map(|line| line.strip_prefix("VIOLATION "))
            .map(str::to_owned)
            .collect()
    }
}
