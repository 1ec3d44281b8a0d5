//! What the card of a customer answers while the phone is still ringing, read in one snapshot.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::customers::refill::{self, Due, Figures};
use crate::customers::store::{self, Alike};
use crate::customers::{Customer, State};
use crate::cylinders::{self, Held};
use crate::deliveries::{self, Page as Deliveries, Place, Span};
use crate::due::{self, Alarm, Visit};
use crate::error::Result;
use crate::orders::store::{Behind, People};
use crate::orders::usual::{self, Usual};
use crate::orders::{self, NewLine, Order, Payment, slot, take};
use crate::products::{self, PriceList, Product};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::templates::{self, Template};
use crate::values::{CustomerId, Day, DeliveryId, Ntd, Stamp, Window};

/// Deliveries on the card, and how many are read for the rhythm.
pub const LAST: usize = 10;

/// Alarms no older than this stand on the card.
const ALARM_DAYS: i64 = 60;

/// All that the card shows.
pub struct Card {
    pub customer: Customer,
    pub span: Option<Span>,
    /// The last ten, with how many days lay between.
    pub deliveries: Deliveries,
    /// The orders behind them, where they came from one.
    pub behind: HashMap<DeliveryId, Behind>,
    pub figures: Figures,
    pub due: Option<Due>,
    /// The day of the due list, which a closed day may have moved.
    pub visit: Option<Visit>,
    /// What `Enter` orders; `None` for whom nothing can be ordered.
    pub proposal: Option<Proposal>,
    /// What stands there of the shop's, by the ledger.
    pub held: Vec<Held>,
    /// Still to be delivered, the nearest first.
    pub open: Vec<(Order, People)>,
    /// In use, the nearest first.
    pub templates: Vec<Template>,
    /// The newest first.
    pub alarms: Vec<Alarm>,
    pub last_change: Option<(Stamp, Option<String>)>,
    /// What looks wrong, told once after saving.
    pub doubts: Vec<String>,
    pub alike: Vec<Alike>,
    pub today: Day,
    pub now: Stamp,
}

/// 照舊: the usual, when it would come and what it would cost.
pub struct Proposal {
    /// `None`: nobody knows what is usual, or it is the account of passers-by.
    pub usual: Option<(Usual, String)>,
    pub day: Day,
    pub window: Window,
    pub amount: Amount,
    pub payment: Payment,
    /// Why the customer is closed on that day.
    pub closed: Option<String>,
}

/// What an order would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Known(Ntd),
    /// Only gas a meter counts.
    Metered,
    /// A price is missing.
    Unknown,
}

impl Card {
    /// `NotFound` when there is no such customer.
    pub fn load(conn: &Connection, id: CustomerId, now: Stamp, settings: &Settings) -> Result<Card> {
        let customer = store::get(conn, id)?;
        let deliveries = deliveries::store::of_customer(conn, id, Place::Newest, LAST)?;
        let figures = Figures::of(customer.details.use_of_gas(), settings);
        let days: Vec<Day> = deliveries.deliveries.iter().map(|delivery| delivery.delivered_on).collect();
        let due = if customer.is_visited() { refill::due(&figures, &days) } else { None };
        let calendar = Calendar::load(conn)?;
        let mut people = orders::store::people_of_open(conn, id)?;
        let open = orders::store::open_of(conn, id)?;
        Ok(Card {
            span: deliveries::store::span_of(conn, id)?,
            last_change: store::last_change(conn, id)?,
            behind: orders::store::behind_deliveries(conn, id, 2 * LAST)?,
            visit: due.map(|due| Visit::of(&due, &customer.details.closed, &calendar)),
            proposal: proposal(conn, &customer, &calendar, now, settings)?,
            held: cylinders::store::held_by_customer(conn, id)?,
            open: open
                .into_iter()
                .map(|order| (people.remove(&order.id).unwrap_or_default(), order))
                .map(|(who, order)| (order, who))
                .collect(),
            templates: templates::store::of_customer(conn, id)?.into_iter().filter(|template| template.stopped.is_none()).collect(),
            alarms: due::store::alarms_of(conn, id, now.plus_minutes(-ALARM_DAYS * 24 * 60))?,
            customer,
            deliveries,
            figures,
            due,
            doubts: Vec::new(),
            alike: Vec::new(),
            today: now.day(),
            now,
        })
    }
}

fn proposal(conn: &Connection, customer: &Customer, calendar: &Calendar, now: Stamp, settings: &Settings) -> Result<Option<Proposal>> {
    if customer.state != State::Active {
        return Ok(None);
    }
    let catalogue = products::store::catalogue(conn)?;
    let usual = usual::of(conn, customer, &catalogue)?;
    let day = slot::default_day(now, settings);
    let amount = match &usual {
        Some(usual) => amount(usual, &catalogue, &products::store::prices(conn, Some(customer.id), day)?),
        None => Amount::Unknown,
    };
    Ok(Some(Proposal {
        usual: usual.map(|usual| {
            let said = usual.said(&catalogue);
            (usual, said)
        }),
        day,
        window: slot::default_window(&customer.details, day, now),
        amount,
        payment: Payment::usual(customer.details.payment_terms),
        closed: calendar.closed_on(&customer.details.closed, day),
    }))
}

fn amount(usual: &Usual, catalogue: &[Product], prices: &PriceList) -> Amount {
    let product = |id| catalogue.iter().find(|product| product.id == id);
    let items: Vec<_> = usual.items.iter().filter_map(|(id, qty)| Some((product(*id)?, *qty))).collect();
    if items.iter().all(|(product, _)| product.is_metered()) {
        return Amount::Metered;
    }
    let lines: Vec<_> = items.iter().map(|(product, qty)| take::priced_line(&NewLine::of(product.id, *qty), product, prices)).collect();
    let is_unpriced = items.iter().zip(&lines).any(|((product, _), line)| !product.is_metered() && line.unit_price.is_none());
    if is_unpriced { Amount::Unknown } else { Amount::Known(take::totals(&lines, Ntd(0), Ntd(0)).total) }
}
