//! Enrolment: before there is a session, and a link to keep.

use core::time::Duration;
use kaisatsu_shared::{
    bundle::Credential,
    key::DevicePublic,
    sync::{EnrolAnswer, EnrolRequest},
};

#[cfg(not(feature = "native"))]
use super::Notice;
use super::{AddressError, Client, Failure, base_url};
use crate::store::Enrolment;

/// How long an enrolment may take.
const ENROL_LIMIT: Duration = Duration::from_secs(15);

/// Why nothing came of it, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolError {
    /// Not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Nobody answered there.
    #[error(
        "{0} doesn't answer ({1}): check the address, that the server runs and that this device is on its network, then enrol again"
    )]
    Silence(String, String),
    /// The server refused, in its own words.
    #[error("{0}")]
    Refused(Failure),
    /// Nobody here understands the answer.
    #[error("{0}: update the gate")]
    Unreadable(Failure),
    /// Another's key signed the answer.
    #[error("the server's answer isn't signed by its own key: check the address")]
    Unsigned,
    /// The answer names another device.
    #[error("the server's answer is for another device: check the address and ask for a new code")]
    OtherDevice,
}

/// Trades a code for a credential.
///
/// # Errors
/// [`EnrolError`].
pub(crate) async fn enrol(
    server: &str,
    code: &str,
    public: DevicePublic,
) -> Result<(Enrolment, Credential), EnrolError> {
    let address = base_url(server)?;
    let client = Client::new(address.as_str())?;
    let request = EnrolRequest { code: code.trim().to_owned(), public };
    let asked = client.post::<_, EnrolAnswer>("device/enrol", None, &request, ENROL_LIMIT);
    let answer = asked.await.map_err(|failure| match failure {
        Failure::Silence(ref why) => EnrolError::Silence(address.to_string(), why.clone()),
        Failure::Problem(_) => EnrolError::Refused(failure),
        Failure::Unreadable(_) => EnrolError::Unreadable(failure),
    })?;
    let enrolment = Enrolment {
        server: address.as_str().to_owned(),
        installation: answer.installation,
        root: answer.root,
        credential: answer.credential,
    };
    let credential = enrolment.open().ok_or(EnrolError::Unsigned)?;
    if credential.public != public || credential.installation != answer.installation {
        return Err(EnrolError::OtherDevice);
    }
    Ok((enrolment, credential))
}

/// For staff in front of a page.
#[cfg(not(feature = "native"))]
impl EnrolError {
    pub(crate) fn notice(&self) -> Notice {
        let check = "サーバーの返事を確かめられません。係を呼んでください";
        match self {
            Self::Refused(failure) | Self::Unreadable(failure) => Notice::refused(failure),
            Self::Silence(..) => Notice::new(
                "enrol_silence",
                "サーバーにつながりません。ネットワークを確かめて、もう一度登録してください",
                "The server doesn't answer. Check the network, then enrol again",
            ),
            Self::Address(_) => Notice::new("enrol_address", check, self.to_string()),
            Self::Unsigned => Notice::new("enrol_unsigned", check, self.to_string()),
            Self::OtherDevice => Notice::new("enrol_other_device", check, self.to_string()),
        }
    }
}
