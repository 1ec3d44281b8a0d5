//! Behind the door, and the only file that names tiny_http: eight workers turn its requests into ours
//! and give our answers back. A panic costs one request; a dead accept loop is started anew.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};
use crate::http::multipart::{self, Parts};
use crate::http::{Method, Request, Response, compress, plain};
use crate::values::Stamp;

/// Enough for the writer, a few long reports and everybody's pages.
const WORKERS: usize = 8;

/// What stands behind every address: an open shop, or what is said while there is none.
pub trait Behind: Send + Sync + 'static {
    fn answer(&self, req: Request) -> Response;

    fn now(&self) -> Stamp;

    /// Where the door has put large bodies.
    fn spool(&self) -> &Path;

    /// A request was lost in a panic after `took`; whoever sent it has heard so.
    fn lost(&self, _took: Duration) {}
}

/// The running workers.
pub struct Server {
    inner: Arc<Inner>,
    keeper: JoinHandle<()>,
}

struct Inner {
    behind: Arc<dyn Behind>,
    token: String,
    port: Arc<AtomicU16>,
    is_stopping: AtomicBool,
    current: Mutex<Option<Arc<tiny_http::Server>>>,
}

impl Server {
    /// Starts on a port of 127.0.0.1 that the system chooses, which is put into `port`.
    pub fn start(behind: Arc<dyn Behind>, token: String, port: Arc<AtomicU16>) -> Result<Server> {
        let inner = Arc::new(Inner { behind, token, port, is_stopping: AtomicBool::new(false), current: Mutex::new(None) });
        let first = inner.listen().doing("start the inner server")?;
        let keeper = thread::Builder::new()
            .name("keeper".to_owned())
            .spawn({
                let inner = inner.clone();
                move || inner.keep(first)
            })
            .doing("start the workers")?;
        Ok(Server { inner, keeper })
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.inner.port.load(Ordering::SeqCst)))
    }

    /// Lets the workers finish what they have, and ends them.
    pub fn stop(self) {
        self.inner.is_stopping.store(true, Ordering::SeqCst);
        if let Some(server) = self.inner.current.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            release(server);
        }
        let _ = self.keeper.join();
    }
}

/// Wakes every worker that waits.
fn release(server: &tiny_http::Server) {
    (0..WORKERS).for_each(|_| server.unblock());
}

