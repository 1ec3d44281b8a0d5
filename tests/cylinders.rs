//! The cylinder ledger: what moves, what is left where, and that nothing is lost on the way.

mod support;

use std::collections::BTreeMap;

use luckygas::cylinders::{self, Kind, NewMovement, Place, State, StopGoods, by_hand, store};
use luckygas::error::{Error, Result};
use luckygas::orders::steps;
use luckygas::users::Role;
use luckygas::values::{CustomerId, MovementId, OrderId, ProductId, RouteId, StopId, UserId, VehicleId};
use rusqlite::Transaction;
use support::Site;

/// A shop with two trucks, three customers of whom the first opened with three 20 kg cylinders, and a route with
/// four stops.
struct Yard {
    site: Site,
    customers: [CustomerId; 3],
    c20: ProductId,
    c50: ProductId,
}

const TRUCKS: [VehicleId; 2] = [VehicleId(91), VehicleId(92)];
const ROUTE: RouteId = RouteId(91);

impl Yard {
    fn open() -> Yard {
        let site = Site::open();
        site.add_prices();
        let customers = ["1902046", "1902047", "1902048"].map(|code| {
            site.customer(code, &format!("範例{code}"), |details| {
                if code == "1902046" {
                    details.cylinders = vec![("C20", 3)];
                }
            })
        });
        let orders: Vec<i64> = (1..=4).map(|qty| site.take(customers[0], &[("C20", qty)]).id.0).collect();
        let (c20, c50) = (site.product("C20"), site.product("C50"));
        let yard = Yard { site, customers, c20, c50 };
        yard.write(|tx| {
            let laid = tx.execute_batch(
                "INSERT INTO vehicles (id, plate, kind, max_gross_kg) VALUES (91, 'ABC-0001', 'truck', 1000), (92, 'ABC-0002', 'truck', 1000);
                 INSERT INTO routes (id, route_on, day_no, shift, kind, status, driver_id, vehicle_id, started_at, created_at, updated_at)
                 VALUES (91, '2025-05-28', 91, 'all_day', 'planned', 'in_progress', 5, 91, 0, 0, 0);",
            );
            laid.unwrap();
            for (at, order) in (1..).zip(orders) {
                let sql = "INSERT INTO stops (id, route_id, order_id, seq, status, added_at) VALUES (?1, 91, ?2, ?1, 'pending', 0)";
                tx.execute(sql, [at, order]).unwrap();
                steps::act(tx, OrderId(order), None, &steps::Move::Assign(UserId(5)), yard.site.actor(Role::OfficeStaff))?;
            }
            Ok(())
        });
        yard
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction) -> Result<T>) -> T {
        self.site.app.db.write(work).unwrap()
    }

    fn by(&self) -> luckygas::journal::By {
        self.site.actor(Role::OfficeStaff).by
    }

    fn stop(&self, tx: &Transaction, stop: i64, customer: CustomerId, lines: &[(ProductId, i64, i64)]) -> Result<Vec<String>> {
        let goods =
            StopGoods { customer, vehicle: Some(TRUCKS[0]), route: Some(ROUTE), stop: Some(StopId(stop)), order: None, on: None, lines };
        cylinders::at_stop(tx, goods, self.by())
    }

    fn at(&self, place: Place) -> Vec<(ProductId, i64, i64)> {
        let balances = self.site.app.db.read(|conn| store::balances(conn, place)).unwrap();
        balances.into_iter().map(|one| (one.product, one.full, one.empty)).collect()
    }

    fn held(&self, customer: CustomerId, product: ProductId) -> i64 {
        let held = self.site.app.db.read(|conn| store::held_by_customer(conn, customer)).unwrap();
        held.into_iter().find(|held| held.product == product).map_or(0, |held| held.now())
    }
}

