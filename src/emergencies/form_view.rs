//! How an emergency is taken down: what has happened by a digit, then whom, then the words of the caller.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::customers::search::Query;
use crate::customers::views::found_view;
use crate::customers::{Customer, Line as Found, State};
use crate::drivers::Driver;
use crate::emergencies::Kind;
use crate::emergencies::pages::DESCRIPTION;
use crate::emergencies::rank::Candidate;
use crate::error::Problem;
use crate::http::Request;
use crate::orders::form::rows;
use crate::orders::take;
use crate::products::Product;
use crate::ui::form::wrong;
use crate::ui::{self, Typed, csrf_field};
use crate::values::Day;

/// Rows for cylinders: more is an ordinary order beside it.
const ROWS: usize = 3;
/// Drivers the form offers; the page of the emergency has all of them.
const OFFERED: usize = 5;

/// Whom it is about.
pub enum Whom {
    Customer(Box<Customer>),
    Driver,
}

/// Everything one drawing of the form needs.
pub struct Sheet {
    pub whom: Whom,
    pub typed: Typed,
    pub problems: Vec<Problem>,
    pub catalogue: Vec<Product>,
    /// Who can be sent, best first.
    pub candidates: Vec<Candidate>,
    /// Who may need help.
    pub drivers: Vec<Driver>,
}

/// What has happened and to whom; `found` are those whom the typed `who` may mean.
pub fn who_view(kind: Option<Kind>, who: &str, found: &[Found], query: &Query, no_walk_in: bool, today: Day) -> Markup {
    let more = kind.map(|kind| format!("&kind={}", kind.word())).unwrap_or_default();
    html! {
        div.head {
            div { h1 { "緊急事件" } p { "發生什麼事，是哪一家。" } }
            p.acts { a.button.quiet href="/emergencies" data-key="Escape" { "全部 " kbd { "Esc" } } }
        }
        @if no_walk_in { (ui::refuse("還沒有散客帳。請經理在客戶卡上把一位客戶設成散客帳。")) }
        form.panel.emergency-form action="/emergencies/new" {
            (kinds_view(kind, Kind::ALL, "who", &[]))
            (ui::field("哪一家", "who", &[], html! {
                input #who name="who" value=(who) autocomplete="off" maxlength="100" placeholder="名字、編號、電話末碼"
                    autofocus[kind.is_some() && found.is_empty()];
            }))
            @if !who.is_empty() && found.is_empty() { (ui::refuse(&format!("沒有「{who}」。再少打一個字，或用散客。"))) }
            p.acts {
                button.primary { "下一步 " kbd { "Enter" } }
                a.button href={ "/emergencies/new?walk_in=1" (more) } data-key="w" { "散客 " kbd { "W" } }
            }
            p.soft.small { "司機緊急不用填哪一家。" }
        }
        @if 1 < found.len() {
            h2 { "是哪一家？" }
            ol.results data-rows="" aria-label="找到的客戶" {
                @for (at, line) in found.iter().enumerate() {
                    li {
                        a href={ "/emergencies/new?customer=" (line.id) (more) } data-row=(at + 1) class=[(at == 0).then_some("here")] aria-current=[(at == 0).then_some("true")] {
                            kbd { (at + 1) } (found_view(line, query, today))
                        }
                    }
                }
            }
        }
    }
}

