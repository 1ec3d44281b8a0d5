//! Bringing the shop's files in: what they say, what becomes of it, and how it is taken back.

#[path = "support/imports.rs"]
mod files;
mod support;

use files::{ORDER, check_all, check_alone, check_customers, content, import, sample, truth};
use luckygas::imports::{self, take_back};
use luckygas::journal::By;
use luckygas::values::ImportId;
use support::Site;
use support::zip::zip;

#[test]
fn each_file_alone_comes_to_what_the_truth_says() {
    for name in ORDER {
        check_alone(&sample(), name);
    }
}

#[test]
fn all_files_together_come_to_what_the_truth_says() {
    let site = Site::open();
    let report = import(&site, &sample(), &ORDER);
    check_all(&site, &sample());
    check_customers(&site, &sample());
    files::check_clients(&site, &sample());
    let by_source = truth(&sample());
    for (source, count) in by_source["all"]["customers_by_first_source"].as_object().unwrap() {
        let have = files::one(&site, &format!("SELECT count(*) FROM customers WHERE first_source = '{source}'"));
        assert_eq!(have, count.as_i64().unwrap(), "{source}");
    }
    assert_eq!(report.counts.customers_created_from_history, by_source["all"]["customers_from_history_only"].as_i64().unwrap());
}

#[test]
fn one_file_after_the_other_comes_to_the_same_and_a_second_time_adds_nothing() {
    let site = Site::open();
    for name in ORDER {
        import(&site, &sample(), &[name]);
    }
    check_all(&site, &sample());
    check_customers(&site, &sample());
    let before = content(&site);
    for name in ORDER {
        let report = import(&site, &sample(), &[name]);
        assert_eq!((report.counts.customers_created, report.counts.deliveries_created), (0, 0), "{name}");
        assert_eq!((report.counts.customers_updated, report.counts.deliveries_completed), (0, 0), "{name}");
    }
    without_recorded(&before, &content(&site));
}

/// The same but for the marks an import that found nothing new leaves of itself.
fn without_recorded(before: &str, after: &str) {
    let rows = |text: &str| text.lines().filter(|line| !line.starts_with("import_changes")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(before), rows(after));
}

