//! What is known to be missing at the end of a journal, as one JSON object after its entries.

use kaisatsu_shared::{
    id::{DeviceId, GateId},
    time::UnixMillis,
};
use serde::Serialize;

use crate::store::{
    StoreError,
    types::{DeviceInfo, Undelivered, WriteOffReason},
};

#[derive(Serialize)]
struct Line<'a> {
    device: DeviceId,
    gate: GateId,
    kind: &'static str,
    #[serde(flatten)]
    missing: &'a Undelivered,
    #[serde(skip_serializing_if = "Option::is_none")]
    written_off_at: Option<UnixMillis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_off_reason: Option<WriteOffReason>,
}

/// Writes what is missing of a device's journal, and a line break.
///
/// # Errors
/// [`StoreError`] if it can't be written as JSON.
pub fn undelivered_line(
    device: &DeviceInfo,
    missing: &Undelivered,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    let line = Line {
        device: device.device,
        gate: device.gate,
        kind: if device.written_off_at.is_some() { "lost" } else { "undelivered" },
        missing,
        written_off_at: device.written_off_at,
        write_off_reason: device.write_off_reason,
    };
    super::line(&line, out)
}
