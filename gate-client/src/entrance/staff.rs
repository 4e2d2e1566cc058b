//! What staff tell the gate, and what they hear.

use kaisatsu_shared::{
    id::{ClaimKey, OperatorId},
    operator::Role,
    reason::Language,
};
use tokio::sync::mpsc;

use crate::{
    engine::{Declined, Done, Input},
    link::Notice,
    operators::PinGuard,
    platform::{self, random},
    store::Notes as _,
};

use super::{command::Command, gate::Gate};

/// A PIN was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PinChecked {
    operator: OperatorId,
    right: bool,
}

/// Signing in: checking a PIN takes long, so it is done beside the loop, one at a time.
#[derive(Debug)]
pub(super) struct SignIn {
    guard: PinGuard,
    under_way: bool,
    sender: mpsc::Sender<PinChecked>,
}

impl SignIn {
    pub(super) const fn new(guard: PinGuard, sender: mpsc::Sender<PinChecked>) -> Self {
        Self { guard, under_way: false, sender }
    }
}

impl Gate {
    pub(super) async fn obey(&mut self, command: Command) -> anyhow::Result<()> {
        match command {
            Command::Answer(answer) => {
                self.handle(Input::Answer { answer, key: ClaimKey(random()?) }).await;
            }
            Command::Override(reason) => self.handle(Input::Override { reason }).await,
            Command::Annul => self.handle(Input::Annul).await,
            Command::Search(text) => self.look_up(&text),
            Command::Admit(place) => self.admit_by_hand(place).await?,
            Command::SignIn { operator, pin } => self.check_pin(operator, pin),
            Command::SignOut => {
                self.forget_found();
                self.handle(Input::SignOut).await;
            }
            Command::Direction(direction) => self.handle(Input::Direction(direction)).await,
            Command::Close => self.handle(Input::ReturnLeases).await,
            Command::Time(local) => self.set_time(local).await,
        }
        Ok(())
    }

    fn check_pin(&mut self, operator: OperatorId, pin: String) {
        let wait = self.sign_in.guard.wait(self.clock.monotonic());
        if wait > 0 {
            return self.tell(&pin_wait(wait));
        }
        if core::mem::replace(&mut self.sign_in.under_way, true) {
            return;
        }
        let operators = self.engine.bundle().map(|bundle| bundle.operators.as_slice());
        let found = operators.into_iter().flatten().find(|known| known.id == operator);
        let verifier = found.map(|known| known.pin.clone());
        let sender = self.sign_in.sender.clone();
        platform::spawn(async move {
            let verify = move || verifier.is_some_and(|verifier| verifier.verify(&pin));
            let right = platform::beside(verify).await.unwrap_or_default();
            // Nobody waits for it any more once the gate ends.
            let _ = sender.send(PinChecked { operator, right }).await;
        });
    }

    pub(super) async fn pin_checked(&mut self, checked: PinChecked) {
        let PinChecked { operator, right } = checked;
        self.sign_in.under_way = false;
        if right {
            if self.sign_in.guard.succeeded() {
                self.keep_pin_failures(0).await;
            }
            return self.handle(Input::SignIn { operator }).await;
        }
        let failures = self.sign_in.guard.failed(self.clock.monotonic());
        self.keep_pin_failures(failures).await;
        self.handle(Input::PinRefused { operator }).await;
        self.tell(&Notice::new(
            "pin_wrong",
            "番号か暗証番号が違います。もう一度入力してください",
            "The number or the PIN is wrong. Type both again",
        ));
    }

    /// What colleagues call whoever is signed in.
    pub(super) fn operator(&self) -> Option<String> {
        let signed_in = self.engine.identity().operator;
        let mut known = self.engine.bundle()?.operators.iter();
        known.find(|operator| operator.id == signed_in).map(|operator| operator.label.clone())
    }

    async fn keep_pin_failures(&mut self, failures: u32) {
        if let Err(error) = self.store.keep_pin_failures(failures).await {
            self.disk_failed(&error);
        }
    }

    async fn set_time(&mut self, local: chrono::NaiveDateTime) {
        if self.engine.role() != Some(Role::Lead) {
            return self.declined(Declined::NeedsLead);
        }
        let Some(zone) = self.engine.bundle().map(|bundle| bundle.zone()) else { return };
        let at = zone.instant(local);
        match self.time.set_by_lead(at, self.clock.monotonic()) {
            Ok(()) => self.handle(Input::TimeSet { at }).await,
            Err(error) => {
                let (ja, en) = (error.sentence(Language::Ja), error.sentence(Language::En));
                self.tell(&Notice::new(error.code(), ja, en));
            }
        }
    }

    pub(super) fn done(&mut self, done: Done) {
        self.tell(&match done {
            Done::Answered => Notice::new("answered", "記録しました", "Recorded"),
            Done::Annulled => Notice::new(
                "annulled",
                "取り消しを記録しました。サーバーに届くと、また使えます",
                "Taken back. The ticket can be used again once the server has it",
            ),
            Done::SignedIn => Notice::new("signed_in", "担当者を確認しました", "Signed in"),
            Done::SignedOut => Notice::new("signed_out", "担当を終了しました", "Signed out"),
            Done::LeasesReturned => Notice::new(
                "leases_returned",
                "このレーンの割り当てを返却しました。サーバーに届くまで電源を切らないでください",
                "This lane's tickets are handed back. Keep it on until the server has it",
            ),
            Done::TimeSet => Notice::new(
                "time_set",
                "時計を合わせました（誤差2分まで）",
                "The clock is set, within two minutes",
            ),
        });
    }

    pub(super) fn declined(&mut self, declined: Declined) {
        self.tell(&match declined {
            Declined::NothingToOverrule => Notice::new(
                "nothing_to_overrule",
                "先にチケットを読み取ってください",
                "Scan the ticket first",
            ),
            Declined::NothingToAnnul => Notice::new(
                "nothing_to_annul",
                "取り消せる読み取りがありません。そのチケットを読み取ってください",
                "No scan to take back. Scan that ticket first",
            ),
            Declined::AlreadyAnnulled => Notice::new(
                "already_annulled",
                "取り消し済み。サーバーに届くのを待っています",
                "Already taken back. It waits for the server",
            ),
            Declined::NeedsLead => Notice::new(
                "needs_lead",
                "責任者が暗証番号を入れてください",
                "A lead must sign in for this",
            ),
            Declined::ScansOut => Notice::new(
                "scans_out",
                "この端末は退場用です。入場口で行ってください",
                "This gate scans guests out. Do this at an entrance",
            ),
            Declined::GateRefused => Notice::new(
                "gate_refused",
                "この端末は使用停止中。係を呼んでください",
                "This gate isn't accepted any more. Call a supervisor",
            ),
        });
    }

    /// Tells staff what they asked for just now, as often as they ask.
    pub(super) fn tell(&mut self, notice: &Notice) {
        tracing::info!(code = notice.code, "{}", notice.en);
        self.front.borrow_mut().face.notice(notice);
    }
}

fn pin_wait(millis: u64) -> Notice {
    let seconds = millis.div_ceil(1_000);
    Notice::new(
        "pin_wait",
        format!("暗証番号の誤りが続きました。あと{seconds}秒待ってください"),
        format!("Too many wrong PINs. Wait {seconds} s"),
    )
    .with("wait_s", seconds)
}
