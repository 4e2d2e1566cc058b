//! Why a ticket was voided, blocked or reissued: codes, so that no text about a person gets into the
//! ledger.

use serde::{Deserialize, Serialize};

use crate::reason::Language;

/// Defines causes with their number and name in one table. (`$code` is a bare token: a derive that reads
/// attributes does not see through a macro's `literal`.)
macro_rules! causes {
    ($(#[$of:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $number:literal, $code:tt;)* }) => {
        $(#[$of])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $type {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl $type {
            /// Every cause.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name in interfaces.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub(super) const fn number(self) -> u8 {
                match self { $(Self::$name => $number,)* }
            }

            pub(super) const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }
        }

        impl core::str::FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let names: Vec<_> = Self::ALL.iter().map(|cause| cause.name()).collect();
                let found = Self::ALL.iter().find(|cause| cause.name() == text).copied();
                found.ok_or_else(|| format!("choose one of {}", names.join(", ")))
            }
        }
    };
}

causes! {
    /// Why a ticket was voided.
    VoidReason {
        /// The money was returned.
        Refunded = 1, "refunded";
        /// The holder lost it.
        Lost = 2, "lost";
        /// It was obtained or sold against the rules.
        Abuse = 3, "abuse";
        /// Anything else.
        Other = 4, "other";
    }
}

causes! {
    /// Why a ticket is blocked. It can be unblocked again.
    BlockReason {
        /// Its holder lost it and will get another.
        Lost = 1, "lost";
        /// It was stolen.
        Stolen = 2, "stolen";
        /// It may have been copied, or obtained by fraud.
        Fraud = 3, "fraud";
        /// Its payment is disputed.
        Dispute = 4, "dispute";
        /// Its holder may not enter.
        Banned = 5, "banned";
        /// The office wants to speak to its holder.
        Office = 6, "office";
    }
}

causes! {
    /// Why a ticket was reissued.
    ReissueReason {
        /// Anything that isn't said.
        Other = 1, "other";
        /// It was lost, or its code got into other hands.
        Lost = 2, "lost";
        /// It went to somebody else.
        Transferred = 3, "transferred";
        /// Its holder has another phone.
        Device = 4, "device";
        /// What it says was wrong.
        Correction = 5, "correction";
    }
}

impl BlockReason {
    /// What staff read.
    #[must_use]
    pub const fn words(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Lost => ("紛失の届け出あり", "reported lost"),
            Self::Stolen => ("盗難の届け出あり", "reported stolen"),
            Self::Fraud => ("不正の疑い", "suspected fraud"),
            Self::Dispute => ("支払いの異議あり", "payment disputed"),
            Self::Banned => ("入場をお断りする方", "this person may not enter"),
            Self::Office => ("事務局がお話ししたい方", "the office wants to speak to them"),
        };
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}
