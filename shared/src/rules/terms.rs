//! What a ticket is judged by: its type's rules, the event's calendar, and the admissions that its
//! own signature allows.

use crate::{
    bundle::{Policy, Rules},
    calendar::{Day, Slot, TimeZone},
    id::TypeId,
    time::UnixMillis,
};

use super::{Admission, Check, Limits, Presence, Reentry, RightView, Schedule, exit::inside_at};

/// The terms of one ticket.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Admissions it allows; 0 is without limit.
    pub entries: u8,
    /// Whether its type renews: the ledger says how long it is valid.
    pub renewing: bool,
    /// Its type's rules.
    pub admission: &'a Admission,
    /// The event's rules.
    pub rules: &'a Rules,
    /// The event's time zone.
    pub zone: TimeZone,
}

/// Of a type that nobody knows any more: its own limit of entries still holds.
static UNKNOWN: Admission = Admission {
    schedule: Schedule { days: Vec::new(), weekdays: Vec::new(), hours: None, slots: Vec::new() },
    zones: Vec::new(),
    presence: Presence::FREE,
    limits: Limits::NONE,
    group: false,
    check: Check::NONE,
    policy: None,
};

impl<'a> Terms<'a> {
    /// The terms of a ticket of `ticket_type` that allows `entries` admissions.
    #[must_use]
    pub fn of(rules: &'a Rules, zone: TimeZone, ticket_type: TypeId, entries: u8) -> Self {
        let found = rules.ticket_type(ticket_type);
        let admission = found.map_or(&UNKNOWN, |found| &found.admission);
        let renewing = found.is_some_and(|found| found.renewing);
        Self { entries, renewing, admission, rules, zone }
    }

    /// Who has the last word on such a ticket where the server can't be asked.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.admission.policy.unwrap_or(self.rules.policy)
    }

    /// The day of the event that `at` lies in.
    #[must_use]
    pub fn day(&self, at: UnixMillis) -> Day {
        self.zone.day(self.rules.calendar.day_starts, at)
    }

    /// From one closing to the next; none where nobody is taken to have left.
    pub(super) fn session(&self, at: UnixMillis) -> Option<Day> {
        self.rules.calendar.closing.map(|closing| self.zone.day(closing, at))
    }

    /// How many more persons may enter, where the ticket limits them: altogether, or at a time.
    pub(super) fn room(&self, view: &RightView, at: UnixMillis) -> Option<u32> {
        match self.admission.presence.reentry {
            Reentry::Counts => self.left_after(view, 0),
            Reentry::AfterExit => {
                let most = u32::from(self.entries.max(1));
                Some(most.saturating_sub(inside_at(view, self, at)))
            }
        }
    }

    /// How many admissions are left once `count` more persons enter; none without limit, or where
    /// coming back doesn't count.
    pub(super) fn left_after(&self, view: &RightView, count: u8) -> Option<u32> {
        let total = self.admission.total(self.entries);
        let used = view.entered().saturating_add(u32::from(count));
        (total > 0).then(|| u32::from(total).saturating_sub(used))
    }

    /// The slots in which the type admits, by their beginning.
    pub(super) fn slots(&self) -> impl Iterator<Item = &'a Slot> + use<'a> {
        let calendar = &self.rules.calendar;
        let mut slots: Vec<_> =
            self.admission.schedule.slots.iter().filter_map(|id| calendar.slot(*id)).collect();
        slots.sort_by_key(|slot| (slot.from, slot.id));
        slots.into_iter()
    }
}
