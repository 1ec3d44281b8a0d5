//! What SQLite keeps beside a file: the WAL with the last work of a program that was cut off, and the journal of a step that
//! was. SQLite believes both by their name alone. A WAL left over beside another file would be written into it, and of one
//! with a spoiled place in it everything behind that would be dropped without a word; so they are looked at first.
//!
//! How the two are built: <https://www.sqlite.org/fileformat2.html> §3 and §4.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::APPLICATION_ID;

/// What lies beside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// Nothing, or nothing SQLite would read.
    Nothing,
    /// The file's own, read to its end.
    Fits,
    /// Of another file, and why that is known.
    Foreign(&'static str),
    /// The file's own with a spoiled place, and behind it so many finished writes nobody could read any more.
    Spoiled { writes: usize },
}

const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;

/// One write that was cut off in the middle may look finished; two were.
const SURELY_LOST: usize = 2;

/// What is known of the file itself from its first hundred bytes.
struct Head {
    page_bytes: usize,
    /// Whether it says that it is worked in with a WAL.
    wants_wal: bool,
}

/// The WAL of the file `path`, which carries our mark.
pub fn wal(path: &Path) -> io::Result<Leftover> {
    let Some(file) = open(&path.with_extension("db-wal"))? else { return Ok(Leftover::Nothing) };
    let Some(head) = read_head(path)? else { return Ok(Leftover::Nothing) };
    read_wal(BufReader::with_capacity(1 << 20, file), &head)
}

/// The rollback journal of the file `path`. This program needs one only for a moment while it opens or closes a file, and
/// then the file keeps its size.
pub fn journal(path: &Path) -> io::Result<Leftover> {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let Some(mut file) = open(&path.with_extension("db-journal"))? else { return Ok(Leftover::Nothing) };
    let mut bytes = [0; 28];
    if !fill(&mut file, &mut bytes)? || !bytes.starts_with(&MAGIC) {
        return Ok(Leftover::Nothing);
    }
    let Some(head) = read_head(path)? else { return Ok(Leftover::Nothing) };
    let pages = std::fs::metadata(path)?.len() / head.page_bytes as u64;
    Ok(match (number(&bytes, 16), number(&bytes, 24)) {
        (_, page_bytes) if page_bytes as usize != head.page_bytes => Leftover::Foreign("its pages are of another size"),
        (was, _) if u64::from(was) != pages => Leftover::Foreign("it is of a file of another size"),
        _ => Leftover::Fits,
    })
}

/// `None` when there is none, or an empty one.
fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(file) => Ok((0 < file.metadata()?.len()).then_some(file)),
    }
}

fn read_head(path: &Path) -> io::Result<Option<Head>> {
    let mut bytes = [0; 100];
    if !fill(&mut File::open(path)?, &mut bytes)? {
        return Ok(None);
    }
    let page_bytes = match u16::from_be_bytes([bytes[16], bytes[17]]) {
        1 => 65_536,
        size => usize::from(size),
    };
    // 1: an old rollback journal. The program leaves it at that when it closes a file, and every copy is like that.
    Ok(is_page_size(page_bytes).then_some(Head { page_bytes, wants_wal: bytes[18] == 2 || bytes[19] == 2 }))
}

fn is_page_size(bytes: usize) -> bool {
    (512..=65_536).contains(&bytes) && bytes.is_power_of_two()
}

fn read_wal(mut wal: impl Read, head: &Head) -> io::Result<Leftover> {
    let mut bytes = [0; HEAD_BYTES];
    if !fill(&mut wal, &mut bytes)? {
        return Ok(Leftover::Nothing);
    }
    let is_big_endian = number(&bytes, 0) & 1 == 1;
    let mut sum = checksum((0, 0), &bytes[..24], is_big_endian);
    let is_whole =
        number(&bytes, 0) & !1 == 0x377f_0682 && number(&bytes, 4) == 3_007_000 && sum == (number(&bytes, 24), number(&bytes, 28));
    let page_bytes = number(&bytes, 8) as usize;
    if is_whole && page_bytes != head.page_bytes {
        return Ok(Leftover::Foreign("its pages are of another size"));
    }

    // What is read in one go is SQLite's; behind the first frame that does not follow, only finished writes are counted.
    let mut salt = is_whole.then(|| (number(&bytes, 16), number(&bytes, 20)));
    let (mut is_read, mut wrote, mut lost) = (is_whole, 0, 0);
    let mut frame = vec![0; FRAME_HEAD_BYTES + head.page_bytes];
    while fill(&mut wal, &mut frame)? {
        let (start, page) = frame.split_at(FRAME_HEAD_BYTES);
        let (number_of_page, pages, salt_of_frame) = (number(start, 0), number(start, 4), (number(start, 8), number(start, 12)));
        // Without a head to say it, the first frame does.
        let is_of_this = *salt.get_or_insert(salt_of_frame) == salt_of_frame;
        if is_read {
            let next = checksum(checksum(sum, &start[..8], is_big_endian), page, is_big_endian);
            is_read = is_of_this && number_of_page != 0 && next == (number(start, 16), number(start, 20));
            sum = next;
        }
        if is_read && number_of_page == 1 && number(page, 68) != APPLICATION_ID as u32 {
            return Ok(Leftover::Foreign("it is of another program's file"));
        }
        let is_finished = pages != 0 && is_of_this;
        wrote += usize::from(is_read && is_finished);
        lost += usize::from(!is_read && is_finished && number_of_page != 0);
    }
    Ok(match (wrote, lost) {
        (_, lost) if SURELY_LOST <= lost => Leftover::Spoiled { writes: lost },
        (0, _) => Leftover::Nothing,
        _ if !head.wants_wal => Leftover::Foreign("the file was closed in order and needs none"),
        _ => Leftover::Fits,
    })
}

/// SQLite's own sum over `bytes`, from `sum` on.
fn checksum(sum: (u32, u32), bytes: &[u8], is_big_endian: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    bytes.chunks_exact(8).fold(sum, |(a, b), pair| {
        let a = a.wrapping_add(word(&pair[..4])).wrapping_add(b);
        let b = b.wrapping_add(word(&pair[4..])).wrapping_add(a);
        (a, b)
    })
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Whether there were as many bytes as `into` holds.
fn fill(from: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(into) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
