//! A CSV file of whatever program wrote it: UTF-8, or the Big5 of an older one, with line numbers as people count them.

use csv::ByteRecord;
use encoding_rs::BIG5;

/// Stands where a character was lost or is of the old program's own making.
pub(crate) const MARK: char = '〓';

/// Takes the byte order mark off.
pub(crate) fn without_mark(bytes: &mut Vec<u8>) {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
}

/// No text holds a NUL.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none()
}

/// What is not UTF-8 is taken for Big5.
pub(crate) fn is_big5(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err()
}

/// A row may have more or fewer fields than the one before.
pub(crate) fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes)
}

/// The text of a field, and the word for what was lost in it.
pub(crate) fn decode(field: &[u8], is_big5: bool) -> (String, Option<&'static str>) {
    if !is_big5 {
        return (String::from_utf8_lossy(field).into_owned(), None);
    }
    // Two bytes at a time, so that one lost character costs no other.
    let mut text = String::new();
    let mut fault = None;
    let mut rest = field;
    while let [lead, tail @ ..] = rest {
        if lead.is_ascii() {
            text.push(char::from(*lead));
            rest = tail;
            continue;
        }
        let trail = tail.first().filter(|trail| matches!(trail, 0x40..=0x7e | 0xa1..=0xfe));
        // Rows of the shop's own font in code page 950; Hong Kong gave them other characters later.
        let is_own = matches!(lead, 0x81..=0xa0 | 0xfa..=0xfe);
        let pair = [*lead, trail.copied().unwrap_or_default()];
        match BIG5.decode_without_bom_handling_and_without_replacement(&pair).filter(|_| trail.is_some()) {
            Some(c) if !is_own => text.push_str(&c),
            _ => {
                text.push(MARK);
                fault = Some(if is_own && trail.is_some() { "big5_eudc" } else { "big5_undecodable" });
            }
        }
        rest = if trail.is_some() { &tail[1..] } else { tail };
    }
    (text, fault)
}

/// Line numbers of byte places, which come in order.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Lines<'a> {
        Lines { bytes, at: 0, line: 1 }
    }

    /// The line of the record that begins at `byte`, counted from 1.
    pub(crate) fn of(&mut self, byte: u64) -> u32 {
        let byte = (byte as usize).min(self.bytes.len());
        // A record's place may stand before the empty lines it follows.
        let mut start = byte;
        while matches!(self.bytes.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.at.min(start)..start]).count() as u32;
        self.at = start;
        self.line
    }
}

/// Line breaks within quotes.
pub(crate) fn breaks(record: &ByteRecord) -> u32 {
    record.iter().map(|field| memchr::memchr_iter(b'\n', field).count() as u32).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_character_costs_no_other() {
        assert_eq!(decode(b"\xa4", true), ("〓".to_owned(), Some("big5_undecodable")));
        assert_eq!(decode(b"\xfa\x40\xa4\xa4", true), ("〓中".to_owned(), Some("big5_eudc")));
        assert_eq!(decode(b"\xa4\xa4", true), ("中".to_owned(), None));
    }
}
