//! The page at `/`: events and numbers only where the server was started to show them, and only to
//! this machine; otherwise they need the permission to read the event.

use crate::common::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_numbers_only_where_it_is_opened() {
    let installation = Installation::with_event();
    installation.issue(3);
    let page = async |extra: &[&str]| {
        let server = installation.serve_with(extra);
        let answer = server.get("/").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    };
    let closed = page(&[]).await;
    assert!(!closed.contains("秋祭り") && !closed.contains("<td>"), "{closed}");
    assert!(closed.contains("/api/openapi.json"), "{closed}");
    let open = page(&["--open-overview"]).await;
    assert!(open.contains("秋祭り") && open.contains("<td>3</td>"), "{open}");
}

#[test]
fn numbers_are_not_opened_to_other_machines() {
    let installation = Installation::with_event();
    let arguments = ["serve", "--listen", "0.0.0.0:0", "--insecure-http", "--open-overview"];
    let problem = installation.cli(&[&arguments[..], &["--json"]].concat()).problem(2);
    assert_eq!(problem["code"], "overview_exposed", "{problem}");
    let sentence = problem["title"].as_str().unwrap();
    assert!(sentence.contains("--open-overview") && sentence.contains("127.0.0.1"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_need_the_permission_to_read_the_event() {
    let installation = Installation::with_event();
    installation.issue(3);
    let server = installation.serve();
    let ask = async |allow: &str| {
        let token = installation.token(allow, None);
        let answer = server.get("/api/v1/events/1/stats").bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, body) = ask("event:read").await;
    assert!(status == 200 && body.contains("\"issued\":3"), "{body}");
    assert_eq!(ask("ticket:read").await.0, 403);
}
