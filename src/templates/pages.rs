use maud::{Markup, html};

use crate::app::App;
use crate::customers::{self, State};
use crate::error::{Problem, Result};
use crate::http::{Request, Response};
use crate::jobs;
use crate::orders::desk::Desk;
use crate::orders::{self, Actor, Order};
use crate::templates::edit::{days_of, days_panel};
use crate::templates::form_view::{Sheet, form_view};
use crate::templates::store::{self, Shown};
use crate::templates::{Row, Stopped, Template, by_hand, form};
use crate::ui::{self, Page, Room, Typed};
use crate::values::{CustomerId, Day, Stamp, TemplateId};

/// Rows of a list a page shows.
const ROWS: usize = 50;
/// Orders of a template its page shows.
const MADE: usize = 8;
/// The name of the night's job.
const JOB: &str = "templates";

/// `GET /templates` is the list of those in use, `?stopped=1` of the others; on top what the office must be told.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let customer: Option<CustomerId> = req.query("customer").and_then(|id| id.parse().ok());
    let shown = if req.query("stopped").is_some() { Shown::Stopped } else { Shown::InUse };
    let page = req.query("page").and_then(|text| text.parse().ok()).filter(|page| (1..100_000).contains(page)).unwrap_or(1);

    let (whose, told, rows, counts, last_run) = app.db.read(|conn| {
        let whose = customer.map(|id| customers::store::get(conn, id)).transpose()?;
        // Of one customer only its own.
        let is_meant = |row: &Row| customer.is_none_or(|customer| row.template.customer_id == customer);
        let mut told = Told { stopped: store::list(conn, Shown::Unseen, customer, 0, ROWS)?, failed: failed(conn, req.at)? };
        told.failed.retain(|(row, _)| is_meant(row));
        let rows = store::list(conn, shown, customer, (page - 1) * ROWS, ROWS)?;
        let counts = [store::count(conn, Shown::InUse, customer)?, store::count(conn, Shown::Stopped, customer)?];
        Ok((whose, told, rows, counts, jobs::store::runs_of(conn, JOB, 1)?.into_iter().next()))
    })?;

    let total = counts[usize::from(shown == Shown::Stopped)];
    Ok(Page::new(app, req, "範本").room(Room::Orders).show(html! {
        div.head {
            div {
                h1.who {
                    @if let Some(customer) = &whose { (customer.details.short_name) " " }
                    span.soft[whose.is_some()] { "範本 " (ui::count(counts[0] as i64)) " 個" }
                }
                p {
                    "每天 01:00 把隔天的單開成待確認。"
                    @if let Some(run) = &last_run { "上次 " (run.started_at.beside(req.at)) "，" (jobs::words::counts_line(run)) "。" }
                }
            }
            div.acts {
                @match &whose {
                    Some(customer) => {
                        a.button href={ "/templates/new?customer=" (customer.id) } data-key="a" { "做新範本 " kbd { "A" } }
                        a.button.quiet href={ "/customers/" (customer.id) } data-key="Escape" { "回客戶 " kbd { "Esc" } }
                    }
                    None => {
                        form method="post" action="/templates/run" {
                            (ui::csrf_field(req))
                            button data-key="r" { "現在就開 " kbd { "R" } }
                        }
                        a.button.quiet href="/orders" data-key="Escape" { "回訂單 " kbd { "Esc" } }
                    }
                }
            }
        }
        (told_view(req, &told))
        (tabs_view(shown, customer, counts))
        @if rows.is_empty() {
            @if shown == Shown::Stopped { (ui::empty("沒有停用的範本", "停用的會留在這裡，隨時可以恢復。")) }
            @else { (ui::empty("還沒有範本", "按 / 找到客戶，在客戶那一頁按 T：常常一樣的單寫一次就好。")) }
        } @else {
            (list_view(&rows, req.at))
            (pages_view(page, total, shown, customer))
        }
    }))
}

/// What somebody of the office must know.
pub struct Told {
    /// Stopped by the night, and nobody has said 知道了 yet.
    pub stopped: Vec<Row>,
    /// No order could be made of them, and why.
    pub failed: Vec<(Row, String)>,
}

