//! Where the database lies.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// The directory of the server's data, private to its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

/// Why a directory can't hold the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// It doesn't exist and isn't made by this command.
    #[error(
        "--data {0} does not exist; check the path, or run `kaisatsu-server event create` there to begin"
    )]
    Missing(String),
    /// It can't be made or used.
    #[error("--data {path} can't be used ({reason}); give a directory this user can write to")]
    Unusable {
        /// The directory.
        path: String,
        /// What the operating system says.
        reason: String,
    },
}

impl DataDir {
    /// Takes a directory and makes it, readable by its owner only, if it isn't there.
    ///
    /// # Errors
    /// [`DataError::Unusable`].
    pub fn create(path: &Path) -> Result<Self, DataError> {
        let unusable = |error: std::io::Error| DataError::Unusable {
            path: path.display().to_string(),
            reason: reason(&error),
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(unusable)?;
        // A full or read-only disk is told here, with the flag's name, instead of by SQLite.
        try_writing(path).map_err(unusable)?;
        Ok(Self(path.to_owned()))
    }

    /// Takes a directory that must be there.
    ///
    /// # Errors
    /// [`DataError::Missing`].
    pub fn existing(path: &Path) -> Result<Self, DataError> {
        if path.is_dir() {
            Ok(Self(path.to_owned()))
        } else {
            Err(DataError::Missing(path.display().to_string()))
        }
    }

    /// The database's file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("kaisatsu.db")
    }
}

/// Writes some bytes into a file of its own name and removes it: commands may start together, and
/// a full disk still takes an empty file.
fn try_writing(path: &Path) -> io::Result<()> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let probe = path.join(format!(".writable-{}-{number}", std::process::id()));
    let written = std::fs::write(&probe, [0; 4_096]);
    match std::fs::remove_file(&probe) {
        // A process of the same number elsewhere, on a shared disk, was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => written,
        removed => written.and(removed),
    }
}

/// What the operating system says, without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_start_together_do_not_disturb_each_other() {
        let root = tempfile::tempdir().unwrap();
        let create = || (0..200).all(|_| DataDir::create(root.path()).is_ok());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0, "nothing is left");
    }

    #[test]
    fn directories_are_private_and_faults_name_the_flag() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        assert!(matches!(DataDir::existing(&path), Err(DataError::Missing(_))));
        let data = DataDir::create(&path).unwrap();
        assert_eq!(DataDir::existing(&path), Ok(data.clone()));
        assert_eq!(data.database(), path.join("kaisatsu.db"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        std::fs::write(root.path().join("file"), "x").unwrap();
        let error = DataDir::create(&root.path().join("file/data")).unwrap_err().to_string();
        assert!(error.starts_with("--data ") && error.contains("Not a directory"), "{error}");
    }
}
