//! Cylinders as the shop writes them: `20*5+16*1`, `20KG+16KG:2+2`, `煎台16*1` (business §6.2). The text is what
//! people edit and is always kept; what is read here is for arithmetic.

use std::fmt;

use crate::values::{Grams, text};

/// The sizes there are, in kilograms.
pub const SIZES_KG: [u8; 5] = [50, 20, 16, 10, 4];

const LIMIT: u32 = 999;

/// So many cylinders of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lot {
    pub size_kg: u8,
    pub qty: u16,
}

/// What an expression says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression {
    /// The appliance or whatever else stands in words: 煎台.
    pub label: Option<String>,
    pub lots: Vec<Lot>,
    /// Cylinders of which no size is told: a bare `1`, `快速爐*1`.
    pub loose: Option<u16>,
    /// False when something in it could not be read; then the whole text is the label.
    pub is_understood: bool,
}

impl Expression {
    /// The gas in all lots; loose cylinders weigh nothing, for nobody knows their size.
    pub fn grams(&self) -> Grams {
        Grams::from_kg(self.lots.iter().map(|lot| i64::from(lot.size_kg) * i64::from(lot.qty)).sum())
    }
}

/// Never fails: what is not understood is a label.
pub fn parse(typed: &str) -> Expression {
    let narrow = text::narrow(typed);
    let tokens = tokens(&narrow);
    let read = if tokens.contains(&Token::Colon) { with_colon(&tokens) } else { with_stars(&tokens) };
    read.unwrap_or_else(|| Expression { label: Some(text::trim(typed).to_owned()), ..Expression::default() })
}

/// `20*5+16*1`, as one line of a paper.
impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*{}", self.size_kg, self.qty)
    }
}

