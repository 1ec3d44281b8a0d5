//! Orders out of a spreadsheet: what is read, what is refused row by row, and how a list is taken back.

#[path = "support/imports.rs"]
mod files;
mod support;

use std::path::PathBuf;

use files::{content, one};
use luckygas::customers::Details;
use luckygas::http::door::{Head, Room};
use luckygas::http::request::Method;
use luckygas::orders::lists::judge::{Judged, judge};
use luckygas::orders::lists::{Matter, file};
use luckygas::orders::{Order, Origin, Status, steps, store};
use luckygas::users::Role;
use luckygas::values::weekdays::ClosedDays;
use luckygas::values::{CustomerId, OrderImportId};
use support::zip::zip;
use support::{Browser, Site};

const HEAD: &str = "客戶編號,電話,配送日期,時段,產品,數量,備註";

/// A shop with prices and four customers: one plain, one of 好運16 closed on Thursdays, two who share a number, and
/// one whose contract ended. Today is Wednesday 2025-05-28.
fn shop() -> Site {
    let site = Site::open();
    site.add_prices();
    site.customer("1902046", "範例小吃店", |details| {
        details.phones = vec![Site::number("0900-000-213")];
        details.cylinders = vec![("C20", 2)];
    });
    site.customer("1902047", "木瓜冰店", |details| {
        details.phones = vec![Site::number("0900-000-214")];
        details.cylinders = vec![("C16-LUCKY", 2)];
        details.closed = ClosedDays::parse("4");
        details.available_hours = 0b0000_0001_1100_0000;
    });
    let shared = |details: &mut Details| details.phones = vec![Site::number("0900-000-215")];
    site.customer("1902048", "甲店", shared);
    site.customer("1902049", "乙店", shared);
    let ended = site.customer("1902050", "以前的店", |details| details.phones = vec![Site::number("0900-000-216")]);
    assert_eq!(site.lin().post(&format!("/customers/{ended}/terminate"), &[("note", "搬走"), ("version", "1")]).status(), 303);
    site
}

