//! The shop cannot be opened: the door opens all the same, and every address says what is so and what to do. Whoever reads
//! the code on the console of this PC may choose: a copy that is restored, what lies in the way laid aside, another try.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::{evidence, forget_failure, look, rescue_views as views, rule, waiting};
use crate::backups::list::{self, Backup};
use crate::backups::restore::{self, Asker, Step};
use crate::backups::{self, Name};
use crate::db;
use crate::error::{Doing, Error, Problem, Reference, Result};
use crate::http::{Behind, Method, Request, Response, gate};
use crate::shop::{Asked, Ending};
use crate::urls;
use crate::users::session;
use crate::users::setup::Code;
use crate::values::Stamp;

/// What the journal calls whoever restores without a shop to sign in to.
const BY: &str = "救援";

/// Why the shop is not open.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// One of [`rule`], or what else an [`Error::Refused`] is called.
    pub rule: &'static str,
    pub say: String,
    /// Stands in the log too.
    pub reference: Reference,
}

impl Trouble {
    fn of(error: &Error) -> Trouble {
        let (rule, reference) = match error {
            Error::Refused { rule, .. } => (*rule, Reference::new()),
            Error::Internal { reference, .. } => ("", *reference),
            _ => ("", Reference::new()),
        };
        log::error!("the shop cannot be opened: {error} reference={reference}");
        Trouble { rule, say: error.user_message().into_owned(), reference }
    }

    /// Whether what lies beside the file is what is wrong, and can be laid aside.
    pub fn has_leftover(&self) -> bool {
        [rule::FOREIGN_WAL, rule::FOREIGN_JOURNAL, rule::SPOILED_WAL].contains(&self.rule)
    }

    /// Whether a new shop may be wanted here.
    pub fn is_gone(&self) -> bool {
        self.rule == rule::MISSING
    }

    /// Whether a copy in the file's place would help; of a newer file it would only lose what is new.
    pub fn wants_copy(&self) -> bool {
        self.has_leftover() || [rule::MISSING, rule::WAL_ALONE, rule::DAMAGED, rule::OURS].contains(&self.rule)
    }
}

/// What is being done about it.
#[derive(Clone, Debug, Default)]
pub enum State {
    #[default]
    Waiting,
    /// A restore, how far it is, and the word it is known by.
    Restoring(Step, String),
    /// What was chosen did not come off.
    Failed(String),
}

/// Stands behind the door in the shop's place.
pub struct Rescue {
    pub folder: PathBuf,
    pub trouble: Trouble,
    /// For the console.
    pub code: Code,
    spool: PathBuf,
    ending: Arc<Ending>,
    /// The ground as it was when it was last looked at; `None` when it is not the ground that was bad.
    ground: Option<Mutex<String>>,
    state: Mutex<State>,
}

