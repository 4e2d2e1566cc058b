//! How a failure is taken, and the link to a server that the test plays.

mod ends;
mod restored;
mod revoked;
mod server;
mod telling;

use kaisatsu_shared::{
    api::Problem,
    id::{EventId, InstallationId},
    key::RootKey,
};

use super::{Failure, base_url};

const INSTALLATION: InstallationId = InstallationId([1; 16]);
const EVENT: EventId = EventId(2);

fn root() -> RootKey {
    RootKey::from_seed([9; 32])
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
