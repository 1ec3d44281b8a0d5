//! A copy goes out through the browser as it lies there, or locked; what comes in is one of ours or nothing.

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use luckygas::app::{App, Clock};
use luckygas::backups::list::Backup;
use luckygas::backups::lock_up::{self, Passphrase};
use luckygas::backups::make::{self, Progress};
use luckygas::backups::{Kind, prove};
use luckygas::http::Front;
use luckygas::http::door::Limits;
use luckygas::journal::By;
use luckygas::urls;
use luckygas::users::session;
use luckygas::values::UserId;
use support::wire::Client;
use support::{Folder, Site};

fn backup(site: &Site) -> Backup {
    make::make(&site.app, Kind::Manual, By::program(site.app.now()), &Progress::default()).unwrap()
}

/// The copies there are, of `kind`.
fn kept(folder: &Path, kind: &str) -> Vec<String> {
    let names =
        std::fs::read_dir(luckygas::backups::folder(folder)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(kind)).collect()
}

/// What is left in the folder of uploads but for what the test put there itself.
fn waste(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder.join("uploads")).into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with("test-")).collect()
}

#[test]
fn a_copy_is_downloaded_through_the_door_byte_for_byte() {
    let site = Site::open();
    // Larger than what the door holds in memory.
    site.app.db.write(|tx| luckygas::settings::set(tx, "long", &"瓦斯".repeat(600_000))).unwrap();
    let made = backup(&site);
    let token = site.app.db.write(|tx| session::start(tx, UserId(1), luckygas::users::Role::Admin, "電腦", site.app.now())).unwrap();
    let folder = site.close();
    let app = Arc::new(App::open(&folder.0, Clock::Fixed(support::now())).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let front = Front::open(app, listener, Limits::default(), urls::answer, urls::room).unwrap();
    let mut client = Client::open(front.address());

    let ask = |method: &str, name: &str| format!("{method} /backups/{name}/file HTTP/1.1\r\nAuthorization: Bearer {token}");
    let name = made.name.to_string();
    let head = client.ask(&ask("HEAD", &name), b"");
    assert_eq!((head.status, head.header("content-length")), (200, Some(made.bytes.to_string().as_str())));
    for _ in 0..2 {
        let answer = client.ask(&ask("GET", &name), b"");
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-disposition"),
            Some(format!("attachment; filename*=UTF-8''{}", name.replace('-', "%2D").replace('.', "%2E")).as_str())
        );
        assert!(answer.body == std::fs::read(&made.path).unwrap(), "as it lies there");
    }
    assert_eq!(client.ask(&ask("GET", "luckygas-20200101-000000-manual.db"), b"").status, 404);
    assert_eq!(client.ask(&ask("GET", "luckygas.db"), b"").status, 404);
    front.close(std::time::Duration::from_secs(5));
    assert_eq!(waste(&folder.0), Vec::<String>::new());
}

#[test]
fn what_is_taken_away_is_in_the_journal_and_locked_where_the_shop_locks() {
    let site = Site::open();
    let made = backup(&site);
    let url = format!("/backups/{}/file", made.name);
    let open = site.boss().get(&url).response.file.unwrap();
    let mut bytes = Vec::new();
    open.write_to(&mut bytes).unwrap();
    assert_eq!(bytes, std::fs::read(&made.path).unwrap());
    site.lin().get(&url).check(403, "權限");

    site.boss().post("/backups/key", &[("how", "made")]);
    let answer = site.boss().get(&url);
    assert!(answer.response.header("Content-Disposition").unwrap().ends_with("%2Edb%2Eage"));
    let mut locked = Vec::new();
    answer.response.file.as_ref().unwrap().write_to(&mut locked).unwrap();
    let passphrase = lock_up::load(&site.folder.0).unwrap();
    let mut opened = Vec::new();
    lock_up::unlock(&locked[..], &mut opened, &passphrase).unwrap();
    assert_eq!(opened, bytes);
    drop(answer);
    assert_eq!(waste(&site.folder.0), Vec::<String>::new());
    let exports: Vec<_> = site.journal().into_iter().filter(|(verb, ..)| verb == "export").collect();
    assert_eq!(exports.len(), 2);
    assert_eq!(exports[0].2["name"], made.name.to_string());

    lock_up::forget(&site.folder.0).unwrap();
    site.boss().get(&url).check(500, "沒有備份的密語");
}

