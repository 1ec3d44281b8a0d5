//! A month as a spreadsheet: a day a row, a total at the foot, CSV in UTF-8 with a byte order mark.

use crate::error::{Doing, Result};
use crate::reports::{MonthReport, Totals};

/// What is not known is an empty cell.
pub fn month(report: &MonthReport) -> Result<Vec<u8>> {
    const DOING: &str = "write a month out";
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    csv.write_record(["日期", "星期", "配送次數", "知道數量的次數", "公斤"]).doing(DOING)?;
    let cells = |totals: Totals| {
        let weight = totals.weight().map(|weight| weight.kg().to_string()).unwrap_or_default();
        [totals.deliveries.to_string(), totals.known.to_string(), weight]
    };
    for day in &report.days {
        let [deliveries, known, weight] = cells(day.totals);
        csv.write_record([&day.on.to_string(), day.on.weekday_label(), &deliveries, &known, &weight]).doing(DOING)?;
    }
    let [deliveries, known, weight] = cells(report.totals);
    csv.write_record(["合計", "", &deliveries, &known, &weight]).doing(DOING)?;
    csv.into_inner().map_err(|error| error.into_error()).doing(DOING)
}
