//! Deciding: one pure function from what was scanned and what is known to a verdict. One module a
//! family of rules; each says what holds at an instant, and until when.

mod admission;
mod asks;
mod by_hand;
mod capacity;
mod check;
mod decide;
mod exit;
mod instant;
mod interrupted;
mod intervention;
mod knowledge;
mod last_word;
mod limits;
mod membership;
mod place;
mod presence;
mod right;
mod schedule;
mod search;
mod sentence;
mod stamp;
mod standing;
mod terms;
mod trail;
mod validity;
mod verdict;
mod view;

pub use admission::{Admission, RuleError};
pub use asks::Asks;
pub use by_hand::{AdmittedBy, decide_by_hand, prejudge_by_hand};
pub use capacity::{
    Beyond, Capacity, Filling, HeldRoom, fillings, held_room, judge_capacity, persons_inside,
};
pub use check::{Answers, Check, Choice, Question};
pub use decide::{Context, Direction, Reach, decide};
pub use interrupted::bars_answer;
pub use intervention::{Interventions, OverriddenBy, can_be_overruled};
pub use knowledge::{Knowledge, Rights, SeenBy};
pub use last_word::{Holder, judge_last_word};
pub use limits::Limits;
pub use presence::{Presence, Reentry};
pub use right::{Ask, exceeds, judge_right};
pub use schedule::{Hours, Schedule};
pub use search::{Search, SearchBy};
pub use standing::Unpaid;
pub use terms::Terms;
pub use trail::{Explained, Look, Presented, SlotHours, Step, Trail, explain};
pub use verdict::{Decision, Facts, Refusal, TimeFormat, Verdict};
pub use view::{PastUse, RightView, past_uses};
