use kaisatsu_shared::{
    display::clock::{ChainId, LinkCache, verify_link},
    id::{Generation, Serial, TypeId},
    ledger::{BlockReason, ReissueReason, VoidReason},
    roster::Membership,
    seal,
    token::{self, Display, ModePart},
};

use super::harness::{Backend, Harness, cli, refusal, seconds};
use crate::store::{StoreError, types::*};
use kaisatsu_shared::sync::ClaimRefusal;

pub(crate) async fn jobs_issue_each_row_once<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let job = JobId([7; 32]);
    let chunk = |first_row, count| IssueChunk {
        event,
        ticket_type: TypeId(1),
        job,
        first_row,
        rows: vec![NewTicket::default(); count],
    };
    let issue = |chunk| h.store.issue(cli(), chunk);
    assert_eq!(h.store.job(event, job).await.unwrap(), JobProgress::default());
    let first = issue(chunk(0, 1024)).await.unwrap();
    assert_eq!(first, IssuedChunk { first: Serial(0), count: 1024, repeated: false });
    assert_eq!(h.issue(event, 2, 3).await, Serial(1024), "another job between");
    // The answer was lost: the same chunk is asked for again.
    let again = issue(chunk(0, 1024)).await.unwrap();
    assert_eq!(again, IssuedChunk { repeated: true, ..first });
    assert_eq!(issue(chunk(2000, 5)).await, Err(StoreError::JobGap(1024)));
    assert_eq!(issue(chunk(1000, 100)).await, Err(StoreError::JobMismatch));
    assert_eq!(issue(chunk(1024, 0)).await, Err(StoreError::ChunkSize));
    assert_eq!(issue(chunk(1024, 1025)).await, Err(StoreError::ChunkSize));
    let rest = issue(chunk(1024, 10)).await.unwrap();
    assert_eq!(rest.first, Serial(1027));
    let progress = h.store.job(event, job).await.unwrap();
    assert_eq!(progress.rows, 1034);
    assert_eq!(progress.chunks.iter().map(|chunk| chunk.first.0).collect::<Vec<_>>(), [0, 1027]);
    assert_eq!(h.store.stats(event).await.unwrap().issued, 1037);

    // A job's name stands for one content, and only in its event.
    let begin = |event, job, byte| h.store.begin_job(cli(), event, JobId([job; 32]), [byte; 32]);
    assert_eq!(begin(event, 9, 1).await, Ok(JobProgress::default()));
    assert_eq!(begin(event, 9, 1).await, Ok(JobProgress::default()));
    assert_eq!(begin(event, 9, 2).await, Err(StoreError::JobContent));
    assert_eq!(begin(event, 8, 2).await, Ok(JobProgress::default()));
    assert_eq!(begin(h.event().await, 9, 2).await, Ok(JobProgress::default()));
    assert_eq!(begin(event, 7, 1).await.unwrap().rows, 1034);

    // One bad row, and none of the chunk is issued.
    let mut bad = chunk(1034, 5);
    let validity = Validity { from: seconds(5), until: seconds(5) };
    bad.rows[4].validity = Some(validity);
    assert_eq!(issue(bad).await, Err(StoreError::EmptyValidity));
    let mut bad = chunk(1034, 5);
    bad.ticket_type = TypeId(9);
    assert_eq!(issue(bad).await, Err(StoreError::TypeUnknown(TypeId(9))));
    assert_eq!(h.store.stats(event).await.unwrap().issued, 1037);
    let good = issue(chunk(1034, 5)).await.unwrap();
    assert_eq!(good.first, Serial(1037));
    assert_eq!(h.followed(event).await.roster().len(), 1042);
}

pub(crate) async fn static_and_clock_tickets_show_what_a_gate_admits<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    h.issue(event, 1, 2).await;
    h.issue(event, 2, 1).await;
    let bundle = h.bundle(event).await;
    let installation = h.store.installation();
    for serial in [Serial(0), Serial(1), Serial(2)] {
        let shown = h.shown(event, serial).await;
        bundle.ring().verify(installation, &shown.token).unwrap();
        let body = &shown.token.body;
        let print = body.fingerprint(installation, false);
        let roster = h.followed(event).await;
        let member = roster.roster().membership(serial, body.generation, print);
        assert_eq!(member, Membership::Member);
        match (&body.mode, &shown.display) {
            (ModePart::Static, Display::Static) => assert!(serial < Serial(2)),
            (ModePart::Clock(part), Display::Clock { step, link }) => {
                assert_eq!(serial, Serial(2));
                let id = ChainId::of(body).unwrap();
                let mut cache = LinkCache::default();
                assert!(verify_link(installation, id, &part.anchor, *step, link, &mut cache));
            }
            other => panic!("{other:?}"),
        }
    }
    let all = h.store.show_static(cli(), event, Serial(0), 1_024).await.unwrap();
    assert_eq!(all.iter().map(|shown| shown.serial.0).collect::<Vec<_>>(), [0, 1]);
    assert!(token::decode(&all[1].text).is_ok());
    h.store.void(cli(), event, Serial(0), VoidReason::Lost).await.unwrap();
    let all = h.store.show_static(cli(), event, Serial(0), 1_024).await.unwrap();
    assert_eq!(all.iter().map(|shown| shown.serial.0).collect::<Vec<_>>(), [1]);
    let printed = h.store.print(cli(), event, Serial(0), 1_024).await.unwrap();
    let serials: Vec<_> =
        printed.iter().map(|ticket| (ticket.serial.0, ticket.ticket_type.0)).collect();
    assert_eq!(serials, [(1, 1), (2, 2)]);
    assert_eq!(printed[0].shown.as_ref(), Some(&all[0]));
    assert_eq!((&printed[1].shown, &printed[1].holder), (&None, &None));
    let too_many = h.store.show_static(cli(), event, Serial(0), 1_025).await;
    assert_eq!(too_many, Err(StoreError::ChunkSize));
    let unknown = h.store.show(cli(), event, Serial(3), seconds(0)).await;
    assert_eq!(unknown, Err(StoreError::TicketUnknown(Serial(3))));
}

