//! PNG: grey levels, whole pixels a module, quiet zone included, a caption below.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::{Code, QUIET_ZONE, RenderError};

/// Fewest pixels a module: below it cameras miss codes.
pub const MIN_SCALE: u8 = 3;
/// Pixels a module of printed tickets: 57 modules make 456 pixels, 39 mm at 300 dpi.
pub const PRINT_SCALE: u8 = 8;

const BLACK: u8 = 0;
const WHITE: u8 = 255;

impl Code {
    /// The code as a PNG file of `scale` pixels a module, black on white, its caption below.
    ///
    /// # Errors
    /// [`RenderError::TooSmall`] below [`MIN_SCALE`]; [`RenderError::Png`].
    pub fn png(&self, scale: u8) -> Result<Vec<u8>, RenderError> {
        if scale < MIN_SCALE {
            return Err(RenderError::TooSmall(scale));
        }
        let scale = usize::from(scale);
        let side = (self.modules() + 2 * QUIET_ZONE) * scale;
        let mut pixels = Vec::with_capacity(side * side);
        let quiet = QUIET_ZONE * scale;
        pixels.resize(quiet * side, WHITE);
        for row in 0..self.modules() {
            let mut line = vec![WHITE; quiet];
            for column in 0..self.modules() {
                let shade = if self.is_dark(row, column) { BLACK } else { WHITE };
                line.resize(line.len() + scale, shade);
            }
            line.resize(side, WHITE);
            for _ in 0..scale {
                pixels.extend_from_slice(&line);
            }
        }
        pixels.resize(side * side, WHITE);
        let caption = self.caption(scale);
        for row in 0..caption.height() {
            let shade = |column| if caption.is_dark(row, column, side) { BLACK } else { WHITE };
            pixels.extend((0..side).map(shade));
        }
        // At most 185 modules of 255 pixels, and a few lines.
        let pixel = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let (width, height) = (pixel(side), pixel(side + caption.height()));
        let mut file = Cursor::new(Vec::with_capacity(4_096));
        PngEncoder::new(&mut file).write_image(&pixels, width, height, ExtendedColorType::L8)?;
        Ok(file.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Purpose;

    #[test]
    fn modules_are_squares_inside_a_quiet_zone() {
        let code = Code::new("KS1:TEST", Purpose::Print).unwrap();
        let png = code.png(3).unwrap();
        let image = image::load_from_memory(&png).unwrap().into_luma8();
        let side = u32::try_from((code.modules() + 8) * 3).unwrap();
        assert_eq!(image.dimensions(), (side, side));
        for (x, y, pixel) in image.enumerate_pixels() {
            let quiet = [x, y].iter().any(|at| *at < 12 || *at >= side - 12);
            assert!(!quiet || pixel.0 == [255], "dark at {x},{y}");
        }
        assert_eq!(image.get_pixel(12, 12).0, [0], "a finder pattern begins the symbol");
        assert!(matches!(code.png(2), Err(RenderError::TooSmall(2))));
    }

    #[test]
    fn a_caption_stands_below_and_spoils_neither_quiet_zone_nor_size() {
        let text = "KS1:".to_owned() + &"A".repeat(147);
        let bare = Code::new(&text, Purpose::Print).unwrap();
        let read = |png: &[u8]| image::load_from_memory(png).unwrap().into_luma8();
        let without = read(&bare.png(PRINT_SCALE).unwrap());
        let lines = ["入場口: 北ゲート", "Lane: North Gate"];
        let with = read(&bare.with_caption(lines).png(PRINT_SCALE).unwrap());
        assert_eq!((with.width(), with.height()), (without.width(), without.height() + 120));
        let code = image::imageops::crop_imm(&with, 0, 0, with.width(), with.width()).to_image();
        assert_eq!(code, without, "the code is as it was");
        let below = with.rows().skip(usize::try_from(with.width()).unwrap());
        let dark = below.flatten().filter(|pixel| pixel.0 == [0]).count();
        assert!(dark > 1_000, "{dark} dark pixels are no text");
        let (width, height) = (i32::try_from(with.width()), i32::try_from(with.height()));
        let format = zxingcpp::ImageFormat::Lum;
        let pixels = with.into_raw();
        let view =
            zxingcpp::ImageView::from_slice(&pixels, width.unwrap(), height.unwrap(), format);
        assert_eq!(zxingcpp::read().from(&view.unwrap()).unwrap()[0].text(), text);
    }
}
