//! Issuing: files, lists, malformed rows, doing it twice.

use std::{fs, path::Path};

use serde_json::{Value, json};
use zxing_cpp_reader::read_code;

use crate::common::{Answer, Installation};

mod zxing_cpp_reader {
    use std::path::Path;

    /// The text of a picture's code, by an independent decoder.
    pub(super) fn read_code(path: &Path) -> String {
        let image = image::open(path).unwrap().into_luma8();
        let (width, height) = image.dimensions();
        let view = zxingcpp::ImageView::from_slice(
            image.as_raw(),
            width,
            height,
            zxingcpp::ImageFormat::Lum,
        )
        .unwrap();
        let codes = zxingcpp::read().from(&view).unwrap();
        assert_eq!(codes.len(), 1, "{}", path.display());
        codes[0].text()
    }
}

fn issue_csv(installation: &Installation, text: impl AsRef<[u8]>, extra: &[&str]) -> Answer {
    let (csv, out) = (installation.path("holders.csv"), installation.path("out"));
    fs::write(&csv, text).unwrap();
    let arguments = [
        "ticket",
        "issue",
        "--event",
        "1",
        "--csv",
        csv.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    installation.cli(&[&arguments[..], extra].concat())
}

fn list(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["event", "serial", "type", "name", "png", "svg"]);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_printed_code_reads_back_to_the_exact_token() {
    let installation = Installation::with_event();
    let out = installation.path("out");
    let arguments = [
        "ticket",
        "issue",
        "--event",
        "1",
        "--type",
        "1",
        "--count",
        "3",
        "--out",
        out.to_str().unwrap(),
    ];
    let answer = installation.json(&arguments);
    assert_eq!((&answer["issued"], &answer["serials"]), (&json!(3), &json!([[0, 3]])));
    assert_eq!(answer["first"], 0);
    let rows = list(&out.join("tickets.csv"));
    assert_eq!(rows.len(), 3);
    for (serial, row) in rows.iter().enumerate() {
        assert_eq!(&row[..4], ["1", &serial.to_string(), "General", ""]);
        let text = installation.text_of(serial.try_into().unwrap());
        assert_eq!(read_code(&out.join(&row[4])), text);
        let svg = fs::read_to_string(out.join(&row[5])).unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains("viewBox=\"0 0 57 57\""), "{svg}");
    }
    let code = installation.path("one.png");
    let draw = ["ticket", "display", "2", "--event", "1", "--out", code.to_str().unwrap()];
    installation.cli(&draw).ok();
    assert_eq!(read_code(&code), installation.text_of(2));
    #[cfg(unix)]
    for file in fs::read_dir(&out).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
}

#[test]
fn clock_tickets_have_no_file_and_a_text_that_moves() {
    let installation = Installation::with_event();
    let out = installation.path("out");
    let out = out.to_str().unwrap();
    let issue = ["ticket", "issue", "--event", "1", "--type", "2", "--count", "1", "--out", out];
    let answer = installation.json(&issue);
    assert_eq!(answer["without_file"], 1);
    let rows = list(&installation.path("out/tickets.csv"));
    assert_eq!(rows[0][4..], ["", ""]);
    let at = |time: &str| {
        let shown = installation.json(&["ticket", "display", "0", "--event", "1", "--at", time]);
        shown["text"].as_str().unwrap().to_owned()
    };
    let [one, same, next] =
        ["09:00:01", "09:00:09", "09:00:11"].map(|clock| at(&format!("2026-12-31T{clock}+09:00")));
    assert_eq!(one, same);
    assert_ne!(one, next);
    assert_eq!(one.len(), 211);
    let picture = installation.path("x.png");
    let draw = ["ticket", "display", "0", "--event", "1", "--out", picture.to_str().unwrap()];
    let sentence = installation.cli(&draw).fails(2);
    assert!(sentence.contains("--out") && sentence.contains("every ten seconds"), "{sentence}");
    assert!(!picture.exists());
}

const GOOD: &str = "name,kana,email,type,note\n山田 花子,ヤマダ ハナコ,hana@example.jp,一般,\"車椅子\"\n佐藤 次郎,,,2,\n鈴木 三郎,,,1,\n";

