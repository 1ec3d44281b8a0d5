//! The support file tells how the program fares, and nothing about anybody.

mod support;

use luckygas::db::space;
use luckygas::error::Held;
use luckygas::http::Method;
use luckygas::journal::By;
use luckygas::urls::URLS;
use luckygas::{jobs, logs};
use support::{CAST, Site};

/// What is about people, each so marked that it can stand nowhere by chance.
const MARKED: [&str; 11] = [
    "記號客戶甲",
    "記號抬頭股份有限公司",
    "記號路七號",
    "0900-000-777",
    "0900000777",
    "記號聯絡人",
    "記號備註",
    "記號巷口進",
    "記號區",
    "記號司機",
    "marked-driver",
];

#[test]
fn no_name_phone_address_or_account_stands_in_it() {
    logs::start(log::LevelFilter::Debug);
    let site = Site::open();
    logs::write_into(&site.app.folder);
    site.price_everything();
    let customer = site.customer("1000017", "記號客戶甲", |details| {
        details.invoice_title = Some("記號抬頭股份有限公司".to_owned());
        details.address = Some("範例市記號路七號".to_owned());
        details.area = Some("記號區".to_owned());
        details.contact_name = Some("記號聯絡人".to_owned());
        details.notes = Some("記號備註".to_owned());
        details.access_note = Some("記號巷口進".to_owned());
        details.phones = vec![Site::number("0900-000-777")];
    });
    let driver = site.add_driver("marked-driver", "記號司機");
    let order = site.take(customer, &[("C20", 1)]).id;
    site.running(driver, &[order]);
    site.app.db.write(|tx| luckygas::settings::set(tx, "shop_name", "記號煤氣行")).unwrap();
    site.app.reload_settings().unwrap();

    // Everything is looked at, searched for and tried wrongly, so that the log has had every occasion.
    let boss = site.boss();
    for url in URLS.iter().filter(|url| url.method == Method::Get && url.pattern != "/data/support") {
        boss.get(&url.pattern.replace("{id}", "1").replace("{name}", "nothing"));
        boss.get(&format!("{}?q=%E8%A8%98%E8%99%9F%E5%AE%A2%E6%88%B6%E7%94%B2", url.pattern));
    }
    for url in URLS.iter().filter(|url| url.method == Method::Post && !url.pattern.starts_with("/users") && url.pattern != "/sign-out") {
        boss.post(&url.pattern.replace("{id}", "1"), &[("name", "記號客戶甲"), ("phone", "0900-000-777"), ("username", "marked-driver")]);
    }
    site.nobody().post("/sign-in", &[("username", "marked-driver"), ("password", "記號密碼")]);
    for job in jobs::JOBS {
        jobs::run(&site.app, job, By::program(site.app.now())).unwrap();
    }
    // What the log should never hold, and might.
    log::warn!("a line of another slice about 記號司機, signed in as marked-driver, in {}", site.app.folder.display());

    let boss = site.boss();
    let answer = boss.get("/data/support");
    answer.check(200, "luckygas support file");
    let name = answer.response.header("Content-Disposition").unwrap();
    assert!(name.contains("luckygas%2Dsupport%2D20250528%2D1022%2Etxt"), "{name}");
    let text = answer.text();
    for marked in MARKED.into_iter().chain(CAST.iter().map(|(_, name, _)| *name)).chain(["記號密碼", "記號煤氣行", "xiaohui"]) {
        let place = text.find(marked).map(|at| text[..at].lines().last().unwrap_or_default().to_owned());
        assert_eq!(place, None, "{marked}");
    }
    assert!(!text.contains(site.app.folder.to_str().unwrap()), "where the folder lies is nobody's business");
    for part in [
        "code: ",
        "sentences",
        "sizes",
        "rows",
        "pragmas",
        "backups",
        "settings",
        "jobs",
        "hours",
        "slow queries",
        "troubles",
        "metrics",
        "log",
        "schema",
    ] {
        assert!(text.contains(part), "{part} is missing");
    }
    for fact in [
        "customers: 1\n",
        "user_version: 4",
        "cut_off: 840",
        "CREATE TABLE customers",
        "request method=GET path=/customers",
        "luckygas_uptime_seconds",
    ] {
        assert!(text.contains(fact), "{fact} is missing");
    }
    assert!(text.contains("a line of another slice about […], signed in as […], in […]"));

    let last = site.journal().pop().unwrap();
    assert_eq!((last.0.as_str(), last.2["rows"].as_u64()), ("export", Some(text.lines().count() as u64)));

    // It is wanted most when nothing can be written.
    site.app.db.hold(Held::Full);
    boss.get("/data/support").check(200, "held: Some(Full)").check(200, "硬碟");
    space::look(&site.app);
}
