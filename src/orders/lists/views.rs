use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::orders::lists::bring_in::told as told_of;
use crate::orders::lists::file::ListFile;
use crate::orders::lists::judge::{Draft, Judged};
use crate::orders::lists::store::{List, Made};
use crate::orders::lists::{Column, Matter, Told};
use crate::orders::{Order, Status};
use crate::ui::{self, csrf_field};
use crate::values::{Day, Ntd, Stamp};

/// So many lines of a kind are shown; the rest is in the file to download.
const SHOWN: usize = 300;

pub(super) fn steps(now: usize) -> Markup {
    html! {
        ol.steps {
            @for (at, step) in ["選檔案", "先看一遍", "匯入"].into_iter().enumerate() {
                li class=[(at < now).then_some("done")] aria-current=[(at == now).then_some("step")] { (step) }
            }
        }
    }
}

pub(super) fn upload(req: &Request, problems: &[Problem]) -> Markup {
    let is_wrong = problems.iter().any(|problem| problem.field == "files");
    html! {
        form.panel.stack method="post" action="/orders/lists" enctype="multipart/form-data" {
            (csrf_field(req))
            (ui::field("檔案", "files", problems, html! {
                input #files type="file" name="files" required accept=".xlsx,.csv" data-key="f" autofocus[is_wrong]
                    aria-invalid=[is_wrong.then_some("true")] aria-describedby=[is_wrong.then_some("why-files")];
            }))
            p.soft {
                kbd { "F" } " 選檔案。Excel（.xlsx）或 CSV，最多 2,000 列。標題列要有客戶編號（或電話）、配送日期、產品、數量；時段和備註可以空著。"
                "同一位客戶同一天的列排在一起，就是一張單。"
            }
            div.acts {
                button.primary data-key="Enter" { "先看一遍 " kbd { "Enter" } }
                a.button href="/orders/lists/template.csv" { "下載範本" }
            }
        }
    }
}

pub(super) fn lists(lists: &[List], now: Stamp) -> Markup {
    html! {
        @if lists.is_empty() { (ui::empty("還沒有匯入過訂單", "選好檔案，按「先看一遍」。")) } @else {
            div.scroll { table.list.tight.folds data-rows="" {
                caption.unseen { "以前匯入的" }
                thead { tr { th.key scope="col" { span.unseen { "鍵" } } th scope="col" { "檔案" } th scope="col" { "時間" } th.number scope="col" { "訂單" } th.number scope="col" { "不收的列" } th scope="col" { "狀態" } } }
                tbody { @for (at, list) in (1..).zip(lists) {
                    tr {
                        td.key { @if at <= 9 { kbd { (at) } } }
                        th scope="row" { a href={ "/orders/lists/" (list.id) } data-row=(at) { (list.file) } }
                        td { (list.applied_at.beside(now)) " " span.soft { (list.user_name.as_deref().unwrap_or("命令列")) } }
                        td.number data-label="訂單" { (ui::count(list.orders)) }
                        td.number data-label="不收的列" { (ui::count(list.report["rows_refused"].as_i64().unwrap_or(0))) }
                        td { @if list.taken_back_at.is_some() { "已收回" } @else { "已匯入" } }
                    }
                } }
            } }
        }
    }
}

