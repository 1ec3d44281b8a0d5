//! The way of an order: every state, every step, every role.

mod support;

use luckygas::error::Error;
use luckygas::orders::steps::{Action, Handed, Move, act, hand_over};
use luckygas::orders::{Actor, CancelReason, FailReason, Order, Origin, PaymentStatus, Status, Step, store};
use luckygas::users::Role;
use luckygas::values::{DeliveryId, Grams, Ntd, OrderId, UserId};
use support::Site;
use support::orders::order_entries;
use support::who::{EVERYBODY, Who};

const DRIVER: UserId = UserId(5);

fn step(site: &Site, id: OrderId, step: &Move, role: Role) -> Result<Order, Error> {
    site.app.db.write(|tx| act(tx, id, None, step, site.actor(role)))
}

fn delivered(order: &Order) -> Move {
    Move::Deliver(Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(order) })
}

#[test]
fn a_delivered_order_is_a_delivery_of_that_day() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.take(customer, &[("C20", 2), ("C16-LUCKY", 1), ("F50", 1)]);
    step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    step(&site, order.id, &Move::Start { note: None }, Role::Driver).unwrap();
    let mut handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&order) };
    handed.lines[0].qty = 1;
    handed.lines[0].residual = Grams(4_700);
    let order = step(&site, order.id, &Move::Deliver(handed), Role::Driver).unwrap();
    // 850 + 720 + a metered line of 0, less 4.7 kg at 850 / 20.
    assert_eq!((order.totals.subtotal, order.totals.residual_credit, order.totals.total), (Ntd(1570), Ntd(200), Ntd(1370)));
    assert_eq!(order.status, Status::Delivered);

    let again = site.take(customer, &[("C20", 1)]);
    step(&site, again.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    step(&site, again.id, &Move::Start { note: Some("他在搬桶".to_owned()) }, Role::Manager).unwrap();
    let again = step(&site, again.id, &delivered(&again), Role::Driver).unwrap();
    assert_eq!(again.delivery_id, order.delivery_id);
    let page =
        site.app.db.read(|conn| luckygas::deliveries::store::of_customer(conn, customer, luckygas::deliveries::Place::Newest, 9)).unwrap();
    let [row] = page.deliveries.as_slice() else { panic!("one row a day: {:?}", page.deliveries) };
    assert_eq!(row.load.to_string(), "50KG × 1、20KG × 2、16KG × 1");
    let drops: Vec<_> = row.drops.iter().map(|drop| drop.load.to_string()).collect();
    assert_eq!(drops, ["50KG × 1、20KG × 1、16KG × 1", "20KG × 1"]);
    assert_eq!(row.driver_name.as_deref(), Some("阿明"));
    site.check_file();
}

#[test]
fn a_sale_over_the_counter_is_done_in_one_go() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("6000001", "現金零售", None);
    let new = luckygas::orders::NewOrder { origin: Origin::WalkIn, ..site.new_order(customer, &[("C20", 1)]) };
    let order = site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
    let refused = site.app.db.write(|tx| hand_over(tx, order.id, site.actor(Role::Manager)));
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    let order = site.app.db.write(|tx| hand_over(tx, order.id, site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!((order.status, order.payment_status, order.paid), (Status::Delivered, PaymentStatus::Paid, Ntd(850)));
    let steps = site.app.db.read(|conn| store::history(conn, order.id)).unwrap();
    let to: Vec<_> = steps.iter().map(|step| step.to).collect();
    assert_eq!(to, [Status::Confirmed, Status::Assigned, Status::InDelivery, Status::Delivered]);
    site.check_file();
}

#[test]
fn failing_and_cancelling_keep_why() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.take(customer, &[("C20", 2)]);
    step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    let order = step(&site, order.id, &Move::Fail { reason: FailReason::Absent, note: None }, Role::Driver).unwrap();
    assert_eq!((order.status, order.attempt_count, order.driver_id), (Status::Confirmed, 1, None));
    let note = Some("改叫別家".to_owned());
    let order = step(&site, order.id, &Move::Cancel { reason: CancelReason::CustomerRequest, note }, Role::OfficeStaff).unwrap();
    assert_eq!(order.cancel_note.as_deref(), Some("改叫別家"));
    let refused = step(&site, order.id, &Move::Confirm, Role::Admin).unwrap_err();
    assert_eq!(refused.user_message(), "這張單已取消，不能再改。要送就照樣再開一張。");
}

