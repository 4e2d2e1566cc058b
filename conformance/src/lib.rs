//! The conformance suite: named cases in plain data files (`fixtures/conformance/`), each a small
//! event, what happened in it, a scan and the verdict it must end with. The same files are played
//! against the gate's engine, against the server's own decision, and against the engine in
//! WebAssembly; the three must agree.
//!
//! Tickets are made of TEST KEYS while a case is set up, so the files stay readable.

mod answer;
mod case;
mod deciding;
mod gate;
mod history;
mod moment;
mod operation;
mod outcome;
mod patch;
mod scan;
mod server;
mod suite;
mod then;
mod traced;
mod world;

pub use gate::play_at_gate;
pub use outcome::{Failure, Report};
pub use server::play_at_server;
pub use suite::{DEFAULT_BUNDLE, Files, Suite};
pub use traced::{Trier, play_traced};

/// What is wrong with a file or a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

impl Unusable {
    fn because(what: &str, error: impl core::fmt::Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}
