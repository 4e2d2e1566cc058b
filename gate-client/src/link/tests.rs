//! What is believed of an answer, and how a failure is taken.

mod server;
mod telling;

use kaisatsu_shared::{
    api::Problem,
    id::{Epoch, EventId, InstallationId, Serial, TypeId},
    key::RootKey,
    ledger::{Cursor, EventState, LedgerBody, SignedCursor},
    sync::FeedPage,
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

use super::{
    Failure, base_url,
    page::{PageError, verify},
};

const INSTALLATION: InstallationId = InstallationId([1; 16]);
const EVENT: EventId = EventId(2);

fn root() -> RootKey {
    RootKey::from_seed([9; 32])
}

/// A ledger of four entries, and the cursor after each number of them.
fn ledger() -> (Vec<Vec<u8>>, Vec<Cursor>) {
    let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
    let (mut entries, mut cursors) = (Vec::new(), vec![state.cursor()]);
    for serial in 0..4 {
        let body = LedgerBody::Issued {
            first: Serial(serial),
            ticket_type: TypeId(1),
            entries: 1,
            fingerprints: vec![Fingerprint([7; 8])],
        };
        let at = TimeInterval::exact(UnixMillis(1));
        entries.push(state.append(body, at).unwrap().1);
        cursors.push(state.cursor());
    }
    (entries, cursors)
}

fn page(entries: &[Vec<u8>], end: Cursor) -> FeedPage {
    let end = SignedCursor::sign(INSTALLATION, EVENT, end, &root());
    FeedPage { entries: entries.to_vec(), end }
}

fn check(page: &FeedPage, from: Cursor) -> Result<(), PageError> {
    verify(page, from, INSTALLATION, EVENT, &root().public())
}

#[test]
fn a_page_that_leads_to_its_signed_end_is_believed() {
    let (entries, at) = ledger();
    assert_eq!(check(&page(&entries, at[4]), at[0]), Ok(()));
    assert_eq!(check(&page(&entries[1..3], at[3]), at[1]), Ok(()));
    assert_eq!(check(&page(&[], at[2]), at[2]), Ok(()));
}

#[test]
fn any_other_page_is_not() {
    let (entries, at) = ledger();
    let chain = |from: u64| Err(PageError::Chain { from });
    // A hole, a wrong start, an end elsewhere, entries missing at the end, changed bytes.
    assert_eq!(check(&page(&[entries[0].clone(), entries[2].clone()], at[3]), at[0]), chain(0));
    assert_eq!(check(&page(&entries[1..], at[4]), at[0]), chain(0));
    assert_eq!(check(&page(&entries[..2], at[3]), at[0]), chain(0));
    assert_eq!(check(&page(&[], at[3]), at[2]), chain(2));
    let mut changed = entries.clone();
    changed[1][70] ^= 1;
    assert_eq!(check(&page(&changed, at[4]), at[0]), chain(0));
    let mut cut = entries.clone();
    cut[3].pop();
    assert_eq!(check(&page(&cut, at[4]), at[0]), chain(0));
    // Signed by another key, or for another event.
    let mut forged = page(&entries, at[4]);
    forged.end = SignedCursor::sign(INSTALLATION, EVENT, at[4], &RootKey::from_seed([8; 32]));
    assert_eq!(check(&forged, at[0]), Err(PageError::Signature));
    let mut other = page(&entries, at[4]);
    other.end = SignedCursor::sign(INSTALLATION, EventId(3), at[4], &root());
    assert_eq!(check(&other, at[0]), Err(PageError::Signature));
    // The end of another history.
    let mut elsewhere = at[4];
    elsewhere.hash[0] ^= 1;
    assert_eq!(check(&page(&entries, elsewhere), at[0]), chain(0));
}

fn answer(status: u16, kind: &str, code: &str) -> Failure {
    let body = serde_json::to_vec(&Problem::new(status, code, "A sentence")).unwrap();
    Failure::of_answer(status, kind, &body)
}

#[test]
fn a_refusal_is_no_silence_and_silence_no_refusal() {
    let problem = "application/problem+json";
    for (status, kind, code, silence) in [
        (400, problem, "malformed_json", false),
        (403, problem, "device_revoked", false),
        (409, problem, "journal_fork", false),
        (426, problem, "protocol_unsupported", false),
        // A server without room or time, a proxy without server, a portal's page.
        (503, problem, "busy", true),
        (507, problem, "storage_full", true),
        (429, problem, "too_many", true),
        (502, "text/html", "", true),
        (404, "text/html", "", true),
        (302, problem, "elsewhere", true),
    ] {
        assert_eq!(answer(status, kind, code).is_silence(), silence, "{status} {code}");
    }
    assert!(Failure::of_answer(403, problem, b"not a problem").is_silence());
}

#[test]
fn refusals_are_told_apart() {
    let problem = |status, code| answer(status, "application/problem+json", code);
    assert!(problem(401, "unauthenticated").wants_session());
    assert!(!problem(401, "credential_foreign").wants_session());
    assert!(problem(401, "credential_foreign").refuses_gate());
    assert!(problem(426, "protocol_unsupported").refuses_gate());
    assert!(problem(403, "device_revoked").revokes());
    assert!(!problem(409, "cursor_unknown").refuses_gate());
    assert!(!problem(422, "invalid_body").refuses_gate());
}

#[test]
fn server_addresses_are_read_as_people_write_them() {
    for (text, expected) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        (" https://tickets.example.org/ ", "https://tickets.example.org/"),
        ("https://example.org/kaisatsu", "https://example.org/kaisatsu/"),
    ] {
        assert_eq!(base_url(text).unwrap().as_str(), expected);
    }
    for wrong in
        ["", "tickets.example.org", "ftp://example.org", "http://", "http://a/?q=1", "http://u:p@a"]
    {
        let error = base_url(wrong).unwrap_err().to_string();
        assert!(error.contains("give one like"), "{wrong}: {error}");
    }
}
