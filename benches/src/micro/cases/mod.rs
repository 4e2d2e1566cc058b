//! What is measured, set up once: an event of a million tickets, some of which are shown.

pub mod photo;

use std::cell::RefCell;

use anyhow::Context as _;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use kaisatsu_fixtures::world::{CLOCK, NORTH, STATIC, STEPS, World};
use kaisatsu_shared::{
    bundle::OpenBundle,
    display::clock::LinkCache,
    hash::{Domain, Kind},
    id::{Generation, Serial},
    key::KeyStanding,
    reason::ReasonCode,
    rules::{Answers, Context, Direction, Knowledge, Reach, decide},
    time::TimeInterval,
    token::{self, Body, Token},
};
use sha2::{Digest as _, Sha256};

/// Tickets that are shown in turn, so that no cache knows the next one.
const SHOWN: u32 = 512;

/// A signed message and its key: the limit of every verification.
#[derive(Debug)]
struct Signed {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

impl Signed {
    fn of(world: &World, token: &Token) -> anyhow::Result<Self> {
        let body = token.body.to_bytes();
        Ok(Self {
            key: VerifyingKey::from_bytes(&world.key.public())?,
            message: Domain::new(Kind::Token, world.installation).message(&[&body]),
            signature: Signature::from_bytes(token.signature()),
        })
    }

    fn verify(&self) -> bool {
        self.key.verify_strict(&self.message, &self.signature).is_ok()
    }
}

/// The event and its shown tickets.
#[derive(Debug)]
pub struct Cases {
    world: World,
    bundle: OpenBundle,
    shown: Vec<(String, Signed)>,
    links: RefCell<LinkCache>,
    now: TimeInterval,
}

impl Cases {
    /// An event with this many tickets.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn new(tickets: u32) -> anyhow::Result<Self> {
        let mut world = World::new();
        world.issue(STATIC, tickets)?;
        let bundle = world.open()?;
        let step = tickets / SHOWN;
        let shown = (0..SHOWN)
            .map(|index| {
                let body = world.body(Serial(index * step), Generation::FIRST, STATIC);
                let text = world.text(body, 0)?;
                let token = token::decode(&text)?.token;
                Ok((text, Signed::of(&world, &token)?))
            })
            .collect::<anyhow::Result<_>>()?;
        let links = RefCell::new(LinkCache::default());
        Ok(Self { world, bundle, shown, links, now: World::at(100) })
    }

    /// The event.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Counts round the shown tickets.
    pub fn turn(&self) -> impl FnMut() -> usize + use<> {
        let (mut next, count) = (0, self.shown.len());
        move || {
            next = (next + 1) % count;
            next
        }
    }

    /// Token text to verified claims.
    #[must_use]
    pub fn verify(&self) -> Option<KeyStanding> {
        let (text, _) = self.shown.first()?;
        let shown = token::decode(text).ok()?;
        self.bundle.ring().verify(self.world.installation, &shown.token).ok()
    }

    /// The bare signature of the same token.
    #[must_use]
    pub fn verify_limit(&self) -> bool {
        self.shown.first().is_some_and(|(_, signed)| signed.verify())
    }

    /// The whole decision of the n-th shown ticket.
    #[must_use]
    pub fn decide(&self, turn: usize) -> Option<ReasonCode> {
        let (text, _) = self.shown.get(turn)?;
        Some(self.decide_text(text))
    }

    /// The bare signature of the n-th shown ticket.
    #[must_use]
    pub fn decide_limit(&self, turn: usize) -> bool {
        self.shown.get(turn).is_some_and(|(_, signed)| signed.verify())
    }

    fn decide_text(&self, text: &str) -> ReasonCode {
        let roster = self.world.state.roster();
        let knowledge = Knowledge { bundle: &self.bundle, roster, rights: &self.world.state };
        decide(text, &knowledge, &entering(self.now), &mut self.links.borrow_mut()).verdict.code
    }