#[test]
fn a_stop_moves_full_ones_to_the_customer_and_empties_to_the_truck() {
    let yard = Yard::open();
    let customer = yard.customers[0];
    let said = yard.write(|tx| yard.stop(tx, 1, customer, &[(yard.c20, 2, 2), (yard.c50, 1, 0)]));
    assert_eq!(said, ["50KG 少收 1 支空桶，客戶那裡現在有 1 支。"]);
    assert_eq!(yard.at(Place::Vehicle(TRUCKS[0])), [(yard.c50, -1, 0), (yard.c20, -2, 2)]);
    assert_eq!((yard.held(customer, yard.c20), yard.held(customer, yard.c50)), (3, 1));
}

#[test]
fn more_empties_than_the_customer_has_are_taken_and_told() {
    let yard = Yard::open();
    // Opened with three, gets one, gives five back: one came from nowhere.
    let cases = [(yard.customers[0], 1, 5, 1, 0), (yard.customers[1], 0, 2, 2, 0), (yard.customers[2], 2, 2, 0, 0)];
    for (at, (customer, delivered, empties, excess, now)) in (1..).zip(cases) {
        let said = yard.write(|tx| yard.stop(tx, at, customer, &[(yard.c20, delivered, empties)]));
        assert_eq!(said.iter().any(|say| say.contains(&format!("20KG 收回的空桶比紀錄多 {excess}"))), 0 < excess, "{said:?}");
        assert_eq!(yard.held(customer, yard.c20), now);
    }
    assert_eq!(yard.at(Place::Outside), [(yard.c20, 0, -3)]);
}

#[test]
fn accessories_and_what_is_not_counted_do_not_move() {
    let yard = Yard::open();
    yard.write(|tx| {
        tx.execute("UPDATE products SET track_stock = 0 WHERE code = 'C50'", []).unwrap();
        yard.stop(tx, 1, yard.customers[0], &[(yard.c50, 3, 1)])
    });
    assert!(yard.at(Place::Vehicle(TRUCKS[0])).is_empty());
}

#[test]
fn a_truck_is_loaded_as_the_list_says_however_often_it_is_sent() {
    let yard = Yard::open();
    let load = |items: &[(ProductId, i64)]| yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], items, yard.by()));
    load(&[(yard.c20, 10), (yard.c50, 2)]);
    load(&[(yard.c20, 10), (yard.c50, 2)]);
    assert_eq!(yard.at(Place::Vehicle(TRUCKS[0])), [(yard.c50, 2, 0), (yard.c20, 10, 0)]);
    load(&[(yard.c20, 8)]);
    assert_eq!(yard.at(Place::Vehicle(TRUCKS[0])), [(yard.c20, 8, 0)]);
    yard.write(|tx| cylinders::acts::load_as_planned(tx, ROUTE, TRUCKS[0], &[(yard.c20, 99)], yard.by()));
    assert_eq!(yard.at(Place::Vehicle(TRUCKS[0])), [(yard.c20, 8, 0)]);
    assert_eq!(yard.at(Place::Shop), [(yard.c20, -8, 0)]);
}

#[test]
fn what_is_missing_on_a_truck_needs_a_word() {
    let yard = Yard::open();
    yard.write(|tx| {
        cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, 10)], yard.by())?;
        yard.stop(tx, 1, yard.customers[0], &[(yard.c20, 3, 3)])
    });
    let counted = [(yard.c20, 6, 3)];
    let unload = |note| yard.site.app.db.write(|tx| cylinders::unload_route(tx, ROUTE, TRUCKS[0], &counted, note, yard.by()));
    match unload(None) {
        Err(Error::Invalid(problems)) => {
            assert_eq!(problems[0].field, "note");
            assert_eq!(problems[0].say, "點到的和應有的不一樣（20KG 滿桶少 1），要寫一句原因。");
        }
        other => panic!("{other:?}"),
    }
    unload(Some("借給隔壁")).unwrap();
    assert!(yard.at(Place::Vehicle(TRUCKS[0])).is_empty());
    assert_eq!(yard.at(Place::Shop), [(yard.c20, -4, 3)]);
    assert_eq!(yard.at(Place::Outside), [(yard.c20, 1, 0)]);
}

