//! One ledger entry as one JSON object.

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, GateId, Generation, InstallationId, LeaseId, Serial, TypeId},
    lease::Serials,
    ledger::{
        AskedAt, BlockReason, Cursor, LedgerBody, LedgerEntry, Receipt, ReissueReason, VoidReason,
    },
    place::Place,
    reason::ReasonCode,
    right::{OverrideReason, Use},
    time::TimeInterval,
    token::Fingerprint,
    validity::Validity,
};
use serde::Serialize;

use crate::store::StoreError;

#[derive(Serialize)]
struct Line<'a> {
    sequence: u64,
    epoch: Epoch,
    at: TimeInterval,
    #[serde(flatten)]
    body: Body<'a>,
    #[serde(serialize_with = "hex::serde::serialize")]
    previous: [u8; 32],
    #[serde(serialize_with = "hex::serde::serialize")]
    hash: [u8; 32],
    #[serde(serialize_with = "hex::serde::serialize")]
    bytes: &'a [u8],
}

/// Names and fields as [`LedgerBody`] has them.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Body<'a> {
    Issued {
        first: Serial,
        ticket_type: TypeId,
        entries: u8,
        fingerprints: &'a [Fingerprint],
        /// Those of them that are unpaid.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unpaid: Vec<Serial>,
    },
    Reissued {
        serial: Serial,
        generation: Generation,
        fingerprint: Fingerprint,
        reason: ReissueReason,
    },
    Blocked {
        serial: Serial,
        reason: BlockReason,
    },
    Unblocked {
        serial: Serial,
    },
    Payment {
        serial: Serial,
        paid: bool,
    },
    Renewed {
        first: Serial,
        count: u16,
        validity: Validity,
    },
    Voided {
        serial: Serial,
        reason: VoidReason,
    },
    Granted {
        #[serde(rename = "use")]
        used: &'a Use,
    },
    Abandoned {
        serial: Serial,
        claim: ClaimKey,
        device: DeviceId,
    },
    Redeemed {
        #[serde(rename = "use")]
        used: &'a Use,
        number: u64,
        by_hand: bool,
    },
    Interrupted {
        serial: Serial,
        device: DeviceId,
        number: u64,
    },
    Answered {
        serial: Serial,
        device: DeviceId,
        number: u64,
        let_in: bool,
        by: &'a AskedAt,
    },
    Overridden {
        serial: Serial,
        count: u8,
        code: ReasonCode,
        reason: OverrideReason,
        number: u64,
        by: &'a AskedAt,
    },
    Annulled {
        serial: Serial,
        device: DeviceId,
        number: u64,
        by: &'a AskedAt,
    },
    Leased {
        lease: LeaseId,
        device: DeviceId,
        gate: GateId,
        serials: Serials,
    },
    Recalled {
        lease: LeaseId,
        serials: Serials,
    },
    Transferred {
        lease: LeaseId,
        serials: Serials,
        number: u64,
    },
    ShareLeased {
        lease: LeaseId,
        device: DeviceId,
        gate: GateId,
        place: Place,
        persons: u32,
    },
    ShareRecalled {
        lease: LeaseId,
        persons: u32,
    },
    ShareTransferred {
        lease: LeaseId,
        persons: u32,
        number: u64,
    },
    HandedOn {
        lease: LeaseId,
        serials: Serials,
        from: DeviceId,
        to: DeviceId,
        gate: GateId,
        number: u64,
    },
    Received(Receipt),
    Restored,
    RollbackFound {
        lost: Cursor,
    },
    Recovered {
        until: Cursor,
        restated: u32,
        unfit: u32,
    },
    Settled {
        first_free: Serial,
    },
    ConflictFound {
        serial: Serial,
        redemptions: &'a [u64],
    },
}

