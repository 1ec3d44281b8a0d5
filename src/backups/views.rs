//! How copies look: the list, one of them, one being made, and the card of six steps.

use maud::{Markup, html};

use crate::app::App;
use crate::backups::list::{self, Backup};
use crate::backups::make::Step;
use crate::health::six::{self, Sentence};
use crate::http::Request;
use crate::settings::Settings;
use crate::ui::{self, csrf_field};
use crate::values::{Ntd, Stamp, window};
use crate::visits;

/// So many copies stand on the page before somebody asks for all.
const SHOWN: usize = 12;

/// What the list shows.
pub struct Shown<'a> {
    pub backups: &'a [Backup],
    pub is_all: bool,
    /// Copies that could not be proved and were set aside.
    pub evidence: usize,
    pub settings: &'a Settings,
    pub problem: Option<&'a str>,
    pub sentences: &'a [Sentence; 6],
}

pub fn list_view(req: &Request, shown: &Shown) -> Markup {
    html! {
        div.head {
            div { h1 { "備份與健康" } p { (newest_line(shown.backups, req.at)) } }
            div.acts {
                form method="post" action="/backups" {
                    (csrf_field(req))
                    button.primary data-key="b" { "立刻備份 " kbd { "B" } }
                }
                form method="post" action="/backups/practice" {
                    (csrf_field(req))
                    button disabled[shown.backups.is_empty()] { "開練習店" }
                }
            }
        }
        @if let Some(problem) = shown.problem { (ui::refuse(problem)) }
        div.columns.side {
            div.stack {
                section { h2.unseen { "六句話" } (six::view(shown.sentences)) }
                (copies_view(shown, req.at))
            }
            aside.stack aria-label="摘要" {
                section.panel {
                    h2 { "報修代碼" }
                    p.say-code { (six::code(shown.sentences)) }
                    p.soft { "念給對方聽就好，裡面沒有客戶資料。" }
                    p { a href="/data/support" data-key="s" { "存診斷檔 " kbd { "S" } } "　" a href="/data/health" data-key="h" { "更多 " kbd { "H" } } }
                }
                section.panel {
                    h2 { "換電腦只要三步" }
                    ol.plain {
                        li { "1. 下載最新的備份到 USB 碟。" }
                        li { "2. 新電腦打開程式，選「從備份還原」。" }
                        li { "3. 看數字一樣，就完成了。" }
                    }
                    p { a href="/backups/card" data-key="c" { "印六步驟卡 " kbd { "C" } } }
                }
                section.panel {
                    h2 { "帶出去，帶進來" }
                    ul.ways {
                        li { a href="/backups/places" data-key="d" { "第二份備份 " kbd { "D" } } }
                        li { a href="/backups/key" data-key="m" { "備份的密語 " kbd { "M" } } }
                        li { a href="/backups/upload" data-key="i" { "帶備份進來 " kbd { "I" } } }
                        li { a href="/backups/restore" data-key="o" { "從 USB 碟或別的資料夾還原 " kbd { "O" } } }
                    }
                }
                (rhythm_view(shown.settings))
            }
        }
    }
}

/// When the newest good copy is from and what is in it.
fn newest_line(backups: &[Backup], now: Stamp) -> String {
    let newest = backups.iter().find_map(|backup| backup.manifest.as_ref().filter(|_| backup.is_good()));
    newest.map_or_else(
        || "還沒有驗過的備份。".to_owned(),
        |manifest| {
            let (deliveries, customers) = (ui::count(manifest.tally.deliveries()), ui::count(manifest.tally.customers()));
            format!("最新的是{}的：{deliveries} 筆配送、{customers} 位客戶。", manifest.made_at.beside(now))
        },
    )
}