/// The dry run: what would be made, what would not, and what to look at.
pub(super) fn pending(req: &Request, file: &ListFile, judged: &Judged) -> Markup {
    let today = req.at.day();
    let fresh: Vec<&Draft> = judged.fresh().collect();
    let there: Vec<&Draft> = judged.orders.iter().filter(|draft| draft.same.is_some()).collect();
    let (refused, looked): (Vec<&Told>, Vec<&Told>) = judged.told.iter().partition(|told| told.matter.is_refusal());
    let rows_of = |drafts: &[&Draft]| drafts.iter().map(|draft| draft.rows.len()).sum::<usize>();
    html! {
        div.tiles {
            (tile("會開的訂單", fresh.len(), &format!("{} 列", ui::count(rows_of(&fresh) as i64)), false))
            (tile("原本就有", there.len(), &format!("{} 列，不再開", ui::count(rows_of(&there) as i64)), false))
            (tile("不收的列", judged.rows_refused(), &format!("共 {} 列", ui::count(file.rows.len() as i64)), !refused.is_empty()))
            (tile("要看一下", looked.len(), "照收", false))
        }
        p.soft { b { (file.name) } "　" (columns(file)) @if 0 < file.ignored { "　" (file.ignored) " 列不是訂單（標題、合計、範例）。" } }
        @if !refused.is_empty() {
            h2 { "不收的列" }
            (refused_table(&refused))
        }
        @if !looked.is_empty() {
            h2 { "要看一下" }
            (looked_table(&looked))
        }
        @if !fresh.is_empty() {
            h2 { "會開的訂單" }
            (drafts_table(&fresh, &looked, today))
        } @else if there.is_empty() {
            (ui::empty("沒有可以開的訂單", "改好試算表，再選一次檔案。"))
        } @else {
            (ui::empty("沒有新的訂單", "每一張都開過了，列在下面。"))
        }
        @if !there.is_empty() {
            h2 { "原本就有" }
            (there_table(&there, today))
        }
        div.foot {
            p {
                @if fresh.is_empty() { b { "沒有新的訂單。" } } @else {
                    b { "確認後全部開好，狀態是待確認。" } br;
                    span.soft { "開錯了可以整批收回。" }
                    @if !there.is_empty() {
                        br; label.check { input type="checkbox" name="again" value="1" form="confirm"; "原本就有的 " (there.len()) " 張也再開一次" }
                    }
                }
            }
            @if !judged.told.is_empty() { a.button href="/orders/lists/pending/problems.csv" { "下載問題清單" } }
            form method="post" action="/orders/lists/pending/drop" data-looks="" { (csrf_field(req)) button data-key="Escape" { "換檔案 " kbd { "Esc" } } }
            @if !judged.orders.is_empty() {
                form #confirm method="post" action="/orders/lists/pending/confirm" {
                    (csrf_field(req))
                    input type="hidden" name="seal" value=(judged.seal());
                    @if fresh.is_empty() {
                        button name="again" value="1" { "還是再開 " (ui::count(there.len() as i64)) " 張" }
                    } @else {
                        button.primary data-key="Ctrl+Enter" { "開 " (ui::count(fresh.len() as i64)) " 張訂單 " kbd { "Ctrl Enter" } }
                    }
                }
            }
        }
    }
}

fn tile(label: &str, figure: usize, small: &str, is_bad: bool) -> Markup {
    html! { div.tile.look[is_bad] { span { (label) } b { (ui::count(figure as i64)) } small.soft { (small) } } }
}

/// Which headings were understood.
fn columns(file: &ListFile) -> String {
    let unused: Vec<&str> = file.columns.iter().filter(|(_, column)| column.is_none()).map(|(heading, _)| heading.as_str()).collect();
    let known = file.columns.len() - unused.len();
    match unused.as_slice() {
        [] => format!("{known} 欄都認得。"),
        unused => format!("{known} 欄認得，{} 欄沒用到：{}。", unused.len(), unused.join("、")),
    }
}

fn refused_table(told: &[&Told]) -> Markup {
    html! {
        div.scroll { table.list.tight.folds {
            caption.unseen { "不收的列" }
            thead { tr { th.number scope="col" { "列" } th scope="col" { "欄" } th scope="col" { "原來寫的" } th scope="col" { "為什麼" } } }
            tbody { @for told in told.iter().take(SHOWN) {
                tr {
                    td.number data-label="列" { (told.row) }
                    td.soft.keep { (told.column.map_or("", Column::label)) }
                    td { @if told.value.is_empty() { (ui::none()) } @else { b { (told.value) } } }
                    td.rest { (told.say) }
                }
            } }
        } }
        (rest(told.len(), "列"))
    }
}

/// What to look at, a line a kind: the rows, and what is said of the first.
fn looked_table(told: &[&Told]) -> Markup {
    let mut groups: BTreeMap<Matter, Vec<&Told>> = BTreeMap::new();
    for told in told {
        groups.entry(told.matter).or_default().push(told);
    }
    html! {
        div.scroll { table.list.tight.folds {
            caption.unseen { "要看一下" }
            thead { tr { th scope="col" { "什麼" } th.number scope="col" { "幾張" } th scope="col" { "第一張" } th scope="col" { "第幾列" } } }
            tbody { @for (matter, told) in &groups {
                tr {
                    th.keep scope="row" { span.badge.late { (matter.label()) } }
                    td.number data-label="幾張" { (ui::count(told.len() as i64)) }
                    td { (told[0].say) }
                    td.soft data-label="列" { (rows(told.iter().map(|told| told.row))) }
                }
            } }
        } }
    }
}

/// `2、5、9` and how many more.
fn rows(rows: impl ExactSizeIterator<Item = u32>) -> String {
    const MOST: usize = 8;
    let all = rows.len();
    let first: Vec<String> = rows.take(MOST).map(|row| row.to_string()).collect();
    if all <= MOST { first.join("、") } else { format!("{}…等 {all} 列", first.join("、")) }
}

