//! `luckygas check` on orders: a shop at work passes, and each thing that does not agree is found by its own question.

mod support;

use luckygas::db;
use luckygas::orders::steps::{Handed, Move, act};
use luckygas::orders::{CancelReason, DeliveredLine, FailReason, Origin, Payment, Status};
use luckygas::users::Role;
use luckygas::values::{Grams, Ntd, OrderId, UserId};
use support::Site;

fn run(site: &Site, sql: &str) {
    site.app
        .db
        .write(|tx| {
            tx.execute_batch(sql).unwrap();
            Ok(())
        })
        .unwrap();
}

/// Orders in every state, among them one delivered short with gas come back, and one that is all gas of a meter.
fn shop_at_work() -> Site {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let step = |id: OrderId, step: Move| {
        site.app.db.write(|tx| act(tx, id, None, &step, site.actor(Role::Manager))).unwrap();
    };
    let driver = UserId(5);
    let open: Vec<OrderId> = (1..=6).map(|qty| site.take(customer, &[("C20", qty), ("C50", 1)]).id).collect();
    let lay = "
        INSERT INTO routes (id, route_on, day_no, shift, kind, status, driver_id, started_at, created_at, updated_at)
        VALUES (90, '2025-05-28', 90, 'all_day', 'planned', 'in_progress', 5, 0, 0, 0);
        INSERT INTO stops (id, route_id, order_id, seq, status, added_at) VALUES
            (82, 90, 2, 1, 'pending', 0), (83, 90, 3, 2, 'pending', 0), (84, 90, 4, 3, 'pending', 0), (85, 90, 5, 4, 'pending', 0);";
    run(&site, lay);
    for id in &open[1..5] {
        step(*id, Move::Assign(driver));
    }
    for id in &open[2..5] {
        step(*id, Move::Start { note: Some("代班".to_owned()) });
    }
    let handed = |lines: &[(i64, i64)]| Handed {
        lines: lines.iter().map(|(qty, empties)| DeliveredLine { qty: *qty, empties: *empties, residual: Grams(1_500) }).collect(),
        recipient: Some("老闆娘".to_owned()),
        no_proof: None,
        note: Some("代班".to_owned()),
        ..Handed::default()
    };
    step(open[3], Move::Deliver(handed(&[(3, 4), (0, 1)])));
    run(&site, "UPDATE stops SET status = 'completed', finished_at = 0 WHERE id = 84");
    step(open[4], Move::Fail { reason: FailReason::Absent, note: Some("代班".to_owned()) });
    step(open[5], Move::Cancel { reason: CancelReason::NoStock, note: None });

    let mut priced = site.new_order(customer, &[("C16", 3), ("F50", 2)]);
    priced.lines[0].discount_percent = 5;
    priced.surcharge = Ntd(100);
    site.take_as(Role::Manager, &priced, Status::Confirmed);
    let mut unpriced = site.new_order(customer, &[("C10-SAFE", 1)]);
    unpriced.origin = Origin::Import;
    unpriced.payment = Payment::Monthly;
    site.take_as(Role::OfficeStaff, &unpriced, Status::Pending);
    site
}

/// The questions that answer no, while `sql` has been done to the file.
fn found(site: &Site, sql: &str) -> Vec<(&'static str, String)> {
    let mut bad = Vec::new();
    // An error undoes it again.
    let _ = site.app.db.write(|tx| {
        tx.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let findings = db::check(tx)?;
        bad = findings.into_iter().filter(|finding| !finding.is_good).map(|finding| (finding.what, finding.detail)).collect();
        Err::<(), _>(luckygas::Error::Forbidden)
    });
    bad
}

