//! Proving a copy against an older one that is known to be good. A tree of the file (a table or an index) all of whose pages are
//! byte for byte those of the older copy, from the same root, is as sound as it was there; every other table is checked in
//! full with its indexes. Rows, money and foreign keys are counted and followed anew in the whole file, and every page must
//! belong to exactly one tree or be free. Whatever does not fit so is left to the full check.
//!
//! In a shop most pages are closed history, so this takes a fraction of the full check and says the same.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::backups::list::Backup;
use crate::backups::manifest::Manifest;
use crate::backups::prove::{self, Map, Proof};
use crate::backups::store::{self, Tree};
use crate::backups::tally::tally;
use crate::error::{Doing, Error, Result};

/// So many threads read at once; more gain little and take from the people at work.
const THREADS: usize = 2;

/// Proves `copy`, whose manifest is `manifest`, against `base`. `None` where only the full check can say.
pub fn prove(copy: &Path, manifest: &Manifest, base: &Backup) -> Result<Option<Proof>> {
    let (Ok(new), Ok(old)) = (Head::read(copy), Head::read(&base.path)) else { return Ok(None) };
    if new.page_size != old.page_size || !new.is_whole || !old.is_whole {
        return Ok(None);
    }
    let trees = {
        let (copy, base) = (prove::open(copy, Map::Whole)?, prove::open(&base.path, Map::Whole)?);
        let trees = store::trees(&copy).doing("list the trees of a copy")?;
        if trees != store::trees(&base).doing("list the trees of the copy before")? {
            return Ok(None);
        }
        trees
    };
    let Ok(changed) = changed_pages(copy, &base.path, &new) else { return Ok(None) };
    let found = look(copy, manifest, &trees, &changed)?;
    if found.needs_more || !is_all_accounted_for(copy, &new, found.pages) {
        return Ok(None);
    }
    Ok(Some(found.proof))
}

/// What several threads found together.
struct Found {
    proof: Proof,
    /// How often each page was met in a tree; page 1 first.
    pages: Vec<u8>,
    needs_more: bool,
}

/// One thing to do, whoever comes first.
enum Task<'a> {
    ForeignKeys,
    Tally,
    Table(&'a str, Vec<&'a Tree>),
}

fn look(copy: &Path, manifest: &Manifest, trees: &[Tree], changed: &[bool]) -> Result<Found> {
    let mut tables: HashMap<&str, Vec<&Tree>> = HashMap::new();
    for tree in trees {
        tables.entry(&tree.table).or_default().push(tree);
    }
    let mut tables: Vec<(&str, Vec<&Tree>)> = tables.into_iter().collect();
    // The longest first, so that nobody is left alone with it at the end.
    tables.sort_by_key(|(table, _)| std::cmp::Reverse(manifest.tally.rows.get(*table).copied().unwrap_or(0)));
    let mut tasks = vec![Task::ForeignKeys];
    tasks.extend(tables.into_iter().map(|(table, trees)| Task::Table(table, trees)));
    tasks.push(Task::Tally);

    let proof = Proof { schema: manifest.schema, manifest: Some(manifest.clone()), ..Proof::default() };
    let found = Mutex::new(Found { proof, pages: vec![0; changed.len()], needs_more: false });
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let conn = prove::open(copy, Map::Whole)?;
        let mut pages = vec![0u8; changed.len()];
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut problems = Vec::new();
            let mut counted = None;
            match task {
                Task::ForeignKeys => prove::foreign_keys(&conn, &mut problems)?,
                Task::Tally => {
                    let tally = tally(&conn)?;
                    prove::compare(manifest, &tally, &mut problems);
                    counted = Some(tally);
                }
                Task::Table(table, trees) => {
                    let mut is_changed = false;
                    for tree in trees {
                        for page in store::pages_of(&conn, &tree.name).doing("list the pages of a tree")? {
                            let at = usize::try_from(page - 1).unwrap_or(usize::MAX);
                            is_changed |= changed.get(at).copied().unwrap_or(true);
                            if let Some(times) = pages.get_mut(at) {
                                *times = times.saturating_add(1);
                            }
                        }
                    }
                    if is_changed {
                        prove::integrity(store::integrity_of(&conn, table).doing("check a table of a copy")?, &mut problems);
                    }
                }
            }
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            found.proof.problems.append(&mut problems);
            if let Some(tally) = counted {
                found.proof.tally = tally;
            }
        }
        let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (sum, times) in found.pages.iter_mut().zip(pages) {
            *sum = sum.saturating_add(times);
        }
        Ok(())
    };
    let results: Vec<Result<()>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..THREADS).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Error::impossible("prove a copy"))));
        std::iter::once(mine).chain(theirs).collect()
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    for result in results {
        match result {
            Ok(()) => {}
            // What stopped the reading is told better by the full check.
            Err(Error::Internal { source, .. }) if prove::is_damage(source.as_ref()) => found.needs_more = true,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The first hundred bytes of a file.
struct Head {
    page_size: usize,
    pages: usize,
    free_list: u32,
    is_incremental: bool,
    is_whole: bool,
}

impl Head {
    fn read(path: &Path) -> io::Result<Head> {
        let mut head = [0u8; 100];
        let mut file = File::open(path)?;
        file.read_exact(&mut head)?;
        let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let page_size = match u16::from_be_bytes([head[16], head[17]]) {
            1 => 65_536,
            size => usize::from(size).max(512),
        };
        let pages = number(28) as usize;
        let is_whole = file.metadata()?.len() == (pages * page_size) as u64;
        Ok(Head { page_size, pages, free_list: number(32), is_incremental: number(52) != 0, is_whole })
    }
}

/// For each page of `copy`, from page 1, whether `base` has another there. Two threads read half each.
fn changed_pages(copy: &Path, base: &Path, head: &Head) -> io::Result<Vec<bool>> {
    let mut changed = vec![false; head.pages];
    let half = head.pages.div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = changed
            .chunks_mut(half)
            .enumerate()
            .map(|(part, changed)| scope.spawn(move || compare(copy, base, head.page_size, part * half, changed)))
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))))
    })?;
    Ok(changed)
}

