//! The one thread that looks every quarter of a minute whether something is due, and sleeps holding nothing. The watch over
//! emergencies is no job: it looks each time, leaves no row of a run, and writes only when somebody is to be alarmed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::App;
use crate::emergencies::watch;
use crate::error::{Doing, Result};
use crate::{jobs, users};

/// The first look waits until the first pages are out: jobs missed over the night can be work.
const FIRST: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_secs(15);

type Bell = (Mutex<bool>, Condvar);

/// The running thread; stopped and waited for when dropped.
pub struct Scheduler {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// Starts looking after the jobs of `app`. It also leaves by itself once the app is stopping.
pub fn start(app: Arc<App>) -> Result<Scheduler> {
    jobs::mark_cut_off(&app)?;
    let bell: Arc<Bell> = Arc::default();
    let heard = Arc::clone(&bell);
    let thread = std::thread::Builder::new()
        .name("jobs".to_owned())
        .spawn(move || {
            let mut wait = FIRST;
            while !app.is_stopping() && sleep(&heard, wait) {
                // Alarms first: a job may take its time.
                let look = || {
                    if let Err(error) = watch::look(&app) {
                        log::error!("{error}");
                    }
                    jobs::run_due(&app);
                };
                if catch_unwind(AssertUnwindSafe(look)).is_err() {
                    log::error!("the scheduler panicked and goes on");
                }
                wait = EVERY;
            }
            // Until here only memory knew who was here since the last hour.
            if let Err(error) = users::flush_seen(&app) {
                log::error!("{error}");
            }
        })
        .doing("start the job thread")?;
    Ok(Scheduler { bell, thread: Some(thread) })
}

/// False when the bell rang: time to leave.
fn sleep((rung, bell): &Bell, wait: Duration) -> bool {
    let rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
    let (rung, _) = bell.wait_timeout_while(rung, wait, |rung| !*rung).unwrap_or_else(PoisonError::into_inner);
    !*rung
}

impl Scheduler {
    /// Wakes the thread, lets a job that is running come to its next resting place, and waits for it. Call
    /// `App::stop` first, so that a long job sees it.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        *self.bell.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.1.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the job thread panicked");
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.end();
    }
}
