//! The driver's pages: what is shown and what never, who is let in, and each act once however often it is sent.

mod support;

use luckygas::http::request::Method;
use luckygas::orders::{NewOrder, Order, Payment};
use luckygas::routes::plan;
use luckygas::routes::steps::Move;
use luckygas::routes::{Route, Status, Stop, StopStatus};
use luckygas::users::{Role, session};
use luckygas::values::{CustomerId, Ntd, UserId};
use support::form::{form_on, type_over};
use support::routes::MING;
use support::{Answer, Browser, Site};

/// A customer with an address, a number, and a note for whoever comes.
fn customer(site: &Site, code: &str, name: &str) -> CustomerId {
    site.customer(code, name, |details| {
        details.address = Some(format!("範例市樣本街 {code} 號"));
        details.access_note = Some("鐵門左邊按鈴".to_owned());
        details.tax_id = None;
        details.phones = vec![Site::number("0900-000-715")];
    })
}

/// Two stops of 阿明 that run: 2 × 20 kg in cash, 1 × 50 kg on account.
fn day(site: &Site) -> (Route, Vec<Stop>) {
    site.add_prices();
    let orders = [
        site.take(customer(site, "1999001", "白露便當"), &[("C20", 2)]),
        site.take_as(Role::OfficeStaff, &monthly(site, customer(site, "1999002", "夏至快炒")), luckygas::orders::Status::Confirmed),
    ];
    let route = site.running(MING, &orders.map(|order| order.id));
    let stops = stops(site, &route);
    (route, stops)
}

fn monthly(site: &Site, customer: CustomerId) -> NewOrder {
    NewOrder { payment: Payment::Monthly, ..site.new_order(customer, &[("C50", 1)]) }
}

fn stops(site: &Site, route: &Route) -> Vec<Stop> {
    site.app.db.read(|conn| luckygas::routes::store::stops_of(conn, route.id)).unwrap()
}

fn stop(site: &Site, stop: &Stop) -> Stop {
    site.app.db.read(|conn| luckygas::routes::store::stop(conn, stop.id)).unwrap()
}

fn page(stop: &Stop) -> String {
    format!("/driver/stops/{}", stop.id)
}

/// Sends the form of `from` that goes to `action`, with `typed` over what stands in it.
fn send(browser: &Browser, from: &str, action: &str, typed: &[(&str, &str)]) -> Answer {
    let mut form = form_on(&browser.get(from).text(), action);
    for (name, value) in typed {
        match form.iter().any(|(have, _)| have == name) {
            true => type_over(&mut form, name, value),
            false => form.push((name.to_string(), value.to_string())),
        }
    }
    post(browser, action, &form)
}

fn post(browser: &Browser, action: &str, form: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> =
        form.iter().filter(|(name, _)| name != "csrf").map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &pairs)
}

fn complete(browser: &Browser, stop: &Stop, typed: &[(&str, &str)]) -> Answer {
    send(browser, &page(stop), &format!("{}/complete", page(stop)), typed)
}

fn sign_in_as(site: &Site, user: UserId) -> Browser<'_> {
    let token = site.app.db.write(|tx| session::start(tx, user, Role::Driver, "手機", site.app.now())).unwrap();
    Browser { site, token: Some(token) }
}

fn order_of(site: &Site, stop: &Stop) -> Order {
    site.order(stop.order_id)
}

#[test]
fn a_driver_begins_on_his_routes_and_the_office_does_not() {
    let site = Site::open();
    assert_eq!(site.ming().get("/").location(), "/driver");
    site.ming().get("/driver").check(200, "今天還沒有你的路線");
    for role in [Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff] {
        assert_eq!(site.role(role).get("/").status(), 200, "{role:?}");
        assert_eq!(site.role(role).get("/driver").status(), 403, "{role:?}");
    }
}

#[test]
fn one_route_opens_at_once_and_several_are_picked_from() {
    let site = Site::open();
    let (route, _) = day(&site);
    assert_eq!(site.ming().get("/driver").location(), format!("/driver/routes/{}", route.id));
    site.ming().get("/driver?all=1").check(200, "我的路線");
    let later = site.take(customer(&site, "1999003", "小雪火鍋"), &[("C16", 1)]);
    site.published(MING, &[later.id]);
    let text = site.ming().get("/driver").check(200, "還沒出發").text();
    assert!(text.contains("剩 2 站"), "{text}");
}

