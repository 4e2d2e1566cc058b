//! Claims a second: the server beside the least program that does the same durable work, in turn,
//! at 1, 8 and 64 connections. Both write to the same disk; the load comes from this process.

pub mod least;
pub mod load;
mod server;

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use anyhow::Context as _;

use load::{Load, Target};

/// Connections of each round.
const CONNECTIONS: [usize; 3] = [1, 8, 64];

/// How long and how often to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Seconds of one round.
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Rounds of each side at each number of connections.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 3, rounds: 3 }
    }
}

/// A server process that ends with this value.
#[derive(Debug)]
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures and prints the table; its last line is `claims ratio_to_limit c64 X.XX`.
///
/// # Errors
/// If a server can't be started or answers wrongly.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(std::env::current_dir()?.join("target"))?;
    let time = Duration::from_secs(options.seconds);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (_least, limit) = start_least(folder.path())?;
    let (_server, ours) = runtime.block_on(server::start(folder.path()))?;
    println!("{:>4}  {:<8}{:>12}{:>12}{:>12}", "conn", "program", "requests/s", "p50 ms", "p99 ms");
    let mut last = 0.0;
    for connections in CONNECTIONS {
        let mut limits = Vec::new();
        let mut works = Vec::new();
        for _ in 0..options.rounds {
            limits.push(runtime.block_on(load::run(&limit, connections, time))?);
            works.push(runtime.block_on(load::run(&ours, connections, time))?);
        }
        let (limit, work) = (median(limits), median(works));
        for (name, load) in [("least", limit), ("server", work)] {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
            println!(
                "{connections:>4}  {name:<8}{:>12.0}{:>12.2}{:>12.2}",
                load.rate,
                milliseconds(load.p50),
                milliseconds(load.p99)
            );
        }
        last = work.rate / limit.rate;
        println!("claims ratio_to_limit c{connections} {last:.2}");
    }
    anyhow::ensure!(last > 0.0, "nothing was measured");
    Ok(())
}

fn median(mut loads: Vec<Load>) -> Load {
    loads.sort_by(|one, two| one.rate.total_cmp(&two.rate));
    let middle = loads.len() / 2;
    loads.swap_remove(middle)
}

fn start_least(folder: &Path) -> anyhow::Result<(Running, Target)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("least-server")
        .arg("--database")
        .arg(folder.join("least.db"))
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("no output")?;
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let address: SocketAddr = line.trim().parse().context("the least server didn't start")?;
    let body = Arc::new(|serial: u32| {
        let fingerprint = format!("{serial:016x}");
        format!(r#"{{"serial":{serial},"generation":1,"fingerprint":"{fingerprint}"}}"#)
    });
    let target = Target {
        address,
        path: "/claims",
        token: least::device_token(1),
        body,
        next: Arc::new(AtomicU32::new(0)),
        expect: "true",
    };
    Ok((running, target))
}
