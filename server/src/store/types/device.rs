//! Gate clients.

use kaisatsu_shared::{
    bundle::{SignedCredential, SignedRevocation},
    id::{DeviceId, Epoch, EventId, GateId, OrganisationId},
    journal::{JournalHead, SignedReceipt},
    key::DevicePublic,
    sync::EnrolAnswer,
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Undelivered, WriteOffReason};

/// What a device is for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// Staff stand at it: where the event's rules allow it they look tickets up and let guests in by hand.
    #[default]
    Staffed,
    /// It only scans: nobody looks tickets up at it or lets guests in by hand.
    Scanner,
}

/// A device that will enrol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnnounceDevice {
    /// The event it will serve.
    pub event: EventId,
    /// The gate it will stand at.
    pub gate: GateId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub role: DeviceRole,
    /// How long the code works, in milliseconds, from a minute to 30 days; 15 minutes where it is
    /// absent.
    #[serde(default)]
    pub code_lasts: Option<u64>,
}

/// An announced device's one-time code. It is shown once and can't be asked for again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnnouncedDevice {
    /// The device's number.
    pub device: DeviceId,
    /// The code: 16 characters of Crockford's Base32 in groups of four.
    pub code: String,
    /// When it stops working.
    pub expires_at: UnixMillis,
}

impl core::fmt::Debug for AnnouncedDevice {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AnnouncedDevice").field("device", &self.device).finish_non_exhaustive()
    }
}

/// What an enrolment gives: the answer, and which device it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// The device.
    pub device: DeviceId,
    /// The answer to send.
    pub answer: EnrolAnswer,
}

/// Where a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Its code was made and not used yet.
    Announced,
    /// It works.
    Enrolled,
    /// The server had no record of it; its credential is genuine.
    Found,
    /// It may only deliver its journal.
    Revoked,
}

/// A device as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceInfo {
    /// The device.
    pub device: DeviceId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The event it serves.
    pub event: EventId,
    /// The gate it stands at.
    pub gate: GateId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub role: DeviceRole,
    /// Where it stands.
    pub state: DeviceState,
    /// Its public key, once it has one.
    #[schema(value_type = Option<String>)]
    pub public: Option<DevicePublic>,
    /// When it was announced.
    pub announced_at: UnixMillis,
    /// When it enrolled.
    pub enrolled_at: Option<UnixMillis>,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
    /// When an admin wrote it off: it is lost for good, with what it may have written.
    pub written_off_at: Option<UnixMillis>,
    /// Why.
    pub write_off_reason: Option<WriteOffReason>,
    /// When the server last heard from it; exact to ten seconds.
    pub last_seen: Option<UnixMillis>,
    /// The last journal entry that the server has.
    pub journal: JournalHead,
    /// Entries that it is known to have written and the server doesn't have; lost, if it was written off.
    pub undelivered: Option<Undelivered>,
    /// The epoch in which it last said that it has delivered everything.
    #[serde(skip)]
    pub offered_epoch: Epoch,
}

/// What a device's session is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSession {
    /// The device.
    pub device: DeviceId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The event it serves.
    pub event: EventId,
    /// The gate it stands at.
    pub gate: GateId,
    /// Whether it was revoked: it may then only deliver its journal.
    pub revoked: bool,
    /// The last journal entry that the server has.
    pub journal: JournalHead,
    /// Of a revoked one: the root key's word for it.
    pub revocation: Option<SignedRevocation>,
    /// Of a revoked one: the root key's word that the server has its journal up to there.
    pub receipt: Option<SignedReceipt>,
    /// The credential that opened the session.
    pub credential: SignedCredential,
}
