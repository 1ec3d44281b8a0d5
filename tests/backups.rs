//! Copies of the shop's file: whole, of one moment, proved, and found again.

mod support;

use std::fs;

use luckygas::backups::make::{self, Progress};
use luckygas::backups::{self, Kind, list, prove};
use luckygas::journal::By;
use support::{Site, now};

fn make_now(site: &Site, kind: Kind) -> list::Backup {
    make::make(&site.app, kind, By::program(site.app.now()), &Progress::default()).unwrap()
}

#[test]
fn a_copy_is_proved_and_says_what_it_is() {
    let site = Site::open();
    site.customer("1900001", "範例一號", |_| {});
    let made = make_now(&site, Kind::Manual);
    assert_eq!(made.name.to_string(), "luckygas-20250528-102200-manual.db");
    let manifest = made.manifest.clone().unwrap();
    assert_eq!((manifest.made_at, manifest.kind, manifest.proved_at), (now(), Kind::Manual, Some(now())));
    assert_eq!(manifest.tally.customers(), 1);

    let proof = prove::prove(&made.path).unwrap();
    assert_eq!(proof.problems, Vec::<String>::new());
    assert_eq!(proof.manifest, Some(manifest));
    assert_eq!(list::list(&site.folder.0), [made.clone()]);
    assert_eq!(list::newest_good(&site.folder.0), Some(made));
    assert_eq!(site.journal().last().unwrap().0, "backup");

    let folder = backups::folder(&site.folder.0);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["luckygas-20250528-102200-manual.db"], "one file and nothing beside it");
}

#[test]
fn two_within_a_second_have_two_names() {
    let site = Site::open();
    let names: Vec<_> = (0..3).map(|_| make_now(&site, Kind::Manual).name.to_string()).collect();
    assert_eq!(names, ["luckygas-20250528-102200-manual.db", "luckygas-20250528-102201-manual.db", "luckygas-20250528-102202-manual.db"]);
    assert_eq!(list::list(&site.folder.0).len(), 3);
}

#[test]
fn what_was_half_made_goes_at_the_next_start_and_nothing_else() {
    let folder = support::Folder::new();
    let backups = backups::folder(&folder.0);
    fs::create_dir_all(&backups).unwrap();
    let stays = ["luckygas-20250528-102200-manual.db", "luckygas-20250528-102200-manual.bad", "notes.part", "holiday.db"];
    let goes = [
        "luckygas-20250528-102201-manual.db.part",
        "luckygas-20250528-102201-manual.db.part-journal",
        "luckygas-20250528-102203-hourly.db.age.part",
    ];
    for name in stays.iter().chain(&goes) {
        fs::write(backups.join(name), "half").unwrap();
    }
    let site = Site::of(folder);
    let left = |name: &&str| backups::folder(&site.folder.0).join(name).exists();
    assert!(stays.iter().all(left), "only copies half made go");
    assert!(!goes.iter().any(left), "copies half made go");
}
