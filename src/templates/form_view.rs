//! How the form of a template looks: what is brought, how often, and beside it the days that come of it.

use maud::{Markup, html};

use crate::customers::Customer;
use crate::error::Problem;
use crate::orders::Payment;
use crate::orders::take::MOST_LINES;
use crate::products::Product;
use crate::settings::holidays::Calendar;
use crate::templates::form::When;
use crate::templates::generate;
use crate::templates::recurrence::{MOST_EVERY, Recurrence};
use crate::ui::form::wrong;
use crate::ui::{Typed, field};
use crate::values::{Day, ProductId};

/// Empty rows under the lines there are.
const SPARE_ROWS: usize = 1;
const NEW_ROWS: usize = 2;
/// Days of the rhythm the form shows ahead.
const SHOWN_DAYS: usize = 5;

/// Everything one drawing of the form needs.
pub struct Sheet<'a> {
    pub typed: &'a Typed,
    pub problems: &'a [Problem],
    pub catalogue: &'a [Product],
    /// Nothing of it stands in the file yet; then the caret is in the form when the page opens.
    pub is_new: bool,
}

impl Sheet<'_> {
    fn attrs(&self, name: &str) -> (Option<&'static str>, Option<String>) {
        wrong(name, self.problems).map_or((None, None), |(invalid, by)| (Some(invalid), Some(by)))
    }

    /// Where the caret stands: in the first field that is wrong, in the order of the page.
    fn caret(&self) -> Option<&str> {
        const ORDER: [&str; 8] = ["lines", "every", "anchor_day", "next_on", "end_on", "name", "notes", "payment_method"];
        let place = |problem: &&Problem| ORDER.iter().position(|field| problem.field.starts_with(field));
        self.problems.iter().min_by_key(|problem| place(problem).unwrap_or(ORDER.len())).map(|problem| problem.field.as_ref())
    }

    fn has_caret(&self, name: &str) -> bool {
        self.caret() == Some(name)
    }

    fn line(&self, label: &str, name: &str, most: u32, hint: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                input id=(name) name=(name) value=(self.typed.get(name)) maxlength=(most) autocomplete="off" placeholder=(hint)
                    autofocus[self.has_caret(name)] aria-invalid=[invalid] aria-describedby=[by];
            },
        )
    }

    fn day(&self, label: &str, name: &str, hint: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                input id=(name) name=(name) value=(self.typed.get(name)) data-digits="" maxlength="20" autocomplete="off" placeholder=(hint)
                    autofocus[self.has_caret(name)] aria-invalid=[invalid] aria-describedby=[by];
            },
        )
    }

    fn figure(&self, name: &str, after: Markup) -> Markup {
        let (invalid, by) = self.attrs(name);
        html! {
            span.with-unit {
                input.number.short id=(name) name=(name) value=(self.typed.get(name)) inputmode="numeric" maxlength="2" autocomplete="off"
                    autofocus[self.has_caret(name)] aria-invalid=[invalid] aria-describedby=[by];
                " " (after)
            }
        }
    }
}

/// Every field, in panels.
pub fn form_view(sheet: &Sheet) -> Markup {
    html! {
        section.panel { h2 { "每次送什麼" } (lines_view(sheet)) }
        section.panel.rhythm { h2 { "多久一次" } (rhythm_view(sheet)) }
        section.panel { h2 { "怎麼開" } (ways_view(sheet)) }
    }
}

