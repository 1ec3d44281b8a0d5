//! Text as people type it and as it is compared.

use unicode_normalization::UnicodeNormalization;

/// White space and the marks no eye sees: NBSP, U+3000, zero width, byte order mark.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

/// Without blanks at either end.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Full width to half width and other compatibility forms (NFKC). Characters stay what they are.
pub fn narrow(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfkc().collect() }
}

/// What is searched: NFKC, lower case, 臺 as 台, no blanks, dashes or brackets, no marker before a name (￡ ※ *).
/// The typed words go through it too, so both sides meet.
pub fn fold(text: &str) -> String {
    let narrow: String = text.nfkc().collect();
    let marked = narrow.trim_start_matches(|c: char| is_blank(c) || matches!(c, '£' | '※' | '*' | '＊'));
    let mut folded = String::with_capacity(marked.len());
    for c in marked.chars().flat_map(char::to_lowercase) {
        match c {
            '臺' => folded.push('台'),
            '-' | '–' | '—' | '‐' | '(' | ')' | '#' => {}
            c if is_blank(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// `1,234,567`, and `−5` with a real minus.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if number < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_folds_alike() {
        let cases = [
            ("臺東市", "台東市"),
            ("ＡＢＣ１２３", "abc123"),
            ("￡ 好味 小吃", "好味小吃"),
            ("0900-000-213", "0900000213"),
            ("　Café\u{200b} ", "café"),
        ];
        for (typed, folded) in cases {
            assert_eq!(fold(typed), folded);
            assert_eq!(fold(&fold(typed)), folded, "folding twice changes nothing");
        }
    }

    #[test]
    fn thousands_are_parted() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "−1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }
}
