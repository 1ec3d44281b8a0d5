//! The passphrase: copies that leave the house are locked with it, those at home are not. The locking is that of age
//! (age-encryption.org/v1): any age program opens a copy with what stands on the printed page, this one need not be there.
//!
//! Invariants
//! - The passphrase lies in a file of its own beside the shop's, for the night must know it; never in the shop's file, which
//!   travels inside the copies, and never in a log.
//! - A shop that locks its copies gives none away unlocked: when the file with the passphrase is gone, none leaves.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use sha2::{Digest, Sha256};

use crate::db::disk;
use crate::error::{Doing, Error, Result};
use crate::users::password;
use crate::values::text;

/// In the data folder.
const FILE: &str = "backup-passphrase.txt";

/// Five groups of four are 99 bits.
const GROUPS: usize = 5;
/// Of a passphrase somebody has thought of; a Chinese character counts for two.
const LEAST_CHARS: usize = 16;
const LEAST_DIFFERENT: usize = 8;
const MOST_CHARS: usize = 100;

/// 2^16 rounds of scrypt take 64 MB for a fifth of a second. It is what makes guessing a typed passphrase dear; one of ours
/// cannot be guessed anyway.
const WORK: u8 = 16;
/// What another age program may have used: 256 MB. A file that asks for more is meant to hurt.
const MOST_WORK: u8 = 18;

/// The first bytes of a locked file.
const MARK: &[u8] = b"age-encryption.org/v1\n";

const CHUNK_BYTES: usize = 256 * 1024;

/// What opens the copies. It never prints itself.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl Passphrase {
    /// A new one, from the operating system's randomness, to be read aloud: `k7xm-2pwt-…`.
    pub fn generate() -> Result<Passphrase> {
        Ok(Passphrase(password::groups(GROUPS)?.into()))
    }

    /// As somebody typed it. One of ours is known however it is written, in capitals, full width or without its dashes.
    pub fn typed(typed: &str) -> Passphrase {
        let whole = text::narrow(text::trim(typed));
        let plain: String = whole.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect();
        let is_ours = plain.len() == GROUPS * 4 && plain.bytes().all(|byte| password::CLEAR.contains(&byte));
        if !is_ours {
            return Passphrase(whole.into());
        }
        let groups: Vec<&str> = (0..GROUPS).map(|at| &plain[at * 4..at * 4 + 4]).collect();
        Passphrase(groups.join("-").into())
    }

    /// What is wrong with it as a new one, in a sentence.
    pub fn problem(&self) -> Option<&'static str> {
        let chars: Vec<char> = self.0.expose_secret().chars().collect();
        let weight: usize = chars.iter().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let mut different = chars.clone();
        different.sort_unstable();
        different.dedup();
        if weight < LEAST_CHARS {
            Some("密語太短，至少 16 個英文或數字，或 8 個中文字。")
        } else if MOST_CHARS < chars.len() {
            Some("密語太長了，最多 100 個字。")
        } else if different.len() < LEAST_DIFFERENT.min(chars.len()) {
            Some("密語用的字太少，容易被猜到。")
        } else if chars.iter().any(|c| c.is_control()) {
            Some("密語裡有看不見的字元，請重新輸入。")
        } else {
            None
        }
    }

    /// To be shown and printed, and nothing else.
    pub fn shown(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `other` is the same, without telling where they differ.
    pub fn is(&self, other: &Passphrase) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.shown().as_bytes(), other.shown().as_bytes()).into()
    }
}

/// Where the passphrase of the shop in `folder` lies.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// The passphrase of the shop in `folder`, if it has one that can be read.
pub fn load(folder: &Path) -> Option<Passphrase> {
    let text = fs::read_to_string(path(folder)).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| Passphrase::typed(line))
}

/// Keeps `passphrase` for the shop in `folder`, where only whoever runs the program reads it.
pub fn keep(folder: &Path, passphrase: &Passphrase) -> Result<()> {
    let part = folder.join(format!("{FILE}.part"));
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&part).and_then(|mut file| {
        writeln!(file, "{}", passphrase.shown())?;
        file.sync_all()?;
        disk::rename_anywhere(&part, &path(folder))
    });
    written.doing("keep the passphrase")
}

/// Forgets the passphrase of the shop in `folder`; copies that are locked stay so.
pub fn forget(folder: &Path) -> Result<()> {
    match fs::remove_file(path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).doing("forget the passphrase"),
        _ => Ok(()),
    }
}

/// Whether the file at `path` is one that age has locked.
pub fn is_locked(path: &Path) -> bool {
    let mut head = [0; MARK.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == MARK
}

/// Writes what `from` holds to `to`, locked. The sha256 of what was read.
pub fn lock(from: impl Read, to: impl Write, passphrase: &Passphrase) -> io::Result<[u8; 32]> {
    let mut recipient = scrypt::Recipient::new(passphrase.0.clone());
    recipient.set_work_factor(WORK);
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as _)).map_err(io::Error::other)?;
    let mut writer = encryptor.wrap_output(BufWriter::with_capacity(CHUNK_BYTES, to))?;
    let digest = copy(from, &mut writer)?;
    writer.finish()?.flush()?;
    Ok(digest)
}

