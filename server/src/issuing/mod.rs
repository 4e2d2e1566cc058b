//! Making tickets: bodies, secrets, fingerprints and clock chains. Pure; files are made elsewhere.

mod body;
mod chain;
mod check;
mod content;
mod renewal;

pub use body::TicketRecord;
pub use chain::{Extent, LEAD, extent};
pub use check::check;
pub(crate) use check::{MAX_EMAIL, MAX_NAME, MAX_NOTE};
pub use content::Content;
pub(crate) use renewal::no_validity;
pub use renewal::{first_validities, renew};
