//! QR codes as one path of an SVG: a unit square for each dark module, runs of them drawn together.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// The code of `text` for `<path d>`, and how many modules it is wide. `None` when `text` is longer than a code can say.
pub fn path(text: &str) -> Option<(String, i32)> {
    // A number of ours fits the smallest code, 21 modules, at the second level of correction; a crease may hide a seventh of it.
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if 0 < length {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += length + 1;
        }
    }
    Some((path, code.size()))
}

/// The picture, with `text` for those who do not see it.
pub fn view(text: &str) -> Markup {
    html! {
        @if let Some((path, size)) = path(text) {
            svg.qr viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(text) shape-rendering="crispEdges" { path d=(path) {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path drawn again as a decoder's camera would see it: eight pixels a module, a white edge of four modules.
    fn photograph(path: &str, size: i32) -> (usize, Vec<u8>) {
        const PIXELS: usize = 8;
        let wide = (size as usize + 8) * PIXELS;
        let mut picture = vec![255; wide * wide];
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, rest) = rest.split_once('v').unwrap();
            assert!(rest.starts_with("1h-") && rest.ends_with('z'));
            let (x, y, length): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
            for row in (y + 4) * PIXELS..(y + 5) * PIXELS {
                picture[row * wide + (x + 4) * PIXELS..row * wide + (x + 4 + length) * PIXELS].fill(0);
            }
        }
        (wide, picture)
    }

    #[test]
    fn what_is_drawn_is_read_back() {
        for text in ["ORD-20251121-0043", "ORD-20251121-12345", "R-20251121-03", "A", "訂單 4471"] {
            let (path, size) = path(text).unwrap();
            let (wide, picture) = photograph(&path, size);
            let mut seen = rqrr::PreparedImage::prepare_from_greyscale(wide, wide, |x, y| picture[y * wide + x]);
            let codes: Vec<String> = seen.detect_grids().into_iter().map(|grid| grid.decode().unwrap().1).collect();
            assert_eq!(codes, [text]);
        }
        assert_eq!(path("ORD-20251121-0043").unwrap().1, 21, "the smallest there is");
        assert_eq!(path(&"A".repeat(5_000)), None);
    }
}
