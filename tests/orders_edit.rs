//! Changing an order in place: what may still be changed, at which price, and by whom.

mod support;

use luckygas::error::Error;
use luckygas::orders::change::change;
use luckygas::orders::steps::{Move, act};
use luckygas::orders::{NewLine, NewOrder, Order, Payment, Status};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Ntd, Window};
use support::form::form_on;
use support::{Answer, Browser, Site, day};

fn shop() -> (Site, CustomerId) {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    (site, customer)
}

fn save(site: &Site, order: &Order, role: Role, edit: impl FnOnce(&mut NewOrder)) -> Result<Order, Error> {
    let mut wanted = NewOrder::of(order);
    edit(&mut wanted);
    site.app.db.write(|tx| change(tx, order, &wanted, site.actor(role), &site.app.settings()))
}

type Edit = Box<dyn Fn(&mut NewOrder)>;

/// Each change with the field it is about.
fn changes(site: &Site, other: CustomerId) -> Vec<(&'static str, Edit)> {
    let c16 = site.product("C16");
    vec![
        ("day", Box::new(|order| order.scheduled_on = order.scheduled_on.plus(2))),
        ("window", Box::new(|order| order.window = Window::MORNING)),
        ("notes", Box::new(|order| order.notes = Some("走後門".to_owned()))),
        ("qty", Box::new(|order| order.lines[0].qty = 5)),
        ("product", Box::new(move |order| order.lines[0] = NewLine::of(c16, 2))),
        ("line", Box::new(move |order| order.lines.push(NewLine::of(c16, 1)))),
        ("discount", Box::new(|order| order.lines[0].discount_percent = 10)),
        ("address", Box::new(|order| order.delivery_address = Some("範例市試行路 2 號".to_owned()))),
        ("contact_name", Box::new(|order| order.contact_name = Some("李先生".to_owned()))),
        ("contact_phone", Box::new(|order| order.contact_phone = Some("0900-000-214".to_owned()))),
        ("urgent", Box::new(|order| order.is_urgent = true)),
        ("surcharge", Box::new(|order| order.surcharge = Ntd(100))),
        ("payment", Box::new(|order| order.payment = Payment::Monthly)),
        ("customer", Box::new(move |order| order.customer_id = other)),
    ]
}

#[test]
fn what_may_be_changed_depends_on_where_the_order_is() {
    let (site, customer) = shop();
    let other = site.add_customer("1000018", "別家", None);
    let agreed = ["day", "window", "notes", "qty"];
    for status in Status::ALL.iter().copied() {
        for (name, edit) in changes(&site, other) {
            for role in Role::ALL {
                let before = site.order_at(customer, status);
                let journal = site.order_entries();
                let saved = save(&site, &before, role, |order| edit(order));
                let is_office = matches!(role, Role::Admin | Role::Manager | Role::OfficeStaff);
                let may = match status {
                    Status::Pending | Status::Confirmed => name != "customer",
                    Status::Assigned => agreed.contains(&name),
                    Status::InDelivery => name == "notes",
                    Status::Delivered | Status::Cancelled => false,
                };
                let place = format!("{name} of {status:?} by {role:?}");
                if is_office && may {
                    let after = saved.unwrap_or_else(|error| panic!("{place}: {error}"));
                    assert_eq!(after.version, before.version + 1, "{place}");
                    assert_eq!(site.order_entries(), journal + 1, "{place}");
                    let is_off_the_truck = status == Status::Assigned && name == "day";
                    assert_eq!(
                        (after.driver_id, after.status),
                        if is_off_the_truck { (None, Status::Confirmed) } else { (before.driver_id, status) },
                        "{place}"
                    );
                } else {
                    let error = saved.err().unwrap_or_else(|| panic!("{place} was saved"));
                    let want = if !is_office {
                        403
                    } else if status.is_open() {
                        422
                    } else {
                        409
                    };
                    assert_eq!(error.status(), want, "{place}: {error}");
                    assert_eq!(site.order(before.id), before, "{place}");
                    assert_eq!(site.order_entries(), journal, "{place}");
                }
            }
        }
    }
}

