//! The tasks behind `./x`: demo, tests, benches and checks.

mod browser;
mod check;
mod cli;
mod demo;
mod fuzz;
mod programs;
mod run;
mod simulate;
mod test;
mod wasm;
mod wasm_toolchain;
mod web;

use std::process::{Command, ExitCode};

use anyhow::Result;
use cli::Task;

fn main() -> ExitCode {
    let task = match cli::parse(std::env::args_os().skip(1)) {
        Ok(task) => task,
        Err(problem) => {
            eprintln!("./x: {problem}\n\n{}", cli::HELP);
            return ExitCode::from(2);
        }
    };
    match perform(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("./x: {error:#}");
            if error.is::<browser::Missing>() {
                return ExitCode::from(2);
            }
            error
                .downcast_ref::<run::Failed>()
                .map_or(ExitCode::FAILURE, |failed| ExitCode::from(failed.code))
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Help => println!("{}", cli::HELP.trim_end()),
        Task::Version => println!("kaisatsu {}", env!("CARGO_PKG_VERSION")),
        Task::Demo(arguments) => demo::demo(arguments)?,
        Task::Test { browser, arguments } => test::test(browser, arguments)?,
        Task::Bench(arguments) => {
            // All of them: the claims bench starts the server, as it is installed.
            let built = programs::Programs::build(&["--release", "--workspace"])?;
            let mut bench = Command::new(built.path("kaisatsu-benches")?);
            run::replace(bench.args(arguments))?;
        }
        Task::Simulate(arguments) => simulate::simulate(arguments)?,
        Task::Wasm => wasm::build(&wasm::find()?).map(drop)?,
        Task::Web => web::build()?,
        Task::Fuzz { seconds } => fuzz::fuzz(seconds)?,
        Task::Ci => check::check()?,
    }
    Ok(())
}
