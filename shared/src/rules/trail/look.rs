//! What each family of rules looked at.

use chrono::{NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{
    bundle::Policy,
    calendar::Slot,
    id::{EventId, GateId, Generation, KeyId, SlotId, ZoneId},
    ledger::BlockReason,
    operator::Role,
    rules::{AdmittedBy, Filling, Holder},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Mode,
};

/// A family of rules, with what it looked at. Empty lists restrict nothing; limits of 0 neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Look {
    /// The scanned text: its display mode, where it is a ticket's.
    Code {
        /// How the ticket is displayed.
        mode: Option<Mode>,
    },
    /// A ticket that was named instead of scanned; its code was made for the trial.
    Named {
        /// How the ticket is displayed.
        mode: Mode,
    },
    /// The event that the ticket names.
    Event {
        /// The event that the ticket names.
        named: EventId,
    },
    /// The key that signed, and whether it is the current one; absent where it isn't the event's.
    Key {
        /// The key id.
        key: KeyId,
        /// Whether new tickets are signed with it.
        current: Option<bool>,
    },
    /// A guest without a code: who may let such in, who is signed in, and whether staff know the guest
    /// as the ticket's holder.
    ByHand {
        /// Who may.
        by: AdmittedBy,
        /// Who is signed in; absent for nobody.
        role: Option<Role>,
        /// Whether the guest is the holder.
        holder: Option<bool>,
    },
    /// The ticket's generation, and the newest that was issued.
    Roster {
        /// The ticket's.
        generation: Generation,
        /// The newest issued; absent where the roster has no such serial.
        newest: Option<Generation>,
    },
    /// A guest who leaves: how many are known to be inside.
    Exit {
        /// Persons inside.
        inside: u32,
    },
    /// Where the ticket stands.
    Standing {
        /// Whether it was voided.
        voided: bool,
        /// Why it is blocked, if it is.
        blocked: Option<BlockReason>,
        /// Whether it still has to be paid.
        unpaid: bool,
    },
    /// The validity that counts, which is the ledger's for a type that renews: from this second until
    /// before that one.
    Validity {
        /// From here …
        from: UnixSeconds,
        /// … until before here.
        until: UnixSeconds,
    },
    /// A renewing ticket that isn't valid by what the ledger was heard to say last. The server is
    /// asked, which may know newer dates.
    ValidityHeard {
        /// From here …
        from: UnixSeconds,
        /// … until before here.
        until: UnixSeconds,
    },
    /// A renewing ticket of which the ledger hasn't said yet how long it is valid.
    ValidityUnknown,
    /// The event's day, and the days on which the type admits.
    Days {
        /// The event's day.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        today: NaiveDate,
        /// Days; empty is every day.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        days: Vec<NaiveDate>,
        /// Days of the week; empty is every day.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        weekdays: Vec<Weekday>,
    },
    /// The day's opening hours; absent where the type has none.
    Hours {
        /// The first instant.
        opens: Option<UnixMillis>,
        /// The first instant after.
        closes: Option<UnixMillis>,
    },
    /// The type's slots.
    Slots {
        /// The slots, by their beginning; empty restricts nothing.
        slots: Vec<SlotHours>,
    },
    /// What the rules before say at every instant that the clock leaves possible.
    Throughout {
        /// From here …
        from: UnixMillis,
        /// … until before here.
        until: UnixMillis,
    },
    /// Whether the event has the ticket's type.
    Type {
        /// Whether the event has it.
        known: bool,
    },
    /// The gate, and the gates that the type may use.
    Gates {
        /// The gate.
        gate: GateId,
        /// Gates allowed; empty is every gate.
        gates: Vec<GateId>,
    },
    /// The zone that the gate leads into, and the zones that the type may enter.
    Zones {
        /// The zone behind the gate; absent is all of them.
        into: Option<ZoneId>,
        /// Zones allowed; empty is every zone.
        zones: Vec<ZoneId>,
    },
    /// Until when the gate may go by its rules.
    RulesAge {
        /// Until before this instant.
        until: UnixMillis,
    },
    /// How the ticket is shown: the step of a clock display; `assumed` where none was shown and it is
    /// taken as fresh.
    Display {
        /// How the ticket is displayed.
        mode: Mode,
        /// The step of a clock display.
        step: Option<u16>,
        /// Whether none was shown.
        assumed: bool,
    },
    /// Whether an admission was interrupted and nobody has said what came of it.
    Interrupted {
        /// Whether one is open.
        open: bool,
    },
    /// Admissions altogether: allowed, entered so far, wanted now.
    Total {
        /// Admissions allowed; 0 is without limit.
        allowed: u8,
        /// Persons so far.
        entered: u32,
        /// Persons now.
        wanted: u32,
    },
    /// Persons inside on the ticket, how many more fit (absent where that doesn't matter), and wanted.
    Inside {
        /// Persons inside.
        inside: u32,
        /// How many more fit.
        room: Option<u32>,
        /// Persons now.
        wanted: u32,
    },
    /// The pause between two entries, and from when on the next may come.
    Pause {
        /// Minutes between two entries.
        minutes: u16,
        /// The next possible instant; absent before the first entry.
        again: Option<UnixMillis>,
    },
    /// Entries in a day: the limit, what is left of it, wanted now.
    PerDay {
        /// The limit.
        limit: u8,
        /// How many more fit.
        room: u32,
        /// Persons now.
        wanted: u32,
    },
    /// Entries in a slot: the same.
    PerSlot {
        /// The limit.
        limit: u8,
        /// How many more fit.
        room: u32,
        /// Persons now.
        wanted: u32,
    },
    /// Persons whom other claims are admitting at this moment.
    BeingAdmitted {
        /// Persons.
        persons: u32,
    },
    /// How full a place is, and how many want to enter now.
    Capacity {
        /// The place.
        #[serde(flatten)]
        filling: Filling,
        /// Persons now.
        wanted: u32,
    },
    /// Who has the last word, and whether the server is in reach.
    LastWord {
        /// The policy for the ticket's type.
        policy: Policy,
        /// Whether the server is in reach.
        server: bool,
        /// Who alone decides about the right.
        holder: Holder,
    },
    /// What staff answered so far.
    Answers {
        /// Persons.
        persons: Option<u8>,
        /// Whether photo, name and age fit.
        identity: Option<bool>,
        /// The answer's place, from 1.
        choice: Option<u8>,
        /// How many fit, where staff are asked how many enter; absent where any number does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        free: Option<u32>,
    },
    /// The server's answer to the claim that an online gate makes.
    Claim,
    /// Nothing is in the way: what is left after this.
    Admission {
        /// Admissions left; absent without limit.
        left: Option<u32>,
    },
}

impl Look {
    pub(in crate::rules) const fn throughout(now: TimeInterval) -> Self {
        Self::Throughout { from: now.earliest, until: now.latest }
    }
}

/// When a slot's guests may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotHours {
    /// The slot.
    pub slot: SlotId,
    /// The first instant, with its tolerance …
    pub opens: UnixMillis,
    /// … until before this one.
    pub closes: UnixMillis,
}

impl From<&Slot> for SlotHours {
    fn from(slot: &Slot) -> Self {
        Self { slot: slot.id, opens: slot.opens(), closes: slot.closes() }
    }
}
