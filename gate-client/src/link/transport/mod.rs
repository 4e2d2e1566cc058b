//! What HTTP is made of where the gate runs.

#[cfg(not(feature = "native"))]
mod page;
#[cfg(feature = "native")]
mod system;

#[cfg(not(feature = "native"))]
pub(super) use page::{build, fresh, read};
#[cfg(feature = "native")]
pub(super) use system::{build, fresh, read};

/// Larger answers are refused: a feed page is little over one MiB.
const MAX_BODY: usize = 8 << 20;
