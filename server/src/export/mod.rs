//! Ledger and journals as JSON lines, for people and programs without this code. Each line holds
//! the canonical bytes too, so that it can be proven against the chain.

mod conflict;
mod journal;
mod ledger;
mod tail;

pub use conflict::{ConflictShown, UseShown};
pub use journal::journal_line;
pub use ledger::ledger_line;
pub use tail::undelivered_line;

use crate::store::StoreError;

/// Writes `value` and a line break.
fn line(value: &impl serde::Serialize, out: &mut Vec<u8>) -> Result<(), StoreError> {
    serde_json::to_writer(&mut *out, value)
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    out.push(b'\n');
    Ok(())
}
