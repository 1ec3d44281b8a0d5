//! What came of each fault, and the table of all.

use std::fmt::Write;

/// What came of one fault.
#[derive(Default)]
pub struct Told {
    pub tried: usize,
    pub survived: usize,
    /// Requests that were answered as done.
    pub acknowledged: usize,
    /// What was answered as done and is not there, or not as it was said.
    pub lost: Vec<String>,
    /// What else should not be: a file that is not sound, a panic, a program that does not start.
    pub wrong: Vec<String>,
    pub notes: Vec<String>,
    /// Why it could not be tried here.
    pub skipped: Option<String>,
}

impl Told {
    /// One try: it is survived when `work` finds nothing lost and nothing wrong.
    pub fn try_once(&mut self, work: impl FnOnce(&mut Told)) {
        let before = self.lost.len() + self.wrong.len();
        self.tried += 1;
        work(self);
        if self.lost.len() + self.wrong.len() == before {
            self.survived += 1;
        }
    }

    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.wrong.is_empty()
    }

    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Notes `what` as wrong unless `is_so`.
    pub fn hold(&mut self, is_so: bool, what: impl FnOnce() -> String) {
        if !is_so {
            self.wrong.push(what());
        }
    }
}

/// A row a fault, in the order they were tried.
pub fn table(rows: &[(&str, Told)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(5);
    let mut text = format!("{:<width$}  {:>6}  {:>8}  {:>12}  {:>4}  notes\n", "fault", "tried", "survived", "acknowledged", "lost");
    for (name, told) in rows {
        let notes = match &told.skipped {
            Some(why) => format!("skipped: {why}"),
            None => told.notes.join("; "),
        };
        let (tried, survived, acknowledged, lost) = (told.tried, told.survived, told.acknowledged, told.lost.len());
        let _ = writeln!(text, "{name:<width$}  {tried:>6}  {survived:>8}  {acknowledged:>12}  {lost:>4}  {notes}");
        for (what, lines) in [("LOST", &told.lost), ("WRONG", &told.wrong)] {
            for line in lines.iter().take(MOST_LINES) {
                let _ = writeln!(text, "{:width$}  {what}: {line}", "");
            }
            if MOST_LINES < lines.len() {
                let _ = writeln!(text, "{:width$}  {what}: and {} more", "", lines.len() - MOST_LINES);
            }
        }
    }
    let sum = |of: fn(&Told) -> usize| rows.iter().map(|(_, told)| of(told)).sum::<usize>();
    let (tried, survived) = (sum(|told| told.tried), sum(|told| told.survived));
    let (acknowledged, lost) = (sum(|told| told.acknowledged), sum(|told| told.lost.len()));
    let _ = writeln!(text, "{:<width$}  {tried:>6}  {survived:>8}  {acknowledged:>12}  {lost:>4}", "all");
    text
}

/// Lines of one sort under a row.
const MOST_LINES: usize = 8;
