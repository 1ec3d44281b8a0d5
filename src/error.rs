//! The one error of the program, with two readers: the log (`Display`, English) and the person at
//! the counter (`user_message`, zh-TW, without path, SQL or cause).

use std::borrow::Cow;
use std::{fmt, io};

use rusqlite::ErrorCode;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A kind of thing the shop has, in the program's word and in the shop's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    pub word: &'static str,
    pub label: &'static str,
}

/// One thing that is wrong with a form: the field it is about and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: Cow<'static, str>,
    pub say: Cow<'static, str>,
}

/// Why nothing can be stored for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The disk is full.
    Full,
    /// The folder does not let itself be written to any more.
    Unwritable,
    /// The file itself is damaged; only another file ends this.
    Damaged,
}

impl Held {
    /// What is so, without what to do.
    pub const STATE: &str = "現在只能看，不能存";

    /// Why, and what to do; the rest of the sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Held::Full => "硬碟滿了，清出 2 GB 就會自己恢復。",
            Held::Damaged => "資料檔有地方損壞，請老闆到「資料」→「備份」用最近的備份還原。",
            Held::Unwritable => "資料夾不能寫入，請檢查硬碟和權限，好了會自己恢復。",
        }
    }

    /// The whole sentence.
    pub fn say(self) -> &'static str {
        match self {
            Held::Full => "現在只能看，不能存。硬碟滿了，清出 2 GB 就會自己恢復。",
            Held::Damaged => "現在只能看，不能存。資料檔有地方損壞，請老闆到「資料」→「備份」用最近的備份還原。",
            Held::Unwritable => "現在只能看，不能存。資料夾不能寫入，請檢查硬碟和權限，好了會自己恢復。",
        }
    }
}