#[test]
fn a_stop_taken_back_leaves_everything_as_it_was() {
    let yard = Yard::open();
    let customer = yard.customers[0];
    yard.write(|tx| yard.stop(tx, 1, customer, &[(yard.c20, 1, 5)]));
    for _ in 0..2 {
        yard.write(|tx| cylinders::undo_of_stop(tx, StopId(1), yard.by()));
        assert!(yard.at(Place::Vehicle(TRUCKS[0])).is_empty());
        assert_eq!(yard.held(customer, yard.c20), 3);
    }
    // And once more, the other way round: what was brought is taken back after it was returned.
    yard.write(|tx| yard.stop(tx, 2, customer, &[(yard.c20, 2, 0)]));
    yard.write(|tx| yard.stop(tx, 3, customer, &[(yard.c20, 0, 5)]));
    yard.write(|tx| cylinders::undo_of_stop(tx, StopId(2), yard.by()));
    assert_eq!(yard.held(customer, yard.c20), 0);
}

#[test]
fn the_office_is_told_once_when_the_shelf_runs_low() {
    let yard = Yard::open();
    let told = || {
        let read = |conn: &rusqlite::Connection| {
            let mut query = conn.prepare("SELECT text FROM notices WHERE event = 'low_stock' AND user_id IS NULL ORDER BY id").unwrap();
            let texts = query.query_map([], |row| row.get(0)).unwrap().map(|text| text.unwrap()).collect::<Vec<String>>();
            Ok(texts)
        };
        yard.site.app.db.read(read).unwrap()
    };
    // A shelf nobody has counted yet is not told about.
    yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c50, 2)], yard.by()));
    assert!(told().is_empty());
    let full = |found| by_hand::Counted { product: yard.c20, state: State::Full, found, was: None };
    yard.write(|tx| by_hand::count(tx, &[full(20)], Some("開帳"), yard.by()));
    for qty in [8, 10, 11, 15, 12, 11] {
        yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, qty), (yard.c50, 2)], yard.by()));
    }
    assert_eq!(told(), ["20KG 滿桶只剩 9 支，不到 10 支。"]);
    yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, 5)], yard.by()));
    yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, 20)], yard.by()));
    assert_eq!(told().last().unwrap(), "20KG 滿桶只剩 0 支，不到 10 支。");
}

/// A small generator of our own, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// All balances as they are kept, and as they are added up afresh.
fn both(tx: &Transaction) -> [BTreeMap<String, i64>; 2] {
    let read = |sql: &str| -> BTreeMap<String, i64> {
        let mut query = tx.prepare(sql).unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).filter(|(_, qty)| *qty != 0).collect()
    };
    [
        read("SELECT place || ':' || place_id || ':' || product_id || state, qty FROM cylinder_balances"),
        read(
            "WITH moves AS (
                 SELECT to_place AS place, ifnull(to_id, 0) AS id, product_id, state, qty FROM cylinder_movements
                 UNION ALL
                 SELECT from_place, ifnull(from_id, 0), product_id, state, -qty FROM cylinder_movements)
             SELECT place || ':' || id || ':' || product_id || state, sum(qty) FROM moves GROUP BY 1",
        ),
    ]
}