impl Told {
    pub fn is_empty(&self) -> bool {
        self.stopped.is_empty() && self.failed.is_empty()
    }
}

/// Those of which the last run could make no order, as long as their day still waits.
pub fn failed(conn: &rusqlite::Connection, now: Stamp) -> Result<Vec<(Row, String)>> {
    let runs = jobs::store::runs_of(conn, JOB, 1)?;
    let failures = runs.first().and_then(|run| run.counts.get("failures")?.as_array().cloned()).unwrap_or_default();
    let mut told = Vec::new();
    for failure in failures {
        let Some(id) = failure["template_id"].as_i64().map(TemplateId) else { continue };
        let row = store::row_of(conn, id)?;
        let waits = row.template.stopped.is_none() && row.template.details.next_on.is_some_and(|day| day <= now.day().plus(1));
        if waits {
            told.push((row, failure["say"].as_str().unwrap_or_default().to_owned()));
        }
    }
    Ok(told)
}

fn told_view(req: &Request, told: &Told) -> Markup {
    html! {
        @if !told.is_empty() {
            section.stack aria-labelledby="h-told" {
                h2 #h-told { "要知道的" }
                @for row in &told.stopped {
                    form.line-form.told method="post" action={ "/templates/" (row.template.id) "/seen" } {
                        (ui::csrf_field(req))
                        p.warn {
                            span {
                                a href={ "/templates/" (row.template.id) } { (row.customer_name) "　" (row.template.details.name) } " 停了："
                                (why(row.template.stopped)) "，沒有開單。"
                            }
                            button { "知道了" span.unseen { "：" (row.customer_name) } }
                        }
                    }
                }
                @for (row, say) in &told.failed {
                    p.refuse {
                        span {
                            a href={ "/templates/" (row.template.id) } { (row.customer_name) "　" (row.template.details.name) }
                            " 沒開成：" (say)
                        }
                    }
                }
            }
        }
    }
}

/// Why a template is stopped, as the end of a sentence.
fn why(stopped: Option<Stopped>) -> &'static str {
    match stopped {
        Some(Stopped::CustomerStopped) => "客戶解約或停用了",
        Some(Stopped::Ended) => "最後一天到了",
        Some(Stopped::ByHand) => "有人停用",
        None => "使用中",
    }
}

fn url(shown: Shown, customer: Option<CustomerId>, page: usize) -> String {
    let mut parts = Vec::new();
    if shown == Shown::Stopped {
        parts.push("stopped=1".to_owned());
    }
    parts.extend(customer.map(|id| format!("customer={id}")));
    if 1 < page {
        parts.push(format!("page={page}"));
    }
    if parts.is_empty() { "/templates".to_owned() } else { format!("/templates?{}", parts.join("&")) }
}

fn tabs_view(shown: Shown, customer: Option<CustomerId>, counts: [usize; 2]) -> Markup {
    html! {
        nav.filters aria-label="狀態" {
            @for (one, label, count) in [(Shown::InUse, "使用中", counts[0]), (Shown::Stopped, "停用", counts[1])] {
                a href=(url(one, customer, 1)) aria-current=[(one == shown).then_some("page")] { (label) " " span.count { (ui::count(count as i64)) } }
            }
            @if customer.is_some() { a href=(url(shown, None, 1)) { "看全部客戶" } }
        }
    }
}

