//! What things cost in the invented shop (business §9): round figures, raised once.

use std::collections::{HashMap, HashSet};

use rusqlite::Transaction;

use crate::demo::book::Client;
use crate::error::Result;
use crate::journal::By;
use crate::orders::take::priced_line;
use crate::orders::{Line, NewLine};
use crate::products::fields::{Accessory, Details};
use crate::products::{self, Dated, PriceList, Product};
use crate::values::{CustomerId, Day, Ntd, Stamp, UserId};

/// A product, what it costs now and what it did before. Metered gas is a kilogram's; 營 costs what the plain ones do,
/// 好運 20 more.
const LIST: [(&str, i64, i64); 16] = [
    ("C50", 2_000, 1_900),
    ("C20", 850, 810),
    ("C16", 700, 670),
    ("C10", 480, 460),
    ("C04", 250, 240),
    ("C20-YING", 850, 810),
    ("C16-YING", 700, 670),
    ("C16-LUCKY", 720, 690),
    ("C20-LUCKY", 870, 830),
    ("C10-SAFE", 550, 530),
    ("C04-PILL", 320, 300),
    ("F50", 42, 40),
    ("F20", 42, 40),
    ("F16", 42, 40),
    ("F20-LUCKY", 42, 40),
    ("F16-LUCKY", 42, 40),
];

/// What else is sold over the counter or fitted.
const ACCESSORIES: [(&str, &str, i64, i64); 3] =
    [("REGULATOR", "調整器", 450, 420), ("HOSE", "皮管", 120, 120), ("REPAIR", "維修工資", 500, 450)];

/// The shop's price list, read once.
pub struct Prices {
    catalogue: Vec<Product>,
    everybody: HashMap<Day, PriceList>,
    /// Those who pay prices of their own.
    own: HashSet<CustomerId>,
    of_customer: HashMap<(CustomerId, Day), PriceList>,
}

impl Prices {
    /// Writes the list as `manager` did, and what one business in twenty has agreed with the shop.
    pub fn write(tx: &Transaction, clients: &[Client], manager: UserId, today: Day) -> Result<Prices> {
        let (long_ago, raised) = (today.month().plus(-14).first(), today.month().plus(-4).first());
        let on = |day: Day| By { user: Some(manager), at: Stamp::taipei(day, 9, 5) };
        let set = |customer, product, from: Day, unit: Option<i64>| {
            products::store::set_price(tx, customer, product, Dated { from, unit: unit.map(Ntd) }, on(from))
        };
        for (code, name, ..) in ACCESSORIES {
            let details = Details { name: name.to_owned(), ..Details::accessory() };
            products::store::add_accessory(tx, &Accessory { code: code.to_owned(), details }, on(long_ago))?;
        }
        let catalogue = products::store::catalogue(tx)?;
        for (code, now, before) in LIST.into_iter().chain(ACCESSORIES.map(|(code, _, now, before)| (code, now, before))) {
            if let Some(product) = catalogue.iter().find(|product| product.code == code) {
                set(None, product.id, long_ago, Some(before))?;
                set(None, product.id, raised, Some(now))?;
            }
        }

        let mut own = HashSet::new();
        let bargainers = clients.iter().filter(|client| client.is_business && client.is_open).step_by(20);
        for (at, client) in bargainers.enumerate() {
            let Some((code, _)) = client.products.first() else { continue };
            let Some(product) = catalogue.iter().find(|product| product.code == *code) else { continue };
            let list = LIST.iter().find(|(listed, ..)| listed == code).map_or(0, |(_, now, _)| *now);
            let unit = if product.is_metered() { list - 2 } else { list - list / 25 / 10 * 10 };
            set(Some(client.id), product.id, raised, Some(unit))?;
            // With one the agreement has ended.
            if at == 1 {
                set(Some(client.id), product.id, today.plus(-40), None)?;
            }
            own.insert(client.id);
        }
        Ok(Prices { catalogue, everybody: HashMap::new(), own, of_customer: HashMap::new() })
    }

    pub fn catalogue(&self) -> &[Product] {
        &self.catalogue
    }

    /// Products by code and pieces as lines of an order of `customer` for `day`.
    pub fn lines(&mut self, tx: &Transaction, customer: CustomerId, day: Day, items: &[Item]) -> Result<Vec<Line>> {
        let list = match self.own.contains(&customer) {
            true => look(&mut self.of_customer, (customer, day), || products::store::prices(tx, Some(customer), day))?,
            false => look(&mut self.everybody, day, || products::store::prices(tx, None, day))?,
        };
        let line = |item: &Item| {
            let product = self.catalogue.iter().find(|product| product.code == item.code)?;
            let new =
                NewLine { product_id: product.id, qty: item.qty, unit_price: item.unit_price, discount_percent: item.discount_percent };
            Some(priced_line(&new, product, list))
        };
        Ok(items.iter().filter_map(line).collect())
    }
}

fn look<K: std::hash::Hash + Eq, V>(kept: &mut HashMap<K, V>, key: K, find: impl FnOnce() -> Result<V>) -> Result<&V> {
    use std::collections::hash_map::Entry;
    Ok(match kept.entry(key) {
        Entry::Occupied(found) => found.into_mut(),
        Entry::Vacant(free) => free.insert(find()?),
    })
}

/// So many of a product; with its price where a manager gave one.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub code: &'static str,
    pub qty: i64,
    pub unit_price: Option<Ntd>,
    pub discount_percent: i64,
}

impl Item {
    pub fn of(code: &'static str, qty: i64) -> Item {
        Item { code, qty, unit_price: None, discount_percent: 0 }
    }
}
