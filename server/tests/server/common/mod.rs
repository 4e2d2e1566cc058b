//! An installation in a temporary directory, its command line and its server.

mod gate;

use std::{
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use gate::{AT, Gate, redeemed, right_of};

/// 2026-01-01 and 2100-01-01: tickets that are valid whenever the test runs.
pub(crate) const VALID: [&str; 4] =
    ["--from", "2026-01-01T00:00:00+09:00", "--until", "2100-01-01T00:00:00+09:00"];

/// A client for HTTP.
pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // The client wants one even where no TLS is spoken.
        rustls::crypto::ring::default_provider().install_default().unwrap();
    });
    Client::builder().build().unwrap()
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// The answer of a command that must succeed.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// The sentence of a command that must fail with this exit code.
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self.stderr
    }

    /// The problem of a command with `--json` that must fail.
    pub(crate) fn problem(self, code: i32) -> Value {
        let text = self.fails(code);
        serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// A database directory with its master key.
pub(crate) struct Installation {
    pub(crate) dir: TempDir,
    pub(crate) key: String,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut fresh = Self { dir, key: String::new() };
        fresh.key = fresh.cli(&["key", "new"]).ok().trim().to_owned();
        fresh
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The binary with this installation's directory and key.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaisatsu-server"));
        command
            .env_clear()
            .env("KAISATSU_DATA", self.path("data"))
            .env("KAISATSU_MASTER_KEY", &self.key)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn cli(&self, arguments: &[&str]) -> Answer {
        run(self.command().args(arguments))
    }

    /// The JSON answer of a command that must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.cli(&[arguments, &["--json"]].concat()).ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Event 1 with gates 1 and 2, type 1 (static, one entry) and type 2 (clock, one entry).
    pub(crate) fn with_event() -> Self {
        let fresh = Self::new();
        fresh.add_event();
        fresh
    }

    pub(crate) fn add_event(&self) -> String {
        let event = self.json(&[
            "event",
            "create",
            "秋祭り/Autumn",
            "--gate",
            "北/North",
            "--gate",
            "南/South",
        ]);
        let event = event["id"].to_string();
        for (name, display) in [("一般/General", "static"), ("時計/Clock", "clock")] {
            let add = ["type", "add", name, "--event", &event, "--display", display];
            self.cli(&[&add[..], &VALID].concat()).ok();
        }
        event
    }

    /// Issues `count` static tickets of event 1 and gives their texts, from `first` on.
    pub(crate) fn issue(&self, count: usize) -> Vec<String> {
        let out = self.path("issued");
        let arguments = [
            "ticket",
            "issue",
            "--event",
            "1",
            "--type",
            "1",
            "--count",
            &count.to_string(),
            "--out",
            out.to_str().unwrap(),
        ];
        let answer = self.json(&arguments);
        let first = answer["serials"][0][0].as_u64().unwrap();
        (first..).take(count).map(|serial| self.text_of(serial)).collect()
    }

    /// The text of a ticket's code now.
    pub(crate) fn text_of(&self, serial: u64) -> String {
        let shown = self.json(&["ticket", "display", &serial.to_string(), "--event", "1"]);
        shown["text"].as_str().unwrap().to_owned()
    }

    /// An API token.
    pub(crate) fn token(&self, allow: &str, event: Option<&str>) -> String {
        let mut arguments = vec!["token", "create", "test", "--allow", allow];
        arguments.extend(event.iter().flat_map(|event| ["--event", *event]));
        self.json(&arguments)["secret"].as_str().unwrap().to_owned()
    }

    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&["--log-format", "json", "--log", "debug,actix_server=warn"])
    }

    pub(crate) fn serve_with(&self, extra: &[&str]) -> Server {
        let port_file = self.path("port");
        let _ = std::fs::remove_file(&port_file);
        let log = self.path("server.log");
        let stderr = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--port-file"])
            .arg(&port_file)
            .args(extra)
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut server = Server { child, address: ([127, 0, 0, 1], 0).into(), log };
        server.address = server.wait_for(&port_file);
        server
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    Answer {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

impl Server {
    fn wait_for(&mut self, port_file: &Path) -> SocketAddr {
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(port_file) {
                return text.parse().unwrap();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", self.log());
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the server ended with {status}: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        client().request(Method::GET, self.url(path))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        client().request(Method::POST, self.url(path)).json(body)
    }

    /// Everything logged so far.
    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        std::fs::File::open(&self.log).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(id, signal).unwrap();
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it doesn't end: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn stop(mut self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        let status = self.wait();
        assert!(status.success(), "{status}: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
