//! The trait's methods: each is a command for the writer, a reading, or both.

use std::collections::BTreeSet;
use std::sync::{atomic::Ordering, mpsc::TrySendError};

use kaisatsu_shared::{
    bundle::{Gate, SignedBundle, SignedCredential, SignedRevocation},
    id::{DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, OrganisationId, Serial},
    journal::SignedJournalHead,
    key::{DevicePublic, RootPublic},
    ledger::{Conflict, Cursor, ReissueReason, Right, VoidReason},
    sync::{
        BatchAnswer, Claim, ClaimAnswer, FeedPage, HeadsNoted, HeardHeads, JournalBatch, Locate,
        Located, OfferAnswer, Offered, SearchAnswer, SearchQuery, SearchRequest, SignedTime,
        TimeRequest,
    },
    time::{UnixMillis, UnixSeconds},
};
use tokio::sync::{oneshot, watch};

use super::{
    SqliteStore, bundle, device, event,
    job::job as stored_job,
    lease,
    offer::Offer,
    readers::Reading,
    session::Session,
    show::Wanted,
    upload::Uploaded,
    writer::{Message, Task},
};
use crate::ledger::EndPlace;
use crate::link::Link;
use crate::pin::{self, HashedPin};
use crate::store::{
    Reply, Store, StoreError,
    types::{
        Actor, AddGate, AddOperator, AddType, AnnounceDevice, AnnouncedDevice, ApiToken,
        AuditQuery, AuditRow, CarriedAnswer, ConfirmRestore, CreateEvent, CreateToken,
        CreatedToken, DeviceInfo, DeviceRole, DeviceSession, EventInfo, EventKeyInfo, EventStats,
        Export, FeedFrom, FoundTickets, GiveLeases, Holder, HubInfo, InterventionRow, IssueChunk,
        IssuedChunk, JobId, JobProgress, JournalPage, LeaseInfo, LedgerPage, LedgerReport,
        NewCredential, OpenedTicket, OperatorInfo, OperatorPin, Pin, PrintedTicket, QuarantineRow,
        Refusal, RenewTickets, RenewedTickets, RestoreBegun, RestoreInfo, RuleSet, Standing,
        StatusPage, TicketInfo, TicketMark, TicketShown, Trial, TriedRules, TypeInfo, Voiding,
        WriteOffReason,
    },
};

/// The work of small commands and of large ones, as a share of one transaction's 256.
pub(super) const SMALL: u32 = 1;
pub(super) const LARGE: u32 = 128;

/// How often a display is computed anew because another request was faster.
const SHOW_TRIES: usize = 5;

