//! The seal of a copy: a checksum of all its bytes, kept in its manifest. Checks of the file see that it is well formed, and
//! recounts that numbers are right; a letter of a name that rots on a disk only the seal sees.
//!
//! The eight digits stand at the beginning of the manifest, and count as zeros in the sum.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Crc;
use memchr::memmem;

use crate::error::{Doing, Error, Result};

/// What stands before the digits. A manifest is far shorter than the page it begins on has room for this.
const BEFORE: &str = "{\"crc32\":\"";
const ZEROS: &str = "00000000";
/// A multiple of every page size, so that the digits never lie across two pieces.
const PIECE: usize = 1 << 20;

/// Sums up the file at `path` and puts the sum in place of the zeros its manifest was written with.
pub fn seal(path: &Path) -> Result<()> {
    const DOING: &str = "seal a copy";
    let (sum, found) = sum(path, ZEROS).doing(DOING)?;
    let [at] = found.as_slice() else {
        return Err(Error::internal(DOING, format!("{} places for the sum", found.len())));
    };
    let mut file = File::options().write(true).open(path).doing(DOING)?;
    file.seek(SeekFrom::Start(*at)).and_then(|_| file.write_all(format!("{sum:08x}").as_bytes())).doing(DOING)
}

/// Whether the file at `path` is, byte for byte, what it was when it was sealed with `crc`.
pub fn is_whole(path: &Path, crc: &str) -> io::Result<bool> {
    let (sum, found) = sum(path, crc)?;
    Ok(found.len() == 1 && format!("{sum:08x}") == crc)
}

/// The sum of the file, with `digits` of the manifest as zeros, and where those were found.
fn sum(path: &Path, digits: &str) -> io::Result<(u32, Vec<u64>)> {
    let needle = format!("{BEFORE}{digits}\"");
    let finder = memmem::Finder::new(&needle);
    let mut file = File::open(path)?;
    let (mut sum, mut found, mut start) = (Crc::new(), Vec::new(), 0);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return Ok((sum.sum(), found));
        }
        let places: Vec<usize> = finder.find_iter(&piece).map(|at| at + BEFORE.len()).collect();
        for at in places {
            piece[at..at + ZEROS.len()].copy_from_slice(ZEROS.as_bytes());
            found.push(start + at as u64);
        }
        sum.update(&piece);
        start += piece.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_that_turns_breaks_the_seal() {
        let path = std::env::temp_dir().join(format!("luckygas-seal-{}", std::process::id()));
        let mut bytes: Vec<u8> = (0..10_000u32).map(|at| (at * 7 % 251) as u8).collect();
        let manifest = b"{\"crc32\":\"00000000\",\"more\":1}";
        bytes[5_000..5_000 + manifest.len()].copy_from_slice(manifest);
        std::fs::write(&path, &bytes).unwrap();
        seal(&path).unwrap();
        let sealed = std::fs::read(&path).unwrap();
        let crc = String::from_utf8(sealed[5_010..5_018].to_vec()).unwrap();
        assert!(is_whole(&path, &crc).unwrap());
        for at in (0..sealed.len()).step_by(37).chain(4_995..5_035) {
            let mut turned = sealed.clone();
            turned[at] ^= 1 << (at % 8);
            std::fs::write(&path, &turned).unwrap();
            assert!(!is_whole(&path, &crc).unwrap(), "byte {at}");
        }
        std::fs::write(&path, b"no manifest here").unwrap();
        assert!(seal(&path).is_err());
        std::fs::remove_file(&path).unwrap();
    }
}
