//! Second places: what is brought there is the same and proved, absence is no stop, and a mark tells the stick from the empty
//! folder it is plugged in under.

mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use luckygas::backups::lock_up::{self, Passphrase};
use luckygas::backups::make::{self, Progress};
use luckygas::backups::places::{self, MARK, Place};
use luckygas::backups::{Kind, Name, prove};
use luckygas::journal::By;
use luckygas::stops::photos::{self, Photos};
use luckygas::values::UserId;
use support::disk::SmallDisk;
use support::{Folder, Site};

/// Longer than any way there takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shop with a folder that stands for a stick.
struct Shop {
    site: Site,
    outside: Folder,
}

impl Shop {
    fn open() -> Shop {
        let shop = Shop { site: Site::open(), outside: Folder::new() };
        std::fs::create_dir(shop.stick()).unwrap();
        shop
    }

    fn stick(&self) -> PathBuf {
        self.outside.0.join("stick")
    }

    /// Adds `folder` as a place, as the boss does, and waits until the first copy is there.
    fn add(&self, label: &str, folder: &Path) {
        let answer = self.site.boss().post("/backups/places", &[("label", label), ("folder", folder.to_str().unwrap())]);
        assert_eq!(answer.status(), 303, "{}", answer.text());
        self.wait();
    }

    fn backup(&self) -> Name {
        let backup = make::make(&self.site.app, Kind::Manual, By::program(self.site.app.now()), &Progress::default()).unwrap();
        places::bring(&self.site.app, &backup).unwrap();
        self.wait();
        backup.name
    }

    fn look(&self) {
        places::send_now(&self.site.app).unwrap();
        self.wait();
    }

    fn wait(&self) {
        assert!(self.site.app.carriers.wait(PATIENCE), "somebody is still away");
    }

    fn place(&self) -> Place {
        places::state(&self.site.app).unwrap().remove(0)
    }

    fn take_picture(&self, number: u8) {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend_from_slice(&[0, 0, 1, 44, 0, 0, 0, 150, number]);
        self.site.app.photos.put(photos::Kind::Signature, &bytes, UserId(5), self.site.app.now()).unwrap();
    }

    fn lock(&self) -> Passphrase {
        assert_eq!(self.site.boss().post("/backups/key", &[("how", "made")]).location(), "/backups/key/print");
        lock_up::load(&self.site.folder.0).unwrap()
    }
}

/// What lies in `folder`, but for its mark.
fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != MARK).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_place_gets_each_copy_and_the_page_says_so() {
    let shop = Shop::open();
    let first = shop.backup();
    shop.add("備份碟", &shop.stick());
    assert_eq!(files(&shop.stick()), [first.to_string()]);
    let home = luckygas::backups::folder(&shop.site.folder.0).join(first.to_string());
    assert_eq!(std::fs::read(home).unwrap(), std::fs::read(shop.stick().join(first.to_string())).unwrap());

    shop.site.wait_minutes(60);
    let second = shop.backup();
    assert_eq!(files(&shop.stick()), [first.to_string(), second.to_string()]);
    assert!(prove::prove(&shop.stick().join(second.to_string())).unwrap().is_good());
    let place = shop.place();
    assert!(place.is_good() && place.copy == Some(second), "{place:?}");
    shop.site.boss().get("/backups/places").check(200, "備份碟").check(200, "11:22").check(200, "沒有上鎖");
    let (verb, _, change) = shop.site.journal().into_iter().find(|(verb, ..)| verb == "add").unwrap();
    assert_eq!((verb.as_str(), &change["label"]), ("add", &"備份碟".into()));
    shop.site.lin().get("/backups/places").check(403, "沒有這項權限");
}

