//! A hub and two gates, random histories: messages that are lost or late, disks that are full, processes
//! that die, a server that comes and goes. However it goes, a leased right is used as often as it allows, also where
//! the hub fetches it from its lane.

use std::collections::VecDeque;

use kaisatsu_shared::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::Serials,
    ledger::LedgerBody,
    right::{RightRef, UseKind},
    sync::{Claim, ClaimAnswer, Recall},
};
use proptest::prelude::*;

use super::{
    gate::gate_of,
    world::{ENTRIES, Event, Gate, HERE},
};
use crate::engine::{CLAIM_BUDGET, Input, LinkState};

#[derive(Clone, Copy, Debug)]
enum Step {
    Scan { gate: usize, serial: u32 },
    Ask { gate: usize, lost: bool },
    Answer { lost: bool, twice: bool },
    Tell { gate: usize, lost: bool },
    Heard { lost: bool },
    Pass { gate: usize },
    HubUp { gate: usize, up: bool },
    Full { gate: usize, full: bool },
    Crash { gate: usize, reached: bool },
    Slow { gate: usize, slow: bool },
    Store { gate: usize },
    Offer { gate: usize, to: usize, lost: bool },
    Sync { gate: usize },
    Online { gate: usize, up: bool },
    Server { gate: usize },
    Recall { serial: u32 },
    Sees { gate: usize },
    Fetch { lost: bool },
    Give { gate: usize, lost: bool, twice: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let gate = || 0_usize..3;
    let serial = || 0_u32..3;
    let rarely = || prop::bool::weighted(0.15);
    prop_oneof![
        8 => (gate(), serial()).prop_map(|(gate, serial)| Step::Scan { gate, serial }),
        10 => (gate(), rarely()).prop_map(|(gate, lost)| Step::Ask { gate, lost }),
        10 => (rarely(), rarely()).prop_map(|(lost, twice)| Step::Answer { lost, twice }),
        4 => (gate(), rarely()).prop_map(|(gate, lost)| Step::Tell { gate, lost }),
        4 => rarely().prop_map(|lost| Step::Heard { lost }),
        3 => gate().prop_map(|gate| Step::Pass { gate }),
        4 => (gate(), prop::bool::weighted(0.8)).prop_map(|(gate, up)| Step::HubUp { gate, up }),
        1 => (gate(), any::<bool>()).prop_map(|(gate, full)| Step::Full { gate, full }),
        2 => (gate(), any::<bool>()).prop_map(|(gate, reached)| Step::Crash { gate, reached }),
        1 => (gate(), any::<bool>()).prop_map(|(gate, slow)| Step::Slow { gate, slow }),
        4 => gate().prop_map(|gate| Step::Store { gate }),
        6 => (gate(), gate(), rarely())
            .prop_map(|(gate, to, lost)| Step::Offer { gate, to, lost }),
        3 => gate().prop_map(|gate| Step::Sync { gate }),
        3 => (gate(), any::<bool>()).prop_map(|(gate, up)| Step::Online { gate, up }),
        6 => gate().prop_map(|gate| Step::Server { gate }),
        1 => serial().prop_map(|serial| Step::Recall { serial }),
        3 => gate().prop_map(|gate| Step::Sees { gate }),
        8 => rarely().prop_map(|lost| Step::Fetch { lost }),
        8 => (gate(), rarely(), rarely())
            .prop_map(|(gate, lost, twice)| Step::Give { gate, lost, twice }),
    ]
}

/// The first gate is the hub.
struct Venue {
    event: Event,
    gates: Vec<Gate>,
    /// Messages to gates that the hub sent.
    answers: VecDeque<(DeviceId, ClaimKey, Option<ClaimAnswer>)>,
    heard: VecDeque<(DeviceId, ClaimKey)>,
    /// Rights that the hub wants.
    recalls: VecDeque<(DeviceId, Recall)>,
}

impl Venue {
    fn new() -> Self {
        let mut event = Event::new();
        // The hub's own lane, and the second gate's.
        for (device, first, last) in [(HERE, 0, 0), (DeviceId(2), 1, 2)] {
            let lease = event.state.leases().next();
            let serials = Serials::new(Serial(first), Serial(last)).unwrap();
            event.append(LedgerBody::Leased { lease, device, gate: gate_of(device), serials });
        }
        let device = |number| Gate::of_device(&event, Policy::Strict, DeviceId(number));
        let gates = (1..=3).map(device).collect();
        let (answers, heard, recalls) = Default::default();
        Self { event, gates, answers, heard, recalls }
    }

    fn gate_of(&mut self, device: DeviceId) -> &mut Gate {
        &mut self.gates[device.0 as usize - 1]
    }

    fn hub_claim(&mut self, device: DeviceId, claim: Claim) {
        self.gates[0].handle(Input::HubClaim { device, gate: gate_of(device), claim });
    }

    fn hub_give_up(&mut self, device: DeviceId, claim: ClaimKey, right: RightRef) {
        self.gates[0].handle(Input::HubGiveUp { device, claim, right });
    }