#[test]
fn a_shop_at_work_agrees_with_itself() {
    let site = shop_at_work();
    assert_eq!(found(&site, ""), []);
    let states: Vec<String> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT DISTINCT status FROM orders ORDER BY 1").unwrap();
            Ok(query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(states.len(), Status::ALL.len(), "{states:?}");
}

#[test]
fn what_does_not_agree_is_found_by_its_own_question() {
    let site = shop_at_work();
    const TEMPLATE: &str = "
        INSERT INTO order_templates (id, code, customer_id, name, payment_method, is_urgent, recurrence, every, weekdays, anchor_day,
                                     next_on, created_at, updated_at)
        VALUES (1, '1902046_TPL_001', 1, '每天', 'cash', 0, 'daily', 1, 0, 28, '2025-05-29', 0, 0);";
    let cases = [
        ("UPDATE orders SET day_no = 99 WHERE id = 3", "單號不跳號", "1 天不符"),
        (
            "UPDATE orders SET day_no = day_no + 1 WHERE ordered_on = '2025-05-28' AND day_no = (SELECT max(day_no) FROM orders)",
            "單號不跳號",
            "1 天不符",
        ),
        ("UPDATE orders SET final_ntd = final_ntd + 1 WHERE id = 1", "訂單金額相符", "1 張不符"),
        ("UPDATE orders SET subtotal_ntd = subtotal_ntd + 1, final_ntd = final_ntd + 1 WHERE id = 1", "訂單金額相符", "1 張不符"),
        ("UPDATE orders SET residual_credit_ntd = 7 WHERE id = 4", "訂單金額相符", "1 張不符"),
        ("UPDATE order_lines SET qty = 9 WHERE order_id = 1 AND line_no = 1", "訂單金額相符", "1 張不符"),
        ("UPDATE order_lines SET qty_delivered = 1 WHERE order_id = 4 AND line_no = 1", "訂單金額相符", "1 張不符"),
        ("UPDATE order_lines SET discount_percent = 50 WHERE order_id = 7 AND line_no = 1", "訂單金額相符", "1 張不符"),
        ("UPDATE order_lines SET line_ntd = 84 WHERE order_id = 7 AND line_no = 2", "訂單金額相符", "1 張不符"),
        (
            "UPDATE orders SET status = 'confirmed' WHERE id = 8; INSERT INTO order_history (order_id, from_status, to_status, at) VALUES (8, 'pending', 'confirmed', 0)",
            "確認的訂單都有價格",
            "1 張沒有",
        ),
        ("UPDATE orders SET status = 'pending' WHERE id = 1", "訂單的狀態有經過", "1 張不符"),
        (
            "INSERT INTO order_history (order_id, from_status, to_status, at) VALUES (2, 'assigned', 'confirmed', 0)",
            "訂單的狀態有經過",
            "1 張不符",
        ),
        ("DROP TRIGGER order_history_keeps; DELETE FROM order_history WHERE order_id = 1", "訂單的狀態有經過", "1 張不符"),
        (
            "DROP TRIGGER order_history_keeps; DELETE FROM order_history WHERE order_id = 3 AND to_status = 'assigned'",
            "訂單的狀態有經過",
            "1 張不符",
        ),
        ("UPDATE routes SET driver_id = 4 WHERE id = 90", "訂單都在它的路線上", "2 筆不符"),
        ("UPDATE stops SET status = 'skipped', finished_at = 0 WHERE id = 82", "訂單都在它的路線上", "1 筆不符"),
        ("UPDATE routes SET status = 'draft' WHERE id = 90", "訂單都在它的路線上", "4 筆不符"),
        ("INSERT INTO stops (route_id, order_id, seq, status, added_at) VALUES (90, 1, 9, 'pending', 0)", "訂單都在它的路線上", "1 筆不符"),
        ("UPDATE orders SET delivery_id = NULL WHERE id = 4", "送達的訂單有配送", "1 張不符"),
        ("UPDATE orders SET delivery_id = (SELECT delivery_id FROM orders WHERE id = 4) WHERE id = 1", "送達的訂單有配送", "1 張不符"),
        ("UPDATE routes SET route_on = '2025-05-27' WHERE id = 90", "送達的訂單有配送", "1 張不符"),
    ];
    for (sql, what, detail) in cases {
        assert_eq!(found(&site, sql), [(what, detail.to_owned())], "{sql}");
    }
    let template_day = format!("{TEMPLATE} INSERT INTO order_template_days (template_id, due_on, order_id) VALUES (1, '2025-05-28', 1)");
    assert_eq!(found(&site, &template_day), [("範本開的訂單相符", "1 天不符".to_owned())]);
    assert_eq!(found(&site, &format!("{template_day}; UPDATE orders SET template_id = 1 WHERE id = 1")), []);
}

#[test]
fn what_does_not_agree_of_cylinders_and_money_is_found_too() {
    let site = shop_at_work();
    let lay = "
        INSERT INTO customer_cylinders (customer_id, product, qty) VALUES (1, 'C50', 2);
        INSERT INTO routes (id, route_on, day_no, shift, kind, status, driver_id, started_at, created_at, updated_at)
        VALUES (91, '2025-05-28', 91, 'all_day', 'planned', 'draft', 5, 0, 0, 0);
        INSERT INTO stops (id, route_id, order_id, seq, status, added_at, finished_at, cash_ntd) VALUES
            (91, 91, 1, 1, 'completed', 0, 0, 850), (92, 91, 7, 2, 'pending', 0, NULL, NULL);
        INSERT INTO payments (paid_on, day_no, customer_id, method, amount_ntd, stop_id, status, void_reason, voided_at, created_at) VALUES
            ('2025-05-28', 1, 1, 'cash', 850, 91, 'recorded', NULL, NULL, 0), ('2025-05-28', 2, 1, 'cash', 500, 92, 'voided', '記錯', 0, 0);
        INSERT INTO meters (id, customer_id, serial, unit, g_per_unit, installed_on) VALUES (1, 1, 'M-1', '度', 2100, '2025-01-01');
        INSERT INTO meter_readings (id, meter_id, read_on, value_milli, from_milli, old_end_milli, billed_g, unit_price_ntd, amount_ntd, at) VALUES
            (1, 1, '2025-05-01', 900000, NULL, NULL, 0, NULL, 0, 0),
            (2, 1, '2025-05-11', 4000, 900000, 910000, 29400, 42, 1235, 0);
        INSERT INTO cylinder_movements (moved_on, at, kind, from_place, to_place, to_id, product_id, qty, state) VALUES
            ('2025-05-28', 0, 'delivered', 'shop', 'customer', 1, 1, 2, 'full');
        INSERT INTO cylinder_balances (place, place_id, product_id, state, qty) VALUES
            ('shop', 0, 1, 'full', -2), ('customer', 1, 1, 'full', 2), ('supplier', 0, 1, 'full', 0);";
    run(&site, lay);
    site.check_file();
    let cases = [
        ("UPDATE cylinder_balances SET qty = qty + 1 WHERE place = 'supplier'", "鋼瓶數和異動相符", "1 處不符"),
        ("UPDATE cylinder_balances SET qty = qty + 1 WHERE place = 'supplier'", "鋼瓶不多不少", "1 種不符"),
        ("DELETE FROM cylinder_balances WHERE place = 'shop'", "鋼瓶數和異動相符", "1 處不符"),
        ("UPDATE cylinder_balances SET qty = -3 WHERE place = 'customer'", "客戶的鋼瓶不少於零", "1 位不符"),
        ("UPDATE payments SET day_no = 3 WHERE id = 2", "收款單號不跳號", "1 天不符"),
        ("UPDATE payments SET amount_ntd = 851 WHERE id = 1", "各站收的現金相符", "1 站不符"),
        ("UPDATE payments SET status = 'voided', void_reason = '記錯', voided_at = 0 WHERE id = 1", "各站收的現金相符", "1 站不符"),
        ("UPDATE payments SET status = 'recorded', void_reason = NULL, voided_at = NULL WHERE id = 2", "各站收的現金相符", "1 站不符"),
        ("UPDATE meter_readings SET amount_ntd = 1234 WHERE id = 2", "抄表金額相符", "1 次不符"),
        ("UPDATE meter_readings SET billed_g = 1, amount_ntd = 0 WHERE id = 1", "抄表金額相符", "1 次不符"),
    ];
    for (sql, what, detail) in cases {
        let bad = found(&site, sql);
        assert!(bad.contains(&(what, detail.to_owned())), "{sql}: {bad:?}");
    }
}
