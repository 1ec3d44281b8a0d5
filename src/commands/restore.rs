use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use luckygas::Error;
use luckygas::backups::restore::{self, End, Found, Loss};
use luckygas::values::Stamp;

use super::{Args, Command, Done, Failure, Word, say};

pub const COMMAND: Command = Command {
    name: "restore",
    about: "從備份還原",
    help: "用法：luckygas restore FILE [--yes] [--data DIR]

  FILE    備份檔，或另一個資料夾裡的 luckygas.db；它不會被改動
  --yes   不問，直接還原

先說檔案裡有什麼、會少掉什麼，再還原。現在的資料檔會留在 backups 資料夾。
開著店的時候，請在網頁的「備份」按「還原」。",
    run: restore,
};

/// What has to be typed before anything is done.
const WORD: &str = "還原";

/// Puts a copy in the place of the closed shop's file.
fn restore(args: &mut Args) -> Done {
    let (mut path, mut is_sure) = (None, false);
    while let Some(word) = args.next()? {
        match &word {
            Word::Option(name) if name == "yes" => is_sure = true,
            Word::Value(value) if path.is_none() => path = Some(PathBuf::from(value)),
            _ => return Err(args.stray(&word)),
        }
    }
    let path = path.ok_or_else(|| Failure::Usage("restore 後面要寫哪一個備份檔。".to_owned()))?;
    args.end()?;
    let path = std::path::absolute(&path).unwrap_or(path);

    let folder = args.folder();
    let _lock = super::enter(&folder)?;
    let now = Stamp::now();
    let (found, loss) = restore::compare_closed(&path, &folder)?;
    say(&told(&found, loss.as_ref(), folder.join("luckygas.db").exists(), now));
    if !is_sure && !agrees()? {
        say("沒有還原，什麼都沒有改變。\n");
        return Err(Failure::Failed);
    }
    restore::prepare(&folder, &path, "命令列", now)?;
    let settled = restore::settle(&folder)?.ok_or_else(|| Error::impossible("settle what was just prepared"))?;
    say(&format!("{}\n", settled.said()));
    match settled.end {
        End::Restored { .. } => Ok(()),
        End::Kept { .. } => Err(Failure::Failed),
    }
}

/// What is in the file, and what would be gone.
fn told(found: &Found, loss: Option<&Loss>, has_shop: bool, now: Stamp) -> String {
    let made_by = found.manifest.as_ref().map(|manifest| format!("，{} 版做的", manifest.program)).unwrap_or_default();
    let practice = if found.is_practice { "（練習店）" } else { "" };
    let mut told = format!("檔案　{}\n店名　{}{practice}\n", found.path.display(), found.shop_name);
    if let Some(at) = found.at() {
        told.push_str(&format!("時間　{} {}\n", at.day().slashed(), at.clock()));
    }
    told.push_str(&format!("裡面　{}\n", found.counts.said()));
    if let Some((first, last)) = found.counts.days {
        told.push_str(&format!("配送　{} 到 {}\n", first.slashed(), last.slashed()));
    }
    told.push_str(&format!("版本　資料 {}{made_by}\n", found.schema));
    match (loss, has_shop) {
        (Some(loss), _) => told.push_str(&format!("\n{}\n", loss.sentence(now))),
        (None, true) => told.push_str("\n現在的資料檔讀不出來，不能比；它會原封不動留著。\n"),
        (None, false) => {}
    }
    told
}

/// Asks on a terminal, where somebody can answer.
fn agrees() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("沒有人可以問要不要還原。確定的話加上 --yes。".to_owned()));
    }
    say(&format!("輸入「{WORD}」兩個字就開始還原："));
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    Ok(read.is_ok() && line.trim() == WORD)
}
