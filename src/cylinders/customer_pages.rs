//! `/customers/{id}/cylinders`: what a customer has of the shop, how it came there, and putting it right.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::app::App;
use crate::customers::{self, Customer};
use crate::cylinders::forms::read_qty;
use crate::cylinders::store::{self, Filter, Told};
use crate::cylinders::views::{self, MANAGERS, OFFICE, note_field, qty, qty_input};
use crate::cylinders::{Held, Place, by_hand, is_kept};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::products::{self, Product};
use crate::ui::{self, FormReader, Page, Room, Typed, csrf_field};
use crate::values::{CustomerId, ProductId};

/// Movements the page shows; the rest are one link away.
const LAST: usize = 20;

/// `GET /customers/{id}/cylinders`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    page(app, req, &Typed::default(), &[])
}

/// `POST /customers/{id}/cylinders/correct` puts the books right: `product_id`, `now` and a note.
pub fn correct(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: CustomerId = req.id(customers::NOUN)?;
    let mut form = FormReader::new(req);
    let product: Option<ProductId> = form.text("product_id").parse().ok();
    if product.is_none() {
        form.problem("product_id", "請選產品。");
    }
    if form.text("now").is_empty() {
        form.problem("now", "請填實際有幾支。");
    }
    let now = read_qty(&mut form, "now".to_owned(), Some(0)).unwrap_or_default();
    let note = form.optional("note", 500);
    let saved = form.check().and_then(|()| match product {
        Some(product) => app.db.write(|tx| by_hand::correct(tx, id, product, now, note.as_deref(), req.by())),
        None => Err(Error::BadRequest("the form names no product")),
    });

    match saved {
        Ok(_) => Ok(Response::see_other(url(id)).with_notice(&format!("已更正，現在 {now} 支。"))),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /customers/{id}/cylinders/own` says how many are the customer's own: `owned_ID` for each product.
pub fn own(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.id(customers::NOUN)?;
    let saved = app.db.write(|tx| {
        let mut form = FormReader::new(req);
        let mut counts = Vec::new();
        for product in products::store::catalogue(tx)?.iter().filter(|product| is_kept(product)) {
            let name = format!("owned_{}", product.id);
            let is_sent = form.has(&name);
            if let (true, Some(qty)) = (is_sent, read_qty(&mut form, name, Some(0))) {
                counts.push((product.id, qty));
            }
        }
        form.check()?;
        for (product, qty) in counts {
            by_hand::set_owned(tx, id, product, qty, req.by()).map_err(|error| named(error, &format!("owned_{product}")))?;
        }
        Ok(())
    });

    match saved {
        Ok(()) => Ok(Response::see_other(url(id)).with_notice("已存。")),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// The same with its problem at the field of the form.
fn named(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid(problems) => {
            Error::Invalid(problems.into_iter().map(|problem| Problem { field: field.to_owned().into(), ..problem }).collect())
        }
        error => error,
    }
}

fn url(id: CustomerId) -> String {
    format!("/customers/{id}/cylinders")
}

/// All that the page shows.
struct Shown {
    customer: Customer,
    catalogue: Vec<Product>,
    held: Vec<Held>,
    turnover: Vec<(ProductId, i64, i64)>,
    owned: HashMap<ProductId, i64>,
    told: Vec<Told>,
}

fn page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let id: CustomerId = req.id(customers::NOUN)?;
    let shown = app.db.read(|conn| {
        let filter = Filter { place: Some(Place::Customer(id)), ..Filter::default() };
        Ok(Shown {
            customer: customers::store::get(conn, id)?,
            catalogue: products::store::catalogue(conn)?,
            held: store::held_by_customer(conn, id)?,
            turnover: store::turnover(conn, id)?,
            owned: store::owned_by_customer(conn, id)?,
            told: store::history(conn, &filter, None, LAST + 1)?,
        })
    })?;

    let name = &shown.customer.details.short_name;
    let title = format!("{name} 的鋼瓶");
    let has_more = LAST < shown.told.len();
    Ok(Page::new(app, req, &title).room(Room::Customers).new_order(format!("/orders/new?customer={id}")).show(html! {
        div.head {
            div {
                h1.who { (name) " " span.soft { (shown.customer.details.customer_code.to_string()) } }
                p { "放在客戶那裡的鋼瓶：匯入時的，加送到的，減收回的。" }
            }
            p.acts { a.button.quiet href={ "/customers/" (id) } data-key="Escape" { "回客戶 " kbd { "Esc" } } }
        }
        @if shown.held.is_empty() {
            (ui::empty("還沒有鋼瓶", "第一次送到之後，就會列在這裡。"))
        } @else {
            (held_view(req, &shown, typed, problems))
        }
        @if req.may(MANAGERS) { (correct_view(req, &shown, typed, problems)) }
        @if !shown.told.is_empty() {
            section.stack aria-labelledby="h-moves" {
                h2 #h-moves { "異動" @if has_more { " " a href={ "/cylinders/movements?place=customer:" (id) } { "全部" } } }
                (views::history_view(req, &shown.told[..shown.told.len().min(LAST)], req.at))
            }
        }
    }))
}

fn held_view(req: &Request, shown: &Shown, typed: &Typed, problems: &[Problem]) -> Markup {
    let may_own = req.may(OFFICE);
    html! {
        form.price-form method="post" action={ (url(shown.customer.id)) "/own" } {
            (csrf_field(req))
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "各產品的支數" }
                    thead { tr {
                        th scope="col" { "產品" }
                        th.number scope="col" { "匯入時" }
                        th.number scope="col" { "送到" }
                        th.number scope="col" { "收回" }
                        th.number scope="col" { "更正" }
                        th.number scope="col" { "現在" }
                        th scope="col" { "客戶自己的" }
                        th.number scope="col" { "我們借的" }
                    } }
                    tbody {
                        @for held in &shown.held {
                            @let (delivered, returned) = shown.turnover.iter().find(|one| one.0 == held.product).map_or((0, 0), |one| (one.1, one.2));
                            @let owned = shown.owned.get(&held.product).copied().unwrap_or(0);
                            @let field = format!("owned_{}", held.product);
                            @let value = if typed.get(&field).is_empty() { owned.to_string() } else { typed.get(&field).to_owned() };
                            tr {
                                th scope="row" { (held.product_name) }
                                td.number data-label="匯入時" { (qty(held.opening)) }
                                td.number data-label="送到" { (qty(delivered)) }
                                td.number data-label="收回" { (qty(returned)) }
                                td.number data-label="更正" { (qty(held.moved - delivered + returned)) }
                                td.number data-label="現在" { b { (qty(held.now())) } }
                                td data-label="客戶自己的" {
                                    @if may_own { (qty_input(&field, &format!("{} 客戶自己的支數", held.product_name), &value, problems, false)) }
                                    @else { (qty(owned)) }
                                }
                                td.number data-label="我們借的" { (qty((held.now() - owned).max(0))) }
                            }
                        }
                    }
                }
            }
            @if may_own { p.acts { button { "存客戶自己的支數" } } }
        }
    }
}

fn correct_view(req: &Request, shown: &Shown, typed: &Typed, problems: &[Problem]) -> Markup {
    let is_wrong = problems.iter().any(|problem| ["product_id", "now", "note"].contains(&problem.field.as_ref()));
    html! {
        details.more open[is_wrong] {
            summary { "更正支數" }
            form.panel.settings method="post" action={ (url(shown.customer.id)) "/correct" } {
                (csrf_field(req))
                (ui::field("產品", "product_id", problems, html! {
                    select #product_id name="product_id" {
                        @for product in shown.catalogue.iter().filter(|product| is_kept(product)) {
                            option value=(product.id) selected[typed.is("product_id", &product.id.to_string())] { (product.name) }
                        }
                    }
                }))
                div.field { label for="now" { "實際有" } div { (qty_input("now", "實際有幾支", typed.get("now"), problems, false)) } }
                (note_field("原因", typed.get("note"), problems))
                div.acts { button.primary { "更正" } }
            }
        }
    }
}
