//! Text as people type it and as it is compared.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

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
    let is_dropped = |c: char| is_blank(c) || matches!(c, '-' | '–' | '—' | '‐' | '(' | ')' | '#');
    let marked = narrow.trim_start_matches(|c: char| is_dropped(c) || matches!(c, '£' | '※' | '*'));
    let mut folded = String::with_capacity(marked.len());
    for c in marked.chars().flat_map(char::to_lowercase) {
        match c {
            '臺' => folded.push('台'),
            c if is_dropped(c) => {}
            c => folded.push(c),
        }
    }
    // What stood apart may have come together: a letter and the accent that a blank kept from it.
    if is_nfc(&folded) { folded } else { folded.nfc().collect() }
}

/// A cell a spreadsheet shows and does not calculate: what would begin a formula gets a `'` before it (business
/// §23). A negative number is a number.
pub fn inert(cell: &str) -> Cow<'_, str> {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && narrow(cell).parse::<f64>().is_err();
    if is_formula { format!("'{cell}").into() } else { cell.into() }
}

/// The cell that [`inert`] has made safe, as it was.
pub fn from_inert(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if inert(rest) != rest => rest,
        _ => cell,
    }
}

/// 十二, 二十五, 一百一十三, or a digit a character: 一一三, 二〇. `None` when it is no number under 1,000 (digit by
/// digit: of at most four digits).
pub fn chinese_number(words: &str) -> Option<u32> {
    let digit = |c: char| match c {
        '零' | '〇' | '○' => Some(0),
        _ => "一二三四五六七八九".chars().position(|known| known == c).map(|at| at as u32 + 1),
    };
    if !words.contains(['十', '百']) {
        let is_short = (1..=4).contains(&words.chars().count());
        return is_short.then(|| words.chars().try_fold(0, |number, c| Some(number * 10 + digit(c)?))).flatten();
    }
    let (mut number, mut pending, mut unit) = (0, None, 1_000);
    for c in words.chars() {
        let next = match c {
            '百' => 100,
            '十' => 10,
            '零' | '〇' | '○' if pending.is_none() => continue,
            c if pending.is_none() => {
                pending = Some(digit(c)?);
                continue;
            }
            _ => return None,
        };
        if unit <= next || (pending.is_none() && next == 100) {
            return None;
        }
        number += pending.take().unwrap_or(1) * next;
        unit = next;
    }
    Some(number + pending.unwrap_or(0))
}

/// `1,234,567`, and `−5` with a real minus.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if number < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
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
    fn a_cell_is_shown_and_never_calculated() {
        for formula in ["=1+1", "+A1", "-x", "-", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://evil.example\")"] {
            assert_eq!(inert(formula), format!("'{formula}"));
            assert_eq!(from_inert(&inert(formula)), formula);
        }
        for plain in ["", "-3.33", "20*5+16*1", "小吃店", "'=1", "+5"] {
            assert_eq!(inert(plain), plain);
        }
        for plain in ["", "'", "'小吃店", "小吃店", "-3.33"] {
            assert_eq!(from_inert(plain), plain);
        }
    }

    #[test]
    fn numbers_in_words_are_read() {
        let cases = [
            ("三", 3),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("二十五", 25),
            ("一百一十三", 113),
            ("一百零五", 105),
            ("一一三", 113),
            ("二〇二四", 2024),
        ];
        for (words, number) in cases {
            assert_eq!(chinese_number(words), Some(number), "{words}");
        }
        for words in ["", "路", "百", "十十", "十百", "一二十", "一二三四五", "三民"] {
            assert_eq!(chinese_number(words), None, "{words}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}|[臺台￡※*＊（）＃#-－ 　ａＡÀß０İK]{0,20}") {
            let folded = fold(&text);
            proptest::prop_assert_eq!(fold(&folded), &*folded, "{:?}", text);
        }
    }

    #[test]
    fn thousands_are_parted() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "−1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }
}
