//! `journal import`.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use kaisatsu_shared::{id::EventId, sync::MAX_CARRIED_BYTES};

use super::{context::Context, error::CliError};
use crate::store::types::{CarriedAnswer, Carrier};

pub(crate) async fn import(context: &Context, event: EventId, path: &Path) -> Result<(), CliError> {
    let unusable = |error: std::io::Error| CliError::file("FILE", path, &error);
    let file =
        if path == Path::new("-") { read(stdin().lock()) } else { File::open(path).and_then(read) };
    let file = file.map_err(unusable)?;
    let answer = context.store.import_journal(context.actor(), event, file).await?;
    Ok(context.output.give(&answer, || text(&answer))?)
}

/// Reads what may be a file without end no further than needed to know that it is too large.
fn read(from: impl Read) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_CARRIED_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut file = Vec::new();
    from.take(most).read_to_end(&mut file)?;
    Ok(file)
}

fn text(answer: &CarriedAnswer) -> String {
    let CarriedAnswer { device, gate, entries, already_known, recorded, .. } = answer;
    let mut text = format!(
        "journal of device {device} at gate {gate}: {entries} entries, {recorded} recorded now, {already_known} known before"
    );
    let mut tell = |count: u64, what: &str| {
        if count > 0 {
            text.push_str(&format!("\n{count} {what}"));
        }
    };
    tell(answer.conflicts, "uses are in conflict with others: `conflict list` names all sides");
    tell(answer.quarantined, "are set apart and have no effect: `quarantine list` shows them");
    tell(answer.suspicious_times, "have a time that can't be: the gate's clock was wrong");
    tell(
        answer.leased,
        "tickets are still leased to it: close its lane (`close-lane` at the gate) and carry the journal again",
    );
    text.push_str(match answer.carrier {
        Carrier::Known => "",
        Carrier::Found => "\nthe server had no record of this device; it has one now",
        Carrier::Revoked => "\nthe device was revoked",
        Carrier::Replaced => "\nanother device has this number by now",
    });
    text
}
