use std::path::{Path, PathBuf};

use luckygas::Error;
use luckygas::backups::list::Backup;
use luckygas::backups::{Kind, jobs, make};
use luckygas::values::Stamp;

use super::{Args, Command, Done, Failure, Word, say};

pub const COMMAND: Command = Command {
    name: "backup",
    about: "做一份驗過的備份，開著店也可以",
    help: "用法：luckygas backup [--to FOLDER|FILE] [--data DIR]

在 backups 資料夾做一份備份，從頭讀到尾、重數過才算。程式開著的時候也可以用。

  --to FOLDER|FILE   再放一份到這裡，例如 USB 碟；放好會再讀一次，和原來的一樣才算",
    run: backup,
};

/// Makes a copy of the shop's file, and another one elsewhere when that is asked for.
fn backup(args: &mut Args) -> Done {
    let mut to = None;
    while let Some(word) = args.next()? {
        match &word {
            Word::Option(name) if name == "to" => to = Some(PathBuf::from(args.value("--to")?)),
            _ => return Err(args.stray(&word)),
        }
    }
    args.end()?;
    let folder = args.folder();
    if !folder.join("luckygas.db").exists() {
        return Err(Error::refused("no database", format!("「{}」裡沒有資料檔。", folder.display())).into());
    }

    let made = make::make_offline(&folder, Kind::Manual, Stamp::now())?;
    say(&format!("備份好了：{}\n　　　　　{}\n", made.path.display(), jobs::said(&made)));
    if let Some(to) = to {
        let path = make::copy_to(&made, &target(&made, &to)?)?;
        say(&format!("也放在　：{}\n　　　　　讀回來和原來的一樣。\n", path.display()));
    }
    Ok(())
}

/// Where the second one goes: into a folder under its own name, or to a file nobody has yet.
fn target(made: &Backup, to: &Path) -> Result<PathBuf, Failure> {
    let path = if to.is_dir() { to.join(made.name.to_string()) } else { to.to_owned() };
    if path.exists() {
        return Err(Error::refused("the target exists", format!("「{}」已經有了，請換一個名字。", path.display())).into());
    }
    Ok(path)
}
