//! Values of the command line that are more than numbers and text.

use kaisatsu_shared::{
    bundle::Policy,
    ledger::VoidReason,
    operator::Role,
    reason::LocalText,
    right::UseKind,
    time::{UnixMillis, UnixSeconds},
    token::Mode,
};

use crate::store::types::{JobId, Permission};

/// A time that may be left to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeOrNow {
    Now,
    At(UnixSeconds),
}

/// A time with its offset (RFC 3339), between 1970 and 2106.
pub(crate) fn time(text: &str) -> Result<UnixSeconds, String> {
    let help = "give a time with its offset, like 2026-12-31T18:00:00+09:00";
    let parsed = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| help.to_owned())?;
    u32::try_from(parsed.timestamp())
        .map(UnixSeconds)
        .map_err(|_| "the time must lie between 1970 and 2106".to_owned())
}

/// `now` or a time.
pub(crate) fn time_or_now(text: &str) -> Result<TimeOrNow, String> {
    if text == "now" { Ok(TimeOrNow::Now) } else { time(text).map(TimeOrNow::At) }
}

/// `available`, `online-only` or `strict`.
pub(crate) fn policy(text: &str) -> Result<Policy, String> {
    match text {
        "available" => Ok(Policy::Available),
        "online-only" => Ok(Policy::OnlineOnly),
        "strict" => Ok(Policy::Strict),
        _ => Err("choose available, online-only or strict".to_owned()),
    }
}

/// `static` or `clock`; the others come later.
pub(crate) fn mode(text: &str) -> Result<Mode, String> {
    match text {
        "static" => Ok(Mode::Static),
        "clock" => Ok(Mode::Clock),
        "device" | "wallet" => {
            Err(format!("{text} comes with a later version; choose static or clock"))
        }
        _ => Err("choose static or clock".to_owned()),
    }
}

/// Why a ticket is voided.
pub(crate) fn void_reason(text: &str) -> Result<VoidReason, String> {
    match text {
        "refunded" => Ok(VoidReason::Refunded),
        "lost" => Ok(VoidReason::Lost),
        "abuse" => Ok(VoidReason::Abuse),
        "other" => Ok(VoidReason::Other),
        _ => Err("choose refunded, lost, abuse or other".to_owned()),
    }
}

/// `entry` or `exit`.
pub(crate) fn direction(text: &str) -> Result<UseKind, String> {
    match text {
        "entry" => Ok(UseKind::Entry),
        "exit" => Ok(UseKind::Exit),
        _ => Err("choose entry or exit".to_owned()),
    }
}

/// What staff see on an ID.
pub(crate) fn identity(text: &str) -> Result<bool, String> {
    match text {
        "match" => Ok(true),
        "mismatch" => Ok(false),
        _ => Err("choose match or mismatch".to_owned()),
    }
}

/// `yes` or `no`.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("choose yes or no".to_owned()),
    }
}

/// Who is signed in at a gate; nobody without a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn(pub(crate) Option<Role>);

/// `none`, `staff` or `lead`.
pub(crate) fn signed_in(text: &str) -> Result<SignedIn, String> {
    match text {
        "none" => Ok(SignedIn(None)),
        "staff" => Ok(SignedIn(Some(Role::Staff))),
        "lead" => Ok(SignedIn(Some(Role::Lead))),
        _ => Err("choose none, staff or lead".to_owned()),
    }
}

/// An issue job, as an interrupted `ticket issue` names it.
pub(crate) fn job(text: &str) -> Result<JobId, String> {
    let mut job = [0; 32];
    hex::decode_to_slice(text, &mut job)
        .map_err(|_| "give the 64 digits that the interrupted command told".to_owned())?;
    Ok(JobId(job))
}

/// One permission, or `all`.
pub(crate) fn permissions(text: &str) -> Result<Vec<Permission>, String> {
    if text == "all" {
        return Ok(Permission::ALL.to_vec());
    }
    text.parse::<Permission>().map(|permission| vec![permission]).map_err(|_| {
        let names: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
        format!("choose `all` or some of {}", names.join(", "))
    })
}

/// A role.
pub(crate) fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "staff" => Ok(Role::Staff),
        "lead" => Ok(Role::Lead),
        _ => Err("the role is `staff` or `lead`"),
    }
}

/// A name as `日本語/English`, or one text for both languages.
pub(crate) fn name(text: &str) -> LocalText {
    match text.split_once('/') {
        Some((ja, en)) => LocalText { ja: ja.trim().to_owned(), en: en.trim().to_owned() },
        None => LocalText { ja: text.trim().to_owned(), en: String::new() },
    }
}

/// A time in UTC (RFC 3339), for answers.
pub(crate) fn show_time(at: UnixMillis) -> String {
    i64::try_from(at.0).ok().and_then(chrono::DateTime::from_timestamp_millis).map_or_else(
        || at.0.to_string(),
        |time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    )
}

/// A state or kind as its stable name in answers.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_offset() {
        assert_eq!(time("2026-12-31T18:00:00+09:00"), Ok(UnixSeconds(1_798_707_600)));
        assert_eq!(time_or_now("now"), Ok(TimeOrNow::Now));
        for bad in ["", "2026-12-31", "2026-12-31T18:00:00", "1969-12-31T00:00:00Z", "18:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        assert_eq!(show_time(UnixMillis(1_798_707_600_000)), "2026-12-31T09:00:00.000Z");
    }

    #[test]
    fn names_are_one_or_two_languages() {
        let both = name("北口 / North");
        assert_eq!((both.ja.as_str(), both.en.as_str()), ("北口", "North"));
        let one = name("North");
        assert_eq!((one.ja.as_str(), one.en.as_str()), ("North", ""));
    }
}
