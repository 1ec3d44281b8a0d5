//! The door and the workers behind it, opened and closed together.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize};
use std::time::Duration;

use super::door::{self, Door, Head, Limits, Policy, Refusal, Room, Setup, Stream, Streams};
use super::server::{Behind, Server};
use super::{Request, Response, gate, multipart};
use crate::app::App;
use crate::backups::lock_up;
use crate::error::Result;
use crate::live::{Bus, InShop};
use crate::users::session;
use crate::values::Stamp;

/// What answers in an open shop: `urls::answer`, or what a test puts there.
pub type Answer = fn(&App, Request) -> Response;

/// How much body is welcome; `None` leaves it at the usual.
pub type AskRoom = fn(&App, &Head) -> Result<Option<Room>, Refusal>;

/// The shop, open to browsers.
pub struct Front {
    door: Door,
    server: Server,
    /// `None` where there is no shop whose changes could be told.
    bus: Option<Bus>,
}

/// An open shop, behind the door.
struct Open {
    app: Arc<App>,
    answer: Answer,
    spool: PathBuf,
}

impl Behind for Open {
    fn answer(&self, req: Request) -> Response {
        (self.answer)(&self.app, req)
    }

    fn now(&self) -> Stamp {
        self.app.now()
    }

    fn spool(&self) -> &Path {
        &self.spool
    }

    fn lost(&self, took: Duration) {
        self.app.counters.count_request(None, 500, took);
    }
}

impl Front {
    /// Begins to answer on `listener` with `answer`, and lets in as much body as `room` says: `urls::answer`
    /// and `urls::room` outside tests.
    pub fn open(app: Arc<App>, listener: TcpListener, limits: Limits, answer: Answer, room: AskRoom) -> Result<Front> {
        let spool = app.folder.join("uploads");
        remove_leftovers(&spool);
        let policy = Box::new({
            let app = app.clone();
            move |head: &Head| Ok(room(&app, head)?.unwrap_or(Room::Memory(limits.body_bytes)))
        });
        let streams = Box::new({
            let app = app.clone();
            move |name: &str| -> Option<Box<dyn Stream>> {
                let stream = app.live.claim(name.parse().ok()?)?;
                Some(Box::new(InShop { app: app.clone(), stream }))
            }
        });
        let connections = app.counters.connections.clone();
        let bus = Bus::start(app.live.clone(), app.db.clone())?;
        Front::start(listener, limits, policy, streams, Arc::new(Open { app, answer, spool }), connections, Some(bus))
    }

    /// Begins to answer on `listener` while there is no shop: `behind` says why, and takes usual forms.
    pub fn without_shop(listener: TcpListener, behind: Arc<dyn Behind>) -> Result<Front> {
        let limits = Limits::default();
        Front::start(
            listener,
            limits,
            Box::new(move |_| Ok(Room::Memory(limits.body_bytes))),
            Box::new(|_| None),
            behind,
            Arc::default(),
            None,
        )
    }

    fn start(
        listener: TcpListener,
        limits: Limits,
        policy: Box<Policy>,
        streams: Box<Streams>,
        behind: Arc<dyn Behind>,
        connections: Arc<AtomicUsize>,
        bus: Option<Bus>,
    ) -> Result<Front> {
        let token = session::new_token()?;
        let inner = Arc::new(AtomicU16::new(0));
        let setup = Setup {
            limits,
            policy,
            streams,
            names: gate::names_of_this_pc(),
            spool: behind.spool().to_owned(),
            inner: inner.clone(),
            connections,
            token: token.clone(),
        };
        let server = Server::start(behind, token, inner)?;
        let door = Door::open(listener, setup)?;
        Ok(Front { door, server, bus })
    }

    pub fn address(&self) -> SocketAddr {
        self.door.address()
    }

    /// Where tiny_http listens, on this PC only; without the door's token it answers nobody.
    pub fn inner_address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Finishes the requests that run, for at most `wait`; streams end at once.
    pub fn close(self, wait: Duration) {
        if let Some(bus) = self.bus {
            bus.stop();
        }
        self.door.close(wait);
        self.server.stop();
    }
}

/// Bodies and files of requests the program was killed in.
fn remove_leftovers(folder: &Path) {
    // A folder that is not there holds none.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if [door::FILE_PREFIX, multipart::FILE_PREFIX, lock_up::SCRATCH_PREFIX].iter().any(|prefix| name.starts_with(prefix)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
