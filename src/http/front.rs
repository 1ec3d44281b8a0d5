//! The door and the workers behind it, opened and closed together.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::time::Duration;

use super::door::{Door, Limits, Room, Setup};
use super::gate;
use super::server::{Answer, Server};
use crate::app::App;
use crate::error::Result;
use crate::users::session;

/// The shop, open to browsers.
pub struct Front {
    door: Door,
    server: Server,
}

impl Front {
    /// Begins to answer on `listener` with `answer`, which is `urls::answer` outside tests.
    pub fn open(app: Arc<App>, listener: TcpListener, limits: Limits, answer: Answer) -> Result<Front> {
        let token = session::new_token()?;
        let inner = Arc::new(AtomicU16::new(0));
        let setup = Setup {
            limits,
            policy: Box::new(move |_| Ok(Room::Memory(limits.body_bytes))),
            names: gate::names_of_this_pc(),
            spool: app.folder.join("uploads"),
            inner: inner.clone(),
            token: token.clone(),
        };
        let server = Server::start(app, answer, token, inner)?;
        let door = Door::open(listener, setup)?;
        Ok(Front { door, server })
    }

    pub fn address(&self) -> SocketAddr {
        self.door.address()
    }

    /// Finishes the requests that run, for at most `wait`.
    pub fn close(self, wait: Duration) {
        self.door.close(wait);
        self.server.stop();
    }
}
