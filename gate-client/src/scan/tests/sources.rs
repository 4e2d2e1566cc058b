//! Sources with their threads, over real pseudo-terminals, pipes and directories.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};

use super::super::image::CodeReader;
use super::super::problem::ScanProblem;
use super::super::pump::{Heard, Wire};
use super::super::source::Source;
use super::super::{LayoutHint, ScanInput, ScanText, SourceError, stdin};
use super::image::{code, png};
use super::token;

fn start(spec: &str, once: bool) -> (Source, Receiver<ScanInput>) {
    let (sender, receiver) = channel();
    let ticks = AtomicU64::new(0);
    let clock = move || ticks.fetch_add(1, Ordering::Relaxed);
    let source =
        Source::start(&spec.parse().unwrap(), once, clock, move |scan| sender.send(scan).is_ok())
            .unwrap();
    (source, receiver)
}

fn next(scans: &Receiver<ScanInput>) -> ScanText {
    scans.recv_timeout(Duration::from_secs(20)).unwrap().text
}

fn plain(text: &str) -> ScanText {
    ScanText::Plain(text.to_owned())
}

/// A pseudo-terminal whose far end appears as `path`, as a scanner that is plugged in.
fn plug_in(path: &Path) -> PtyMaster {
    let scanner = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY).unwrap();
    grantpt(&scanner).unwrap();
    unlockpt(&scanner).unwrap();
    symlink(ptsname_r(&scanner).unwrap(), path).unwrap();
    scanner
}

#[test]
fn a_serial_scanner_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let port = dir.path().join("ttyACM0");
    let mut scanner = plug_in(&port);
    let (source, scans) = start(&format!("serial:{}?baud=115200", port.display()), false);
    let token = token();
    for suffix in ["\r", "\n", "\r\n", "\t"] {
        scanner.write_all(format!("]Q1{token}{suffix}").as_bytes()).unwrap();
        let scan = scans.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(scan.text, plain(&token));
        assert_eq!(scan.source, format!("serial:{}", port.display()));
    }
    // In pieces, as USB packets come.
    for piece in format!("{token}\r").as_bytes().chunks(64) {
        scanner.write_all(piece).unwrap();
        thread::sleep(Duration::from_millis(60));
    }
    assert_eq!(next(&scans), plain(&token));
    scanner.write_all(format!("{}\r", token.to_lowercase()).as_bytes()).unwrap();
    assert_eq!(next(&scans), ScanText::Repaired { text: token.clone(), hint: LayoutHint::Caps });
    scanner.write_all(b"\xff\xfe\r").unwrap();
    assert_eq!(next(&scans), ScanText::Problem(ScanProblem::NotText));
    source.stop();
    source.join().unwrap();
    assert!(scans.recv().is_err());
}

#[test]
fn a_half_scan_is_dropped_and_an_unplugged_scanner_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let port = dir.path().join("ttyACM0");
    let mut scanner = plug_in(&port);
    let (source, scans) = start(&format!("serial:{}", port.display()), false);
    let token = token();
    scanner.write_all(&token.as_bytes()[..70]).unwrap();
    assert_eq!(next(&scans), ScanText::Problem(ScanProblem::BrokenOff));
    scanner.write_all(format!("{token}\r").as_bytes()).unwrap();
    assert_eq!(next(&scans), plain(&token));

    scanner.write_all(&token.as_bytes()[..70]).unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(scanner);
    assert_eq!(next(&scans), ScanText::Problem(ScanProblem::Disconnected));
    fs::remove_file(&port).unwrap();
    thread::sleep(Duration::from_millis(300));
    let mut scanner = plug_in(&port);
    // What comes before the port is open again is lost: scan until one arrives.
    let got = (0..200).find_map(|_| {
        scanner.write_all(format!("{token}\r").as_bytes()).unwrap();
        scans.recv_timeout(Duration::from_millis(100)).ok()
    });
    assert_eq!(got.unwrap().text, plain(&token));
    drop(source);
}

#[test]
fn without_suffix_silence_ends_a_scan_if_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let port = dir.path().join("ttyACM0");
    let mut scanner = plug_in(&port);
    let (_source, scans) = start(&format!("serial:{}?end=silence", port.display()), false);
    scanner.write_all(b"KS1:NO SUFFIX").unwrap();
    assert_eq!(next(&scans), plain("KS1:NO SUFFIX"));
}

#[test]
fn what_cannot_be_opened_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let (file, absent) = (file.display(), dir.path().join("absent"));
    for (spec, code, hint) in [
        (format!("serial:{}", absent.display()), "source_not_found", "plug the scanner in"),
        (format!("hid:{}", absent.display()), "source_not_found", "plug the scanner in"),
        (format!("images:{}", absent.display()), "source_not_found", "create the directory"),
        (format!("serial:{file}"), "source_not_such", "is not a serial port"),
        (format!("hid:{file}"), "source_not_such", "is not a scanner in keyboard mode"),
        (format!("images:{file}"), "source_not_such", "is not a directory of pictures"),
    ] {
        let error = Source::start(&spec.parse().unwrap(), true, || 0, |_| true).unwrap_err();
        assert_eq!(error.code(), code, "{spec}: {error}");
        assert!(error.to_string().contains(hint), "{spec}: {error}");
    }
    #[cfg(not(feature = "camera"))]
    {
        let error = Source::start(&"camera:/dev/video0".parse().unwrap(), true, || 0, |_| true)
            .unwrap_err();
        assert_eq!(error.code(), "source_not_here");
        assert!(error.to_string().contains("--features camera"));
    }
}

