//! The venue's hub from both sides: this gate asks it, or is it.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
};

use kaisatsu_shared::{
    bundle::{OpenBundle, SignedCredential},
    id::{ClaimKey, DeviceId},
    journal::JournalHead,
    key::DeviceKey,
    right::RightRef,
    sync::{Claim, ClaimAnswer, Recall},
};
use tokio::{net::TcpListener, sync::mpsc, time::Duration};

use crate::{
    engine::{Input, Record},
    entrance::{ForHub, Gate, Hub},
    hub::{Announced, Desk, Door, HubAsk, Owner, serve},
    lan::written,
    link::{HubLink, LinkEvent},
    platform::{Clock, random},
};

/// What gates tell of their journals' ends goes to the server together after so long.
const HEARD: Duration = Duration::from_secs(1);
/// What the hub passes on of others' journals it passes on itself, too; this is for when it can't.
const HEARD_AGAIN: Duration = Duration::from_secs(30);

/// What a gate has to do with hubs.
pub(super) struct HubParts {
    link: Arc<HubLink>,
    desk: RefCell<Desk>,
    key: Arc<DeviceKey>,
    owner: Owner,
    credential: SignedCredential,
    /// Where others ask this gate, if it is a hub.
    door: OnceCell<Arc<Door>>,
    /// It says so in the local network.
    announced: OnceCell<Announced>,
    events: mpsc::Sender<LinkEvent>,
}

impl HubParts {
    /// Begins to look for the venue's hub, with `mdns` also where one announces itself.
    pub(super) fn start(of: ForHub<'_>, mdns: bool) -> Rc<Self> {
        let ForHub { enrolment, credential, key, own_head, events } = of;
        let owner = Owner {
            installation: enrolment.installation,
            root: enrolment.root,
            event: credential.event,
            device: credential.device,
        };
        let (credential, events) = (&enrolment.credential, events.clone());
        let link = HubLink::start(
            owner,
            Arc::clone(key),
            credential,
            Arc::clone(own_head),
            events.clone(),
            mdns,
        );
        Rc::new(Self {
            link,
            desk: RefCell::default(),
            key: Arc::clone(key),
            owner,
            credential: credential.clone(),
            door: OnceCell::new(),
            announced: OnceCell::new(),
            events,
        })
    }

    /// What is heard of other gates' journals goes to the server by this gate, too.
    pub(super) fn pass_on(&self, gate: &Gate) {
        gate.link().pass_on_ends(self.link.ends(), HEARD_AGAIN);
    }

    /// From now on other gates may ask this one, and with `mdns` are told where.
    pub(super) async fn be_hub(
        &self,
        gate: &Gate,
        listener: TcpListener,
        clock: Clock,
        mdns: bool,
    ) -> anyhow::Result<()> {
        if mdns {
            let Owner { installation, device, .. } = self.owner;
            let begun = Announced::begin((installation, device), listener.local_addr()?);
            let begun = begun.inspect_err(|error| tracing::info!(%error, "no mDNS here"));
            begun.into_iter().for_each(|it| drop(self.announced.set(it)));
        }
        let run = u64::from_be_bytes(random()?);
        let door = Door::new(self.owner, clock, self.events.clone(), run);
        let door = self.door.get_or_init(|| Arc::new(door));
        if gate.is_revoked() {
            door.shut();
        }
        // Before the first question.
        gate.hub_rules();
        self.wrote(&gate.undelivered().await?);
        gate.link().relay(Arc::clone(door));
        gate.link().pass_on_ends(door.ends(), HEARD);
        serve(listener, Arc::clone(&self.key), Arc::clone(door))
    }
}

impl Hub for HubParts {
    fn claim(&self, claim: Claim) {
        self.link.claim(claim);
    }

    fn give_up(&self, claim: ClaimKey, right: RightRef) {
        self.link.give_up(claim, right);
    }

    fn offer(&self, entries: Vec<Vec<u8>>, head: JournalHead) {
        self.link.offer(entries, head);
    }

    fn hand_over(&self, hub: DeviceId, entries: Vec<Vec<u8>>, head: JournalHead) {
        self.link.hand_over(hub, entries, head);
    }

    fn answer(&self, device: DeviceId, claim: ClaimKey, answer: Option<ClaimAnswer>) {
        self.desk.borrow_mut().answer(device, claim, answer);
    }

    fn heard(&self, device: DeviceId, claim: ClaimKey) {
        self.desk.borrow_mut().heard(device, claim);
    }

    fn recall(&self, device: DeviceId, recall: Recall) {
        if let Some(door) = self.door.get() {
            door.recall(device, recall);
        }
    }

    fn wrote(&self, records: &[Record]) {
        let Some(door) = self.door.get() else { return };
        let Owner { installation, device, .. } = self.owner;
        for batch in written((installation, device, self.key.as_ref()), records) {
            door.tell_own(&self.credential, batch);
        }
    }

    fn asked(&self, question: HubAsk) -> Input {
        match question {
            HubAsk::Claim { device, gate, claim, reply } => {
                self.desk.borrow_mut().claim(device, claim.used.claim, reply);
                Input::HubClaim { device, gate, claim: *claim }
            }
            HubAsk::Heard { entries } => Input::Heard { entries },
            HubAsk::Sees { device } => Input::HubSees { device },
            HubAsk::Transfer { device, entries } => Input::HubTransfer { device, entries },
            HubAsk::GivenUp { device, given_up, reply } => {
                let (claim, right) = (given_up.claim, given_up.right);
                self.desk.borrow_mut().given_up(device, claim, reply);
                Input::HubGiveUp { device, claim, right }
            }
        }
    }

    fn rules(&self, bundle: &OpenBundle) {
        self.link.set(&bundle.hubs);
        if let Some(door) = self.door.get() {
            door.revoke(&bundle.revoked, &bundle.revocations);
        }
    }

    fn shut(&self) {
        self.link.set(&[]);
        if let Some(door) = self.door.get() {
            door.shut();
        }
    }
}