    /// Clock displays at the first and at the last step.
    ///
    /// # Errors
    /// If they can't be made.
    pub fn clock(&self) -> anyhow::Result<Clocks> {
        Ok(Clocks { first: ClockCase::new(1)?, last: ClockCase::new(STEPS)? })
    }

    /// Issuing one ticket.
    #[must_use]
    pub fn issue(&self) -> IssueCase<'_> {
        let body = self.world.body(Serial(1), Generation::FIRST, STATIC);
        let message =
            Domain::new(Kind::Token, self.world.installation).message(&[&body.to_bytes()]);
        IssueCase { world: &self.world, body, message, key: SigningKey::from_bytes(&[1; 32]) }
    }
}

/// One guest enters at the north gate, with the server in reach.
const fn entering(now: TimeInterval) -> Context {
    Context {
        gate: NORTH,
        direction: Direction::Entry,
        reach: Reach::Server,
        now,
        answers: Answers::NONE,
    }
}

/// Clock displays.
#[derive(Debug)]
pub struct Clocks {
    /// At step 1.
    pub first: ClockCase,
    /// At step 5,760.
    pub last: ClockCase,
}

/// A clock display that the gate sees for the first time.
#[derive(Debug)]
pub struct ClockCase {
    world: World,
    bundle: OpenBundle,
    text: String,
    signed: Signed,
    step: u16,
    now: TimeInterval,
}

impl ClockCase {
    fn new(step: u16) -> anyhow::Result<Self> {
        let mut world = World::new();
        let serial = world.issue(CLOCK, 1)?;
        let body = world.body(serial, Generation::FIRST, CLOCK);
        let text = world.text(body, step)?;
        let signed = Signed::of(&world, &token::decode(&text)?.token)?;
        let bundle = world.open()?;
        // The last step begins where validity ends; the one before it is shown ten seconds early.
        let now = World::at(u32::from(step) * 10 - 5);
        let case = Self { world, bundle, text, signed, step, now };
        anyhow::ensure!(case.verify() == ReasonCode::Admitted, "the clock case isn't admitted");
        Ok(case)
    }

    /// The whole decision, with no link remembered.
    #[must_use]
    pub fn verify(&self) -> ReasonCode {
        let roster = self.world.state.roster();
        let knowledge = Knowledge { bundle: &self.bundle, roster, rights: &self.world.state };
        decide(&self.text, &knowledge, &entering(self.now), &mut LinkCache::default()).verdict.code
    }

    /// The bare signature, and as many bare hashes over as many bytes as the chain's links take.
    #[must_use]
    pub fn limit(&self) -> bool {
        let mut input = [7_u8; 16 + 17 + 16 + 17];
        for _ in 0..self.step {
            let hash = Sha256::digest(input);
            for (to, from) in input.iter_mut().zip(hash) {
                *to = from;
            }
        }
        self.signed.verify() && input != [0; 66]
    }
}

/// Issuing one ticket.
#[derive(Debug)]
pub struct IssueCase<'a> {
    world: &'a World,
    body: Body,
    message: Vec<u8>,
    key: SigningKey,
}

impl IssueCase<'_> {
    /// From a body to fingerprint and text.
    #[must_use]
    pub fn issue(&self) -> Option<String> {
        let fingerprint = self.body.fingerprint(self.world.installation, false);
        let text = self.world.text(self.body.clone(), 0).ok()?;
        (fingerprint.0 != [0; 8]).then_some(text)
    }

    /// The bare signature.
    #[must_use]
    pub fn limit(&self) -> Signature {
        self.key.sign(&self.message)
    }
}

/// The first shown ticket's text.
///
/// # Errors
/// If there is none.
pub fn first_text(cases: &Cases) -> anyhow::Result<&str> {
    cases.shown.first().map(|(text, _)| text.as_str()).context("no ticket is shown")
}