#[test]
fn a_list_is_issued_once_unless_asked_again() {
    let installation = Installation::with_event();
    let answer = issue_csv(&installation, GOOD, &["--json"]).ok();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&answer["issued"], &answer["without_file"]), (&json!(3), &json!(1)));
    let names: Vec<_> = list(&installation.path("out/tickets.csv"))
        .into_iter()
        .map(|row| (row[2].clone(), row[3].clone()))
        .collect();
    let expected = [("General", "山田 花子"), ("General", "鈴木 三郎"), ("Clock", "佐藤 次郎")];
    assert_eq!(names, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));

    // The same file again issues nothing, and makes files and list anew.
    fs::remove_dir_all(installation.path("out")).unwrap();
    let again = issue_csv(&installation, GOOD, &["--json"]).ok();
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["issued"], &again["repeated"]), (&json!(0), &json!(3)));
    let rows = list(&installation.path("out/tickets.csv"));
    assert_eq!(
        rows.iter().map(|row| row[3].as_str()).collect::<Vec<_>>(),
        expected.map(|row| row.1)
    );
    assert!(installation.path("out").join(&rows[1][4]).exists());
    // So does drawing, with names, and with tickets that have no file.
    let other = installation.path("drawn");
    let draw = ["ticket", "draw", "0", "--event", "1", "--count", "900000", "--out"];
    let drawn = [&draw[..], &[other.to_str().unwrap(), "--json"]].concat();
    let drawn = installation.cli(&drawn);
    assert_eq!(drawn.stderr, "", "progress is for terminals only");
    let drawn: Value = serde_json::from_str(&drawn.ok()).unwrap();
    assert_eq!((&drawn["drawn"], &drawn["without_file"]), (&json!(2), &json!(1)));
    assert_eq!(list(&other.join("tickets.csv")), rows);
    let told = issue_csv(&installation, GOOD, &[]).stderr;
    assert!(told.contains("issued before") && told.contains("--again"), "{told}");
    issue_csv(&installation, GOOD, &["--again"]).ok();
    let issued = installation.json(&["event", "list"])[0]["stats"]["issued"].clone();
    assert_eq!(issued, 6);

    let token = installation.token("holder:read", Some("1"));
    let server = installation.serve();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let holder: Value = runtime.block_on(async {
        let request = server.get("/api/v1/events/1/tickets/0/holder").bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    });
    assert_eq!(holder["name"], "山田 花子");
    assert_eq!(holder["note"], "車椅子");
}

#[test]
fn an_issue_that_stopped_names_what_is_issued_and_goes_on() {
    let installation = Installation::with_event();
    let out = installation.path("out");
    let issue = ["ticket", "issue", "--event", "1", "--type", "1", "--count", "1026"];
    let issue = [&issue[..], &["--out", out.to_str().unwrap()]].concat();
    let issued = || installation.json(&["event", "list"])[0]["stats"]["issued"].clone();
    // A directory stands where a file of the second chunk will be.
    let obstacle = out.join("ticket-1-0001025.png");
    fs::create_dir_all(&obstacle).unwrap();
    let problem = installation.cli(&[&issue[..], &["--json"]].concat()).problem(1);
    assert_eq!(problem["code"], "file_unusable");
    assert_eq!(problem["unfinished"]["serials"], json!([[0, 1026]]));
    let job = problem["unfinished"]["job"].as_str().unwrap();
    let title = problem["title"].as_str().unwrap();
    for part in ["0-1025", &format!("--job {job}")] {
        assert!(title.contains(part), "{part}: {title}");
    }
    fs::remove_dir(&obstacle).unwrap();
    let answer = installation.json(&[&issue[..], &["--job", job]].concat());
    assert_eq!((&answer["issued"], &answer["repeated"]), (&json!(0), &json!(1026)));
    assert_eq!(issued(), 1026);
    assert_eq!(list(&out.join("tickets.csv")).len(), 1026);
    let nobody = "7".repeat(64);
    let other =
        [&issue[..7], &["1025", "--out", out.to_str().unwrap(), "--job", job, "--json"]].concat();
    assert_eq!(installation.cli(&other).problem(2)["code"], "job_content");
    let unknown = [&issue[..], &["--job", &nobody]].concat();
    assert!(installation.cli(&unknown).fails(2).contains("--job"));

    let obstacle = out.join("ticket-1-0001026.png");
    fs::create_dir(&obstacle).unwrap();
    let sentence = issue_csv(&installation, GOOD, &[]).fails(1);
    assert!(sentence.contains("1026-1027") && sentence.contains("again"), "{sentence}");
    fs::remove_dir(&obstacle).unwrap();
    issue_csv(&installation, GOOD, &[]).ok();
    assert_eq!(issued(), 1029);
    assert_eq!(list(&out.join("tickets.csv"))[1026..].len(), 3);
}

#[test]
fn every_malformed_row_is_told_and_nothing_is_issued() {
    let installation = Installation::with_event();
    let bad = "name,kana,email,type,note\nA,,,1,\n,,,1,\nB,,nomail,9,\nC,,,1\n\"D,,,1,\n";
    let sentence = issue_csv(&installation, bad, &[]).fails(2);
    for line in
        ["line 3: name is empty", "line 4: email", "line 5: has 4 fields", "line 6: a quotation"]
    {
        assert!(sentence.contains(line), "{line}: {sentence}");
    }
    assert!(sentence.contains("4 rows are malformed") && sentence.contains("--partial"));
    assert_eq!(installation.json(&["event", "list"])[0]["stats"]["issued"], 0);
    assert!(!installation.path("out").exists(), "nothing was written");
    let problem = issue_csv(&installation, bad, &["--json"]).problem(2);
    let lines: Vec<_> =
        problem["rows"].as_array().unwrap().iter().map(|row| row["line"].clone()).collect();
    assert_eq!(lines, [3, 4, 5, 6]);

    let hopeless = "name,kana,email,type,note\n,,,1,\n";
    let sentence = issue_csv(&installation, hopeless, &["--partial"]).fails(2);
    assert!(!sentence.contains("add --partial"), "{sentence}");
    let partial = issue_csv(&installation, bad, &["--partial", "--json"]).ok();
    let partial: Value = serde_json::from_str(&partial).unwrap();
    assert_eq!((&partial["issued"], partial["bad_rows"].as_array().unwrap().len()), (&json!(1), 4));
}

