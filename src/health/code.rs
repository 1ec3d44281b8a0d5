//! The code to read out over the phone, as `K7-204-9C`: which program, which schema, which of the six sentences are red.
//! `luckygas code K7-204-9C` says it again.
//!
//! It is one number. From its end: what remains by 11, for a letter misheard; the red sentences, the first lowest, by 64;
//! the schema by 16; the patch of the version by 20; its minor number. Written, from the end: a letter of 16, a digit, three
//! digits, a digit, a letter of 16.

use crate::db;

/// No letter that sounds like another or looks like a digit; the same as in the reference of an error.
const LETTERS: &[u8; 16] = b"ACEFHKLMNPRTUWXY";

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// `(4, 1)` of 0.4.1.
    pub version: (u32, u32),
    /// The schema's number, of which only the remainder by 16 is told.
    pub schema: u32,
    /// Which sentences are red, the first first.
    pub red: [bool; 6],
}

impl Told {
    /// What this program says of the given sentences.
    pub fn now(red: [bool; 6]) -> Told {
        let part = |text: &str| text.parse().unwrap_or(0);
        let version = (part(env!("CARGO_PKG_VERSION_MINOR")), part(env!("CARGO_PKG_VERSION_PATCH")));
        Told { version, schema: db::VERSION.unsigned_abs() % 16, red }
    }

    pub fn code(self) -> String {
        let red = self.red.iter().rev().fold(0, |bits, red| bits * 2 + u32::from(*red));
        let (minor, patch) = self.version;
        let said = ((minor % 100 * 20 + patch % 20) * 16 + self.schema % 16) * 64 + red;
        let mut left = said * 11 + said % 11;
        let mut next = |by: u32| {
            let part = left % by;
            left /= by;
            part
        };
        let (last, e, d, b, first) = (next(16), next(10), next(1_000), next(10), next(16));
        let letter = |at: u32| char::from(LETTERS[at as usize % LETTERS.len()]);
        format!("{}{b}-{d:03}-{e}{}", letter(first), letter(last))
    }

    /// What `code` says; `None` of one that was misheard. Small letters and missing dashes are fine.
    pub fn read(code: &str) -> Option<Told> {
        let bare: Vec<u8> = code.bytes().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| byte.to_ascii_uppercase()).collect();
        let [first, b, d1, d2, d3, e, last] = bare.as_slice() else { return None };
        let letter = |byte: &u8| LETTERS.iter().position(|known| known == byte).map(|at| at as u32);
        let digit = |byte: &u8| char::from(*byte).to_digit(10);
        let digits = digit(d1)? * 100 + digit(d2)? * 10 + digit(d3)?;
        let whole = (((letter(first)? * 10 + digit(b)?) * 1_000 + digits) * 10 + digit(e)?) * 16 + letter(last)?;
        let said = whole / 11;
        if whole % 11 != said % 11 {
            return None;
        }
        let (red, rest) = (said % 64, said / 64);
        let (schema, version) = (rest % 16, rest / 16);
        Some(Told { version: (version / 20, version % 20), schema, red: std::array::from_fn(|at| red >> at & 1 == 1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_as_said() {
        for seed in 0..20_000u32 {
            let told = Told {
                version: (seed % 100, seed / 7 % 20),
                schema: seed / 3 % 16,
                red: std::array::from_fn(|at| seed.wrapping_mul(2_654_435_761) >> (at + 9) & 1 == 1),
            };
            let code = told.code();
            let (a, bc) = code.split_once('-').unwrap();
            assert_eq!((a.len(), bc.len()), (2, 6), "{code}");
            assert_eq!(Told::read(&code), Some(told), "{code}");
            assert_eq!(Told::read(&code.replace('-', "").to_lowercase()), Some(told), "{code}");
        }
    }

    #[test]
    fn most_codes_that_were_misheard_are_known_to_be() {
        let code = Told::now([false, false, true, false, false, false]).code();
        let mut believed = 0;
        let mut tried = 0;
        for at in code.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at) {
            for digit in '0'..='9' {
                let mut misheard = code.clone();
                misheard.replace_range(at..=at, &digit.to_string());
                if misheard != code {
                    tried += 1;
                    believed += usize::from(Told::read(&misheard).is_some());
                }
            }
        }
        assert!(believed * 5 < tried, "{believed} of {tried}");
        for wrong in ["", "K7", "K7-204-9", "B7-204-9C", "K7-204-9C-1"] {
            assert_eq!(Told::read(wrong), None, "{wrong}");
        }
    }
}
