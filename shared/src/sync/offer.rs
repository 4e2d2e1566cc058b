//! Giving a restored server back what it lost. A gate that holds a ledger position which the server doesn't
//! have asks where the two part (`POST /api/v1/device/locate`), offers what it has from there on in the pages
//! that the server signed before (`POST /api/v1/device/ledger`), follows the server's new line, and says that
//! it has delivered everything (`POST /api/v1/device/offered`).

use serde::{Deserialize, Serialize};

use crate::{
    id::Epoch,
    journal::SignedJournalHead,
    ledger::{Cursor, SignedCursor},
};

/// Most positions that one question names.
pub const MAX_POSITIONS: usize = 64;

/// Where do we part?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Locate {
    /// Positions of the gate's ledger, the newest first, further and further apart; at most 64.
    pub positions: Vec<Cursor>,
    /// The newest position of which the gate has the server's signature: proof that the server had it.
    pub newest: Option<SignedCursor>,
}

/// Where the gate's ledger and the server's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Located {
    /// The server's epoch. Where it isn't higher than the gate's, the server was rolled back and nobody has
    /// said so: its admin must.
    pub epoch: Epoch,
    /// The newest of the positions that the server has; the beginning if it has none.
    pub common: Cursor,
    /// How far other gates have offered what was lost.
    pub recovered: Vec<Cursor>,
}

/// What became of offered entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferAnswer {
    /// How many were recorded anew.
    pub restated: u32,
    /// How many contradict what was recorded since; an admin sees them.
    pub unfit: u32,
}

/// The gate has delivered everything that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offered {
    /// The end of its journal.
    pub head: SignedJournalHead,
    /// How far it follows the server's ledger: none of its own is left.
    pub cursor: Cursor,
}

/// The positions to name of a ledger that reaches `newest`, by number, the newest first: as many as fit,
/// twice as far apart each time.
#[must_use]
pub fn positions_to_name(newest: u64) -> Vec<u64> {
    let mut positions = Vec::new();
    let (mut at, mut step) = (newest, 1_u64);
    while at > 0 && positions.len() < MAX_POSITIONS {
        positions.push(at);
        at = at.saturating_sub(step);
        step = step.saturating_mul(2);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_close_at_the_end_and_few_in_all() {
        assert!(positions_to_name(0).is_empty());
        assert_eq!(positions_to_name(1), [1]);
        assert_eq!(positions_to_name(20), [20, 19, 17, 13, 5]);
        assert!(positions_to_name(u64::MAX).len() <= MAX_POSITIONS);
    }
}
