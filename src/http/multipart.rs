//! A `multipart/form-data` body (RFC 7578), split while it is read: whatever its size, only a window of
//! it is in memory. Files go to files of their own, the other fields come back as text.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;

use crate::error::{Doing, Error, Result};
use crate::http::request::Upload;

const WINDOW_BYTES: usize = 64 * 1024;
/// All text fields together.
const MOST_TEXT_BYTES: usize = 64 * 1024;
const MOST_PARTS: usize = 200;
const MOST_HEAD_BYTES: usize = 8 * 1024;

/// What a body held. Dropping it removes the files nobody has moved away.
#[derive(Debug, Default)]
pub struct Parts {
    pub fields: Vec<(String, String)>,
    pub uploads: Vec<Upload>,
}

impl Drop for Parts {
    fn drop(&mut self) {
        for upload in &self.uploads {
            let _ = std::fs::remove_file(&upload.path);
        }
    }
}

/// The boundary a `Content-Type` names; `None` when it is another type.
pub fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = rest.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim())
    })?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_fine = (1..=70).contains(&value.len()) && value.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"');
    is_fine.then(|| value.to_owned())
}

/// Splits `body`; files are made in `folder`. `BadRequest` when it is not what its type says, `TooLarge`
/// when its text fields are more than a form of ours holds.
pub fn split(body: impl Read, boundary: &str, folder: &Path) -> Result<Parts> {
    let delimiter = format!("\r\n--{boundary}");
    let delimiter = Finder::new(delimiter.as_bytes());
    let head_end = Finder::new(b"\r\n\r\n");
    let mut window = Window::new(body);
    let mut parts = Parts::default();
    let mut text_bytes = 0;
    // What stands before the first delimiter is a preamble, and nobody's.
    window.copy_until(&delimiter, |_| Ok(()))?;
    for _ in 0..MOST_PARTS {
        if window.ends()? {
            return Ok(parts);
        }
        let mut head = Vec::new();
        // The line break after the delimiter belongs to the head, so that an empty head ends at once.
        window.copy_until(&head_end, |bytes| keep(&mut head, bytes, MOST_HEAD_BYTES, Error::BadRequest("a part's head is too large")))?;
        let disposition = Disposition::parse(&head)?;
        let Some(file_name) = disposition.file_name else {
            let mut value = Vec::new();
            window.copy_until(&delimiter, |bytes| keep(&mut value, bytes, MOST_TEXT_BYTES - text_bytes, Error::TooLarge))?;
            text_bytes += value.len();
            let value = String::from_utf8(value).map_err(|_| Error::BadRequest("a field is not UTF-8"))?;
            if value.contains('\0') {
                return Err(Error::BadRequest("the form holds a NUL"));
            }
            parts.fields.push((disposition.name, value));
            continue;
        };
        let path = next_path(folder);
        let mut file = File::create(&path).doing("make a file for an upload")?;
        // Listed before it is filled, so that it is removed when the rest fails.
        parts.uploads.push(Upload { field: disposition.name, name: file_name, path, bytes: 0 });
        let mut bytes = 0;
        window.copy_until(&delimiter, |chunk| {
            bytes += chunk.len() as u64;
            file.write_all(chunk).doing("write an upload")
        })?;
        if let Some(upload) = parts.uploads.last_mut() {
            upload.bytes = bytes;
        }
        // A file field in which nobody chose a file.
        if bytes == 0 && parts.uploads.last().is_some_and(|upload| upload.name.is_empty()) {
            let nothing = parts.uploads.pop();
            let _ = nothing.map(|upload| std::fs::remove_file(upload.path));
        }
    }
    Err(Error::BadRequest("too many parts"))
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8], most: usize, error: Error) -> Result<()> {
    if most < kept.len() + bytes.len() {
        return Err(error);
    }
    kept.extend_from_slice(bytes);
    Ok(())
}

/// The beginning of the names of our files in the folder, by which leftovers are known at the next start.
pub const FILE_PREFIX: &str = "part-";