#[test]
fn a_line_keeps_the_price_it_was_taken_at_and_a_new_one_gets_todays() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    site.add_price("C20", "2025-05-20", 900);
    site.add_price("C16", "2025-05-29", 750);
    let c16 = site.product("C16");
    let after = save(&site, &order, Role::OfficeStaff, |order| {
        order.lines[0].qty = 3;
        order.lines[0].unit_price = None;
        order.scheduled_on = order.scheduled_on.plus(3);
        order.lines.push(NewLine::of(c16, 1));
    });
    let after = after.unwrap();
    let prices: Vec<_> = after.lines.iter().map(|line| (line.qty, line.unit_price, line.list_price, line.amount)).collect();
    assert_eq!(prices, [(3, Some(Ntd(850)), Some(Ntd(850)), Ntd(2550)), (1, Some(Ntd(750)), Some(Ntd(750)), Ntd(750))]);
    assert_eq!(after.totals.total, Ntd(3300));
    assert_eq!(after.lines[0].empties_expected, 3);
    // Taken off and put on again it is a new line.
    let after = save(&site, &after, Role::OfficeStaff, |order| order.lines.retain(|line| line.product_id == c16)).unwrap();
    let c20 = site.product("C20");
    let after = save(&site, &after, Role::OfficeStaff, |order| order.lines.push(NewLine::of(c20, 1))).unwrap();
    assert_eq!(after.lines[1].unit_price, Some(Ntd(900)));
}

#[test]
fn prices_and_large_discounts_are_a_managers_to_give_and_stay_when_a_clerk_changes_the_rest() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    let price = |amount| move |order: &mut NewOrder| order.lines[0].unit_price = Some(Ntd(amount));
    let discount = |percent| move |order: &mut NewOrder| order.lines[0].discount_percent = percent;
    let said = |error: Error| error.user_message().into_owned();
    assert_eq!(said(save(&site, &order, Role::OfficeStaff, price(800)).unwrap_err()), "改單價要經理才能做。");
    assert_eq!(said(save(&site, &order, Role::OfficeStaff, price(0)).unwrap_err()), "改單價要經理才能做。");
    assert_eq!(said(save(&site, &order, Role::OfficeStaff, discount(11)).unwrap_err()), "折扣超過 10% 要經理才能給。");
    assert_eq!(said(save(&site, &order, Role::Manager, discount(101)).unwrap_err()), "折扣要在 0 到 100 之間。");
    assert_eq!(said(save(&site, &order, Role::Manager, price(-1)).unwrap_err()), "單價要在 0 到 9,999,999 之間。");
    assert_eq!(said(save(&site, &order, Role::Manager, price(9_999_999)).unwrap_err()), "金額太大，一張單最多 NT$9,999,999。");
    let order = save(&site, &order, Role::Manager, price(800)).unwrap();
    let order = save(&site, &order, Role::Manager, discount(20)).unwrap();
    assert_eq!((order.lines[0].list_price, order.totals.total), (Some(Ntd(850)), Ntd(1280)));
    let order = save(&site, &order, Role::OfficeStaff, |order| order.lines[0].qty = 1).unwrap();
    assert_eq!(order.totals.total, Ntd(640));
    assert_eq!(save(&site, &order, Role::Manager, price(0)).unwrap().totals.total, Ntd(0));
}

#[test]
fn a_day_is_only_asked_about_when_it_moves() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    site.wait_minutes(60 * 24);
    let late = save(&site, &order, Role::OfficeStaff, |order| order.notes = Some("昨天沒送".to_owned())).unwrap();
    let moved = |to: &'static str| move |order: &mut NewOrder| order.scheduled_on = day(to);
    for to in ["2025-05-27", "2025-06-29"] {
        assert_eq!(save(&site, &late, Role::OfficeStaff, moved(to)).unwrap_err().status(), 422, "{to}");
    }
    let late = save(&site, &late, Role::OfficeStaff, moved("2025-06-28")).unwrap();
    let late = save(&site, &late, Role::Manager, moved("2025-05-27")).unwrap();
    assert_eq!(save(&site, &late, Role::Manager, moved("2027-05-27")).unwrap_err().status(), 422);
}

#[test]
fn nothing_is_written_when_nothing_differs() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Assigned);
    let journal = site.order_entries();
    let same = save(&site, &order, Role::OfficeStaff, |order| order.lines[0].unit_price = None).unwrap();
    assert_eq!((same, site.order_entries()), (order, journal));
}

