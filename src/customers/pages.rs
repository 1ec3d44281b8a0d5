use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::app::App;
use crate::customers::card::{Card, LAST};
use crate::customers::search::Query;
use crate::customers::store::{self, Filter, Sheet, Shown, Sort};
use crate::customers::views;
use crate::customers::{Area, Line, NOUN, Pricing, State, Terms, export, form, order_views};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::journal;
use crate::orders;
use crate::orders::number::Number;
use crate::orders::store::Listed;
use crate::ui::{self, Page, Room};
use crate::users::Role;
use crate::values::{CustomerId, Day};

/// Who takes calls and mends records.
pub const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];
/// Who ends a contract, merges areas, names the walk-in account.
pub const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

/// As many rows as there are digits to pick them with.
const FOUND: usize = 9;
/// Rows of the whole list a page shows.
const ROWS: usize = 50;

/// `GET /customers` is the list; with `q`, what a search finds.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    match req.query("q").map(str::trim).filter(|typed| !typed.is_empty()) {
        Some(typed) => search(app, req, typed),
        None => all(app, req),
    }
}

fn search(app: &App, req: &Request, typed: &str) -> Result<Response> {
    let query = Query::new(typed);
    let page = page_of(req);

    let (found, lines, order, card) = app.db.read(|conn| {
        let found = app.finder.find(conn, &query, (page - 1) * FOUND, FOUND)?;
        let lines = store::lines(conn, &found.ids)?;
        let order = if page == 1 { meant_order(conn, req, typed)? } else { None };
        let card = lines.first().map(|line| Card::load(conn, line.id, req.at, &app.settings())).transpose()?;
        Ok((found, lines, order, card))
    })?;

    let title = format!("找：{typed}");
    let count = lines.len() + usize::from(order.is_some());
    let frame = Page::new(app, req, &title).room(Room::Customers);
    let frame = if is_for_an_order(req) { frame.finds_for_an_order() } else { frame };
    Ok(frame.show(html! {
        div.head {
            div {
                h1 { (told(typed, found.total, order.as_ref())) }
                @if FOUND < found.total { p { "名字、號碼、編號、地址都算。再打一個字會更準。" } }
            }
            @if 0 < count { p.soft.key-hint { kbd { "↑" } " " kbd { "↓" } " 移動　" kbd { "Enter" } " 開啟　" kbd { "1" } "–" kbd { (count.min(FOUND)) } " 直接選" } }
        }
        @if count == 0 {
            (ui::empty(&format!("沒有「{typed}」"), "再少打一個字試試。"))
            (new_customer_view(req, typed))
        } @else {
            div.columns.side {
                div {
                    h2.unseen { "結果" }
                    (results_view(req, &lines, order.as_ref(), &query))
                    (new_customer_view(req, typed))
                    (pages_view(page, found.total, FOUND, &|page| format!("/customers?q={}{}&page={page}", encoded(typed), for_what(req))))
                }
                aside.panel data-panel-place="" aria-label="摘要" { @if let Some(card) = &card { (views::summary_view(card)) } }
            }
        }
    }))
}

/// `GET /customers/find?q=` is the same while one types: nine options and how many there are.
pub fn find(app: &App, req: &Request) -> Result<Response> {
    let typed = req.query("q").unwrap_or_default().trim();
    let query = Query::new(typed);

    let (found, lines, order) = app.db.read(|conn| {
        let order = meant_order(conn, req, typed)?;
        let found = app.finder.find(conn, &query, 0, FOUND - usize::from(order.is_some()))?;
        let lines = store::lines(conn, &found.ids)?;
        Ok((found, lines, order))
    })?;

    let today = req.at.day();
    Ok(Response::html(html! {
        div data-q=(typed) data-total=(told(typed, found.total, order.as_ref())) {
            @if lines.is_empty() && order.is_none() {
                p.none-found { "沒有「" (typed) "」。再少打一個字試試。" }
            } @else {
                ol.results #found role="listbox" aria-label="客戶和訂單" {
                    @for (at, line) in lines.iter().enumerate() {
                        li id={ "found-" (at + 1) } role="option" aria-selected="false" data-href=(picked_url(req, line)) {
                            kbd { (at + 1) } (views::found_view(line, &query, today))
                        }
                    }
                    @if let Some(order) = &order {
                        @let at = lines.len() + 1;
                        li id={ "found-" (at) } role="option" aria-selected="false" data-href={ "/orders/" (order.id) } {
                            kbd { (at) } (orders::list_view::found_view(order, &query, today))
                        }
                    }
                }
            }
            p.more-found {
                @if lines.len() < found.total { a href={ "/customers?q=" (encoded(typed)) (for_what(req)) } tabindex="-1" { "全部 " (ui::count(found.total as i64)) " 位" } }
                @if req.may(OFFICE) { a href=(new_url(typed)) tabindex="-1" data-new="" { (new_label(typed)) " " kbd { "A" } } }
            }
        }
    }))
}

