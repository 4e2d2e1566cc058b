//! The rules of ticket types: days, hours, slots, zones, presence and limits, by tables.

use kaisatsu_fixtures::world::{NORTH, SOUTH, STATIC, THREE, World};
use kaisatsu_shared::{
    bundle::Zone,
    calendar::Calendar,
    id::{Serial, ZoneId},
    ledger::{BlockReason, IssuedTicket, LedgerBody, ReissueReason},
    reason::{Language, ReasonCode},
    right::UseKind,
    rules::{Admission, Answers, Context, Direction, Reach},
    time::{TimeInterval, UnixMillis},
};
use serde_json::{Value, json};

use super::{scan_with, ticket, used, world};

/// A local time in Tokyo on the evening and night of Sunday, 22 November 2026.
pub(super) fn at(text: &str) -> UnixMillis {
    let local: chrono::NaiveDateTime = format!("2026-11-{text}").parse().unwrap();
    let utc = local.and_utc().timestamp_millis() - 9 * 3_600_000;
    UnixMillis(u64::try_from(utc).unwrap())
}

pub(super) fn exactly(text: &str) -> TimeInterval {
    TimeInterval::exact(at(text))
}

/// An event whose single-use tickets admit by these rules.
pub(super) fn with(admission: Value, calendar: Value) -> World {
    let mut world = world();
    world.bundle.rules.calendar = serde_json::from_value::<Calendar>(calendar).unwrap();
    for ticket_type in &mut world.bundle.rules.types {
        ticket_type.admission = serde_json::from_value::<Admission>(admission.clone()).unwrap();
    }
    world
}

pub(super) fn context(now: TimeInterval) -> Context {
    Context {
        gate: NORTH,
        direction: Direction::Entry,
        reach: Reach::Server,
        now,
        answers: Answers::NONE,
    }
}

fn expect(world: &World, now: TimeInterval, code: ReasonCode) {
    let verdict = scan_with(world, &ticket(world, 0, STATIC), context(now)).verdict;
    assert_eq!(verdict.code, code, "at {now:?}");
}

fn table(world: &World, rows: &[(&str, ReasonCode)]) {
    for (text, code) in rows {
        let verdict = scan_with(world, &ticket(world, 0, STATIC), context(exactly(text))).verdict;
        assert_eq!(verdict.code, *code, "at {text}");
    }
}

/// Every family, for the test that each reason is produced.
pub(super) fn every_rule() {
    days();
    hours();
    slots();
    zones();
    coming_back();
    limits();
    leaving();
    asking();
    standing();
}

fn days() {
    use ReasonCode::{Admitted, WrongDay};
    let late = json!({"day_starts": "05:00:00"});
    let sunday = with(json!({"schedule": {"days": ["2026-11-22"]}}), late.clone());
    table(
        &sunday,
        &[
            ("22T17:00:00", Admitted),
            ("22T23:59:59", Admitted),
            ("23T00:00:00", Admitted),
            ("23T04:59:59.999", Admitted),
            ("23T05:00:00", WrongDay),
        ],
    );
    let monday = with(json!({"schedule": {"weekdays": ["Mon", "Fri"]}}), late);
    table(&monday, &[("23T04:59:59.999", WrongDay), ("23T05:00:00", Admitted)]);
    let edge = TimeInterval::around(at("23T05:00:00"), 1);
    expect(&monday, edge, ReasonCode::ClockUnsure);
}

fn hours() {
    use ReasonCode::{Admitted, OutsideHours};
    let night = json!({"schedule": {"hours": {"from": "22:00:00", "until": "03:00:00"}}});
    let world = with(night, json!({"day_starts": "05:00:00"}));
    table(
        &world,
        &[
            ("22T21:59:59.999", OutsideHours),
            ("22T22:00:00", Admitted),
            ("23T02:59:59.999", Admitted),
            ("23T03:00:00", OutsideHours),
        ],
    );
    let evening = json!({"schedule": {"hours": {"from": "17:30:00", "until": "21:00:00"}}});
    let world = with(evening, json!({}));
    let rows =
        [("22T17:29:59", OutsideHours), ("22T17:30:00", Admitted), ("22T21:00:00", OutsideHours)];
    table(&world, &rows);
    // Both ends of the reading lie outside, but not every instant between them.
    let long = TimeInterval { earliest: at("22T17:00:00"), latest: at("22T22:00:00") };
    expect(&world, long, ReasonCode::ClockUnsure);
}

pub(super) fn slot(id: u16, from: &str, until: &str) -> Value {
    json!({
        "id": id,
        "name": {"ja": "夜の部", "en": "Evening"},
        "from": at(from).0 / 1_000,
        "until": at(until).0 / 1_000,
        "early_minutes": 15,
        "late_minutes": 10,
    })
}

