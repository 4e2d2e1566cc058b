//! The messages between a gate client and its server (or hub): enrolment, session, claims, search,
//! the time, the journal's way up (or by hand), the ledger's way down, and its way back up after a restore.

mod carried;
mod claim;
mod enrol;
mod feed;
mod heads;
mod hub;
mod offer;
mod recall;
mod search;
mod time;
mod upload;

pub use carried::{CarriedError, CarriedJournal, MAX_CARRIED_BYTES};
pub use claim::{Claim, ClaimAnswer, ClaimRefusal, MAX_ABANDONS};
pub use enrol::{
    Challenge, EnrolAnswer, EnrolRequest, SessionAnswer, SessionRequest, challenge_message,
};
pub use feed::{FeedError, FeedPage, MAX_PAGE_BYTES};
pub use heads::{HEAD_HEADER, HeadsNoted, HeardHead, HeardHeads, MAX_HEADS};
pub use hub::{CREDENTIAL_HEADER, GivenUp, Heard, HeardBatch, HeardPage, HubHealth, Kept};
pub use offer::{Locate, Located, MAX_POSITIONS, OfferAnswer, Offered, positions_to_name};
pub use recall::{MAX_RECALLS, Recall};
pub use search::{
    MAX_HITS, MAX_NAME, MIN_NAME, SearchAnswer, SearchHit, SearchQuery, SearchRequest,
};
pub use time::{SignedTime, TimeDocument, TimeError, TimeQuestion, TimeRequest};
pub use upload::{BatchAnswer, EntryAnswer, EntryFate, JournalBatch, MAX_BATCH_ENTRIES};
