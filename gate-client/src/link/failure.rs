//! Why a request brought nothing. Silence is a matter of the link; a refusal never is.

use kaisatsu_shared::api::Problem;

/// Codes by which a server refuses the gate itself, whatever it asks for.
const REFUSING: [&str; 8] = [
    "protocol_unsupported",
    "protocol_malformed",
    "device_revoked",
    "device_unknown",
    "credential_foreign",
    "credential_mismatch",
    "event_mismatch",
    "event_unknown",
];

/// The code by which a server that works slows a gate down.
const TOO_OFTEN: &str = "search_too_often";

/// A request without its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody answered, or somebody else than a Kaisatsu server that works.
    #[error("no answer: {0}")]
    Silence(String),
    /// The server refused the request.
    #[error("{} ({})", .0.title, .0.code)]
    Problem(Problem),
    /// The answer isn't one that this version understands.
    #[error("the server's answer can't be read: {0}")]
    Unreadable(String),
}

impl Failure {
    /// Nothing came in time.
    pub(crate) fn silence() -> Self {
        Self::Silence("it took too long".to_owned())
    }

    /// Judges an answer that isn't a success: a refusal is one of ours, anything else (a portal's
    /// page, a proxy without a server behind it, a server that fails) counts as silence.
    pub(super) fn of_answer(status: u16, content_type: &str, body: &[u8]) -> Self {
        let busy = matches!(status, 408 | 429) || status >= 500;
        if status >= 400
            && content_type.starts_with("application/problem+json")
            && let Ok(problem) = serde_json::from_slice::<Problem>(body)
            && (!busy || problem.code == TOO_OFTEN)
        {
            return Self::Problem(problem);
        }
        Self::Silence(format!("status {status}, {content_type}"))
    }

    /// Whether the link is to blame.
    pub(crate) const fn is_silence(&self) -> bool {
        matches!(self, Self::Silence(_))
    }

    /// Whether the session must be begun anew.
    pub(super) fn wants_session(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.status == 401 && !self.refuses_gate())
    }

    /// Whether the server refuses the gate itself.
    pub(super) fn refuses_gate(&self) -> bool {
        self.code().is_some_and(|code| REFUSING.contains(&code))
    }

    /// Whether the server revoked this device.
    pub(super) fn revokes(&self) -> bool {
        self.code() == Some("device_revoked")
    }

    /// The server's code.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }
}