#[test]
fn a_draft_is_nobodys_yet() {
    let site = Site::open();
    site.add_prices();
    let order = site.take(customer(&site, "1999001", "白露便當"), &[("C20", 2)]);
    let route = site.draft(Some(MING), Some(site.another_truck()));
    site.put(route.id, &[order.id]);
    site.ming().get("/driver").check(200, "今天還沒有你的路線");
    assert_eq!(site.ming().get(&format!("/driver/routes/{}", route.id)).status(), 404);
    assert_eq!(site.ming().get(&page(&stops(&site, &route)[0])).status(), 404);
}

#[test]
fn what_was_left_open_yesterday_stands_in_red() {
    let site = Site::open();
    let (_, _) = day(&site);
    site.wait_minutes(24 * 60);
    let text = site.ming().get("/driver?all=1").check(200, "05/28 (三) 的，還沒收工").text();
    assert!(text.contains("class=\"left\""), "{text}");
}

#[test]
fn another_drivers_route_is_not_found() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let ade = sign_in_as(&site, site.add_driver("ade", "阿德"));
    let action = [("action_id", "12345678"), ("reason", "absent"), ("proof", "老客戶")];
    for url in
        [format!("/driver/routes/{}", route.id), page(&stops[0]), format!("{}/fail", page(&stops[0])), format!("{}/due", page(&stops[0]))]
    {
        assert_eq!(ade.get(&url).status(), 404, "{url}");
    }
    for verb in ["arrive", "complete", "fail", "undo"] {
        assert_eq!(ade.post(&format!("{}/{verb}", page(&stops[0])), &action).status(), 404, "{verb}");
    }
    for verb in ["start", "finish"] {
        assert_eq!(ade.post(&format!("/driver/routes/{}/{verb}", route.id), &action).status(), 404, "{verb}");
    }
    assert_eq!(stop(&site, &stops[0]), stops[0]);
}

#[test]
fn whoever_helps_sees_and_acts_like_the_driver() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let ade = site.add_driver("ade", "阿德");
    let crew = |tx: &rusqlite::Transaction| Ok(tx.execute("UPDATE routes SET crew2_id = ?1 WHERE id = ?2", [ade.0, route.id.0]).unwrap());
    site.app.db.write(crew).unwrap();
    let ade = sign_in_as(&site, ade);
    ade.get(&format!("/driver/routes/{}", route.id)).check(200, "白露便當");
    assert_eq!(complete(&ade, &stops[0], &[("proof", "老客戶")]).status(), 303);
    assert_eq!(stop(&site, &stops[0]).status, StopStatus::Completed);
}

#[test]
fn a_stop_shows_what_it_needs_and_nothing_of_the_rest() {
    let site = Site::open();
    let (route, stops) = day(&site);
    site.app
        .db
        .write(|tx| {
            Ok(tx.execute("UPDATE customers SET tax_id = '04595257', invoice_title = '白露有限公司', notes = '欠過錢'", []).unwrap())
        })
        .unwrap();
    let text = site.ming().get(&page(&stops[0])).check(200, "白露便當").text();
    for there in ["範例市樣本街 1999001 號", "鐵門左邊按鈴", "tel:0900000715", "geo:0,0?q=%E7%AF%84", "NT$1,700", "20KG"] {
        assert!(text.contains(there), "{there}: {text}");
    }
    let all = format!("{text}{}{}", site.ming().get(&format!("/driver/routes/{}", route.id)).text(), site.ming().get("/driver/day").text());
    for never in ["04595257", "白露有限公司", "欠過錢", "額度", "餘額"] {
        assert!(!all.contains(never), "{never}");
    }
    assert!(!text.contains("夏至快炒"), "another customer stands on the page of a stop");
    let account = site.ming().get(&page(&stops[1])).check(200, "月結，不收錢").text();
    assert!(!account.contains("NT$2,000"), "what is on account is not the driver's to collect");
}