/// `煎台16*1+20*2`: what was read, in the plainest of its forms.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.as_deref().unwrap_or_default();
        f.write_str(label)?;
        for (at, lot) in self.lots.iter().enumerate() {
            if 0 < at {
                f.write_str("+")?;
            }
            lot.fmt(f)?;
        }
        match self.loose {
            Some(count) if label.is_empty() && self.lots.is_empty() => write!(f, "{count}"),
            Some(count) if self.lots.is_empty() => write!(f, "*{count}"),
            Some(count) => write!(f, "+*{count}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Number(u32),
    Kg,
    Times,
    Plus,
    Colon,
    Words(&'a str),
}

fn tokens(narrow: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text::trim(narrow);
    while let Some(first) = rest.chars().next() {
        let after_number = matches!(tokens.last(), Some(Token::Number(_) | Token::Kg));
        let before_number = |rest: &str| rest[1..].trim_start_matches(text::is_blank).starts_with(|c: char| c.is_ascii_digit());
        let unit = ["公斤", "KG", "kg", "Kg", "kG"].into_iter().find(|unit| rest.starts_with(unit));
        let (token, length) = match (first, unit) {
            ('0'..='9', _) => {
                let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                (Token::Number(rest[..length].parse().unwrap_or(u32::MAX)), length)
            }
            ('*' | '×', _) => (Token::Times, first.len_utf8()),
            ('x' | 'X', _) if after_number && before_number(rest) => (Token::Times, 1),
            ('+' | '、' | ',', _) => (Token::Plus, first.len_utf8()),
            (':', _) => (Token::Colon, 1),
            (_, Some(unit)) if matches!(tokens.last(), Some(Token::Number(_))) => (Token::Kg, unit.len()),
            _ => {
                let length =
                    rest.find(|c: char| c.is_ascii_digit() || matches!(c, '*' | '×' | '+' | '、' | ',' | ':')).unwrap_or(rest.len());
                (Token::Words(text::trim(&rest[..length])), length)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start_matches(text::is_blank);
    }
    tokens
}

fn size(number: u32) -> Option<u8> {
    SIZES_KG.into_iter().find(|size| u32::from(*size) == number)
}

fn count(number: u32) -> Option<u16> {
    (1..=LIMIT).contains(&number).then_some(number as u16)
}

/// Sizes left of the colon, counts right of it, in the same order. One size may have several counts: the
/// bank in use and the one beside it, `50KG:2+1`.
fn with_colon(tokens: &[Token]) -> Option<Expression> {
    let colon = tokens.iter().position(|token| *token == Token::Colon)?;
    let (left, right) = (&tokens[..colon], &tokens[colon + 1..]);
    let mut labels = Vec::new();
    let mut sizes = Vec::new();
    for (at, token) in left.iter().enumerate() {
        match token {
            Token::Number(number) => sizes.push(size(*number)?),
            Token::Words(words) => labels.push(*words),
            Token::Kg => {}
            Token::Plus if at + 1 < left.len() && !sizes.is_empty() => {}
            Token::Plus | Token::Times | Token::Colon => return None,
        }
    }
    let mut counts = Vec::new();
    for (at, token) in right.iter().enumerate() {
        match token {
            Token::Number(number) if at % 2 == 0 => counts.push(count(*number)?),
            Token::Plus if at % 2 == 1 && at + 1 < right.len() => {}
            Token::Words(words) if 0 < at && at + 1 == right.len() => labels.push(words),
            _ => return None,
        }
    }
    let lots = match (sizes.as_slice(), counts.len()) {
        (_, 0) => return None,
        ([size_kg], _) => counts.into_iter().map(|qty| Lot { size_kg: *size_kg, qty }).collect(),
        (sizes, many) if sizes.len() == many => sizes.iter().zip(counts).map(|(size_kg, qty)| Lot { size_kg: *size_kg, qty }).collect(),
        _ => return None,
    };
    Some(Expression { label: joined(&labels), lots, loose: None, is_understood: true })
}

/// `煎台16*1+20*2`, `16KG+20KG` (one of each), `快速爐*1`, `幸福丸*2`, a bare `1`, or words alone.
fn with_stars(tokens: &[Token]) -> Option<Expression> {
    if let [Token::Number(number)] = tokens {
        return Some(Expression { loose: Some(count(*number)?), is_understood: true, ..Expression::default() });
    }
    let mut labels = Vec::new();
    let mut lots = Vec::new();
    let mut loose = 0_u32;
    let mut rest = tokens;
    let mut is_new_term = true;
    while !rest.is_empty() {
        let words = match rest {
            [Token::Words(words), ..] => {
                labels.push(*words);
                rest = &rest[1..];
                Some(*words)
            }
            _ => None,
        };
        rest = match rest {
            [Token::Number(kg), Token::Kg, Token::Times, Token::Number(qty), rest @ ..]
            | [Token::Number(kg), Token::Times, Token::Number(qty), rest @ ..] => {
                lots.push(Lot { size_kg: size(*kg)?, qty: count(*qty)? });
                rest
            }
            [Token::Number(kg), Token::Kg, rest @ ..] => {
                lots.push(Lot { size_kg: size(*kg)?, qty: 1 });
                rest
            }
            // 幸福丸 is 4 kg by its name (business §5); other words before a count tell no size.
            [Token::Times, Token::Number(qty), rest @ ..] if words.is_some_and(|words| words.ends_with("幸福丸")) => {
                lots.push(Lot { size_kg: 4, qty: count(*qty)? });
                rest
            }
            [Token::Times, Token::Number(qty), rest @ ..] if is_new_term || words.is_some() => {
                loose += u32::from(count(*qty)?);
                rest
            }
            [] | [Token::Plus, ..] if words.is_some() => rest,
            _ => return None,
        };
        is_new_term = matches!(rest, [Token::Plus, ..]);
        match rest {
            [Token::Plus] => return None,
            [Token::Plus, more @ ..] => rest = more,
            _ => {}
        }
    }
    let loose = if loose == 0 { None } else { Some(count(loose)?) };
    Some(Expression { label: joined(&labels), lots, loose, is_understood: true })
}

fn joined(labels: &[&str]) -> Option<String> {
    (!labels.is_empty()).then(|| labels.join("、"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(label: &str, lots: &[(u8, u16)], loose: Option<u16>) -> Expression {
        let label = (!label.is_empty()).then(|| label.to_owned());
        Expression { label, lots: lots.iter().map(|&(size_kg, qty)| Lot { size_kg, qty }).collect(), loose, is_understood: true }
    }

    #[test]
    fn expressions_are_read_as_the_shop_means_them() {
        let cases = [
            ("20*5+16*1", read("", &[(20, 5), (16, 1)], None)),
            ("20KG:3", read("", &[(20, 3)], None)),
            ("20KG+16KG:2+2", read("", &[(20, 2), (16, 2)], None)),
            ("50KG+20KG:1+1", read("", &[(50, 1), (20, 1)], None)),
            ("16KG+20KG", read("", &[(16, 1), (20, 1)], None)),
            ("煎台16*1", read("煎台", &[(16, 1)], None)),
            ("雙瓶20*2", read("雙瓶", &[(20, 2)], None)),
            ("重量發報20*1+16*1", read("重量發報", &[(20, 1), (16, 1)], None)),
            ("16*1梅花盧", read("梅花盧", &[(16, 1)], None)),
            ("1", read("", &[], Some(1))),
            ("4*1", read("", &[(4, 1)], None)),
            ("20*1+4*1", read("", &[(20, 1), (4, 1)], None)),
            ("50KG:2+1", read("", &[(50, 2), (50, 1)], None)),
            ("20KG16KG:2+2", read("", &[(20, 2), (16, 2)], None)),
            ("重量發報雙瓶20*2", read("重量發報雙瓶", &[(20, 2)], None)),
            ("重量發報20KG:2", read("重量發報", &[(20, 2)], None)),
            ("快速爐*1", read("快速爐", &[], Some(1))),
            ("幸福丸*2", read("幸福丸", &[(4, 2)], None)),
            ("好運16*1", read("好運", &[(16, 1)], None)),
            ("４＊３＋２０×２", read("", &[(4, 3), (20, 2)], None)),
            (" 20 x 2 、 16X1 ", read("", &[(20, 2), (16, 1)], None)),
            ("20公斤*2", read("", &[(20, 2)], None)),
            ("煎台16*1+快速20*1", read("煎台、快速", &[(16, 1), (20, 1)], None)),
            ("瓦斯爐", read("瓦斯爐", &[], None)),
            ("Box 20*1", read("Box", &[(20, 1)], None)),
            ("", read("", &[], None)),
        ];
        for (typed, meant) in cases {
            assert_eq!(parse(typed), meant, "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays_a_label() {
        for typed in [
            "5Q電子快速爐",
            "45*1",
            "20*",
            "*",
            "20*1.5",
            "20*0",
            "20*1000",
            "20KG+16KG:2",
            "20*1*2",
            "20:",
            ":2",
            "20*1+",
            "+",
            "1+2",
            "20 16",
        ] {
            let read = parse(typed);
            assert_eq!(read, Expression { label: Some(typed.to_owned()), ..Expression::default() }, "{typed}");
            assert!(!read.is_understood && read.grams() == Grams(0), "{typed}");
        }
    }

    #[test]
    fn the_weight_is_that_of_the_gas() {
        for (typed, kg) in [("20KG:3", 60), ("20KG+16KG:2+2", 72), ("50KG+20KG:1+1", 70), ("1", 0), ("幸福丸*2", 8)] {
            assert_eq!(parse(typed).grams(), Grams::from_kg(kg), "{typed}");
        }
    }

    fn lots() -> impl Strategy<Value = Vec<Lot>> {
        let size = proptest::sample::select(SIZES_KG.to_vec());
        proptest::collection::vec((size, 1..=999_u16).prop_map(|(size_kg, qty)| Lot { size_kg, qty }), 1..6)
    }

    proptest! {
        #[test]
        fn any_lots_printed_are_read_back(lots in lots(), label in proptest::option::of(proptest::sample::select(vec!["煎台", "重量發報", "雙瓶", "好運"])),
                                          loose in proptest::option::of(1..=999_u16)) {
            let meant = Expression { label: label.map(str::to_owned), lots, loose, is_understood: true };
            prop_assert_eq!(parse(&meant.to_string()), meant.clone(), "{}", meant);
            let sizes: Vec<String> = meant.lots.iter().map(|lot| format!("{}KG", lot.size_kg)).collect();
            let counts: Vec<String> = meant.lots.iter().map(|lot| lot.qty.to_string()).collect();
            let with_colon = format!("{}{}:{}", label.unwrap_or_default(), sizes.join("+"), counts.join("+"));
            prop_assert_eq!(parse(&with_colon).lots, meant.lots, "{}", with_colon);
        }

        #[test]
        fn anything_typed_is_answered(typed in "[0-9*+:xKG雙瓶 ]{0,20}|.{0,30}") {
            let read = parse(&typed);
            prop_assert!(read.is_understood || read.lots.is_empty());
        }
    }
}
