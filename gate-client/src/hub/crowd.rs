//! Room for those who haven't shown yet who they are: so many altogether, and so many from one address, so that
//! one machine can't take it all.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Connections that may be open before they have shown who they are.
const STRANGERS: usize = 32;
/// Of these, from one address.
const FROM_ONE: usize = 8;

/// Those who wait at the door.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<BTreeMap<IpAddr, usize>>);

/// Somebody's place among them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    from: IpAddr,
}

impl Crowd {
    /// A place for somebody from this address, if there is one.
    pub(super) fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = waiting.values().sum();
        let there = waiting.get(&from).copied().unwrap_or_default();
        if all >= STRANGERS || there >= FROM_ONE {
            return None;
        }
        waiting.insert(from, there.saturating_add(1));
        Some(Place { crowd: Arc::clone(self), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = waiting.get_mut(&self.from) {
            *there = there.saturating_sub(1);
            if *there == 0 {
                waiting.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_the_room() {
        let crowd = Arc::new(Crowd::default());
        let from = |last| IpAddr::from([10, 0, 0, last]);
        let mut places: Vec<_> = (0..FROM_ONE).map(|_| crowd.enter(from(1)).unwrap()).collect();
        assert!(crowd.enter(from(1)).is_none());
        places
            .extend((2..).take(STRANGERS - FROM_ONE).map(|last| crowd.enter(from(last)).unwrap()));
        assert!(crowd.enter(from(200)).is_none());
        drop(places);
        assert!(crowd.0.lock().unwrap().is_empty());
        assert!(crowd.enter(from(1)).is_some());
    }
}
