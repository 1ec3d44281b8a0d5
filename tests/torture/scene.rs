//! Where a fault is tried: folders of its own, the real program, the people of the shop.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use luckygas::users::{Role, session};
use luckygas::values::{Stamp, UserId};

use crate::dice::Dice;
use crate::people::{Clerk, Crowd, Importer, Keeper, Person, Phone, Runner, prepare_phones};
use crate::support::program::{Serving, luckygas};
use crate::support::{Folder, counter};
use crate::told::Told;

/// A practice shop everybody of a fault begins with; made once a run.
pub struct Template {
    folder: Folder,
    customers: Vec<i64>,
    phones: Vec<Phone>,
    manager: String,
    office: [String; 2],
}

impl Template {
    /// A shop of test size whose people are signed in, closed.
    pub fn make() -> Template {
        let folder = counter::practice_shop();
        let phones = prepare_phones(&folder.0, 4);
        let customers = counter::customers(&folder.0);
        let db = luckygas::db::Db::open(&folder.0).unwrap();
        let start = |username: &str| {
            let token = db.write(|tx| {
                let sql = "SELECT id, role FROM users WHERE username = ?1";
                let (id, role): (UserId, String) = tx.query_row(sql, [username], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                session::start(tx, id, Role::from_word(&role).unwrap(), "電腦", Stamp::now())
            });
            token.unwrap()
        };
        let (manager, office) = (start("boss"), ["xiaohui", "azhen"].map(start));
        // It is to be cared for as a real one is.
        db.write(|tx| Ok(tx.execute("DELETE FROM settings WHERE name = 'is_practice'", []).unwrap())).unwrap();
        Template { folder, customers, phones, manager, office }
    }
}

/// One fault's own place.
pub struct Scene<'a> {
    pub dice: Dice,
    pub is_long: bool,
    /// Removed when all went well, kept as evidence when not.
    pub folder: PathBuf,
    template: &'a Template,
}

impl<'a> Scene<'a> {
    pub fn new(template: &'a Template, root: &Path, name: &str, seed: u64, is_long: bool) -> Scene<'a> {
        let folder = root.join(name.replace(' ', "-"));
        std::fs::create_dir_all(&folder).unwrap();
        Scene { dice: Dice::new(seed, name), is_long, folder, template }
    }

    /// `short` in the run of every day, `long` by hand.
    pub fn times(&self, short: usize, long: usize) -> usize {
        if self.is_long { long } else { short }
    }

    /// A fresh copy of the practice shop below [`Scene::folder`].
    pub fn shop(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        self.shop_in(&folder);
        folder
    }

    /// The same in `folder`.
    pub fn shop_in(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::copy(self.template.folder.0.join("luckygas.db"), folder.join("luckygas.db")).unwrap();
    }

    /// Five clerks at programs and two at the page, four drivers.
    pub fn crowd(&self) -> Crowd {
        let Template { customers, phones, office, .. } = self.template;
        let clerk = |no: usize| Clerk::new(&format!("clerk{no}"), &office[no % 2], customers, no < 2);
        let clerks = (0..7).map(|no| Box::new(clerk(no)) as Box<dyn Person>);
        Crowd::new(clerks.chain(phones.iter().map(|phone| Box::new(phone.clone()) as Box<dyn Person>)).collect())
    }

    /// The same, and two who bring files in, one who runs what the program does by itself, and one who makes copies.
    pub fn whole_crowd(&self) -> Crowd {
        let mut people = self.crowd().people;
        people.push(Box::new(Importer::new("import", &self.template.manager, 0, false)));
        people.push(Box::new(Importer::new("import-page", &self.template.manager, 1, true)));
        people.push(Box::new(Runner::new(&self.template.manager)));
        people.push(Box::new(Keeper::new(&self.template.manager)));
        Crowd::new(people)
    }

    /// The boss with a connection of his own; `None` when nobody listens.
    pub fn manager_at(&self, address: SocketAddr) -> Option<counter::Clerk> {
        counter::Clerk::try_new(address, &self.template.manager)
    }

    /// `luckygas serve` on the shop in `folder`, once it says that it is open; else what it said.
    pub fn open(&self, folder: &Path) -> Result<Serving, String> {
        let mut child = self.spawn(folder, Stdio::piped());
        let mut console = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("停止　") {
            if console.read_line(&mut said).unwrap_or_default() == 0 {
                let _ = child.kill();
                let status = child.wait();
                return Err(format!("the program does not start ({status:?}): {said}{}", self.last_lines()));
            }
        }
        std::thread::spawn(move || console.read_to_end(&mut Vec::new()));
        let url = said.lines().find_map(|line| line.strip_prefix("網址")).unwrap().trim();
        let address = url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Ok(Serving { child, address, said })
    }

    /// The same, not waited for.
    pub fn spawn(&self, folder: &Path, stdout: Stdio) -> Child {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let mut command = luckygas(&["serve", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0", "--no-rescue"]);
        command.stdout(stdout).stderr(log).spawn().unwrap()
    }

    /// What the programs of this fault said on standard error.
    fn log(&self) -> PathBuf {
        self.folder.join("program.log")
    }

    fn last_lines(&self) -> String {
        let log = std::fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(3)..].join("\n")
    }

    /// Notes every panic the program wrote into its log as wrong.
    pub fn look_for_panics(&self, told: &mut Told) {
        let log = std::fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        told.wrong.extend(log.lines().filter(|line| line.contains("panicked")).take(5).map(str::to_owned));
    }
}

/// Ends a child where it stands.
pub fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Sends `signal` to a child.
pub fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
}
