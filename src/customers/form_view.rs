//! The form of a customer, drawn from what stands in the file or from what was just typed.

use maud::{Markup, html};

use crate::customers::equipment::Device;
use crate::customers::{Area, Pricing, Terms, Vehicle, form};
use crate::error::Problem;
use crate::http::Request;
use crate::ui::form::wrong;
use crate::ui::{Typed, field};
use crate::values::product::Product;

struct Form<'a> {
    typed: &'a Typed,
    problems: &'a [Problem],
}

impl Form<'_> {
    fn attrs(&self, name: &str) -> (Option<&'static str>, Option<String>) {
        wrong(name, self.problems).map_or((None, None), |(invalid, by)| (Some(invalid), Some(by)))
    }

    fn line(&self, label: &str, name: &str, most: u32) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                input id=(name) name=(name) value=(self.typed.get(name)) maxlength=(most) autocomplete="off" aria-invalid=[invalid] aria-describedby=[by];
            },
        )
    }

    /// An import may have brought more than one types: the box holds it all.
    fn lines(&self, label: &str, name: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                textarea id=(name) name=(name) rows="2" aria-invalid=[invalid] aria-describedby=[by] { (self.typed.get(name)) }
            },
        )
    }

    fn figure(&self, label: &str, name: &str, unit: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                span.with-unit {
                    input.number id=(name) name=(name) value=(self.typed.get(name)) inputmode="numeric" autocomplete="off" maxlength="14" aria-invalid=[invalid] aria-describedby=[by];
                    " " (unit)
                }
            },
        )
    }

    fn check(&self, label: &str, name: &str, value: &str) -> Markup {
        html! { label.check { input type="checkbox" name=(name) value=(value) checked[self.typed.is(name, value)]; " " (label) } }
    }

    fn choice(&self, label: &str, name: &str, answers: &[(&str, &str)], unset: &str) -> Markup {
        let now = self.typed.get(name);
        let now = if now.is_empty() { unset } else { now };
        html! {
            fieldset.field {
                legend.label { (label) }
                div.choice {
                    @for (value, label) in answers {
                        label { input type="radio" name=(name) value=(value) checked[*value == now]; " " (label) }
                    }
                }
            }
        }
    }
}

/// Every field, in panels.
pub fn form_view(req: &Request, typed: &Typed, problems: &[Problem], areas: &[Area]) -> Markup {
    let form = Form { typed, problems };
    html! {
        div.columns.half {
            div.stack {
                section.panel { h2 { "基本" } (basics_view(&form, areas)) }
                section.panel { h2 { "電話" } (phones_view(&form)) }
                section.panel { h2 { "收貨時間" } (hours_view(&form)) }
                @if req.may(form::TERMS) { section.panel { h2 { "計價和結帳" } (terms_view(&form)) } }
            }
            div.stack {
                section.panel { h2 { "怎麼送" } (ways_view(&form)) }
                section.panel { h2 { "開帳時的鋼瓶" span { "支數，沒有就空著；送到和收回的會自己加減" } } (cylinders_view(&form)) }
                section.panel { h2 { "使用區域" span { "例如 煎台16*1、20KG:3" } } (usage_view(&form)) }
                section.panel { h2 { "用量" } (figures_view(&form)) }
                section.panel { h2 { "設備" } (equipment_view(&form)) }
            }
        }
    }
}

fn basics_view(form: &Form, areas: &[Area]) -> Markup {
    let area = form.typed.get("area");
    html! {
        (form.line("簡稱", "short_name", 100))
        (form.line("編號", "customer_code", 20))
        (form.line("發票抬頭", "invoice_title", 200))
        (form.lines("地址", "address"))
        (form.lines("進門備註", "access_note"))
        (field("區域", "area", form.problems, html! {
            select id="area" name="area" {
                option value="" { "未分區" }
                @for one in areas { option value=(one.name) selected[one.name == area] { (one.name) } }
                @if !area.is_empty() && areas.iter().all(|one| one.name != area) { option value=(area) selected { (area) } }
            }
        }))
        (form.line("新區域", "area_new", 40))
        (form.line("聯絡人", "contact_name", 100))
        (form.line("統一編號", "tax_id", 20))
        (field("類型", "customer_type", form.problems, html! {
            input id="customer_type" name="customer_type" value=(form.typed.get("customer_type")) list="kinds" maxlength="40" autocomplete="off";
            datalist #kinds { @for kind in ["住宅", "餐廳", "商業", "學校", "市場", "飯店", "醫院", "工業", "機關", "其他"] { option value=(kind) {} } }
        }))
        (form.lines("備註", "notes"))
    }
}

fn phones_view(form: &Form) -> Markup {
    let phones: Vec<&str> = form.typed.all("phone").collect();
    let labels: Vec<&str> = form.typed.all("phone_label").collect();
    let rows = (phones.len() + 1).max(2);
    html! {
        @for at in 0..rows {
            @let name = format!("phone_{}", at + 1);
            @let (invalid, by) = form.attrs(&name);
            (field(&format!("電話 {}", at + 1), &name, form.problems, html! {
                span.phone-row {
                    input id=(name) name="phone" type="tel" value=(phones.get(at).copied().unwrap_or_default()) maxlength="60" autocomplete="off" aria-invalid=[invalid] aria-describedby=[by];
                    input name="phone_label" value=(labels.get(at).copied().unwrap_or_default()) maxlength="40" autocomplete="off" aria-label={ "電話 " (at + 1) " 的註記" } placeholder="廚房、老闆晚上";
                }
            }))
        }
        p.soft.small { "要少一支就清空，第一支是主要的。" }
    }
}

