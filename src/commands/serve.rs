use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use luckygas::app::{App, Clock};
use luckygas::backups::restore::{self, Restoring};
use luckygas::db;
use luckygas::db::Lock;
use luckygas::error::{Doing, Error};
use luckygas::http::{Front, door};
use luckygas::logs;
use luckygas::settings::{self, Network};
use luckygas::shop::{Asked, Ending, Shop};
use luckygas::start::rescue::{Rescue, Standing};
use luckygas::start::{self, Ground, Waiting};
use luckygas::values::Stamp;

use super::{Args, Command, Done, Failure, Word, say};

pub const COMMAND: Command = Command {
    name: "serve",
    about: "開店：在瀏覽器裡使用（沒有命令時就是這個）",
    help: "用法：luckygas serve [--data DIR] [--listen ADDR:PORT] [--open] [--no-rescue]

  --listen ADDR:PORT   在哪裡等瀏覽器，預設 127.0.0.1:8080；
                       設定裡選了「店裡的電腦和手機」時是 0.0.0.0:8080
  --open               順便打開瀏覽器
  --no-rescue          打不開就說一句話、以 1 結束，不開救援頁

按 Ctrl-C 停止：做到一半的會先做完。再按一次就立刻停。",
    run: serve,
};

const PORT: u16 = 8080;

/// How often a folder that could not be opened is looked at again.
const AGAIN: Duration = Duration::from_secs(5);

/// How a shop is opened.
pub(super) struct Options {
    listen: Option<SocketAddr>,
    is_opening: bool,
    /// Whether there is a page that helps when the shop cannot be opened.
    is_rescued: bool,
    clock: Clock,
}

impl Options {
    /// All that is left of what was typed. Only a practice shop takes another hour than the PC's.
    pub(super) fn read(args: &mut Args, is_practice: bool) -> Result<Options, Failure> {
        let mut options = Options { listen: None, is_opening: false, is_rescued: true, clock: Clock::System };
        while let Some(word) = args.next()? {
            match &word {
                Word::Option(name) if name == "listen" => options.listen = Some(address(&args.text("--listen")?)?),
                Word::Option(name) if name == "open" => options.is_opening = true,
                Word::Option(name) if name == "no-rescue" && !is_practice => options.is_rescued = false,
                Word::Option(name) if name == "clock" && is_practice => options.clock = clock(&args.text("--clock")?)?,
                _ => return Err(args.stray(&word)),
            }
        }
        args.end()?;
        Ok(options)
    }
}

fn serve(args: &mut Args) -> Done {
    let options = Options::read(args, false)?;
    open_shop(&args.folder(), &options, |_| Ok(()))
}

