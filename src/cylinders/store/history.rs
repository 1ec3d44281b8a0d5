use rusqlite::{Connection, Row, ToSql, named_params};

use crate::cylinders::store::movement;
use crate::cylinders::{Kind, Movement, Place};
use crate::error::{Doing, Result};
use crate::values::{Day, MovementId, ProductId, VehicleId};

/// Which movements a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// From it or to it.
    pub place: Option<Place>,
    pub product: Option<ProductId>,
    pub kind: Option<Kind>,
    pub on: Option<Day>,
}

/// A movement with the names of all that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub movement: Movement,
    pub product_name: String,
    pub from_name: String,
    pub to_name: String,
    /// Who, by name; `None`: the program itself.
    pub by: Option<String>,
    /// `ORD-20250528-0043`.
    pub order_number: Option<String>,
    /// `R-20250528-03`.
    pub route_number: Option<String>,
}

/// The newest `most` movements that `filter` lets through, older than `before`, the newest first.
pub fn history(conn: &Connection, filter: &Filter, before: Option<MovementId>, most: usize) -> Result<Vec<Told>> {
    let mut conditions = Vec::new();
    for (is_asked, condition) in [
        (filter.product.is_some(), "product_id = :product"),
        (filter.kind.is_some(), "kind = :kind"),
        (filter.on.is_some(), "moved_on = :on"),
        (before.is_some(), "id < :before"),
    ] {
        if is_asked {
            conditions.push(condition);
        }
    }
    // Whatever goes from a place never goes to it, so the two halves have nothing in common; each is read backwards
    // along its own index.
    let half = |place: &str| {
        let all: Vec<&str> = [place].into_iter().filter(|condition| !condition.is_empty()).chain(conditions.iter().copied()).collect();
        let from = "SELECT * FROM cylinder_movements";
        let all = if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) };
        format!("SELECT * FROM ({from}{all} ORDER BY id DESC LIMIT :most)")
    };
    let found = match filter.place {
        Some(_) => {
            let (from, to) = ("from_place = :place AND from_id IS :place_id", "to_place = :place AND to_id IS :place_id");
            format!("{} UNION ALL {}", half(from), half(to))
        }
        None => half(""),
    };
    let sql = format!(
        "/* cylinders: history */
        SELECT m.*,
               undone.id AS undone_by,
               p.name AS product_name,
               fv.plate AS from_plate, fc.short_name AS from_customer,
               tv.plate AS to_plate, tc.short_name AS to_customer,
               u.name AS by_name,
               o.order_number,
               r.route_number
        FROM ({found}) AS m
        JOIN products AS p ON p.id = m.product_id
        LEFT JOIN cylinder_movements AS undone ON undone.undoes_id = m.id
        LEFT JOIN vehicles AS fv ON m.from_place = 'vehicle' AND fv.id = m.from_id
        LEFT JOIN vehicles AS tv ON m.to_place = 'vehicle' AND tv.id = m.to_id
        LEFT JOIN customers AS fc ON m.from_place = 'customer' AND fc.id = m.from_id
        LEFT JOIN customers AS tc ON m.to_place = 'customer' AND tc.id = m.to_id
        LEFT JOIN users AS u ON u.id = m.user_id
        LEFT JOIN orders AS o ON o.id = m.order_id
        LEFT JOIN routes AS r ON r.id = m.route_id
        ORDER BY m.id DESC
        LIMIT :most"
    );
    let (place, place_id) = (filter.place.map(Place::word), filter.place.and_then(Place::id));
    let (kind, most) = (filter.kind.map(Kind::word), most as i64);
    let mut params: Vec<(&str, &dyn ToSql)> = vec![(":most", &most)];
    if filter.place.is_some() {
        params.extend([(":place", &place as &dyn ToSql), (":place_id", &place_id)]);
    }
    for (is_asked, name, value) in [
        (filter.product.is_some(), ":product", &filter.product as &dyn ToSql),
        (filter.kind.is_some(), ":kind", &kind),
        (filter.on.is_some(), ":on", &filter.on),
        (before.is_some(), ":before", &before),
    ] {
        if is_asked {
            params.push((name, value));
        }
    }
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(params.as_slice(), told)?.collect())
        .doing("list the movements of cylinders")
}

fn told(row: &Row) -> rusqlite::Result<Told> {
    let movement = movement(row)?;
    let name = |place: Place, plate: &str, customer: &str| -> rusqlite::Result<String> {
        let name: Option<String> = match place {
            Place::Vehicle(_) => row.get(plate)?,
            Place::Customer(_) => row.get(customer)?,
            Place::Shop | Place::Supplier | Place::Scrap | Place::Outside => None,
        };
        Ok(name.unwrap_or_else(|| place.label().to_owned()))
    };
    Ok(Told {
        product_name: row.get("product_name")?,
        from_name: name(movement.from, "from_plate", "from_customer")?,
        to_name: name(movement.to, "to_plate", "to_customer")?,
        by: row.get("by_name")?,
        order_number: row.get("order_number")?,
        route_number: row.get("route_number")?,
        movement,
    })
}

