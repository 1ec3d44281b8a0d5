//! One bit of a file is the other way round, anywhere: in the shop's file, in its WAL, in a copy. What is promised:
//!
//! - The program never falls over it and never shows an empty shop: it refuses to open in a sentence, or its check names the
//!   damage, or the bit was none of a record.
//! - SQLite keeps no sums of what stands in its pages, so a bit in a name or a note of the shop's own file can go unseen;
//!   how often is told as *unseen*. A copy has such a sum: there nothing is unseen.
//! - In a WAL every frame has a sum: from the bent one on nothing is read, and what stands before it is all there. What was
//!   answered and stood behind it is lost with the medium, and told as such.

use std::path::Path;

use crate::people::Files;
use crate::power;
use crate::scene::{Scene, kill};
use crate::support::program;
use crate::told::Told;
use crate::truth;

/// What came of a bent file.
enum Seen {
    /// In a sentence, before anything was opened.
    Refused,
    /// The check says where.
    Named,
    /// The check finds nothing.
    Nothing,
}

/// What the command `args` says of a bent file in `folder`; an error when it falls over it or says nothing.
fn look(folder: &Path, args: &[&str]) -> Result<Seen, String> {
    let output = program::run(folder, args);
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let is_sentence = |text: &str| text.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter)) && !text.contains("panicked");
    match output.status.code() {
        Some(0) => Ok(Seen::Nothing),
        Some(1) if said.contains('✕') => Ok(Seen::Named),
        Some(1) if is_sentence(&failed) => Ok(Seen::Refused),
        code => Err(format!("{code:?}: {said} {failed}")),
    }
}

fn flip(bytes: &mut [u8], at: usize, bit: u64) {
    bytes[at] ^= 1 << bit;
}

/// The shop's own file, closed.
pub fn in_the_file(scene: &mut Scene, told: &mut Told) {
    let whole = scene.shop("whole");
    assert!(truth::check(&whole).is_empty());
    let bytes = std::fs::read(whole.join("luckygas.db")).unwrap();
    let folder = scene.folder.join("bent");
    std::fs::create_dir_all(&folder).unwrap();
    let (mut refused, mut named, mut same, mut unseen) = (0, 0, 0, 0);
    for no in 0..scene.times(20, 400) {
        // Half of them among the heads of pages, where a file is most easily hurt.
        let at = match no % 2 {
            0 => scene.dice.below(bytes.len() as u64),
            _ => scene.dice.below(bytes.len() as u64 / 4096) * 4096 + scene.dice.below(100),
        };
        let bit = scene.dice.below(8);
        told.try_once(|told| {
            let mut bent = bytes.clone();
            flip(&mut bent, at as usize, bit);
            std::fs::write(folder.join("luckygas.db"), &bent).unwrap();
            match look(&folder, &["check", "--data", "."]) {
                Err(why) => told.wrong.push(format!("bit {bit} of byte {at}: {why}")),
                Ok(Seen::Refused) => refused += 1,
                Ok(Seen::Named) => named += 1,
                Ok(Seen::Nothing) => {
                    let differing = truth::differences(&whole.join("luckygas.db"), &folder.join("luckygas.db"));
                    match differing.as_slice() {
                        [] => same += 1,
                        // One row of one table, and it is still there.
                        [one] if one.ends_with(": 1 gone, 1 new") => unseen += 1,
                        several => told.wrong.push(format!("bit {bit} of byte {at} is not seen: {several:?}")),
                    }
                }
            }
            // What it does not refuse it serves, and nobody who looks brings it down.
            if no % 7 == 0 {
                serve(scene, &folder, told);
            }
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
        });
    }
    told.note(format!("refused {refused}, named {named}, no record touched {same}, unseen in one row {unseen}"));
}

/// Opens the shop in `folder` and reads its rooms.
fn serve(scene: &Scene, folder: &Path, told: &mut Told) {
    let Ok(mut serving) = scene.open(folder) else { return };
    let mut line = scene.manager_at(serving.address);
    for target in ["/", "/orders", "/customers", "/board", "/due", "/deliveries", "/data", "/api/v1/orders", "/api/v1/customers"] {
        let Some(reply) = line.as_mut().and_then(|line| line.try_get(target)) else {
            told.wrong.push(format!("no answer to {target} of a bent file"));
            break;
        };
        told.hold(matches!(reply.status, 200 | 303 | 401 | 409 | 500 | 503), || format!("{target} of a bent file: {}", reply.status));
    }
    told.hold(serving.child.try_wait().is_ok_and(|ended| ended.is_none()), || "the program fell over a bent file".to_owned());
    kill(&mut serving.child);
}

