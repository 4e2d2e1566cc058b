//! The API's description is committed; a change of the API shows as a change of that file.

use std::path::Path;

/// `KAISATSU_WRITE_OPENAPI=1 cargo test -p kaisatsu-server openapi` writes it anew.
#[test]
fn the_description_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let now = kaisatsu_server::http::document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("KAISATSU_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        now == committed,
        "the API changed: look at it, then run KAISATSU_WRITE_OPENAPI=1 cargo test -p kaisatsu-server openapi"
    );
}
