//! Vehicles, drivers and routes, as the shop would have made them.

use luckygas::orders::{Actor, Order};
use luckygas::routes::plan::{self, Target};
use luckygas::routes::steps::{self, Move};
use luckygas::routes::{Kind, NewRoute, Route, Shift, Stop, store};
use luckygas::users::Role;
use luckygas::values::{Day, Grams, OrderId, RouteId, UserId, VehicleId};
use luckygas::{journal::By, vehicles};

use super::Site;

/// 阿明 of the cast.
pub const MING: UserId = UserId(5);

impl Site {
    /// Another driver.
    pub fn add_driver(&self, username: &str, name: &str) -> UserId {
        let add = |tx: &rusqlite::Transaction| {
            let sql = "INSERT INTO users (username, name, role, password_hash, must_change_password, created_at, updated_at)
                       VALUES (?1, ?2, 'driver', 'x', 0, 0, 0)";
            tx.execute(sql, [username, name]).unwrap();
            Ok(UserId(tx.last_insert_rowid()))
        };
        self.app.db.write(add).unwrap()
    }

    /// A truck that carries a tonne.
    pub fn add_truck(&self, plate: &str) -> VehicleId {
        self.add_vehicle(plate, vehicles::Kind::Truck, 1_000)
    }

    /// One nobody drives yet.
    pub fn another_truck(&self) -> VehicleId {
        let plates = self.app.db.read(vehicles::store::list).unwrap().len();
        self.add_truck(&format!("KEA-{:04}", plates + 1))
    }

    pub fn add_vehicle(&self, plate: &str, kind: vehicles::Kind, max_gross_kg: i64) -> VehicleId {
        let max_gross = Grams::from_kg(max_gross_kg);
        let details = vehicles::Details { plate: plate.to_owned(), kind, max_gross, note: None, is_active: true };
        self.app.db.write(|tx| vehicles::store::insert(tx, &details, By::program(self.app.now()))).unwrap()
    }

    /// A draft of today without stops.
    pub fn draft(&self, driver: Option<UserId>, vehicle: Option<VehicleId>) -> Route {
        self.draft_on(self.app.now().day(), driver, vehicle)
    }

    pub fn draft_on(&self, day: Day, driver: Option<UserId>, vehicle: Option<VehicleId>) -> Route {
        let new = NewRoute {
            route_on: day,
            area_id: None,
            shift: Shift::AllDay,
            kind: Kind::Planned,
            driver_id: driver,
            crew2_id: None,
            vehicle_id: vehicle,
            notes: None,
        };
        self.app.db.write(|tx| plan::make(tx, &new, self.actor(Role::OfficeStaff))).unwrap()
    }

    /// Puts `orders` on a route, as the office.
    pub fn put(&self, route: RouteId, orders: &[OrderId]) -> Route {
        self.app.db.write(|tx| plan::put(tx, orders, Target::Route(route), self.actor(Role::OfficeStaff))).unwrap()
    }

    /// Takes a route a step on, by those whose work it is.
    pub fn route_step(&self, route: RouteId, step: &Move) -> Route {
        let actor = match step {
            Move::Publish { .. } | Move::Cancel => self.actor(Role::OfficeStaff),
            Move::Start { .. } | Move::Complete { .. } => {
                let by = By { user: self.route(route).driver_id, at: self.app.now() };
                Actor { by, role: Some(Role::Driver) }
            }
            Move::Reopen => self.actor(Role::Manager),
        };
        self.app.db.write(|tx| steps::act(tx, route, None, step, actor)).unwrap()
    }

    /// `orders` on a route of `driver` he has been told of, today or on the day of the latest.
    pub fn published(&self, driver: UserId, orders: &[OrderId]) -> Route {
        let latest = orders.iter().map(|order| self.order(*order).scheduled_on).max();
        let day = latest.map_or(self.app.now().day(), |day| day.max(self.app.now().day()));
        let route = self.draft_on(day, Some(driver), Some(self.another_truck()));
        self.put(route.id, orders);
        self.route_step(route.id, &Move::Publish { override_note: None })
    }

    /// The same, and he is on his way.
    pub fn running(&self, driver: UserId, orders: &[OrderId]) -> Route {
        let route = self.published(driver, orders);
        self.route_step(route.id, &Move::Start { loaded: None, note: None })
    }

    /// A route of 阿明 today that is out, from which everything was taken off again.
    pub fn out_route(&self) -> Route {
        let route = self.draft(Some(MING), Some(self.another_truck()));
        let publish = |tx: &rusqlite::Transaction| {
            let sql = "UPDATE routes SET status = 'published', published_at = created_at WHERE id = ?1";
            Ok(tx.execute(sql, [route.id]).unwrap())
        };
        assert_eq!(self.app.db.write(publish).unwrap(), 1);
        self.route(route.id)
    }

    /// 阿明 goes out with what he has.
    pub fn start_out(&self) {
        let routes = self.app.db.read(|conn| store::of_driver(conn, MING, self.app.now().day())).unwrap();
        let route = routes.iter().find(|route| route.status == luckygas::routes::Status::Published).unwrap();
        self.route_step(route.id, &Move::Start { loaded: None, note: None });
    }

    /// Gives one order to 阿明: on the route he runs or was told of, else on a new one.
    pub fn assign(&self, order: OrderId) -> Order {
        let day = self.order(order).scheduled_on.max(self.app.now().day());
        let routes = self.app.db.read(|conn| store::of_driver(conn, MING, day)).unwrap();
        match routes.iter().find(|route| route.status.is_out()) {
            Some(route) => self.put(route.id, &[order]),
            None => self.published(MING, &[order]),
        };
        self.order(order)
    }

    pub fn route(&self, id: RouteId) -> Route {
        self.app.db.read(|conn| store::get(conn, id)).unwrap()
    }

    /// The stops of a route in their order, those that were taken off too.
    pub fn stops(&self, route: RouteId) -> Vec<Stop> {
        self.app.db.read(|conn| store::stops_of(conn, route)).unwrap()
    }
}