#[test]
fn through_any_history_the_books_agree_and_nobody_owes_cylinders_that_are_not_there() {
    let yard = Yard::open();
    for seed in 0..60 {
        // Each history ends undone, so the next begins with the same yard.
        let ended = yard.site.app.db.write(|tx| -> Result<()> {
            let mut dice = Dice(seed);
            for step in 0..40 {
                let product = [yard.c20, yard.c50][dice.roll(2) as usize];
                let customer = yard.customers[dice.roll(3) as usize];
                let truck = TRUCKS[0];
                let (some, other) = (dice.roll(6) as i64, dice.roll(6) as i64);
                let before = both(tx)[0].clone();
                match dice.roll(7) {
                    0 => cylinders::load_route(tx, ROUTE, truck, &[(product, some)], yard.by())?,
                    1 => cylinders::unload_route(tx, ROUTE, truck, &[(product, some, other)], Some("點過"), yard.by())?,
                    2 => cylinders::undo_of_stop(tx, StopId(1 + some % 4), yard.by())?,
                    3 => {
                        let id = cylinders::book(
                            tx,
                            &NewMovement::new(Kind::Refilled, Place::Supplier, Place::Shop, product, some + 1, State::Full),
                            yard.by(),
                        )?;
                        cylinders::undo(tx, id, yard.by(), None)?;
                        assert_eq!(both(tx)[0], before, "seed {seed}, step {step}: undone is not as before");
                    }
                    4 => {
                        let open = |tx: &Transaction| {
                            let sql = "SELECT min(id) FROM cylinder_movements AS m WHERE undoes_id IS NULL
                                       AND NOT EXISTS (SELECT 1 FROM cylinder_movements AS u WHERE u.undoes_id = m.id)";
                            tx.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).unwrap()
                        };
                        if let Some(id) = open(tx) {
                            cylinders::undo(tx, MovementId(id), yard.by(), Some("記錯"))?;
                        }
                    }
                    _ => {
                        yard.stop(tx, 1 + step % 4, customer, &[(product, some, other)])?;
                    }
                }
                let [kept, fresh] = both(tx);
                assert_eq!(kept, fresh, "seed {seed}, step {step}");
                assert_eq!(kept.values().sum::<i64>(), 0, "seed {seed}, step {step}");
                for customer in yard.customers {
                    let held = store::held_by_customer(tx, customer)?;
                    assert!(held.iter().all(|held| 0 <= held.now()), "seed {seed}, step {step}: {held:?}");
                }
            }
            Err(Error::Forbidden)
        });
        assert!(matches!(ended, Err(Error::Forbidden)), "seed {seed}: {ended:?}");
    }
}

// Over HTTP.

#[test]
fn a_count_puts_the_shelf_right_and_says_why() {
    let yard = Yard::open();
    let lin = yard.site.lin();
    let (full, empty) = (format!("full_{}", yard.c20), format!("empty_{}", yard.c20));
    lin.get("/cylinders").check(200, "門市還沒有盤點過");
    lin.post("/cylinders/count", &[]).check(422, "還沒填點到的支數");
    lin.post("/cylinders/count", &[(&full, "x")]).check(422, "支數是 0 到 99,999 的整數");
    let asked = lin.post("/cylinders/count", &[(&full, "２０"), (&empty, "0")]);
    asked.check(422, "20KG 滿桶多 20").check(422, "value=\"２０\"");
    assert!(yard.at(Place::Shop).is_empty(), "nothing is written before the reason is there");
    lin.post("/cylinders/count", &[(&full, "20"), (&empty, "0"), ("note", "開帳")]).check(303, "");
    assert_eq!(yard.at(Place::Shop), [(yard.c20, 20, 0)]);
    lin.post("/cylinders/count", &[(&full, "20")]).check(303, "");

    // A truck was loaded between looking and writing.
    let was = format!("was_{full}");
    yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, 12)], yard.by()));
    lin.post("/cylinders/count", &[(&full, "19"), (&was, "20"), ("note", "少一支")]).check(422, "帳上從 20 變成 8，請再點一次");
    lin.post("/cylinders/count", &[(&full, "7"), (&was, "8"), ("note", "少一支")]).check(303, "");
    assert_eq!(yard.at(Place::Shop), [(yard.c20, 7, 0)]);
    let page = lin.get("/cylinders");
    page.check(200, "滿桶不多了：20KG。").check(200, "不到 10 支").check(200, "ABC-0001");
    yard.site.check_file();
}