/// The rest of it.
pub fn form_view(sheet: &Sheet, req: &Request) -> Markup {
    let kind = Kind::from_word(sheet.typed.get("kind"));
    html! {
        div.head {
            div {
                @match &sheet.whom {
                    Whom::Customer(customer) => { h1 { "緊急：" (customer.details.short_name) } p { (facts(customer)) } },
                    Whom::Driver => { h1 { "緊急：司機" } p { "車禍、故障、受傷：誰、在哪裡、怎麼了。" } },
                }
            }
            p.acts { a.button.quiet href="/emergencies/new" data-key="Escape" { "換一家 " kbd { "Esc" } } }
        }
        @match &sheet.whom {
            Whom::Customer(customer) if customer.state != State::Active => (ended_view(customer, kind)),
            whom => form.panel.emergency-form method="post" action="/emergencies" autocomplete="off" {
                (csrf_field(req))
                input type="hidden" name="form_key" value=(sheet.typed.get("form_key"));
                @if 1 < sheet.problems.len() { (ui::refuse(&format!("有 {} 個地方要改。", sheet.problems.len()))) }
                @match whom {
                    Whom::Customer(customer) => {
                        input type="hidden" name="customer" value=(customer.id);
                        (kinds_view(kind, &[Kind::GasLeak, Kind::CustomerEmergency, Kind::UrgentDelivery], "description", &sheet.problems))
                        (words_view(sheet, "客人說的話", "在哪裡、多濃、有沒有人不舒服", kind.is_some()))
                        @if customer.is_walk_in { (text_view(sheet, "姓名", "contact_name", 100)) }
                        (text_view(sheet, "電話", "contact_phone", 40))
                        (text_view(sheet, "地址", "address", 500))
                        (lines_view(sheet))
                    },
                    Whom::Driver => {
                        input type="hidden" name="kind" value=(Kind::DriverEmergency.word());
                        (in_need_view(sheet))
                        (words_view(sheet, "怎麼了", "例如：中山路口被追撞，人沒事，車不能開", false))
                        (text_view(sheet, "在哪裡", "address", 500))
                        (text_view(sheet, "電話", "contact_phone", 40))
                    },
                }
                (send_view(sheet))
                p.acts { button.primary { "通報全店 " kbd { "Enter" } } }
            },
        }
    }
}

fn facts(customer: &Customer) -> String {
    let details = &customer.details;
    let phone = details.phones.first().map(|number| number.phone.to_string());
    [phone, details.area.clone(), details.address.clone()].into_iter().flatten().collect::<Vec<_>>().join("　")
}

/// Nothing can be ordered for somebody whose contract ended, yet gas may leak there all the same.
fn ended_view(customer: &Customer, kind: Option<Kind>) -> Markup {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let details = &customer.details;
    let mut url = format!("/emergencies/new?walk_in=1&name={}", encoded(&details.short_name));
    if let Some(kind) = kind {
        url.push_str(&format!("&kind={}", kind.word()));
    }
    if let Some(number) = details.phones.first() {
        url.push_str(&format!("&phone={}", encoded(&number.phone.to_string())));
    }
    if let Some(address) = &details.address {
        url.push_str(&format!("&address={}", encoded(address)));
    }
    html! {
        section.panel {
            @if let Some(problem) = take::refused_customer(customer) { (ui::refuse(&problem.say)) }
            p { "有危險一樣要去：用散客記，電話和地址先填好。" }
            p.acts { a.button.primary href=(url) data-key="Enter" { "用散客記 " kbd { "Enter" } } }
        }
    }
}

