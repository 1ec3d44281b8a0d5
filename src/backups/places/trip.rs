//! One way to a second place and back: is it there, what does it lack, is what was brought the same.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Marked, marked, pictures};
use crate::backups::keep::{self, Keep};
use crate::backups::lock_up::{self, Passphrase};
use crate::backups::part::Part;
use crate::backups::{Name, list, make};
use crate::db::space;
use crate::error::Error;
use crate::values::Stamp;

/// What must be left there when the copy is made.
const RESERVE: u64 = 10 << 20;

/// Whether what leaves the house is locked.
#[derive(Clone)]
pub(super) enum Locking {
    Open,
    With(Passphrase),
    /// It should be, and the passphrase is not there.
    Lost,
}

/// All that is needed on the way: nothing of the shop's file goes along.
pub(super) struct Trip {
    pub id: i64,
    pub label: String,
    pub folder: PathBuf,
    pub shop_id: String,
    /// The newest good copy at home, with its bytes.
    pub copy: Option<(Name, PathBuf, u64)>,
    pub locking: Locking,
    /// The pictures at home.
    pub photos: PathBuf,
    /// A folder at home for files of a moment.
    pub scratch: PathBuf,
    pub keep: Keep,
    pub now: Stamp,
    pub is_stopping: Arc<AtomicBool>,
}

/// What was seen there.
#[derive(Debug)]
pub(super) struct Report {
    pub id: i64,
    pub is_present: bool,
    pub copy: Option<Name>,
    pub problem: Option<String>,
    pub free_bytes: Option<u64>,
}

/// Why it did not come to its end.
enum Trouble {
    /// The program is closing; next time.
    Stopped,
    /// A sentence for people.
    Said(String),
    Io(io::Error),
    Other(Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Other(error)
    }
}

impl Trip {
    pub fn run(&self) -> Report {
        let mut report = Report { id: self.id, is_present: false, copy: None, problem: None, free_bytes: None };
        match marked(&self.folder, &self.shop_id) {
            Marked::Ours => {}
            Marked::Others => {
                report.problem = Some(format!("「{}」放的是另一家店的備份，沒有動它。", self.label));
                return report;
            }
            Marked::Not => return report,
        }
        let done = self.bring();
        // Pulled out in the middle: that is absence, and no fault.
        report.is_present = marked(&self.folder, &self.shop_id) == Marked::Ours;
        if !report.is_present {
            return report;
        }
        report.free_bytes = space::free_bytes(&self.folder);
        report.copy = list::names(&self.folder).into_iter().map(|(name, _)| name).max();
        report.problem = match done {
            Ok(()) | Err(Trouble::Stopped) => None,
            Err(Trouble::Said(say)) => Some(say),
            Err(Trouble::Io(error)) => {
                log::warn!("a second place could not be written place={}: {error}", self.id);
                Some(self.said_of(&error))
            }
            Err(Trouble::Other(error)) => {
                log::warn!("a second place place={}: {error}", self.id);
                Some(format!("「{}」這次沒有放好，下次會再試。", self.label))
            }
        };
        report
    }

