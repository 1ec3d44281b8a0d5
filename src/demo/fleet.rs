//! What the invented shop drives with, and who drives where.

use rusqlite::Transaction;

use crate::customers::import::area;
use crate::demo::book::Staff;
use crate::demo::people::AREAS;
use crate::drivers;
use crate::error::Result;
use crate::journal::By;
use crate::values::AreaId;
use crate::vehicles::{self, Kind};

const VEHICLES: [(&str, Kind, Option<&str>); 9] = [
    ("BLG-0101", Kind::Truck, None),
    ("MLG-020", Kind::Motorcycle, Some("巷子裡用")),
    ("BLG-0303", Kind::Truck, None),
    ("BLG-0404", Kind::Truck, None),
    ("BLG-0505", Kind::Truck, Some("升降尾門")),
    ("BLG-0606", Kind::Truck, None),
    ("BLG-0707", Kind::Truck, None),
    ("MLG-080", Kind::Motorcycle, Some("夜市用")),
    ("BLG-0909", Kind::Truck, Some("備用")),
];

/// Whether the driver at this place goes by motorcycle.
pub fn is_on_motorcycle(driver: usize) -> bool {
    VEHICLES.get(driver).is_some_and(|(_, kind, _)| *kind == Kind::Motorcycle)
}

/// Whose areas begin with which letters.
const AREA_LETTERS: [&str; 8] = ["AFI", "BMY", "BGN", "CL", "DEJK", "AH", "BDS", "AM"];

/// Buys the vehicles, and says of each driver what he usually takes and where he goes. Gives the areas of each.
pub fn write(tx: &Transaction, staff: &Staff, by: By) -> Result<Vec<Vec<AreaId>>> {
    let mut bought = Vec::with_capacity(VEHICLES.len());
    for (plate, kind, note) in VEHICLES {
        let details = vehicles::Details {
            plate: plate.to_owned(),
            kind,
            max_gross: kind.usual_max_gross(),
            note: note.map(str::to_owned),
            is_active: true,
        };
        bought.push(vehicles::store::insert(tx, &details, by)?);
    }
    let areas = AREAS.iter().map(|(name, ..)| Ok((*name, area(tx, name)?.0))).collect::<Result<Vec<(&str, AreaId)>>>()?;
    let mut where_to = Vec::with_capacity(staff.drivers.len());
    for (at, (driver, letters)) in staff.drivers.iter().zip(AREA_LETTERS).enumerate() {
        let mut his: Vec<AreaId> =
            areas.iter().filter(|(name, _)| name.starts_with(|first| letters.contains(first))).map(|(_, id)| *id).collect();
        his.sort_unstable();
        let details = drivers::Details {
            phone: Some(format!("0900-000-{:03}", 901 + at)),
            default_vehicle: bought.get(at).copied(),
            areas: his.clone(),
            is_available: true,
        };
        drivers::store::set(tx, &drivers::store::get(tx, driver.id)?, &details, by)?;
        where_to.push(his);
    }
    Ok(where_to)
}