#[derive(Debug)]
pub enum Error {
    /// 400. The request cannot be understood at all; a browser following our pages never sends it.
    BadRequest(&'static str),
    /// 409. Nobody has an account yet: the first run comes first.
    NotSetUp,
    /// 401. Nobody is signed in.
    SignedOut,
    /// 401. The name or the password is wrong; which of them is not told.
    WrongPassword,
    /// 403. Somebody is, but this is not theirs to do.
    Forbidden,
    /// 403. Somebody is, with a first password that is to be changed before anything else.
    PasswordFirst,
    /// 404. No such address.
    NoPage,
    /// 404. No such thing, or none this user may see.
    NotFound { noun: Noun, id: String },
    /// 405. The address exists, but does not take this method.
    Method,
    /// 409. It was true when the page was drawn, and is not any more.
    Conflict { rule: &'static str, say: Cow<'static, str> },
    /// 413. More than this address takes.
    TooLarge,
    /// 422. The form can be mended and sent again.
    Invalid(Vec<Problem>),
    /// 429. Too many tries; how long to wait is in the sentence, and in seconds for programs.
    TooMany { say: Cow<'static, str>, wait_s: u32 },
    /// 500. What the person at the PC can mend: a folder, a port, a file. May name a path.
    Refused { rule: &'static str, say: String },
    /// 503. Too much of something costly at once.
    Busy,
    /// 503. Everything can be looked at and nothing stored, until the disk takes it again.
    ReadOnly(Held),
    /// 500. Ours to mend.
    Internal { doing: String, source: Box<dyn std::error::Error + Send + Sync>, reference: Reference },
}

/// The code and the sentence of a file there is no room for.
pub const NO_ROOM: (&str, &str) = ("no_room", "硬碟空間不夠，收不下。請先清出空間再試一次。");

/// What the person reads out over the phone and the log line carries: `K7-204-9C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(u32);

impl Reference {
    /// A fresh one. Where the system has no randomness left there are graver troubles than two alike.
    pub fn new() -> Reference {
        Reference(getrandom::u32().unwrap_or_default())
    }
}

impl Default for Reference {
    fn default() -> Reference {
        Reference::new()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No letter that sounds like another or looks like a digit.
        const LETTERS: &[u8; 16] = b"ACEFHKLMNPRTUWXY";
        let letter = |shift: u32| char::from(LETTERS[(self.0 >> shift) as usize % LETTERS.len()]);
        let digits = (self.0 >> 8) % 100_000;
        write!(f, "{}{}-{:03}-{}{}", letter(0), digits / 10_000, digits / 10 % 1_000, digits % 10, letter(4))
    }
}

impl Error {
    pub fn conflict(rule: &'static str, say: impl Into<Cow<'static, str>>) -> Error {
        Error::Conflict { rule, say: say.into() }
    }

    pub fn refused(rule: &'static str, say: impl Into<String>) -> Error {
        Error::Refused { rule, say: say.into() }
    }

    pub fn not_found(noun: Noun, id: impl fmt::Display) -> Error {
        Error::NotFound { noun, id: id.to_string() }
    }

    /// The same for what somebody sent instead of an id, of which only the beginning is told.
    pub fn no_such(noun: Noun, typed: &str) -> Error {
        Error::not_found(noun, typed.chars().take(20).collect::<String>())
    }

    /// A form with one thing wrong.
    pub fn invalid(field: impl Into<Cow<'static, str>>, say: impl Into<Cow<'static, str>>) -> Error {
        Error::Invalid(vec![Problem { field: field.into(), say: say.into() }])
    }

    /// A case that cannot happen, said instead of a panic.
    pub fn impossible(doing: impl Into<String>) -> Error {
        Error::internal(doing, "an impossible case")
    }

    /// Finishes *could not …* with a cause of our own or of another library.
    pub fn internal(doing: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Internal { doing: doing.into(), source: source.into(), reference: Reference::new() }
    }

    /// Whether a file could not be written for want of room; the shop's own file is held before it comes to that.
    pub fn is_out_of_room(&self) -> bool {
        let Error::Internal { source, .. } = self else { return false };
        let kind = source.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// Whether SQLite said that the file is damaged.
    pub fn is_damage(&self) -> bool {
        let Error::Internal { source, .. } = self else { return false };
        source.downcast_ref().and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseCorrupt)
    }

    pub fn status(&self) -> u16 {
        match self {
            _ if self.is_out_of_room() => 507,
            Error::BadRequest(_) => 400,
            Error::SignedOut | Error::WrongPassword => 401,
            Error::Forbidden | Error::PasswordFirst => 403,
            Error::NoPage | Error::NotFound { .. } => 404,
            Error::Method => 405,
            Error::Conflict { .. } | Error::NotSetUp => 409,
            Error::TooLarge => 413,
            Error::Invalid(_) => 422,
            Error::TooMany { .. } => 429,
            Error::Refused { .. } | Error::Internal { .. } => 500,
            Error::Busy | Error::ReadOnly(_) => 503,
        }
    }

    /// The word a program reads in `{"error": {"code": …}}`.
    pub fn code(&self) -> &'static str {
        match self {
            _ if self.is_out_of_room() => NO_ROOM.0,
            Error::BadRequest(_) => "bad_request",
            Error::NotSetUp => "not_set_up",
            Error::SignedOut => "signed_out",
            Error::WrongPassword => "wrong_password",
            Error::Forbidden => "forbidden",
            Error::PasswordFirst => "must_change_password",
            Error::NoPage | Error::NotFound { .. } => "not_found",
            Error::Method => "method_not_allowed",
            Error::Conflict { .. } => "conflict",
            Error::TooLarge => "too_large",
            Error::Invalid(_) => "invalid",
            Error::TooMany { .. } => "too_many",
            Error::Refused { .. } | Error::Internal { .. } => "internal",
            Error::Busy => "busy",
            Error::ReadOnly(_) => "read_only",
        }
    }

    /// One zh-TW sentence that says what is so, then what to do.
    pub fn user_message(&self) -> Cow<'static, str> {
        match self {
            _ if self.is_out_of_room() => NO_ROOM.1.into(),
            Error::BadRequest(_) => "這個要求看不懂，請重新整理頁面再試。".into(),
            Error::NotSetUp => "這間店還沒設定好，請先用瀏覽器打開，建立老闆的帳號。".into(),
            Error::SignedOut => "請先登入。".into(),
            Error::WrongPassword => "帳號或密碼不對，請再試一次。".into(),
            Error::Forbidden => "你沒有這項權限，請找經理。".into(),
            Error::PasswordFirst => "第一次登入，請先換成自己的密碼。".into(),
            Error::NoPage => "沒有這一頁。".into(),
            Error::NotFound { noun, id } => format!("找不到{} {id}。", noun.label).into(),
            Error::Method => "這個網址不能這樣用。".into(),
            Error::Conflict { say, .. } => say.clone(),
            Error::TooLarge => "檔案或內容太大，收不下。".into(),
            Error::Invalid(problems) => match problems.as_slice() {
                [one] => one.say.clone(),
                _ => format!("有 {} 個欄位需要修改。", problems.len()).into(),
            },
            Error::TooMany { say, .. } => say.clone(),
            Error::Refused { say, .. } => say.clone().into(),
            Error::Busy => "現在太忙，請等幾秒再試。".into(),
            Error::ReadOnly(why) => why.say().into(),
            Error::Internal { source, reference, .. } => match source.downcast_ref().and_then(rusqlite::Error::sqlite_error_code) {
                Some(ErrorCode::DiskFull) => Held::Full.say().into(),
                Some(ErrorCode::OperationInterrupted) => "這一頁查太久，先停了，免得擋到別人。請把日子或條件縮小再查。".into(),
                _ if is_damage(source.as_ref()) => {
                    format!("資料檔有地方損壞，這一步沒有做成。請先停下來，準備最近的備份；代碼 {reference}。").into()
                }
                _ => format!("這一步沒有做成，資料沒有變。請再試一次；還是不行，念代碼 {reference}。").into(),
            },
        }
    }
}

/// Whether SQLite could not read on, or read what the program never writes: text that is none, a word it does not know.
fn is_damage(source: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    match source.downcast_ref::<rusqlite::Error>() {
        Some(rusqlite::Error::Utf8Error(..) | rusqlite::Error::FromSqlConversionFailure(..)) => true,
        Some(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt),
        None => false,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::BadRequest(why) => write!(f, "bad request: {why}"),
            Error::NotSetUp => f.write_str("the shop is not set up yet"),
            Error::SignedOut => f.write_str("nobody is signed in"),
            Error::WrongPassword => f.write_str("wrong name or password"),
            Error::Forbidden => f.write_str("not allowed for this role"),
            Error::PasswordFirst => f.write_str("the first password is not changed yet"),
            Error::NoPage => f.write_str("no such address"),
            Error::NotFound { noun, id } => write!(f, "no {} {id}", noun.word),
            Error::Method => f.write_str("method not allowed"),
            Error::Conflict { rule, .. } => f.write_str(rule),
            Error::TooLarge => f.write_str("too large"),
            Error::Invalid(problems) => {
                let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
                write!(f, "invalid: {}", fields.join(", "))
            }
            Error::TooMany { .. } => f.write_str("too many tries"),
            Error::Refused { rule, .. } => f.write_str(rule),
            Error::Busy => f.write_str("too busy"),
            Error::ReadOnly(why) => write!(f, "read-only: {why:?}"),
            Error::Internal { doing, source, reference } => write!(f, "could not {doing}: {source} code={reference}"),
        }
    }
}

impl std::error::Error for Error {}

/// Finishes the sentence *could not …* where a foreign error becomes ours.
pub trait Doing<T> {
    fn doing(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Box<dyn std::error::Error + Send + Sync>>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|source| Error::internal(what.to_string(), source))
    }
}
