//! The door and the workers behind it, opened and closed together.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::time::Duration;

use super::door::{self, Door, Head, Limits, Refusal, Room, Setup};
use super::server::{Answer, Server};
use super::{gate, multipart};
use crate::app::App;
use crate::error::Result;
use crate::live::{Bus, InShop};
use crate::users::session;

/// How much body is welcome; `None` leaves it at the usual.
pub type AskRoom = fn(&App, &Head) -> Result<Option<Room>, Refusal>;

/// The shop, open to browsers.
pub struct Front {
    door: Door,
    server: Server,
    bus: Bus,
}

impl Front {
    /// Begins to answer on `listener` with `answer`, and lets in as much body as `room` says: `urls::answer`
    /// and `urls::room` outside tests.
    pub fn open(app: Arc<App>, listener: TcpListener, limits: Limits, answer: Answer, room: AskRoom) -> Result<Front> {
        let token = session::new_token()?;
        let inner = Arc::new(AtomicU16::new(0));
        let spool = app.folder.join("uploads");
        remove_leftovers(&spool);
        let setup = Setup {
            limits,
            policy: Box::new({
                let app = app.clone();
                move |head| Ok(room(&app, head)?.unwrap_or(Room::Memory(limits.body_bytes)))
            }),
            streams: Box::new({
                let app = app.clone();
                move |name| {
                    let stream = app.live.claim(name.parse().ok()?)?;
                    Some(Box::new(InShop { app: app.clone(), stream }))
                }
            }),
            names: gate::names_of_this_pc(),
            spool,
            inner: inner.clone(),
            connections: app.counters.connections.clone(),
            token: token.clone(),
        };
        let bus = Bus::start(app.live.clone(), app.db.clone())?;
        let server = Server::start(app, answer, token, inner)?;
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
        self.bus.stop();
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
        if name.starts_with(door::FILE_PREFIX) || name.starts_with(multipart::FILE_PREFIX) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
