//! The disk is full, or takes nothing any more: at work, at a start, while the shop closes, while an older file is brought
//! up to date. People are told in one sentence, nothing that was answered is lost, and when there is room again the
//! program comes back by itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use luckygas::backups::make::make_offline;
use luckygas::backups::{Kind, restore};
use luckygas::values::Stamp;

use crate::kills::{older_shops, records, upgraded};
use crate::people::Crowd;
use crate::scene::{Scene, kill, signal};
use crate::support::program::{Serving, run};
use crate::told::Told;
use crate::truth;

/// More than the program asks for before it warns anybody; a disk in memory takes no more of it than is used.
const ROOMY: u64 = 6 << 30;
/// The program looks every quarter of a minute whether it can go on.
const COMES_BACK: Duration = Duration::from_secs(45);

/// A small disk in memory; gone when dropped.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// `None` where we may not mount one.
    fn mount(path: PathBuf) -> Option<Disk> {
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={ROOMY}");
        let is_mounted = done("mount", &["-t", "tmpfs", "-o", &options, "torture", path.to_str().unwrap()]);
        is_mounted.then_some(Disk { path })
    }

    fn used(&self) -> u64 {
        let stats = fs4::statvfs(&self.path).unwrap();
        stats.total_space() - stats.free_space()
    }

    /// Leaves `bytes` free; whoever writes meanwhile may find a little less.
    fn fill(&self, bytes: u64) {
        let until = Instant::now() + Duration::from_secs(5);
        // It cannot be made smaller than what is in it, which may just grow.
        while !self.remount(&format!("size={}", (self.used() + bytes).next_multiple_of(4096).max(4096))) {
            assert!(Instant::now() < until, "the disk cannot be made small");
        }
    }

    fn make_room(&self) {
        assert!(self.remount(&format!("size={ROOMY}")));
    }

    fn remount(&self, options: &str) -> bool {
        done("mount", &["-o", &format!("remount,{options}"), self.path.to_str().unwrap()])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        done("umount", &["--lazy", self.path.to_str().unwrap()]);
    }
}

fn done(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

const NO_DISK: &str = "a small disk can only be mounted as root";

/// Whether a refusal is one a person understands: what is so, and what to do.
fn is_said(status: u16, said: &str) -> bool {
    status == 409 || status == 429 || said.contains("硬碟") || said.contains("不能寫") || said.contains("只能看")
}

/// The last line of `text` that is for people.
fn told_to_a_person(text: &str, shop: &Path) -> String {
    let is_ours = |line: &&str| line.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter)) && !line.contains("資料夾　");
    text.lines().rfind(is_ours).unwrap_or("nothing").replace(shop.to_str().unwrap(), "…")
}

pub fn full(scene: &mut Scene, told: &mut Told) {
    let Some(disk) = Disk::mount(scene.folder.join("disk")) else {
        told.skipped = Some(NO_DISK.to_owned());
        return;
    };
    at_work(scene, &disk, told);
    at_a_start(scene, &disk, told);
    at_a_close(scene, &disk, told);
    migrating(scene, &disk, told);
    restoring(scene, &disk, told);
}

/// Everybody works while the disk fills, and goes on when there is room.
fn at_work(scene: &mut Scene, disk: &Disk, told: &mut Told) {
    let shop = disk.path.join("shop");
    scene.shop_in(&shop);
    let mut crowd = scene.whole_crowd();
    crowd.allowed = is_said;
    let mut serving = match scene.open(&shop) {
        Ok(serving) => serving,
        Err(why) => return told.wrong.push(why),
    };
    let mut slowest = Duration::ZERO;
    for _ in 0..scene.times(1, 15) {
        told.try_once(|told| {
            let left = if scene.dice.once_in(2) { 0 } else { scene.dice.below(200_000) };
            let moment = Duration::from_millis(200 + scene.dice.below(800));
            let address = serving.address;
            crowd.work(address, told, || {
                std::thread::sleep(Duration::from_millis(300));
                disk.fill(left);
                std::thread::sleep(moment);
            });
            told.hold(serving.child.try_wait().is_ok_and(|ended| ended.is_none()), || "the program ended on a full disk".to_owned());
            looks_go_on(scene, &serving, told);
            crowd.ask_new(&shop, told);
            disk.make_room();
            slowest = slowest.max(comes_back(&mut crowd, &serving, told));
            crowd.send_again(address, told);
        });
        if !told.is_good() {
            break;
        }
    }
    end_well(scene, &shop, &mut serving, &crowd, told);
    told.note(format!("writing again after {slowest:.0?} at most, said: {}", join(&crowd.said)));
}

