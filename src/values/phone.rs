//! Phone numbers of Taiwan (taiwan.md §2: number plan as libphonenumber has it, read 2024).
//!
//! Invariants
//! - A [`Phone`] is a number somebody could be reached at; service numbers (119, 1950) are none.
//! - What is printed is read back as the same number.

use std::fmt;

use crate::values::text;

/// One number, known to be possible. Stored as E.164 with the extension apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `+886900000213`.
    pub e164: String,
    pub extension: Option<String>,
}

/// Why a text is not one phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    Empty,
    /// Letters or signs that no number has.
    NotANumber,
    /// A number of another country.
    NotTaiwan,
    /// 110, 119, 165, 1950 …: nobody's own number.
    Service,
    /// Eight digits that begin with 89: Taitung without its zero, or Taipei without its area code.
    Ambiguous {
        taitung: Phone,
        taipei: Phone,
    },
    /// Right beginning, wrong length. Digits with the leading zero.
    Length {
        kind: &'static str,
        want: usize,
        have: usize,
    },
    /// No number begins so.
    NoSuchPrefix,
    /// A mark for an extension, and then not 1–6 digits.
    BadExtension,
}

impl PhoneProblem {
    /// What is wrong and what to do, for the person typing.
    pub fn say(&self) -> String {
        match self {
            PhoneProblem::Empty => "請填寫電話。".to_owned(),
            PhoneProblem::NotANumber => "電話只能有數字，例如 089-322112 或 0912-345-678。".to_owned(),
            PhoneProblem::NotTaiwan => "這不是台灣的電話號碼。".to_owned(),
            PhoneProblem::Service => "這是服務專線，不能當客戶電話。".to_owned(),
            PhoneProblem::Ambiguous { taitung, taipei } => format!("分不清是 {taitung} 還是 {taipei}，請加上區碼。"),
            PhoneProblem::Length { kind, want, have } => format!("{kind}要 {want} 碼，現在是 {have} 碼。"),
            PhoneProblem::NoSuchPrefix => "沒有這種開頭的電話，市話請加上區碼。".to_owned(),
            PhoneProblem::BadExtension => "分機要 1 到 6 碼數字。".to_owned(),
        }
    }
}

/// A row of the number plan: numbers that begin so, and what they are called in a sentence.
struct Prefix {
    digits: &'static str,
    kind: &'static str,
    /// How many digits may follow, and what the first of them may be.
    subscribers: &'static [(usize, &'static str)],
}

const ANY: &str = "0123456789";

/// Longest first, as the plan must be tried. After 089 any digit may come: the shop's lists hold numbers
/// that no exchange has given out, and an area code somebody wrote is believed.
const PLAN: [Prefix; 16] = [
    Prefix { digits: "0826", kind: "烏坵市話", subscribers: &[(5, ANY)] },
    Prefix { digits: "0836", kind: "馬祖市話", subscribers: &[(5, ANY)] },
    Prefix { digits: "0800", kind: "免付費電話", subscribers: &[(6, ANY)] },
    Prefix { digits: "0809", kind: "免付費電話", subscribers: &[(6, ANY)] },
    Prefix { digits: "037", kind: "037 市話", subscribers: &[(6, ANY)] },
    Prefix { digits: "049", kind: "049 市話", subscribers: &[(7, "2")] },
    Prefix { digits: "082", kind: "082 市話", subscribers: &[(6, ANY)] },
    Prefix { digits: "089", kind: "089 市話", subscribers: &[(6, ANY)] },
    Prefix { digits: "02", kind: "02 市話", subscribers: &[(8, "2345678")] },
    Prefix { digits: "03", kind: "03 市話", subscribers: &[(7, ANY)] },
    Prefix { digits: "04", kind: "04 市話", subscribers: &[(8, "23"), (7, "78")] },
    Prefix { digits: "05", kind: "05 市話", subscribers: &[(7, ANY)] },
    Prefix { digits: "06", kind: "06 市話", subscribers: &[(7, ANY)] },
    Prefix { digits: "07", kind: "07 市話", subscribers: &[(7, ANY)] },
    Prefix { digits: "08", kind: "08 市話", subscribers: &[(7, "478")] },
    Prefix { digits: "09", kind: "手機", subscribers: &[(8, "012345678")] },
];

