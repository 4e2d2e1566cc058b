//! A story told to the product: its bundle, ledger and code, and what the product decides.

use kaisatsu_shared::claims::{LaneState, judge_claim};
use kaisatsu_shared::{
    bundle::{Bundle, EventRules, OpenBundle, Rules},
    display::clock::{Chain, ChainId, LinkCache},
    id::{
        ClaimKey, DeviceId, Epoch, EventId, Generation, InstallationId, KeyId, OperatorId,
        OrganisationId, Serial,
    },
    key::{EventKey, ListedKey},
    ledger::{
        AskedAt, BlockReason, EventState, IssuedTicket, LedgerBody, ReissueReason, UnpaidTickets,
        VoidReason,
    },
    reason::{LocalText, ReasonCode},
    right::{Authority, OverrideReason, RightRef, Use, UseKind},
    rules::{Answers, Context, Decision, Direction, Knowledge, Reach, decide},
    sync::{Claim, ClaimAnswer},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Body, ClockPart, Display, ModePart, PREFIX, Secret, Shown, Token, encode},
    validity::Validity,
};

use crate::story::{Flaw, Passer, Story, Way, What};

const INSTALLATION: InstallationId = InstallationId([75; 16]);
const EVENT: EventId = EventId(7);
const SERIAL: Serial = Serial(1);
const ELSEWHERE: DeviceId = DeviceId(2);

pub(crate) fn text() -> LocalText {
    LocalText { ja: "い".to_owned(), en: "a".to_owned() }
}

/// A TEST KEY.
fn key(number: u8) -> EventKey {
    EventKey::from_seed(KeyId(number), [number; 32])
}

pub(crate) fn bundle(rules: Rules, not_after: UnixMillis) -> Bundle {
    thread_local! {
        static KEYS: [[u8; 32]; 2] = [key(1).public(), key(2).public()];
    }
    let public = |number: usize| KEYS.with(|keys| keys[number - 1]);
    Bundle {
        format: 1,
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        name: text(),
        epoch: Epoch(0),
        version: 1,
        issued_at: UnixMillis(0),
        not_after,
        keys: vec![
            ListedKey { id: KeyId(1), public: public(1), current: false },
            ListedKey { id: KeyId(2), public: public(2), current: true },
        ],
        rules,
        operators: Vec::new(),
        hubs: Vec::new(),
        revoked: Vec::new(),
        revocations: Vec::new(),
        roster_complete: false,
    }
}

fn body(story: &Story, serial: Serial, generation: u8) -> Body {
    let mode = match story.ticket.clock {
        None => ModePart::Static,
        Some((start, steps)) => {
            ModePart::Clock(ClockPart { anchor: [0; 16], start: UnixSeconds(start), steps })
        }
    };
    Body {
        key: KeyId(story.ticket.key),
        event: EVENT,
        serial,
        secret: Secret::from_bytes([generation; 12]),
        valid_from: UnixSeconds(story.ticket.valid.0),
        valid_until: UnixSeconds(story.ticket.valid.1),
        ticket_type: story.ticket.ticket_type,
        entries: story.ticket.entries,
        generation: Generation(generation),
        mode,
    }
}

fn right(story: &Story, serial: Serial, generation: u8) -> RightRef {
    let body = body(story, serial, generation);
    let fingerprint = body.fingerprint(INSTALLATION, story.renews());
    RightRef { event: EVENT, serial, generation: Generation(generation), fingerprint }
}

/// The ledger's state after so many things of the past.
fn state(story: &Story, upto: usize) -> EventState {
    ledger(story, upto).0
}

/// The ledger's entries that the gate has heard of.
pub(crate) fn feed(story: &Story) -> Vec<Vec<u8>> {
    ledger(story, story.heard).1
}