fn evening() -> Value {
    json!({"slots": [slot(1, "22T18:00:00", "22T19:00:00"), slot(2, "22T19:00:00", "22T20:00:00")]})
}

fn slots() {
    use ReasonCode::{Admitted, SlotNotOpen, SlotOver};
    let world = with(json!({"schedule": {"slots": [2]}}), evening());
    table(
        &world,
        &[
            ("22T18:44:59.999", SlotNotOpen),
            ("22T18:45:00", Admitted),
            ("22T20:09:59.999", Admitted),
            ("22T20:10:00", SlotOver),
        ],
    );
    // An entry counts in the first open slot that has room.
    let both = json!({"schedule": {"slots": [1, 2]}, "limits": {"per_slot": 1}});
    let mut world = with(both, evening());
    let three = |world: &World, text| {
        scan_with(world, &ticket(world, 20, THREE), context(exactly(text))).verdict.code
    };
    enter(&mut world, 1, "22T18:30:00");
    assert_eq!(three(&world, "22T18:44:59"), ReasonCode::UsedThisSlot);
    assert_eq!(three(&world, "22T18:45:00"), Admitted, "the second slot has opened");
    enter(&mut world, 2, "22T18:46:00");
    assert_eq!(three(&world, "22T19:30:00"), ReasonCode::UsedThisSlot);
}

/// Somebody enters on the ticket with three admissions.
fn enter(world: &mut World, number: u8, text: &str) {
    record(world, number, UseKind::Entry, exactly(text));
}

fn record(world: &mut World, number: u8, kind: UseKind, at: TimeInterval) {
    let mut used = used(world, 20, THREE, number);
    (used.kind, used.at) = (kind, at);
    let body = LedgerBody::Redeemed { used, number: u64::from(number), by_hand: false };
    world.state.append(body, at).unwrap();
}

fn three(world: &World, text: &str, reach: Reach) -> ReasonCode {
    let context = Context { reach, ..context(exactly(text)) };
    scan_with(world, &ticket(world, 20, THREE), context).verdict.code
}

fn zones() {
    let mut world = with(json!({"zones": [2]}), json!({}));
    world.bundle.rules.zones =
        [1, 2].map(|id| Zone { id: ZoneId(id), name: Default::default(), capacity: None }).to_vec();
    expect(&world, exactly("22T18:00:00"), ReasonCode::Admitted);
    world.bundle.rules.gates[0].into = Some(ZoneId(1));
    world.bundle.rules.gates[1].into = Some(ZoneId(2));
    let code = scan_with(&world, &ticket(&world, 0, STATIC), context(exactly("22T18:00:00")));
    assert_eq!(code.verdict.code, ReasonCode::WrongZone);
    assert_eq!(code.verdict.facts.right_gate, Some(SOUTH));
    world.bundle.rules.gates[0].into = Some(ZoneId(2));
    expect(&world, exactly("22T18:00:00"), ReasonCode::Admitted);
}

fn coming_back() {
    use ReasonCode::{Admitted, ExitUnknown, StillInside, TooSoon};
    let (server, nobody) = (Reach::Server, Reach::Nobody);
    let pass = json!({"presence": {"reentry": "after_exit", "passback_minutes": 5}});
    let mut world = with(pass, json!({"closing": "04:00:00"}));
    for (number, kind, text) in [
        (1, UseKind::Entry, "22T18:00:00"),
        (2, UseKind::Entry, "22T18:10:00"),
        (3, UseKind::Entry, "22T18:20:00"),
    ] {
        assert_eq!(three(&world, text, server), Admitted);
        record(&mut world, number, kind, exactly(text));
    }
    assert_eq!(three(&world, "22T18:30:00", server), StillInside);
    assert_eq!(three(&world, "22T18:30:00", nobody), ExitUnknown);
    record(&mut world, 4, UseKind::Exit, exactly("22T18:22:00"));
    assert_eq!(three(&world, "22T18:24:59.999", server), TooSoon);
    assert_eq!(three(&world, "22T18:25:00", server), Admitted, "who left comes back");
    enter(&mut world, 5, "22T18:25:00");
    assert_eq!(three(&world, "23T03:59:59.999", server), StillInside);
    assert_eq!(three(&world, "23T04:00:00", server), Admitted, "at closing everybody has left");
    // Where each entry counts, one person at a time.
    let mut card = with(json!({"presence": {"exit_first": true}}), json!({}));
    enter(&mut card, 1, "22T18:00:00");
    assert_eq!(three(&card, "22T19:00:00", server), StillInside);
    record(&mut card, 2, UseKind::Exit, exactly("22T18:30:00"));
    assert_eq!(three(&card, "22T19:00:00", server), Admitted);
}

