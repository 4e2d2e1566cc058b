//! The terminal: one verdict large in the middle; without a terminal a line each.

use std::io::{IsTerminal as _, Write as _, stdout};

use kaisatsu_shared::{
    reason::{Language, Outcome},
    rules::{Asks, Direction},
};

use crate::{engine::LinkState, link::Notice, scan::ScanProblem};

use super::{
    Face, Found, Shown, StatusLine,
    echo::Quiet,
    found_screen::found_screen,
    paint::{Canvas, Screen},
    sentence::sentence,
    style::Style,
};

/// The light that lets a guest pass goes out by itself after so many milliseconds.
const LIGHT: u64 = 1_200;

/// What a terminal shows.
#[derive(Debug)]
pub(super) struct Terminal {
    language: Language,
    direction: Direction,
    /// Whether there is a terminal to draw on.
    draws: bool,
    quiet: Option<Quiet>,
    color: bool,
    screen: Screen,
    line: Option<StatusLine>,
    /// The last message, until the next verdict.
    message: Option<String>,
    goes_out: Option<u64>,
}

impl Terminal {
    pub(super) fn new(language: Language, direction: Direction) -> Self {
        let draws = stdout().is_terminal();
        // https://no-color.org
        let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if draws {
            // The other screen, without a cursor.
            write("\x1b[?1049h\x1b[?25l");
        }
        let quiet = draws.then(Quiet::begin);
        let screen = ready(language, direction);
        let (line, message, goes_out) = (None, None, None);
        Self { language, direction, draws, quiet, color, screen, line, message, goes_out }
    }

    fn show(&mut self, screen: Screen, goes_out: Option<u64>) {
        self.message = None;
        if self.draws {
            self.screen = screen;
            self.goes_out = goes_out;
            self.draw();
        } else {
            println(&screen.plain());
        }
    }

    fn draw(&self) {
        let (width, height) = size();
        let mut screen = self.screen.clone();
        screen.status = self.status_text();
        write(&screen.paint(Canvas { width, height, color: self.color }));
    }

    fn status_text(&self) -> String {
        let status = self.line.as_ref().map(|line| status_text(line, self.language));
        let parts: Vec<_> = self.message.iter().cloned().chain(status).collect();
        parts.join("   ")
    }
}

impl Face for Terminal {
    fn verdict(&mut self, shown: &Shown<'_>, now: u64) {
        let screen = verdict_screen(shown, self.language);
        let passes = shown.verdict.outcome().passes();
        self.show(screen, passes.then(|| now.saturating_add(LIGHT)));
    }

    fn problem(&mut self, problem: ScanProblem, _source: &str, _now: u64) {
        let style = Style::again();
        let text = match self.language {
            Language::Ja => problem.ja(),
            Language::En => problem.en(),
        };
        let word = style.word(self.language).to_owned();
        let lines = vec![text.to_owned()];
        self.show(Screen { style, word, lines, status: String::new() }, None);
    }

    fn found(&mut self, found: &Found<'_>, until: u64) {
        self.show(found_screen(found, self.language), Some(until));
    }

    fn forget_found(&mut self) {
        if self.screen.style == Style::pick() {
            self.goes_out = Some(0);
            self.tick(0);
        }
    }

    fn notice(&mut self, notice: &Notice) {
        let text = match self.language {
            Language::Ja => notice.ja.as_str(),
            Language::En => notice.en.as_str(),
        };
        if self.draws {
            // That there is a link is told by the status line.
            let quiet = notice.code == "link"
                && notice.data.get("link").is_some_and(|link| link == "online");
            self.message = (!quiet).then(|| text.to_owned());
            self.draw();
        } else {
            println(text);
        }
    }

    fn status(&mut self, line: StatusLine) {
        if self.line.as_ref() != Some(&line) {
            if self.direction != line.direction {
                self.direction = line.direction;
                self.screen = ready(self.language, self.direction);
            }
            self.line = Some(line);
            if self.draws {
                self.draw();
            }
        }
    }

    fn next_tick(&self) -> Option<u64> {
        self.goes_out
    }

    fn tick(&mut self, now: u64) {
        if self.goes_out.is_some_and(|at| now >= at) {
            self.goes_out = None;
            self.screen = ready(self.language, self.direction);
            self.draw();
        }
    }

