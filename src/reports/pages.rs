use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::reports::{Comparison, MonthReport, Year, chart, csv, heat, store, years};
use crate::ui::{self, Page, Room};
use crate::values::{Day, Month};

/// `GET /reports/month?month=2025-05` shows a month against the one before and the year before, by day, and
/// every month there are records of.
pub fn month(app: &App, req: &Request) -> Result<Response> {
    let asked = req.query("month").and_then(|text| text.parse::<Month>().ok());

    let key = ("month", asked.map(|month| month.to_string()).unwrap_or_default());
    let numbers = app.cached(key, req.at, |conn, _| {
        let last = store::last_day(conn)?;
        let month = asked.unwrap_or(last.map_or(req.at.day().month(), Day::month));
        Ok((report_of(conn, month, req.at.day())?, store::months(conn)?, last))
    })?;

    let (report, months, last) = &*numbers;
    let (month, last) = (report.month, *last);
    let title = format!("月報 {} 年 {} 月", month.year(), month.month());
    Ok(Page::new(app, req, &title).room(Room::Reports).show(html! {
        (head_view(report, months, last))
        @if months.is_empty() {
            (ui::empty("還沒有配送紀錄", "匯入歷史檔之後，每個月的次數會在這裡。"))
        } @else {
            @if report.totals.deliveries == 0 {
                (ui::empty("這個月沒有配送紀錄", "在下面的表上選有數字的月份。"))
            } @else {
                (tiles_view(report))
                (bars_view(report))
                (days_view(report))
            }
            (years_view(&years(months), month, last.filter(|last| *last != last.month().last()).map(Day::month)))
        }
    }))
}

/// `GET /reports/month.csv?month=2025-05` is the month as a file, a day a row.
pub fn month_csv(app: &App, req: &Request) -> Result<Response> {
    let month = req.query("month").and_then(|text| text.parse::<Month>().ok()).unwrap_or(req.at.day().month());

    let report = app.db.read(|conn| report_of(conn, month, req.at.day()))?;

    Ok(Response::download("text/csv; charset=utf-8", &format!("月報 {month}.csv"), csv::month(&report)?))
}

/// The report of `month`, read from the day summary alone.
pub fn report_of(conn: &Connection, month: Month, today: Day) -> Result<MonthReport> {
    let last = store::last_day(conn)?.unwrap_or(today);
    let summary = store::days(conn, month.plus(-12).first(), month.last())?;
    Ok(MonthReport::of(month, &summary, last))
}

fn head_view(report: &MonthReport, months: &[(Month, i64)], last: Option<Day>) -> Markup {
    let month = report.month;
    let has = |beside: Month| {
        let span = months.first().zip(months.last()).map(|(first, last)| first.0..=last.0);
        Some(beside).filter(|beside| span.is_some_and(|span| span.contains(beside)))
    };
    html! {
        div.head {
            div {
                h1 { (month.year()) " 年 " (month.month()) " 月　" span.soft { "民國 " (month.year() - 1911) " 年" } }
                @if let Some(last) = last {
                    p { "資料到 " (last.long()) "。" @if !report.is_whole() { "這個月還沒過完，只和別的月份的同樣幾天比。" } }
                }
            }
            div.acts {
                @if let Some(before) = has(month.previous()) { a.button href={ "/reports/month?month=" (before) } data-key="left" rel="prev" { "上個月 " kbd { "←" } } }
                @if let Some(after) = has(month.next()) { a.button href={ "/reports/month?month=" (after) } data-key="right" rel="next" { "下個月 " kbd { "→" } } }
                a.button href="/deliveries" data-key="d" { "看一天 " kbd { "D" } }
                @if 0 < report.totals.deliveries {
                    a.button href={ "/reports/month.csv?month=" (month) } { "存成 CSV" }
                    button type="button" data-print data-key="p" { "列印 " kbd { "P" } }
                }
            }
        }
    }
}

fn tiles_view(report: &MonthReport) -> Markup {
    let totals = report.totals;
    let most = report.days.iter().max_by_key(|day| (day.totals.deliveries, std::cmp::Reverse(day.on)));
    html! {
        div.tiles {
            div.tile {
                span { "配送" } b { (ui::count(totals.deliveries)) " " small { "次" } }
                small.soft { (beside_line("上個月", report.previous, totals.deliveries, report.is_whole())) }
            }
            div.tile {
                span { "和去年 " (report.month.month()) " 月比" }
                @match report.last_year {
                    Some(other) => { b { (percent(other.change_percent(totals.deliveries))) small { "%" } } small.soft { "去年" (same_days(other, report.is_whole())) " " (ui::count(other.deliveries)) " 次" } }
                    None => { b.none { "—" } small.soft { "去年沒有紀錄" } }
                }
            }
            div.tile {
                span { "出氣" }
                @match totals.weight() {
                    Some(weight) => { b { (weight) " " small { "公斤" } } small.soft { "知道數量的 " (ui::count(totals.known)) " 次" } }
                    None => { b.none { "—" } small.soft { "紀錄裡沒有數量" } }
                }
            }
            div.tile {
                span { "平均一天" } b { (ui::count(report.average().round() as i64)) " " small { "次" } }
                small.soft { (report.days.len()) " 天" }
            }
            @if let Some(most) = most {
                a.tile href={ "/deliveries?date=" (most.on) } {
                    span { "最多的一天" } b { (ui::count(most.totals.deliveries)) " " small { "次" } }
                    small.soft { (most.on.short()) }
                }
            }
        }
    }
}

