//! A deterministic simulation of a whole venue: the gate's engine and the server's judgement, as they are
//! shipped, between links, disks and clocks that break. A seed draws a plan, the plan is carried out in
//! virtual time, and what must hold is checked at every step and after healing, against a record of what
//! truly happened that nobody in the venue has.

pub mod between;
pub mod bugs;
pub mod check;
pub mod clock;
pub mod disk;
pub mod draw;
pub mod event;
pub mod gate;
pub mod guests;
pub mod house;
pub mod hub;
pub mod link;
pub mod measure;
pub mod message;
pub mod plan;
pub mod record;
pub mod schedule;
pub mod server;
pub mod stage;
pub mod story;
pub mod summary;
pub mod venue;

#[cfg(feature = "stand-in-signatures")]
pub use kaisatsu_shared::key::sign_with_stand_ins;
pub use plan::Plan;
pub use venue::{Outcome, run};

/// Without the feature all is signed on the curve.
#[cfg(not(feature = "stand-in-signatures"))]
pub const fn sign_with_stand_ins(_: bool) {}