#[test]
fn the_order_of_the_files_changes_nothing() {
    let orders: [[usize; 6]; 4] = [[5, 4, 3, 2, 1, 0], [2, 1, 0, 4, 5, 3], [3, 0, 5, 1, 4, 2], [4, 2, 5, 0, 3, 1]];
    for order in orders {
        let site = Site::open();
        for at in order {
            import(&site, &sample(), &[ORDER[at]]);
        }
        check_all(&site, &sample());
        let quantities =
            "SELECT ifnull(sum(qty_50), 0) * 1000000 + ifnull(sum(qty_20), 0) * 1000 + ifnull(sum(qty_16), 0) FROM all_deliveries";
        let straight = Site::open();
        import(&straight, &sample(), &ORDER);
        assert_eq!(files::one(&site, quantities), files::one(&straight, quantities), "{order:?}");
    }
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_the_import_then_does() {
    let site = Site::open();
    let before = content(&site);
    let dry = imports::dry_run(&site.app, &files::sources(&sample(), &ORDER)).unwrap();
    assert_eq!(content(&site), before);
    assert_eq!(files::one(&site, "SELECT count(*) FROM imports"), 0);
    let real = import(&site, &sample(), &ORDER);
    assert_eq!(dry.counts, real.counts);
    assert_eq!(dry.problems.len(), real.problems.len());
}

#[test]
fn an_import_is_taken_back_as_if_it_had_never_been() {
    let site = Site::open();
    let mut states = vec![content(&site)];
    let mut order = ORDER;
    order.swap(0, 1);
    for name in order {
        import(&site, &sample(), &[name]);
        states.push(content(&site));
    }
    let by = By::program(site.app.now());
    let early = site.app.db.write(|tx| take_back::take_back(tx, ImportId(1), by)).unwrap_err();
    assert_eq!(early.status(), 409);
    states.pop();
    for id in (1..=6).rev() {
        let kept = site.app.db.write(|tx| take_back::take_back(tx, ImportId(id), by)).unwrap();
        assert_eq!(kept, 0);
        assert_eq!(content(&site), states.pop().unwrap(), "after taking import {id} back");
    }
    let again = site.app.db.write(|tx| take_back::take_back(tx, ImportId(1), by)).unwrap_err();
    assert_eq!(again.status(), 409);
    import(&site, &sample(), &ORDER);
    check_all(&site, &sample());
}

/// Asks for the pending page until it has nothing more to wait for.
#[test]
fn somebody_who_ordered_since_stays_when_the_import_goes() {
    let site = Site::open();
    import(&site, &sample(), &[ORDER[1]]);
    let ids: Vec<i64> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT id FROM customers ORDER BY id LIMIT 2").unwrap();
            Ok(query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    let ordered = luckygas::values::CustomerId(ids[0]);
    site.add_prices();
    site.take(ordered, &[("C20", 1)]);
    site.app
        .db
        .write(|tx| {
            let sql = "INSERT INTO customer_prices (customer_id, product_id, valid_from, unit_price_ntd) VALUES (?1, 1, '2025-01-01', 1)";
            Ok(tx.execute(sql, [ids[1]]).unwrap())
        })
        .unwrap();
    let kept = site.app.db.write(|tx| take_back::take_back(tx, ImportId(1), By::program(site.app.now()))).unwrap();
    assert_eq!(kept, 2);
    site.check_file();
}

fn settled(browser: &support::Browser) -> support::Answer {
    for _ in 0..600 {
        let answer = browser.get("/imports/pending");
        if answer.status() != 200 || !answer.text().contains("http-equiv=\"refresh\"") {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the import never settles");
}

#[test]
fn a_manager_looks_first_then_confirms_then_takes_back() {
    let site = Site::open();
    let lin = site.lin();
    lin.get("/imports").check(200, "還沒有匯入過");
    lin.upload("/imports", &[]).check(422, "請選擇要匯入的檔案");
    let paths = [sample().join("clients.xlsx"), sample().join("history.xlsx")];
    let before = content(&site);
    assert_eq!(lin.upload("/imports", &[&paths[1], &paths[0]]).location(), "/imports/pending");
    let page = settled(&lin);
    page.check(200, "現在什麼都還沒寫入").check(200, "不收這列").check(200, "確認寫入");
    assert!(!page.text().contains("<b>阿浪</b>&小吃"), "markup is text");
    assert_eq!(content(&site), before);
    let list = lin.get("/imports/pending/problems.csv");
    assert!(list.text().starts_with('\u{feff}'));
    assert_eq!(lin.post("/imports/pending/confirm", &[]).location(), "/imports/pending");
    let done = settled(&lin);
    assert_eq!(done.location(), "/imports/1");
    lin.get("/imports/1").check(200, "收回這次匯入");
    assert_eq!(lin.get("/imports/pending").location(), "/imports/1", "looking changes nothing");
    let list = lin.get("/imports");
    assert!(!list.check(200, "clients.xlsx").text().contains("還沒結束"));
    assert_eq!(files::one(&site, "SELECT count(*) FROM customers"), 135);
    lin.post("/imports/pending/confirm", &[]).check(409, "請重新選檔案");
    lin.get("/imports/1/take-back").check(200, "135 位客戶");
    assert_eq!(lin.post("/imports/1/take-back", &[]).location(), "/imports/1");
    lin.get("/imports/1").check(200, "收回");
    assert_eq!(content(&site), before);
    lin.post("/imports/1/take-back", &[]).check(409, "收回過了");
    assert_eq!(lin.upload("/imports", &[&paths[0]]).location(), "/imports/pending");
    settled(&lin).check(200, "現在什麼都還沒寫入");
    for target in ["/imports/99", "/imports/99/problems.csv", "/imports/99/take-back"] {
        lin.get(target).check(404, "找不到匯入 99");
    }
}

const LIST: [&str; 17] = [
    "客戶",
    "電子發票抬頭",
    "客戶簡稱",
    "地址",
    "50KG",
    "20KG",
    "計價方式",
    "結帳方式",
    "訂閱式會員",
    "已解約",
    "公休日",
    "月配送量",
    "區域",
    "第一使用區域(串接)",
    "第二使用區域",
    "智慧秤",
    "類型",
];

/// A client list with these rows, its cells in the order of [`LIST`].
fn list(site: &Site, rows: &[[&str; 17]]) -> imports::report::Report {
    let cell = |text: &str| if text.is_empty() { "<c/>".to_owned() } else { format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>") };
    let row = |cells: &[&str; 17]| format!("<row>{}</row>", cells.map(cell).concat());
    let rows: String = std::iter::once(&LIST).chain(rows).map(row).collect();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let book: &[u8] = br#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
    let path = site.folder.0.join("list.xlsx");
    std::fs::write(&path, zip(&[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", sheet.as_bytes())])).unwrap();
    let sources = [imports::Source { name: "list.xlsx".to_owned(), path }];
    imports::import(&site.app, &sources, By::program(site.app.now())).unwrap()
}

/// A row of the list, with some of its cells otherwise.
fn but(row: [&'static str; 17], cells: &[(&str, &'static str)]) -> [&'static str; 17] {
    let mut row = row;
    for (heading, text) in cells {
        row[LIST.iter().position(|have| have == heading).unwrap()] = text;
    }
    row
}

/// Everything of customer `code` that the tests below look at, in one line.
fn card(site: &Site, code: &str) -> String {
    let sql = "
        SELECT concat_ws('|', short_name, invoice_title, address, pricing_method, is_terminated, customer_type,
                         (SELECT name FROM areas WHERE id = area_id),
                         (SELECT group_concat(product || '*' || qty, ' ') FROM customer_cylinders WHERE customer_id = c.id),
                         (SELECT group_concat(seq || raw_text, ' ') FROM usage_areas WHERE customer_id = c.id),
                         (SELECT group_concat(device, ' ') FROM customer_equipment WHERE customer_id = c.id))
        FROM customers AS c WHERE customer_code = ?1";
    site.app.db.read(|conn| Ok(conn.query_row(sql, [code], |row| row.get(0)).unwrap())).unwrap()
}

#[rustfmt::skip]
const FIRST: [&str; 17] = [
    "1400001", "甲小吃有限公司", "甲小吃", "臺東縣成功鎮一號", "1", "2", "桶裝", "月結", "X", "", "日", "120", "F-成功縣", "煎台16*1", "", "V", "小吃",
];

/// Gives what the office changes in customer `code`.
fn office(site: &Site, code: &str, change: impl FnOnce(&mut luckygas::customers::Details)) {
    use luckygas::customers::store;
    use luckygas::values::CustomerId;
    let by = By::program(site.app.now());
    let edit = |tx: &rusqlite::Transaction| {
        let id: CustomerId = tx.query_row("SELECT id FROM customers WHERE customer_code = ?1", [code], |row| row.get(0)).unwrap();
        let before = store::get(tx, id)?;
        let mut after = before.details.clone();
        change(&mut after);
        store::update(tx, &before, &after, by)
    };
    site.app.db.write(edit).unwrap();
}

#[test]
fn a_newer_list_changes_only_what_changed_in_the_list() {
    let site = Site::open();
    list(&site, &[FIRST]);
    assert_eq!(card(&site, "1400001"), "甲小吃|甲小吃有限公司|臺東縣成功鎮一號|cylinder|0|小吃|F-成功縣|C20*2 C50*1|1煎台16*1|smart_scale");
    let area = |name: &str| files::one(&site, &format!("SELECT count(*) FROM areas WHERE name = '{name}'"));
    let id = files::one(&site, "SELECT id FROM areas");
    assert_eq!(site.lin().post(&format!("/areas/{id}/rename"), &[("name", "F-成功鎮")]).status(), 303);
    office(&site, "1400001", |details| {
        details.address = Some("臺東縣成功鎮二號".to_owned());
        details.cylinders = vec![("C20", 3), ("C50", 1), ("C16", 5)];
        details.usage_areas[1] = Some("快速爐20*1".to_owned());
    });
    let edited = content(&site);

    let report =
        list(&site, &[but(FIRST, &[("電子發票抬頭", "甲小吃商行"), ("50KG", ""), ("第一使用區域(串接)", "煎台16*2"), ("智慧秤", "")])]);
    assert_eq!(report.counts.customers_updated, 1);
    assert_eq!(card(&site, "1400001"), "甲小吃|甲小吃商行|臺東縣成功鎮二號|cylinder|0|小吃|F-成功鎮|C16*5 C20*3|1煎台16*2 2快速爐20*1");
    assert_eq!((area("F-成功縣"), area("F-成功鎮")), (0, 1), "a name that was mended does not come back");

    site.app.db.write(|tx| take_back::take_back(tx, ImportId(2), By::program(site.app.now()))).unwrap();
    let row = |text: &str| text.lines().find(|line| line.starts_with("customer_cylinders")).unwrap().to_owned();
    assert_eq!(row(&content(&site)), row(&edited));
    assert!(card(&site, "1400001").contains("甲小吃有限公司|臺東縣成功鎮二號|"));

    // What changes in the list itself is newer than what people made of it.
    list(&site, &[but(FIRST, &[("地址", "臺東縣成功鎮三號"), ("20KG", "4"), ("區域", "G-長濱鄉"), ("類型", "")])]);
    assert_eq!(
        card(&site, "1400001"),
        "甲小吃|甲小吃有限公司|臺東縣成功鎮三號|cylinder|0|G-長濱鄉|C16*5 C20*4 C50*1|1煎台16*1 2快速爐20*1|smart_scale"
    );
}

#[test]
fn the_first_list_leaves_what_the_office_wrote_where_it_says_nothing() {
    let site = Site::open();
    site.customer("1400001", "阿甲的店", |details| {
        details.address = Some("臺東縣成功鎮二號".to_owned());
        details.area = Some("F-成功鎮".to_owned());
        details.cylinders = vec![("C16", 5)];
    });
    list(&site, &[but(FIRST, &[("地址", ""), ("區域", ""), ("50KG", "")])]);
    assert_eq!(card(&site, "1400001"), "甲小吃|甲小吃有限公司|臺東縣成功鎮二號|cylinder|0|小吃|F-成功鎮|C16*5 C20*2|1煎台16*1|smart_scale");
}

#[test]
fn others_may_not_import() {
    let site = Site::open();
    for browser in [site.hui(), site.chen(), site.ming()] {
        browser.get("/imports").check(403, "沒有這項權限");
        browser.upload("/imports", &[&sample().join("clients.xlsx")]).check(403, "沒有這項權限");
        browser.post("/imports/1/take-back", &[]).check(403, "沒有這項權限");
    }
}

/// What calamine reads of the same sheet, cell by cell.
#[test]
fn our_own_reader_sees_what_calamine_sees() {
    use calamine::{DataRef, Reader, Xlsx, open_workbook};
    use luckygas::imports::workbook::{Cell, Workbook};
    for name in ["clients.xlsx", "history.xlsx", "residential_plan.xlsx"] {
        let path = sample().join(name);
        let mut theirs = std::collections::BTreeMap::new();
        let mut book: Xlsx<_> = open_workbook(&path).unwrap();
        let sheet = book.sheet_names()[0].clone();
        let mut cells = book.worksheet_cells_reader(&sheet).unwrap();
        while let Some(cell) = cells.next_cell().unwrap() {
            let text = match cell.get_value() {
                DataRef::Empty => continue,
                DataRef::Int(number) => number.to_string(),
                DataRef::Float(number) => number.to_string(),
                DataRef::String(text) => text.clone(),
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Bool(yes) => yes.to_string().to_uppercase(),
                DataRef::DateTime(date) => format!("date {}", date.as_f64()),
                DataRef::Error(error) => error.to_string(),
                other => panic!("{other:?}"),
            };
            if !text.is_empty() {
                theirs.insert((cell.get_position().0 + 1, cell.get_position().1), text);
            }
        }
        let mut ours = std::collections::BTreeMap::new();
        let mut book = Workbook::open(std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(book.sheet_name, sheet);
        book.rows(|sheet| {
            for (column, cell) in sheet.cells.iter().enumerate() {
                let text = match cell {
                    Cell::Date(serial) => format!("date {serial}"),
                    cell => sheet.text(*cell).into_owned(),
                };
                if !text.is_empty() {
                    ours.insert((sheet.row, column as u32), text);
                }
            }
            Ok(true)
        })
        .unwrap();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (place, text) in &theirs {
            assert_eq!(ours.get(place), Some(text), "{name} {place:?}");
        }
    }
}

#[test]
fn while_a_history_is_read_its_rows_are_counted() {
    let site = Site::open();
    let mut rows: String = ["客戶", "電子發票抬頭", "客戶簡稱", "地址", "最後十次日期"]
        .map(|heading| format!("<c t=\"inlineStr\"><is><t>{heading}</t></is></c>"))
        .concat();
    rows = format!("<row>{rows}</row>");
    for row in 0..9_000 {
        rows.push_str(&format!("<row><c><v>{}</v></c><c/><c/><c/><c><v>1140526</v></c></row>", 1_000_000 + row));
    }
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let book: &[u8] = br#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
    let path = site.folder.0.join("a.xlsx");
    std::fs::write(&path, zip(&[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", sheet.as_bytes())])).unwrap();
    let sources = [imports::Source { name: "a.xlsx".to_owned(), path }];
    let mut told = Vec::new();
    imports::understand(&sources, support::now().day(), &Default::default(), &mut |_, rows| told.push(rows)).unwrap();
    assert_eq!(told, [0, 4_095, 8_191, 9_000]);
}

#[test]
fn bad_files_are_refused_with_a_reason_and_nothing_is_written() {
    let site = Site::open();
    let before = content(&site);
    let whole = std::fs::read(sample().join("history.xlsx")).unwrap();
    let book: &[u8] = br#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
    let strings = b"<si/>".repeat(2_100_000);
    let blanks = vec![b' '; 80 << 20];
    let rows = [&b"<worksheet><sheetData>"[..], &b"<row></row>".repeat(1_100_000)].concat();
    let mut bomb = b"<worksheet><sheetData>".to_vec();
    bomb.extend(std::iter::repeat_n(b' ', 100 << 20));
    let locked: Vec<u8> =
        [&[0xd0, 0xcf, 0x11, 0xe0][..], &"EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat();
    let other = site.folder.0.join("other.db");
    let foreign = rusqlite::Connection::open(&other).unwrap();
    foreign.execute_batch("CREATE TABLE clients (id, a); CREATE VIEW deliveries AS SELECT 1 AS id").unwrap();
    drop(foreign);
    let trap = site.folder.0.join("trap.db");
    std::fs::copy(sample().join("legacy.db"), &trap).unwrap();
    let conn = rusqlite::Connection::open(&trap).unwrap();
    conn.execute_batch("ALTER TABLE deliveries RENAME TO real; CREATE VIEW deliveries AS SELECT * FROM real, real, real").unwrap();
    drop(conn);
    site.app.db.checkpoint().unwrap();
    let ours = site.app.db.path().to_owned();
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("empty.xlsx", vec![], "空的"),
        ("cut.xlsx", whole[..whole.len() / 2].to_vec(), "不完整"),
        ("text.xlsx", "你好，這不是活頁簿".into(), "看不出這是什麼檔案"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0".to_vec(), "看不出這是什麼檔案"),
        ("locked.xlsx", locked, "密碼"),
        ("nothing.xlsx", zip(&[("a.txt", b"a")]), "不是 Excel 活頁簿"),
        ("strings.xlsx", zip(&[("xl/workbook.xml", book), ("xl/sharedStrings.xml", &strings)]), "太大"),
        ("blanks.xlsx", zip(&[("xl/workbook.xml", book), ("xl/sharedStrings.xml", &blanks)]), "不對"),
        ("rows.xlsx", zip(&[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", &rows)]), "太大"),
        ("bomb.xlsx", zip(&[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", &bomb)]), "不對"),
        ("other.db", std::fs::read(&other).unwrap(), "別的程式"),
        ("trap.db", std::fs::read(&trap).unwrap(), "別的程式"),
        ("ours.db", std::fs::read(&ours).unwrap(), "幸福氣自己的資料檔"),
    ];
    for (name, bytes, says) in cases {
        let path = site.folder.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        let sources = [imports::Source { name: name.to_owned(), path }];
        let error = imports::import(&site.app, &sources, By::program(site.app.now())).unwrap_err();
        assert_eq!(error.status(), 422, "{name}: {error}");
        assert!(error.user_message().contains(says), "{name}: {}", error.user_message());
    }
    assert_eq!(content(&site), before);
    assert_eq!(files::one(&site, "SELECT count(*) FROM imports"), 0);
}

#[test]
fn a_file_of_mostly_bad_rows_is_not_applied() {
    let site = Site::open();
    let mut csv = "客戶代號,交易日期,交易時間,備註,50KG,20KG,16KG,10KG,4KG\n".to_owned();
    for row in 0..60 {
        let day = if row % 5 == 0 { "2025/02/30" } else { "2025/05/28" };
        csv.push_str(&format!("{},{day},09:10,,,1,,,\n", 1_000_000 + row));
    }
    let path = site.folder.0.join("a.csv");
    std::fs::write(&path, csv).unwrap();
    let sources = [imports::Source { name: "a.csv".to_owned(), path }];
    assert_eq!(imports::dry_run(&site.app, &sources).unwrap().files[0].skipped, 12);
    let error = imports::import(&site.app, &sources, By::program(site.app.now())).unwrap_err();
    assert!(error.user_message().contains("超過一成"), "{}", error.user_message());
    assert_eq!(files::one(&site, "SELECT count(*) FROM customers"), 0);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn no_bytes_make_it_panic(seed in 0usize..4, at in 0usize..40_000, bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        let name = ["clients.xlsx", "commercial_history.csv", "legacy.db", "residential_plan.xlsx"][seed];
        let mut whole = std::fs::read(sample().join(name)).unwrap();
        let at = at % whole.len();
        let to = (at + bytes.len()).min(whole.len());
        whole.splice(at..to, bytes.iter().copied());
        let folder = support::Folder::new();
        let path = folder.0.join("a");
        std::fs::write(&path, whole).unwrap();
        let sources = [imports::Source { name: "a".to_owned(), path }];
        let today = support::now().day();
        let _ = imports::understand(&sources, today, &Default::default(), &mut |_, _| {});
    }

    #[test]
    fn no_sheet_makes_it_panic(xml in "(<|>|/|row|c|v|is|t|f| r=\"A1\"| t=\"s\"| t=\"str\"|sheetData|1|9|&lt;|<!--|-->|\\]\\]>|<!\\[CDATA\\[|é|\"){0,60}") {
        let sheet = format!("<worksheet><sheetData>{xml}</sheetData></worksheet>");
        let book: &[u8] = br#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
        let folder = support::Folder::new();
        let path = folder.0.join("a");
        std::fs::write(&path, zip(&[("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", sheet.as_bytes())])).unwrap();
        let sources = [imports::Source { name: "a".to_owned(), path }];
        let _ = imports::understand(&sources, support::now().day(), &Default::default(), &mut |_, _| {});
    }
}
