//! What SQLite says, as the gate sees it.

use rusqlite::{Error as Sqlite, ErrorCode, ffi};

use crate::store::StoreError;

impl From<Sqlite> for StoreError {
    fn from(error: Sqlite) -> Self {
        let Sqlite::SqliteFailure(failure, _) = &error else {
            return Self::Database(error.to_string());
        };
        match (failure.code, failure.extended_code) {
            // After a failed fsync nobody knows what is on the disk.
            (_, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) => Self::Fsync,
            (ErrorCode::DiskFull, _) => Self::Full,
            (ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied, _) => {
                Self::ReadOnly
            }
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Locked,
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Database(error.to_string()),
        }
    }
}
