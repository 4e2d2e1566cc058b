//! A screen as text: pure, so that it can be looked at in tests.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::style::{Frame, Style};

/// What stands on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    pub(super) style: Style,
    pub(super) word: String,
    /// Below the word: the sentence first, then type and what is left.
    pub(super) lines: Vec<String>,
    /// The quiet line at the edge.
    pub(super) status: String,
}

/// How large the terminal is and what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) color: bool,
}

/// Capitals of the words, five rows each.
fn letter(letter: char) -> Option<[&'static str; 5]> {
    Some(match letter {
        'A' => [" ███ ", "█   █", "█████", "█   █", "█   █"],
        'C' => [" ████", "█    ", "█    ", "█    ", " ████"],
        'D' => ["████ ", "█   █", "█   █", "█   █", "████ "],
        'E' => ["█████", "█    ", "████ ", "█    ", "█████"],
        'G' => [" ████", "█    ", "█  ██", "█   █", " ████"],
        'H' => ["█   █", "█   █", "█████", "█   █", "█   █"],
        'I' => ["███", " █ ", " █ ", " █ ", "███"],
        'K' => ["█   █", "█  █ ", "███  ", "█  █ ", "█   █"],
        'N' => ["█   █", "██  █", "█ █ █", "█  ██", "█   █"],
        'O' => [" ███ ", "█   █", "█   █", "█   █", " ███ "],
        'P' => ["████ ", "█   █", "████ ", "█    ", "█    "],
        'R' => ["████ ", "█   █", "████ ", "█  █ ", "█   █"],
        'S' => [" ████", "█    ", " ███ ", "    █", "████ "],
        'T' => ["█████", "  █  ", "  █  ", "  █  ", "  █  "],
        'X' => ["█   █", " █ █ ", "  █  ", " █ █ ", "█   █"],
        'Y' => ["█   █", " █ █ ", "  █  ", "  █  ", "  █  "],
        _ => return None,
    })
}

impl Screen {
    /// The screen's rows, as wide and high as the canvas.
    pub(super) fn rows(&self, canvas: Canvas) -> Vec<String> {
        let side = usize::from(self.style.frame == Frame::Thick) * 2;
        let inner = canvas.width.saturating_sub(2 * side + 2).max(1);
        let mut body = self.headline(inner);
        body.push(String::new());
        for line in &self.lines {
            body.extend(wrap(line, inner));
        }
        let edges = usize::from(self.style.frame != Frame::Open) * 2;
        let room = canvas.height.saturating_sub(edges + 1);
        body.truncate(room);
        let above = (room - body.len()) / 2;
        let mut rows = Vec::with_capacity(canvas.height);
        let edge = match self.style.frame {
            Frame::Open => None,
            Frame::Hatched => Some("╱"),
            Frame::Thick => Some("█"),
        };
        rows.extend(edge.map(|edge| edge.repeat(canvas.width)));
        for row in 0..room {
            let text = row.checked_sub(above).and_then(|row| body.get(row));
            let middle = centred(
                text.map_or("", String::as_str),
                canvas.width - 2 * side.min(canvas.width / 2),
            );
            let wall = "█".repeat(side.min(canvas.width / 2));
            rows.push(format!("{wall}{middle}{wall}"));
        }
        rows.extend(edge.map(|edge| edge.repeat(canvas.width)));
        rows.push(fitted(&self.status, canvas.width));
        rows.truncate(canvas.height);
        rows
    }

    /// Icon and word side by side, as large as fits.
    fn headline(&self, width: usize) -> Vec<String> {
        let letters: Option<Vec<_>> = self.word.chars().map(letter).collect();
        let word: [String; 5] = match letters {
            Some(letters) => core::array::from_fn(|row| {
                let parts: Vec<_> =
                    letters.iter().filter_map(|letter| letter.get(row).copied()).collect();
                parts.join(" ")
            }),
            None => {
                let spaced: Vec<_> = self.word.chars().map(String::from).collect();
                let spaced = spaced.join(" ");
                let blank = " ".repeat(spaced.width());
                core::array::from_fn(|row| if row == 2 { spaced.clone() } else { blank.clone() })
            }
        };
        let rows: Vec<_> = self
            .style
            .icon
            .iter()
            .zip(&word)
            .map(|(icon, word)| format!("{icon}   {word}"))
            .collect();
        if rows.iter().all(|row| row.width() <= width) {
            return rows;
        }
        vec![format!("{} {}", self.style.sign, self.word)]
    }

    /// One line for where there is no screen.
    pub(super) fn plain(&self) -> String {
        format!("{} {}  {}", self.style.sign, self.word, self.lines.join(" · "))
    }

    /// Everything that is written to a terminal to show the screen.
    pub(super) fn paint(&self, canvas: Canvas) -> String {
        // Home, and below the last row nothing of what stood there.
        let mut out = String::from("\x1b[H");
        let rows = self.rows(canvas);
        let last = rows.len().saturating_sub(1);
        for (number, row) in rows.iter().enumerate() {
            if canvas.color {
                let (red, green, blue) =
                    if number == last { (0, 0, 0) } else { self.style.background };
                let weight = if number == last { "22" } else { "1" };
                out.push_str(&format!("\x1b[{weight};38;2;255;255;255;48;2;{red};{green};{blue}m"));
            }
            out.push_str(row);
            if canvas.color {
                out.push_str("\x1b[0m");
            }
            out.push_str("\x1b[K");
            if number != last {
                out.push_str("\r\n");
            }
        }
        out.push_str("\x1b[J");
        out
    }
}

/// The text in the middle of `width` columns.
fn centred(text: &str, width: usize) -> String {
    let free = width.saturating_sub(text.width());
    let text = fitted(text, width - free);
    format!("{}{text}{}", " ".repeat(free / 2), " ".repeat(free - free / 2))
}

/// The text cut or filled to exactly `width` columns.
fn fitted(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > width {
            break;
        }
        out.push(character);
        used += wide;
    }
    out.push_str(&" ".repeat(width - used));
    out
}

/// Lines of at most `width` columns: broken at spaces where there are some, else (Japanese)
/// between characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let fits = |line: &String| line.is_empty() || line.width() + 1 + word.width() <= width;
        if !lines.last().is_some_and(fits) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut().filter(|line| !line.is_empty()) {
            line.push(' ');
        }
        for character in word.chars() {
            let wide = character.width().unwrap_or(0);
            if lines.last().is_some_and(|line| line.width() + wide > width && !line.is_empty()) {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
        }
    }
    lines
}
