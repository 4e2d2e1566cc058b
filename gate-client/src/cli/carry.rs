//! `journal export --signed`: the journal as a file that is carried to the server.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
};

use anyhow::{Context as _, ensure};
use kaisatsu_shared::sync::{CarriedJournal, MAX_CARRIED_BYTES};
use serde_json::json;

use super::out;
use crate::store::{Directory, Store as _, StoreError};

/// Writes the whole journal to `path`; also while the gate runs.
pub(super) async fn write(directory: &Directory, path: &Path, json: bool) -> anyhow::Result<()> {
    let (store, enrolment) = super::known(directory).await?;
    let credential =
        enrolment.open().ok_or_else(|| StoreError::Corrupt("the credential".to_owned()))?;
    let (installation, device) = (enrolment.installation, credential.device);
    let (journal, key) = (store.journal().await?, directory.key()?);
    let signed = enrolment.credential.clone();
    let carried = CarriedJournal::sign(installation, signed, device, &journal, &key)
        .context("the journal doesn't hold together. Keep the directory and tell the organiser")?;
    let file = carried.write()?;
    ensure!(
        file.len() <= MAX_CARRIED_BYTES,
        "the journal is larger than the server takes in by hand: deliver it over the network"
    );
    let shown = path.display();
    put(path, &file).with_context(|| format!("--out {shown}: check path, permissions and disk"))?;
    let entries = carried.head.head.number;
    let line = json!({ "device": device, "event": credential.event, "entries": entries, "head": carried.head });
    out::print(|out| {
        if json {
            return Ok(writeln!(out, "{line}")?);
        }
        Ok(writeln!(
            out,
            "{entries} entries of device {device}, signed, are in {shown}; carry it to the server and run `kaisatsu-server journal import --event {} {}`",
            credential.event,
            path.file_name().unwrap_or_default().display()
        )?)
    })
}

/// Puts a file in its place whole, and on disk: it may be on a stick that is pulled out next.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let whole = path.with_file_name(name);
    let mut file = File::create(&whole)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&whole, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