fn limits() {
    use ReasonCode::{Admitted, ClockUnsure, UsedToday};
    let daily = || with(json!({"limits": {"per_day": 1}}), json!({"day_starts": "05:00:00"}));
    let mut world = daily();
    enter(&mut world, 1, "22T18:00:00");
    assert_eq!(three(&world, "23T04:59:59.999", Reach::Server), UsedToday);
    assert_eq!(three(&world, "23T05:00:00", Reach::Server), Admitted);
    // A use whose own time is too uncertain: today or not?
    let mut world = daily();
    let unsure = TimeInterval { earliest: at("22T18:00:00"), latest: UnixMillis(u64::MAX) };
    record(&mut world, 1, UseKind::Entry, unsure);
    assert_eq!(three(&world, "23T06:00:00", Reach::Server), ClockUnsure);
    assert_eq!(three(&world, "22T19:00:00", Reach::Server), ClockUnsure);
    // Two persons with one admission left.
    let mut world = with(json!({}), json!({}));
    record(&mut world, 1, UseKind::Entry, exactly("22T18:00:00"));
    record(&mut world, 2, UseKind::Entry, exactly("22T18:00:01"));
    let two = Answers { persons: Some(2), ..Answers::NONE };
    let pair = Context { answers: two, ..context(exactly("22T19:00:00")) };
    let verdict = scan_with(&world, &ticket(&world, 20, THREE), pair).verdict;
    assert_eq!((verdict.code, verdict.facts.left), (ReasonCode::NotEnoughLeft, Some(1)));
}

fn leaving() {
    let mut world = with(json!({"schedule": {"weekdays": ["Wed"]}}), json!({}));
    let out = |world: &World| {
        let context = Context { direction: Direction::Exit, ..context(exactly("22T19:00:00")) };
        scan_with(world, &ticket(world, 20, THREE), context).verdict.code
    };
    assert_eq!(out(&world), ReasonCode::ExitedUnseen);
    enter(&mut world, 1, "22T18:00:00");
    assert_eq!(out(&world), ReasonCode::Exited, "no rule keeps anybody inside");
    world
        .state
        .append(
            LedgerBody::Voided {
                serial: kaisatsu_shared::id::Serial(20),
                reason: kaisatsu_shared::ledger::VoidReason::Refunded,
            },
            exactly("22T18:30:00"),
        )
        .unwrap();
    assert_eq!(out(&world), ReasonCode::Exited, "nor does a void");
}

#[test]
fn each_rule_at_its_boundary() {
    every_rule();
}

#[test]
fn sentences_give_the_rules_own_numbers() {
    let format = |at: UnixMillis| {
        let local =
            chrono::DateTime::from_timestamp_millis(i64::try_from(at.0).unwrap() + 9 * 3_600_000);
        local.unwrap().format("%H:%M").to_string()
    };
    let say = |world: &World, text: &str| {
        let verdict = scan_with(world, &ticket(world, 0, STATIC), context(exactly(text))).verdict;
        let bundle = world.open().unwrap();
        [Language::En, Language::Ja].map(|language| verdict.sentence(language, &bundle, &format))
    };
    let days = json!({"schedule": {"days": ["2026-11-23"], "weekdays": ["Mon"]}});
    assert_eq!(
        say(&with(days, json!({})), "22T18:00:00"),
        [
            "Not on this day. It admits on 23 Nov, Mon",
            "今日は使えない券種。11月23日・月曜 に使えます"
        ]
    );
    let slots = json!({"schedule": {"slots": [2]}});
    assert_eq!(
        say(&with(slots, evening()), "22T18:12:00"),
        ["Evening opens 18:45, now 18:12", "夜の部 は 18:45 から（現在 18:12）"]
    );
    let hours = json!({"schedule": {"hours": {"from": "17:30:00", "until": "21:00:00"}}});
    assert_eq!(
        say(&with(hours, json!({})), "22T17:12:00"),
        ["Outside its hours: 17:30 to 21:00, now 17:12", "17:30 から 21:00 まで（現在 17:12）"]
    );
}

#[test]
fn rules_that_do_not_fit_are_refused() {
    for (admission, calendar, error) in [
        (json!({"schedule": {"slots": [3]}}), evening(), "no slot 3"),
        (json!({"zones": [1]}), json!({}), "no zone 1"),
        (json!({"limits": {"per_slot": 1}}), evening(), "needs slots"),
        (
            json!({"schedule": {"hours": {"from": "10:00:00", "until": "10:00:00"}}}),
            json!({}),
            "same time",
        ),
        (json!({}), json!({"slots": [slot(1, "22T19:00:00", "22T19:00:00")]}), "ends before"),
        (
            json!({}),
            json!({"slots": [slot(1, "22T18:00:00", "22T19:00:00"), slot(1, "22T19:00:00", "22T20:00:00")]}),
            "twice",
        ),
    ] {
        let refused = with(admission, calendar).bundle.rules.check().unwrap_err().to_string();
        assert!(refused.contains(error), "{refused}");
    }
    // A rule that this version doesn't know isn't passed over.
    assert!(serde_json::from_value::<Admission>(json!({"moon": "full"})).is_err());
    let world = with(json!({"schedule": {"slots": [1]}}), evening());
    assert!(world.bundle.rules.check().is_ok());
}

