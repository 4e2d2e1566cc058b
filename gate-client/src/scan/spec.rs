//! The text form of a source: `images:DIR`, `stdin`, `hid:/dev/…`, `serial:/dev/…`,
//! `camera:/dev/videoN`. Line sources take options behind a `?`, joined by `&`:
//! `end=suffix|silence`, `prefix=TEXT`, and `baud=N` for serial ports.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::line::{End, LineOptions};

/// Speed of a serial port when none is given, in baud. USB ports ignore it.
pub const DEFAULT_BAUD: u32 = 9_600;

/// Where scans come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// The pictures in a directory, in name order, then those that are added.
    Images {
        /// The directory.
        dir: PathBuf,
    },
    /// Lines of standard input.
    Stdin {
        /// How lines are cut.
        line: LineOptions,
    },
    /// A keyboard-mode scanner read directly from its input device (Linux).
    Hid {
        /// The device, e.g. `/dev/input/by-id/…-event-kbd`.
        device: PathBuf,
        /// How lines are cut.
        line: LineOptions,
    },
    /// A serial scanner, USB (CDC-ACM) or RS-232.
    Serial {
        /// The port, e.g. `/dev/ttyACM0`.
        device: PathBuf,
        /// Speed in baud.
        baud: u32,
        /// How lines are cut.
        line: LineOptions,
    },
    /// A V4L2 camera (Linux, feature `camera`).
    Camera {
        /// The device, e.g. `/dev/video0`.
        device: PathBuf,
    },
}

/// A source specification that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The kind before the colon isn't known.
    #[error(
        "unknown scan source `{0}`: use images:DIR, stdin, hid:/dev/…, serial:/dev/… or camera:/dev/videoN"
    )]
    UnknownKind(String),
    /// Nothing follows the kind.
    #[error("the scan source `{kind}` needs a path: write {kind}:{example}")]
    MissingPath {
        /// The kind given.
        kind: &'static str,
        /// What a path looks like.
        example: &'static str,
    },
    /// An option that this kind doesn't have.
    #[error("the scan source `{kind}` has no option `{option}`: it takes {known}")]
    UnknownOption {
        /// The kind given.
        kind: &'static str,
        /// The option given.
        option: String,
        /// The options it takes.
        known: &'static str,
    },
    /// An option's value is out of its range.
    #[error("the option `{option}` can't be `{value}`: use {allowed}")]
    BadValue {
        /// The option.
        option: &'static str,
        /// The value given.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
}

impl SpecError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind(_) => "source_unknown",
            Self::MissingPath { .. } => "source_without_path",
            Self::UnknownOption { .. } => "source_option_unknown",
            Self::BadValue { .. } => "source_option_value",
        }
    }
}

impl fmt::Display for SourceSpec {
    /// The kind and its path, without options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Images { dir } => write!(f, "images:{}", dir.display()),
            Self::Stdin { .. } => f.write_str("stdin"),
            Self::Hid { device, .. } => write!(f, "hid:{}", device.display()),
            Self::Serial { device, .. } => write!(f, "serial:{}", device.display()),
            Self::Camera { device } => write!(f, "camera:{}", device.display()),
        }
    }
}

impl FromStr for SourceSpec {
    type Err = SpecError;

    fn from_str(given: &str) -> Result<Self, SpecError> {
        let (kind, rest) = given.split_once(':').unwrap_or((given, ""));
        // Directories may hold a question mark, devices and stdin don't.
        if let Some((bare, query)) = given.split_once('?').filter(|(bare, _)| *bare == "stdin") {
            return Self::with_options(bare, "", query);
        }
        match kind {
            "images" => path("images", rest, "DIR").map(|dir| Self::Images { dir }),
            "camera" => path("camera", rest, "/dev/video0").map(|device| Self::Camera { device }),
            _ => {
                let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
                Self::with_options(kind, rest, query)
            }
        }
    }
}

impl SourceSpec {
    fn with_options(kind: &str, rest: &str, query: &str) -> Result<Self, SpecError> {
        match kind {
            "stdin" if rest.is_empty() => {
                // A terminal or a pipe hands over whole lines, however slowly they were written.
                let line = LineOptions { gap_ms: None, ..LineOptions::default() };
                Ok(Self::Stdin { line: options("stdin", query, line)?.0 })
            }
            "hid" => {
                let device = path("hid", rest, "/dev/input/event0")?;
                Ok(Self::Hid { device, line: options("hid", query, LineOptions::default())?.0 })
            }
            "serial" => {
                let device = path("serial", rest, "/dev/ttyACM0")?;
                let (line, baud) = options("serial", query, LineOptions::default())?;
                Ok(Self::Serial { device, baud, line })
            }
            _ => Err(SpecError::UnknownKind(kind.to_owned())),
        }
    }
}

fn path(kind: &'static str, rest: &str, example: &'static str) -> Result<PathBuf, SpecError> {
    if rest.is_empty() {
        return Err(SpecError::MissingPath { kind, example });
    }
    Ok(PathBuf::from(rest))
}

fn options(
    kind: &'static str,
    query: &str,
    mut line: LineOptions,
) -> Result<(LineOptions, u32), SpecError> {
    let mut baud = DEFAULT_BAUD;
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let bad =
            |option, allowed| SpecError::BadValue { option, value: value.to_owned(), allowed };
        match name {
            "end" => {
                line.end = match value {
                    "suffix" => End::Suffix,
                    "silence" if kind != "stdin" => End::Silence,
                    _ if kind == "stdin" => {
                        return Err(bad(
                            "end",
                            "suffix (standard input ends lines by a line break)",
                        ));
                    }
                    _ => return Err(bad("end", "suffix or silence")),
                };
            }
            "prefix" => value.clone_into(&mut line.prefix),
            "baud" if kind == "serial" => {
                baud =
                    value.parse().ok().filter(|baud| (50..=4_000_000).contains(baud)).ok_or_else(
                        || bad("baud", "the speed set in the scanner, e.g. 9600 or 115200"),
                    )?;
            }
            _ => {
                let known =
                    if kind == "serial" { "end, prefix and baud" } else { "end and prefix" };
                return Err(SpecError::UnknownOption { kind, option: name.to_owned(), known });
            }
        }
    }
    Ok((line, baud))
}
