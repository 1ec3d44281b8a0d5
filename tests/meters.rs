//! Meters: what a reading bills, what is refused, and what is asked about.

mod support;

use luckygas::error::{Error, Result};
use luckygas::meters::{self, NewMeter, NewReading, Reading, store};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Grams, MeterId, Ntd};
use support::{Site, day};

struct House {
    site: Site,
    customer: CustomerId,
    meter: MeterId,
}

impl House {
    /// A meter that counts `g_per_unit`, gas at NT$42 a kilogram.
    fn open(g_per_unit: i64) -> House {
        let site = Site::open();
        site.add_prices();
        let customer = site.customer("1902046", "範例餐廳", |details| details.cylinders = vec![("F50", 4)]);
        let new = NewMeter { customer, serial: "M-1".to_owned(), unit: "度".to_owned(), g_per_unit, installed_on: day("2025-01-01") };
        let meter = site.app.db.write(|tx| store::add(tx, &new, site.actor(Role::OfficeStaff).by)).unwrap();
        House { site, customer, meter }
    }

    fn reading(&self, on: &str, value_milli: i64) -> NewReading {
        NewReading { meter: self.meter, value_milli, read_on: day(on), order: None, stop: None, replaced: None, confirmed_jump: false }
    }

    fn take(&self, role: Role, new: NewReading) -> Result<Reading> {
        self.site.app.db.write(|tx| meters::read(tx, new, self.site.actor(role)))
    }

    fn read(&self, on: &str, value_milli: i64) -> Reading {
        self.take(Role::Driver, self.reading(on, value_milli)).unwrap()
    }
}