fn beside_line(label: &str, other: Option<Comparison>, now: i64, is_whole: bool) -> String {
    match other {
        Some(other) => {
            let days = same_days(other, is_whole);
            format!("{label}{days} {} ({}%)", ui::count(other.deliveries), percent(other.change_percent(now)))
        }
        None => format!("{label}沒有紀錄"),
    }
}

/// Which days a month that is not over is compared with.
fn same_days(other: Comparison, is_whole: bool) -> String {
    if is_whole { String::new() } else { format!("到 {} 日", other.to.day_of_month()) }
}

/// `+1.8` or `−1.5`, with a real minus.
fn percent(change: f64) -> String {
    let text = format!("{:.1}", change.abs());
    match text.as_str() {
        "0.0" => text,
        _ if change < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

fn bars_view(report: &MonthReport) -> Markup {
    html! {
        section.panel {
            h2 { "每天送幾次 " (chart::legend(report)) }
            div.chart tabindex="0" role="group" aria-label="每天配送次數圖，可左右捲" { (chart::bars(report)) }
        }
    }
}

/// The figures of the bars, folded away.
fn days_view(report: &MonthReport) -> Markup {
    html! {
        details {
            summary { "每天的數字" }
            div.scroll {
                table.list.tight {
                    caption.unseen { "每天配送次數" }
                    thead { tr { th scope="col" { "日期" } th.number scope="col" { "次" } th.number scope="col" { "公斤" } } }
                    tbody {
                        @for day in &report.days {
                            tr {
                                th.keep scope="row" { a href={ "/deliveries?date=" (day.on) } { (day.on.long()) } }
                                td.number { (ui::count(day.totals.deliveries)) }
                                td.number { @match day.totals.weight() { Some(weight) => { (weight) } None => { (ui::none()) } } }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            th scope="row" { "合計" }
                            td.number { (ui::count(report.totals.deliveries)) }
                            td.number { @match report.totals.weight() { Some(weight) => { (weight) } None => { (ui::none()) } } }
                        }
                    }
                }
            }
        }
    }
}

/// `partial` is the month that is not over: its figure takes no part in the colours.
fn years_view(years: &[Year], shown: Month, partial: Option<Month>) -> Markup {
    let is_whole = |year: i32, at: usize| partial != Month::new(year, at as u32 + 1);
    let whole: Vec<i64> = years
        .iter()
        .flat_map(|year| year.months.iter().enumerate().filter_map(|(at, count)| count.filter(|_| is_whole(year.year, at))))
        .collect();
    let (least, most) = (whole.iter().min().copied().unwrap_or(0), whole.iter().max().copied().unwrap_or(0));
    html! {
        div.scroll tabindex="0" role="group" aria-label="歷年每月次數，可左右捲" {
            table.list.tight.years {
                caption.unseen { "歷年每月配送次數" }
                thead { tr {
                    th scope="col" { "年" }
                    @for number in 1..=12 { th.number scope="col" { (number) " 月" } }
                    th.number scope="col" { "全年" }
                } }
                tbody {
                    @for year in years {
                        tr {
                            th.keep scope="row" { (year.year) span.soft.small { "　" (year.year - 1911) " 年" } }
                            @for (at, count) in year.months.iter().enumerate() {
                                (month_cell_view(year.year, at, *count, shown, is_whole(year.year, at), (least, most)))
                            }
                            td.number { b { (ui::count(year.total())) } }
                        }
                    }
                }
            }
        }
        p.soft.small {
            "顏色越深次數越多。"
            @if let Some(partial) = partial { "* " (partial.month()) " 月還沒過完，不比較。" }
        }
    }
}

fn month_cell_view(year: i32, at: usize, count: Option<i64>, shown: Month, is_whole: bool, (least, most): (i64, i64)) -> Markup {
    let (Some(month), Some(count)) = (Month::new(year, at as u32 + 1), count) else { return html! { td.number { (ui::none()) } } };
    let class = if is_whole { format!("number heat-{}", heat(count, least, most)) } else { "number".to_owned() };
    html! {
        td class=(class) {
            a href={ "/reports/month?month=" (month) } aria-current=[(month == shown).then_some("page")] { (ui::count(count)) }
            @if !is_whole { "*" }
        }
    }
}
