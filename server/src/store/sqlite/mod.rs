//! The embedded store: one SQLite file in WAL mode with `synchronous=FULL`, one thread that
//! writes with group commit, a few connections that read. Other programs (the command line beside
//! a running server) may use the same file; each sees what the other commits.

mod bundle;
mod carried;
mod claim;
mod device;
mod enrol;
mod event;
mod find;
mod fold;
mod heads;
mod holder;
mod hub;
mod intervention;
mod issue;
mod job;
mod journal;
mod keys;
mod lane;
mod lease;
mod mark;
mod notice;
mod offer;
mod open;
mod opened;
mod operation;
mod operator;
mod proof;
mod readers;
mod renew;
mod restore;
mod revoke;
mod rules;
mod search;
mod session;
mod show;
mod store;
mod tails;
mod ticket;
mod time;
mod token;
mod trial;
mod upload;
mod value;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
};

use tokio::sync::Semaphore;

use self::{
    heads::Heads,
    open::{Installation, open_writer},
    readers::Readers,
    session::Session,
    writer::{Counters, Message, Writer},
};
use super::{SharedStore, StoreError};
use crate::{vault::MasterKey, world::World};

/// How many commands may wait for the writer; more are refused as [`StoreError::Busy`].
const WAITING: usize = 4_096;

/// Called once, by the writer's thread, when the disk failed and nobody knows what it holds, or
/// when the thread panicked. It should end the process; until then every command fails.
pub type Fatal = Arc<dyn Fn(&StoreError) + Send + Sync>;

/// How a database is opened.
#[derive(Clone)]
pub struct Options {
    /// The database's file.
    pub path: PathBuf,
    /// Whether to make the database if there is none.
    pub create: bool,
    /// The key over the keys at rest.
    pub master: MasterKey,
    /// Clock and random source.
    pub world: World,
    /// What to do when the disk fails.
    pub fatal: Fatal,
}

impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a database: migrates it, and makes installation and first organisation if it is new.
///
/// # Errors
/// [`StoreError`] with a sentence for a missing, locked, damaged or newer database and for a
/// master key that isn't its own.
pub fn open(options: Options) -> Result<SharedStore, StoreError> {
    Ok(Arc::new(SqliteStore::open(options)?))
}

impl SqliteStore {
    fn open(options: Options) -> Result<Self, StoreError> {
        let (connection, installation) = open_writer(&options)?;
        let installation = Arc::new(installation);
        let heads = Arc::new(Heads::default());
        let counters = Arc::new(Counters::default());
        let Options { path, world, fatal, .. } = options;
        let session =
            Session::new(connection, Arc::clone(&installation), world.clone(), Arc::clone(&heads))?;
        let (sender, receiver) = sync_channel(WAITING);
        let writer = Writer { session, receiver, counters: Arc::clone(&counters), fatal };
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run()).map_err(
            |error| StoreError::DatabaseUnusable(format!("no thread to write: {error}")),
        )?;
        let readers = Arc::new(Readers::new(path, Arc::clone(&installation), world.clone()));
        let searches = Arc::new(Semaphore::new(1));
        Ok(Self { installation, world, sender, readers, searches, heads, counters })
    }
}

/// The embedded store. See [`open()`].
#[derive(Clone, Debug)]
struct SqliteStore {
    installation: Arc<Installation>,
    world: World,
    sender: SyncSender<Message>,
    readers: Arc<Readers>,
    /// Whose turn it is to search.
    searches: Arc<Semaphore>,
    heads: Arc<Heads>,
    counters: Arc<Counters>,
}
