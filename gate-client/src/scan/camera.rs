//! V4L2 cameras: MJPG and YUYV frames, each to luma and through the QR reader.

use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use v4l::buffer::Type;
use v4l::io::mmap::Stream;
use v4l::io::traits::CaptureStream;
use v4l::video::Capture;
use v4l::{Device, Format, FourCC};

use super::ScanText;
use super::error::{SourceError, SourceKind};
use super::image::CodeReader;
use super::problem::ScanProblem;
use super::source::{Outlet, spawn};
use super::view::View;

/// Wanted frame size in pixels: 3 a module for the largest token at a third of the height.
const SIZE: (u32, u32) = (1280, 720);
const BUFFERS: u32 = 3;
/// How long to wait for one frame before the camera counts as gone.
const FRAME_WAIT: Duration = Duration::from_secs(2);
/// Every how many frames the thorough search runs on a miss.
const THOROUGH_EVERY: u32 = 4;

/// Opens the camera and reads it on a new thread.
pub(super) fn start(device: PathBuf, mut outlet: Outlet) -> Result<JoinHandle<()>, SourceError> {
    let problem = |error| SourceError::opening(&device, SourceKind::Camera, error);
    let camera = Camera::open(&device).map_err(problem)?;
    let path = device.clone();
    spawn(&device, move || camera.run(&path, &mut outlet))
}

struct Camera {
    device: Device,
    format: Format,
}

impl Camera {
    fn open(path: &Path) -> io::Result<Self> {
        let device = Device::with_path(path)?;
        for fourcc in [b"MJPG", b"YUYV"] {
            let wanted = Format::new(SIZE.0, SIZE.1, FourCC::new(fourcc));
            let format = device.set_format(&wanted)?;
            if format.fourcc == wanted.fourcc {
                return Ok(Self { device, format });
            }
        }
        Err(nix::errno::Errno::ENOTTY.into())
    }

    fn run(mut self, path: &Path, outlet: &mut Outlet) {
        let reader = CodeReader::new();
        let mut view = View::new();
        while outlet.wanted() {
            if let Err(problem) = self.watch(&reader, &mut view, outlet) {
                tracing::warn!(source = outlet.name(), %problem, "the camera stopped");
            }
            if !outlet.wanted() || !outlet.problem(ScanProblem::Disconnected) {
                return;
            }
            self = loop {
                if !outlet.rest(Duration::from_secs(1)) {
                    return;
                }
                if let Ok(camera) = Self::open(path) {
                    break camera;
                }
            };
        }
    }

    fn watch(&self, reader: &CodeReader, view: &mut View, outlet: &mut Outlet) -> io::Result<()> {
        let mut stream = Stream::with_buffers(&self.device, Type::VideoCapture, BUFFERS)?;
        stream.set_timeout(FRAME_WAIT);
        let mut frames = 0_u32;
        while outlet.wanted() {
            let (frame, about) = stream.next()?;
            let used = usize::try_from(about.bytesused)
                .ok()
                .and_then(|used| frame.get(..used))
                .unwrap_or(frame);
            let Some((luma, width, height)) = luma(&self.format, used) else { continue };
            frames = frames.wrapping_add(1);
            let text =
                reader.read_frame(&luma, width, height, frames.is_multiple_of(THOROUGH_EVERY));
            let key = match &text {
                ScanText::Problem(ScanProblem::NoCode) => continue,
                ScanText::Problem(problem) => problem.code(),
                ScanText::Plain(text) | ScanText::Repaired { text, .. } => text,
            };
            if view.enters(key, outlet.now_ms()) {
                let name = outlet.name().to_owned();
                if !outlet.scan(name, text) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// A frame's brightness, with its width and height; `None` for a broken frame.
pub(super) fn luma(format: &Format, frame: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
    if &format.fourcc.repr == b"YUYV" {
        let stride = usize::try_from(format.stride).ok()?;
        let width = usize::try_from(format.width).ok()?;
        let rows = usize::try_from(format.height).ok()?;
        let luma: Vec<u8> = frame
            .chunks_exact(stride.max(width * 2))
            .take(rows)
            .flat_map(|row| row.iter().step_by(2).take(width))
            .copied()
            .collect();
        return (luma.len() == width * rows).then_some((luma, format.width, format.height));
    }
    let picture = super::image::open(frame).ok()?;
    let (width, height) = picture.dimensions();
    Some((picture.into_raw(), width, height))
}
