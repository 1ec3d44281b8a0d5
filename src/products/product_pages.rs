//! `/products/{id}`: one product, its prices through the years, and adding an accessory.

use maud::{Markup, html};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::products::fields::{self, Accessory};
use crate::products::pages::MANAGERS;
use crate::products::prices::{self, Change, Item};
use crate::products::{Dated, Own, Product, store, views};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field, field};
use crate::values::{Day, Ntd, ProductId, text};

/// `GET /products/{id}`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: ProductId = req.param("id")?;
    product_page(app, req, id, &[], None)
}

/// `POST /products/{id}` writes what changed; 409 with both values when somebody else was faster.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id: ProductId = req.param("id")?;
    let version: i64 = req.form("version").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("the form has no version"))?;

    let saved = app.db.write(|tx| {
        let product = store::get(tx, id)?;
        let details = fields::read(FormReader::new(req), &product)?;
        if product.version != version {
            return Err(fields::stale(&product, &details));
        }
        store::edit(tx, &product, &details, req.by())
    });

    match saved {
        Ok(()) => Ok(Response::see_other(format!("/products/{id}")).with_notice("已存。")),
        Err(Error::Invalid(problems)) => Ok(product_page(app, req, id, &problems, None)?.status(422)),
        Err(clash @ Error::Conflict { .. }) => Ok(product_page(app, req, id, &[], Some(&clash))?.status(409)),
        Err(error) => Err(error),
    }
}

/// `GET /products/new`: an accessory; kinds of gas are those of the shop's client list.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    Ok(new_page(app, req, &[]))
}

/// `POST /products` adds an accessory, with its price from today on when one is given.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let added = read_new(req).and_then(|(new, unit)| {
        app.db.write(|tx| {
            let id = store::add_accessory(tx, &new, req.by())?;
            if unit.is_some() {
                let items = vec![Item { product: id, unit, seen: None }];
                prices::apply(tx, &Change { customer: None, from: req.at.day(), items }, req.by())?;
            }
            Ok(new.details.name)
        })
    });

    match added {
        Ok(name) => Ok(Response::see_other("/products").with_notice(&format!("已存，{name}。"))),
        Err(Error::Invalid(problems)) => Ok(new_page(app, req, &problems).status(422)),
        Err(error) => Err(error),
    }
}

/// The form of a new accessory: code, name, price. It is sold at once and keeps the other defaults.
fn read_new(req: &Request) -> Result<(Accessory, Option<Ntd>)> {
    let mut problems = Vec::new();
    let unit = match text::trim(req.form("unit_price_ntd").unwrap_or_default()) {
        "" => None,
        typed => Ntd::parse(typed).or_else(|| {
            problems.push(Problem {
                field: "unit_price_ntd".into(), say: "價格是 0 到 9,999,999 的整數，不知道就空著。".into()
            });
            None
        }),
    };
    match fields::read_accessory(FormReader::new(req)) {
        Ok(new) if problems.is_empty() => Ok((new, unit)),
        Ok(_) => Err(Error::Invalid(problems)),
        Err(Error::Invalid(mut first)) => {
            first.extend(problems);
            Err(Error::Invalid(first))
        }
        Err(error) => Err(error),
    }
}

fn new_page(app: &App, req: &Request, problems: &[Problem]) -> Response {
    let typed = |name: &str| req.form(name).unwrap_or_default().to_owned();
    Page::new(app, req, "新增配件").room(Room::Settings).show(html! {
        div.head { div { h1 { "新增配件" } p { "調整器、軟管、維修工資這些。鋼瓶的種類已經都在價目表裡。" } } }
        form.panel.settings method="post" action="/products" {
            (csrf_field(req))
            input type="hidden" name="is_active" value="1";
            (text_field("代號", "code", &typed("code"), "自己取，例如 REG、HOSE", problems, problems.is_empty()))
            (text_field("名字", "name", &typed("name"), "印在單據上的", problems, false))
            (text_field("價格", "unit_price_ntd", &typed("unit_price_ntd"), "元／件，不知道就空著", problems, false))
            (check_field("算庫存", "track_stock", "點貨時算有幾個", !typed("track_stock").is_empty()))
            div.acts {
                button.primary { "存起來 " kbd { "Enter" } }
                a.button href="/products" data-key="Escape" { "不加 " kbd { "Esc" } }
            }
        }
    })
}

