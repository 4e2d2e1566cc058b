//! What was asked for on the command line.

use std::ffi::OsString;

use anyhow::{Result, bail};

/// The page `./x help` shows; `x` prints the same file without building anything.
pub(crate) const HELP: &str = include_str!("../commands.txt");

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Version,
    Demo(Vec<OsString>),
    Test { browser: bool, arguments: Vec<OsString> },
    Bench(Vec<OsString>),
    Simulate(Vec<OsString>),
    Wasm,
    Web,
    Fuzz { seconds: u32 },
    Ci,
}

/// Reads `COMMAND [ARGUMENTS]`. `--help` right after a command shows the page too; later ones belong
/// to the program that the command starts.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Task> {
    let mut arguments = arguments.into_iter();
    let Some(command) = arguments.next() else {
        return Ok(Task::Help);
    };
    let mut rest: Vec<OsString> = arguments.collect();
    if rest.first().is_some_and(|first| first == "--help" || first == "-h") {
        return Ok(Task::Help);
    }
    let command = command.to_string_lossy();
    Ok(match command.as_ref() {
        "help" | "--help" | "-h" => Task::Help,
        "version" | "--version" | "-V" => Task::Version,
        "demo" => Task::Demo(rest),
        "test" => {
            let given = rest.len();
            rest.retain(|argument| argument != "--no-browser");
            Task::Test { browser: rest.len() == given, arguments: rest }
        }
        "bench" => Task::Bench(rest),
        "simulate" => Task::Simulate(rest),
        "wasm" => alone("wasm", &rest, Task::Wasm)?,
        "web" => alone("web", &rest, Task::Web)?,
        "ci" => alone("ci", &rest, Task::Ci)?,
        "fuzz" => match rest.as_slice() {
            [] => Task::Fuzz { seconds: 20 },
            [seconds] => match seconds.to_string_lossy().parse() {
                // libFuzzer takes 0 for "without end".
                Ok(seconds) if seconds > 0 => Task::Fuzz { seconds },
                _ => bail!(
                    "fuzz takes a whole number of seconds from 1 on, not `{}`",
                    seconds.display()
                ),
            },
            _ => bail!("fuzz takes one number of seconds"),
        },
        unknown => bail!("there is no command `{unknown}`"),
    })
}

fn alone(command: &str, rest: &[OsString], task: Task) -> Result<Task> {
    match rest.first() {
        None => Ok(task),
        Some(extra) => bail!("{command} takes no arguments, but `{}` was given", extra.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn arguments_reach_the_program_in_order() {
        assert_eq!(
            parsed("demo --exit --seed 7").unwrap(),
            Task::Demo(["--exit", "--seed", "7"].map(OsString::from).into())
        );
        assert_eq!(parsed("bench claims").unwrap(), Task::Bench(vec!["claims".into()]));
        let arguments = ["--seeds", "20000"].map(OsString::from).into();
        assert_eq!(parsed("simulate --seeds 20000").unwrap(), Task::Simulate(arguments));
    }

    #[test]
    fn no_browser_is_taken_out_of_the_runners_arguments() {
        let arguments = ["-p".into(), "kaisatsu-shared".into()].to_vec();
        assert_eq!(
            parsed("test -p --no-browser kaisatsu-shared").unwrap(),
            Task::Test { browser: false, arguments }
        );
        assert_eq!(parsed("test").unwrap(), Task::Test { browser: true, arguments: vec![] });
    }

    #[test]
    fn help_is_shown_only_directly_after_a_command() {
        assert_eq!(parsed("").unwrap(), Task::Help);
        assert_eq!(parsed("demo --help").unwrap(), Task::Help);
        assert!(matches!(parsed("test -- --help").unwrap(), Task::Test { .. }));
    }

    #[test]
    fn fuzzing_needs_an_end() {
        assert_eq!(parsed("fuzz").unwrap(), Task::Fuzz { seconds: 20 });
        assert_eq!(parsed("fuzz 5").unwrap(), Task::Fuzz { seconds: 5 });
        for refused in ["fuzz 0", "fuzz -1", "fuzz soon", "fuzz 5 6"] {
            assert!(parsed(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn unknown_words_are_refused_by_name() {
        assert!(parsed("tset").unwrap_err().to_string().contains("`tset`"));
        assert!(parsed("ci --fast").unwrap_err().to_string().contains("`--fast`"));
    }

    #[test]
    fn the_page_names_every_command() {
        for command in
            ["demo", "test", "bench", "simulate", "wasm", "web", "fuzz", "ci", "setup", "help"]
        {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        }
    }
}
