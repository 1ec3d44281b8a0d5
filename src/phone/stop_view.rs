//! One stop: what to hand over, prefilled; what was recorded, once it is settled.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::meters::{self, Meter, Reading};
use crate::phone::frame::act_fields;
use crate::phone::route_view::{counter_view, money_view, problems_view, reach_view, undo_view};
use crate::phone::{AT_THE_DOOR, OTHER, REGULAR, Visit, Way};
use crate::routes::{Status, StopStatus};
use crate::ui::{self, Typed, form};
use crate::values::{Grams, Ntd};

/// What the page of a stop is drawn from.
pub struct Sheet {
    pub way: Way,
    pub visit: Visit,
    /// Which of the order's lines stand in cylinders, in their order: a regulator leaves no empties.
    pub is_cylinder: Vec<bool>,
    /// The customer's meters that are in use, with what each last showed.
    pub dials: Vec<(Meter, Option<Reading>)>,
}

/// All as it was ordered, and what is due in hand.
pub fn prefilled(sheet: &Sheet) -> Typed {
    let mut typed = Typed::default();
    for (no, line) in (1..).zip(&sheet.visit.order.lines) {
        typed.push(&format!("qty.{no}"), line.qty.to_string());
        typed.push(&format!("empties.{no}"), line.empties_expected.to_string());
        typed.push(&format!("residual.{no}"), "0");
    }
    if let Some(due) = sheet.visit.to_collect().filter(|due| *due != Ntd(0)) {
        typed.push("cash_handed", due.0.to_string());
        typed.push("cash_due", due.0.to_string());
    }
    typed
}

/// A stop still to be made.
pub fn open_view(req: &Request, sheet: &Sheet, typed: &Typed, problems: &[Problem]) -> Markup {
    let Sheet { way, visit, .. } = sheet;
    let elsewhere: Vec<Problem> = problems.iter().filter(|problem| !has_place(sheet, &problem.field)).cloned().collect();
    html! {
        (head_view(sheet))
        (reach_view(visit))
        @if way.route.status == Status::InProgress {
            form.hand-over method="post" action={ "/driver/stops/" (visit.stop.id) "/complete" } enctype="multipart/form-data" data-act="" data-due={ "/driver/stops/" (visit.stop.id) "/due" } {
                (act_fields(req))
                (problems_view(&elsewhere))
                (counters_view(sheet, typed, problems))
                @for dial in &sheet.dials { (dial_view(dial, typed, problems)) }
                (cash_view(visit, typed, problems))
                (proof_view(typed, problems))
                div.thumb.two {
                    a.button href={ "/driver/stops/" (visit.stop.id) "/fail" } { "沒送成" }
                    button.primary { "完成" }
                }
                @if visit.to_collect().is_some() { (cash_dialog_view(typed)) }
                (sign_dialog_view())
            }
        } @else {
            div.inset {
                p.what { (visit.order.items()) }
                p { (money_view(visit)) }
                @if way.route.status == Status::Published { (ui::warn("這條路線還沒出發。")) }
            }
            div.thumb { a.button.primary href={ "/driver/routes/" (way.route.id) } { "回路線" } }
        }
    }
}

/// Who and where.
fn head_view(sheet: &Sheet) -> Markup {
    let Sheet { way, visit, .. } = sheet;
    html! {
        div.top {
            a.button.back href={ "/driver/routes/" (way.route.id) } aria-label="返回路線" { "返回" }
            div.who {
                h1 { (visit.name) }
                span.where { (visit.order.delivery_address.as_deref().unwrap_or("沒有地址")) @if let Some(note) = &visit.access_note { "，" (note) } }
                @if let Some(note) = &visit.order.notes { b { (note) } }
            }
        }
    }
}

/// Whether a problem of `field` is said beside the field.
fn has_place(sheet: &Sheet, field: &str) -> bool {
    let is_line =
        field.strip_prefix("lines.").and_then(|no| no.parse().ok()).is_some_and(|no| (1..=sheet.visit.order.lines.len()).contains(&no));
    is_line || field.starts_with("reading.") || matches!(field, "cash_handed" | "recipient" | "no_proof" | "photo" | "signature" | "note")
}

fn problem_view(problems: &[Problem], field: &str) -> Markup {
    html! {
        @for problem in problems.iter().filter(|problem| problem.field == field) {
            p.refuse id={ "why-" (field) } role="alert" { span { (problem.say) } }
        }
    }
}

