//! What was typed, word by word, with the options every command has taken out.

use std::ffi::OsString;
use std::path::PathBuf;

use log::LevelFilter;

use super::Failure;

/// One thing typed.
pub enum Word {
    /// `--listen`, without its dashes.
    Option(String),
    /// A file, a name, an address.
    Value(OsString),
}

pub struct Args {
    typed: lexopt::Parser,
    data: Option<PathBuf>,
    log: Option<LevelFilter>,
    command: &'static str,
}

impl Args {
    pub fn new(typed: impl Iterator<Item = OsString>) -> Args {
        Args { typed: lexopt::Parser::from_args(typed.collect::<Vec<_>>()), data: None, log: None, command: "" }
    }

    /// The command, after the common options that may stand before it.
    pub fn command(&mut self) -> Result<Option<String>, Failure> {
        // `luckygas --open` is `luckygas serve --open`, so an option that is not common ends the search.
        let mut ahead = self.typed.clone();
        match ahead.next() {
            Ok(Some(lexopt::Arg::Value(name))) => {
                let name = name.to_string_lossy().into_owned();
                self.typed = ahead;
                Ok(Some(name))
            }
            Ok(Some(lexopt::Arg::Long("data" | "log" | "help"))) | Ok(Some(lexopt::Arg::Short('h'))) => {
                let mut one = Vec::new();
                self.take_common(&mut one)?;
                self.command()
            }
            _ => Ok(None),
        }
    }

    pub(super) fn is_for(&mut self, command: &'static str) {
        self.command = command;
    }

    /// The next word that is this command's own.
    pub fn next(&mut self) -> Result<Option<Word>, Failure> {
        let mut words = Vec::new();
        while words.is_empty() {
            if !self.take_common(&mut words)? {
                break;
            }
        }
        Ok(words.pop())
    }

    /// Takes one argument: a common one for itself, another into `words`. False at the end.
    fn take_common(&mut self, words: &mut Vec<Word>) -> Result<bool, Failure> {
        let word = match self.typed.next() {
            Err(error) => return Err(self.wrong(&error)),
            Ok(None) => return Ok(false),
            Ok(Some(lexopt::Arg::Short('h'))) => return Err(Failure::Help),
            Ok(Some(lexopt::Arg::Short(letter))) => return Err(self.unknown(&format!("-{letter}"))),
            Ok(Some(lexopt::Arg::Long(name))) => Word::Option(name.to_owned()),
            Ok(Some(lexopt::Arg::Value(value))) => Word::Value(value),
        };
        match word {
            Word::Option(name) if name == "help" => return Err(Failure::Help),
            Word::Option(name) if name == "data" => self.data = Some(PathBuf::from(self.value("--data")?)),
            Word::Option(name) if name == "log" => {
                let level = self.text("--log")?;
                self.log =
                    Some(level.parse().map_err(|_| Failure::Usage(format!("--log 不能是「{level}」，可以是 error、warn、info、debug。")))?);
            }
            word => words.push(word),
        }
        Ok(true)
    }

    /// What stands behind `option`.
    pub fn value(&mut self, option: &str) -> Result<OsString, Failure> {
        self.typed.value().map_err(|_| Failure::Usage(format!("{option} 後面少了東西。{}", self.see_help())))
    }

    /// The same as text.
    pub fn text(&mut self, option: &str) -> Result<String, Failure> {
        self.value(option)?.into_string().map_err(|_| Failure::Usage(format!("{option} 後面的字看不懂。{}", self.see_help())))
    }

    /// For a word the command has no use for.
    pub fn stray(&self, word: &Word) -> Failure {
        match word {
            Word::Option(name) => self.unknown(&format!("--{name}")),
            Word::Value(value) => Failure::Usage(format!("不知道「{}」要做什麼。{}", value.to_string_lossy(), self.see_help())),
        }
    }

    /// Nothing more may follow. Logging begins here at the latest.
    pub fn end(&mut self) -> Result<(), Failure> {
        match self.next()? {
            Some(word) => Err(self.stray(&word)),
            None => {
                luckygas::logs::start(self.level()?);
                Ok(())
            }
        }
    }

    /// The data folder when it was named on this line.
    pub fn named_folder(&self) -> Option<PathBuf> {
        self.data.clone()
    }

    /// The data folder: `--data`, else `LUCKYGAS_DATA`, else the working directory.
    pub fn folder(&self) -> PathBuf {
        let named = self.data.clone().or_else(|| std::env::var_os("LUCKYGAS_DATA").filter(|text| !text.is_empty()).map(PathBuf::from));
        let folder = named.unwrap_or_else(|| PathBuf::from("."));
        // Whole, for the sentences people read.
        std::path::absolute(&folder).unwrap_or(folder)
    }

    fn level(&self) -> Result<LevelFilter, Failure> {
        match (self.log, std::env::var("LUCKYGAS_LOG")) {
            (Some(level), _) => Ok(level),
            (None, Ok(level)) if !level.is_empty() => {
                level.parse().map_err(|_| Failure::Usage(format!("LUCKYGAS_LOG 不能是「{level}」，可以是 error、warn、info、debug。")))
            }
            _ => Ok(LevelFilter::Info),
        }
    }

    fn unknown(&self, option: &str) -> Failure {
        Failure::Usage(format!("沒有「{option}」這個選項。{}", self.see_help()))
    }

    fn wrong(&self, error: &lexopt::Error) -> Failure {
        match error {
            lexopt::Error::UnexpectedValue { option, .. } => Failure::Usage(format!("{option} 後面不用加東西。{}", self.see_help())),
            _ => Failure::Usage(format!("看不懂這樣的用法。{}", self.see_help())),
        }
    }

    fn see_help(&self) -> String {
        match self.command {
            "" => "用 luckygas --help 看用法。".to_owned(),
            command => format!("用 luckygas {command} --help 看用法。"),
        }
    }
}
