//! What a route carries: how heavy it is, whether the vehicle may, and whether it may go where it is sent (business §11).

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::customers;
use crate::error::Result;
use crate::routes::Route;
use crate::routes::store::{self, Goods, Piece};
use crate::values::{Grams, ProductId, StopId};
use crate::vehicles::{self, Kind, Vehicle};

/// Stops a driver makes in a day; more is warned of (business §11).
pub const MOST_STOPS: usize = 30;

/// Gas a motorcycle may carry: six cylinders of 20 kg (business §11).
const MOST_GAS_ON_A_MOTORCYCLE: Grams = Grams(120_000);

/// How many cylinders of one size fill a truck alone, in kilograms and pieces (business §11).
const MOST_ALONE: [(i64, i64); 5] = [(50, 20), (20, 50), (16, 60), (10, 100), (4, 200)];

/// What the open stops of a route bring, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub stops: usize,
    /// What is loaded of each product, in the order it is first wanted.
    pub goods: Vec<Goods>,
    /// The gas in it.
    pub gas: Grams,
    /// Gas and steel together; a cylinder nobody has weighed weighs half its gas.
    pub gross: Grams,
    /// The customers a motorcycle must not go to, and those no truck can, by the names of their stops.
    pub only_truck: Vec<String>,
    pub only_motorcycle: Vec<String>,
}

impl Load {
    pub fn of(pieces: &[Piece]) -> Load {
        let mut load = Load::default();
        let mut at: BTreeMap<ProductId, usize> = BTreeMap::new();
        let mut last: Option<StopId> = None;
        for piece in pieces {
            if last != Some(piece.stop) {
                last = Some(piece.stop);
                load.stops += 1;
                match piece.vehicle {
                    customers::Vehicle::Truck => load.only_truck.push(piece.short_name.clone()),
                    customers::Vehicle::Motorcycle => load.only_motorcycle.push(piece.short_name.clone()),
                    customers::Vehicle::Any => {}
                }
            }
            let Some(goods) = &piece.goods else { continue };
            let size = Grams::from_kg(goods.size_kg.unwrap_or(0));
            let tare = goods.tare.unwrap_or(Grams(size.0 / 2));
            load.gas = Grams(load.gas.0 + size.0 * goods.qty);
            load.gross = Grams(load.gross.0 + (size.0 + tare.0) * goods.qty);
            match at.get(&goods.product) {
                Some(at) => load.goods[*at].qty += goods.qty,
                None => {
                    at.insert(goods.product, load.goods.len());
                    load.goods.push(goods.clone());
                }
            }
        }
        load
    }

    /// How many of each product are loaded.
    pub fn quantities(&self) -> Vec<(ProductId, i64)> {
        self.goods.iter().map(|goods| (goods.product, goods.qty)).collect()
    }

    /// Cylinders of a size, whatever their family.
    fn pieces_of(&self, size_kg: i64) -> i64 {
        self.goods.iter().filter(|goods| goods.size_kg == Some(size_kg)).map(|goods| goods.qty).sum()
    }
}

/// What stands against sending a route out as it is planned, a sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// It does not go.
    pub refused: Vec<String>,
    /// It goes when a manager says why.
    pub for_manager: Vec<String>,
    /// It goes when anybody of the office says why: how much is loaded in truth is talked over at the truck.
    pub warnings: Vec<String>,
}

impl Doubts {
    pub fn is_none(&self) -> bool {
        self.all().next().is_none()
    }

    /// All of them, the gravest first.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.refused.iter().chain(&self.for_manager).chain(&self.warnings)
    }
}

/// What stands against `vehicle` going out with `load`.
pub fn doubts(load: &Load, vehicle: Option<&Vehicle>) -> Doubts {
    let mut doubts = Doubts::default();
    if MOST_STOPS < load.stops {
        doubts.warnings.push(format!("有 {} 站，一天最多排 {MOST_STOPS} 站。", load.stops));
    }
    let Some(vehicle) = vehicle else { return doubts };
    match vehicle.kind {
        Kind::Motorcycle => {
            doubts.refused.extend(unfit(&load.only_truck, "不能用機車送"));
            if MOST_GAS_ON_A_MOTORCYCLE < load.gas {
                doubts.warnings.push(format!("瓦斯 {} kg，機車最多 {MOST_GAS_ON_A_MOTORCYCLE} kg（20KG × 6）。", load.gas));
            }
        }
        Kind::Truck => {
            doubts.for_manager.extend(unfit(&load.only_motorcycle, "只能用機車送"));
            for (size_kg, most) in MOST_ALONE {
                let pieces = load.pieces_of(size_kg);
                if most < pieces {
                    doubts.warnings.push(format!("{size_kg}KG 有 {pieces} 支，一車最多 {most} 支。"));
                }
            }
        }
    }
    if vehicle.max_gross < load.gross {
        doubts.warnings.push(format!("總重 {} kg，{} 最多載 {} kg。", load.gross, vehicle.plate, vehicle.max_gross));
    }
    doubts
}

/// `大明食堂、阿婆麵店 只能用機車送。`, with no more names than a line holds.
fn unfit(names: &[String], why: &str) -> Option<String> {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("、");
    match names.len() {
        0 => None,
        count if count <= SHOWN => Some(format!("{shown} {why}。")),
        count => Some(format!("{shown} 等 {count} 家{why}。")),
    }
}

/// What the open stops of `route` bring, and what stands against it.
pub fn of_route(conn: &Connection, route: &Route) -> Result<(Load, Doubts)> {
    let load = Load::of(&store::pieces(conn, route.id, false)?);
    let vehicle = route.vehicle_id.map(|id| vehicles::store::get(conn, id)).transpose()?;
    let doubts = doubts(&load, vehicle.as_ref());
    Ok((load, doubts))
}
