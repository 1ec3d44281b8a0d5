//! The head of a request, and everything for which one is turned away. What passes is one request
//! that every program behind reads in the same way.

use std::borrow::Cow;

use crate::http::{Method, Request, Response, plain};

const MOST_HEADERS: usize = 64;

/// Turned away at the door: the answer's status, why (for the log), and what a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub why: &'static str,
    pub say: &'static str,
}

impl Refusal {
    pub fn new(status: u16, why: &'static str) -> Refusal {
        let say = match status {
            401 => "請先登入。",
            403 => "你沒有這項權限，請找經理。",
            408 => "等太久了，請再試一次。",
            413 => "檔案或內容太大，收不下。",
            421 => "這個網址不是幸福氣的，請用店裡的網址。",
            500 | 502 => "這一步沒有做成，資料沒有變。請再試一次。",
            503 => "現在太忙，請等幾秒再試。",
            _ => "這個要求看不懂，請重新整理頁面再試。",
        };
        Refusal { status, why, say }
    }

    pub fn answer(&self, wants_json: bool) -> Response {
        plain::answer(self.status, self.say, wants_json)
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
