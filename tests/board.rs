//! The dispatch board: what stands on it, and what is done on it.

mod support;

use luckygas::board::{self, Board, Card, Counts, Key};
use luckygas::orders::steps::{Handed, Move as OrderMove};
use luckygas::orders::{FailReason, Origin, Status as OrderStatus};
use luckygas::routes::by_order;
use luckygas::routes::{Status, StopStatus};
use luckygas::users::Role;
use luckygas::values::{OrderId, UserId, Window};
use support::routes::MING;
use support::{Answer, Browser, Site};

/// A shop with a second driver.
fn shop() -> (Site, UserId) {
    let site = Site::open();
    site.add_prices();
    let ade = site.add_driver("ade", "阿德");
    (site, ade)
}

/// Orders of today in `area`, each a customer of its own.
fn orders(site: &Site, area: &str, count: usize) -> Vec<OrderId> {
    (0..count)
        .map(|_| {
            let next: i64 =
                site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM customers", [], |row| row.get(0)).unwrap())).unwrap();
            let customer = site.customer(&format!("{}", 1_000_000 + next), &format!("客戶{next}"), |details| {
                details.area = Some(area.to_owned());
                details.address = Some(format!("示範路 {next} 號"));
            });
            site.take(customer, &[("C20", 1)]).id
        })
        .collect()
}

fn today(site: &Site) -> Board {
    let now = site.app.now();
    site.app.db.read(|conn| board::store::day(&site.app, conn, now.day(), now)).unwrap()
}

fn free(site: &Site) -> Vec<OrderId> {
    today(site).free.iter().map(|card| card.order).collect()
}

/// The open stops of a driver today, in their order.
fn lane(site: &Site, driver: UserId) -> Vec<OrderId> {
    let board = today(site);
    let lane = board.lanes.iter().find(|lane| lane.driver == Some(driver)).unwrap();
    lane.cards().filter(|card| card.is_open()).map(|card| card.order).collect()
}

/// The card of an order as the board shows it.
fn card(site: &Site, order: OrderId) -> Card {
    let board = today(site);
    let on_routes = board.lanes.iter().flat_map(|lane| lane.cards()).find(|card| card.order == order && card.is_open());
    on_routes.or_else(|| board.free.iter().find(|card| card.order == order)).unwrap().clone()
}

fn seen(site: &Site, order: OrderId) -> String {
    card(site, order).seen().to_string()
}

fn send(hui: &Browser, cards: &[String], driver: UserId) -> Answer {
    let driver = driver.to_string();
    let mut form: Vec<(&str, &str)> = cards.iter().map(|card| ("card", card.as_str())).collect();
    form.push(("driver", &driver));
    hui.post("/board/assign", &form)
}

/// What the notice of an answer says.
fn notice(answer: &Answer) -> String {
    let cookie = answer.response.header("Set-Cookie").unwrap_or_default();
    percent_encoding::percent_decode_str(cookie).decode_utf8().unwrap().into_owned()
}

fn deliver(site: &Site, id: OrderId) {
    let order = site.order(id);
    let handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&order) };
    site.app.db.write(|tx| by_order::act(tx, &order, None, None, &OrderMove::Deliver(handed), site.actor(Role::Driver))).unwrap();
}

fn fail(site: &Site, id: OrderId) {
    let step = OrderMove::Fail { reason: FailReason::Absent, note: None };
    site.app.db.write(|tx| by_order::act(tx, &site.order(id), None, None, &step, site.actor(Role::Driver))).unwrap();
}