fn compare(copy: &Path, base: &Path, page_size: usize, first: usize, changed: &mut [bool]) -> io::Result<()> {
    const PAGES: usize = 64;
    let (mut copy, mut base) = (File::open(copy)?, File::open(base)?);
    let start = SeekFrom::Start((first * page_size) as u64);
    copy.seek(start)?;
    base.seek(start)?;
    let (mut new, mut old) = (vec![0u8; PAGES * page_size], vec![0u8; PAGES * page_size]);
    for changed in changed.chunks_mut(PAGES) {
        let bytes = changed.len() * page_size;
        copy.read_exact(&mut new[..bytes])?;
        let mut read = 0;
        while read < bytes {
            match base.read(&mut old[read..bytes])? {
                0 => break,
                some => read += some,
            }
        }
        for (at, changed) in changed.iter_mut().enumerate() {
            let page = at * page_size..(at + 1) * page_size;
            *changed = read < page.end || new[page.clone()] != old[page];
        }
    }
    Ok(())
}

/// Whether every page is met exactly once: in a tree, in the list of free pages, or among those SQLite keeps for itself.
fn is_all_accounted_for(copy: &Path, head: &Head, mut met: Vec<u8>) -> bool {
    let mut meet = |page: usize| match page.checked_sub(1).and_then(|at| met.get_mut(at)) {
        Some(times) if *times == 0 => {
            *times = 1;
            true
        }
        _ => false,
    };
    // The lock page lies at the first GB; pages that say who points at whom stand where a file may shrink.
    let lock_page = (1 << 30) / head.page_size + 1;
    if lock_page <= head.pages && !meet(lock_page) {
        return false;
    }
    if head.is_incremental {
        let every = head.page_size / 5 + 1;
        let mut page = 2;
        while page <= head.pages {
            let at = if page == lock_page { page + 1 } else { page };
            if !meet(at) {
                return false;
            }
            page += every;
        }
    }
    let mut free = || -> io::Result<bool> {
        let mut file = File::open(copy)?;
        let mut trunk = head.free_list as usize;
        let mut page = vec![0u8; head.page_size];
        while trunk != 0 {
            if head.pages < trunk || !meet(trunk) {
                return Ok(false);
            }
            file.seek(SeekFrom::Start(((trunk - 1) * head.page_size) as u64))?;
            file.read_exact(&mut page)?;
            let mut numbers = page.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]) as usize);
            trunk = numbers.next().unwrap_or(0);
            let leaves = numbers.next().unwrap_or(0);
            if numbers.len() < leaves || !numbers.take(leaves).all(&mut meet) {
                return Ok(false);
            }
        }
        Ok(true)
    };
    free().unwrap_or(false) && met.iter().all(|times| *times == 1)
}
