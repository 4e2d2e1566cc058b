//! An event's ledger: the append-only, hash-chained sequence of everything that happened to its
//! tickets. State is a fold of it ([`EventState`]), on the server and on every gate alike.

mod cause;
mod claim;
mod entry;
mod head;
mod right;
mod state;

pub use cause::{BlockReason, ReissueReason};
pub use claim::{ClaimStanding, ClaimState};
pub use entry::{IssuedTicket, LedgerBody, LedgerEntry, MAX_ISSUED, VoidReason};
pub use head::{Cursor, SignedCursor};
pub use right::{Answer, AskedAt, Grant, LastUse, Light, Override, Redemption, Right};
pub use state::{Conflict, EventState, FoldError};