/// Opens the shop in `folder` until Ctrl-C or SIGTERM, again and again when it asks for that. `prepare` runs once, when
/// the port is taken and before anybody is answered.
pub(super) fn open_shop(folder: &Path, options: &Options, prepare: impl FnOnce(&App) -> Done) -> Done {
    let lock = Lock::take(folder)?;
    // The port before the file: when it is taken, nothing has been made or changed. It stays ours until the end, so that
    // whoever comes while the shop opens again waits and is not turned away.
    let listener = door::listen(options.listen.unwrap_or_else(|| usual_address(folder)))?;
    logs::write_into(folder);
    let ending = listen_for_the_end()?;
    let mut prepare = Some(prepare);
    let mut kept = None;
    loop {
        let opened = restore::settle(folder).and_then(|settled| {
            bring_up_to_date(folder, &listener)?;
            Ok((settled.or_else(|| kept.take()), App::open(folder, options.clock.clone())?))
        });
        let (settled, mut app) = match opened {
            Ok(opened) => opened,
            Err(error) if options.is_rescued => {
                lock.say("打不開，等人處理");
                if stand_in(folder, options, &listener, &error, &ending)? == Asked::Stop {
                    return Err(error.into());
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        app.ending = ending.clone();
        start::mark::mark(&app)?;
        if let Some(say_so) = start::clock::state(&app).sentence(app.now()) {
            log::warn!("the clock cannot be believed state={:?}", start::clock::state(&app));
            say(&format!("{say_so}\n"));
        }
        app.restoring = Restoring::after(settled);
        let is_first = match prepare.take() {
            Some(prepare) => prepare(&app).map(|()| true)?,
            None => false,
        };
        let shop = Shop::open(app, listener.try_clone().doing("keep the port")?)?;
        lock.say("服務中");
        log::info!("serving address={} version={}", shop.address(), env!("CARGO_PKG_VERSION"));
        if is_first {
            let url = welcome(&shop.app, shop.address())?;
            if options.is_opening {
                open_browser(&url);
            }
        }
        // Where that fails a search will say so; the rest of the shop is open.
        if let Err(error) = shop.app.db.read(|conn| shop.app.finder.warm(conn)) {
            log::error!("{error}");
        }
        let asked = ending.wait();
        lock.say("停止中");
        if asked == Asked::Stop {
            say("停止中，等做到一半的做完……\n");
        }
        let is_free = shop.close()?;
        log::info!("stopped");
        if asked == Asked::Stop {
            return Ok(());
        }
        if !is_free {
            kept = restore::give_up(folder)?;
        }
    }
}

/// The shop cannot be opened for `error`: until it can, whoever comes reads why and what to do.
fn stand_in(folder: &Path, options: &Options, listener: &TcpListener, error: &Error, ending: &Arc<Ending>) -> Result<Asked, Error> {
    let rescue = Rescue::new(folder, error, ending.clone())?;
    let front = Front::without_shop(listener.try_clone().doing("keep the port")?, Arc::new(Standing(rescue.clone())))?;
    let mut url = url_of(front.address());
    say(&format!(
        "幸福氣 {}\n打不開　{}\n資料夾　{}\n網址　　{url}\n救援碼　{}\n停止　　按 Ctrl-C\n",
        env!("CARGO_PKG_VERSION"),
        rescue.trouble.say,
        folder.display(),
        rescue.code
    ));
    if options.is_opening {
        url = format!("{url}rescue?code={}", rescue.code);
        open_browser(&url);
    }
    let asked = loop {
        match ending.wait_for(AGAIN) {
            Some(_) => break ending.wait(),
            None if rescue.is_over() => break Asked::Reopen,
            None => {}
        }
    };
    front.close(Duration::from_secs(1));
    Ok(asked)
}

/// Looks at the folder, and brings an older file up to date; meanwhile whoever comes reads how long it takes.
fn bring_up_to_date(folder: &Path, listener: &TcpListener) -> Result<(), Error> {
    let Ground::Older { .. } = start::look(folder)? else { return Ok(()) };
    let waiting = Arc::new(Waiting::new(folder));
    say(&format!("{}\n", waiting.sentence()));
    let front = Front::without_shop(listener.try_clone().doing("keep the port")?, waiting.clone())?;
    let upgraded = start::upgrade(folder, Stamp::now(), &|progress| {
        waiting.note(progress);
        say(&format!("　　　　{}\n", progress.label()));
    });
    front.close(Duration::from_secs(1));
    upgraded
}

fn address(text: &str) -> Result<SocketAddr, Failure> {
    text.replace("localhost:", "127.0.0.1:")
        .parse()
        .map_err(|_| Failure::Usage(format!("--listen 要像 127.0.0.1:8080，不能是「{text}」。")))
}

/// A clock that shows `text`, as 10:22, now, and goes on from there.
fn clock(text: &str) -> Result<Clock, Failure> {
    let number = |text: &str| text.parse::<u32>().ok();
    let hour = text.split_once(':').and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)));
    let (hour, minute) = hour
        .filter(|(hour, minute)| *hour < 24 && *minute < 60)
        .ok_or_else(|| Failure::Usage(format!("--clock 要像 10:22，不能是「{text}」。")))?;
    let now = Stamp::now();
    Ok(Clock::Shifted(Stamp::taipei(now.day(), hour, minute).0 - now.0))
}

/// Where to listen when nobody said: the shop's choice, which is this PC alone until somebody makes another.
fn usual_address(folder: &Path) -> SocketAddr {
    match db::peek(folder, settings::load).map(|settings| settings.network) {
        Some(Network::Shop) => SocketAddr::from(([0, 0, 0, 0], PORT)),
        Some(Network::ThisPc) | None => SocketAddr::from(([127, 0, 0, 1], PORT)),
    }
}

/// Says on the console where the shop is; answers the address for a browser on this PC.
fn welcome(app: &App, address: SocketAddr) -> Result<String, Failure> {
    let port = address.port();
    let mut url = url_of(address);
    say(&format!("幸福氣 {}\n資料夾　{}\n網址　　{url}\n", env!("CARGO_PKG_VERSION"), app.folder.display()));
    if address.ip().is_unspecified()
        && let Some(ip) = address_in_the_shop()
    {
        say(&format!("店裡　　http://{ip}:{port}/\n"));
    }
    if !app.has_users()? {
        url = format!("{url}setup?code={}", app.setup_code);
        say(&format!("第一次　{url}\n開店碼　{}\n", app.setup_code));
    }
    say("停止　　按 Ctrl-C\n");
    Ok(url)
}

/// `address` for a browser on this PC.
fn url_of(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    format!("http://{host}:{}/", address.port())
}

/// This PC's address on the shop's network. Naming a far address makes the system choose; nothing is sent.
fn address_in_the_shop() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

fn open_browser(url: &str) {
    use std::process::{Command, Stdio};
    let (program, before): (&str, &[&str]) = match std::env::consts::OS {
        "windows" => ("cmd", &["/c", "start", ""]),
        "macos" => ("open", &[]),
        _ => ("xdg-open", &[]),
    };
    let started = Command::new(program).args(before).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started {
        log::warn!("cannot open a browser: {error}");
        say("瀏覽器打不開，請自己打開上面的網址。\n");
    }
}

/// Asks for the end at the first Ctrl-C, SIGTERM or closed console. At the second the process ends where it stands.
fn listen_for_the_end() -> Result<Arc<Ending>, Failure> {
    let ending: Arc<Ending> = Arc::default();
    let asks = ending.clone();
    let was_rung = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if was_rung.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        asks.ask(Asked::Stop);
    })
    .doing("listen for Ctrl-C")?;
    Ok(ending)
}
