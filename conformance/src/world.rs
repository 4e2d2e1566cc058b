//! A case's event: its bundle, its tickets, and the ledger as the server and as the gate has it.

use kaisatsu_shared::{
    bundle::{Bundle, EventRules, OpenBundle, SignedBundle},
    display::clock::{Chain, ChainId},
    id::{Generation, KeyId, Serial},
    key::RootKey,
    ledger::{EventState, LedgerBody},
    right::RightRef,
    time::TimeInterval,
    token::{Body, ClockPart, Mode, ModePart, Secret},
    validity::Validity,
};
use serde_json::{Value, json};

use crate::{
    Unusable,
    case::{Batch, Case, Dates, Valid},
    history,
    moment::{At, Moment},
    patch::{merge, resolve, test_key},
};

/// When something happens that has no time of its own: a minute after the event's start.
const USUAL: i32 = 60;

/// A case set up.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) signed: SignedBundle,
    pub(crate) open: OpenBundle,
    /// What was issued, from which serial on.
    batches: Vec<(Serial, Batch)>,
    /// The ledger as far as the gate has followed it.
    pub(crate) feed: Vec<Vec<u8>>,
    /// The state after `feed`.
    pub(crate) seen: EventState,
    /// The server's state.
    pub(crate) state: EventState,
    pub(crate) now: TimeInterval,
}

impl World {
    /// The event's rules, as the server has them.
    pub(crate) fn rules(&self) -> Result<EventRules, Unusable> {
        EventRules::new(self.open.rules.clone(), self.open.operators.clone())
            .map_err(|error| Unusable::because("the rules", error))
    }

    /// The event's bundle once more, for who isn't the gate.
    pub(crate) fn reopened(&self) -> Result<OpenBundle, Unusable> {
        let made = serde_json::to_value(&*self.open).and_then(serde_json::from_value);
        let bundle = made.map_err(|error| Unusable::because("the bundle", error))?;
        OpenBundle::new(bundle).map_err(|error| Unusable::because("the bundle", error))
    }

    pub(crate) fn new(default: &Value, case: &Case) -> Result<Self, Unusable> {
        let mut document = default.clone();
        if let Some(patch) = &case.bundle {
            merge(&mut document, patch);
        }
        resolve(&mut document)?;
        let bundle: Bundle = serde_json::from_value(document)
            .map_err(|error| Unusable::because("the bundle", error))?;
        let state = EventState::new(bundle.installation, bundle.event, bundle.epoch);
        // A TEST KEY.
        let root = RootKey::from_seed([99; 32]);
        let unusable = |error| Unusable::because("the bundle", error);
        let signed = SignedBundle::sign(&bundle, &root).map_err(unusable)?;
        let open = signed.open(&root.public(), bundle.installation).map_err(unusable)?;
        let (seen, now) = (state.clone(), time(case.at)?);
        let mut world =
            Self { signed, open, batches: Vec::new(), feed: Vec::new(), seen, state, now };
        for batch in &case.tickets {
            world.issue(batch, false)?;
        }
        for (index, operation) in case.history.iter().enumerate() {
            history::play(&mut world, index, operation)?;
        }
        Ok(world)
    }

    pub(crate) fn issue(&mut self, batch: &Batch, unseen: bool) -> Result<(), Unusable> {
        let first = Serial(self.state.roster().len());
        self.batches.push((first, batch.clone()));
        let fingerprints = (first.0..first.0.saturating_add(batch.count))
            .map(|serial| Ok(self.right(Serial(serial), Generation::FIRST)?.fingerprint))
            .collect::<Result<_, Unusable>>()?;
        let entries = self.entries(batch);
        let unpaid = (0..batch.count).map(|place| batch.unpaid.contains(&place)).collect();
        let ticket_type = batch.ticket_type;
        let body = LedgerBody::Issued { first, ticket_type, entries, fingerprints, unpaid };
        self.append(body, time(None)?, unseen)?;
        let known = self.open.ticket_type(ticket_type);
        if batch.dates == Dates::Missing || !known.is_some_and(|known| known.renewing) {
            return Ok(());
        }
        let count = u16::try_from(batch.count)
            .map_err(|_| Unusable("too many tickets in a batch".into()))?;
        let body = LedgerBody::Renewed { first, count, validity: validity_of(batch)? };
        self.append(body, time(None)?, unseen || batch.dates == Dates::Unseen)
    }

