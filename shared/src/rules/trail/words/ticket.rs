//! What the ticket itself is.

use super::{Look, Speaker};
use crate::{operator::Role, reason::Language, rules::AdmittedBy, token::Mode};

impl Speaker<'_> {
    pub(super) fn of_the_ticket(&self, look: &Look) -> String {
        match look {
            Look::Code { mode: Some(mode) } => self.say(
                format!("code: a ticket's, display {}", name(*mode)),
                format!("コード: チケット、表示方式 {}", name(*mode)),
            ),
            Look::Code { mode: None } => {
                self.say("code: not a readable ticket", "コード: チケットとして読めない")
            }
            Look::Named { mode } => self.say(
                format!("code: the ticket was named, not scanned; display {}", name(*mode)),
                format!("コード: 番号で指定（読み取りなし）、表示方式 {}", name(*mode)),
            ),
            Look::Event { named } => self.say(
                format!(
                    "event: the ticket is for event {named}, this is event {}",
                    self.bundle.event
                ),
                format!("催し: チケットは {named}、ここは {}", self.bundle.event),
            ),
            Look::Key { key, current } => {
                let (en, ja) = match current {
                    Some(true) => ("the current one, signature good", "現在の鍵、署名は正しい"),
                    Some(false) => ("an older one, signature good", "以前の鍵、署名は正しい"),
                    None => ("not the event's signature", "この催しの署名ではない"),
                };
                self.say(format!("key {key}: {en}"), format!("鍵 {key}: {ja}"))
            }
            Look::ByHand { by, role, holder } => {
                let (by_en, by_ja) = match by {
                    AdmittedBy::Nobody => ("nobody", "不可"),
                    AdmittedBy::Leads => ("leads", "責任者"),
                    AdmittedBy::Staff => ("staff", "担当者"),
                };
                let (role_en, role_ja) = match role {
                    None => ("nobody", "なし"),
                    Some(Role::Staff) => ("staff", "担当者"),
                    Some(Role::Lead) => ("a lead", "責任者"),
                };
                let (holder_en, holder_ja) = match holder {
                    None => ("not asked", "未確認"),
                    Some(true) => ("yes", "確認済み"),
                    Some(false) => ("no", "不一致"),
                };
                self.say(
                    format!(
                        "by hand: allowed to {by_en}, signed in: {role_en}, holder: {holder_en}"
                    ),
                    format!("手動入場: 許可 {by_ja}、担当 {role_ja}、本人 {holder_ja}"),
                )
            }
            Look::Roster { generation, newest: Some(newest) } => self.say(
                format!("roster: generation {generation}, the newest is {newest}"),
                format!("名簿: {generation} 版、最新は {newest} 版"),
            ),
            Look::Roster { generation, newest: None } => self.say(
                format!("roster: generation {generation}, the serial isn't in it"),
                format!("名簿: {generation} 版、番号は名簿にない"),
            ),
            Look::Standing { voided: true, .. } => self.say("standing: voided", "状態: 失効"),
            Look::Standing { blocked: Some(reason), .. } => self.say(
                format!("standing: blocked, {}", reason.words(Language::En)),
                format!("状態: 停止、{}", reason.words(Language::Ja)),
            ),
            Look::Standing { unpaid: true, .. } => self.say("standing: unpaid", "状態: 未払い"),
            Look::Standing { .. } => self.say("standing: good", "状態: 良好"),
            Look::Display { assumed: true, .. } => self.say(
                "display: none was shown, taken as fresh",
                "表示: 画面なし、新しいものとみなす",
            ),
            Look::Display { step: Some(step), .. } => {
                self.say(format!("display: clock step {step}"), format!("表示: 時計の {step} 番目"))
            }
            Look::Type { known: false } => {
                self.say("type: not the event's", "券種: この催しにない")
            }
            Look::Type { .. } => self.say("type: known", "券種: あり"),
            _ => self.say("display: doesn't change", "表示: 変わらないコード"),
        }
    }
}

const fn name(mode: Mode) -> &'static str {
    match mode {
        Mode::Static => "static",
        Mode::Clock => "clock",
        Mode::Device => "device",
        Mode::Wallet => "wallet",
    }
}
