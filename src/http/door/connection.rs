//! One client's connection from its first request to its last.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::limits::{Deadline, is_timeout};
use super::relay::{self, Answer, Body};
use super::spool::Spool;
use super::stream::{self, Next};
use super::{Head, Line, Refusal, Room, Shared};
use crate::http::Response;

/// What a connection keeps between requests at most, so that an idle one is small.
const KEPT_BYTES: usize = 16 * 1024;

/// What a large body or answer is carried in.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why a connection ends before its client wants it to.
enum End {
    /// The client is gone, or there is nothing to say.
    Silent,
    /// The client hears why.
    Refused(Refusal),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> End {
        End::Silent
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> End {
        End::Refused(refusal)
    }
}

#[derive(PartialEq)]
enum Then {
    Another,
    Close,
}

/// Answers requests until one side has enough.
pub fn serve(shared: &Shared, line: &Line) {
    // Answers go out whole, so there is nothing to gain from waiting for more.
    let _ = line.stream.set_nodelay(true);
    let mut connection = Connection { shared, line, came: Vec::new(), sent: Vec::new(), answer: Vec::new(), wants_json: false };
    loop {
        match connection.exchange() {
            Ok(Then::Another) => connection.shrink(),
            Ok(Then::Close) | Err(End::Silent) => return,
            Err(End::Refused(refusal)) => {
                log::debug!("turned away status={} why=\"{}\"", refusal.status, refusal.why);
                connection.refuse(&refusal);
                return;
            }
        }
    }
}

/// One answer for a client there is no room for. It fits in the socket, so nothing waits.
pub fn turn_away(stream: &TcpStream) {
    let mut bytes = Vec::new();
    Refusal::new(503, "too many connections").answer(false).with("Connection", "close").write_to(&mut bytes, true);
    let _ = stream.set_nonblocking(true);
    let _ = (&mut &*stream).write(&bytes);
}

struct Connection<'a> {
    shared: &'a Shared,
    line: &'a Line,
    /// What the client has sent and nobody has used yet.
    came: Vec<u8>,
    sent: Vec<u8>,
    answer: Vec<u8>,
    /// How the request at hand wants to hear of errors.
    wants_json: bool,
}

