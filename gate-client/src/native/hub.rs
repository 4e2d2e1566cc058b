//! The venue's hub from both sides: this gate asks it, or is it.

use std::sync::Arc;

use kaisatsu_shared::{id::DeviceId, key::DeviceKey};
use tokio::{net::TcpListener, sync::mpsc};

use crate::{
    engine::Input,
    hub::{Desk, Door, HubAsk, Owner, serve},
    link::{HubLink, LinkEvent},
};

use super::{Clock, gate::Gate};

/// What a gate has to do with hubs.
pub(super) struct HubParts {
    pub(super) link: Arc<HubLink>,
    pub(super) desk: Desk,
    pub(super) key: Arc<DeviceKey>,
    pub(super) owner: Owner,
    /// Where others ask this gate, if it is a hub.
    pub(super) door: Option<Arc<Door>>,
    pub(super) events: mpsc::Sender<LinkEvent>,
}

impl Gate {
    /// From now on other gates may ask this one.
    pub(super) fn be_hub(&mut self, listener: TcpListener, clock: Clock) -> anyhow::Result<()> {
        let door = Arc::new(Door::new(self.hub.owner, clock, self.hub.events.clone()));
        self.hub.door = Some(Arc::clone(&door));
        // Before the first question.
        self.hub_rules();
        serve(listener, Arc::clone(&self.hub.key), door)
    }

    /// What the newest bundle says of hubs.
    pub(super) fn hub_rules(&self) {
        let Some(bundle) = self.engine.bundle() else { return };
        self.hub.link.set(&bundle.hubs);
        let revoked: &[DeviceId] = &bundle.revoked;
        if let Some(door) = &self.hub.door {
            door.revoke(revoked);
        }
    }

    /// Another gate asks.
    pub(super) fn hub_asked(&mut self, question: HubAsk) {
        match question {
            HubAsk::Claim { device, gate, claim, reply } => {
                self.hub.desk.claim(device, claim.used.claim, reply);
                self.handle(Input::HubClaim { device, gate, claim: *claim });
            }
            HubAsk::GivenUp { device, given_up, reply } => {
                let (claim, right) = (given_up.claim, given_up.right);
                self.hub.desk.given_up(device, claim, reply);
                self.handle(Input::HubGiveUp { device, claim, right });
            }
        }
    }
}