fn lines_view(sheet: &Sheet) -> Markup {
    let products: Vec<&str> = sheet.typed.all("line_product").collect();
    let qtys: Vec<&str> = sheet.typed.all("line_qty").collect();
    // Of what was typed the empty rows are forgotten; the lines keep their numbers while something is wrong.
    let filled = (0..products.len()).rev().find(|at| !products[*at].is_empty() || !qtys.get(*at).is_none_or(|qty| qty.is_empty()));
    let filled_rows = filled.map_or(0, |last| last + 1);
    let spare = if sheet.is_new { NEW_ROWS } else { SPARE_ROWS };
    let rows = (filled_rows + spare).min(MOST_LINES).max(filled_rows);
    let opens = sheet.is_new && sheet.problems.is_empty();
    html! {
        table.lines {
            thead.unseen { tr { th scope="col" { "規格" } th scope="col" { "數量" } } }
            tbody {
                @for at in 0..rows {
                    @let name = format!("lines.{}", at + 1);
                    @let (invalid, by) = sheet.attrs(&name);
                    @let chosen: Option<ProductId> = products.get(at).and_then(|id| id.parse().ok());
                    @let caret = sheet.has_caret(&name) || (at == 0 && sheet.has_caret("lines"));
                    tr {
                        td.size {
                            select name="line_product" aria-label={ "第 " (at + 1) " 行規格" }
                                autofocus[(caret || (opens && at == 0)) && chosen.is_none()] {
                                option value="" { "選規格" }
                                @for product in sheet.catalogue.iter().filter(|product| product.is_active || chosen == Some(product.id)) {
                                    option value=(product.id) selected[chosen == Some(product.id)] {
                                        (product.name) @if !product.is_active { "（停賣）" }
                                    }
                                }
                            }
                        }
                        td.number {
                            input.number name="line_qty" value=(qtys.get(at).copied().unwrap_or_default()) inputmode="numeric" maxlength="4" autocomplete="off"
                                aria-label={ "第 " (at + 1) " 行數量" } autofocus[(caret || (opens && at == 0)) && chosen.is_some()]
                                aria-invalid=[invalid] aria-describedby=[by];
                        }
                        td.rest {
                            @for problem in sheet.problems.iter().filter(|problem| problem.field == name) {
                                span.problem id={ "why-" (name) } { (problem.say) }
                            }
                        }
                    }
                }
            }
        }
        @for problem in sheet.problems.iter().filter(|problem| problem.field == "lines") { p.problem #why-lines { (problem.say) } }
        p.soft.small { "不要的就選回空白；再多一種，先存，會多一行。" }
    }
}

fn rhythm_view(sheet: &Sheet) -> Markup {
    let chosen = Recurrence::from_word(sheet.typed.get("recurrence")).unwrap_or(Recurrence::Weekly);
    let said = |recurrence: Recurrence| match recurrence {
        Recurrence::ByHand => "不自動，要用時才開",
        Recurrence::Daily => "照天數",
        Recurrence::Weekly => "照星期",
        Recurrence::Monthly => "照日期",
    };
    html! {
        fieldset.field {
            legend.label { "怎麼算" }
            div.choice {
                @for one in [Recurrence::Weekly, Recurrence::Daily, Recurrence::Monthly, Recurrence::ByHand] {
                    label { input type="radio" name="recurrence" value=(one.word()) checked[one == chosen]; " " (said(one)) }
                }
            }
        }
        div.by-itself {
            (field("每", "every", sheet.problems, sheet.figure("every", html! {
                span.for-weekly { "週一次" } span.for-daily { "天一次" } span.for-monthly { "個月一次" }
                span.soft { "　1 到 " (MOST_EVERY) }
            })))
            fieldset.field.for-weekly {
                legend.label { "星期" }
                div.choice.tight {
                    @for (at, day) in ["一", "二", "三", "四", "五", "六", "日"].iter().enumerate() {
                        @let value = (at + 1).to_string();
                        label { input type="checkbox" name="weekday" value=(value) checked[sheet.typed.is("weekday", &value)]; " " (day) }
                    }
                }
                small.soft { "可以勾好幾天。都不勾，就是第一次那天的星期。" }
            }
            div.for-monthly {
                (field("幾號", "anchor_day", sheet.problems, sheet.figure("anchor_day", html! {
                    "日" span.soft { "　沒有這一天的月份送月底。空著就照第一次那天。" }
                })))
            }
            (sheet.day(if sheet.is_new { "從哪天起" } else { "下一次" }, "next_on", "例如 6/3"))
            (sheet.day("到哪天", "end_on", "一直送就空著"))
        }
    }
}

fn ways_view(sheet: &Sheet) -> Markup {
    let payment = sheet.typed.get("payment_method");
    html! {
        fieldset.field {
            legend.label { "付款" }
            div.choice {
                @for one in Payment::ALL { label { input type="radio" name="payment_method" value=(one.word()) checked[one.word() == payment]; " " (one.label()) } }
                label { input type="checkbox" name="is_urgent" value="1" checked[sheet.typed.is("is_urgent", "1")]; " 急件" }
            }
        }
        (sheet.line("備註", "notes", 500, "給司機看的，例如：後門、要收據"))
        (sheet.line("名稱", "name", 40, "可以不填，就用品項當名稱"))
    }
}

/// The next days of a rhythm, and where a closed day is brought instead; or what is wrong with what is typed.
pub fn days_view(when: Result<When, &[Problem]>, customer: &Customer, calendar: &Calendar, today: Day) -> Markup {
    let when = match when {
        Ok(when) => when,
        Err(problems) => return html! { @for problem in problems { p.problem { (problem.say) } } },
    };
    let mut days = when.rhythm.days(when.next_on, when.end_on);
    let shown: Vec<Day> = days.by_ref().take(SHOWN_DAYS).collect();
    let is_over = days.next().is_none();
    html! {
        @if when.next_on.is_none() {
            p { "不會自己開單，要用時按「開單」。" }
        } @else if shown.is_empty() {
            p { "不會再開單，最後一天已經過了。" }
        } @else {
            p { b { (when.rhythm.said(when.next_on)) } }
            ol.next-days {
                @for day in &shown {
                    @let on = generate::day_of(calendar, customer, *day, today);
                    li {
                        (day.beside(today)) @if day.year() != today.year() { " (" (day.weekday_label()) ")" }
                        @if on != *day {
                            small {
                                @match calendar.closed_on(&customer.details.closed, *day) {
                                    Some(why) => { (why) "，提前到 " (on.short()) }
                                    None => { "已經過了，改 " (on.short()) }
                                }
                            }
                        } @else if let Some(why) = calendar.closed_on(&customer.details.closed, *day) { small { (why) } }
                    }
                }
            }
            @if is_over { p.soft.small { "就到這裡。" } }
            p.soft.small { "前一天 01:00 開成待確認的單，看過再確認。" }
        }
    }
}
