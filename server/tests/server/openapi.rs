//! The API's description is committed; a change of the API shows as a change of that file.

use std::path::Path;

use kaisatsu_shared::{
    ledger::{BlockReason, VoidReason},
    reason::ReasonCode,
};

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

/// A derive that misses a name in an attribute describes the variant's own name, which no request may use.
#[test]
fn it_names_codes_as_requests_and_answers_do() {
    let document = serde_json::to_value(kaisatsu_server::http::document()).unwrap();
    let described = |schema: &str| -> Vec<String> {
        serde_json::from_value(document["components"]["schemas"][schema]["enum"].clone()).unwrap()
    };
    let reasons: Vec<_> = ReasonCode::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(described("ReasonCode"), reasons);
    let causes: Vec<_> = BlockReason::ALL.iter().map(|cause| cause.name()).collect();
    assert_eq!(described("BlockReason"), causes);
    let causes: Vec<_> = VoidReason::ALL.iter().map(|cause| cause.name()).collect();
    assert_eq!(described("VoidReason"), causes);
}