#[test]
fn a_pending_line_gets_its_price_when_there_is_one() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.order_at(customer, Status::Pending);
    assert_eq!(order.lines[0].unit_price, None);
    let order = save(&site, &order, Role::OfficeStaff, |order| order.lines[0].qty = 3).unwrap();
    let refused = site.app.db.write(|tx| act(tx, order.id, None, &Move::Confirm, site.actor(Role::OfficeStaff))).unwrap_err();
    assert_eq!(refused.user_message(), "20KG 還沒有價格，請經理填。");
    let priced = save(&site, &order, Role::Manager, |order| order.lines[0].unit_price = Some(Ntd(830))).unwrap();
    assert_eq!((priced.lines[0].unit_price, priced.totals.total), (Some(Ntd(830)), Ntd(2490)));
    let other = site.take_as(Role::OfficeStaff, &site.new_order(customer, &[("C20", 1)]), Status::Pending);
    site.add_price("C20", "2025-05-28", 850);
    let confirmed = site.app.db.write(|tx| act(tx, other.id, None, &Move::Confirm, site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!((confirmed.lines[0].unit_price, confirmed.totals.total), (Some(Ntd(850)), Ntd(850)));
    let confirmed = site.app.db.write(|tx| act(tx, priced.id, None, &Move::Confirm, site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!(confirmed.totals.total, Ntd(2490));
}

// On the page.

/// What a browser sends of the form it was shown, with some of it typed anew.
fn sent(page: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let form = &page[page.find("<form class=\"panel order\"").unwrap()..];
    let action = form.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut pairs = form_on(form, action);
    for (name, value) in typed {
        let at = pairs.iter().position(|(have, _)| have == name);
        pairs.retain(|(have, _)| have != name);
        pairs.insert(at.unwrap_or(pairs.len()), (name.to_string(), value.to_string()));
    }
    pairs
}

fn post(browser: &Browser, target: &str, form: &[(String, String)]) -> Answer {
    let pairs: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| *name != "csrf").collect();
    browser.post(target, &pairs)
}

#[test]
fn the_form_sent_as_it_was_drawn_changes_nothing() {
    let (site, customer) = shop();
    for status in [Status::Pending, Status::Confirmed, Status::Assigned, Status::InDelivery] {
        let order = site.order_at(customer, status);
        let mut order = save(&site, &order, Role::Manager, |order| order.notes = Some("第 <1> & \"2\" 個門\n按鈴".to_owned())).unwrap();
        if order.status == Status::Pending || order.status == Status::Confirmed {
            order = save(&site, &order, Role::Manager, |order| {
                order.lines[0].unit_price = Some(Ntd(800));
                order.lines[0].discount_percent = 15;
                order.is_urgent = true;
                order.surcharge = Ntd(50);
                order.surcharge_label = Some("三樓".to_owned());
                order.delivery_address = Some("範例市試行路 2 號".to_owned());
                order.contact_phone = Some("請打隔壁".to_owned());
                order.window = Window::hours(9, 11).unwrap();
                order.scheduled_on = day("2025-06-03");
            })
            .unwrap();
        }
        for browser in [site.hui(), site.lin()] {
            let url = format!("/orders/{}/edit", order.id);
            let page = browser.get(&url);
            page.check(200, "存檔");
            let answer = post(&browser, &url, &sent(&page.text(), &[]));
            assert_eq!(answer.status(), 303, "{status:?}: {}", answer.text());
            assert_eq!(site.order(order.id), order, "{status:?}");
        }
    }
}

#[test]
fn two_clerks_on_one_order_lose_nothing() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    let (hui, lin) = (site.hui(), site.lin());
    let url = format!("/orders/{}/edit", order.id);
    let (hers, his) = (hui.get(&url).text(), lin.get(&url).text());
    assert_eq!(post(&lin, &url, &sent(&his, &[("qty", "3"), ("notes", "後門")])).status(), 303);
    let after = site.order(order.id);

    let hers = sent(&hers, &[("notes", "要收據"), ("window", "08:00-12:00")]);
    let answer = post(&hui, &url, &hers);
    answer.check(409, "林經理 今天 10:22 先改了這張單，你的還沒存。").check(409, "沒有改").check(409, "要收據").check(409, "後門");
    assert_eq!(site.order(order.id), after, "nothing is overwritten");

    // The form now holds what she typed over what is: sent again, both are kept, and her note.
    let again = sent(&answer.text(), &[]);
    assert_eq!(post(&hui, &url, &again).status(), 303);
    let merged = site.order(order.id);
    assert_eq!((merged.lines[0].qty, merged.notes.as_deref(), merged.window), (3, Some("要收據"), Window::MORNING));
    // What cannot be read is mended first, and the conflict is told then: the form still stands on what it was drawn from.
    let wrong = post(&hui, &url, &sent(&hui.get(&url).text(), &[("version", "1"), ("qty", "兩")]));
    wrong.check(422, "name=\"version\" value=\"1\"");
    // The same once more is no conflict: it stands there.
    assert_eq!(post(&hui, &url, &again).status(), 303);
    assert_eq!(site.order(order.id), merged);

    // The order went on meanwhile.
    let old = sent(&hui.get(&url).text(), &[("notes", "快一點")]);
    let step = |step| site.app.db.write(|tx| act(tx, order.id, None, &step, site.actor(Role::Admin))).unwrap();
    step(Move::Assign(luckygas::values::UserId(5)));
    post(&hui, &url, &old).check(409, "已經派給司機了，只能改日期、時段、數量和備註。");
    step(Move::Start { note: Some("代".to_owned()) });
    post(&hui, &url, &old).check(409, "車已經出去了，只能改備註。");
    step(Move::Cancel { reason: luckygas::orders::CancelReason::Other, note: Some("不要了".to_owned()) });
    let cancelled = site.order(order.id);
    post(&hui, &url, &old).check(409, "這張單已取消，不能再改。");
    hui.get(&url).check(409, "這張單已取消，不能再改。");
    assert_eq!(site.order(order.id), cancelled);
}

#[test]
fn what_is_wrong_in_the_form_is_told_where_it_is() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    let (hui, url) = (site.hui(), format!("/orders/{}/edit", order.id));
    let page = hui.get(&url).text();
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[("qty", "101")], "數量要在 1 到 100 之間。"),
        (&[("qty", "0")], "還沒選品項。"),
        (&[("qty", "兩")], "數量要在 1 到 100 之間。"),
        (&[("discount", "11")], "折扣超過 10% 要經理才能給。"),
        (&[("price", "1")], "改單價要經理才能做。"),
        (&[("day", "other"), ("day_text", "2/30")], "沒有 2/30 這一天。"),
        (&[("day", "other"), ("day_text", "5/27")], "已經過了"),
        (&[("window", "other"), ("window_text", "11-9")], "看不懂這個時段"),
        (&[("surcharge", "很多")], "加價要是整數"),
        (&[("contact_phone", "0900-00-213")], "手機要 10 碼"),
    ];
    for (typed, say) in cases {
        let answer = post(&hui, &url, &sent(&page, typed));
        answer.check(422, say);
        assert_eq!(answer.text().matches("autofocus").count(), 1, "{say}: the caret stands in one place");
        assert_eq!(site.order(order.id), order, "{say}");
    }
    hui.post(&url, &[("notes", "x")]).check(400, "看不懂");
    hui.get("/orders/99/edit").check(404, "找不到訂單 99。");
    site.ming().get(&url).check(403, "你沒有這項權限");
    site.chen().get(&url).check(403, "你沒有這項權限");
}