impl Inner {
    fn listen(&self) -> io::Result<Arc<tiny_http::Server>> {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // tiny_http writes head and body apart; accepted sockets inherit this, and nothing waits for an ACK.
        socket.set_tcp_nodelay(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        socket.listen(256)?;
        let listener: std::net::TcpListener = socket.into();
        let port = listener.local_addr()?.port();
        let server = Arc::new(tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(server.clone());
        self.port.store(port, Ordering::SeqCst);
        Ok(server)
    }

    /// Keeps eight workers at `server`. When its accept loop has ended for want of file handles, a new one takes over.
    fn keep(&self, mut server: Arc<tiny_http::Server>) {
        loop {
            thread::scope(|scope| {
                for number in 1..=WORKERS {
                    let work = || self.work(&server);
                    if let Err(error) = thread::Builder::new().name(format!("worker {number}")).spawn_scoped(scope, work) {
                        log::error!("cannot start a worker: {error}");
                    }
                }
            });
            if self.is_stopping.load(Ordering::SeqCst) {
                return;
            }
            log::error!("the inner accept loop has ended; starting another");
            server = loop {
                match self.listen() {
                    Ok(server) => break server,
                    Err(error) => log::error!("cannot start the inner server: {error}"),
                }
                thread::sleep(Duration::from_millis(100));
                if self.is_stopping.load(Ordering::SeqCst) {
                    return;
                }
            };
        }
    }

    fn work(&self, server: &tiny_http::Server) {
        loop {
            let Ok(request) = server.recv() else {
                // Either we are stopping or accepting has ended: the other workers must hear of it too.
                release(server);
                return;
            };
            // `serve` guards the handler itself; this is for the few lines around it.
            if catch_unwind(AssertUnwindSafe(|| self.serve(request))).is_err() {
                log::error!("a request was lost in a panic");
            }
        }
    }

    fn serve(&self, mut request: tiny_http::Request) {
        if !self.is_from_door(&request) {
            log::warn!("a program on this PC spoke to the inner port");
            if request.body_length().is_none_or(|length| length == 0) {
                write(request, &plain::answer(403, "請用幸福氣的網址。", false), true);
            } else {
                // tiny_http reads, or makes room for, whatever length was claimed when the request is dropped.
                std::mem::forget(request);
            }
            return;
        }
        let is_head = request.method() == &tiny_http::Method::Head;
        let wants_json = request.url().starts_with("/api/");
        let answer = match self.read(&mut request) {
            // The files stay until the answer is there, whatever becomes of the request.
            Ok((ours, _files)) => {
                let is_worth_it = compress::is_worth_it(&ours);
                let started = Instant::now();
                match catch_unwind(AssertUnwindSafe(|| self.behind.answer(ours))) {
                    Ok(answer) => compress::squeeze(answer, is_worth_it),
                    Err(_) => {
                        let error = Error::impossible("answer a request without a panic");
                        log::error!("{error}");
                        self.behind.lost(started.elapsed());
                        plain::answer(500, &error.user_message(), wants_json)
                    }
                }
            }
            Err(error) => {
                log::debug!("refused: {error}");
                plain::answer(error.status(), &error.user_message(), wants_json)
            }
        };
        write(request, &answer, !is_head);
    }

    fn is_from_door(&self, request: &tiny_http::Request) -> bool {
        let token = request.headers().iter().find(|header| header.field.equiv("x-guard-token")).map_or("", |header| header.value.as_str());
        subtle::ConstantTimeEq::ct_eq(token.as_bytes(), self.token.as_bytes()).into()
    }

    /// The request as ours. The body is read whole: dropping a tiny_http request with some of it unread is costly.
    fn read(&self, request: &mut tiny_http::Request) -> Result<(Request, Parts)> {
        let length = request.body_length().unwrap_or(0);
        let mut body = Vec::with_capacity(length.min(64 * 1024));
        request.as_reader().take(length as u64).read_to_end(&mut body).doing("read a body from the door")?;
        if body.len() != length {
            return Err(Error::BadRequest("the body is shorter than its length"));
        }
        let method = Method::from_word(request.method().as_str()).ok_or(Error::Method)?;
        let (mut peer, mut spooled) = (None, None);
        let mut headers = Vec::with_capacity(request.headers().len());
        for header in request.headers() {
            let (name, value) = (header.field.as_str().as_str(), header.value.as_str());
            match name {
                "x-guard-peer" => peer = value.parse().ok(),
                "x-guard-body" => spooled = Some(self.behind.spool().join(value)),
                _ if name.starts_with("x-guard-") => {}
                _ => headers.push((name.to_owned(), value.to_owned())),
            }
        }
        let mut ours = Request::new(method, request.url(), headers, body, self.behind.now())?;
        ours.peer = peer.ok_or(Error::BadRequest("the door did not say who asks"))?;
        let parts = match spooled {
            Some(spooled) => self.split(&mut ours, &spooled)?,
            None => Parts::default(),
        };
        Ok((ours, parts))
    }

    /// Gives `ours` what stands in the multipart body the door has put into a file.
    fn split(&self, ours: &mut Request, spooled: &Path) -> Result<Parts> {
        let boundary =
            ours.header("content-type").and_then(multipart::boundary).ok_or(Error::BadRequest("files come in a multipart form"))?;
        let body = File::open(spooled).doing("open a spooled body")?;
        let parts = multipart::split(body, &boundary, self.behind.spool())?;
        parts.fields.iter().for_each(|(name, value)| ours.add_form(name, value.clone()));
        ours.uploads = parts.uploads.clone();
        Ok(parts)
    }
}

/// Sends `answer`: a usual one in one piece, a large one without a second copy of it in memory.
fn write(request: tiny_http::Request, answer: &Response, with_body: bool) {
    const ONE_PIECE_BYTES: usize = 32 * 1024;
    let is_large = ONE_PIECE_BYTES < answer.body.len();
    let mut bytes = Vec::new();
    answer.write_to(&mut bytes, with_body && !is_large);
    let mut writer = request.into_writer();
    let mut written = writer.write_all(&bytes);
    if with_body && is_large {
        written = written.and_then(|()| writer.write_all(&answer.body));
    }
    if let Some(file) = answer.file.as_ref().filter(|_| with_body) {
        written = written.and_then(|()| file.write_to(&mut writer));
    }
    if let Err(error) = written.and_then(|()| writer.flush()) {
        log::debug!("the door did not take an answer: {error}");
    }
}