fn rest(all: usize, unit: &str) -> Markup {
    html! { @if SHOWN < all { p.soft { "還有 " (ui::count((all - SHOWN) as i64)) " " (unit) "沒有列出來。" } } }
}

fn drafts_table(drafts: &[&Draft], looked: &[&Told], today: Day) -> Markup {
    html! {
            div.scroll { table.list.tight.folds {
                caption.unseen { "會開的訂單" }
                thead { tr { th.number scope="col" { "列" } th scope="col" { "客戶" } th scope="col" { "日期" } th scope="col" { "品項" } th.number scope="col" { "金額" } } }
                tbody { @for draft in drafts.iter().take(SHOWN) { (draft_row(draft, looked, today)) } }
            } }
            (rest(drafts.len(), "張"))
    }
}

fn draft_row(draft: &Draft, looked: &[&Told], today: Day) -> Markup {
    // Rows are in order, and what is said of an order is said of its first rows.
    let from = looked.partition_point(|told| told.row < draft.rows[0]);
    let said = looked[from..].iter().take_while(|told| draft.rows.contains(&told.row));
    let is_unpriced = said.clone().any(|told| told.matter == Matter::NoPrice);
    html! {
        tr {
            td.number.soft data-label="列" { (span_of(&draft.rows)) }
            th scope="row" { (customer(draft)) }
            td.keep { (draft.scheduled_on.beside(today)) " " (draft.window) }
            td.rest {
                (draft.items_text())
                @if let Some(notes) = &draft.notes { small { (notes) } }
                @for told in said { " " span.badge.late title=(told.say) { (told.matter.label()) } }
            }
            td.number data-label="金額" { (amount(draft.total, is_unpriced, draft.is_metered)) }
        }
    }
}

fn customer(draft: &Draft) -> Markup {
    html! { a href={ "/customers/" (draft.customer_id) } { (draft.customer_name) } " " span.soft { (draft.customer_code) } }
}

/// `5` or `5–7`.
fn span_of(rows: &[u32]) -> String {
    match rows {
        [first, .., last] => format!("{first}–{last}"),
        rows => rows.iter().map(u32::to_string).collect(),
    }
}

fn there_table(drafts: &[&Draft], today: Day) -> Markup {
    html! {
        div.scroll { table.list.tight.folds {
            caption.unseen { "原本就有" }
            thead { tr { th.number scope="col" { "列" } th scope="col" { "客戶" } th scope="col" { "日期" } th scope="col" { "品項" } th scope="col" { "已有的訂單" } } }
            tbody { @for draft in drafts.iter().take(SHOWN) {
                tr {
                    td.number.soft data-label="列" { (span_of(&draft.rows)) }
                    th scope="row" { (customer(draft)) }
                    td.keep { (draft.scheduled_on.beside(today)) " " (draft.window) }
                    td.rest { (draft.items_text()) }
                    td { @if let Some(order) = &draft.same { (link(order)) " " (state(order.status)) } }
                }
            } }
        } }
        (rest(drafts.len(), "張"))
    }
}

fn link(order: &Order) -> Markup {
    html! { a href={ "/orders/" (order.id) } title=(order.number) { (order.short_number()) } }
}

fn state(status: Status) -> Markup {
    html! { span class={ "badge " (status.word()) } { (status.label()) } }
}