#[test]
fn a_copy_of_ours_comes_in_and_anything_else_is_a_sentence() {
    let site = Site::open();
    let made = backup(&site);
    let outside = Folder::new();
    let good = outside.0.join("隨身碟上的.db");
    std::fs::copy(&made.path, &good).unwrap();
    let boss = site.boss();
    let answer = boss.upload_with("/backups/upload", &[], "file", &good);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let names = kept(&site.folder.0, "uploaded");
    assert_eq!(names.len(), 1);
    assert_eq!(answer.location(), format!("/backups/{}", names[0]));
    assert!(prove::prove(&luckygas::backups::folder(&site.folder.0).join(&names[0])).unwrap().is_good());
    assert!(site.journal().iter().any(|(verb, ..)| verb == "upload"));

    let passphrase = Passphrase::generate().unwrap();
    let locked = outside.0.join("locked.db.age");
    lock_up::lock(std::fs::File::open(&good).unwrap(), std::fs::File::create(&locked).unwrap(), &passphrase).unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let cut = outside.0.join("cut.db");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let broken = outside.0.join("broken.db");
    let mut changed = bytes.clone();
    changed[5_000..9_000].fill(0xff);
    std::fs::write(&broken, changed).unwrap();
    let letter = outside.0.join("letter.txt");
    std::fs::write(&letter, "親愛的").unwrap();
    let other = outside.0.join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();

    let wrong = [("passphrase".to_owned(), "this is not the one".to_owned())];
    let right = [("passphrase".to_owned(), passphrase.shown().replace('-', " "))];
    type Upload<'a> = (&'a Path, &'a [(String, String)], &'a str);
    let cases: [Upload; 6] = [
        (&locked, &[], "上了鎖"),
        (&locked, &wrong, "密語不對"),
        (&cut, &[], "cut.db"),
        (&broken, &[], "broken.db"),
        (&letter, &[], "letter.txt"),
        (&other, &[], "other.db"),
    ];
    for (file, form, says) in cases {
        boss.upload_with("/backups/upload", form, "file", file).check(422, says);
        assert_eq!(kept(&site.folder.0, "uploaded").len(), 1, "{}", file.display());
        assert_eq!(waste(&site.folder.0), Vec::<String>::new(), "{}", file.display());
    }
    assert_eq!(boss.upload_with("/backups/upload", &right, "file", &locked).status(), 303);
    assert_eq!(kept(&site.folder.0, "uploaded").len(), 2);
    boss.upload("/backups/upload", &[]).check(422, "請選一個備份檔");
    site.lin().upload_with("/backups/upload", &[], "file", &good).check(403, "權限");
}

#[test]
fn before_anybody_has_an_account_a_copy_comes_in_with_the_code_of_the_first_run() {
    let folder = Folder::new();
    let app = Arc::new(App::open(&folder.0, Clock::Fixed(support::now())).unwrap());
    let code = app.setup_code.to_string();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let front = Front::open(app, listener, Limits::default(), urls::answer, urls::room).unwrap();
    let body = vec![b'x'; 300_000];
    let ask = |target: &str| {
        let head = format!("POST {target} HTTP/1.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b");
        Client::open(front.address()).ask(&head, &body).status
    };
    assert_eq!(ask("/setup/restore"), 403);
    assert_eq!(ask("/setup/restore?code=AAAA-AAAA"), 403);
    // Let in, and only then found to be no form.
    assert_eq!(ask(&format!("/setup/restore?code={code}")), 400);
    front.close(std::time::Duration::from_secs(5));
}
