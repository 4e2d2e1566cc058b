//! Questions of other gates that wait for the engine's word. It answers each once; the same question may have
//! been asked by two connections.

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId},
    sync::ClaimAnswer,
};
use tokio::sync::oneshot;

/// Who waits for an answer, by device and claim.
type Waiting<T> = BTreeMap<(DeviceId, ClaimKey), Vec<oneshot::Sender<T>>>;

/// The questions.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    claims: Waiting<Option<ClaimAnswer>>,
    given_up: Waiting<()>,
}

impl Desk {
    pub(crate) fn claim(
        &mut self,
        device: DeviceId,
        claim: ClaimKey,
        reply: oneshot::Sender<Option<ClaimAnswer>>,
    ) {
        wait(&mut self.claims, (device, claim), reply);
    }

    pub(crate) fn given_up(
        &mut self,
        device: DeviceId,
        claim: ClaimKey,
        reply: oneshot::Sender<()>,
    ) {
        wait(&mut self.given_up, (device, claim), reply);
    }

    pub(crate) fn answer(
        &mut self,
        device: DeviceId,
        claim: ClaimKey,
        answer: Option<ClaimAnswer>,
    ) {
        tell(&mut self.claims, (device, claim), answer);
    }

    pub(crate) fn heard(&mut self, device: DeviceId, claim: ClaimKey) {
        tell(&mut self.given_up, (device, claim), ());
    }
}

fn wait<T>(waiting: &mut Waiting<T>, key: (DeviceId, ClaimKey), reply: oneshot::Sender<T>) {
    // Whoever went away is forgotten, so that nothing piles up.
    waiting.retain(|_, replies| {
        replies.retain(|reply| !reply.is_closed());
        !replies.is_empty()
    });
    waiting.entry(key).or_default().push(reply);
}

fn tell<T: Clone>(waiting: &mut Waiting<T>, key: (DeviceId, ClaimKey), answer: T) {
    for reply in waiting.remove(&key).unwrap_or_default() {
        // Nobody there any more: they ask again under the same key.
        let _ = reply.send(answer.clone());
    }
}