#[test]
fn every_confirmed_order_of_the_day_stands_on_it_once() {
    let (site, ade) = shop();
    let (a, b) = (orders(&site, "A-甲區", 5), orders(&site, "B-乙區", 3));
    site.running(MING, &a[..3]);
    let draft = site.draft(Some(ade), None);
    site.put(draft.id, &b[..2]);
    deliver(&site, a[0]);
    fail(&site, a[1]);
    let board = today(&site);
    assert_eq!(board.counts(), Counts { total: 8 + 1, done: 1, failed: 1, on_the_way: 1, planned: 2, free: 4, late: 0 });
    // The failed one waits again, beside what nobody had.
    assert_eq!(free(&site), [a[1], a[3], a[4], b[2]]);
    assert_eq!(card(&site, a[1]).attempts, 1);
    let lanes: Vec<_> = board.lanes.iter().map(|lane| (lane.digit, lane.name.as_str(), lane.done(), lane.cards().count())).collect();
    assert_eq!(lanes, [(Some(1), "阿明", 1, 3), (Some(2), "阿德", 0, 2)]);

    let answer = site.hui().get("/board");
    let page = answer.text();
    answer.check(200, "9 站：已送 1、<b class=\"minus\">失敗 1</b>、路上 1、排好 2、<b>未派 4</b>");
    for says in ["A-甲區", "B-乙區", "✓ 已送 1 站", "不在", "1/3", "進行中", "02 全天"] {
        assert!(page.contains(says), "{says}");
    }
    // The failed one above, then where he goes next.
    let (failed, current) = (page.find("stop failed").unwrap(), page.find("stop current").unwrap());
    assert!(failed < current);
}

#[test]
fn what_is_left_of_other_days_is_told() {
    let (site, _) = shop();
    let left = orders(&site, "A-甲區", 2);
    let open = site.published(MING, &left[..1]);
    site.wait_minutes(24 * 60);
    let fresh = orders(&site, "A-甲區", 1);
    assert_eq!(free(&site), [left[1], fresh[0]]);
    let page = site.hui().get("/board").text();
    assert!(page.contains("之前的路線還沒收"), "{page}");
    assert!(page.contains(&format!("/routes/{}", open.id)) && page.contains("還有 1 站") && page.contains("05/28 (三) 的"));
    // Tomorrow's board is only about tomorrow, and yesterday's is only looked at.
    let tomorrow = site.hui().get("/board?date=tomorrow").text();
    assert!(tomorrow.contains("派遣　明天 05/30 (五)") && tomorrow.contains("這一天還沒有訂單") && !tomorrow.contains("還沒收"));
    let yesterday = site.hui().get("/board?date=2025-05-28").text();
    assert!(yesterday.contains("派遣　昨天 05/28 (三)") && !yesterday.contains("/board/assign"));
    site.hui().get("/board?date=nonsense").check(200, "派遣　05/29");
    let sent = [("card", seen(&site, fresh[0])), ("driver", MING.to_string()), ("date", "2025-05-28".to_owned())];
    let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.hui().post("/board/assign", &sent).check(409, "過去的日子只能看。");
}

#[test]
fn late_is_whoever_waits_longer_than_agreed() {
    let (site, _) = shop();
    let customer = site.customer("1999001", "客戶", |_| {});
    let other = site.customer("1999002", "別人", |_| {});
    let mut new = site.new_order(customer, &[("C20", 1)]);
    new.window = Window::hours(8, 11).unwrap();
    let early = site.take_as(Role::OfficeStaff, &new, OrderStatus::Confirmed);
    let later = site.take(other, &[("C20", 1)]);
    site.running(MING, &[early.id, later.id]);
    assert!(!card(&site, early.id).is_late, "10:22, he is there within the hour");
    site.wait_minutes(39);
    assert!(card(&site, early.id).is_late && !card(&site, later.id).is_late);
    site.hui().get("/board").check(200, "慢了 1");
    deliver(&site, early.id);
    assert_eq!(today(&site).counts().late, 0, "what is done is late no more");
}

#[test]
fn an_emergency_stands_above_all() {
    let (site, _) = shop();
    let a = orders(&site, "A-甲區", 2);
    let customer = site.customer("1999001", "漏氣的人", |details| details.area = Some("Z-遠區".to_owned()));
    let mut new = site.new_order(customer, &[("C20", 1)]);
    new.origin = Origin::Emergency;
    let leak = site.take_as(Role::OfficeStaff, &new, OrderStatus::Confirmed);
    assert_eq!(free(&site), [leak.id, a[0], a[1]]);
    site.running(MING, &[a[0], a[1], leak.id]);
    let page = site.hui().get("/board").text();
    let place = |name: &str| page.find(name).unwrap();
    assert!(place("漏氣的人") < place("客戶0") && page.contains("stop first"));
}