// Every state, every step, every role.

/// A step with everything it could need, even where somebody acts for the driver.
fn every_move(order: &Order) -> Vec<Move> {
    let note = Some("手機沒電".to_owned());
    vec![
        Move::Confirm,
        Move::Assign(DRIVER),
        Move::Unassign,
        Move::Start { note: note.clone() },
        Move::Deliver(Handed { recipient: Some("王小姐".to_owned()), note: note.clone(), ..Handed::as_ordered(order) }),
        Move::Fail { reason: FailReason::NoAccess, note: note.clone() },
        Move::Cancel { reason: CancelReason::NoStock, note },
    ]
}

/// What business §8 and §20 say: the state after it, or the status of the refusal.
fn law(status: Status, action: Action, who: Who) -> Result<Status, u16> {
    let (is_boss, is_office, is_driver) = match who {
        Who::Of(Role::Admin | Role::Manager) => (true, true, false),
        Who::Of(Role::OfficeStaff) => (false, true, false),
        Who::Of(Role::Driver) => (false, false, true),
        Who::Of(Role::Accountant) | Who::OtherDriver | Who::Program => (false, false, false),
    };
    // Nobody has it before it is assigned, so to every driver it does not exist.
    let is_given = matches!(status, Status::Assigned | Status::InDelivery | Status::Delivered);
    if who == Who::OtherDriver || (is_driver && !is_given) {
        return Err(404);
    }
    let may = match action {
        Action::Confirm | Action::Assign | Action::Unassign => is_office,
        Action::Cancel if status == Status::InDelivery => is_boss,
        Action::Cancel => is_office,
        Action::Start | Action::Deliver | Action::Fail => is_driver || is_boss,
    };
    if !may {
        return Err(403);
    }
    match (status, action) {
        (Status::Pending, Action::Confirm) => Ok(Status::Confirmed),
        (Status::Confirmed, Action::Assign) => Ok(Status::Assigned),
        (Status::Assigned, Action::Unassign) => Ok(Status::Confirmed),
        (Status::Assigned, Action::Start) => Ok(Status::InDelivery),
        (Status::InDelivery, Action::Deliver) => Ok(Status::Delivered),
        (Status::Assigned | Status::InDelivery, Action::Fail) => Ok(Status::Confirmed),
        (Status::Pending | Status::Confirmed | Status::Assigned | Status::InDelivery, Action::Cancel) => Ok(Status::Cancelled),
        _ => Err(409),
    }
}

/// A shop with a second driver and an order in `status`; of a delivered or cancelled one the way it went, too.
fn shop_at(status: Status) -> (Site, Order) {
    let site = Site::open();
    site.add_prices();
    site.app
        .db
        .write(|tx| {
            let sql = "INSERT INTO users (id, username, name, role, password_hash, must_change_password, created_at, updated_at)
                       VALUES (6, 'ade', '阿德', 'driver', 'x', 0, 0, 0)";
            Ok(tx.execute(sql, []).unwrap())
        })
        .unwrap();
    let customer = site.customer("1000017", "好味小吃", |_| {});
    // What a driver is given to comes to stand on his route.
    site.out_route();
    let order = site.order_at(customer, status);
    (site, order)
}

fn actor(site: &Site, who: Who) -> Actor {
    site.acting(who, UserId(6))
}

