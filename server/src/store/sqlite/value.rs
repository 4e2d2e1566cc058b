//! How values stand in columns.

use kaisatsu_shared::{reason::LocalText, time::UnixMillis, token::Mode};
use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::store::StoreError;

/// An unsigned 64-bit number: SQLite's are signed, ours stay below 2⁶³.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Big(pub(super) u64);

impl ToSql for Big {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let signed = i64::try_from(self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(signed.into())
    }
}

impl FromSql for Big {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let signed = value.as_i64()?;
        u64::try_from(signed).map(Self).map_err(|_| FromSqlError::OutOfRange(signed))
    }
}

/// A display mode, as a token's first byte.
pub(super) struct Display(pub(super) Mode);

impl ToSql for Display {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.byte().into())
    }
}

impl FromSql for Display {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let byte = u8::column_result(value)?;
        Mode::from_byte(byte).map(Self).map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// Anything small, as JSON text.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// One of a few names, as its plain text.
pub(super) struct Text<T>(pub(super) T);

impl<T: Serialize> ToSql for Text<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(text)) => Ok(text.into()),
            Ok(_) => Err(rusqlite::Error::ToSqlConversionFailure("not a name".into())),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Text<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_value(value.as_str()?.into())
            .map(Self)
            .map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// An instant in column `index`.
pub(super) fn at(row: &Row<'_>, index: usize) -> rusqlite::Result<UnixMillis> {
    row.get::<_, Big>(index).map(|Big(millis)| UnixMillis(millis))
}

/// An instant in column `index`, if there is one.
pub(super) fn maybe_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<UnixMillis>> {
    let value = row.get::<_, Option<Big>>(index)?;
    Ok(value.map(|Big(millis)| UnixMillis(millis)))
}

/// A name in columns `index` (Japanese) and `index + 1` (English).
pub(super) fn name(row: &Row<'_>, index: usize) -> rusqlite::Result<LocalText> {
    Ok(LocalText { ja: row.get(index)?, en: row.get(index + 1)? })
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            PermissionDenied, ReadOnly, SystemIoFailure,
        };
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::DatabaseLocked,
            Some(DiskFull) => Self::StorageFull,
            Some(DatabaseCorrupt | NotADatabase) => Self::DatabaseCorrupt(text),
            Some(SystemIoFailure) => Self::StorageFailed(text),
            Some(CannotOpen | PermissionDenied | ReadOnly) => Self::DatabaseUnusable(text),
            _ => Self::Internal(text),
        }
    }
}
