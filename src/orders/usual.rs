//! 照舊: what a customer usually takes (business §3, task 2): the mode of the last five, else the last, else what
//! stands there.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::customers::{Customer, Details, Pricing};
use crate::deliveries::{Load, SIZES_KG};
use crate::error::Result;
use crate::orders::{store, take};
use crate::products::{Kind, Product};
use crate::values::product::{Family, Method};
use crate::values::{CustomerId, Day, ProductId};

/// How many last takes the usual is made of.
pub const TAKES: usize = 5;

/// What a customer usually takes, and why the program thinks so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Products and pieces, in the order of the price list; never empty.
    pub items: Vec<(ProductId, i64)>,
    pub why: Why,
    /// The last five takes, the newest first; empty when only what stands there is known.
    pub takes: Vec<Take>,
}

impl Usual {
    /// `50KG × 1、20KG × 2`, as an order says it.
    pub fn said(&self, catalogue: &[Product]) -> String {
        let name = |id: ProductId| catalogue.iter().find(|product| product.id == id).map_or("", |product| product.name.as_str());
        self.items.iter().map(|(id, qty)| format!("{} × {qty}", name(*id))).collect::<Vec<_>>().join("、")
    }
}

/// Where the usual comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// So many of so many last takes were the same.
    Mode { times: usize, of: usize },
    /// No two were alike.
    Last,
    /// Nothing was ever taken that is known in pieces.
    OnSite,
}

/// One order or delivery of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    pub on: Day,
    /// As [`Usual::items`].
    pub items: Vec<(ProductId, i64)>,
}

/// What `customer` usually takes; `None` for passers-by and where nothing is known.
pub fn of(conn: &Connection, customer: &Customer, catalogue: &[Product]) -> Result<Option<Usual>> {
    if customer.is_walk_in {
        return Ok(None);
    }
    let takes = store::last_takes(conn, customer.id, TAKES)?;
    Ok(of_takes(takes, &customer.details, catalogue))
}

/// The same for many at once, none of them passers-by; who has no usual is not in it. Of the details their cylinders and
/// their way of being charged are looked at.
pub fn of_many<'a>(
    conn: &Connection,
    customers: impl Iterator<Item = (CustomerId, &'a Details)> + Clone,
    catalogue: &[Product],
) -> Result<HashMap<CustomerId, Usual>> {
    let ids: Vec<CustomerId> = customers.clone().map(|(id, _)| id).collect();
    let mut takes = store::last_takes_of(conn, &ids, TAKES)?;
    let usual = |(id, details)| Some((id, of_takes(takes.remove(&id).unwrap_or_default(), details, catalogue)?));
    Ok(customers.filter_map(usual).collect())
}

fn of_takes(takes: Vec<(Day, Taken)>, details: &Details, catalogue: &[Product]) -> Option<Usual> {
    let takes = takes.into_iter().map(|(on, taken)| Take { on, items: taken.items(details, catalogue) }).collect();
    from(takes, on_site(details, catalogue), catalogue)
}

/// What was taken, as its row says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The lines of an order.
    Lines(Vec<(ProductId, i64)>),
    /// A delivery nobody ordered here: only sizes are known.
    Load(Load),
}

impl Taken {
    fn items(self, details: &Details, catalogue: &[Product]) -> Vec<(ProductId, i64)> {
        match self {
            Taken::Lines(items) => items,
            Taken::Load(load) => SIZES_KG
                .iter()
                .zip(load.0)
                .filter_map(|(size, qty)| Some((product_of_size(details, catalogue, *size)?.id, qty.filter(|qty| 0 < *qty)?)))
                .collect(),
        }
    }
}

/// The rule itself: `takes` the newest first, `on_site` what stands there. Accessories are not usual, and a visit that
/// left nothing is no take.
pub fn from(takes: Vec<Take>, on_site: Vec<(ProductId, i64)>, catalogue: &[Product]) -> Option<Usual> {
    let place = |id: ProductId| catalogue.iter().position(|product| product.id == id && product.size_kg().is_some());
    let tidy = |items: Vec<(ProductId, i64)>| {
        let mut items: Vec<_> = items.into_iter().filter(|(id, _)| place(*id).is_some()).collect();
        items.sort_by_key(|(id, _)| place(*id));
        items
    };
    let takes: Vec<Take> =
        takes.into_iter().map(|take| Take { items: tidy(take.items), ..take }).filter(|take| !take.items.is_empty()).take(TAKES).collect();
    let times = |items: &Vec<(ProductId, i64)>| takes.iter().filter(|take| take.items == *items).count();
    // Of two that are equally frequent the one taken last.
    let mode = takes.iter().rev().max_by_key(|take| times(&take.items)).map(|take| (take.items.clone(), times(&take.items)));
    match mode {
        Some((items, times @ 2..)) => Some(Usual { items, why: Why::Mode { times, of: takes.len() }, takes }),
        Some(_) => takes.first().map(|last| last.items.clone()).map(|items| Usual { items, why: Why::Last, takes }),
        None => {
            let items = tidy(on_site);
            (!items.is_empty()).then_some(Usual { items, why: Why::OnSite, takes })
        }
    }
}

