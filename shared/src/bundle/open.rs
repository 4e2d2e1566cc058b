//! A bundle ready for deciding.

use crate::{
    calendar::TimeZone,
    id::{GateId, OperatorId, TypeId},
    key::KeyRing,
    operator::{Role, role_of},
    rules::Terms,
};

use super::{Bundle, BundleError, EventRules, Gate, TicketType};

/// A bundle whose signature was checked and whose keys are ready for use.
#[derive(Debug)]
pub struct OpenBundle {
    bundle: Bundle,
    ring: KeyRing,
    event_rules: EventRules,
}

impl OpenBundle {
    /// Makes a trusted bundle ready: the server's own, or one whose signature was checked.
    ///
    /// # Errors
    /// [`BundleError::Keys`] and [`BundleError::Zone`].
    pub fn new(bundle: Bundle) -> Result<Self, BundleError> {
        let ring = KeyRing::new(bundle.keys.clone())?;
        let event_rules = EventRules::new(bundle.rules.clone(), bundle.operators.clone())?;
        Ok(Self { bundle, ring, event_rules })
    }

    /// The keys that sign this event's tickets.
    #[must_use]
    pub const fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The event's time zone.
    #[must_use]
    pub const fn zone(&self) -> TimeZone {
        self.event_rules.zone()
    }

    /// The rules as claims are judged by them.
    #[must_use]
    pub const fn event_rules(&self) -> &EventRules {
        &self.event_rules
    }

    /// The type with this number.
    #[must_use]
    pub fn ticket_type(&self, id: TypeId) -> Option<&TicketType> {
        self.rules.ticket_type(id)
    }

    /// The gate with this number.
    #[must_use]
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.rules.gate(id)
    }

    /// What a ticket of `ticket_type` that allows `entries` admissions is judged by.
    #[must_use]
    pub fn terms(&self, ticket_type: TypeId, entries: u8) -> Terms<'_> {
        self.event_rules.terms(ticket_type, entries)
    }

    /// What an operator may do; nothing where they aren't listed.
    #[must_use]
    pub fn role(&self, operator: OperatorId) -> Option<Role> {
        role_of(&self.operators, operator)
    }

    /// Checks that `newer` may replace this bundle: epoch and version never fall.
    ///
    /// # Errors
    /// [`BundleError::Older`].
    pub fn accept_newer(&self, newer: &Self) -> Result<(), BundleError> {
        if (newer.epoch, newer.version) < (self.epoch, self.version) {
            return Err(BundleError::Older { epoch: newer.epoch, version: newer.version });
        }
        Ok(())
    }
}

impl core::ops::Deref for OpenBundle {
    type Target = Bundle;

    fn deref(&self) -> &Bundle {
        &self.bundle
    }
}