/// What a step is to have made of `before`, field by field.
fn expected(before: &Order, step: &Move, to: Status, site: &Site) -> Order {
    let mut after = Order { status: to, version: before.version + 1, updated_at: site.app.now(), ..before.clone() };
    match step {
        Move::Confirm | Move::Start { .. } => {}
        Move::Assign(driver) => after.driver_id = Some(*driver),
        Move::Unassign => after.driver_id = None,
        Move::Deliver(handed) => {
            after.delivered_at = Some(site.app.now());
            after.delivery_id = Some(DeliveryId(1));
            for (line, delivered) in after.lines.iter_mut().zip(&handed.lines) {
                line.delivered = Some(*delivered);
            }
        }
        Move::Fail { .. } => (after.driver_id, after.attempt_count) = (None, before.attempt_count + 1),
        Move::Cancel { reason, note } => (after.cancel_reason, after.cancel_note) = (Some(*reason), note.clone()),
    }
    after
}

#[test]
fn every_step_of_everybody_is_as_the_law_says_or_changes_nothing() {
    for status in Status::ALL.iter().copied() {
        for who in EVERYBODY {
            let (site, before) = shop_at(status);
            for step in every_move(&before) {
                let place = format!("{status:?} {:?} by {who:?}", step.action());
                let (tables, journal) = (site.content(), site.order_entries());
                let answer = site.app.db.write(|tx| {
                    let answer = act(tx, before.id, Some(before.version), &step, actor(&site, who));
                    // A step that is taken is looked at and undone, so that the next begins where this one did.
                    match answer {
                        Ok(after) => {
                            let steps = store::history(tx, before.id)?;
                            let last: String =
                                tx.query_row("SELECT verb FROM journal ORDER BY id DESC LIMIT 1", [], |row| row.get(0)).unwrap();
                            let journal = order_entries(tx);
                            Err(Error::internal("undo", Seen { after, steps, last, journal }))
                        }
                        Err(error) => Err::<(), _>(error),
                    }
                });
                let error = answer.unwrap_err();
                match law(status, step.action(), who) {
                    Ok(to) => {
                        let Error::Internal { source, .. } = &error else { panic!("{place}: {error}") };
                        let seen: &Seen = source.downcast_ref().unwrap_or_else(|| panic!("{place}: {error}"));
                        assert_eq!(seen.after, expected(&before, &step, to, &site), "{place}");
                        let last = seen.steps.last().unwrap();
                        assert_eq!((last.from, last.to), (Some(status), to), "{place}");
                        assert_eq!((seen.last.as_str(), seen.journal), (step.action().word(), journal + 1), "{place}");
                    }
                    Err(want) => assert_eq!(error.status(), want, "{place}: {error}"),
                }
                assert_eq!(site.content(), tables, "{place}");
            }
        }
    }
}

/// What a step has made, carried out of the transaction that is undone.
#[derive(Debug)]
struct Seen {
    after: Order,
    steps: Vec<Step>,
    last: String,
    journal: usize,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.after.status)
    }
}

impl std::error::Error for Seen {}

