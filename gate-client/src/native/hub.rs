//! The venue's hub from both sides: this gate asks it, or is it.

use std::sync::Arc;

use kaisatsu_shared::{
    bundle::SignedCredential, id::DeviceId, journal::JournalEntry, key::DeviceKey, sync::Recall,
};
use tokio::{net::TcpListener, sync::mpsc, time::Duration};

use crate::{
    engine::{Input, Record},
    hub::{Announced, Desk, Door, HubAsk, Owner, serve},
    lan::written,
    link::{HubLink, LinkEvent},
    platform::{Clock, random},
};

use super::gate::Gate;

/// What gates tell of their journals' ends goes to the server together after so long.
const HEARD: Duration = Duration::from_secs(1);

/// What a gate has to do with hubs.
pub(super) struct HubParts {
    pub(super) link: Arc<HubLink>,
    pub(super) desk: Desk,
    pub(super) key: Arc<DeviceKey>,
    pub(super) owner: Owner,
    pub(super) credential: SignedCredential,
    /// Where others ask this gate, if it is a hub.
    pub(super) door: Option<Arc<Door>>,
    /// It says so in the local network.
    pub(super) announced: Option<Announced>,
    pub(super) events: mpsc::Sender<LinkEvent>,
}

impl Gate {
    /// From now on other gates may ask this one, and with `mdns` are told where.
    pub(super) fn be_hub(
        &mut self,
        listener: TcpListener,
        clock: Clock,
        mdns: bool,
    ) -> anyhow::Result<()> {
        if mdns {
            let Owner { installation, device, .. } = self.hub.owner;
            let announced = Announced::begin((installation, device), listener.local_addr()?);
            self.hub.announced =
                announced.inspect_err(|error| tracing::info!(%error, "no mDNS here")).ok();
        }
        let run = u64::from_be_bytes(random()?);
        let door = Arc::new(Door::new(self.hub.owner, clock, self.hub.events.clone(), run));
        self.hub.door = Some(Arc::clone(&door));
        if self.engine.is_revoked() {
            door.shut();
        }
        // Before the first question.
        self.hub_rules();
        self.tell_gates_all()?;
        self.link.relay(Arc::clone(&door));
        self.link.pass_on_ends(door.ends(), HEARD);
        serve(listener, Arc::clone(&self.hub.key), door)
    }

    /// What the newest bundle says of hubs.
    pub(super) fn hub_rules(&self) {
        let Some(bundle) = self.engine.bundle() else { return };
        self.hub.link.set(&bundle.hubs);
        let revoked: &[DeviceId] = &bundle.revoked;
        if let Some(door) = &self.hub.door {
            door.revoke(revoked, &bundle.revocations);
        }
    }

    /// What goes with each request says how far the journal is durable now.
    pub(super) fn note_head(&self, records: &[Record]) {
        let last = records.iter().rev().find_map(|record| match record {
            Record::Journal { number, bytes } => Some((*number, bytes)),
            _ => None,
        });
        if let Some((number, bytes)) = last {
            self.own_head.grew(JournalEntry::head_of(self.installation, number, bytes));
        }
    }

    /// Tells the venue's other gates of entries that were just written, if this one is their hub.
    pub(super) fn tell_gates(&self, records: &[Record]) {
        let Some(door) = &self.hub.door else { return };
        let Owner { installation, device, .. } = self.hub.owner;
        for batch in written((installation, device, self.hub.key.as_ref()), records) {
            door.tell_own(&self.hub.credential, batch);
        }
    }

    /// The same of all that the server doesn't have yet.
    fn tell_gates_all(&self) -> anyhow::Result<()> {
        let acknowledged = self.store.acknowledged()?;
        let journal = self.store.journal()?.into_iter().zip(1..);
        let unsent = journal.filter(|(_, number)| *number > acknowledged);
        let unsent: Vec<_> =
            unsent.map(|(bytes, number)| Record::Journal { number, bytes }).collect();
        self.tell_gates(&unsent);
        Ok(())
    }

    /// Another gate is asked for a right.
    pub(super) fn hub_recalls(&self, device: DeviceId, recall: Recall) {
        if let Some(door) = &self.hub.door {
            door.recall(device, recall);
        }
    }

    /// Another gate asks.
    pub(super) fn hub_asked(&mut self, question: HubAsk) {
        match question {
            HubAsk::Claim { device, gate, claim, reply } => {
                self.hub.desk.claim(device, claim.used.claim, reply);
                self.handle(Input::HubClaim { device, gate, claim: *claim });
            }
            HubAsk::Heard { entries } => self.handle(Input::Heard { entries }),
            HubAsk::Sees { device } => self.handle(Input::HubSees { device }),
            HubAsk::Transfer { device, entries } => {
                self.handle(Input::HubTransfer { device, entries });
            }
            HubAsk::GivenUp { device, given_up, reply } => {
                let (claim, right) = (given_up.claim, given_up.right);
                self.hub.desk.given_up(device, claim, reply);
                self.handle(Input::HubGiveUp { device, claim, right });
            }
        }
    }
}
