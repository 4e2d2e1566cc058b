//! `enrol`: makes the device's key and trades the code for a credential.

use anyhow::bail;
use serde_json::json;
use zeroize::Zeroizing;

use super::out;
use crate::{
    link::{self, base_url},
    platform::random,
    store::{Directory, Notes as _, Sqlite, Store as _, StoreError},
};

pub(super) async fn enrol(
    directory: &Directory,
    code: &str,
    server: &str,
    json: bool,
) -> anyhow::Result<()> {
    let address = base_url(server)?;
    directory.create()?;
    let lock = directory.lock()?;
    let mut store = Sqlite::open(directory, lock)?;
    if store.wiped().await?.is_some() {
        // A revoked device's: its key must not serve the next, and nothing of it may be left.
        if !store.finish_wipe().await? {
            return Err(StoreError::Locked.into());
        }
    }
    if store.revocation().await?.is_some() {
        bail!(
            "this gate was revoked and hasn't delivered its journal yet: start it where it reaches the server, or give another --data directory"
        );
    }
    if let Some(known) = store.enrolment().await? {
        bail!(
            "this gate is enrolled at {} already: give another --data directory to enrol once more",
            known.server
        );
    }
    let key = directory.key_or_new(Zeroizing::new(random()?))?;
    let (enrolment, credential) = link::enrol(address.as_str(), code, key.public()).await?;
    store.enrol(&enrolment).await?;
    if json {
        let line = json!({
            "server": enrolment.server,
            "installation": enrolment.installation,
            "event": credential.event,
            "gate": credential.gate,
            "device": credential.device,
        });
        return out::print(|out| Ok(writeln!(out, "{line}")?));
    }
    out::print(|out| {
        Ok(writeln!(
            out,
            "Enrolled as device {} at gate {} of event {}.",
            credential.device, credential.gate, credential.event
        )?)
    })
}
