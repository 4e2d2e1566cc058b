//! Whether a row can be issued. Asked for every row of a job before its first chunk is recorded.

use crate::store::{
    StoreError,
    types::{Holder, NewTicket, TypeInfo, Validity},
};

/// Longest name and reading, in characters.
pub(crate) const MAX_NAME: usize = 200;
/// Longest address, in characters (RFC 5321 §4.5.3.1 allows 254 in practice).
pub(crate) const MAX_EMAIL: usize = 254;
/// Longest note, in characters.
pub(crate) const MAX_NOTE: usize = 2_000;

/// Whether a ticket of this type can be issued for `row`.
///
/// # Errors
/// [`StoreError::EmptyValidity`] and [`StoreError::Invalid`].
pub fn check(info: &TypeInfo, row: &NewTicket) -> Result<(), StoreError> {
    let of_type = Validity { from: info.valid_from, until: info.valid_until };
    let validity = row.validity.unwrap_or(of_type);
    if validity.from >= validity.until {
        return Err(StoreError::EmptyValidity);
    }
    row.holder.as_ref().map_or(Ok(()), check_holder)
}

fn check_holder(holder: &Holder) -> Result<(), StoreError> {
    let Holder { name, kana, email, note } = holder;
    let longer = |text: &str, most: usize| text.chars().nth(most).is_some();
    if longer(name, MAX_NAME) || longer(kana, MAX_NAME) {
        return Err(StoreError::Invalid(
            "a name or its reading has more than 200 characters; shorten it",
        ));
    }
    if longer(email, MAX_EMAIL) || longer(note, MAX_NOTE) {
        return Err(StoreError::Invalid(
            "an address has more than 254 characters or a note more than 2,000; shorten it",
        ));
    }
    if [name, kana, email].iter().any(|text| text.contains(char::is_control)) {
        return Err(StoreError::Invalid(
            "a name, its reading or an address holds a line break or control character; remove it",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        bundle::TicketType, id::TypeId, reason::LocalText, time::UnixSeconds, token::Mode,
    };

    use super::*;

    #[test]
    fn rows_that_no_ticket_can_be_made_of_are_refused() {
        let info = TypeInfo {
            ticket_type: TicketType {
                admission: Default::default(),
                id: TypeId(1),
                name: LocalText::default(),
                entries: 1,
                display: Mode::Static,
                gates: vec![],
                renewing: false,
            },
            valid_from: UnixSeconds(1),
            valid_until: UnixSeconds(9),
        };
        let named = |name: String, note: &str| NewTicket {
            holder: Some(Holder { name, note: note.to_owned(), ..Holder::default() }),
            ..NewTicket::default()
        };
        assert_eq!(check(&info, &NewTicket::default()), Ok(()));
        assert_eq!(check(&info, &named("山".repeat(MAX_NAME), "two\nlines")), Ok(()));
        for bad in [named("山".repeat(MAX_NAME + 1), ""), named("a\nb".to_owned(), "")] {
            assert_eq!(check(&info, &bad).unwrap_err().code(), "invalid_request");
        }
        let validity = Some(Validity { from: UnixSeconds(5), until: UnixSeconds(5) });
        let bad = NewTicket { validity, ..NewTicket::default() };
        assert_eq!(check(&info, &bad), Err(StoreError::EmptyValidity));
    }
}
