use std::fs;
use std::path::{Path, PathBuf};

use luckygas::backups::lock_up;
use luckygas::db::Lock;
use luckygas::error::{Doing, Error};
use luckygas::stops::photos;

use super::{Args, Command, Done, Failure, Word, say, verify};

pub const COMMAND: Command = Command {
    name: "pictures",
    about: "把第二份備份裡的照片補回來",
    help: "用法：luckygas pictures --from FOLDER [--data DIR]

FOLDER 是備份碟那樣的地方，裡面有 luckygas-photos.db，或上了鎖的 luckygas-photos-….db.age。
只補沒有的，原來的不動。上了鎖的用資料夾裡的密語，沒有就從標準輸入讀一行。要先關掉程式。",
    run: pictures,
};

/// Adds the pictures a second place has to those at home.
fn pictures(args: &mut Args) -> Done {
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
    let files = files(&from)?;
    if files.is_empty() {
        let say = format!("「{}」裡沒有照片檔。", from.display());
        return Err(Error::refused("no pictures there", say).into());
    }
    let mut passphrase = None;
    let mut added = 0;
    for file in &files {
        let home = photos::path(&folder);
        if !lock_up::is_locked(file) {
            added += photos::copy_new(file, &home, &|| true)?;
            continue;
        }
        if passphrase.is_none() {
            passphrase = Some(verify::passphrase(&folder));
        }
        if let Some(passphrase) = &passphrase {
            let open = lock_up::unlocked(file, &folder.join("uploads"), passphrase)?;
            added += photos::copy_new(open.path(), &home, &|| true)?;
        }
    }
    say(&format!("看了 {} 個檔案，補回 {added} 張照片。\n", files.len()));
    Ok(())
}

/// The files of pictures in `from`, packs in the order they were made.
fn files(from: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(from)
        .doing("look into the folder")
        .map_err(|_| Error::refused("the folder cannot be read", format!("「{}」讀不到，請先插好。", from.display())))?;
    let is_ours = |name: &str| name == "luckygas-photos.db" || (name.starts_with("luckygas-photos-") && name.ends_with(".db.age"));
    let mut files: Vec<PathBuf> =
        entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_ours)).map(|entry| entry.path()).collect();
    files.sort_unstable();
    Ok(files)
}
