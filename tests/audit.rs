//! The journal as the owner reads it: who changed what.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use luckygas::audit::store::page;
use luckygas::audit::{At, Filter, ROWS, TOPICS, Who, words};
use luckygas::demo::{self, Size};
use luckygas::journal::{self, By, Entry};
use luckygas::values::{Stamp, UserId};
use luckygas::{emergencies, orders, routes, stops, users};
use serde_json::json;
use support::{Site, day};

/// Verbs the program writes that stand in no list of choices, found where they are written.
fn verbs_in_the_source() -> Vec<(String, String)> {
    const CALLS: [&str; 13] = [
        "verb: \"",
        "let verb = ",
        "let (verb, ",
        "record(tx,",
        "record(tx, ",
        "commit(tx,",
        "commit_for(",
        "note(tx,",
        "tell(tx,",
        "write::route(",
        "write::stop(",
        "write_stop(tx",
        "acts::commit(",
    ];
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = without_json(text.split("\n#[cfg(test)]").next().unwrap());
            for call in CALLS {
                for (at, _) in text.match_indices(call) {
                    let statement: String = text[at..].chars().take_while(|c| *c != ';').take(300).collect();
                    // Every other part between quotes; what is a key of a map is no verb.
                    let parts: Vec<&str> = statement.split('"').collect();
                    for pair in parts.windows(3).step_by(2).filter(|pair| pair.len() == 3) {
                        let (before, word, next) = (pair[0], pair[1], pair[2]);
                        let is_word = 2 <= word.len() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                        // The field of a form beside a call.
                        let is_word = is_word && word != "alarmed_at";
                        if is_word && !before.ends_with('(') && [",", " }", ")"].iter().any(|end| next.starts_with(end)) {
                            found.push((word.to_owned(), path.display().to_string()));
                        }
                    }
                }
            }
        }
    }
    found
}

/// `text` with every `json!(…)` emptied.
fn without_json(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("json!(") {
        out.push_str(&rest[..at]);
        let mut depth = 0;
        let end = rest[at..].char_indices().find_map(|(end, c)| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            (c == ')' && depth == 0).then_some(end)
        });
        rest = &rest[at + end.unwrap() + 1..];
    }
    out + rest
}

#[test]
fn every_verb_the_program_writes_is_said_in_people_s_words() {
    let knows = |word: &str| words::VERBS.iter().any(|(have, _)| *have == word);
    let found = verbs_in_the_source();
    assert!(60 < found.len(), "the search for verbs finds nothing: {found:?}");
    let unknown: Vec<_> = found.iter().filter(|(word, _)| !knows(word)).collect();
    assert!(unknown.is_empty(), "what are they in zh-TW? {unknown:?}");
    let steps = orders::steps::Action::ALL.iter().map(|one| one.word());
    let acts = emergencies::acts::Action::ALL.iter().map(|one| one.word());
    let ways = routes::steps::Action::ALL.iter().map(|one| one.word());
    let stops = stops::Verb::ALL.iter().map(|one| one.word());
    for word in steps.chain(acts).chain(ways).chain(stops).chain(TOPICS.iter().flat_map(|topic| topic.verbs.iter().copied())) {
        assert!(knows(word), "what is it to {word} in zh-TW?");
    }
}

#[test]
fn every_noun_has_its_word() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|line| line.contains(": Noun = Noun { word: \"") && line.contains("pub ")) {
                let word = line.split("word: \"").nth(1).unwrap().split('"').next().unwrap();
                assert!(words::noun(word).is_some(), "{}: {word} cannot be asked for", path.display());
            }
        }
    }
}

#[test]
fn the_owner_reads_who_changed_what_and_nobody_else_does() {
    let site = Site::open();
    let lin = site.lin();
    lin.post("/users/4", &[("version", "1"), ("name", "惠姐"), ("role", "accountant"), ("text_size", "medium")]);
    let boss = site.boss();
    let list = boss.get("/audit");
    list.check(200, "林經理").check(200, "修改").check(200, "使用者 4").check(200, "小惠 → 惠姐").check(200, "辦公室 → 會計");
    let id: i64 = site.app.db.read(|conn| Ok(conn.query_row("SELECT max(id) FROM journal", [], |row| row.get(0)).unwrap())).unwrap();
    let one = boss.get(&format!("/audit/{id}"));
    one.check(200, "角色").check(200, "辦公室").check(200, "會計").check(200, "/users/4").check(200, "它的全部變更");
    boss.get("/audit/999999").check(404, "找不到異動");
    boss.get("/audit/x").check(404, "找不到異動");
    for other in [site.lin(), site.chen(), site.hui(), site.ming()] {
        assert_eq!(other.get("/audit").status(), 403);
        assert_eq!(other.get(&format!("/audit/{id}")).status(), 403);
    }
}

