use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use luckygas::backups::restore;
use luckygas::error::{Doing, Noun};
use luckygas::journal::{self, By};
use luckygas::{Error, customers, deliveries, start};
use rusqlite::Connection;

use super::{Args, Command, Done, Failure, Word, open};

pub const COMMAND: Command = Command {
    name: "export",
    about: "把資料寫成試算表（CSV）",
    help: "用法：luckygas export customers|deliveries [--out FILE] [--data DIR]

  customers     每一位客戶，欄位和客戶總表一樣，可以再匯入
  deliveries    每一筆配送，按客戶代號（當數字排）和日期
  --out FILE    寫到這個檔，沒有就印出來

CSV，UTF-8 帶 BOM，試算表可以直接打開。不知道的數量是空格。",
    run: export,
};

type Export = fn(&Connection, &mut dyn Write) -> luckygas::Result<u64>;

/// What can be written out.
const KINDS: &[(&str, Noun, Export)] = &[
    ("customers", customers::NOUN, |conn, out| customers::export::write(conn, out)),
    ("deliveries", deliveries::NOUN, |conn, out| deliveries::export::write(conn, out)),
];

/// Writes one kind of record to a file or standard output, row by row.
fn export(args: &mut Args) -> Done {
    let (mut kind, mut out) = (None, None);
    while let Some(word) = args.next()? {
        match &word {
            Word::Option(name) if name == "out" => out = Some(args.value("--out")?),
            Word::Value(name) if kind.is_none() => {
                let known = KINDS.iter().find(|(known, ..)| name.to_str() == Some(known));
                kind = Some(known.ok_or_else(|| args.stray(&word))?);
            }
            _ => return Err(args.stray(&word)),
        }
    }
    let names: Vec<_> = KINDS.iter().map(|(name, ..)| *name).collect();
    let &(_, noun, write) = kind.ok_or_else(|| Failure::Usage(format!("要寫出什麼？可以是 {}。", names.join("、"))))?;
    args.end()?;

    let folder = args.folder();
    if !folder.join("luckygas.db").exists() && !restore::is_waiting(&folder) {
        start::look(&folder)?;
        return Err(Error::refused("no database", format!("「{}」裡沒有資料檔。", folder.display())).into());
    }
    let _lock = super::enter(&folder)?;
    let app = open(&folder)?;
    let count = match &out {
        Some(path) => {
            let mut file = BufWriter::new(create(Path::new(path))?);
            let count = app.db.read(|conn| write(conn, &mut file))?;
            file.flush().doing("write the export")?;
            count
        }
        None => {
            let mut console = BufWriter::new(Console(io::stdout().lock()));
            let count = app.db.read(|conn| write(conn, &mut console))?;
            console.flush().doing("write the export")?;
            count
        }
    };
    app.db.write(|tx| journal::record_export(tx, By::program(app.now()), noun, count))?;
    log::info!("exported rows={count}");
    Ok(())
}

fn create(path: &Path) -> Result<File, Error> {
    File::create(path).map_err(|_| Error::refused("cannot write the export", format!("「{}」不能寫，請換一個地方。", path.display())))
}

/// Standard output, whose reader may leave early (`luckygas export deliveries | head`): that is no failure.
struct Console<W>(W);

impl<W: Write> Write for Console<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
