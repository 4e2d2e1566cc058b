//! The time over restarts: what a server signed stays past, whatever the system's clock says.
// Outside: it compares real clocks.
#![allow(clippy::disallowed_methods)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use kaisatsu_gate::{store::Notes as _, time::Floor};
use kaisatsu_shared::{
    journal::JournalHead,
    sync::{Challenge, SessionAnswer, SignedTime, TimeDocument, TimeRequest},
    time::UnixMillis,
};
use serde_json::{Value, json};

use super::house::{EVENT, House, INSTALLATION, asked, field, root};

const HOUR: u64 = 3_600_000;

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// What a server says of the time: how far it is ahead, and under which version.
type Says = Arc<Mutex<(u64, u64)>>;

/// A server that tells the time and nothing else; gives its address.
fn serve(says: &Says) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}/", listener.local_addr().unwrap());
    let says = Arc::clone(says);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (ahead, version) = *says.lock().unwrap();
            answer(stream.unwrap(), now() + ahead, version);
        }
    });
    server
}

fn answer(mut stream: TcpStream, at: u64, version: u64) {
    let mut request = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut line) = (String::new(), String::new());
    while request.read_line(&mut line).unwrap_or(0) > 2 {
        head.push_str(&line.to_lowercase());
        line.clear();
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    if request.read_exact(&mut body).is_err() {
        return;
    }
    let at = UnixMillis(at);
    let (status, body) = if head.contains("device/challenge") {
        (200, json!(Challenge { challenge: "00".into() }))
    } else if head.contains("device/session") {
        let answer = SessionAnswer {
            token: "t".into(),
            expires_at: at.plus(HOUR),
            server_time: at,
            revoked: false,
            journal: JournalHead::default(),
            revocation: None,
            receipt: None,
        };
        (200, json!(answer))
    } else if head.contains("device/time") {
        let TimeRequest { device, nonce } = serde_json::from_slice(&body).unwrap();
        let document =
            TimeDocument { installation: INSTALLATION, event: EVENT, device, nonce, at, version };
        (200, json!(SignedTime::sign(&document, &root()).unwrap()))
    } else {
        (503, Value::Null)
    };
    let body = body.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

/// Scans a ticket once the clock is as wanted; gives the clock's line and the verdict.
fn scan_once(house: &House, arguments: &[&str], serial: u32, source: &str) -> (Value, Value) {
    let mut program = house.program();
    program.args(["run", "--source", "stdin"]).args(arguments);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = program.spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    let lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let clock = lines.find(|line| line["kind"] == "clock" && line["source"] == source).unwrap();
    writeln!(input, "{}", house.text(serial)).unwrap();
    let verdict = lines.find(|line| line["kind"] == "verdict").unwrap();
    drop(input);
    assert!(lines.all(|line| line["kind"] != "verdict"));
    assert!(running.wait().unwrap().success());
    (clock, verdict)
}

fn status(house: &House) -> Value {
    let output = house.program().arg("status").output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn signed_time_is_gone_by_and_stays_past_over_a_restart() {
    let server = serve(&Says::new((HOUR, 0).into()));
    let house = House::of_server(&server, 3);
    assert_eq!(status(&house)["clock_floor"]["at"], 0);

    let begun = now();
    let (clock, verdict) = scan_once(&house, &[], 0, "signed");
    // The system's clock is an hour behind the server's: it isn't the one gone by.
    assert_eq!(clock["warnings"], json!(["far_from_server"]));
    assert!(clock["uncertainty_ms"].as_u64().unwrap() < 10_000, "{clock}");
    assert_eq!(field(&verdict, "code"), "admitted");
    let earliest = verdict["at"]["earliest"].as_u64().unwrap();
    let latest = verdict["at"]["latest"].as_u64().unwrap();
    assert!(earliest >= begun + HOUR - 10 && latest <= now() + HOUR + 10_000, "{verdict}");
    let floor = status(&house)["clock_floor"]["at"].as_u64().unwrap();
    assert!(floor >= begun + HOUR && floor <= now() + HOUR, "{floor}");

    // Again, cut off: the system's clock is behind what is certainly past.
    let cut = House::new(3);
    let kept = Floor { at: UnixMillis(floor), ..Floor::default() };
    asked(cut.store().keep_floor(kept)).unwrap();
    let (clock, verdict) = scan_once(&cut, &[], 1, "none");
    assert_eq!(
        (&clock["warnings"], &clock["uncertainty_ms"]),
        (&json!(["rollback"]), &Value::Null)
    );
    assert_eq!(field(&clock, "sentence_en"), "Clock unsure");
    assert_eq!(field(&verdict, "code"), "clock_unsure");
    assert_eq!(verdict["at"]["earliest"], floor);
    assert_eq!(status(&cut)["clock_floor"]["at"], floor, "an unproven time raised the floor");
}

#[test]
fn a_system_clock_is_gone_by_only_where_it_is_trusted() {
    let house = House::new(3);
    let (clock, verdict) = scan_once(&house, &[], 0, "system");
    assert_eq!((&clock["warnings"], &clock["uncertainty_ms"]), (&json!([]), &json!(1_000)));
    assert_eq!(field(&verdict, "code"), "admitted");
    let (_, verdict) = scan_once(&house, &["--clock-untrusted"], 1, "none");
    assert_eq!(field(&verdict, "code"), "clock_unsure");
    assert_eq!(verdict["at"], json!({ "earliest": 0, "latest": u64::MAX }));
    assert_eq!(status(&house)["clock_floor"]["at"], 0, "an unproven time raised the floor");
}

#[test]
fn a_gate_that_believed_2099_comes_back_by_the_admins_word() {
    const YEARS: u64 = 73 * 365 * 24 * HOUR;
    let says = Says::new((YEARS, 0).into());
    let house = House::of_server(&serve(&says), 3);
    // The house's tickets hold for longer than that: what counts is the time they are judged at.
    let judged_at = |serial| {
        let (clock, verdict) = scan_once(&house, &["--clock-untrusted"], serial, "signed");
        assert_eq!(field(&verdict, "code"), "admitted");
        let end = |name: &str| verdict["at"][name].as_u64().unwrap();
        (end("earliest"), end("latest"), clock)
    };
    let far = now() + YEARS / 2;
    assert!(judged_at(0).0 > far);
    assert!(status(&house)["clock_floor"]["at"].as_u64().unwrap() > far);
    // The server was set right: either of its words may be true, so the gate guesses nothing.
    *says.lock().unwrap() = (0, 0);
    let (earliest, latest, _) = judged_at(1);
    assert!(earliest <= now() && latest > far);
    // Its admin says so, too.
    *says.lock().unwrap() = (0, 1);
    let (earliest, latest, clock) = judged_at(2);
    assert!(earliest <= now() && latest < now() + HOUR);
    assert_eq!(clock["warnings"], json!([]), "{clock}");
    let floor = &status(&house)["clock_floor"];
    assert!(floor["at"].as_u64().unwrap() <= now() && floor["version"] == 1, "{floor}");
}
