//! Faults that are planted to see that the checks find them: each is one that somebody could write.

#[cfg(feature = "planted-bugs")]
mod list;

#[cfg(feature = "planted-bugs")]
pub use list::ALL;

use kaisatsu_shared::planted::Fault;

use crate::check::Check;

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
    /// In what is shipped: the gate's engine, its keeper of time, the server's judgement.
    Product(Fault),
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
    /// Claims are made without a record of them on the disk.
    IntentNotKept,
    /// A revoked device's leases are the server's again.
    RevocationTransfers,
    /// Those of a device that an admin gives up after a restore are.
    WriteOffTransfers,
    /// A restore is over once an admin says so.
    SettledEarly,
    /// Serials go on where the backup ended.
    SerialsGivenAgain,
    /// What the server says of others' entries is taken for its word on the hub's own.
    RelayTakenForOwn,
}

/// Every fault that is planted: none without the feature.
#[cfg(not(feature = "planted-bugs"))]
pub const ALL: &[Bug] = &[];

/// Plants a fault in gates and server for as long as `act` takes.
pub(crate) fn with_planted<T>(bug: Option<Bug>, act: impl FnOnce() -> T) -> T {
    plant(bug);
    let done = act();
    plant(None);
    done
}

#[cfg(feature = "planted-bugs")]
fn plant(bug: Option<Bug>) {
    kaisatsu_shared::planted::plant(match bug.map(|bug| bug.place) {
        Some(Place::Product(fault)) => Some(fault),
        _ => None,
    });
}

#[cfg(not(feature = "planted-bugs"))]
const fn plant(_: Option<Bug>) {}

/// By which check a seed catches a fault, if it does.
#[must_use]
pub fn caught_by(seed: u64, bug: &Bug) -> Option<Check> {
    crate::run(&crate::Plan::of(seed), Some(*bug), false).trouble.map(|trouble| trouble.check)
}
