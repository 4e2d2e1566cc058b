//! Keys and rules: asked for at the start, each minute, and when something unknown is met.

use core::time::Duration;
use kaisatsu_shared::bundle::{BundleError, OpenBundle, Revocation, SignedBundle};

use super::{Failure, Link, LinkEvent, Notice, client::Fetched};

const LIMIT: Duration = Duration::from_secs(4);

/// What a look for newer rules ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// The newest ones are known and can be used.
    Usable,
    /// This version can't work by the event's rules: it must admit nobody.
    Unusable,
}

impl Link {
    /// Fetches the bundle if it is another one than `tag` names.
    pub(super) async fn fetch_bundle(&self, tag: &mut Option<String>) -> Result<Rules, Failure> {
        let known = tag.clone();
        let fetched = self
            .authorised(|token| {
                self.client.fetch::<SignedBundle>("device/bundle", token, known.as_deref(), LIMIT)
            })
            .await?;
        let Fetched::New(signed, new_tag) = fetched else { return Ok(Rules::Usable) };
        match signed.open(&self.enrolment.root, self.enrolment.installation) {
            Ok(open)
                if open.event == self.credential.event
                    && open.revoked.contains(&self.credential.device) =>
            {
                self.tell(LinkEvent::Revoked(self.revoked_by(&open))).await;
                Ok(Rules::Unusable)
            }
            Ok(open) => {
                // Told first: the tag of a bundle that the loop never saw would hide it for good.
                self.tell_bundle(signed, open).await;
                *tag = new_tag;
                Ok(Rules::Usable)
            }
            Err(error) => {
                self.tell(LinkEvent::Notice(Notice::bundle(&error))).await;
                let Some(code) = binding(&error) else { return Ok(Rules::Usable) };
                self.tell(LinkEvent::RulesRefused(code)).await;
                // The rules from before would come as unchanged, if they came back.
                *tag = None;
                Ok(Rules::Unusable)
            }
        }
    }
}

impl Link {
    /// A bundle that names this device among those revoked is the root key's word for it.
    fn revoked_by(&self, open: &OpenBundle) -> Revocation {
        let (installation, device) = (self.enrolment.installation, self.credential.device);
        let root = &self.enrolment.root;
        let word = open.revocations.iter().find_map(|it| it.open(root, installation, device));
        let (event, revoked_at) = (open.event, open.issued_at);
        word.unwrap_or(Revocation { installation, event, device, revoked_at })
    }
}

/// The code of an error that doesn't put the rules in doubt, only this program: they are signed, so
/// they are the event's, and older ones don't hold any more.
const fn binding(error: &BundleError) -> Option<&'static str> {
    match error {
        BundleError::NewerFormat(_) => Some("rules_newer"),
        _ => None,
    }
}
