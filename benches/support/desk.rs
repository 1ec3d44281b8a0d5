//! What somebody at a desk does in a bench, and how its times are told.

use std::time::{Duration, Instant};

use super::form::{form_on, type_over};
use super::percentile;
use super::shop::Browser;

/// Opens the form for a caller and saves it as it stands: with the usual, or with a 20 kg cylinder for whom none is
/// known. Gives what saving took, and `None` when the clerk was told to mind something first and went on.
pub fn save(clerk: &mut Browser, customer: &str) -> Option<Duration> {
    let (status, page) = clerk.get(&format!("/orders/new?customer={customer}"));
    assert_eq!(status, 200);
    let mut form = form_on(&String::from_utf8(page).expect("a page"), "/orders");
    if form.iter().all(|(name, value)| name != "product" || value.is_empty()) {
        type_over(&mut form, "product", "2");
        type_over(&mut form, "qty", "1");
    }
    let start = Instant::now();
    let (status, answer) = clerk.post("/orders", &form);
    let took = start.elapsed();
    match status {
        303 => Some(took),
        422 => {
            let form = form_on(&String::from_utf8(answer).expect("a page"), "/orders");
            assert!(form.iter().any(|(name, _)| name == "seen"), "customer {customer} cannot order");
            assert_eq!(clerk.post("/orders", &form).0, 303, "customer {customer}");
            None
        }
        _ => panic!("{status}: {}", String::from_utf8_lossy(&answer)),
    }
}

/// One line: half of `sorted` and all but one in a hundred came back within these; `budget` is for the latter.
pub fn tell(what: &str, sorted: &[Duration], budget: Option<Duration>) {
    let (p50, p99) = (percentile(sorted, 0.5), percentile(sorted, 0.99));
    let budget = match budget {
        Some(budget) if budget < p99 => format!(" (budget {budget:?})  OVER ITS p99 BUDGET"),
        Some(budget) => format!(" (budget {budget:?})"),
        None => String::new(),
    };
    println!("  {what:<28} p50 {p50:>8.2?}  p99 {p99:>8.2?}{budget}, of {}", sorted.len());
}
