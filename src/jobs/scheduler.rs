//! Two threads that sleep holding nothing and look every quarter of a minute: one runs the jobs that are due or asked for,
//! one after the other; the other keeps watch over what may not wait for a job. The watch over emergencies is no job: it
//! looks each time, leaves no row of a run, and writes only when somebody is to be alarmed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::backups::places;
use crate::db::space;
use crate::emergencies::watch;
use crate::error::{Doing, Error, Result};
use crate::{jobs, start, users};

/// The first look waits until the first pages are out: jobs missed over the night can be work.
const FIRST: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_secs(15);

type Bell = (Mutex<bool>, Condvar);

/// What is looked at, by its word in the log.
type Look = (&'static str, fn(&App) -> Result<()>);

/// The running threads; stopped and waited for when dropped.
pub struct Scheduler {
    app: Arc<App>,
    bell: Arc<Bell>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts looking after the jobs of `app`. It also leaves by itself once the app is stopping.
pub fn start(app: Arc<App>) -> Result<Scheduler> {
    jobs::mark_cut_off(&app)?;
    let mut scheduler = Scheduler { app: app.clone(), bell: Arc::default(), threads: Vec::new() };
    let (watched, heard) = (app.clone(), scheduler.bell.clone());
    scheduler.threads.push(spawn("watch", move || keep_watch(&watched, &heard))?);
    app.desk.attend(true);
    scheduler.threads.push(spawn("jobs", move || work(&app))?);
    Ok(scheduler)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work).doing(format_args!("start the thread {name}"))
}

/// What is looked at each time, each by itself: one that fails keeps nobody from the others.
fn keep_watch(app: &App, bell: &Bell) {
    const LOOKS: [Look; 5] = [
        ("emergencies", |app| watch::look(app).map(|_| ())),
        ("space", look_at_the_disk),
        ("places", places::look),
        ("file", |app| app.db.tend().map(|_| ())),
        ("ground", start::look_again),
    ];
    let mut wait = FIRST;
    while !app.is_stopping() && sleep(bell, wait) {
        for (what, look) in LOOKS {
            match catch_unwind(AssertUnwindSafe(|| look(app))) {
                Ok(Ok(())) => {}
                // Said once, when it began.
                Ok(Err(Error::ReadOnly(_))) => {}
                Ok(Err(error)) => log::error!("{error}"),
                Err(_) => log::error!("the watch panicked and goes on look={what}"),
            }
        }
        wait = EVERY;
    }
}

/// Whether there is room; once there is again, what had to wait for it is written down.
fn look_at_the_disk(app: &App) -> Result<()> {
    space::look(app);
    app.db.check_held()?;
    users::unstored::store(app)?;
    jobs::record_late(app)
}

/// Runs what is due each time, and in between what somebody presses for.
fn work(app: &App) {
    let mut look_at = Instant::now() + FIRST;
    while !app.is_stopping() && app.desk.is_attended() {
        let asked = app.desk.next(look_at.saturating_duration_since(Instant::now()));
        let work = || match &asked {
            Some(asked) => {
                let ran = jobs::run(app, asked.job, asked.by);
                if let Err(error) = &ran {
                    log::info!("job not run job={} why=\"{error}\"", asked.job.name);
                }
                // Whoever pressed may have gone on.
                let _ = asked.tell.send(ran);
            }
            None if app.desk.is_attended() => jobs::run_due(app),
            None => {}
        };
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log::error!("the job thread panicked and goes on");
        }
        if asked.is_none() {
            look_at = Instant::now() + EVERY;
        }
    }
    app.desk.attend(false);
    // Until here only memory knew who was here since the last hour.
    if let Err(error) = users::flush_seen(app) {
        log::error!("{error}");
    }
}

/// False when the bell rang: time to leave.
fn sleep((rung, bell): &Bell, wait: Duration) -> bool {
    let rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
    let (rung, _) = bell.wait_timeout_while(rung, wait, |rung| !*rung).unwrap_or_else(PoisonError::into_inner);
    !*rung
}

impl Scheduler {
    /// Wakes the threads, lets a job that is running come to its next resting place, and waits for them. Call
    /// `App::stop` first, so that a long job sees it.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        *self.bell.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.1.notify_all();
        self.app.desk.attend(false);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a thread of the jobs panicked");
            }
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.end();
    }
}
