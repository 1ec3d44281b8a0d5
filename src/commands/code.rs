use luckygas::health::code::Told;

use super::{Args, Command, Done, Failure, Word, say};

pub const COMMAND: Command = Command {
    name: "code",
    about: "報修代碼是什麼意思",
    help: "用法：luckygas code K7-204-9C

說出客人念的報修代碼裡的版本、資料版本，和六句話裡哪幾句是紅的。聽錯的代碼，十個裡有九個會看出來。",
    run: code,
};

/// Says what somebody read out over the phone.
fn code(args: &mut Args) -> Done {
    let typed = match args.next()? {
        Some(Word::Value(value)) => value.to_string_lossy().into_owned(),
        Some(word) => return Err(args.stray(&word)),
        None => return Err(Failure::Usage("要寫代碼，例如 luckygas code K7-204-9C。".to_owned())),
    };
    args.end()?;
    let told = Told::read(&typed).ok_or_else(|| Failure::Usage(format!("「{typed}」不是報修代碼，可能聽錯了一個字。")))?;
    let red: Vec<String> = (1..).zip(told.red).filter(|(_, is_red)| *is_red).map(|(number, _)| format!("第 {number} 句")).collect();
    let red = if red.is_empty() { "沒有".to_owned() } else { red.join("、") };
    say(&format!("版本　0.{}.{}\n資料　{}\n紅的　{red}\n", told.version.0, told.version.1, told.schema));
    Ok(())
}