#[test]
fn a_stick_that_is_away_stops_nobody_and_gets_its_copy_when_it_is_back() {
    let shop = Shop::open();
    let first = shop.backup();
    shop.add("備份碟", &shop.stick());
    let pocket = shop.outside.0.join("pocket");
    std::fs::rename(shop.stick(), &pocket).unwrap();
    // What is left is the empty folder it is plugged in under.
    std::fs::create_dir(shop.stick()).unwrap();
    shop.site.wait_minutes(30);
    let second = shop.backup();
    assert_eq!(files(&shop.stick()), Vec::<String>::new(), "nothing goes where no mark is");
    let place = shop.place();
    assert!(!place.is_present && place.copy == Some(first.clone()), "{place:?}");
    let away = place.since;
    assert_eq!(place.sentence(shop.site.app.now()), "「備份碟」從 今天 10:52 起不在，插上就會自己放一份。");
    shop.site.boss().get("/backups/places").check(200, "不在");
    shop.site.wait_minutes(30);
    shop.look();
    assert_eq!(shop.place().since, away);

    std::fs::remove_dir(shop.stick()).unwrap();
    std::fs::rename(&pocket, shop.stick()).unwrap();
    shop.look();
    assert_eq!(files(&shop.stick()), [first.to_string(), second.to_string()]);
    assert!(shop.place().is_good());
}

#[test]
fn what_cannot_be_a_place_is_refused_with_the_reason() {
    let shop = Shop::open();
    let others = shop.outside.0.join("others");
    std::fs::create_dir(&others).unwrap();
    std::fs::write(others.join(MARK), "店：別家\n標記：0123\n").unwrap();
    let own = luckygas::backups::folder(&shop.site.folder.0);
    std::fs::create_dir_all(&own).unwrap();
    let (stick, others, own) = (shop.stick(), others, own);
    let (stick, others, own) = (stick.to_str().unwrap(), others.to_str().unwrap(), own.to_str().unwrap());
    let boss = shop.site.boss();
    let cases = [
        ("", stick, "請取個名字"),
        ("碟", "", "請填資料夾"),
        ("碟", "stick", "完整的路徑"),
        ("碟", "/no/such/folder", "沒有這個資料夾"),
        ("碟", others, "另一家店"),
        ("碟", own, "店的資料夾"),
    ];
    for (label, folder, says) in cases {
        boss.post("/backups/places", &[("label", label), ("folder", folder)]).check(422, says);
    }
    shop.add("一", Path::new(stick));
    boss.post("/backups/places", &[("label", "又一"), ("folder", stick)]).check(422, "已經在名單上");
    for number in 2..=4 {
        let folder = shop.outside.0.join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        shop.add("更多", &folder);
    }
    let fifth = shop.outside.0.join("5");
    std::fs::create_dir(&fifth).unwrap();
    boss.post("/backups/places", &[("label", "五"), ("folder", fifth.to_str().unwrap())]).check(422, "最多 4 個");
    assert_eq!(boss.post("/backups/places/1/remove", &[]).status(), 303);
    assert_eq!(boss.post("/backups/places/1/remove", &[]).status(), 303);
    assert_eq!(places::state(&shop.site.app).unwrap().len(), 3);
}

#[test]
fn what_was_cut_off_or_changed_there_is_brought_anew_and_old_ones_go() {
    let shop = Shop::open();
    shop.add("備份碟", &shop.stick());
    let name = shop.backup();
    let path = shop.stick().join(name.to_string());
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    std::fs::write(shop.stick().join("luckygas-20250501-031205-nightly.db.part"), b"half").unwrap();
    std::fs::write(shop.stick().join("letter.txt"), b"mine").unwrap();
    for hour in 0..48 {
        let (day, hour) = (26 + hour / 24, hour % 24);
        std::fs::write(shop.stick().join(format!("luckygas-202505{day}-{hour:02}0000-hourly.db")), b"x").unwrap();
    }
    shop.look();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    let left = files(&shop.stick());
    let hourly = left.iter().filter(|name| name.contains("-hourly")).count();
    assert!((24..30).contains(&hourly), "{left:?}");
    assert!(left.contains(&"letter.txt".to_owned()) && left.contains(&name.to_string()));
    assert!(!left.iter().any(|name| name.ends_with(".part")));
}