/// The order whose number was typed; none while it is a customer that an order is for.
fn meant_order(conn: &rusqlite::Connection, req: &Request, typed: &str) -> Result<Option<Listed>> {
    match Number::offered(typed) {
        Some(number) if !is_for_an_order(req) => orders::store::numbered(conn, number, req.session()?.user_id, req.at.day()),
        _ => Ok(None),
    }
}

/// `「213」找到 8 位`.
fn told(typed: &str, customers: usize, order: Option<&Listed>) -> String {
    match (customers, order) {
        (0, None) => format!("沒有「{typed}」"),
        (0, Some(order)) => format!("訂單 {}", order.number),
        (customers, None) => format!("「{typed}」找到 {} 位", ui::count(customers as i64)),
        (customers, Some(_)) => format!("「{typed}」找到 {} 位，1 張訂單", ui::count(customers as i64)),
    }
}

/// Where picking `line` leads: to the card, or to the order form when that is what somebody is looked for.
fn picked_url(req: &Request, line: &Line) -> String {
    if is_for_an_order(req) { format!("/orders/new?customer={}", line.id) } else { format!("/customers/{}", line.id) }
}

fn is_for_an_order(req: &Request) -> bool {
    req.query("for") == Some("order") && req.may(OFFICE)
}

fn for_what(req: &Request) -> &'static str {
    if is_for_an_order(req) { "&for=order" } else { "" }
}

fn results_view(req: &Request, lines: &[Line], order: Option<&Listed>, query: &Query) -> Markup {
    html! {
        ol.results data-rows="" aria-label="搜尋結果" {
            @for (at, line) in lines.iter().enumerate() {
                li {
                    a href=(picked_url(req, line)) data-row=(at + 1) data-panel={ "/customers/" (line.id) "/summary" }
                        class=[(at == 0).then_some("here")] aria-current=[(at == 0).then_some("true")] {
                        kbd { (at + 1) } (views::found_view(line, query, req.at.day()))
                    }
                }
            }
            @if let Some(order) = order {
                @let at = lines.len() + 1;
                @let is_alone = lines.is_empty();
                li {
                    a href={ "/orders/" (order.id) } data-row=(at) class=[is_alone.then_some("here")] aria-current=[is_alone.then_some("true")] {
                        @if at <= FOUND { kbd { (at) } } (orders::list_view::found_view(order, query, req.at.day()))
                    }
                }
            }
        }
    }
}

/// The caller's number is most of a new customer: one key takes it along.
fn new_customer_view(req: &Request, typed: &str) -> Markup {
    html! {
        @if req.may(OFFICE) {
            p.pages.keys { span { "都不是？" } span.acts { a.button href=(new_url(typed)) data-key="a" { (new_label(typed)) " " kbd { "A" } } } }
        }
    }
}

fn is_number(typed: &str) -> bool {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    3 <= digits && typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '(' | ')' | '+' | '#' | ' '))
}

fn new_label(typed: &str) -> String {
    let what = if is_number(&crate::values::text::narrow(typed)) { "電話" } else { "名字" };
    format!("建新客戶，{what}先填 {typed}")
}