fn put(site: &Site, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = site.folder.0.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// `rows` below the usual headings, as a file.
fn csv(site: &Site, rows: &[&str]) -> PathBuf {
    put(site, "清單.csv", format!("\u{feff}{HEAD}\r\n{}\r\n", rows.join("\r\n")))
}

fn judged(site: &Site, path: &std::path::Path) -> Judged {
    let file = file::read(path, "清單").unwrap_or_else(|refusal| panic!("{}", refusal.say));
    site.app.db.read(|conn| judge(conn, &file, &site.app.settings(), site.actor(Role::OfficeStaff))).unwrap()
}

/// Sends a list and says what stands in the form that confirms it.
fn upload(browser: &Browser, path: &std::path::Path) -> String {
    let answer = browser.upload("/orders/lists", &[path]);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    assert_eq!(answer.location(), "/orders/lists/pending");
    seal(browser)
}

fn seal(browser: &Browser) -> String {
    let page = browser.get("/orders/lists/pending");
    let text = page.check(200, "現在什麼都還沒寫入").text();
    let start = text.split("name=\"seal\" value=\"").nth(1).unwrap_or_default();
    start.split('"').next().unwrap_or_default().to_owned()
}

/// Brings a list in; its number.
fn bring_in(browser: &Browser, path: &std::path::Path) -> OrderImportId {
    let seal = upload(browser, path);
    let answer = browser.post("/orders/lists/pending/confirm", &[("seal", &seal)]);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().rsplit('/').next().unwrap().parse().unwrap()
}

/// The orders there are, in the order of their numbers.
fn orders(site: &Site) -> Vec<Order> {
    let read = |conn: &rusqlite::Connection| {
        let mut query = conn.prepare("SELECT id FROM orders ORDER BY id").unwrap();
        let ids: Vec<_> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        ids.into_iter().map(|id| store::get(conn, id)).collect()
    };
    site.app.db.read(read).unwrap()
}

/// What an order promises, in a line.
fn said(order: &Order) -> String {
    let notes = order.notes.as_deref().unwrap_or("-");
    format!("{} {} {} {} {notes}", order.customer_id, order.scheduled_on, order.window, order.items())
}

#[test]
fn every_trap_of_a_row_is_told_with_its_column() {
    let site = shop();
    let long = "長".repeat(501);
    let note = format!("1902046,,5/29,,20KG,1,{long}");
    // A row, the column and a piece of what is said; an empty column where the row is taken.
    let cases: &[(&str, &str, &str)] = &[
        ("1902046,,2025/5/29,9-11,20KG,2,後門", "", ""),
        ("１９０２０４６,,114/05/29,早,C20,２,", "", ""),
        (",0900000213,1140529,下午,20,2支,", "", ""),
        (",900000213,5月29日,,20公斤,2.0,", "", ""),
        ("1902046.0,,2025-05-29,全天,流量50公斤,1,", "", ""),
        (",,5/29,,20KG,1,", "客戶編號", "客戶編號和電話都空著"),
        ("1999999,,5/29,,20KG,1,", "客戶編號", "沒有這個編號的客戶"),
        ("小吃店,,5/29,,20KG,1,", "客戶編號", "編號只有數字、英文"),
        ("1902050,,5/29,,20KG,1,", "客戶編號", "已解約"),
        (",0900-000-216,5/29,,20KG,1,", "電話", "已解約"),
        (",0900-000-215,5/29,,20KG,1,", "電話", "有 2 位客戶用這支電話（1902048、1902049）"),
        (",0900-000-299,5/29,,20KG,1,", "電話", "沒有這支電話的客戶"),
        (",091234,5/29,,20KG,1,", "電話", "手機要 10 碼"),
        ("1902046,,,,20KG,1,", "配送日期", "請填寫日期"),
        ("1902046,,2/30,,20KG,1,", "配送日期", "沒有 2/30 這一天"),
        ("1902046,,1140230,,20KG,1,", "配送日期", "沒有這一天"),
        ("1902046,,明天,,20KG,1,", "配送日期", "看不懂這個日期"),
        ("1902046,,45806,,20KG,1,", "配送日期", "看不懂這個日期"),
        ("1902046,,30,,20KG,1,", "配送日期", "看不懂這個日期"),
        ("1902046,,24/05/29,,20KG,1,", "配送日期", "分不清是哪一天"),
        ("1902046,,2023/05/29,,20KG,1,", "配送日期", "2023/05/29 離今天超過一年"),
        ("1902046,,2027/05/29,,20KG,1,", "配送日期", "超過一年"),
        ("1902046,,5/29,晚飯前,20KG,1,", "時段", "看不懂這個時段"),
        ("1902046,,5/29,11-9,20KG,1,", "時段", "看不懂這個時段"),
        ("1902046,,5/29,9月11日,20KG,1,", "時段", "看不懂這個時段"),
        ("1902046,,5/29,,,1,", "產品", "沒有寫產品"),
        ("1902046,,5/29,,30KG,1,", "產品", "沒有這種產品"),
        ("1902046,,5/29,,營16,1,", "產品", "營16 已經停賣"),
        ("1902046,,5/29,,C16-YING,1,", "產品", "營16 已經停賣"),
        ("1902046,,5/29,,20KG,,", "數量", "沒有寫數量"),
        ("1902046,,5/29,,20KG,兩支,", "數量", "數量要寫成數字"),
        ("1902046,,5/29,,20KG,1.5,", "數量", "數量要是整數"),
        ("1902046,,5/29,,20KG,0,", "數量", "1 到 100"),
        ("1902046,,5/29,,20KG,-1,", "數量", "1 到 100"),
        ("1902046,,5/29,,20KG,101,", "數量", "1 到 100"),
        ("1902046,,5/29,,20KG,NaN,", "數量", "數量要寫成數字"),
        (&note, "備註", "最多 500 個字"),
        ("1902046,,5/29,,20KG,1,\u{7}叮", "備註", "看不見的字元"),
    ];
    for (row, column, says) in cases {
        let judged = judged(&site, &csv(&site, &[row]));
        let refused: Vec<_> = judged.told.iter().filter(|told| told.matter.is_refusal()).collect();
        if column.is_empty() {
            assert!(refused.is_empty(), "{row}: {refused:?}");
            assert_eq!(judged.orders.len(), 1, "{row}");
            continue;
        }
        assert_eq!(judged.orders.len(), 0, "{row}");
        assert_eq!(refused.len(), 1, "{row}: {refused:?}");
        let told = refused[0];
        assert_eq!((told.row, told.column.map(|column| column.label())), (2, Some(*column)), "{row}: {}", told.say);
        assert!(told.say.contains(says), "{row}: {}", told.say);
    }
    // Everything wrong in one row is told at once.
    let judged = judged(&site, &csv(&site, &["1999999,,2/30,11-9,30KG,0,"]));
    assert_eq!(judged.told.len(), 5, "{:?}", judged.told);
    assert_eq!(judged.rows_refused(), 1);
}

#[test]
fn what_is_only_to_be_looked_at_stops_nothing() {
    let site = shop();
    let customer = CustomerId(1);
    site.take(customer, &[("C50", 1)]);
    type Case<'a> = (&'a [&'a str], &'a [(u32, Matter)]);
    let cases: &[Case] = &[
        (&["1902046,,5/29,,20KG,2,"], &[]),
        (&["1902046,,5/28,,20KG,2,"], &[(2, Matter::OpenOrder)]),
        (&["1902046,,5/20,,20KG,2,"], &[(2, Matter::Past)]),
        (&["1902046,,7/20,,20KG,2,"], &[(2, Matter::Far)]),
        (&["1902047,,5/29,14-17,16KG,2,"], &[(2, Matter::Closed)]),
        (&["1902047,,5/30,9-11,16KG,2,"], &[(2, Matter::Hours)]),
        (&["1902046,,5/29,,瓶安桶10,1,"], &[(2, Matter::NoPrice)]),
        (&["1902046,,5/29,,流量20公斤,1,"], &[]),
        (&["1902046,0900-000-299,5/29,,20KG,1,"], &[(2, Matter::OtherPhone)]),
        (&["1902046,電話改了,5/29,,20KG,1,"], &[(2, Matter::OtherPhone)]),
        (&["1902046,,5/29,,20KG,1,", "1902046,,5/29,,20KG,1,"], &[(2, Matter::Twice)]),
        (&["1902046,,5/29,,20KG,1,", "1902047,,5/30,,16,1,", "1902046,,5/29,,20KG,1,"], &[(4, Matter::Twice)]),
        (&["1902046,,5/29,早,20KG,1,", "1902046,,5/29,午,50KG,1,"], &[(3, Matter::OpenOrder)]),
    ];
    for (rows, matters) in cases {
        let judged = judged(&site, &csv(&site, rows));
        let told: Vec<_> = judged.told.iter().map(|told| (told.row, told.matter)).collect();
        assert_eq!(told, *matters, "{rows:?}");
        assert!(judged.orders.iter().all(|draft| draft.same.is_none()) && !judged.orders.is_empty(), "{rows:?}");
        assert_eq!(judged.rows_refused(), 0, "{rows:?}");
    }
}

#[test]
fn neighbouring_rows_of_one_customer_day_window_and_note_are_one_order() {
    let site = shop();
    let path = csv(
        &site,
        &[
            "1902046,,5/29,9-11,20KG,2,後門",
            "1902046,,2025-05-29,09:00-11:00,50KG,1,後門",
            "1902046,,5/29,9-11,16KG,1,前門",
            "1902047,,5/30,,16KG,2,",
            ",0900-000-214,5/30,,4KG,1,",
            "1902046,,5/29,9-11,16KG,3,前門",
            "合計,,,,,10,",
        ],
    );
    let judged = judged(&site, &path);
    let have: Vec<_> = judged.orders.iter().map(|draft| (draft.rows.clone(), draft.customer_code.as_str(), draft.items_text())).collect();
    let want = [
        (vec![2, 3], "1902046", "20KG × 2、50KG × 1"),
        (vec![4], "1902046", "16KG × 1"),
        (vec![5, 6], "1902047", "好運16 × 2、4KG × 1"),
        (vec![7], "1902046", "16KG × 3"),
    ];
    assert_eq!(have, want.map(|(rows, code, items)| (rows, code, items.to_owned())));
    // A blank window is the customer's own: these hours begin at two.
    assert_eq!(judged.orders[2].window.to_string(), "14–17");
    assert_eq!(judged.orders[0].total.0, 2 * 850 + 2000);

    // An order with a bad row is not taken in part.
    let path = csv(&site, &["1902046,,5/29,,20KG,2,", "1902046,,5/29,,三十公斤,1,", "1902046,,5/29,,16KG,1,", "1902047,,5/30,,16,1,"]);
    let judged = self::judged(&site, &path);
    let told: Vec<_> = judged.told.iter().map(|told| (told.row, told.matter)).collect();
    assert_eq!(told, [(2, Matter::Together), (3, Matter::UnknownProduct), (4, Matter::Together)]);
    assert!(judged.told[0].say.contains("第 3 列"));
    assert_eq!(judged.orders.iter().map(|draft| draft.rows[0]).collect::<Vec<_>>(), [5]);

    // Nor when the row's window or note is what cannot be read, before or behind; a row of another day is another order.
    for (rows, refused) in [
        (&["1902046,,5/29,,20KG,2,", "1902046,,5/29,十點,16KG,1,", "1902046,,5/29,,4KG,1,"][..], &[2, 3, 4][..]),
        (&["1902046,,5/29,十點,16KG,1,", "1902046,,5/29,,20KG,2,", "1902046,,5/30,,4KG,1,"], &[2, 3]),
        (&["1902046,,5/29,,20KG,2,", "1902046,,2/30,,16KG,1,", "1902046,,5/29,,4KG,1,"], &[3]),
        (&["1902046,,5/29,,20KG,2,", "1902047,,5/29,十點,16KG,1,", "1902046,,5/29,,4KG,1,"], &[3]),
    ] {
        let judged = self::judged(&site, &csv(&site, rows));
        let told: Vec<_> = judged.told.iter().filter(|told| told.matter.is_refusal()).map(|told| told.row).collect();
        assert_eq!(told, refused, "{rows:?}");
    }

    // Twenty lines are an order, one more is none.
    for (lines, is_order) in [(20, true), (21, false)] {
        let rows: Vec<&str> = std::iter::repeat_n("1902046,,5/29,,20KG,1,", lines).collect();
        let judged = self::judged(&site, &csv(&site, &rows));
        assert_eq!(judged.orders.len(), usize::from(is_order));
        assert_eq!(judged.rows_refused(), if is_order { 0 } else { lines });
    }
}

#[test]
fn the_headings_stand_in_any_order_and_others_are_passed_over() {
    let site = shop();
    let path = put(
        &site,
        "a.csv",
        "六月的單,,,,\n\n 數　量 ,品項,ＰＳ,客戶代號,日期\n2,20KG,隨便,1902046,5/29\n數量,品項,,客戶代號,日期\n1,50KG,隨便,1902046,5/30\n範例,,,範例1902046,\n",
    );
    let read = file::read(&path, "a.csv").unwrap();
    let columns: Vec<_> = read.columns.iter().map(|(heading, column)| (heading.as_str(), column.map(|column| column.label()))).collect();
    let want =
        [("數　量", Some("數量")), ("品項", Some("產品")), ("ＰＳ", None), ("客戶代號", Some("客戶編號")), ("日期", Some("配送日期"))];
    assert_eq!(columns, want);
    assert_eq!(read.rows.iter().map(|row| row.no).collect::<Vec<_>>(), [4, 6]);
    assert_eq!(read.ignored, 2);
    assert_eq!(judged(&site, &path).orders.len(), 2);
}

#[test]
fn what_is_no_list_is_refused_with_a_sentence() {
    let site = shop();
    let many = std::iter::repeat_n("1902046,,5/29,,20KG,1,\n", 2_001).collect::<String>();
    let cases: &[(&[u8], &str)] = &[
        (b"", "空的"),
        (b"a,b,c\n1,2,3\n", "這不像訂單的試算表"),
        (b"\x89PNG\0\0", "這不像訂單的試算表"),
        (b"PK\x03\x04", "不完整"),
        (b"\xd0\xcf\x11\xe0 old", ".xls"),
        ("客戶編號,配送日期,數量\n1,2,3\n".as_bytes(), "少了這幾欄：產品。"),
        ("配送日期,產品\n1,2\n".as_bytes(), "少了這幾欄：客戶編號（或電話）、數量。"),
        (HEAD.as_bytes(), "標題列下面沒有訂單"),
    ];
    let hui = site.hui();
    let before = content(&site);
    for (bytes, says) in cases {
        let path = put(&site, "x.csv", bytes);
        hui.upload("/orders/lists", &[&path]).check(422, says).check(422, "以前匯入的");
    }
    let path = put(&site, "x.csv", format!("{HEAD}\n{many}"));
    hui.upload("/orders/lists", &[&path]).check(422, "超過 2,000 列");
    hui.upload("/orders/lists", &[]).check(422, "請選擇要匯入的檔案");
    hui.upload("/orders/lists", &[&path, &path]).check(422, "一次匯入一個檔案");
    assert_eq!(content(&site), before);
    assert_eq!(hui.get("/orders/lists/pending").location(), "/orders/lists");
}

#[test]
fn big5_and_utf8_say_the_same_and_lost_characters_refuse_the_file() {
    let site = shop();
    let text = format!("{HEAD},簡稱\n1902046,,5/29,下午,20公斤,2,放後門，謝謝,小吃\n");
    let big5 = encoding_rs::BIG5.encode(&text).0.into_owned();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let said: Vec<_> = [text.as_bytes(), &big5, &marked]
        .iter()
        .map(|bytes| {
            let judged = judged(&site, &put(&site, "b.csv", bytes));
            (judged.orders[0].items_text(), judged.orders[0].notes.clone(), judged.orders[0].window)
        })
        .collect();
    assert_eq!(said[0].1.as_deref(), Some("放後門，謝謝"));
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");

    let broken = |column: &str| {
        let mark = encoding_rs::BIG5.encode(column).0.into_owned();
        let at = big5.windows(mark.len()).rposition(|window| window == mark).unwrap();
        [&big5[..at], b"\xfa\x40", &big5[at + mark.len()..]].concat()
    };
    let refused = file::read(&put(&site, "c.csv", broken("放")), "c.csv").unwrap_err();
    assert!(refused.say.contains("第 2 列的「備註」有認不出的字"), "{}", refused.say);
    // Where nobody reads, nothing is lost.
    assert_eq!(judged(&site, &put(&site, "d.csv", broken("吃"))).orders.len(), 1);
}

/// A workbook with one sheet of these cells' XML; style 1 is a date.
fn workbook(site: &Site, rows: &[Vec<String>]) -> PathBuf {
    let row = |cells: &Vec<String>| format!("<row>{}</row>", cells.concat());
    let sheet = format!("<worksheet><sheetData>{}</sheetData></worksheet>", rows.iter().map(row).collect::<String>());
    let book: &[u8] = br#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
    let styles: &[u8] = br#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let parts: [(&str, &[u8]); 3] = [("xl/workbook.xml", book), ("xl/styles.xml", styles), ("xl/worksheets/sheet1.xml", sheet.as_bytes())];
    put(site, "清單.xlsx", zip(&parts))
}

fn words(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>")).collect()
}

#[test]
fn a_workbook_is_read_with_its_date_cells() {
    let site = shop();
    let number = |number: &str| format!("<c><v>{number}</v></c>");
    let date = |serial: &str| format!("<c s=\"1\"><v>{serial}</v></c>");
    let formula = "<c><f>TODAY()</f></c>".to_owned();
    let error = "<c t=\"e\"><v>#N/A</v></c>".to_owned();
    let blank = "<c/>".to_owned();
    let text = |text: &str| words(&[text]).remove(0);
    let rows = [
        words(&["客戶編號", "電話", "配送日期", "時段", "產品", "數量", "備註"]),
        // 45806 is 2025-05-29, and 45911 is 11 September: 9-11 as Excel takes it.
        vec![number("1902046"), blank.clone(), date("45806"), text("9-11"), number("20"), number("2"), text("後門")],
        vec![blank.clone(), number("900000214"), number("1140530"), blank.clone(), text("16KG"), number("2.0"), blank.clone()],
        vec![number("1902046"), blank.clone(), number("45806"), blank.clone(), text("20KG"), number("1")],
        vec![number("1902046"), blank.clone(), date("45806"), date("45911"), text("20KG"), number("1")],
        vec![number("1902046"), blank.clone(), formula, blank.clone(), text("20KG"), number("1")],
        vec![error, blank.clone(), date("45806"), blank.clone(), text("20KG"), number("1")],
        vec![number("1902046"), blank.clone(), date("0.5"), blank.clone(), text("20KG"), number("1.5")],
    ];
    let judged = judged(&site, &workbook(&site, &rows));
    let have: Vec<_> = judged.orders.iter().map(|draft| (draft.rows[0], draft.scheduled_on.to_string(), draft.items_text())).collect();
    assert_eq!(have, [(2, "2025-05-29".to_owned(), "20KG × 2".to_owned()), (3, "2025-05-30".to_owned(), "好運16 × 2".to_owned())]);
    let told: Vec<_> = judged.told.iter().filter(|told| told.matter.is_refusal()).map(|told| (told.row, told.say.as_str())).collect();
    let want = [
        (4, "看不懂這個日期"),
        (5, "這格變成日期了"),
        (6, "這格的公式沒有結果"),
        (7, "編號只有數字、英文"),
        (8, "沒有這一天"),
        (8, "數量要是整數"),
    ];
    assert_eq!(told.len(), want.len(), "{told:?}");
    for ((row, say), (want_row, want)) in told.iter().zip(want) {
        assert_eq!(*row, want_row, "{say}");
        assert!(say.contains(want), "{row}: {say}");
    }
}

#[test]
fn a_clerk_looks_first_then_confirms_and_orders_wait() {
    let site = shop();
    let hui = site.hui();
    hui.get("/orders/lists").check(200, "還沒有匯入過訂單");
    let path = csv(
        &site,
        &["1902046,,5/29,9-11,20KG,2,後門", "1902046,,5/29,9-11,50KG,1,後門", "1902047,,5/30,,瓶安桶10,1,", "1999999,,5/29,,20KG,1,"],
    );
    let before = content(&site);
    let seal = upload(&hui, &path);
    let page = hui.get("/orders/lists/pending");
    for says in ["清單.csv", "沒有這個編號的客戶", "20KG × 2、50KG × 1", "還沒有價格", "2–3", "開 2 張訂單"] {
        page.check(200, says);
    }
    // Drawn again it is still there, and nothing is written.
    hui.get("/orders/lists").check(200, "還沒確認");
    assert_eq!(self::seal(&hui), seal);
    let problems = hui.get("/orders/lists/pending/problems.csv").text();
    assert!(problems.starts_with('\u{feff}') && problems.contains("\"5\",\"客戶編號\",\"1999999\",\"找不到客戶\""), "{problems}");
    assert_eq!(content(&site), before);
    let journal = site.journal().len();

    let answer = hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]);
    assert_eq!(answer.location(), "/orders/lists/1");
    let made = orders(&site);
    assert_eq!(made.iter().map(|order| order.number.as_str()).collect::<Vec<_>>(), ["ORD-20250528-0001", "ORD-20250528-0002"]);
    assert_eq!(said(&made[0]), "1 2025-05-29 9–11 20KG × 2、50KG × 1 後門");
    for order in &made {
        assert_eq!((order.status, order.origin, order.order_import_id), (Status::Pending, Origin::Import, Some(OrderImportId(1))));
        let steps = site.app.db.read(|conn| store::history(conn, order.id)).unwrap();
        assert_eq!((steps.len(), steps[0].by.as_deref()), (1, Some("小惠")));
    }
    assert_eq!(made[1].lines[0].unit_price, None);
    let rows = site.journal().split_off(journal);
    assert_eq!(rows.len(), 1, "one row names the batch: {rows:?}");
    assert_eq!((rows[0].0.as_str(), rows[0].1), ("import", Some(1)));
    assert_eq!((rows[0].2["orders"].as_i64(), rows[0].2["rows_refused"].as_i64()), (Some(2), Some(1)));
    assert_eq!(rows[0].2["last"], "ORD-20250528-0002");

    let page = hui.get("/orders/lists/1");
    for says in ["0001–0002", "木瓜冰店", "沒有這個編號的客戶", "整批收回"] {
        page.check(200, says);
    }
    hui.get("/orders/lists/1/problems.csv").check(200, "1999999");
    hui.get("/orders/lists").check(200, "/orders/lists/1");
    assert_eq!(hui.get("/orders/lists/pending").location(), "/orders/lists");
    hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).check(409, "請重新選檔案");
    hui.get("/orders/lists/pending/problems.csv").check(409, "請重新選檔案");
    for target in ["/orders/lists/99", "/orders/lists/99/problems.csv", "/orders/lists/99/take-back"] {
        hui.get(target).check(404, "找不到訂單匯入 99");
    }
    hui.post("/orders/lists/99/take-back", &[]).check(404, "找不到訂單匯入 99");
    site.check_file();
}

