//! The pages of a shop that is not open.

use maud::{Markup, html};

use super::ground::said;
use super::rescue::{Rescue, State, Trouble};
use super::{rule, waiting};
use crate::backups::list::Backup;
use crate::error::Problem;
use crate::http::Response;
use crate::ui;

/// The most copies that are offered; older ones are still in the folder.
const OFFERED: usize = 12;

/// What is so, and where to type the code; `wrong` is what was wrong with it.
pub fn page(rescue: &Rescue, wrong: Option<&str>) -> Response {
    waiting::page(
        503,
        "店沒有打開",
        None,
        html! {
            div { h1 { "店沒有打開" } p.soft { "資料都還在，沒有動過。" } }
            (trouble_view(rescue))
            form.panel.wide method="get" action="/rescue" {
                div.field.tall {
                    label for="code" { "救援碼" }
                    input #code name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus
                        aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "why-code")];
                    @if let Some(say) = wrong { span.problem #why-code role="alert" { (say) } }
                }
                p.soft.small { "印在這台電腦的啟動視窗上。有了它才能還原。" }
                button.primary { "下一步 " kbd { "Enter" } }
            }
        },
    )
}

/// What can be done about it, for whoever has the code.
pub fn choices(rescue: &Rescue, code: &str, problems: &[Problem]) -> Response {
    let trouble = &rescue.trouble;
    let copies = if trouble.wants_copy() { rescue.copies() } else { Vec::new() };
    let problem = problems.first().map(|problem| problem.say.to_string());
    let failed = match rescue.state() {
        State::Failed(say) => Some(say),
        _ => None,
    };
    waiting::page(
        503,
        "店沒有打開",
        None,
        html! {
            div { h1 { "店沒有打開" } p.soft { "選一個。原來的檔案都會留著。" } }
            (trouble_view(rescue))
            @if let Some(say) = problem.or(failed) { section.panel.wide { (ui::refuse(&say)) } }
            @if trouble.has_leftover() { (aside_view(trouble, code)) }
            @if trouble.wants_copy() { (restore_view(&copies, code)) }
            @if trouble.is_gone() {
                form.panel.wide method="post" action="/rescue/new" {
                    h2 { "開一間新的店" }
                    input type="hidden" name="code" value=(code);
                    p { "從頭開始，沒有客戶也沒有紀錄。備份都留著。" }
                    button { "開一間新的店" }
                }
            }
            form.panel.wide method="post" action="/rescue/again" {
                h2 { "再試一次" }
                input type="hidden" name="code" value=(code);
                p { "照上面說的做好以後按這裡。" }
                button { "再試一次" }
            }
        },
    )
}

/// How far the restore known by `key` is. When the shop is open again the same address answers there.
pub fn progress(rescue: &Rescue, key: &str) -> Response {
    match rescue.state() {
        State::Restoring(step, word) if word == key => waiting::page(
            503,
            "正在還原",
            Some(1),
            html! {
                div { h1 { "正在還原" } p.soft { "不用按什麼，好了這一頁會自己換。" } }
                section.panel.wide { p.tell role="status" { span { (step.said()) } } }
            },
        ),
        State::Failed(say) => waiting::page(
            503,
            "沒有還原",
            None,
            html! {
                div { h1 { "沒有還原" } }
                section.panel.wide { (ui::refuse(&say)) p.acts { a.button href="/rescue" { "換一份試試" } } }
            },
        ),
        _ => page(rescue, None),
    }
}

fn trouble_view(rescue: &Rescue) -> Markup {
    html! {
        section.panel.wide {
            (ui::refuse(&rescue.trouble.say))
            @for advice in advice(&rescue.trouble) { p { (advice) } }
            p.soft.small { "資料夾　" (rescue.folder.display()) br; "打電話求助時念代碼 " b { (rescue.trouble.reference) } }
        }
    }
}

/// What to do, where the sentence itself has not said it.
fn advice(trouble: &Trouble) -> Vec<&'static str> {
    match trouble.rule {
        rule::MISSING => {
            vec!["先看看：檔案是不是被移到別的資料夾，或隨身碟、硬碟沒有接好。放回來以後會自己打開。", "找不到就用下面的備份還原。"]
        }
        rule::WAL_ALONE => vec!["兩個檔案是一組的。找不到 luckygas.db，就用備份還原。"],
        rule::DAMAGED => vec!["用最近驗過的備份還原。壞掉的檔案會留著。"],
        rule::FOREIGN_WAL | rule::FOREIGN_JOURNAL => {
            vec!["多半是手動放回備份時，舊的檔案沒有一起移走。把它放到一旁就能打開；它會留在 backups 裡。"]
        }
        rule::SPOILED_WAL => vec!["可以放掉讀不出來的那幾筆，打開剩下的；也可以用備份還原。兩種都會先留一份現在的樣子。"],
        rule::NEWER => vec!["這台電腦上的程式比較舊。請打開新的那一個，不要還原備份，不然新的紀錄會不見。"],
        rule::NETWORK => vec!["把整個資料夾搬到這台電腦的硬碟，再從那裡打開。"],
        _ => Vec::new(),
    }
}

fn aside_view(trouble: &Trouble, code: &str) -> Markup {
    let (title, button) = match trouble.rule {
        rule::SPOILED_WAL => ("打開讀得出來的", "放掉壞的，打開"),
        _ => ("放到一旁，再打開", "放到一旁，打開"),
    };
    html! {
        form.panel.wide method="post" action="/rescue/aside" {
            h2 { (title) }
            input type="hidden" name="code" value=(code);
            button.primary { (button) }
        }
    }
}

fn restore_view(copies: &[Backup], code: &str) -> Markup {
    html! {
        form.panel.wide method="post" action="/rescue/restore" {
            h2 { "用備份還原" }
            @if copies.is_empty() {
                p { "這個資料夾的 backups 裡沒有備份。把隨身碟或別台電腦上的備份檔複製進去，再重新整理這一頁。" }
            } @else {
                input type="hidden" name="code" value=(code);
                fieldset.copies {
                    legend.unseen { "哪一份" }
                    @for (at, copy) in copies.iter().take(OFFERED).enumerate() { (copy_view(copy, at == 0)) }
                }
                p.soft.small { "那之後做的會不見；現在的檔案會留在 backups 裡。" }
                button.primary { "還原" }
            }
        }
    }
}

fn copy_view(copy: &Backup, is_first: bool) -> Markup {
    let counts = copy
        .manifest
        .as_ref()
        .map(|manifest| format!("{} 筆配送、{} 位客戶", ui::count(manifest.tally.deliveries()), ui::count(manifest.tally.customers())));
    html! {
        label {
            input type="radio" name="name" value=(copy.name) checked[is_first];
            " " b { (said(copy.name.at())) } " " (copy.name.kind.label())
            @if let Some(counts) = counts { "　" (counts) }
            @if !copy.is_good() { "　" span.soft { "沒有驗過" } }
        }
    }
}