/// Where all cylinders of one product are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    pub product: ProductId,
    /// Full and empty on the shelf; `None`: nobody has ever said.
    pub shop: Option<(i64, i64)>,
    /// Full and empty on all trucks.
    pub vehicles: (i64, i64),
    /// At the plant: empties that went there and have not come back full.
    pub supplier: i64,
    /// What the client list opened with among them.
    pub customers: i64,
    pub scrap: i64,
}

/// Where everything is, by product; products nobody has anywhere are left out.
pub fn stock(conn: &Connection) -> Result<Vec<Stock>> {
    const SQL: &str = "
        /* cylinders: stock */
        WITH entries AS (
            SELECT product_id, place, state, qty
            FROM cylinder_balances
            UNION ALL
            SELECT p.id, 'customer', 'full', k.qty
            FROM customer_cylinders AS k
            JOIN products AS p ON p.code = k.product
        )
        SELECT e.product_id,
               max(e.place = 'shop') AS is_known,
               sum(CASE WHEN e.place = 'shop' AND e.state = 'full' THEN e.qty ELSE 0 END) AS shop_full,
               sum(CASE WHEN e.place = 'shop' AND e.state = 'empty' THEN e.qty ELSE 0 END) AS shop_empty,
               sum(CASE WHEN e.place = 'vehicle' AND e.state = 'full' THEN e.qty ELSE 0 END) AS vehicle_full,
               sum(CASE WHEN e.place = 'vehicle' AND e.state = 'empty' THEN e.qty ELSE 0 END) AS vehicle_empty,
               sum(CASE WHEN e.place = 'supplier' THEN e.qty ELSE 0 END) AS supplier,
               sum(CASE WHEN e.place = 'customer' THEN e.qty ELSE 0 END) AS customers,
               sum(CASE WHEN e.place = 'scrap' THEN e.qty ELSE 0 END) AS scrap
        FROM entries AS e
        JOIN products AS p ON p.id = e.product_id
        GROUP BY e.product_id
        ORDER BY p.sort_order, p.id";
    let stock = |row: &Row| {
        let shop = (row.get("shop_full")?, row.get("shop_empty")?);
        Ok(Stock {
            product: row.get("product_id")?,
            shop: row.get::<_, bool>("is_known")?.then_some(shop),
            vehicles: (row.get("vehicle_full")?, row.get("vehicle_empty")?),
            supplier: row.get("supplier")?,
            customers: row.get("customers")?,
            scrap: row.get("scrap")?,
        })
    };
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], stock)?.collect()).doing("add up where the cylinders are")
}

/// What is on a truck of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnVehicle {
    pub vehicle: VehicleId,
    pub plate: String,
    pub product_name: String,
    pub full: i64,
    pub empty: i64,
}

/// What is on the trucks, by plate, then in the order of the price list.
pub fn on_vehicles(conn: &Connection) -> Result<Vec<OnVehicle>> {
    const SQL: &str = "
        /* cylinders: on vehicles */
        SELECT v.id,
               v.plate,
               p.name AS product_name,
               sum(CASE b.state WHEN 'full' THEN b.qty ELSE 0 END) AS full,
               sum(CASE b.state WHEN 'empty' THEN b.qty ELSE 0 END) AS empty
        FROM cylinder_balances AS b
        JOIN vehicles AS v ON v.id = b.place_id
        JOIN products AS p ON p.id = b.product_id
        WHERE b.place = 'vehicle'
        GROUP BY v.id, p.id
        HAVING max(b.qty <> 0)
        ORDER BY v.plate, p.sort_order, p.id";
    let on = |row: &Row| {
        Ok(OnVehicle {
            vehicle: row.get("id")?,
            plate: row.get("plate")?,
            product_name: row.get("product_name")?,
            full: row.get("full")?,
            empty: row.get("empty")?,
        })
    };
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], on)?.collect()).doing("list what is on the trucks")
}

/// What was brought to a customer and taken back since the books began, by product, undone movements left out.
pub fn turnover(conn: &Connection, customer: crate::values::CustomerId) -> Result<Vec<(ProductId, i64, i64)>> {
    const SQL: &str = "
        /* cylinders: turnover of customer */
        WITH moves AS (
            SELECT id, product_id, kind, qty, undoes_id
            FROM cylinder_movements
            WHERE from_place = 'customer' AND from_id = :customer
            UNION ALL
            SELECT id, product_id, kind, qty, undoes_id
            FROM cylinder_movements
            WHERE to_place = 'customer' AND to_id = :customer
        )
        SELECT m.product_id,
               sum(CASE m.kind WHEN 'delivered' THEN m.qty ELSE 0 END) AS delivered,
               sum(CASE m.kind WHEN 'returned' THEN m.qty ELSE 0 END) AS returned
        FROM moves AS m
        WHERE m.undoes_id IS NULL AND NOT EXISTS (SELECT 1 FROM cylinder_movements AS u WHERE u.undoes_id = m.id)
        GROUP BY m.product_id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            let row = |row: &Row| Ok((row.get("product_id")?, row.get("delivered")?, row.get("returned")?));
            query.query_map(named_params! {":customer": customer}, row)?.collect()
        })
        .doing(format_args!("add up what moved to and from customer {customer}"))
}
