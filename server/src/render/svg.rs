//! SVG: scales without loss; opened by itself it has the size of the printed PNG.

use fast_qr::convert::{Builder, svg::SvgBuilder};

use super::{Code, PRINT_SCALE, QUIET_ZONE};

impl Code {
    /// The code as an SVG document, black on white.
    #[must_use]
    pub fn svg(&self) -> String {
        let drawn = SvgBuilder::default().margin(QUIET_ZONE).to_str(&self.symbol);
        let side = (self.modules() + 2 * QUIET_ZONE) * usize::from(PRINT_SCALE);
        // Without crisp edges a browser shows hairlines between dark modules.
        let caption = self.caption(usize::from(PRINT_SCALE));
        let height = side + caption.height();
        let size =
            format!(r#"<svg width="{side}" height="{height}" shape-rendering="crispEdges" "#);
        let drawn = drawn.replacen("<svg ", &size, 1);
        if self.caption.is_empty() {
            return drawn;
        }
        // The drawing counts in modules; the caption stands in pixels of the printed size below it.
        let scale = usize::from(PRINT_SCALE);
        let modules = self.modules() + 2 * QUIET_ZONE;
        let (high, middle) = (caption.height().div_ceil(scale), side / 2);
        let tall = modules + high;
        let drawn = drawn.replacen(
            &format!(r#"viewBox="0 0 {modules} {modules}""#),
            &format!(r#"viewBox="0 0 {modules} {tall}""#),
            1,
        );
        let mut text = format!(
            r##"<rect y="{modules}" width="{modules}" height="{high}" fill="#ffffff"/><g transform="scale({})" font-family="'Noto Sans JP','Noto Sans CJK JP',sans-serif" font-size="{}" text-anchor="middle" fill="#000000">"##,
            1.0 / f64::from(PRINT_SCALE),
            caption.font_size(),
        );
        for (number, line) in caption.lines().enumerate() {
            let base = side + number * caption.line_height() + caption.font_size() * 7 / 8;
            text.push_str(&format!(r#"<text x="{middle}" y="{base}">{}</text>"#, escaped(&line)));
        }
        text.push_str("</g></svg>");
        drawn.strip_suffix("</svg>").map_or(drawn.clone(), |open| open.to_owned() + &text)
    }
}

/// Text as XML holds it; a caption has no control characters, which it can't hold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Purpose;

    #[test]
    fn the_document_has_a_size_and_a_quiet_zone() {
        let code = Code::new("KS1:TEST", Purpose::Print).unwrap();
        let svg = code.svg();
        let modules = code.modules() + 8;
        assert!(svg.contains(&format!(r#"viewBox="0 0 {modules} {modules}""#)), "{svg}");
        assert!(svg.contains(&format!(r#"width="{}""#, modules * 8)), "{svg}");
        assert!(svg.contains("xmlns=") && svg.ends_with("</svg>"));
    }

    #[test]
    fn a_caption_is_text_below_the_drawing_whatever_it_says() {
        let code = Code::new("KS1:TEST", Purpose::Print).unwrap();
        let (modules, bare) = (code.modules() + 8, code.svg());
        let svg = code.with_caption(["入場口: 北", "Lane: <North> & \u{7}Co"]).svg();
        let tall = modules + 5;
        assert!(svg.contains(&format!(r#"viewBox="0 0 {modules} {tall}""#)), "{svg}");
        assert!(
            svg.contains(&format!(r#"width="{}" height="{}""#, modules * 8, tall * 8)),
            "{svg}"
        );
        assert!(svg.contains(">入場口: 北</text>"), "{svg}");
        assert!(svg.contains(">Lane: &lt;North&gt; &amp; Co</text>"), "{svg}");
        let path = |svg: &str| {
            svg.split("<path").nth(1).map(|path| path.split("/>").next().map(str::to_owned))
        };
        assert_eq!(path(&svg), path(&bare), "the code is as it was");
    }
}
