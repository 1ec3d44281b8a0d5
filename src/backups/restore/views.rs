//! What the pages of a restore are made of: for an admin of the shop, and for the first run.

use maud::{Markup, html};

use super::source::{Candidate, Source};
use super::{Counts, Found, Loss, Step};
use crate::error::Problem;
use crate::ui;
use crate::ui::form::wrong;
use crate::values::Stamp;

/// What stands in the present shop, beside what a file holds.
pub struct Now {
    pub shop_name: String,
    pub is_practice: bool,
    pub counts: Counts,
}

/// Both sides of it, or only what is in the file where there is no shop yet.
pub fn found_view(found: &Found, now: Option<&Now>, at: Stamp) -> Markup {
    let practice = |is_practice: bool| if is_practice { "（練習店）" } else { "" };
    let days =
        |counts: &Counts| counts.days.map_or_else(|| "—".to_owned(), |(first, last)| format!("{} 到 {}", first.slashed(), last.slashed()));
    let rows = [
        (
            "店名",
            format!("{}{}", found.shop_name, practice(found.is_practice)),
            now.map(|now| format!("{}{}", now.shop_name, practice(now.is_practice))),
        ),
        ("時間", found.at().map_or_else(|| "—".to_owned(), |moment| moment.beside(at)), now.map(|_| "現在".to_owned())),
        ("配送", format!("{} 筆", ui::count(found.counts.deliveries)), now.map(|now| format!("{} 筆", ui::count(now.counts.deliveries)))),
        ("客戶", format!("{} 位", ui::count(found.counts.customers)), now.map(|now| format!("{} 位", ui::count(now.counts.customers)))),
        ("訂單", format!("{} 張", ui::count(found.counts.orders)), now.map(|now| format!("{} 張", ui::count(now.counts.orders)))),
        ("哪些天", days(&found.counts), now.map(|now| days(&now.counts))),
    ];
    html! {
        table.list.tight {
            caption.unseen { "備份裡有什麼" }
            thead { tr {
                th scope="col" { span.unseen { "項目" } }
                th scope="col" { "備份裡" }
                @if now.is_some() { th scope="col" { "現在這裡" } }
            } }
            tbody {
                @for (label, theirs, ours) in rows {
                    tr { th.keep scope="row" { (label) } td { (theirs) } @if let Some(ours) = ours { td { (ours) } } }
                }
            }
        }
        p.soft.small {
            (found.file_name()) "，" (ui::megabytes(found.bytes))
            @if let Some(manifest) = &found.manifest { "，" (manifest.program) " 版做的" }
            "。整個檔案讀過一遍，沒有損壞"
            @if found.manifest.is_some() { "，筆數和金額都和備份那一刻一樣" }
            "。"
        }
    }
}

/// What would be gone: red when it is anything.
pub fn loss_view(loss: &Loss, at: Stamp) -> Markup {
    let sentence = loss.sentence(at);
    html! { @if loss.is_nothing() { p.good { span { (sentence) } } } @else { p.refuse { span { b { (sentence) } } } } }
}

/// What the box says that has to be ticked.
pub fn sure(loss: &Loss, at: Stamp) -> String {
    match loss.since {
        _ if loss.is_nothing() => "我要換成這一份".to_owned(),
        Some(since) => format!("我知道 {} 以後的會不見", since.beside(at)),
        None => "我知道現在這裡的資料都會換掉".to_owned(),
    }
}

/// The files found in a folder, each with the way to look into it.
pub fn candidates_view(candidates: &[Candidate], at: Stamp, url: impl Fn(&Candidate) -> String) -> Markup {
    html! {
        @if candidates.is_empty() {
            (ui::empty("這個資料夾裡沒有備份。", "備份的名字像 luckygas-20261122-031205-nightly.db。"))
        } @else {
            table.list.folds {
                caption.unseen { "這個資料夾裡的備份" }
                thead { tr { th scope="col" { "時間" } th scope="col" { "裡面" } th.number scope="col" { "大小" } th scope="col" { span.unseen { "動作" } } } }
                tbody {
                    @for candidate in candidates {
                        tr {
                            th.keep scope="row" { @match candidate.at { Some(moment) => { (moment.beside(at)) } None => { (ui::none()) } } }
                            td {
                                @match &candidate.manifest {
                                    Some(manifest) => { (manifest.shop_name) small.soft { (ui::count(manifest.tally.deliveries())) " 筆配送、" (ui::count(manifest.tally.customers())) " 位客戶" } }
                                    None if candidate.is_locked => { "上了鎖，要密語" small.soft { (candidate.file) } }
                                    None => { (candidate.file) }
                                }
                            }
                            td.number { (ui::megabytes(candidate.bytes)) }
                            td.number { a.button href=(url(candidate)) { "看裡面" span.unseen { "：" (candidate.file) } } }
                        }
                    }
                }
            }
        }
    }
}

/// The field for a folder.
pub fn folder_field(typed: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("folder", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    ui::field(
        "資料夾",
        "folder",
        problems,
        html! {
            input #folder name="folder" required maxlength="500" autocomplete="off" spellcheck="false" value=(typed) placeholder="E:\\備份"
                autofocus[!problems.is_empty()] aria-invalid=[invalid] aria-describedby=[why];
        },
    )
}

/// The field for the passphrase of a locked file.
pub fn passphrase_field(problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("passphrase", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    ui::field(
        "密語",
        "passphrase",
        problems,
        html! {
            input #passphrase name="passphrase" required maxlength="200" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus
                aria-invalid=[invalid] aria-describedby=[why];
            span.soft.small { "印出來收好的那一張上面有。" }
        },
    )
}

/// `source` in a form.
pub fn source_fields(source: &Source) -> Markup {
    html! { @for (name, value) in source.pairs() { input type="hidden" name=(name) value=(value); } }
}

/// How far it is, while it is made ready.
pub fn step_view(step: Step) -> Markup {
    html! {
        p role="status" { (step.said()) }
        @match step {
            Step::Copying { bytes, of } => { progress aria-label="複製" value=(bytes) max=(of.max(1)) {} }
            _ => { progress aria-label="還原" {} }
        }
    }
}