/// What the page of one product is drawn from.
struct Shown {
    product: Product,
    history: Vec<Dated>,
    own: Vec<Own>,
    open_orders: usize,
}

fn product_page(app: &App, req: &Request, id: ProductId, problems: &[Problem], clash: Option<&Error>) -> Result<Response> {
    let today = req.at.day();

    let shown = app.db.read(|conn| {
        let mut orders: Vec<_> = store::open_lines(conn, &[id], None)?.iter().map(|line| line.order).collect();
        orders.dedup();
        Ok(Shown {
            product: store::get(conn, id)?,
            history: store::history(conn, id)?,
            own: store::own_prices_of(conn, id, today)?,
            open_orders: orders.len(),
        })
    })?;

    let product = &shown.product;
    let has_price = shown.history.iter().any(|price| price.from <= today);
    Ok(Page::new(app, req, &product.name).room(Room::Settings).show(html! {
        div.head {
            div { h1.who { (product.name) " " span.soft { (product.code) } } p { (fields::kind_line(product.kind)) } }
            div.acts { (views::state(product, has_price)) a.button href="/products" data-key="Escape" { "回價目表 " kbd { "Esc" } } }
        }
        @if let Some(clash) = clash { (ui::refuse(&clash.user_message())) }
        div.columns.half {
            div.stack {
                section.panel { h2 { "價格" } (prices_view(&shown, req, today)) }
                section.panel {
                    h2 { "自己有價的客戶" }
                    @if shown.own.is_empty() { p.soft { "沒有。要談價，到那位客戶的「價格」。" } } @else { (own_view(&shown.own, today)) }
                }
            }
            @if req.may(MANAGERS) { (edit_view(&shown, req, problems, clash.is_some())) } @else { (facts_view(&shown)) }
        }
    }))
}