impl Phone {
    /// The one number in `typed`. A landline without its area code is of `area_code` (`089`).
    pub fn parse(typed: &str, area_code: &str) -> Result<Phone, PhoneProblem> {
        one(&tidy(typed), area_code)
    }

    /// The numbers in `typed`, in order, parted by `/ 、 , ;`, a new line, 或, or by blanks where both
    /// sides are whole numbers. At least one; the first that is none is the problem.
    pub fn parse_many(typed: &str, area_code: &str) -> Result<Vec<Phone>, PhoneProblem> {
        let tidy = tidy(typed);
        let mut phones = Vec::new();
        for piece in tidy.split(['、', ',', ';', '\n', '\r', '或']).map(text::trim).filter(|piece| !piece.is_empty()) {
            match one(piece, area_code) {
                Ok(phone) => phones.push(phone),
                Err(problem) => {
                    // A slash or a blank may stand inside a number, so it parts numbers only where one is not enough.
                    let words: Vec<&str> = piece.split(|c: char| c == '/' || text::is_blank(c)).filter(|word| !word.is_empty()).collect();
                    phones.extend(parted(&words, area_code).ok_or(problem)?);
                }
            }
        }
        if phones.is_empty() { Err(PhoneProblem::Empty) } else { Ok(phones) }
    }

    /// `0900000213`: what staff type the tail of.
    pub fn national_digits(&self) -> String {
        format!("0{}", self.e164.trim_start_matches("+886"))
    }

    pub fn is_mobile(&self) -> bool {
        self.e164.starts_with("+8869")
    }
}

/// `0912-345-678`, `089-322112`, `02-2345-6789#12`.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.national_digits();
        let prefix = PLAN.iter().map(|row| row.digits).find(|prefix| digits.starts_with(prefix)).unwrap_or("0");
        let (prefix, rest) = if prefix == "09" { digits.split_at(4.min(digits.len())) } else { digits.split_at(prefix.len()) };
        let middle = match (prefix.starts_with("09") || prefix.starts_with("080"), rest.len()) {
            (true, 6) | (false, 7) => 3,
            (false, 8) => 4,
            _ => 0,
        };
        match middle {
            0 => write!(f, "{prefix}-{rest}")?,
            at => write!(f, "{prefix}-{}-{}", &rest[..at], &rest[at..])?,
        }
        match &self.extension {
            Some(extension) => write!(f, "#{extension}"),
            None => Ok(()),
        }
    }
}

/// Half width, lower case, every mark of an extension as `#`.
fn tidy(typed: &str) -> String {
    let mut tidy = text::narrow(typed).to_lowercase();
    for mark in [";ext=", "分機", "轉", "ext.", "ext", "x"] {
        if tidy.contains(mark) {
            tidy = tidy.replace(mark, "#");
        }
    }
    text::trim(&tidy).to_owned()
}

/// `words` as whole numbers one after the other; `None` when they cannot all be used up.
fn parted(words: &[&str], area_code: &str) -> Option<Vec<Phone>> {
    if words.is_empty() {
        return Some(Vec::new());
    }
    // A number is written in at most four groups, an extension is a fifth and a sixth.
    (1..=words.len().min(6)).rev().find_map(|taken| {
        let phone = one(&words[..taken].join(" "), area_code).ok()?;
        let mut rest = parted(&words[taken..], area_code)?;
        rest.insert(0, phone);
        Some(rest)
    })
}

