//! `./x bench`: what Kaisatsu costs beside the least that could do the same, measured alternating
//! in one run, so that the machine's mood falls on both.

use kaisatsu_benches::{claims, micro};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Kaisatsu beside its limits")]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Deciding, verifying, issuing and reading a photo, each beside its limit.
    Micro,
    /// Claims a second of the server beside the least program that does the same durable work.
    Claims(claims::Options),
    /// The least claim server; started by `claims`.
    #[command(hide = true)]
    LeastServer(claims::least::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        None => {
            micro::run()?;
            claims::run(&claims::Options::default())
        }
        Some(What::Micro) => micro::run(),
        Some(What::Claims(options)) => claims::run(&options),
        Some(What::LeastServer(options)) => claims::least::serve(&options),
    }
}
