//! The way from the door to the program and back: one loopback connection a request.

use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::limits::Deadline;
use super::spool::Spool;
use super::{Head, Refusal, STREAM_HEADER, Shared};
use crate::http::Method;

pub enum Body<'a> {
    Memory(&'a [u8]),
    /// The program reads it from there.
    File(&'a Path),
}

/// How a complete answer lies: its beginning in the buffer that was given, a large one's rest on disk.
pub struct Answer {
    /// Where the head ends in the buffer.
    pub head: usize,
    /// Head and body.
    pub bytes: usize,
    pub rest: Option<Spool>,
    /// The program answers with a stream of this name instead.
    pub stream: Option<String>,
}

/// Puts the program's complete answer into `answer`, in the form it goes to the client. `sent` is a
/// buffer to work in.
pub fn ask(
    shared: &Shared,
    peer: IpAddr,
    head: &Head,
    body: Body<'_>,
    sent: &mut Vec<u8>,
    answer: &mut Vec<u8>,
) -> Result<Answer, Refusal> {
    let deadline = Deadline::after(shared.setup.limits.thinking);
    let Some(_inside) = shared.inside.enter(shared.setup.limits.thinking) else {
        return Err(Refusal::new(503, "too many requests at once"));
    };
    write_head(shared, peer, head, &body, sent);
    let body = match body {
        Body::Memory(bytes) => bytes,
        Body::File(_) => &[],
    };
    let failed = |error: io::Error| {
        log::error!("the way to the program failed: {error}");
        Refusal::new(503, "the way to the program failed")
    };
    let stream = connect(shared.setup.inner.load(Ordering::SeqCst)).map_err(failed)?;
    send(&stream, sent, body, deadline).map_err(failed)?;
    receive(shared, &stream, head.method, deadline, answer).map_err(failed)
}

fn write_head(shared: &Shared, peer: IpAddr, head: &Head, body: &Body<'_>, sent: &mut Vec<u8>) {
    sent.clear();
    let mut add = |parts: [&str; 4]| parts.iter().for_each(|part| sent.extend_from_slice(part.as_bytes()));
    add([head.method.word(), " ", &head.target, " HTTP/1.1\r\n"]);
    for (name, value) in &head.headers {
        add([name, ": ", value, "\r\n"]);
    }
    add(["x-guard-peer: ", &peer.to_string(), "\r\nx-guard-token: ", &shared.setup.token]);
    match body {
        Body::Memory(bytes) => add(["\r\ncontent-length: ", &bytes.len().to_string(), "", ""]),
        Body::File(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            add(["\r\nx-guard-body: ", &name, "\r\ncontent-length: 0", ""]);
        }
    }
    add(["\r\nconnection: close\r\n\r\n", "", "", ""]);
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_secs(5))?;
    stream.set_nodelay(true)?;
    // Everything has been read when this side closes, so it may close at once; otherwise each request
    // would hold a port for minutes.
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    Ok(stream)
}

fn send(stream: &TcpStream, head: &[u8], body: &[u8], deadline: Deadline) -> io::Result<()> {
    let mut slices = [IoSlice::new(head), IoSlice::new(body)];
    let mut left = slices.as_mut_slice();
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        stream.set_write_timeout(Some(deadline.left()?))?;
        match (&mut &*stream).write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut left, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer with a length, whole.
fn receive(shared: &Shared, stream: &TcpStream, method: Method, deadline: Deadline, answer: &mut Vec<u8>) -> io::Result<Answer> {
    const FIRST_BYTES: usize = 8 * 1024;
    const CHUNK_BYTES: usize = 64 * 1024;
    let limits = &shared.setup.limits;
    answer.clear();
    let mut filled = 0;
    let (head, end, stream_name) = loop {
        answer.resize(filled + FIRST_BYTES, 0);
        filled += read(stream, &mut answer[filled..], deadline)?;
        if let Some((head, length, name)) = measure(&answer[..filled], method)? {
            break (head, head.saturating_add(length), name);
        }
    };
    if limits.answer_bytes < end || end < filled {
        return Err(io::Error::other("the answer has an impossible length"));
    }
    answer.truncate(filled);
    if end <= limits.answer_in_memory {
        answer.reserve_exact(end - filled);
        answer.resize(end, 0);
        while filled < end {
            filled += read(stream, &mut answer[filled..], deadline)?;
        }
        return Ok(Answer { head, bytes: end, rest: None, stream: stream_name });
    }
    // It was thought about; what is left is carrying it over.
    let deadline = limits.transfer_of(end as u64);
    let mut rest = Spool::new(&shared.setup.spool)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    while filled < end {
        let most = CHUNK_BYTES.min(end - filled);
        let count = read(stream, &mut chunk[..most], deadline)?;
        rest.file.write_all(&chunk[..count])?;
        filled += count;
    }
    rest.file.seek(SeekFrom::Start(0))?;
    Ok(Answer { head, bytes: end, rest: Some(rest), stream: None })
}

/// At least one byte.
fn read(stream: &TcpStream, into: &mut [u8], deadline: Deadline) -> io::Result<usize> {
    loop {
        stream.set_read_timeout(Some(deadline.left()?))?;
        match (&mut &*stream).read(into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Where the head of an answer ends, how many bytes of body follow, and the stream it names; `None` while it is incomplete.
fn measure(answer: &[u8], method: Method) -> io::Result<Option<(usize, usize, Option<String>)>> {
    let mut slots = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut slots);
    let head = match parsed.parse(answer) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) if answer.len() < 64 * 1024 => return Ok(None),
        _ => return Err(io::Error::other("the answer's head is malformed")),
    };
    if method == Method::Head || matches!(parsed.code, Some(204 | 304)) {
        return Ok(Some((head, 0, None)));
    }
    let value = |name: &str| {
        let header = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        str::from_utf8(header.value).ok()
    };
    match value("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => Ok(Some((head, length, value(STREAM_HEADER).map(str::to_owned)))),
        None => Err(io::Error::other("the answer has no length")),
    }
}
