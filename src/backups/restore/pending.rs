//! The restore somebody has asked for, held in memory: how far it is, and what came of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::pictures::Beside;
use super::{Asker, Settled, Step, prepare_for};
use crate::app::App;
use crate::error::{Doing, Error, Result};
use crate::shop::Asked;
use crate::users::session;
use crate::values::Stamp;

/// How far it is.
#[derive(Clone, Debug, Default)]
pub enum State {
    #[default]
    Nothing,
    Preparing(Step),
    /// Laid ready: the shop closes for a moment.
    Closing,
    /// Refused or failed, with the sentence to show. The present shop stands.
    Failed {
        say: String,
    },
    /// The shop was opened after it.
    Over(Settled),
}

/// One at a time. Whoever asked for it finds it by a word nobody else knows, for they are signed out before it is over.
#[derive(Clone, Default)]
pub struct Restoring(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    key: String,
    state: State,
    /// Where the pictures of the copy may lie.
    beside: Option<Beside>,
}

impl Restoring {
    /// As a shop knows it that was opened after `settled`.
    pub fn after(settled: Option<Settled>) -> Restoring {
        let held =
            settled.map_or_else(Held::default, |settled| Held { key: settled.key.clone(), state: State::Over(settled), beside: None });
        Restoring(Arc::new(Mutex::new(held)))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the restore known by `key` is; `None` when there is none of that word.
    pub fn look(&self, key: &str) -> Option<State> {
        let held = self.held();
        let is_it = bool::from(subtle::ConstantTimeEq::ct_eq(held.key.as_bytes(), key.as_bytes()));
        (is_it && !key.is_empty()).then(|| held.state.clone())
    }

    /// What the shop was opened after.
    pub fn over(&self) -> Option<Settled> {
        match &self.held().state {
            State::Over(settled) => Some(settled.clone()),
            _ => None,
        }
    }

    /// Pictures that may come along with the restore that begins next.
    pub fn note_beside(&self, beside: Beside) {
        self.held().beside = Some(beside);
    }

    /// Begins to lay `path` ready; when it is, the shop is asked to open again. Gives the word it is known by. `Conflict`
    /// while another is on its way.
    pub fn start(&self, app: &App, path: PathBuf, asker: Asker, now: Stamp) -> Result<String> {
        let key = session::new_token()?;
        let beside = {
            let mut held = self.held();
            if matches!(held.state, State::Preparing(_) | State::Closing) {
                return Err(Error::conflict("a restore is under way", "另一次還原正在進行，請等它做完。"));
            }
            (held.key, held.state) = (key.clone(), State::Preparing(Step::Looking));
            held.beside.take()
        };
        let (this, folder, ending, word) = (self.clone(), app.folder.clone(), app.ending.clone(), key.clone());
        let work = move || {
            let mut tell = |step| this.held().state = State::Preparing(step);
            let mut prepare = || {
                // A shop without its pictures is still a shop: they can be brought along later.
                if let Some(beside) = &beside {
                    tell(Step::Pictures);
                    beside.bring(&folder).unwrap_or_else(|error| {
                        log::error!("{error}");
                        0
                    });
                }
                prepare_for(&folder, &path, &asker, &word, now, &mut tell)
            };
            let prepared = catch_unwind(AssertUnwindSafe(&mut prepare))
                .unwrap_or_else(|_| Err(Error::impossible("prepare a restore without a panic")));
            let next = match prepared {
                Ok(()) => State::Closing,
                Err(error) => {
                    log::error!("{error}");
                    State::Failed { say: error.user_message().into_owned() }
                }
            };
            let is_ready = matches!(next, State::Closing);
            this.held().state = next;
            if is_ready {
                ending.ask(Asked::Reopen);
            }
        };
        let started = thread::Builder::new().name("restore".to_owned()).spawn(work).doing("begin a restore");
        started.map(drop).inspect_err(|error| self.held().state = State::Failed { say: error.user_message().into_owned() })?;
        Ok(key)
    }
}
