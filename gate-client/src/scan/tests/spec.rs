use std::path::PathBuf;

use super::super::line::{End, LineOptions};
use super::super::spec::{SourceSpec, SpecError};

fn parse(text: &str) -> Result<SourceSpec, SpecError> {
    text.parse()
}

#[test]
fn each_kind_parses_and_prints() {
    for text in [
        "images:/tmp/what?now",
        "stdin",
        "hid:/dev/input/event3",
        "serial:/dev/ttyACM0",
        "camera:/dev/video2",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
    assert_eq!(parse("images:a b").unwrap(), SourceSpec::Images { dir: PathBuf::from("a b") });
    let serial = SourceSpec::Serial {
        device: "/dev/ttyS0".into(),
        baud: 9_600,
        line: LineOptions::default(),
    };
    assert_eq!(parse("serial:/dev/ttyS0").unwrap(), serial);
}

#[test]
fn line_sources_take_options() {
    let line = LineOptions { prefix: "~~".into(), end: End::Silence, gap_ms: Some(500) };
    let serial =
        SourceSpec::Serial { device: "/dev/ttyS0".into(), baud: 115_200, line: line.clone() };
    assert_eq!(parse("serial:/dev/ttyS0?baud=115200&end=silence&prefix=~~").unwrap(), serial);
    assert_eq!(
        parse("hid:/dev/x?end=silence&prefix=~~").unwrap(),
        SourceSpec::Hid { device: "/dev/x".into(), line }
    );
    let line = LineOptions { prefix: "~".into(), end: End::Suffix, gap_ms: None };
    assert_eq!(parse("stdin?prefix=~").unwrap(), SourceSpec::Stdin { line });
}

#[test]
fn bad_specifications_say_what_to_write() {
    for (text, code, hint) in [
        ("", "source_unknown", "images:DIR"),
        ("usb", "source_unknown", "serial:/dev/"),
        ("stdin:now", "source_unknown", "stdin"),
        ("images", "source_without_path", "images:DIR"),
        ("images:", "source_without_path", "images:DIR"),
        ("hid:", "source_without_path", "hid:/dev/input/event0"),
        ("serial:?baud=9600", "source_without_path", "serial:/dev/ttyACM0"),
        ("camera", "source_without_path", "camera:/dev/video0"),
        ("hid:/dev/x?baud=9600", "source_option_unknown", "end and prefix"),
        ("serial:/dev/x?speed=9600", "source_option_unknown", "end, prefix and baud"),
        ("serial:/dev/x?baud=fast", "source_option_value", "9600"),
        ("serial:/dev/x?baud=0", "source_option_value", "9600"),
        ("serial:/dev/x?end=tab", "source_option_value", "suffix or silence"),
        ("stdin?end=silence", "source_option_value", "suffix"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        assert!(error.to_string().contains(hint), "{text}: {error}");
    }
}
