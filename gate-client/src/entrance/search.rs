//! Looking up the ticket of a guest who can't show it, and letting its holder in by hand. What is found
//! is held until it was used, and no longer than staff need; it is written nowhere.

use kaisatsu_shared::{
    id::{ClaimKey, Serial},
    rules::SearchBy,
    sync::{SearchAnswer, SearchQuery, SearchRequest},
};

use crate::{
    engine::{Input, LinkState},
    face::Found,
    link::{Failure, Notice},
    platform::random,
};

use super::gate::Gate;

/// How long staff may pick from what was found, in milliseconds.
const LASTS: u64 = 120_000;

/// What staff look for.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    /// Asked, and not answered yet.
    under_way: bool,
    /// The newest answer, and until when it may be picked from.
    found: Option<(SearchAnswer, u64)>,
}

impl Lookup {
    /// Another guest came.
    pub(super) fn forget(&mut self) {
        self.found = None;
    }

    /// Forgets what nobody picked from in time.
    pub(super) fn expire(&mut self, now: u64) {
        self.found.take_if(|(_, until)| now >= *until);
    }
}

impl Gate {
    /// Asks the server for a ticket by its number, or by its holder's name.
    pub(super) fn look_up(&mut self, text: &str) {
        self.lookup.forget();
        let request = match self.may_look_up(text) {
            Ok(request) => request,
            Err(notice) => return self.tell(&notice),
        };
        if !core::mem::replace(&mut self.lookup.under_way, true) {
            self.link.search(request);
        }
    }

    /// Nobody stands here any more who may see it.
    pub(super) fn forget_found(&mut self) {
        self.lookup.forget();
        self.front.borrow_mut().face.forget_found();
    }

    fn may_look_up(&self, text: &str) -> Result<SearchRequest, Notice> {
        let rule = self.engine.bundle().and_then(|bundle| bundle.rules.search);
        let rule = rule.ok_or_else(off)?;
        self.engine.role().ok_or_else(sign_in_first)?;
        if self.engine.link() != LinkState::Online {
            return Err(offline());
        }
        let query = match (text.parse(), rule.by) {
            (Ok(serial), _) => SearchQuery::Code(Serial(serial)),
            (Err(_), SearchBy::Name) => SearchQuery::Name(text.to_owned()),
            (Err(_), SearchBy::Code) => return Err(by_code()),
        };
        Ok(SearchRequest { operator: self.engine.identity().operator, query })
    }

    /// The server's answer: to be picked from by number.
    pub(super) fn found(&mut self, found: Result<SearchAnswer, Failure>) {
        self.lookup.under_way = false;
        let answer = match found {
            Ok(answer) if answer.hits.is_empty() => return self.tell(&nobody()),
            Ok(answer) => answer,
            Err(failure) => return self.tell(&refused(&failure)),
        };
        let now = self.clock.monotonic();
        let shown = Found { answer: &answer, bundle: self.engine.bundle() };
        let until = now.saturating_add(LASTS);
        self.front.borrow_mut().face.found(&shown, until);
        self.lookup.found = Some((answer, until));
    }

    /// Lets the holder of the ticket in that staff picked, counted from 1.
    pub(super) async fn admit_by_hand(&mut self, place: u8) -> anyhow::Result<()> {
        self.lookup.expire(self.clock.monotonic());
        let picked = self.lookup.found.as_ref().and_then(|(answer, _)| {
            answer.hits.get(usize::from(place).checked_sub(1)?).map(|hit| hit.right)
        });
        match picked {
            Some(right) => {
                self.handle(Input::AdmitByHand { right, key: ClaimKey(random()?) }).await;
            }
            None => self.tell(&nothing_to_pick()),
        }
        Ok(())
    }
}

fn off() -> Notice {
    Notice::new(
        "search_off",
        "この催しではチケットを検索できません",
        "Tickets can't be looked up at this event",
    )
}

fn sign_in_first() -> Notice {
    Notice::new(
        "search_operator",
        "検索するには、担当者が暗証番号を入れてください",
        "Sign in first to look tickets up",
    )
}

fn offline() -> Notice {
    Notice::new(
        "search_offline",
        "検索にはサーバーが必要です。つながってから、もう一度検索してください",
        "Looking up needs the server. Try again once it is connected",
    )
}

fn by_code() -> Notice {
    Notice::new(
        "search_by_code",
        "この催しではチケットの番号だけで検索できます",
        "At this event tickets are looked up by their number only",
    )
}

fn nobody() -> Notice {
    Notice::new(
        "nobody_found",
        "見つかりません。つづりか番号を確かめてください",
        "Nothing found. Check the spelling or the number",
    )
}

fn nothing_to_pick() -> Notice {
    Notice::new(
        "nothing_to_pick",
        "先に検索してください。その番号の候補はありません",
        "Look the ticket up first: nothing was found under that number",
    )
}

fn refused(failure: &Failure) -> Notice {
    match failure.code() {
        _ if failure.is_silence() => offline(),
        Some("device_role") => Notice::new(
            "device_role",
            "この端末は読み取り専用です。検索と手動入場は係員の端末で",
            "This gate only scans. Look tickets up at one where staff stand",
        ),
        Some("search_too_often") => Notice::new(
            "search_too_often",
            "検索が多すぎます。少し待って、もう一度検索してください",
            "Too many searches. Wait a moment, then try again",
        ),
        Some("name_short") => Notice::new(
            "name_short",
            "名前は2文字以上入れてください",
            "Give at least two letters of the name",
        ),
        Some("name_long") => {
            Notice::new("name_long", "名前が長すぎます", "That is too long for a name")
        }
        _ => Notice::refused(failure),
    }
}