#[test]
fn a_silent_phone_is_told_of_while_he_is_on_his_way() {
    let (site, ade) = shop();
    let a = orders(&site, "A-甲區", 2);
    site.running(MING, &a[..1]);
    site.published(ade, &a[1..]);
    site.ming().get("/driver");
    site.wait_minutes(4);
    assert!(today(&site).lanes.iter().all(|lane| lane.silent_minutes.is_none()));
    site.wait_minutes(5);
    let silent: Vec<_> = today(&site).lanes.iter().map(|lane| lane.silent_minutes).collect();
    assert_eq!(silent, [Some(9), None]);
    site.hui().get("/board").check(200, "離線 9 分");
}

#[test]
fn a_digit_sends_the_card_and_the_next_one_is_picked() {
    let (site, ade) = shop();
    let a = orders(&site, "A-甲區", 3);
    let hui = site.hui();
    hui.get("/board").check(200, &format!("id=\"o{}\"", a[0]));
    let answer = send(&hui, &[seen(&site, a[0])], MING);
    assert_eq!((answer.status(), answer.location()), (303, format!("/board?pick=o{0}#o{0}", a[1]).as_str()));
    assert!(notice(&answer).contains("客戶0給了阿明。"), "{}", notice(&answer));
    assert_eq!((lane(&site, MING), free(&site)), (vec![a[0]], vec![a[1], a[2]]));
    assert_eq!(site.order(a[0]).status, OrderStatus::Confirmed, "a draft nobody has been told of");

    // From the last one back to the one before it; when none is left the sent one stays picked.
    assert_eq!(send(&hui, &[seen(&site, a[2])], MING).location(), format!("/board?pick=o{0}#o{0}", a[1]));
    let last = send(&hui, &[seen(&site, a[1])], ade);
    assert_eq!(last.location(), format!("/board?pick={0}#{0}", card(&site, a[1]).key()));

    // A stop goes to another driver, several go together; to whom has it nothing happens.
    send(&hui, &[seen(&site, a[0]), seen(&site, a[2])], ade);
    assert_eq!((lane(&site, MING), lane(&site, ade)), (vec![], vec![a[1], a[0], a[2]]));
    assert!(notice(&send(&hui, &[seen(&site, a[0])], ade)).contains("已經在阿德那裡。"));
    assert_eq!(lane(&site, ade), [a[1], a[0], a[2]]);
    site.check_file();
}

#[test]
fn a_whole_area_goes_in_one_act() {
    let (site, ade) = shop();
    let (a, b) = (orders(&site, "A-甲區", 12), orders(&site, "B-乙區", 2));
    let (ade_id, first) = (ade.to_string(), seen(&site, a[3]));
    let answer = site.hui().post("/board/area", &[("card", &first), ("driver", &ade_id)]);
    assert!(notice(&answer).contains("A-甲區 12 張給了阿德。"), "{}", notice(&answer));
    assert_eq!(answer.location(), format!("/board?pick=o{0}#o{0}", b[0]));
    assert_eq!((lane(&site, ade), free(&site)), (a.clone(), b));
    // Somebody else presses the same a moment later.
    site.lin().post("/board/area", &[("card", &first), ("driver", "5")]).check(409, "小惠 10:22 已排給阿德");
    assert_eq!(lane(&site, ade), a);
}

#[test]
fn what_was_done_on_the_board_is_taken_back_with_one_key() {
    let (site, ade) = shop();
    let a = orders(&site, "A-甲區", 4);
    let (hui, ade) = (site.hui(), ade.to_string());
    let undo = |answer: &Answer| {
        let said = notice(answer);
        let act = said.split_once('=').unwrap().1.split('\u{1f}').next().unwrap();
        let back = answer.location().to_owned();
        hui.post("/orders/undo", &[("act", act), ("back", &back)]).check(303, "");
    };
    undo(&send(&hui, &[seen(&site, a[0]), seen(&site, a[1])], MING));
    assert_eq!(free(&site), a);
    undo(&hui.post("/board/area", &[("card", &seen(&site, a[2])), ("driver", &ade)]));
    assert_eq!(free(&site), a);
    send(&hui, &a.iter().map(|id| seen(&site, *id)).collect::<Vec<_>>(), MING);
    undo(&hui.post("/board/order", &[("card", &seen(&site, a[2])), ("to", "up")]));
    assert_eq!(lane(&site, MING), a);
    undo(&hui.post("/board/unassign", &[("card", &seen(&site, a[1]))]));
    assert_eq!(lane(&site, MING), a);
    site.check_file();
}