    pub(crate) fn append(
        &mut self,
        body: LedgerBody,
        at: TimeInterval,
        unseen: bool,
    ) -> Result<(), Unusable> {
        if !unseen && self.seen.cursor() != self.state.cursor() {
            return Err(Unusable("the gate can't know what comes after an unseen entry".into()));
        }
        let unusable = |error| Unusable::because("the history", error);
        let (_, bytes) = self.state.append(body, at).map_err(unusable)?;
        if !unseen {
            self.seen.apply(&bytes).map_err(unusable)?;
            self.feed.push(bytes);
        }
        Ok(())
    }

    /// Records what happened after the scan, wherever it is judged from.
    pub(crate) fn record(&mut self, body: LedgerBody) -> Result<(), Unusable> {
        for state in [&mut self.seen, &mut self.state] {
            state
                .append(body.clone(), self.now)
                .map_err(|error| Unusable::because("the ledger", error))?;
        }
        Ok(())
    }

    /// What a ticket's token says. A clock ticket's anchor is left empty: it costs its whole
    /// chain, and the roster doesn't know it.
    pub(crate) fn body(&self, serial: Serial, generation: Generation) -> Result<Body, Unusable> {
        let batch = self.batch(serial)?;
        let Validity { from: valid_from, until: valid_until } = validity_of(batch)?;
        // A TEST SECRET.
        let mut secret = [generation.0; 12];
        for (to, from) in secret.iter_mut().zip(serial.0.to_be_bytes()) {
            *to = from;
        }
        let display =
            self.open.ticket_type(batch.ticket_type).map_or(Mode::Static, |known| known.display);
        Ok(Body {
            key: batch.key.unwrap_or_else(|| self.current_key()),
            event: self.open.event,
            serial,
            secret: Secret::from_bytes(secret),
            valid_from,
            valid_until,
            ticket_type: batch.ticket_type,
            entries: self.entries(batch),
            generation,
            mode: match display {
                Mode::Static => ModePart::Static,
                Mode::Clock => ModePart::Clock(ClockPart {
                    anchor: [0; 16],
                    start: valid_from,
                    steps: batch.steps,
                }),
                Mode::Device => ModePart::Device { public_key: [2; 33] },
                Mode::Wallet => ModePart::Wallet,
            },
        })
    }

    pub(crate) fn right(
        &self,
        serial: Serial,
        generation: Generation,
    ) -> Result<RightRef, Unusable> {
        let body = self.body(serial, generation)?;
        let installation = self.open.installation;
        let fingerprint = match self.open.ticket_type(body.ticket_type) {
            Some(known) => known.fingerprint(installation, &body),
            None => body.fingerprint(installation, false),
        };
        Ok(RightRef { event: self.open.event, serial, generation, fingerprint })
    }

    /// A clock ticket's chain.
    pub(crate) fn chain(&self, body: &Body) -> Option<Chain> {
        let key = test_key(body.key, body.key.0).display_key(self.open.installation);
        ChainId::of(body).map(|id| Chain::new(&key, self.open.installation, id))
    }

    /// The batch of a serial; serials that nobody issued look like the last batch's.
    fn batch(&self, serial: Serial) -> Result<&Batch, Unusable> {
        let found = self.batches.iter().rev().find(|(first, _)| *first <= serial);
        found.map(|(_, batch)| batch).ok_or_else(|| Unusable("no ticket was issued".into()))
    }

    /// What the batch says, else its type.
    fn entries(&self, batch: &Batch) -> u8 {
        let of_type = || self.open.ticket_type(batch.ticket_type).map(|known| known.entries);
        batch.entries.or_else(of_type).unwrap_or(1)
    }

    fn current_key(&self) -> KeyId {
        self.open.keys.iter().find(|key| key.current).map_or(KeyId(1), |key| key.id)
    }
}

/// What the tokens of a batch say.
fn validity_of(batch: &Batch) -> Result<Validity, Unusable> {
    match batch.valid {
        Some(valid) => valid.validity(),
        None => Ok(Validity { from: moment(0)?.seconds()?, until: moment(12 * 3_600)?.seconds()? }),
    }
}

impl Valid {
    pub(crate) fn validity(self) -> Result<Validity, Unusable> {
        Ok(Validity { from: self.from.seconds()?, until: self.until.seconds()? })
    }
}

/// The time of a case or an operation.
pub(crate) fn time(at: Option<At>) -> Result<TimeInterval, Unusable> {
    match at {
        Some(At(interval)) => Ok(interval),
        None => Ok(TimeInterval::exact(moment(USUAL)?.0)),
    }
}

fn moment(seconds: i32) -> Result<Moment, Unusable> {
    Moment::from_json(&json!(seconds))
}
