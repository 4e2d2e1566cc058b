//! What comes back from the server.

use kaisatsu_gate::engine::{Input, LinkState};
use kaisatsu_shared::journal::{JournalEntry, JournalHead};

use super::{Asked, Gate};
use crate::{
    bugs::Adapter,
    house::{self, INSTALLATION},
    message::{Ask, Body, Message, Page, Refused, Reply},
    stage::Stage,
};

impl Gate {
    /// A message arrives. An answer to an earlier run of the process finds nobody.
    pub fn receive(&mut self, stage: &mut Stage, message: Message) {
        let reply = match message.body {
            Body::Reply(reply) => reply,
            Body::Ask(Ask::Hub(ref ask)) => {
                let ask = ask.clone();
                return self.asked_as_hub(stage, message, ask);
            }
            Body::Ask(_) => return,
        };
        let Some(running) = self.running.as_mut().filter(|_| message.boot == self.boot) else {
            return;
        };
        let asked = running.asked.remove(&message.request);
        match (reply, asked) {
            (Reply::Hub(reply), asked) => {
                let asked = asked.and_then(|asked| match asked {
                    Asked::Hub(asked) => Some(asked),
                    _ => None,
                });
                self.hub_says(stage, asked, *reply);
            }
            (Reply::Refused(refused), Some(Asked::Relay)) if refused != Refused::Failing => {
                self.relayed(stage);
            }
            (Reply::Batch(answer), Some(Asked::Relay)) => {
                if stage.is_planted(Adapter::RelayTakenForOwn) {
                    self.handle(stage, Input::Uploaded(*answer));
                }
                self.relayed(stage);
            }
            (Reply::Ends | Reply::Refused(Refused::Malformed), Some(Asked::Ends(count))) => {
                self.ends_passed_on(stage, count);
            }
            (Reply::Refused(refused), Some(asked)) => self.turned_down(stage, asked, refused),
            (Reply::Revoked(_), Some(Asked::Relay)) => self.relayed(stage),
            (Reply::Revoked(word), Some(asked)) => {
                if matches!(asked, Asked::Follow) {
                    self.heed(stage, &word);
                }
                self.turned_down(stage, asked, Refused::Revoked);
            }
            (Reply::Session(head, words), Some(Asked::Follow)) => {
                let receipt = words.and_then(|words| self.heed_all(stage, &words));
                self.session(stage, head, receipt);
            }
            (Reply::Rules(version, revoked), Some(Asked::Follow)) => {
                self.take_rules(stage, version);
                if !self.disk_full && self.is_hub(stage) {
                    self.disk.outcasts = revoked;
                }
                self.rules_known(stage);
                self.answered(stage, 0);
            }
            (Reply::Feed(page), Some(Asked::Follow)) => {
                if running.follower.parting.is_some() {
                    self.new_line(stage, page);
                } else {
                    self.page(stage, page);
                }
            }
            (Reply::Located(located), Some(Asked::Follow)) => self.located(stage, &located),
            (Reply::Offer(_), Some(Asked::Follow)) => self.page_offered(stage),
            (Reply::Offered(epoch), Some(Asked::Follow)) => {
                running.follower.offered = Some(epoch);
                self.answered(stage, 0);
            }
            // An answer that comes twice, or late, is the engine's to judge.
            (Reply::Claim(answer), asked) => {
                if let Some(Asked::Claim(claim)) = asked {
                    let key = claim.used.claim;
                    if let Some(running) = &mut self.running {
                        running.late = Some((message.request, key));
                    }
                    self.handle(stage, Input::Claimed { key, answer });
                } else if let Some((_, key)) = running.late.filter(|it| it.0 == message.request) {
                    self.handle(stage, Input::Claimed { key, answer });
                }
            }
            // Whose batch it was isn't told by an answer that comes twice.
            (Reply::Batch(_), None) if running.hub.is_some() => {}
            (Reply::Batch(answer), _) => self.handle(stage, Input::Uploaded(*answer)),
            (Reply::Time(signed), _) => {
                let received = self.clocks.monotonic(stage.now());
                // A refused answer changes nothing.
                let _ = running.time.answer(&signed, received);
                self.handle(stage, Input::Tick);
            }
            (
                Reply::Session(..)
                | Reply::Rules(..)
                | Reply::Revoked(_)
                | Reply::Feed(_)
                | Reply::Refused(_)
                | Reply::Located(_)
                | Reply::Offer(_)
                | Reply::Offered(_)
                | Reply::Ends,
                _,
            ) => {}
        }
    }