    fn take(&mut self, step: Step) {
        let device = |gate: usize| DeviceId(gate as u32 + 1);
        match step {
            Step::Scan { gate, serial } => {
                let text = self.event.text(serial);
                self.gates[gate].scan(text);
            }
            Step::Ask { gate, lost } => {
                if let Some(claim) = self.gates[gate].hub_claims.pop_front()
                    && !lost
                {
                    self.hub_claim(device(gate), claim);
                }
            }
            Step::Answer { lost, twice } => {
                if let Some((to, key, answer)) = self.answers.pop_front()
                    && !lost
                {
                    let input = || match answer {
                        Some(answer) => Input::HubAnswered { key, answer },
                        None => Input::HubFailed { key },
                    };
                    self.gate_of(to).handle(input());
                    if twice {
                        self.gate_of(to).handle(input());
                    }
                }
            }
            Step::Tell { gate, lost } => {
                if let Some((claim, right)) = self.gates[gate].hub_told.pop_front() {
                    if lost {
                        self.gates[gate].handle(Input::HubTold { claim, heard: false });
                    } else {
                        self.hub_give_up(device(gate), claim, right);
                    }
                }
            }
            Step::Heard { lost } => {
                if let Some((to, claim)) = self.heard.pop_front() {
                    self.gate_of(to).handle(Input::HubTold { claim, heard: !lost });
                }
            }
            Step::Pass { gate } => self.gates[gate].pass(CLAIM_BUDGET),
            Step::HubUp { gate: 0, .. } => {}
            Step::HubUp { gate, up } => self.gates[gate].handle(Input::HubLink { up }),
            Step::Full { gate, full } => self.gates[gate].full = full,
            Step::Crash { gate, reached } => {
                self.gates[gate].crash(&self.event, reached);
                self.gates[gate].handle(Input::HubLink { up: gate > 0 });
            }
            Step::Slow { gate, slow } => self.gates[gate].slow = slow,
            Step::Store { gate } => self.gates[gate].finish_store(),
            Step::Offer { gate, to, lost } => {
                if let Some(entries) = self.gates[gate].offers.pop_front() {
                    let heard: Vec<_> =
                        entries.iter().map(|bytes| JournalEntry::decode(bytes).unwrap()).collect();
                    let number = heard.last().map(|entry| entry.number).filter(|_| !lost);
                    self.gates[to].handle(Input::Heard { entries: heard });
                    self.gates[gate].handle(Input::HubKept { number });
                }
            }
            Step::Sync { gate } => self.sync(gate),
            Step::Online { gate, up } => {
                let link = if up { LinkState::Online } else { LinkState::Alone };
                self.gates[gate].handle(Input::Link(link));
            }
            Step::Server { gate } => {
                if !self.gates[gate].claims.is_empty() {
                    self.gates[gate].answer_claim(&mut self.event);
                }
            }
            Step::Recall { serial } => self.recall(Serial(serial)),
            Step::Sees { gate } => {
                self.gates[0].handle(Input::HubSees { device: device(gate) });
            }
            Step::Fetch { lost } => {
                if let Some((to, recall)) = self.recalls.pop_front()
                    && !lost
                {
                    self.gate_of(to).handle(Input::HubRecall { hub: HERE, recall });
                }
            }
            Step::Give { gate, lost, twice } => {
                let proof = self.gates[gate].proofs.pop_front().filter(|_| !lost);
                for _ in 0..1 + usize::from(twice) {
                    let entries = proof.iter().flat_map(|(_, entries)| entries);
                    let entries: Vec<_> =
                        entries.map(|bytes| JournalEntry::decode(bytes).unwrap()).collect();
                    let device = device(gate);
                    self.gates[0].handle(Input::HubTransfer { device, entries });
                }
            }
        }
        let hub = &mut self.gates[0];
        self.answers.append(&mut hub.hub_answers);
        self.heard.append(&mut hub.hub_heard);
        self.recalls.append(&mut hub.recalls);
    }

    /// A moment with the server: the journal goes up, the ledger comes down, claims are asked there.
    fn sync(&mut self, gate: usize) {
        let Self { event, gates, .. } = self;
        let gate = &mut gates[gate];
        gate.handle(Input::Link(LinkState::Online));
        gate.deliver_all(event);
        let from = gate.engine.state().cursor().sequence as usize;
        gate.feed(event, from);
        gate.deliver_all(event);
        while !gate.claims.is_empty() {
            gate.answer_claim(event);
        }
        gate.deliver_all(event);
        gate.handle(Input::Link(LinkState::Alone));
        gate.uploads.clear();
        gate.handle(Input::UploadFailed);
    }

    fn recall(&mut self, serial: Serial) {
        let leases = self.event.state.leases();
        if let Some(lease) = leases.holder(serial).map(|lease| lease.id)
            && !leases.is_recalled(serial)
        {
            self.event.append(LedgerBody::Recalled { lease, serials: Serials::one(serial) });
        }
    }

    /// Persons who came in on a ticket, by all disks.
    fn entered(&self, serial: u32) -> u32 {
        let bodies = self.gates.iter().flat_map(Gate::bodies);
        let counts = bodies.map(|body| match body {
            JournalBody::Redeemed { right, kind: UseKind::Entry, count, .. }
                if right.serial.0 == serial =>
            {
                u32::from(count)
            }
            _ => 0,
        });
        counts.sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_leased_right_is_used_through_a_hub_as_often_as_it_allows(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        let mut venue = Venue::new();
        for gate in 1..3 {
            venue.gates[gate].handle(Input::HubLink { up: true });
        }
        for step in steps {
            venue.take(step);
            for (serial, allowed) in (0..).zip(ENTRIES).take(3) {
                let entered = venue.entered(serial);
                prop_assert!(entered <= u32::from(allowed), "{serial}: {entered}, {step:?}");
            }
        }
        // All journals arrive: nobody is accused, and the ledger says the same.
        for _ in 0..3 {
            for gate in 0..3 {
                venue.gates[gate].full = false;
                venue.gates[gate].slow = false;
                while !venue.gates[gate].waiting.is_empty() {
                    venue.gates[gate].finish_store();
                }
                venue.gates[gate].pass(61_000);
                venue.sync(gate);
            }
        }
        prop_assert_eq!(venue.event.state.conflicts().count(), 0);
        for serial in 0..3 {
            let right = venue.event.state.right(Serial(serial));
            prop_assert_eq!(right.map_or(0, |right| right.entered()), venue.entered(serial));
        }
    }
}
