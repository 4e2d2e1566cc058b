//! The commands of `kaisatsu-gate`.

mod carry;
mod enrol;
mod journal;
mod out;
mod status;

use std::{io::IsTerminal as _, net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use kaisatsu_shared::{reason::Language, rules::Direction};

use crate::{
    native::{self, Settings},
    platform::ClockOptions,
    scan::SourceSpec,
    store::{Directory, Enrolment, Notes as _, Sqlite, Store as _, StoreError},
    time::SystemTrust,
};

/// Checks tickets at a gate, also without a network.
#[derive(Debug, Parser)]
#[command(name = "kaisatsu-gate", version, about)]
struct Cli {
    /// The directory with this gate's key, journal and list of tickets
    #[arg(long, global = true, env = "KAISATSU_GATE_DATA", default_value = "kaisatsu-gate")]
    data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make this device known to a server, with the code shown when it was announced there
    Enrol {
        /// The one-time code
        code: String,
        /// The server's address, such as `https://tickets.example.org`
        #[arg(long)]
        server: String,
    },
    /// Scan and decide until the source ends
    Run(Run),
    /// Scan and decide like `run`, and answer the venue's other gates while they can't reach the server.
    /// The organiser names this device as hub (`kaisatsu-server hub set`) and leases it tickets
    Hub {
        /// The address in the venue's network at which gates ask, such as 0.0.0.0:7443
        #[arg(long, value_name = "ADDR")]
        listen: SocketAddr,
        #[command(flatten)]
        run: Run,
    },
    /// Say who this gate is and what it holds; also while it runs
    Status,
    /// Look into the journal; also while the gate runs
    #[command(subcommand)]
    Journal(Journal),
}

#[derive(Debug, Args)]
struct Run {
    /// Where codes come from: images:DIR, stdin, hid:/dev/…, serial:/dev/… or camera:/dev/videoN
    #[arg(long, required_unless_present = "page")]
    source: Option<SourceSpec>,
    /// Show verdicts on a page of this machine, such as 127.0.0.1:7080, for a browser in full screen; codes may
    /// come from there, too
    #[arg(long, value_name = "ADDR", conflicts_with = "json")]
    page: Option<SocketAddr>,
    /// The directory of another enrolment, for each further event that this entrance serves: a ticket
    /// goes to the event that it names
    #[arg(long, value_name = "DIR")]
    also: Vec<PathBuf>,
    /// End after the pictures that are in the directory
    #[arg(long)]
    once: bool,
    /// Scan guests out instead of in
    #[arg(long)]
    exit: bool,
    /// The language on the screen: ja or en
    #[arg(long, default_value = "ja")]
    lang: Language,
    /// A shell command to run for each admission or exit once it is recorded, for a turnstile.
    /// It gets `KAISATSU_OUTCOME`, `KAISATSU_CODE`, `KAISATSU_GATE` and `KAISATSU_SCAN`
    #[arg(long)]
    hook: Option<String>,
    /// A named pipe from which staff's commands are read, for buttons. One a line: `y` or `n`, or a
    /// number, to the question on the screen; `sign-in OPERATOR PIN`; `sign-out`; `override REASON`
    /// (known, fault, courtesy, organiser, safety) to let the guest on the screen in all the same;
    /// `annul` to take a scan back; `time 2026-11-26T18:05` to set an unsure clock. Without the pipe
    /// they are typed on the terminal
    #[arg(long)]
    answers: Option<PathBuf>,
    /// How far this device's clock may be off, in milliseconds, where it is kept by a battery or by
    /// NTP. It is gone by until the server has said what time it is, and never where it is behind
    /// what is certainly past
    #[arg(long, default_value_t = 1_000)]
    clock_uncertainty_ms: u64,
    /// Nothing keeps this device's clock: don't go by it, not even until the server is reached
    #[arg(long, conflicts_with = "clock_uncertainty_ms")]
    clock_untrusted: bool,
    /// Neither look for the venue's hub by multicast DNS where its addresses don't answer, nor announce
    /// this one by it
    #[arg(long)]
    no_mdns: bool,
    /// Shifts the clock; for tests and simulations only
    #[arg(
        long,
        default_value_t = 0,
        allow_negative_numbers = true,
        hide = true,
        env = "KAISATSU_GATE_CLOCK_OFFSET_MS"
    )]
    clock_offset_ms: i64,
}

