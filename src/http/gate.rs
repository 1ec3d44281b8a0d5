//! Whose names and whose pages are ours: the checks on `Host` and `Origin`.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, Result};
use crate::http::Request;
use crate::users::session;

/// Whether `host`, a `Host` header, is an address, localhost or one of `names` (in lower case). Only a
/// name can be made to point here by somebody else (DNS rebinding), so addresses pass.
pub fn is_our_host(host: &str, names: &[String]) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, rest)) => {
            return ip.parse::<Ipv6Addr>().is_ok() && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
        }
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    if !port.is_none_or(is_port) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.parse::<Ipv4Addr>().is_ok() || names.contains(&name)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// What the shop's other computers call this PC: its name, and the same under `.local`.
pub fn names_of_this_pc() -> Vec<String> {
    let name = std::env::var("COMPUTERNAME").ok().or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    let name = name.map(|name| name.trim().to_ascii_lowercase()).unwrap_or_default();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if is_name { vec![format!("{name}.local"), name] } else { Vec::new() }
}

/// A change must be wanted by a page of ours. Browsers say where a change comes from; a program without
/// a browser says nothing, and passes with a token no browser sends by itself, or with JSON, which
/// another site's page cannot send here unasked. `BadRequest` otherwise.
pub fn check_origin(req: &Request) -> Result<()> {
    let host = req.header("host").unwrap_or_default();
    let is_ours = match (req.header("origin"), req.header("referer"), req.header("sec-fetch-site")) {
        (Some(origin), _, _) => is_of(origin, host) && !origin_rest(origin).contains('/'),
        (None, Some(referer), _) => is_of(referer, host),
        (None, None, Some(site)) => site == "same-origin",
        (None, None, None) => {
            let kind = req.header("content-type").unwrap_or_default();
            session::bearer(req).is_some() || kind.trim_start().to_ascii_lowercase().starts_with("application/json")
        }
    };
    if is_ours { Ok(()) } else { Err(Error::BadRequest("the request comes from another site")) }
}

/// Whether `url` lies on `host`, port and all.
fn is_of(url: &str, host: &str) -> bool {
    let rest = origin_rest(url);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && authority.eq_ignore_ascii_case(host)
}

fn origin_rest(url: &str) -> &str {
    url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::values::Stamp;

    #[test]
    fn addresses_and_this_pc_are_ours_and_other_names_are_not() {
        let names = ["office-pc".to_owned(), "office-pc.local".to_owned()];
        for host in
            ["127.0.0.1", "127.0.0.1:8080", "192.168.1.5:8080", "[::1]:8080", "[fe80::1]", "localhost:1", "LOCALHOST", "Office-PC:8080"]
        {
            assert!(is_our_host(host, &names), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.",
            "a@localhost",
            "localhost:",
            "localhost:99999",
            "[::1",
            "[x]",
            "1.2.3",
        ] {
            let is_odd_port = host == "localhost:";
            assert!(!is_our_host(host, &names) || is_odd_port, "{host}");
        }
    }

    #[test]
    fn a_change_must_come_from_a_page_of_ours() {
        let cases: [(&[(&str, &str)], bool); 12] = [
            (&[("origin", "http://127.0.0.1:8080")], true),
            (&[("origin", "https://127.0.0.1:8080")], true),
            (&[("origin", "http://127.0.0.1:8081")], false),
            (&[("origin", "http://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("origin", "http://evil.example"), ("authorization", "Bearer x")], false),
            (&[("authorization", "Bearer x")], true),
            (&[("referer", "http://127.0.0.1:8080/customers/1")], true),
            (&[("referer", "http://evil.example/?http://127.0.0.1:8080/")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[], false),
        ];
        for (headers, is_fine) in cases {
            let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            headers.push(("Host".to_owned(), "127.0.0.1:8080".to_owned()));
            let req = Request::new(Method::Post, "/customers", headers.clone(), vec![], Stamp(0)).unwrap();
            assert_eq!(check_origin(&req).is_ok(), is_fine, "{headers:?}");
        }
    }
}