fn new_url(typed: &str) -> String {
    let field = if is_number(&crate::values::text::narrow(typed)) { "phone" } else { "name" };
    format!("/customers/new?{field}={}", encoded(typed))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

// The whole list.

fn all(app: &App, req: &Request) -> Result<Response> {
    let filter = filter_of(req);
    let sort = req.query("sort").and_then(Sort::from_word).unwrap_or(Sort::Code);
    let page = page_of(req);

    let (areas, counts, total, lines) = app.db.read(|conn| {
        let counts = store::counts(conn)?;
        let total = store::count(conn, &filter)?;
        let skip = (page - 1) * ROWS;
        let shown = match sort {
            Sort::Last => {
                let mut ids = store::ids(conn, &filter, sort, 0, total)?;
                app.finder.sort_by_last_delivery(conn, &mut ids)?;
                ids.into_iter().skip(skip).take(ROWS).collect::<Vec<_>>()
            }
            Sort::Code | Sort::Name | Sort::Area => store::ids(conn, &filter, sort, skip, ROWS)?,
        };
        Ok((store::areas(conn)?, counts, total, store::lines(conn, &shown)?))
    })?;

    Ok(Page::new(app, req, "客戶").room(Room::Customers).show(html! {
        div.head {
            div { h1 { "客戶 " (ui::count(total as i64)) " 位" } p { "按 " kbd { "/" } " 找人最快；這裡是整本名冊。" } }
            p.acts {
                a.button href="/areas" { "區域" }
                @if req.may(OFFICE) { a.button.primary href="/customers/new" data-key="a" { "建新客戶 " kbd { "A" } } }
            }
        }
        (states_view(req, &filter, &counts))
        (filters_view(req, &filter, sort, &areas))
        @if lines.is_empty() {
            (ui::empty("沒有這樣的客戶", "換一個條件，或在上面打名字。"))
        } @else {
            (list_view(&lines, req.at.day()))
            (pages_view(page, total, ROWS, &|page| list_url(req, &[("page", &page.to_string())])))
        }
    }))
}

fn filter_of(req: &Request) -> Filter {
    let area = req.query("area").and_then(|text| match text {
        "none" => Some(None),
        text => text.parse().ok().map(Some),
    });
    Filter {
        area,
        state: req.query("active").and_then(|word| Shown::ALL.into_iter().find(|shown| shown.word() == word)),
        pricing: req.query("pricing").and_then(Pricing::from_word),
        terms: req.query("terms").and_then(Terms::from_word),
    }
}

fn page_of(req: &Request) -> usize {
    req.query("page").and_then(|text| text.parse().ok()).filter(|page| (1..100_000).contains(page)).unwrap_or(1)
}

/// This list with some of its conditions changed; it begins again at its first page unless that is the change.
fn list_url(req: &Request, changes: &[(&str, &str)]) -> String {
    let names = ["active", "area", "pricing", "terms", "sort", "page"];
    let pairs: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let changed = changes.iter().find(|(have, _)| *have == name).map(|(_, value)| *value);
            let value = changed.or(if name == "page" { None } else { req.query(name) })?;
            (!value.is_empty()).then(|| format!("{name}={}", encoded(value)))
        })
        .collect();
    if pairs.is_empty() { "/customers".to_owned() } else { format!("/customers?{}", pairs.join("&")) }
}

fn states_view(req: &Request, filter: &Filter, (all, counts): &(i64, [i64; 4])) -> Markup {
    let url = |changes: &[(&str, &str)]| list_url(req, changes);
    html! {
        nav.filters aria-label="狀態" {
            a href=(url(&[("active", "")])) aria-current=[filter.state.is_none().then_some("page")] { "全部 " span.count { (ui::count(*all)) } }
            @for (shown, count) in Shown::ALL.into_iter().zip(counts) {
                @if 0 < *count || filter.state == Some(shown) {
                    a href=(url(&[("active", shown.word())])) aria-current=[(filter.state == Some(shown)).then_some("page")] {
                        (shown.label()) " " span.count { (ui::count(*count)) }
                    }
                }
            }
        }
    }
}

fn filters_view(req: &Request, filter: &Filter, sort: Sort, areas: &[Area]) -> Markup {
    html! {
        form.narrow action="/customers" {
            @if let Some(state) = req.query("active") { input type="hidden" name="active" value=(state); }
            label { "區域 " select name="area" data-submit="" {
                option value="" { "全部" }
                @for area in areas {
                    option value=(area.id) selected[filter.area == Some(Some(area.id))] { (area.name) "（" (ui::count(area.customers)) "）" }
                }
                option value="none" selected[filter.area == Some(None)] { "未分區" }
            } }
            label { "計價 " select name="pricing" data-submit="" {
                option value="" { "全部" }
                @for one in Pricing::ALL { option value=(one.word()) selected[filter.pricing == Some(*one)] { (one.label()) } }
            } }
            label { "結帳 " select name="terms" data-submit="" {
                option value="" { "全部" }
                @for one in Terms::ALL { option value=(one.word()) selected[filter.terms == Some(*one)] { (one.label()) } }
            } }
            label { "排序 " select name="sort" data-submit="" {
                @for one in Sort::ALL { option value=(one.word()) selected[sort == one] { (one.label()) } }
            } }
            button { "看" }
        }
    }
}