impl Connection<'_> {
    fn exchange(&mut self) -> Result<Then, End> {
        let Some((head, used)) = self.read_head()? else { return Ok(Then::Close) };
        self.wants_json = head.wants_json();
        let room = (self.shared.setup.policy)(&head)?;
        let (Room::Memory(most) | Room::File(most)) = room;
        if most < head.length {
            return Err(Refusal::new(413, "the body is too large").into());
        }
        if head.waits && 0 < head.length {
            self.write(&[b"HTTP/1.1 100 Continue\r\n\r\n"], Deadline::after(self.shared.setup.limits.head))?;
        }
        let (body_end, spool) = match room {
            Room::Memory(_) => (self.read_body(used, head.length as usize)?, None),
            Room::File(_) => (used, Some(self.spool_body(used, head.length)?)),
        };
        let body = match &spool {
            None => Body::Memory(&self.came[used..body_end]),
            Some(spool) => Body::File(spool.path()),
        };
        let answer = relay::ask(self.shared, self.line.peer, &head, body, &mut self.sent, &mut self.answer)?;
        drop(spool);
        self.came.drain(..body_end);
        if let Some(name) = answer.stream {
            self.stream(&name)?;
            return Ok(Then::Close);
        }
        let is_last = head.closes || self.shared.is_closing.load(Ordering::SeqCst);
        self.send(answer, is_last)?;
        if is_last {
            self.hang_up();
        }
        Ok(if is_last { Then::Close } else { Then::Another })
    }

    /// Sends what stream `name` says until it ends, the client is gone or does not read.
    fn stream(&self, name: &str) -> Result<(), End> {
        let mut stream = (self.shared.setup.streams)(name).ok_or_else(|| Refusal::new(503, "the stream is gone"))?;
        self.line.is_stream.store(true, Ordering::SeqCst);
        self.write_in_time(stream::HEAD)?;
        // A door that closed before it could see this line as a stream closes it here.
        while !self.shared.is_closing.load(Ordering::SeqCst) {
            match stream.next(stream::LOOK) {
                Next::Text(text) => self.write_in_time(text.as_bytes())?,
                Next::Quiet if self.is_gone()? => return Ok(()),
                Next::Quiet => {}
                Next::End => return Ok(()),
            }
        }
        Ok(())
    }

    /// Whether the client has hung up. What it sends on a stream is left where it is.
    fn is_gone(&self) -> io::Result<bool> {
        self.line.stream.set_nonblocking(true)?;
        let seen = self.line.stream.peek(&mut [0]);
        self.line.stream.set_nonblocking(false)?;
        match seen {
            Ok(count) => Ok(count == 0),
            Err(error) => Ok(!is_timeout(&error) && error.kind() != io::ErrorKind::Interrupted),
        }
    }

    fn write_in_time(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(&[bytes], self.shared.setup.limits.transfer_of(bytes.len() as u64))
    }

    /// Gives the client its answer, in the time its size allows.
    fn send(&self, answer: Answer, is_last: bool) -> io::Result<()> {
        let deadline = self.shared.setup.limits.transfer_of(answer.bytes as u64);
        let close: &[u8] = if is_last { b"Connection: close\r\n" } else { b"" };
        // The last line break ends the head, so another header goes before it.
        let (lines, body) = self.answer.split_at(answer.head - 2);
        self.write(&[lines, close, body], deadline)?;
        let Some(mut rest) = answer.rest else { return Ok(()) };
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match rest.file.read(&mut chunk)? {
                0 => return Ok(()),
                count => self.write(&[&chunk[..count]], deadline)?,
            }
        }
    }

    /// The next head and where it ends in `came`; `None` when the client has no more requests.
    fn read_head(&mut self) -> Result<Option<(Head, usize)>, End> {
        let limits = &self.shared.setup.limits;
        if self.came.is_empty() {
            self.line.is_idle.store(true, Ordering::SeqCst);
            if self.shared.is_closing.load(Ordering::SeqCst) || self.read(limits.head_bytes, Deadline::after(limits.idle))? == 0 {
                return Ok(None);
            }
            self.line.is_idle.store(false, Ordering::SeqCst);
        }
        let deadline = Deadline::after(limits.head);
        let mut seen: usize = 0;
        let end = loop {
            if let Some(at) = memchr::memmem::find(&self.came[seen..], b"\r\n\r\n") {
                break seen + at + 4;
            }
            if limits.head_bytes <= self.came.len() {
                return Err(Refusal::new(431, "the head is too large").into());
            }
            seen = self.came.len().saturating_sub(3);
            match self.read(limits.head_bytes, deadline) {
                Ok(0) => return Err(End::Silent),
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Err(Refusal::new(408, "the head came too slowly").into()),
                Err(error) => return Err(error.into()),
            }
        };
        if limits.head_bytes < end {
            return Err(Refusal::new(431, "the head is too large").into());
        }
        let names = &self.shared.setup.names;
        let head = Head::parse(&self.came[..end], |host| crate::http::gate::is_our_host(host, names))?;
        Ok(Some((head, end)))
    }

    /// Reads on until `length` bytes stand behind `start` in `came`; answers where they end.
    fn read_body(&mut self, start: usize, length: usize) -> Result<usize, End> {
        let deadline = self.shared.setup.limits.transfer_of(length as u64);
        let end = start + length;
        while self.came.len() < end {
            let missing = end - self.came.len();
            match self.read(missing, deadline) {
                Ok(0) => return Err(End::Silent),
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Err(Refusal::new(408, "the body came too slowly").into()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(end)
    }

    /// Reads a body of `length` bytes into a file; what had come with the head goes first.
    fn spool_body(&mut self, start: usize, length: u64) -> Result<Spool, End> {
        let deadline = self.shared.setup.limits.transfer_of(length);
        let no_room = |error: io::Error| {
            log::error!("cannot spool a body: {error}");
            if error.kind() == io::ErrorKind::StorageFull {
                return Refusal::no_room();
            }
            Refusal::new(503, "a body could not be spooled")
        };
        let mut spool = Spool::new(&self.shared.setup.spool).map_err(no_room)?;
        let here = (self.came.len() - start).min(length.try_into().unwrap_or(usize::MAX));
        spool.file.write_all(&self.came[start..start + here]).map_err(no_room)?;
        self.came.drain(start..start + here);
        let mut left = length - here as u64;
        let mut chunk = vec![0; CHUNK_BYTES];
        while 0 < left {
            let most = chunk.len().min(left.try_into().unwrap_or(usize::MAX));
            self.line.stream.set_read_timeout(Some(deadline.left().map_err(|_| Refusal::new(408, "the body came too slowly"))?))?;
            match (&self.line.stream).read(&mut chunk[..most]) {
                Ok(0) => return Err(End::Silent),
                Ok(count) => {
                    spool.file.write_all(&chunk[..count]).map_err(no_room)?;
                    left -= count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => return Err(Refusal::new(408, "the body came too slowly").into()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(spool)
    }

    /// Appends to `came` what the client sends, at most `most` bytes and 16 KiB at a time.
    fn read(&mut self, most: usize, deadline: Deadline) -> io::Result<usize> {
        self.line.stream.set_read_timeout(Some(deadline.left()?))?;
        let start = self.came.len();
        self.came.resize(start + most.min(KEPT_BYTES), 0);
        let count = loop {
            match (&self.line.stream).read(&mut self.came[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => break done,
            }
        };
        self.came.truncate(start + *count.as_ref().unwrap_or(&0));
        count
    }

    /// Sends `parts` one after the other, whole, before `deadline`.
    fn write(&self, parts: &[&[u8]], deadline: Deadline) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            self.line.stream.set_write_timeout(Some(deadline.left()?))?;
            match (&self.line.stream).write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => IoSlice::advance_slices(&mut left, count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: &Refusal) {
        let mut bytes = Vec::new();
        let answer: Response = refusal.answer(self.wants_json).with("Connection", "close");
        answer.write_to(&mut bytes, true);
        let deadline = Deadline::after(self.shared.setup.limits.linger);
        if self.write(&[&bytes], deadline).is_ok() {
            self.hang_up();
        }
    }

    /// Says that nothing more comes, and reads what the client is still sending: were it left unread,
    /// the system would cut the line before the client has seen the answer.
    fn hang_up(&mut self) {
        let _ = self.line.stream.shutdown(Shutdown::Write);
        let deadline = Deadline::after(self.shared.setup.limits.linger);
        let mut waste = vec![0; KEPT_BYTES];
        while let Ok(left) = deadline.left() {
            let _ = self.line.stream.set_read_timeout(Some(left.max(Duration::from_millis(1))));
            match (&self.line.stream).read(&mut waste) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
                _ => {}
            }
        }
    }

    fn shrink(&mut self) {
        for buffer in [&mut self.came, &mut self.sent, &mut self.answer] {
            if KEPT_BYTES < buffer.capacity() {
                buffer.shrink_to(KEPT_BYTES.max(buffer.len().min(KEPT_BYTES)));
            }
        }
    }
}