/// 滿桶放下, 空桶收回 and 殘氣 of each line. With several lines the gas that came back, which is rare, folds away.
fn counters_view(sheet: &Sheet, typed: &Typed, problems: &[Problem]) -> Markup {
    let lines = || (1..).zip(sheet.visit.order.lines.iter().zip(&sheet.is_cylinder));
    let cylinders = sheet.is_cylinder.iter().filter(|is_cylinder| **is_cylinder).count();
    let residual =
        |no: usize, name: &str| counter_view(&format!("residual.{no}"), "殘氣", name, typed.get(&format!("residual.{no}")), "decimal");
    html! {
        @for (no, (line, is_cylinder)) in lines() {
            @let field = format!("lines.{no}");
            input type="hidden" name="product" value=(line.product_id);
            @let of = format!("{}　訂 {}", line.product_name, line.qty);
            (counter_view(&format!("qty.{no}"), if *is_cylinder { "滿桶放下" } else { "交給客戶" }, &of, typed.get(&format!("qty.{no}")), "numeric"))
            @if *is_cylinder {
                (counter_view(&format!("empties.{no}"), "空桶收回", &line.product_name, typed.get(&format!("empties.{no}")), "numeric"))
            }
            (problem_view(problems, &field))
        }
        @if cylinders == 1 {
            @for (no, (_, is_cylinder)) in lines() { @if *is_cylinder { (residual(no, "公斤，沒有就 0")) } }
        } @else if 1 < cylinders {
            details.residual open[lines().any(|(no, _)| !matches!(typed.get(&format!("residual.{no}")), "" | "0"))] {
                summary { "有殘氣" }
                @for (no, (line, is_cylinder)) in lines() { @if *is_cylinder { (residual(no, &format!("公斤　{}", line.product_name))) } }
            }
        }
    }
}

fn dial_view((meter, last): &(Meter, Option<Reading>), typed: &Typed, problems: &[Problem]) -> Markup {
    let name = format!("reading.{}", meter.id);
    let sure = format!("sure.{}", meter.id);
    let (invalid, why) = form::wrong(&name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let asks = problems.iter().any(|problem| problem.field == name) || typed.is(&sure, "1");
    html! {
        div.dial {
            label for=(name) {
                "錶 " (meter.serial)
                small { @match last {
                    Some(last) => { "上次 " (meters::figure(last.value_milli)) " " (meter.unit) "（" (last.read_on.short()) "）" }
                    None => { "第一次抄，" (meter.unit) }
                } }
            }
            input id=(name) name=(name) inputmode="decimal" data-digits="" maxlength="12" autocomplete="off" value=(typed.get(&name))
                aria-invalid=[invalid] aria-describedby=[why];
        }
        (problem_view(problems, &name))
        @if asks { label.sure { input type="checkbox" name=(sure) value="1" checked[typed.is(&sure, "1")]; "沒看錯" } }
    }
}

/// What is to be collected; a tap opens the keypad.
fn cash_view(visit: &Visit, typed: &Typed, problems: &[Problem]) -> Markup {
    html! {
        @match visit.to_collect() {
            Some(_) => {
                a.due #cash-row href="#cash" {
                    span { "收現金" br; small data-handed="" { "點這裡改金額" } }
                    span.money data-due-amount="" { (due(typed)) }
                }
                (problem_view(problems, "cash_handed"))
            }
            None => { p.due.no-cash { span { (visit.order.payment.label()) "，不收錢" } } }
        }
    }
}

/// What is due by what stands in the form.
fn due(typed: &Typed) -> Ntd {
    Ntd::parse(typed.get("cash_due")).unwrap_or_default()
}

/// Signed, photographed, or why neither.
fn proof_view(typed: &Typed, problems: &[Problem]) -> Markup {
    let is_other =
        typed.is("proof", OTHER) || problems.iter().any(|problem| matches!(problem.field.as_ref(), "recipient" | "no_proof" | "note"));
    html! {
        fieldset.proof {
            legend.unseen { "誰收的" }
            div.proofs {
                a.button.scripted href="#sign" data-sign-state="" { @if typed.get("signature").is_empty() { "簽名" } @else { "簽好了 ✓" } }
                (photo_view(typed))
            }
            div.chips {
                @for (value, label) in [(REGULAR, "老客戶"), (AT_THE_DOOR, "放門口"), (OTHER, "其他")] {
                    label { input type="radio" name="proof" value=(value) checked[typed.is("proof", value) || (value == OTHER && is_other)]; (label) }
                }
            }
            (problem_view(problems, "photo")) (problem_view(problems, "signature"))
            div.others {
                (other_view("recipient", "收的人", 100, typed, problems))
                (other_view("no_proof", "沒有簽收，為什麼", 200, typed, problems))
                (other_view("note", "給辦公室的話", 500, typed, problems))
            }
            input type="hidden" name="signature" value=(typed.get("signature"));
        }
    }
}