fn list_view(lines: &[Line], today: Day) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                thead { tr {
                    th.key { span.unseen { "鍵" } }
                    th scope="col" { "客戶" }
                    th scope="col" { "編號" }
                    th scope="col" { "電話" }
                    th scope="col" { "區域" }
                    th scope="col" { "地址" }
                    th scope="col" { "上次" }
                    th scope="col" { span.unseen { "狀態" } }
                } }
                tbody {
                    @for (at, line) in lines.iter().enumerate() {
                        tr {
                            td.key { @if at < 9 { kbd { (at + 1) } } }
                            th scope="row" { a href={ "/customers/" (line.id) } data-row=(at + 1) { (line.short_name) } }
                            td.keep { (line.code) }
                            td.keep { @match line.phones.first() { Some(phone) => (phone.to_string()), None => (ui::none()) } }
                            td.keep { @match &line.area { Some(area) => (area), None => "未分區" } }
                            td { @match &line.address { Some(address) => (address), None => (ui::none()) } }
                            td.keep { @match line.last_on { Some(on) => (on.beside(today)), None => (ui::none()) } }
                            td { (views::row_badges(line)) }
                        }
                    }
                }
            }
        }
    }
}

/// Where in the list one is, and the keys to the pages beside.
pub fn pages_view(page: usize, total: usize, size: usize, url: &dyn Fn(usize) -> String) -> Markup {
    let last = total.div_ceil(size).max(1);
    html! {
        @if 1 < last {
            nav.pages aria-label="頁" {
                span { "第 " (ui::count(page as i64)) " 頁，共 " (ui::count(last as i64)) " 頁" }
                span.acts {
                    @if 1 < page { a.button href=(url(page.min(last + 1) - 1)) data-key="PageUp" { "上一頁 " kbd { "PgUp" } } }
                    @if page < last { a.button href=(url(page + 1)) data-key="PageDown" { "下一頁 " kbd { "PgDn" } } }
                }
            }
        }
    }
}

// The card.

/// `GET /customers/{id}` is all one wants to know with the phone in the other hand.
pub fn card(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let is_just_saved = req.query("saved").is_some();

    let card = app.db.read(|conn| {
        let mut card = Card::load(conn, id, req.at, &app.settings())?;
        if is_just_saved {
            card.alike = store::alike(conn, &card.customer)?;
            card.doubts = form::doubts(&card.customer);
        }
        Ok(card)
    })?;

    let may_edit = req.may(OFFICE);
    let csrf = may_edit.then(|| ui::csrf_field(req));
    let details = &card.customer.details;
    let page = Page::new(app, req, &details.short_name).room(Room::Customers);
    let page = if card.proposal.is_some() { page.new_order(format!("/orders/new?customer={id}")) } else { page };
    Ok(page.show(html! {
        (views::head_view(&card, may_edit))
        (views::state_view(&card))
        (views::doubts_view(&card))
        div #card-usual data-live="order" data-live-customer=(id) { (order_views::usual_view(&card, may_edit)) }
        div.columns.three {
            div.stack {
                section.panel { h2 { "聯絡" } (views::contact_view(&card, csrf.as_ref())) }
                section.panel { h2 { "收貨時間 " @if details.available_hours != 0 { span { "底線是現在" } } } (views::hours_view(&card)) }
                @if let Some(notes) = &details.notes { section.panel { h2 { "備註" } p { (notes) } } }
            }
            div #card-open .stack data-live="order stop due" data-live-customer=(id) {
                (order_views::open_view(&card))
                @if card.customer.is_visited() {
                    section.panel {
                        h2 { "什麼時候該送 " (order_views::alarm_link_view(&card, may_edit)) }
                        (views::due_view(&card, &app.settings()))
                        (order_views::alarms_view(&card))
                    }
                }
                @if has_stock(&card) {
                    section.panel {
                        h2 {
                            "現場鋼瓶 "
                            a href={ "/customers/" (id) "/cylinders" } data-key="c" { "進出 " kbd { "C" } }
                            @if card.customer.details.pricing_method != Pricing::Cylinder {
                                " " a href={ "/customers/" (id) "/meters" } data-key="m" { "抄表 " kbd { "M" } }
                            }
                        }
                        (views::stock_view(&card))
                    }
                }
                @if may_edit { (order_views::templates_view(&card)) }
            }
            section #card-history .panel data-live="order stop" data-live-customer=(id) {
                h2 {
                    "最近 " (LAST) " 次 "
                    @if let Some(span) = &card.span { a href={ "/customers/" (id) "/deliveries" } data-key="h" { "全部 " (ui::count(span.count)) " 次 " kbd { "H" } } }
                }
                @if card.deliveries.deliveries.is_empty() { p { "還沒有配送紀錄。" } } @else { (views::history_view(&card)) }
            }
        }
        @if req.may(MANAGERS) { (manage_view(&card, req)) }
        (views::origin_view(&card))
    }))
}