/// Writes what the locked `from` holds to `to`. The sha256 of what was written. `Invalid` in `passphrase` when it is another
/// one, `Refused` when the file is damaged or not locked by age.
pub fn unlock(from: impl Read, to: impl Write, passphrase: &Passphrase) -> Result<[u8; 32]> {
    let mut identity = scrypt::Identity::new(passphrase.0.clone());
    identity.set_max_work_factor(MOST_WORK);
    let damaged = || Error::refused("a locked copy is damaged", "這個上鎖的檔案壞了，或不是用密語鎖的。");
    let decryptor = Decryptor::new_buffered(BufReader::with_capacity(CHUNK_BYTES, from)).map_err(|_| damaged())?;
    if !decryptor.is_scrypt() {
        return Err(damaged());
    }
    let reader = decryptor.decrypt(iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            Error::invalid("passphrase", "密語不對，打不開。請照印出來的那一張再輸入一次。")
        }
        _ => damaged(),
    })?;
    copy(reader, to).map_err(|error| match error.kind() {
        // What comes after the damage cannot be told from what was cut off.
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => damaged(),
        _ => Error::internal("unlock a copy", error),
    })
}

/// The rest of `from` to `to`, a piece at a time, and its sha256.
pub(super) fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                digest.update(&chunk[..count]);
                to.write_all(&chunk[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    to.flush()?;
    Ok(digest.finalize().into())
}

/// A file that is gone when nobody needs it any more.
#[derive(Debug)]
pub struct Scratch(PathBuf);

/// The beginning of the names of our files, by which leftovers are known at the next start.
pub const SCRATCH_PREFIX: &str = "lock-";

impl Scratch {
    /// An empty file in `folder`, which is made when it is missing.
    pub fn new(folder: &Path) -> Result<(Scratch, File)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(folder).doing("make a folder for a moment")?;
        let path = folder.join(format!("{SCRATCH_PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        // What is locked elsewhere lies open in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).doing("make a file for a moment")?;
        Ok((Scratch(path), file))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it the name `path`, on the same disk; from then on it stays.
    pub fn keep(self, path: &Path) -> Result<()> {
        fs::rename(&self.0, path).doing("keep a file")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The copy at `path` unlocked into `folder`. Errors as [`unlock`] says, and `Refused` when it cannot be opened.
pub fn unlocked(path: &Path, folder: &Path, passphrase: &Passphrase) -> Result<Scratch> {
    let cannot_open = |_| Error::refused("a copy cannot be opened", format!("「{}」打不開，請看檔案在不在、能不能讀。", path.display()));
    let from = File::open(path).map_err(cannot_open)?;
    let (scratch, to) = Scratch::new(folder)?;
    unlock(from, &to, passphrase)?;
    Ok(scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(bytes: &[u8], passphrase: &Passphrase) -> Vec<u8> {
        let mut locked = Vec::new();
        let digest = lock(bytes, &mut locked, passphrase).unwrap();
        assert_eq!(digest[..], Sha256::digest(bytes)[..]);
        locked
    }

    #[test]
    fn what_is_locked_is_opened_by_its_passphrase_and_no_other() {
        let passphrase = Passphrase::generate().unwrap();
        for length in [0, 65_536, 300_001] {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            let file = locked(&bytes, &passphrase);
            assert!(file.starts_with(MARK));
            let mut opened = Vec::new();
            unlock(&file[..], &mut opened, &passphrase).unwrap();
            assert_eq!(opened, bytes, "{length} bytes");
        }
        let file = locked(b"ledger", &passphrase);
        let other = Passphrase::generate().unwrap();
        assert!(matches!(unlock(&file[..], io::sink(), &other), Err(Error::Invalid(problems)) if problems[0].field == "passphrase"));
    }

    #[test]
    fn a_locked_file_that_was_cut_or_changed_is_refused() {
        let passphrase = Passphrase::generate().unwrap();
        let bytes = vec![5; 200_000];
        let file = locked(&bytes, &passphrase);
        for length in [0, 150, 70_000, file.len() - 1] {
            assert!(unlock(&file[..length], io::sink(), &passphrase).is_err(), "{length} bytes");
        }
        for at in [5_000, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(unlock(&changed[..], io::sink(), &passphrase).is_err(), "byte {at}");
        }
    }

    #[test]
    fn ours_is_known_however_it_is_written_and_a_weak_one_is_refused() {
        let ours = Passphrase::generate().unwrap();
        assert_eq!(ours.shown().len(), 24);
        assert_eq!(ours.problem(), None);
        let text = ours.shown().to_owned();
        let full: String =
            text.chars().map(|c| if c.is_ascii_alphanumeric() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c }).collect();
        for written in [text.to_uppercase(), text.replace('-', ""), text.replace('-', " "), format!("　{text} "), full] {
            assert!(Passphrase::typed(&written).is(&ours), "{written}");
        }
        let cases = [
            ("short", Some("太短")),
            ("aaaaaaaaaaaaaaaaaaaa", Some("太少")),
            ("1212121212121212", Some("太少")),
            ("巷口的老榕樹下", Some("太短")),
            ("巷口的老榕樹下有貓", None),
            ("correct horse battery", None),
        ];
        for (typed, problem) in cases {
            let found = Passphrase::typed(typed).problem();
            assert_eq!(found.is_some(), problem.is_some(), "{typed}: {found:?}");
            assert!(problem.is_none_or(|word| found.unwrap().contains(word)), "{typed}: {found:?}");
        }
    }

    #[test]
    fn the_passphrase_lies_where_only_the_program_reads_it() {
        let folder = std::env::temp_dir().join(format!("luckygas-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(load(&folder).is_none());
        let passphrase = Passphrase::generate().unwrap();
        keep(&folder, &passphrase).unwrap();
        assert!(load(&folder).unwrap().is(&passphrase));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        forget(&folder).unwrap();
        forget(&folder).unwrap();
        assert!(load(&folder).is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
