//! The import somebody is looking at: one at a time in the whole shop, held in memory with its files beside
//! the database, and gone when the program stops.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::app::App;
use crate::db::Db;
use crate::error::{Doing, Error, Result};
use crate::http::request::Upload;
use crate::imports::report::Report;
use crate::imports::{Source, Understood, apply, understand};
use crate::journal::By;
use crate::settings::Settings;
use crate::values::{ImportId, Stamp};

/// Spooled files stand in folders of this name below `uploads/`.
const FOLDER: &str = "import-";

#[derive(Clone, Default)]
pub struct Pending(Arc<Mutex<State>>);

/// How far it is.
#[derive(Clone, Default)]
pub enum State {
    #[default]
    Nothing,
    /// Files are being read.
    Reading { file: String, rows: u64, files: usize },
    /// Read and compared; a person decides.
    Ready(Arc<Ready>),
    /// Being written.
    Writing { rows: u64, of: u64 },
    /// Refused or failed, with the sentence to show. Nothing was written.
    Failed { say: String },
    /// Written; stays until another import begins.
    Done(ImportId),
}

pub struct Ready {
    said: Understood,
    pub report: Report,
    pub at: Stamp,
}

impl Pending {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state() = state;
    }

    pub fn look(&self) -> State {
        self.state().clone()
    }

    /// Begins to read `uploads`, which are moved out of the request's reach. `Conflict` while another import is
    /// being read or written.
    pub fn start(&self, app: &App, uploads: &[Upload], by: By) -> Result<()> {
        {
            let mut state = self.state();
            if matches!(*state, State::Reading { .. } | State::Writing { .. }) {
                return Err(Error::conflict("an import is under way", "另一次匯入還在進行，請等它做完。"));
            }
            *state = State::Reading { file: String::new(), rows: 0, files: uploads.len() };
        }
        let folder = app.folder.join("uploads").join(format!("{FOLDER}{}", by.at.0));
        let moved = keep(&folder, uploads);
        let sources = moved.inspect_err(|_| self.set(State::Nothing))?;
        let (pending, db, settings, spooled) = (self.clone(), app.db.clone(), app.settings(), folder.clone());
        self.run("import-read", "read an import", move || {
            let state = read(&pending, &db, &settings, &sources, by);
            // What was understood is in memory; the files are not needed again.
            let _ = std::fs::remove_dir_all(&spooled);
            state
        })
        .inspect_err(|_| drop(std::fs::remove_dir_all(&folder)))
    }

    /// Begins to write what was shown. `Conflict` when there is nothing to confirm any more.
    pub fn confirm(&self, app: &App, by: By) -> Result<()> {
        let ready = {
            let mut state = self.state();
            let State::Ready(ready) = &*state else {
                return Err(Error::conflict("nothing to confirm", "沒有等著確認的匯入，請重新選檔案。"));
            };
            let ready = ready.clone();
            let of = ready.report.counts.deliveries_created as u64;
            *state = State::Writing { rows: 0, of };
            ready
        };
        let (pending, db, settings) = (self.clone(), app.db.clone(), app.settings());
        self.run("import-write", "write an import", move || {
            let of = ready.report.counts.deliveries_created as u64;
            let mut tell = |rows| pending.set(State::Writing { rows, of });
            let report = db.write(|tx| apply::apply(tx, &ready.said, &settings, by, &mut tell))?;
            Ok(State::Done(ImportId(report.import_id.unwrap_or_default())))
        })
    }

    /// Does `work` in a thread of its own and keeps the state it comes to. However it ends, and even when it cannot
    /// begin, the next import is not kept waiting for it.
    fn run(&self, thread: &str, doing: &'static str, work: impl FnOnce() -> Result<State> + Send + 'static) -> Result<()> {
        let pending = self.clone();
        let whole = move || {
            let ended = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::internal(doing, "a panic")));
            pending.set(ended.unwrap_or_else(failed));
        };
        let started = thread::Builder::new().name(thread.to_owned()).spawn(whole).doing(format_args!("begin to {doing}"));
        started.map(drop).inspect_err(|error| self.set(State::Failed { say: error.user_message().into_owned() }))
    }

    /// Lets go of what was shown. While it is being written it is too late.
    pub fn drop_it(&self) -> Result<()> {
        let mut state = self.state();
        if matches!(*state, State::Writing { .. } | State::Reading { .. }) {
            return Err(Error::conflict("an import is under way", "正在進行，請等它做完。"));
        }
        *state = State::Nothing;
        Ok(())
    }
}

fn read(pending: &Pending, db: &Db, settings: &Settings, sources: &[Source], by: By) -> Result<State> {
    let files = sources.len();
    let mut tell = |file: &str, rows| pending.set(State::Reading { file: file.to_owned(), rows, files });
    let said = understand(sources, by.at.day(), settings, &mut tell)?;
    let report = db.read(|conn| apply::plan(conn, &said, settings))?.report;
    Ok(State::Ready(Arc::new(Ready { said, report, at: by.at })))
}

fn failed(error: Error) -> State {
    if let Error::Internal { .. } = error {
        log::error!("{error}");
    }
    State::Failed { say: error.user_message().into_owned() }
}

/// Moves the uploads into `folder` under names of our own.
fn keep(folder: &Path, uploads: &[Upload]) -> Result<Vec<Source>> {
    std::fs::create_dir_all(folder).doing("make a folder for an import")?;
    let mut sources = Vec::new();
    for (at, upload) in uploads.iter().enumerate() {
        let path = folder.join(format!("{at}"));
        std::fs::rename(&upload.path, &path).doing("keep an uploaded file")?;
        sources.push(Source { name: upload.name.clone(), path });
    }
    Ok(sources)
}

/// Removes what an earlier run of the program left behind.
pub fn clean(data: &Path) {
    for entry in std::fs::read_dir(data.join("uploads")).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(FOLDER) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_happens_to_an_import_the_next_one_may_begin() {
        let pending = Pending::default();
        pending.set(State::Reading { file: String::new(), rows: 0, files: 1 });
        pending.run("import-read", "read an import", || std::panic::resume_unwind(Box::new("a fault of ours"))).unwrap();
        let say = loop {
            match pending.look() {
                State::Failed { say } => break say,
                _ => thread::yield_now(),
            }
        };
        assert!(say.starts_with("這一步沒有做成，資料沒有變。") && say.contains("代碼"), "{say}");
        pending.drop_it().unwrap();
        assert!(matches!(pending.look(), State::Nothing));
    }
}
