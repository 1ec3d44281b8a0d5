//! What a file was like before somebody chose what to do with it, for whoever wants to know afterwards what happened.

use std::path::{Path, PathBuf};

use super::ground::said;
use crate::backups;
use crate::db::{self, disk};
use crate::error::{Doing, Result};
use crate::values::Stamp;

/// The names of what is kept, behind `luckygas.db`.
const KEPT: [&str; 3] = ["", "-wal", "-journal"];

/// Whether something lies beside the file of `folder` that belongs to its story.
pub fn has_leftover(folder: &Path) -> bool {
    let path = folder.join("luckygas.db");
    KEPT.iter().skip(1).any(|ending| disk::has_content(&db::beside(&path, ending)))
}

/// Copies the file of `folder` and what lies beside it into `backups/evidence-…`, with `note` in words; where that is.
pub fn keep(folder: &Path, now: Stamp, note: &str) -> Result<PathBuf> {
    put(folder, now, note, &KEPT, |from, to| std::fs::copy(from, to).map(|_| ()))
}

/// Moves there what lies beside the file, and leaves the file alone.
pub fn lay_aside(folder: &Path, now: Stamp, note: &str) -> Result<PathBuf> {
    put(folder, now, note, &["-wal", "-journal"], disk::rename)
}

fn put(folder: &Path, now: Stamp, note: &str, kept: &[&str], put: fn(&Path, &Path) -> std::io::Result<()>) -> Result<PathBuf> {
    const DOING: &str = "keep the evidence";
    let path = folder.join("luckygas.db");
    let to = free_folder(folder, now);
    std::fs::create_dir_all(&to).doing(DOING)?;
    for ending in kept {
        let from = db::beside(&path, ending);
        if from.exists() {
            put(&from, &to.join(format!("luckygas.db{ending}"))).doing(DOING)?;
        }
    }
    std::fs::write(to.join("note.txt"), format!("{}\n{note}\n", said(now))).doing(DOING)?;
    log::info!("kept the evidence folder={}", to.file_name().unwrap_or_default().to_string_lossy());
    Ok(to)
}

/// `backups/evidence-20261122-101112`, or the next that is free.
fn free_folder(folder: &Path, now: Stamp) -> PathBuf {
    let mut at = now;
    loop {
        let path = backups::folder(folder).join(format!("evidence-{}", backups::moment(at)));
        if !path.exists() {
            return path;
        }
        at = at.plus_ms(1000);
    }
}
