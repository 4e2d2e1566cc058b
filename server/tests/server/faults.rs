//! What goes wrong around the program: each is a sentence that names the flag and what to do.

use std::{fs, net::TcpListener};

use crate::common::{Installation, run};

#[test]
fn the_master_key_is_missing_malformed_or_another_ones() {
    let installation = Installation::with_event();
    let without = |key: Option<&str>| {
        let mut command = installation.command();
        match key {
            Some(key) => command.env("KAISATSU_MASTER_KEY", key),
            None => command.env_remove("KAISATSU_MASTER_KEY"),
        };
        run(command.args(["event", "list"]))
    };
    let sentence = without(None).fails(2);
    for part in ["no master key", "key new", "--master-key-file", "KAISATSU_MASTER_KEY"] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    let sentence = without(Some("abc")).fails(2);
    assert!(sentence.contains("32 bytes"), "{sentence}");
    let other = installation.cli(&["key", "new"]).ok();
    assert_ne!(other.trim(), installation.key);
    let sentence = without(Some(other.trim())).fails(1);
    assert!(sentence.contains("not the one this database was made with"), "{sentence}");

    let file = installation.path("key");
    fs::write(&file, &installation.key).unwrap();
    let mut command = installation.command();
    command.env_remove("KAISATSU_MASTER_KEY").args(["event", "list", "--master-key-file"]);
    run(command.arg(&file)).ok();
    let gone = ["event", "list", "--master-key-file", "/nowhere", "--json"];
    assert_eq!(installation.cli(&gone).problem(2)["code"], "master_key_missing");
}

#[test]
fn the_port_is_in_use_or_the_address_open_to_others() {
    let installation = Installation::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let sentence = installation.cli(&["serve", "--listen", &address]).fails(1);
    assert!(sentence.contains(&format!("--listen {address}")), "{sentence}");
    assert!(sentence.contains("another program"), "{sentence}");
    let problem = installation.cli(&["serve", "--listen", &address, "--json"]);
    let last = problem.fails(1).lines().last().unwrap().to_owned();
    assert!(last.contains("\"port_in_use\""), "{last}");
    let sentence = installation.cli(&["serve", "--listen", "0.0.0.0:0"]).fails(2);
    assert!(sentence.contains("--insecure-http"), "{sentence}");
    let sentence = installation.cli(&["serve", "--listen", "here"]).fails(2);
    assert!(sentence.contains("--listen `here`"), "{sentence}");
}

#[test]
fn the_directory_is_missing_or_unusable() {
    let installation = Installation::new();
    let sentence = installation.cli(&["event", "list"]).fails(2);
    assert!(sentence.contains("--data") && sentence.contains("does not exist"), "{sentence}");
    fs::write(installation.path("file"), "x").unwrap();
    let inside = installation.path("file/data");
    let inside = inside.to_str().unwrap();
    let sentence = installation.cli(&["event", "create", "x", "--data", inside]).fails(1);
    assert!(sentence.contains("--data") && sentence.contains("write"), "{sentence}");
    fs::create_dir(installation.path("data")).unwrap();
    let sentence = installation.cli(&["event", "list"]).fails(1);
    assert!(sentence.contains("no database"), "{sentence}");
}

#[test]
fn the_database_is_damaged_or_locked() {
    let installation = Installation::with_event();
    let database = installation.path("data/kaisatsu.db");
    let lock = rusqlite::Connection::open(&database).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let sentence = installation.cli(&["gate", "add", "x", "--event", "1"]).fails(1);
    assert!(sentence.contains("locked by another program"), "{sentence}");
    lock.execute_batch("ROLLBACK").unwrap();
    drop(lock);
    for side in ["kaisatsu.db-wal", "kaisatsu.db-shm"] {
        let _ = fs::remove_file(installation.path("data").join(side));
    }
    fs::write(&database, "this is no database, but long enough to look at".repeat(200)).unwrap();
    let sentence = installation.cli(&["event", "list"]).fails(1);
    assert!(sentence.contains("damaged"), "{sentence}");
    assert_eq!(
        installation.cli(&["event", "list", "--json"]).problem(1)["code"],
        "database_corrupt"
    );
}

#[test]
fn arguments_are_refused_with_their_flag() {
    let installation = Installation::with_event();
    for (arguments, flag) in [
        (&["ticket", "show", "0", "--event", "9"][..], "--event: there is no event 9"),
        (&["ticket", "show", "0", "--event", "1"], "SERIAL: the event has no ticket 0"),
        (&["gate", "add", "x", "--event", "x"], "--event"),
        (&["event", "create", "x", "--policy", "lenient"], "or strict"),
        (&["event", "create", "x", "--zone", "Nowhere"], "--zone"),
        (&["token", "create", "x", "--allow", "everything"], "ticket:issue"),
        (&["device", "enrol", "--event", "1", "--gate", "7", "--name", "x"], "--gate"),
        (&["device", "revoke", "5", "--event", "1"], "DEVICE"),
        (&["ticket", "issue", "--event", "1", "--out", "x"], "--count"),
        (
            &["ticket", "issue", "--event", "1", "--type", "1", "--count", "0", "--out", "x"],
            "--count",
        ),
        (
            &["ticket", "issue", "--event", "1", "--type", "7", "--count", "1", "--out", "x"],
            "--type",
        ),
        (&["ticket", "display", "0", "--event", "1", "--at", "18:00"], "2026-12-31T18:00:00+09:00"),
    ] {
        let sentence = installation.cli(arguments).fails(2);
        assert!(sentence.contains(flag), "{arguments:?}: {sentence}");
        let problem = installation.cli(&[arguments, &["--json"]].concat()).problem(2);
        assert!(problem["title"].as_str().unwrap().contains(flag), "{problem}");
    }
    assert!(installation.cli(&["--help"]).ok().contains("ticket"));
}

#[test]
fn a_reader_that_leaves_ends_a_command_quietly() {
    let installation = Installation::with_event();
    for arguments in [
        &["event", "list"][..],
        &["ledger", "verify", "--event", "1", "--json"],
        &["audit", "list"],
        &["key", "new"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = installation.command().args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(128 + 13), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
    let token = ["ledger", "export", "--event", "1"];
    installation.issue(1);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = installation.command().args(token).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(141), 0));
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_refused_without_a_panic() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let installation = Installation::new();
    let odd = OsStr::from_bytes(b"\xff");
    let answer = run(installation.command().arg("event").arg(odd).arg("--json"));
    assert_eq!(answer.problem(2)["code"], "usage");
}

#[cfg(unix)]
#[test]
fn a_disk_that_fails_is_told_as_asked_for() {
    let installation = Installation::with_event();
    let out = installation.path("out");
    let command = installation.command();
    let mut shell = std::process::Command::new("/bin/sh");
    // Files may not grow beyond some blocks: writing fails then, and it isn't a full disk.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"]).arg(command.get_program());
    shell.args(["ticket", "issue", "--event", "1", "--type", "1", "--count", "1000", "--json"]);
    shell.arg("--out").arg(&out);
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let problem = run(&mut shell).problem(1);
    assert_eq!(problem["code"], "storage_failed");
}