#[test]
fn files_that_are_no_lists_are_refused_with_what_to_do() {
    let installation = Installation::with_event();
    let shift_jis = b"name,kana,email,type,note\n\x8e\x52\x93\x63,,,1,\n";
    let sentence = issue_csv(&installation, shift_jis, &[]).fails(2);
    for part in ["--csv", "Shift_JIS", "line 2", "UTF-8", "iconv"] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    assert_eq!(issue_csv(&installation, shift_jis, &["--json"]).problem(2)["code"], "csv_encoding");
    for (text, part) in [
        ("", "empty"),
        ("name,kana,email,type,note\n", "no rows"),
        ("name,type\nA,1\n", "kana, email, note"),
        ("name,kana,mail,type,note\n", "`mail`"),
    ] {
        let sentence = issue_csv(&installation, text, &[]).fails(2);
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    let absent = ["ticket", "issue", "--event", "1", "--csv", "/nowhere.csv", "--out", "x"];
    let sentence = installation.cli(&absent).fails(2);
    assert!(sentence.contains("--csv /nowhere.csv"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_issues_a_job_once() {
    let installation = Installation::with_event();
    let token = installation.token("ticket:issue,ticket:show", Some("1"));
    let server = installation.serve();
    let rows = vec![json!({ "holder": { "name": "山田" } }); 1_500];
    let body = json!({ "ticket_type": 1, "tickets": &rows });
    let issue = async |key: &str| -> Value {
        let request = server.post("/api/v1/events/1/tickets", &body);
        let request = request.bearer_auth(&token).header("idempotency-key", key);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        answer.json().await.unwrap()
    };
    let first = issue("order 17").await;
    let chunk = |first: u32, count: u32, repeated: bool| json!({ "first": first, "count": count, "repeated": repeated });
    assert_eq!(first["chunks"], json!([chunk(0, 1_024, false), chunk(1_024, 476, false)]));
    let again = issue("order 17").await;
    assert_eq!(again["chunks"], json!([chunk(0, 1_024, true), chunk(1_024, 476, true)]));
    let other = issue("order 18").await;
    assert_eq!(other["chunks"][0]["first"], 1_500);
    let request = server.get("/api/v1/events/1/codes?first=1498&count=4").bearer_auth(&token);
    let codes: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
    let serials: Vec<_> = codes.iter().map(|code| code["serial"].clone()).collect();
    assert_eq!(serials, [1498, 1499, 1500, 1501]);

    // Nothing is issued for a list with a bad row, nor for another list under a name.
    let send = async |key: &str, body: Value| -> (u16, Value) {
        let request = server.post("/api/v1/events/1/tickets", &body);
        let request = request.bearer_auth(&token).header("idempotency-key", key);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let mut bad = rows.clone();
    bad[1_499] = json!({ "validity": { "from": 5, "until": 5 } });
    let (status, problem) = send("order 19", json!({ "ticket_type": 1, "tickets": bad })).await;
    assert_eq!((status, &problem["code"]), (400, &json!("empty_validity")));
    assert!(problem["detail"].as_str().unwrap().contains("tickets[1499]"), "{problem}");
    let mut longer = rows.clone();
    longer.push(json!({}));
    let mut changed = rows.clone();
    changed[1_499] = json!({ "holder": { "name": "田中" } });
    for body in [
        json!({ "ticket_type": 2, "tickets": rows }),
        json!({ "ticket_type": 1, "tickets": longer }),
        json!({ "ticket_type": 1, "tickets": changed }),
        json!({ "ticket_type": 1, "tickets": rows[..1_024] }),
    ] {
        let (status, problem) = send("order 17", body).await;
        assert_eq!((status, &problem["code"]), (409, &json!("job_content")));
    }
    for row in [json!({ "name": "x" }), json!({ "holder": { "mail": "x" } })] {
        let (status, problem) =
            send("order 20", json!({ "ticket_type": 1, "tickets": [row] })).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_body")));
    }
    let (_, next) = send("order 21", json!({ "ticket_type": 1, "tickets": [{}] })).await;
    assert_eq!(next["chunks"][0]["first"], 3_000, "nothing was issued between");
}