impl<'a> From<&'a LedgerBody> for Body<'a> {
    fn from(body: &'a LedgerBody) -> Self {
        match body {
            LedgerBody::Issued { first, ticket_type, entries, fingerprints, unpaid } => {
                Self::Issued {
                    first: *first,
                    ticket_type: *ticket_type,
                    entries: *entries,
                    fingerprints,
                    unpaid: unpaid.serials(*first).collect(),
                }
            }
            LedgerBody::Reissued(ticket) => Self::Reissued {
                serial: ticket.serial,
                generation: ticket.generation,
                fingerprint: ticket.fingerprint,
                reason: ticket.reason,
            },
            LedgerBody::Blocked { serial, reason } => {
                Self::Blocked { serial: *serial, reason: *reason }
            }
            LedgerBody::Unblocked { serial } => Self::Unblocked { serial: *serial },
            LedgerBody::Payment { serial, paid } => Self::Payment { serial: *serial, paid: *paid },
            LedgerBody::Renewed { first, count, validity } => {
                Self::Renewed { first: *first, count: *count, validity: *validity }
            }
            LedgerBody::Voided { serial, reason } => {
                Self::Voided { serial: *serial, reason: *reason }
            }
            LedgerBody::Granted(used) => Self::Granted { used },
            LedgerBody::Abandoned { serial, claim, device } => {
                Self::Abandoned { serial: *serial, claim: *claim, device: *device }
            }
            LedgerBody::Redeemed { used, number, by_hand } => {
                Self::Redeemed { used, number: *number, by_hand: *by_hand }
            }
            LedgerBody::Interrupted { serial, device, number } => {
                Self::Interrupted { serial: *serial, device: *device, number: *number }
            }
            LedgerBody::Answered { serial, device, number, let_in, by } => Self::Answered {
                serial: *serial,
                device: *device,
                number: *number,
                let_in: *let_in,
                by,
            },
            LedgerBody::Overridden { serial, count, code, reason, number, by } => {
                Self::Overridden {
                    serial: *serial,
                    count: *count,
                    code: *code,
                    reason: *reason,
                    number: *number,
                    by,
                }
            }
            LedgerBody::Annulled { serial, device, number, by } => {
                Self::Annulled { serial: *serial, device: *device, number: *number, by }
            }
            LedgerBody::Leased { lease, device, gate, serials } => {
                Self::Leased { lease: *lease, device: *device, gate: *gate, serials: *serials }
            }
            LedgerBody::Recalled { lease, serials } => {
                Self::Recalled { lease: *lease, serials: *serials }
            }
            LedgerBody::Transferred { lease, serials, number } => {
                Self::Transferred { lease: *lease, serials: *serials, number: *number }
            }
            LedgerBody::ShareLeased { lease, device, gate, place, persons } => Self::ShareLeased {
                lease: *lease,
                device: *device,
                gate: *gate,
                place: *place,
                persons: *persons,
            },
            LedgerBody::ShareRecalled { lease, persons } => {
                Self::ShareRecalled { lease: *lease, persons: *persons }
            }
            LedgerBody::ShareTransferred { lease, persons, number } => {
                Self::ShareTransferred { lease: *lease, persons: *persons, number: *number }
            }
            LedgerBody::HandedOn { lease, serials, from, to, gate, number } => Self::HandedOn {
                lease: *lease,
                serials: *serials,
                from: *from,
                to: *to,
                gate: *gate,
                number: *number,
            },
            LedgerBody::Received(receipt) => Self::Received(*receipt),
            LedgerBody::Restored => Self::Restored,
            LedgerBody::RollbackFound { lost } => Self::RollbackFound { lost: *lost },
            LedgerBody::Recovered { until, restated, unfit } => {
                Self::Recovered { until: *until, restated: *restated, unfit: *unfit }
            }
            LedgerBody::Settled { first_free } => Self::Settled { first_free: *first_free },
            LedgerBody::ConflictFound { serial, redemptions } => {
                Self::ConflictFound { serial: *serial, redemptions }
            }
        }
    }
}

/// Writes an entry, given as its canonical bytes, and a line break.
///
/// # Errors
/// [`StoreError::LedgerBroken`] if the bytes aren't an entry.
pub fn ledger_line(
    bytes: &[u8],
    installation: InstallationId,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    let entry =
        LedgerEntry::decode(bytes).map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
    let line = Line {
        sequence: entry.sequence,
        epoch: entry.epoch,
        at: entry.at,
        body: Body::from(&entry.body),
        previous: entry.previous,
        hash: Cursor::hash_of(installation, bytes),
        bytes,
    };
    super::line(&line, out)
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{id::EventId, time::UnixMillis};

    use super::*;

    #[test]
    fn a_line_names_the_kind_and_proves_itself() {
        let installation = InstallationId([1; 16]);
        let body = LedgerBody::Voided { serial: Serial(7), reason: VoidReason::Lost };
        let entry = LedgerEntry {
            event: EventId(1),
            epoch: Epoch(0),
            sequence: 3,
            previous: [2; 32],
            at: TimeInterval::exact(UnixMillis(1)),
            body,
        };
        let bytes = entry.encode();
        let mut out = Vec::new();
        ledger_line(&bytes, installation, &mut out).unwrap();
        assert_eq!(out.last(), Some(&b'\n'));
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["kind"], entry.body.name());
        assert_eq!((&value["serial"], &value["reason"]), (&7.into(), &"lost".into()));
        assert_eq!(value["bytes"], hex::encode(&bytes));
        assert_eq!(value["hash"], hex::encode(Cursor::hash_of(installation, &bytes)));
        let broken = ledger_line(&bytes[1..], installation, &mut out).unwrap_err();
        assert_eq!(broken.code(), "ledger_broken");
    }
}
