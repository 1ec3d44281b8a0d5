//! Finding a customer while the phone rings.

use crate::values::phone::Phone;
use crate::values::text::fold;

/// What a customer is found by, folded, one to a line: code, short name, invoice title, address, then
/// the national digits of each phone. The lines stand in this order, so that a match says what it matched.
pub fn key(code: &str, short_name: &str, title: Option<&str>, address: Option<&str>, phones: &[Phone]) -> String {
    let mut key =
        format!("{}\n{}\n{}\n{}", fold(code), fold(short_name), fold(title.unwrap_or_default()), fold(address.unwrap_or_default()));
    for phone in phones {
        key.push('\n');
        key.push_str(&phone.national_digits());
    }
    key
}
