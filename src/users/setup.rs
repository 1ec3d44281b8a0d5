//! The first run: while nobody has an account, a code only the person at the PC can read opens the
//! form that makes the owner. It works once.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::app::App;
use crate::demo::{self, Size};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::journal::{self, By, Entry};
use crate::settings::{self, Network};
use crate::ui::FormReader;
use crate::users::sign_in::{self, Entered};
use crate::users::{NOUN, NewUser, Role, TextSize, password, session, store};
use crate::values::{Stamp, text};

/// So many wrong codes, and the next is looked at a minute later.
const MOST_TRIES: u32 = 5;

/// What the console prints and the link of `--open` carries, as in `K7XM-2PWT`: another at each start.
pub struct Code {
    code: String,
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    wrong: u32,
    closed_until: Option<Stamp>,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

impl Code {
    /// About 40 bits from the operating system.
    pub fn new() -> Result<Code> {
        Ok(Code { code: password::generate()?.to_uppercase(), tries: Mutex::default() })
    }

    /// `Invalid` at `code` when it is another one, `TooMany` after five such.
    pub fn check(&self, typed: &str, now: Stamp) -> Result<()> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.closed_until.is_some_and(|until| now < until) {
            return Err(Error::TooMany { say: "試太多次了，1 分鐘後再試。".into(), wait_s: 60 });
        }
        if bool::from(subtle::ConstantTimeEq::ct_eq(fold(typed).as_bytes(), fold(&self.code).as_bytes())) {
            tries.wrong = 0;
            return Ok(());
        }
        // Somebody who has not typed any yet is not guessing.
        tries.wrong += u32::from(!fold(typed).is_empty());
        if MOST_TRIES <= tries.wrong {
            *tries = Tries { wrong: 0, closed_until: Some(now.plus_minutes(1)) };
        }
        Err(Error::invalid("code", "開店碼不對，請看啟動視窗上印的那一組。"))
    }
}

/// Letters and digits only, as it may be typed: full width, small, with or without the dash.
fn fold(code: &str) -> String {
    text::narrow(code).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The first run is over for good once somebody has an account.
pub fn check_open(app: &App) -> Result<()> {
    if app.has_users()? { Err(over()) } else { Ok(()) }
}

fn over() -> Error {
    Error::conflict("the shop is set up already", "這間店已經設定好了，請直接登入。")
}

/// What the owner fills in.
pub struct Opening {
    pub shop_name: String,
    pub network: Network,
    pub owner: NewUser,
    pub password: String,
}

impl Opening {
    pub fn from_form(req: &Request) -> Result<Opening> {
        let mut form = FormReader::new(req);
        let shop_name = form.need("shop_name", 40, "請填店名，會印在單據上。");
        let name = form.need("name", 40, "請填你的名字。");
        let username = form.need("username", 40, "請填帳號，登入時要用。");
        let password = req.form("password").unwrap_or_default().to_owned();
        let network = Network::from_word(&form.text("network")).unwrap_or(Network::ThisPc);
        let username = sign_in::username(&username);
        if let Some(say) = super::username_problem(&username) {
            form.problem("username", say);
        }
        if let Some(say) = password::problem(&password, &username) {
            form.problem("password", say);
        } else if req.form("again").unwrap_or_default() != password {
            form.problem("again", "兩次輸入的密碼不一樣。");
        }
        form.check()?;
        let owner = NewUser { username, name, role: Role::Admin, text_size: TextSize::Medium, must_change_password: false };
        Ok(Opening { shop_name, network, owner, password })
    }
}

/// Makes the owner and signs them in. `Conflict` when somebody was quicker.
pub fn open_shop(app: &App, req: &Request, opening: &Opening) -> Result<Entered> {
    let hash = app.hasher.hash(&opening.password)?;
    let now = req.at;
    let entered = app.db.write(|tx| {
        if store::is_anybody(tx)? {
            return Err(over());
        }
        let id = store::add(tx, &opening.owner, &hash, now)?;
        settings::set(tx, "shop_name", &opening.shop_name)?;
        settings::set(tx, "network", opening.network.word())?;
        let after = json!({
            "username": opening.owner.username,
            "role": opening.owner.role.word(),
            "shop_name": opening.shop_name,
            "network": opening.network.word(),
        });
        let by = By { user: Some(id), at: now };
        journal::record(tx, &Entry { by, verb: "set_up", noun: NOUN, noun_id: Some(id.0), change: json!({"after": after}) })?;
        let token = session::start(tx, id, Role::Admin, sign_in::device(req), now)?;
        Ok(Entered { user: store::get(tx, id)?, token })
    })?;
    app.reload_settings()?;
    Ok(entered)
}

/// Fills the empty folder with the invented shop and signs its owner in. `Conflict` when somebody was quicker.
pub fn open_practice(app: &App, req: &Request, size: Size) -> Result<Entered> {
    let entered = app.db.write(|tx| {
        if store::is_anybody(tx)? {
            return Err(over());
        }
        demo::fill(tx, req.at, size)?;
        let (owner, _) = store::find(tx, demo::CAST[0].0)?.ok_or_else(|| Error::impossible("find the owner of the practice shop"))?;
        let token = session::start(tx, owner.id, owner.role, sign_in::device(req), req.at)?;
        Ok(Entered { user: owner, token })
    })?;
    app.reload_settings()?;
    Ok(entered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_may_be_typed_as_people_type() {
        let code = Code { code: "K7XM-2PWT".to_owned(), tries: Mutex::default() };
        for typed in ["K7XM-2PWT", "k7xm2pwt", " k7xm 2pwt ", "Ｋ７ＸＭ－２ＰＷＴ"] {
            assert!(code.check(typed, Stamp(0)).is_ok(), "{typed}");
        }
        for wrong in ["", "K7XM", "K7XM-2PWT-"].iter().zip([false, false, true]) {
            assert_eq!(code.check(wrong.0, Stamp(0)).is_ok(), wrong.1, "{}", wrong.0);
        }
    }

    #[test]
    fn guessing_is_slow() {
        let code = Code::new().unwrap();
        for _ in 0..5 {
            assert!(matches!(code.check("AAAA-AAAA", Stamp(0)), Err(Error::Invalid(_))));
        }
        assert!(matches!(code.check(&code.to_string(), Stamp(59_999)), Err(Error::TooMany { .. })));
        assert!(code.check(&code.to_string(), Stamp(60_000)).is_ok());
    }
}