#[derive(Clone, Debug, Subcommand)]
enum Journal {
    /// Check that the entries are numbered without holes, that each follows from the one before, and
    /// that there are as many as the server has acknowledged. Prints the last one's hash: compare it
    /// with the server's to know that no entry was replaced
    Verify,
    /// Print every entry, one a line; or with `--signed` write a file that the server takes in, to carry
    /// the journal there by hand from a gate that can't reach it
    Export {
        /// Write the whole journal, signed by this device
        #[arg(long, requires = "out")]
        signed: bool,
        /// The file to write
        #[arg(long, value_name = "FILE", requires = "signed")]
        out: Option<PathBuf>,
    },
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A log on the terminal would run over the verdict.
    let usual = if std::io::stderr().is_terminal() { "error" } else { "warn,kaisatsu_gate=info" };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("KAISATSU_LOG")
                .unwrap_or_else(|_| usual.into()),
        )
        .with_target(false)
        .init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kaisatsu-gate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the system gives no threads: restart the device")?;
    let result = runtime.block_on(obey(cli));
    // A thread that waits for the terminal's next line isn't waited for.
    runtime.shutdown_background();
    result
}

async fn obey(cli: Cli) -> anyhow::Result<()> {
    let directory = Directory::new(&cli.data);
    match cli.command {
        Command::Enrol { code, server } => enrol::enrol(&directory, &code, &server, cli.json).await,
        Command::Run(run) => native::run(run.settings(directory, cli.json, None)).await,
        Command::Hub { listen, run } => {
            anyhow::ensure!(
                run.also.is_empty(),
                "a hub serves one event: leave out --also, and start a hub for each"
            );
            native::run(run.settings(directory, cli.json, Some(listen))).await
        }
        Command::Status => status::status(&directory, cli.json).await,
        Command::Journal(Journal::Verify) => journal::verify(&directory, cli.json).await,
        Command::Journal(Journal::Export { out: Some(out), .. }) => {
            carry::write(&directory, &out, cli.json).await
        }
        Command::Journal(Journal::Export { out: None, .. }) => {
            journal::export(&directory, cli.json).await
        }
    }
}

impl Run {
    fn settings(self, directory: Directory, json: bool, hub: Option<SocketAddr>) -> Settings {
        Settings {
            directories: core::iter::once(directory)
                .chain(self.also.iter().map(|path| Directory::new(path)))
                .collect(),
            source: self.source,
            once: self.once,
            direction: if self.exit { Direction::Exit } else { Direction::Entry },
            json,
            language: self.lang,
            hook: self.hook,
            answers: self.answers,
            clock: ClockOptions {
                trust: if self.clock_untrusted {
                    SystemTrust::Never
                } else {
                    SystemTrust::Within(self.clock_uncertainty_ms)
                },
                offset: self.clock_offset_ms,
            },
            hub,
            page: self.page,
            mdns: !self.no_mdns,
        }
    }
}

/// The enrolment of a directory that is only read.
async fn known(directory: &Directory) -> Result<(Sqlite, Enrolment), StoreError> {
    let store = Sqlite::open_read_only(directory)?;
    if let Some(wiped) = store.wiped().await? {
        let (path, wiped) = (directory.path().to_owned(), Box::new(wiped));
        return Err(StoreError::Wiped { path, wiped });
    }
    let enrolment = store
        .enrolment()
        .await?
        .ok_or_else(|| StoreError::NotEnrolled(directory.path().to_owned()))?;
    Ok((store, enrolment))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
        let run = |arguments: &[&str]| {
            let line = ["kaisatsu-gate", "--data", "/d", "run", "--source"];
            Cli::try_parse_from(line.iter().chain(arguments)).map(|cli| (cli.json, cli.command))
        };
        let (json, command) =
            run(&["images:/p", "--once", "--json", "--clock-offset-ms", "-5"]).unwrap();
        let Command::Run(run_with) = command else { panic!("{command:?}") };
        assert!(json && run_with.once);
        assert_eq!(run_with.clock_offset_ms, -5);
        assert_eq!(run_with.lang, Language::Ja);
        assert!(run(&["radio:fm"]).unwrap_err().to_string().contains("images:DIR"));
        assert!(run(&["stdin", "--lang", "fr"]).is_err());
        assert!(run(&["stdin", "--clock-untrusted", "--clock-uncertainty-ms", "5"]).is_err());
    }
}