#[test]
fn a_change_of_day_asks_once_what_is_to_be_minded() {
    let site = Site::open();
    site.add_prices();
    // Thursday 29 May is closed.
    let customer = site.customer("1000017", "好味小吃", |details| details.closed.weekdays = 0b000_1000);
    let order = site.order_at(customer, Status::Confirmed);
    let (hui, url) = (site.hui(), format!("/orders/{}/edit", order.id));
    let page = hui.get(&url).text();
    assert_eq!(post(&hui, &url, &sent(&page, &[("notes", "只改備註")])).status(), 303, "a note asks nothing");
    let page = hui.get(&url).text();
    let asked = post(&hui, &url, &sent(&page, &[("day", "2025-05-29")]));
    asked.check(422, "公休").check(422, "還沒存。");
    assert_eq!(post(&hui, &url, &sent(&asked.text(), &[])).status(), 303);
    assert_eq!(site.order(order.id).scheduled_on, day("2025-05-29"));
}

#[test]
fn becoming_urgent_costs_what_urgency_costs_and_back() {
    let (site, customer) = shop();
    site.app.db.write(|tx| luckygas::settings::set(tx, "urgent_surcharge", "200")).unwrap();
    site.app.reload_settings().unwrap();
    let order = site.order_at(customer, Status::Confirmed);
    let (hui, url) = (site.hui(), format!("/orders/{}/edit", order.id));
    assert_eq!(post(&hui, &url, &sent(&hui.get(&url).text(), &[("is_urgent", "1")])).status(), 303);
    let urgent = site.order(order.id);
    assert_eq!((urgent.totals.surcharge, urgent.surcharge_label.as_deref()), (Ntd(200), Some("急件")));
    assert_eq!(post(&hui, &url, &sent(&hui.get(&url).text(), &[("is_urgent", "")])).status(), 303);
    let calm = site.order(order.id);
    assert_eq!((calm.totals.surcharge, calm.surcharge_label.as_deref(), calm.totals.total), (Ntd(0), None, order.totals.total));
}

#[test]
fn the_draft_of_a_change_reckons_with_the_price_it_was_taken_at() {
    let (site, customer) = shop();
    let order = site.order_at(customer, Status::Confirmed);
    site.add_price("C20", "2025-05-20", 900);
    let query = format!(
        "/orders/draft?order={}&customer={customer}&product=2&qty=3&discount=&price=&day=2025-05-28&window=12:00-17:00&payment=cash",
        order.id
    );
    site.hui().get(&query).check(200, "NT$2,550");
    site.hui().get("/orders/draft?order=x").check(400, "看不懂");
    site.hui().get("/orders/draft?order=99").check(404, "找不到訂單 99。");
}
