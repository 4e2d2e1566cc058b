//! `serve`: runs the server until it is told to stop.

use std::{io, net::SocketAddr, path::Path};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    args::{Global, ServeArgs},
    context::Context,
    error::CliError,
    output::Output,
};
use crate::{
    config::{Listen, LogSettings, OpenOverview, init_log},
    http,
};

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`CliError`].
pub(crate) async fn serve(
    global: &Global,
    output: Output,
    arguments: ServeArgs,
) -> Result<(), CliError> {
    let ServeArgs { listen, insecure_http, open_overview, port_file, log_format, log, workers } =
        arguments;
    let listen = Listen::new(&listen, insecure_http)?;
    let open_overview = OpenOverview::new(open_overview, listen)
        .map_err(|error| CliError::usage("overview_exposed", error))?;
    init_log(&LogSettings { format: log_format, filter: log })
        .map_err(|sentence| CliError::usage("log_malformed", sentence))?;
    let context = Context::open(global, output, true)?;
    // Before the address is told, so that nobody's signal is missed.
    let (mut term, mut int) = signals()?;
    let settings = http::Settings { listen, workers, open_overview };
    let sessions = context.session_key();
    let started = http::start(settings, context.store.clone(), sessions, context.world.clone());
    let running = match started {
        Ok(running) => running,
        Err(error) => {
            context.store.close().await?;
            return Err(error.into());
        }
    };
    let address = running.address();
    let announced = announce(output, address, port_file.as_deref());
    if announced.is_ok() {
        tracing::info!(%address, "serving");
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        tracing::info!("stopping");
    }
    let stopped = running.stop().await;
    announced?;
    stopped?;
    tracing::info!("stopped");
    Ok(())
}

fn signals() -> Result<(Signal, Signal), CliError> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            CliError::failed("no_signals", format_args!("signals can't be received ({error})"))
        })
    };
    Ok((listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?))
}

fn announce(output: Output, address: SocketAddr, port_file: Option<&Path>) -> Result<(), CliError> {
    if let Some(path) = port_file {
        write_whole(path, &address.to_string())
            .map_err(|error| CliError::file("--port-file", path, &error))?;
    }
    let answer = serde_json::json!({ "address": address });
    match output.give(&answer, || format!("listening on http://{address}/")) {
        // Gates are served also if nobody reads the address.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Whoever waits for the file finds it whole.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, text)?;
    std::fs::rename(part, path)
}
