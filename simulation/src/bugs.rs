//! Faults that are planted to see that the checks find them: each is one that somebody could write.

/// A planted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bug {
    /// What is done wrong.
    pub name: &'static str,
    /// The first seed that catches it.
    pub first: u64,
    /// Where it is planted.
    pub place: Place,
}

/// Where a fault is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In what carries the engine's effects out.
    Adapter(Adapter),
}

/// A fault of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// The engine hears of a write before it is durable.
    GreenBeforeFsync,
    /// The server's answers leave before what they say is durable.
    AnswerBeforeFsync,
    /// A claim that nobody answered is asked again under another key.
    NewKeyOnRetry,
    /// The last light is shown again after a restart.
    LightAfterRestart,
    /// The feed leaves an entry out now and then.
    CursorSkip,
    /// A rolled-back or copied disk's journal isn't compared.
    ForkNotTold,
}

/// Every fault that is planted.
pub const ALL: &[Bug] = &[];

/// Whether the fault's first seed catches it.
#[must_use]
pub fn is_caught(bug: &Bug) -> bool {
    crate::run(&crate::Plan::of(bug.first), Some(*bug), false).trouble.is_some()
}
