use luckygas::backups::restore;
use luckygas::db::{self, Finding};
use luckygas::start;
use luckygas::stops::photos;

use super::{Args, Command, Done, Failure, open, say};

pub const COMMAND: Command = Command {
    name: "check",
    about: "檢查資料檔是否完整",
    help: "用法：luckygas check [--data DIR]

逐項檢查資料檔：完整、關聯、版本、統計。有一項不對就以 1 結束。資料不會改變。",
    run: check,
};

/// Asks the file every question there is and says each answer.
fn check(args: &mut Args) -> Done {
    args.end()?;
    let folder = args.folder();
    // A WAL that holds something, with no file beside it, is for the opening to speak of.
    let has_wal = db::disk::has_content(&folder.join("luckygas.db-wal"));
    if !folder.join("luckygas.db").exists() && !has_wal && !restore::is_waiting(&folder) {
        start::look(&folder)?;
        return Err(luckygas::Error::refused("no database", format!("「{}」裡沒有資料檔。", folder.display())).into());
    }
    let _lock = super::enter(&folder)?;
    let app = open(&folder)?;
    let mut findings = app.db.read(db::check)?;
    let (named, lost) = app.db.read(|conn| photos::missing(conn, &app.photos))?;
    findings.push(Finding { what: "照片都在", is_good: lost == 0, detail: format!("{lost} 張找不到，共 {named} 張") });
    for finding in &findings {
        say(&format!("{} {}：{}\n", if finding.is_good { "✓" } else { "✕" }, finding.what, finding.detail));
    }
    if findings.iter().all(|finding| finding.is_good) { Ok(()) } else { Err(Failure::Failed) }
}
