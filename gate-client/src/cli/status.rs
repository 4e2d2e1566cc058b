//! `status`: who this gate is and what it holds, read beside a running gate.

use anyhow::Context as _;
use kaisatsu_shared::{bundle::Policy, id::Epoch, ledger::EventState, reason::Language};
use serde_json::json;

use super::out;
use crate::{
    engine::{LinkState, leased},
    native::SeenFile,
    store::{Directory, Loaded, Notes as _, StoreError, Wiped, load},
    time::{ClockHealth, ClockSource},
};

pub(super) async fn status(directory: &Directory, json: bool) -> anyhow::Result<()> {
    let (store, enrolment) = match super::known(directory).await {
        Err(StoreError::Wiped { wiped, .. }) => return wiped_status(directory, &wiped, json),
        known => known?,
    };
    let credential =
        enrolment.open().ok_or_else(|| StoreError::Corrupt("the credential".to_owned()))?;
    let Loaded { restored, ledger, bundle_refused } =
        load(&store, &enrolment, credential.device).await?;
    let mut state = EventState::new(enrolment.installation, credential.event, Epoch::default());
    for bytes in &ledger {
        state.apply(bytes).context("the list of tickets is damaged: enrol into a new directory")?;
    }
    let running = directory.is_in_use();
    let seen = running.then(|| SeenFile::new(directory).read()).flatten();
    let link = running.then(|| seen.as_ref().map_or(LinkState::Alone, |seen| seen.link));
    let clock = seen.map(|seen| seen.clock);
    let floor = store.floor().await?;
    let bundle = restored.bundle.as_ref().map(|(_, open)| open);
    let gate = bundle.and_then(|bundle| bundle.gate(credential.gate));
    let (leased, room) = leased(&state, credential.device, &restored.journal);
    let revocation = store.revocation().await?;
    let line = json!({
        "running": running,
        "link": link,
        "clock": clock,
        "clock_floor": floor,
        "server": enrolment.server,
        "installation": enrolment.installation,
        "event": credential.event,
        "event_name": bundle.map(|bundle| &bundle.name),
        "gate": credential.gate,
        "gate_name": gate.map(|gate| &gate.name),
        "device": credential.device,
        "revoked": revocation.is_some() || store.refused().await?.is_some(),
        "revoked_at": revocation.map(|it| it.revoked_at),
        "rules_refused": store.rules_refused().await?,
        "journal": restored.head.number,
        "unsynced": restored.outbox.len(),
        "open_claims": restored.intents.len(),
        "ledger": state.cursor().sequence,
        "tickets": state.roster().len(),
        "leased": leased,
        "room": room,
        "bundle_version": bundle.map(|bundle| bundle.version),
        "policy": bundle.map(|bundle| bundle.rules.policy),
        "bundle_refused": bundle_refused.map(|error| error.to_string()),
    });
    if json {
        return out::print(|out| Ok(writeln!(out, "{line}")?));
    }
    let name = |name: Option<&kaisatsu_shared::reason::LocalText>| match name {
        Some(name) => format!(" ({} / {})", name.ja, name.en),
        None => String::new(),
    };
    let rules = match bundle {
        _ if revocation.is_some() => {
            "none: this device was revoked; it admits nobody and delivers its journal".to_owned()
        }
        _ if store.rules_refused().await?.is_some() => {
            "newer than this program: update the gate; it admits nobody".to_owned()
        }
        Some(bundle) => format!(
            "version {}, {}",
            bundle.version,
            match bundle.rules.policy {
                Policy::Available => "goes on alone when cut off",
                Policy::OnlineOnly => "admits only with the server",
                Policy::Strict => "admits alone only what was leased",
            }
        ),
        None => "none yet; they come with the first connection".to_owned(),
    };
    let state_of = match (running, link) {
        (true, Some(link)) => format!("running, {}", json!(link).as_str().unwrap_or_default()),
        _ => "not running".to_owned(),
    };
    out::print(|out| {
        writeln!(
            out,
            "device   {} at gate {}{}",
            credential.device,
            credential.gate,
            name(gate.map(|gate| &gate.name))
        )?;
        writeln!(out, "event    {}{}", credential.event, name(bundle.map(|bundle| &bundle.name)))?;
        writeln!(out, "server   {}", enrolment.server)?;
        writeln!(out, "state    {state_of}")?;
        if let Some(clock) = &clock {
            writeln!(out, "clock    {}", clock_line(clock))?;
        }
        writeln!(out, "rules    {rules}")?;
        writeln!(
            out,
            "tickets  {} known, ledger up to {}",
            state.roster().len(),
            state.cursor().sequence
        )?;
        if leased > 0 {
            writeln!(out, "lane     {leased} tickets that only this gate decides about")?;
        }
        if room > 0 {
            writeln!(out, "room     for {room} persons is this gate's own to give")?;
        }
        writeln!(
            out,
            "journal  {} entries, {} to deliver",
            restored.head.number,
            restored.outbox.len()
        )?;
        Ok(())
    })
}

/// What remains of a revoked device.
fn wiped_status(directory: &Directory, wiped: &Wiped, json: bool) -> anyhow::Result<()> {
    let running = directory.is_in_use();
    out::print(|out| {
        if json {
            return Ok(writeln!(out, "{}", json!({ "running": running, "wiped": wiped }))?);
        }
        let Wiped { installation, event, gate, device, delivered, .. } = wiped;
        writeln!(out, "device   {device} at gate {gate} of event {event} was revoked")?;
        writeln!(out, "server   installation {installation}")?;
        writeln!(out, "journal  {delivered} entries, all delivered; nothing is kept here")?;
        writeln!(
            out,
            "next     to use it again: kaisatsu-gate --data {} enrol CODE --server URL",
            directory.path().display()
        )?;
        Ok(())
    })
}

/// How good the running gate's time is, where it comes from, and what to look into.
fn clock_line(clock: &ClockHealth) -> String {
    let source = match clock.source {
        ClockSource::Signed => "from the server",
        ClockSource::Lead => "set by a gate lead",
        ClockSource::System => "this device's own clock",
        ClockSource::None => "only what is past is known",
    };
    let mut line = format!("{}, {source}", clock.words(Language::En));
    for warning in &clock.warnings {
        line.push_str("; ");
        line.push_str(warning.sentence(Language::En));
    }
    line
}
