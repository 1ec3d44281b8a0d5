//! What lies on the clerk's desk while the caller waits: all that the order form and its warnings need to know of a
//! customer, read in one snapshot.

use rusqlite::Connection;

use crate::customers::refill::{self, Due, Figures};
use crate::customers::{self, Customer};
use crate::deliveries::{self, Load, Place};
use crate::error::Result;
use crate::orders::usual::{self, Usual};
use crate::orders::warnings::Facts;
use crate::orders::{Order, slot, store};
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::{CustomerId, Day, ProductId, Stamp, Window};

/// Deliveries a rhythm is read from.
const LAST: usize = 10;

/// The sizes a key of the form chooses, with the key (ui.md §4).
pub const SIZE_KEYS: [(&str, i64); 5] = [("5", 50), ("2", 20), ("1", 16), ("T", 10), ("4", 4)];

pub struct Desk {
    pub customer: Customer,
    pub catalogue: Vec<Product>,
    pub calendar: Calendar,
    pub usual: Option<Usual>,
    /// Still to be delivered, the nearest first.
    pub open: Vec<Order>,
    pub last: Option<(Day, Load)>,
    pub due: Option<Due>,
    /// How many days gas usually lasts: as the deliveries show, else as the use of gas says.
    pub lasts: Option<i64>,
    pub now: Stamp,
}

impl Desk {
    /// `NotFound` when there is no such customer. Of passers-by there is nothing to know but who they are.
    pub fn load(conn: &Connection, customer: CustomerId, settings: &Settings, now: Stamp) -> Result<Desk> {
        let customer = customers::store::get(conn, customer)?;
        let catalogue = products::store::catalogue(conn)?;
        let calendar = Calendar::load(conn)?;
        let mut desk = Desk { customer, catalogue, calendar, usual: None, open: Vec::new(), last: None, due: None, lasts: None, now };
        if desk.customer.is_walk_in {
            return Ok(desk);
        }
        desk.usual = usual::of(conn, &desk.customer, &desk.catalogue)?;
        desk.open = store::open_of(conn, desk.customer.id)?;
        let deliveries = deliveries::store::of_customer(conn, desk.customer.id, Place::Newest, LAST)?.deliveries;
        desk.last = deliveries.first().map(|last| (last.delivered_on, last.load));
        if desk.customer.is_visited() {
            let days: Vec<Day> = deliveries.iter().map(|delivery| delivery.delivered_on).collect();
            desk.due = refill::due(&Figures::of(desk.customer.details.use_of_gas(), settings), &days);
            desk.lasts = refill::usual_interval(&days).map(|(every, _)| every).or(desk.due.map(|due| due.every));
        }
        Ok(desk)
    }

    pub fn product(&self, id: ProductId) -> Option<&Product> {
        self.catalogue.iter().find(|product| product.id == id)
    }

    /// What each size key means for this customer; sizes nobody sells are left out.
    pub fn sizes(&self) -> Vec<(&'static str, &Product)> {
        let meant = |size| usual::product_of_size(&self.customer.details, &self.catalogue, size);
        SIZE_KEYS.iter().filter_map(|(key, size)| Some((*key, meant(*size)?))).collect()
    }

    pub fn default_window(&self, day: Day) -> Window {
        slot::default_window(&self.customer.details, day, self.now)
    }

    /// The windows the form offers for `day`, in their order, the default among them.
    pub fn windows(&self, day: Day) -> Vec<Window> {
        let mut windows = slot::choices(&self.customer.details);
        if windows == [Window::ALL_DAY] {
            windows = vec![Window::MORNING, Window::AFTERNOON, Window::EVENING, Window::ALL_DAY];
        }
        let default = self.default_window(day);
        if !windows.contains(&default) {
            windows.push(default);
            windows.sort();
        }
        windows
    }

    pub fn facts<'a>(&'a self, settings: &'a Settings) -> Facts<'a> {
        Facts {
            details: &self.customer.details,
            calendar: &self.calendar,
            open: &self.open,
            last: self.last,
            lasts: self.lasts,
            now: self.now,
            settings,
        }
    }
}
