//! What somebody must hear stands in their bell until they say that they have read it.

mod support;

use luckygas::error::{Doing, Noun};
use luckygas::notices::{Audience, Event, Notice, tell};
use luckygas::users::Role;
use luckygas::values::UserId;
use luckygas::{customers, orders, routes};
use support::{Browser, Site};

/// The driver of the cast.
const MING: Audience = Audience::User(UserId(5));

fn say(site: &Site, to: Audience, text: &str, about: Option<(Noun, i64)>) -> i64 {
    let notice = Notice { event: Event::RouteChanged, to, text: text.to_owned(), about };
    site.app.db.write(|tx| tell(tx, notice, site.app.now())).unwrap().0
}

/// What the bell of the bar shows: nothing, or how many.
fn bell(browser: &Browser) -> Option<String> {
    let page = browser.get("/notices").text();
    let bell = page.split("id=\"bell\"").nth(1).and_then(|rest| rest.split("</a>").next()).unwrap().to_owned();
    assert_eq!(browser.get("/notices/bell").text().contains("class=\"count\""), bell.contains("class=\"count\""));
    let count = bell.split("class=\"count\">").nth(1)?;
    Some(count.split('<').next().unwrap().to_owned())
}

#[test]
fn the_office_shares_its_notices_and_a_driver_has_his_own() {
    let site = Site::open();
    say(&site, Audience::Office, "0064 沒送成：沒人在", None);
    say(&site, MING, "新路線 R-20250528-01，共 6 站", None);
    let add = "INSERT INTO users (id, username, name, role, password_hash, must_change_password, created_at, updated_at)
               VALUES (6, 'ahui', '阿輝', 'driver', 'x', 0, 0, 0)";
    site.app.db.write(|tx| Ok(tx.execute(add, []).unwrap())).unwrap();
    say(&site, Audience::User(UserId(6)), "給另一位司機的", None);

    for role in [Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff] {
        let office = site.role(role);
        assert_eq!(bell(&office), Some("1".to_owned()), "{role:?}");
        let page = office.get("/notices");
        page.check(200, "0064 沒送成：沒人在");
        assert!(!page.text().contains("新路線 R-") && !page.text().contains("另一位司機"), "{role:?}");
    }
    let ming = site.ming();
    assert_eq!(bell(&ming), Some("1".to_owned()));
    let page = ming.get("/notices");
    page.check(200, "新路線 R-20250528-01，共 6 站");
    assert!(!page.text().contains("0064") && !page.text().contains("另一位司機"));
}

#[test]
fn what_is_read_is_read_by_one_and_what_comes_later_is_new() {
    let site = Site::open();
    let first = say(&site, Audience::Office, "第一則", None);
    say(&site, Audience::Office, "第二則", None);
    let (hui, lin) = (site.hui(), site.lin());

    let through = first.to_string();
    let answer = hui.post("/notices/seen", &[("through", &through)]);
    assert_eq!((answer.status(), answer.location()), (303, "/notices"));
    assert_eq!((bell(&hui), bell(&lin)), (Some("1".to_owned()), Some("2".to_owned())), "what came after the page was drawn stays");

    hui.post("/notices/seen", &[("through", "2")]);
    assert_eq!(bell(&hui), None);
    hui.get("/notices").check(200, "都看過了。");
    hui.post("/notices/seen", &[("through", &through)]);
    assert_eq!(bell(&hui), None, "an older page takes nothing back");

    hui.post("/notices/seen", &[("through", "999999")]);
    say(&site, Audience::Office, "第三則", None);
    assert_eq!(bell(&hui), Some("1".to_owned()), "nobody reads what is not told yet");
    for wrong in ["", "x", "-1"] {
        assert_eq!(hui.post("/notices/seen", &[("through", wrong)]).status(), 400, "{wrong}");
    }
}

#[test]
fn a_notice_leads_to_what_it_is_about_on_pages_of_the_one_who_reads() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    site.add_prices();
    site.take(customer, &[("C20", 1)]);
    let rows = "
        INSERT INTO routes (id, route_on, day_no, shift, kind, status, driver_id, created_at, updated_at)
        VALUES (101, '2025-05-28', 91, 'morning', 'planned', 'published', 5, 0, 0);
        INSERT INTO stops (id, route_id, order_id, seq, status, added_at) VALUES (201, 101, 1, 1, 'pending', 0)";
    site.app.db.write(|tx| tx.execute_batch(rows).doing("add rows")).unwrap();
    let emergency = Noun { word: "emergency", label: "緊急" };
    type Case = (Option<(Noun, i64)>, Option<&'static str>, Option<&'static str>);
    let cases: [Case; 7] = [
        (Some((orders::NOUN, 1)), Some("/orders/1"), Some("/driver/stops/201")),
        (Some((orders::NOUN, 77)), Some("/orders/77"), None),
        (Some((routes::NOUN, 101)), Some("/routes/101"), Some("/driver/routes/101")),
        (Some((routes::STOP, 201)), Some("/routes/101"), Some("/driver/stops/201")),
        (Some((emergency, 3)), Some("/emergencies/3"), Some("/driver/emergency")),
        (Some((customers::NOUN, 1)), Some("/customers/1"), None),
        (None, None, None),
    ];
    for (about, office, driver) in cases {
        say(&site, Audience::Office, "請看", about);
        say(&site, MING, "請看", about);
        for (browser, want) in [(site.hui(), office), (site.ming(), driver)] {
            let page = browser.get("/notices").text();
            let row = page.split("<tbody>").nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap();
            match want {
                Some(url) => assert!(row.contains(&format!("href=\"{url}\" data-row=\"1\"")), "{about:?}: {row}"),
                None => assert!(!row.contains("href"), "{about:?}: {row}"),
            }
        }
    }
}

#[test]
fn many_notices_are_counted_to_a_hundred_and_turned_page_by_page() {
    let site = Site::open();
    let hui = site.hui();
    hui.get("/notices").check(200, "沒有通知");
    for no in 1..=105 {
        say(&site, if no % 2 == 0 { Audience::Office } else { Audience::User(UserId(4)) }, &format!("第{no}則。"), None);
    }
    assert_eq!(bell(&hui), Some("99+".to_owned()));
    let first = hui.get("/notices");
    first.check(200, "第105則。").check(200, "第66則。");
    assert!(!first.text().contains("第65則。"));
    let older = hui.get("/notices?before=66");
    older.check(200, "第65則。").check(200, "第26則。");
    hui.get("/notices?before=26").check(200, "第1則。").check(200, "PgUp");
    hui.get("/notices?before=x").check(404, "找不到通知 x");
}

#[test]
fn a_long_sentence_is_cut_and_a_notice_undone_was_never_told() {
    let site = Site::open();
    say(&site, Audience::Office, &"很長。".repeat(200), None);
    let undone = site.app.db.write(|tx| {
        let notice = Notice { event: Event::LowStock, to: Audience::Office, text: "沒有這回事".to_owned(), about: None };
        tell(tx, notice, site.app.now())?;
        Err::<(), _>(luckygas::Error::Busy)
    });
    assert!(undone.is_err());
    let hui = site.hui();
    assert_eq!(bell(&hui), Some("1".to_owned()));
    assert!(!hui.get("/notices").text().contains("沒有這回事"));
    assert_eq!(site.journal_length(), 1);
}