/// `then` is where the caret goes once a digit was pressed.
fn kinds_view(chosen: Option<Kind>, kinds: &[Kind], then: &str, problems: &[Problem]) -> Markup {
    let problem = problems.iter().find(|problem| problem.field == "kind");
    html! {
        fieldset.choice.kinds aria-describedby=[problem.map(|_| "why-kind")] {
            legend { "發生什麼事" }
            @for (no, kind) in (1..).zip(kinds) {
                label data-key=(no) data-then=(then) {
                    input type="radio" name="kind" value=(kind.word()) required checked[chosen == Some(*kind)] autofocus[chosen.is_none() && no == 1];
                    span { b { (kind.label()) } small { (kind.hint()) } } kbd { (no) }
                }
            }
        }
        @if let Some(problem) = problem { span.problem #why-kind { (problem.say) } }
    }
}

fn words_view(sheet: &Sheet, label: &str, hint: &str, is_first: bool) -> Markup {
    let (invalid, why) = wrong("description", &sheet.problems).unzip();
    let input = html! {
        input #description name="description" value=(sheet.typed.get("description")) maxlength=(DESCRIPTION) placeholder=(hint)
            autofocus[is_first && (sheet.problems.is_empty() || invalid.is_some())] aria-invalid=[invalid] aria-describedby=[why];
    };
    ui::field(label, "description", &sheet.problems, input)
}

fn text_view(sheet: &Sheet, label: &str, name: &'static str, most: usize) -> Markup {
    // The column is `phone`; its field on forms is the one every order has.
    let problems: Vec<Problem> = sheet
        .problems
        .iter()
        .map(
            |problem| if problem.field == "phone" { Problem { field: "contact_phone".into(), ..problem.clone() } } else { problem.clone() },
        )
        .collect();
    let (invalid, why) = wrong(name, &problems).unzip();
    let is_first = problems.first().is_some_and(|problem| problem.field == name);
    let input = html! {
        input id=(name) name=(name) value=(sheet.typed.get(name)) maxlength=(most) autofocus[is_first] aria-invalid=[invalid] aria-describedby=[why];
    };
    ui::field(label, name, &problems, input)
}

/// Cylinders to bring; of a leak there are none, and what stands here is not sent.
fn lines_view(sheet: &Sheet) -> Markup {
    let typed = rows(&sheet.typed);
    html! {
        fieldset.emergency-lines {
            legend { "要送什麼" small.soft { "　瓦斯洩漏不用填" } }
            @for no in 0..ROWS.max(typed.len()) {
                @let row = typed.get(no).copied().unwrap_or_default();
                div.line-form {
                    select name="product" aria-label={ "第 " (no + 1) " 行規格" } {
                        option value="" { "選規格" }
                        @for product in sheet.catalogue.iter().filter(|product| product.is_active) {
                            option value=(product.id) selected[row.product_id() == Some(product.id)] { (product.name) }
                        }
                    }
                    input.number name="qty" value=(row.qty) inputmode="numeric" maxlength="4" aria-label={ "第 " (no + 1) " 行數量" };
                }
            }
            @for problem in sheet.problems.iter().filter(|problem| problem.field.starts_with("lines")) { span.problem { (problem.say) } }
        }
    }
}

fn in_need_view(sheet: &Sheet) -> Markup {
    let problem = sheet.problems.iter().find(|problem| problem.field == "in_need");
    html! {
        fieldset.choice {
            legend { "哪一位司機" }
            @for (no, driver) in (1..).zip(&sheet.drivers) {
                label data-key=[(no <= 9).then_some(no)] data-then="description" {
                    input type="radio" name="in_need" value=(driver.user) required checked[sheet.typed.is("in_need", &driver.user.to_string())] autofocus[no == 1];
                    " " (driver.name) @if no <= 9 { " " kbd { (no) } }
                }
            }
        }
        @if let Some(problem) = problem { span.problem { (problem.say) } }
    }
}

/// Whoever is sent at once; nobody is fine, the next page asks again with a digit each.
fn send_view(sheet: &Sheet) -> Markup {
    let typed = sheet.typed.get("driver");
    html! {
        fieldset.choice {
            legend { "派誰" }
            label { input type="radio" name="driver" value="" checked[typed.is_empty()]; " 先通報，下一頁再派" }
            @for candidate in sheet.candidates.iter().take(OFFERED) {
                label {
                    input type="radio" name="driver" value=(candidate.driver) checked[typed == candidate.driver.to_string()];
                    " " (candidate.name) span.soft.small { @if candidate.is_same_area { " 同區" } " 剩 " (candidate.stops_left) " 站" }
                }
            }
        }
        @for problem in sheet.problems.iter().filter(|problem| ["driver", "vehicle"].contains(&problem.field.as_ref())) { span.problem { (problem.say) } }
    }
}
