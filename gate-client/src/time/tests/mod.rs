//! The timekeeper: tables, attacks, and histories against a simulated true time.

mod attacks;
mod crowd;
mod histories;
mod keeping;
mod sleep;
mod words;

use kaisatsu_shared::{
    id::{DeviceId, EventId, InstallationId, TimeNonce},
    key::RootKey,
    sync::{SignedTime, TimeDocument, TimeRequest},
    time::UnixMillis,
};

use super::{Floor, Reading, SystemTrust, Timekeeper, Who};

const INSTALLATION: InstallationId = InstallationId([1; 16]);
const EVENT: EventId = EventId(2);
const DEVICE: DeviceId = DeviceId(3);
/// Some moment in 2026.
const NOW: u64 = 1_790_000_000_000;
const DAY: u64 = 24 * 3_600_000;

fn root() -> RootKey {
    RootKey::from_seed([4; 32])
}

fn who() -> Who {
    Who { installation: INSTALLATION, root: root().public(), event: EVENT, device: DEVICE }
}

fn read(monotonic: u64, system: u64) -> Reading {
    Reading { monotonic, system: UnixMillis(system) }
}

fn start(trust: SystemTrust, floor: u64, system: u64) -> Timekeeper {
    let floor = Floor { at: UnixMillis(floor), ..Floor::default() };
    Timekeeper::start(who(), trust, floor, read(0, system))
}

fn document(request: TimeRequest, at: u64, version: u64) -> TimeDocument {
    TimeDocument {
        installation: INSTALLATION,
        event: EVENT,
        device: request.device,
        nonce: request.nonce,
        at: UnixMillis(at),
        version,
    }
}

fn sign(document: &TimeDocument) -> SignedTime {
    SignedTime::sign(document, &root()).unwrap()
}

/// Asks at one reading and gets the server's answer at another.
fn told(
    keeper: &mut Timekeeper,
    (asked, received): (u64, u64),
    at: u64,
    version: u64,
) -> Result<super::Taken, super::Refused> {
    let request = keeper.ask(TimeNonce([7; 16]), asked);
    keeper.answer(&sign(&document(request, at, version)), received)
}
