//! What devices say of rights that another device gave them, where that one's journal isn't here as far as
//! that. It changes nobody's rights; once the giver's journal is here, everything falls into place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, LeaseId, Serial},
    lease::{Recipient, Serials},
    wire::{Reader, WireError, Writer},
};

/// A device's word that it received a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The lease.
    pub lease: LeaseId,
    /// The ticket.
    pub serial: Serial,
    /// Who says so.
    pub device: DeviceId,
    /// Who gave it, by that word.
    pub from: DeviceId,
    /// The number of the giver's journal entry.
    pub number: u64,
    /// What became of it.
    pub then: AfterReceipt,
}

/// What became of a right after a device said that it received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AfterReceipt {
    /// Nothing yet.
    Held,
    /// The device gave it to somebody else.
    Gave {
        /// To whom.
        to: Recipient,
        /// The number of its journal entry.
        number: u64,
    },
    /// The giver's journal is here, and says nothing of the kind: the device never had it.
    Unfounded,
}

impl Receipt {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u32(self.lease.0).u32(self.serial.0).u32(self.device.0).u32(self.from.0);
        writer.u64(self.number);
        match self.then {
            AfterReceipt::Held => {
                writer.u8(0);
            }
            AfterReceipt::Gave { to, number } => {
                writer.u8(1);
                to.write(writer);
                writer.u64(number);
            }
            AfterReceipt::Unfounded => {
                writer.u8(2);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            lease: LeaseId(reader.u32()?),
            serial: Serial(reader.u32()?),
            device: DeviceId(reader.u32()?),
            from: DeviceId(reader.u32()?),
            number: reader.u64()?,
            then: match reader.u8()? {
                0 => AfterReceipt::Held,
                1 => {
                    let to = Recipient::read(reader)?;
                    AfterReceipt::Gave { to, number: reader.u64()? }
                }
                2 => AfterReceipt::Unfounded,
                _ => return Err(WireError::Unknown("what became of a receipt")),
            },
        })
    }
}

/// Receipts that wait for their giver's journal, and the transfers that were taken so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receipts {
    /// The newest of a device on a ticket.
    waiting: BTreeMap<(Serial, DeviceId), Receipt>,
    /// The same by giver and number.
    by_giver: BTreeSet<(DeviceId, u64, Serial, DeviceId)>,
    /// Journal entries by which rights were handed on: device and number.
    handed: BTreeSet<(DeviceId, u64)>,
}

impl Receipts {
    pub(super) fn get(&self, serial: Serial, device: DeviceId) -> Option<&Receipt> {
        self.waiting.get(&(serial, device))
    }

    /// Those on tickets among `serials`.
    pub(super) fn among(&self, serials: Serials) -> impl Iterator<Item = &Receipt> {
        let (first, last) = (serials.first(), serials.last());
        let there = self.waiting.range((first, DeviceId(0))..=(last, DeviceId(u32::MAX)));
        there.map(|(_, receipt)| receipt)
    }

    /// Those that name this entry of a giver.
    pub(super) fn naming(&self, from: DeviceId, number: u64) -> impl Iterator<Item = &Receipt> {
        let first = (from, number, Serial(0), DeviceId(0));
        let last = (from, number, Serial(u32::MAX), DeviceId(u32::MAX));
        let named = self.by_giver.range(first..=last);
        named.filter_map(|(_, _, serial, device)| self.get(*serial, *device))
    }

    pub(super) fn was_handed(&self, from: DeviceId, number: u64) -> bool {
        self.handed.contains(&(from, number))
    }

    pub(super) fn note(&mut self, receipt: Receipt) {
        let Receipt { serial, device, from, number, then, .. } = receipt;
        self.forget(serial, device);
        if then != AfterReceipt::Unfounded {
            self.waiting.insert((serial, device), receipt);
            self.by_giver.insert((from, number, serial, device));
        }
    }

    /// Rights were handed to `device` by this entry: what it said of them is settled.
    pub(super) fn settle(&mut self, serials: Serials, device: DeviceId, by: (DeviceId, u64)) {
        self.handed.insert(by);
        let settled = self.among(serials).filter(|receipt| receipt.device == device);
        let settled: Vec<_> = settled.map(|receipt| receipt.serial).collect();
        settled.into_iter().for_each(|serial| self.forget(serial, device));
    }

    fn forget(&mut self, serial: Serial, device: DeviceId) {
        if let Some(known) = self.waiting.remove(&(serial, device)) {
            self.by_giver.remove(&(known.from, known.number, serial, device));
        }
    }
}
