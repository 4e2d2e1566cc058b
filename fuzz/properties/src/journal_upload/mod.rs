//! Whatever a device, or who claims to be one, uploads as its journal: nothing is taken in that it
//! didn't sign, journals have no holes, a batch that comes again changes nothing, a fork is told and
//! overwrites nothing, and the ledger's redemptions are exactly those taken in.

mod gate;
mod model;
mod server;
mod world;

use kaisatsu_shared::sync::JournalBatch;

use self::{
    gate::{Journal, bend, sign},
    model::{Model, stranger},
};
pub use self::{
    server::{Apart, Memory, Refused, Server},
    world::{Device, GRANTED, World},
};
use crate::draw::Draw;

/// Plays the input against the server's pure judgement.
pub fn holds(data: &[u8]) {
    let world = world::world();
    play(data, world, &mut Memory::new(world));
}

/// Steps of a script at most, so that one input doesn't take long.
const STEPS: usize = 32;

/// Plays the input: as a batch's text itself, and as a script of what devices do.
pub fn play(data: &[u8], world: &World, server: &mut impl Server) {
    let mut model = Model::new(world);
    if let Ok(batch) = serde_json::from_slice::<JournalBatch>(data) {
        model.upload(server, &world.devices[0], &batch);
    }
    let mut draw = Draw::new(data);
    let mut journals: Vec<_> =
        (0..world.devices.len()).map(|index| Journal::new(world, index)).collect();
    for _ in 0..STEPS {
        if draw.is_done() {
            break;
        }
        let index = draw.below(world.devices.len());
        let journal = &mut journals[index];
        match draw.below(8) {
            0..=3 => journal.write(&mut draw),
            4 => {
                let to = draw.below(journal.entries.len() + 1);
                journal.roll_back(to);
            }
            5 => deliver(&mut model, server, world, journal, index),
            _ => {
                let batch = batch(&mut draw, world, journal);
                // Mostly by the device itself.
                let sender =
                    if draw.byte() < 240 { index } else { draw.below(world.devices.len()) };
                model.upload(server, &world.devices[sender], &batch);
            }
        }
    }
    for (index, journal) in journals.iter().enumerate() {
        deliver(&mut model, server, world, journal, index);
    }
}

/// A good device delivers all that it has, and it is taken in whatever others did.
fn deliver(
    model: &mut Model<'_>,
    server: &mut impl Server,
    world: &World,
    journal: &Journal<'_>,
    index: usize,
) {
    loop {
        let delivered = model.delivered(journal.device);
        let from = delivered.len();
        if from >= journal.entries.len() || delivered != &journal.entries[..from] {
            // Everything is there, or the journal was forked.
            return;
        }
        let until = journal.entries.len().min(from + 50);
        model.upload(server, &world.devices[index], &journal.batch(from, until));
        assert_eq!(model.delivered(journal.device).len(), until, "it is taken in");
    }
}

/// A piece of a journal as a batch, with or without something wrong.
fn batch(draw: &mut Draw<'_>, world: &World, journal: &Journal<'_>) -> JournalBatch {
    let from = draw.below(journal.entries.len() + 1);
    let until = from + draw.below(journal.entries.len() + 1 - from);
    let mut batch = journal.batch(from, until);
    let bends = draw.below(8).saturating_sub(4);
    for _ in 0..bends {
        bend(draw, world, &mut batch.entries);
    }
    match draw.below(16) {
        // The head that was signed before.
        0 => {}
        1 => batch = sign(world, journal.device, stranger(world, journal.device), batch.entries),
        2 => {
            let byte = draw.below(batch.head.signature.0.len());
            batch.head.signature.0[byte] ^= draw.byte().max(1);
        }
        3 => batch.head.head.number ^= u64::from(draw.byte()),
        4 => batch.head.head.hash[0] ^= draw.byte(),
        _ => batch = sign(world, journal.device, journal.key(), batch.entries),
    }
    batch
}
