//! What devices are known to have written and nobody delivered, in words.

use super::parse;
use crate::store::types::{DeviceInfo, Undelivered};

/// The numbers, such as `124-131`.
pub(crate) fn numbers(missing: &Undelivered) -> String {
    let Undelivered { first, last, .. } = missing;
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// A sentence on a device of which something is missing, or that was written off.
pub(crate) fn told(device: &DeviceInfo, gate: &str) -> Option<String> {
    let number = device.device;
    let reason = device.write_off_reason.map(|reason| format!(" ({})", parse::word(&reason)));
    let written_off = device
        .written_off_at
        .map(|_| format!("device {number} at {gate} is written off{}", reason.unwrap_or_default()));
    match (written_off, &device.undelivered) {
        (None, None) => None,
        (Some(written_off), None) => Some(written_off),
        (Some(written_off), Some(missing)) => {
            Some(format!("{written_off}: entries {} lost", numbers(missing)))
        }
        (None, Some(missing)) => {
            let through = match missing.through {
                own if own == number => String::new(),
                other => format!(" through device {other}"),
            };
            Some(format!(
                "entries {} of device {number} at {gate} aren't delivered; known since {}{through}",
                numbers(missing),
                parse::show_time(missing.since),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_stands_alone() {
        let missing = |first, last| Undelivered {
            first,
            last,
            since: kaisatsu_shared::time::UnixMillis(0),
            heard_at: kaisatsu_shared::time::UnixMillis(0),
            through: kaisatsu_shared::id::DeviceId(1),
        };
        assert_eq!(numbers(&missing(124, 131)), "124-131");
        assert_eq!((numbers(&missing(7, 7)), missing(124, 131).count()), ("7".to_owned(), 8));
    }
}
