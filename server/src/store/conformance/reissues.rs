use kaisatsu_shared::{id::Generation, ledger::ReissueReason};

use super::{
    harness::{Backend, Harness, cli},
    restores::{page, restored, says_all},
};
use crate::store::{StoreError, types::ConfirmRestore};

pub(crate) async fn a_reissue_that_was_got_back_is_followed_by_the_next<B: Backend>(
    h: &Harness<B>,
) {
    let event = h.event().await;
    let north = h.device(event, 1).await;
    let known = h.issue(event, 1, 1).await;
    let cut = h.followed(event).await.cursor();
    let backup = h.backend.copy();
    let lost = h.issue(event, 1, 1).await;
    h.store.reissue(cli(), event, known, ReissueReason::Lost).await.unwrap();
    let tail = page(h, event, cut).await;

    let new = restored(h, &backup, 2).await;
    new.store.offer(north.actor(), north.device, cut, tail).await.unwrap();
    let now = new.followed(event).await.cursor();
    new.store.offered(north.actor(), north.device, says_all(&north, now)).await.unwrap();
    new.store.confirm_restore(cli(), event, ConfirmRestore::default()).await.unwrap();
    // Its row is the first issue's; the ledger knows the second one.
    new.store.reissue(cli(), event, known, ReissueReason::Lost).await.unwrap();
    let state = new.followed(event).await;
    assert_eq!(state.roster().generation(known), Some(Generation(3)));
    assert_eq!(new.right(event, known).await.generation, Generation(3));
    // The secret of what was sold meanwhile is lost.
    let reissued = new.store.reissue(cli(), event, lost, ReissueReason::Lost).await;
    assert_eq!(reissued, Err(StoreError::TicketUnknown(lost)));
}
