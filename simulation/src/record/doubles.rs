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
            if light.passage == Passage::Passed && light.kind != LightKind::Override {
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
                let back = self.lights.get(*earlier).and_then(|light| light.taken_back);
                back.is_none_or(|back| back > light.at)
            });
            if light.kind == LightKind::Use(UseKind::Exit) {
                if class == Class::Pass {
                    counted.clear();
                }
                continue;
            }
            counted.push(place);
            let count = |place: &usize| self.lights.get(*place).map_or(0, |it| u32::from(it.count));
            if counted.iter().map(count).sum::<u32>() > u32::from(class.allows()) {
                return Some(counted);
            }
        }
        None
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
