//! `/products`: the price list, and filling in new prices, which tells what it touches before anything is saved.

use maud::{Markup, html};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::products::prices::{self, Change, typed};
use crate::products::{Dated, PriceList, Product, store, views};
use crate::ui::{self, Page, Room, csrf_field};
use crate::users::Role;
use crate::values::{CustomerId, Day, Ntd, ProductId};

/// Who says what things cost.
pub const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

/// `GET /products` is the price list; what is sold and has no price stands above it with the field to fill.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let today = req.at.day();

    let (catalogue, list, next, unpriced) = app.db.read(|conn| {
        let next = store::next_prices(conn, None, today)?;
        Ok((store::catalogue(conn)?, store::prices(conn, None, today)?, next, store::unpriced(conn, today)?))
    })?;

    let may_edit = req.may(MANAGERS);
    Ok(Page::new(app, req, "產品與價格").room(Room::Settings).show(html! {
        div.head {
            div { h1 { "產品與價格" } p { "今天 " (today.short()) " 的價，含稅。單子照送貨那天的價，開好以後不會再變。" } }
            div.acts {
                @if may_edit {
                    a.button.primary[unpriced.is_empty()] href="/products/prices" data-key="c" { "調價 " kbd { "C" } }
                    a.button href="/products/new" data-key="a" { "新增配件 " kbd { "A" } }
                }
                a.button href="/settings" data-key="Escape" { "回設定 " kbd { "Esc" } }
            }
        }
        @if !unpriced.is_empty() { (unpriced_view(&unpriced, may_edit, today)) }
        (list_view(&catalogue, &list, &next, today))
    }))
}

fn unpriced_view(unpriced: &[Product], may_edit: bool, today: Day) -> Markup {
    let count = unpriced.len();
    let names: Vec<&str> = unpriced.iter().map(|product| product.name.as_str()).collect();
    html! {
        section.panel aria-labelledby="h-unpriced" {
            h2 #h-unpriced { "還沒有價格" }
            @if may_edit {
                (ui::warn(&format!("{count} 個在賣的產品還沒有價格，知道的先填。")))
                form.price-form method="get" action="/products/prices/preview" {
                    ul.price-fields {
                        @for product in unpriced {
                            li {
                                label for={ "price_" (product.id) } { (product.name) }
                                (views::price_input(product, "", &[], false))
                                span.soft.small { "元／" (product.unit()) }
                            }
                        }
                    }
                    div.line-form {
                        (views::from_field("", today, &[]))
                        button.primary { "看一遍 " kbd { "Enter" } }
                    }
                }
            } @else { (ui::warn(&format!("{count} 個在賣的產品還沒有價格，請經理填：{}。", names.join("、")))) }
        }
    }
}

