//! The commands. Each is one small function in `commands/`, and one line of its table.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(std::env::args_os().skip(1))
}