fn ledger(story: &Story, upto: usize) -> (EventState, Vec<Vec<u8>>) {
    let mut feed = Vec::new();
    let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
    let fingerprints = (0..3).map(|serial| right(story, Serial(serial), 1).fingerprint).collect();
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: story.ticket.ticket_type,
        entries: story.ticket.entries,
        fingerprints,
        unpaid: UnpaidTickets::NONE,
    };
    let mut append = |body, at| feed.push(state.append(body, at).unwrap().1);
    append(issued, TimeInterval::exact(UnixMillis(0)));
    let renewed = |(from, until)| {
        let validity = Validity { from: UnixSeconds(from), until: UnixSeconds(until) };
        LedgerBody::Renewed { first: SERIAL, count: 1, validity }
    };
    if story.renews() && story.ticket.dated {
        append(renewed(story.ticket.valid), TimeInterval::exact(UnixMillis(0)));
    }
    for (place, passer) in story.crowd.iter().enumerate() {
        append(passed(story, place, passer), passer.at);
    }
    let mut generation = 1;
    for (place, one) in story.past.iter().take(upto).enumerate() {
        let number = |place: usize| u64::try_from(place + 1).unwrap();
        let claim = |place: usize| ClaimKey([u8::try_from(place + 100).unwrap(); 16]);
        let used = |kind, place| Use {
            right: right(story, SERIAL, generation),
            kind,
            count: one.count,
            claim: claim(place),
            gate: story.gate,
            device: ELSEWHERE,
            operator: OperatorId(0),
            epoch: Epoch(0),
            at: one.at,
            authority: Authority::Server,
        };
        let by =
            AskedAt { device: ELSEWHERE, gate: story.gate, operator: OperatorId(0), at: one.at };
        let (serial, device) = (SERIAL, ELSEWHERE);
        let body = match one.what {
            What::Used(kind) => LedgerBody::Redeemed {
                used: used(kind, place),
                number: number(place),
                by_hand: false,
            },
            What::Granted => LedgerBody::Granted(used(UseKind::Entry, place)),
            What::Completed(grant) => LedgerBody::Redeemed {
                used: used(UseKind::Entry, grant),
                number: number(place),
                by_hand: false,
            },
            What::Abandoned(grant) => LedgerBody::Abandoned { serial, claim: claim(grant), device },
            What::Annulled(used) => {
                LedgerBody::Annulled { serial, device, number: number(used), by }
            }
            What::Interrupted(used) => {
                LedgerBody::Interrupted { serial, device, number: number(used) }
            }
            What::Answered(used) => {
                LedgerBody::Answered { serial, device, number: number(used), let_in: true, by }
            }
            What::Voided => LedgerBody::Voided { serial, reason: VoidReason::Refunded },
            What::Blocked => LedgerBody::Blocked { serial, reason: BlockReason::Office },
            What::Unblocked => LedgerBody::Unblocked { serial },
            What::Payment { paid } => LedgerBody::Payment { serial, paid },
            What::Renewed(from, until) => renewed((from, until)),
            What::Reissued => {
                generation += 1;
                let fingerprint = right(story, serial, generation).fingerprint;
                let generation = Generation(generation);
                let reason = ReissueReason::Other;
                LedgerBody::Reissued(IssuedTicket { serial, generation, fingerprint, reason })
            }
        };
        append(body, one.at);
    }
    (state, feed)
}

/// The ledger's entry of somebody who passed on another ticket.
fn passed(story: &Story, place: usize, passer: &Passer) -> LedgerBody {
    let Passer { ticket, way, count, gate, at } = *passer;
    let serial = Serial(u32::from(ticket));
    let number = u64::try_from(place).unwrap() + 1_000;
    let (device, operator) = (ELSEWHERE, OperatorId(0));
    let kind = match way {
        Way::In => UseKind::Entry,
        Way::Out => UseKind::Exit,
        Way::LetIn => {
            let by = AskedAt { device, gate, operator, at };
            let (code, reason) = (ReasonCode::VenueFull, OverrideReason::Known);
            return LedgerBody::Overridden { serial, count, code, reason, number, by };
        }
    };
    let used = Use {
        right: right(story, serial, 1),
        kind,
        count,
        claim: ClaimKey([u8::try_from(place + 200).unwrap(); 16]),
        gate,
        device,
        operator,
        epoch: Epoch(0),
        at,
        authority: Authority::Server,
    };
    LedgerBody::Redeemed { used, number, by_hand: false }
}