#[test]
fn each_person_looks_at_a_list_of_their_own() {
    let site = shop();
    let (hui, lin) = (site.hui(), site.lin());
    upload(&hui, &csv(&site, &["1902046,,5/29,,20KG,2,小惠的單"]));
    assert_eq!(lin.get("/orders/lists/pending").location(), "/orders/lists");
    upload(&lin, &csv(&site, &["1902047,,5/30,,16KG,2,經理的單"]));
    hui.get("/orders/lists/pending").check(200, "小惠的單");
    assert!(!hui.get("/orders/lists/pending").text().contains("經理的單"));
    // Another tab of the same person sees the same; another list takes the place of the first.
    site.hui().get("/orders/lists/pending").check(200, "小惠的單");
    upload(&hui, &csv(&site, &["1902046,,5/29,,20KG,3,改過的單"]));
    assert!(!hui.get("/orders/lists/pending").text().contains("小惠的單"));
    assert_eq!(hui.post("/orders/lists/pending/drop", &[]).location(), "/orders/lists");
    assert_eq!(hui.get("/orders/lists/pending").location(), "/orders/lists");
    lin.get("/orders/lists/pending").check(200, "經理的單");
    assert!(orders(&site).is_empty());
}

#[test]
fn what_has_changed_since_it_was_shown_is_shown_again() {
    let site = shop();
    let hui = site.hui();
    let seal = upload(&hui, &csv(&site, &["1902046,,5/29,,20KG,2,"]));
    site.add_price("C20", "2025-05-28", 900);
    let before = content(&site);
    hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).check(409, "請再看一遍").check(409, "1,800");
    hui.post("/orders/lists/pending/confirm", &[]).check(409, "請再看一遍");
    assert_eq!(content(&site), before);
    let seal = self::seal(&hui);
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).status(), 303);
    assert_eq!(orders(&site)[0].totals.total.0, 1_800);
}

