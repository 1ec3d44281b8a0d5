//! Where 現在執行 leaves word for the job thread: a long job holds no worker, and whoever pressed has an answer at once.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::{self, Job, Run};
use crate::journal::By;

#[derive(Default)]
pub struct Desk {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    is_attended: bool,
    asked: VecDeque<Asked>,
    /// What the thread took last, whether or not its row is begun, until it comes back.
    taken: Option<&'static str>,
}

/// A run somebody waits for.
pub(super) struct Asked {
    pub job: &'static Job,
    pub by: By,
    pub tell: Sender<Result<Run>>,
}

/// What became of a wish.
pub enum Answer {
    Done(Run),
    /// It takes longer than anybody waits; its row will say.
    Later,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has `job` run, and waits for it at most `patience`. Where no job thread is, it runs here. `Conflict` when it runs or
    /// waits its turn already.
    pub fn ask(&self, app: &App, job: &'static Job, by: By, patience: Duration) -> Result<Answer> {
        let running = app.db.read(|conn| jobs::store::runs_of(conn, job.name, 1))?;
        if running.first().is_some_and(|run| run.finished_at.is_none()) || self.is_waiting(job.name) || self.is_taken(job.name) {
            return Err(jobs::running_already());
        }
        let Some(told) = self.leave_word(job, by) else {
            return jobs::run(app, job, by).map(Answer::Done);
        };
        match told.recv_timeout(patience) {
            Ok(run) => run.map(Answer::Done),
            Err(_) => Ok(Answer::Later),
        }
    }

    /// `None` when nobody is there to hear it.
    fn leave_word(&self, job: &'static Job, by: By) -> Option<Receiver<Result<Run>>> {
        let mut state = self.state();
        if !state.is_attended {
            return None;
        }
        let (tell, told) = channel();
        state.asked.push_back(Asked { job, by, tell });
        self.rung.notify_all();
        Some(told)
    }

    /// Whether somebody asked for `job` and the thread is still at another.
    pub fn is_waiting(&self, job: &str) -> bool {
        self.state().asked.iter().any(|asked| asked.job.name == job)
    }

    fn is_taken(&self, job: &str) -> bool {
        self.state().taken == Some(job)
    }

    /// The job thread is there, or leaves; what nobody will do any more is told so.
    pub(super) fn attend(&self, is_attended: bool) {
        let mut state = self.state();
        state.is_attended = is_attended;
        state.taken = None;
        for left in state.asked.drain(..) {
            let _ = left.tell.send(Err(Error::Busy));
        }
        self.rung.notify_all();
    }

    /// Sleeps for `wait` or until somebody asks, and gives what is asked. Once nobody attends it answers at once.
    pub(super) fn next(&self, wait: Duration) -> Option<Asked> {
        let has_none = |state: &mut State| state.is_attended && state.asked.is_empty();
        let mut state = self.state();
        state.taken = None;
        let (mut state, _) = self.rung.wait_timeout_while(state, wait, has_none).unwrap_or_else(PoisonError::into_inner);
        let asked = state.asked.pop_front();
        state.taken = asked.as_ref().map(|asked| asked.job.name);
        asked
    }

    pub(super) fn is_attended(&self) -> bool {
        self.state().is_attended
    }
}
