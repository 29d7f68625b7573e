//! A child process that cannot outlive the tests.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a program and ends it, and all that it started, by TERM when the write end of a pipe closes: on drop, and
/// also when the test process is killed, which no destructor survives.
const KEEPER: &str = r#"trap : INT TERM
"$@" & program=$!
exec >/dev/null
cat >/dev/null
kill -TERM 0
while kill -0 "$program" 2>/dev/null; do wait "$program"; done"#;

/// A running program; ends with its value or with the tests, whichever comes first.
#[derive(Debug)]
pub struct Process {
    keeper: Child,
    log: PathBuf,
    output: Option<ChildStdout>,
}

impl Process {
    /// Starts the command. What it says on standard error goes to a file that [`Process::log`] reads; the standard
    /// output too, unless `piped`.
    pub fn start(command: &Command, piped: bool) -> Self {
        let name = command.get_program().to_string_lossy();
        let name = name.rsplit('/').next().unwrap();
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "{name}-{}-{}.log",
            std::process::id(),
            next_number()
        ));
        let file = File::create(&log).unwrap();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).process_group(0);
        keeper.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => keeper.env(key, value),
                None => keeper.env_remove(key),
            };
        }
        keeper.stdin(Stdio::piped());
        keeper.stderr(file.try_clone().unwrap());
        keeper.stdout(if piped {
            Stdio::piped()
        } else {
            Stdio::from(file)
        });
        let mut keeper = keeper.spawn().unwrap();
        let output = keeper.stdout.take();
        Self {
            keeper,
            log,
            output,
        }
    }

    /// Waits for the first line of a piped standard output.
    pub fn first_line(&mut self) -> String {
        let mut line = String::new();
        let output = self.output.take().expect("started with a pipe");
        let mut output = BufReader::new(output);
        output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "it ended at once: {}", self.log());
        // The rest is read away, so that the program never waits for us.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        line
    }

    /// What the program has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the program and waits until it is gone.
    pub fn stop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }

    /// Asks again and again until the answer is yes; panics with the log after this time.
    pub async fn wait_until(&self, within: Duration, mut ready: impl AsyncFnMut() -> bool) {
        let start = Instant::now();
        while !ready().await {
            assert!(
                start.elapsed() < within,
                "not ready after {within:?}: {}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            let _ = fs::remove_file(&self.log);
        }
    }
}

fn next_number() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}
