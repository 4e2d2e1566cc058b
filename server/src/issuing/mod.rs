//! Making tickets: bodies, secrets, fingerprints and clock chains. Pure; files are made elsewhere.

mod body;
mod chain;
mod check;
mod content;

pub use body::TicketRecord;
pub use chain::{Extent, extent};
pub use check::check;
pub(crate) use check::{MAX_EMAIL, MAX_NAME, MAX_NOTE};
pub use content::Content;
