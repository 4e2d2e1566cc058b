//! `journal verify` and `journal export`.

use anyhow::{Context as _, bail};
use chrono::{DateTime, SecondsFormat};
use kaisatsu_shared::{
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    right::RightRef,
    time::UnixMillis,
};
use serde_json::{Value, json};

use super::out;
use crate::store::{Directory, Notes as _, Store as _, StoreError};

pub(super) async fn verify(directory: &Directory, json: bool) -> anyhow::Result<()> {
    let (store, enrolment) = super::known(directory).await?;
    let credential =
        enrolment.open().ok_or_else(|| StoreError::Corrupt("the credential".to_owned()))?;
    let journal = store.journal().await?;
    let bytes = journal.iter().map(Vec::as_slice);
    let followed = JournalHead::default().follow(enrolment.installation, credential.device, bytes);
    let (head, _) = match followed {
        Ok(followed) => followed,
        Err(error) => bail!(
            "the journal doesn't hold together: {error}. Keep the directory and tell the organiser"
        ),
    };
    let acknowledged = store.acknowledged().await?;
    if acknowledged > head.number {
        bail!(
            "the journal lost its end: the server has {acknowledged} entries, here are {}. Keep the directory and tell the organiser",
            head.number
        );
    }
    let key = directory.key()?;
    let signed = SignedJournalHead::sign(enrolment.installation, credential.device, head, &key);
    out::print(|out| {
        if json {
            let line = json!({
                "holds": true,
                "entries": head.number,
                "acknowledged": acknowledged,
                "head": signed,
            });
            return Ok(writeln!(out, "{line}")?);
        }
        let (entries, hash) = (head.number, hex::encode(head.hash));
        Ok(writeln!(
            out,
            "{entries} entries, {acknowledged} of them acknowledged, the chain holds, it ends with {hash}"
        )?)
    })
}

pub(super) async fn export(directory: &Directory, json: bool) -> anyhow::Result<()> {
    let (store, enrolment) = super::known(directory).await?;
    let journal = store.journal().await?;
    out::print(|out| {
        for bytes in journal {
            let entry = JournalEntry::decode(&bytes)
                .context("an entry can't be read: run `kaisatsu-gate journal verify`")?;
            let head = JournalEntry::head_of(enrolment.installation, entry.number, &bytes);
            let line = line(&entry, &head, &bytes);
            if json { writeln!(out, "{line}")? } else { writeln!(out, "{}", text(&entry, &line))? }
        }
        Ok(())
    })
}

/// An entry for machines; `bytes` are its canonical ones, of which the rest can be made again.
fn line(entry: &JournalEntry, head: &JournalHead, bytes: &[u8]) -> Value {
    let mut line = json!({
        "number": entry.number,
        "device": entry.device,
        "gate": entry.gate,
        "operator": entry.operator,
        "epoch": entry.epoch,
        "at": entry.at,
        "previous": hex::encode(entry.previous),
        "hash": hex::encode(head.hash),
        "bytes": hex::encode(bytes),
    });
    let right = |right: &RightRef| json!(right);
    let body = match &entry.body {
        JournalBody::Redeemed { right: of, kind, count, claim, authority, by_hand } => json!({
            "kind": "redeemed", "right": right(of), "use": kind, "count": count,
            "claim": claim, "authority": authority, "by_hand": by_hand,
        }),
        JournalBody::Shown { number } => json!({ "kind": "shown", "of": number }),
        JournalBody::Refused { code, right } => {
            json!({ "kind": "refused", "code": code, "right": right })
        }
        JournalBody::Interrupted { number, right: of } => {
            json!({ "kind": "interrupted", "of": number, "right": right(of) })
        }
        JournalBody::Answered { device, number, right: of, let_in } => json!({
            "kind": "answered", "of": number, "of_device": device, "right": right(of),
            "let_in": let_in,
        }),
        JournalBody::Abandoned { claim, right: of } => {
            json!({ "kind": "abandoned", "claim": claim, "right": right(of) })
        }
        JournalBody::Checked { right: of, identity, choice } => json!({
            "kind": "checked", "right": right(of), "identity": identity, "choice": choice,
        }),
        JournalBody::Overridden { right: of, count, code, reason } => json!({
            "kind": "overridden", "right": right(of), "count": count, "code": code,
            "reason": reason,
        }),
        JournalBody::Annulled { device, number, right: of } => json!({
            "kind": "annulled", "of": number, "of_device": device, "right": right(of),
        }),
        JournalBody::Transferred { lease, serials, to } => json!({
            "kind": "transferred", "lease": lease, "serials": serials, "to": to,
        }),
        JournalBody::ShareTransferred { lease, persons, to } => json!({
            "kind": "share_transferred", "lease": lease, "persons": persons, "to": to,
        }),
        JournalBody::Granted { device, gate, right: of, kind, count, claim } => json!({
            "kind": "granted", "to_device": device, "at_gate": gate, "right": right(of),
            "use": kind, "count": count, "claim": claim,
        }),
        JournalBody::GaveUp { device, claim, right: of } => json!({
            "kind": "gave_up", "of_device": device, "claim": claim, "right": right(of),
        }),
        JournalBody::Received { lease, serial, from, number } => json!({
            "kind": "received", "lease": lease, "serial": serial, "from_device": from,
            "of": number,
        }),
        JournalBody::Recounted { device, gate, number, right: of, kind, count, claim, at } => {
            json!({
                "kind": "recounted", "of_device": device, "at_gate": gate, "of": number,
                "right": right(of), "use": kind, "count": count, "claim": claim, "used_at": at,
            })
        }
        JournalBody::SignedIn => json!({ "kind": "signed_in" }),
        JournalBody::SignedOut => json!({ "kind": "signed_out" }),
        JournalBody::PinRefused { operator } => {
            json!({ "kind": "pin_refused", "as": operator })
        }
        JournalBody::TimeSet { at } => json!({ "kind": "time_set", "to": at }),
    };
    if let (Value::Object(line), Value::Object(body)) = (&mut line, body) {
        line.extend(body);
    }
    line
}

/// An entry for people.
fn text(entry: &JournalEntry, line: &Value) -> String {
    let at = utc(entry.at.middle());
    let field = |path: &str| match line.pointer(path) {
        Some(Value::String(text)) => format!(" {text}"),
        Some(Value::Null) | None => String::new(),
        Some(value) => format!(" {value}"),
    };
    let mut text = format!("{:>6}  {at} {}{}", entry.number, field("/kind"), field("/code"));
    if line.pointer("/right/serial").is_some() {
        text.push_str(&format!("  ticket{}", field("/right/serial")));
    }
    if line.get("of").is_some() {
        text.push_str(&format!("  entry{}", field("/of")));
    }
    if line.get("authority").is_some() {
        text.push_str(&format!("  by{}", field("/authority")));
    }
    if line.pointer("/by_hand") == Some(&Value::Bool(true)) {
        text.push_str("  by hand");
    }
    if line.get("let_in").is_some() {
        text.push_str(&format!("  let in before:{}", field("/let_in")));
    }
    text
}

fn utc(at: UnixMillis) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    DateTime::from_timestamp_millis(millis)
        .map_or_else(|| at.0.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
