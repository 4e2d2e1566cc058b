//! Opening the gate of a directory.

use std::{rc::Rc, sync::Arc};

use crate::{
    entrance::{self, Gate, Opening, Reports, SharedFront, damaged},
    platform::Clock,
    store::{Directory, Notes as _, Sqlite, Store as _, StoreError},
};

use super::{SeenFile, hub::HubParts, run::Settings};

/// Opens it.
///
/// # Errors
/// What keeps it from starting, each with what to do.
pub(super) async fn open(
    directory: &Directory,
    settings: &Settings,
    clock: Clock,
    front: SharedFront,
    reports: Reports,
) -> anyhow::Result<(Gate, Rc<HubParts>)> {
    let lock = directory.lock()?;
    let mut store = Sqlite::open(directory, lock)?;
    if let Some(wiped) = store.wiped().await? {
        // The last run may have stopped halfway.
        store.finish_wipe().await?;
        let (path, wiped) = (directory.path().to_owned(), Box::new(wiped));
        return Err(StoreError::Wiped { path, wiped }.into());
    }
    let enrolment = store
        .enrolment()
        .await?
        .ok_or_else(|| StoreError::NotEnrolled(directory.path().to_owned()))?;
    let credential = enrolment.open().ok_or_else(damaged)?;
    let key = Arc::new(directory.key()?);
    let seen_file = SeenFile::new(directory);
    seen_file.clear();
    let opening = Opening {
        store,
        enrolment,
        credential,
        key,
        direction: settings.direction,
        clock,
        trust: settings.clock.trust,
        front,
        watcher: Box::new(move |seen| seen_file.say(seen)),
        reports,
    };
    let (gate, hub) = entrance::open(opening, |of| HubParts::start(of, settings.mdns)).await?;
    hub.pass_on(&gate);
    Ok((gate, hub))
}
