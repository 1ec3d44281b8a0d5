//! Bringing the shop's files in: what they say, what becomes of it, and how it is taken back.

#[path = "support/imports.rs"]
mod files;
mod support;

use files::{ORDER, check_all, check_alone, check_customers, content, import, sample, truth};
use luckygas::imports::{self, take_back};
use luckygas::journal::By;
use luckygas::values::ImportId;
use support::Site;

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