fn list_view(rows: &[Row], now: Stamp) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                thead { tr {
                    th.key { span.unseen { "鍵" } }
                    th scope="col" { "客戶" }
                    th scope="col" { "品項" }
                    th scope="col" { "多久一次" }
                    th scope="col" { "下一次" }
                    th scope="col" { "上次用" }
                    th.number scope="col" { "用過" }
                } }
                tbody {
                    @for (at, row) in rows.iter().enumerate() {
                        @let template = &row.template;
                        tr.urgent[template.details.is_urgent].here[at == 0] {
                            td.key { @if at < 9 { kbd { (at + 1) } } }
                            th scope="row" {
                                a href={ "/templates/" (template.id) } data-row=(at + 1) aria-current=[(at == 0).then_some("true")] { (row.customer_name) }
                                @if template.details.name != template.details.items() { small.soft { (template.details.name) } }
                            }
                            td { (template.details.items()) }
                            td { (template.details.rhythm_said()) }
                            td.keep data-label="下一次" { (next_view(template, now.day())) }
                            td.keep data-label="上次用" { @match template.last_used_at { Some(at) => (at.day().beside(now.day())), None => (ui::none()) } }
                            td.number data-label="用過" { (ui::count(template.times_used)) " 次" }
                        }
                    }
                }
            }
        }
    }
}

fn next_view(template: &Template, today: Day) -> Markup {
    html! {
        @match (template.stopped, template.details.next_on) {
            (Some(stopped), _) => span.badge.off { (stopped.label()) },
            (None, Some(day)) => (day.beside(today)),
            (None, None) => (ui::none()),
        }
    }
}

fn pages_view(page: usize, total: usize, shown: Shown, customer: Option<CustomerId>) -> Markup {
    let last = total.div_ceil(ROWS).max(1);
    html! {
        @if 1 < last {
            nav.pages aria-label="頁" {
                span { "第 " (ui::count(page as i64)) " 頁，共 " (ui::count(last as i64)) " 頁" }
                span.acts {
                    @if 1 < page { a.button href=(url(shown, customer, page.min(last + 1) - 1)) data-key="PageUp" { "上一頁 " kbd { "PgUp" } } }
                    @if page < last { a.button href=(url(shown, customer, page + 1)) data-key="PageDown" { "下一頁 " kbd { "PgDn" } } }
                }
            }
        }
    }
}

/// `POST /templates/run` does the night's work now.
pub fn run(app: &App, req: &Request) -> Result<Response> {
    let run = jobs::run(app, night()?, req.by())?;

    let say = match run.outcome {
        Some(jobs::Outcome::Done) => format!("做完了，{}。", jobs::words::counts_line(&run)),
        _ => format!("沒做成。{}", run.counts.get("say").and_then(|say| say.as_str()).unwrap_or("請再試一次。")),
    };
    Ok(Response::see_other("/templates").with_notice(&say))
}

/// The job of the night.
pub fn night() -> Result<&'static jobs::Job> {
    jobs::find(JOB).ok_or_else(|| crate::Error::impossible("find the job of the templates"))
}

// One template.

/// `GET /templates/{id}` is one template: an order of it now, and all that can be changed.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;
    draw(app, req, id, &Drawn::default())
}

/// The page with the form as it was typed, what is wrong with it, and what is to be told above it.
pub fn page(app: &App, req: &Request, id: TemplateId, typed: &Typed, problems: &[Problem], told: Markup) -> Result<Response> {
    draw(app, req, id, &Drawn { typed: Some(typed), problems, told: Some(told), ..Drawn::default() })
}

/// The page with the order of it as it was typed, and what is wrong with that.
pub fn used_page(app: &App, req: &Request, id: TemplateId, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    draw(app, req, id, &Drawn { used: Some(typed), used_problems: problems, ..Drawn::default() })
}

/// What the page is drawn with besides what stands in the file.
#[derive(Default)]
struct Drawn<'a> {
    typed: Option<&'a Typed>,
    problems: &'a [Problem],
    told: Option<Markup>,
    used: Option<&'a Typed>,
    used_problems: &'a [Problem],
}

