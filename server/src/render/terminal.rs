//! Block characters: two modules above each other in one character, light ones lit, as most
//! terminals are dark.

use super::{Code, QUIET_ZONE};

impl Code {
    /// The code for a terminal, quiet zone included.
    #[must_use]
    pub fn terminal(&self) -> String {
        let side = self.modules() + 2 * QUIET_ZONE;
        let mut text = String::with_capacity(side * side * 2);
        for row in (0..side).step_by(2) {
            for column in 0..side {
                let dark = |row: usize| {
                    let inside = (row.checked_sub(QUIET_ZONE), column.checked_sub(QUIET_ZONE));
                    matches!(inside, (Some(row), Some(column)) if self.is_dark(row, column))
                };
                text.push(match (dark(row), dark(row + 1)) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                });
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::render::{Code, Purpose};

    #[test]
    fn a_camera_reads_it() {
        let code = "6XHX-QVVM-KREP-N421";
        let text = Code::new(code, Purpose::Screen).unwrap().terminal();
        let (width, height) = (text.lines().next().unwrap().chars().count(), text.lines().count());
        let scale = 4;
        let mut pixels = vec![0_u8; width * scale * height * 2 * scale];
        for (line, text) in text.lines().enumerate() {
            for (column, block) in text.chars().enumerate() {
                for (half, lit) in
                    [matches!(block, '█' | '▀'), matches!(block, '█' | '▄')].into_iter().enumerate()
                {
                    for y in 0..scale {
                        let row = (line * 2 + half) * scale + y;
                        let start = (row * width + column) * scale;
                        pixels[start..start + scale].fill(if lit { 255 } else { 0 });
                    }
                }
            }
        }
        let (width, height) = (width * scale, height * 2 * scale);
        let (width, height) = (i32::try_from(width).unwrap(), i32::try_from(height).unwrap());
        let format = zxingcpp::ImageFormat::Lum;
        let view = zxingcpp::ImageView::from_slice(&pixels, width, height, format).unwrap();
        let found = zxingcpp::read().from(&view).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text(), code);
    }
}
