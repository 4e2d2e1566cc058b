//! What is recorded of one ticket's right.

use crate::{
    id::{ClaimKey, DeviceId, GateId, OperatorId},
    reason::ReasonCode,
    right::{OverrideReason, Use, UseKind},
    time::TimeInterval,
    wire::{Reader, WireError, Writer},
};

use super::{BlockReason, VoidReason};

/// A recorded use of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The number of the device's journal entry.
    pub number: u64,
    /// The use.
    pub used: Use,
    /// Whether the guest showed no code and the use's operator let them in by hand.
    pub by_hand: bool,
    /// It was taken back; it then counts no more.
    pub annulled: Option<Annulment>,
}

/// A use was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annulment {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// Who took it back, where and when.
    pub by: AskedAt,
}

/// A guest whom a supervisor let in against the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Override {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The number of the device's journal entry.
    pub number: u64,
    /// How many persons.
    pub count: u8,
    /// The reason against which.
    pub code: ReasonCode,
    /// Why.
    pub reason: OverrideReason,
    /// Who let them in, where and when.
    pub by: AskedAt,
}

/// A granted claim that its gate hasn't confirmed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The granted use.
    pub used: Use,
    /// Whether the right was leased: the venue's hub granted it, which held it.
    pub by_lease: bool,
    /// Whether it was claimed before the server was restored: it is said again, or what it should have known is. Its
    /// place in the ledger doesn't tell what was known when it was given.
    pub before_restore: bool,
}

/// An admission's light, by the device that was to show it and the number of its journal entry.
pub type Light = (DeviceId, u64);

/// What staff said of an interrupted admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The admission.
    pub light: Light,
    /// Whether the guest had been let in before; if not, they were let in then.
    pub let_in: bool,
    /// Who was asked, where and when.
    pub by: AskedAt,
}

/// Where and when staff was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedAt {
    /// The device.
    pub device: DeviceId,
    /// The gate.
    pub gate: GateId,
    /// Who stood there; 0 where nobody signed in.
    pub operator: OperatorId,
    /// When, as far as the device's clock can tell.
    pub at: TimeInterval,
}

/// What happened to one ticket's right. Tickets nobody showed have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// Its uses, in the order recorded.
    pub redemptions: Vec<Redemption>,
    /// Claims granted but not confirmed.
    pub grants: Vec<Grant>,
    /// Why it was voided, if it was.
    pub voided: Option<VoidReason>,
    /// Why it is blocked, if it is.
    pub blocked: Option<BlockReason>,
    /// Whether it still has to be paid.
    pub unpaid: bool,
    /// Admissions that a device recorded but may not have shown, and nobody answered for yet.
    pub interrupted: Vec<Light>,
    /// What staff said of interrupted admissions, in the order recorded.
    pub answers: Vec<Answer>,
    /// Guests let in against the rules, in the order recorded.
    pub overrides: Vec<Override>,
    /// The sequence numbers of the entries in conflict; empty where there is none.
    pub conflict: Vec<u64>,
}

impl Right {
    /// Persons who entered on it.
    #[must_use]
    pub fn entered(&self) -> u32 {
        self.uses().map(|redemption| entries_of(&redemption.used)).sum()
    }

    /// Its uses that weren't taken back, in the order recorded.
    pub fn uses(&self) -> impl DoubleEndedIterator<Item = &Redemption> + Clone {
        self.redemptions.iter().filter(|redemption| redemption.annulled.is_none())
    }

    /// The use that a device recorded under this number.
    #[must_use]
    pub fn redemption(&self, device: DeviceId, number: u64) -> Option<&Redemption> {
        let same = |known: &&Redemption| (known.used.device, known.number) == (device, number);
        self.redemptions.iter().find(same)
    }

    /// The answers by which the guest of an interruption was let in although another gate had answered before, each
    /// with the use.
    pub fn admitted_again(&self) -> impl Iterator<Item = (&Answer, &Use)> {
        let answers = self.answers.iter().enumerate().filter(|(_, answer)| !answer.let_in);
        answers.filter_map(|(place, answer)| {
            let before = self.answers.get(..place)?;
            before.iter().find(|earlier| earlier.light == answer.light)?;
            let known = self.origin(answer.light, before)?;
            known.annulled.is_none().then_some((answer, &known.used))
        })
    }

    /// The use that a light goes back to: its own, or that of the interruption which it answered. An answer is found by
    /// its device, as its own number isn't recorded.
    fn origin(&self, light: Light, answers: &[Answer]) -> Option<&Redemption> {
        let (device, number) = light;
        let own = self.redemption(device, number);
        own.or_else(|| {
            let place = answers.iter().rposition(|it| it.by.device == device && !it.let_in)?;
            self.origin(answers.get(place)?.light, answers.get(..place)?)
        })
    }

    /// What a claim key was first used for, where that is still a grant or a redemption.
    #[must_use]
    pub fn first_use(&self, key: ClaimKey) -> Option<Use> {
        let grants = self.grants.iter().map(|grant| grant.used);
        let redemptions = self.redemptions.iter().map(|redemption| redemption.used);
        grants.chain(redemptions).find(|used| used.claim == key)
    }

    /// Persons who entered on it or are being admitted.
    #[must_use]
    pub fn claimed(&self) -> u32 {
        self.entered() + self.grants.iter().map(|grant| entries_of(&grant.used)).sum::<u32>()
    }

    /// Whether this journal entry's override is recorded.
    #[must_use]
    pub fn is_overridden(&self, device: DeviceId, number: u64) -> bool {
        self.overrides.iter().any(|known| (known.by.device, known.number) == (device, number))
    }

    /// Whether staff answered for an interrupted admission.
    #[must_use]
    pub fn is_answered(&self, light: Light) -> bool {
        self.answers.iter().any(|answer| answer.light == light)
    }

    /// The newest entry on it.
    #[must_use]
    pub fn last_entry(&self) -> Option<&Redemption> {
        self.uses().rev().find(|redemption| redemption.used.kind == UseKind::Entry)
    }
}

fn entries_of(used: &Use) -> u32 {
    match used.kind {
        UseKind::Entry => u32::from(used.count),
        UseKind::Exit => 0,
    }
}

/// Where and when a right was last used, as verdicts show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastUse {
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// When.
    pub at: TimeInterval,
}

impl From<&Use> for LastUse {
    fn from(used: &Use) -> Self {
        Self { gate: used.gate, device: used.device, at: used.at }
    }
}

impl From<&AskedAt> for LastUse {
    fn from(asked: &AskedAt) -> Self {
        Self { gate: asked.gate, device: asked.device, at: asked.at }
    }
}

impl AskedAt {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u32(self.device.0).u16(self.gate.0).u32(self.operator.0);
        self.at.write(writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            device: DeviceId(reader.u32()?),
            gate: GateId(reader.u16()?),
            operator: OperatorId(reader.u32()?),
            at: TimeInterval::read(reader)?,
        })
    }
}
