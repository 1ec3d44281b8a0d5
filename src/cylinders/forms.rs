//! What people write into the ledger from the stock page: the plant, scrap, a count.

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::cylinders::by_hand::{self, Counted, Exchange};
use crate::cylinders::views::{self, MANAGERS, note_field, qty_input};
use crate::cylinders::{Place, State, is_kept, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::products::{self, Product};
use crate::ui::{self, FormReader, Page, Room, Typed, csrf_field};
use crate::values::text;

/// A product with what the books say of the shelf.
struct Line {
    product: Product,
    full: i64,
    empty: i64,
}

impl Line {
    fn at_shop(&self, state: State) -> i64 {
        match state {
            State::Full => self.full,
            State::Empty => self.empty,
        }
    }
}

/// What is sold and counted, and what is still on the shelf of what is not sold any more.
fn lines(conn: &Connection) -> Result<Vec<Line>> {
    let shelf = store::balances(conn, Place::Shop)?;
    let kept = products::store::catalogue(conn)?.into_iter().filter(is_kept);
    let lines = kept.map(|product| {
        let (full, empty) = shelf.iter().find(|one| one.product == product.id).map_or((0, 0), |one| (one.full, one.empty));
        Line { product, full, empty }
    });
    Ok(lines.filter(|line| line.product.is_active || line.full != 0 || line.empty != 0).collect())
}

/// A count as people type it: digits, full width too. `None`: it is none.
pub(super) fn whole(typed: &str) -> Option<i64> {
    let digits = text::narrow(text::trim(typed)).replace(',', "");
    if digits.is_empty() || 5 < digits.len() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The count in field `name`: nothing typed is `empty`.
pub(super) fn read_qty(form: &mut FormReader, name: String, empty: Option<i64>) -> Option<i64> {
    let typed = form.text(&name);
    if typed.is_empty() {
        return empty;
    }
    let qty = whole(&typed);
    if qty.is_none() {
        form.problem(name, "支數是 0 到 99,999 的整數。");
    }
    qty
}

// The plant.

/// `GET /cylinders/refill` asks how many empties went to the plant and how many full ones came from it.
pub fn refill_form(app: &App, req: &Request) -> Result<Response> {
    refill_page(app, req, &Typed::default(), &[])
}

/// `POST /cylinders/refill`: `sent_ID` and `refilled_ID` for each product, and a note.
pub fn refill(app: &App, req: &Request) -> Result<Response> {
    let saved = app.db.write(|tx| {
        let mut form = FormReader::new(req);
        let mut exchanges = Vec::new();
        for Line { product, .. } in lines(tx)? {
            let sent = read_qty(&mut form, format!("sent_{}", product.id), Some(0));
            let refilled = read_qty(&mut form, format!("refilled_{}", product.id), Some(0));
            if let (Some(sent), Some(refilled)) = (sent, refilled) {
                exchanges.push(Exchange { product: product.id, sent, refilled });
            }
        }
        let note = form.optional("note", 500);
        form.check()?;
        by_hand::refill(tx, &exchanges, note.as_deref(), req.by())?;
        Ok((exchanges.iter().map(|one| one.sent).sum::<i64>(), exchanges.iter().map(|one| one.refilled).sum::<i64>()))
    });

    match saved {
        Ok((sent, refilled)) => {
            Ok(Response::see_other("/cylinders").with_notice(&format!("已存：空桶送廠 {sent} 支，滿桶進貨 {refilled} 支。")))
        }
        Err(Error::Invalid(problems)) => Ok(refill_page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

fn refill_page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let lines = app.db.read(lines)?;
    Ok(Page::new(app, req, "送廠、進貨").room(Room::Dispatch).show(html! {
        div.head { div { h1 { "送廠、進貨" } p { "空桶送去灌裝廠，滿桶進門市。沒有的空著。" } } }
        (views::whole_problems(problems))
        form.price-form method="post" action="/cylinders/refill" {
            (csrf_field(req))
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "送廠和進貨的支數" }
                    thead { tr {
                        th scope="col" { "產品" }
                        th.number scope="col" { "門市空桶" }
                        th scope="col" { "空桶送廠" }
                        th.number scope="col" { "門市滿桶" }
                        th scope="col" { "滿桶進貨" }
                    } }
                    tbody {
                        @for (at, line) in lines.iter().enumerate() {
                            @let (id, name) = (line.product.id, &line.product.name);
                            @let (sent, refilled) = (format!("sent_{id}"), format!("refilled_{id}"));
                            tr {
                                th scope="row" { (name) }
                                td.number data-label="門市空桶" { (views::qty(line.empty)) }
                                td data-label="空桶送廠" { (qty_input(&sent, &format!("{name} 空桶送廠"), typed.get(&sent), problems, at == 0)) }
                                td.number data-label="門市滿桶" { (views::qty(line.full)) }
                                td data-label="滿桶進貨" { (qty_input(&refilled, &format!("{name} 滿桶進貨"), typed.get(&refilled), problems, false)) }
                            }
                        }
                    }
                }
            }
            div.panel { (note_field("備註", typed.get("note"), problems)) }
            (foot_view("存起來"))
        }
    }))
}

// Scrap.

/// `GET /cylinders/scrap`.
pub fn scrap_form(app: &App, req: &Request) -> Result<Response> {
    let mut typed = Typed::default();
    typed.push("state", State::Empty.word());
    scrap_page(app, req, &typed, &[])
}

/// `POST /cylinders/scrap`: `product_id`, `state`, `qty` and a note.
pub fn scrap(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let product = form.text("product_id").parse().ok();
    if product.is_none() {
        form.problem("product_id", "請選產品。");
    }
    let state = State::from_word(&form.text("state")).unwrap_or(State::Empty);
    let qty = read_qty(&mut form, "qty".to_owned(), Some(0));
    let note = form.optional("note", 500);
    let saved = form.check().and_then(|()| match (product, qty) {
        (Some(product), Some(qty)) => app.db.write(|tx| by_hand::scrap(tx, product, state, qty, note.as_deref(), req.by())).map(|_| qty),
        _ => Err(Error::BadRequest("the form names no product")),
    });

    match saved {
        Ok(qty) => Ok(Response::see_other("/cylinders").with_notice(&format!("已存：報廢 {qty} 支。"))),
        Err(Error::Invalid(problems)) => Ok(scrap_page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

fn scrap_page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let lines = app.db.read(lines)?;
    let is_first = problems.first().is_none_or(|problem| problem.field == "product_id");
    Ok(Page::new(app, req, "報廢").room(Room::Dispatch).show(html! {
        div.head { div { h1 { "報廢" } p { "檢驗不過、壞了、丟了的桶，從門市扣掉。" } } }
        form.panel.settings method="post" action="/cylinders/scrap" {
            (csrf_field(req))
            (ui::field("產品", "product_id", problems, html! {
                select #product_id name="product_id" autofocus[is_first] {
                    @for line in &lines {
                        option value=(line.product.id) selected[typed.is("product_id", &line.product.id.to_string())] { (line.product.name) }
                    }
                }
            }))
            div.field {
                span.label #l-state { "滿空" }
                div.choice role="group" aria-labelledby="l-state" {
                    @for state in State::ALL {
                        label { input type="radio" name="state" value=(state.word()) checked[typed.is("state", state.word())]; " " (state.label()) }
                    }
                }
            }
            div.field { label for="qty" { "支數" } div { (qty_input("qty", "支數", typed.get("qty"), problems, false)) } }
            (note_field("原因", typed.get("note"), problems))
            div.acts { (acts_view("報廢")) }
        }
    }))
}

// A count.

/// `GET /cylinders/count` is the sheet to count the shelf with.
pub fn count_form(app: &App, req: &Request) -> Result<Response> {
    count_page(app, req, &Typed::default(), &[])
}

/// `POST /cylinders/count`: `full_ID` and `empty_ID` for what was counted, empty for what was not, `was_full_ID` and
/// `was_empty_ID` as the books stood, and a note when they differ.
pub fn count(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let saved = app.db.write(|tx| {
        let mut form = FormReader::new(req);
        let mut counted = Vec::new();
        for Line { product, .. } in lines(tx)? {
            for state in State::ALL {
                let name = format!("{}_{}", state.word(), product.id);
                let was = form.text(&format!("was_{name}")).parse().ok();
                if let Some(found) = read_qty(&mut form, name, None) {
                    counted.push(Counted { product: product.id, state: *state, found, was });
                }
            }
        }
        let note = form.optional("note", 500);
        form.check()?;
        let moved = by_hand::count(tx, &counted, note.as_deref(), req.by())?;
        Ok((counted.len(), moved.len()))
    });

    match saved {
        Ok((_, 0)) => Ok(Response::see_other("/cylinders").with_notice("已存，和帳上一樣。")),
        Ok((counted, moved)) => {
            Ok(Response::see_other("/cylinders").with_notice(&format!("已存：點了 {counted} 樣，{moved} 樣不同，照點到的改了。")))
        }
        Err(Error::Invalid(problems)) => Ok(count_page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

fn count_page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let lines = app.db.read(lines)?;
    Ok(Page::new(app, req, "盤點").room(Room::Dispatch).show(html! {
        div.head { div { h1 { "盤點" } p { "填門市實際點到的。沒點的空著，不會動；不一樣的要寫原因。" } } }
        (views::whole_problems(problems))
        form.price-form method="post" action="/cylinders/count" {
            (csrf_field(req))
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "點到的支數" }
                    thead { tr {
                        th scope="col" { "產品" }
                        th.number scope="col" { "帳上滿桶" }
                        th scope="col" { "點到滿桶" }
                        th.number scope="col" { "帳上空桶" }
                        th scope="col" { "點到空桶" }
                    } }
                    tbody {
                        @for (at, line) in lines.iter().enumerate() {
                            tr {
                                th scope="row" { (line.product.name) }
                                @for state in State::ALL { (count_cells(line, *state, typed, problems, at == 0 && *state == State::Full)) }
                            }
                        }
                    }
                }
            }
            div.panel { (note_field("原因", typed.get("note"), problems)) }
            (foot_view("存盤點"))
        }
    }))
}

fn count_cells(line: &Line, state: State, typed: &Typed, problems: &[Problem], is_first: bool) -> Markup {
    let name = format!("{}_{}", state.word(), line.product.id);
    let (booked, label) = (line.at_shop(state), state.label());
    html! {
        td.number data-label={ "帳上" (label) } { (views::qty(booked)) }
        td data-label={ "點到" (label) } {
            input type="hidden" name={ "was_" (name) } value=(booked);
            (qty_input(&name, &format!("{} 點到{label}", line.product.name), typed.get(&name), problems, is_first))
        }
    }
}

fn foot_view(act: &str) -> Markup {
    html! { div.form-foot.acts { (acts_view(act)) } }
}

fn acts_view(act: &str) -> Markup {
    html! {
        button.primary { (act) " " kbd { "Enter" } }
        a.button href="/cylinders" data-key="Escape" { "不存 " kbd { "Esc" } }
    }
}
