//! The venue's hub asks this lane for a right, because its guest stands at another gate and the server is out of
//! reach. The lane gives it away like to the server: durably, and for good under that lease. With it goes, in the
//! same signed entries, what is known here of the right's uses: the hub may have followed the ledger less far.

use kaisatsu_shared::{
    id::{DeviceId, Epoch, Generation, LeaseId, Serial},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    right::Use,
    rules::{Holder, Rights as _},
    sync::Recall,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{Effect, Engine, LinkState, Now, Then};

/// A right with more uses than this isn't given to a hub: its guests come to its lane.
const MOST_USES: usize = 64;

impl Engine {
    /// The hub `hub`, whose key the bundle names, asks for a right.
    pub(super) fn hub_recall(
        &mut self,
        hub: DeviceId,
        recall: Recall,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Recall { lease, serial, to, gate, epoch, .. } = recall;
        let is_hub = self.bundle.as_ref().is_some_and(|bundle| {
            let named = bundle.hubs.iter().any(|known| known.device == hub);
            named && !bundle.revoked.contains(&hub)
        });
        // Only to whoever asks: nobody makes this device give rights to a third one.
        if !is_hub || to != hub || hub == self.identity.device || self.link == LinkState::Refused {
            return;
        }
        self.holdings.note_lane(hub, gate);
        if self.holdings.is_given_up(lease, serial) {
            // The answer may have been lost.
            return self.prove((lease, serial), hub, effects);
        }
        if !self.may_hand_over(&recall) {
            return;
        }
        let uses = self.known_uses((lease, serial), epoch);
        if uses.len() > MOST_USES {
            return;
        }
        // A claim that the server may have granted isn't gone on with: the hub doesn't know of it.
        let open: Vec<_> = self.intents.values().copied().collect();
        for intent in open.iter().filter(|intent| intent.right.serial == serial) {
            self.abandon(intent, now.time);
        }
        for (number, used) in uses.into_iter().filter(|_| !is_planted(Fault::UsesNotRecounted)) {
            let Use { device, gate, right, kind, count, claim, at, .. } = used;
            let body =
                JournalBody::Recounted { device, gate, number, right, kind, count, claim, at };
            self.push_entry(body, now.time, Then::MustFollow);
        }
        let (serials, to) = (Serials::one(serial), Recipient::Device(hub));
        let body = JournalBody::Transferred { lease, serials, to };
        self.holdings.note(&body);
        self.push_entry(body, now.time, Then::Prove(lease, serial, hub));
    }

    /// The hub hears that the right is its own, once that is durable.
    pub(super) fn prove(
        &self,
        (lease, serial): (LeaseId, Serial),
        hub: DeviceId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(proof) = self.holdings.proof(lease, serial, hub) else { return };
        let entries: Vec<_> = proof.iter().map(JournalEntry::encode).collect();
        if let (Some(last), Some(bytes)) = (proof.last(), entries.last()) {
            let head = JournalEntry::head_of(self.identity.installation, last.number, bytes);
            effects.push(Effect::HandOver { hub, entries, head });
        }
    }

    /// A planted fault: the hub hears of what is only on its way to the disk.
    pub(super) fn prove_unwritten(&mut self, effects: &mut Vec<Effect>) {
        for (entry, then) in self.writing.under_way() {
            self.holdings.note_written(&entry);
            if let Then::Prove(lease, serial, hub) = then {
                self.prove((lease, serial), hub, effects);
            }
        }
    }

    /// Whether this device gives the right away now. It need not have heard of its lease.
    fn may_hand_over(&self, recall: &Recall) -> bool {
        let Recall { lease, serial, epoch, ledger, .. } = *recall;
        let leases = self.state.leases();
        let own = leases.lease(lease).is_none() && lease >= leases.next()
            || self.holder(serial) == Holder::Here(lease);
        // A guest who is being decided about here comes first.
        let asks = self.pending.as_ref().and_then(|pending| pending.stage.intent());
        let busy = asks.is_some_and(|intent| intent.right.serial == serial)
            || self
                .writing
                .uses(&self.identity, self.epoch())
                .any(|used| used.right.serial == serial);
        let view = self.known().view(serial);
        // An interrupted guest is asked about here and nowhere else.
        let open = view.interrupted.is_some();
        let changed = view.voided
            || view.blocked.is_some()
            || view.unpaid
            || self.state.roster().validity(serial).is_some()
            || self.state.roster().generation(serial) > Some(Generation::FIRST);
        let hub_knows = epoch == self.epoch() && ledger >= self.state.cursor().sequence;
        own && !busy && !open && (hub_knows || !changed)
    }

    /// What is known here of a right's uses that who only knows of its lease, in the ledger of an epoch, may not know:
    /// each with the number of its entry, 0 of a grant whose use isn't known.
    fn known_uses(&self, (lease, serial): (LeaseId, Serial), epoch: Epoch) -> Vec<(u64, Use)> {
        let mut uses: Vec<(u64, Use)> = Vec::new();
        // In a restored server's ledger a use may stand before the lease that it came after.
        let given = match epoch == self.epoch() {
            true => self.state.leases().lease(lease).map_or(u64::MAX, |lease| lease.sequence),
            false => 0,
        };
        if let Some(right) = self.state.right(serial) {
            let later = right.uses().filter(|known| known.sequence > given);
            uses.extend(later.map(|known| (known.number, known.used)));
            uses.extend(right.grants.iter().map(|grant| (0, grant.used)));
        }
        uses.extend(self.overlay.of(serial));
        uses.extend(self.heard.numbered(serial));
        uses.extend(self.granted.open(serial).iter().map(|used| (0, *used)));
        let known = self.known();
        let own = self.identity.device;
        uses.retain(|(number, used)| *number > 0 || (used.device != own && known.is_open(used)));
        uses
    }
}
