//! The real program, started and ended.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// `luckygas` with `args`, ready to run, with nothing of this shell's own choices.
pub fn luckygas(args: &[&str]) -> Command {
    prepared(Command::new(program()), args)
}

/// The program under test: the one built with the tests, or that of `LUCKYGAS_BIN`.
fn program() -> std::ffi::OsString {
    std::env::var_os("LUCKYGAS_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_luckygas").into())
}

fn prepared(mut command: Command, args: &[&str]) -> Command {
    command.args(args).env_remove("LUCKYGAS_DATA").env_remove("LUCKYGAS_LOG").stdin(Stdio::null());
    command
}

/// What `luckygas` with `args` says, in `folder`.
pub fn run(folder: &Path, args: &[&str]) -> Output {
    luckygas(args).current_dir(folder).output().unwrap()
}

/// A running `luckygas serve`; killed when dropped.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
    /// What the console said at the start.
    pub said: String,
}

impl Serving {
    /// On a free port, with the data in `folder`.
    pub fn start(folder: &Path) -> Serving {
        Serving::with(luckygas(&["serve", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0", "--no-rescue"]))
    }

    /// The same where the shop may not open: then its page of rescue stands there.
    pub fn rescued(folder: &Path) -> Serving {
        Serving::with(luckygas(&["serve", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0"]))
    }

    /// The same, what it says on standard error put into `file`.
    pub fn with_log(folder: &Path, file: std::fs::File) -> Serving {
        Serving::of(luckygas(&["serve", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0", "--log", "debug"]), file.into())
    }

    /// The same with at most `handles` open files.
    #[cfg(unix)]
    pub fn with_file_handles(folder: &Path, handles: u32) -> Serving {
        let script = format!("ulimit -n {handles}; exec \"$@\"");
        let program = env!("CARGO_BIN_EXE_luckygas");
        let args = ["-c", &script, "sh", program, "serve", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        Serving::with(prepared(Command::new("sh"), &args))
    }

    fn with(command: Command) -> Serving {
        Serving::of(command, Stdio::null())
    }

    fn of(mut command: Command, stderr: Stdio) -> Serving {
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut console = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("停止") {
            assert_ne!(console.read_line(&mut said).unwrap(), 0, "the program ended: {said}");
        }
        // Whoever prints must be read to the end.
        std::thread::spawn(move || console.read_to_end(&mut Vec::new()));
        let url = said.lines().find_map(|line| line.strip_prefix("網址")).unwrap().trim();
        let address = url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Serving { child, address, said }
    }

    /// The code the console shows while nobody has an account.
    pub fn setup_code(&self) -> String {
        self.said.lines().find_map(|line| line.strip_prefix("開店碼")).unwrap().trim().to_owned()
    }

    /// The code the console shows while the shop cannot be opened.
    pub fn rescue_code(&self) -> String {
        self.said.lines().find_map(|line| line.strip_prefix("救援碼")).unwrap_or_else(|| panic!("{}", self.said)).trim().to_owned()
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// How it ended; a test fails when it does not end in `patience`.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the program does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Memory that is its own, in KB.
    #[cfg(target_os = "linux")]
    pub fn private_kb(&self) -> u64 {
        let map = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).unwrap();
        let private = map.lines().filter(|line| line.starts_with("Private_"));
        private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