fn one(tidy: &str, area_code: &str) -> Result<Phone, PhoneProblem> {
    let (number, extension) = match tidy.split_once('#') {
        None => (tidy, None),
        Some((number, rest)) => {
            let digits = rest.trim_matches(|c: char| text::is_blank(c) || matches!(c, ':' | '.'));
            if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(PhoneProblem::BadExtension);
            }
            (number, Some(digits.to_owned()))
        }
    };
    // A spreadsheet that took the number for a number writes 912345678.0.
    let number = number.strip_suffix(".0").unwrap_or(number);
    let is_abroad = number.starts_with('+');
    let mut digits = String::with_capacity(number.len());
    for c in number.trim_start_matches('+').chars() {
        match c {
            '0'..='9' => digits.push(c),
            '(' | ')' | '-' | '–' | '—' | '‐' | '‑' | '.' | '/' | '~' => {}
            c if text::is_blank(c) => {}
            _ => return Err(PhoneProblem::NotANumber),
        }
    }
    if digits.is_empty() {
        return Err(if number.is_empty() { PhoneProblem::Empty } else { PhoneProblem::NotANumber });
    }
    let national = national(digits, is_abroad, area_code)?;
    check(&national)?;
    Ok(Phone { e164: format!("+886{}", &national[1..]), extension })
}

/// The digits as they are dialled inside Taiwan, from the leading zero on.
fn national(digits: String, is_abroad: bool, area_code: &str) -> Result<String, PhoneProblem> {
    let inland = |rest: &str| format!("0{}", rest.trim_start_matches('0'));
    if let Some(rest) = digits.strip_prefix("00886").or_else(|| digits.strip_prefix("002886")) {
        return Ok(inland(rest));
    }
    match digits.strip_prefix("886") {
        Some(rest) if is_abroad || 11 <= digits.len() => return Ok(inland(rest)),
        _ if is_abroad => return Err(PhoneProblem::NotTaiwan),
        _ => {}
    }
    let with_area = format!("{area_code}{digits}");
    match (digits.len(), digits.as_bytes()[0]) {
        (_, b'0') => Ok(digits),
        (3 | 4, b'1') => Err(PhoneProblem::Service),
        (9, b'9') => Ok(format!("0{digits}")),
        (8, b'8') if digits.starts_with("89") => Err(PhoneProblem::Ambiguous {
            taitung: Phone { e164: format!("+886{digits}"), extension: None },
            taipei: Phone { e164: format!("+8862{digits}"), extension: None },
        }),
        (_, b'2'..) if check(&with_area).is_ok() => Ok(with_area),
        (have, _) => {
            let want = PLAN.iter().find(|row| row.digits == area_code).map_or(6, |row| row.subscribers[0].0);
            Err(PhoneProblem::Length { kind: "不加區碼的市話", want, have })
        }
    }
}

