//! How good the gate's time is, for people and machines.

use kaisatsu_shared::reason::Language;
use serde::{Deserialize, Serialize};

/// Beyond this the time decides little: staff is told that it is unsure. In milliseconds.
const UNSURE: u64 = 5 * 60_000;

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockSource {
    /// The server signed it.
    Signed,
    /// A gate lead set it.
    Lead,
    /// The system's clock, which the operator trusts.
    System,
    /// Nothing: it is only known what is past.
    None,
}

/// What somebody should look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockWarning {
    /// The system's clock was behind an instant that is certainly past at the start, or is while
    /// nothing better is known.
    Rollback,
    /// The server's time is more than a day ahead of what is proven; an admin must look: `kaisatsu-server time
    /// correct` declares its clock right.
    NeedsConfirmation,
    /// Many tickets' clocks agree with each other and not with this gate's.
    CrowdDiffers,
    /// The system's clock, or an earlier signed time, differs from what the server says.
    FarFromServer,
}

/// How good the gate's time is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockHealth {
    /// Where it comes from.
    pub source: ClockSource,
    /// How far it may be off in either direction; nothing where that isn't known.
    pub uncertainty_ms: Option<u64>,
    /// What somebody should look into.
    pub warnings: Vec<ClockWarning>,
}

impl ClockHealth {
    /// The same with the uncertainty in whole tenths of a second, upwards: it grows all the time, and
    /// what shows it shouldn't change as often.
    #[must_use]
    pub fn coarse(self) -> Self {
        let tenths = |millis: u64| millis.div_ceil(100).saturating_mul(100);
        Self { uncertainty_ms: self.uncertainty_ms.map(tenths), ..self }
    }

    /// A few words for the status line.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        let ja = language == Language::Ja;
        if self.warnings.contains(&ClockWarning::NeedsConfirmation) {
            return if ja { "時計は係の確認待ち" } else { "Clock waits for an admin" }.to_owned();
        }
        let Some(millis) = self.uncertainty_ms.filter(|millis| *millis <= UNSURE) else {
            return if ja { "時計が不確か" } else { "Clock unsure" }.to_owned();
        };
        if self.warnings.contains(&ClockWarning::CrowdDiffers) {
            return if ja { "時計を確かめて" } else { "Check the clock" }.to_owned();
        }
        let tenths = millis.div_ceil(100);
        let (seconds, tenth) = (tenths / 10, tenths % 10);
        if ja {
            format!("時計 ±{seconds}.{tenth}秒")
        } else {
            format!("Clock ±{seconds}.{tenth} s")
        }
    }
}

impl ClockWarning {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rollback => "clock_rollback",
            Self::NeedsConfirmation => "clock_needs_confirmation",
            Self::CrowdDiffers => "clock_crowd_differs",
            Self::FarFromServer => "clock_far_from_server",
        }
    }

    /// What staff is told.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Rollback => (
                "端末の時計が過去の時刻を指しています。時刻を合わせてください",
                "This gate's clock shows a time that is past. Set it right",
            ),
            Self::NeedsConfirmation => (
                "サーバーの時刻が一日以上先です。管理者に確認してください",
                "The server's time is more than a day ahead. Ask the admin to check it",
            ),
            Self::CrowdDiffers => (
                "多くの来場者の時計とこの端末の時計が合いません。係を呼んでください",
                "Many guests' clocks differ from this gate's. Call a supervisor",
            ),
            Self::FarFromServer => (
                "端末の時計がサーバーと合いません。時刻を合わせてください",
                "This gate's clock differs from the server's. Set it right",
            ),
        };
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}
