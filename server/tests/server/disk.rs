//! A disk that fails ends the process: nothing may be answered that perhaps isn't recorded.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Installation, client};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_ends_the_process() {
    let installation = Installation::with_event();
    let token = installation.token("ticket:issue", None);
    let (port, log) = (installation.path("port"), installation.path("failed.log"));
    // No file may grow over 1 MB, which the operating system answers as a failed write, not as a
    // full disk.
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_kaisatsu-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--port-file"])
        .arg(&port)
        .env_clear()
        .env("KAISATSU_DATA", installation.path("data"))
        .env("KAISATSU_MASTER_KEY", &installation.key)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let address = loop {
        assert!(child.try_wait().unwrap().is_none(), "{}", std::fs::read_to_string(&log).unwrap());
        match std::fs::read_to_string(&port) {
            Ok(address) => break address,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    };
    let url = format!("http://{address}/api/v1/events/1/tickets");
    let body = json!({ "ticket_type": 1, "tickets": vec![json!({}); 1_000] });
    let mut failed = None;
    for key in 0..100 {
        let request = client().post(&url).bearer_auth(&token).json(&body);
        let answer = request.header("idempotency-key", key.to_string()).send().await;
        match answer {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => {
                failed = answer.json::<Value>().await.ok();
                break;
            }
            // It may have ended before it could answer.
            Err(_) => break,
        }
    }
    if let Some(problem) = failed {
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        assert!(["storage_failed", "closed"].contains(&code.as_str()), "{problem}");
    }
    let mut waited = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if waited > 1_000 {
            child.kill().unwrap();
            break None;
        }
        waited += 1;
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let log = std::fs::read_to_string(&log).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(1), "{log}");
    assert!(log.contains("the disk failed"), "{log}");
    // What was answered is there, and the next start goes on.
    installation.cli(&["ledger", "verify", "--event", "1"]).ok();
}
