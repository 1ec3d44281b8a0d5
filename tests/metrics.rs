//! What a Prometheus reads, held against the format word for word.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use luckygas::http::{Method, Request};
use luckygas::jobs::{self, Outcome};
use luckygas::journal::By;
use luckygas::urls::{self, URLS};
use luckygas::users::Role;
use luckygas::users::session;
use support::{Browser, Site};

type Labels = BTreeMap<String, String>;

#[derive(Debug, Default)]
struct Family {
    kind: String,
    samples: Vec<(String, Labels, f64)>,
}

/// Reads `text` as the format says and not a character otherwise; panics where it differs.
fn parse(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").unwrap_or_else(|| panic!("no family begins: {line}")).split_once(' ').unwrap();
        assert!(is_name(name) && !help.is_empty(), "{line}");
        let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap_or_else(|| panic!("no type after: {line}"));
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
        let mut family = Family { kind: kind.to_owned(), samples: Vec::new() };
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            family.samples.push(sample(line));
        }
        assert!(!family.samples.is_empty(), "{name} has no figures");
        assert!(families.insert(name.to_owned(), family).is_none(), "{name} stands twice");
    }
    families
}

fn is_name(text: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    text.starts_with(is_start) && text.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

fn sample(line: &str) -> (String, Labels, f64) {
    let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap_or_else(|| panic!("no figure: {line}")));
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    let mut rest = rest;
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
            assert!(is_name(label) && !label.contains(':'), "{line}");
            let mut value = String::new();
            let mut chars = after.char_indices();
            let end = loop {
                match chars.next().unwrap_or_else(|| panic!("no end: {line}")) {
                    (at, '"') => break at + 1,
                    (_, '\\') => match chars.next().unwrap().1 {
                        'n' => value.push('\n'),
                        c @ ('\\' | '"') => value.push(c),
                        c => panic!("\\{c} in {line}"),
                    },
                    (_, c) => value.push(c),
                }
            };
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = &after[end..];
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap_or_else(|| panic!("no }}: {line}"));
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no figure: {line}"));
    (name.to_owned(), labels, value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
}

/// Every sample is of its family and there once; every histogram is one.
fn hold(families: &BTreeMap<String, Family>) {
    for (name, family) in families {
        let mut seen = BTreeSet::new();
        for (of, labels, value) in &family.samples {
            assert!(seen.insert((of, labels)), "{of} {labels:?} stands twice");
            assert!(value.is_finite() && 0.0 <= *value, "{of} {labels:?} is {value}");
            match family.kind.as_str() {
                "histogram" => assert!(["_bucket", "_sum", "_count"].iter().any(|end| *of == format!("{name}{end}")), "{of}"),
                _ => assert!(of == name && !labels.contains_key("le"), "{of}"),
            }
        }
        assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name}");
        if family.kind == "histogram" {
            hold_histogram(name, family);
        }
    }
}

fn hold_histogram(name: &str, family: &Family) {
    let of = |labels: &Labels| labels.iter().filter(|(label, _)| *label != "le").map(|(a, b)| (a.clone(), b.clone())).collect::<Labels>();
    let series: BTreeSet<Labels> = family.samples.iter().map(|(_, labels, _)| of(labels)).collect();
    for labels in series {
        let mine: Vec<_> = family.samples.iter().filter(|(_, have, _)| of(have) == labels).collect();
        let one = |ending: &str| {
            let found: Vec<_> = mine.iter().filter(|(of, ..)| *of == format!("{name}{ending}")).collect();
            assert_eq!(found.len(), 1, "{name}{ending} {labels:?}");
            found[0].2
        };
        let (sum, count) = (one("_sum"), one("_count"));
        let buckets: Vec<(f64, f64)> = mine
            .iter()
            .filter(|(_, labels, _)| labels.contains_key("le"))
            .map(|(_, labels, value)| (labels["le"].parse().unwrap(), *value))
            .collect();
        assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{name} {labels:?}: {buckets:?}");
        assert_eq!(*buckets.last().unwrap(), (f64::INFINITY, count), "{name} {labels:?}");
        assert!(0.0 < count || sum == 0.0, "{name} {labels:?}");
    }
}

