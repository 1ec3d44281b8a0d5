//! The people of the shop, each with a book of all that was answered as done: it must be there afterwards, exactly once.

mod clerk;
mod importer;
mod jobs;
mod keeper;
mod phone;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

pub use clerk::Clerk;
pub use importer::Importer;
pub use jobs::Runner;
pub use keeper::Keeper;
pub use phone::{Phone, prepare as prepare_phones};

use crate::support::counter;
use crate::told::Told;

/// How something that was sent came out.
pub enum Went {
    /// Answered as done, and in the book.
    Done,
    /// Refused with a status and a page or a sentence; nothing was done.
    Refused(u16, String),
    /// No whole answer came: it is done or it is not.
    Broken,
}

/// Somebody at work.
pub trait Person: Send {
    /// For messages.
    fn name(&self) -> &str;

    fn token(&self) -> &str;

    /// Sends the next thing.
    fn work(&mut self, line: &mut counter::Clerk) -> Went;

    /// Sends again, twice over, what was left without an answer: the first time it is made when it is missing, the
    /// second time nothing is. What then is not as it should be is told.
    fn send_again(&mut self, line: &mut counter::Clerk, told: &mut Told);

    /// Whether what it sends is written at once, so that how long it takes says how long people wait.
    fn is_quick(&self) -> bool {
        true
    }

    /// How many things were answered as done so far.
    fn acknowledged(&self) -> usize;

    /// Whether those of the book in `which` are in the files, and what is unanswered there once or not at all.
    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told);
}

/// A shop's files, open for questions.
pub struct Files {
    folder: PathBuf,
    pub shop: Connection,
    pub photos: Option<Connection>,
}

impl Files {
    /// Beside whoever has them open.
    pub fn open(folder: &Path) -> Files {
        let photos = folder.join("luckygas-photos.db");
        Files { folder: folder.to_owned(), shop: counter::look(folder), photos: photos.exists().then(|| Connection::open(photos).unwrap()) }
    }
}

impl Files {
    /// Where the copies lie; `None` where only the shop's own files were taken along.
    pub fn copies(&self) -> Option<PathBuf> {
        let folder = luckygas::backups::folder(&self.folder);
        folder.exists().then_some(folder)
    }
}

/// A status that everybody may meet who comes too often, or when the program is busy or going home, and tries again.
pub fn is_later(status: u16) -> bool {
    matches!(status, 409 | 429 | 503)
}

/// What an answer says to whoever reads it: the sentence of a program's answer, or the words of a page's message.
pub fn sentence(answer: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(answer).ok();
    if let Some(message) = json.as_ref().and_then(|json| json.pointer("/error/message")?.as_str()) {
        return message.to_owned();
    }
    let page = answer.split("<main").nth(1).unwrap_or(answer);
    let words: String = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    words.chars().take(120).collect()
}

/// Everybody, and how far the book of each has been asked after.
pub struct Crowd {
    pub people: Vec<Box<dyn Person>>,
    /// Whether a refusal, by its status and its sentence, is one they may meet; they try again.
    pub allowed: fn(u16, &str) -> bool,
    /// The sentences of those refusals that were not only about being busy.
    pub said: BTreeSet<String>,
    asked: Vec<usize>,
    counts: Counts,
}

/// How much stands in each book, read while they are being written.
#[derive(Clone)]
pub struct Counts(Arc<Vec<AtomicUsize>>);

impl Counts {
    pub fn now(&self) -> Vec<usize> {
        self.0.iter().map(|count| count.load(Ordering::SeqCst)).collect()
    }
}

impl Crowd {
    pub fn new(people: Vec<Box<dyn Person>>) -> Crowd {
        let asked = vec![0; people.len()];
        let counts = Counts(Arc::new(people.iter().map(|_| AtomicUsize::new(0)).collect()));
        Crowd { people, allowed: |status, _| is_later(status), said: BTreeSet::new(), asked, counts }
    }

