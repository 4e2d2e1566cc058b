use v4l::{Format, FourCC};

use super::super::ScanText;
use super::super::camera::luma;
use super::super::image::CodeReader;
use super::image::{code, png};
use super::token;

fn format(fourcc: &[u8; 4], width: u32, height: u32, stride: u32) -> Format {
    Format { stride, ..Format::new(width, height, FourCC::new(fourcc)) }
}

#[test]
fn yuyv_frames_give_their_brightness() {
    // Two rows of two pixels, each row padded to eight bytes.
    let frame = [1, 90, 2, 91, 0, 0, 0, 0, 3, 92, 4, 93, 0, 0, 0, 0];
    let yuyv = format(b"YUYV", 2, 2, 8);
    assert_eq!(luma(&yuyv, &frame), Some((vec![1, 2, 3, 4], 2, 2)));
    assert_eq!(luma(&yuyv, &frame[..15]), None, "half a frame");
}

#[test]
fn a_compressed_frame_is_read() {
    let token = token();
    // The decoder goes by the bytes, so a PNG stands for an MJPG frame here.
    let frame = png(code(&token));
    let (bytes, width, height) = luma(&format(b"MJPG", 1280, 720, 0), &frame).unwrap();
    let seen = CodeReader::new().read_frame(&bytes, width, height, false);
    assert_eq!(seen, ScanText::Plain(token));
    assert_eq!(luma(&format(b"MJPG", 1280, 720, 0), &frame[..40]), None);
}
