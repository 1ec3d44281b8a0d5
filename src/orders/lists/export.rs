//! Orders as a spreadsheet, and an empty one to fill in: CSV in UTF-8 with a byte order mark, under the headings a
//! list is read by, so that what was written can be brought in again.

use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;

use rusqlite::Connection;

use crate::customers::{self, Customer, Details};
use crate::error::{Doing, Result};
use crate::orders::lists::{Column, file, judge};
use crate::orders::{self, Line};
use crate::products::{self, Product};
use crate::values::{CustomerId, Day, OrderId, text};

pub const FILE_NAME: &str = "訂單.csv";
pub const TEMPLATE_NAME: &str = "訂單範本.csv";
/// For people; a list passes over it.
const NAME: &str = "客戶簡稱";

/// The headings and a row that shows how to fill one in, which a list passes over.
pub fn template(today: Day) -> Result<Vec<u8>> {
    const DOING: &str = "write a template for a list";
    let mut csv = writer(Vec::new())?;
    csv.write_record(Column::TEMPLATE.map(Column::label)).doing(DOING)?;
    let code = format!("{}1902046", file::EXAMPLE);
    let example = [&code, "", &today.plus(1).slashed(), "9:00-11:00", "20KG", "2", "這一列不會匯入"];
    csv.write_record(example).doing(DOING)?;
    csv.into_inner().map_err(|error| error.into_error()).doing(DOING)
}

/// Writes `orders` with the lines of each together, a line a row, and says how many rows.
pub fn write(conn: &Connection, orders: &[OrderId], out: impl Write) -> Result<u64> {
    const DOING: &str = "write orders out";
    let mut csv = writer(out)?;
    let headings = Column::TEMPLATE.map(Column::label).into_iter();
    csv.write_record(headings.chain([Column::Number.label(), Column::Status.label(), NAME])).doing(DOING)?;
    let mut names = Names { conn, catalogue: products::store::catalogue(conn)?, customers: HashMap::new() };
    let mut count = 0;
    for id in orders {
        let order = orders::store::get(conn, *id)?;
        let customer = names.customer(order.customer_id)?;
        // An order without lines is a row all the same.
        let lines: Vec<Option<&Line>> = if order.lines.is_empty() { vec![None] } else { order.lines.iter().map(Some).collect() };
        for line in lines {
            let product = line.map(|line| names.product(&customer.details, line)).unwrap_or_default();
            let cells = [
                customer.details.customer_code.to_string(),
                order.contact_phone.clone().unwrap_or_default(),
                order.scheduled_on.to_string(),
                order.window.to_string(),
                product,
                line.map(|line| line.qty.to_string()).unwrap_or_default(),
                order.notes.clone().unwrap_or_default(),
                order.number.clone(),
                order.status.label().to_owned(),
                customer.details.short_name.clone(),
            ];
            csv.write_record(cells.iter().map(|cell| text::inert(cell).into_owned())).doing(DOING)?;
            count += 1;
        }
    }
    csv.flush().doing(DOING)?;
    Ok(count)
}

fn writer<W: Write>(mut out: W) -> Result<csv::Writer<W>> {
    out.write_all("\u{feff}".as_bytes()).doing("begin a spreadsheet")?;
    Ok(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out))
}

/// What customers and products are called.
struct Names<'a> {
    conn: &'a Connection,
    catalogue: Vec<Product>,
    customers: HashMap<CustomerId, Rc<Customer>>,
}

impl Names<'_> {
    fn customer(&mut self, id: CustomerId) -> Result<Rc<Customer>> {
        if let Some(known) = self.customers.get(&id) {
            return Ok(known.clone());
        }
        let customer = Rc::new(customers::store::get(self.conn, id)?);
        self.customers.insert(id, customer.clone());
        Ok(customer)
    }

    /// The product's name, or its code where a list would take the name for another: 20KG is whatever 20 the customer has.
    fn product(&self, details: &Details, line: &Line) -> String {
        let is_understood =
            |product: &Product| judge::product(&product.name, Some(details), &self.catalogue).is_ok_and(|meant| meant.id == product.id);
        match self.catalogue.iter().find(|product| product.id == line.product_id) {
            Some(product) if is_understood(product) => product.name.clone(),
            Some(product) => product.code.clone(),
            None => line.product_name.clone(),
        }
    }
}
