//! A restore is cut off: the old shop stands whole or the copy does, what was there before is kept, and the next start goes on
//! from where things are.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use luckygas::backups::list::list;
use luckygas::backups::make::make_offline;
use luckygas::backups::prove::prove;
use luckygas::backups::{Kind, restore};
use luckygas::demo;
use luckygas::urls::URLS;
use luckygas::values::Stamp;

use crate::kills::records;
use crate::scene::{Scene, kill, signal};
use crate::told::Told;
use crate::truth;

/// A shop that has gone on since its copy was made.
struct Base {
    folder: PathBuf,
    /// Where the copy lies, below the folder.
    copy: PathBuf,
    was: Vec<String>,
    is: Vec<String>,
}

pub fn killed(scene: &mut Scene, told: &mut Told) {
    let base = match prepare(scene, told) {
        Ok(base) => base,
        Err(why) => return told.wrong.push(why),
    };
    let by_page = URLS.iter().any(|url| url.pattern == "/backups/{name}/restore");
    let (mut back, mut restored) = (0, 0);
    for no in 0..scene.times(5, 70) {
        told.try_once(|told| {
            let shop = scene.folder.join("shop");
            let _ = std::fs::remove_dir_all(&shop);
            copy_all(&base.folder, &shop);
            let copy = shop.join(&base.copy);
            if no % 2 == 0 && by_page {
                ask_for_it(scene, &shop, &copy, told);
            } else {
                restore::prepare(&shop, &copy, "老闆", Stamp::now()).unwrap();
            }
            // Cut off once more, or twice.
            for _ in 0..1 + scene.dice.below(2) {
                let mut child = scene.spawn(&shop, Stdio::null());
                std::thread::sleep(Duration::from_millis(scene.dice.below(300)));
                kill(&mut child);
            }
            match scene.open(&shop) {
                Ok(mut serving) => {
                    signal(&serving.child, "TERM");
                    serving.wait(Duration::from_secs(30));
                }
                Err(why) => return told.wrong.push(why),
            }
            told.wrong.extend(truth::check(&shop));
            let there = records(&shop.join("luckygas.db"));
            if there == base.is {
                back += 1;
            } else if there == base.was {
                restored += 1;
                let is_aside = |path: &Path| prove(path).is_ok_and(|proof| proof.is_good()) && records(path) == base.is;
                let aside = list(&shop).into_iter().any(|backup| backup.name.kind == Kind::Replaced && is_aside(&backup.path));
                if !aside {
                    told.lost.push(format!("the shop that was there before restore {no}"));
                }
            } else {
                told.lost.push(format!("after a restore cut off the shop is neither: {there:?}"));
            }
            told.hold(prove(&copy).is_ok_and(|proof| proof.is_good()), || "the copy it came from has changed".to_owned());
        });
        if !told.is_good() {
            break;
        }
    }
    told.note(format!("{restored} went on to the copy, {back} stayed with the shop"));
    if !by_page {
        told.note("not asked for on the page");
    }
}

fn prepare(scene: &mut Scene, told: &mut Told) -> Result<Base, String> {
    let folder = scene.shop("base");
    let copy = make_offline(&folder, Kind::Manual, Stamp::now()).map_err(|error| error.to_string())?;
    let was = records(&copy.path);
    let copy = copy.path.strip_prefix(&folder).unwrap().to_owned();
    let mut crowd = scene.crowd();
    let mut serving = scene.open(&folder)?;
    let address = serving.address;
    crowd.work(address, told, || {
        std::thread::sleep(Duration::from_millis(400));
        kill(&mut serving.child);
    });
    told.acknowledged = crowd.acknowledged();
    let is = records(&folder.join("luckygas.db"));
    Ok(Base { folder, copy, was, is })
}

/// The owner presses 還原 in the open shop, which falls soon after.
fn ask_for_it(scene: &mut Scene, shop: &Path, copy: &Path, told: &mut Told) {
    let mut serving = match scene.open(shop) {
        Ok(serving) => serving,
        Err(why) => return told.wrong.push(why),
    };
    let target = format!("/backups/{}/restore", copy.file_name().unwrap().to_string_lossy());
    let fields = [("sure", "1"), ("password", demo::PASSWORD)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let moment = Duration::from_millis(scene.dice.below(700));
    match scene.manager_at(serving.address).and_then(|mut line| line.form(&target, &fields)) {
        Some(reply) => told.hold(reply.status == 303, || format!("{target}: {} {}", reply.status, reply.text())),
        None => told.wrong.push(format!("no answer to {target}")),
    }
    std::thread::sleep(moment);
    kill(&mut serving.child);
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
