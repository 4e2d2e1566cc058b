//! Deciding: one pure function from what was scanned and what is known to a verdict.

mod decide;
mod right;
mod validity;
mod verdict;

pub use decide::{Context, Knowledge, Reach, decide};
pub use right::{RightView, judge_right};
pub use verdict::{Decision, Facts, TimeFormat, Verdict};
