//! Links between gates and the server, or the venue's hub: cut in one or both ways, slow, forgetful, out of order.

use crate::{
    draw::Draw,
    event::Event,
    message::{Address, Body, Message},
    plan::{Way, Weather},
    schedule::Schedule,
};

/// All links of the venue to the server, or to the hub; each gate has one.
#[derive(Debug)]
pub struct Links {
    weather: Weather,
    /// By gate, how many cuts hold its questions and the answers to it.
    cuts: Vec<(u32, u32)>,
    healed: bool,
}

impl Links {
    /// Links that aren't cut.
    #[must_use]
    pub const fn new(weather: Weather) -> Self {
        Self { weather, cuts: Vec::new(), healed: false }
    }

    /// Cuts a link, or takes a cut away.
    pub fn cut(&mut self, gate: usize, way: Way, begins: bool) {
        if self.cuts.len() <= gate {
            self.cuts.resize(gate.saturating_add(1), (0, 0));
        }
        let Some((up, down)) = self.cuts.get_mut(gate) else { return };
        let change = |count: &mut u32| {
            *count = if begins { count.saturating_add(1) } else { count.saturating_sub(1) };
        };
        if way != Way::Down {
            change(up);
        }
        if way != Way::Up {
            change(down);
        }
    }

    /// From now on everything arrives, once and soon.
    pub fn heal(&mut self) {
        self.cuts.clear();
        self.healed = true;
        self.weather = Weather { drop: 0, duplicate: 0, delay: (1_000, 12_000) };
    }

    /// Whether a gate's link is cut in either way.
    #[must_use]
    pub fn is_cut(&self, gate: usize) -> bool {
        self.cuts.get(gate).is_some_and(|cuts| *cuts != (0, 0))
    }

    fn carries(&self, message: &Message) -> bool {
        let cut = |gate: usize| self.cuts.get(gate).copied().unwrap_or_default();
        match (&message.body, message.from, message.to) {
            (Body::Ask(_), Address::Gate(gate), _) => cut(gate).0 == 0,
            (Body::Reply(_), _, Address::Gate(gate)) => cut(gate).1 == 0,
            _ => true,
        }
    }

    /// Sends a message on its way.
    pub fn send(&self, message: Message, schedule: &mut Schedule, draw: &mut Draw) {
        if !self.carries(&message) || draw.chance(self.weather.drop) {
            return;
        }
        let (fast, slow) = self.weather.delay;
        if draw.chance(self.weather.duplicate) {
            let delay = draw.between(fast, slow.saturating_mul(4));
            schedule.after(delay, Event::Arrives(Box::new(message.clone())));
        }
        schedule.after(draw.between(fast, slow), Event::Arrives(Box::new(message)));
    }
}
