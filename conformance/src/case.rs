//! What a case file may hold. A field that isn't named here is refused. What a new rule family
//! needs of a case (a direction, an operation) gets its field here.

use kaisatsu_shared::{
    id::{ClaimKey, GateId, KeyId, OperatorId, Serial, TypeId},
    reason::{Outcome, ReasonCode},
    rules::Direction,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    moment::{At, Moment},
    operation::Operation,
    then::{Declined, Then},
};

/// One file: a family of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    /// What the cases have in common, for readers.
    #[serde(rename = "about")]
    pub(crate) _about: String,
    pub(crate) cases: Vec<Case>,
}

/// A small event, what happened in it, a scan, and the verdict.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Changes to the default bundle, as a merge patch.
    #[serde(default)]
    pub(crate) bundle: Option<Value>,
    #[serde(default = "three_of_the_first_type")]
    pub(crate) tickets: Vec<Batch>,
    #[serde(default)]
    pub(crate) history: Vec<Operation>,
    pub(crate) scan: Scan,
    #[serde(default)]
    pub(crate) at: Option<At>,
    #[serde(default = "first_gate")]
    pub(crate) gate: GateId,
    #[serde(default)]
    pub(crate) direction: CaseDirection,
    #[serde(default)]
    pub(crate) reach: CaseReach,
    #[serde(default)]
    pub(crate) answers: CaseAnswers,
    /// What is broken.
    #[serde(default)]
    pub(crate) fault: Option<Fault>,
    /// What happens after the scan.
    #[serde(default)]
    pub(crate) then: Vec<Then>,
    pub(crate) expect: Expect,
}

/// Something broken, which isn't a matter of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// The gate was revoked.
    GateRevoked,
    /// The gate's disk takes nothing.
    DiskFull,
    /// Devices that hold leases were revoked, as the server knows.
    HolderLost,
    /// Devices that hold leases aren't heard.
    HolderSilent,
}

/// What staff say if they are asked.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CaseAnswers {
    pub(crate) persons: Option<u8>,
    pub(crate) identity: Option<bool>,
    pub(crate) choice: Option<u8>,
    /// Whether a guest who shows no code is the ticket's holder.
    pub(crate) holder: Option<bool>,
}

/// Which way the guest goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaseDirection {
    /// In.
    #[default]
    Entry,
    /// Out.
    Exit,
}

impl From<CaseDirection> for Direction {
    fn from(direction: CaseDirection) -> Self {
        match direction {
            CaseDirection::Entry => Self::Entry,
            CaseDirection::Exit => Self::Exit,
        }
    }
}

/// Whom the gate can ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaseReach {
    /// The server answers.
    #[default]
    Server,
    /// Nobody.
    Nobody,
    /// The link seems to be up, but the claim is not answered.
    Silent,
}

/// Tickets issued together, under the next serials.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    #[serde(rename = "type")]
    pub(crate) ticket_type: TypeId,
    pub(crate) count: u32,
    /// The type's, if absent.
    #[serde(default)]
    pub(crate) entries: Option<u8>,
    /// Twelve hours from the event's start, if absent.
    #[serde(default)]
    pub(crate) valid: Option<Valid>,
    /// The key that signs, if it isn't the bundle's current one.
    #[serde(default)]
    pub(crate) key: Option<KeyId>,
    /// Steps of a clock display's chain, which begins with the validity.
    #[serde(default = "half_an_hour")]
    pub(crate) steps: u16,
    /// Who knows the validity of tickets whose type renews.
    #[serde(default)]
    pub(crate) dates: Dates,
    /// Those that are issued as unpaid, by their place in the batch.
    #[serde(default)]
    pub(crate) unpaid: Vec<u32>,
}

/// Who knows how long newly issued tickets of a renewing type are valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dates {
    /// The server, and the gate that has heard of the tickets.
    #[default]
    Known,
    /// Only the server.
    Unseen,
    /// Nobody.
    Missing,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Valid {
    pub(crate) from: Moment,
    pub(crate) until: Moment,
}

/// What is held before the scanner: a text, or a ticket as it was shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scan {
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// How often the text is repeated.
    #[serde(default)]
    pub(crate) times: Option<usize>,
    #[serde(default)]
    pub(crate) ticket: Option<Serial>,
    /// 1, if absent.
    #[serde(default)]
    pub(crate) generation: Option<u8>,
    /// The step that a clock display shows.
    #[serde(default)]
    pub(crate) step: u16,
    /// The key that signs, if it isn't the batch's.
    #[serde(default)]
    pub(crate) key: Option<KeyId>,
    #[serde(default)]
    pub(crate) bends: Vec<Bend>,
    /// The claim key that the gate draws.
    #[serde(default)]
    pub(crate) claim: Option<u8>,
    /// The code isn't shown: this operator, 0 for nobody, lets the ticket's holder in by hand.
    #[serde(default)]
    pub(crate) by_hand: Option<OperatorId>,
}

/// How a genuine ticket is bent, in the order of the list where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Bend {
    // Before it is signed: by somebody who has the key.
    #[serde(rename = "secret changed")]
    Secret,
    #[serde(rename = "for another event")]
    Event,
    #[serde(rename = "entries raised")]
    Entries,
    #[serde(rename = "validity lengthened")]
    Validity,
    #[serde(rename = "type changed")]
    Type,
    // Without the key.
    #[serde(rename = "signed by a stranger")]
    Stranger,
    #[serde(rename = "serial changed after signing")]
    SerialAfter,
    #[serde(rename = "signature changed")]
    Signature,
    // Its display.
    #[serde(rename = "another ticket's link")]
    OtherLink,
    #[serde(rename = "link changed")]
    Link,
    #[serde(rename = "display stripped")]
    Stripped,
    // Its text.
    #[serde(rename = "last characters cut")]
    CutEnd,
    #[serde(rename = "first characters cut")]
    CutStart,
    #[serde(rename = "characters added")]
    Longer,
    #[serde(rename = "a character outside the alphabet")]
    Alphabet,
    #[serde(rename = "in lower case")]
    Lowercase,
    #[serde(rename = "named as a newer format")]
    NewerPrefix,
    #[serde(rename = "a newer version inside")]
    NewerInside,
    #[serde(rename = "an unknown mode inside")]
    UnknownMode,
}

/// What the case must end with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) outcome: Outcome,
    pub(crate) code: ReasonCode,
    /// The verdict's facts, as far as the case cares; `null` for one that must be absent.
    #[serde(default)]
    pub(crate) facts: Option<Value>,
    /// Why staff's last word didn't count; absent where it did.
    #[serde(default)]
    pub(crate) declined: Option<Declined>,
}

/// A claim key by its number in the file.
pub(crate) const fn claim_key(number: u8) -> ClaimKey {
    ClaimKey([number; 16])
}

fn three_of_the_first_type() -> Vec<Batch> {
    vec![Batch {
        ticket_type: TypeId(1),
        count: 3,
        entries: None,
        valid: None,
        key: None,
        steps: half_an_hour(),
        dates: Dates::Known,
        unpaid: Vec::new(),
    }]
}

const fn half_an_hour() -> u16 {
    180
}

const fn first_gate() -> GateId {
    GateId(1)
}

pub(crate) const fn one() -> u8 {
    1
}
