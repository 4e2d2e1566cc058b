//! Finds the ticket in a picture: QR codes by zxing-cpp, fast first, thoroughly on a miss.

use std::io::Cursor;

use ::image::imageops::{self, FilterType};
use ::image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits};
use kaisatsu_shared::token::PREFIX;
use zxingcpp::{BarcodeFormat, BarcodeReader, Binarizer, ImageFormat, ImageView, TextMode};

use super::ScanText;
use super::problem::ScanProblem;

/// Largest file read, in bytes.
pub const MAX_FILE_BYTES: u64 = 32 << 20;
/// Largest picture decoded, in pixels: a 48-megapixel camera's. A few bytes of a hostile file can
/// claim far more.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Memory a picture's decoder may take, in bytes.
const MAX_ALLOC: u64 = 256 << 20;
/// Codes looked for in one picture.
const MAX_CODES: i32 = 16;

/// A QR reader. It keeps the library's options and stays on its thread.
pub struct CodeReader {
    fast: BarcodeReader,
    full: BarcodeReader,
    /// One threshold for the whole picture.
    even: BarcodeReader,
}

impl Default for CodeReader {
    fn default() -> Self {
        Self::new()
    }
}

impl CodeReader {
    /// A reader for QR codes.
    #[must_use]
    pub fn new() -> Self {
        let reader = |thorough: bool| {
            zxingcpp::read()
                .formats([BarcodeFormat::QRCode])
                .max_number_of_symbols(MAX_CODES)
                .text_mode(TextMode::Plain)
                .try_harder(thorough)
                .try_rotate(thorough)
                .try_invert(thorough)
                .try_downscale(thorough)
        };
        let even = reader(true).binarizer(Binarizer::GlobalHistogram);
        Self { fast: reader(false), full: reader(true), even }
    }

    /// Reads a file's bytes: PNG, JPEG or WebP, whatever its name says.
    #[must_use]
    pub fn read_file(&self, bytes: &[u8]) -> ScanText {
        match open(bytes) {
            Ok(picture) => match self.read(picture.as_raw(), picture.width(), picture.height()) {
                ScanText::Problem(ScanProblem::NoCode) => self.rescue(&picture),
                found => found,
            },
            Err(problem) => ScanText::Problem(problem),
        }
    }

    /// A file comes once, a frame comes again: only files are worth more time. One threshold for
    /// the whole picture, then half the size and softened, read what noise had hidden.
    fn rescue(&self, picture: &GrayImage) -> ScanText {
        let (width, height) = picture.dimensions();
        let found = choose(find(&self.even, picture.as_raw(), width, height));
        if found != ScanText::Problem(ScanProblem::NoCode) {
            return found;
        }
        let half = imageops::resize(
            picture,
            width.div_ceil(2),
            height.div_ceil(2),
            FilterType::CatmullRom,
        );
        let soft = imageops::blur(&half, 1.0);
        choose(find(&self.full, soft.as_raw(), soft.width(), soft.height()))
    }

    /// Reads a picture of `width` × `height` bytes, one a pixel, 0 = black.
    #[must_use]
    pub fn read(&self, luma: &[u8], width: u32, height: u32) -> ScanText {
        // Another code beside the ticket (a poster) may be the easier one: only a ticket ends the
        // search early.
        match choose(find(&self.fast, luma, width, height)) {
            ScanText::Plain(text) if text.starts_with(PREFIX) => ScanText::Plain(text),
            found @ ScanText::Problem(ScanProblem::SeveralCodes) => found,
            fast => match choose(find(&self.full, luma, width, height)) {
                ScanText::Problem(ScanProblem::NoCode) => fast,
                found => found,
            },
        }
    }

    /// Reads a camera frame: as [`Self::read`], with the thorough search on every frame only if
    /// `thorough`.
    #[must_use]
    pub fn read_frame(&self, luma: &[u8], width: u32, height: u32, thorough: bool) -> ScanText {
        if thorough {
            return self.read(luma, width, height);
        }
        choose(find(&self.fast, luma, width, height))
    }
}

fn find(reader: &BarcodeReader, luma: &[u8], width: u32, height: u32) -> Vec<ScanText> {
    // The library checks that the slice is as long as its sides say.
    let found = ImageView::from_slice(luma, width, height, ImageFormat::Lum)
        .and_then(|view| reader.from(&view));
    found.unwrap_or_default().iter().map(|code| content(code.bytes(), || code.text())).collect()
}

/// A code's text. `converted` is the library's reading of other character sets; as a C string it
/// would end at a NUL, so such content isn't text.
fn content(bytes: Vec<u8>, converted: impl FnOnce() -> String) -> ScanText {
    if bytes.contains(&0) {
        return ScanText::Problem(ScanProblem::NotText);
    }
    ScanText::Plain(String::from_utf8(bytes).unwrap_or_else(|_| converted()))
}

/// One answer for a picture: its ticket, else its first code.
fn choose(codes: Vec<ScanText>) -> ScanText {
    let is_ticket = |code: &ScanText| code.text().is_some_and(|text| text.starts_with(PREFIX));
    let mut tickets = codes.iter().filter(|code| is_ticket(code));
    if let Some(ticket) = tickets.next() {
        if tickets.any(|other| other != ticket) {
            return ScanText::Problem(ScanProblem::SeveralCodes);
        }
        return ticket.clone();
    }
    codes.into_iter().next().unwrap_or(ScanText::Problem(ScanProblem::NoCode))
}

/// Opens a picture within the limits, as luma on white.
pub(super) fn open(bytes: &[u8]) -> Result<GrayImage, ScanProblem> {
    let unreadable = |_| ScanProblem::Unreadable;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| ScanProblem::Unreadable)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_ALLOC {
        return Err(ScanProblem::Unreadable);
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_luma8());
    }
    // A code drawn on nothing is meant to lie on white.
    let on_white = picture.into_luma_alpha8();
    let blend = |luma: u8, alpha: u8| {
        let (luma, alpha) = (u16::from(luma), u16::from(alpha));
        u8::try_from((luma * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let luma = on_white.as_raw().chunks_exact(2).map(|pixel| match pixel {
        [luma, alpha] => blend(*luma, *alpha),
        _ => u8::MAX,
    });
    GrayImage::from_raw(width, height, luma.collect()).ok_or(ScanProblem::Unreadable)
}
