//! A full disk: nothing answered is lost, nothing half is left, people can look, and it comes back by itself.

mod support;

use luckygas::db::space::{self, Room};
use luckygas::error::{Error, Held};
use support::Site;

const MB: u64 = 1 << 20;
const BIG: u64 = 500 * 1024 * MB;

const SENTENCE: &str = "現在只能看，不能存。硬碟滿了，清出 2 GB 就會自己恢復。";

fn roomy() -> Option<Room> {
    Some(Room { free: 10_000 * MB, total: BIG })
}

/// Lets the shop's file grow by so many pages and no more, as a full disk does.
fn leave_pages(site: &Site, pages: i64) {
    site.app
        .db
        .maintain(|conn| {
            let count: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            conn.query_row(&format!("PRAGMA max_page_count = {}", count + pages), [], |_| Ok(())).unwrap();
            Ok(())
        })
        .unwrap();
}

fn fill(site: &Site, name: &str) -> Result<(), Error> {
    let long = "瓦斯".repeat(20_000);
    site.app.db.write(|tx| luckygas::settings::set(tx, name, &long))
}

#[test]
fn a_write_that_finds_the_disk_full_holds_the_others_until_there_is_room() {
    let site = Site::open();
    let boss = site.boss();
    leave_pages(&site, 3);
    let journal = site.journal().len();

    assert!(matches!(fill(&site, "long"), Err(Error::ReadOnly(Held::Full))));
    assert_eq!(site.app.db.held(), Some(Held::Full));
    boss.post("/settings", &[("shop_name", "別的名字")]).check(503, SENTENCE);
    boss.json(luckygas::http::Method::Post, "/api/v1/customers", serde_json::json!({})).check(503, "read_only");
    boss.get("/customers").check(200, "現在只能看，不能存");
    assert_eq!(site.journal().len(), journal, "nothing half is left");

    // Room on the disk alone is not believed.
    space::look_at(&site.app, roomy());
    assert!(site.app.db.is_held());
    leave_pages(&site, 100_000);
    space::look_at(&site.app, roomy());
    assert!(!site.app.db.is_held());
    fill(&site, "long").unwrap();
    assert!(!boss.get("/customers").text().contains("不能存"));
}

#[test]
fn writing_stops_before_the_disk_is_full_and_begins_again_with_some_room() {
    let site = Site::open();
    let steps = [(21, false), (19, true), (60, true), (99, true), (100, false), (60, false), (20, false), (0, true), (3000, false)];
    for (free, is_held) in steps {
        space::look_at(&site.app, Some(Room { free: free * MB, total: BIG }));
        assert_eq!(site.app.db.is_held(), is_held, "{free} MB");
    }
    // A system that does not say how much there is: only the write counts.
    site.app.db.hold(Held::Full);
    space::look_at(&site.app, None);
    assert!(!site.app.db.is_held());
}