fn prices_view(shown: &Shown, req: &Request, today: Day) -> Markup {
    let product = &shown.product;
    let in_force = shown.history.iter().find(|price| price.from <= today).map(|price| price.from);
    html! {
        @if in_force.is_none() && product.is_active { (ui::warn("還沒有價格。")) }
        @if req.may(MANAGERS) {
            form.price-form method="get" action="/products/prices/preview" {
                input type="hidden" name="only" value=(product.id);
                div.line-form {
                    label for={ "price_" (product.id) } { "新的價" }
                    (views::price_input(product, "", &[], false))
                    span.soft.small { "元／" (product.unit()) }
                    (views::from_field("", today, &[]))
                    button { "看一遍" }
                }
            }
        }
        @if !shown.history.is_empty() {
            table.list.tight {
                caption.unseen { "價格的歷史" }
                thead { tr { th scope="col" { "從" } th.number scope="col" { "元／" (product.unit()) } th.rest scope="col" { span.unseen { "現在" } } } }
                tbody {
                    @for price in &shown.history {
                        tr {
                            th.keep scope="row" { (price.from.beside(today)) }
                            td.number { (views::price(price.unit)) }
                            td {
                                @if in_force == Some(price.from) { span.badge.delivered { "現在" } " " }
                                @else if today < price.from { span.badge.pending { "還沒到" } " " }
                                @if req.may(MANAGERS) && today <= price.from { (views::withdraw(req, None, product.id, *price)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn own_view(own: &[Own], today: Day) -> Markup {
    html! {
        table.list.tight {
            caption.unseen { "自己有價的客戶" }
            thead { tr { th scope="col" { "客戶" } th.number scope="col" { "價格" } th.rest scope="col" { "從" } } }
            tbody {
                @for one in own {
                    tr {
                        th scope="row" { a href={ "/customers/" (one.customer) "/prices" } { (one.short_name) } }
                        td.number { (views::price(Some(one.unit))) }
                        td.keep { (one.from.beside(today)) }
                    }
                }
            }
        }
    }
}

fn facts_view(shown: &Shown) -> Markup {
    let product = &shown.product;
    html! {
        section.panel {
            h2 { "資料" }
            dl.facts {
                dt { "押金" } dd { @match product.deposit { Some(deposit) => (deposit.to_string()), None => (ui::none()) } }
                dt { "空瓶重" } dd { @match product.tare { Some(tare) => { (tare.to_string()) " 公斤" } None => (ui::none()) } }
                dt { "未送的訂單" } dd { (ui::count(shown.open_orders as i64)) " 張" }
            }
            p.soft { "要改產品和價格，請找經理。" }
        }
    }
}

/// The fields a manager may change, by name, as the form has them.
fn as_drawn(product: &Product) -> [(&'static str, String); 7] {
    let flag = |is: bool| if is { "1" } else { "" }.to_owned();
    [
        ("name", product.name.clone()),
        ("deposit_ntd", product.deposit.map_or_else(String::new, |deposit| deposit.0.to_string())),
        ("tare_kg", product.tare.map_or_else(String::new, |tare| tare.kg().to_string())),
        ("low_stock_threshold", product.low_stock_threshold.to_string()),
        ("sort_order", product.sort_order.to_string()),
        ("track_stock", flag(product.track_stock)),
        ("is_active", flag(product.is_active)),
    ]
}

fn edit_view(shown: &Shown, req: &Request, problems: &[Problem], is_stale: bool) -> Markup {
    let product = &shown.product;
    let drawn = as_drawn(product);
    let is_typed = !problems.is_empty() || is_stale;
    // After somebody else was faster, only what was really typed lies over what is now.
    let value = |name: &str| {
        let now = drawn.iter().find(|(have, _)| *have == name).map_or("", |(_, value)| value.as_str());
        let typed = text::trim(req.form(name).unwrap_or_default());
        let is_touched = !is_stale || req.form(&format!("was_{name}")) != Some(typed);
        if is_typed && is_touched { typed.to_owned() } else { now.to_owned() }
    };
    html! {
        form.panel.settings method="post" action={ "/products/" (product.id) } {
            (csrf_field(req))
            input type="hidden" name="version" value=(product.version);
            @for (name, now) in &drawn { input type="hidden" name={ "was_" (name) } value=(now); }
            h2 { "資料" }
            (text_field("名字", "name", &value("name"), "", problems, false))
            (text_field("押金", "deposit_ntd", &value("deposit_ntd"), "元，不收就空著", problems, false))
            (text_field("空瓶重", "tare_kg", &value("tare_kg"), "公斤", problems, false))
            (text_field("順序", "sort_order", &value("sort_order"), "價目表由小到大", problems, false))
            (check_field("庫存", "track_stock", "點貨時算有幾個", !value("track_stock").is_empty()))
            (text_field("低於幾個", "low_stock_threshold", &value("low_stock_threshold"), "個，少於就提醒要補", problems, false))
            (check_field("販售", "is_active", "還在賣，新單可以選", !value("is_active").is_empty()))
            @if 0 < shown.open_orders {
                p.soft.small { (ui::count(shown.open_orders as i64)) " 張未送的訂單有它；停賣以後照送，只是不能再開新的。" }
            }
            div.acts { button.primary { "存起來 " kbd { "Enter" } } }
        }
    }
}

/// `hint` stands beside a number, whose unit it begins with, and under a text.
fn text_field(label: &str, name: &str, value: &str, hint: &str, problems: &[Problem], is_first: bool) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let inputmode = match name {
        "name" | "code" => None,
        "tare_kg" => Some("decimal"),
        _ => Some("numeric"),
    };
    let is_number = inputmode.is_some();
    let class = is_number.then_some("number");
    let has_focus = is_first || problems.first().is_some_and(|problem| problem.field == name);
    let input = html! {
        span.with-unit {
            input id=(name) name=(name) value=(value) class=[class] maxlength="40" autocomplete="off" inputmode=[inputmode]
                autofocus[has_focus] aria-invalid=[invalid] aria-describedby=[why];
            @if is_number { " " span.small { (hint) } }
        }
        @if !is_number && !hint.is_empty() { span.soft.small { (hint) } }
    };
    field(label, name, problems, input)
}

fn check_field(label: &str, name: &str, what: &str, is_on: bool) -> Markup {
    html! {
        div.field {
            span.label { (label) }
            div { label.check { input type="checkbox" name=(name) value="1" checked[is_on]; (what) } }
        }
    }
}