fn next_path(folder: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    folder.join(format!("{FILE_PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A body as it goes by.
struct Window<R> {
    body: R,
    bytes: Vec<u8>,
    start: usize,
}

impl<R: Read> Window<R> {
    fn new(body: R) -> Window<R> {
        let mut bytes = Vec::with_capacity(2 * WINDOW_BYTES);
        // The first delimiter stands at the very beginning, without the line break the others have.
        bytes.extend_from_slice(b"\r\n");
        Window { body, bytes, start: 0 }
    }

    /// Gives what comes before `mark` to `take` and goes behind it; `BadRequest` when it never comes.
    fn copy_until(&mut self, mark: &Finder<'_>, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        loop {
            let here = &self.bytes[self.start..];
            if let Some(at) = mark.find(here) {
                take(&here[..at])?;
                self.start += at + mark.needle().len();
                return Ok(());
            }
            // The last bytes may be the beginning of a mark.
            let sure = here.len().saturating_sub(mark.needle().len() - 1);
            take(&here[..sure])?;
            self.start += sure;
            if self.read()? == 0 {
                return Err(Error::BadRequest("the multipart body is cut short"));
            }
        }
    }

    /// After a delimiter: whether it was the last. Stays before the line break otherwise.
    fn ends(&mut self) -> Result<bool> {
        while self.bytes.len() - self.start < 2 {
            if self.read()? == 0 {
                return Err(Error::BadRequest("the multipart body is cut short"));
            }
        }
        match &self.bytes[self.start..self.start + 2] {
            b"--" => Ok(true),
            b"\r\n" => Ok(false),
            _ => Err(Error::BadRequest("a multipart delimiter is malformed")),
        }
    }

    fn read(&mut self) -> Result<usize> {
        self.bytes.drain(..self.start);
        self.start = 0;
        let filled = self.bytes.len();
        self.bytes.resize(filled + WINDOW_BYTES, 0);
        let count = self.body.read(&mut self.bytes[filled..]).doing("read an upload");
        self.bytes.truncate(filled + *count.as_ref().unwrap_or(&0));
        count
    }
}

struct Disposition {
    name: String,
    file_name: Option<String>,
}

impl Disposition {
    /// From the head lines of a part.
    fn parse(head: &[u8]) -> Result<Disposition> {
        let head = String::from_utf8_lossy(head);
        let line = head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        });
        let params = line.and_then(|line| line.trim().strip_prefix("form-data")).map(params).unwrap_or_default();
        let find = |name: &str| params.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone());
        // Python and some others write names that are not ASCII in the form of RFC 5987.
        let encoded =
            find("filename*").and_then(|value| Some(percent_decode_str(value.split("''").nth(1)?).decode_utf8().ok()?.into_owned()));
        let file_name = encoded.or_else(|| find("filename").map(|name| unescaped(&name))).map(|name| shown(&name));
        match find("name") {
            Some(name) if !name.contains('\0') => Ok(Disposition { name: unescaped(&name), file_name }),
            _ => Err(Error::BadRequest("a part has no name")),
        }
    }
}

/// `; name="a"; filename="b c"` as pairs, names in lower case.
fn params(mut text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    while let Some((_, rest)) = text.split_once(';') {
        let Some((name, rest)) = rest.split_once('=') else { break };
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted),
            None => {
                let end = rest.find(';').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        pairs.push((name.trim().to_ascii_lowercase(), value));
        text = rest;
    }
    pairs
}

/// Up to the closing quote. Only `\"` is an escape: browsers write `%22`, and a Windows path keeps its `\`.
fn quoted_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' if text[at + 1..].starts_with('"') => {
                value.push('"');
                rest.next();
            }
            c => value.push(c),
        }
    }
    (value, "")
}