#[test]
fn the_same_list_a_second_time_makes_nothing_twice() {
    let site = shop();
    let hui = site.hui();
    let rows = ["1902046,,5/29,,20KG,2,", "1902046,,5/29,早,50KG,1,", "1902047,,5/30,,16KG,2,", "1902046,,5/29,,20KG,2,"];
    let path = csv(&site, &rows);
    bring_in(&hui, &path);
    assert_eq!(orders(&site).len(), 4);
    // Somebody has worked on one of them since: it is still that row's order.
    let id = orders(&site)[0].id;
    site.app
        .db
        .write(|tx| Ok(tx.execute("UPDATE orders SET notes = '改過', scheduled_on = '2025-06-03' WHERE id = ?1", [id]).unwrap()))
        .unwrap();

    let judged = judged(&site, &path);
    assert_eq!(judged.fresh().count(), 0);
    let seal = upload(&hui, &path);
    let page = hui.get("/orders/lists/pending");
    page.check(200, "每一張都開過了").check(200, "已有的訂單").check(200, "還是再開 4 張");
    hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).check(409, "沒有可以匯入的訂單");
    assert_eq!((orders(&site).len(), one(&site, "SELECT count(*) FROM order_imports")), (4, 1));

    // A longer list makes only what is new; an order taken on the phone counts as there, too.
    let mut new = site.new_order(CustomerId(2), &[("C16-LUCKY", 5)]);
    new.scheduled_on = support::day("2025-06-02");
    site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
    let longer = csv(&site, &[&rows[..], &["1902047,,6/2,12-17,16KG,5,", "1902046,,5/29,,20KG,2,"]].concat());
    let seal = upload(&hui, &longer);
    let page = hui.get("/orders/lists/pending");
    page.check(200, "開 1 張訂單").check(200, "原本就有的 5 張也再開一次");
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).status(), 303);
    assert_eq!(orders(&site).len(), 6);
    // Whoever says so gets them again.
    let seal = upload(&hui, &longer);
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal), ("again", "1")]).status(), 303);
    assert_eq!(orders(&site).len(), 12);
    site.check_file();
}