fn check(national: &str) -> Result<(), PhoneProblem> {
    let Some(row) = PLAN.iter().find(|row| national.starts_with(row.digits)) else {
        return Err(PhoneProblem::NoSuchPrefix);
    };
    let rest = &national[row.digits.len()..];
    let first = rest.chars().next().unwrap_or(' ');
    if row.subscribers.iter().any(|(length, firsts)| rest.len() == *length && firsts.contains(first)) {
        return Ok(());
    }
    // Of two lengths the one that fits the first digit is meant.
    let meant = row.subscribers.iter().find(|(_, firsts)| firsts.contains(first));
    match meant {
        None if !rest.is_empty() => Err(PhoneProblem::NoSuchPrefix),
        _ => {
            let length = meant.or(row.subscribers.first()).map_or(0, |(length, _)| *length);
            Err(PhoneProblem::Length { kind: row.kind, want: row.digits.len() + length, have: national.len() })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/vectors/phone.json")).unwrap()
    }

    #[test]
    fn every_number_of_the_vectors_is_read() {
        for case in vectors()["valid"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let phone = Phone::parse(input, "089").unwrap_or_else(|problem| panic!("{input}: {problem:?}"));
            assert_eq!(phone.e164, case["e164"], "{input}");
            assert_eq!(phone.extension.as_deref(), case["ext"].as_str(), "{input}");
            assert_eq!(phone.to_string().split('#').next(), case["national"].as_str(), "{input}");
            assert_eq!(phone.is_mobile(), case["kind"] == "mobile", "{input}");
            assert_eq!(Phone::parse_many(input, "089"), Ok(vec![phone]), "{input}");
        }
        for case in vectors()["multi"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let phones = Phone::parse_many(input, "089").unwrap_or_else(|problem| panic!("{input}: {problem:?}"));
            let e164: Vec<&str> = phones.iter().map(|phone| phone.e164.as_str()).collect();
            assert_eq!(Value::from(e164), case["output"], "{input}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_a_sentence() {
        for case in vectors()["ambiguous"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let Err(PhoneProblem::Ambiguous { taitung, taipei }) = Phone::parse(input, "089") else { panic!("{input}") };
            assert_eq!(Value::from(vec![taitung.e164, taipei.e164]), case["candidates"], "{input}");
        }
        for input in vectors()["invalid"].as_array().unwrap() {
            let input = input.as_str().unwrap();
            assert!(Phone::parse(input, "089").is_err(), "{input}");
            assert!(Phone::parse_many(input, "089").is_err(), "{input}");
        }
        let cases = [
            ("", "請填寫電話。"),
            ("091234567", "手機要 10 碼，現在是 9 碼。"),
            ("09123456789", "手機要 10 碼，現在是 11 碼。"),
            ("02-2345678", "02 市話要 10 碼，現在是 9 碼。"),
            ("089-32211", "089 市話要 9 碼，現在是 8 碼。"),
            ("32211", "不加區碼的市話要 6 碼，現在是 5 碼。"),
            ("119", "這是服務專線，不能當客戶電話。"),
            ("1950", "這是服務專線，不能當客戶電話。"),
            ("+1 202 555 0100", "這不是台灣的電話號碼。"),
            ("89322112", "分不清是 089-322112 還是 02-8932-2112，請加上區碼。"),
            ("老闆娘", "電話只能有數字，例如 089-322112 或 0912-345-678。"),
            ("0000000000", "沒有這種開頭的電話，市話請加上區碼。"),
            ("089-322112#", "分機要 1 到 6 碼數字。"),
        ];
        for (typed, says) in cases {
            assert_eq!(Phone::parse(typed, "089").map_err(|problem| problem.say()), Err(says.to_owned()), "{typed}");
        }
    }

    #[test]
    fn the_shops_own_lists_are_read() {
        let cases = [
            ("(089) 000-123", "089", "089-000123"),
            ("0900-000-213", "089", "0900-000-213"),
            ("089/322112", "089", "089-322112"),
            ("２３４５－６７８９", "02", "02-2345-6789"),
            ("331-2345", "03", "03-331-2345"),
            ("+886 (0)89 322112 分機: 7", "089", "089-322112#7"),
        ];
        for (typed, area_code, shown) in cases {
            assert_eq!(Phone::parse(typed, area_code).map(|phone| phone.to_string()), Ok(shown.to_owned()), "{typed}");
        }
        let many = Phone::parse_many("322112 轉 3 或 0900 000 213\n(089) 000-123/0900-000-214", "089").unwrap();
        let shown: Vec<String> = many.iter().map(Phone::to_string).collect();
        assert_eq!(shown, ["089-322112#3", "0900-000-213", "089-000123", "0900-000-214"]);
    }

    proptest! {
        #[test]
        fn any_printed_number_is_read_back(row in 0..PLAN.len(), which in 0..2_usize, first in 0..10_usize, rest in 0..10_000_000_u32,
                                           extension in proptest::option::of("[0-9]{1,6}")) {
            let row = &PLAN[row];
            let (length, firsts) = row.subscribers[which % row.subscribers.len()];
            let first = firsts.as_bytes()[first % firsts.len()] as char;
            let national = format!("{}{first}{:0width$}", row.digits, rest % 10_u32.pow(length as u32 - 1), width = length - 1);
            // 03 7… is 037, 08 9… is 089: a longer prefix may claim the number, and then another length holds.
            prop_assume!(check(&national).is_ok());
            let phone = Phone { e164: format!("+886{}", &national[1..]), extension };
            let shown = phone.to_string();
            prop_assert_eq!(Phone::parse(&shown, "089"), Ok(phone.clone()), "{}", &shown);
            prop_assert_eq!(Phone::parse(&phone.e164, "02").map(|phone| phone.e164), Ok(phone.e164.clone()), "{}", shown);
        }

        #[test]
        fn anything_typed_is_answered(typed in ".{0,40}") {
            let _ = Phone::parse_many(&typed, "089").map_err(|problem| problem.say());
        }
    }
}
