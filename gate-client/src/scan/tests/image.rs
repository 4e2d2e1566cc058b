use std::io::Cursor;

use ::image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Luma, LumaA, imageops};
use fast_qr::{ECL, QRBuilder};

use super::super::ScanText;
use super::super::image::{CodeReader, MAX_PIXELS};
use super::super::problem::ScanProblem;
use super::token;

/// Pixels a module and modules of quiet zone of the codes drawn here.
const SCALE: u32 = 4;
const QUIET: u32 = 4;

pub(super) fn code(text: &str) -> GrayImage {
    let code = QRBuilder::new(text).ecl(ECL::M).build().unwrap();
    let side = (u32::try_from(code.size).unwrap() + 2 * QUIET) * SCALE;
    GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| {
            usize::try_from((at / SCALE).wrapping_sub(QUIET)).ok().filter(|at| *at < code.size)
        };
        let dark = module(y).zip(module(x)).is_some_and(|(row, column)| code[row][column].value());
        Luma([if dark { 0 } else { 255 }])
    })
}

pub(super) fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn side_by_side(pictures: &[&GrayImage]) -> GrayImage {
    let width = pictures.iter().map(|picture| picture.width()).sum();
    let height = pictures.iter().map(|picture| picture.height()).max().unwrap();
    let mut all = GrayImage::from_pixel(width, height, Luma([255]));
    let mut x = 0;
    for picture in pictures {
        imageops::overlay(&mut all, *picture, x, 0);
        x += i64::from(picture.width());
    }
    all
}

fn read(picture: impl Into<DynamicImage>) -> ScanText {
    CodeReader::new().read_file(&png(picture))
}

fn text(text: &str) -> ScanText {
    ScanText::Plain(text.to_owned())
}

#[test]
fn tokens_of_every_length_are_read() {
    for length in super::super::TOKEN_LENGTHS {
        let token = token().repeat(3)[..length].to_owned();
        assert_eq!(read(code(&token)), text(&token));
    }
}

#[test]
fn turned_inverted_and_dim_codes_are_read() {
    let (token, upright) = (token(), code(&token()));
    assert_eq!(read(imageops::rotate90(&upright)), text(&token));
    let mut inverted = upright.clone();
    imageops::invert(&mut inverted);
    assert_eq!(read(inverted), text(&token));
    let dim = GrayImage::from_fn(upright.width(), upright.height(), |x, y| {
        Luma([upright.get_pixel(x, y).0[0] / 8 + 20])
    });
    assert_eq!(read(imageops::blur(&dim, 1.5)), text(&token));
}

#[test]
fn a_drawing_on_nothing_lies_on_white() {
    let token = token();
    let drawn = code(&token);
    let clear = ::image::GrayAlphaImage::from_fn(drawn.width(), drawn.height(), |x, y| {
        LumaA([0, 255 - drawn.get_pixel(x, y).0[0]])
    });
    assert_eq!(read(clear), text(&token));
}

#[test]
fn the_ticket_is_taken_from_among_other_codes() {
    let (token, poster) = (token(), code("https://example.com/poster"));
    assert_eq!(read(poster.clone()), text("https://example.com/poster"));
    assert_eq!(read(side_by_side(&[&poster, &code(&token)])), text(&token));
    // Also where only the thorough search finds it.
    let mut inverted = code(&token);
    imageops::invert(&mut inverted);
    assert_eq!(read(side_by_side(&[&poster, &inverted])), text(&token));
}

#[test]
fn several_tickets_are_named_the_same_one_twice_is_not() {
    let token = token();
    let other = format!("{}Z", &token[..150]);
    assert_eq!(
        read(side_by_side(&[&code(&token), &code(&other)])),
        ScanText::Problem(ScanProblem::SeveralCodes)
    );
    assert_eq!(read(side_by_side(&[&code(&token), &code(&token)])), text(&token));
}

#[test]
fn content_that_is_not_text_is_not_cut_to_a_ticket() {
    let hidden = format!("{}\0junk", token());
    assert_eq!(read(code(&hidden)), ScanText::Problem(ScanProblem::NotText));
}

#[test]
fn a_picture_without_code_is_named() {
    for picture in [GrayImage::new(1, 1), GrayImage::from_pixel(640, 480, Luma([200]))] {
        assert_eq!(read(picture), ScanText::Problem(ScanProblem::NoCode));
    }
    let torn = imageops::crop_imm(&code(&token()), 0, 0, 90, 190).to_image();
    assert_eq!(read(torn), ScanText::Problem(ScanProblem::NoCode));
}

#[test]
fn files_that_are_no_pictures_are_named() {
    let whole = png(code(&token()));
    let files = [
        &b""[..],
        b"\0",
        b"not a picture at all",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        &whole[..60],
    ];
    for file in files {
        assert_eq!(
            CodeReader::new().read_file(file),
            ScanText::Problem(ScanProblem::Unreadable),
            "{file:?}"
        );
    }
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() {
    // A whole and harmless picture of one colour: without the limit it is unpacked and searched.
    let side = u32::try_from(MAX_PIXELS.isqrt()).unwrap() + 1;
    let bomb = png(GrayImage::new(side, side));
    assert!(bomb.len() < 2_000_000, "{}", bomb.len());
    let header = ImageReader::new(Cursor::new(&bomb)).with_guessed_format().unwrap();
    assert_eq!(header.into_dimensions().unwrap(), (side, side));
    assert_eq!(CodeReader::new().read_file(&bomb), ScanText::Problem(ScanProblem::Unreadable));
}