/// The same over the pages: the form of the page, and what its answer is.
#[test]
fn the_pages_take_the_same_steps_and_no_others() {
    for status in Status::ALL.iter().copied() {
        let mut shop = shop_at(status);
        for role in Role::ALL {
            for action in Action::ALL.iter().copied() {
                let (site, before) = &shop;
                let place = format!("{status:?} {action:?} by {role:?}");
                let browser = site.role(role);
                let tables = site.content();
                let version = before.version.to_string();
                let mut form = vec![("version", version.as_str()), ("note", "手機沒電")];
                form.extend(match action {
                    Action::Assign => vec![("driver", "5")],
                    Action::Deliver => vec![("qty_1", "2"), ("empties_1", "2"), ("residual_1", ""), ("recipient", "王小姐")],
                    Action::Fail => vec![("reason", "absent")],
                    Action::Cancel => vec![("reason", "no_stock")],
                    Action::Confirm | Action::Unassign | Action::Start => vec![],
                });
                let answer = browser.post(&format!("/orders/{}/{}", before.id, action.word()), &form);
                // A driver has his own phone for it, not these pages.
                let law = match law(status, action, Who::Of(role)) {
                    _ if role == Role::Driver => Err(403),
                    // It goes out with its route.
                    Ok(Status::InDelivery) => Err(409),
                    law => law,
                };
                match law {
                    Ok(to) => {
                        assert_eq!((answer.status(), site.order(before.id).status), (303, to), "{place}: {}", answer.text());
                        browser.get(answer.location()).check(200, to.label());
                        shop = shop_at(status);
                    }
                    Err(want) => {
                        assert_eq!(answer.status(), want, "{place}: {}", answer.text());
                        assert_eq!(site.content(), tables, "{place}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_step_needs_is_asked_for() {
    let note = Some("有人叫的".to_owned());
    let hand = |edit: fn(&mut Handed)| {
        move |order: &Order| {
            let mut handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(order) };
            edit(&mut handed);
            Move::Deliver(handed)
        }
    };
    type Make = Box<dyn Fn(&Order) -> Move>;
    let cases: Vec<(Status, Role, Make, &str)> = vec![
        (Status::Confirmed, Role::OfficeStaff, Box::new(|_| Move::Assign(UserId(4))), "請選一位在職的司機。"),
        (Status::Confirmed, Role::OfficeStaff, Box::new(|_| Move::Assign(UserId(99))), "請選一位在職的司機。"),
        (Status::Assigned, Role::Manager, Box::new(|_| Move::Start { note: None }), "替司機做的，要寫一句為什麼。"),
        (
            Status::Assigned,
            Role::Admin,
            Box::new(|_| Move::Fail { reason: FailReason::Absent, note: None }),
            "替司機做的，要寫一句為什麼。",
        ),
        (Status::Assigned, Role::Driver, Box::new(|_| Move::Fail { reason: FailReason::Other, note: None }), "選「其他」要寫一句原因。"),
        (
            Status::Confirmed,
            Role::OfficeStaff,
            Box::new(|_| Move::Cancel { reason: CancelReason::Other, note: None }),
            "選「其他」要寫一句原因。",
        ),
        (
            Status::InDelivery,
            Role::Manager,
            Box::new(|_| Move::Cancel { reason: CancelReason::NoStock, note: None }),
            "車已經出去了，要寫一句為什麼取消。",
        ),
        (Status::InDelivery, Role::Manager, Box::new(hand(|_| {})), "替司機做的，要寫一句為什麼。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.recipient = None)), "請寫誰收的，或為什麼沒有簽收。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines.clear())), "每一行都要有送到的數量。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].qty = 0)), "什麼都沒留下的，請記沒送成。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].qty = i64::MAX)), "送到的數量要在 0 到 100 之間。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].qty = -1)), "送到的數量要在 0 到 100 之間。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].empties = i64::MAX)), "空桶要在 0 到 100 之間。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].residual = Grams(40_001))), "退氣不能比收回的桶還重。"),
        (Status::InDelivery, Role::Driver, Box::new(hand(|handed| handed.lines[0].residual = Grams(-1))), "退氣不能比收回的桶還重。"),
    ];
    for (status, role, make, say) in cases {
        let (site, order) = shop_at(status);
        let tables = site.content();
        let error = step(&site, order.id, &make(&order), role).unwrap_err();
        assert_eq!((error.status(), error.user_message().as_ref()), (422, say));
        assert_eq!(site.content(), tables, "{say}");
    }
    // A driver who is switched off brings nothing.
    let (site, order) = shop_at(Status::Confirmed);
    site.app.db.write(|tx| Ok(tx.execute("UPDATE users SET is_active = 0 WHERE id = 5", []).unwrap())).unwrap();
    assert_eq!(step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap_err().status(), 422);
    // Somebody changed it meanwhile.
    let stale = site.app.db.write(|tx| {
        act(tx, order.id, Some(order.version - 1), &Move::Cancel { reason: CancelReason::NoStock, note }, site.actor(Role::Admin))
    });
    assert_eq!(stale.unwrap_err().user_message(), "這張單剛剛被別人改過，看一下再按一次。");
}

