//! A job is work the program does by itself, at night or when it was missed, each run a row of `job_runs`.

use crate::error::Noun;

pub const NOUN: Noun = Noun { word: "job", label: "工作" };
