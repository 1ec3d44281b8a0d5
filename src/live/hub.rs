//! The bus: one thread that reads what each commit wrote, once for all, and hands it to everybody who listens.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::db::Db;
use crate::error::{Doing, Error, Result};
use crate::live::{Event, MOST, store};
use crate::users::Role;
use crate::values::UserId;

/// What somebody may have not yet read, in commits or what came together.
const WAITING: usize = 64;

/// How long somebody who was let in has to begin to listen.
const UNCLAIMED: Duration = Duration::from_secs(30);

/// How streams are kept. Tests shorten the waits.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Something is said at least so often, so that a line that is dead breaks.
    pub heartbeat: Duration,
    /// So often it is asked whether the session still lives.
    pub recheck: Duration,
    /// Streams of one user: one more, and the oldest of them ends.
    pub per_user: usize,
    pub in_all: usize,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner { heartbeat: Duration::from_secs(15), recheck: Duration::from_secs(60), per_user: 4, in_all: 100 }
    }
}

/// What somebody who listens is handed.
#[derive(Clone)]
pub(super) enum Message {
    /// What came together, whether all of it is for them or not.
    Events(Arc<[Event]>),
    /// The same user listens in too many places; this is the oldest.
    Replaced,
}

/// Everybody who listens.
#[derive(Default)]
pub struct Hub {
    manner: Manner,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    /// The number the next listener gets.
    next: u64,
    listening: Vec<Listener>,
    /// The most people who listened at once since somebody asked.
    most_people: usize,
    /// Let in, and not yet taken up by the door.
    unclaimed: HashMap<u64, (Instant, Box<super::Stream>)>,
}

impl State {
    fn people(&self) -> usize {
        self.listening.iter().map(|listener| listener.user).collect::<HashSet<_>>().len()
    }
}

struct Listener {
    number: u64,
    user: UserId,
    role: Role,
    /// The last row of the journal when they came.
    from: i64,
    sender: SyncSender<Message>,
}

/// A place among those who listen; given up when it is dropped.
pub(super) struct Place {
    hub: Weak<Hub>,
    pub number: u64,
    pub receiver: Receiver<Message>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.state().listening.retain(|listener| listener.number != self.number);
        }
    }
}

impl Hub {
    pub fn new(manner: Manner) -> Hub {
        Hub { manner, state: Mutex::default() }
    }

    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// How many listen.
    pub fn count(&self) -> usize {
        self.state().listening.len()
    }

    /// How many people listen, of whom one may have several pages open.
    pub fn people(&self) -> usize {
        self.state().people()
    }

    /// The most that listened at once since [`Hub::forget_most_people`].
    pub fn most_people(&self) -> usize {
        self.state().most_people
    }

    pub fn forget_most_people(&self) {
        let mut state = self.state();
        state.most_people = state.people();
    }

    /// Whether `user` listens now.
    pub fn hears(&self, user: UserId) -> bool {
        self.state().listening.iter().any(|listener| listener.user == user)
    }

    /// Ends every stream, and lets nobody in any more.
    pub fn close(&self) {
        let unclaimed = {
            let mut state = self.state();
            state.is_closed = true;
            state.listening.clear();
            std::mem::take(&mut state.unclaimed)
        };
        drop(unclaimed);
    }

    /// The stream the door was told of, once.
    pub fn claim(&self, number: u64) -> Option<Box<super::Stream>> {
        self.state().unclaimed.remove(&number).map(|(_, stream)| stream)
    }

    /// A place for `user`, who has heard of everything up to row `from`. `Busy` when there is none.
    pub(super) fn enter(self: &Arc<Hub>, user: UserId, role: Role, from: i64) -> Result<Place> {
        self.drop_unclaimed();
        let mut state = self.state();
        let theirs = state.listening.iter().filter(|listener| listener.user == user).count();
        if self.manner.per_user <= theirs
            && let Some(oldest) = state.listening.iter().position(|listener| listener.user == user)
        {
            // A phone that lost its line leaves a stream behind that nobody reads; the newest is the one that lives.
            let oldest = state.listening.remove(oldest);
            let _ = oldest.sender.try_send(Message::Replaced);
        }
        if state.is_closed || self.manner.in_all <= state.listening.len() {
            return Err(Error::Busy);
        }
        let number = state.next;
        state.next += 1;
        let (sender, receiver) = sync_channel(WAITING);
        state.listening.push(Listener { number, user, role, from, sender });
        state.most_people = state.most_people.max(state.people());
        Ok(Place { hub: Arc::downgrade(self), number, receiver })
    }

    /// Keeps `stream` until the door takes it up.
    pub(super) fn keep(&self, number: u64, stream: Box<super::Stream>) {
        self.state().unclaimed.insert(number, (Instant::now(), stream));
    }

    /// Those whose request broke off between the answer and the door.
    fn drop_unclaimed(&self) {
        let old: Vec<_> = self.state().unclaimed.extract_if(|_, (since, _)| UNCLAIMED < since.elapsed()).collect();
        drop(old);
    }

    /// Where the one who has heard least begins; `None` when nobody listens.
    fn first_from(&self) -> Option<i64> {
        self.state().listening.iter().map(|listener| listener.from).min()
    }

    /// Hands `events` to whom they are for. Who does not keep up is dropped.
    fn publish(&self, events: &Arc<[Event]>) {
        self.state().listening.retain(|listener| {
            let Listener { user, role, .. } = *listener;
            let concerns = events.iter().any(|event| event.is_for(user, role) || event.is_about_user(user));
            !concerns || listener.sender.try_send(Message::Events(events.clone())).is_ok()
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running thread.
pub struct Bus {
    hub: Arc<Hub>,
    db: Arc<Db>,
    thread: JoinHandle<()>,
}

impl Bus {
    /// Begins to hand on what is written to `db`.
    pub fn start(hub: Arc<Hub>, db: Arc<Db>) -> Result<Bus> {
        hub.state().is_closed = false;
        let thread = std::thread::Builder::new()
            .name("live".to_owned())
            .spawn({
                let (hub, db) = (hub.clone(), Arc::downgrade(&db));
                move || hand_on(&hub, &db)
            })
            .doing("start the bus")?;
        Ok(Bus { hub, db, thread })
    }

    /// Ends every stream at once, and the thread.
    pub fn stop(self) {
        self.hub.close();
        self.db.commits().ring();
        if self.thread.join().is_err() {
            log::error!("the bus panicked");
        }
    }
}

fn hand_on(hub: &Hub, db: &Weak<Db>) {
    let Some(commits) = db.upgrade().map(|db| db.commits()) else { return };
    let mut seen = 0;
    let mut told: Option<i64> = None;
    loop {
        seen = commits.wait(seen);
        if hub.state().is_closed {
            return;
        }
        let Some(from) = hub.first_from() else {
            // Nobody listens, so nothing is read; whoever comes begins where they say.
            told = None;
            continue;
        };
        let Some(db) = db.upgrade() else { return };
        let mut at = told.unwrap_or(from);
        loop {
            match db.read(|conn| store::events(conn, at, MOST)) {
                Ok(events) => {
                    let is_all = (events.len() as i64) < MOST;
                    if let Some(last) = events.last() {
                        at = last.id;
                        hub.publish(&events.into());
                    }
                    if is_all {
                        break;
                    }
                }
                Err(error) => {
                    log::error!("{error}");
                    break;
                }
            }
        }
        told = Some(at);
    }
}