impl Rescue {
    /// For the shop in `folder`, which `error` kept from opening. `ending` is asked when it should be tried again.
    pub fn new(folder: &Path, error: &Error, ending: Arc<Ending>) -> Result<Arc<Rescue>> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Ok(Arc::new(Rescue {
            trouble: Trouble::of(error),
            code: Code::new()?,
            spool: folder.join("uploads"),
            ending,
            ground: look(&folder).is_err().then(|| Mutex::new(outside(&folder))),
            state: Mutex::default(),
            folder,
        }))
    }

    /// Whether somebody has put right what was wrong, so that the shop can be opened by itself.
    pub fn is_over(&self) -> bool {
        let Some(ground) = &self.ground else { return false };
        let now = outside(&self.folder);
        let mut before = ground.lock().unwrap_or_else(PoisonError::into_inner);
        if *before == now || !matches!(self.state(), State::Waiting | State::Failed(_)) {
            return false;
        }
        *before = now;
        look(&self.folder).is_ok()
    }

    pub fn state(&self) -> State {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The copies that can be chosen, the newest first: proved ones before all others, locked ones not.
    pub fn copies(&self) -> Vec<Backup> {
        let mut copies: Vec<Backup> = list::list(&self.folder).into_iter().filter(|copy| !copy.name.is_locked).collect();
        copies.sort_by_key(|copy| !copy.is_good());
        copies
    }

    fn route(self: &Arc<Self>, req: &Request) -> Result<Response> {
        let segments: Vec<&str> = req.segments.iter().map(String::as_str).collect();
        match (req.method, segments.as_slice()) {
            (Method::Post, ["rescue", act]) => {
                gate::check_origin(req)?;
                self.check_code(req.form("code").unwrap_or_default(), req.at)?;
                match *act {
                    "restore" => self.restore(req),
                    "aside" if self.trouble.has_leftover() => self.lay_aside(req),
                    "new" if self.trouble.is_gone() => self.begin_anew(),
                    "again" => Ok(self.open_again()),
                    _ => Err(Error::NoPage),
                }
            }
            (Method::Get | Method::Head, ["restoring", key]) => Ok(views::progress(self, key)),
            (Method::Get | Method::Head, ["rescue"]) => match req.query("code") {
                None => Ok(views::page(self, None)),
                Some(code) => {
                    self.check_code(code, req.at)?;
                    Ok(views::choices(self, code, &[]))
                }
            },
            (Method::Get | Method::Head, _) => Ok(views::page(self, None)),
            _ => Err(Error::Busy),
        }
    }

    fn check_code(&self, typed: &str, now: Stamp) -> Result<()> {
        self.code.check(typed, now).map_err(|error| match error {
            Error::Invalid(_) => Error::invalid("code", "救援碼不對，請看啟動視窗上印的那一組。"),
            error => error,
        })
    }

    /// `POST /rescue/restore`: the copy `name` takes the file's place. What was there is kept.
    fn restore(self: &Arc<Self>, req: &Request) -> Result<Response> {
        let name = Name::parse(req.form("name").unwrap_or_default()).filter(|name| !name.is_locked);
        let Some(name) = name.filter(|_| self.trouble.wants_copy()) else {
            return Err(Error::invalid("name", "請選一份備份。"));
        };
        let path = backups::folder(&self.folder).join(name.to_string());
        let key = session::new_token()?;
        {
            let mut state = self.lock();
            if matches!(*state, State::Restoring(..)) {
                return Err(Error::conflict("a restore is under way", "正在還原，請等它做完。"));
            }
            *state = State::Restoring(Step::Looking, key.clone());
        }
        let (this, word, now) = (self.clone(), key.clone(), req.at);
        let work = move || {
            let prepared = catch_unwind(AssertUnwindSafe(|| this.prepare(&path, &word, now)));
            match prepared.unwrap_or_else(|_| Err(Error::impossible("prepare a restore without a panic"))) {
                Ok(()) => this.ending.ask(Asked::Reopen),
                Err(error) => {
                    log::error!("{error}");
                    *this.lock() = State::Failed(error.user_message().into_owned());
                }
            }
        };
        let started = thread::Builder::new().name("restore".to_owned()).spawn(work).doing("begin a restore");
        started.inspect_err(|error| *self.lock() = State::Failed(error.user_message().into_owned()))?;
        Ok(Response::see_other(format!("/restoring/{key}")))
    }

    fn prepare(&self, path: &Path, key: &str, now: Stamp) -> Result<()> {
        let live = self.folder.join("luckygas.db");
        // The file itself is kept by the restore; what lies beside it would not stay as it is.
        if live.exists() && evidence::has_leftover(&self.folder) {
            evidence::keep(&self.folder, now, &self.note())?;
        }
        if [rule::FOREIGN_WAL, rule::FOREIGN_JOURNAL].contains(&self.trouble.rule) || !live.exists() {
            // Else it would be folded into the file it does not belong to, or into the copy.
            evidence::lay_aside(&self.folder, now, &self.note())?;
        }
        let mut tell = |step| *self.lock() = State::Restoring(step, key.to_owned());
        restore::prepare_for(&self.folder, path, &Asker::named(BY), key, now, &mut tell)
    }

    /// `POST /rescue/aside`: what lies beside the file is no longer in the way, and what of it can be read is in the file.
    fn lay_aside(&self, req: &Request) -> Result<Response> {
        if self.trouble.rule == rule::SPOILED_WAL {
            evidence::keep(&self.folder, req.at, &self.note())?;
            db::fold(&self.folder.join("luckygas.db"))?;
        } else {
            evidence::lay_aside(&self.folder, req.at, &self.note())?;
        }
        Ok(self.open_again())
    }

    /// `POST /rescue/new`: it is meant to be an empty shop.
    fn begin_anew(&self) -> Result<Response> {
        drop(db::open_alone(&self.folder.join("luckygas.db"))?);
        Ok(self.open_again())
    }

    /// `POST /rescue/again`.
    fn open_again(&self) -> Response {
        forget_failure(&self.folder);
        self.ending.ask(Asked::Reopen);
        Response::see_other("/")
    }

    fn note(&self) -> String {
        format!("{}\n{} {}", self.trouble.say, self.trouble.rule, self.trouble.reference)
    }
}

/// What shows from outside of what a shop stands on: as long as it is the same, there is nothing new to find.
fn outside(folder: &Path) -> String {
    let of = |path: &Path| std::fs::metadata(path).map(|meta| (meta.len(), meta.modified().ok(), meta.permissions())).ok();
    let file = folder.join("luckygas.db");
    let files = ["", "-wal", "-journal"].map(|ending| of(&db::beside(&file, ending)));
    format!("{:?} {files:?} {:?}", folder.canonicalize().ok(), std::fs::metadata(folder).map(|meta| meta.permissions()).ok())
}

/// The rescue, as the door knows it.
pub struct Standing(pub Arc<Rescue>);

impl Behind for Standing {
    fn answer(&self, req: Request) -> Response {
        let rescue = &self.0;
        if let Some(asset) = waiting::asset(&req) {
            return urls::protect(asset);
        }
        let answer = if waiting::is_program(&req) {
            waiting::for_programs(503, "closed", &rescue.trouble.say)
        } else {
            rescue.route(&req).unwrap_or_else(|error| {
                let say = match &error {
                    Error::Busy => "這裡的店還沒有打開。".into(),
                    error => error.user_message(),
                };
                log::debug!("{error}");
                let problem = [Problem { field: "name".into(), say: say.into_owned().into() }];
                let code = req.form("code").or(req.query("code")).unwrap_or_default();
                // Whoever had the code once is not asked for it again because of a slip.
                match (&error, rescue.code.check(code, req.at)) {
                    (Error::Invalid(_) | Error::Conflict { .. } | Error::Refused { .. } | Error::Internal { .. }, Ok(())) => {
                        views::choices(rescue, code, &problem).status(error.status())
                    }
                    _ => views::page(rescue, Some(&problem[0].say)).status(error.status()),
                }
            })
        };
        urls::protect(answer)
    }

    fn now(&self) -> Stamp {
        Stamp::now()
    }

    fn spool(&self) -> &Path {
        &self.0.spool
    }
}
