//! The venue: participants around one stage, and the loop that carries events out.

mod breaking;

use crate::{
    between::Between,
    bugs::{Bug, with_planted},
    check::{Check, Counts, Trouble, check_healed},
    event::Event,
    gate::{Gate, walked},
    guests,
    message::{Address, Message},
    plan::{DeedKind, Plan},
    record::Scan,
    schedule::SECOND,
    server::Server,
    stage::Stage,
};

/// After healing everything must have arrived within so long.
const TO_REST: u64 = 10 * SECOND;
/// The same where the server's database is put back: the last gate must be heard before it is over, and all must hear
/// that it is. A revoked gate that was lied to asks the server again after ten seconds.
const TO_SETTLE: u64 = 2 * TO_REST;
/// No run carries more events out: one that does never comes to rest.
const MOST_EVENTS: u64 = 3_000_000;

/// What a run showed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// A hash over every event: the same for the same seed.
    pub fingerprint: u64,
    /// How many events were carried out.
    pub events: u64,
    /// What was counted.
    pub counts: Counts,
    /// What was found wrong.
    pub trouble: Option<Trouble>,
    /// The story, where it was asked for.
    pub story: Vec<String>,
    /// Guests' first tries.
    pub scans: Vec<Scan>,
}

/// The participants and the stage.
struct Venue {
    stage: Stage,
    server: Server,
    gates: Vec<Gate>,
    between: Between,
    counts: Counts,
}

/// Carries a plan out, with a planted fault if one is given.
#[must_use]
pub fn run(plan: &Plan, bug: Option<Bug>, told: bool) -> Outcome {
    with_planted(bug, || play(plan, bug, told))
}

fn play(plan: &Plan, bug: Option<Bug>, told: bool) -> Outcome {
    let mut stage = Stage::new(plan.clone(), bug, told);
    let server = Server::new(&mut stage);
    let counts = Counts::default();
    let Some(server) = server else {
        stage.wrong(Check::ServerRestarts, "the server can't start");
        return finish(stage, counts);
    };
    let (gates, between) = (Vec::new(), Between::default());
    let mut venue = Venue { stage, server, gates, between, counts };
    venue.open();
    while venue.stage.trouble.is_none()
        && let Some(event) = venue.stage.schedule.take_next()
    {
        if matches!(event, Event::Ends) {
            venue.counts = check_healed(&mut venue.stage, &venue.server, &venue.gates);
            break;
        }
        venue.carry_out(event);
        if venue.stage.schedule.carried_out() > MOST_EVENTS {
            venue.stage.wrong(Check::ComesToRest, "it goes on and on");
        }
    }
    if let Some(state) = venue.server.state() {
        let [hash, ..] = state.cursor().hash;
        let sequence = state.cursor().sequence;
        venue.stage.schedule.note(sequence ^ (u64::from(hash) << 32));
    }
    finish(venue.stage, venue.counts)
}

fn finish(stage: Stage, counts: Counts) -> Outcome {
    Outcome {
        fingerprint: stage.schedule.fingerprint(),
        events: stage.schedule.carried_out(),
        counts,
        trouble: stage.trouble,
        story: stage.story.lines().to_vec(),
        scans: stage.record.scans,
    }
}

impl Venue {
    /// The doors open: everything that will happen from outside is planned.
    fn open(&mut self) {
        let plan = self.stage.plan.clone();
        for (place, gate) in plan.gates.iter().enumerate() {
            let mut gate = Gate::new(place, gate, self.server.log.ledger.clone());
            gate.disk.page_ends = self.server.first_end(&self.stage);
            self.stage.devices.push(gate.device);
            self.gates.push(gate);
            self.stage.schedule.at(0, Event::GateStarts(place));
        }
        for (visit, it) in plan.visits.iter().enumerate() {
            self.stage.schedule.at(it.at, Event::Visits { visit, attempt: 0 });
        }
        for (place, deed) in plan.deeds.iter().enumerate() {
            self.stage.schedule.at(deed.at, Event::Deed(place));
        }
        for (place, breakdown) in plan.breakdowns.iter().enumerate() {
            self.stage.schedule.at(breakdown.from, Event::Breaks(place));
            self.stage.schedule.at(breakdown.until, Event::Mends(place));
        }
        self.stage.schedule.at(plan.heals, Event::Heals);
        let late = plan.is_restored() || plan.is_lied_to();
        let to_rest = if late { TO_SETTLE } else { TO_REST };
        self.stage.schedule.at(plan.heals.saturating_add(to_rest), Event::Ends);
    }