fn join(said: &BTreeSet<String>) -> String {
    said.iter().map(|said| format!("「{said}」")).collect()
}

/// What can be looked at can be looked at.
fn looks_go_on(scene: &Scene, serving: &Serving, told: &mut Told) {
    let Some(mut line) = scene.manager_at(serving.address) else { return told.wrong.push("nobody listens".to_owned()) };
    for target in ["/", "/orders", "/customers", "/board"] {
        let status = line.try_get(target).map(|reply| reply.status);
        told.hold(status == Some(200), || format!("{target} while nothing can be stored: {status:?}"));
    }
}

/// How long it takes until everybody's work is taken again.
fn comes_back(crowd: &mut Crowd, serving: &Serving, told: &mut Told) -> Duration {
    let begun = Instant::now();
    let before = crowd.acknowledged();
    while crowd.acknowledged() == before {
        if COMES_BACK < begun.elapsed() {
            told.wrong.push(format!("still nothing can be stored {COMES_BACK:?} after there is room"));
            break;
        }
        crowd.work(serving.address, told, || std::thread::sleep(Duration::from_millis(500)));
    }
    begun.elapsed()
}

/// The shop closes, is sound, and has everything.
fn end_well(scene: &Scene, shop: &Path, serving: &mut Serving, crowd: &Crowd, told: &mut Told) {
    signal(&serving.child, "TERM");
    serving.wait(Duration::from_secs(30));
    told.wrong.extend(truth::check(shop));
    crowd.ask_all(shop, told);
    told.acknowledged += crowd.acknowledged();
    scene.look_for_panics(told);
}

/// A killed shop with its WAL meets a full disk at the next start.
fn at_a_start(scene: &mut Scene, disk: &Disk, told: &mut Told) {
    let mut said = BTreeSet::new();
    for no in 0..scene.times(2, 15) {
        let shop = disk.path.join(format!("start-{no}"));
        scene.shop_in(&shop);
        let mut crowd = scene.crowd();
        told.try_once(|told| {
            work_and_kill(scene, &shop, &mut crowd, told);
            disk.fill(if scene.dice.once_in(2) { 0 } else { scene.dice.below(300_000) });
            match scene.open(&shop) {
                // Open, it may be looked at, and it takes work again when it can.
                Ok(mut serving) => {
                    said.insert("open".to_owned());
                    looks_go_on(scene, &serving, told);
                    disk.make_room();
                    kill(&mut serving.child);
                }
                Err(why) => {
                    told.hold(is_said(0, &why), || format!("a start on a full disk: {why}"));
                    said.insert(told_to_a_person(&why, &shop));
                    disk.make_room();
                }
            }
            open_and_ask(scene, &shop, &mut crowd, told);
        });
        told.acknowledged += crowd.acknowledged();
        let _ = std::fs::remove_dir_all(&shop);
    }
    told.note(format!("at a start: {}", join(&said)));
}

fn work_and_kill(scene: &Scene, shop: &Path, crowd: &mut Crowd, told: &mut Told) {
    match scene.open(shop) {
        Ok(mut serving) => {
            let address = serving.address;
            crowd.work(address, told, || {
                std::thread::sleep(Duration::from_millis(300));
                kill(&mut serving.child);
            });
        }
        Err(why) => told.wrong.push(why),
    }
}

