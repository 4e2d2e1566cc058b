//! The hook: a command run for each admission or exit, for a turnstile's relay. It starts only
//! after that is durable, never holds up the gate, and never runs for what an earlier start did.

use std::{cell::RefCell, process::Stdio, rc::Rc};

use kaisatsu_shared::{id::GateId, rules::Verdict};
use tokio::{
    process::Command,
    sync::mpsc,
    task::JoinSet,
    time::{Duration, timeout},
};

use crate::{
    engine::ScanId,
    link::{LinkEvent, Notice},
};

/// A hook that runs longer is ended.
const LIMIT: Duration = Duration::from_secs(10);

/// The command and its runs.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    command: String,
    events: mpsc::Sender<LinkEvent>,
    running: Rc<RefCell<JoinSet<()>>>,
}

impl Hook {
    pub(super) fn new(command: String, events: mpsc::Sender<LinkEvent>) -> Self {
        Self { command, events, running: Rc::default() }
    }

    /// Starts a run for a verdict of this gate.
    pub(super) fn run(&self, gate: GateId, scan: ScanId, verdict: &Verdict) {
        let mut command = Command::new("/bin/sh");
        command
            .arg("-c")
            .arg(&self.command)
            .env("KAISATSU_OUTCOME", verdict.outcome().name())
            .env("KAISATSU_CODE", verdict.code.name())
            .env("KAISATSU_GATE", gate.to_string())
            .env("KAISATSU_SCAN", scan.0.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let events = self.events.clone();
        let mut running = self.running.borrow_mut();
        while running.try_join_next().is_some() {}
        running.spawn(async move {
            let why = match timeout(LIMIT, async { command.status().await }).await {
                Ok(Ok(status)) if status.success() => return,
                Ok(Ok(status)) => status.to_string(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it took too long".to_owned(),
            };
            let notice = Notice::new(
                "hook_failed",
                "ゲートの開閉装置が応答しません。手で開けて、係を呼んでください",
                "The turnstile doesn't answer. Open it by hand and call a supervisor",
            );
            let _ = events.send(LinkEvent::Notice(notice.with("why", why))).await;
        });
    }

    /// Lets the runs under way end.
    pub(super) async fn finish(self, limit: Duration) {
        let mut running = self.running.take();
        let _ = timeout(limit, async { while running.join_next().await.is_some() {} }).await;
    }
}
