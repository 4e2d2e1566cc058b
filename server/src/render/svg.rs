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
        let size = format!(r#"<svg width="{side}" height="{side}" shape-rendering="crispEdges" "#);
        drawn.replacen("<svg ", &size, 1)
    }
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
}