    fn said_of(&self, error: &io::Error) -> String {
        let why = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "滿了，請清出空間",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "不能寫，請看是不是唯讀",
            _ => "讀寫有問題，請換一支或檢查線路",
        };
        format!("「{}」{why}。", self.label)
    }

    fn bring(&self) -> Result<(), Trouble> {
        make::clear_in(&self.folder);
        self.tidy();
        let passphrase = match &self.locking {
            Locking::Open => None,
            Locking::With(passphrase) => Some(passphrase),
            Locking::Lost => {
                return Err(Trouble::Said("這台電腦沒有備份的密語，所以沒有放第二份。請到「備份的密語」再輸入一次。".to_owned()));
            }
        };
        if let Some((name, path, bytes)) = &self.copy {
            let name = Name { is_locked: passphrase.is_some(), ..name.clone() };
            if !self.has(&name, *bytes) {
                self.check_room(*bytes)?;
                self.carry(path, &name, passphrase)?;
                log::info!("a copy stands in a second place name={name} place={}", self.id);
            }
        }
        if let Some(passphrase) = passphrase {
            self.lock_open_ones(passphrase)?;
        }
        self.tidy();
        let go_on = || !self.is_stopping.load(Ordering::Relaxed);
        match passphrase {
            None => pictures::bring(&self.photos, &self.folder, &go_on)?,
            Some(passphrase) => pictures::bring_locked(&self.photos, &self.folder, &self.scratch, passphrase, &go_on)?,
        }
        Ok(())
    }

    /// Whether `name` stands there; one of another size than at home was changed.
    fn has(&self, name: &Name, bytes: u64) -> bool {
        let there = fs::metadata(self.folder.join(name.to_string())).map(|meta| meta.len());
        there.is_ok_and(|length| if name.is_locked { bytes < length } else { bytes == length })
    }

    fn check_room(&self, bytes: u64) -> Result<(), Trouble> {
        match space::free_bytes(&self.folder) {
            Some(free) if free < bytes + RESERVE => {
                let (free, need) = (free >> 20, (bytes + RESERVE).div_ceil(1 << 20));
                Err(Trouble::Said(format!("「{}」只剩 {free} MB，放不下一份備份（要 {need} MB）。請清出空間或換大一點的。", self.label)))
            }
            _ => Ok(()),
        }
    }

    /// Brings the file `from` there as `name`: written, on the disk, read back and compared, and only then called so.
    fn carry(&self, from: &Path, name: &Name, passphrase: Option<&Passphrase>) -> Result<(), Trouble> {
        let part = Part::new(self.folder.join(format!("{name}.part")));
        let written = {
            let (source, target) = (Stoppable { file: File::open(from)?, trip: self }, File::create(part.path())?);
            let digest = match passphrase {
                None => lock_up::copy(source, &target),
                Some(passphrase) => lock_up::lock(source, &target, passphrase),
            };
            let digest = digest.map_err(|error| self.why(error))?;
            target.sync_all()?;
            digest
        };
        let back = Stoppable { file: File::open(part.path())?, trip: self };
        let read = match passphrase {
            None => lock_up::copy(back, io::sink()).map_err(|error| self.why(error))?,
            Some(passphrase) => lock_up::unlock(back, io::sink(), passphrase).map_err(|error| match self.stopped() {
                true => Trouble::Stopped,
                false => Trouble::Other(error),
            })?,
        };
        if read != written {
            return Err(Trouble::Said(format!("「{}」讀回來的和寫進去的不一樣，沒有採用。請換一支。", self.label)));
        }
        Ok(part.keep(&self.folder.join(name.to_string()))?)
    }

    /// Copies that were brought before there was a passphrase.
    fn lock_open_ones(&self, passphrase: &Passphrase) -> Result<(), Trouble> {
        for (name, path) in list::names(&self.folder).into_iter().filter(|(name, _)| !name.is_locked) {
            let locked = Name { is_locked: true, ..name };
            if !self.folder.join(locked.to_string()).exists() {
                self.check_room(fs::metadata(&path)?.len())?;
                self.carry(&path, &locked, Some(passphrase))?;
            }
            fs::remove_file(&path)?;
        }
        Ok(())
    }

    /// What is kept there is what is kept at home. All that has its name was read back, so all of it is good.
    fn tidy(&self) {
        let names = list::names(&self.folder);
        let known: Vec<(Name, bool)> = names.iter().map(|(name, _)| (name.clone(), true)).collect();
        let surplus = keep::surplus(&known, self.keep, self.now);
        for (_, path) in names.iter().filter(|(name, _)| surplus.contains(name)) {
            if let Err(error) = fs::remove_file(path) {
                log::warn!("a copy stays at a second place place={}: {error}", self.id);
            }
        }
    }

    fn stopped(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    fn why(&self, error: io::Error) -> Trouble {
        if self.stopped() { Trouble::Stopped } else { Trouble::Io(error) }
    }
}

/// A file that cannot be read any further once the program is closing.
struct Stoppable<'a> {
    file: File,
    trip: &'a Trip,
}

impl io::Read for Stoppable<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.trip.stopped() {
            return Err(io::Error::other("the program is closing"));
        }
        self.file.read(into)
    }
}