fn problem(answer: Result<Reading>) -> (String, String) {
    match answer {
        Err(Error::Invalid(problems)) => (problems[0].field.to_string(), problems[0].say.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reading_bills_what_went_through_since_the_one_before() {
    let cases = [
        // grams a unit, figures, billed grams, dollars
        (1_000, 1_000_000, 1_012_500, 12_500, 525),
        (2_100, 0, 10_000, 21_000, 882),
        (1_000, 5_000, 5_000, 0, 0),
        (1_000, 0, 12, 12, 1),
        (1_000, 0, 11, 11, 0),
        (1_234, 0, 1_500, 1_851, 78),
        (1, 0, 500, 1, 0),
    ];
    for (g_per_unit, first, second, billed, amount) in cases {
        let house = House::open(g_per_unit);
        let opening = house.read("2025-05-01", first);
        assert_eq!((opening.from_milli, opening.billed, opening.unit_price, opening.amount), (None, Grams(0), None, Ntd(0)));
        let reading = house.read("2025-05-20", second);
        assert_eq!((reading.from_milli, reading.unit_price), (Some(first), Some(Ntd(42))));
        assert_eq!((reading.billed, reading.amount), (Grams(billed), Ntd(amount)), "{g_per_unit} {first} {second}");
    }
}

#[test]
fn a_meter_does_not_run_backwards_unless_a_manager_says_why() {
    let house = House::open(1_000);
    house.read("2025-05-01", 900_000);
    let (field, say) = problem(house.take(Role::Driver, house.reading("2025-05-20", 4_000)));
    assert_eq!((field.as_str(), say.as_str()), ("value", "比上次的 900 小。換了錶或歸零的，請經理記舊錶最後的讀數。"));
    let replaced = |end| NewReading { replaced: Some(end), ..house.reading("2025-05-20", 4_000) };
    for role in [Role::Driver, Role::OfficeStaff, Role::Accountant] {
        assert!(matches!(house.take(role, replaced(910_000)), Err(Error::Forbidden)));
    }
    assert_eq!(problem(house.take(Role::Manager, replaced(899_999))).0, "old_end");
    let reading = house.take(Role::Manager, replaced(910_000)).unwrap();
    assert_eq!((reading.billed, reading.amount, reading.old_end_milli), (Grams(14_000), Ntd(588), Some(910_000)));
    assert_eq!(house.read("2025-05-25", 5_000).billed, Grams(1_000));
}

#[test]
fn a_jump_is_asked_about_once() {
    let house = House::open(1_000);
    house.read("2025-05-01", 0);
    // Nobody knows what is usual after one reading.
    house.read("2025-05-11", 10_000);
    // A kilogram a day: thirty in ten days pass, more is asked about.
    assert_eq!(problem(house.take(Role::Driver, house.reading("2025-05-21", 40_001))).0, "confirm");
    let reading = NewReading { confirmed_jump: true, ..house.reading("2025-05-21", 40_001) };
    assert_eq!(house.take(Role::Driver, reading).unwrap().billed, Grams(30_001));
    let house = House::open(1_000);
    house.read("2025-05-01", 0);
    house.read("2025-05-11", 10_000);
    assert_eq!(house.read("2025-05-21", 40_000).billed, Grams(30_000));
}

#[test]
fn days_run_forwards_too() {
    let house = House::open(1_000);
    assert_eq!(problem(house.take(Role::Driver, house.reading("2025-05-29", 0))).0, "read_on");
    assert_eq!(problem(house.take(Role::Driver, house.reading("2024-12-31", 0))).0, "read_on");
    house.read("2025-05-20", 0);
    assert_eq!(problem(house.take(Role::Driver, house.reading("2025-05-19", 1))).0, "read_on");
    assert_eq!(house.read("2025-05-20", 1_000).billed, Grams(1_000));
}

#[test]
fn a_wrong_reading_is_taken_back_while_it_is_the_newest() {
    let house = House::open(1_000);
    let first = house.read("2025-05-01", 0);
    let second = house.read("2025-05-11", 10_000);
    let void = |id| house.site.app.db.write(|tx| meters::void(tx, id, house.site.actor(Role::Manager).by));
    assert!(matches!(void(first.id), Err(Error::Conflict { .. })));
    void(second.id).unwrap();
    assert!(matches!(void(second.id), Err(Error::Conflict { .. })));
    assert_eq!(house.read("2025-05-12", 3_000).billed, Grams(3_000));
}

#[test]
fn gas_costs_what_the_customer_has_agreed() {
    let house = House::open(1_000);
    house.read("2025-05-01", 0);
    house
        .site
        .app
        .db
        .write(|tx| {
            let sql = "INSERT INTO customer_prices (customer_id, product_id, valid_from, unit_price_ntd)
                   SELECT ?1, id, '2025-05-15', 39 FROM products WHERE code = 'F50'";
            Ok(tx.execute(sql, [house.customer]).unwrap())
        })
        .unwrap();
    assert_eq!(house.read("2025-05-14", 10_000).amount, Ntd(420));
    assert_eq!(house.read("2025-05-15", 12_000).amount, Ntd(78));
}

// Over HTTP.

#[test]
fn the_office_reads_meters_by_hand() {
    let house = House::open(1_000);
    let (hui, lin) = (house.site.hui(), house.site.lin());
    let page = format!("/customers/{}/meters", house.customer);
    let readings = format!("/meters/{}/readings", house.meter);
    hui.get(&page).check(200, "還沒有抄過");
    hui.post(&readings, &[]).check(422, "請填讀數");
    hui.post(&readings, &[("value", "1.2345")]).check(422, "讀數最多八位數，小數三位");
    hui.post(&readings, &[("value", "100"), ("read_on", "5/1")]).check(303, "");
    hui.post(&readings, &[("value", "110.5"), ("read_on", "5/11")]).check(303, "");
    hui.get(&page).check(200, "10.5").check(200, "441");
    hui.post(&readings, &[("value", "200")]).check(422, "沒看錯");
    hui.post(&readings, &[("value", "200"), ("confirm", "1")]).check(303, "");
    hui.post(&readings, &[("value", "3")]).check(422, "比上次的 200 小");
    hui.post(&readings, &[("value", "3"), ("old_end", "205")]).check(403, "沒有這項權限");
    lin.post(&readings, &[("value", "3"), ("old_end", "205")]).check(303, "");
    lin.get(&page).check(200, "舊錶到 205");
    hui.post("/readings/4/void", &[]).check(403, "沒有這項權限");
    lin.post("/readings/2/void", &[]).check(409, "要先收回後面的");
    lin.post("/readings/4/void", &[]).check(303, "");
    lin.get(&page).check(200, "已收回");
    hui.post(&format!("/meters/{}/active", house.meter), &[]).check(303, "");
    hui.post(&readings, &[("value", "210")]).check(409, "停用");
    house.site.check_file();
}

#[test]
fn a_meter_is_put_down_once() {
    let house = House::open(1_000);
    let hui = house.site.hui();
    let page = format!("/customers/{}/meters", house.customer);
    hui.post(&page, &[]).check(422, "請填錶號");
    hui.post(&page, &[("serial", "M-1")]).check(422, "已經有這個錶號");
    hui.post(&page, &[("serial", "M-2"), ("kg_per_unit", "0")]).check(422, "一單位幾公斤");
    hui.post(&page, &[("serial", "M-2"), ("unit", "m³"), ("kg_per_unit", "2.1")]).check(303, "");
    hui.get(&page).check(200, "一m³ 2.1 公斤");
    hui.post("/customers/999/meters", &[("serial", "M-2")]).check(404, "");
}
