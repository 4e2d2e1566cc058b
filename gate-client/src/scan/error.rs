//! Why a source can't start, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

/// Why a source can't start. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The device or directory doesn't exist.
    #[error("{path} doesn't exist: {}", .kind.if_absent())]
    NotFound {
        /// What was to be opened.
        path: PathBuf,
        /// What it should be.
        kind: SourceKind,
    },
    /// The user may not open it.
    #[error("{path} may not be opened: {}", .kind.if_denied())]
    Permission {
        /// What was to be opened.
        path: PathBuf,
        /// What it should be.
        kind: SourceKind,
    },
    /// Another program holds it.
    #[error(
        "{path} is in use by another program: close that one first (`sudo fuser -v {path}` names it)"
    )]
    Busy {
        /// What was to be opened.
        path: PathBuf,
    },
    /// It exists but isn't what the specification says.
    #[error("{path} is not {}: check the path", .kind.name())]
    NotSuch {
        /// What was to be opened.
        path: PathBuf,
        /// What it should be.
        kind: SourceKind,
    },
    /// This build or system has no such source.
    #[error("{kind} isn't available in this program: {instead}")]
    NotHere {
        /// The kind of source.
        kind: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// It ended by a fault of the program; scans after it are lost.
    #[error("the scan source failed: start the gate again, and report it if it happens once more")]
    Panicked,
    /// Anything else the system says.
    #[error("{path} can't be opened ({error}): check it, then start again")]
    Open {
        /// What was to be opened.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What a source reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A directory of pictures.
    Pictures,
    /// A serial port.
    Serial,
    /// An input device.
    Keyboard,
    /// A video device.
    Camera,
}

impl SourceKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Pictures => "a directory of pictures",
            Self::Serial => "a serial port",
            Self::Keyboard => "a scanner in keyboard mode",
            Self::Camera => "a camera that gives MJPG or YUYV pictures",
        }
    }

    const fn if_absent(self) -> &'static str {
        match self {
            Self::Pictures => "create the directory or check the path",
            Self::Serial => "plug the scanner in and check the path (`ls /dev/serial/by-id`)",
            Self::Keyboard => "plug the scanner in and check the path (`ls /dev/input/by-id`)",
            Self::Camera => "plug the camera in and check the path (`ls /dev/v4l/by-id`)",
        }
    }

    /// The groups are those of Debian and Raspberry Pi OS.
    const fn if_denied(self) -> &'static str {
        match self {
            Self::Pictures => "let this user read it (`chmod o+rx`)",
            Self::Serial => {
                "add this user to the group (`sudo usermod -aG dialout $USER`) and log in again"
            }
            Self::Keyboard => {
                "add this user to the group (`sudo usermod -aG input $USER`) and log in again"
            }
            Self::Camera => {
                "add this user to the group (`sudo usermod -aG video $USER`) and log in again"
            }
        }
    }
}

impl SourceError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "source_not_found",
            Self::Permission { .. } => "source_permission",
            Self::Busy { .. } => "source_busy",
            Self::NotSuch { .. } => "source_not_such",
            Self::NotHere { .. } => "source_not_here",
            Self::Open { .. } => "source_open",
            Self::Panicked => "source_failed",
        }
    }

    /// Names what the system said when `path` was opened.
    pub(super) fn opening(path: &Path, kind: SourceKind, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOENT) => Self::NotFound { path, kind },
            Some(Errno::EACCES | Errno::EPERM) => Self::Permission { path, kind },
            Some(Errno::EBUSY) => Self::Busy { path },
            Some(Errno::ENOTTY | Errno::ENOTDIR) => Self::NotSuch { path, kind },
            _ => Self::Open { path, error },
        }
    }
}
