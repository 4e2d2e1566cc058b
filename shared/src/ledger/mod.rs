//! An event's ledger: the append-only, hash-chained sequence of everything that happened to its
//! tickets. State is a fold of it ([`EventState`]), on the server and on every gate alike.

mod entry;
mod head;
mod state;

pub use entry::{IssuedTicket, LedgerBody, LedgerEntry, MAX_ISSUED, VoidReason};
pub use head::{Cursor, SignedCursor};
pub use state::{
    ClaimStanding, ClaimState, Conflict, EventState, FoldError, Grant, LastUse, Redemption, Right,
};
