//! An import is a batch of the shop's own files brought in together, all of it or none.
//!
//! A file is *understood* outside any transaction ([`understand`]), compared with what is there and *applied*
//! in one ([`apply`]); a dry run stops in between. The rules are those of the shop's data (business §6, §23, §24).
//!
//! Invariants
//! - Nothing is written before a person has seen what would be.
//! - The same file a second time changes nothing; the order of files does not change what is known in the end.
//! - What people have written of a customer stands against a newer client list, but for the cells that changed in the
//!   list itself.
//! - The newest import can be taken back, and then everything is as it was before it.

pub mod api;
pub mod apply;
pub mod clients;
pub mod commercial;
pub(crate) mod delimited;
pub mod history;
pub mod legacy;
pub mod pages;
pub mod pending;
pub mod plan;
pub mod read;
pub mod recognise;
pub mod report;
pub mod store;
pub mod take_back;
pub mod understand;
pub mod workbook;
pub mod xml;
pub mod zip;

use std::io;

use crate::error::{Error, Noun};

pub use understand::{Source, Understood, understand};

pub const NOUN: Noun = Noun { word: "import", label: "匯入" };

/// What a file is, known by its content alone. The order is that in which a batch is worked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Clients,
    History,
    Legacy,
    Commercial,
    Plan,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Clients, Kind::History, Kind::Legacy, Kind::Commercial, Kind::Plan];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Clients => "clients",
            Kind::History => "history",
            Kind::Legacy => "legacy",
            Kind::Commercial => "commercial",
            Kind::Plan => "plan",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Kind::Clients => "客戶資料",
            Kind::History => "配送紀錄",
            Kind::Legacy => "舊系統資料庫",
            Kind::Commercial => "營業配送明細",
            Kind::Plan => "預計配送表",
        }
    }
}

/// What is done with a row or cell that was not taken as it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Skip,
    Duplicate,
    Repair,
    DropCell,
    Keep,
    Stub,
}

impl Action {
    pub fn word(self) -> &'static str {
        match self {
            Action::Skip => "skip",
            Action::Duplicate => "duplicate",
            Action::Repair => "repair",
            Action::DropCell => "drop_cell",
            Action::Keep => "keep",
            Action::Stub => "stub",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Action::Skip => "不收這列",
            Action::Duplicate => "留一筆",
            Action::Repair => "改好後收下",
            Action::DropCell => "這格留空",
            Action::Keep => "照原文收下",
            Action::Stub => "建立暫存客戶",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which file of the batch.
    pub file: usize,
    /// As the spreadsheet shows it; a line number in a CSV, an id in the old program's file.
    pub row: Option<u32>,
    pub column: Option<Box<str>>,
    /// As it stood, at most 200 characters of it.
    pub value: Box<str>,
    /// A word of [`report::kind_label`].
    pub kind: &'static str,
    pub action: Action,
    /// How many rows the line stands for.
    pub count: u32,
}

/// Why a whole file is not taken. Nothing of the batch is written then.
#[derive(Debug)]
pub struct Refusal {
    /// For the log, in English.
    pub rule: &'static str,
    /// For the person, without the file's name.
    pub say: String,
}

impl Refusal {
    pub fn new(rule: &'static str, say: impl Into<String>) -> Refusal {
        Refusal { rule, say: say.into() }
    }

    pub fn unreadable(_: io::Error) -> Refusal {
        Refusal::new("file cannot be read", "這個檔案讀不到，請再選一次。")
    }

    pub fn cut_off() -> Refusal {
        Refusal::new("file is cut off", "這個檔案不完整，可能沒有下載完或已經損壞，請重新取得再試。")
    }

    pub fn broken() -> Refusal {
        Refusal::new("file is broken", "這個檔案的內容不對，讀不下去。請用 Excel 打開、另存新檔再試。")
    }

    pub fn too_large() -> Refusal {
        Refusal::new("file is too large", "這個檔案解開後太大，收不下。")
    }

    pub fn password() -> Refusal {
        Refusal::new("file has a password", "這個檔案有密碼。請先在 Excel 拿掉密碼再試。")
    }

    /// An error met while inflating.
    pub fn of_io(error: io::Error) -> Refusal {
        if error.kind() == io::ErrorKind::FileTooLarge { Refusal::too_large() } else { Refusal::cut_off() }
    }

    /// As the error a page or the command line answers with.
    pub fn of_file(self, name: &str) -> Error {
        log::info!("an import file is refused rule=\"{}\"", self.rule);
        Error::invalid("files", format!("「{name}」：{}", self.say))
    }
}

/// What bringing `sources` in would come to. Nothing is written.
pub fn dry_run(app: &crate::App, sources: &[Source]) -> crate::Result<report::Report> {
    let settings = app.settings();
    let said = understand(sources, app.now().day(), &settings, &mut |_, _| {})?;
    app.db.read(|conn| apply::plan(conn, &said, &settings)).map(|plan| plan.report)
}

/// Brings `sources` in, all of them or none.
pub fn import(app: &crate::App, sources: &[Source], by: crate::journal::By) -> crate::Result<report::Report> {
    let settings = app.settings();
    let said = understand(sources, by.at.day(), &settings, &mut |_, _| {})?;
    app.db.write(|tx| apply::apply(tx, &said, &settings, by, &mut |_| {}))
}
