use luckygas::jobs::{self, JOBS, Outcome, Run};
use luckygas::journal::By;

use super::{Args, Command, Done, Failure, Word, open, say};

pub const COMMAND: Command = Command {
    name: "jobs",
    about: "列出程式自己做的事，或現在做一件",
    help: "用法：luckygas jobs [--data DIR]
      luckygas jobs run NAME [--data DIR]

  run NAME   現在做這件事，例如 archive

不加 run 就列出每件事和上次的結果。開著店的時候，請在網頁的「資料」按「現在執行」。",
    run: jobs,
};

/// Lists the jobs, or runs one while the shop is closed.
fn jobs(args: &mut Args) -> Done {
    let mut words = Vec::new();
    while let Some(word) = args.next()? {
        match &word {
            Word::Value(value) if words.len() < 2 => words.push(value.to_string_lossy().into_owned()),
            _ => return Err(args.stray(&word)),
        }
    }
    args.end()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let job = match words[..] {
        [] => None,
        ["run"] => return Err(Failure::Usage("jobs run 後面要寫哪一件，例如 archive。".to_owned())),
        ["run", name] => Some(jobs::find(name).ok_or_else(|| unknown(name))?),
        _ => return Err(Failure::Usage("用法：luckygas jobs，或 luckygas jobs run NAME。".to_owned())),
    };

    let folder = args.folder();
    let _lock = super::enter(&folder)?;
    let app = open(&folder)?;
    jobs::mark_cut_off(&app)?;
    match job {
        Some(job) => {
            let run = jobs::run(&app, job, By::program(app.now()))?;
            app.db.checkpoint()?;
            say(&format!("{}　{}\n", job.label, outcome(&run)));
            if run.outcome == Some(Outcome::Done) { Ok(()) } else { Err(Failure::Failed) }
        }
        None => {
            for job in JOBS {
                let last = app.db.read(|conn| jobs::store::runs_of(conn, job.name, 1))?;
                let last = last.first().map_or("還沒做過".to_owned(), |run| format!("{}　{}", run.started_at, outcome(run)));
                say(&format!("{:<10} {}　{last}\n", job.name, job.label));
            }
            Ok(())
        }
    }
}

fn outcome(run: &Run) -> String {
    format!("{} {}", run.outcome.map_or("執行中", Outcome::label), run.counts)
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = JOBS.iter().map(|job| job.name).collect();
    Failure::Usage(format!("沒有「{name}」這件事。有：{}。", names.join("、")))
}