#[test]
fn each_act_is_for_those_whose_work_it_is() {
    let yard = Yard::open();
    let (hui, lin) = (yard.site.hui(), yard.site.lin());
    let (sent, refilled) = (format!("sent_{}", yard.c20), format!("refilled_{}", yard.c20));
    let count = format!("full_{}", yard.c20);
    let customer = yard.customers[0];
    hui.post("/cylinders/count", &[(&count, "3"), ("note", "試")]).check(403, "沒有這項權限");
    hui.post(&format!("/customers/{customer}/cylinders/correct"), &[("now", "9")]).check(403, "沒有這項權限");
    hui.post("/cylinders/refill", &[]).check(422, "還沒填支數");
    hui.post("/cylinders/refill", &[(&sent, "5"), (&refilled, "30")]).check(303, "");
    assert_eq!(yard.at(Place::Shop), [(yard.c20, 30, -5)]);
    assert_eq!(yard.at(Place::Supplier), [(yard.c20, -30, 5)]);
    let scrap = [("product_id", yard.c20.to_string()), ("state", "empty".to_owned()), ("qty", "2".to_owned())];
    let scrap: Vec<(&str, &str)> = scrap.iter().map(|(name, value)| (*name, value.as_str())).collect();
    hui.post("/cylinders/scrap", &scrap).check(422, "報廢要寫一句原因");
    hui.post("/cylinders/scrap", &[scrap.as_slice(), &[("note", "驗不過")]].concat()).check(303, "");
    assert_eq!(yard.at(Place::Scrap), [(yard.c20, 0, 2)]);

    // What she wrote she takes back; a manager's count is his.
    hui.post("/cylinders/movements/3/undo", &[("back", "/cylinders/movements")]).check(303, "");
    hui.post("/cylinders/movements/3/undo", &[]).check(409, "已經收回過了");
    hui.post("/cylinders/movements/4/undo", &[]).check(409, "要在那裡收回");
    lin.post("/cylinders/count", &[(&count, "29"), ("note", "少一支")]).check(303, "");
    hui.post("/cylinders/movements/5/undo", &[]).check(403, "沒有這項權限");
    lin.post("/cylinders/movements/5/undo", &[]).check(303, "");
    assert_eq!(yard.at(Place::Shop), [(yard.c20, 30, -5)]);
    yard.write(|tx| yard.stop(tx, 1, customer, &[(yard.c20, 1, 1)]));
    lin.post("/cylinders/movements/7/undo", &[]).check(409, "要在那裡收回");
    yard.site.check_file();
}

#[test]
fn movements_are_found_by_where_what_and_when() {
    let yard = Yard::open();
    let hui = yard.site.hui();
    yard.write(|tx| cylinders::load_route(tx, ROUTE, TRUCKS[0], &[(yard.c20, 9), (yard.c50, 3)], yard.by()));
    yard.write(|tx| yard.stop(tx, 1, yard.customers[0], &[(yard.c20, 7, 6)]));
    let rows = |query: &str| hui.get(&format!("/cylinders/movements{query}")).check(200, "鋼瓶異動").text().matches("<tr>").count() - 1;
    assert_eq!(rows(""), 4);
    assert_eq!(rows("?place=shop"), 2);
    assert_eq!(rows("?place=vehicle:91"), 4);
    assert_eq!(rows(&format!("?place=customer:{}", yard.customers[0])), 2);
    assert_eq!(rows(&format!("?place=vehicle:91&product={}", yard.c50)), 1);
    assert_eq!(rows("?kind=returned&day=5/28"), 1);
    hui.get("/cylinders/movements?day=5/27").check(200, "沒有這樣的異動");
    hui.get("/cylinders/movements?day=2/30").check(422, "沒有");
    hui.get("/cylinders/movements?place=customer:999").check(404, "");
    // A page at a time.
    for _ in 0..60 {
        yard.write(|tx| by_hand::refill(tx, &[by_hand::Exchange { product: yard.c20, sent: 1, refilled: 0 }], None, yard.by()));
    }
    assert_eq!((rows(""), rows("?before=15"), rows("?before=4&kind=loaded")), (50, 14, 2));
}

