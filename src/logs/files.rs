//! Log files of the data folder: `luckygas.log` is written, `luckygas-1.log` the one before, and so on. They rotate by
//! size and not by day, so that what they take is known whatever happens: ten of 5 MB, which is some weeks.
//!
//! Invariants
//! - A line that cannot be written is dropped; nothing fails, and nothing waits longer than the write.
//! - What was dropped is counted in a line as soon as one can be written again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MOST_BYTES: u64 = 5 << 20;
const FILES: usize = 10;

#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    most_bytes: u64,
    /// The one that is written and how long it is; `None` until the first line, and after one that failed.
    open: Option<(File, u64)>,
    dropped: u64,
}

impl Files {
    pub fn new(folder: PathBuf) -> Files {
        Files { folder, most_bytes: MOST_BYTES, open: None, dropped: 0 }
    }

    /// Adds `line`, which ends in a line break, or drops it.
    pub fn write(&mut self, line: &str) {
        if self.try_write(line).is_err() {
            self.open = None;
            self.dropped += 1;
        }
    }

    fn try_write(&mut self, line: &str) -> io::Result<()> {
        let (mut file, length) = match self.open.take() {
            Some((file, length)) if length + line.len() as u64 <= self.most_bytes => (file, length),
            Some((file, _)) => {
                // Windows renames no open file.
                drop(file);
                self.rotate();
                self.reopen()?
            }
            None => self.reopen()?,
        };
        let mut text = String::new();
        if 0 < self.dropped {
            text = format!("{} lines could not be written\n", self.dropped);
        }
        text.push_str(line);
        // In one piece: a crash leaves whole lines.
        file.write_all(text.as_bytes())?;
        self.dropped = 0;
        self.open = Some((file, length + text.len() as u64));
        Ok(())
    }

    /// The file to go on with, which may be full of the run before.
    fn reopen(&mut self) -> io::Result<(File, u64)> {
        fs::create_dir_all(&self.folder)?;
        let path = path(&self.folder, 0);
        if fs::metadata(&path).is_ok_and(|meta| self.most_bytes <= meta.len()) {
            self.rotate();
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok((file, length))
    }

    /// Makes room for a new one; the oldest goes. A rename that fails leaves the file to be added to.
    fn rotate(&self) {
        let _ = fs::remove_file(path(&self.folder, FILES - 1));
        for age in (0..FILES - 1).rev() {
            let _ = fs::rename(path(&self.folder, age), path(&self.folder, age + 1));
        }
    }
}

/// The file that is `age` files old.
fn path(folder: &Path, age: usize) -> PathBuf {
    match age {
        0 => folder.join("luckygas.log"),
        _ => folder.join(format!("luckygas-{age}.log")),
    }
}

/// The last whole lines in `folder`, at most `bytes` of them, from the file before too when the one that is written is short.
pub(super) fn tail(folder: &Path, bytes: u64) -> String {
    let mut text = end_of(&path(folder, 0), bytes);
    if (text.len() as u64) < bytes {
        text = end_of(&path(folder, 1), bytes - text.len() as u64) + &text;
    }
    text
}

fn end_of(path: &Path, bytes: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(bytes);
        file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        file.take(bytes).read_to_end(&mut end)?;
        let whole = match from {
            0 => &end[..],
            // The first is cut in the middle.
            _ => end.iter().position(|byte| *byte == b'\n').map_or(&[][..], |at| &end[at + 1..]),
        };
        Ok(String::from_utf8_lossy(whole).into_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("luckygas-logs-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn lines(folder: &Path, age: usize) -> Vec<String> {
        fs::read_to_string(path(folder, age)).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    #[test]
    fn files_rotate_and_the_oldest_goes() {
        let folder = folder("rotate");
        let open = || Files { most_bytes: 20, ..Files::new(folder.clone()) };
        let mut files = open();
        for number in 0..24 {
            // Two lines a file; the program is started again in the middle of one.
            if number == 13 {
                files = open();
            }
            files.write(&format!("line {number:04}\n"));
        }
        assert_eq!(lines(&folder, 0), ["line 0022", "line 0023"]);
        assert_eq!(lines(&folder, 9), ["line 0004", "line 0005"]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), FILES);
        assert_eq!(tail(&folder, 25), "line 0022\nline 0023\n");
        assert_eq!(tail(&folder, 35), "line 0021\nline 0022\nline 0023\n");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_line_that_cannot_be_written_is_dropped_and_counted() {
        let folder = folder("dropped");
        // Where the folder should be is a file.
        fs::write(&folder, "").unwrap();
        let mut files = Files::new(folder.clone());
        files.write("one\n");
        files.write("two\n");
        assert_eq!(tail(&folder, 100), "");
        fs::remove_file(&folder).unwrap();
        files.write("three\n");
        files.write("four\n");
        assert_eq!(lines(&folder, 0), ["2 lines could not be written", "three", "four"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