#[test]
fn a_route_starts_as_planned_or_as_counted() {
    let site = Site::open();
    site.add_prices();
    for (typed, loaded) in [(vec![], 2), (vec![("load", "3")], 3)] {
        let order = site.take(customer(&site, &format!("199900{loaded}"), "白露便當"), &[("C20", 2)]);
        let route = site.published(MING, &[order.id]);
        let url = format!("/driver/routes/{}", route.id);
        let text = site.ming().get(&url).check(200, "出發").text();
        assert!(!text.contains("我到了"), "{text}");
        let field = format!("load.{}", site.product("C20"));
        let typed: Vec<(&str, &str)> = typed.iter().map(|(_, value)| (field.as_str(), *value)).collect();
        assert_eq!(send(&site.ming(), &url, &format!("{url}/start"), &typed).location(), url);
        site.ming().get(&url).check(200, "我到了");
        let on_truck = site.app.db.read(|conn| luckygas::cylinders::store::loaded(conn, route.id)).unwrap();
        assert_eq!(on_truck.get(&site.product("C20")), Some(&loaded));
        complete(&site.ming(), &stops(&site, &route)[0], &[("proof", "老客戶")]);
        send(&site.ming(), "/driver/day", &format!("{url}/finish"), &[]);
        assert_eq!(site.route(route.id).status, Status::Completed);
    }
}

#[test]
fn one_route_at_a_time() {
    let site = Site::open();
    let (_, _) = day(&site);
    let order = site.take(customer(&site, "1999009", "大雪冰店"), &[("C16", 1)]);
    let second = site.published(MING, &[order.id]);
    let url = format!("/driver/routes/{}", second.id);
    send(&site.ming(), &url, &format!("{url}/start"), &[]).check(409, "出發");
    assert_eq!(site.route(second.id).status, Status::Published);
}

#[test]
fn a_normal_stop_is_three_taps() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let url = format!("/driver/routes/{}", route.id);
    assert_eq!(send(&site.ming(), &url, &format!("{}/arrive", page(&stops[0])), &[]).location(), page(&stops[0]));
    assert_eq!(stop(&site, &stops[0]).status, StopStatus::Arrived);
    site.ming().get(&url).check(200, "到了，填這一站");
    assert_eq!(complete(&site.ming(), &stops[0], &[("proof", "老客戶")]).location(), url);
    let done = stop(&site, &stops[0]);
    assert_eq!((done.status, done.cash, done.no_proof.as_deref()), (StopStatus::Completed, Some(Ntd(1_700)), Some("老客戶")));
    let line = order_of(&site, &stops[0]).lines[0].delivered.unwrap();
    assert_eq!((line.qty, line.empties), (2, 2));
    let text = site.ming().get(&url).check(200, "剩 ").text();
    assert!(text.contains("✓ ") && text.contains("復原"), "{text}");
}

#[test]
fn what_is_typed_is_what_is_recorded() {
    let site = Site::open();
    let (_, stops) = day(&site);
    let typed =
        [("qty.1", "１"), ("empties.1", "0"), ("cash_handed", "1000"), ("proof", "other"), ("recipient", "王小姐"), ("note", "下次走後門")];
    assert_eq!(complete(&site.ming(), &stops[0], &typed).status(), 303);
    let done = stop(&site, &stops[0]);
    assert_eq!((done.cash_due, done.cash_handed, done.cash), (Some(Ntd(850)), Some(Ntd(1_000)), Some(Ntd(850))));
    assert_eq!((done.recipient.as_deref(), done.note.as_deref(), done.no_proof), (Some("王小姐"), Some("下次走後門"), None));
    let text = site.ming().get(&page(&stops[0])).check(200, "送完").text();
    assert!(text.contains("放下 1，收回 0") && text.contains("NT$850") && text.contains("王小姐"), "{text}");
}

#[test]
fn what_is_asked_for_follows_the_pieces_without_script_too() {
    let site = Site::open();
    let (_, stops) = day(&site);
    assert_eq!(site.ming().get(&format!("{}/due?qty.1=1&empties.1=1", page(&stops[0]))).text(), "850");
    assert_eq!(site.ming().get(&format!("{}/due?qty.1=1", page(&stops[1]))).text(), "");
    // Nobody touched the money: it is what the pieces come to.
    complete(&site.ming(), &stops[0], &[("qty.1", "3"), ("proof", "老客戶")]);
    assert_eq!(stop(&site, &stops[0]).cash, Some(Ntd(2_550)));
}