/// What stands on the page of `target`, a verb and who did it each.
fn shown(site: &Site, target: &str) -> String {
    let answer = site.boss().get(target);
    assert_eq!(answer.status(), 200, "{target}");
    let text = answer.text();
    text.split("<tbody>").nth(1).map_or(String::new(), |rest| rest.split("</tbody>").next().unwrap().to_owned())
}

#[test]
fn what_business_asks_for_is_found_by_its_topic() {
    let site = Site::open();
    site.nobody().post("/sign-in", &[("username", "lin"), ("password", "wrong")]);
    site.boss().post("/users/4", &[("version", "1"), ("name", "小惠"), ("role", "manager"), ("text_size", "medium")]);
    site.lin().get("/data/export/customers.csv");
    let by = By { user: Some(UserId(2)), at: site.app.now() };
    for (verb, noun) in [
        ("cancel", orders::NOUN),
        ("void", luckygas::meters::READING),
        ("correct", luckygas::cylinders::NOUN),
        ("import", luckygas::imports::NOUN),
        ("restore", luckygas::backups::NOUN),
        ("backup", luckygas::backups::NOUN),
    ] {
        site.app.db.write(|tx| journal::record(tx, &Entry { by, verb, noun, noun_id: Some(7), change: json!({}) })).unwrap();
    }
    let note = json!({"before": {"override_note": null}, "after": {"override_note": "水管壞了"}});
    for change in [note, json!({"after": {"status": "published"}})] {
        site.app.db.write(|tx| journal::record(tx, &Entry { by, verb: "publish", noun: routes::NOUN, noun_id: Some(9), change })).unwrap();
    }
    for (topic, says) in [
        ("sign_in", "密碼打錯"),
        ("role", "辦公室 → 經理"),
        ("override", "水管壞了"),
        ("cancel", "取消"),
        ("void", "作廢"),
        ("adjust", "更正"),
        ("import", "匯入"),
        ("export", "匯出"),
        ("restore", "還原"),
        ("backup", "備份"),
    ] {
        let rows = shown(&site, &format!("/audit?topic={topic}"));
        assert!(rows.contains(says), "{topic}: {rows}");
        assert_eq!(rows.matches("<tr>").count(), 1, "{topic}: {rows}");
    }
}

#[test]
fn person_thing_and_days_narrow_it_down() {
    let site = Site::open();
    let write = |user: Option<i64>, noun, id, at: Stamp| {
        let by = By { user: user.map(UserId), at };
        let entry = Entry { by, verb: "edit", noun, noun_id: Some(id), change: json!({}) };
        site.app.db.write(|tx| journal::record(tx, &entry)).unwrap();
    };
    let at = |date: &str, hour, minute| Stamp::taipei(day(date), hour, minute);
    write(Some(2), orders::NOUN, 1, at("2025-05-26", 23, 59));
    write(Some(2), orders::NOUN, 2, at("2025-05-27", 0, 0));
    write(None, users::NOUN, 3, at("2025-05-27", 23, 59));
    // The clock went back a day between two lines: each stands at its own day, in the order they were written.
    write(Some(4), orders::NOUN, 4, at("2025-05-26", 8, 0));
    write(Some(4), orders::NOUN, 1, at("2025-05-28", 0, 0));
    let ids = |query: &str| -> Vec<i64> {
        let rows = shown(&site, &format!("/audit?{query}"));
        rows.split("/audit/").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
    };
    assert_eq!(ids(""), [5, 4, 3, 2, 1]);
    assert_eq!(ids("from=2025-05-27&to=2025-05-27"), [3, 2]);
    assert_eq!(ids("to=2025-05-26"), [4, 1]);
    assert_eq!(ids("from=2025-05-28"), [5]);
    assert_eq!(ids("from=2030-01-01"), Vec::<i64>::new());
    assert_eq!(ids("who=2"), [2, 1]);
    assert_eq!(ids("who=program"), [3]);
    assert_eq!(ids("noun=order&id=1"), [5, 1]);
    assert_eq!(ids("noun=order&who=4&to=2025-05-26"), [4]);
    // What nobody offers is as if it were not there.
    assert_eq!(ids("who=x&noun=nothing&id=1&from=never&topic=none&before=z"), [5, 4, 3, 2, 1]);
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap_both_ways() {
    let site = Site::open();
    fill(&site, 3 * ROWS as i64 + 7);
    for filter in [Filter::default(), Filter { who: Some(Who::User(UserId(2))), ..Filter::default() }] {
        let read = |at| site.app.db.read(|conn| page(conn, &filter, at)).unwrap();
        let mut seen = Vec::new();
        let mut at = At::Newest;
        loop {
            let found = read(at);
            assert_eq!(found.has_newer, at != At::Newest);
            seen.push(found.lines.iter().map(|line| line.id).collect::<Vec<_>>());
            let Some(last) = found.lines.last().filter(|_| found.has_older) else { break };
            at = At::Before(last.id);
        }
        let all: Vec<i64> = seen.concat();
        assert!(all.is_sorted_by(|a, b| b < a));
        // And back the same pages but for where they are cut.
        let first_of_last = *seen.last().unwrap().first().unwrap();
        let back = read(At::After(first_of_last));
        let expected: Vec<i64> = all.iter().copied().filter(|id| first_of_last < *id).collect();
        assert_eq!(back.lines.iter().map(|line| line.id).collect::<Vec<_>>(), expected[expected.len().saturating_sub(ROWS)..]);
        assert!(back.has_older && back.has_newer == (ROWS < expected.len()));
    }
}

/// `count` lines of a working shop, a minute apart.
fn fill(site: &Site, count: i64) {
    let sql = "
        WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < ?1)
        INSERT INTO journal (at, user_id, verb, noun, noun_id, change)
        SELECT ?2 + no * 60000, nullif(1 + no % 6, 6), iif(no % 1000 = 0, 'cancel', iif(no % 3, 'deliver', 'take')),
               iif(no % 5, 'order', iif(no % 2500, 'stop', 'backup')), no % 40000, '{\"before\":{\"status\":\"assigned\"},\"after\":{\"status\":\"delivered\"}}'
        FROM n";
    let start = Stamp::taipei(day("2024-01-01"), 0, 0).0;
    site.app.db.write(|tx| Ok(tx.execute(sql, [count, start]).unwrap())).unwrap();
}

