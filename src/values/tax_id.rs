//! 統一編號, the business tax id: eight digits with a check digit (taiwan.md §1; Ministry of Finance, the rule
//! of 2023, which every older number passes too).

use std::fmt;

use crate::values::text;

/// Eight digits that pass the rule. Kept as text: the first may be a zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaxId(String);

/// Why a text is no tax id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxIdProblem {
    Empty,
    /// Not eight digits; how many characters there are.
    Length(usize),
    NotDigits,
    /// The digits do not add up: one was mistyped.
    CheckDigit,
    /// 00000000 stands for "a consumer" and is nobody's number.
    Placeholder,
}

impl TaxIdProblem {
    pub fn say(self) -> String {
        match self {
            TaxIdProblem::Empty => "請填寫統一編號。".to_owned(),
            TaxIdProblem::Length(have) => format!("統一編號要 8 碼，現在是 {have} 碼。"),
            TaxIdProblem::NotDigits => "統一編號只能有數字。".to_owned(),
            TaxIdProblem::CheckDigit => "統一編號不對，請再核對一次。".to_owned(),
            TaxIdProblem::Placeholder => "00000000 不是統一編號，沒有就留空白。".to_owned(),
        }
    }
}

impl TaxId {
    /// Full width, blanks and hyphens are forgiven.
    pub fn parse(typed: &str) -> Result<TaxId, TaxIdProblem> {
        let digits: String = text::narrow(typed).chars().filter(|c| !text::is_blank(*c) && !matches!(c, '-' | '–' | '—')).collect();
        if digits.is_empty() {
            return Err(TaxIdProblem::Empty);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TaxIdProblem::NotDigits);
        }
        match (digits.len(), digits.as_str()) {
            (8, "00000000") => Err(TaxIdProblem::Placeholder),
            (8, _) if adds_up(digits.as_bytes()) => Ok(TaxId(digits)),
            (8, _) => Err(TaxIdProblem::CheckDigit),
            (have, _) => Err(TaxIdProblem::Length(have)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digit sums of the weighted digits, divisible by five. A 7 in the seventh place gives 28, whose digits
/// give 10, which may count as 1 or as 0.
fn adds_up(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 8] = [1, 2, 1, 2, 1, 2, 4, 1];
    let sum: u32 =
        digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).map(|product| product / 10 + product % 10).sum();
    sum.is_multiple_of(5) || (digits[6] == b'7' && (sum + 1).is_multiple_of(5))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_number_of_the_vectors_is_judged() {
        let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/ubn.json")).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            assert_eq!(adds_up(input.as_bytes()), case["valid_new_mod5"].as_bool().unwrap(), "{input}");
        }
        for input in vectors["valid"].as_array().unwrap() {
            let input = input.as_str().unwrap();
            assert_eq!(TaxId::parse(input).map(|id| id.to_string()), Ok(input.to_owned()));
        }
        for input in vectors["invalid"].as_array().unwrap() {
            let input = input.as_str().unwrap();
            // The one full-width entry is invalid as it stands and fine once narrowed, as the policy below says.
            assert!(TaxId::parse(input).is_err() || !input.is_ascii(), "{input}");
        }
        assert_eq!(TaxId::parse("00000000"), Err(TaxIdProblem::Placeholder), "policy: reject");
        assert_eq!(TaxId::parse("１２３４５６７５").map(|id| id.to_string()), Ok("12345675".to_owned()), "policy: accept after NFKC");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cases = [
            (" 1045-8570 ", Ok("10458570")),
            ("", Err("請填寫統一編號。")),
            ("1234567", Err("統一編號要 8 碼，現在是 7 碼。")),
            ("1234567x", Err("統一編號只能有數字。")),
            ("12345678", Err("統一編號不對，請再核對一次。")),
        ];
        for (typed, expected) in cases {
            let answer = TaxId::parse(typed).map(|id| id.to_string()).map_err(TaxIdProblem::say);
            assert_eq!(answer, expected.map(str::to_owned).map_err(str::to_owned), "{typed}");
        }
    }
}