fn figure(families: &BTreeMap<String, Family>, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let labels: Labels = labels.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    families.values().flat_map(|family| &family.samples).find(|(of, have, _)| of == name && *have == labels).map(|(.., value)| *value)
}

#[test]
fn the_whole_text_is_as_the_format_says() {
    let site = Site::open();
    // Every address once by somebody who may and by nobody, so that each figure there can be is there.
    for url in URLS.iter().filter(|url| url.method == Method::Get) {
        site.boss().get(&url.pattern.replace("{id}", "999999999").replace("{name}", "nothing"));
        site.nobody().get(url.pattern);
    }
    let ran: Vec<_> =
        jobs::JOBS.iter().map(|job| (job.name, jobs::run(&site.app, job, By::program(site.app.now())).unwrap().outcome.unwrap())).collect();
    site.boss().post("/no/such/address", &[]);
    let answer = site.nobody().get("/metrics");
    assert_eq!(answer.response.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let families = parse(&answer.text());
    hold(&families);

    let asked = |path, status| figure(&families, "luckygas_http_requests_total", &[("method", "GET"), ("path", path), ("status", status)]);
    assert_eq!((asked("/customers/{id}", "4xx"), asked("/customers/{id}", "3xx")), (Some(1.0), Some(1.0)));
    assert_eq!(figure(&families, "luckygas_http_requests_total", &[("method", ""), ("path", "other"), ("status", "4xx")]), Some(1.0));
    assert_eq!(figure(&families, "luckygas_http_requests_in_flight", &[]), Some(1.0));
    for (job, outcome) in ran {
        assert_eq!(figure(&families, "luckygas_job_runs_total", &[("job", job), ("outcome", outcome.word())]), Some(1.0), "{job}");
        let at = figure(&families, "luckygas_job_last_success_timestamp_seconds", &[("job", job)]);
        assert_eq!(at, (outcome == Outcome::Done).then_some(site.app.now().0 as f64 / 1000.0), "{job}");
    }
    for name in
        ["luckygas_db_read_duration_seconds_count", "luckygas_db_write_duration_seconds_count", "luckygas_db_write_wait_seconds_count"]
    {
        assert!(10.0 < figure(&families, name, &[]).unwrap(), "{name}");
    }
    assert!(0.0 < figure(&families, "luckygas_file_bytes", &[("file", "luckygas.db")]).unwrap());
}

#[test]
fn requests_of_one_address_are_counted_there_whatever_they_ask_for() {
    let site = Site::open();
    let hui = site.hui();
    let counted = || {
        let families = parse(&site.nobody().get("/metrics").text());
        ["2xx", "4xx"].map(|status| {
            figure(&families, "luckygas_http_requests_total", &[("method", "GET"), ("path", "/api/v1/customers/{id}"), ("status", status)])
        })
    };
    let customer = site.customer("1000017", "好味小吃", |_| {});
    assert_eq!(counted(), [None, None]);
    hui.get(&format!("/api/v1/customers/{customer}"));
    hui.get(&format!("/api/v1/customers/{customer}"));
    hui.get("/api/v1/customers/999");
    site.nobody().get("/api/v1/customers/17");
    assert_eq!(counted(), [Some(2.0), Some(2.0)]);
}

/// Asks from elsewhere in the shop.
fn from_afar(site: &Site, browser: &Browser) -> u16 {
    let mut headers = vec![("Host".to_owned(), "192.168.1.5:8080".to_owned())];
    headers.extend(browser.token.iter().map(|token| ("Cookie".to_owned(), format!("{}={token}", session::COOKIE))));
    let mut req = Request::new(Method::Get, "/metrics", headers, Vec::new(), site.app.now()).unwrap();
    req.peer = "192.168.1.23".parse::<IpAddr>().unwrap();
    urls::answer(&site.app, req).status
}

#[test]
fn from_elsewhere_only_the_admin_reads_them() {
    let site = Site::open();
    assert_eq!(from_afar(&site, &site.nobody()), 303);
    for role in Role::ALL {
        let status = from_afar(&site, &site.role(role));
        assert_eq!(status, if role == Role::Admin { 200 } else { 403 }, "{role:?}");
    }
}
