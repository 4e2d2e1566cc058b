//! Making tickets: bodies, secrets, fingerprints and clock chains. Pure; files are made elsewhere.

mod body;
mod chain;

pub use body::TicketRecord;
pub use chain::{Extent, extent};