/// What a list came to.
pub(super) fn list(list: &List, made: &[Made], now: Stamp) -> Markup {
    let told = told_of(&list.report);
    let (refused, looked): (Vec<&Told>, Vec<&Told>) = told.iter().partition(|told| told.matter.is_refusal());
    let count = |name: &str| usize::try_from(list.report[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let orders = || made.iter().map(|made| &made.order);
    let waiting = orders().filter(|order| is_waiting(order)).count();
    let pending = orders().filter(|order| order.status == Status::Pending).count();
    let left: Vec<&Order> = orders().filter(|order| order.status != Status::Cancelled).collect();
    html! {
        div.head {
            div {
                h1 { (list.file) }
                p { "訂單匯入 " (list.id) "　" (list.applied_at.beside(now)) " " (list.user_name.as_deref().unwrap_or("命令列")) }
            }
            div.acts {
                a.button href="/orders/lists" data-key="Escape" { "回匯入 " kbd { "Esc" } }
                @if list.taken_back_at.is_none() && 0 < waiting { a.button.danger href={ "/orders/lists/" (list.id) "/take-back" } data-key="x" { "整批收回 " kbd { "X" } } }
            }
        }
        @match list.taken_back_at {
            Some(at) => {
                (ui::warn(&format!("這次匯入已在 {} 收回。", at.beside(now))))
                @if !left.is_empty() {
                    p { "留著沒有取消的：" @for order in &left { (link(order)) " " (state(order.status)) " " } }
                }
            }
            None => (steps(3)),
        }
        div.tiles {
            (tile("開的訂單", made.len(), &numbers(made), false))
            (tile("等著確認", pending, &format!("共 {} 張", ui::count(made.len() as i64)), false))
            (tile("原本就有", count("orders_standing"), "沒有再開", false))
            (tile("不收的列", count("rows_refused"), &format!("共 {} 列", ui::count(count("rows") as i64)), 0 < count("rows_refused")))
        }
        @if 0 < pending && list.taken_back_at.is_none() {
            p { a.button href="/orders?from=&to=&status=pending&origin=import" { "看匯入後待確認的訂單" } }
        }
        h2 { "開的訂單" }
        (made_table(made, now.day()))
        @if !refused.is_empty() {
            h2 { "不收的列" }
            (refused_table(&refused))
        }
        @if !looked.is_empty() {
            h2 { "看過的" }
            (looked_table(&looked))
        }
        @if !told.is_empty() { p { a.button href={ "/orders/lists/" (list.id) "/problems.csv" } { "下載問題清單" } } }
    }
}

/// Whether taking the list back would cancel it.
fn is_waiting(order: &Order) -> bool {
    matches!(order.status, Status::Pending | Status::Confirmed)
}

/// `0012–0055`.
fn numbers(made: &[Made]) -> String {
    match made {
        [] => String::new(),
        [one] => one.order.short_number().to_owned(),
        [first, .., last] => format!("{}–{}", first.order.short_number(), last.order.short_number()),
    }
}

fn made_table(made: &[Made], today: Day) -> Markup {
    html! {
        div.scroll { table.list.tight.folds data-rows="" {
            caption.unseen { "開的訂單" }
            thead { tr { th.key scope="col" { span.unseen { "鍵" } } th scope="col" { "單號" } th scope="col" { "客戶" } th scope="col" { "日期" } th scope="col" { "品項" } th.number scope="col" { "金額" } th scope="col" { "狀態" } } }
            tbody { @for (at, made) in (1..).zip(made.iter().take(SHOWN)) { (made_row(at, made, today)) } }
        } }
        (rest(made.len(), "張"))
    }
}

fn made_row(at: usize, made: &Made, today: Day) -> Markup {
    let order = &made.order;
    html! {
        tr {
            td.key { @if at <= 9 { kbd { (at) } } }
            td.soft { a href={ "/orders/" (order.id) } data-row=(at) title=(order.number) { (order.short_number()) } }
            th scope="row" { (made.customer_name) }
            td.keep { (order.scheduled_on.beside(today)) " " (order.window) }
            td.rest { (order.items()) @if let Some(notes) = &order.notes { small { (notes) } } }
            td.number data-label="金額" { (amount(order.totals.total, made.is_unpriced, made.is_metered)) }
            td { (state(order.status)) }
        }
    }
}

/// The money, where there is any to be had.
fn amount(total: Ntd, is_unpriced: bool, is_metered: bool) -> Markup {
    html! {
        @if is_unpriced { span.soft { "未定價" } }
        @else if is_metered && total == Ntd(0) { span.soft { "抄表" } }
        @else { (total.bare()) }
    }
}

/// What taking it back would do.
pub(super) fn take_back(req: &Request, list: &List, made: &[Made]) -> Markup {
    let orders = || made.iter().map(|made| &made.order);
    let waiting = orders().filter(|order| is_waiting(order)).count();
    let further: Vec<&Order> = orders().filter(|order| !is_waiting(order) && order.status != Status::Cancelled).collect();
    html! {
        div.head { div { h1 { "收回匯入 " (list.id) } p { (list.file) } } }
        @if list.taken_back_at.is_some() { (ui::refuse("這次匯入已經收回過了。")) } @else {
            (ui::warn(&format!("會取消 {waiting} 張還沒指派的訂單，原因記成輸入錯誤。")))
            @if !further.is_empty() {
                p { "這 " (further.len()) " 張已經指派或送出，會留著：" @for order in &further { (link(order)) " " (state(order.status)) " " } }
            }
        }
        form.foot method="post" action={ "/orders/lists/" (list.id) "/take-back" } {
            (csrf_field(req))
            p { b { "收回後可以再匯入一次。" } }
            a.button href={ "/orders/lists/" (list.id) } data-key="Escape" { "不收回 " kbd { "Esc" } }
            @if list.taken_back_at.is_none() { button.primary data-key="Ctrl+Enter" { "整批收回 " kbd { "Ctrl Enter" } } }
        }
    }
}
