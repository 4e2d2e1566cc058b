//! The gate in a worker of a page: the same loop, link and engine, on rows that the page's database keeps. The page gets
//! documents, those that a gate's own page gets, and says codes and lines.

mod enrol;
mod run;
mod standing;

pub use enrol::enrol;
pub use run::{Ear, Voice, run};
pub use standing::standing;

pub use crate::store::rows::{Change, Key, Rows, Sorted, Table, Wait};

use serde_json::Value;

use crate::{face::notice, link::Notice, store::StoreError};

/// A document that says why something isn't done, for the page: a notice.
pub type Refused = Value;

fn unusable(error: &StoreError) -> Refused {
    let (ja, en) = error.for_staff();
    notice(&Notice::new(error.code(), ja, en))
}
