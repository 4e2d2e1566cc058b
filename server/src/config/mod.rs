//! Settings: one file a concern. Each says what is wrong with a value and what to give instead.

mod data;
mod listen;
mod log;
mod overview;

pub use data::{DataDir, DataError};
pub use listen::{Listen, ListenError};
pub use log::{LogFormat, LogSettings, init_log};
pub use overview::{OpenOverview, OverviewError};
