//! A leased ticket shows its lane, wherever it is shown.

use serde_json::{Value, json};

use crate::common::{Gate, Installation};

/// An event whose tickets of type 1 only one lane each decides about; the first is north's.
async fn leased() -> (Installation, crate::common::Server) {
    let installation = Installation::with_event();
    let rules = installation.path("rules.json");
    let strict = json!({ "types": [{ "id": 1, "admission": { "policy": "strict" } }] });
    std::fs::write(&rules, strict.to_string()).unwrap();
    installation.json(&["rules", "set", "--event", "1", rules.to_str().unwrap()]);
    installation.issue(2);
    let server = installation.serve();
    for gate in [1, 2] {
        Gate::enrol(&installation, &server, gate).await;
    }
    installation.json(&["lease", "give", "--event", "1"]);
    (installation, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leased_ticket_shows_its_lane_everywhere() {
    let (installation, server) = leased().await;
    let lane = json!({
        "gate": 1,
        "name": { "ja": "北", "en": "North" },
        "text": { "ja": "入場口: 北", "en": "Lane: North" },
    });
    for command in ["show", "display"] {
        let ticket = installation.json(&["ticket", command, "0", "--event", "1"]);
        assert_eq!(ticket["lane"], lane, "ticket {command}");
    }
    let found = installation.json(&["ticket", "search", "0", "--event", "1"]);
    assert_eq!(found["tickets"][0]["lane"], lane);
    let token = installation.token("ticket:read", Some("1"));
    let request = server.get("/api/v1/events/1/tickets/1").bearer_auth(&token);
    let over_http: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(over_http["lane"]["text"]["en"], "Lane: South");

    let say = |arguments: &[&str]| installation.cli(&[arguments, &["--event", "1"]].concat());
    assert!(say(&["ticket", "show", "0"]).ok().contains("\nLane: North\n"));
    assert!(say(&["ticket", "show", "0", "--lang", "ja"]).ok().contains("\n入場口: 北\n"));
    assert!(say(&["ticket", "search", "1"]).ok().contains("South"));
    // The text stays alone on standard output, for programs.
    let shown = say(&["ticket", "display", "0"]);
    assert_eq!((shown.stderr.trim(), shown.stdout.lines().count()), ("Lane: North", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_ticket_has_its_lane_under_the_code() {
    let (installation, _server) = leased().await;
    let out = installation.path("drawn");
    let draw = ["ticket", "draw", "0", "--count", "2", "--event", "1", "--out"];
    installation.json(&[&draw[..], &[out.to_str().unwrap()]].concat());
    let svg = std::fs::read_to_string(out.join("ticket-1-0000001.svg")).unwrap();
    assert!(svg.contains(">入場口: 南</text>") && svg.contains(">Lane: South</text>"), "{svg}");
    let before = image::open(installation.path("issued").join("ticket-1-0000000.png")).unwrap();
    let drawn = image::open(out.join("ticket-1-0000000.png")).unwrap().into_luma8();
    let (width, height) = (before.width(), before.height());
    assert_eq!((drawn.width(), drawn.height()), (width, height + 120));
    let code = image::imageops::crop_imm(&drawn, 0, 0, width, height).to_image();
    assert_eq!(code, before.into_luma8(), "the code is as it was issued");
    let (width, height) = (i32::try_from(width).unwrap(), i32::try_from(height + 120).unwrap());
    let pixels = drawn.into_raw();
    let format = zxingcpp::ImageFormat::Lum;
    let view = zxingcpp::ImageView::from_slice(&pixels, width, height, format).unwrap();
    let read = zxingcpp::read().from(&view).unwrap();
    assert_eq!(read[0].text(), installation.text_of(0));
}
