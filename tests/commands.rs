//! The command line: what is typed, what is said, how it ends.

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use support::Folder;
use support::program::{Serving, luckygas, run};
use support::wire::{Client, status_of};

fn said(output: &Output) -> (String, String) {
    (String::from_utf8(output.stdout.clone()).unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[test]
fn wrong_usage_is_one_sentence_and_exit_code_2() {
    let folder = Folder::new();
    let cases: [(&[&str], &str); 11] = [
        (&["sell"], "沒有「sell」這個命令"),
        (&["serve", "--lisen", "x"], "沒有「--lisen」這個選項"),
        (&["--lisen"], "沒有「--lisen」這個選項"),
        (&["serve", "-x"], "沒有「-x」這個選項"),
        (&["serve", "--listen"], "--listen 後面少了東西"),
        (&["serve", "--listen", "8080"], "--listen 要像 127.0.0.1:8080"),
        (&["serve", "--open=yes"], "--open 後面不用加東西"),
        (&["serve", "here"], "不知道「here」要做什麼"),
        (&["version", "2"], "不知道「2」要做什麼"),
        (&["check", "--data"], "--data 後面少了東西"),
        (&["--log", "loud", "check"], "--log 不能是「loud」"),
    ];
    for (args, sentence) in cases {
        let output = run(&folder.0, args);
        let (stdout, stderr) = said(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(sentence), "{args:?}: {stderr}");
        assert_eq!((stderr.lines().count(), stdout.as_str()), (1, ""), "{args:?}");
    }
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "nothing was made");
}

#[test]
fn every_command_explains_itself() {
    let folder = Folder::new();
    let overview = said(&run(&folder.0, &["--help"])).0;
    assert_eq!(said(&run(&folder.0, &["help"])).0, overview);
    let list = overview.split("命令：\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<_> = list.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(names.contains(&"serve") && names.contains(&"check") && names.contains(&"version"), "{names:?}");
    for name in names {
        let output = run(&folder.0, &[name, "--help"]);
        let (stdout, stderr) = said(&output);
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{name}");
        assert!(stdout.starts_with(&format!("用法：luckygas {name}")) && stdout.contains("--data DIR"), "{stdout}");
    }
    assert_eq!(said(&run(&folder.0, &["version"])).0, format!("luckygas {}\n", env!("CARGO_PKG_VERSION")));
}

/// Every file below `folder` that belongs to the shop, with its bytes. The lock file is nobody's data.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file() && !entry.file_name().to_string_lossy().starts_with("luckygas.lock"))
        // SQLite's index of a WAL, made anew whenever somebody looks.
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// Both ways to open a file refuse `folder` with `sentence` and change nothing.
fn is_refused(folder: &Path, sentence: &str) {
    let before = contents(folder);
    for args in [&["serve", "--listen", "127.0.0.1:0", "--no-rescue"][..], &["check"]] {
        let output = run(folder, args);
        let (stdout, stderr) = said(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {stdout}{stderr}");
        assert!(stderr.lines().last().unwrap().contains(sentence), "{args:?}: {stderr}");
        assert_eq!(contents(folder), before, "{args:?} changed something");
    }
}

/// A folder with a small shop in it.
fn shop() -> Folder {
    let folder = Folder::new();
    let app = luckygas::App::open(&folder.0, luckygas::app::Clock::System).unwrap();
    app.db.checkpoint().unwrap();
    drop(app);
    assert_eq!(contents(&folder.0).len(), 1, "a closed shop is one file");
    folder
}

#[test]
fn a_file_that_is_not_a_sound_one_of_ours_is_refused_and_left_alone() {
    let folder = Folder::new();
    let file = folder.0.join("luckygas.db");

    std::fs::write(&file, (0..100_000u32).map(|n| (n.wrapping_mul(n) >> 3) as u8).collect::<Vec<_>>()).unwrap();
    is_refused(&folder.0, "不是幸福氣的資料檔");

    std::fs::write(&file, "編號,名字\r\n").unwrap();
    is_refused(&folder.0, "不是幸福氣的資料檔");

    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)").unwrap();
    is_refused(&folder.0, "不是幸福氣的資料檔");

    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER)").unwrap();
    is_refused(&folder.0, "不是幸福氣的資料檔");

    // The same, killed before its WAL was folded in.
    std::fs::remove_file(&file).unwrap();
    let other = Folder::new();
    let live = Connection::open(other.0.join("live.db")).unwrap();
    live.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER)").unwrap();
    std::fs::copy(other.0.join("live.db"), &file).unwrap();
    std::fs::copy(other.0.join("live.db-wal"), folder.0.join("luckygas.db-wal")).unwrap();
    is_refused(&folder.0, "不是幸福氣的資料檔");
    std::fs::remove_file(folder.0.join("luckygas.db-wal")).unwrap();

    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    is_refused(&folder.0, "打不開");
    std::fs::remove_dir(&file).unwrap();

    std::fs::write(folder.0.join("luckygas.db-wal"), "the last work of the day").unwrap();
    is_refused(&folder.0, "-wal");
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = shop();
    Connection::open(folder.0.join("luckygas.db")).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    is_refused(&folder.0, "請更新程式");
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let whole = std::fs::read(shop().0.join("luckygas.db")).unwrap();
    let page = 4096;
    let folder = Folder::new();
    let file = folder.0.join("luckygas.db");
    // Cut off within a page, between pages, within the first one.
    for bytes in [whole.len() - 100, whole.len() - page, page * 3, 2000, 60] {
        std::fs::write(&file, &whole[..bytes]).unwrap();
        is_refused(&folder.0, if bytes < 100 { "不是幸福氣的資料檔" } else { "損壞" });
    }
    // Overwritten: the list of tables, and the first page of each of them.
    for at in [page, 2000] {
        let mut bytes = whole.clone();
        let end = bytes.len();
        bytes[at..if at == 2000 { page } else { end }].fill(0xA5);
        std::fs::write(&file, &bytes).unwrap();
        is_refused(&folder.0, "損壞");
    }
}

