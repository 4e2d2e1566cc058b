//! Where it admits, and what is left of it.

use super::{Look, Speaker};
use crate::{
    bundle::Policy,
    place::Place,
    rules::{Filling, Holder},
};

impl Speaker<'_> {
    fn place(&self, place: Place) -> String {
        match place {
            Place::Venue => self.say("the venue", "会場"),
            Place::Zone(zone) => self.zone(zone),
            Place::Slot(slot) => self.slot(slot),
        }
    }

    fn filling(&self, filling: &Filling, wanted: u32) -> String {
        let Filling { place, capacity, inside, held, here } = filling;
        let (place, most) = (self.place(*place), capacity.persons);
        let counted = self.say(
            format!("capacity of {place}: {inside} of {most} inside, {wanted} now"),
            format!("{place}の定員: {most}名中 {inside}名が入場中、今 {wanted}"),
        );
        match here {
            None => counted,
            Some(here) => self.say(
                format!("{counted}; lanes hold room for {held}, {here} of it here"),
                format!("{counted}、枠の空き {held}名（うちこの入場口 {here}名）"),
            ),
        }
    }

    pub(super) fn of_uses(&self, look: &Look) -> String {
        match look {
            Look::Exit { inside } => {
                self.say(format!("exit: {inside} known inside"), format!("退場: 入場中 {inside}名"))
            }
            Look::Gates { gate, gates } => {
                let (gate, gates) =
                    (self.gate(*gate), self.list(gates.iter().map(|gate| self.gate(*gate))));
                self.say(
                    format!("gate: {gate}; allowed: {gates}"),
                    format!("入場口: {gate}、使えるのは {gates}"),
                )
            }
            Look::Zones { into, zones } => {
                let everywhere = || self.say("every zone", "全区域");
                let into = into.map_or_else(everywhere, |zone| self.zone(zone));
                let zones = self.list(zones.iter().map(|zone| self.zone(*zone)));
                self.say(
                    format!("zone: leads into {into}; allowed: {zones}"),
                    format!("区域: {into} へ、入れるのは {zones}"),
                )
            }
            Look::Interrupted { open: true } => {
                self.say("interrupted: an admission without answer", "中断: 答えのない入場処理あり")
            }
            Look::Interrupted { .. } => self.say("interrupted: no", "中断: なし"),
            Look::Total { allowed: 0, entered, wanted } => self.say(
                format!("entries: any number, {entered} so far, {wanted} now"),
                format!("入場数: 制限なし、これまで {entered}、今 {wanted}"),
            ),
            Look::Total { allowed, entered, wanted } => self.say(
                format!("entries: {allowed} allowed, {entered} so far, {wanted} now"),
                format!("入場数: {allowed} まで、これまで {entered}、今 {wanted}"),
            ),
            Look::Inside { inside, room, wanted } => {
                let room = room.map_or_else(|| "–".to_owned(), |room| room.to_string());
                self.say(
                    format!("inside: {inside}, room for {room}, {wanted} now"),
                    format!("入場中: {inside}名、残り {room}、今 {wanted}"),
                )
            }
            Look::Pause { minutes, again } => {
                let again = again.map_or_else(|| "–".to_owned(), self.format);
                self.say(
                    format!("pause: {minutes} min between entries, again from {again}"),
                    format!("間隔: {minutes}分、次は {again} から"),
                )
            }
            Look::PerDay { limit, room, wanted } => self.say(
                format!("per day: {limit} allowed, {room} left today, {wanted} now"),
                format!("一日: {limit}回まで、今日は残り {room}、今 {wanted}"),
            ),
            Look::PerSlot { limit, room, wanted } => self.say(
                format!("per slot: {limit} allowed, {room} left in the open slots, {wanted} now"),
                format!("時間枠ごと: {limit}回まで、残り {room}、今 {wanted}"),
            ),
            Look::BeingAdmitted { persons } => self.say(
                format!("being admitted elsewhere: {persons}"),
                format!("他で入場処理中: {persons}名"),
            ),
            Look::Capacity { filling, wanted } => self.filling(filling, *wanted),
            Look::LastWord { server: true, .. } => {
                self.say("server: in reach", "サーバー: つながっている")
            }
            Look::LastWord { policy: Policy::Strict, holder: Holder::Here(lease), .. } => self.say(
                format!("server: not in reach, the gate decides by lease {lease}"),
                format!("サーバー: つながらない（割当 {lease} によりこの端末が判定）"),
            ),
            Look::LastWord { policy: Policy::Strict, holder: Holder::Elsewhere(lane), .. } => {
                let lane = self.gate(*lane);
                self.say(
                    format!("server: not in reach, only {lane} decides"),
                    format!("サーバー: つながらない（判定できるのは{lane}だけ）"),
                )
            }
            Look::LastWord { policy: Policy::OnlineOnly | Policy::Strict, .. } => self.say(
                "server: not in reach, and nobody enters without it",
                "サーバー: つながらない（応答なしでは入場不可）",
            ),
            Look::LastWord { .. } => self.say(
                "server: not in reach, the gate decides alone",
                "サーバー: つながらない（端末だけで判定）",
            ),
            Look::Answers { persons, identity, choice, free } => {
                let persons = persons
                    .map(|persons| self.say(format!("{persons} persons"), format!("{persons}名")));
                let identity = identity.map(|fits| match fits {
                    true => self.say("the ID fits", "本人確認 一致"),
                    false => self.say("the ID doesn't fit", "本人確認 不一致"),
                });
                let choice = choice
                    .map(|place| self.say(format!("answer {place}"), format!("回答 {place}")));
                let said: Vec<_> = [persons, identity, choice].into_iter().flatten().collect();
                let answered = match said.is_empty() {
                    true => self.say("questions: nothing answered", "質問: 回答なし"),
                    false => {
                        let said = said.join(&self.say(", ", "・"));
                        self.say(format!("questions: {said}"), format!("質問: {said}"))
                    }
                };
                match free {
                    Some(free) => self.say(
                        format!("{answered}; room for {free}"),
                        format!("{answered}、空き {free}名"),
                    ),
                    None => answered,
                }
            }
            Look::Claim => self.say("claim: asked of the server", "サーバーへの要求"),
            Look::Admission { left: Some(left) } => self.say(
                format!("nothing in the way; {left} left after this"),
                format!("支障なし、この後の残り {left}"),
            ),
            _ => self.say("nothing in the way", "支障なし"),
        }
    }
}
