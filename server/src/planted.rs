//! Faults that the simulation plants to see that its checks find them. Without the feature `planted-bugs`
//! none ever is, and nothing is left of the question.

/// A fault that somebody could write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A journal that was written twice passes for one that was delivered before.
    ForkNotSeen,
    /// Under a key that was given up a right is granted.
    GivenUpGranted,
    /// A conflict names only the use that made it.
    ConflictOneSided,
    /// A use that was taken back never counts.
    AnnulHidesConflict,
    /// Open grants don't count.
    GrantNotCounted,
    /// A key that was given up before its claim came isn't noted.
    TombstoneDropped,
    /// A lane that was asked for a right and is silent counts as having transferred it.
    SilenceTransfers,
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: core::cell::Cell<Option<Fault>> = const { core::cell::Cell::new(None) };
}

/// Plants a fault on this thread, or takes it away.
#[cfg(feature = "planted-bugs")]
pub fn plant(fault: Option<Fault>) {
    PLANTED.set(fault);
}

/// Whether a fault is planted.
#[cfg(feature = "planted-bugs")]
pub(crate) fn is_planted(fault: Fault) -> bool {
    PLANTED.get() == Some(fault)
}

/// Whether a fault is planted: never.
#[cfg(not(feature = "planted-bugs"))]
pub(crate) const fn is_planted(_: Fault) -> bool {
    false
}