/// With room again it opens and has everything.
fn open_and_ask(scene: &Scene, shop: &Path, crowd: &mut Crowd, told: &mut Told) {
    match scene.open(shop) {
        Ok(mut serving) => {
            crowd.ask_all(shop, told);
            crowd.send_again(serving.address, told);
            signal(&serving.child, "TERM");
            serving.wait(Duration::from_secs(30));
        }
        Err(why) => told.wrong.push(why),
    }
    told.wrong.extend(truth::check(shop));
}

/// The disk is full when the shop closes and its WAL should be folded in.
fn at_a_close(scene: &mut Scene, disk: &Disk, told: &mut Told) {
    for no in 0..scene.times(1, 10) {
        let shop = disk.path.join(format!("close-{no}"));
        scene.shop_in(&shop);
        let mut crowd = scene.crowd();
        crowd.allowed = is_said;
        told.try_once(|told| match scene.open(&shop) {
            Ok(mut serving) => {
                let address = serving.address;
                crowd.work(address, told, || {
                    std::thread::sleep(Duration::from_millis(300));
                    disk.fill(0);
                    signal(&serving.child, "TERM");
                    serving.wait(Duration::from_secs(30));
                });
                disk.make_room();
                open_and_ask(scene, &shop, &mut crowd, told);
            }
            Err(why) => told.wrong.push(why),
        });
        disk.make_room();
        told.acknowledged += crowd.acknowledged();
        let _ = std::fs::remove_dir_all(&shop);
    }
}

/// An older file is brought up to date where there is no room for that.
fn migrating(scene: &mut Scene, disk: &Disk, told: &mut Told) {
    let mut said = BTreeSet::new();
    for (name, file) in older_shops(scene) {
        let whole = upgraded(scene, &name, &file);
        for _ in 0..scene.times(1, 8) {
            let shop = disk.path.join(&name);
            let _ = std::fs::remove_dir_all(&shop);
            std::fs::create_dir_all(&shop).unwrap();
            std::fs::copy(&file, shop.join("luckygas.db")).unwrap();
            told.try_once(|told| {
                disk.fill(scene.dice.below(700_000));
                match scene.open(&shop) {
                    Ok(mut serving) => kill(&mut serving.child),
                    Err(why) => {
                        told.hold(is_said(0, &why), || format!("{name} on a full disk: {why}"));
                        said.insert(told_to_a_person(&why, &shop));
                    }
                }
                disk.make_room();
                match scene.open(&shop) {
                    Ok(mut serving) => kill(&mut serving.child),
                    Err(why) => told.wrong.push(why),
                }
                told.wrong.extend(truth::check(&shop));
                let there = records(&shop.join("luckygas.db"));
                if there != whole {
                    told.lost.push(format!("{name}, migrated on a full disk: {there:?} was {whole:?}"));
                }
            });
            disk.make_room();
        }
    }
    told.note(format!("migrating: {}", join(&said)));
}

/// A copy is laid ready to be restored where there is no room for it.
fn restoring(scene: &mut Scene, disk: &Disk, told: &mut Told) {
    let mut said = BTreeSet::new();
    for no in 0..scene.times(1, 15) {
        let shop = disk.path.join(format!("restore-{no}"));
        scene.shop_in(&shop);
        let copy = make_offline(&shop, Kind::Manual, Stamp::now()).unwrap().path;
        let whole = records(&shop.join("luckygas.db"));
        told.try_once(|told| {
            disk.fill(scene.dice.below(4 << 20));
            if let Err(error) = restore::prepare(&shop, &copy, "老闆", Stamp::now()) {
                let say = error.user_message();
                told.hold(is_said(0, &say), || format!("a restore on a full disk: {say}"));
                said.insert(say.replace(disk.path.to_str().unwrap(), "…"));
            }
            // What was laid ready is exchanged on the full disk, or is not.
            if let Ok(mut serving) = scene.open(&shop) {
                kill(&mut serving.child);
            }
            disk.make_room();
            match scene.open(&shop) {
                Ok(mut serving) => {
                    signal(&serving.child, "TERM");
                    serving.wait(Duration::from_secs(30));
                }
                Err(why) => told.wrong.push(why),
            }
            told.wrong.extend(truth::check(&shop));
            let there = records(&shop.join("luckygas.db"));
            if there != whole {
                told.lost.push(format!("after a restore on a full disk: {there:?} was {whole:?}"));
            }
        });
        disk.make_room();
        let _ = std::fs::remove_dir_all(&shop);
    }
    told.note(format!("restoring: {}", join(&said)));
}