    fn close(&mut self) {
        if self.draws {
            write("\x1b[?25h\x1b[?1049l");
            self.draws = false;
            if let Some(mut quiet) = self.quiet.take() {
                quiet.end();
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.close();
    }
}

/// A verdict's screen.
pub(super) fn verdict_screen(shown: &Shown<'_>, language: Language) -> Screen {
    let verdict = shown.verdict;
    let style = Style::of(verdict.outcome());
    let mut lines = vec![sentence(verdict, language, shown.bundle)];
    let name = shown
        .bundle
        .zip(verdict.facts.ticket_type)
        .and_then(|(bundle, id)| bundle.ticket_type(id))
        .map(|ticket_type| ticket_type.name.get(language).to_owned());
    lines.extend(name);
    if let Some(persons) = verdict.facts.persons {
        lines.push(match language {
            Language::Ja => format!("{persons}名"),
            Language::En if persons == 1 => "1 person".to_owned(),
            Language::En => format!("{persons} persons"),
        });
    }
    let asks = shown.bundle.and_then(|bundle| verdict.asks(bundle));
    lines.extend(asks.map(|asks| keys(&asks, language).to_owned()));
    if verdict.outcome() == Outcome::Admit
        && let Some(left) = verdict.facts.left.filter(|left| *left > 0)
    {
        lines.push(match language {
            Language::Ja if verdict.facts.persons.is_some() => format!("残り{left}名"),
            Language::Ja => format!("残り{left}回"),
            Language::En => format!("{left} left"),
        });
    }
    Screen { style, word: style.word(language).to_owned(), lines, status: String::new() }
}

/// What staff type to answer.
const fn keys(asks: &Asks, language: Language) -> &'static str {
    match (asks, language) {
        (Asks::YesOrNo, Language::Ja) => "y はい ・ n いいえ",
        (Asks::YesOrNo, Language::En) => "y yes, n no",
        (Asks::Persons { .. }, Language::Ja) => "人数を入力",
        (Asks::Persons { .. }, Language::En) => "Type how many",
        (Asks::Choice { .. }, Language::Ja) => "番号を入力",
        (Asks::Choice { .. }, Language::En) => "Type the number",
    }
}

/// A gate that waits for a code. Whoever stands there must see that it scans guests out.
pub(super) fn ready(language: Language, direction: Direction) -> Screen {
    let style = Style::ready();
    let lines = match (direction, language) {
        (Direction::Entry, _) => Vec::new(),
        (Direction::Exit, Language::Ja) => vec!["退場する方を読み取ります".to_owned()],
        (Direction::Exit, Language::En) => vec!["Scanning guests out".to_owned()],
    };
    Screen { style, word: style.word(language).to_owned(), lines, status: String::new() }
}

/// The gate's name, its link, what waits to be delivered, and how good its time is.
pub(super) fn status_text(line: &StatusLine, language: Language) -> String {
    let named = line.name.as_ref().map(|name| name.get(language)).filter(|name| !name.is_empty());
    let ja = language == Language::Ja;
    let gate = named.map_or_else(
        || if ja { format!("入場口{}", line.gate) } else { format!("Gate {}", line.gate) },
        str::to_owned,
    );
    let link = match (line.status.link, ja) {
        (LinkState::Online, true) => "オンライン",
        (LinkState::Online, false) => "online",
        (LinkState::Hub, true) => "会場ハブ",
        (LinkState::Hub, false) => "hub",
        (LinkState::Alone, true) => "単独",
        (LinkState::Alone, false) => "alone",
        (LinkState::Refused, true) => "使用停止",
        (LinkState::Refused, false) => "not accepted",
    };
    let unsynced = match (line.status.unsynced, ja) {
        (0, _) => String::new(),
        (waiting, true) => format!(" · 未送信 {waiting}"),
        (waiting, false) => format!(" · {waiting} to deliver"),
    };
    let leased = match (line.status.leased, ja) {
        (0, _) => String::new(),
        (held, true) => format!(" · 担当{held}枚"),
        (held, false) => format!(" · {held} tickets of this lane"),
    };
    let clock = line.clock.words(language);
    let operator = line.operator.as_ref().map(|label| format!(" · {label}")).unwrap_or_default();
    let event = line.event.as_ref().map(|name| format!("{} · ", name.get(language)));
    let event = event.unwrap_or_default();
    format!(" {event}{gate} · {link}{leased}{unsynced} · {clock}{operator}")
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    rustix::termios::tcgetwinsize(stdout())
        .ok()
        .map(|size| (usize::from(size.ws_col), usize::from(size.ws_row)))
        .filter(|(width, height)| *width > 0 && *height > 0)
        .unwrap_or((80, 24))
}

fn println(text: &str) {
    write(&format!("{text}\n"));
}

fn write(text: &str) {
    let mut out = stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::error!(%error, "the screen can't be written");
    }
}
