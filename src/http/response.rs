//! An answer, complete in memory, with headers that cannot be split.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use maud::Markup;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::backups::lock_up::Scratch;
use crate::error::{Doing, Error, Result};

/// What may not stand in a cookie's value.
const COOKIE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\').add(b'%').add(b'=');

/// The cookie a sentence travels in from one page to the next.
pub const NOTICE_COOKIE: &str = "luckygas_notice";

/// Between the act that can be undone and the sentence about it, in that cookie.
pub const UNDO_MARK: char = '\u{1f}';

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// What is sent instead of `body`.
    pub file: Option<FileBody>,
}

/// A file that is sent from where it lies, a piece at a time.
#[derive(Clone, Debug)]
pub struct FileBody {
    file: Arc<File>,
    bytes: u64,
    /// Gone when it has been sent.
    _scratch: Option<Arc<Scratch>>,
}

impl FileBody {
    /// The file at `path`, which may be removed while it is sent.
    pub fn of(path: &Path) -> Result<FileBody> {
        let file = File::open(path).doing("open a file to send it")?;
        let bytes = file.metadata().doing("read how large a file is")?.len();
        Ok(FileBody { file: Arc::new(file), bytes, _scratch: None })
    }

    /// One that was made only to be sent.
    pub fn of_scratch(scratch: Scratch) -> Result<FileBody> {
        let body = FileBody::of(scratch.path())?;
        Ok(FileBody { _scratch: Some(Arc::new(scratch)), ..body })
    }

    /// Sends it to `to`, exactly as long as was said.
    pub fn write_to(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(0))?;
        match io::copy(&mut file.take(self.bytes), to)? {
            sent if sent == self.bytes => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Response {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Response {
        Response { status, headers: Vec::new(), body: body.into(), file: None }.with("Content-Type", content_type)
    }

    /// A page of ours; 200 unless [`Response::status`] says otherwise.
    pub fn html(markup: Markup) -> Response {
        Response::new(200, "text/html; charset=utf-8", markup.into_string())
    }

    pub fn json(value: &Value) -> Response {
        // Twice as fast as `to_string`, and a `Value` cannot fail.
        Response::new(200, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub fn text(text: impl Into<String>) -> Response {
        Response::new(200, "text/plain; charset=utf-8", text.into())
    }

    /// A file to keep, `name` as the person will see it: Chinese is fine (RFC 5987).
    pub fn download(content_type: &'static str, name: &str, body: impl Into<Vec<u8>>) -> Response {
        let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
        Response::new(200, content_type, body).with("Content-Disposition", &format!("attachment; filename*=UTF-8''{encoded}"))
    }

    /// The same of a file that is sent from where it lies.
    pub fn download_file(content_type: &'static str, name: &str, file: FileBody) -> Response {
        Response { file: Some(file), ..Response::download(content_type, name, Vec::new()) }
    }

    /// After a POST: go there with a GET. `to` is an address of ours.
    pub fn see_other(to: impl AsRef<str>) -> Response {
        Response { status: 303, headers: Vec::new(), body: Vec::new(), file: None }.with("Location", to.as_ref())
    }

    /// The JSON form of an error: always the same shape.
    pub fn json_error(error: &Error) -> Response {
        let mut body = serde_json::json!({"error": {"code": error.code(), "message": error.user_message()}});
        if let Error::Invalid(problems) = error {
            body["error"]["fields"] =
                problems.iter().map(|problem| serde_json::json!({"field": problem.field, "message": problem.say})).collect();
        }
        Response::json(&body).status(error.status())
    }

    /// A PATCH over a version that has moved on: the refusal, what stands there now and what was sent.
    pub fn json_stale(error: &Error, current: Value, sent: Value) -> Response {
        let mut answer = json!({"error": {"code": error.code(), "message": error.user_message()}});
        answer["current"] = current;
        answer["sent"] = sent;
        Response::json(&answer).status(error.status())
    }

    pub fn status(mut self, status: u16) -> Response {
        self.status = status;
        self
    }

    /// Adds a header. A value with a line break or another control character is dropped whole,
    /// so that nothing typed by a person can end a header and begin another.
    pub fn with(mut self, name: &'static str, value: &str) -> Response {
        if value.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte)) {
            self.headers.push((name, value.to_owned()));
        } else {
            log::error!("a header value was dropped header={name}");
        }
        self
    }

    /// Puts `mark` before the name of every cookie it sets; [`crate::http::Request::keep_cookies_of`] takes it off again.
    pub fn mark_cookies(mut self, mark: &str) -> Response {
        for (_, value) in self.headers.iter_mut().filter(|(name, _)| *name == "Set-Cookie") {
            value.insert_str(0, mark);
        }
        self
    }

    /// A sentence for the next page: 已存。
    pub fn with_notice(self, say: &str) -> Response {
        let value = utf8_percent_encode(say, COOKIE).to_string();
        self.with("Set-Cookie", &format!("{NOTICE_COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"))
    }

    /// The same, and beside it 復原 of line `act` of the journal.
    pub fn with_notice_to_undo(self, say: &str, act: i64) -> Response {
        self.with_notice(&format!("{act}{UNDO_MARK}{say}"))
    }

    /// The answer as it travels: head, then the body unless it answers a HEAD or is a file, which follows by itself. The
    /// length always stands in the head.
    pub fn write_to(&self, out: &mut Vec<u8>, with_body: bool) {
        let has_body = !matches!(self.status, 204 | 304);
        out.reserve(512 + if with_body { self.body.len() } else { 0 });
        let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
        add(&["HTTP/1.1 ", &self.status.to_string(), " ", reason(self.status), "\r\n"]);
        for (name, value) in &self.headers {
            add(&[name, ": ", value, "\r\n"]);
        }
        if has_body {
            let length = self.file.as_ref().map_or(self.body.len() as u64, |file| file.bytes);
            add(&["Content-Length: ", &length.to_string(), "\r\n"]);
        }
        add(&["\r\n"]);
        if has_body && with_body {
            out.extend_from_slice(&self.body);
        }
    }

    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What stands behind the number in the status line; only people with a wire tap read it.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        505 => "HTTP Version Not Supported",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_cannot_be_split() {
        let answer = Response::see_other("/a\r\nSet-Cookie: x=1").with_notice("已存\r\nX: y");
        assert_eq!(answer.header("Location"), None);
        assert!(answer.header("Set-Cookie").unwrap().is_ascii());
        let file = Response::download("text/csv", "客戶\r\n.csv", "");
        assert!(file.header("Content-Disposition").unwrap().ends_with("%0D%0A%2Ecsv"));
    }
}
