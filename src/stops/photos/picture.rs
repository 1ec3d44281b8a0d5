//! Knowing a picture by its first bytes, and how large it is by its header; what it shows is never decoded.

/// What a picture is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
}

impl Format {
    pub fn mime(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
        }
    }
}

/// Its width and height in dots, neither of them nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// Whether it is no larger than `long` by `short`, lying or standing.
    pub fn fits(self, long: u32, short: u32) -> bool {
        self.width.max(self.height) <= long && self.width.min(self.height) <= short
    }
}

/// What `bytes` are, and how large; `None` when they are no picture, or break off before they say.
pub fn recognise(bytes: &[u8]) -> Option<(Format, Size)> {
    let (format, (width, height)) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Format::Png, png(bytes)?)
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        (Format::Jpeg, jpeg(bytes)?)
    } else {
        return None;
    };
    (width != 0 && height != 0).then_some((format, Size { width, height }))
}

/// The first chunk of a PNG is its IHDR: width and height, four bytes each.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| bytes.get(at..at + 4).map(|four| four.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((number(16)?, number(20)?))
}

/// The frame header of a JPEG (SOF) stands behind other segments, each with its length.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| bytes.get(at..at + 2).map(|two| usize::from(two[0]) << 8 | usize::from(two[1]));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill bytes, and markers that stand alone.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            // Not frames, though they stand among them: Huffman tables, an extension, arithmetic conditioning.
            marker @ 0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((number(at + 7)? as u32, number(at + 5)? as u32));
            }
            // The picture itself, or its end, before it said how large it is.
            0xd8..=0xda => return None,
            _ => at += 2 + number(at + 2)?.max(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg_of(width: u16, height: u16, before: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend_from_slice(before);
        bytes.extend_from_slice(&[0xff, 0xc0, 0, 17, 8]);
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes.extend_from_slice(&width.to_be_bytes());
        bytes.extend_from_slice(&[3; 12]);
        bytes
    }

    #[test]
    fn pictures_are_known_by_their_header() {
        let app0 = [0xff, 0xe0, 0, 4, 0xff, 0xc0];
        let fill = [0xff, 0xff, 0xff, 0xdb, 0, 3, 9];
        for (before, what) in [(&app0[..], "a marker inside a segment"), (&fill[..], "fill bytes")] {
            let found = recognise(&jpeg_of(800, 600, before));
            assert_eq!(found, Some((Format::Jpeg, Size { width: 800, height: 600 })), "{what}");
        }
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend_from_slice(&[0, 0, 1, 44, 0, 0, 0, 150]);
        assert_eq!(recognise(&png), Some((Format::Png, Size { width: 300, height: 150 })));
    }

    #[test]
    fn what_breaks_off_or_is_something_else_is_no_picture() {
        let whole = jpeg_of(800, 600, &[0xff, 0xe0, 0, 4, 1, 2]);
        for length in 0..15 {
            assert_eq!(recognise(&whole[..length]), None, "{length} bytes");
        }
        for wrong in [&b""[..], b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xd9", b"<svg xmlns="] {
            assert_eq!(recognise(wrong), None);
        }
        assert_eq!(recognise(&jpeg_of(0, 600, &[0xff, 0xe0, 0, 2])), None);
        // Any bytes at all, so long as they begin as one.
        let mut seed = 7_u64;
        for _ in 0..2_000 {
            let mut bytes = vec![0xff, 0xd8, 0xff];
            for _ in 0..200 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                bytes.push((seed >> 56) as u8 | if seed & 64 == 0 { 0 } else { 0xf0 });
            }
            let _ = recognise(&bytes);
        }
    }

    #[test]
    fn a_picture_fits_lying_or_standing() {
        let cases = [((800, 600), true), ((600, 800), true), ((801, 10), false), ((700, 700), false), ((1, 1), true)];
        for ((width, height), fits) in cases {
            assert_eq!(Size { width, height }.fits(800, 600), fits, "{width}x{height}");
        }
    }
}
