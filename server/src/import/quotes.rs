//! Where quotation marks don't enclose a whole field. The parser takes text after a closing mark
//! as more of the field; then one forgotten mark makes the rows up to the next mark part of a note,
//! and their tickets would silently be missing.

/// The places (in bytes) of text that follows a closing quotation mark where a comma or a line's
/// end should stand. Breaks are `\n` only.
pub(super) fn strays(text: &str) -> Vec<usize> {
    /// What stands before the byte that is looked at.
    enum After {
        /// A comma or a line's end: a field begins.
        Separator,
        /// Text of a field without marks.
        Plain,
        /// Text within marks.
        Quoted,
        /// A mark within marks: it ends them, or is doubled.
        Mark,
    }
    let mut strays = Vec::new();
    let mut after = After::Separator;
    for (at, byte) in text.bytes().enumerate() {
        after = match (after, byte) {
            (After::Quoted, b'"') => After::Mark,
            (After::Quoted, _) | (After::Separator | After::Mark, b'"') => After::Quoted,
            (_, b',' | b'\n') => After::Separator,
            (After::Mark, _) => {
                strays.push(at);
                After::Plain
            }
            _ => After::Plain,
        };
    }
    strays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_after_a_closing_mark_is_astray() {
        let none: [usize; 0] = [];
        for good in [
            "a,b",
            "\"a\",\"b\"\n\"c\"",
            "\"a\"\"b\",c",
            "5\" long,x",
            "\"\",\"\"\"\"",
            "\"a\nb,c\"\n",
        ] {
            assert_eq!(strays(good), none, "{good}");
        }
        assert_eq!(strays("\"a\"b,\"c\"d"), [3, 8]);
        assert_eq!(strays("\"a\" ,c"), [3]);
        assert_eq!(strays("x,\"a\n,\"y\n"), [7]);
    }
}