#[test]
fn a_pipe_gives_bytes_silence_and_its_end() {
    let (read, write) = nix::unistd::pipe().unwrap();
    let mut bytes = Vec::new();
    assert!(matches!(stdin::read_some(&read, &mut bytes), Heard::Silence));
    let mut write = File::from(write);
    write.write_all(b"KS1:A\nKS1:B").unwrap();
    assert!(matches!(stdin::read_some(&read, &mut bytes), Heard::Bytes));
    assert_eq!(bytes, b"KS1:A\nKS1:B");
    drop(write);
    assert!(matches!(stdin::read_some(&read, &mut bytes), Heard::End));
    assert_eq!(bytes, b"KS1:A\nKS1:B");
}

#[test]
fn a_directory_is_read_in_name_order_once() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let token = token();
    put("b.PNG", &png(code(&token)));
    put("a.png", &png(code("https://example.com")));
    put("c.jpg", b"");
    put("d.webp", b"no picture");
    put("e.jpeg", &png(code(&token)));
    put(".f.png", &png(code(&token)));
    put("g.txt", b"KS1:");
    fs::create_dir(dir.path().join("h.png")).unwrap();
    put("i.png", &png(::image::GrayImage::new(50, 50)));
    let (source, scans) = start(&format!("images:{}", dir.path().display()), true);
    let got: Vec<_> = scans.iter().collect();
    source.join().unwrap();
    let want = [
        ("a.png", plain("https://example.com")),
        ("b.PNG", plain(&token)),
        ("c.jpg", ScanText::Problem(ScanProblem::Unreadable)),
        ("d.webp", ScanText::Problem(ScanProblem::Unreadable)),
        ("e.jpeg", plain(&token)),
        ("i.png", ScanText::Problem(ScanProblem::NoCode)),
    ];
    let name = |name| format!("images:{}", dir.path().join(name).display());
    let want: Vec<_> = (0..)
        .zip(want)
        .map(|(at_ms, (file, text))| ScanInput { text, source: name(file), at_ms })
        .collect();
    assert_eq!(got, want);
}

#[test]
fn pictures_that_come_later_are_read_when_they_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let (first, second) = (token(), token().replace('Z', "Y"));
    put("a.png", &png(code(&first)));
    let (source, scans) = start(&format!("images:{}", dir.path().display()), false);
    assert_eq!(next(&scans), plain(&first));
    // Written slowly: at no look is half of it taken for the whole. Where this machine held the
    // writer up so long that two looks saw the same half, try again.
    let bytes = png(code(&second));
    let written = (0..20).find_map(|attempt| {
        let path = dir.path().join(format!("b{attempt}.png"));
        let mut slow = File::create(&path).unwrap();
        let changed = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let (mut last, mut held_up) = (changed(&path), false);
        for piece in bytes.chunks(bytes.len() / 12) {
            thread::sleep(Duration::from_millis(50));
            slow.write_all(piece).unwrap();
            let now = changed(&path);
            held_up |= now.duration_since(last).unwrap() > Duration::from_millis(150);
            last = now;
        }
        let mut got = next(&scans);
        while held_up && got != plain(&second) {
            got = next(&scans);
        }
        (!held_up).then_some(got)
    });
    assert_eq!(written, Some(plain(&second)));
    // The same name with another picture is another scan; the same picture isn't.
    put("a.png", &png(code("KS1:THIRD")));
    assert_eq!(next(&scans), plain("KS1:THIRD"));
    assert!(scans.recv_timeout(Duration::from_millis(700)).is_err());
    assert!(!source.is_finished());
    source.stop();
    source.join().unwrap();
}

#[test]
fn a_source_ends_when_nobody_listens() {
    let dir = tempfile::tempdir().unwrap();
    let (source, scans) = start(&format!("images:{}", dir.path().display()), false);
    drop(scans);
    fs::write(dir.path().join("a.png"), png(code("KS1:A"))).unwrap();
    source.join().unwrap();
}

#[test]
fn a_source_that_ended_by_a_fault_says_so() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.png"), png(code("KS1:A"))).unwrap();
    let spec = format!("images:{}", dir.path().display()).parse().unwrap();
    let source = Source::start(&spec, true, || 0, |_| panic!("a fault")).unwrap();
    assert!(matches!(source.join(), Err(SourceError::Panicked)));
}

#[test]
fn readers_keep_no_state_between_pictures() {
    let reader = CodeReader::new();
    let picture = png(code("KS1:A"));
    for _ in 0..3 {
        assert_eq!(reader.read_file(&picture), plain("KS1:A"));
        assert_eq!(reader.read_file(b""), ScanText::Problem(ScanProblem::Unreadable));
    }
}

/// The loop behind line sources, with a wire that plays a script.
struct Script(Vec<(&'static [u8], Heard)>);

impl Wire for Script {
    fn hear(&mut self, into: &mut Vec<u8>) -> Heard {
        match self.0.is_empty() {
            true => Heard::End,
            false => {
                let (bytes, heard) = self.0.remove(0);
                into.extend(bytes);
                heard
            }
        }
    }
}

#[test]
fn bytes_after_a_loss_never_join_those_before() {
    use super::super::line::LineOptions;
    use super::super::source::Outlet;
    let (sender, scans) = channel();
    let mut outlet = Outlet::for_test(move |scan: ScanInput| sender.send(scan.text).is_ok());
    let wire = Script(vec![
        (b"KS1:FIRST HA", Heard::Bytes),
        (b"ND REST\rKS1:", Heard::Loss),
        (b"A\rKS1:LAST", Heard::Bytes),
    ]);
    super::super::pump::run(
        wire,
        || Err(std::io::ErrorKind::NotFound.into()),
        &LineOptions::default(),
        &mut outlet,
    );
    drop(outlet);
    let got: Vec<_> = scans.iter().collect();
    assert_eq!(got, [ScanText::Problem(ScanProblem::BrokenOff), plain("KS1:A"), plain("KS1:LAST")]);
}
