//! As much XML as a workbook's parts need, read in one pass with a small buffer.
//!
//! Invariants
//! - A token larger than [`LARGEST`] is refused, so memory stays small whatever comes.
//! - DOCTYPE is refused: a workbook has none, and entities of one's own are only ever a trap.

use std::io::Read;

use memchr::memchr;

use crate::imports::Refusal;

/// Excel's longest cell is 32,767 characters.
const LARGEST: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `<c …>`; its name and attributes are asked of the scanner.
    Start,
    /// `<c …/>`.
    Empty,
    End,
    Text,
    Eof,
}

/// What [`Scanner::advance`] found lies in the buffer until the next call.
pub struct Scanner<R> {
    source: R,
    buffer: Vec<u8>,
    /// Unread bytes are `buffer[at..end]`.
    at: usize,
    end: usize,
    /// The token: a tag's inside, or text.
    from: usize,
    to: usize,
    /// Where the name within the tag ends.
    name_end: usize,
    is_literal: bool,
}

impl<R: Read> Scanner<R> {
    pub fn new(source: R) -> Scanner<R> {
        Scanner { source, buffer: vec![0; 64 * 1024], at: 0, end: 0, from: 0, to: 0, name_end: 0, is_literal: false }
    }

    /// Reads more behind what is unread; false at the end of the part.
    fn refill(&mut self) -> Result<bool, Refusal> {
        if 0 < self.at {
            self.buffer.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
        }
        if self.end == self.buffer.len() {
            if LARGEST <= self.buffer.len() {
                return Err(Refusal::broken());
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = self.source.read(&mut self.buffer[self.end..]).map_err(Refusal::of_io)?;
        self.end += read;
        Ok(0 < read)
    }

    /// The place of `byte` at or after `at + skip`, reading on as needed; `None` at the end of the part.
    fn find(&mut self, byte: u8, skip: usize) -> Result<Option<usize>, Refusal> {
        let mut looked = skip;
        loop {
            if self.at + looked < self.end
                && let Some(found) = memchr(byte, &self.buffer[self.at + looked..self.end])
            {
                return Ok(Some(self.at + looked + found));
            }
            looked = looked.max(self.end - self.at);
            if !self.refill()? {
                return Ok(None);
            }
        }
    }

    #[inline]
    pub fn advance(&mut self) -> Result<Token, Refusal> {
        loop {
            if self.at == self.end && !self.refill()? {
                return Ok(Token::Eof);
            }
            if self.buffer[self.at] != b'<' {
                let end = self.find(b'<', 0)?.unwrap_or(self.end);
                (self.from, self.to, self.at) = (self.at, end, end);
                self.is_literal = false;
                return Ok(Token::Text);
            }
            let Some(mut close) = self.find(b'>', 1)? else { return Err(Refusal::cut_off()) };
            match self.buffer.get(self.at + 1) {
                Some(b'?') => {
                    self.at = close + 1;
                    continue;
                }
                Some(b'!') => {
                    if self.buffer[self.at..close].starts_with(b"<![CDATA[") {
                        while !self.buffer[self.at..close].ends_with(b"]]") {
                            close = self.find(b'>', close + 1 - self.at)?.ok_or_else(Refusal::cut_off)?;
                        }
                        (self.from, self.to, self.at) = (self.at + 9, close - 2, close + 1);
                        self.is_literal = true;
                        return Ok(Token::Text);
                    }
                    if !self.buffer[self.at..close].starts_with(b"<!--") {
                        return Err(Refusal::broken());
                    }
                    while !self.buffer[self.at..close].ends_with(b"--") {
                        close = self.find(b'>', close + 1 - self.at)?.ok_or_else(Refusal::cut_off)?;
                    }
                    self.at = close + 1;
                    continue;
                }
                Some(b'/') => {
                    (self.from, self.to, self.at) = (self.at + 2, close, close + 1);
                    self.find_name();
                    return Ok(Token::End);
                }
                _ => {}
            }
            let is_empty = self.buffer[close - 1] == b'/';
            (self.from, self.to, self.at) = (self.at + 1, close - usize::from(is_empty), close + 1);
            self.find_name();
            return Ok(if is_empty { Token::Empty } else { Token::Start });
        }
    }

    #[inline]
    fn find_name(&mut self) {
        let tag = &self.buffer[self.from..self.to];
        let length = tag.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(tag.len());
        self.name_end = self.from + length;
        if 1 < length
            && let Some(colon) = memchr(b':', &self.buffer[self.from..self.name_end])
        {
            self.from += colon + 1;
        }
    }

    /// The tag's name without its prefix.
    #[inline]
    pub fn name(&self) -> &[u8] {
        &self.buffer[self.from..self.name_end]
    }

    /// The raw value of the tag's attribute `name`.
    #[inline]
    pub fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        let mut rest = &self.buffer[self.name_end..self.to];
        loop {
            rest = rest.trim_ascii_start();
            let equals = memchr(b'=', rest)?;
            let (key, value) = (rest[..equals].trim_ascii_end(), rest[equals + 1..].trim_ascii_start());
            let quote = *value.first()?;
            let length = memchr(quote, &value[1..])?;
            if key == name {
                return Some(&value[1..1 + length]);
            }
            rest = &value[length + 2..];
        }
    }

    /// The text's raw bytes: entities stand as they came.
    #[inline]
    pub fn raw(&self) -> &[u8] {
        &self.buffer[self.from..self.to]
    }

    /// Adds the text, its entities resolved, to `into`.
    pub fn push_text(&self, into: &mut String) {
        let text = String::from_utf8_lossy(self.raw());
        if self.is_literal { into.push_str(&text) } else { push_unescaped(&text, into) }
    }

    /// Skips to the end of the element whose start was just read.
    pub fn skip(&mut self) -> Result<(), Refusal> {
        let mut depth = 1;
        while 0 < depth {
            match self.advance()? {
                Token::Start => depth += 1,
                Token::End => depth -= 1,
                Token::Eof => return Err(Refusal::cut_off()),
                Token::Empty | Token::Text => {}
            }
        }
        Ok(())
    }
}

/// `&lt;`, `&#23631;`, and Excel's own `_x000D_`; what is none of them stays as it is.
pub fn push_unescaped(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.get(..rest.len().min(12)).unwrap_or(rest).find(';').and_then(|end| {
            let c = match &rest[1..end] {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                code => {
                    let code = code.strip_prefix('#')?;
                    let number = match code.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => code.parse().ok()?,
                    };
                    char::from_u32(number)?
                }
            };
            Some((c, end + 1))
        });
        let (c, length) = known.unwrap_or(('&', 1));
        into.push(c);
        rest = &rest[length..];
    }
    into.push_str(rest);
}
