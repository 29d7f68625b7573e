//! The binary itself, in a folder and an environment of its own.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::peers::free_port;

/// A started program. It is killed with its value.
pub struct Program {
    child: Child,
    /// Gone with its value, if it is the program's own.
    own_folder: Option<PathBuf>,
    output: PathBuf,
    errors: PathBuf,
    pub ports: Ports,
}

/// The ports of the four rooms, free a moment ago.
#[derive(Clone, Debug)]
pub struct Ports {
    pub web: u16,
    pub idp: u16,
    pub gateway: u16,
    pub api: u16,
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// `None` if a signal ended it.
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Ended {
    /// All that it said, on both streams.
    pub fn said(&self) -> String {
        format!("{}{}", self.output, self.errors)
    }
}

impl Ports {
    /// Takes the port that a setting names, in the place of a free one.
    fn as_set(&mut self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            let Ok(port) = value.parse() else { continue };
            match *name {
                "PORT" => self.web = port,
                "IDP_PORT" => self.idp = port,
                "GATEWAY_PORT" => self.gateway = port,
                "API_PORT" => self.api = port,
                _ => {}
            }
        }
    }

    pub fn free() -> Self {
        Self {
            web: free_port(),
            idp: free_port(),
            gateway: free_port(),
            api: free_port(),
        }
    }
}

/// An empty folder that is gone with the target folder.
pub fn empty_folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("program-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Program {
    /// Starts it with these arguments and settings, on free ports unless the settings say otherwise.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::start_in(empty_folder(), arguments, settings)
    }

    /// The same in a folder that holds something, such as `.env`. The value [`UNSET`] takes a setting away.
    pub fn start_in(folder: PathBuf, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut program = Self::start_at(&folder, arguments, settings);
        program.own_folder = Some(folder);
        program
    }

    /// The same in a folder that others use too, and that stays.
    pub fn start_at(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mut ports = Ports::free();
        ports.as_set(settings);
        let mut command = Command::new(env!("CARGO_BIN_EXE_solar-system"));
        command.args(arguments).current_dir(folder).env_clear();
        for (name, port) in [
            ("PORT", ports.web),
            ("IDP_PORT", ports.idp),
            ("GATEWAY_PORT", ports.gateway),
            ("API_PORT", ports.api),
        ] {
            command.env(name, port.to_string());
        }
        for (name, value) in settings {
            match *value {
                UNSET => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let output = folder.join(format!(".output-{number}"));
        let errors = folder.join(format!(".errors-{number}"));
        command.stdin(Stdio::null());
        command.stdout(File::create(&output).unwrap());
        command.stderr(File::create(&errors).unwrap());
        Self {
            child: command.spawn().unwrap(),
            own_folder: None,
            output,
            errors,
            ports,
        }
    }

    /// Standard output so far.
    pub fn output(&self) -> String {
        read(&self.output)
    }

    /// Standard error so far.
    pub fn errors(&self) -> String {
        read(&self.errors)
    }

    /// `http://localhost:port` and a path of the web client.
    pub fn web(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.ports.web)
    }

    /// Waits until a room accepts connections; how long it took.
    pub fn wait_for(&mut self, port: u16) -> Duration {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", self.errors());
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{}",
                self.errors()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        start.elapsed()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, by its name without SIG.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; panics if that takes longer.
    pub fn end_within(mut self, limit: Duration) -> Ended {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Ended {
                    code: status.code(),
                    output: self.output(),
                    errors: self.errors(),
                };
            }
            assert!(
                start.elapsed() < limit,
                "still running after {limit:?}: {}",
                self.errors()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A setting with this value is not set at all.
pub const UNSET: &str = "(unset)";

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.own_folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = File::open(path) {
        let _ = file.read_to_string(&mut text);
    }
    text
}