/// Half a million lines: run by hand with `--ignored --nocapture` for the figures.
#[test]
#[ignore = "half a million lines"]
fn a_long_journal_is_read_as_fast_as_a_short_one() {
    let site = Site::open();
    fill(&site, 500_000);
    site.app.db.optimize().unwrap();
    let topic = |word: &str| TOPICS.iter().find(|topic| topic.word == word);
    let everything = Filter::default();
    let filters = [
        ("all", everything.clone()),
        ("who", Filter { who: Some(Who::User(UserId(4))), ..everything.clone() }),
        ("noun", Filter { noun: Some("order"), ..everything.clone() }),
        ("rare noun", Filter { noun: Some("backup"), ..everything.clone() }),
        ("one thing", Filter { noun: Some("order"), noun_id: Some(17), ..everything.clone() }),
        ("rare noun of one person", Filter { noun: Some("backup"), who: Some(Who::User(UserId(4))), ..everything.clone() }),
        ("a day", Filter { from: Some(day("2024-06-01")), to: Some(day("2024-06-01")), ..everything.clone() }),
        ("a year", Filter { to: Some(day("2024-10-01")), ..everything.clone() }),
        ("topic", Filter { topic: topic("cancel"), ..everything.clone() }),
        ("topic of nothing", Filter { topic: topic("restore"), ..everything.clone() }),
        ("topic and person", Filter { topic: topic("cancel"), who: Some(Who::User(UserId(4))), ..everything }),
    ];
    for (name, filter) in filters {
        for at in [At::Newest, At::Before(250_000)] {
            let started = Instant::now();
            let found = site.app.db.read(|conn| page(conn, &filter, at)).unwrap();
            let took = started.elapsed();
            println!("{name:<24} {at:?}: {} lines in {took:?}", found.lines.len());
            assert!(took < Duration::from_secs(2), "{name}");
        }
    }
}

#[test]
fn every_field_of_the_practice_shop_s_journal_has_a_word() {
    let site = Site::empty();
    site.app.db.write(|tx| demo::fill(tx, site.app.now(), Size::Full)).unwrap();
    let rows: Vec<(String, String)> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT noun, change FROM journal").unwrap();
            Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    let mut unknown = std::collections::BTreeSet::new();
    for (noun, change) in &rows {
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        let sides = ["before", "after"].iter().filter_map(|side| change[*side].as_object());
        let rest = change.as_object().unwrap().iter().filter(|(name, _)| !matches!(name.as_str(), "before" | "after" | "version"));
        for name in sides.flat_map(|side| side.keys()).chain(rest.map(|(name, _)| name)) {
            // The row's own numbers are not shown.
            if words::field(noun, name) == name && !matches!(name.as_str(), "id" | "version") {
                unknown.insert(format!("{noun} {name}"));
            }
        }
    }
    assert!(1_000 < rows.len());
    assert!(unknown.is_empty(), "what are they in zh-TW? {unknown:?}");
}
