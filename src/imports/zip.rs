//! The zip file a workbook is, read so that nothing in it can take more memory or time than it is given.
//!
//! Invariants
//! - A part is never inflated past the bytes its reader was allowed, whatever its directory entry claims.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::read::DeflateDecoder;

use crate::imports::Refusal;

/// A workbook has a few dozen parts.
const MOST_PARTS: usize = 5_000;

/// One part as the directory at the end of the file lists it.
struct Part {
    name: String,
    is_deflated: bool,
    compressed: u64,
    offset: u64,
}

pub struct Archive {
    file: File,
    parts: Vec<Part>,
}

/// The inflated bytes of a part; an error once more come than were allowed.
pub struct PartReader {
    inflate: Inflate,
    left: u64,
}

enum Inflate {
    Stored(Take<BufReader<File>>),
    Deflated(DeflateDecoder<Take<BufReader<File>>>),
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let slice = bytes.get(at..at + width)?;
    Some(slice.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

impl Archive {
    /// Reads the directory. A file that is no zip, was cut off, or is locked with a password is refused.
    pub fn open(mut file: File) -> Result<Archive, Refusal> {
        let length = file.seek(SeekFrom::End(0)).map_err(Refusal::unreadable)?;
        let tail_length = length.min(65_557);
        file.seek(SeekFrom::Start(length - tail_length)).map_err(Refusal::unreadable)?;
        let mut tail = Vec::new();
        (&mut file).take(tail_length).read_to_end(&mut tail).map_err(Refusal::unreadable)?;
        let end = memchr::memmem::rfind(&tail, b"PK\x05\x06").ok_or_else(Refusal::cut_off)?;
        let field = |at, width| number(&tail, end + at, width).ok_or_else(Refusal::cut_off);
        let (count, size, start) = (field(10, 2)?, field(12, 4)?, field(16, 4)?);
        if MOST_PARTS < count as usize || length < start + size {
            return Err(Refusal::cut_off());
        }
        file.seek(SeekFrom::Start(start)).map_err(Refusal::unreadable)?;
        let mut directory = Vec::new();
        (&mut file).take(size).read_to_end(&mut directory).map_err(Refusal::unreadable)?;
        let mut parts = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            let part = entry(&directory, &mut at).ok_or_else(Refusal::cut_off)??;
            parts.push(part);
        }
        Ok(Archive { file, parts })
    }

    pub fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|part| part.name == name)
    }

    /// Reads part `name`, of which at most `most` bytes may come out.
    pub fn part(&mut self, name: &str, most: u64) -> Result<Option<PartReader>, Refusal> {
        let Some(part) = self.parts.iter().find(|part| part.name.eq_ignore_ascii_case(name)) else { return Ok(None) };
        self.file.seek(SeekFrom::Start(part.offset)).map_err(Refusal::unreadable)?;
        let mut head = [0u8; 30];
        self.file.read_exact(&mut head).map_err(|_| Refusal::cut_off())?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(Refusal::cut_off());
        }
        let skip = number(&head, 26, 2).unwrap_or(0) + number(&head, 28, 2).unwrap_or(0);
        let mut file = self.file.try_clone().map_err(Refusal::unreadable)?;
        file.seek(SeekFrom::Start(part.offset + 30 + skip)).map_err(Refusal::unreadable)?;
        let packed = BufReader::with_capacity(64 * 1024, file).take(part.compressed);
        let inflate = if part.is_deflated { Inflate::Deflated(DeflateDecoder::new(packed)) } else { Inflate::Stored(packed) };
        Ok(Some(PartReader { inflate, left: most }))
    }

    /// All of part `name`, which must be UTF-8 of at most `most` bytes.
    pub fn text(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(mut part) = self.part(name, most)? else { return Ok(None) };
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).map_err(Refusal::of_io)?;
        Ok(Some(bytes))
    }
}

/// One entry of the directory; `None` when it is cut off.
fn entry(directory: &[u8], at: &mut usize) -> Option<Result<Part, Refusal>> {
    let head = directory.get(*at..*at + 46)?;
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (flags, method) = (number(head, 8, 2)?, number(head, 10, 2)?);
    let lengths = [number(head, 28, 2)?, number(head, 30, 2)?, number(head, 32, 2)?];
    let name = directory.get(*at + 46..*at + 46 + lengths[0] as usize)?;
    *at += 46 + lengths.iter().sum::<u64>() as usize;
    if flags & 1 != 0 {
        return Some(Err(Refusal::password()));
    }
    if method != 0 && method != 8 {
        return Some(Err(Refusal::new("packed in a way we do not read", "這個檔案的壓縮方式讀不懂，請用 Excel 另存新檔再試。")));
    }
    Some(Ok(Part {
        name: String::from_utf8_lossy(name).replace('\\', "/"),
        is_deflated: method == 8,
        compressed: number(head, 20, 4)?,
        offset: number(head, 42, 4)?,
    }))
}

impl Read for PartReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.inflate {
            Inflate::Stored(reader) => reader.read(into),
            Inflate::Deflated(reader) => reader.read(into),
        }?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(read)
    }
}