fn list_view(catalogue: &[Product], list: &PriceList, next: &std::collections::HashMap<ProductId, Dated>, today: Day) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "價目表" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "產品" }
                    th scope="col" { "種類" }
                    th.number scope="col" { "今天的價" }
                    th scope="col" { "單位" }
                    th scope="col" { "下次調價" }
                    th.number scope="col" { "押金" }
                    th scope="col" { "狀態" }
                } }
                tbody {
                    @for (at, product) in (1..).zip(catalogue) {
                        tr {
                            td.key { @if at <= 9 { kbd { (at) } } }
                            th scope="row" {
                                a href={ "/products/" (product.id) } data-row=[(at <= 9).then_some(at)] { (product.name) }
                                " " span.soft.small { (product.code) }
                            }
                            td.keep.spare { (views::kind_short(product.kind)) }
                            td.number data-label="今天" { (views::price(list.of(product.id).map(|price| price.unit))) }
                            td.keep { "元／" (product.unit()) }
                            td.keep.spare[!next.contains_key(&product.id)] data-label="下次" {
                                @match next.get(&product.id) { Some(next) => (views::dated(*next, today)), None => (ui::none()) }
                            }
                            td.number data-label="押金" { (views::price(product.deposit)) }
                            td { (views::state(product, list.of(product.id).is_some())) }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /products/prices` is one form for many prices; `only=ID` shows one product alone.
pub fn form(app: &App, req: &Request) -> Result<Response> {
    form_page(app, req, &[])
}

fn form_page(app: &App, req: &Request, problems: &[Problem]) -> Result<Response> {
    let today = req.at.day();
    let only: Option<ProductId> = typed(req, "only").parse().ok();
    let is_first = !typed(req, "first").is_empty();

    let (catalogue, list, next) =
        app.db.read(|conn| Ok((store::catalogue(conn)?, store::prices(conn, None, today)?, store::next_prices(conn, None, today)?)))?;

    let shown = |product: &&Product| match only {
        Some(only) => product.id == only,
        None => product.is_active || !typed(req, &format!("price_{}", product.id)).is_empty(),
    };
    let (title, hint) = if is_first {
        ("先填價格", "接單的人要有價格才開得了單。現在不知道的可以空著，以後在「設定」填。")
    } else {
        ("調價", "只填要改的，空著就是照舊。下一步先看會影響誰，還不會存。")
    };
    let back = only.map_or("/products".to_owned(), |id| format!("/products/{id}"));
    let page = Page::new(app, req, title).room(Room::Settings).show(html! {
        div.head { div { h1 { (title) } p { (hint) } } }
        (views::problems(problems))
        form.price-form method="get" action="/products/prices/preview" {
            @if let Some(only) = only { input type="hidden" name="only" value=(only); }
            @if is_first { input type="hidden" name="first" value="1"; }
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "新的價格" }
                    thead { tr {
                        th scope="col" { "產品" }
                        @if !is_first { th.number scope="col" { "今天的價" } th scope="col" { "下次調價" } }
                        th scope="col" { "新的價" }
                    } }
                    tbody {
                        @for (at, product) in catalogue.iter().filter(shown).enumerate() {
                            @let name = format!("price_{}", product.id);
                            tr {
                                th scope="row" { label for=(name) { (product.name) } }
                                @if !is_first {
                                    td.number data-label="今天" { (views::price(list.of(product.id).map(|price| price.unit))) }
                                    td.keep.spare[!next.contains_key(&product.id)] data-label="下次" {
                                        @match next.get(&product.id) { Some(next) => (views::dated(*next, today)), None => (ui::none()) }
                                    }
                                }
                                td {
                                    (views::price_input(product, typed(req, &name), problems, at == 0))
                                    " " span.soft.small { "元／" (product.unit()) }
                                    (views::why(&name, problems))
                                }
                            }
                        }
                    }
                }
            }
            div.form-foot.line-form {
                (views::from_field(typed(req, "from"), today, problems))
                button.primary { "看一遍 " kbd { "Enter" } }
                @if is_first { a.button href="/customers/new" data-key="Escape" { "先跳過 " kbd { "Esc" } } }
                @else { a.button href=(back) data-key="Escape" { "不改 " kbd { "Esc" } } }
            }
        }
    });
    Ok(if problems.is_empty() { page } else { page.status(422) })
}

/// `GET /products/prices/preview` tells whom the prices of the form touch. Nothing is saved yet.
pub fn preview(app: &App, req: &Request) -> Result<Response> {
    preview_page(app, req, None)
}

fn preview_page(app: &App, req: &Request, clash: Option<&Error>) -> Result<Response> {
    let customer = customer_of(req)?;
    let today = req.at.day();

    let read = app.db.read(|conn| {
        let catalogue = store::catalogue(conn)?;
        let change = Change::read(req, &catalogue, customer)?;
        let name = customer.map(|id| customers::store::get(conn, id)).transpose()?.map(|customer| customer.details.short_name);
        let preview = prices::preview(conn, &change, &catalogue, today)?;
        if preview.rows.is_empty() {
            return Err(Error::invalid("prices", "和原來的價一樣，沒有要改的。"));
        }
        Ok((change, name, preview))
    });

    match read {
        Ok((change, name, preview)) => {
            let page = Page::new(app, req, "改價格").room(Room::Settings).show(html! {
                @if let Some(clash) = clash { (ui::refuse(&clash.user_message())) }
                (views::preview(&preview, &change, name.as_deref(), today))
                div.foot {
                    p { b { "還沒存。" } "按確認才會改。" }
                    a.button href=(form_url(req, &change)) data-key="Escape" { "回去改 " kbd { "Esc" } }
                    form method="post" action="/products/prices" {
                        (csrf_field(req))
                        @for (name, value) in fields(req, &kept(&change, &preview)) { input type="hidden" name=(name) value=(value); }
                        @for row in &preview.rows { input type="hidden" name={ "was_" (row.product.id) } value=[row.before.map(|unit| unit.0)]; }
                        button.primary data-key="Ctrl+Enter" { "確認，存起來 " kbd { "Ctrl Enter" } }
                    }
                }
            });
            Ok(if clash.is_some() { page.status(409) } else { page })
        }
        Err(Error::Invalid(problems)) => match customer {
            Some(customer) => crate::products::customer_pages::page(app, req, customer, &problems),
            None => form_page(app, req, &problems),
        },
        Err(error) => Err(error),
    }
}

/// `POST /products/prices` saves them; 409 with a fresh preview when one of them changed meanwhile.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;

    let saved = app.db.write(|tx| {
        let change = Change::read(req, &store::catalogue(tx)?, customer)?;
        prices::apply(tx, &change, req.by())
    });

    match saved {
        Ok(count) => {
            let said = if count == 0 { "這些價格已經存過了。".to_owned() } else { format!("已存 {count} 個價格。") };
            Ok(Response::see_other(after(req, customer)).with_notice(&said))
        }
        Err(Error::Invalid(_)) => preview_page(app, req, None),
        Err(error @ Error::Conflict { .. }) => preview_page(app, req, Some(&error)),
        Err(error) => Err(error),
    }
}

/// `POST /products/prices/withdraw` takes back a price that has not been the past yet.
pub fn withdraw(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;
    let product: ProductId = typed(req, "product").parse().map_err(|()| Error::BadRequest("the form has no product"))?;
    let from: Day = typed(req, "from").parse().map_err(|()| Error::BadRequest("the form has no day"))?;
    let price = Dated { from, unit: Ntd::parse(typed(req, "was")) };

    app.db.write(|tx| prices::withdraw(tx, customer, product, price, req.by()))?;

    let to = customer.map_or(format!("/products/{product}"), |id| format!("/customers/{id}/prices"));
    Ok(Response::see_other(to).with_notice("那個價收回了。"))
}

fn customer_of(req: &Request) -> Result<Option<CustomerId>> {
    match typed(req, "customer") {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|()| Error::no_such(customers::NOUN, id)),
    }
}

/// `change` without what it would not change.
fn kept(change: &Change, preview: &prices::Preview) -> Change {
    let is_kept = |item: &&prices::Item| preview.rows.iter().any(|row| row.product.id == item.product);
    Change { items: change.items.iter().filter(is_kept).copied().collect(), ..*change }
}

/// What the form carried besides what the program knows itself.
fn fields(req: &Request, change: &Change) -> Vec<(String, String)> {
    let mut fields = vec![("from".to_owned(), change.from.to_string())];
    for name in ["customer", "only", "first"] {
        if !typed(req, name).is_empty() {
            fields.push((name.to_owned(), typed(req, name).to_owned()));
        }
    }
    fields.extend(change.items.iter().map(|item| match item.unit {
        Some(unit) => (format!("price_{}", item.product), unit.0.to_string()),
        None => (format!("end_{}", item.product), "1".to_owned()),
    }));
    fields
}

/// The form with what was typed in it.
fn form_url(req: &Request, change: &Change) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields(req, change));
    match change.customer {
        Some(customer) => format!("/customers/{customer}/prices?{}", query.finish()),
        None => format!("/products/prices?{}", query.finish()),
    }
}

/// Where one was going.
fn after(req: &Request, customer: Option<CustomerId>) -> String {
    match (customer, typed(req, "only").parse::<ProductId>()) {
        (Some(customer), _) => format!("/customers/{customer}/prices"),
        (None, _) if !typed(req, "first").is_empty() => "/customers/new".to_owned(),
        (None, Ok(only)) => format!("/products/{only}"),
        (None, Err(())) => "/products".to_owned(),
    }
}
