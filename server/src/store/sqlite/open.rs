//! Opening a database: its settings, its migrations, and the installation's own row.

use std::{path::Path, time::Duration};

use kaisatsu_shared::{
    id::{Epoch, InstallationId, OrganisationId},
    key::RootKey,
};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::{Options, value::Big};
use crate::{
    store::StoreError,
    vault::{MasterKey, Purpose, Vault},
    world::World,
};

mod embedded {
    refinery::embed_migrations!("src/store/sqlite/migrations");
}

/// Marks the file as ours (`PRAGMA application_id`): "KSTU".
const APPLICATION: i32 = 0x4b53_5455;

/// How long a connection waits for another program's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// The organisation that every installation begins with.
pub(super) const FIRST_ORGANISATION: OrganisationId = OrganisationId(1);

/// What the store keeps in memory of the installation. Keys are wiped when dropped.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) id: InstallationId,
    pub(super) epoch: Epoch,
    pub(super) root: RootKey,
    pub(super) vault: Vault,
}

/// Opens the connection that writes; makes and migrates the database where needed.
pub(super) fn open_writer(options: &Options) -> Result<(Connection, Installation), StoreError> {
    let path = &options.path;
    if options.create {
        make_private(path)?;
    } else if !path.exists() {
        return Err(StoreError::DatabaseMissing(path.display().to_string()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    check_owner(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // The writer does it, because SQLite keeps silent about its failure.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(128);
    migrate(&mut connection)?;
    let installation = installation(&mut connection, &options.master, &options.world)?;
    Ok((connection, installation))
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes the file readable for its owner alone; SQLite gives its side files the same rights.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut open = std::fs::OpenOptions::new();
    open.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path)
        .map(drop)
        .map_err(|error| StoreError::DatabaseUnusable(format!("{}: {error}", path.display())))
}

/// Refuses another program's database before anything is changed in it.
fn check_owner(connection: &Connection) -> Result<(), StoreError> {
    let owner: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (owner, tables) {
        (APPLICATION, _) => Ok(()),
        (0, 0) => Ok(connection.pragma_update(None, "application_id", APPLICATION)?),
        _ => Err(StoreError::DatabaseCorrupt("it belongs to another program".to_owned())),
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let newest = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()))
        .max()
        .unwrap_or(0);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > newest {
        return Err(StoreError::DatabaseNewer);
    }
    if version == newest {
        return Ok(());
    }
    let mut run = || embedded::migrations::runner().run(connection);
    // Another program may be migrating the same new database: then look again.
    run().or_else(|_| run()).map_err(|error| {
        let cause = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<rusqlite::Error>())
            .and_then(rusqlite::Error::sqlite_error_code);
        match cause {
            Some(rusqlite::ErrorCode::DatabaseBusy) => StoreError::DatabaseLocked,
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::StorageFull,
            _ => StoreError::DatabaseUnusable(format!("migration: {error}")),
        }
    })?;
    Ok(connection.pragma_update(None, "user_version", newest)?)
}

/// Reads the installation's row, or makes installation and first organisation.
fn installation(
    connection: &mut Connection,
    master: &MasterKey,
    world: &World,
) -> Result<Installation, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = transaction
        .query_row("SELECT id, epoch, check_value, root_key FROM installation", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, Vec<u8>>(3)?))
        })
        .optional()?;
    if let Some((id, epoch, check, root)) = found {
        let id = InstallationId(id);
        let vault = Vault::new(master, id);
        vault.open(Purpose::Check, &[], &check)?;
        let seed = vault.open_array::<32>(Purpose::RootKey, &[], &root)?;
        let root = RootKey::from_seed(*seed);
        return Ok(Installation { id, epoch: Epoch(epoch), root, vault });
    }
    let id = InstallationId(world.random()?);
    let vault = Vault::new(master, id);
    let seed = Zeroizing::new(world.random::<32>()?);
    let holder_key = Zeroizing::new(world.random::<32>()?);
    let now = Big(world.clock.now().0);
    let epoch = Epoch(1);
    transaction.execute(
        "INSERT INTO installation (only_row, id, epoch, check_value, root_key, created_at)
         VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![
            id.0,
            epoch.0,
            vault.seal(world, Purpose::Check, &[], b"kaisatsu")?,
            vault.seal(world, Purpose::RootKey, &[], seed.as_slice())?,
            now,
        ],
    )?;
    let first = FIRST_ORGANISATION.0;
    transaction.execute(
        "INSERT INTO organisations (id, name, holder_key, created_at) VALUES (?1, 'default', ?2, ?3)",
        params![first, vault.seal(world, Purpose::HolderKey, &[first], holder_key.as_slice())?, now],
    )?;
    transaction.commit()?;
    Ok(Installation { id, epoch, root: RootKey::from_seed(*seed), vault })
}