#[test]
fn a_customer_has_what_was_there_and_what_came_less_what_went() {
    let yard = Yard::open();
    let (hui, lin) = (yard.site.hui(), yard.site.lin());
    let customer = yard.customers[0];
    let target = format!("/customers/{customer}/cylinders");
    hui.get(&format!("/customers/{customer}")).check(200, "20KG 三支").check(200, &format!("href=\"{target}\""));
    yard.write(|tx| yard.stop(tx, 1, customer, &[(yard.c20, 2, 1)]));
    hui.get(&format!("/customers/{customer}")).check(200, "20KG 四支");
    let now = |text: &str| {
        let page = hui.get(&target).text();
        let cell = page.split("data-label=\"現在\"><b>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(cell, text);
    };
    now("4");
    let c20 = yard.c20.to_string();
    lin.post(&format!("{target}/correct"), &[("product_id", &c20), ("now", "6")]).check(422, "更正要寫一句原因");
    lin.post(&format!("{target}/correct"), &[("product_id", &c20), ("now", "4"), ("note", "點過")]).check(422, "帳上本來就是 4 支");
    lin.post(&format!("{target}/correct"), &[("product_id", &c20), ("now", ""), ("note", "點過")]).check(422, "請填實際有幾支");
    lin.post(&format!("{target}/correct"), &[("product_id", &c20), ("now", "6"), ("note", "點過")]).check(303, "");
    now("6");
    let owned = format!("owned_{c20}");
    hui.post(&format!("{target}/own"), &[(&owned, "1000")]).check(422, "支數要在 0 到 999 之間");
    hui.post(&format!("{target}/own"), &[(&owned, "2")]).check(303, "");
    hui.get(&target).check(200, "data-label=\"我們借的\">4");
    hui.get("/customers/999/cylinders").check(404, "");
    yard.site.check_file();
}

#[test]
fn a_list_that_says_less_than_was_given_back_leaves_nobody_below_nothing() {
    let yard = Yard::open();
    let customer = yard.customers[0];
    yard.write(|tx| yard.stop(tx, 1, customer, &[(yard.c20, 0, 3)]));
    assert_eq!(yard.held(customer, yard.c20), 0);
    let version = yard.site.app.db.read(|conn| Ok(luckygas::customers::store::get(conn, customer)?.version)).unwrap();
    let change = serde_json::json!({"version": version, "cylinders": {"C20": 1}});
    let target = format!("/api/v1/customers/{customer}");
    yard.site.hui().json(luckygas::http::request::Method::Patch, &target, change).check(200, "");
    assert_eq!(yard.held(customer, yard.c20), 0);
    yard.site.check_file();
}

#[test]
fn a_truck_is_loaded_and_unloaded_on_its_pages() {
    let yard = Yard::open();
    let hui = yard.site.hui();
    let (load, unload) = (format!("/routes/{ROUTE}/load"), format!("/routes/{ROUTE}/unload"));
    let full = format!("full_{}", yard.c20);
    let empty = format!("empty_{}", yard.c20);
    // Four orders want 1 + 2 + 3 + 4.
    hui.get(&load).check(200, &format!("name=\"{full}\" value=\"10\""));
    hui.post(&load, &[(&full, "-1")]).check(422, "支數是 0 到 99,999 的整數");
    hui.post(&load, &[(&full, "12")]).check(303, "");
    hui.get(&load).check(200, &format!("name=\"{full}\" value=\"12\"")).check(200, "已經裝過");
    yard.write(|tx| yard.stop(tx, 1, yard.customers[0], &[(yard.c20, 3, 2)]));
    hui.get(&unload).check(200, &format!("name=\"{full}\" value=\"9\"")).check(200, &format!("name=\"{empty}\" value=\"2\""));
    hui.post(&unload, &[(&full, "9"), (&empty, "1")]).check(422, "20KG 空桶少 1");
    hui.post(&unload, &[(&full, "9"), (&empty, "1"), ("note", "掉了一支")]).check(303, "");
    assert!(yard.at(Place::Vehicle(TRUCKS[0])).is_empty());
    assert_eq!(yard.at(Place::Shop), [(yard.c20, -3, 1)]);
    yard.write(|tx| {
        tx.execute("UPDATE routes SET status = 'completed', completed_at = 0 WHERE id = 91", []).unwrap();
        Ok(())
    });
    hui.post(&load, &[(&full, "1")]).check(409, "不能裝車");
    yard.write(|tx| {
        tx.execute("UPDATE routes SET vehicle_id = NULL WHERE id = 91", []).unwrap();
        Ok(())
    });
    hui.get(&load).check(409, "還沒選車");
    hui.get("/routes/999/load").check(404, "");
    yard.write(|tx| {
        tx.execute("UPDATE routes SET status = 'in_progress', completed_at = NULL WHERE id = 91", []).unwrap();
        Ok(())
    });
    yard.site.check_file();
}
