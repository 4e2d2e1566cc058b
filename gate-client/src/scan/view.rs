//! Reports a code once while it stays in a camera's view.

/// How long a code must have left the view before it is reported again, in milliseconds.
pub const LEFT_MS: u64 = 1_000;

/// What a camera sees at the moment.
#[derive(Debug, Clone, Default)]
pub struct View {
    seen: Vec<(String, u64)>,
}

impl View {
    /// Nothing in view.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A code was seen in a frame taken at `now_ms`. Gives whether it is to be reported: it wasn't
    /// in view during the last [`LEFT_MS`]. Changing between two codes reports each once.
    pub fn enters(&mut self, text: &str, now_ms: u64) -> bool {
        self.seen.retain(|(_, last)| now_ms.saturating_sub(*last) < LEFT_MS);
        if let Some((_, last)) = self.seen.iter_mut().find(|(seen, _)| seen == text) {
            *last = now_ms;
            return false;
        }
        self.seen.push((text.to_owned(), now_ms));
        true
    }
}
