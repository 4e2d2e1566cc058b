//! The time of day, signed: `POST /api/v1/device/time`. The answer echoes the question's nonce, so
//! that it was made after the question was sent and can't be shown again later.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::{DeviceId, EventId, InstallationId, TimeNonce},
    key::{RootKey, RootPublic, Signature64},
    time::UnixMillis,
};

/// A device asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeRequest {
    /// The device that asks.
    pub device: DeviceId,
    /// 16 fresh random bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nonce: TimeNonce,
}

/// What the server says of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeDocument {
    /// The installation.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub installation: InstallationId,
    /// The event the device serves.
    pub event: EventId,
    /// The device that asked.
    pub device: DeviceId,
    /// Its nonce.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nonce: TimeNonce,
    /// When the server answered, by its clock.
    pub at: UnixMillis,
    /// Rises when an admin declares that the server's clock had been wrong: what it said under a
    /// lower version is then taken back.
    pub version: u64,
}

/// A [`TimeDocument`] as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedTime {
    /// The document, as JSON text.
    pub document: String,
    /// The root key's Ed25519 signature over the document.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

/// What an answer must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeQuestion {
    /// The installation.
    pub installation: InstallationId,
    /// The event.
    pub event: EventId,
    /// What was sent.
    pub request: TimeRequest,
}

/// Why an answer says nothing of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The root key didn't sign it.
    #[error(
        "the time isn't signed by this installation: tell the admin, somebody may be between this gate and its server"
    )]
    Signature,
    /// It is signed, but this program doesn't understand it.
    #[error("the signed time can't be read by this program: update the gate")]
    Malformed,
    /// It was made for another installation, event or device.
    #[error(
        "the time was signed for another device: tell the admin, somebody may be between this gate and its server"
    )]
    OtherDevice,
    /// It answers another question.
    #[error(
        "the time answers another question than this gate's newest; it will ask again by itself"
    )]
    OtherQuestion,
}

impl TimeError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Signature => "time_signature",
            Self::Malformed => "time_malformed",
            Self::OtherDevice => "time_other_device",
            Self::OtherQuestion => "time_other_question",
        }
    }
}

impl SignedTime {
    /// Signs `document` with the installation's root key.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn sign(document: &TimeDocument, root: &RootKey) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(document)?;
        let domain = Domain::new(Kind::Time, document.installation);
        let signature = root.sign(domain, text.as_bytes());
        Ok(Self { document: text, signature })
    }

    /// The document, if the root key signed it as the answer to `question`.
    ///
    /// # Errors
    /// [`TimeError`]; the answer then says nothing.
    pub fn open(
        &self,
        root: &RootPublic,
        question: &TimeQuestion,
    ) -> Result<TimeDocument, TimeError> {
        let domain = Domain::new(Kind::Time, question.installation);
        root.verify(domain, self.document.as_bytes(), &self.signature)
            .map_err(|_| TimeError::Signature)?;
        let document: TimeDocument =
            serde_json::from_str(&self.document).map_err(|_| TimeError::Malformed)?;
        let TimeQuestion { installation, event, request } = *question;
        let for_whom = (document.installation, document.event, document.device);
        if for_whom != (installation, event, request.device) {
            return Err(TimeError::OtherDevice);
        }
        if document.nonce != request.nonce {
            return Err(TimeError::OtherQuestion);
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: TimeDocument = TimeDocument {
        installation: InstallationId([1; 16]),
        event: EventId(2),
        device: DeviceId(3),
        nonce: TimeNonce([4; 16]),
        at: UnixMillis(1_800_000_000_000),
        version: 0,
    };
    const QUESTION: TimeQuestion = TimeQuestion {
        installation: DOCUMENT.installation,
        event: DOCUMENT.event,
        request: TimeRequest { device: DOCUMENT.device, nonce: DOCUMENT.nonce },
    };

    fn root() -> RootKey {
        RootKey::from_seed([5; 32])
    }

    fn open(document: &TimeDocument) -> Result<TimeDocument, TimeError> {
        SignedTime::sign(document, &root()).unwrap().open(&root().public(), &QUESTION)
    }

    #[test]
    fn only_the_answer_to_the_own_question_opens() {
        assert_eq!(open(&DOCUMENT), Ok(DOCUMENT));
        let device = TimeDocument { device: DeviceId(9), ..DOCUMENT };
        assert_eq!(open(&device), Err(TimeError::OtherDevice));
        let event = TimeDocument { event: EventId(9), ..DOCUMENT };
        assert_eq!(open(&event), Err(TimeError::OtherDevice));
        let nonce = TimeDocument { nonce: TimeNonce([9; 16]), ..DOCUMENT };
        assert_eq!(open(&nonce), Err(TimeError::OtherQuestion));
        // Another installation's signature covers another prefix.
        let installation = TimeDocument { installation: InstallationId([9; 16]), ..DOCUMENT };
        assert_eq!(open(&installation), Err(TimeError::Signature));
    }

    #[test]
    fn forged_and_altered_answers_do_not_open() {
        let other = SignedTime::sign(&DOCUMENT, &RootKey::from_seed([6; 32])).unwrap();
        assert_eq!(other.open(&root().public(), &QUESTION), Err(TimeError::Signature));
        let mut later = SignedTime::sign(&DOCUMENT, &root()).unwrap();
        later.document = later.document.replace("1800000000000", "4070908800000");
        assert_eq!(later.open(&root().public(), &QUESTION), Err(TimeError::Signature));
        // Signed by the root key, but for another purpose.
        let text = serde_json::to_string(&DOCUMENT).unwrap();
        let domain = Domain::new(Kind::Bundle, DOCUMENT.installation);
        let signature = root().sign(domain, text.as_bytes());
        let bundle = SignedTime { document: text, signature };
        assert_eq!(bundle.open(&root().public(), &QUESTION), Err(TimeError::Signature));
        let domain = Domain::new(Kind::Time, DOCUMENT.installation);
        let signature = root().sign(domain, b"{}");
        let empty = SignedTime { document: "{}".into(), signature };
        assert_eq!(empty.open(&root().public(), &QUESTION), Err(TimeError::Malformed));
    }
}