/// `GET /customers/{id}/summary` is the panel beside the lit row of a search.
pub fn summary(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let card = app.db.read(|conn| Card::load(conn, id, req.at, &app.settings()))?;
    Ok(Response::html(views::summary_view(&card)))
}

fn has_stock(card: &Card) -> bool {
    let details = &card.customer.details;
    !card.held.is_empty()
        || details.pricing_method != Pricing::Cylinder
        || details.usage_areas.iter().any(Option::is_some)
        || details.series_g.is_some()
        || details.reserve_g.is_some()
        || details.spare_text.is_some()
        || !details.equipment.is_empty()
        || details.changeover_model.is_some()
        || details.equipment_owner_note.is_some()
        || details.site_declaration.is_some()
        || details.patrol_note.is_some()
        || details.legacy_cylinder_text.is_some()
}

/// What only a manager does, folded away: end, suspend, take up again, name the walk-in account.
fn manage_view(card: &Card, req: &Request) -> Markup {
    let act = |action: &str, label: &str, kind: &str| {
        html! {
            form.line-form method="post" action={ "/customers/" (card.customer.id) "/" (action) } {
                (ui::csrf_field(req))
                input type="hidden" name="version" value=(card.customer.version);
                @if kind == "danger" {
                    label.unseen for={ "note-" (action) } { "為什麼" }
                    input id={ "note-" (action) } name="note" maxlength="200" autocomplete="off" placeholder="為什麼（可以不填）";
                }
                button.(kind) { (label) }
            }
        }
    };
    html! {
        details.more.manage {
            summary { "經理：解約、停用、散客帳" }
            div.acts {
                @match card.customer.state {
                    State::Active => { (act("terminate", "解約", "danger")) (act("deactivate", "停用", "danger")) }
                    State::Inactive => { (act("reactivate", "恢復往來", "primary")) (act("terminate", "解約", "danger")) }
                    State::Terminated => (act("reactivate", "取消解約", "primary")),
                }
                (act("walk-in", if card.customer.is_walk_in { "不是散客帳" } else { "設成散客帳" }, "plain"))
            }
        }
    }
}

/// `GET /customers/{id}/sheet` shows the rows that told of a customer, word for word.
pub fn sheet(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;

    let (customer, sheet) = app.db.read(|conn| Ok((store::get(conn, id)?, store::sheet(conn, id)?)))?;

    let title = format!("{} 的原始資料", customer.details.short_name);
    Ok(Page::new(app, req, &title).room(Room::Customers).show(html! {
        div.head {
            div { h1.who { (customer.details.short_name) " " span.soft { "原始資料" } } p { "匯入時檔案裡寫的，一字不改。" } }
            p.acts { a.button href={ "/customers/" (id) } data-key="Escape" { "回客戶 " kbd { "Esc" } } }
        }
        @if sheet.cells.is_empty() && sheet.rows.is_empty() {
            (ui::empty("沒有原始資料", "這位客戶是在這裡建的，或檔案裡只有編號和日期。"))
        }
        (sheet_view(&sheet))
    }))
}

fn sheet_view(sheet: &Sheet) -> Markup {
    let table = |cells: &[(String, String)]| {
        html! {
            table.list.tight.sheet {
                thead { tr { th scope="col" { "欄位" } th scope="col" { "寫的" } } }
                tbody { @for (heading, text) in cells { @if !text.is_empty() { tr { th scope="row" { (heading) } td { (text) } } } } }
            }
        }
    };
    html! {
        @for row in &sheet.rows {
            section.panel { h2 { (row.file) " 第 " (row.row_no) " 列" } (table(&row.cells)) }
        }
        @if !sheet.cells.is_empty() { section.panel { h2 { "客戶總表，修正後" } (table(&sheet.cells)) } }
    }
}

/// `GET /data/export/customers.csv` is every customer as a file the import reads back.
pub fn export(app: &App, req: &Request) -> Result<Response> {
    let mut file = Vec::new();
    let count = app.db.read(|conn| export::write(conn, &mut file))?;
    app.db.write(|tx| journal::record_export(tx, req.by(), NOUN, count))?;
    Ok(Response::download("text/csv; charset=utf-8", export::FILE_NAME, file))
}
