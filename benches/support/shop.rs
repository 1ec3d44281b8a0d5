//! The invented shop at full size, served by the program itself, and a browser that keeps its connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use luckygas::db::Db;
use luckygas::demo::{self, Size};
use luckygas::values::Stamp;

/// A folder with an invented shop in it, removed at the end.
pub struct Shop {
    pub folder: PathBuf,
    pub summary: demo::Summary,
}

impl Shop {
    pub fn make(size: Size) -> Shop {
        let folder = std::env::temp_dir().join(format!("luckygas-bench-{}-{size:?}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a scratch folder");
        let db = Db::open(&folder).expect("the file opens");
        let start = Instant::now();
        let summary = db.write(|tx| demo::fill(tx, Stamp::now(), size)).expect("the shop is filled");
        db.optimize().expect("statistics");
        db.checkpoint().expect("checkpoint");
        println!(
            "{size:?}: {} customers, {} deliveries, {} MB, made in {:.1?}",
            summary.customers,
            summary.deliveries,
            db.file_bytes() >> 20,
            start.elapsed()
        );
        Shop { folder, summary }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `luckygas serve` on a folder, until dropped.
pub struct Served {
    child: Child,
    pub address: String,
}

impl Served {
    pub fn open(folder: &Path) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luckygas"));
        command.arg("serve").arg("--data").arg(folder).args(["--listen", "127.0.0.1:0", "--log", "error"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its console")).lines();
        let address = loop {
            let line = lines.next().expect("an address").expect("a line");
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim_end_matches('/').to_owned();
            }
        };
        // Nobody reads the rest; the pipe must stay open all the same.
        std::thread::spawn(move || lines.for_each(drop));
        Served { child, address }
    }

    pub fn private_bytes(&self) -> u64 {
        super::private_bytes(self.child.id()).expect("Linux")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection, kept, signed in or not.
pub struct Browser {
    stream: BufReader<TcpStream>,
    address: String,
    pub token: String,
}

impl Browser {
    pub fn connect(address: &str) -> Browser {
        let stream = TcpStream::connect(address).expect("the shop is open");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        Browser { stream: BufReader::new(stream), address: address.to_owned(), token: String::new() }
    }

    pub fn sign_in(address: &str, username: &str) -> Browser {
        let mut browser = Browser::connect(address);
        let body = serde_json::json!({"username": username, "password": demo::PASSWORD}).to_string();
        let (status, answer) = browser.send("POST", "/api/v1/auth/login", "application/json", body.as_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
        browser.token = answer["token"].as_str().expect("a token").to_owned();
        browser
    }

    /// Another connection of the same person.
    pub fn again(&self) -> Browser {
        Browser { token: self.token.clone(), ..Browser::connect(&self.address) }
    }

    pub fn get(&mut self, target: &str) -> (u16, Vec<u8>) {
        self.send("GET", target, "", &[])
    }

    pub fn send(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !self.token.is_empty() {
            head.push_str(&format!("Cookie: luckygas={}\r\n", self.token));
            if content_type == "application/json" {
                head.push_str(&format!("X-CSRF-Token: {}\r\n", luckygas::users::session::csrf(&self.token)));
            }
        }
        if method != "GET" {
            head.push_str(&format!(
                "Origin: http://{}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
                self.address,
                body.len()
            ));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.get_mut().write_all(&bytes).expect("the request is sent");
        self.answer()
    }

    /// Sends a form of ours.
    pub fn post(&mut self, target: &str, form: &[(String, String)]) -> (u16, Vec<u8>) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send("POST", target, "application/x-www-form-urlencoded", body.as_bytes())
    }

    fn answer(&mut self) -> (u16, Vec<u8>) {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a status line");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status in {line:?}"));
        let (mut length, mut is_chunked, mut is_closing) = (0, false, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            let header = line.trim_end().to_ascii_lowercase();
            match header.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().expect("a length"),
                Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
                Some(("connection", value)) => is_closing = value == "close",
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        if is_chunked {
            loop {
                line.clear();
                self.stream.read_line(&mut line).expect("a chunk");
                let size = usize::from_str_radix(line.trim_end(), 16).expect("a chunk size");
                let start = body.len();
                body.resize(start + size + 2, 0);
                self.stream.read_exact(&mut body[start..]).expect("a chunk");
                body.truncate(start + size);
                if size == 0 {
                    break;
                }
            }
        } else {
            self.stream.read_exact(&mut body).expect("a body");
        }
        if is_closing {
            let token = std::mem::take(&mut self.token);
            *self = Browser { token, ..Browser::connect(&self.address) };
        }
        (status, body)
    }
}