#[test]
fn a_list_is_brought_in_whole_or_not_at_all() {
    let site = shop();
    let hui = site.hui();
    let rows: Vec<String> = (1..=20).map(|qty| format!("1902046,,5/29,,20KG,{qty},第 {qty} 張")).collect();
    let seal = upload(&hui, &csv(&site, &rows.iter().map(String::as_str).collect::<Vec<_>>()));
    let fault = "CREATE TRIGGER fault BEFORE INSERT ON order_history WHEN new.order_id = 15 BEGIN SELECT raise(ABORT, 'fault'); END";
    let run = |sql: &str| site.app.db.maintain(|conn| conn.execute_batch(sql).map_err(|error| luckygas::Error::internal("run", error)));
    run(fault).unwrap();
    let (before, journal) = (content(&site), site.journal().len());
    hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).check(500, "資料沒有變");
    assert_eq!((content(&site), site.journal().len()), (before, journal));
    // The list still waits, and goes in once the fault is mended; no number is lost.
    run("DROP TRIGGER fault").unwrap();
    assert_eq!(self::seal(&hui), seal);
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).status(), 303);
    assert_eq!(orders(&site).last().unwrap().number, "ORD-20250528-0020");
}

#[test]
fn a_list_is_taken_back_as_far_as_nobody_has_gone_on() {
    let site = shop();
    let (hui, lin) = (site.hui(), site.lin());
    let path = csv(
        &site,
        &["1902046,,5/29,,20KG,1,", "1902046,,5/30,,20KG,2,", "1902046,,5/31,,20KG,3,", "1902047,,6/2,,16KG,4,", "1902047,,6/3,,16KG,5,"],
    );
    bring_in(&hui, &path);
    let ids: Vec<_> = orders(&site).iter().map(|order| order.id).collect();
    let step = |at: usize, step: &steps::Move| {
        site.app.db.write(|tx| steps::act(tx, ids[at], None, step, site.actor(Role::Manager))).unwrap();
    };
    step(1, &steps::Move::Confirm);
    step(2, &steps::Move::Confirm);
    site.assign(ids[2]);
    step(3, &steps::Move::Cancel { reason: luckygas::orders::CancelReason::CustomerRequest, note: None });

    hui.get("/orders/lists/1/take-back").check(200, "會取消 3 張").check(200, "會留著").check(200, "0003");
    let before = site.journal().len();
    assert_eq!(hui.post("/orders/lists/1/take-back", &[]).location(), "/orders/lists/1");
    let states: Vec<_> = orders(&site).iter().map(|order| (order.status, order.cancel_reason.map(|reason| reason.word()))).collect();
    let cancelled = |reason| (Status::Cancelled, Some(reason));
    let wrong = cancelled("wrong_entry");
    assert_eq!(states, [wrong, wrong, (Status::Assigned, None), cancelled("customer_request"), wrong]);
    for at in [0, 1, 4] {
        let history = site.app.db.read(|conn| store::history(conn, ids[at])).unwrap();
        let last = history.last().unwrap();
        assert_eq!((last.to, last.reason.as_deref(), last.by.as_deref()), (Status::Cancelled, Some("輸入錯誤；收回匯入 1"), Some("小惠")));
    }
    let rows = site.journal().split_off(before);
    let verbs: Vec<_> = rows.iter().map(|(verb, _, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["cancel", "cancel", "cancel", "take_back"], "each cancelling is a step, and one row is of the whole");
    assert_eq!(rows[3].2["left"], serde_json::json!(["ORD-20250528-0003"]));
    assert_eq!(rows[3].2["cancelled"].as_array().unwrap().len(), 3);

    hui.get("/orders/lists/1").check(200, "收回").check(200, "留著沒有取消的").check(200, "0003");
    hui.get("/orders/lists").check(200, "已收回");
    let before = content(&site);
    hui.post("/orders/lists/1/take-back", &[]).check(409, "收回過了");
    lin.post("/orders/lists/1/take-back", &[]).check(409, "收回過了");
    hui.get("/orders/lists/1/take-back").check(200, "收回過了");
    assert_eq!(content(&site), before);

    // What was taken back can be brought in again, but for what stayed.
    let seal = upload(&hui, &path);
    hui.get("/orders/lists/pending").check(200, "開 4 張訂單");
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).status(), 303);
    assert_eq!(orders(&site).len(), 9);
    site.check_file();
}