/// 拍照: the camera, whose picture the script makes small before it goes.
pub fn photo_view(typed: &Typed) -> Markup {
    html! {
        label.button.shoot {
            span data-photo-state="" role="status" { @if typed.get("photo").is_empty() { "拍照" } @else { "拍好了 ✓" } }
            input type="file" name="photo_file" accept="image/*" capture="environment" aria-label="拍照";
        }
        input type="hidden" name="photo" value=(typed.get("photo"));
    }
}

pub fn other_view(name: &'static str, label: &str, most: usize, typed: &Typed, problems: &[Problem]) -> Markup {
    let (invalid, why) = form::wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    html! {
        div.inset {
            label for=(name) { (label) }
            input id=(name) name=(name) maxlength=(most) autocomplete="off" value=(typed.get(name)) aria-invalid=[invalid] aria-describedby=[why];
            (problem_view(problems, name))
        }
    }
}

/// 應收, 收到, 找錢. The field is there without script too; the keys and the change need it.
fn cash_dialog_view(typed: &Typed) -> Markup {
    html! {
        div.dialog #cash role="dialog" aria-label="收現金" {
            section data-cash="" {
                input type="hidden" name="cash_due" value=(due(typed).0);
                dl.sums {
                    dt { "應收" } dd data-cash-due="" { (due(typed)) }
                    dt { label for="cash_handed" { "收到" } }
                    dd { input.typed #cash_handed name="cash_handed" inputmode="numeric" maxlength="9" autocomplete="off" value=(typed.get("cash_handed")); }
                    dt.scripted data-change-label="" { "找錢" } dd.scripted data-change="" aria-live="polite" { "NT$0" }
                }
                div.keypad.scripted {
                    @for key in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "清除", "0", "00"] { button type="button" data-cash-key=(key) { (key) } }
                }
                div.pair.cash { a.button href="#cash-row" data-cash-back="" { "回上一頁" } a.button.primary href="#cash-row" { "收好了" } }
            }
        }
    }
}

fn sign_dialog_view() -> Markup {
    html! {
        div.dialog #sign role="dialog" aria-label="簽名" {
            section data-sign="" {
                p { "請客戶在框裡簽名" }
                canvas.pad width="640" height="400" aria-label="簽名的框" {}
                div.pair.cash {
                    button type="button" data-sign-clear="" { "清除" }
                    button.primary type="button" data-sign-done="" { "簽好了" }
                }
                a.button href="#cash-row" { "不簽了" }
            }
        }
    }
}

/// A stop with its outcome: what was recorded, and the way back while there is one.
pub fn settled_view(req: &Request, sheet: &Sheet) -> Markup {
    let Sheet { way, visit, .. } = sheet;
    let stop = &visit.stop;
    let at = stop.finished_at.map(|at| at.clock()).unwrap_or_default();
    html! {
        (head_view(sheet))
        (reach_view(visit))
        dl.outcome {
            @match stop.status {
                StopStatus::Completed => { dt { "送完" } dd { "✓ " (at) } }
                StopStatus::Failed => {
                    dt { "沒送成" } dd { "✕ " (at) "　" (stop.failure_reason.map(|reason| reason.label()).unwrap_or_default()) }
                    @if let Some(note) = &stop.failure_note { dt { "補一句" } dd { (note) } }
                }
                StopStatus::Skipped => { dt { "辦公室移走了" } dd { (at) } }
                StopStatus::Pending | StopStatus::Arrived => {}
            }
            @if stop.status == StopStatus::Completed {
                @for line in &visit.order.lines { @if let Some(left) = line.delivered {
                    dt { (line.product_name) }
                    dd { "放下 " (left.qty) "，收回 " (left.empties) @if left.residual != Grams(0) { "，殘氣 " (left.residual) " 公斤" } }
                } }
                @if let Some(cash) = stop.cash { dt { "收現金" } dd { (cash) } }
                @if stop.signature.is_some() { dt { "簽名" } dd { "有" } }
                @if stop.photo.is_some() { dt { "照片" } dd { "有" } }
                @if let Some(recipient) = &stop.recipient { dt { "收的人" } dd { (recipient) } }
                @if let Some(why) = &stop.no_proof { dt { "沒有簽收" } dd { (why) } }
                @if let Some(note) = &stop.note { dt { "備註" } dd { (note) } }
            }
        }
        div.thumb.two[visit.may_be_undone(way, req.at)] {
            @if visit.may_be_undone(way, req.at) { (undo_view(req, visit)) }
            a.button.primary href={ "/driver/routes/" (way.route.id) } { "回路線" }
        }
    }
}
