//! Who asks, and what they may do: API tokens of organisers, sessions of devices. Handlers reach
//! the store only through the extractors here, so that one which forgets to name its permission
//! doesn't compile.

mod attendee;
mod authorized;
mod bearer;
mod door;
mod gate_device;
mod heads;
pub mod need;
mod open;
mod pace;
mod refusals;
mod session;

pub use attendee::Attendee;
pub use authorized::{AllEvents, Authorized, OneEvent, Scope, SomeEvents};
pub use bearer::bearer;
pub use door::{Door, RequestId};
pub use gate_device::{GateDevice, MAX_WAIT};
pub use need::Need;
pub use open::{Entrance, Overview};
pub use session::{CHALLENGE_SECONDS, SESSION_SECONDS, Session, SessionError, SessionKey};
