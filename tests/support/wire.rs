//! Speaking HTTP by hand, for the tests that use real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than any answer may take, so that a hanging program is a failed test and not a hanging one.
const PATIENCE: Duration = Duration::from_secs(15);

/// One answer off the wire.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept.
pub struct Client {
    pub stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    pub fn open(address: SocketAddr) -> Client {
        Client::try_open(address).unwrap_or_else(|| panic!("nobody listens at {address}"))
    }

    /// `None` when nobody listens.
    pub fn try_open(address: SocketAddr) -> Option<Client> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Some(Client { stream, reader })
    }

    /// `head` without its last empty line and without `Host`.
    pub fn ask(&mut self, head: &str, body: &[u8]) -> Reply {
        let mut bytes = format!("{head}\r\nHost: 127.0.0.1\r\n").into_bytes();
        if !body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes).unwrap();
        self.reply(!head.starts_with("HEAD")).unwrap_or_else(|| panic!("no answer to {head}"))
    }

    pub fn get(&mut self, target: &str) -> Reply {
        self.ask(&format!("GET {target} HTTP/1.1"), b"")
    }

    /// The next answer; `None` when the line was closed instead.
    pub fn reply(&mut self, has_body: bool) -> Option<Reply> {
        let mut line = String::new();
        // Nothing, or what was half said when the other side fell.
        self.reader.read_line(&mut line).ok()?;
        if !line.ends_with('\n') {
            return None;
        }
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("a status line: {line:?}"));
        let mut headers = Vec::new();
        loop {
            line.clear();
            if self.reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length: usize = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; if has_body && !matches!(status, 100 | 304) { length } else { 0 }];
        self.reader.read_exact(&mut body).ok()?;
        Some(Reply { status, headers, body })
    }

    /// Whether the other side has hung up, after reading what is left.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// Sends `bytes` as they are and answers the status that came back; 0 when the line was just closed.
pub fn status_of(address: SocketAddr, bytes: &[u8]) -> u16 {
    let mut client = Client::open(address);
    // A door that has had enough may close while we still send.
    let _ = client.stream.write_all(bytes);
    client.reply(true).map_or(0, |reply| reply.status)
}

/// What others of the shop see meanwhile: how long each of their requests took.
pub struct Bystanders {
    threads: Vec<std::thread::JoinHandle<Vec<Duration>>>,
    is_over: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Bystanders {
    /// One with a kept connection and one with a new connection each time.
    pub fn watch(address: SocketAddr) -> Bystanders {
        let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let threads = [true, false].map(|keeps| {
            let is_over = is_over.clone();
            std::thread::spawn(move || {
                let mut took = Vec::new();
                let mut client = Client::open(address);
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) || took.len() < 5 {
                    let start = Instant::now();
                    if !keeps {
                        client = Client::open(address);
                    }
                    let reply = client.get("/health");
                    assert_eq!(reply.status, 200);
                    took.push(start.elapsed());
                    std::thread::sleep(Duration::from_millis(3));
                }
                took
            })
        });
        Bystanders { threads: threads.into(), is_over }
    }

    /// Fails when one was not answered, or when more than one in a hundred waited long.
    pub fn were_answered(self, meanwhile: &str) {
        self.is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        let mut took: Vec<Duration> = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        took.sort();
        let p99 = took[(took.len() * 99 / 100).min(took.len() - 1)];
        println!("{meanwhile}: {} others, p50 {:?}, p99 {p99:?}", took.len(), took[took.len() / 2]);
        // The budget is 100 ms; a machine that runs other tests at the same time is given more.
        assert!(p99 < Duration::from_millis(500), "{meanwhile}: others waited {p99:?}");
    }
}
