//! Keys at rest: everything secret in the database is sealed under the master key, which lies
//! outside of it.

mod error;
mod links;
mod master;
mod sealing;
mod session_key;

pub use error::VaultError;
pub use master::MasterKey;
pub use sealing::{Purpose, Vault};
