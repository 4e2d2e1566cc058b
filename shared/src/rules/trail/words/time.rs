//! When it admits.

use super::{Look, Speaker};
use crate::rules::sentence::{date, weekday};

impl Speaker<'_> {
    pub(super) fn of_time(&self, look: &Look) -> String {
        let time = self.format;
        match look {
            Look::Validity { from, until } => {
                let (from, until) = (time(from.to_millis()), time(until.to_millis()));
                self.say(
                    format!("validity: {from} to {until}"),
                    format!("有効期間: {from}〜{until}"),
                )
            }
            Look::ValidityHeard { from, until } => {
                let (from, until) = (time(from.to_millis()), time(until.to_millis()));
                self.say(
                    format!("validity: {from} to {until} as last heard, the server is asked"),
                    format!("有効期間: 最後の知らせでは {from}〜{until}、サーバーに確認"),
                )
            }
            Look::ValidityUnknown => {
                self.say("validity: not known here yet", "有効期間: まだ届いていない")
            }
            Look::Days { today, days, weekdays } => {
                let days = days.iter().map(|day| date(*day, self.language));
                let weekdays = weekdays.iter().map(|day| weekday(*day, self.language).to_owned());
                let days = self.list(days.chain(weekdays));
                let today = date(*today, self.language);
                self.say(
                    format!("days: {days}; today {today}"),
                    format!("日: {days}（今日は {today}）"),
                )
            }
            Look::Hours { opens: Some(opens), closes: Some(closes) } => {
                let (opens, closes) = (time(*opens), time(*closes));
                self.say(format!("hours: {opens}–{closes}"), format!("時間帯: {opens}〜{closes}"))
            }
            Look::Slots { slots } => {
                let slots = slots.iter().map(|slot| {
                    let (name, opens, closes) =
                        (self.slot(slot.slot), time(slot.opens), time(slot.closes));
                    self.say(
                        format!("{name} {opens}–{closes}"),
                        format!("{name} {opens}〜{closes}"),
                    )
                });
                let slots = self.list(slots);
                self.say(format!("slots: {slots}"), format!("時間枠: {slots}"))
            }
            Look::Throughout { from, until } => {
                let (from, until) = (time(*from), time(*until));
                self.say(
                    format!("clock: every instant from {from} to {until} together"),
                    format!("時計: {from}〜{until} のどの時刻でも"),
                )
            }
            Look::RulesAge { until } => {
                let until = time(*until);
                self.say(format!("rules: good until {until}"), format!("設定: {until} まで有効"))
            }
            _ => self.say("hours: any", "時間帯: 制限なし"),
        }
    }
}