#[test]
fn with_a_passphrase_nothing_leaves_the_house_open() {
    let shop = Shop::open();
    shop.take_picture(1);
    let open = shop.backup();
    shop.add("備份碟", &shop.stick());
    assert_eq!(files(&shop.stick()), [open.to_string(), "luckygas-photos.db".to_owned()]);

    let passphrase = shop.lock();
    shop.take_picture(2);
    shop.look();
    let left = files(&shop.stick());
    assert!(!left.is_empty() && left.iter().all(|name| name.ends_with(".db.age")), "{left:?}");
    let locked = Name { is_locked: true, ..open };
    let path = shop.stick().join(locked.to_string());
    assert!(left.contains(&locked.to_string()) && lock_up::is_locked(&path));
    let opened = lock_up::unlocked(&path, &shop.outside.0.join("open"), &passphrase).unwrap();
    assert!(prove::prove(opened.path()).unwrap().is_good());
    let home = luckygas::backups::folder(&shop.site.folder.0);
    assert!(std::fs::read_dir(home).unwrap().all(|entry| !lock_up::is_locked(&entry.unwrap().path())), "at home they stay open");

    // Pictures in packs, each opened by the same passphrase.
    let pictures = shop.outside.0.join("pictures.db");
    for pack in left.iter().filter(|name| name.starts_with("luckygas-photos-")) {
        let opened = lock_up::unlocked(&shop.stick().join(pack), &shop.outside.0.join("open"), &passphrase).unwrap();
        photos::copy_new(opened.path(), &pictures, &|| true).unwrap();
    }
    let count: i64 = rusqlite::Connection::open(&pictures).unwrap().query_row("SELECT count(*) FROM photos", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2);

    // The sheet for the safe; the passphrase stands nowhere else.
    let boss = shop.site.boss();
    boss.get("/backups/key/print").check(200, passphrase.shown());
    assert!(!boss.get("/backups/key").text().contains(passphrase.shown()));
    assert!(shop.site.journal().iter().all(|(.., change)| !change.to_string().contains(passphrase.shown())));
    shop.site.lin().get("/backups/key/print").check(403, "權限");

    // Moved to another PC without it: rather nothing than an open copy.
    lock_up::forget(&shop.site.folder.0).unwrap();
    shop.site.wait_minutes(60);
    shop.backup();
    assert_eq!(files(&shop.stick()), left);
    assert!(shop.place().problem.unwrap().contains("沒有備份的密語"));
    boss.get("/backups/key").check(200, "再輸入一次");
    let typed = passphrase.shown().to_uppercase();
    boss.post("/backups/key", &[("how", "typed"), ("passphrase", &typed), ("again", "別的")]).check(422, "不一樣");
    boss.post("/backups/key", &[("how", "typed"), ("passphrase", "太短"), ("again", "太短")]).check(422, "太短");
    assert_eq!(boss.post("/backups/key", &[("how", "typed"), ("passphrase", &typed), ("again", &typed)]).status(), 303);
    shop.look();
    assert_eq!(files(&shop.stick()).len(), left.len() + 1);
    assert!(shop.place().is_good());
}

