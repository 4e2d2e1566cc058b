//! Connections that only read, beside the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    fold::Folds,
    open::{Installation, open_reader},
    value::Big,
};
use crate::{
    store::{Reply, StoreError},
    world::World,
};

/// Most readings at the same time.
const READERS: usize = 4;

/// What a reading works with.
pub(super) struct Reading {
    pub(super) connection: Connection,
    pub(super) installation: Arc<Installation>,
    pub(super) world: World,
    pub(super) folds: Arc<Folds>,
}

/// A pool of reading connections.
pub(super) struct Readers {
    path: PathBuf,
    installation: Arc<Installation>,
    world: World,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
    folds: Arc<Folds>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, installation: Arc<Installation>, world: World) -> Self {
        let permits = Semaphore::new(READERS);
        Self { path, installation, world, idle: Mutex::default(), permits, folds: Arc::default() }
    }

    /// Lets nobody read any more.
    pub(super) fn close(&self) {
        self.permits.close();
    }

    /// Runs `work` on a thread that may block.
    pub(super) fn read<T, F>(self: &Arc<Self>, work: F) -> Reply<T>
    where
        T: Send + 'static,
        F: FnOnce(&Reading) -> Result<T, StoreError> + Send + 'static,
    {
        let pool = Arc::clone(self);
        Box::pin(async move {
            let _permit = pool.permits.acquire().await.map_err(|_| StoreError::Closed)?;
            let inner = Arc::clone(&pool);
            tokio::task::spawn_blocking(move || inner.run(work))
                .await
                .map_err(|error| StoreError::Internal(error.to_string()))?
        })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Reading) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let reading = Reading {
            connection,
            installation: Arc::clone(&self.installation),
            world: self.world.clone(),
            folds: Arc::clone(&self.folds),
        };
        // One snapshot for all that the work reads.
        reading.connection.execute_batch("BEGIN")?;
        let result = work(&reading);
        reading.connection.execute_batch("ROLLBACK")?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reading.connection);
        result
    }
}

impl core::fmt::Debug for Readers {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Readers").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Reading {
    /// Checks that the database answers.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.connection.query_row("SELECT count(*) FROM installation", [], |row| {
            row.get::<_, Big>(0).map(drop)
        })?;
        Ok(())
    }
}
