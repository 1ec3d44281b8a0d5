use std::path::{Path, PathBuf};
use std::time::Instant;

use luckygas::demo::{self, Size};
use luckygas::{App, Error, db, settings, users};

use super::serve::{Options, open_shop};
use super::{Args, Command, Done, say};

pub const COMMAND: Command = Command {
    name: "demo",
    about: "開一家練習用的店，資料都是編的",
    help: "用法：luckygas demo [--data DIR] [--listen ADDR:PORT] [--clock HH:MM] [--open]

在資料夾裡做一家練習用的店（13,295 位客戶、大約 35 萬筆配送、一個月的訂單，都是編的），然後打開它。
已經做好的練習店會直接打開。

  --data DIR           練習店的資料夾，預設是 luckygas-demo；不看 LUCKYGAS_DATA
  --listen ADDR:PORT   在哪裡等瀏覽器，預設 127.0.0.1:8080
  --clock HH:MM        練習店的鐘從幾點開始走，預設就是現在；晚上練習可以用 10:22
  --open               順便打開瀏覽器",
    run: demo,
};

/// Makes the practice shop when there is none, and serves it. Its folder is its own: that of the real shop is
/// found by `LUCKYGAS_DATA`, and is not looked at here.
fn demo(args: &mut Args) -> Done {
    let options = Options::read(args, true)?;
    let folder = args.named_folder().unwrap_or_else(|| PathBuf::from("luckygas-demo"));
    check_practice(&folder)?;
    open_shop(&folder, &options, |app| {
        if !app.has_users()? {
            make(app)?;
        }
        say("練習登入：\n");
        for (username, name, role) in demo::CAST {
            say(&format!("  {username:<8} {name}（{}）\n", role.label()));
        }
        say(&format!("密碼都是　{}\n", demo::PASSWORD));
        Ok(())
    })
}

/// `Refused` when somebody works in the shop in `folder`.
fn check_practice(folder: &Path) -> Result<(), Error> {
    let is_used = db::peek(folder, users::store::is_anybody).unwrap_or(false);
    let is_practice = db::peek(folder, settings::load).is_some_and(|settings| settings.is_practice);
    if is_used && !is_practice {
        let say = format!("「{}」裡是真的店，不能拿來練習，請用 --data 換一個資料夾。", folder.display());
        return Err(Error::refused("not a practice shop", say));
    }
    Ok(())
}

fn make(app: &App) -> Result<(), Error> {
    say("正在做練習店……\n");
    let start = Instant::now();
    let summary = app.db.write(|tx| demo::fill(tx, app.now(), Size::Full))?;
    app.reload_settings()?;
    app.db.optimize()?;
    app.db.checkpoint()?;
    log::info!(
        "practice shop made customers={} deliveries={} orders={} ms={}",
        summary.customers,
        summary.deliveries,
        summary.orders,
        start.elapsed().as_millis()
    );
    say(&format!(
        "做好了：{} 位客戶，{} 筆配送（{} 到 {}），{} 張訂單\n",
        summary.customers,
        summary.deliveries,
        summary.first_on.slashed(),
        summary.last_on.slashed(),
        summary.orders
    ));
    Ok(())
}
