//! What gates and the venue's hub keep of each other, without I/O. Around it: HTTP in `hub` and `link::hub`, and
//! the simulation.

mod ends;
mod sight;
mod told;

pub use ends::Ends;
pub use sight::Sight;
pub use told::{Told, written};