#[test]
fn what_is_written_out_is_brought_in_as_the_same_orders() {
    let site = shop();
    let hui = site.hui();
    let rows = [
        "1902046,,5/29,9-11,20KG,2,後門",
        "1902046,,5/29,9-11,F50,1,後門",
        "1902046,0900-000-299,5/29,9-11,C20,2,\"=1+1 就是\"\"二\"\"，第二行\n在這裡\"",
        "1902047,,5/30,,C16,1,",
        "1902047,,5/30,,C16-LUCKY,2,",
        "1902047,,5/30,14-17,C16-LUCKY,2,-樓下",
        "1902048,,6/1,14:30-16,幸福丸,3,'引號",
    ];
    bring_in(&hui, &csv(&site, &rows));
    // Two orders alike, side by side: their numbers keep them apart.
    let alike = site.new_order(CustomerId(1), &[("C50", 1)]);
    site.take(CustomerId(1), &[("C50", 1)]);
    site.take_as(Role::OfficeStaff, &alike, Status::Confirmed);
    let cancelled = site.take(CustomerId(1), &[("C50", 9)]);
    let cancel = steps::Move::Cancel { reason: luckygas::orders::CancelReason::NoStock, note: None };
    site.app.db.write(|tx| steps::act(tx, cancelled.id, None, &cancel, site.actor(Role::Manager))).unwrap();

    let out = hui.get("/orders.csv?from=2025-05-28&to=2025-06-30");
    let text = out.check(200, "客戶編號,電話,配送日期,時段,產品,數量,備註,訂單編號,狀態,客戶簡稱").text();
    assert!(text.starts_with('\u{feff}') && text.contains("'=1+1") && text.contains("'-樓下"), "{text}");
    assert!(text.contains(",C16,1,") && !text.contains(",16KG,"), "16KG is 好運16 to this customer: {text}");
    let (verb, _, change) = site.journal().pop().unwrap();
    assert_eq!((verb.as_str(), change["rows"].as_u64()), ("export", Some(10)));

    // Here they are there already, cancelled ones are not opened again.
    let judged = judged(&site, &put(&site, "out.csv", &text));
    assert_eq!(judged.fresh().count(), 0, "{:?}", judged.fresh().collect::<Vec<_>>());
    let refused: Vec<_> = judged.told.iter().map(|told| told.matter).filter(|matter| matter.is_refusal()).collect();
    assert_eq!(refused, [Matter::Cancelled]);

    // In another shop with the same customers they are the same orders.
    let other = shop();
    bring_in(&other.hui(), &put(&other, "out.csv", &text));
    let mut want: Vec<_> = orders(&site).iter().filter(|order| order.status != Status::Cancelled).map(said).collect();
    let mut have: Vec<_> = orders(&other).iter().map(said).collect();
    want.sort();
    have.sort();
    assert_eq!(have, want);
    assert_eq!(orders(&other).iter().filter(|order| order.contact_phone.as_deref() == Some("0900-000-299")).count(), 1);

    // What the list shows is what is written, whatever its conditions.
    for (query, rows) in
        [("date=2025-05-29", 3), ("from=2025-05-30&to=&status=pending", 4), ("status=cancelled", 1), ("date=2025-01-01", 0)]
    {
        let text = hui.get(&format!("/orders.csv?{query}")).text();
        assert_eq!(csv::Reader::from_reader(text.as_bytes()).records().count(), rows, "{query}: {text}");
    }
    hui.get("/orders?date=2025-05-29").check(200, "/orders.csv?date=tomorrow").check(200, "從試算表匯入");
    assert!(!site.chen().get("/orders?date=2025-05-29").text().contains("/orders.csv"), "an accountant may not");
}

