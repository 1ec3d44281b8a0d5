use std::path::PathBuf;

use luckygas::backups::lock_up;
use luckygas::backups::restore::pictures;
use luckygas::db::Lock;
use luckygas::error::Error;

use super::{Args, Command, Done, Failure, Word, say, verify};

pub const COMMAND: Command = Command {
    name: "pictures",
    about: "把第二份備份裡的照片補回來",
    help: "用法：luckygas pictures --from FOLDER [--data DIR]

FOLDER 是備份碟那樣的地方，裡面有 luckygas-photos.db，或上了鎖的 luckygas-photos-….db.age。
只補沒有的，原來的不動。上了鎖的用資料夾裡的密語，沒有就從標準輸入讀一行。要先關掉程式。",
    run: bring,
};

/// Adds the pictures a second place has to those at home.
fn bring(args: &mut Args) -> Done {
    let mut from = None;
    while let Some(word) = args.next()? {
        match &word {
            Word::Option(name) if name == "from" => from = Some(PathBuf::from(args.text("--from")?)),
            _ => return Err(args.stray(&word)),
        }
    }
    let from = from.ok_or_else(|| Failure::Usage("pictures 要寫 --from 哪一個資料夾。".to_owned()))?;
    args.end()?;

    let folder = args.folder();
    let _lock = Lock::take(&folder)?;
    let unreadable = |_| Error::refused("the folder cannot be read", format!("「{}」讀不到，請先插好。", from.display()));
    let files = pictures::files(&from).map_err(unreadable)?;
    if files.is_empty() {
        let say = format!("「{}」裡沒有照片檔。", from.display());
        return Err(Error::refused("no pictures there", say).into());
    }
    let mut passphrase = None;
    let mut added = 0;
    for file in &files {
        if lock_up::is_locked(file) {
            let passphrase = passphrase.get_or_insert_with(|| verify::passphrase(&folder));
            added += pictures::add(file, &folder, Some(passphrase))?;
        } else {
            added += pictures::add(file, &folder, None)?;
        }
    }
    say(&format!("看了 {} 個檔案，補回 {added} 張照片。\n", files.len()));
    Ok(())
}