#[test]
fn a_form_with_problems_comes_back_as_it_was_typed() {
    let site = Site::open();
    let (_, stops) = day(&site);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("qty.1", "兩桶"), ("proof", "老客戶")], "數量要是數字。"),
        (&[("residual.1", "很多"), ("proof", "老客戶")], "殘氣要是公斤數"),
        (&[("residual.1", "99"), ("proof", "老客戶")], "退氣不能比收回的桶還重。"),
        (&[("cash_handed", "一千"), ("proof", "老客戶")], "收到的錢要是數字。"),
        (&[("qty.1", "0"), ("proof", "老客戶")], "什麼都沒留下的，請記沒送成。"),
        (&[("empties.1", "1")], "簽名、拍照，或點一個原因。"),
        (&[("empties.1", "1"), ("proof", "other")], "簽名、拍照，或點一個原因。"),
        (&[("signature", "0123"), ("proof", "老客戶")], "照片要先傳"),
    ];
    for (typed, says) in cases {
        let answer = complete(&site.ming(), &stops[0], typed);
        let text = answer.check(422, says).text();
        for (name, value) in typed.iter().filter(|(name, _)| *name != "proof") {
            assert!(text.contains(&format!("name=\"{name}\"")) && text.contains(&format!("value=\"{value}\"")), "{name} {value}: {text}");
        }
        assert_eq!(stop(&site, &stops[0]), stops[0]);
    }
    let fail = format!("{}/fail", page(&stops[0]));
    send(&site.ming(), &fail, &fail, &[("note", "下午三點後在")]).check(422, "請選一個原因。").check(422, "下午三點後在");
    send(&site.ming(), &fail, &fail, &[("reason", "other")]).check(422, "一句原因");
}

/// A picture that is one, but not worth looking at.
fn jpeg(site: &Site) -> std::path::PathBuf {
    let path = site.folder.0.join("door.jpg");
    let start_of_frame = [0xFF, 0xC0, 0, 11, 8, 0x02, 0x58, 0x03, 0x20, 1, 1, 0x11, 0];
    std::fs::write(&path, [&[0xFF, 0xD8][..], &start_of_frame, &[0xFF, 0xD9]].concat()).unwrap();
    path
}

#[test]
fn without_script_the_picture_comes_with_the_form() {
    let site = Site::open();
    let (_, stops) = day(&site);
    for (stop, url, more) in [
        (&stops[0], format!("{}/complete", page(&stops[0])), ("qty.1", "2")),
        (&stops[1], format!("{}/fail", page(&stops[1])), ("reason", "absent")),
    ] {
        let ming = site.ming();
        let from = if more.0 == "reason" { url.clone() } else { page(stop) };
        let mut form = form_on(&ming.get(&from).text(), &url);
        match form.iter().any(|(name, _)| name == more.0) {
            true => type_over(&mut form, more.0, more.1),
            false => form.push((more.0.to_owned(), more.1.to_owned())),
        }
        let answer = ming.upload_with(&url, &form, "photo_file", &jpeg(&site));
        assert_eq!(answer.status(), 303, "{}", answer.text());
        let sha = self::stop(&site, stop).photo.unwrap();
        assert_eq!(ming.get(&format!("/photos/{sha}")).status(), 200);
    }
}

#[test]
fn a_picture_that_is_none_is_said_to_be_so_and_the_form_stays() {
    let site = Site::open();
    let (_, stops) = day(&site);
    let url = format!("{}/complete", page(&stops[0]));
    let ming = site.ming();
    let mut form = form_on(&ming.get(&page(&stops[0])).text(), &url);
    type_over(&mut form, "empties.1", "1");
    let path = site.folder.0.join("door.txt");
    std::fs::write(&path, "門").unwrap();
    let answer = ming.upload_with(&url, &form, "photo_file", &path);
    answer.check(422, "這不是照片").check(422, "value=\"1\"");
    assert_eq!(stop(&site, &stops[0]), stops[0]);
}

