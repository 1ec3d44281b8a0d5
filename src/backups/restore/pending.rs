//! The restore somebody has asked for, held in memory: how far it is, and what came of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

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
#[derive(Clone, Debug, Default)]
pub struct Restoring(Arc<Mutex<(String, State)>>);

impl Restoring {
    /// As a shop knows it that was opened after `settled`.
    pub fn after(settled: Option<Settled>) -> Restoring {
        let state = settled.map_or_else(Default::default, |settled| (settled.key.clone(), State::Over(settled)));
        Restoring(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, (String, State)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the restore known by `key` is; `None` when there is none of that word.
    pub fn look(&self, key: &str) -> Option<State> {
        let state = self.state();
        let is_it = bool::from(subtle::ConstantTimeEq::ct_eq(state.0.as_bytes(), key.as_bytes()));
        (is_it && !key.is_empty()).then(|| state.1.clone())
    }

    /// What the shop was opened after.
    pub fn over(&self) -> Option<Settled> {
        match &self.state().1 {
            State::Over(settled) => Some(settled.clone()),
            _ => None,
        }
    }

    /// Begins to lay `path` ready; when it is, the shop is asked to open again. Gives the word it is known by. `Conflict`
    /// while another is on its way.
    pub fn start(&self, app: &App, path: PathBuf, asker: Asker, now: Stamp) -> Result<String> {
        let key = session::new_token()?;
        {
            let mut state = self.state();
            if matches!(state.1, State::Preparing(_) | State::Closing) {
                return Err(Error::conflict("a restore is under way", "另一次還原正在進行，請等它做完。"));
            }
            *state = (key.clone(), State::Preparing(Step::Looking));
        }
        let (this, folder, ending, word) = (self.clone(), app.folder.clone(), app.ending.clone(), key.clone());
        let work = move || {
            let mut tell = |step| this.state().1 = State::Preparing(step);
            let prepared = catch_unwind(AssertUnwindSafe(|| prepare_for(&folder, &path, &asker, &word, now, &mut tell)))
                .unwrap_or_else(|_| Err(Error::impossible("prepare a restore without a panic")));
            let next = match prepared {
                Ok(()) => State::Closing,
                Err(error) => {
                    log::error!("{error}");
                    State::Failed { say: error.user_message().into_owned() }
                }
            };
            let is_ready = matches!(next, State::Closing);
            this.state().1 = next;
            if is_ready {
                ending.ask(Asked::Reopen);
            }
        };
        let started = thread::Builder::new().name("restore".to_owned()).spawn(work).doing("begin a restore");
        started.map(drop).inspect_err(|error| self.state().1 = State::Failed { say: error.user_message().into_owned() })?;
        Ok(key)
    }
}
