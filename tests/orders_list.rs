//! The list of orders: every condition finds what it should, the counts are those of their lists, and what somebody keeps
//! is theirs.

mod support;

use support::Site;

#[test]
fn an_empty_day_says_so() {
    let site = Site::open();
    site.hui().get("/orders").check(200, "今天的訂單　05/28 (三)").check(200, "這一天還沒有訂單");
    site.hui().get("/orders?q=213").check(200, "沒有這樣的訂單");
    site.chen().get("/orders?date=tomorrow").check(200, "明天的訂單　05/29 (四)");
    site.ming().get("/orders").check(403, "沒有這項權限");
}