fn hours_view(form: &Form) -> Markup {
    html! {
        fieldset {
            legend.unseen { "哪些鐘點可以送" }
            div.hour-checks {
                @for hour in 8..20 {
                    @let value = hour.to_string();
                    label { input type="checkbox" name="hour" value=(value) checked[form.typed.is("hour", &value)]; span { (hour) } }
                }
            }
            p.soft.small { "8 是 8 點到 9 點。都不勾就是沒說，整天可以。" }
        }
        (form.choice("時段", "time_period", &[("", "沒說"), ("1", "早上"), ("2", "下午"), ("3", "晚上"), ("0", "全天")], ""))
        fieldset.field {
            legend.label { "公休" }
            div.choice {
                @for (at, day) in ["一", "二", "三", "四", "五", "六", "日"].iter().enumerate() {
                    @let value = (at + 1).to_string();
                    label { input type="checkbox" name="closed_day" value=(value) checked[form.typed.is("closed_day", &value)]; " " (day) }
                }
                label { input type="checkbox" name="closed_on_holidays" value="1" checked[form.typed.is("closed_on_holidays", "1")]; " 國定假日" }
            }
        }
        (form.line("公休備註", "closed_text", 200))
    }
}

fn terms_view(form: &Form) -> Markup {
    let pricing: Vec<_> = Pricing::ALL.iter().map(|one| (one.word(), one.label())).collect();
    let terms: Vec<_> = Terms::ALL.iter().map(|one| (one.word(), one.label())).collect();
    html! {
        (form.choice("計價", "pricing_method", &pricing, Pricing::Cylinder.word()))
        (form.choice("結帳", "payment_terms", &terms, Terms::Cash.word()))
        (form.check("結帳要另外做檔案", "needs_billing_file", "1"))
    }
}

fn ways_view(form: &Form) -> Markup {
    let vehicles: Vec<_> = Vehicle::ALL.iter().map(|one| (one.word(), one.label())).collect();
    html! {
        (form.choice("車輛", "vehicle_type", &vehicles, Vehicle::Any.word()))
        (form.choice("排巡", "on_patrol", &[("", "沒說"), ("1", "要"), ("0", "不要")], ""))
        (form.line("排巡備註", "patrol_note", 200))
        div.acts {
            (form.check("發報", "has_telemetry", "1"))
            (form.check("訂閱會員", "is_subscription", "1"))
            (form.check("需要當天送", "same_day_required", "1"))
        }
        (form.line("當天送備註", "same_day_note", 200))
    }
}

fn cylinders_view(form: &Form) -> Markup {
    html! {
        div.stock {
            @for product in &Product::ALL {
                @let name = format!("qty_{}", product.code);
                @let (invalid, by) = form.attrs(&name);
                label for=(name) { (product.name) }
                input.number id=(name) name=(name) value=(form.typed.get(&name)) inputmode="numeric" autocomplete="off" maxlength="4" aria-invalid=[invalid] aria-describedby=[by];
            }
        }
        @for problem in form.problems.iter().filter(|problem| problem.field.starts_with("qty_")) {
            p.refuse id={ "why-" (problem.field) } { span { (problem.say) } }
        }
    }
}

fn usage_view(form: &Form) -> Markup {
    html! {
        (form.line("第一（串接）", "usage_1", 4_000))
        (form.line("第二", "usage_2", 4_000))
        (form.line("第三", "usage_3", 4_000))
        (form.line("第四", "usage_4", 4_000))
        (form.line("第五", "usage_5", 4_000))
        (form.line("預備桶", "spare_text", 4_000))
    }
}

fn figures_view(form: &Form) -> Markup {
    html! {
        (form.figure("月配送量", "monthly_delivered_kg", "kg"))
        (form.figure("月退氣", "monthly_residual_kg", "kg"))
        (form.figure("平均日用", "avg_daily_kg", "kg，月配送量沒填才用"))
        (form.figure("串接", "series_kg", "kg"))
        (form.figure("備用量", "reserve_kg", "kg"))
        (form.figure("使用區域", "supply_area_count", "個"))
    }
}

fn equipment_view(form: &Form) -> Markup {
    html! {
        div.devices {
            @for device in Device::ALL {
                @let note = format!("device_note_{}", device.word());
                (form.check(device.label(), "device", device.word()))
                input name=(note) value=(form.typed.get(&note)) maxlength="4000" autocomplete="off" aria-label={ (device.label()) "的備註" } placeholder="備註";
            }
        }
        (form.lines("切替器型號", "changeover_model"))
        (form.lines("設備買斷", "equipment_owner_note"))
        (form.line("場所申報", "site_declaration", 4_000))
        (form.line("舊系統鋼瓶", "legacy_cylinder_text", 4_000))
    }
}

#[cfg(test)]
mod tests {
    use crate::customers::Period;

    #[test]
    fn the_form_is_read_back_as_drawn() {
        for (word, label) in [("1", "早上"), ("2", "下午"), ("3", "晚上"), ("0", "全天")] {
            assert_eq!(Period::from_word(word).map(Period::label), Some(label));
        }
    }
}
