//! A request, read completely and parsed once.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::error::{Error, Noun, Result};
use crate::journal::By;
use crate::users::{Role, Session};
use crate::values::Stamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    pub fn from_word(word: &str) -> Option<Method> {
        [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// Whether a request of this kind may change something, and so needs proof of where it comes from.
    pub fn changes(self) -> bool {
        !matches!(self, Method::Get | Method::Head)
    }
}

/// A file that came with a multipart form, spooled to disk by the door; whoever keeps it moves it away,
/// the others are removed when the request is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The form field it came in.
    pub field: String,
    /// As the person's computer called it; only ever shown, never used as a path.
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// As it came, without the query: `/customers/17`.
    pub path: String,
    /// `path` between its slashes, each decoded once.
    pub segments: Vec<String>,
    /// Decoded pairs in the order they came; a key may repeat.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Forms and JSON, at most what the address allows; empty when the body was a multipart form.
    pub body: Vec<u8>,
    /// The files of a multipart form; its other fields are read with [`Request::form`].
    pub uploads: Vec<Upload>,
    pub peer: IpAddr,
    pub at: Stamp,
    /// Who is signed in; filled in by `urls::answer` before a handler sees the request.
    pub session: Option<Session>,
    /// The `{…}` of the matched address.
    pub params: Vec<(&'static str, String)>,
    /// Decoded pairs of a form body, parsed when the request is made.
    form: Vec<(String, String)>,
}

impl Request {
    /// `target` is a path with an optional query. `BadRequest` when it, or a form body, cannot be decoded.
    pub fn new(method: Method, target: &str, headers: Vec<(String, String)>, body: Vec<u8>, at: Stamp) -> Result<Request> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path.split('/').filter(|part| !part.is_empty()).map(segment).collect::<Result<Vec<_>>>()?;
        let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let kind = headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value.as_str());
        let form = if kind.starts_with("application/x-www-form-urlencoded") { pairs(&body)? } else { Vec::new() };
        Ok(Request {
            method,
            path: path.to_owned(),
            segments,
            query: pairs(query.as_bytes())?,
            headers,
            body,
            uploads: Vec::new(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            at,
            session: None,
            params: Vec::new(),
            form,
        })
    }

    /// The value of header `name`, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.header("cookie")?
            .split(';')
            .find_map(|pair| pair.trim().split_once('=').filter(|(have, _)| *have == name).map(|(_, value)| value))
    }

    /// Forgets every cookie but those whose names begin with `mark`, and calls these by what follows it: two shops on one
    /// PC get each other's cookies, for a cookie does not know ports.
    pub fn keep_cookies_of(&mut self, mark: &str) {
        for (_, value) in self.headers.iter_mut().filter(|(name, _)| name == "cookie") {
            let own: Vec<&str> = value.split(';').filter_map(|pair| pair.trim().strip_prefix(mark)).collect();
            *value = own.join("; ");
        }
    }

    /// The first `name` of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The first `name` of the form, untrimmed.
    pub fn form(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// All pairs of the form, to draw it again as it was typed.
    pub fn form_pairs(&self) -> &[(String, String)] {
        &self.form
    }

    /// Adds a form field a multipart body carried.
    pub fn add_form(&mut self, name: &str, value: String) {
        self.form.push((name.to_owned(), value));
    }

    /// The JSON body; `BadRequest` when it is none.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).map_err(|_| Error::BadRequest("the body is not JSON"))
    }

    /// The JSON body, which must be an object; `BadRequest` when it is none.
    pub fn json_object(&self) -> Result<serde_json::Map<String, serde_json::Value>> {
        match self.json()? {
            serde_json::Value::Object(object) => Ok(object),
            _ => Err(Error::BadRequest("the body is no JSON object")),
        }
    }

    /// The `{name}` of the address as its type; an id that is no number is a thing that does not exist.
    pub fn param<T: FromStr>(&self, name: &str) -> Result<T> {
        let text = self.params.iter().find(|(have, _)| *have == name).map_or("", |(_, value)| value.as_str());
        text.parse().map_err(|_| Error::NoPage)
    }

    /// The `{id}` of the address; what is no number is a thing that does not exist.
    pub fn id<T: FromStr>(&self, noun: Noun) -> Result<T> {
        let typed: String = self.param("id")?;
        typed.parse().map_err(|_| Error::no_such(noun, &typed))
    }

    /// Who is signed in. Addresses that need nobody do not ask.
    pub fn session(&self) -> Result<&Session> {
        self.session.as_ref().ok_or(Error::SignedOut)
    }

    /// Finer than the address: one field of a form, one button of a page.
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if self.may(roles) { Ok(()) } else { Err(Error::Forbidden) }
    }

    pub fn may(&self, roles: &[Role]) -> bool {
        self.session.as_ref().is_some_and(|session| roles.contains(&session.role))
    }

    /// Who acts and when, for the journal.
    pub fn by(&self) -> By {
        By { user: self.session.as_ref().map(|session| session.user_id), at: self.at }
    }

    /// Whether the answer should be JSON: everything under `/api/`.
    pub fn wants_json(&self) -> bool {
        self.segments.first().is_some_and(|first| first == "api")
    }
}

/// One part of a path, decoded. What would mean another path to somebody else is refused.
fn segment(part: &str) -> Result<String> {
    let text = percent_decode_str(part).decode_utf8().map_err(|_| Error::BadRequest("the path is not UTF-8"))?;
    let is_trap = text == "." || text == ".." || text.contains(['/', '\\', '\0']) || text.chars().any(char::is_control);
    if is_trap { Err(Error::BadRequest("the path holds a trap")) } else { Ok(text.into_owned()) }
}

/// Pairs of a query or a form. NUL has no place in either.
fn pairs(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    const MOST: usize = 2_000;
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(bytes).take(MOST + 1).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    if MOST < pairs.len() || pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(Error::BadRequest("the form holds too much or a NUL"));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str) -> Result<Request> {
        Request::new(Method::Get, target, vec![], vec![], Stamp(0))
    }

    #[test]
    fn cookies_of_the_shop_beside_are_not_seen() {
        let cookies = "luckygas=a; practice-luckygas=b; luckygas_notice=c;past-luckygas=d; practice-luckygas_notice=e";
        let mut req = Request::new(Method::Get, "/", vec![("Cookie".into(), cookies.into())], vec![], Stamp(0)).unwrap();
        assert_eq!((req.cookie("luckygas"), req.cookie("luckygas_notice")), (Some("a"), Some("c")));
        req.keep_cookies_of("practice-");
        assert_eq!((req.cookie("luckygas"), req.cookie("luckygas_notice")), (Some("b"), Some("e")));
        req.keep_cookies_of("practice-");
        assert_eq!(req.cookie("luckygas"), None);
    }

    #[test]
    fn paths_are_decoded_once_and_traps_refused() {
        assert_eq!(get("/a/%E8%87%BA%E6%9D%B1?q=%E7%94%B2+b&q=c").unwrap().segments, ["a", "臺東"]);
        assert_eq!(get("/?q=%E7%94%B2+b&q=c").unwrap().query, [("q".into(), "甲 b".into()), ("q".into(), "c".into())]);
        assert_eq!(get("/%252e%252e").unwrap().segments, ["%2e%2e"]);
        for target in ["/..", "/a/%2e%2e/b", "/a%2fb", "/a%00b", "/%ff", "/a%5cb", "/?q=%00"] {
            assert!(matches!(get(target), Err(Error::BadRequest(_))), "{target}");
        }
    }
}