#[test]
fn pressed_twice_it_is_done_once() {
    let site = Site::open();
    let (_, stops) = day(&site);
    let action = format!("{}/complete", page(&stops[0]));
    let mut form = form_on(&site.ming().get(&page(&stops[0])).text(), &action);
    form.push(("proof".to_owned(), "老客戶".to_owned()));
    let answers = [post(&site.ming(), &action, &form), post(&site.ming(), &action, &form)];
    assert_eq!(answers[0].location(), answers[1].location());
    assert_eq!(answers[0].response.header("Set-Cookie"), answers[1].response.header("Set-Cookie"));
    let payments = site.app.db.read(|conn| luckygas::payments::store::of_stop(conn, stops[0].id)).unwrap();
    assert_eq!(payments.len(), 1);
    site.check_file();
}

#[test]
fn he_comes_back_with_it_and_says_why() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let fail = format!("{}/fail", page(&stops[0]));
    let text = site.ming().get(&fail).check(200, "沒送成：為什麼？").text();
    for reason in ["客戶不在", "拒收", "地址錯誤", "無法進入", "付款問題", "車輛問題", "其他"] {
        assert!(text.contains(reason), "{reason}");
    }
    assert_eq!(send(&site.ming(), &fail, &fail, &[("reason", "absent")]).location(), format!("/driver/routes/{}", route.id));
    assert_eq!(stop(&site, &stops[0]).status, StopStatus::Failed);
    site.ming().get(&format!("/driver/routes/{}", route.id)).check(200, "客戶不在");
    assert_eq!(site.ming().get(&fail).location(), page(&stops[0]));
}

#[test]
fn what_is_taken_back_comes_up_as_it_was_sent() {
    let site = Site::open();
    let (route, stops) = day(&site);
    complete(
        &site.ming(),
        &stops[0],
        &[("qty.1", "1"), ("residual.1", "3.5"), ("cash_handed", "1000"), ("proof", "放門口"), ("empties.1", "1")],
    );
    let undo = format!("{}/undo", page(&stops[0]));
    let url = format!("/driver/routes/{}", route.id);
    assert_eq!(send(&site.ming(), &url, &undo, &[]).location(), page(&stops[0]));
    assert!(stop(&site, &stops[0]).status.is_open());
    let form = form_on(&site.ming().get(&page(&stops[0])).text(), &format!("{}/complete", page(&stops[0])));
    let have = |name: &str| form.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str());
    let want = [("qty.1", "1"), ("empties.1", "1"), ("residual.1", "3.5"), ("cash_handed", "1000"), ("proof", "放門口")];
    for (name, value) in want {
        assert_eq!(have(name), Some(value), "{name}");
    }
    // Ten minutes later there is no way back, and no button that says so.
    complete(&site.ming(), &stops[0], &[]);
    site.wait_minutes(11);
    assert!(!site.ming().get(&url).text().contains("復原"));
    assert!(!site.ming().get(&page(&stops[0])).text().contains("復原"));
    let late = site.ming().post(&undo, &[("action_id", "too-late-1")]);
    late.check(409, "十分鐘");
}

#[test]
fn the_last_stop_is_taken_back_too_though_the_route_is_over_with_it() {
    let site = Site::open();
    let (route, stops) = day(&site);
    for stop in &stops {
        complete(&site.ming(), stop, &[("proof", "老客戶")]);
    }
    let url = format!("/driver/routes/{}", route.id);
    assert_eq!(site.route(route.id).status, Status::Completed);
    site.ming().get(&url).check(200, "每一站都有結果了。").check(200, "收工");
    assert_eq!(send(&site.ming(), &url, &format!("{}/undo", page(&stops[1])), &[]).location(), page(&stops[1]));
    assert_eq!(site.route(route.id).status, Status::InProgress);
    site.ming().get(&page(&stops[1])).check(200, "完成");
}

#[test]
fn an_order_changed_meanwhile_is_looked_at_again() {
    let site = Site::open();
    site.add_prices();
    let order = site.take(customer(&site, "1999001", "白露便當"), &[("C20", 2)]);
    let route = site.published(MING, &[order.id]);
    site.route_step(route.id, &Move::Start { loaded: None, note: None });
    let stop = stops(&site, &route)[0].clone();
    let action = format!("{}/complete", page(&stop));
    let mut form = form_on(&site.ming().get(&page(&stop)).text(), &action);
    form.push(("proof".to_owned(), "老客戶".to_owned()));
    type_over(&mut form, "product", &site.product("C16").to_string());
    post(&site.ming(), &action, &form).check(422, "辦公室剛改了這張單");
}

