//! What only the root key can say: that this device is revoked, and that the server has its whole journal. Anything
//! less may come from anybody between gate and server.

use std::sync::{Arc, atomic::Ordering};

use kaisatsu_shared::{
    bundle::{Revocation, SignedRevocation},
    id::{DeviceId, InstallationId},
    journal::JournalHead,
    key::RootPublic,
    sync::SessionAnswer,
};

use super::{Failure, Link, LinkEvent};
use crate::platform;

impl Failure {
    /// The root key's word that `device` is revoked, where the refusal came with it.
    pub(super) fn revocation(
        &self,
        root: &RootPublic,
        installation: InstallationId,
        device: DeviceId,
    ) -> Option<Revocation> {
        let Self::Problem(problem) = self else { return None };
        problem.revocation.as_ref()?.open(root, installation, device)
    }
}

impl Link {
    /// The same of this device.
    pub(super) fn proven(&self, failure: &Failure) -> Option<Revocation> {
        let enrolment = &self.enrolment;
        failure.revocation(&enrolment.root, enrolment.installation, self.credential.device)
    }

    /// Tells what the root key says in a session's answer; gives how much of the journal it says is there.
    pub(super) async fn heed(&self, answer: &SessionAnswer) -> Option<JournalHead> {
        let (root, installation) = (&self.enrolment.root, self.enrolment.installation);
        let device = self.credential.device;
        let open = |signed: &SignedRevocation| signed.open(root, installation, device);
        let revocation = answer.revocation.as_ref().and_then(open)?;
        self.tell(LinkEvent::Revoked(revocation)).await;
        answer.receipt.and_then(|it| it.open(root, installation, device))
    }

    /// Asks the server for what it has of the journal, by the root key's word: begins a session.
    pub(crate) fn ask_receipt(self: &Arc<Self>) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            link.end_session().await;
            if let Err(failure) = link.authorised(async |_| Ok(())).await {
                tracing::debug!(%failure, "the server doesn't say what it has");
            }
        });
    }

    /// The key is gone: nothing is asked any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}
