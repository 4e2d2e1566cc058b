//! Why the store can't be used, and what to do about it.

use std::{io, path::PathBuf};

use super::Wiped;

/// A fault of the data directory or the database in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No enrolment is stored.
    #[error(
        "this gate isn't enrolled: get a code from the organiser and run `kaisatsu-gate --data {} enrol CODE --server URL`", .0.display()
    )]
    NotEnrolled(PathBuf),
    /// The device was revoked and has delivered everything.
    #[error(
        "device {} of installation {} was revoked on the server and has delivered its whole journal ({} entries); nothing of it is kept here. To use this gate again get a new code from the organiser and run `kaisatsu-gate --data {} enrol CODE --server URL` (device_wiped)",
        .wiped.device, .wiped.installation, .wiped.delivered, .path.display()
    )]
    Wiped {
        /// The directory.
        path: PathBuf,
        /// What remains.
        wiped: Box<Wiped>,
    },
    /// Another process writes there.
    #[error(
        "another gate process uses {}: stop that one first, or give this one its own directory", .0.display()
    )]
    InUse(PathBuf),
    /// No space is left.
    #[error("the disk is full: free some space, then try again")]
    Full,
    /// Nothing may be written.
    #[error(
        "the data directory can't be written: check its owner and that the disk isn't mounted read-only"
    )]
    ReadOnly,
    /// Another program holds the database.
    #[error("another program holds the gate's database: close it")]
    Locked,
    /// The file is damaged.
    #[error(
        "the gate's data is damaged ({0}): keep a copy of the directory for the organiser and enrol into a new one"
    )]
    Corrupt(String),
    /// The system couldn't bring data to the disk; what is there now is unknown.
    #[error(
        "the disk failed while writing: the gate stops. Replace the disk, then start the gate again"
    )]
    Fsync,
    /// A newer program wrote it.
    #[error("the gate's data has format {0}, which is newer than this program: update the gate")]
    Newer(i64),
    /// The device's key is missing or unusable.
    #[error(
        "the device key {} can't be used ({why}): enrol into a new directory", .path.display()
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A file or directory can't be used.
    #[error("{} can't be used ({error}): check the path and its permissions", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Anything else the database says.
    #[error("the gate's database fails ({0}): restart the gate; if it stays, check the disk")]
    Database(String),
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotEnrolled(_) => "not_enrolled",
            Self::Wiped { .. } => "device_wiped",
            Self::InUse(_) => "data_in_use",
            Self::Full => "disk_full",
            Self::ReadOnly => "data_read_only",
            Self::Locked => "data_locked",
            Self::Corrupt(_) => "data_corrupt",
            Self::Fsync => "disk_failed",
            Self::Newer(_) => "data_newer",
            Self::Key { .. } => "device_key",
            Self::Io { .. } => "data_io",
            Self::Database(_) => "data_failed",
        }
    }

    /// What staff at a running gate are told, in Japanese and English.
    #[must_use]
    pub fn for_staff(&self) -> (&'static str, String) {
        let ja = match self {
            Self::Full => "記録できません。この端末を使わず、空き容量を増やしてください",
            Self::ReadOnly => {
                "記録できません。この端末を使わず、保存先が書き込み禁止でないか確かめてください"
            }
            Self::Locked => {
                "記録できません。この端末を使わず、記録を開いている別のプログラムを閉じてください"
            }
            Self::Corrupt(_) => "記録が壊れています。この端末を使わず、係を呼んでください",
            _ => "記録できません。この端末を使わず、係を呼んでください",
        };
        let en = match self {
            Self::Full => {
                "the disk is full: free some space, the gate goes on by itself then".to_owned()
            }
            other => other.to_string(),
        };
        (ja, en)
    }

    #[cfg(feature = "native")]
    pub(super) fn io(path: impl Into<PathBuf>, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io { path: path.into(), error },
        }
    }
}
