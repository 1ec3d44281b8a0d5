//! What can be typed after `luckygas`. Exit codes: 0 done, 1 refused or failed with one sentence on
//! standard error, 2 typed wrongly.

mod args;
mod backup;
mod check;
mod code;
mod demo;
mod export;
mod import;
mod jobs;
mod pictures;
mod restore;
mod serve;
mod user;
mod verify;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use luckygas::app::Clock;
use luckygas::db::Lock;
use luckygas::{App, Error, start};

pub use args::{Args, Word};

/// Why a command ends early.
pub enum Failure {
    /// Typed wrongly; one sentence.
    Usage(String),
    /// The person asked how it is used.
    Help,
    /// Asked for and not done. What there was to say has been said.
    Failed,
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}

pub type Done = Result<(), Failure>;

pub struct Command {
    pub name: &'static str,
    /// A few words for the list of commands.
    pub about: &'static str,
    /// What `--help` prints: how it is typed, then each option on a line.
    pub help: &'static str,
    pub run: fn(&mut Args) -> Done,
}

/// All of them, in the order of the list.
const COMMANDS: &[&Command] = &[
    &serve::COMMAND,
    &import::COMMAND,
    &export::COMMAND,
    &jobs::COMMAND,
    &restore::COMMAND,
    &user::COMMAND,
    &backup::COMMAND,
    &verify::COMMAND,
    &pictures::COMMAND,
    &check::COMMAND,
    &code::COMMAND,
    &demo::COMMAND,
    &VERSION,
];

const VERSION: Command = Command { name: "version", about: "印出版本", help: "用法：luckygas version", run: version };

fn version(args: &mut Args) -> Done {
    args.end()?;
    say(&format!("luckygas {}\n", env!("CARGO_PKG_VERSION")));
    Ok(())
}

/// Runs what was typed. Nothing typed serves: that is what a double-click does.
pub fn run(typed: impl Iterator<Item = OsString>) -> ExitCode {
    let mut args = Args::new(typed);
    let name = match args.command() {
        Ok(name) => name.unwrap_or_else(|| "serve".to_owned()),
        Err(failure) => return end(failure, None),
    };
    if name == "help" {
        return end(Failure::Help, None);
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return end(Failure::Usage(format!("沒有「{name}」這個命令。用 luckygas --help 看有哪些。")), None);
    };
    args.is_for(command.name);
    match (command.run)(&mut args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(failure, Some(command)),
    }
}

fn end(failure: Failure, command: Option<&Command>) -> ExitCode {
    match failure {
        Failure::Help => {
            match command {
                Some(command) => say(&format!("{}\n\n{COMMON}", command.help)),
                None => say(&overview()),
            }
            ExitCode::SUCCESS
        }
        Failure::Usage(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }
        Failure::Failed => ExitCode::FAILURE,
        Failure::Error(error) => {
            if matches!(error, Error::Internal { .. }) {
                log::error!("{error}");
            }
            eprintln!("{}", error.user_message());
            ExitCode::FAILURE
        }
    }
}

const COMMON: &str = "共用選項：
  --data DIR     資料夾，預設是目前的資料夾，也可以設 LUCKYGAS_DATA
  --log LEVEL    紀錄多細：error、warn、info、debug，也可以設 LUCKYGAS_LOG
  --help         看用法
";

fn overview() -> String {
    let mut text =
        "幸福氣：煤氣行的一天，一個程式、一個資料檔。\n\n用法：luckygas [命令] [選項]\n沒有命令就是 serve。\n\n命令：\n".to_owned();
    for command in COMMANDS {
        text.push_str(&format!("  {:<10} {}\n", command.name, command.about));
    }
    text.push_str("\n每個命令的用法：luckygas 命令 --help\n\n");
    text.push_str(COMMON);
    text
}

/// The data folder, ours until dropped, with no restore half done in it.
fn enter(folder: &Path) -> Result<Lock, Error> {
    let lock = Lock::take(folder)?;
    luckygas::backups::restore::settle(folder)?;
    Ok(lock)
}

/// Opens the shop in `folder`, which the caller has locked. When its file is brought up to date for that, standard error says
/// how far it is.
pub fn open(folder: &Path) -> Result<App, Error> {
    start::open(folder, Clock::System, &|progress| eprintln!("{}", progress.label()))
}

/// Prints on standard output. When nobody reads it any more (`luckygas … | head`), that is no failure.
pub fn say(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