    fn gate(&mut self, place: usize, act: impl FnOnce(&mut Gate, &mut Stage)) {
        if let Some(gate) = self.gates.get_mut(place) {
            act(gate, &mut self.stage);
        }
    }

    fn carry_out(&mut self, event: Event) {
        match event {
            Event::Arrives(message) => self.deliver(*message),
            Event::Stored { gate, boot, id } => self.gate(gate, |it, on| it.stored(on, boot, id)),
            Event::Tick { gate, boot } => self.gate(gate, |it, on| it.tick(on, boot)),
            Event::Follow { gate, boot, round } => {
                self.gate(gate, |it, on| it.follow(on, boot, round));
            }
            Event::TimedOut { gate, boot, request } => {
                self.gate(gate, |it, on| it.timed_out(on, boot, request));
            }
            Event::AskAgain { gate, boot, request } => {
                self.gate(gate, |it, on| it.ask_again(on, boot, request));
            }
            Event::Staff { gate, boot, visit, act } => {
                self.gate(gate, |it, on| it.staff(on, boot, visit, act));
            }
            Event::Committed { boot } => self.server.committed(&mut self.stage, boot),
            Event::HeldLong { boot, hold } => self.server.held_long(&mut self.stage, boot, hold),
            Event::Visits { visit, attempt } => {
                guests::visit(&mut self.stage, &mut self.gates, visit, attempt);
            }
            Event::Walks { light } => walked(&mut self.stage, light),
            Event::Deed(place) => match self.stage.plan.deeds.get(place).map(|deed| deed.kind) {
                Some(DeedKind::CloseLane(gate)) => self.gate(gate, Gate::close_lane),
                _ => self.server.deed(&mut self.stage, place),
            },
            Event::Breaks(place) => self.breaks(place),
            Event::Mends(place) => self.mends(place),
            Event::GateStarts(place) => self.gate(place, |it, on| it.start(on)),
            Event::ServerStarts => self.server.start(&mut self.stage),
            Event::Heals => self.heal(),
            Event::Attends { impatient } => self.attend(impatient),
            Event::Ends => {}
            Event::LooksForHub { gate, boot, round } => {
                self.gate(gate, |it, on| it.look_for_hub(on, boot, round));
            }
            Event::ListensToHub { gate, boot } => {
                self.gate(gate, |it, on| it.listen_to_hub(on, boot));
            }
            Event::HubPage { gate, boot, hold } => {
                self.gate(gate, |it, on| it.hub_page(on, boot, hold));
            }
            Event::PassesEndsOn { gate, boot } => {
                self.gate(gate, |it, on| it.pass_ends_on(on, boot));
            }
            Event::NotesEnd { boot, end } => self.server.note_end(&mut self.stage, boot, *end),
            Event::Relays { gate, boot } => self.gate(gate, |it, on| it.relay_again(on, boot)),
        }
    }

    fn deliver(&mut self, message: Message) {
        if self.between.swallows(&message) {
            return;
        }
        match message.to {
            Address::Server => match self.between.answer(&self.stage, &message) {
                Some(lie) => self.stage.send(lie),
                None => self.server.receive(&mut self.stage, message),
            },
            Address::Gate(place) => {
                self.between.overhear(&message);
                self.gate(place, |it, on| it.receive(on, message));
            }
        }
    }

    /// Everything that can work again works again.
    fn heal(&mut self) {
        let stage = &mut self.stage;
        stage.healed = true;
        stage.links.heal();
        stage.lan.heal();
        stage.server_off = 0;
        self.between = Between::default();
        stage.tell(format_args!("everything works again"));
        self.server.disk_full = false;
        self.server.sync_fails = false;
        self.server.dies = None;
        self.server.start(stage);
        for gate in &mut self.gates {
            gate.disk_full = false;
            gate.fills = false;
            gate.sync_fails = false;
            gate.dies = None;
            gate.start(stage);
            gate.hurry(stage);
        }
        if stage.record.put_back.is_some() {
            stage.after(0, Event::Attends { impatient: false });
        }
    }
}
