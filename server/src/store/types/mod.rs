//! What goes into a store and what comes out of it.

mod actor;
mod audit;
mod carried;
mod device;
mod event;
mod feed;
mod found;
mod holder;
mod hub;
mod intervention;
mod lane;
mod lease;
mod notice;
mod opened;
mod operator;
mod renewal;
mod restore;
mod rules;
mod tail;
mod ticket;
mod token;
mod trial;

pub use actor::{Actor, ActorKind};
pub use audit::{AuditQuery, AuditRow, QuarantineReason, QuarantineRow};
pub use carried::{CarriedAnswer, Carrier};
pub use device::{
    AnnounceDevice, AnnouncedDevice, DeviceInfo, DeviceRole, DeviceSession, DeviceState,
    NewCredential,
};
pub use event::{AddGate, AddType, CreateEvent, EventInfo, EventKeyInfo, EventStats, TypeInfo};
pub use feed::{
    FeedFrom, JournalPage, JournalRow, LedgerPage, LedgerReport, LedgerRow, StatusPage,
};
pub use found::{FoundTicket, FoundTickets, MAX_FOUND};
pub use holder::Holder;
pub use hub::HubInfo;
pub use intervention::{Intervention, InterventionRow};
pub use kaisatsu_shared::validity::Validity;
pub use lane::TicketLane;
pub use lease::{GiveLeases, Leasable, LeaseInfo, LeasedInfo};
pub use notice::{Export, Refusal};
pub use opened::{OpenedEvent, OpenedTicket, Standing};
pub use operator::{AddOperator, OperatorInfo, OperatorPin, Pin};
pub use renewal::{RenewTickets, RenewedTickets};
pub use restore::{ConfirmRestore, Offering, RestoreBegun, RestoreDevice, RestoreInfo};
pub use rules::{GateRules, RuleSet, TypeRules};
pub use tail::{Undelivered, WriteOffReason};
pub use ticket::{
    ClockShown, HistoryRow, IssueChunk, IssuedChunk, JobChunk, JobId, JobProgress, NewTicket,
    PrintedTicket, TicketInfo, TicketMark, TicketShown, TicketStatus, Voiding,
};
pub use token::{ApiToken, CreateToken, CreatedToken, Permission};
pub use trial::{Trial, TriedByHand, TriedRules, TriedStep, TriedTicket};
