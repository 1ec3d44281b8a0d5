//! Payments: their numbers, and that a wrong one is voided and stays.

mod support;

use luckygas::error::Error;
use luckygas::orders::{Origin, Payment as Way, Status as OrderStatus, steps};
use luckygas::payments::{self, Method, NewPayment, Status, store};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Ntd};
use support::{Site, day};

fn cash(customer: CustomerId, amount: i64) -> NewPayment {
    NewPayment { customer, method: Method::Cash, amount: Ntd(amount), order: None, stop: None, received_by: None, on: None }
}

#[test]
fn numbers_run_through_each_day() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let record = |amount| {
        let by = site.actor(Role::OfficeStaff).by;
        site.app.db.write(|tx| payments::record(tx, &cash(customer, amount), by).and_then(|id| store::get(tx, id)))
    };
    assert_eq!(record(850).unwrap().number, "PAY-20250528-0001");
    assert!(matches!(record(0), Err(Error::Invalid(_))));
    assert_eq!(record(1).unwrap().number, "PAY-20250528-0002");
    site.wait_minutes(24 * 60);
    assert_eq!(record(9_999_999).unwrap().number, "PAY-20250529-0001");
    assert!(matches!(record(10_000_000), Err(Error::Invalid(_))));
}

#[test]
fn a_wrong_payment_is_voided_once_and_stays() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let by = site.actor(Role::Manager).by;
    let id = site.app.db.write(|tx| payments::record(tx, &cash(customer, 850), by)).unwrap();
    let void = || site.app.db.write(|tx| payments::void(tx, id, "收錯客戶", by));
    void().unwrap();
    assert!(matches!(void(), Err(Error::Conflict { .. })));
    let listed = site.app.db.read(|conn| store::of_day(conn, day("2025-05-28"))).unwrap();
    assert_eq!((listed.len(), listed[0].status, listed[0].void_reason.as_deref()), (1, Status::Voided, Some("收錯客戶")));
    assert_eq!(site.journal().iter().map(|(verb, ..)| verb.as_str()).collect::<Vec<_>>(), ["create", "record", "void"]);
}

#[test]
fn a_sale_over_the_counter_is_money_and_cylinders() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1999001", "散客", |_| {});
    for (way, paid) in [(Way::Cash, vec![1_700]), (Way::Monthly, vec![])] {
        let mut new = site.new_order(customer, &[("C20", 2)]);
        (new.origin, new.payment) = (Origin::WalkIn, way);
        let order = site.take_as(Role::OfficeStaff, &new, OrderStatus::Confirmed);
        site.app.db.write(|tx| steps::hand_over(tx, order.id, site.actor(Role::OfficeStaff))).unwrap();
        let payments = site.app.db.read(|conn| store::of_order(conn, order.id)).unwrap();
        assert_eq!(payments.iter().map(|payment| payment.amount.0).collect::<Vec<_>>(), paid);
    }
    let shelf = site.app.db.read(|conn| luckygas::cylinders::store::balances(conn, luckygas::cylinders::Place::Shop)).unwrap();
    assert_eq!(shelf.iter().map(|one| (one.full, one.empty)).collect::<Vec<_>>(), [(-4, 4)]);
}
