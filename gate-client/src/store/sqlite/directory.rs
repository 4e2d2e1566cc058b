//! The data directory: its lock and the device's key.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use kaisatsu_shared::key::DeviceKey;
use nix::fcntl::{Flock, FlockArg};
use zeroize::Zeroizing;

use crate::store::StoreError;

const DATABASE: &str = "gate.db";
const LOCK: &str = "gate.lock";
const KEY: &str = "device.key";
const NEW_KEY: &str = "device.key.new";

/// Attempts to take the lock, 10 ms apart.
const PATIENCE: u32 = 300;

/// A gate client's data directory.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// Says that this process is the one that writes; held until dropped or the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not used")] Flock<File>);

impl Directory {
    /// The directory at `path`. Nothing is touched yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database's path.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Makes the directory, for its owner only, unless it exists.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::ReadOnly`] or [`StoreError::Full`].
    pub fn create(&self) -> Result<(), StoreError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|error| StoreError::io(&self.0, error))
    }

    /// Takes the directory for this process.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it; [`StoreError::NotEnrolled`] if there is no
    /// such directory; otherwise as [`Directory::create`].
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.0.join(LOCK);
        let opened =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NotEnrolled(self.0.clone()));
            }
            opened => opened.map_err(|error| StoreError::io(&path, error))?,
        };
        let mut file = file;
        for _ in 0..PATIENCE {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(Lock(lock)),
                Err((back, _)) => file = back,
            }
            // `status` holds it for a moment, a process that ends for a little longer.
            thread::sleep(Duration::from_millis(10));
        }
        Err(StoreError::InUse(self.0.clone()))
    }

    /// Whether a gate process works here now.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        File::open(self.0.join(LOCK))
            .is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
    }

    /// The device's key.
    ///
    /// # Errors
    /// [`StoreError::Key`] if there is none or it isn't 32 bytes.
    pub fn key(&self) -> Result<DeviceKey, StoreError> {
        let path = self.0.join(KEY);
        let bytes = fs::read(&path)
            .map(Zeroizing::new)
            .map_err(|error| StoreError::Key { path: path.clone(), why: error.to_string() })?;
        let seed = <[u8; 32]>::try_from(bytes.as_slice())
            .map_err(|_| StoreError::Key { path, why: "it isn't 32 bytes long".to_owned() })?;
        Ok(DeviceKey::from_seed(seed))
    }

    /// The device's key; made from `seed` where there is none yet. The file is readable for its
    /// owner only, and on disk before this returns.
    ///
    /// # Errors
    /// As [`Directory::key`] and [`Directory::create`].
    pub fn key_or_new(&self, seed: Zeroizing<[u8; 32]>) -> Result<DeviceKey, StoreError> {
        let path = self.0.join(KEY);
        if path.exists() {
            return self.key();
        }
        let whole = self.0.join(NEW_KEY);
        write_key(&self.0, &whole, &path, &seed).map_err(|error| StoreError::io(&path, error))?;
        Ok(DeviceKey::from_seed(*seed))
    }
}

impl Directory {
    /// Overwrites the device's key with zeros and deletes it, where there is one.
    ///
    /// # Errors
    /// As [`Directory::create`].
    pub fn erase_key(&self) -> Result<(), StoreError> {
        for name in [KEY, NEW_KEY] {
            let path = self.0.join(name);
            erase(&path).map_err(|error| StoreError::io(&path, error))?;
        }
        let synced = File::open(&self.0).and_then(|directory| directory.sync_all());
        synced.map_err(|error| StoreError::io(&self.0, error))
    }
}

fn erase(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    file.write_all(&[0; 32])?;
    file.sync_all()?;
    fs::remove_file(path)
}

fn write_key(directory: &Path, whole: &Path, path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    match fs::remove_file(whole) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(whole)?;
    file.write_all(seed)?;
    file.sync_all()?;
    fs::rename(whole, path)?;
    File::open(directory)?.sync_all()
}
