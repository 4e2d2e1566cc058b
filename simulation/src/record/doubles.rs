//! Double admissions, as they truly happened.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{DeviceId, Serial},
    right::UseKind,
};

use super::{Light, LightKind, Passage, Record};
use crate::house::Class;

/// Admissions that together exceed what a ticket allows.
#[derive(Clone, Debug)]
pub struct Double {
    /// The ticket.
    pub serial: Serial,
    /// The lights by which too many were inside or had come in, the last one exceeding.
    pub lights: Vec<usize>,
}

impl Record {
    /// Every double admission, by ticket: the first moment at which more had passed than the ticket
    /// allows, what staff had taken back by then left out.
    #[must_use]
    pub fn doubles(&self) -> Vec<Double> {
        let mut by_ticket: BTreeMap<Serial, Vec<usize>> = BTreeMap::new();
        for (place, light) in self.lights.iter().enumerate() {
            let entered =
                matches!(light.kind, LightKind::Use(UseKind::Entry) | LightKind::Answer(..));
            if entered && light.passage == Passage::Passed {
                by_ticket.entry(light.serial).or_default().push(place);
            }
        }
        let doubles = by_ticket.into_iter().filter_map(|(serial, places)| {
            let lights = self.exceeding(serial, &places)?;
            Some(Double { serial, lights })
        });
        doubles.collect()
    }

    fn exceeding(&self, serial: Serial, places: &[usize]) -> Option<Vec<usize>> {
        let class = Class::of(serial);
        let mut counted: Vec<usize> = Vec::new();
        for &place in places {
            let light = self.lights.get(place)?;
            counted.retain(|earlier| {
                self.lights.get(*earlier).is_some_and(|earlier| {
                    let stays = class != Class::Pass || !self.left(earlier, light.at);
                    stays && earlier.taken_back.is_none_or(|back| back > light.at)
                })
            });
            counted.push(place);
            let count = |place: &usize| self.lights.get(*place).map_or(0, |it| u32::from(it.count));
            if counted.iter().map(count).sum::<u32>() > u32::from(class.allows()) {
                return Some(counted);
            }
        }
        None
    }

    /// Whether somebody who came in left by `until`. Whoever scanned out by a durable entry did, whether its light
    /// came or not: an exit is never refused, and of one that stays in all the same nobody can know.
    fn left(&self, entered: &Light, until: u64) -> bool {
        self.entries.iter().any(|entry| {
            entry.serial == entered.serial
                && entry.kind == LightKind::Use(UseKind::Exit)
                && (entered.at..=until).contains(&entry.at)
        })
    }

    /// The journal entries that led to a light, from its own to the use: an answer for an interrupted admission, whose
    /// own light was interrupted, is asked about and answered for like that.
    #[must_use]
    pub fn origins(&self, light: &Light) -> Vec<(DeviceId, u64)> {
        let mut origins = vec![(light.device, light.number)];
        let mut kind = light.kind;
        while let LightKind::Answer(device, number) = kind {
            // A journal that was written twice may lead in a circle.
            if origins.contains(&(device, number)) {
                break;
            }
            origins.push((device, number));
            let before = self
                .entries
                .iter()
                .rfind(|it| (it.device, it.number, it.serial) == (device, number, light.serial));
            let Some(before) = before else { break };
            kind = before.kind;
        }
        origins
    }
}
