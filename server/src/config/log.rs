//! What the server writes about itself. Nothing it logs is personal: see the access log.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How to log.
#[derive(Clone, Debug, Default)]
pub struct LogSettings {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines, as `tracing-subscriber` filters say it, for instance `info,actix_server=warn`.
    pub filter: Option<String>,
}

/// Starts logging to standard error. A second call changes nothing.
///
/// # Errors
/// The sentence, if the filter can't be read.
pub fn init_log(settings: &LogSettings) -> Result<(), String> {
    let text = settings.filter.as_deref().unwrap_or("info,actix_server=warn");
    let filter = EnvFilter::try_new(text).map_err(|error| {
        format!("--log `{text}` can't be read ({error}); give for instance info")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match settings.format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_writer(std::io::stderr)
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_target(false),
            )
            .try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init(),
    };
    // Tests start several servers in one process; the first one's log serves all.
    drop(started);
    Ok(())
}
