//! A report is figures of the shop over a span of days: today, a month, a year by its months.

pub mod api;