#[test]
fn of_two_dispatchers_the_second_is_told_who_was_faster() {
    let (site, ade) = shop();
    let a = orders(&site, "A-甲區", 3);
    let (first, second) = (seen(&site, a[0]), seen(&site, a[1]));
    send(&site.hui(), std::slice::from_ref(&first), MING);
    // Both or none.
    let late = send(&site.lin(), &[second, first], ade);
    late.check(409, "小惠 10:22 已排給阿明");
    late.check(409, "id=\"board\"");
    assert_eq!((lane(&site, MING), lane(&site, ade)), (vec![a[0]], vec![]));

    let stop = seen(&site, a[0]);
    send(&site.hui(), std::slice::from_ref(&stop), ade);
    send(&site.lin(), &[stop], MING).check(409, "小惠 10:22 已排給阿德");

    let gone = seen(&site, a[2]);
    let version = site.order(a[2]).version.to_string();
    site.hui().post(&format!("/orders/{}/cancel", a[2]), &[("reason", "customer_request"), ("version", &version)]);
    send(&site.lin(), &[gone], MING).check(409, "小惠 10:22 已經取消，不用送了。");
    site.check_file();
}

#[test]
fn what_the_driver_reached_stays_with_him() {
    let (site, ade) = shop();
    let a = orders(&site, "A-甲區", 2);
    site.running(MING, &a);
    let before = seen(&site, a[0]);
    deliver(&site, a[0]);
    send(&site.hui(), std::slice::from_ref(&before), ade).check(409, "已送達");
    site.hui().post("/board/unassign", &[("card", &before)]).check(409, "已經送完了");
}

#[test]
fn stops_go_back_and_change_places() {
    let (site, _) = shop();
    let a = orders(&site, "A-甲區", 4);
    let hui = site.hui();
    let draft = site.draft(Some(MING), None);
    site.put(draft.id, &a);
    let order = |at: usize, how: (&str, &str)| {
        let answer = hui.post("/board/order", &[("card", &seen(&site, a[at])), how]);
        assert_eq!(answer.status(), 303, "{}", answer.text());
        lane(&site, MING)
    };
    assert_eq!(order(2, ("to", "up")), [a[0], a[2], a[1], a[3]]);
    assert_eq!(order(0, ("to", "down")), [a[2], a[0], a[1], a[3]]);
    assert_eq!(order(2, ("to", "up")), [a[2], a[0], a[1], a[3]], "the first stays first");
    let before = card(&site, a[2]).key().to_string();
    assert_eq!(order(3, ("before", &before)), [a[3], a[2], a[0], a[1]]);
    assert_eq!(order(3, ("before", "end")), [a[2], a[0], a[1], a[3]]);

    let answer = hui.post("/board/unassign", &[("card", &seen(&site, a[0])), ("card", &seen(&site, a[3]))]);
    assert_eq!(answer.location(), format!("/board?pick=o{0}#o{0}", a[0]));
    assert_eq!((lane(&site, MING), free(&site)), (vec![a[2], a[1]], vec![a[0], a[3]]));

    // Dragged to a place: on that route, before that stop.
    let (route, before) = (draft.id.to_string(), card(&site, a[1]).key().to_string());
    let sent = seen(&site, a[3]);
    hui.post("/board/assign", &[("card", &sent), ("driver", "5"), ("route", &route), ("before", &before)]);
    assert_eq!(lane(&site, MING), [a[2], a[3], a[1]]);
    site.check_file();
}

#[test]
fn a_suggested_order_is_by_window_and_area() {
    let (site, _) = shop();
    let (b, a) = (orders(&site, "B-乙區", 1), orders(&site, "A-甲區", 2));
    let draft = site.draft(Some(MING), None);
    site.put(draft.id, &[b[0], a[0], a[1]]);
    let route = format!("{}.{}", draft.id, site.route(draft.id).version);
    let answer = site.hui().post("/board/suggest", &[("route", &route), ("card", &seen(&site, a[1]))]);
    assert_eq!(answer.location(), format!("/board?pick={0}#{0}", card(&site, a[1]).key()), "the pick stays");
    assert_eq!(lane(&site, MING), [a[0], a[1], b[0]]);
    assert!(notice(&site.hui().post("/board/suggest", &[("route", &route)])).contains("已經是建議的順序"));
}