#[test]
fn a_pending_order_is_confirmed_only_when_it_can_be_promised() {
    let (site, order) = shop_at(Status::Pending);
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET is_terminated = 1 WHERE id = ?1", [order.customer_id]).unwrap())).unwrap();
    let error = step(&site, order.id, &Move::Confirm, Role::Admin).unwrap_err();
    assert_eq!(error.user_message(), "這位客戶已解約，不能下單。要恢復請找經理。");
}

#[test]
fn a_cancelled_order_is_opened_once_more_however_often_the_key_is_pressed() {
    let (site, order) = shop_at(Status::Cancelled);
    let hui = site.hui();
    let url = format!("/orders/{}/copy", order.id);
    hui.get(&format!("/orders/{}", order.id)).check(200, "copy-1-0");
    let places: Vec<_> = (0..3).map(|_| hui.post(&url, &[("form_key", "copy-1-0")]).location().to_owned()).collect();
    assert_eq!(places, ["/orders/2", "/orders/2", "/orders/2"]);
    let copy = site.order(OrderId(2));
    assert_eq!((copy.status, copy.copied_from, copy.lines.len()), (Status::Confirmed, Some(order.id), order.lines.len()));
    hui.get("/orders/1").check(200, "ORD-20250528-0002").check(200, "copy-1-1");
    hui.post("/orders/2/copy", &[("form_key", "copy-2-0")]).check(409, "只有取消的單可以照樣再開。");
}

#[test]
fn a_step_sent_twice_is_taken_once() {
    let (site, order) = shop_at(Status::Confirmed);
    let (hui, lin) = (site.hui(), site.lin());
    let assign =
        |browser: &support::Browser, version: &str| browser.post("/orders/1/assign", &[("version", version), ("driver", "5")]).status();
    assert_eq!((assign(&hui, "1"), assign(&hui, "1")), (303, 303));
    let assigned = site.order(order.id);
    assert_eq!((assigned.version, site.app.db.read(|conn| store::history(conn, order.id)).unwrap().len()), (2, 2));
    // Somebody else, another version or nothing said is a step of its own, and there is none.
    assert_eq!((assign(&lin, "1"), assign(&hui, "2"), assign(&hui, "")), (409, 409, 409));
    let again = |body| hui.json(luckygas::http::Method::Post, "/api/v1/orders/1/assign", body);
    assert_eq!(again(serde_json::json!({"driver_id": 5, "version": 1})).status(), 200);
    again(serde_json::json!({"driver_id": 5})).check(409, "這張單現在是「已指派」，不能指派。");
    let cancel = || hui.post("/orders/1/cancel", &[("version", "2"), ("reason", "no_stock")]).status();
    assert_eq!((cancel(), cancel()), (303, 303));
    assert_eq!(site.order(order.id).version, 3);
}

#[test]
fn the_page_asks_why_and_shows_what_was_typed_again() {
    let (site, order) = shop_at(Status::Confirmed);
    let hui = site.hui();
    let cancel = format!("/orders/{}/cancel", order.id);
    hui.get(&cancel).check(200, "取消 0001，好味小吃？").check(200, "不取消");
    hui.post(&cancel, &[("version", "1")]).check(422, "請選一個原因。");
    hui.post(&cancel, &[("version", "1"), ("reason", "rain")]).check(422, "沒有這個原因。");
    hui.post(&cancel, &[("version", "1"), ("reason", "other"), ("note", " ")]).check(422, "選「其他」要寫一句原因。");
    hui.post(&cancel, &[("version", "1"), ("reason", "other"), ("note", &"長".repeat(501))]).check(422, "最多 500 個字。");
    hui.post(&cancel, &[("version", "9"), ("reason", "no_stock")]).check(409, "這張單剛剛被別人改過");
    let done = hui.post(&cancel, &[("version", "1"), ("reason", "other"), ("note", "老闆說的")]);
    assert_eq!(done.status(), 303);
    hui.get("/orders/1").check(200, "老闆說的").check(200, "照樣再開");
    hui.get(&cancel).check(409, "這張單已取消");
    hui.get("/orders/77").check(404, "找不到訂單 77。");
    hui.get("/orders/xyz").check(404, "找不到訂單 xyz。");
    site.ming().get("/orders/1").check(403, "你沒有這項權限");
    site.chen().get("/orders/1").check(200, "好味小吃");
    assert!(!site.chen().get("/orders/1").text().contains("照樣再開"));
}