    /// The counts of the books, also while [`Crowd::work`] runs.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    pub fn acknowledged(&self) -> usize {
        self.people.iter().map(|person| person.acknowledged()).sum()
    }

    /// All work at once at `address`, until their lines break or `meanwhile` is over and they have heard it. Gives how
    /// long those who are quick waited for each answer, unsorted.
    pub fn work(&mut self, address: SocketAddr, told: &mut Told, meanwhile: impl FnOnce()) -> Vec<Duration> {
        let is_over = AtomicBool::new(false);
        let allowed = self.allowed;
        let all: Vec<Shift> = std::thread::scope(|scope| {
            let is_over = &is_over;
            let people = self.people.iter_mut().zip(self.counts.0.iter());
            let work =
                |(person, count): (&'_ mut Box<dyn Person>, &'_ AtomicUsize)| work_one(person.as_mut(), count, address, allowed, is_over);
            let threads: Vec<_> = people.map(|one| scope.spawn(move || work(one))).collect();
            meanwhile();
            is_over.store(true, Ordering::SeqCst);
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut times = Vec::new();
        for shift in all {
            times.extend(shift.times);
            told.wrong.extend(shift.wrong);
            self.said.extend(shift.said);
        }
        times
    }

    /// Everybody sends again what was left without an answer.
    pub fn send_again(&mut self, address: SocketAddr, told: &mut Told) {
        for person in &mut self.people {
            match counter::Clerk::try_new(address, person.token()) {
                Some(mut line) => person.send_again(&mut line, told),
                None => told.wrong.push(format!("{}: nobody listens at {address}", person.name())),
            }
        }
    }

    /// Asks after what is new in the books since the last time.
    pub fn ask_new(&mut self, folder: &Path, told: &mut Told) {
        let files = Files::open(folder);
        for (person, asked) in self.people.iter().zip(&mut self.asked) {
            person.ask(&files, *asked..person.acknowledged(), told);
            *asked = person.acknowledged();
        }
    }

    /// Asks after everything in the books.
    pub fn ask_all(&self, folder: &Path, told: &mut Told) {
        self.ask_first(folder, &self.books(), told);
    }

    /// How much stands in each book.
    pub fn books(&self) -> Vec<usize> {
        self.people.iter().map(|person| person.acknowledged()).collect()
    }

    /// Asks after the first so many of each book.
    pub fn ask_first(&self, folder: &Path, books: &[usize], told: &mut Told) {
        let files = Files::open(folder);
        for (person, count) in self.people.iter().zip(books) {
            person.ask(&files, 0..*count, told);
        }
    }
}

/// What one had to tell after work.
#[derive(Default)]
struct Shift {
    times: Vec<Duration>,
    wrong: Vec<String>,
    said: BTreeSet<String>,
}

fn work_one(
    person: &mut dyn Person,
    count: &AtomicUsize,
    address: SocketAddr,
    allowed: fn(u16, &str) -> bool,
    is_over: &AtomicBool,
) -> Shift {
    let mut shift = Shift::default();
    let Some(mut line) = counter::Clerk::try_new(address, person.token()) else { return shift };
    while !is_over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        let went = person.work(&mut line);
        count.store(person.acknowledged(), Ordering::SeqCst);
        match went {
            Went::Done if person.is_quick() => shift.times.push(begun.elapsed()),
            Went::Done => {}
            Went::Refused(status, said) if allowed(status, &said) => {
                if status != 409 {
                    let said = sentence(&said);
                    // Each has a code of its own to be read out over the phone.
                    shift.said.insert(format!("{status} {}", said.split("代碼").next().unwrap_or_default()));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            Went::Refused(status, said) => {
                shift.wrong.push(format!("{} was refused: {status} {}", person.name(), sentence(&said)));
                break;
            }
            Went::Broken => break,
        }
    }
    shift
}
