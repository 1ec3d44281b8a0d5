//! `/settings`: the shop's choices for those who may make them, and the ways to one's own.

use maud::{Markup, html};
use serde_json::{Map, json};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::settings::{self, Choice, NOUN, Network, Settings, store};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field, field};
use crate::users::Role;
use crate::values::{CustomerCode, Ntd, window};

/// Who sees the shop's records.
pub const READERS: &[Role] = &[Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff];

/// `GET /settings`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    Ok(settings_page(app, req, &[], None))
}

/// `POST /settings` sets what differs from what the form showed, so that two people changing different
/// things do not undo each other; `Conflict` with both values when it was the same thing.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    match read(req).and_then(|wanted| write(app, req, &wanted, Settings::choices)) {
        Ok(()) => Ok(Response::see_other("/settings").with_notice("設定已存。")),
        Err(Error::Invalid(problems)) => Ok(settings_page(app, req, &problems, None).status(422)),
        Err(error @ Error::Conflict { .. }) => Ok(settings_page(app, req, &[], Some(&error)).status(409)),
        Err(error) => Err(error),
    }
}

/// Writes those of `choices` in which `wanted` differs from what the form showed, and notes them in the journal.
pub(crate) fn write(app: &App, req: &Request, wanted: &Settings, choices: fn(&Settings) -> Vec<Choice>) -> Result<()> {
    app.db.write(|tx| {
        let changes = changes(req, choices(&store::load(tx)?), choices(wanted))?;
        let (mut before, mut after) = (Map::new(), Map::new());
        for Change { name, was, is } in changes {
            settings::set(tx, name, &is)?;
            before.insert(name.to_owned(), was.into());
            after.insert(name.to_owned(), is.into());
        }
        if after.is_empty() {
            return Ok(());
        }
        let change = json!({"before": before, "after": after});
        journal::record(tx, &Entry { by: req.by(), verb: "edit", noun: NOUN, noun_id: None, change })
    })?;
    app.reload_settings()
}

/// One setting to be written.
struct Change {
    name: &'static str,
    was: String,
    is: String,
}

fn changes(req: &Request, now: Vec<Choice>, wanted: Vec<Choice>) -> Result<Vec<Change>> {
    let (mut changes, mut clashes) = (Vec::new(), Vec::new());
    for (was, is) in now.into_iter().zip(wanted) {
        let shown = req.form(&format!("was_{}", was.name)).unwrap_or(&was.value);
        if is.value == shown || is.value == was.value {
            continue;
        }
        if shown != was.value {
            clashes.push(format!("{}現在是「{}」，你填的是「{}」。", was.label, was.said(), is.said()));
        }
        changes.push(Change { name: was.name, was: was.value, is: is.value });
    }
    if clashes.is_empty() {
        return Ok(changes);
    }
    Err(Error::conflict("settings changed meanwhile", format!("有人先改了設定，你的還沒存。{}", clashes.concat())))
}

/// What may not be left empty, besides the shop's name, which says so itself.
const NEEDED: [&str; 12] = [
    "network",
    "walk_in_code",
    "code_prefix",
    "area_code",
    "usable_fraction",
    "safety_share",
    "month_days",
    "cut_off",
    "order_days",
    "urgent_surcharge",
    "look_ahead_days",
    "residual_credit",
];

