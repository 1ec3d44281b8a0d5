//! The head of a request, and everything for which one is turned away. What passes is one request
//! that every program behind reads in the same way.

use std::borrow::Cow;

use crate::error::{Error, Held, NO_ROOM};
use crate::http::{Method, Request, Response, plain};

const MOST_HEADERS: usize = 64;

/// Turned away at the door: the answer's status, why (for the log), and what a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub why: &'static str,
    pub say: &'static str,
    /// The word a program reads, where the status alone does not say it.
    pub code: Option<&'static str>,
    /// For how many seconds there is no use in asking again.
    pub wait_s: Option<u32>,
}

impl Refusal {
    pub fn new(status: u16, why: &'static str) -> Refusal {
        let say = match status {
            401 => "請先登入。",
            403 => "你沒有這項權限，請找經理。",
            408 => "等太久了，請再試一次。",
            413 => "檔案或內容太大，收不下。",
            421 => "這個網址不是幸福氣的，請用店裡的網址。",
            429 => "檔案傳得太快了，等一下再傳。",
            500 | 502 => "這一步沒有做成，資料沒有變。請再試一次。",
            503 => "現在太忙，請等幾秒再試。",
            _ => "這個要求看不懂，請重新整理頁面再試。",
        };
        Refusal { status, why, say, code: None, wait_s: None }
    }

    /// A file there is no room for.
    pub fn no_room() -> Refusal {
        let (code, say) = NO_ROOM;
        Refusal { status: 507, why: "no room for a body", say, code: Some(code), wait_s: None }
    }

    /// A file while nothing can be stored.
    pub fn read_only(why: Held) -> Refusal {
        Refusal {
            status: 503,
            why: "a body while nothing is stored",
            say: why.say(),
            code: Some(Error::ReadOnly(why).code()),
            wait_s: None,
        }
    }

    /// A file of somebody who has sent many; the next one is welcome in `wait_s` seconds.
    pub fn too_many(wait_s: u32) -> Refusal {
        Refusal { wait_s: Some(wait_s), ..Refusal::new(429, "too many files of one user") }
    }

    pub fn answer(&self, wants_json: bool) -> Response {
        let answer = plain::answer_as(self.status, self.code, self.say, wants_json);
        match self.wait_s {
            Some(wait_s) => answer.with("Retry-After", &wait_s.to_string()),
            None => answer,
        }
    }
}

/// A request's head, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub method: Method,
    pub target: String,
    /// In the order they came, names in lower case, without what concerns only this connection.
    pub headers: Vec<(String, String)>,
    /// Bytes of body that follow.
    pub length: u64,
    /// The client waits for a word before it sends the body.
    pub waits: bool,
    /// The client wants the connection closed after the answer.
    pub closes: bool,
}

impl Head {
    /// `bytes` end with the empty line; `is_ours` knows the names in `Host` the shop answers to.
    pub fn parse(bytes: &[u8], is_ours: impl Fn(&str) -> bool) -> Result<Head, Refusal> {
        if has_bare_newline(bytes) {
            return Err(Refusal::new(400, "a line ends without CR"));
        }
        let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut slots);
        match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::new(431, "too many headers")),
            Err(httparse::Error::Version) => return Err(Refusal::new(505, "not HTTP/1.1")),
            _ => return Err(Refusal::new(400, "the head is malformed")),
        }
        let (Some(method), Some(target), Some(1)) = (parsed.method, parsed.path, parsed.version) else {
            return Err(Refusal::new(505, "not HTTP/1.1"));
        };
        let method = Method::from_word(method).ok_or_else(|| Refusal::new(501, "unknown method"))?;
        if !target.starts_with('/') || !target.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
            return Err(Refusal::new(400, "the target is not a path"));
        }
        let length = length(parsed.headers)?;
        check_host(parsed.headers, is_ours)?;
        if value_of(parsed.headers, "upgrade").is_some() {
            return Err(Refusal::new(400, "no other protocol is spoken"));
        }
        let waits = match value_of(parsed.headers, "expect") {
            None => false,
            Some(value) if value.eq_ignore_ascii_case(b"100-continue") => true,
            Some(_) => return Err(Refusal::new(417, "unknown expectation")),
        };
        let hops = list_of(parsed.headers, "connection");
        let closes = hops.iter().any(|hop| hop == "close");
        Ok(Head { method, target: target.to_owned(), headers: passed_on(parsed.headers, &hops), length, waits, closes })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    pub fn wants_json(&self) -> bool {
        self.target.starts_with("/api/")
    }

    /// The request without its body, for a policy that must know who asks; `None` when it cannot be decoded.
    pub fn request(&self, at: crate::values::Stamp) -> Option<Request> {
        Request::new(self.method, &self.target, self.headers.clone(), Vec::new(), at).ok()
    }
}

type Header<'a> = httparse::Header<'a>;

fn has_bare_newline(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', bytes).any(|at| at == 0 || bytes[at - 1] != b'\r')
}

fn values_of<'a>(headers: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

fn value_of<'a>(headers: &'a [Header<'a>], name: &'a str) -> Option<&'a [u8]> {
    values_of(headers, name).next()
}