#[test]
fn the_search_knows_who_has_just_been_brought_gas() {
    let (site, order) = shop_at(Status::InDelivery);
    site.customer("1000018", "好味二店", |_| {});
    let first = |site: &Site| {
        let found = site.app.db.read(|conn| site.app.finder.find(conn, &luckygas::customers::search::Query::new("好味"), 0, 9)).unwrap();
        found.ids[0]
    };
    site.add_deliveries(&[(50, luckygas::values::CustomerId(2), support::day("2025-05-27"), support::deliveries::Table::Recent, Some(1))]);
    assert_eq!(first(&site).0, 2);
    step(&site, order.id, &every_move(&order)[4], Role::Driver).unwrap();
    assert_eq!(first(&site), order.customer_id);
}

#[test]
fn an_import_taken_back_leaves_what_the_shop_has_brought_itself() {
    let site = Site::open();
    site.add_prices();
    let customers = ["1000017", "1000018"].map(|code| site.customer(code, "好味小吃", |_| {}));
    let file = site.folder.0.join("today.csv");
    let heading = "客戶代號,交易日期,交易時間,備註,50KG,20KG,16KG,10KG,4KG";
    std::fs::write(&file, format!("{heading}\n1000017,2025/05/28,09:10,,1,,,,\n1000017,2025/05/01,09:10,,,1,,,\n")).unwrap();
    let import = site.lin().upload("/api/v1/imports", &[&file]).json();
    assert_eq!(import["applied"], true, "{import}");
    // The other customer's row of today tells no more than the day.
    let row = "INSERT INTO deliveries (id, customer_id, delivered_on, source, import_id) VALUES (900, 2, '2025-05-28', 'history', 1)";
    let count = "UPDATE delivery_days SET deliveries = deliveries + 1 WHERE delivered_on = '2025-05-28'";
    site.app.db.write(|tx| Ok((tx.execute(row, []).unwrap(), tx.execute(count, []).unwrap()))).unwrap();

    let rows = |customer| {
        let page =
            |conn: &rusqlite::Connection| luckygas::deliveries::store::of_customer(conn, customer, luckygas::deliveries::Place::Newest, 9);
        site.app.db.read(page).unwrap().deliveries
    };
    let orders = customers.map(|customer| site.order_at(customer, Status::Delivered));
    let told = |customer| {
        let row = &rows(customer)[0];
        (row.load.to_string(), row.drops.iter().map(|drop| drop.load.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(told(customers[0]), ("50KG × 1、20KG × 2".to_owned(), vec!["50KG × 1".to_owned(), "20KG × 2".to_owned()]));
    assert_eq!(told(customers[1]), ("20KG × 2".to_owned(), vec!["—".to_owned(), "20KG × 2".to_owned()]));
    site.check_file();

    assert_eq!(site.lin().post("/imports/1/take-back", &[]).status(), 303);
    for (customer, order) in customers.into_iter().zip(orders) {
        let left = rows(customer);
        assert_eq!(left.len(), 1);
        assert_eq!((Some(left[0].id), left[0].load.to_string(), left[0].source.word()), (order.delivery_id, "20KG × 2".to_owned(), "live"));
    }
    site.check_file();
}

#[test]
fn a_day_of_more_than_a_row_holds_is_refused() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("6000001", "現金零售", |_| {});
    let many: Vec<_> = (0..10).map(|_| ("C04", 100)).collect();
    let order = site.take(customer, &many);
    step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    step(&site, order.id, &Move::Start { note: None }, Role::Driver).unwrap();
    let refused = step(&site, order.id, &delivered(&order), Role::Driver).unwrap_err();
    assert_eq!(refused.user_message(), "同一天送給同一位客戶的 4KG 最多記 999 支。");
}
