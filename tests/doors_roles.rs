//! Every address, asked by every role and by nobody, answers exactly as `urls::URLS` says.

mod support;

use luckygas::http::request::Method;
use luckygas::urls::{URLS, Url, Who};
use luckygas::users::Role;
use luckygas::users::permissions::{May, PERMISSIONS};
use support::{Answer, Browser, Site};

/// An address of `url` where nothing is.
fn target(url: &Url) -> String {
    let parts = url.pattern.split('/').map(|part| match part {
        "{id}" => "999999999",
        part if part.starts_with('{') => "nothing",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn is_api(url: &Url) -> bool {
    url.pattern.starts_with("/api/")
}

/// Asks as our own pages and programs do, with all the proofs.
fn ask(browser: &Browser, url: &Url) -> Answer {
    match (url.method, is_api(url)) {
        (Method::Get, _) => browser.get(&target(url)),
        (Method::Post, false) => browser.post(&target(url), &[]),
        (method, _) => browser.json(method, &target(url), serde_json::json!({})),
    }
}

fn may(who: Who, role: Role) -> bool {
    match who {
        Who::Anybody => true,
        Who::Roles(roles) => roles.contains(&role),
    }
}

#[test]
fn each_address_lets_in_whom_it_names_and_nobody_else() {
    let site = Site::open();
    for url in URLS {
        let address = format!("{} {}", url.method.word(), url.pattern);
        for role in Role::ALL {
            let answer = ask(&site.role(role), url);
            let is_let_in = ![401, 403].contains(&answer.status()) || url.who == Who::Anybody;
            assert_eq!(is_let_in, may(url.who, role), "{address} as {role:?}: {}", answer.status());
            assert!(answer.status() < 500, "{address} as {role:?}: {}", answer.text());
        }
        let answer = ask(&site.nobody(), url);
        assert!(answer.status() < 500, "{address} as nobody: {}", answer.text());
        match url.who {
            Who::Anybody => assert_ne!(answer.status(), 403, "{address}"),
            Who::Roles(_) if url.method == Method::Get && !is_api(url) => {
                assert_eq!(answer.status(), 303, "{address}");
                assert!(answer.location().starts_with("/sign-in"), "{address}");
            }
            Who::Roles(_) => assert_eq!(answer.status(), 401, "{address}"),
        }
    }
}

#[test]
fn nothing_changes_without_the_token_of_the_form() {
    let site = Site::open();
    for url in URLS.iter().filter(|url| url.method != Method::Get && url.who != Who::Anybody) {
        let address = format!("{} {}", url.method.word(), url.pattern);
        for role in Role::ALL.into_iter().filter(|role| may(url.who, *role)) {
            let (mine, other) = (site.role(role), site.role(role));
            let stolen = luckygas::users::session::csrf(other.token.as_ref().unwrap());
            for csrf in ["", "0000", &stolen] {
                let answer = mine.send_with(url.method, &target(url), &[("X-CSRF-Token", csrf)], Vec::new());
                assert_eq!(answer.status(), 400, "{address} as {role:?}");
            }
        }
    }
    assert!(site.journal().is_empty());
}

#[test]
fn nothing_changes_when_another_site_asks() {
    let site = Site::open();
    for url in URLS.iter().filter(|url| url.method != Method::Get) {
        let boss = site.boss();
        let csrf = luckygas::users::session::csrf(boss.token.as_ref().unwrap());
        for origin in ["http://evil.example", "null", "http://127.0.0.1:8081"] {
            let answer = boss.send_with(url.method, &target(url), &[("Origin", origin), ("X-CSRF-Token", &csrf)], Vec::new());
            let status = answer.status();
            assert!(status == 400 || status == 403, "{} {} from {origin}: {status}", url.method.word(), url.pattern);
        }
    }
    assert!(site.journal().is_empty());
}

#[test]
fn the_permissions_people_see_are_those_of_the_addresses() {
    for permission in PERMISSIONS {
        let (method, pattern) = permission.proof;
        let url = URLS.iter().find(|url| url.method == method && url.pattern == pattern);
        let url = url.unwrap_or_else(|| panic!("{}: no address {} {pattern}", permission.what, method.word()));
        for (role, shown) in Role::ALL.into_iter().zip(permission.roles) {
            assert_eq!(may(url.who, role), shown != May::No, "{} for {role:?}", permission.what);
        }
    }
}