/// What the form says; every field of it is needed.
fn read(req: &Request) -> Result<Settings> {
    let mut form = FormReader::new(req);
    let shop_name = form.need("shop_name", 40, "請填店名，會印在單據上。");
    let network = form.parsed("network", "請選一種。", Network::from_word);
    let code = |text: &str| text.parse::<CustomerCode>().ok().map(|code| code.to_string());
    let walk_in_code = form.parsed("walk_in_code", "編號是 1 到 20 個英文或數字。", code);
    let digits = |least: usize, most: usize| {
        move |text: &str| {
            let text = crate::values::text::narrow(text);
            ((least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
        }
    };
    let code_prefix = form.parsed("code_prefix", "開頭是 1 到 4 個數字。", digits(1, 4));
    let area_code = form
        .parsed("area_code", "區碼是 0 開頭的 2 到 4 個數字。", |text| digits(2, 4)(text).filter(|text| text.starts_with('0')));
    let between = |least: f64, most: f64| {
        move |text: &str| crate::values::text::narrow(text).parse::<f64>().ok().filter(|number| (least..=most).contains(number))
    };
    let usable = form.parsed("usable_fraction", "填 50 到 100 之間的數字。", between(50.0, 100.0));
    let safety = form.parsed("safety_share", "填 1 到 100 之間的數字。", between(1.0, 100.0));
    let month_days = form.parsed("month_days", "填 28 到 31 之間的數字。", between(28.0, 31.0));
    let cut_off = form.parsed("cut_off", "時間要寫成 14:00。", |text| window::minute(text).filter(|minute| *minute < 24 * 60));
    let days = |least: i64, most: i64| {
        move |text: &str| crate::values::text::narrow(text).parse::<i64>().ok().filter(|days| (least..=most).contains(days))
    };
    let order_days = form.parsed("order_days", "填 1 到 366 之間的數字。", days(1, 366));
    let urgent_surcharge = form.parsed("urgent_surcharge", "金額是 0 到 9,999,999 的整數，不加就填 0。", Ntd::parse);
    let look_ahead_days = form.parsed("look_ahead_days", "填 0 到 60 之間的數字。", days(0, 60));
    let residual_credit = form.parsed("residual_credit", "請選一種。", |word| match word {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    });
    for name in NEEDED {
        if form.text(name).is_empty() {
            form.problem(name, "這一欄不能空白。");
        }
    }
    form.check()?;
    let standard = Settings::default();
    Ok(Settings {
        shop_name,
        is_practice: false,
        network: network.unwrap_or(standard.network),
        walk_in_code: walk_in_code.unwrap_or(standard.walk_in_code),
        code_prefix: code_prefix.unwrap_or(standard.code_prefix),
        area_code: area_code.unwrap_or(standard.area_code),
        usable_fraction: usable.map_or(standard.usable_fraction, |percent| percent / 100.0),
        safety_share: safety.map_or(standard.safety_share, |percent| percent / 100.0),
        month_days: month_days.unwrap_or(standard.month_days),
        cut_off: cut_off.unwrap_or(standard.cut_off),
        order_days: order_days.unwrap_or(standard.order_days),
        urgent_surcharge: urgent_surcharge.unwrap_or(standard.urgent_surcharge),
        look_ahead_days: look_ahead_days.unwrap_or(standard.look_ahead_days),
        residual_credit: residual_credit.unwrap_or(standard.residual_credit),
        // When copies are made stands on a page of its own.
        ..standard
    })
}

fn settings_page(app: &App, req: &Request, problems: &[Problem], clash: Option<&Error>) -> Response {
    let now = app.db.read(store::load).unwrap_or_else(|_| (*app.settings()).clone());
    let may_edit = req.may(&[Role::Admin, Role::Manager]);
    Page::new(app, req, "設定").room(Room::Settings).show(html! {
        div.head {
            div { h1 { "設定" } p { (now.shop_name) "，版本 " (env!("CARGO_PKG_VERSION")) } }
        }
        @if let Some(clash) = clash { (ui::refuse(&clash.user_message())) }
        div.columns.side {
            @if may_edit { (shop_form(req, &now, problems)) } @else { (shop_view(&now)) }
            nav.panel aria-label="其他設定" {
                h2 { "其他" }
                ul.ways {
                    li { a href="/me" data-key="m" { "我的密碼和字的大小 " kbd { "M" } } }
                    @if may_edit { li { a href="/users" data-key="u" { "使用者與權限 " kbd { "U" } } } }
                    @if req.may(READERS) {
                        li { a href="/products" data-key="g" { "產品與價格 " kbd { "G" } } }
                        li { a href="/vehicles" data-key="v" { "車輛 " kbd { "V" } } }
                        li { a href="/drivers" data-key="d" { "司機 " kbd { "D" } } }
                        li { a href="/cylinders" data-key="c" { "鋼瓶 " kbd { "C" } } }
                        li { a href="/settings/holidays" data-key="h" { "國定假日 " kbd { "H" } } }
                    }
                    li { a href="/keys" { "按鍵一覽" } }
                    li { a href="/changes" { "這一版改了什麼" } }
                }
            }
        }
    })
}

fn shop_form(req: &Request, now: &Settings, problems: &[Problem]) -> Markup {
    let typed = |name: &str, current: &str| req.form(name).unwrap_or(current).to_owned();
    let network = Network::from_word(&typed("network", now.network.word())).unwrap_or(now.network);
    html! {
        form.panel.settings method="post" action="/settings" {
            (csrf_field(req))
            @for choice in now.choices() { input type="hidden" name={ "was_" (choice.name) } value=(choice.value); }
            h2 { "這間店" }
            (text_field("店名", "shop_name", &typed("shop_name", &now.shop_name), "", problems))
            div.field {
                span.label #l-network { "誰可以連進來" }
                div.choice role="group" aria-labelledby="l-network" {
                    @for choice in [Network::ThisPc, Network::Shop] {
                        label { input type="radio" name="network" value=(choice.word()) checked[choice == network]; " " (choice.label()) }
                    }
                }
                @for problem in problems.iter().filter(|problem| problem.field == "network") { span.problem { (problem.say) } }
                span.soft.small { "改了以後，關掉程式再打開才算數。" }
            }
            h2 { "客戶與電話" }
            (text_field("新編號開頭", "code_prefix", &typed("code_prefix", &now.code_prefix), "新客戶的編號從這幾個數字開始，後面接五碼。", problems))
            (text_field("散客編號", "walk_in_code", &typed("walk_in_code", &now.walk_in_code), "沒有名字的客人都記在這一號。", problems))
            (text_field("電話區碼", "area_code", &typed("area_code", &now.area_code), "市話沒打區碼時，當作這一區。", problems))
            h2 { "接單" }
            (text_field("收單時間", "cut_off", &typed("cut_off", &window::clock(now.cut_off)), "過了這個時間，新單的日期先放明天；還是可以改回今天。", problems))
            (text_field("最遠幾天後", "order_days", &typed("order_days", &now.order_days.to_string()), "新單最遠可以排到幾天以後。", problems))
            (text_field("急件加價", "urgent_surcharge", &typed("urgent_surcharge", &now.urgent_surcharge.0.to_string()), "元。急件先帶這個數字，每張單還可以改。", problems))
            (text_field("名單看幾天", "look_ahead_days", &typed("look_ahead_days", &now.look_ahead_days.to_string()), "該送的名單往後多看幾天。", problems))
            div.field {
                span.label #l-residual_credit { "退氣" }
                div.choice role="group" aria-labelledby="l-residual_credit" {
                    @for (value, label) in [("1", "照價折抵"), ("0", "只記公斤，不折抵")] {
                        label { input type="radio" name="residual_credit" value=(value) checked[typed("residual_credit", if now.residual_credit { "1" } else { "0" }) == value]; " " (label) }
                    }
                }
                @for problem in problems.iter().filter(|problem| problem.field == "residual_credit") { span.problem { (problem.say) } }
                span.soft.small { "空桶裡退回來的瓦斯，要不要從這張單扣錢。" }
            }
            h2 { "算下次送氣的數字" }
            (text_field("鋼瓶可用 %", "usable_fraction", &typed("usable_fraction", &settings::percent(now.usable_fraction)), "一支鋼瓶的氣，算得到用得到的有多少。", problems))
            (text_field("安全存量 %", "safety_share", &typed("safety_share", &settings::percent(now.safety_share)), "備用的氣剩多少就該送了。", problems))
            (text_field("一個月算幾天", "month_days", &typed("month_days", &format!("{}", now.month_days)), "", problems))
            div.acts { button.primary { "存設定 " kbd { "Enter" } } }
        }
    }
}

/// The same for those who may only look.
fn shop_view(now: &Settings) -> Markup {
    html! {
        section.panel {
            h2 { "這間店" }
            dl.facts {
                dt { "店名" } dd { (now.shop_name) }
                dt { "誰可以連進來" } dd { (now.network.label()) }
            }
            p.soft { "要改這間店的設定，請找經理。" }
        }
    }
}

fn text_field(label: &str, name: &str, value: &str, hint: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let inputmode = (name != "shop_name" && name != "walk_in_code").then_some("decimal");
    let input = html! {
        input id=(name) name=(name) value=(value) maxlength="40" autocomplete="off" inputmode=[inputmode] aria-invalid=[invalid] aria-describedby=[why];
        @if !hint.is_empty() { span.soft.small { (hint) } }
    };
    field(label, name, problems, input)
}
