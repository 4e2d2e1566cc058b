//! An event's ledger: the append-only, hash-chained sequence of everything that happened to its
//! tickets. State is a fold of it ([`EventState`]), on the server and on every gate alike.

mod body;
mod cause;
mod claim;
mod entry;
mod fold;
mod head;
mod layout;
mod leases;
mod occupancy;
mod receipts;
mod restores;
mod right;
mod shares;
mod state;
mod tally;
mod unpaid;

pub use body::{IssuedTicket, LedgerBody, MAX_ISSUED};
pub use cause::{BlockReason, ReissueReason, VoidReason};
pub use claim::{ClaimStanding, ClaimState};
pub use entry::LedgerEntry;
pub use head::{Cursor, SignedCursor};
pub use leases::{Lease, Leases};
pub use occupancy::{Counted, Crowd, Occupancy, Passage, Room, Who};
pub use receipts::{AfterReceipt, Receipt};
pub use restores::Restores;
pub use right::{Annulment, Answer, AskedAt, Grant, LastUse, Light, Override, Redemption, Right};
pub use shares::{Share, Shares};
pub use state::{Conflict, EventState, FoldError};
pub use unpaid::UnpaidTickets;