/// The text that the gate's scanner delivers.
pub(crate) fn scanned(story: &Story) -> String {
    let serial = if story.flaw == Flaw::PastTheRoster { Serial(70) } else { SERIAL };
    let mut body = body(story, serial, story.generation);
    match story.flaw {
        Flaw::OtherSecret => body.secret = Secret::from_bytes([99; 12]),
        Flaw::Lengthened => body.valid_until = UnixSeconds(u32::MAX),
        Flaw::OtherEvent => body.event = EventId(8),
        Flaw::UnlistedKey => body.key = KeyId(9),
        _ => {}
    }
    let signer = match story.flaw {
        Flaw::Stranger => EventKey::from_seed(body.key, [66; 32]),
        _ => key(body.key.0),
    };
    let installation = match story.flaw {
        Flaw::OtherInstallation => InstallationId([76; 16]),
        _ => INSTALLATION,
    };
    let mut link = [0; 16];
    if let (Some(id), ModePart::Clock(part)) = (ChainId::of(&body), body.mode.clone()) {
        let chain = Chain::new(&signer.display_key(installation), installation, id);
        body.mode = ModePart::Clock(ClockPart { anchor: chain.anchor(), ..part });
        link = chain.link(story.step).unwrap();
    }
    let mut token = signer.sign(installation, body);
    let mut signature = *token.signature();
    match story.flaw {
        Flaw::SignatureChanged => {
            signature[usize::from(story.step) % 64] ^= 1;
            token = Token::new(token.body, signature);
        }
        Flaw::ChangedAfterSigning => {
            let mut body = token.body;
            body.valid_until = UnixSeconds(body.valid_until.0 + 1);
            token = Token::new(body, signature);
        }
        Flaw::WrongLink => link[3] ^= 1,
        Flaw::Stripped => return format!("{PREFIX}{}", base45::encode(token.to_bytes())),
        _ => {}
    }
    let display = match token.body.mode {
        ModePart::Clock(_) => Display::Clock { step: story.step, link },
        _ => Display::Static,
    };
    let mut text = encode(&Shown::new(token, display).unwrap());
    if story.flaw == Flaw::Cut {
        text.truncate(text.len() - 3);
    }
    text
}

/// How many of a group the gate says may enter, where it asks how many do.
pub(crate) fn asked(story: &Story) -> Option<Option<u32>> {
    let verdict = decision(story, Answers::NONE).verdict;
    (verdict.code == ReasonCode::AskPersons).then_some(verdict.facts.left)
}

/// What the gate decides by what it has heard of.
fn decision(story: &Story, answers: Answers) -> Decision {
    let open = OpenBundle::new(story.bundle.clone()).unwrap();
    let seen = state(story, story.heard);
    let knowledge = Knowledge { bundle: &open, roster: seen.roster(), rights: &seen };
    let context = Context {
        gate: story.gate,
        direction: if story.exit { Direction::Exit } else { Direction::Entry },
        reach: if story.online { Reach::Server } else { Reach::Nobody },
        now: story.now,
        answers,
    };
    decide(&scanned(story), &knowledge, &context, &mut LinkCache::default())
}

/// What the gate ends with, once the server has answered the claim that it would make.
pub(crate) fn decided(story: &Story) -> ReasonCode {
    let decision = decision(story, story.answers);
    let code = decision.verdict.code;
    let (true, true, Some(right)) = (story.online, code.outcome().passes(), decision.right) else {
        return code;
    };
    let used = Use {
        right,
        kind: if story.exit { UseKind::Exit } else { UseKind::Entry },
        count: decision.verdict.facts.persons.unwrap_or(1),
        claim: ClaimKey([9; 16]),
        gate: story.gate,
        device: DeviceId(1),
        operator: OperatorId(0),
        epoch: Epoch(0),
        at: story.now,
        authority: Authority::Server,
    };
    match answer(story, &Claim { used, abandons: Vec::new(), by_hand: None }) {
        ClaimAnswer::Granted { .. } => code,
        ClaimAnswer::Refused { refusal, .. } => refusal.code(),
    }
}

/// What the server answers to a claim: it knows all of the past.
pub(crate) fn answer(story: &Story, claim: &Claim) -> ClaimAnswer {
    let rules = EventRules::new(story.bundle.rules.clone(), Vec::new()).unwrap();
    let server = state(story, story.past.len());
    judge_claim(&server, &rules, claim, story.now, &|_| LaneState::Heard)
        .answer_at(server.cursor().sequence)
}