/// The files let themselves be written to no more, at work and at a start.
pub fn read_only(scene: &mut Scene, told: &mut Told) {
    locked_at_work(scene, told);
    let Some(disk) = Disk::mount(scene.folder.join("disk")) else {
        told.note(format!("at a start: not tried, {NO_DISK}"));
        return;
    };
    let shop = disk.path.join("shop");
    scene.shop_in(&shop);
    let mut crowd = scene.crowd();
    let mut said = BTreeSet::new();
    for has_wal in [false, true] {
        told.try_once(|told| {
            if has_wal {
                work_and_kill(scene, &shop, &mut crowd, told);
            }
            assert!(disk.remount("ro"), "the disk cannot be made read-only");
            for command in ["check", "serve"] {
                let output = run(&scene.folder, &[command, "--data", shop.to_str().unwrap()]);
                let failed = String::from_utf8_lossy(&output.stderr).into_owned();
                told.hold(output.status.code() == Some(1) && is_said(0, &failed), || format!("{command} in a read-only folder: {failed}"));
                said.insert(told_to_a_person(&failed, &shop));
            }
            assert!(disk.remount("rw"));
            open_and_ask(scene, &shop, &mut crowd, told);
        });
    }
    told.acknowledged += crowd.acknowledged();
    told.note(format!("at a start: {}", join(&said)));
}

/// Files turned read-only under the program that has them open, and back again.
fn locked_at_work(scene: &mut Scene, told: &mut Told) {
    let shop = scene.shop("shop");
    let mut crowd = scene.crowd();
    crowd.allowed = |status, said| is_said(status, said) || said.contains("沒有做成");
    let mut serving = match scene.open(&shop) {
        Ok(serving) => serving,
        Err(why) => return told.wrong.push(why),
    };
    let lock =
        Locked { files: ["luckygas.db", "luckygas.db-wal", "luckygas-photos.db", "luckygas-photos.db-wal"].map(|name| shop.join(name)) };
    let mut slowest = Duration::ZERO;
    for _ in 0..scene.times(1, 10) {
        told.try_once(|told| {
            let address = serving.address;
            crowd.work(address, told, || {
                std::thread::sleep(Duration::from_millis(300));
                lock.set("+i");
                std::thread::sleep(Duration::from_millis(500));
            });
            looks_go_on(scene, &serving, told);
            lock.set("-i");
            slowest = slowest.max(comes_back(&mut crowd, &serving, told));
            crowd.send_again(address, told);
        });
    }
    if crowd.said.is_empty() {
        told.note("at work: not tried, this system or its disk does not turn a file read-only under a program");
    }
    end_well(scene, &shop, &mut serving, &crowd, told);
    told.note(format!("writing again after {slowest:.0?} at most, said: {}", join(&crowd.said)));
}

/// Files that may be locked; never longer than this lives.
struct Locked {
    files: [PathBuf; 4],
}

impl Locked {
    fn set(&self, flag: &str) {
        for file in self.files.iter().filter(|file| file.exists()) {
            done("chattr", &[flag, file.to_str().unwrap()]);
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        self.set("-i");
    }
}