#[test]
fn of_the_pictures_only_what_is_new_is_brought_while_drivers_take_more() {
    let shop = Shop::open();
    (0..3).for_each(|number| shop.take_picture(number));
    shop.backup();
    shop.add("備份碟", &shop.stick());
    let there = shop.stick().join("luckygas-photos.db");
    let count =
        || -> i64 { rusqlite::Connection::open(&there).unwrap().query_row("SELECT count(*) FROM photos", [], |row| row.get(0)).unwrap() };
    assert_eq!(count(), 3);
    (3..120).for_each(|number| shop.take_picture(number));
    shop.look();
    assert_eq!(count(), 120);
    shop.look();
    assert_eq!(count(), 120);
    // It opens as a shop's own.
    let again = Photos::open(&shop.stick()).unwrap();
    assert!(again.get("0").unwrap().is_none());
    drop(again);
    // Another shop's pictures beside it lose nobody's.
    let other = shop.outside.0.join("other");
    std::fs::create_dir(&other).unwrap();
    let photos = Photos::open(&other).unwrap();
    photos.put(photos::Kind::Signature, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\x96other", UserId(1), support::now()).unwrap();
    drop(photos);
    assert_eq!(photos::copy_new(&other.join("luckygas-photos.db"), &there, &|| true).unwrap(), 1);
    assert_eq!(count(), 121);
}

#[test]
fn a_stick_that_is_full_is_a_sentence_and_the_shop_goes_on() {
    let Some(disk) = SmallDisk::mount(24) else { return };
    let shop = Shop::open();
    let first = shop.backup();
    shop.add("小碟", &disk.folder.0);
    assert_eq!(files(&disk.folder.0), [first.to_string()]);
    disk.fill(100_000);
    shop.site.wait_minutes(60);
    shop.backup();
    let problem = shop.place().problem.unwrap();
    assert!(problem.contains("「小碟」只剩 0 MB，放不下一份備份"), "{problem}");
    assert!(!shop.site.app.db.is_held());
    disk.clear();
    shop.look();
    assert!(shop.place().is_good());
}

#[cfg(unix)]
#[test]
fn a_dead_share_keeps_nobody_waiting() {
    let shop = Shop::open();
    let share = shop.outside.0.join("share");
    std::fs::create_dir(&share).unwrap();
    shop.add("分享", &share);
    shop.add("備份碟", &shop.stick());
    // Whoever reads the mark now waits for good.
    std::fs::remove_file(share.join(MARK)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(share.join(MARK)).status().unwrap().success());
    let began = Instant::now();
    let backup = make::make(&shop.site.app, Kind::Manual, By::program(shop.site.app.now()), &Progress::default()).unwrap();
    places::bring(&shop.site.app, &backup).unwrap();
    assert!(!shop.site.app.carriers.wait(Duration::from_secs(3)));
    assert_eq!(files(&shop.stick()), [backup.name.to_string()], "the other place is served");
    shop.site.boss().get("/backups/places").check(200, "正在放");
    shop.site.app.carriers.stop();
    assert!(began.elapsed() < Duration::from_secs(30));
    // Somebody writes to it, and the thread of this test's shop ends.
    std::fs::write(share.join(MARK), "x").unwrap();
}

#[test]
fn a_practice_shop_brings_nothing_anywhere() {
    let shop = Shop::open();
    shop.add("備份碟", &shop.stick());
    shop.site.app.db.write(|tx| luckygas::settings::set(tx, "is_practice", "1")).unwrap();
    shop.site.app.reload_settings().unwrap();
    shop.backup();
    assert_eq!(files(&shop.stick()), Vec::<String>::new());
    shop.site.boss().get("/backups/places").check(200, "練習店");
}

#[test]
fn pictures_come_back_from_a_stick_open_or_locked() {
    let shop = Shop::open();
    (0..3).for_each(|number| shop.take_picture(number));
    shop.backup();
    shop.add("備份碟", &shop.stick());
    let open = shop.outside.0.join("open");
    std::fs::rename(shop.stick(), &open).unwrap();
    std::fs::create_dir(shop.stick()).unwrap();
    std::fs::copy(open.join(MARK), shop.stick().join(MARK)).unwrap();
    let passphrase = shop.lock();
    shop.look();
    let new = Folder::new();
    let bring = |from: &Path, typed: &str| {
        let mut command = support::program::luckygas(&["pictures", "--from", from.to_str().unwrap(), "--data", new.0.to_str().unwrap()]);
        let mut child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), typed.as_bytes()).unwrap();
        let said = child.wait_with_output().unwrap();
        (said.status.success(), String::from_utf8_lossy(&said.stdout).into_owned())
    };
    assert!(!bring(&shop.stick(), "this is not the one at all\n").0);
    let (is_done, said) = bring(&shop.stick(), &format!("{}\n", passphrase.shown().to_uppercase()));
    assert!(is_done && said.contains("補回 3 張照片"), "{said}");
    assert!(bring(&open, "").1.contains("補回 0 張照片"));
    assert!(!bring(&new.0.join("nothing"), "").0);
    let photos = Photos::open(&new.0).unwrap();
    let bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\x96\x02";
    let sha = shop.site.app.photos.put(photos::Kind::Signature, bytes, UserId(5), shop.site.app.now()).unwrap();
    assert_eq!(photos.get(&sha).unwrap().unwrap().bytes, bytes);
}
