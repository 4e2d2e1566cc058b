//! Enrolment: before there is a session, and a link to keep.

use core::time::Duration;
use kaisatsu_shared::{
    key::DevicePublic,
    sync::{EnrolAnswer, EnrolRequest},
};

use super::{Client, Failure};

/// How long an enrolment may take.
const ENROL_LIMIT: Duration = Duration::from_secs(15);

/// Trades a code for a credential.
///
/// # Errors
/// [`Failure`] with what the server says, or that it can't be reached.
pub(crate) async fn enrol(
    server: &str,
    code: String,
    public: DevicePublic,
) -> Result<EnrolAnswer, Failure> {
    let client = Client::new(server).map_err(|error| Failure::Unreadable(error.to_string()))?;
    client.post("device/enrol", None, &EnrolRequest { code, public }, ENROL_LIMIT).await
}
