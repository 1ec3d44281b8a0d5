//! The text a Prometheus reads: exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

use std::fmt::{Display, Write as _};

use crate::histogram::Counted;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family of figures is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, and begins again at 0 with the program.
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// `(name, value)` pairs.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// The text being written, family by family. Writing to a `String` cannot fail.
#[derive(Debug, Default)]
pub struct Text {
    out: String,
}

/// One family: its head is written when its first figure is, so that one without figures is not there.
pub struct Family<'a> {
    text: &'a mut Text,
    name: &'static str,
    kind: Kind,
    help: &'static str,
    has_head: bool,
}

impl Text {
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &'static str) -> Family<'_> {
        Family { text: self, name, kind, help, has_head: false }
    }

    /// A family of one gauge.
    pub fn gauge(&mut self, name: &'static str, help: &'static str, value: impl Display) {
        self.family(name, Kind::Gauge, help).figure(&[], value);
    }

    /// A family of one counter.
    pub fn counter(&mut self, name: &'static str, help: &'static str, value: impl Display) {
        self.family(name, Kind::Counter, help).figure(&[], value);
    }

    /// A family of one histogram of microseconds, told in seconds.
    pub fn histogram(&mut self, name: &'static str, help: &'static str, counted: &Counted) {
        self.family(name, Kind::Histogram, help).histogram(&[], counted);
    }

    pub fn finish(self) -> String {
        self.out
    }
}

impl Family<'_> {
    pub fn figure(&mut self, labels: Labels, value: impl Display) {
        self.head();
        self.line("", labels, None, value);
    }

    pub fn histogram(&mut self, labels: Labels, counted: &Counted) {
        self.head();
        let mut so_far = 0;
        let bounds = counted.bounds.iter().map(|us| seconds(*us)).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&counted.counts) {
            so_far += count;
            self.line("_bucket", labels, Some(&bound), so_far);
        }
        self.line("_sum", labels, None, seconds(counted.sum_us));
        self.line("_count", labels, None, so_far);
    }

    fn head(&mut self) {
        if !self.has_head {
            self.has_head = true;
            let (name, help, kind) = (self.name, escape(self.help, IsQuoted::No), self.kind.word());
            let _ = write!(self.text.out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        }
    }

    fn line(&mut self, ending: &str, labels: Labels, bound: Option<&str>, value: impl Display) {
        let out = &mut self.text.out;
        let _ = write!(out, "{}{ending}", self.name);
        let mut before = "{";
        for (name, value) in labels.iter().copied().chain(bound.map(|bound| ("le", bound))) {
            let _ = write!(out, "{before}{name}=\"{}\"", escape(value, IsQuoted::Yes));
            before = ",";
        }
        let close = if before == "," { "}" } else { "" };
        let _ = writeln!(out, "{close} {value}");
    }
}

/// `0.0025` of 2,500 microseconds, exactly.
fn seconds(us: u64) -> String {
    let (whole, rest) = (us / 1_000_000, us % 1_000_000);
    match rest {
        0 => whole.to_string(),
        _ => format!("{whole}.{}", format!("{rest:06}").trim_end_matches('0')),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsQuoted {
    Yes,
    No,
}

/// A backslash and a line break always, a quote in the value of a label.
fn escape(text: &str, is_quoted: IsQuoted) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if is_quoted == IsQuoted::Yes => escaped.push_str("\\\""),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_format_says() {
        let mut text = Text::default();
        text.gauge("open", "How many.\nNow, as C:\\ \"here\".", 3);
        text.family("nothing", Kind::Gauge, "Never written.");
        let mut family = text.family("asked_total", Kind::Counter, "Asked.");
        family.figure(&[("path", "/a\\b\"c\n"), ("status", "2xx")], 1);
        family.figure(&[("path", "/客戶")], 2);
        let counted = Counted { bounds: &[2_500, 1_000_000], counts: vec![1, 0, 2], sum_us: 4_000_500 };
        text.histogram("took_seconds", "Took.", &counted);
        let expected = "\
# HELP open How many.\\nNow, as C:\\\\ \"here\".
# TYPE open gauge
open 3
# HELP asked_total Asked.
# TYPE asked_total counter
asked_total{path=\"/a\\\\b\\\"c\\n\",status=\"2xx\"} 1
asked_total{path=\"/客戶\"} 2
# HELP took_seconds Took.
# TYPE took_seconds histogram
took_seconds_bucket{le=\"0.0025\"} 1
took_seconds_bucket{le=\"1\"} 1
took_seconds_bucket{le=\"+Inf\"} 3
took_seconds_sum 4.0005
took_seconds_count 3
";
        assert_eq!(text.finish(), expected);
    }
}
