use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use luckygas::backups::lock_up::{self, Passphrase};
use luckygas::backups::prove::{self, Proof};
use luckygas::db;
use luckygas::values::Ntd;

use super::{Args, Command, Done, Failure, Word, say};

pub const COMMAND: Command = Command {
    name: "verify",
    about: "看一個備份檔裡有什麼、是不是好的",
    help: "用法：luckygas verify FILE

從頭讀到尾、重數一次，說裡面有什麼。有一項不對就以 1 結束。檔案不會改變，旁邊也不會多出東西。
上了鎖的（.age）用資料夾裡的密語，沒有就從標準輸入讀一行。",
    run: verify,
};

/// Says what is in a file, and what is wrong with it.
fn verify(args: &mut Args) -> Done {
    let mut path = None;
    while let Some(word) = args.next()? {
        match &word {
            Word::Value(value) if path.is_none() => path = Some(PathBuf::from(value)),
            _ => return Err(args.stray(&word)),
        }
    }
    let path = path.ok_or_else(|| Failure::Usage("verify 後面要寫哪一個檔案。".to_owned()))?;
    args.end()?;

    let proof = if lock_up::is_locked(&path) { unlocked(&path, &args.folder())? } else { prove::prove(&path)? };
    say(&told(&path, &proof));
    let understood = proof.schema <= db::VERSION;
    if !understood {
        say(&format!("✕ 這個程式還原得了：要更新程式，它只懂到資料版本 {}\n", db::VERSION));
    }
    if proof.is_good() && understood { Ok(()) } else { Err(Failure::Failed) }
}

/// The same of a copy that is locked, in a file that is gone afterwards.
fn unlocked(path: &Path, folder: &Path) -> Result<Proof, Failure> {
    let open = lock_up::unlocked(path, &std::env::temp_dir(), &passphrase(folder))?;
    Ok(prove::prove(open.path())?)
}

/// The shop's own, or what somebody types; never an argument, which others on the PC can read.
pub(super) fn passphrase(folder: &Path) -> Passphrase {
    lock_up::load(folder).unwrap_or_else(|| {
        if std::io::stdin().is_terminal() {
            say("密語：");
        }
        let mut line = String::new();
        let _ = std::io::stdin().lock().read_line(&mut line);
        Passphrase::typed(&line)
    })
}

fn told(path: &Path, proof: &Proof) -> String {
    let mut told = format!("檔案　{}\n", path.display());
    if let Some(manifest) = &proof.manifest {
        let practice = if manifest.is_practice { "（練習店）" } else { "" };
        told.push_str(&format!("店名　{}{practice}\n", manifest.shop_name));
        told.push_str(&format!("時間　{} {}（{}）\n", manifest.made_at.day().slashed(), manifest.made_at.clock(), manifest.kind.label()));
        if let Some((first, last)) = manifest.days {
            told.push_str(&format!("配送　{} 到 {}\n", first.slashed(), last.slashed()));
        }
    }
    if proof.schema != 0 {
        let tally = &proof.tally;
        let count = |number| luckygas::ui::count(number);
        told.push_str(&format!(
            "裡面　{} 位客戶、{} 筆配送、{} 張訂單，訂單一共 {}\n",
            count(tally.customers()),
            count(tally.deliveries()),
            count(tally.orders()),
            Ntd(tally.ordered_ntd())
        ));
        told.push_str(&format!("版本　資料 {}\n", proof.schema));
    }
    told.push('\n');
    for (what, is_right) in &proof.checks {
        told.push_str(&format!("{} {what}\n", if *is_right { "✓" } else { "✕" }));
    }
    for problem in &proof.problems {
        told.push_str(&format!("　{problem}\n"));
    }
    told
}
