//! Text under a code, in pixels of its own: printed tickets must be readable wherever they are drawn, so
//! no font of the machine is asked for. Glyphs are GNU Unifont's: 16 pixels high, 8 or 16 wide.

use unifont::{Glyph, get_glyph};

/// Rows of a glyph.
const HEIGHT: usize = 16;
/// Free rows below each line. Above the first one is the code's quiet zone.
const GAP: usize = 4;
/// Stands for a character without glyph.
const REPLACEMENT: char = '□';
/// Ends a line that is too long.
const CUT: char = '…';

/// Lines under a code, and how large they are.
pub(super) struct Caption {
    lines: Vec<Vec<(char, &'static Glyph)>>,
    /// Pixels a pixel of a glyph.
    zoom: usize,
}

impl Caption {
    /// Lays `lines` out in `width` pixels: at most `zoom` times their size, smaller where they need it, and
    /// cut where even that is too long.
    pub(super) fn new(lines: &[&str], width: usize, zoom: usize) -> Self {
        let glyphs = |line: &&str| {
            let visible = line.chars().filter(|character| !character.is_control());
            visible.filter_map(glyph).collect::<Vec<_>>()
        };
        let mut lines: Vec<_> = lines.iter().map(glyphs).collect();
        let longest = lines.iter().map(|line| wide(line)).max().unwrap_or_default();
        let zoom = zoom.min(width / longest.max(1)).max(1);
        for line in &mut lines {
            if wide(line) <= width {
                continue;
            }
            let cut: Vec<_> = glyph(CUT).into_iter().collect();
            while wide(line) + wide(&cut) > width && line.pop().is_some() {}
            line.extend(cut);
        }
        Self { lines, zoom }
    }

    /// Its lines, cut where they had to be.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.lines.iter().map(|line| line.iter().map(|(character, _)| character).collect())
    }

    /// Its height in pixels.
    pub(super) fn height(&self) -> usize {
        self.lines.len() * (HEIGHT + GAP) * self.zoom
    }

    /// Whether the pixel is dark, in a picture of this width: each line stands in its middle.
    pub(super) fn is_dark(&self, row: usize, column: usize, width: usize) -> bool {
        let (row, line) = (row / self.zoom, row / self.zoom / (HEIGHT + GAP));
        let Some(line) = self.lines.get(line) else { return false };
        let before = width.saturating_sub(wide(line) * self.zoom) / 2;
        let Some(column) = column.checked_sub(before) else { return false };
        let mut column = column / self.zoom;
        for (_, glyph) in line {
            match column.checked_sub(glyph.get_width()) {
                Some(rest) => column = rest,
                None => return glyph.get_pixel(column, row % (HEIGHT + GAP)),
            }
        }
        false
    }

    /// How large a font is whose letters are as high, in pixels.
    pub(super) const fn font_size(&self) -> usize {
        HEIGHT * self.zoom
    }

    /// How far apart lines are, in pixels.
    pub(super) const fn line_height(&self) -> usize {
        (HEIGHT + GAP) * self.zoom
    }
}

fn glyph(character: char) -> Option<(char, &'static Glyph)> {
    let known = |character| Some((character, get_glyph(character)?));
    known(character).or_else(|| known(REPLACEMENT))
}

fn wide(line: &[(char, &Glyph)]) -> usize {
    line.iter().map(|(_, glyph)| glyph.get_width()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(caption: &Caption) -> Vec<usize> {
        caption.lines.iter().map(|line| wide(line) * caption.zoom).collect()
    }

    #[test]
    fn lines_are_as_large_as_fits_and_cut_at_last() {
        let lane = ["入場口: 北ゲート", "Lane: North Gate"];
        assert_eq!(widths(&Caption::new(&lane, 392, 3)), [384, 384]);
        assert_eq!(widths(&Caption::new(&lane, 300, 3)), [256, 256]);
        let long = "Lane: the entrance with the longest of all names, far in the north";
        let caption = Caption::new(&["short", long], 392, 3);
        assert_eq!(caption.zoom, 1);
        assert!(widths(&caption)[1] <= 392 && widths(&caption)[1] > 370);
        assert_eq!(caption.lines[1].last().copied(), glyph(CUT));
        assert_eq!(caption.lines[0].len(), 5);
        // Nothing that a name may hold breaks it.
        for odd in ["", "\u{0}\u{202e}", "👪", "\n\n"] {
            let caption = Caption::new(&[odd], 10, 3);
            assert!((0..100).all(|at| !caption.is_dark(at, at, 5) || at < caption.height()));
        }
        assert_eq!(Caption::new(&[], 392, 3).height(), 0);
    }

    #[test]
    fn a_line_stands_in_the_middle_and_is_not_empty() {
        let caption = Caption::new(&["北"], 100, 2);
        assert_eq!((caption.height(), caption.font_size(), caption.line_height()), (40, 32, 40));
        let dark: Vec<_> = (0..40)
            .flat_map(|row| (0..100).map(move |column| (row, column)))
            .filter(|(row, column)| caption.is_dark(*row, *column, 100))
            .collect();
        assert!(dark.len() > 100, "{}", dark.len());
        assert!(dark.iter().all(|(row, column)| *row < 32 && (34..66).contains(column)));
    }
}
