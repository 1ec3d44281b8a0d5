use std::path::PathBuf;

use luckygas::Error;
use luckygas::imports::report::{Report, kind_label};
use luckygas::imports::{self, Source};
use luckygas::journal::By;
use luckygas::values::text::thousands;

use super::{Args, Command, Done, Failure, Word, open, say};

pub const COMMAND: Command = Command {
    name: "import",
    about: "匯入店裡的檔案",
    help: "用法：luckygas import FILE… [--dry-run] [--json] [--data DIR]

  FILE       客戶資料、配送紀錄、營業明細、預計配送表或舊系統的檔案，可以一次好幾個
  --dry-run  只看一遍，什麼都不寫入
  --json     印出一個 JSON 物件

看內容認檔案，不看檔名。全部成功或全部不算；同一個檔再匯入一次不會多出東西。",
    run: import,
};

fn import(args: &mut Args) -> Done {
    let (mut paths, mut is_dry, mut is_json) = (Vec::new(), false, false);
    while let Some(word) = args.next()? {
        match word {
            Word::Option(name) if name == "dry-run" => is_dry = true,
            Word::Option(name) if name == "json" => is_json = true,
            Word::Value(path) => paths.push(PathBuf::from(path)),
            word => return Err(args.stray(&word)),
        }
    }
    if paths.is_empty() {
        return Err(Failure::Usage("要匯入哪個檔案？用法：luckygas import FILE…".to_owned()));
    }
    args.end()?;
    if let Some(missing) = paths.iter().find(|path| !path.is_file()) {
        return Err(Error::refused("no such file", format!("找不到檔案「{}」。", missing.display())).into());
    }
    let name = |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let sources: Vec<Source> = paths.into_iter().map(|path| Source { name: name(&path), path }).collect();

    let folder = args.folder();
    let _lock = super::enter(&folder)?;
    let app = open(&folder)?;
    let report = if is_dry { imports::dry_run(&app, &sources)? } else { imports::import(&app, &sources, By::program(app.now()))? };
    app.db.checkpoint()?;
    if is_json {
        say(&format!("{}\n", report.to_json()));
    } else {
        say(&in_words(&report));
    }
    Ok(())
}

/// The report for a console.
fn in_words(report: &Report) -> String {
    let number = |number: i64| thousands(number);
    let counts = &report.counts;
    let mut text = String::new();
    for file in &report.files {
        text.push_str(&format!(
            "{}　{}：讀到 {} 列，收 {}，不收 {}，重複 {}\n",
            file.name,
            file.kind.map_or("", |kind| kind.label()),
            number(file.rows_read as i64),
            number(file.accepted as i64),
            number(file.skipped as i64),
            number(file.duplicates as i64)
        ));
    }
    text.push_str(&format!(
        "客戶 {} 位（新增 {}，更新 {}），配送 {} 筆（新增 {}，補上資料 {}），預計和未成的配送新增 {}\n",
        number(counts.customers_total),
        number(counts.customers_created),
        number(counts.customers_updated),
        number(counts.deliveries_total),
        number(counts.deliveries_created),
        number(counts.deliveries_completed),
        number(counts.visits_created)
    ));
    for group in report.groups() {
        let place = report.files.get(group.first.file).map_or("", |file| file.name.as_str());
        text.push_str(&format!(
            "  {}　{} 列，第一個在 {place} 第 {} 列：{}　{}\n",
            kind_label(group.first.kind).0,
            number(group.count),
            group.first.row.unwrap_or(0),
            group.first.value,
            group.first.action.label()
        ));
    }
    for (code, days) in &report.walk_ins {
        text.push_str(&format!("  {code} 有 {} 天配送，像是散客帳號，請確認\n", number(*days)));
    }
    text.push_str(if report.applied { "已寫入。\n" } else { "只是看一遍，什麼都沒有寫入。\n" });
    text
}
