//! Conflicts as they are shown.

use kaisatsu_shared::{
    id::{DeviceId, GateId, OperatorId, Serial},
    ledger::{Answer, AskedAt, Conflict, Redemption},
    right::{Authority, UseKind},
    time::TimeInterval,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Uses of one ticket that together exceed what it allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConflictShown {
    /// The ticket.
    pub serial: Serial,
    /// Admissions it allows.
    pub allowed: u8,
    /// All its uses, in the order recorded.
    pub uses: Vec<UseShown>,
    /// What staff said of interrupted uses, in the order recorded.
    pub answers: Vec<AnswerShown>,
}

/// What staff said of an interrupted use.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerShown {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The device that was interrupted.
    pub of_device: DeviceId,
    /// The number of its journal entry.
    pub of_number: u64,
    /// Whether the guest had been let in before; if not, they were let in then.
    pub let_in: bool,
    /// Who was asked, where and when.
    #[serde(flatten)]
    pub by: AskedAt,
}

impl From<&Answer> for AnswerShown {
    fn from(answer: &Answer) -> Self {
        let (of_device, of_number) = answer.light;
        let Answer { sequence, let_in, by, .. } = *answer;
        Self { sequence, of_device, of_number, let_in, by }
    }
}

/// One recorded use.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseShown {
    /// The ledger entry that recorded it.
    pub sequence: u64,
    /// The number of the device's journal entry.
    pub number: u64,
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// Who stood there; 0 where nobody signed in.
    pub operator: OperatorId,
    /// In or out.
    pub kind: UseKind,
    /// How many persons.
    pub count: u8,
    /// When, by the device's clock.
    pub at: TimeInterval,
    /// Who decided.
    pub authority: Authority,
}

impl From<&Redemption> for UseShown {
    fn from(redemption: &Redemption) -> Self {
        let used = &redemption.used;
        Self {
            sequence: redemption.sequence,
            number: redemption.number,
            gate: used.gate,
            device: used.device,
            operator: used.operator,
            kind: used.kind,
            count: used.count,
            at: used.at,
            authority: used.authority,
        }
    }
}

impl From<Conflict> for ConflictShown {
    fn from(conflict: Conflict) -> Self {
        let uses = conflict.redemptions.iter().map(UseShown::from).collect();
        let answers = conflict.answers.iter().map(AnswerShown::from).collect();
        Self { serial: conflict.serial, allowed: conflict.allowed, uses, answers }
    }
}
