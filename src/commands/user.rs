use std::io::{BufRead, IsTerminal};

use luckygas::App;
use luckygas::journal::By;
use luckygas::users::{NewUser, Role, TextSize, password, people, sign_in, store};

use super::{Args, Command, Done, Failure, Word, open, say};

pub const COMMAND: Command = Command {
    name: "user",
    about: "使用者：新增、換密碼、列出",
    help: "用法：luckygas user add --username NAME --name 名字 --role ROLE [--data DIR]
      luckygas user password NAME [--data DIR]
      luckygas user list [--data DIR]

  --username NAME   登入用的帳號
  --name 名字       畫面上的叫法
  --role ROLE       admin、manager、accountant、office_staff、driver

密碼從標準輸入讀一行；沒有就產生一組印出來，第一次登入時要換掉。
忘記密碼進不去時，在這台電腦用 user password 救回來：鎖住會解開，停用的會恢復。
開著店的時候請在網頁的「設定」做。",
    run: user,
};

/// Adds somebody, rescues somebody, or lists everybody, while the shop is closed.
fn user(args: &mut Args) -> Done {
    let (mut words, mut username, mut name, mut role) = (Vec::new(), None, None, None);
    while let Some(word) = args.next()? {
        match &word {
            Word::Option(option) if option == "username" => username = Some(args.text("--username")?),
            Word::Option(option) if option == "name" => name = Some(args.text("--name")?),
            Word::Option(option) if option == "role" => role = Some(args.text("--role")?),
            Word::Value(value) if words.len() < 2 => words.push(value.to_string_lossy().into_owned()),
            _ => return Err(args.stray(&word)),
        }
    }
    args.end()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (&words[..], username, name, role) {
        (["add"], Some(username), Some(name), Some(role)) => {
            let new = new_user(&username, name, &role)?;
            with_shop(args, |app| add(app, new))
        }
        (["add"], ..) => Err(Failure::Usage("user add 要有 --username、--name 和 --role。".to_owned())),
        (["password", username], None, None, None) => with_shop(args, |app| rescue(app, &sign_in::username(username))),
        (["list"], None, None, None) => with_shop(args, list),
        _ => Err(Failure::Usage("用法：luckygas user add、user password NAME 或 user list。".to_owned())),
    }
}

fn new_user(username: &str, name: String, role: &str) -> Result<NewUser, Failure> {
    let username = sign_in::username(username);
    if let Some(wrong) = luckygas::users::username_problem(&username) {
        return Err(Failure::Usage(wrong.to_owned()));
    }
    let name = luckygas::values::text::trim(&name).to_owned();
    if !(1..=40).contains(&name.chars().count()) {
        return Err(Failure::Usage("--name 要有 1 到 40 個字。".to_owned()));
    }
    let Some(role) = Role::from_word(role) else {
        return Err(Failure::Usage(format!("沒有「{role}」這種角色，可以是 admin、manager、accountant、office_staff、driver。")));
    };
    Ok(NewUser { username, name, role, text_size: TextSize::Medium, must_change_password: false })
}

fn with_shop(args: &Args, work: impl FnOnce(&App) -> Done) -> Done {
    let folder = args.folder();
    let _lock = super::enter(&folder)?;
    let app = open(&folder)?;
    work(&app)?;
    Ok(app.db.checkpoint()?)
}

fn add(app: &App, mut new: NewUser) -> Done {
    let (word, is_made) = password_for(&new.username)?;
    new.must_change_password = is_made;
    people::add(app, By::program(app.now()), &new, &word)?;
    say(&format!("已新增 {}（{}）。\n", new.username, new.role.label()));
    tell(&word, is_made);
    Ok(())
}

fn rescue(app: &App, username: &str) -> Done {
    let Some((user, _)) = app.db.read(|conn| store::find(conn, username))? else {
        return Err(luckygas::Error::refused("no such user", format!("沒有「{username}」這個帳號。")).into());
    };
    let (word, is_made) = password_for(&user.username)?;
    people::rescue(app, By::program(app.now()), user.id, &word, is_made)?;
    say(&format!("{} 的密碼已換，所有裝置都登出了。\n", user.username));
    tell(&word, is_made);
    Ok(())
}

fn list(app: &App) -> Done {
    let users = app.db.read(|conn| store::list(conn, app.now()))?;
    if users.is_empty() {
        say("還沒有人。\n");
    }
    for listed in users {
        let state = match (listed.user.is_active, listed.locked_until_at) {
            (false, _) => "已停用",
            (true, Some(_)) => "鎖住",
            (true, None) => "使用中",
        };
        say(&format!("{:<12} {:<12} {state}　{}\n", listed.user.username, listed.user.role.word(), listed.user.name));
    }
    Ok(())
}

/// One line of standard input when something is written there, else one made here; and whether it was made.
fn password_for(username: &str) -> Result<(String, bool), Failure> {
    let mut line = String::new();
    if !std::io::stdin().is_terminal() {
        // Nothing to read, or nothing readable, is the same as no password.
        let _ = std::io::stdin().lock().read_line(&mut line);
    }
    let typed = line.trim_end_matches(['\r', '\n']);
    if typed.is_empty() {
        return Ok((password::generate()?, true));
    }
    match password::problem(typed, username) {
        Some(wrong) => Err(Failure::Usage(wrong.to_owned())),
        None => Ok((typed.to_owned(), false)),
    }
}

fn tell(word: &str, is_made: bool) {
    if is_made {
        say(&format!("第一次密碼　{word}\n第一次登入時要換成自己的。\n"));
    }
}
