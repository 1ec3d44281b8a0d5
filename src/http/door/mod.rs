//! The door: the only part that speaks with the network. It reads one request completely, hands it to
//! tiny_http over loopback, reads the answer completely and gives it to the client; so a slow, broken or
//! hostile client costs one small thread for a bounded time and never a worker.
//!
//! Invariants
//! - Every wait has an end, counted for the whole of a head, body or answer and not for each byte.
//! - One request at a time on a connection; what stands behind it waits in the socket.
//! - A stream lives on its connection's own thread: it holds no worker, and ends with the door.
//! - The program sees only requests the door has understood, with the door's own word on who asks.

mod connection;
mod head;
mod limits;
mod relay;
mod spool;
mod stream;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};

pub use head::{Head, Refusal};
pub use limits::Limits;
pub use spool::FILE_PREFIX;
pub use stream::{Next, STREAM_HEADER, Stream};

/// Where a body goes while it is read, and how many bytes it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Memory(u64),
    /// A file in [`Setup::spool`].
    File(u64),
}

/// Says, from the head alone, how much body is welcome.
pub type Policy = dyn Fn(&Head) -> Result<Room, Refusal> + Send + Sync;

/// Finds the stream that an answer of the program named, once.
pub type Streams = dyn Fn(&str) -> Option<Box<dyn Stream>> + Send + Sync;

/// What a door needs to know.
pub struct Setup {
    pub limits: Limits,
    pub policy: Box<Policy>,
    pub streams: Box<Streams>,
    /// The names of this PC, in lower case, that `Host` may hold besides IP addresses and localhost.
    pub names: Vec<String>,
    /// Where large bodies and answers are kept on their way.
    pub spool: PathBuf,
    /// The port of tiny_http on 127.0.0.1; it changes when that had to be started anew.
    pub inner: Arc<AtomicU16>,
    /// How many connections are open, for whoever wants to know.
    pub connections: Arc<AtomicUsize>,
    /// Proves to the program that a request came through this door.
    pub token: String,
}

/// An open door. Dropping it does not close it; [`Door::close`] does.
pub struct Door {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What all connections of a door share.
struct Shared {
    setup: Setup,
    is_closing: AtomicBool,
    open: Mutex<HashMap<u64, Arc<Line>>>,
    /// Rung when a connection has ended.
    ended: Condvar,
    inside: Turnstile,
}

/// One client's connection.
struct Line {
    stream: TcpStream,
    peer: IpAddr,
    /// True while nothing of a request has come: such a line may be cut at any time.
    is_idle: AtomicBool,
    /// True once it carries a stream: it is counted elsewhere, and cut when the door closes.
    is_stream: AtomicBool,
}

impl Door {
    /// Begins to answer on `listener`.
    pub fn open(listener: TcpListener, setup: Setup) -> Result<Door> {
        let address = listener.local_addr().doing("read the address of the door")?;
        let shared = Arc::new(Shared {
            inside: Turnstile::new(setup.limits.inside),
            setup,
            is_closing: AtomicBool::new(false),
            open: Mutex::new(HashMap::new()),
            ended: Condvar::new(),
        });
        let accepting = thread::Builder::new()
            .name("door".to_owned())
            .spawn({
                let shared = shared.clone();
                move || accept(&shared, &listener)
            })
            .doing("start the door")?;
        Ok(Door { address, shared, accepting })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nobody new in, and waits at most `wait` for the requests that are inside to be answered.
    pub fn close(self, wait: Duration) {
        let shared = self.shared;
        shared.is_closing.store(true, Ordering::SeqCst);
        // The accept thread sleeps in `accept`; a connection of our own wakes it.
        let _ = TcpStream::connect_timeout(&reachable(self.address), Duration::from_secs(1));
        let _ = self.accepting.join();
        for line in shared.lines().values() {
            if line.is_stream.load(Ordering::SeqCst) {
                let _ = line.stream.shutdown(Shutdown::Both);
            } else if line.is_idle.load(Ordering::SeqCst) {
                let _ = line.stream.shutdown(Shutdown::Read);
            }
        }
        let until = Instant::now() + wait;
        let mut lines = shared.lines();
        while !lines.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                log::warn!("closing with requests unanswered connections={}", lines.len());
                return;
            }
            lines = shared.ended.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The port others reach us by, when we listen on every address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Binds `address`; `Refused` in a sentence when the port is another program's. `[::]` takes IPv4 too.
pub fn listen(address: SocketAddr) -> Result<TcpListener> {
    use socket2::{Domain, Socket, Type};
    let bind = || -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        // After a stop the port is free at once. On Windows the same word would share it with strangers.
        if cfg!(unix) {
            socket.set_reuse_address(true)?;
        }
        socket.bind(&address.into())?;
        socket.listen(256)?;
        Ok(socket.into())
    };
    bind().map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Error::refused(
            "port is taken",
            format!("{address} 已經有別的程式在用。請關掉那個程式，或用 --listen 換一個，例如 --listen 127.0.0.1:8081。"),
        ),
        io::ErrorKind::PermissionDenied => {
            Error::refused("port is not allowed", format!("系統不讓這個程式用 {address}。請用 --listen 換一個 1024 以上的。"))
        }
        io::ErrorKind::AddrNotAvailable => Error::refused("address is not ours", format!("{address} 不是這台電腦的位址。")),
        _ => Error::internal(format!("listen on {address}"), error),
    })
}

