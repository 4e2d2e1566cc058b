//! A small event, a disk that can break, and a gate between them.

use kaisatsu_shared::{
    id::{DeviceId, EventId, InstallationId},
    time::{TimeInterval, UnixSeconds},
};

pub(super) use super::{event::Event, gate::Gate};

pub(super) const INSTALLATION: InstallationId = InstallationId([7; 16]);
pub(super) const EVENT: EventId = EventId(9);
pub(super) const HERE: DeviceId = DeviceId(1);
pub(super) const ELSEWHERE: DeviceId = DeviceId(2);
pub(super) const OPENING: u32 = 1_800_000_000;

pub(super) fn time(monotonic: u64) -> TimeInterval {
    TimeInterval::around(UnixSeconds(OPENING + 3_600).to_millis().plus(monotonic), 1_000)
}

/// What tickets admit: serials 0 and 1 once, serial 2 twice; serial 3 isn't issued at first.
pub(super) const ENTRIES: [u8; 4] = [1, 1, 2, 1];
