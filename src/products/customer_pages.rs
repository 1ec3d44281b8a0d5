//! `/customers/{id}/prices`: what one customer has agreed on.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::app::App;
use crate::customers::{self, Customer};
use crate::error::{Problem, Result};
use crate::http::{Request, Response};
use crate::products::pages::MANAGERS;
use crate::products::prices::typed;
use crate::products::{Dated, PriceList, Product, store, views};
use crate::ui::{self, Page, Room};
use crate::values::{CustomerId, Day, ProductId};

/// What the page is drawn from.
struct Agreed {
    customer: Customer,
    catalogue: Vec<Product>,
    /// What everybody pays today, and what this customer does.
    standard: PriceList,
    theirs: PriceList,
    next: HashMap<ProductId, Dated>,
    history: Vec<(ProductId, Dated)>,
}

/// `GET /customers/{id}/prices` is what one customer pays; a manager sets and ends their own prices here.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    page(app, req, req.param("id")?, &[])
}

/// The page, with what is wrong with what was typed in it.
pub fn page(app: &App, req: &Request, id: CustomerId, problems: &[Problem]) -> Result<Response> {
    let today = req.at.day();

    let agreed = app.db.read(|conn| {
        Ok(Agreed {
            customer: customers::store::get(conn, id)?,
            catalogue: store::catalogue(conn)?,
            standard: store::prices(conn, None, today)?,
            theirs: store::prices(conn, Some(id), today)?,
            next: store::next_prices(conn, Some(id), today)?,
            history: store::own_history(conn, id)?,
        })
    })?;

    let may_edit = req.may(MANAGERS);
    let details = &agreed.customer.details;
    let title = format!("{} 的價格", details.short_name);
    let page = Page::new(app, req, &title).room(Room::Customers).new_order(format!("/orders/new?customer={id}")).show(html! {
        div.head {
            div {
                h1.who { (details.short_name) " 的價格 " span.soft { (details.customer_code.to_string()) } }
                p { "有自己的價就照自己的，沒有就照一般價。" }
            }
            div.acts { a.button href={ "/customers/" (id) } data-key="Escape" { "回客戶 " kbd { "Esc" } } }
        }
        (views::problems(problems))
        @if may_edit {
            form.price-form method="get" action="/products/prices/preview" {
                input type="hidden" name="customer" value=(id);
                (prices_view(&agreed, req, may_edit, problems))
                div.form-foot.line-form {
                    (views::from_field(typed(req, "from"), today, problems))
                    button.primary { "看一遍 " kbd { "Enter" } }
                }
            }
        } @else { (prices_view(&agreed, req, may_edit, problems)) }
        (history_view(&agreed, req, may_edit))
    });
    Ok(if problems.is_empty() { page } else { page.status(422) })
}

fn prices_view(agreed: &Agreed, req: &Request, may_edit: bool, problems: &[Problem]) -> Markup {
    let today = req.at.day();
    let own = |id: ProductId| agreed.theirs.of(id).filter(|price| price.is_own).map(|price| price.unit);
    let on_site = |product: &Product| {
        let cylinders = &agreed.customer.details.cylinders;
        cylinders.iter().find(|(code, qty)| *code == product.code && 0 < *qty).map(|(_, qty)| *qty)
    };
    let has_own = |product: &Product| own(product.id).is_some() || agreed.next.contains_key(&product.id);
    // What this customer has comes first.
    let mut shown: Vec<&Product> = agreed.catalogue.iter().filter(|product| product.is_active || has_own(product)).collect();
    shown.sort_by_key(|product| !has_own(product) && on_site(product).is_none());
    html! {
        div.scroll {
            table.list.folds.prices.tight {
                caption.unseen { "今天的價" }
                thead { tr {
                    th scope="col" { "產品" }
                    th.number scope="col" { "一般價" }
                    th.number scope="col" { "自己的價" }
                    th scope="col" { "下次" }
                    @if may_edit { th scope="col" { "新的自己的價" } th scope="col" { "或" } }
                } }
                tbody {
                    @for (at, product) in shown.into_iter().enumerate() {
                        @let name = format!("price_{}", product.id);
                        @let end = format!("end_{}", product.id);
                        tr {
                            th scope="row" {
                                @if may_edit { label for=(name) { (product.name) } } @else { (product.name) }
                                @if let Some(qty) = on_site(product) { " " span.soft.small { "現場 " (qty) " 支" } }
                            }
                            td.number data-label="一般價" { (views::price(agreed.standard.of(product.id).map(|price| price.unit))) }
                            td.number data-label="自己的價" { (views::price(own(product.id))) }
                            td.keep.spare[!agreed.next.contains_key(&product.id)] data-label="下次" {
                                @match agreed.next.get(&product.id) { Some(next) => (views::dated(*next, today)), None => (ui::none()) }
                            }
                            @if may_edit {
                                td {
                                    (views::price_input(product, typed(req, &name), problems, at == 0))
                                    " " span.soft.small { "元／" (product.unit()) }
                                    (views::why(&name, problems))
                                }
                                td {
                                    @if own(product.id).is_some() || agreed.next.get(&product.id).is_some_and(|next| next.unit.is_some()) {
                                        label.check { input type="checkbox" name=(end) value="1" checked[!typed(req, &end).is_empty()]; "改回一般價" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// All that was agreed on, the latest first; what has not been the past yet may be taken back.
fn history_view(agreed: &Agreed, req: &Request, may_edit: bool) -> Markup {
    let today = req.at.day();
    let name = |id: ProductId| agreed.catalogue.iter().find(|product| product.id == id).map_or("", |product| product.name.as_str());
    html! {
        @if !agreed.history.is_empty() {
            section.stack aria-labelledby="h-history" {
                h2 #h-history { "談過的價" }
                div.scroll {
                    table.list.folds.tight {
                        caption.unseen { "談過的價" }
                        thead { tr {
                            th scope="col" { "產品" }
                            th scope="col" { "從" }
                            th.number scope="col" { "價格" }
                            th.rest scope="col" { span.unseen { "動作" } }
                        } }
                        tbody {
                            @for (product, price) in &agreed.history {
                                tr {
                                    th scope="row" { (name(*product)) }
                                    td.keep { (from_view(price.from, today)) }
                                    td.number { @match price.unit { Some(_) => (views::price(price.unit)), None => { "一般價" } } }
                                    td { @if may_edit && today <= price.from { (views::withdraw(req, Some(agreed.customer.id), *product, *price)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn from_view(from: Day, today: Day) -> String {
    let when = from.beside(today);
    if today < from { format!("{when} 起，還沒到") } else { format!("{when} 起") }
}
