//! How the form of an order that is changed looks where it differs from that of a new one.

use maud::{Markup, html};

use crate::http::Request;
use crate::orders::change::Scope;
use crate::orders::desk::Desk;
use crate::orders::{NewOrder, Order};
use crate::ui;
use crate::values::Ntd;

/// Somebody else saved first.
pub struct Stale {
    /// What the form was drawn from, and what was typed in it.
    pub was: NewOrder,
    pub wanted: NewOrder,
    pub who: Option<String>,
}

pub fn head_view(order: &Order, desk: &Desk) -> Markup {
    html! {
        div.head {
            div {
                h1.who { "改 " (order.short_number()) " " span { (desk.customer.details.short_name) } }
                p { (order.number) "　" (order.status.label()) }
            }
            div.acts { a.button.quiet href={ "/orders/" (order.id) } data-key="Escape" data-leave="" { "不存，離開 " kbd { "Esc" } } }
        }
    }
}

/// What can still be changed, where it is not everything.
pub fn scope_view(order: &Order) -> Markup {
    match Scope::of(order.status) {
        Scope::Everything | Scope::Nothing => html! {},
        Scope::Agreed => html! {
            p.tell { span { "已經派給司機了，只能改日期、時段、數量和備註。改日期會從他那裡收回。" } }
        },
        Scope::Notes => html! {
            p.tell { span { "車已經出去了，只能改備註。" } }
            p { b { (order.items()) } "　" (order.scheduled_on.short()) " " (order.window) "　" (order.payment.label()) }
        },
    }
}

/// What differs, field by field.
pub fn stale_view(stale: &Stale, order: &Order, desk: &Desk, req: &Request) -> Markup {
    let (was, mine, now) = (words(&stale.was, desk), words(&stale.wanted, desk), words(&NewOrder::of(order), desk));
    let differing = was.into_iter().zip(mine).zip(now).filter(|((_, mine), now)| mine.1 != now.1);
    let clashes: Vec<_> = differing
        .map(|((was, mine), now)| ui::Clash { label: now.0.into(), now: shown(&now.1), typed: (was.1 != mine.1).then(|| shown(&mine.1)) })
        .collect();
    let back = html! { a.button href={ "/orders/" (order.id) } { "用現在的" } };
    ui::stale(stale.who.as_deref().unwrap_or("別人"), &order.updated_at.beside(req.at), "這張單", &clashes, back)
}

fn shown(text: &str) -> Markup {
    html! { @if text.is_empty() { (ui::none()) } @else { (text) } }
}

/// What an order says, field by field, as people say it.
fn words(order: &NewOrder, desk: &Desk) -> Vec<(&'static str, String)> {
    let name = |line: &super::NewLine| desk.product(line.product_id).map_or("？", |product| product.name.as_str()).to_owned();
    let discount =
        |line: &super::NewLine| if line.discount_percent == 0 { String::new() } else { format!("（折扣 {}%）", line.discount_percent) };
    let price = |line: &super::NewLine| line.unit_price.map_or(String::new(), |price| format!("（單價 {}）", price.bare()));
    let items = order.lines.iter().map(|line| format!("{} × {}{}{}", name(line), line.qty, price(line), discount(line)));
    let surcharge = if order.surcharge == Ntd(0) { String::new() } else { order.surcharge.to_string() };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        ("品項", items.collect::<Vec<_>>().join("、")),
        ("日期", order.scheduled_on.short()),
        ("時段", order.window.to_string()),
        ("備註", text(&order.notes)),
        ("付款", order.payment.label().to_owned()),
        ("急件", if order.is_urgent { "是" } else { "不是" }.to_owned()),
        ("加價", format!("{surcharge} {}", text(&order.surcharge_label)).trim().to_owned()),
        ("地址", text(&order.delivery_address)),
        ("聯絡人", text(&order.contact_name)),
        ("電話", text(&order.contact_phone)),
    ]
}