/// The three characters browsers escape in names (HTML standard, multipart/form-data encoding algorithm).
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// A file's name for people: no folders, nothing invisible, not endless.
fn shown(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives a few bytes at a time, so that marks fall across reads.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("luckygas-multipart-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_browsers_form_is_split() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"C:\\甲\\客戶%22.xlsx\"\r\nContent-Type: a/b\r\n\r\nPK\r\n--\r\n\r\n--x\r\n\
                    --x\r\n\r\n";
        assert!(matches!(split(body.as_bytes(), "x", &folder()), Err(Error::BadRequest(_))), "a part without a head");
        let body =
            body.replace("--x\r\n--x\r\n\r\n", "--x\r\nContent-Disposition: form-data; name=none; filename=\"\"\r\n\r\n\r\n--x--\r\n");
        let parts = split(body.as_bytes(), "x", &folder()).unwrap();
        assert_eq!(parts.fields, [("csrf".to_owned(), "abc".to_owned())]);
        let [upload] = parts.uploads.as_slice() else { panic!("{parts:?}") };
        assert_eq!((upload.field.as_str(), upload.name.as_str(), upload.bytes), ("files", "客戶\".xlsx", 8));
        let path = upload.path.clone();
        assert_eq!(std::fs::read(&path).unwrap(), b"PK\r\n--\r\n");
        drop(parts);
        assert!(!path.exists());
    }

    #[test]
    fn boundaries_are_read_as_browsers_and_programs_write_them() {
        let cases = [
            ("multipart/form-data; boundary=----WebKitFormBoundaryX", Some("----WebKitFormBoundaryX")),
            ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", Some("a b")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/mixed; boundary=x", None),
            ("application/json", None),
        ];
        for (kind, wanted) in cases {
            assert_eq!(boundary(kind).as_deref(), wanted, "{kind}");
        }
    }

    #[test]
    fn a_form_of_endless_text_or_parts_is_refused() {
        let long = format!("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n{}\r\n--x--", "a".repeat(70_000));
        assert!(matches!(split(long.as_bytes(), "x", &folder()), Err(Error::TooLarge)));
        let many = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n".repeat(300) + "--x--";
        assert!(matches!(split(many.as_bytes(), "x", &folder()), Err(Error::BadRequest(_))));
        let head = format!("--x\r\nX: {}\r\n\r\n1\r\n--x--", "a".repeat(9_000));
        assert!(matches!(split(head.as_bytes(), "x", &folder()), Err(Error::BadRequest(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn what_was_sent_comes_out(
            fields in prop::collection::vec(("[a-z]{1,8}", "[^\0]{0,40}"), 0..4),
            files in prop::collection::vec(("[a-z]{1,8}", "[^\0-\x1f\"\\\\/%]{1,20}", prop::collection::vec(any::<u8>(), 0..3000)), 0..3),
            step in 1usize..70,
        ) {
            let mut body = Vec::new();
            for (name, value) in &fields {
                body.extend_from_slice(format!("--a-boundary-7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
            }
            for (name, file, bytes) in &files {
                body.extend_from_slice(
                    format!("--a-boundary-7\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n").as_bytes());
                body.extend_from_slice(bytes);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"--a-boundary-7--\r\n");
            let parts = split(Drip(&body, step), "a-boundary-7", &folder()).unwrap();
            prop_assert_eq!(&parts.fields, &fields);
            prop_assert_eq!(parts.uploads.len(), files.len());
            for (upload, (name, file, bytes)) in parts.uploads.iter().zip(&files) {
                let kept: String = file.chars().filter(|c| !c.is_control()).collect();
                prop_assert_eq!((&upload.field, &upload.name, upload.bytes), (name, &kept, bytes.len() as u64));
                prop_assert_eq!(&std::fs::read(&upload.path).unwrap(), bytes);
            }
        }

        #[test]
        fn no_body_makes_it_panic(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just(b"--x".to_vec()), Just(b"\r\n".to_vec()), Just(b"--".to_vec()), Just(b"\r\n\r\n".to_vec()),
                    Just(b"Content-Disposition: form-data; name=\"".to_vec()), Just(b"\"; filename=\"".to_vec()), Just(b"\\\"".to_vec()),
                    prop::collection::vec(any::<u8>(), 0..20),
                ],
                0..30,
            ),
            step in 1usize..50,
        ) {
            let _ = split(Drip(&pieces.concat(), step), "x", &folder());
        }
    }
}
