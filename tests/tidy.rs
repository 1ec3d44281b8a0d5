//! The house checks itself: rules that hold by construction are not left to memory.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file of ours below `folder` that ends in `.rs`, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_owned(), text));
            }
        }
    }
    files.sort();
    files
}

/// The part of a file before its tests.
fn product(text: &str) -> &str {
    text.split("\n#[cfg(test)]").next().unwrap()
}

#[test]
fn only_the_server_names_tiny_http() {
    let named: Vec<_> = sources("src").into_iter().filter(|(_, text)| text.contains("tiny_http::")).map(|(path, _)| path).collect();
    assert_eq!(named, [Path::new("src/http/server.rs")]);
}

#[test]
fn sql_stands_in_stores() {
    let rooms = ["store.rs", "import.rs", "search.rs", "session.rs"];
    for (path, text) in sources("src") {
        let is_store =
            rooms.iter().any(|room| path.ends_with(room)) || path.starts_with("src/db") || path.to_string_lossy().contains("store/");
        for (number, line) in product(&text).lines().enumerate() {
            let is_sql = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]
                .iter()
                .any(|word| line.trim_start().trim_start_matches('"').starts_with(word));
            assert!(is_store || !is_sql, "{}:{}: SQL outside a store: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn each_table_is_written_by_one_slice() {
    let mut writers: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> = Default::default();
    for (path, text) in sources("src") {
        let slice = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
        let words: Vec<&str> =
            product(&text).split(|c: char| c.is_whitespace() || c == '"' || c == '(').filter(|word| !word.is_empty()).collect();
        for pair in words.windows(3) {
            let table = match pair {
                ["INSERT", "INTO", table] | ["REPLACE", "INTO", table] | ["DELETE", "FROM", table] => table,
                ["UPDATE", table, "SET"] => table,
                _ => continue,
            };
            if table.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !table.is_empty() {
                writers.entry(table.to_string()).or_default().insert(slice.clone());
            }
        }
    }
    assert!(writers.len() > 5, "the search for writers finds nothing: {writers:?}");
    for (table, slices) in writers {
        assert_eq!(slices.len(), 1, "{table} is written by {slices:?}");
    }
}

#[test]
fn every_foreign_key_is_indexed() {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch(luckygas::db::SCHEMA).unwrap();
    let bare: Vec<String> = conn
        .prepare(
            "SELECT t.name || '.' || f.\"from\"
             FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
             WHERE t.type = 'table' AND f.\"from\" NOT IN (
                 SELECT i.name FROM pragma_index_list(t.name) AS l, pragma_index_info(l.name) AS i WHERE i.seqno = 0
                 UNION ALL
                 SELECT c.name FROM pragma_table_info(t.name) AS c WHERE c.pk = 1
             )",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn every_table_is_strict() {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch(luckygas::db::SCHEMA).unwrap();
    let loose: i64 = conn
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' AND strict = 0",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(loose, 0);
}

#[test]
fn no_page_carries_inline_script_or_style() {
    for (path, text) in sources("src") {
        for trap in ["style=\"", "style=(", "onclick=", "onchange=", "onsubmit=", "script {", "javascript:"] {
            // What is for pages without script may say so.
            assert!(!product(&text).replace("noscript {", "").contains(trap), "{} holds {trap}", path.display());
        }
    }
}

#[test]
fn every_api_address_stands_in_the_readme() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for url in luckygas::urls::URLS.iter().filter(|url| url.pattern.starts_with("/api/")) {
        assert!(readme.contains(url.pattern), "README does not name {}", url.pattern);
    }
}

#[test]
fn people_in_the_house_are_invented() {
    // Mobile numbers in code, tests and assets are all of the invented range.
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        for (at, _) in text.match_indices("09") {
            let digits: String = text[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '-').filter(char::is_ascii_digit).collect();
            let is_invented = ["0900", "0912345678", "0988123456"].iter().any(|start| digits.starts_with(start));
            assert!(digits.len() != 10 || is_invented, "{}: {digits}", path.display());
        }
    }
}