/// The WAL a killed program left.
pub fn in_the_wal(scene: &mut Scene, told: &mut Told) {
    let shop = scene.shop("shop");
    let mut crowd = scene.crowd();
    match scene.open(&shop) {
        Ok(mut serving) => {
            let address = serving.address;
            crowd.work(address, told, || {
                std::thread::sleep(std::time::Duration::from_millis(700));
                kill(&mut serving.child);
            });
        }
        Err(why) => return told.wrong.push(why),
    }
    told.acknowledged = crowd.acknowledged();
    let wal = std::fs::read(shop.join("luckygas.db-wal")).unwrap();
    let commits = power::commits(&wal);
    let (bent, cut) = (scene.folder.join("bent"), scene.folder.join("cut"));
    let (mut refused, mut named, mut harmless, mut shorter, mut most) = (0, 0, 0, 0, 0);
    for _ in 0..scene.times(8, 150) {
        let (at, bit) = (scene.dice.below(wal.len() as u64) as usize, scene.dice.below(8));
        told.try_once(|told| {
            power::copy(&shop, &bent);
            let mut bytes = wal.clone();
            flip(&mut bytes, at, bit);
            std::fs::write(bent.join("luckygas.db-wal"), &bytes).unwrap();
            match look(&bent, &["check", "--data", "."]) {
                Err(why) => return told.wrong.push(format!("bit {bit} of byte {at}: {why}")),
                Ok(Seen::Refused) => return refused += 1,
                Ok(Seen::Named) => return named += 1,
                Ok(Seen::Nothing) => {}
            }
            let mut missing = Told::default();
            let files = Files::open(&bent);
            for person in &crowd.people {
                person.ask(&files, 0..person.acknowledged(), &mut missing);
            }
            told.wrong.append(&mut missing.wrong);
            drop(files);
            // All that was whole before the bent place, and no more than there is.
            let before = commits.iter().copied().filter(|end| *end <= at).max().unwrap_or(0);
            power::copy(&shop, &cut);
            std::fs::write(cut.join("luckygas.db-wal"), &wal[..before]).unwrap();
            let (is_cut, is_whole) = (is_same(&cut, &bent), is_same(&shop, &bent));
            told.hold(is_cut || is_whole, || format!("bit {bit} of byte {at} of the WAL: neither whole nor all that stood before it"));
            match missing.lost.len() {
                0 => harmless += 1,
                lost => {
                    shorter += 1;
                    most = most.max(lost);
                }
            }
        });
    }
    told.note(format!(
        "refused {refused}, named {named}, nothing answered gone {harmless}, shorter from the bent place on {shorter} (lost with the medium, at most {most} of {})",
        told.acknowledged
    ));
}

/// Whether the shops in two folders hold the same, each with its WAL; neither is changed.
fn is_same(one: &Path, other: &Path) -> bool {
    let path = |folder: &Path| folder.join("luckygas.db");
    let copy = one.with_extension("asked");
    power::copy(one, &copy);
    let differing = truth::differences(&path(&copy), &path(other));
    let _ = std::fs::remove_dir_all(&copy);
    differing.is_empty()
}

/// A copy, as it lies in its folder or on a stick.
pub fn in_a_copy(scene: &mut Scene, told: &mut Told) {
    let shop = scene.shop("shop");
    let backup = luckygas::backups::make::make_offline(&shop, luckygas::backups::Kind::Manual, luckygas::values::Stamp::now());
    let backup = match backup {
        Ok(backup) => backup,
        Err(error) => return told.wrong.push(error.to_string()),
    };
    let bytes = std::fs::read(&backup.path).unwrap();
    let whole = scene.folder.join("whole.db");
    std::fs::copy(&backup.path, &whole).unwrap();
    let path = scene.folder.join("bent.db");
    for no in 0..scene.times(40, 600) {
        let (at, bit) = (scene.dice.below(bytes.len() as u64) as usize, scene.dice.below(8));
        told.try_once(|told| {
            let mut bent = bytes.clone();
            flip(&mut bent, at, bit);
            std::fs::write(&path, &bent).unwrap();
            let is_good = match no % 10 {
                // By the command, as whoever carries it away would ask.
                0 => match look(&scene.folder, &["verify", path.to_str().unwrap()]) {
                    Ok(seen) => matches!(seen, Seen::Nothing),
                    Err(why) => return told.wrong.push(format!("bit {bit} of byte {at} of a copy: {why}")),
                },
                _ => luckygas::backups::prove::prove(&path).is_ok_and(|proof| proof.is_good()),
            };
            if is_good {
                told.wrong.push(format!("bit {bit} of byte {at} of a copy is not seen: {:?}", truth::differences(&whole, &path)));
            }
        });
    }
    // As it was made it is good, so that it is the bit that is found.
    told.hold(matches!(look(&scene.folder, &["verify", whole.to_str().unwrap()]), Ok(Seen::Nothing)), || {
        "a whole copy is not good".to_owned()
    });
}