fn asking() {
    let world = with(
        json!({
            "group": true,
            "check": {
                "photo": true, "name": true, "age": 18,
                "question": {
                    "text": {"ja": "お連れの方は", "en": "With a child?"},
                    "choices": [
                        {"name": {"ja": "大人", "en": "No"}, "admits": true},
                        {"name": {"ja": "子ども", "en": "Yes"}, "admits": false},
                    ],
                },
            },
        }),
        json!({}),
    );
    let bundle = world.open().unwrap();
    let three = ticket(&world, 21, THREE);
    let ask = |persons, identity, choice| {
        let answers = Answers { persons, identity, choice, ..Answers::NONE };
        let context = Context { answers, ..context(exactly("22T19:00:00")) };
        let verdict = scan_with(&world, &three, context).verdict;
        let sentence = |language| verdict.sentence(language, &bundle, &|_| String::new());
        (verdict, sentence(Language::Ja), sentence(Language::En))
    };
    let two = Some(2);
    for (answers, code, ja, en) in [
        (
            (None, None, None),
            ReasonCode::AskPersons,
            "団体：3名まで。何名入りますか",
            "Group, up to 3. How many enter now?",
        ),
        (
            (two, None, None),
            ReasonCode::CheckIdentity,
            "確認：写真・身分証の氏名・18歳以上。合っていますか",
            "Check their photo, the name on their ID, that they are 18 or older. Does it fit?",
        ),
        (
            (two, Some(false), None),
            ReasonCode::IdentityMismatch,
            "本人確認が合いません。係を呼んでください",
            "Their ID doesn't fit the ticket. Call a supervisor",
        ),
        (
            (two, Some(true), None),
            ReasonCode::AskQuestion,
            "質問：お連れの方は — 1 大人 / 2 子ども",
            "Ask: With a child? — 1 No / 2 Yes",
        ),
        (
            (two, Some(true), two),
            ReasonCode::AnswerRefused,
            "「子ども」の方は入場できません",
            "No entry with the answer: Yes",
        ),
    ] {
        let told = ask(answers.0, answers.1, answers.2);
        assert_eq!((told.0.code, told.1.as_str(), told.2.as_str()), (code, ja, en));
    }
    let (verdict, ..) = ask(two, Some(true), Some(1));
    assert_eq!(verdict.code, ReasonCode::Admitted);
    assert_eq!((verdict.facts.persons, verdict.facts.left), (two, Some(1)));
}

fn standing() {
    use ReasonCode::{Admitted, Blocked, PaymentDue, Transferred, Unpaid};
    let mut world = world();
    let now = exactly("22T19:00:00");
    let serial = Serial(0);
    let append = |world: &mut World, body| drop(world.state.append(body, now).unwrap());
    append(&mut world, LedgerBody::Blocked { serial, reason: BlockReason::Stolen });
    expect(&world, now, Blocked);
    let verdict = scan_with(&world, &ticket(&world, 0, STATIC), context(now)).verdict;
    let bundle = world.open().unwrap();
    let sentence = |language| verdict.sentence(language, &bundle, &|_| String::new());
    assert_eq!(sentence(Language::Ja), "盗難の届け出あり。係を呼んでください");
    assert_eq!(sentence(Language::En), "Blocked: reported stolen. Call a supervisor");
    append(&mut world, LedgerBody::Unblocked { serial });
    expect(&world, now, Admitted);
    append(&mut world, LedgerBody::Payment { serial, paid: false });
    expect(&world, now, Unpaid);
    world.bundle.rules.unpaid = kaisatsu_shared::rules::Unpaid::Review;
    expect(&world, now, PaymentDue);
    append(&mut world, LedgerBody::Payment { serial, paid: true });
    expect(&world, now, Admitted);
    let fingerprint = kaisatsu_shared::token::Fingerprint([9; 8]);
    let reason = ReissueReason::Transferred;
    let (generation, next) = (kaisatsu_shared::id::Generation(2), serial);
    let issued = IssuedTicket { serial: next, generation, fingerprint, reason };
    append(&mut world, LedgerBody::Reissued(issued));
    expect(&world, now, Transferred);
}
