//! One journal entry as one JSON object.

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, GateId, InstallationId, LeaseId, OperatorId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, UseKind},
    time::{TimeInterval, UnixMillis},
};
use serde::Serialize;

use crate::store::StoreError;

#[derive(Serialize)]
struct Line<'a> {
    device: DeviceId,
    gate: GateId,
    operator: OperatorId,
    epoch: Epoch,
    number: u64,
    at: TimeInterval,
    #[serde(flatten)]
    body: Body,
    #[serde(serialize_with = "hex::serde::serialize")]
    previous: [u8; 32],
    #[serde(serialize_with = "hex::serde::serialize")]
    hash: [u8; 32],
    #[serde(serialize_with = "hex::serde::serialize")]
    bytes: &'a [u8],
}

/// Names and fields as [`JournalBody`] has them; `of` is the number of another entry.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body {
    Redeemed {
        right: RightRef,
        #[serde(rename = "use")]
        used: UseKind,
        count: u8,
        claim: ClaimKey,
        authority: Authority,
        by_hand: bool,
    },
    Shown {
        of: u64,
    },
    Refused {
        code: ReasonCode,
        right: Option<RightRef>,
    },
    Interrupted {
        of: u64,
        right: RightRef,
    },
    Answered {
        of_device: DeviceId,
        of: u64,
        right: RightRef,
        let_in: bool,
    },
    Abandoned {
        claim: ClaimKey,
        right: RightRef,
    },
    Checked {
        right: RightRef,
        identity: Option<bool>,
        choice: Option<u8>,
    },
    Overridden {
        right: RightRef,
        count: u8,
        code: ReasonCode,
        reason: OverrideReason,
    },
    Annulled {
        of_device: DeviceId,
        of: u64,
        right: RightRef,
    },
    Transferred {
        lease: LeaseId,
        serials: Serials,
        to: Recipient,
    },
    ShareTransferred {
        lease: LeaseId,
        persons: u32,
        to: Recipient,
    },
    Granted {
        to_device: DeviceId,
        at_gate: GateId,
        right: RightRef,
        #[serde(rename = "use")]
        used: UseKind,
        count: u8,
        claim: ClaimKey,
    },
    GaveUp {
        of_device: DeviceId,
        claim: ClaimKey,
        right: RightRef,
    },
    Received {
        lease: LeaseId,
        serial: Serial,
        from_device: DeviceId,
        of: u64,
    },
    Recounted {
        of_device: DeviceId,
        at_gate: GateId,
        of: u64,
        right: RightRef,
        #[serde(rename = "use")]
        used: UseKind,
        count: u8,
        claim: ClaimKey,
        used_at: TimeInterval,
    },
    SignedIn,
    SignedOut,
    PinRefused {
        #[serde(rename = "as")]
        operator: OperatorId,
    },
    TimeSet {
        to: UnixMillis,
    },
}

impl From<JournalBody> for Body {
    fn from(body: JournalBody) -> Self {
        match body {
            JournalBody::Redeemed { right, kind, count, claim, authority, by_hand } => {
                Self::Redeemed { right, used: kind, count, claim, authority, by_hand }
            }
            JournalBody::Shown { number } => Self::Shown { of: number },
            JournalBody::Refused { code, right } => Self::Refused { code, right },
            JournalBody::Interrupted { number, right } => Self::Interrupted { of: number, right },
            JournalBody::Answered { device, number, right, let_in } => {
                Self::Answered { of_device: device, of: number, right, let_in }
            }
            JournalBody::Abandoned { claim, right } => Self::Abandoned { claim, right },
            JournalBody::Checked { right, identity, choice } => {
                Self::Checked { right, identity, choice }
            }
            JournalBody::Overridden { right, count, code, reason } => {
                Self::Overridden { right, count, code, reason }
            }
            JournalBody::Annulled { device, number, right } => {
                Self::Annulled { of_device: device, of: number, right }
            }
            JournalBody::Transferred { lease, serials, to } => {
                Self::Transferred { lease, serials, to }
            }
            JournalBody::ShareTransferred { lease, persons, to } => {
                Self::ShareTransferred { lease, persons, to }
            }
            JournalBody::Granted { device, gate, right, kind, count, claim } => {
                Self::Granted { to_device: device, at_gate: gate, right, used: kind, count, claim }
            }
            JournalBody::GaveUp { device, claim, right } => {
                Self::GaveUp { of_device: device, claim, right }
            }
            JournalBody::Received { lease, serial, from, number } => {
                Self::Received { lease, serial, from_device: from, of: number }
            }
            JournalBody::Recounted { device, gate, number, right, kind, count, claim, at } => {
                Self::Recounted {
                    of_device: device,
                    at_gate: gate,
                    of: number,
                    right,
                    used: kind,
                    count,
                    claim,
                    used_at: at,
                }
            }
            JournalBody::SignedIn => Self::SignedIn,
            JournalBody::SignedOut => Self::SignedOut,
            JournalBody::PinRefused { operator } => Self::PinRefused { operator },
            JournalBody::TimeSet { at } => Self::TimeSet { to: at },
        }
    }
}

/// Writes an entry, given as its canonical bytes, and a line break.
///
/// # Errors
/// [`StoreError::JournalBroken`] if the bytes aren't an entry.
pub fn journal_line(
    bytes: &[u8],
    installation: InstallationId,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    let entry = JournalEntry::decode(bytes)
        .map_err(|error| StoreError::JournalBroken(error.to_string()))?;
    let line = Line {
        device: entry.device,
        gate: entry.gate,
        operator: entry.operator,
        epoch: entry.epoch,
        number: entry.number,
        at: entry.at,
        body: entry.body.into(),
        previous: entry.previous,
        hash: JournalEntry::head_of(installation, entry.number, bytes).hash,
        bytes,
    };
    super::line(&line, out)
}