/// What stands at the customer, as far as an order can carry it.
pub fn on_site(details: &Details, catalogue: &[Product]) -> Vec<(ProductId, i64)> {
    let id = |code: &str| catalogue.iter().find(|product| product.code == code && product.is_active).map(|product| product.id);
    details
        .cylinders
        .iter()
        .filter(|(_, qty)| (1..=take::MOST_PIECES).contains(qty))
        .filter_map(|(code, qty)| Some((id(code)?, *qty)))
        .collect()
}

/// The product somebody means who says only a size: what the customer has most of in that size, else the plain one
/// of how the customer is charged. `None` for a size nobody sells.
pub fn product_of_size<'a>(details: &Details, catalogue: &'a [Product], size_kg: i64) -> Option<&'a Product> {
    let of_size = || catalogue.iter().filter(move |product| product.is_active && product.size_kg() == Some(size_kg));
    let held = |product: &&Product| {
        let held = details.cylinders.iter().find(|(code, _)| *code == product.code);
        held.map_or(0, |(_, qty)| *qty)
    };
    let method = if details.pricing_method == Pricing::Flow { Method::Flow } else { Method::Cylinder };
    let plain = Kind::Gas { method, family: Family::Regular, size_kg };
    of_size()
        .rev()
        .filter(|product| 0 < held(product))
        .max_by_key(held)
        .or_else(|| of_size().find(|product| product.kind == plain))
        .or_else(|| of_size().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Vec<Product> {
        vec![
            Product::cylinder(1, "C50", Method::Cylinder, Family::Regular, 50),
            Product::cylinder(2, "C20", Method::Cylinder, Family::Regular, 20),
            Product::cylinder(3, "C16", Method::Cylinder, Family::Regular, 16),
            Product::cylinder(4, "C16-LUCKY", Method::Cylinder, Family::Lucky, 16),
            Product::cylinder(5, "F20", Method::Flow, Family::Regular, 20),
            Product { kind: Kind::Accessory, ..Product::cylinder(6, "HOSE", Method::Cylinder, Family::Regular, 4) },
        ]
    }

    fn takes(all: &[&[(i64, i64)]]) -> Vec<Take> {
        let on: Day = "2025-05-28".parse().unwrap();
        let items = |items: &[(i64, i64)]| items.iter().map(|(id, qty)| (ProductId(*id), *qty)).collect();
        all.iter().enumerate().map(|(at, one)| Take { on: on.plus(-(at as i64)), items: items(one) }).collect()
    }

    #[test]
    fn the_usual_is_the_mode_else_the_last_else_what_stands_there() {
        let two = &[(2, 2)][..];
        let three = &[(2, 3)][..];
        let both = &[(1, 1), (2, 2)][..];
        let turned = &[(2, 2), (1, 1)][..];
        let hose = &[(6, 1)][..];
        let nothing: &[(i64, i64)] = &[];
        type Items = [(i64, i64)];
        let cases: [(&[&Items], &Items, Why); 8] = [
            (&[three, two, two, two, two], two, Why::Mode { times: 4, of: 5 }),
            (&[three, two, three, two, both], three, Why::Mode { times: 2, of: 5 }),
            (&[both, turned, two], both, Why::Mode { times: 2, of: 3 }),
            (&[three, two], three, Why::Last),
            (&[two], two, Why::Last),
            (&[hose, two], two, Why::Last),
            (&[nothing, two, two], two, Why::Mode { times: 2, of: 2 }),
            (&[hose], both, Why::OnSite),
        ];
        for (taken, want, why) in cases {
            let on_site = takes(&[both]).remove(0).items;
            let usual = from(takes(taken), on_site, &catalogue()).unwrap();
            assert_eq!((usual.items, usual.why), (takes(&[want]).remove(0).items, why), "{taken:?}");
        }
        assert_eq!(from(Vec::new(), Vec::new(), &catalogue()), None);
    }

    #[test]
    fn a_size_means_the_customers_own_kind() {
        let code: crate::values::CustomerCode = "1902046".parse().unwrap();
        let mut details = Details::new(code, "範例小吃店".to_owned());
        let means = |details: &Details, size| product_of_size(details, &catalogue(), size).map(|product| product.code.clone());
        assert_eq!(means(&details, 16).as_deref(), Some("C16"));
        details.cylinders = vec![("C16-LUCKY", 2)];
        assert_eq!(means(&details, 16).as_deref(), Some("C16-LUCKY"));
        details.pricing_method = Pricing::Flow;
        assert_eq!((means(&details, 20).as_deref(), means(&details, 50).as_deref(), means(&details, 4)), (Some("F20"), Some("C50"), None));
    }
}
