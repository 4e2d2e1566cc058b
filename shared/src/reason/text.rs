//! The sentence of each reason, in Japanese and English. What stands in braces is filled from the
//! verdict's facts and the event's rules.

use serde::{Deserialize, Serialize};

use super::ReasonCode;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl core::str::FromStr for Language {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ja" => Ok(Self::Ja),
            "en" => Ok(Self::En),
            _ => Err("the language is `ja` or `en`"),
        }
    }
}

/// A name in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LocalText {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl LocalText {
    /// The text in `language`, or in the other one where this one is empty.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Ja => (&self.ja, &self.en),
            Language::En => (&self.en, &self.ja),
        };
        if first.is_empty() { second } else { first }
    }
}

impl ReasonCode {
    /// The sentence for staff, with its placeholders.
    #[must_use]
    pub const fn template(self, language: Language) -> &'static str {
        let (ja, en) = self.templates();
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }

    const fn templates(self) -> (&'static str, &'static str) {
        match self {
            Self::Admitted => ("お通しください", "Let them in"),
            Self::AdmittedAfterInterruption => (
                "中断した入場の続き。お通しください",
                "Their admission was interrupted. Let them in now",
            ),
            Self::AdmittedOverCapacity => (
                "お通しください。定員 {limit}人を超えます（すでに {inside}人が入場中）",
                "Let them in. It is full: {inside} inside, made for {limit}",
            ),
            Self::AdmittedByOverride => (
                "責任者の判断で入場。記録しました",
                "Admitted by a supervisor's decision. Recorded",
            ),
            Self::Exited => ("退場を記録しました", "Leaving. Recorded"),
            Self::ExitedUnseen => {
                ("退場を記録しました（入場の記録なし）", "Leaving. Recorded, although no entry was")
            }
            Self::ForeignCode => (
                "このチケットのコードではありません。チケット画面を出してもらってください",
                "Not a ticket code. Ask for the ticket page",
            ),
            Self::Malformed => (
                "コードが途中で欠けています。もう一度、全体を読み取ってください",
                "The code is damaged. Scan the whole code again",
            ),
            Self::NewerFormat => (
                "新しい形式のチケット。端末を更新してください",
                "A newer kind of ticket. Update this gate, then scan again",
            ),
            Self::DisplayMissing => (
                "時計のないコピー。本人のスマートフォンでチケット画面を開いてもらってください",
                "A copy without the clock. Ask them to open the ticket page on their own phone",
            ),
            Self::ModeUnsupported => (
                "この端末では確認できない表示方式。係を呼んでください",
                "This gate can't check this kind of display. Call a supervisor",
            ),
            Self::WrongEvent => ("別の催しのチケット", "A ticket for another event"),
            Self::UnknownKey => (
                "この催しの発行鍵ではないチケット。少し待って再読み取り、変わらなければ係を呼んでください",
                "Not signed with a key of this event. Scan again shortly; if it stays, call a supervisor",
            ),
            Self::Forged => ("偽造の疑い。係を呼んでください", "Forged ticket. Call a supervisor"),
            Self::NotIssued => (
                "発行記録のないチケット。係を呼んでください",
                "This ticket was never issued. Call a supervisor",
            ),
            Self::NotInRoster => (
                "この端末の名簿にまだないチケット。係が確認してください",
                "Not in this gate's list yet. A supervisor decides",
            ),
            Self::Superseded => (
                "再発行前の古いチケット。新しいチケットを出してもらってください",
                "An older ticket that was reissued. Ask for the newer one",
            ),
            Self::Voided => ("失効したチケット", "This ticket was voided"),
            Self::Blocked => ("{block}。係を呼んでください", "Blocked: {block}. Call a supervisor"),
            Self::Transferred => (
                "別の方に譲渡されたチケット。新しい持ち主だけが入場できます",
                "This ticket went to somebody else. Only its new holder may enter",
            ),
            Self::Unpaid => (
                "未払いのチケット。支払い窓口へご案内ください",
                "Not paid. Send them to the ticket office",
            ),
            Self::PaymentDue => {
                ("未払いのチケット。責任者が判断してください", "Not paid. A supervisor decides")
            }
            Self::NotYetValid => {
                ("有効時間前。{from} から（現在 {now}）", "Not valid yet: opens {from}, now {now}")
            }
            Self::Expired => (
                "有効時間後。{until} まで（現在 {now}）",
                "No longer valid: ended {until}, now {now}",
            ),
            Self::ClockUnsure => (
                "端末の時計が不確か。時刻を確認してください",
                "This gate's clock is unsure. Check the time, then decide",
            ),
            Self::WrongGate => (
                "この入場口では使えない券種。{gate} へご案内ください",
                "Not for this gate. Send them to {gate}",
            ),
            Self::UnknownType => (
                "この端末にない券種。端末を同期してください",
                "A ticket type this gate doesn't know. Sync the gate, then scan again",
            ),
            Self::BundleExpired => (
                "端末の設定が古すぎます。同期してください",
                "This gate's rules are too old. Sync the gate, then scan again",
            ),
            Self::WrongDay => {
                ("今日は使えない券種。{days} に使えます", "Not on this day. It admits on {days}")
            }
            Self::OutsideHours => (
                "{opens} から {closes} まで（現在 {now}）",
                "Outside its hours: {opens} to {closes}, now {now}",
            ),
            Self::SlotNotOpen => {
                ("{slot} は {opens} から（現在 {now}）", "{slot} opens {opens}, now {now}")
            }
            Self::SlotOver => {
                ("{slot} は {closes} で終了（現在 {now}）", "{slot} ended {closes}, now {now}")
            }
            Self::WrongZone => (
                "この先の区域には入れない券種。{gate} へご案内ください",
                "Not for the area behind this gate. Send them to {gate}",
            ),
            Self::ValidityUnknown => (
                "更新制のチケット。有効期間がこの端末にまだ届いていません。端末を同期してください",
                "A pass whose dates this gate doesn't have yet. Sync the gate, then scan again",
            ),
            Self::VenueFull => (
                "満員です。{inside}人が入場中（定員 {limit}人）。どなたか出られたら再読み取り",
                "Full: {inside} inside, {limit} at most. Scan again once somebody has left",
            ),
            Self::ZoneFull => (
                "{zone} は満員です。{inside}人が入場中（定員 {limit}人）。どなたか出られたら再読み取り",
                "{zone} is full: {inside} inside, {limit} at most. Scan again once somebody has left",
            ),
            Self::SlotFull => (
                "{slot} は満員です。{inside}人が入場中（定員 {limit}人）。どなたか出られたら再読み取り",
                "{slot} is full: {inside} inside, {limit} at most. Scan again once somebody has left",
            ),
            Self::CapacityUnknown => (
                "この端末の記録では満員（{inside}人、定員 {limit}人）。他の出口の分は不明。責任者が判断",
                "Full as far as this gate knows: {inside} of {limit}. Others may have left. A supervisor decides",
            ),
            Self::NoRoomHere => (
                "この入場口の枠に空きなし（入場中 {inside}人、定員 {limit}人）。つながらず他の空きは不明。責任者が判断",
                "No room left in this gate's share ({inside} inside, {limit} at most), and nobody to ask. A lead decides",
            ),
            Self::DisplayForged => (
                "時計の印が合わないコード。係を呼んでください",
                "The clock stamp is not this ticket's. Call a supervisor",
            ),
            Self::DisplayStale => (
                "古い画面のコピー。本人のスマートフォンでチケット画面を開いてもらってください",
                "An old picture of the ticket. Ask them to open the ticket page on their own phone",
            ),
            Self::DisplayBehind => {
                ("もう一度、画面を更新してもらってください", "Ask them to refresh the ticket")
            }
            Self::DisplayAhead => (
                "スマートフォンの時計が進んでいます。時刻の自動設定を確かめてもらってください",
                "Their phone's clock is ahead. Ask them to set the time to automatic",
            ),
            Self::AlreadyUsed => {
                ("{used_at}に{used_gate}で使用済み", "Used at {used_gate} {used_at}")
            }
            Self::BeingAdmitted => (
                "{used_gate}で入場処理中。少し待って、もう一度読み取ってください",
                "Being admitted at {used_gate}. Wait a moment, then scan again",
            ),
            Self::Interrupted => (
                "{used_at}に{used_gate}で処理が中断。この方はすでに入場しましたか",
                "Interrupted at {used_gate} {used_at}. Was this guest let in?",
            ),
            Self::ServerNeeded => (
                "サーバーの応答待ちが必要な催し。つながってから、もう一度読み取ってください",
                "This event needs the server. Scan again once it is connected",
            ),
            Self::ClaimRefused => (
                "サーバーがこの端末の要求を断りました。係を呼んでください",
                "The server refused this gate's request. Call a supervisor",
            ),
            Self::StillInside => (
                "{used_at}に{used_gate}で入場中。先に退場を読み取ってください",
                "Inside since {used_at} ({used_gate}). Scan them out first",
            ),
            Self::ExitUnknown => (
                "{used_at}に{used_gate}で入場。退場したかこの端末では分かりません。確認してください",
                "Came in at {used_gate} {used_at}. This gate can't tell whether they left. Ask",
            ),
            Self::TooSoon => (
                "{used_at}に{used_gate}で使用済み。次は {opens} から",
                "Used at {used_gate} {used_at}. Again from {opens}",
            ),
            Self::UsedToday => (
                "一日{limit}回まで。{used_at}に{used_gate}で使用済み",
                "{limit} a day, used at {used_gate} {used_at}",
            ),
            Self::UsedThisSlot => (
                "この時間枠は{limit}回まで。{used_at}に{used_gate}で使用済み",
                "{limit} in this slot, used at {used_gate} {used_at}",
            ),
            Self::NotEnoughLeft => (
                "残りは{left}名分。人数を確認してください",
                "Only {left} left on this ticket. Count again",
            ),
            Self::CheckIdentity => ("確認：{check}。合っていますか", "Check {check}. Does it fit?"),
            Self::IdentityMismatch => (
                "本人確認が合いません。係を呼んでください",
                "Their ID doesn't fit the ticket. Call a supervisor",
            ),
            Self::AskQuestion => ("質問：{question}", "Ask: {question}"),
            Self::AnswerRefused => {
                ("「{answer}」の方は入場できません", "No entry with the answer: {answer}")
            }
            Self::AskPersons => {
                ("団体：{most}。何名入りますか", "Group, {most}. How many enter now?")
            }
            Self::ByHandOff => (
                "この催しに手動入場はありません。チケットを出してもらってください",
                "Nobody is let in by hand at this event. Ask for the ticket",
            ),
            Self::ByHandRole => (
                "手動入場を許された担当者が暗証番号を入れてください",
                "Somebody who may let guests in by hand must sign in first",
            ),
            Self::ConfirmHolder => (
                "コードなしの入場。チケットの持ち主本人と確認しましたか",
                "No code is shown. Did you make sure that this is the ticket's holder?",
            ),
            Self::ByHandOffline => (
                "手動入場にはサーバーが必要。つながってから、もう一度検索してください",
                "Letting in by hand needs the server. Look again once it is connected",
            ),
            Self::OtherLane => (
                "このチケットは{lane}で受け付けます。{lane}へご案内ください",
                "This ticket goes in at {lane}. Send them to {lane}",
            ),
            Self::LaneSilent => (
                "{lane}のチケットですが、つながらず確認できません。{lane}へご案内、または責任者が判断",
                "A ticket of {lane}, which isn't heard. Send them to {lane}, or a lead decides",
            ),
            Self::LaneLost => (
                "{lane}で使用済みかもしれません（その端末は失われています）。責任者が判断",
                "May have been used at {lane}, whose device is lost. A lead decides",
            ),
            Self::Recalling => (
                "{lane}に確認中。少しお待ちください。または{lane}へ",
                "One moment, asking {lane}. Or send them to {lane}",
            ),
            Self::RoomRecalling => (
                "残りの空きは{lane}の枠。確認中です。少しお待ちください",
                "The room that is left is {lane}'s. One moment, asking for it",
            ),
            Self::RoomHeld => (
                "残りの空きは{lane}の枠です。{lane}へご案内、または責任者が判断",
                "The room that is left is {lane}'s. Send them to {lane}, or a lead decides",
            ),
            Self::ServerRestored => (
                "サーバーの復旧により確認できません。責任者が判断",
                "Cannot be checked since the server was restored. A lead decides",
            ),
            Self::GateRevoked => (
                "この端末は登録を取り消されました。使わずに、お客様を別の入場口へご案内ください",
                "This gate was revoked. Stop using it and send the guest to another gate",
            ),
            Self::CannotRecord => (
                "記録できません。この端末を使わず、係を呼んでください",
                "Cannot record. Stop using this gate and call a supervisor",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_speaks_both_languages() {
        for &code in ReasonCode::ALL {
            let (ja, en) = (code.template(Language::Ja), code.template(Language::En));
            assert!(!ja.is_ascii(), "{code}: {ja}");
            assert!(
                en.is_ascii() && en.starts_with(|first| matches!(first, 'A'..='Z' | '{')),
                "{code}: {en}"
            );
            for technical in ["error", "invalid", "HTTP", "token"] {
                assert!(!en.contains(technical), "{code}: {en}");
            }
            assert_eq!(placeholders(ja), placeholders(en), "{code}");
        }
    }

    fn placeholders(template: &str) -> Vec<&str> {
        let mut found: Vec<_> =
            template.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_fall_back_to_the_other_language() {
        let name = LocalText { ja: String::new(), en: "North".into() };
        assert_eq!(name.get(Language::Ja), "North");
    }
}
