//! Somebody who listens to the running program, over a real socket.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// One message of a stream; a heartbeat is a `comment`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub event: String,
    pub id: Option<i64>,
    pub data: Value,
    pub comment: String,
}

/// What came next.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Said(Said),
    /// The other side has hung up.
    End,
    /// Nothing, for as long as one waited.
    Nothing,
}

pub struct Listener {
    pub stream: TcpStream,
    reader: BufReader<TcpStream>,
    /// Head of the answer, in lower case.
    pub head: String,
    part: String,
}

impl Listener {
    /// Asks for `target` with a token; `more` are headers, each with its line end.
    pub fn open(address: SocketAddr, target: &str, token: &str, more: &str) -> Listener {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(&stream, "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{more}\r\n").unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() != 0 {}
        Listener { stream, reader, head: head.to_lowercase(), part: String::new() }
    }

    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// What comes within `patience`.
    pub fn hear(&mut self, patience: Duration) -> Heard {
        let until = Instant::now() + patience;
        loop {
            self.stream.set_read_timeout(Some(until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)))).unwrap();
            match self.reader.read_line(&mut self.part) {
                Ok(0) => return Heard::End,
                Ok(_) if self.part.ends_with("\n\n") || self.part == "\n" => match said(&std::mem::take(&mut self.part)) {
                    Some(said) => return Heard::Said(said),
                    None => continue,
                },
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if until <= Instant::now() {
                        return Heard::Nothing;
                    }
                }
                Err(_) => return Heard::End,
            }
        }
    }

    /// The next message that is no heartbeat; a test fails when none comes.
    pub fn next(&mut self) -> Said {
        loop {
            match self.hear(Duration::from_secs(10)) {
                Heard::Said(said) if said.comment.is_empty() => return said,
                Heard::Said(_) => {}
                other => panic!("no message but {other:?}"),
            }
        }
    }

    /// The ids of all that comes until it has been quiet for `patience`.
    pub fn ids(&mut self, patience: Duration) -> Vec<i64> {
        let mut ids = Vec::new();
        while let Heard::Said(said) = self.hear(patience) {
            ids.extend(said.id.filter(|_| said.event.is_empty()));
        }
        ids
    }

    /// Whether the other side hangs up within `patience`, whatever it says before.
    pub fn ends(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        loop {
            match self.hear(until.saturating_duration_since(Instant::now())) {
                Heard::End => return true,
                Heard::Nothing => return false,
                Heard::Said(_) => {}
            }
        }
    }
}

/// `None` of a block that only sets how long to wait.
fn said(block: &str) -> Option<Said> {
    let mut said = Said::default();
    for line in block.lines().filter(|line| !line.is_empty()) {
        match line.split_once(": ") {
            Some(("", comment)) => said.comment = comment.to_owned(),
            Some(("event", name)) => said.event = name.to_owned(),
            Some(("id", id)) => said.id = Some(id.parse().unwrap()),
            Some(("data", data)) => said.data = serde_json::from_str(data).unwrap(),
            Some(("retry", _)) => {}
            _ => panic!("not a line of a stream: {line}"),
        }
    }
    (said != Said::default()).then_some(said)
}