#[test]
fn a_stop_the_office_took_off_is_said_to_be_gone() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let action = format!("{}/complete", page(&stops[0]));
    let mut form = form_on(&site.ming().get(&page(&stops[0])).text(), &action);
    form.push(("proof".to_owned(), "老客戶".to_owned()));
    site.app.db.write(|tx| plan::take_off(tx, &[stops[0].id], site.actor(Role::Manager))).unwrap();
    site.ming().get(&page(&stops[0])).check(200, "辦公室移走了");
    let text = site.ming().get(&format!("/driver/routes/{}", route.id)).text();
    assert!(!text.contains("白露便當") && text.contains("共 1 站"), "{text}");
    // What he had done all the same is a fact and kept for the office.
    assert_eq!(post(&site.ming(), &action, &form).status(), 303);
    let kept: i64 = site
        .app
        .db
        .read(|conn| Ok(conn.query_row("SELECT count(*) FROM driver_acts WHERE outcome = 'conflict'", [], |row| row.get(0)).unwrap()))
        .unwrap();
    assert_eq!(kept, 1);
}

#[test]
fn the_day_adds_up_and_ends() {
    let site = Site::open();
    let (route, stops) = day(&site);
    let url = "/driver/day";
    site.ming().get(url).check(200, "還有 2 站沒有結果");
    complete(&site.ming(), &stops[0], &[("proof", "老客戶"), ("empties.1", "1")]);
    let fail = format!("{}/fail", page(&stops[1]));
    send(&site.ming(), &fail, &fail, &[("reason", "refused")]);
    let text = site.ming().get(url).check(200, "收工").text();
    assert!(text.contains("NT$1,700") && text.contains("20KG"), "{text}");
    // On the truck: the 50 kg one that was refused, and one empty. One short is a difference, and needs a word.
    let finish = format!("/driver/routes/{}/finish", route.id);
    let full = format!("full.{}", site.product("C50"));
    send(&site.ming(), url, &finish, &[(&full, "0")]).check(422, "要寫一句原因");
    assert_eq!(site.route(route.id).odometer_end_km, None);
    send(&site.ming(), url, &finish, &[("odometer_end_km", "很多")]).check(422, "里程要是數字。");
    let mut form = form_on(&site.ming().get(url).text(), &finish);
    type_over(&mut form, "odometer_end_km", "123456");
    assert_eq!(post(&site.ming(), &finish, &form).location(), url);
    assert_eq!((site.route(route.id).status, site.route(route.id).odometer_end_km), (Status::Completed, Some(123_456)));
    assert_eq!(post(&site.ming(), &finish, &form).location(), url, "sent twice");
    for settled in [url, &format!("/driver/routes/{}", route.id), &page(&stops[0])] {
        let text = site.ming().get(settled).text();
        assert!(!text.contains("復原") && !text.contains(">收工<"), "{settled}: {text}");
    }
    let place = luckygas::cylinders::Place::Vehicle(route.vehicle_id.unwrap());
    assert_eq!(site.app.db.read(|conn| luckygas::cylinders::store::balances(conn, place)).unwrap(), []);
    site.check_file();
}

#[test]
fn the_phone_installs_it_from_its_manifest() {
    let site = Site::open();
    let text = site.ming().get("/driver").text();
    assert!(text.contains("rel=\"manifest\"") && text.contains("theme-color"), "{text}");
    let answer = site.nobody().send(Method::Get, "/assets/driver.webmanifest", "", Vec::new());
    assert_eq!((answer.status(), answer.json()["start_url"].as_str()), (200, Some("/driver")));
    for icon in answer.json()["icons"].as_array().unwrap() {
        assert_eq!(site.nobody().send(Method::Get, icon["src"].as_str().unwrap(), "", Vec::new()).status(), 200);
    }
    let policy = site.ming().get("/driver").response.header("Content-Security-Policy").unwrap().to_owned();
    assert!(policy.contains("manifest-src 'self'"), "{policy}");
}
