//! Routes under way beside those of the invented shop's own day: as many stops as a bench wants, of customers who ordered today.

use std::path::Path;

use luckygas::db::Db;
use luckygas::drivers;
use luckygas::journal::By;
use luckygas::orders::take::take;
use luckygas::orders::{Actor, NewLine, NewOrder, Origin, Payment, Status};
use luckygas::products;
use luckygas::routes::plan::{self, Target};
use luckygas::routes::{Kind, NewRoute, Shift, steps, store};
use luckygas::settings;
use luckygas::users::{self, NewUser, Role, TextSize};
use luckygas::values::{CustomerId, Grams, Ntd, Stamp, StopId, Window};
use luckygas::vehicles;

/// A driver and the stops before him.
pub struct Round {
    pub username: String,
    pub stops: Vec<StopId>,
}

/// Hires `drivers` more drivers, each under way with `stops` orders of customers of his own.
pub fn send_out(folder: &Path, drivers: usize, stops: usize) -> Vec<Round> {
    let db = Db::open(folder).expect("the file opens");
    let now = Stamp::now();
    db.write(|tx| {
        let settings = settings::load(tx)?;
        let (azhen, hash) = users::store::find(tx, "azhen")?.expect("a clerk of the invented shop");
        let clerk = Actor { by: By { user: Some(azhen.id), at: now }, role: Some(Role::OfficeStaff) };
        let c20 = products::store::catalogue(tx)?.into_iter().find(|product| product.code == "C20").expect("20 kg").id;
        let mut query = tx
            .prepare(
                "SELECT id FROM customers
                 WHERE is_terminated = 0 AND is_active = 1 AND is_walk_in = 0 AND vehicle_type <> 2 AND payment_terms = 'cash'
                   AND id NOT IN (SELECT customer_id FROM orders WHERE status IN ('pending', 'confirmed', 'assigned', 'in_delivery'))
                 ORDER BY id * 7919 % 100003",
            )
            .expect("customers");
        let customers: Vec<CustomerId> = query.query_map([], |row| row.get(0)).expect("customers").map(|id| id.expect("an id")).collect();
        let mut customers = customers.into_iter();
        let mut rounds = Vec::with_capacity(drivers);
        for no in 1..=drivers {
            let username = format!("driver{no:02}");
            let new = NewUser {
                username: username.clone(),
                name: format!("司機{no}"),
                role: Role::Driver,
                text_size: TextSize::Medium,
                must_change_password: false,
            };
            let driver = users::store::add(tx, &new, &hash, now)?;
            let truck = vehicles::Details {
                plate: format!("TST-{no:04}"),
                kind: vehicles::Kind::Truck,
                max_gross: Grams::from_kg(20_000),
                note: None,
                is_active: true,
            };
            let vehicle = vehicles::store::insert(tx, &truck, clerk.by)?;
            let known = drivers::store::get(tx, driver)?;
            let details = drivers::Details { phone: None, default_vehicle: Some(vehicle), areas: Vec::new(), is_available: true };
            drivers::store::set(tx, &known, &details, clerk.by)?;
            let mut orders = Vec::with_capacity(stops);
            for customer in customers.by_ref().take(stops) {
                let new = NewOrder {
                    customer_id: customer,
                    origin: Origin::Phone,
                    scheduled_on: now.day(),
                    window: Window::ALL_DAY,
                    delivery_address: None,
                    contact_name: None,
                    contact_phone: None,
                    is_urgent: false,
                    notes: None,
                    lines: vec![NewLine::of(c20, 1)],
                    surcharge: Ntd(0),
                    surcharge_label: None,
                    payment: Payment::Cash,
                    form_key: None,
                    copied_from: None,
                    template_id: None,
                    order_import_id: None,
                };
                orders.push(take(tx, &new, Status::Confirmed, clerk, &settings)?.order().id);
            }
            let new = NewRoute {
                route_on: now.day(),
                area_id: None,
                shift: Shift::AllDay,
                kind: Kind::Planned,
                driver_id: Some(driver),
                crew2_id: None,
                vehicle_id: Some(vehicle),
                notes: None,
            };
            let route = plan::make(tx, &new, clerk)?.id;
            plan::put(tx, &orders, Target::Route(route), clerk)?;
            let publish = steps::Move::Publish { override_note: Some("量測".to_owned()) };
            steps::act(tx, route, None, &publish, clerk)?;
            let start = steps::Move::Start { loaded: None, note: None };
            steps::act(tx, route, None, &start, Actor { by: By { user: Some(driver), at: now }, role: Some(Role::Driver) })?;
            rounds.push(Round { username, stops: store::stops_of(tx, route)?.into_iter().map(|stop| stop.id).collect() });
        }
        Ok(rounds)
    })
    .expect("routes under way")
}