#[test]
fn the_template_is_a_list_without_an_order() {
    let site = shop();
    let template = site.hui().get("/orders/lists/template.csv");
    assert!(template.check(200, HEAD).text().starts_with('\u{feff}'));
    let path = put(&site, "template.csv", template.text());
    let refused = file::read(&path, "template.csv").unwrap_err();
    assert!(refused.say.contains("沒有訂單"), "{}", refused.say);
    // Filled in below, the example is passed over.
    let filled = put(&site, "filled.csv", template.text() + "1902046,,5/29,,20KG,1,\r\n");
    let read = file::read(&filled, "filled.csv").unwrap();
    assert_eq!((read.rows.len(), read.ignored), (1, 1));
    assert_eq!(judged(&site, &filled).orders.len(), 1);
}

#[test]
fn only_the_office_brings_lists_in() {
    let site = shop();
    let path = csv(&site, &["1902046,,5/29,,20KG,1,"]);
    for (role, is_let_in) in
        [(Role::Admin, true), (Role::Manager, true), (Role::Accountant, false), (Role::OfficeStaff, true), (Role::Driver, false)]
    {
        let status = site.role(role).upload("/orders/lists", &[&path]).status();
        assert_eq!(status, if is_let_in { 303 } else { 403 }, "{role:?}");
        let status = site.role(role).get("/orders.csv").status();
        assert_eq!(status, if is_let_in { 200 } else { 403 }, "{role:?}");
    }
    assert_eq!(site.nobody().upload("/orders/lists", &[&path]).status(), 401);
    // Before a byte of the file is taken in, its sender is known, and how much it may be.
    let room = |role: Role| {
        let token = site.role(role).token.unwrap();
        let headers = vec![("cookie".to_owned(), format!("{}={token}", luckygas::users::session::COOKIE))];
        let target = "/orders/lists".to_owned();
        let head = Head { method: Method::Post, target, headers, length: 1 << 20, waits: false, closes: false };
        luckygas::urls::room(&site.app, &head).map_err(|refusal| refusal.status)
    };
    assert!(matches!(room(Role::OfficeStaff), Ok(Some(Room::File(most))) if most < 11 << 20));
    assert!(matches!(room(Role::Accountant), Err(403)));
    assert!(matches!(room(Role::Driver), Err(403)));
}

#[test]
fn two_thousand_rows_are_a_matter_of_a_moment() {
    let site = shop();
    let rows: Vec<String> = (0..2_000)
        .map(|at| format!("190204{},,{},,20KG,{},第 {at} 張", 6 + at % 4, support::day("2025-05-29").plus(at / 100), at % 100 + 1))
        .collect();
    let path = csv(&site, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let hui = site.hui();
    let started = std::time::Instant::now();
    let seal = upload(&hui, &path);
    let shown = started.elapsed();
    assert_eq!(hui.post("/orders/lists/pending/confirm", &[("seal", &seal)]).status(), 303);
    let made = started.elapsed() - shown;
    println!("2,000 rows: looked at in {shown:.0?}, brought in in {made:.0?}");
    assert_eq!(orders(&site).len(), 2_000);
    assert_eq!(orders(&site).last().unwrap().number, "ORD-20250528-2000");
    assert!((shown + made).as_secs() < 60, "{shown:?} {made:?}");
    let started = std::time::Instant::now();
    assert_eq!(judged(&site, &path).fresh().count(), 0);
    println!("2,000 rows that are there already: looked at in {:.0?}", started.elapsed());
    assert_eq!(hui.get("/orders/lists/1").status(), 200);
}
