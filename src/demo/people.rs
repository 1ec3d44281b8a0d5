//! The people of the invented shop: names, addresses and numbers that belong to nobody. Landlines begin with
//! 089-0, where no exchange of Taitung gives a number out; mobiles are all 0900-000.

use crate::demo::dice::Dice;
use crate::values::phone::Phone;

const SURNAMES: &str = "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴";
const FIRST: &str = "志家俊建明文淑美雅佳怡宗冠柏承宜秀惠玉麗金春國榮永正信德清水月思品子語宥睿芷詠";
const SECOND: &str = "豪偉宏傑銘誠賢輝昌龍華玲芬芳珍娟慧君婷如萍雯蓉菁霖翔宇安恩瑜涵功彥廷軒瑋源泉";
const BRAND_FIRST: &str = "晴嵐松潮星稻椰鯨珊岬霧曦沐禾澄岳栗柚鹿燈棠茉朗榆楓樺";
const BRAND_SECOND: &str = "浪岸嶼風灣谷原坊田屋爐光雲泉里野森港橋丘軒亭居庭香";

/// What the shop calls an area, how many of a thousand customers live there, and what its addresses begin with.
pub const AREAS: [(&str, u32, &str); 16] = [
    ("A-甲區", 280, "臺東市"),
    ("B-乙區", 222, "臺東市"),
    ("C-丙區", 178, "臺東市"),
    ("D-新城", 126, "臺東市"),
    ("E-丁區", 62, "臺東縣卑南鄉"),
    ("F-成功線", 20, "臺東縣成功鎮"),
    ("G-都蘭線", 20, "臺東縣東河鄉"),
    ("H-鹿野線", 18, "臺東縣鹿野鄉"),
    ("I-池上線", 4, "臺東縣池上鄉"),
    ("J-知本線", 8, "臺東市"),
    ("K-東大線", 8, "臺東市"),
    ("L-大武線", 18, "臺東縣大武鄉"),
    ("M-夜市", 16, "臺東市"),
    ("N-關山線", 6, "臺東縣關山鎮"),
    ("S-太麻里線", 6, "臺東縣太麻里鄉"),
    ("Y-港邊", 8, "臺東市"),
];

const ROADS: [&str; 28] = [
    "日昇路",
    "海青街",
    "豐禾路",
    "星浪街",
    "松嶺路",
    "潮音街",
    "觀濤路",
    "山嵐街",
    "椰影路",
    "鯉躍街",
    "稻香路",
    "溪口街",
    "月眉路",
    "朝露街",
    "青葉路",
    "鳳鳴路",
    "風鈴街",
    "釋迦路",
    "紅楓街",
    "白浪路",
    "示範路",
    "樣本街",
    "範例路",
    "練習街",
    "東昇街",
    "金穗路",
    "漁火街",
    "雲瀑路",
];

const VILLAGES: [&str; 7] = ["和風村", "明峰村", "稻浪村", "溪谷村", "日光村", "泉源村", "青嶺村"];

/// A name and who it is: 陳淑芬, or as the office knows them, 陳太太.
pub fn person(dice: &mut Dice) -> (String, String) {
    let surname = dice.letter(SURNAMES);
    let mut full = format!("{surname}{}", dice.letter(FIRST));
    if dice.chance(0.93) {
        full.push(dice.letter(SECOND));
    }
    let known = match dice.below(100) {
        0..76 => full.clone(),
        76..92 => format!("{surname}{}", dice.pick(&["太太", "先生", "小姐", "媽媽", "老師"])),
        _ => format!("{full}-{}", dice.pick(&["一樓", "二樓", "後面", "老家", "出租", "新家"])),
    };
    (known, full)
}

/// 松浪: what a shop is called, before what it sells.
pub fn brand(dice: &mut Dice) -> String {
    let mut brand = format!("{}{}", dice.letter(BRAND_FIRST), dice.letter(BRAND_SECOND));
    if dice.chance(0.04) {
        brand.push(dice.letter(BRAND_SECOND));
    }
    brand
}

/// An area and an address in it.
pub fn place(dice: &mut Dice) -> (&'static str, String) {
    let weights: Vec<(usize, u32)> = AREAS.iter().enumerate().map(|(at, (_, weight, _))| (at, *weight)).collect();
    let (area, _, town) = AREAS[dice.weighted(&weights)];
    let mut address = town.to_owned();
    if !town.ends_with('市') {
        address.push_str(dice.pick(&VILLAGES));
    }
    let road = dice.pick(&ROADS);
    address.push_str(road);
    if road.ends_with('路') && dice.chance(0.45) {
        address.push_str(dice.pick(&["一段", "二段", "三段", "四段"]));
    }
    if dice.chance(0.28) {
        address.push_str(&format!("{}巷", dice.between(1, 380)));
        if dice.chance(0.2) {
            address.push_str(&format!("{}弄", dice.between(1, 60)));
        }
    }
    address.push_str(&format!("{}號", dice.between(1, 720)));
    if dice.chance(0.1) {
        address.push_str(&format!("{}樓", dice.between(2, 9)));
        if dice.chance(0.3) {
            address.push_str(&format!("之{}", dice.between(1, 5)));
        }
    }
    // People write 台 as often as 臺; a search must not mind.
    (area, if dice.chance(0.5) { address.replace('臺', "台") } else { address })
}

/// The `at`th landline of the invented shop, each another one for a hundred thousand.
pub fn landline(at: usize) -> Phone {
    // 7,919 and 100,000 have no common factor, so neighbours do not stand side by side.
    let number = (at * 7_919 + 213) % 100_000;
    Phone { e164: format!("+886890{number:05}"), extension: None }
}

/// The `at`th mobile; there are a thousand.
pub fn mobile(at: usize) -> Option<Phone> {
    (at < 1_000).then(|| Phone { e164: format!("+886900000{:03}", (at * 7 + 13) % 1_000), extension: None })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::values::address::Address;

    #[test]
    fn numbers_are_invented_and_nobody_shares_one() {
        let numbers: HashSet<String> =
            (0..13_295).map(landline).chain((0..1_000).filter_map(mobile)).map(|phone| phone.to_string()).collect();
        assert_eq!(numbers.len(), 14_295);
        for number in numbers {
            assert!(number.starts_with("089-0") || number.starts_with("0900-000-"), "{number}");
            assert_eq!(Phone::parse(&number, "089").unwrap().to_string(), number);
        }
    }

    #[test]
    fn every_address_can_be_taken_apart() {
        for seed in 0..1_000 {
            let (area, address) = place(&mut Dice::new(seed, 0));
            let parts = Address::parse(&address).unwrap_or_else(|| panic!("seed {seed}: {address}"));
            assert_eq!(parts.county.as_deref(), Some("臺東縣"), "seed {seed}: {area} {address}");
        }
    }
}
