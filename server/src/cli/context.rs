//! What every command begins with: directory, master key, store.

use kaisatsu_shared::id::OrganisationId;

use super::{args::Global, error::CliError, output::Output};
use crate::{
    adapters,
    auth::SessionKey,
    config::DataDir,
    store::{
        SharedStore, StoreError,
        sqlite::{self, Options},
        types::{Actor, ActorKind},
    },
    vault::MasterKey,
    world::World,
};

/// The environment's variable for the master key. Not an option of the command line, where other
/// users of the machine could read it.
const MASTER_KEY: &str = "KAISATSU_MASTER_KEY";

/// The organisation that every installation begins with.
pub(crate) const ORGANISATION: OrganisationId = OrganisationId(1);

/// What a command works with.
pub(crate) struct Context {
    pub(crate) store: SharedStore,
    pub(crate) world: World,
    pub(crate) output: Output,
    master: MasterKey,
}

impl Context {
    /// Opens the database; `create` makes it if there is none.
    ///
    /// # Errors
    /// [`CliError`], for the master key, the directory or the database.
    pub(crate) fn open(global: &Global, output: Output, create: bool) -> Result<Self, CliError> {
        let master = master_key(global)?;
        let data =
            if create { DataDir::create(&global.data) } else { DataDir::existing(&global.data) }?;
        let world = adapters::system();
        let options = Options {
            path: data.database(),
            create,
            master: master.clone(),
            world: world.clone(),
            fatal: std::sync::Arc::new(move |error| end(error, output.json)),
        };
        let store = sqlite::open(options)?;
        Ok(Self { store, world, output, master })
    }

    /// Who sits at the command line.
    pub(crate) fn actor(&self) -> Actor {
        Actor::new(ActorKind::Cli, nix::unistd::getuid())
    }

    /// The key of devices' sessions.
    pub(crate) fn session_key(&self) -> SessionKey {
        SessionKey::from_bytes(
            *self.master.session_key(self.store.installation(), self.store.epoch()),
        )
    }
}

/// Ends the process: after a failed write, or without its writer, nobody knows what the disk
/// holds, so nothing may be answered any more. The next start reads what is really there.
fn end(error: &StoreError, json: bool) {
    tracing::error!(code = error.code(), %error, "can't go on; ending");
    CliError::from(error.clone()).report(json);
    std::process::exit(1);
}

fn master_key(global: &Global) -> Result<MasterKey, CliError> {
    if let Some(path) = &global.master_key_file {
        return Ok(MasterKey::from_file(path)?);
    }
    match std::env::var(MASTER_KEY) {
        Ok(text) if !text.trim().is_empty() => Ok(MasterKey::parse(&text)?),
        _ => Err(CliError::usage(
            "master_key_missing",
            "there is no master key: make one with `kaisatsu-server key new > FILE`, keep it outside the database and its backups, and give it with --master-key-file FILE or in KAISATSU_MASTER_KEY",
        )),
    }
}