fn copies_view(shown: &Shown, now: Stamp) -> Markup {
    let most = if shown.is_all { usize::MAX } else { SHOWN };
    html! {
        section.stack aria-labelledby="h-copies" {
            h2 #h-copies { "備份" }
            @if shown.backups.is_empty() { (ui::empty("還沒有備份", "按 B 現在做一份。")) } @else {
                div.scroll {
                    table.list.tight.folds data-rows="" {
                        caption.unseen { "備份清單，最近的在上面" }
                        thead { tr {
                            th.key scope="col" { span.unseen { "鍵" } }
                            th scope="col" { "時間" }
                            th scope="col" { "種類" }
                            th scope="col" { "驗過嗎" }
                            th.number scope="col" { "大小" }
                            th scope="col" { "放在" }
                            th scope="col" { span.unseen { "動作" } }
                        } }
                        tbody { @for (at, backup) in (1..).zip(shown.backups.iter().take(most)) { (row_view(at, backup, now)) } }
                    }
                }
            }
            p.pages {
                span { (kept_line(shown.settings)) }
                @if most < shown.backups.len() { a href="/backups?all=1" { "全部 " (shown.backups.len()) " 份" } }
            }
            @if 0 < shown.evidence { (ui::warn(&format!("有 {} 份驗不過的放在一邊，檔名最後是 .bad，只留著給修的人看。", shown.evidence))) }
        }
    }
}

fn row_view(at: usize, backup: &Backup, now: Stamp) -> Markup {
    let name = &backup.name;
    let url = format!("/backups/{name}");
    html! {
        tr {
            td.key { @if at <= 9 { kbd { (at) } } }
            th.keep scope="row" { a href=(url) data-row=[(at <= 9).then_some(at)] { (name.at().beside(now)) } }
            td.soft { (name.kind.label()) }
            td { (badge(backup)) }
            td.number { (ui::megabytes(backup.bytes)) }
            td.soft { "這台" }
            td.number {
                a href={ (url) "/file" } { "下載" span.unseen { "：" (name.at().beside(now)) } } "　"
                a href={ (url) "/restore" } { "還原" span.unseen { "：" (name.at().beside(now)) } }
            }
        }
    }
}

/// How far it is known to be good.
fn badge(backup: &Backup) -> Markup {
    let drilled = backup.manifest.as_ref().and_then(|manifest| manifest.drilled_at);
    html! {
        @if drilled.is_some() { span.badge.delivered { "還原驗過" } }
        @else if backup.is_good() { span.badge.delivered { "驗過" } }
        @else if backup.name.is_locked { span.badge { "上了鎖" } }
        @else { span.badge.late { "還沒驗" } }
    }
}

/// `留著：每小時 24 份、每天 14 份、每週 8 份、每月 24 份`.
fn kept_line(settings: &Settings) -> String {
    let Settings { keep_hourly, keep_daily, keep_weekly, keep_monthly, .. } = settings;
    format!("留著：每小時 {keep_hourly} 份、每天 {keep_daily} 份、每週 {keep_weekly} 份、每月 {keep_monthly} 份")
}

fn rhythm_view(settings: &Settings) -> Markup {
    html! {
        section.panel {
            h2 { "自己做" }
            @if settings.is_practice {
                p { "練習店不會自己備份。" }
            } @else {
                dl.facts {
                    dt { "每小時" } dd { (window::clock(settings.backup_from)) " 到 " (window::clock(settings.backup_to)) }
                    dt { "夜裡" } dd { (window::clock(settings.backup_night)) small { "之後真的還原一次試試看。" } }
                }
            }
            p { a href="/backups/settings" data-key="t" { "改時間和份數 " kbd { "T" } } }
        }
    }
}

/// The line of the first page: when the shop was last copied, and that it was tried; red with what to do when that was too
/// long ago or did not work.
pub struct HomeLine {
    /// The moment of the newest good copy.
    pub newest: Option<Stamp>,
    /// Of the newest that was really restored: its moment and its deliveries.
    pub drilled: Option<(Stamp, i64)>,
    pub is_practice: bool,
    /// A job of the copies did not work the last time.
    pub has_failed: bool,
}