#[test]
fn an_empty_file_becomes_a_new_shop() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("luckygas.db"), "").unwrap();
    let serving = Serving::start(&folder.0);
    assert_eq!(Client::open(serving.address).get("/health").status, 200);
}

#[test]
fn a_shop_killed_in_its_first_minute_opens_again() {
    let folder = Folder::new();
    for _ in 0..3 {
        // Dropping kills it, with everything still in the WAL.
        let serving = Serving::start(&folder.0);
        assert_eq!(Client::open(serving.address).get("/health").status, 200);
    }
}

#[test]
fn check_says_what_it_looked_at_and_finds_what_is_wrong() {
    let folder = Folder::new();
    let output = run(&folder.0, &["check"]);
    assert_eq!((output.status.code(), said(&output).1.contains("裡沒有資料檔")), (Some(1), true));
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "nothing was made");

    let folder = shop();
    let output = run(&folder.0, &["check"]);
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
    assert!(stdout.lines().count() > 4 && stdout.lines().all(|line| line.starts_with('✓')), "{stdout}");

    let conn = Connection::open(folder.0.join("luckygas.db")).unwrap();
    conn.execute_batch("INSERT INTO delivery_days (delivered_on, deliveries, known, gas_g) VALUES ('2025-05-28', 3, 0, 0)").unwrap();
    drop(conn);
    let output = run(&folder.0, &["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).0.contains("✕ 每日統計相符"), "{}", said(&output).0);
}

#[test]
fn a_second_start_on_the_same_folder_is_told_who_has_it() {
    let folder = Folder::new();
    let serving = Serving::start(&folder.0);
    let output = run(&folder.0, &["serve", "--listen", "127.0.0.1:0"]);
    let stderr = said(&output).1;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("已經在這個資料夾執行中") && stderr.contains(&serving.child.id().to_string()), "{stderr}");
    assert_eq!(Client::open(serving.address).get("/health").status, 200);
}

#[test]
fn a_taken_port_is_said_and_nothing_is_made() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&folder.0, &["serve", "--listen", &address]);
    let stderr = said(&output).1;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&format!("{address} 已經有別的程式在用")), "{stderr}");
    assert_eq!(contents(&folder.0), []);
    let elsewhere = run(&folder.0, &["serve", "--listen", "192.0.2.1:8080"]);
    assert!(said(&elsewhere).1.contains("不是這台電腦的位址"));
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("file"), "").unwrap();
    for data in ["file", "file/below", "/proc/nowhere"] {
        let output = run(&folder.0, &["serve", "--data", data, "--listen", "127.0.0.1:0"]);
        let stderr = said(&output).1;
        assert_eq!(output.status.code(), Some(1), "{data}");
        assert!(stderr.contains("不能寫入"), "{data}: {stderr}");
    }
}

/// Root may write everywhere, so this says something only for the others.
#[cfg(unix)]
#[test]
fn what_may_only_be_read_is_said() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = shop();
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    if std::fs::metadata(&folder.0).unwrap().uid() == 0 {
        return;
    }
    set(&folder.0.join("luckygas.db"), 0o444);
    is_refused(&folder.0, "不能寫入");
    set(&folder.0, 0o555);
    is_refused(&folder.0, "不能寫入");
    set(&folder.0, 0o755);
}

