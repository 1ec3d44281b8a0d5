//! The customer code: what makes a customer the customer it is.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::values::text;

/// 1–20 of `0-9 A-Z a-z - _`, beginning with a letter or digit. Compared as this text, after NFKC and
/// without blanks, so that `６００００01 ` of a spreadsheet is `6000001`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerCode(String);

impl CustomerCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CustomerCode {
    type Err = ();
    fn from_str(typed: &str) -> Result<CustomerCode, ()> {
        let code: String = text::narrow(typed).chars().filter(|c| !text::is_blank(*c)).collect();
        let is_code = (1..=20).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && code.as_bytes()[0].is_ascii_alphanumeric();
        if is_code { Ok(CustomerCode(code)) } else { Err(()) }
    }
}

impl fmt::Display for CustomerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for CustomerCode {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for CustomerCode {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<CustomerCode> {
        value.as_str()?.parse().map_err(|()| FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_the_shop_writes_them() {
        let cases =
            [("6000001", "6000001"), ("６０００００１", "6000001"), (" 60 00001\u{3000}", "6000001"), ("\u{feff}19A-b_1", "19A-b_1")];
        for (typed, code) in cases {
            assert_eq!(typed.parse::<CustomerCode>().map(|code| code.to_string()), Ok(code.to_owned()));
        }
        for typed in ["", "同上", "?", "-1", "_a", "#N/A", "123456789012345678901", "6000001.5", "a b/c"] {
            assert!(typed.parse::<CustomerCode>().is_err(), "{typed}");
        }
    }
}
