//! The deliveries as a spreadsheet: CSV in UTF-8 with a byte order mark, under the headings an import knows.

use std::io::Write;

use rusqlite::Connection;

use crate::deliveries::store;
use crate::error::{Doing, Result};
use crate::values::text;

pub const FILE_NAME: &str = "配送.csv";

const HEADINGS: [&str; 11] = ["客戶代號", "交易日期", "來源", "交易時間", "50KG", "20KG", "16KG", "10KG", "4KG", "司機", "備註"];

/// Writes every delivery, by customer code as a number, then day, and says how many. What is not known is an
/// empty cell. Rows go out as they are read.
pub fn write(conn: &Connection, out: impl Write) -> Result<u64> {
    const DOING: &str = "write the deliveries out";
    let mut out = out;
    out.write_all("\u{feff}".as_bytes()).doing(DOING)?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(HEADINGS).doing(DOING)?;
    let mut count = 0;
    store::export(conn, |code, row| {
        count += 1;
        let qty = row.load.0.map(|qty| qty.map(|qty| qty.to_string()).unwrap_or_default());
        let (on, source) = (row.delivered_on.to_string(), row.source.label());
        let [at_time, driver, note] = [row.at_time, row.driver_name, row.note].map(Option::unwrap_or_default);
        let (driver, note) = (text::inert(&driver), text::inert(&note));
        let [qty_50, qty_20, qty_16, qty_10, qty_4] = &qty;
        csv.write_record([code, &on, source, &at_time, qty_50, qty_20, qty_16, qty_10, qty_4, &driver, &note]).doing(DOING)
    })?;
    csv.flush().doing(DOING)?;
    Ok(count)
}