#[test]
fn the_folder_comes_from_the_option_then_the_environment_then_here() {
    let (here, named, option) = (Folder::new(), shop(), shop());
    let check = |args: &[&str]| luckygas(args).current_dir(&here.0).env("LUCKYGAS_DATA", &named.0).status().unwrap().code();
    assert_eq!(run(&here.0, &["check"]).status.code(), Some(1));
    assert_eq!(check(&["check"]), Some(0));
    std::fs::remove_file(named.0.join("luckygas.db")).unwrap();
    assert_eq!(check(&["check"]), Some(1));
    assert_eq!(check(&["--data", option.0.to_str().unwrap(), "check"]), Some(0));
    assert_eq!(check(&["check", &format!("--data={}", option.0.display())]), Some(0));
}

#[cfg(unix)]
#[test]
fn sigterm_finishes_what_runs_and_leaves_one_file() {
    for signal in ["TERM", "INT", "HUP"] {
        let folder = Folder::new();
        let mut serving = Serving::start(&folder.0);
        let mut idle = Client::open(serving.address);
        assert_eq!(idle.get("/health").status, 200);
        // Making the owner hashes a password, which takes a good part of a second.
        let form = format!(
            "code={}&shop_name=x&name=x&username=boss&password=correct-horse&again=correct-horse&network=this_pc",
            serving.setup_code()
        );
        let mut owner = Client::open(serving.address);
        let request = format!(
            "POST /setup/owner HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        owner.stream.write_all(request.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(40));
        serving.signal(signal);
        let reply = owner.reply(true).unwrap();
        assert_eq!((reply.status, reply.header("connection")), (303, Some("close")), "{}", reply.text());
        drop(owner);
        assert!(idle.is_closed());
        let status = serving.wait(Duration::from_secs(5));
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(std::fs::metadata(folder.0.join("luckygas.db-wal")).map_or(0, |wal| wal.len()) == 0, "the WAL is folded in");
        let conn = Connection::open(folder.0.join("luckygas.db")).unwrap();
        assert_eq!(conn.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_at_once() {
    let folder = Folder::new();
    let mut serving = Serving::start(&folder.0);
    // A request that never ends keeps the door open for a while.
    let mut half = Client::open(serving.address);
    half.stream.write_all(b"GET /health HTTP/1.1\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    serving.signal("INT");
    std::thread::sleep(Duration::from_millis(200));
    assert!(serving.child.try_wait().unwrap().is_none(), "it waits for the request");
    let start = Instant::now();
    serving.signal("INT");
    assert_eq!(serving.wait(Duration::from_secs(2)).code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[cfg(unix)]
#[test]
fn running_out_of_file_handles_is_survived() {
    let folder = Folder::new();
    let serving = Serving::with_file_handles(&folder.0, 60);
    assert_eq!(Client::open(serving.address).get("/health").status, 200);
    for _ in 0..2 {
        let held: Vec<Client> = (0..62).map(|_| Client::open(serving.address)).collect();
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
        let until = Instant::now() + Duration::from_secs(8);
        while status_of(serving.address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") != 200 {
            assert!(Instant::now() < until, "the door does not recover");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let mut client = Client::open(serving.address);
    for _ in 0..50 {
        assert_eq!(client.get("/health").status, 200);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_comes_back_after_every_attack() {
    let folder = Folder::new();
    let serving = Serving::start(&folder.0);
    let flood = || {
        let mut held: Vec<Client> = (0..60).map(|_| Client::open(serving.address)).collect();
        for (number, client) in held.iter_mut().enumerate() {
            let bytes = match number % 3 {
                0 => format!("GET /{} HTTP/1.1\r\n", "a".repeat(1 << 20)),
                1 => format!("POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 65536\r\n\r\n{}", "a".repeat(65_000)),
                _ => "GET /assets/style.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(500),
            };
            let _ = client.stream.set_write_timeout(Some(Duration::from_millis(200)));
            let _ = client.stream.write_all(bytes.as_bytes());
        }
        drop(held);
        let mut client = Client::open(serving.address);
        for _ in 0..50 {
            assert_eq!(client.get("/health").status, 200);
        }
    };
    // The first times fill what is kept for good: caches, and what the allocator holds for each core. How soon it
    // levels off depends on how busy the PC is; what is lost each time never would.
    let mut seen = Vec::new();
    for _ in 0..6 {
        for _ in 0..3 {
            flood();
        }
        std::thread::sleep(Duration::from_millis(500));
        seen.push(serving.private_kb());
        if let [.., before, after] = seen[..]
            && after < before + 1024
        {
            return;
        }
    }
    panic!("private memory grows with every attack: {seen:?} KB");
}