/// The words of a comma-separated header, in lower case.
fn list_of(headers: &[Header<'_>], name: &str) -> Vec<String> {
    values_of(headers, name)
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(|word| String::from_utf8_lossy(word).trim().to_ascii_lowercase())
        .collect()
}

/// How long the body is. Two ways to say it, or one that two programs could read differently, is how
/// one request is smuggled inside another, so only the plainest form passes.
fn length(headers: &[Header<'_>]) -> Result<u64, Refusal> {
    if value_of(headers, "transfer-encoding").is_some() {
        return Err(Refusal::new(411, "a body without a length"));
    }
    let mut values = values_of(headers, "content-length");
    let Some(value) = values.next() else { return Ok(0) };
    let is_plain = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
    match str::from_utf8(value).ok().and_then(|value| value.parse().ok()) {
        Some(length) if is_plain && values.next().is_none() => Ok(length),
        _ => Err(Refusal::new(400, "the length is not one number")),
    }
}

fn check_host(headers: &[Header<'_>], is_ours: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    let mut hosts = values_of(headers, "host");
    match (hosts.next().map(str::from_utf8), hosts.next()) {
        (Some(Ok(host)), None) if is_ours(host) => Ok(()),
        (Some(Ok(_)), None) => Err(Refusal::new(421, "the host is not ours")),
        _ => Err(Refusal::new(400, "not exactly one host")),
    }
}

/// What goes on to the program: nothing about this connection, nothing only the door may say, no bytes
/// outside ASCII. Browsers send none, but another program on this PC may have set a cookie that holds some.
fn passed_on(headers: &[Header<'_>], hops: &[String]) -> Vec<(String, String)> {
    const OURS: [&str; 9] =
        ["connection", "keep-alive", "te", "trailer", "expect", "content-length", "proxy-connection", "proxy-authorization", "forwarded"];
    let mut kept = Vec::with_capacity(headers.len());
    for header in headers {
        let name = header.name.to_ascii_lowercase();
        let is_ours = OURS.contains(&name.as_str()) || name.starts_with("x-guard-") || name.starts_with("x-forwarded-");
        if is_ours || (hops.contains(&name) && name != "host") {
            continue;
        }
        let value: Cow<'_, [u8]> = match name.as_str() {
            "cookie" if !header.value.is_ascii() => Cow::Owned(ascii_cookies(header.value)),
            _ => Cow::Borrowed(header.value),
        };
        if value.is_ascii()
            && let Ok(value) = str::from_utf8(&value)
        {
            kept.push((name, value.to_owned()));
        }
    }
    kept
}

fn ascii_cookies(value: &[u8]) -> Vec<u8> {
    value.split(|byte| *byte == b';').filter(|pair| pair.is_ascii()).collect::<Vec<_>>().join(&b';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(bytes: &[u8]) -> Result<Head, Refusal> {
        Head::parse(bytes, |host| host == "shop")
    }

    #[test]
    fn a_browsers_head_is_understood() {
        let bytes =
            b"POST /customers?q=%E7%94%B2 HTTP/1.1\r\nHost: shop\r\nContent-Length: 12\r\nConnection: keep-alive\r\nCookie: a=1\r\n\r\n";
        let head = parse(bytes).unwrap();
        assert_eq!((head.method, head.path(), head.length), (Method::Post, "/customers", 12));
        assert_eq!((head.waits, head.closes, head.wants_json()), (false, false, false));
        assert_eq!(head.headers, [("host".to_owned(), "shop".to_owned()), ("cookie".to_owned(), "a=1".to_owned())]);
    }

    #[test]
    fn what_a_connection_header_names_goes_no_further() {
        let head = parse(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: Close, X-A, Host\r\nX-A: 1\r\nX-B: 2\r\n\r\n").unwrap();
        assert!(head.closes);
        assert_eq!(head.headers, [("host".to_owned(), "shop".to_owned()), ("x-b".to_owned(), "2".to_owned())]);
    }

    /// Whether `bytes` would be read by tiny_http as the request the door meant, and as one only.
    fn is_plain(head: &Head) -> bool {
        let is_line = |text: &str| text.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte));
        let is_known = |name: &str| !["transfer-encoding", "content-length", "connection", "expect", "upgrade", "te"].contains(&name);
        head.target.starts_with('/')
            && head.target.bytes().all(|byte| (0x21..0x7f).contains(&byte))
            && head.headers.iter().all(|(name, value)| {
                is_line(name) && is_line(value) && !name.contains([':', ' ']) && is_known(name) && !name.starts_with("x-guard-")
            })
            && head.headers.iter().filter(|(name, _)| name == "host").count() == 1
    }

    proptest! {
        #[test]
        fn whatever_comes_is_refused_or_plain(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just(b"GET / HTTP/1.1\r\n".to_vec()), Just(b"POST /a?b HTTP/1.1\r\n".to_vec()), Just(b"Host: shop\r\n".to_vec()),
                    Just(b"Content-Length: 3\r\n".to_vec()), Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
                    Just(b"Connection: x-a, close\r\n".to_vec()), Just(b"X-A: b\r\n".to_vec()), Just(b"X-Guard-Peer: ::1\r\n".to_vec()),
                    Just(b"Cookie: a=\xe5\xae\xa2; b=2\r\n".to_vec()), Just(b"\r\n".to_vec()), Just(b" folded\r\n".to_vec()), Just(b"\n".to_vec()),
                    prop::collection::vec(any::<u8>(), 0..12),
                ],
                0..12,
            ),
        ) {
            let mut bytes = b"GET / HTTP/1.1\r\nHost: shop\r\n".to_vec();
            if pieces.len() % 2 == 0 {
                bytes.clear();
            }
            bytes.extend(pieces.concat());
            bytes.extend_from_slice(b"\r\n\r\n");
            if let Ok(head) = parse(&bytes) {
                prop_assert!(is_plain(&head), "{head:?}");
            }
        }
    }
}