pub(crate) async fn chains_are_replaced_where_they_do_not_reach<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 2, 1).await;
    let show = |after| h.store.show(cli(), event, serial, seconds(after));
    let first = show(25).await.unwrap();
    assert_eq!(first.clock.unwrap().step, 2);
    let later = show(86_399).await.unwrap();
    let (one, two) = (first.clock.unwrap(), later.clock.unwrap());
    assert_eq!((one.start, one.steps), (two.start, two.steps), "one chain for the validity");
    // A month later the ticket has expired; its page still shows it, on a new chain.
    let month = show(30 * 86_400).await.unwrap().clock.unwrap();
    assert_ne!(month.start, one.start);
    let back = show(25).await.unwrap();
    assert_eq!(back.text, first.text, "the chain is derived, so the same extent is the same chain");
    let prints = |shown: &TicketShown| {
        let body = token::decode(&shown.text).unwrap().token.body;
        (body.generation, body.fingerprint(h.store.installation(), false))
    };
    assert_eq!(prints(&later), prints(&back));

    let parallel: Vec<_> = (0..8).map(|_| show(10 * 86_400)).collect();
    for shown in parallel {
        assert!(shown.await.unwrap().clock.is_some());
    }
}

pub(crate) async fn a_rotated_key_leaves_issued_tickets_as_they_are<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serials = [h.issue(event, 1, 1).await, h.issue(event, 2, 1).await];
    let show = |serial| h.store.show(cli(), event, serial, seconds(25));
    let texts = async || {
        let all = h.store.show_static(cli(), event, Serial(0), 2).await.unwrap();
        [
            show(serials[0]).await.unwrap().text,
            show(serials[1]).await.unwrap().text,
            all[0].text.clone(),
        ]
    };
    // A gate that doesn't have the bundle with the next key.
    let gate = h.bundle(event).await;
    let installation = h.store.installation();
    let before = texts().await;
    let next = h.store.rotate_key(cli(), event).await.unwrap().id;
    assert_eq!(texts().await, before);
    for serial in serials {
        let shown = h.shown(event, serial).await;
        assert!(gate.ring().verify(installation, &shown.token).is_ok());
    }
    let new = h.issue(event, 1, 1).await;
    assert_eq!(show(new).await.unwrap().key, next);
    for serial in serials {
        h.store.reissue(cli(), event, serial, ReissueReason::Other).await.unwrap();
        assert_eq!(show(serial).await.unwrap().key, next);
        let shown = h.shown(event, serial).await;
        assert!(h.bundle(event).await.ring().verify(installation, &shown.token).is_ok());
    }
}

pub(crate) async fn void_and_reissue_withdraw_codes<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let gate = h.device(event, 1).await;
    let old = h.right(event, serial).await;
    let info = h.store.reissue(cli(), event, serial, ReissueReason::Other).await.unwrap();
    assert_eq!((info.generation, info.status), (Generation(2), TicketStatus::Unused));
    let new = h.right(event, serial).await;
    assert_ne!(new.fingerprint, old.fingerprint);
    let superseded = h.claim(&gate, old, 1, &[]).await;
    assert_eq!(refusal(superseded), Some(ClaimRefusal::Superseded));
    assert_eq!(refusal(h.claim(&gate, new, 2, &[]).await), None);

    let void = |reason| h.store.void(cli(), event, serial, reason);
    let first = void(VoidReason::Refunded).await.unwrap();
    assert_eq!(first, Voiding { reason: VoidReason::Refunded, repeated: false });
    let again = void(VoidReason::Abuse).await.unwrap();
    assert_eq!(again, Voiding { reason: VoidReason::Refunded, repeated: true });
    let refused = Err(StoreError::TicketVoided(serial));
    assert_eq!(h.store.reissue(cli(), event, serial, ReissueReason::Other).await, refused);
    let shown = h.store.show(cli(), event, serial, seconds(0)).await;
    assert_eq!(shown.unwrap_err().code(), "ticket_voided");
    let info = h.store.ticket(event, serial).await.unwrap();
    assert_eq!((info.status, info.voided), (TicketStatus::Voided, Some(VoidReason::Refunded)));
    let kinds: Vec<_> = info.history.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["issued", "reissued", "granted", "voided"]);
    let unknown = Err(StoreError::TicketUnknown(Serial(1)));
    assert_eq!(h.store.ticket(event, Serial(1)).await, unknown);

    let serial = h.issue(event, 1, 1).await;
    for _ in 1..255 {
        h.store.reissue(cli(), event, serial, ReissueReason::Other).await.unwrap();
    }
    let last = h.store.reissue(cli(), event, serial, ReissueReason::Other).await;
    assert_eq!(last, Err(StoreError::GenerationsUsedUp(serial)));
    h.right(event, serial).await;
}