impl SqliteStore {
    /// Hands work to the writer at once; the reply waits for the commit.
    pub(super) fn write<T, F>(&self, weight: u32, work: F) -> Reply<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session) -> Result<T, StoreError> + Send + 'static,
    {
        let (task, receiver) = Task::new(weight, work);
        let sent = self.send(Message::Run(Box::new(task)));
        Box::pin(async move {
            sent?;
            receiver.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Hashes a PIN beside the writer and the requests: it takes some tens of milliseconds.
    async fn hash_pin(&self, pin: Option<Pin>) -> Result<HashedPin, StoreError> {
        let world = self.world.clone();
        tokio::task::spawn_blocking(move || pin::hash(&world, pin.as_ref()))
            .await
            .unwrap_or_else(|error| Err(StoreError::Internal(error.to_string())))
    }

    fn send(&self, message: Message) -> Result<(), StoreError> {
        self.sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Notes that tickets from `first` on are shown; gives those that may be.
    fn shown_serials(
        &self,
        actor: Actor,
        action: &'static str,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Reply<Vec<Serial>> {
        let store = self.clone();
        Box::pin(async move {
            let serials = if (1..=1_024).contains(&count) {
                store.readers.read(move |reading| reading.serials(event, first, count)).await
            } else {
                Err(StoreError::ChunkSize)
            };
            let keep = move |session: &mut Session| {
                session.keep_shown_static(&actor, action, event, &serials)
            };
            store.write(SMALL, keep).await
        })
    }

    /// Computes a display, and keeps its chain under `action`.
    fn show_as(
        &self,
        actor: Actor,
        action: &'static str,
        event: EventId,
        serial: Serial,
        at: UnixSeconds,
        wanted: Wanted,
    ) -> Reply<TicketShown> {
        let store = self.clone();
        Box::pin(async move {
            for _ in 0..SHOW_TRIES {
                let compute = move |reading: &Reading| reading.show(event, serial, at, wanted);
                let prepared = store.readers.read(compute).await;
                let shown = prepared.as_ref().ok().map(|prepared| prepared.shown.clone());
                let actor = actor.clone();
                let keep = move |session: &mut Session| {
                    session.keep_shown(&actor, action, event, serial, &prepared)
                };
                if let (true, Some(shown)) = (store.write(SMALL, keep).await?, shown) {
                    return Ok(shown);
                }
            }
            Err(StoreError::Busy)
        })
    }

    /// What the ledger adds up to for a ticket.
    fn right(&self, event: EventId, serial: Serial) -> Reply<Right> {
        self.write(SMALL, move |session| {
            session.voided(event, serial)?;
            Ok(session.state(event)?.right(serial).cloned().unwrap_or_default())
        })
    }
}

impl Store for SqliteStore {
    fn installation(&self) -> InstallationId {
        self.installation.id
    }

    fn root_public(&self) -> RootPublic {
        self.installation.root.public()
    }

    fn now(&self) -> UnixMillis {
        self.world.clock.now()
    }

    fn ready(&self) -> Reply<StatusPage> {
        let write = self.write(SMALL, |_| Ok(()));
        let read = self.readers.read(|reading| reading.check());
        let counters = std::sync::Arc::clone(&self.counters);
        Box::pin(async move {
            write.await?;
            read.await?;
            Ok(StatusPage {
                commands: counters.commands.load(Ordering::Relaxed),
                commits: counters.commits.load(Ordering::Relaxed),
            })
        })
    }

    fn close(&self) -> Reply<()> {
        let (reply, closed) = oneshot::channel();
        let sender = self.sender.clone();
        let readers = std::sync::Arc::clone(&self.readers);
        Box::pin(async move {
            // Waits for room behind the commands that were accepted.
            let send = move || sender.send(Message::Close(reply));
            match tokio::task::spawn_blocking(send).await {
                Ok(Ok(())) => drop(closed.await),
                // Closed before.
                Ok(Err(_)) => {}
                Err(error) => return Err(StoreError::Internal(error.to_string())),
            }
            readers.close();
            Ok(())
        })
    }

    fn create_event(&self, actor: Actor, request: CreateEvent) -> Reply<EventInfo> {
        self.write(SMALL, move |session| session.create_event(&actor, &request))
    }

    fn events(&self, organisation: Option<OrganisationId>) -> Reply<Vec<EventInfo>> {
        self.readers.read(move |reading| event::events(&reading.connection, organisation))
    }

    fn event(&self, event: EventId) -> Reply<EventInfo> {
        self.readers.read(move |reading| event::event_info(&reading.connection, event))
    }

    fn stats(&self, event: EventId) -> Reply<EventStats> {
        self.readers.read(move |reading| reading.stats(event))
    }

    fn add_gate(&self, actor: Actor, request: AddGate) -> Reply<Gate> {
        self.write(SMALL, move |session| session.add_gate(&actor, &request))
    }

    fn set_rules(&self, actor: Actor, event: EventId, rules: RuleSet) -> Reply<EventInfo> {
        self.write(SMALL, move |session| session.set_rules(&actor, event, &rules))
    }

    fn try_rules(&self, event: EventId, trial: Trial) -> Reply<TriedRules> {
        self.readers.read(move |reading| reading.try_rules(event, trial))
    }

    fn add_type(&self, actor: Actor, request: AddType) -> Reply<TypeInfo> {
        self.write(SMALL, move |session| session.add_type(&actor, &request))
    }

    fn add_operator(&self, actor: Actor, request: AddOperator) -> Reply<OperatorPin> {
        let store = self.clone();
        Box::pin(async move {
            let pin = store.hash_pin(request.pin.clone()).await?;
            store.write(SMALL, move |session| session.add_operator(&actor, &request, &pin)).await
        })
    }

    fn operators(&self, event: EventId) -> Reply<Vec<OperatorInfo>> {
        self.readers.read(move |reading| reading.operators(event))
    }

    fn set_pin(
        &self,
        actor: Actor,
        event: EventId,
        operator: OperatorId,
        pin: Option<Pin>,
    ) -> Reply<OperatorPin> {
        let store = self.clone();
        Box::pin(async move {
            let pin = store.hash_pin(pin).await?;
            let work = move |session: &mut Session| session.set_pin(&actor, event, operator, &pin);
            store.write(SMALL, work).await
        })
    }

    fn remove_operator(
        &self,
        actor: Actor,
        event: EventId,
        operator: OperatorId,
    ) -> Reply<OperatorInfo> {
        self.write(SMALL, move |session| session.remove_operator(&actor, event, operator))
    }

    fn rotate_key(&self, actor: Actor, event: EventId) -> Reply<EventKeyInfo> {
        self.write(SMALL, move |session| session.rotate_key(&actor, event))
    }

    fn bundle(&self, event: EventId) -> Reply<SignedBundle> {
        let now = self.now();
        let read =
            self.readers.read(move |reading| bundle::current(&reading.connection, event, now));
        let store = self.clone();
        Box::pin(async move {
            match read.await? {
                Some(bundle) => Ok(bundle),
                None => store.write(SMALL, move |session| session.bundle(event)).await,
            }
        })
    }

    fn issue(&self, actor: Actor, chunk: IssueChunk) -> Reply<IssuedChunk> {
        self.write(LARGE, move |session| session.issue(&actor, &chunk))
    }

    fn begin_job(
        &self,
        actor: Actor,
        event: EventId,
        job: JobId,
        content: [u8; 32],
    ) -> Reply<JobProgress> {
        self.write(SMALL, move |session| session.begin_job(&actor, event, job, &content))
    }

    fn job(&self, event: EventId, job: JobId) -> Reply<JobProgress> {
        self.readers.read(move |reading| stored_job(&reading.connection, event, job))
    }

    fn ticket(&self, event: EventId, serial: Serial) -> Reply<TicketInfo> {
        let right = self.right(event, serial);
        let store = self.clone();
        Box::pin(async move {
            let right = right.await?;
            store.readers.read(move |reading| reading.ticket(event, serial, &right)).await
        })
    }

    fn find_tickets(
        &self,
        actor: Actor,
        event: EventId,
        query: SearchQuery,
    ) -> Reply<FoundTickets> {
        let store = self.clone();
        Box::pin(async move {
            // In turn with the gates' searches.
            let _turn = store.searches.acquire().await.map_err(|_| StoreError::Closed)?;
            let found = store.readers.read(move |reading| reading.find(event, &query)).await;
            let note = move |session: &mut Session| session.note_found(&actor, event, &found);
            store.write(SMALL, note).await
        })
    }

    fn holder(&self, actor: Actor, event: EventId, serial: Serial) -> Reply<Option<Holder>> {
        let noted =
            self.write(SMALL, move |session| session.note_holder_read(&actor, event, serial));
        let store = self.clone();
        Box::pin(async move {
            noted.await?;
            store.readers.read(move |reading| reading.holder(event, serial)).await
        })
    }

    fn sealed_holder(&self, event: EventId, serial: Serial) -> Reply<Option<Vec<u8>>> {
        self.readers.read(move |reading| reading.sealed_holder(event, serial))
    }

    fn void(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        reason: VoidReason,
    ) -> Reply<Voiding> {
        self.write(SMALL, move |session| session.void(&actor, event, serial, reason))
    }

    fn mark(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        mark: TicketMark,
    ) -> Reply<TicketInfo> {
        let done = self.write(SMALL, move |session| session.mark(&actor, event, serial, mark));
        let store = self.clone();
        Box::pin(async move {
            done.await?;
            store.ticket(event, serial).await
        })
    }

    fn renew(&self, actor: Actor, event: EventId, request: RenewTickets) -> Reply<RenewedTickets> {
        self.write(LARGE, move |session| session.renew(&actor, event, &request))
    }

    fn reissue(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        reason: ReissueReason,
    ) -> Reply<TicketInfo> {
        let done = self.write(SMALL, move |session| session.reissue(&actor, event, serial, reason));
        let store = self.clone();
        Box::pin(async move {
            done.await?;
            store.ticket(event, serial).await
        })
    }

    fn show(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        at: UnixSeconds,
    ) -> Reply<TicketShown> {
        self.show_as(actor, "ticket.show", event, serial, at, Wanted::Now)
    }

    fn links(&self, actor: Actor, event: EventId, serials: Vec<Serial>) -> Reply<Vec<Link>> {
        let store = self.clone();
        Box::pin(async move {
            let links = store.readers.read(move |reading| reading.links(event, &serials)).await;
            let note = move |session: &mut Session| session.note_links(&actor, event, &links);
            store.write(SMALL, note).await
        })
    }

    fn look_at_ticket(&self, link: Link) -> Reply<OpenedTicket> {
        self.readers.read(move |reading| reading.opened(link))
    }

    fn open_ticket(&self, actor: Actor, link: Link) -> Reply<OpenedTicket> {
        let store = self.clone();
        Box::pin(async move {
            let mut opened = store.look_at_ticket(link).await?;
            if matches!(opened.standing, Standing::Voided | Standing::Reissued) {
                return Ok(opened);
            }
            let Link { event, serial, generation, .. } = link;
            let at = opened.server_time.to_seconds();
            let shown = store.show_as(actor, "ticket.open", event, serial, at, Wanted::Last).await;
            match shown {
                Ok(shown) if shown.generation == generation => opened.code = Some(shown.text),
                // It was voided or reissued in this moment.
                Ok(_) | Err(StoreError::TicketVoided(_)) => {
                    return store.look_at_ticket(link).await;
                }
                Err(error) => return Err(error),
            }
            // Computing a chain took some of the time by which the page sets its clock.
            opened.server_time = store.world.clock.now();
            Ok(opened)
        })
    }

    fn show_static(
        &self,
        actor: Actor,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Reply<Vec<TicketShown>> {
        let good = self.shown_serials(actor, "ticket.show", event, first, count);
        let store = self.clone();
        Box::pin(async move {
            let good = good.await?;
            store.readers.read(move |reading| reading.show_static(event, &good)).await
        })
    }

    fn print(
        &self,
        actor: Actor,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Reply<Vec<PrintedTicket>> {
        let good = self.shown_serials(actor, "ticket.print", event, first, count);
        let store = self.clone();
        Box::pin(async move {
            let good = good.await?;
            store.readers.read(move |reading| reading.print(event, &good)).await
        })
    }

    fn announce_device(&self, actor: Actor, request: AnnounceDevice) -> Reply<AnnouncedDevice> {
        self.write(SMALL, move |session| session.announce_device(&actor, &request))
    }

    fn enrol(&self, actor: Actor, code: String, public: DevicePublic) -> Reply<NewCredential> {
        let asked = code.clone();
        let known = self.readers.read(move |reading| reading.knows_code(&asked));
        let store = self.clone();
        Box::pin(async move {
            known.await?;
            store.write(SMALL, move |session| session.enrol(&actor, &code, public)).await
        })
    }

    fn open_session(&self, actor: Actor, signed: SignedCredential) -> Reply<DeviceSession> {
        // The signature is checked here: the writer's time is everybody's.
        let credential = signed.open(&self.installation.root.public(), self.installation.id);
        match credential {
            Some(credential) => {
                self.write(SMALL, move |session| session.open_session(&actor, &credential, &signed))
            }
            None => Box::pin(async { Err(StoreError::CredentialForeign) }),
        }
    }

    fn devices(&self, event: EventId) -> Reply<Vec<DeviceInfo>> {
        self.readers.read(move |reading| device::devices(&reading.connection, event))
    }

    fn device(&self, device: DeviceId) -> Reply<DeviceInfo> {
        self.readers.read(move |reading| device::find_device(&reading.connection, device))
    }

    fn set_device_role(
        &self,
        actor: Actor,
        device: DeviceId,
        role: DeviceRole,
    ) -> Reply<DeviceInfo> {
        self.write(SMALL, move |session| session.set_device_role(&actor, device, role))
    }

    fn revoke_device(&self, actor: Actor, device: DeviceId) -> Reply<DeviceInfo> {
        self.write(SMALL, move |session| session.revoke_device(&actor, device))
    }

    fn revocation(&self, device: DeviceId) -> Reply<Option<SignedRevocation>> {
        self.readers.read(move |reading| reading.revocation(device))
    }

    fn write_off_device(
        &self,
        actor: Actor,
        device: DeviceId,
        reason: WriteOffReason,
    ) -> Reply<DeviceInfo> {
        self.write(SMALL, move |session| session.write_off_device(&actor, device, reason))
    }

    fn lease(&self, actor: Actor, event: EventId, wanted: GiveLeases) -> Reply<Vec<LeaseInfo>> {
        self.write(LARGE, move |session| session.lease(&actor, event, &wanted))
    }

    fn recall(
        &self,
        actor: Actor,
        event: EventId,
        device: Option<DeviceId>,
    ) -> Reply<Vec<LeaseInfo>> {
        self.write(LARGE, move |session| session.recall(&actor, event, device))
    }

    fn leases(&self, event: EventId) -> Reply<Vec<LeaseInfo>> {
        self.readers.read(move |reading| {
            let devices = device::devices(&reading.connection, event)?;
            reading.folded(event, |state| lease::leases(state, &devices))
        })
    }

    fn claim(
        &self,
        actor: Actor,
        device: DeviceId,
        mut claim: Claim,
        heard: BTreeSet<GateId>,
    ) -> Reply<ClaimAnswer> {
        self.write(SMALL, move |session| session.claim(&actor, device, &mut claim, &heard))
    }

    fn set_hub(
        &self,
        actor: Actor,
        event: EventId,
        device: DeviceId,
        addresses: Vec<String>,
    ) -> Reply<HubInfo> {
        self.write(SMALL, move |session| session.set_hub(&actor, event, device, &addresses))
    }

    fn hubs(&self, event: EventId) -> Reply<Vec<HubInfo>> {
        self.readers.read(move |reading| reading.hubs(event))
    }

    fn remove_hub(&self, actor: Actor, event: EventId, device: DeviceId) -> Reply<HubInfo> {
        self.write(SMALL, move |session| session.remove_hub(&actor, event, device))
    }

    fn search(
        &self,
        actor: Actor,
        device: DeviceId,
        request: SearchRequest,
    ) -> Reply<SearchAnswer> {
        let store = self.clone();
        Box::pin(async move {
            // One at a time: a search reads every holder, and other readings must not wait for it.
            let _turn = store.searches.acquire().await.map_err(|_| StoreError::Closed)?;
            let asked = request.clone();
            let found = store.readers.read(move |reading| reading.search(device, &asked)).await;
            let note =
                move |session: &mut Session| session.note_search(&actor, device, &request, &found);
            store.write(SMALL, note).await
        })
    }

    fn upload(&self, actor: Actor, device: DeviceId, batch: JournalBatch) -> Reply<BatchAnswer> {
        let store = self.clone();
        Box::pin(async move {
            let weight = u32::try_from(batch.entries.len()).unwrap_or(LARGE).clamp(SMALL, LARGE);
            let (head, told) = (batch.head.clone(), actor.clone());
            let checked = store.readers.read(move |reading| reading.check_batch(device, batch));
            let checked = checked.await;
            let take = move |session: &mut Session| session.upload(&actor, device, &checked);
            match store.write(weight, take).await {
                Ok(Uploaded::Accepted(answer, _)) => Ok(answer),
                Ok(Uploaded::Forked(number)) => Err(StoreError::JournalFork(number)),
                Err(StoreError::JournalGap(number)) => {
                    // What it ends with is known now, and so is what is missing.
                    let through = told.device().unwrap_or(device);
                    store.note_head(told, through, head).await?;
                    Err(StoreError::JournalGap(number))
                }
                Err(error) => Err(error),
            }
        })
    }

    fn note_head(&self, actor: Actor, through: DeviceId, head: SignedJournalHead) -> Reply<()> {
        let store = self.clone();
        Box::pin(async move {
            let asked = head.clone();
            let place = store.readers.read(move |reading| reading.check_head(&asked)).await?;
            if place == EndPlace::Known {
                return Ok(());
            }
            let keep =
                move |session: &mut Session| session.keep_head(&actor, through, &head).map(drop);
            store.write(SMALL, keep).await
        })
    }

    fn note_heads(&self, actor: Actor, through: DeviceId, heads: HeardHeads) -> Reply<HeadsNoted> {
        let store = self.clone();
        Box::pin(async move {
            let event = store.device(through).await?.event;
            let check = move |reading: &Reading| reading.check_heard(event, heads.heads);
            let news = store.readers.read(check).await?;
            if news.is_empty() {
                return Ok(HeadsNoted::default());
            }
            let keep = move |session: &mut Session| session.keep_heard(&actor, through, &news);
            store.write(SMALL, keep).await
        })
    }

    fn import_journal(&self, actor: Actor, event: EventId, file: Vec<u8>) -> Reply<CarriedAnswer> {
        let store = self.clone();
        Box::pin(async move { store.take_in_carried(actor, event, file).await })
    }

    fn signed_time(&self, event: EventId, request: TimeRequest) -> Reply<SignedTime> {
        self.readers.read(move |reading| reading.signed_time(event, request))
    }

    fn correct_time(&self, actor: Actor) -> Reply<u64> {
        self.write(SMALL, move |session| session.correct_time(&actor))
    }

    fn feed(&self, event: EventId, from: FeedFrom) -> Reply<FeedPage> {
        self.readers.read(move |reading| reading.feed(event, from))
    }

    fn subscribe(&self, event: EventId) -> watch::Receiver<u64> {
        let (receiver, first) = self.heads.subscribe(event);
        if first {
            // A full queue only delays the first value: the next commit sets it.
            drop(self.send(Message::Announce(event)));
        }
        receiver
    }

    fn conflicts(&self, event: EventId) -> Reply<Vec<Conflict>> {
        self.readers.read(move |reading| reading.conflicts(event))
    }

    fn interventions(&self, event: EventId) -> Reply<Vec<InterventionRow>> {
        self.readers.read(move |reading| reading.interventions(event))
    }

    fn ledger(&self, event: EventId, after: u64, limit: u32) -> Reply<LedgerPage> {
        self.readers.read(move |reading| reading.ledger(event, after, limit))
    }

    fn epoch(&self) -> Epoch {
        self.installation.epoch
    }

    fn begin_restore(&self, actor: Actor) -> Reply<RestoreBegun> {
        self.write(LARGE, move |session| session.begin_restore(&actor))
    }

    fn restore(&self, event: EventId) -> Reply<RestoreInfo> {
        self.readers.read(move |reading| reading.restore_info(event))
    }

    fn confirm_restore(
        &self,
        actor: Actor,
        event: EventId,
        request: ConfirmRestore,
    ) -> Reply<RestoreInfo> {
        let store = self.clone();
        let confirm =
            self.write(SMALL, move |session| session.confirm_restore(&actor, event, request));
        Box::pin(async move {
            confirm.await?;
            store.restore(event).await
        })
    }

    fn locate(&self, actor: Actor, device: DeviceId, asked: Locate) -> Reply<Located> {
        let store = self.clone();
        Box::pin(async move {
            let event = store.device(device).await?.event;
            let shown = asked.newest.clone();
            let news = store.readers.read(move |reading| reading.unaccounted(event, shown)).await?;
            if let Some(newest) = news {
                let prove = move |session: &mut Session| {
                    session.shown_position(&actor, device, event, &newest)
                };
                store.write(SMALL, prove).await?;
            }
            store.readers.read(move |reading| reading.locate(event, &asked)).await
        })
    }

    fn offer(
        &self,
        actor: Actor,
        device: DeviceId,
        after: Cursor,
        page: FeedPage,
    ) -> Reply<OfferAnswer> {
        let offer = self.write(LARGE, move |session| session.offer(&actor, device, after, &page));
        Box::pin(async move {
            match offer.await? {
                Offer::Taken(answer) => Ok(answer),
                Offer::RolledBack => Err(StoreError::RolledBack),
            }
        })
    }

    fn offered(&self, actor: Actor, device: DeviceId, offered: Offered) -> Reply<()> {
        self.write(SMALL, move |session| session.offered(&actor, device, &offered))
    }

    fn verify_ledger(&self, event: EventId) -> Reply<LedgerReport> {
        self.readers.read(move |reading| reading.verify_ledger(event))
    }

    fn journal(&self, device: DeviceId, after: u64, limit: u32) -> Reply<JournalPage> {
        self.readers.read(move |reading| reading.journal(device, after, limit))
    }

    fn quarantine(&self, event: EventId) -> Reply<Vec<QuarantineRow>> {
        self.readers.read(move |reading| reading.quarantine(event))
    }

    fn note_export(&self, actor: Actor, export: Export) -> Reply<()> {
        self.write(SMALL, move |session| session.note_export(&actor, export))
    }

    fn note_refusal(&self, actor: Actor, refusal: Refusal) -> Reply<()> {
        self.write(SMALL, move |session| session.note_refusal(&actor, &refusal))
    }

    fn audit(&self, query: AuditQuery) -> Reply<Vec<AuditRow>> {
        self.readers.read(move |reading| reading.audit(&query))
    }

    fn verify_audit(&self) -> Reply<u64> {
        self.readers.read(|reading| reading.verify_audit())
    }

    fn create_token(&self, actor: Actor, request: CreateToken) -> Reply<CreatedToken> {
        self.write(SMALL, move |session| session.create_token(&actor, &request))
    }

    fn authenticate(&self, secret: String) -> Reply<ApiToken> {
        let now = self.now();
        self.readers.read(move |reading| reading.authenticate(&secret, now))
    }

    fn tokens(&self, organisation: OrganisationId) -> Reply<Vec<ApiToken>> {
        self.readers.read(move |reading| reading.tokens(organisation))
    }

    fn revoke_token(&self, actor: Actor, id: u32) -> Reply<ApiToken> {
        self.write(SMALL, move |session| session.revoke_token(&actor, id))
    }
}