impl HomeLine {
    /// Over a day old: the night's is missing.
    const OLD_MINUTES: i64 = 26 * 60;

    /// From what the shop knows of its copies; no file is opened.
    pub fn of(app: &App, has_failed: bool) -> HomeLine {
        let backups = app.backups.list(&app.folder);
        let manifest = |is_asked: fn(&Backup) -> bool| list::newest(backups.clone(), is_asked).and_then(|backup| backup.manifest);
        let drilled = manifest(|backup| backup.manifest.as_ref().is_some_and(|manifest| manifest.drilled_at.is_some()));
        HomeLine {
            newest: manifest(Backup::is_good).map(|manifest| manifest.made_at),
            drilled: drilled.map(|manifest| (manifest.made_at, manifest.tally.deliveries())),
            is_practice: app.settings().is_practice || app.visit.is_some(),
            has_failed,
        }
    }

    /// What is wrong and what to do, when something is.
    fn problem(&self, now: Stamp) -> Option<String> {
        match self.newest {
            _ if self.is_practice => None,
            None => Some("還沒有備份。電腦開著，幾分鐘內會自己做；一直沒有，請老闆看「備份」。".to_owned()),
            Some(at) if self.has_failed => Some(format!("上次備份沒做成，最後好的是{}的。請老闆看「備份」。", at.beside(now))),
            Some(at) if Self::OLD_MINUTES < now.minutes_since(at) => {
                Some(format!("最後好的備份是{}的，超過一天了。請老闆按「備份」做一份。", at.beside(now)))
            }
            Some(_) => None,
        }
    }
}

pub fn home_view(line: &HomeLine, is_admin: bool, now: Stamp) -> Markup {
    let said = match (line.newest, line.drilled) {
        (None, _) if line.is_practice => "練習店不會自己備份".to_owned(),
        (None, _) => "還沒有".to_owned(),
        (Some(at), Some((drilled, deliveries))) if drilled == at => {
            format!("{}，還原驗過：{} 筆配送", at.beside(now), ui::count(deliveries))
        }
        (Some(at), Some((drilled, deliveries))) => {
            format!("{}；{}的還原驗過：{} 筆配送", at.beside(now), drilled.beside(now), ui::count(deliveries))
        }
        (Some(at), None) => format!("{}，驗過", at.beside(now)),
    };
    html! {
        dt { "最後備份" }
        dd {
            @if is_admin { a href="/backups" { (said) } } @else { (said) }
            @if let Some(problem) = line.problem(now) { (ui::refuse(&problem)) }
        }
    }
}

pub fn progress_view(step: Option<Step>) -> Markup {
    html! {
        div.head { div { h1 { "正在備份" } p { "可以繼續做別的，不用等。" } } }
        section.panel {
            @match step {
                Some(step) => {
                    p role="status" { "第 " (step.number) " 步，共 " (step.of) " 步：" (step.say) "…" }
                    progress value=(step.number) max=(step.of) aria-label="備份" {}
                }
                None => { p role="status" { "馬上開始…" } progress aria-label="備份" {} }
            }
        }
        p { a href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } } }
    }
}