#[test]
fn publishing_asks_for_what_is_missing_and_for_a_reason() {
    let (site, _) = shop();
    let a = orders(&site, "A-甲區", 31);
    let truck = site.add_truck("KEA-0001");
    let draft = site.draft(Some(MING), None);
    site.put(draft.id, &a);
    let (hui, truck) = (site.hui(), truck.to_string());
    let seen = |site: &Site| format!("{}.{}", draft.id, site.route(draft.id).version);

    let asked = hui.post("/board/publish", &[("route", &seen(&site))]);
    asked.check(422, "還沒選車").check(422, "KEA-0001").check(422, "有 31 站");
    assert_eq!(site.route(draft.id).status, Status::Draft);
    hui.post("/board/publish", &[("route", &seen(&site)), ("vehicle", &truck)]).check(422, "寫一句原因");
    assert_eq!(site.route(draft.id).vehicle_id, None, "nothing was kept");
    let answer = hui.post("/board/publish", &[("route", &seen(&site)), ("vehicle", &truck), ("override_note", "兩個人去")]);
    assert!(notice(&answer).contains("路線 01 發布了，共 31 站，阿明收到通知。"), "{}", notice(&answer));
    let route = site.route(draft.id);
    assert_eq!((route.status, route.override_note.as_deref()), (Status::Published, Some("兩個人去")));
    assert!(a.iter().all(|id| site.order(*id).status == OrderStatus::Assigned));
    // Somebody presses it again on an older page.
    hui.post("/board/publish", &[("route", &format!("{}.1", draft.id))]).check(409, "不能發布");
    site.check_file();
}

#[test]
fn who_does_not_plan_only_looks() {
    let (site, _) = shop();
    let a = orders(&site, "A-甲區", 1);
    site.put(site.draft(Some(MING), None).id, &a);
    let page = site.chen().get("/board").text();
    assert!(page.contains(&format!("href=\"/orders/{}\"", a[0])) && !page.contains("data-act") && !page.contains("formaction"));
    let wall = site.chen().get("/board/wall").text();
    assert!(wall.contains("data-clock") && wall.contains("客戶0") && !wall.contains("class=\"rooms\"") && !wall.contains("data-act"));
    assert_eq!(site.ming().get("/board").status(), 403);
    assert_eq!(send(&site.chen(), &[seen(&site, a[0])], MING).status(), 403);
}

#[test]
fn a_form_that_no_page_of_ours_sends_does_nothing() {
    let (site, _) = shop();
    let a = orders(&site, "A-甲區", 1);
    let (hui, card) = (site.hui(), seen(&site, a[0]));
    for (path, form, status) in [
        ("/board/assign", vec![("driver", "5")], 400),
        ("/board/assign", vec![("card", card.as_str())], 400),
        ("/board/assign", vec![("card", card.as_str()), ("driver", "4")], 422),
        ("/board/assign", vec![("card", "o999.1"), ("driver", "5")], 404),
        ("/board/assign", vec![("card", "x1.1"), ("driver", "5")], 400),
        ("/board/order", vec![("card", card.as_str()), ("to", "up")], 400),
        ("/board/suggest", vec![], 400),
        ("/board/suggest", vec![("route", "77.1")], 404),
        ("/board/publish", vec![("route", "77.1")], 404),
    ] {
        assert_eq!(hui.post(path, &form).status(), status, "{path} {form:?}");
    }
    assert_eq!(free(&site), a);
}

#[test]
fn three_hundred_stops_stand_on_one_page() {
    let (site, ade) = shop();
    let all = orders(&site, "A-甲區", 300);
    for (driver, part) in [(MING, &all[..150]), (ade, &all[150..])] {
        site.put(site.draft(Some(driver), None).id, part);
    }
    let page = site.hui().get("/board").text();
    assert_eq!(page.matches("class=\"stop").count(), 300);
    assert!(page.contains("300 站：已送 0、路上 0、排好 300"));
    let board = today(&site);
    let places: Vec<_> = board.lanes[1].cards().filter_map(|card| card.stop).map(|stop| (stop.status, stop.place)).collect();
    assert_eq!(places, (1..=150).map(|place| (StopStatus::Pending, place)).collect::<Vec<_>>());
    assert_eq!(board.first(), Some(Key::Stop(board.lanes[0].ways[0].cards[0].stop.unwrap().id)));
}