fn draw(app: &App, req: &Request, id: TemplateId, drawn: &Drawn) -> Result<Response> {
    let settings = app.settings();
    let (template, desk, made, offer) = app.db.read(|conn| {
        let template = store::get(conn, id)?;
        let desk = Desk::load(conn, template.customer_id, &settings, req.at)?;
        let made = store::orders_of(conn, id, MADE)?.into_iter().map(|id| orders::store::get(conn, id)).collect::<Result<Vec<_>>>()?;
        let offer = by_hand::Offer::of(conn, &template, &desk, drawn.used, drawn.used_problems, Actor::of(req), &settings)?;
        Ok((template, desk, made, offer))
    })?;

    let stands = Typed(form::pairs(&template.details));
    let typed = drawn.typed.unwrap_or(&stands);
    let sheet = Sheet { typed, problems: drawn.problems, catalogue: &desk.catalogue, is_new: false };
    let is_usable = template.stopped.is_none() && desk.customer.state == State::Active;
    let title = format!("範本 {}", desk.customer.details.short_name);
    Ok(Page::new(app, req, &title).room(Room::Orders).show(html! {
        (head_view(req, &template, &desk, drawn.told.is_some()))
        @if let Some(told) = &drawn.told { (told) }
        @if let Some(stopped) = template.stopped { (stopped_view(req, &template, stopped)) }
        @if is_usable && drawn.typed.is_none() { (by_hand::use_view(req, &template, &desk, &offer)) }
        form.columns.side.sheet-form method="post" action={ "/templates/" (id) } data-preview="/templates/preview" {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(template.version);
            input type="hidden" name="customer" value=(template.customer_id);
            input type="hidden" name="template" value=(id);
            div.stack {
                @if !drawn.problems.is_empty() { (ui::refuse(&crate::Error::Invalid(drawn.problems.to_vec()).user_message())) }
                (form_view(&sheet))
                p.acts.form-foot { button { "存範本" } span.soft { (template.code) } }
            }
            aside.stack {
                (days_panel(if template.stopped.is_some() { "恢復以後" } else { "接下來五次" }, &days_of(&desk, typed, Some(&template.details))))
                (made_view(&template, &made, req.at))
            }
        }
    }))
}

/// `is_told`: above the form stands what Esc leads back to.
fn head_view(req: &Request, template: &Template, desk: &Desk, is_told: bool) -> Markup {
    let details = &desk.customer.details;
    let act = |action: &str, body: Markup| {
        html! { form method="post" action={ "/templates/" (template.id) "/" (action) } { (ui::csrf_field(req)) (body) } }
    };
    html! {
        div.head {
            div {
                h1.who { (details.short_name) " " span.soft { "範本 " (template.details.name) } }
                p {
                    @if let Some(number) = details.phones.first() { (number.phone.to_string()) "　" }
                    @if let Some(area) = &details.area { (area) "　" }
                    @if let Some(address) = &details.address { (address) }
                }
            }
            div.acts {
                @if template.stopped.is_none() { (act("stop", html! { button.danger data-key="x" { "停用 " kbd { "X" } } })) }
                @else { (act("restart", html! { button data-key="r" { "恢復 " kbd { "R" } } })) }
                a.button href="/templates" { "全部範本" }
                @if !is_told { a.button.quiet href={ "/customers/" (desk.customer.id) } data-key="Escape" { "回客戶 " kbd { "Esc" } } }
            }
        }
    }
}

fn stopped_view(req: &Request, template: &Template, stopped: Stopped) -> Markup {
    html! {
        form.line-form.told method="post" action={ "/templates/" (template.id) "/seen" } {
            (ui::csrf_field(req))
            p.warn {
                span { b { "停用中：" (why(Some(stopped))) "。" } "按「恢復」才會再開單。" }
                @if !template.is_stop_seen { button { "知道了" } }
            }
        }
    }
}

fn made_view(template: &Template, made: &[Order], now: Stamp) -> Markup {
    html! {
        section.panel {
            h2 { "開過的單 " span { (ui::count(template.times_used)) " 次" } }
            @if made.is_empty() { p { "還沒開過。" } } @else {
                table.list.tight {
                    thead.unseen { tr { th scope="col" { "日期" } th scope="col" { "品項" } th scope="col" { "狀態" } } }
                    tbody {
                        @for order in made {
                            tr {
                                td.keep { a href={ "/orders/" (order.id) } { (order.scheduled_on.beside(now.day())) } }
                                td { (order.items()) }
                                td { span.badge class=(order.status.word()) { (order.status.label()) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
