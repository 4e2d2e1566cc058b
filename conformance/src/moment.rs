//! Times in case files: ISO 8601 with offset, or seconds relative to the event's start.

use chrono::DateTime;
use kaisatsu_shared::time::{TimeInterval, UnixMillis, UnixSeconds};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::Unusable;

/// The event's start, from which relative times count: 2026-11-22T09:00:00+09:00.
const START: UnixMillis = UnixMillis(1_795_305_600_000);

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) UnixMillis);

/// An instant that is known exactly, or the interval it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(pub(crate) TimeInterval);

impl Moment {
    pub(crate) fn from_json(value: &Value) -> Result<Self, Unusable> {
        match value {
            // An unproven clock's interval has no end.
            Value::String(text) if text == "open" => Ok(Self(UnixMillis(u64::MAX))),
            Value::String(text) => absolute(text),
            Value::Number(number) => relative(&number.to_string()),
            _ => Err(Unusable(format!("{value} is neither a time nor a number of seconds"))),
        }
    }

    pub(crate) fn seconds(self) -> Result<UnixSeconds, Unusable> {
        match u32::try_from(self.0.0 / 1_000) {
            Ok(seconds) if self.0.0.is_multiple_of(1_000) => Ok(UnixSeconds(seconds)),
            _ => Err(Unusable(format!("{} ms is no second that a ticket can name", self.0.0))),
        }
    }
}

fn absolute(text: &str) -> Result<Moment, Unusable> {
    let time =
        DateTime::parse_from_rfc3339(text).map_err(|error| Unusable::because(text, error))?;
    let millis = u64::try_from(time.timestamp_millis())
        .map_err(|_| Unusable(format!("{text} lies before 1970")))?;
    Ok(Moment(UnixMillis(millis)))
}

/// By digits, so that no rounding moves a boundary by a millisecond.
fn relative(text: &str) -> Result<Moment, Unusable> {
    let unusable = || Unusable(format!("{text} is not a number of seconds in milliseconds"));
    let (back, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > 3 {
        return Err(unusable());
    }
    let seconds: u64 = whole.parse().map_err(|_| unusable())?;
    let millis: u64 = format!("{fraction:0<3}").parse().map_err(|_| unusable())?;
    let distance = seconds.checked_mul(1_000).and_then(|all| all.checked_add(millis));
    let at = distance.and_then(|distance| {
        if back { START.0.checked_sub(distance) } else { START.0.checked_add(distance) }
    });
    Ok(Moment(UnixMillis(at.ok_or_else(unusable)?)))
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Interval {
            from: Moment,
            until: Moment,
        }
        let value = Value::deserialize(deserializer)?;
        if !value.is_object() {
            let exact = Moment::from_json(&value).map_err(D::Error::custom)?;
            return Ok(Self(TimeInterval::exact(exact.0)));
        }
        let Interval { from, until } = serde_json::from_value(value).map_err(D::Error::custom)?;
        if from.0 > until.0 {
            return Err(D::Error::custom("the interval ends before it begins"));
        }
        Ok(Self(TimeInterval { earliest: from.0, latest: until.0 }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_name_the_same_instant() {
        let at = |value| Moment::from_json(&value).map(|moment| moment.0.0);
        assert_eq!(at(json!(0)), at(json!("2026-11-22T09:00:00+09:00")));
        assert_eq!(at(json!(-0.001)), Ok(START.0 - 1));
        assert_eq!(at(json!(1.5)), at(json!("2026-11-22T00:00:01.500Z")));
        for refused in [
            json!(0.0001),
            json!("2026-11-22T09:00:00"),
            json!(null),
            json!("1969-12-31T23:59:59Z"),
        ] {
            assert!(at(refused.clone()).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_interval_has_its_two_ends_and_no_other_field() {
        assert!(serde_json::from_value::<At>(json!({"from": 1, "until": 2})).is_ok());
        assert!(serde_json::from_value::<At>(json!({"from": 2, "until": 1})).is_err());
        assert!(serde_json::from_value::<At>(json!({"from": 1, "until": 2, "to": 3})).is_err());
    }
}
