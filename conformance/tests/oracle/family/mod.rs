//! The rules, one file a family, written from the design and the rules' documentation.

pub(crate) mod asking;
pub(crate) mod authenticity;
pub(crate) mod capacity;
pub(crate) mod display;
pub(crate) mod limits;
pub(crate) mod place;
pub(crate) mod presence;
pub(crate) mod schedule;
pub(crate) mod standing;
pub(crate) mod total;
pub(crate) mod validity;