pub fn detail_view(req: &Request, backup: &Backup) -> Markup {
    let name = &backup.name;
    let url = format!("/backups/{name}");
    html! {
        div.head {
            div { h1 { (name.at().beside(req.at)) "的備份" } p { (name) } }
            div.acts {
                a.button href={ (url) "/restore" } data-key="r" { "還原… " kbd { "R" } }
                a.button href={ (url) "/file" } data-key="d" { "下載 " kbd { "D" } }
                @if !name.is_locked { (visits::views::look_button(req, &name.to_string())) }
                a.button href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } }
            }
        }
        div.columns.side {
            section.panel {
                h2 { "裡面有什麼" }
                @match &backup.manifest {
                    Some(manifest) => {
                        dl.facts {
                            dt { "店" } dd { (manifest.shop_name) @if manifest.is_practice { "（練習店）" } }
                            dt { "那一刻" } dd { (manifest.made_at.beside(req.at)) }
                            dt { "配送" } dd {
                                (ui::count(manifest.tally.deliveries())) " 筆"
                                @if let Some((first, last)) = manifest.days { small { (first.slashed()) " 到 " (last.slashed()) } }
                            }
                            dt { "客戶" } dd { (ui::count(manifest.tally.customers())) " 位" }
                            dt { "訂單" } dd { (ui::count(manifest.tally.orders())) " 張" small { "一共 " (Ntd(manifest.tally.ordered_ntd())) } }
                            dt { "做它的程式" } dd { (manifest.program) "（資料版本 " (manifest.schema) "）" }
                        }
                    }
                    None if name.is_locked => { p { "上了鎖，還原時輸入密語才看得到。" } }
                    None => { p { "還沒看過裡面。按「從頭驗一次」就知道。" } }
                }
            }
            aside.stack aria-label="這個檔案" {
                section.panel {
                    h2 { "驗過嗎" }
                    p { (badge(backup)) }
                    @if let Some(manifest) = &backup.manifest {
                        dl.facts {
                            dt { "檢查" } dd { @match manifest.proved_at { Some(at) => { (at.beside(req.at)) small { "檔案、關聯、筆數、金額" } } None => { (ui::none()) } } }
                            dt { "還原演練" } dd { @match manifest.drilled_at { Some(at) => (at.beside(req.at)), None => (ui::none()) } }
                        }
                    }
                    @if !name.is_locked {
                        form method="post" action={ (url) "/verify" } {
                            (csrf_field(req))
                            button data-key="v" { "從頭驗一次 " kbd { "V" } }
                        }
                    }
                }
                section.panel {
                    h2 { "這個檔案" }
                    dl.facts {
                        dt { "種類" } dd { (name.kind.label()) }
                        dt { "大小" } dd { (ui::megabytes(backup.bytes)) }
                        dt { "放在" } dd { "這台" }
                    }
                    @if !name.is_locked {
                        form method="post" action={ (url) "/look" } {
                            (csrf_field(req))
                            button data-key="l" { "打開來看，不能改 " kbd { "L" } }
                        }
                    }
                }
            }
        }
    }
}

pub fn card_bar() -> Markup {
    html! {
        p { b { "備份和還原的六步驟" } "　印一張貼在電腦旁邊" }
        button type="button" data-print="" data-key="p" { "列印 " kbd { "P" } }
        a href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } }
    }
}

/// The same six steps stand in the README.
pub fn card_view(shop_name: &str, now: Stamp) -> Markup {
    html! {
        article.paper.half {
            div.top {
                div { h1 { "備份和還原" } span { (now.day().roc_long()) " 印" } }
                div { b { (shop_name) } }
            }
            ol.six {
                li { b { "每天" } span { "看第一頁的「最後備份」，紅了就叫老闆。" } }
                li { b { "每週" } span { "「資料」→「備份」，按 " kbd { "B" } "，下載最新的一份到 USB 碟，帶離開店裡。" } }
                li { b { "電腦壞了" } span { "別修裡面的檔案。找一台新的，裝好幸福氣，打開。" } }
                li { b { "還原" } span { "選「從備份還原」，選 USB 碟裡日期最新的檔案。" } }
                li { b { "對一對" } span { "它會說有幾位客戶、幾筆配送、到哪一天；還原後再看一次，數字要一樣。" } }
                li { b { "補上" } span { "備份以後接的單，照紙本補打。舊的資料還在旁邊，沒有丟。" } }
            }
            div.end.last { span { "不要自己複製 luckygas.db：程式開著時複製出來的會少東西。" } }
        }
    }
}