pub(crate) async fn holders_are_read_only_on_record<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let holder = Holder { name: "山田 花子".to_owned(), ..Holder::default() };
    let named = NewTicket { holder: Some(holder.clone()), ..NewTicket::default() };
    let rows = vec![named, NewTicket::default()];
    let (ticket_type, job) = (TypeId(1), JobId([1; 32]));
    let chunk = IssueChunk { event, ticket_type, job, first_row: 0, rows };
    h.store.issue(cli(), chunk).await.unwrap();
    assert_eq!(h.store.holder(cli(), event, Serial(0)).await, Ok(Some(holder)));
    assert_eq!(h.store.holder(cli(), event, Serial(1)).await, Ok(None));
    assert!(h.store.holder(cli(), event, Serial(2)).await.is_err());
    let audit = h.store.audit(AuditQuery::default()).await.unwrap();
    assert_eq!(audit.iter().filter(|row| row.action == "holder.read").count(), 3);

    let printed = h.store.print(cli(), event, Serial(0), 2).await.unwrap();
    assert_eq!(printed[0].holder.as_ref().unwrap().name, "山田 花子");
    let audit = h.store.audit(AuditQuery::default()).await.unwrap();
    assert_eq!(audit[0].action, "ticket.print", "names were read, so it is on record");

    let body = h.shown(event, Serial(0)).await.token.body;
    let sealed = h.store.sealed_holder(event, Serial(0)).await.unwrap().unwrap();
    let installation = h.store.installation();
    let key = seal::holder_key(installation, &body.secret, event, Serial(0), body.generation);
    let plain = seal::open(&key, &[], &sealed).unwrap();
    assert!(String::from_utf8(plain).unwrap().contains("山田"));
    assert_eq!(h.store.sealed_holder(event, Serial(1)).await, Ok(None));
    // A reissued ticket keeps its holder.
    h.store.reissue(cli(), event, Serial(0), ReissueReason::Other).await.unwrap();
    assert!(h.store.holder(cli(), event, Serial(0)).await.unwrap().is_some());
}

pub(crate) async fn marks_are_recorded_once_and_told<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let mark = async |mark| h.store.mark(cli(), event, serial, mark).await.unwrap();
    let stolen = TicketMark::Blocked(BlockReason::Stolen);
    for (wanted, status, entries) in [
        (TicketMark::Unblocked, TicketStatus::Unused, 0),
        (TicketMark::Paid, TicketStatus::Unused, 0),
        (stolen, TicketStatus::Blocked, 1),
        (stolen, TicketStatus::Blocked, 1),
        (TicketMark::Blocked(BlockReason::Office), TicketStatus::Blocked, 2),
        (TicketMark::Unpaid, TicketStatus::Blocked, 3),
        (TicketMark::Unblocked, TicketStatus::Unpaid, 4),
        (TicketMark::Paid, TicketStatus::Unused, 5),
    ] {
        let info = mark(wanted).await;
        let kinds = ["blocked", "unblocked", "payment"];
        let told = info.history.iter().filter(|row| kinds.contains(&row.kind.as_str()));
        assert_eq!((info.status, told.count()), (status, entries), "{wanted:?}");
    }
    let unknown = h.store.mark(cli(), event, Serial(99), stolen).await;
    assert_eq!(unknown, Err(StoreError::TicketUnknown(Serial(99))));
    h.store.void(cli(), event, serial, VoidReason::Lost).await.unwrap();
    let voided = h.store.mark(cli(), event, serial, TicketMark::Paid).await;
    assert_eq!(voided, Err(StoreError::TicketVoided(serial)));
    let audit = h.store.audit(AuditQuery::default()).await.unwrap();
    for action in ["ticket.block", "ticket.unblock", "ticket.paid", "ticket.unpaid"] {
        assert!(audit.iter().any(|row| row.action == action), "{action}");
    }
}