    fn turned_down(&mut self, stage: &mut Stage, asked: Asked, refused: Refused) {
        if matches!(refused, Refused::OfferGap | Refused::OtherHistory) {
            stage.tell(format_args!("gate {} is refused: {refused:?}", self.place));
        }
        if refused == Refused::NoSession
            && let Some(running) = &mut self.running
        {
            running.follower.session = false;
            running.follower.parting = None;
            if matches!(asked, Asked::Follow) {
                return self.answered(stage, 0);
            }
        }
        if matches!(refused, Refused::Failing | Refused::NoSession) {
            return self.unanswered(stage, asked);
        }
        match asked {
            Asked::Claim(claim) => {
                self.doubt(stage);
                self.handle(stage, Input::ClaimRejected { key: claim.used.claim });
            }
            Asked::Journal => {
                if refused == Refused::Gap
                    && let Some(running) = &mut self.running
                {
                    // It says what it has when a session begins.
                    running.follower.session = false;
                    self.try_now(stage);
                }
                self.handle(stage, Input::UploadRefused);
            }
            Asked::Follow if refused == Refused::OtherHistory => self.part(stage),
            Asked::Follow => self.refused(stage, refused == Refused::Revoked),
            Asked::Time | Asked::Hub(_) | Asked::Relay | Asked::Ends(_) => {}
        }
    }

    fn session(&mut self, stage: &mut Stage, there: JournalHead, receipt: Option<JournalHead>) {
        if let Some(running) = &mut self.running {
            running.follower.session = true;
            running.follower.last_session = stage.now();
            running.time_due = 0;
        }
        stage.tell(format_args!("gate {}: session, server has {}", self.place, there.number));
        let number = usize::try_from(there.number).unwrap_or(usize::MAX);
        let here = match number.checked_sub(1) {
            None => Some(JournalHead::default()),
            Some(last) => self
                .disk
                .journal
                .get(last)
                .map(|bytes| JournalEntry::head_of(INSTALLATION, there.number, bytes)),
        };
        if here == Some(there) {
            let entries = self.disk.journal.get(number..).unwrap_or_default().to_vec();
            self.handle(stage, Input::ServerHas { number: there.number, entries });
        } else {
            self.told_apart = true;
            stage.tell(format_args!(
                "gate {}: the server's copy of its journal differs",
                self.place
            ));
        }
        self.receipted(stage, receipt);
        self.answered(stage, 0);
    }

    fn take_rules(&mut self, stage: &mut Stage, version: u64) {
        let known = self.engine().and_then(|engine| Some(engine.bundle()?.version));
        if known >= Some(version) {
            return;
        }
        if let Some((signed, open)) = house::rules(stage.plan.regime(), version) {
            self.handle(stage, Input::Bundle { signed, open: Box::new(open) });
        }
    }

    fn page(&mut self, stage: &mut Stage, (entries, end): Page) {
        let more = !entries.is_empty();
        if more {
            self.handle(stage, Input::Feed { entries, end });
        } else if self.say_offered(stage) {
            return;
        }
        let Some(running) = &mut self.running else { return };
        running.follower.caught_up |= !more;
        self.say(stage, LinkState::Online);
        self.answered(stage, 0);
    }
}