/// Takes connections until the door closes. An error (no more file handles, say) costs a rest and not the thread.
fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    let mut is_failing = false;
    let mut number = 0;
    loop {
        let taken = listener.accept();
        if shared.is_closing.load(Ordering::SeqCst) {
            return;
        }
        match taken {
            Ok((stream, peer)) => {
                is_failing = false;
                number += 1;
                shared.admit(number, stream, peer.ip().to_canonical());
            }
            Err(error) => {
                if !is_failing {
                    log::error!("cannot accept connections: {error}");
                }
                is_failing = true;
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a connection its thread, or a short no when there are too many.
    fn admit(self: &Arc<Shared>, number: u64, stream: TcpStream, peer: IpAddr) {
        let line = Arc::new(Line { stream, peer, is_idle: AtomicBool::new(true), is_stream: AtomicBool::new(false) });
        let limits = &self.setup.limits;
        let is_full = {
            let mut lines = self.lines();
            let (mut in_all, mut from_there) = (0, 0);
            for line in lines.values().filter(|line| !line.is_stream.load(Ordering::SeqCst)) {
                in_all += 1;
                from_there += usize::from(line.peer == peer);
            }
            let is_full = limits.connections <= in_all || limits.per_address <= from_there;
            if !is_full {
                lines.insert(number, line.clone());
                self.setup.connections.store(lines.len(), Ordering::Relaxed);
            }
            is_full
        };
        if is_full {
            log::warn!("too many connections");
            connection::turn_away(&line.stream);
            return;
        }
        let shared = self.clone();
        // Small, for there may be hundreds; nothing on this path recurses or keeps large arrays.
        let started = thread::Builder::new().name("line".to_owned()).stack_size(256 * 1024).spawn(move || {
            let _here = Leaving { shared: &shared, number };
            connection::serve(&shared, &line);
        });
        if let Err(error) = started {
            log::error!("cannot start a thread for a connection: {error}");
            self.leave(number);
        }
    }

    fn leave(&self, number: u64) {
        {
            let mut lines = self.lines();
            lines.remove(&number);
            self.setup.connections.store(lines.len(), Ordering::Relaxed);
        }
        self.ended.notify_all();
    }
}

/// Takes a connection off the list however its thread ends.
struct Leaving<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.shared.leave(self.number);
    }
}

/// Lets so many in at once. It bounds file handles: each request inside costs four.
struct Turnstile {
    free: Mutex<usize>,
    one_left: Condvar,
}

struct Inside<'a>(&'a Turnstile);

impl Turnstile {
    fn new(places: usize) -> Turnstile {
        Turnstile { free: Mutex::new(places), one_left: Condvar::new() }
    }

    /// `None` when no place came free in time.
    fn enter(&self, wait: Duration) -> Option<Inside<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self.one_left.wait_timeout_while(free, wait, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Inside(self))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.one_left.notify_one();
    }
}
