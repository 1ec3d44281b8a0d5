//! Addresses of Taiwan, taken apart so that two spellings of one place meet (taiwan.md §4). What a person typed
//! is always kept beside it.
//!
//! Invariants
//! - 台 and 臺, full and half width, 一段 and 1段, village, neighbourhood and zip make no two places.
//! - Two floors are two places: different customers live there.

use crate::values::text;

/// An address with a house number, in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// As written: 3, 5 or 6 digits.
    pub zip: Option<String>,
    pub county: Option<String>,
    pub district: Option<String>,
    /// 太平村, 三民里.
    pub village: Option<String>,
    pub neighborhood: Option<u16>,
    /// 中華路, without its section.
    pub road: Option<String>,
    /// What stands before the number where there is no road: 漁人.
    pub place: Option<String>,
    pub section: Option<u16>,
    pub lane: Option<String>,
    pub alley: Option<String>,
    /// `684`, `12之3`, `臨5`.
    pub number: String,
    /// −1 is the first below the ground.
    pub floor: Option<i16>,
    pub floor_sub: Option<u16>,
    /// `(後門)`, and whatever else follows.
    pub rest: Option<String>,
}

const COUNTIES: [&str; 22] = [
    "臺北市",
    "新北市",
    "桃園市",
    "臺中市",
    "臺南市",
    "高雄市",
    "基隆市",
    "新竹市",
    "嘉義市",
    "新竹縣",
    "苗栗縣",
    "彰化縣",
    "南投縣",
    "雲林縣",
    "嘉義縣",
    "屏東縣",
    "宜蘭縣",
    "花蓮縣",
    "臺東縣",
    "澎湖縣",
    "金門縣",
    "連江縣",
];

const TAITUNG: &str = "臺東縣";

/// The sixteen districts of 臺東縣 and their zips (taiwan.md §4.3). A local address most often begins here.
const DISTRICTS: [(&str, &str); 16] = [
    ("臺東市", "950"),
    ("綠島鄉", "951"),
    ("蘭嶼鄉", "952"),
    ("延平鄉", "953"),
    ("卑南鄉", "954"),
    ("鹿野鄉", "955"),
    ("關山鎮", "956"),
    ("海端鄉", "957"),
    ("池上鄉", "958"),
    ("東河鄉", "959"),
    ("成功鎮", "961"),
    ("長濱鄉", "962"),
    ("太麻里鄉", "963"),
    ("金峰鄉", "964"),
    ("大武鄉", "965"),
    ("達仁鄉", "966"),
];

/// The spelling two writers of one address share: half width, no blanks, 臺 in the names of the four cities,
/// digits before 段 巷 弄 號 樓, `12之3號`, `3樓之2`, 地下1樓.
pub fn normalize(typed: &str) -> String {
    let mut tight: String = text::narrow(typed)
        .chars()
        .filter(|c| !text::is_blank(*c))
        .map(|c| if matches!(c, '–' | '—' | '~' | '‐') { '-' } else { c })
        .collect();
    for prefix in ["中華民國", "臺灣省", "台灣省", "臺灣", "台灣"] {
        if let Some(rest) = tight.strip_prefix(prefix) {
            tight = rest.to_owned();
        }
    }
    for city in ["北", "中", "南", "東"] {
        for unit in ["縣", "市"] {
            tight = tight.replace(&format!("台{city}{unit}"), &format!("臺{city}{unit}"));
        }
    }
    let mut chars: Vec<char> = numbers_in_digits(&tight).chars().collect();
    floors_in_words(&mut chars);
    subnumbers_before_the_sign(&chars)
}

impl Address {
    /// `None` when there is no house number, no road, village or place to find it in, or when the county does
    /// not own the district. A district of 臺東縣 brings its county along.
    pub fn parse(typed: &str) -> Option<Address> {
        let spelled = normalize(typed);
        let mut address = Address::default();
        let mut rest = spelled.as_str();

        let zip_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
        let zip: String = rest[..zip_ends].chars().filter(char::is_ascii_digit).collect();
        if matches!(zip.len(), 3 | 5 | 6) {
            (address.zip, rest) = (Some(zip), &rest[zip_ends..]);
        }
        address.county = COUNTIES.iter().find_map(|county| take(&mut rest, county));
        address.district = DISTRICTS.iter().find_map(|(district, _)| take(&mut rest, district));
        match (&address.county, &address.district) {
            (None, Some(_)) => address.county = Some(TAITUNG.to_owned()),
            (Some(county), Some(_)) if county != TAITUNG => return None,
            (Some(_), None) => address.district = take_until(&mut rest, &['鄉', '鎮', '市', '區'], 4),
            _ => {}
        }
        address.village = take_until(&mut rest, &['村', '里'], 5);
        address.neighborhood = take_counted(&mut rest, '鄰').and_then(|number| number.parse().ok());

        let road_ends = ["大道", "路", "街"].iter().filter_map(|unit| rest.find(unit).filter(|at| 0 < *at).map(|at| at + unit.len())).min();
        if let Some(end) = road_ends.filter(|end| !rest[..*end].contains(['號', '巷'])) {
            address.road = Some(rest[..end].to_owned());
            rest = &rest[end..];
        }
        address.section = take_counted(&mut rest, '段').and_then(|number| number.parse().ok());
        let place_ends = rest.find(|c: char| c.is_ascii_digit() || c == '臨').unwrap_or(rest.len());
        if 0 < place_ends {
            address.place = Some(rest[..place_ends].to_owned());
            rest = &rest[place_ends..];
        }
        address.lane = take_counted(&mut rest, '巷');
        address.alley = take_counted(&mut rest, '弄').or_else(|| take_counted(&mut rest, '衖'));
        let is_temporary = take(&mut rest, "臨").is_some();
        let number = take_counted(&mut rest, '號')?;
        address.number = if is_temporary { format!("臨{number}") } else { number };

        let is_below = take(&mut rest, "地下").is_some();
        if let Some(floor) = take_counted(&mut rest, '樓').and_then(|floor| floor.parse::<i16>().ok()) {
            address.floor = Some(if is_below { -floor } else { floor });
            let sub_ends =
                rest.strip_prefix('之').map(|sub| sub.find(|c: char| !c.is_ascii_digit()).unwrap_or(sub.len()) + '之'.len_utf8());
            if let Some(end) = sub_ends {
                address.floor_sub = rest['之'.len_utf8()..end].parse().ok();
                rest = &rest[end..];
            }
        }
        address.rest = (!rest.is_empty()).then(|| rest.to_owned());
        (address.road.is_some() || address.village.is_some() || address.place.is_some()).then_some(address)
    }

    /// The three digits the district gives, for the sixteen of 臺東縣.
    pub fn zip3(&self) -> Option<&'static str> {
        DISTRICTS.iter().find(|(district, _)| self.district.as_deref() == Some(district)).map(|(_, zip)| *zip)
    }

    /// Equal for two spellings of one house: no village where there is a road, no neighbourhood, zip, floor or note.
    pub fn match_key(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let village = if self.road.is_some() { String::new() } else { part(&self.village) };
        let section = self.section.map(|section| section.to_string()).unwrap_or_default();
        [
            &part(&self.county),
            &part(&self.district),
            &village,
            &part(&self.road),
            &part(&self.place),
            &section,
            &part(&self.lane),
            &part(&self.alley),
            &self.number,
        ]
        .map(String::as_str)
        .join("|")
    }

    /// The same house, and not two floors of it.
    pub fn is_same_place(&self, other: &Address) -> bool {
        let floor = |address: &Address| address.floor.map(|floor| (floor, address.floor_sub));
        let is_same_floor = match (floor(self), floor(other)) {
            (Some(here), Some(there)) => here == there,
            _ => true,
        };
        is_same_floor && self.match_key() == other.match_key()
    }
}

fn take(rest: &mut &str, prefix: &str) -> Option<String> {
    *rest = rest.strip_prefix(prefix)?;
    Some(prefix.to_owned())
}

/// A name of at most `most` characters before one of `units`, at least one (里壠里 begins with its own unit).
fn take_until(rest: &mut &str, units: &[char], most: usize) -> Option<String> {
    let (at, unit) = rest.char_indices().skip(1).take(most).take_while(|(_, c)| !c.is_ascii_digit()).find(|(_, c)| units.contains(c))?;
    let end = at + unit.len_utf8();
    // 里 within a road's name (和平里路) is no village: a village is followed by something that is not 路 or 街.
    if rest[end..].starts_with(['路', '街', '段']) {
        return None;
    }
    let (name, after) = rest.split_at(end);
    *rest = after;
    Some(name.to_owned())
}

/// The digits (with their 之) directly before `unit`, when the rest begins so.
fn take_counted(rest: &mut &str, unit: char) -> Option<String> {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '之').filter(|end| 0 < *end && rest[*end..].starts_with(unit))?;
    let number = rest[..end].to_owned();
    *rest = &rest[end + unit.len_utf8()..];
    Some(number)
}

fn is_numeral(c: char) -> bool {
    matches!(c, '零' | '〇' | '○' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百')
}

/// 三段 → 3段, 二十五巷 → 25巷, 之三 → 之3; never inside a name: 三民路, 四維路 stay.
fn numbers_in_digits(tight: &str) -> String {
    let chars: Vec<char> = tight.chars().collect();
    let mut out = String::with_capacity(tight.len());
    let mut at = 0;
    while at < chars.len() {
        let end = (at..chars.len()).find(|i| !is_numeral(chars[*i])).unwrap_or(chars.len());
        let is_counted = at < end
            && (chars.get(end).is_some_and(|c| matches!(c, '段' | '巷' | '弄' | '衖' | '號' | '樓' | '鄰' | '室'))
                || at.checked_sub(1).is_some_and(|before| chars[before] == '之'));
        let words: String = chars[at..end].iter().collect();
        match text::chinese_number(&words).filter(|_| is_counted) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str(&words),
        }
        if let Some(c) = chars.get(end) {
            out.push(*c);
        }
        at = end + 1;
    }
    out
}

/// `3F` → 3樓, `B1` → 地下1樓, after the house number only.
fn floors_in_words(chars: &mut Vec<char>) {
    let Some(number) = chars.iter().position(|c| *c == '號') else { return };
    let mut at = number + 1;
    while at < chars.len() {
        let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
        match chars[at] {
            'F' | 'f' if is_digit(at - 1) => chars[at] = '樓',
            'B' | 'b' if is_digit(at + 1) => {
                let end = (at + 1..chars.len()).find(|i| !is_digit(*i)).unwrap_or(chars.len());
                if chars.get(end).is_some_and(|c| matches!(c, 'F' | 'f' | '樓')) {
                    chars[end] = '樓';
                } else {
                    chars.insert(end, '樓');
                }
                chars.splice(at..=at, "地下".chars());
            }
            _ => {}
        }
        at += 1;
    }
}

/// `12-3號`, `12號-3` and `12號之3` → 12之3號; `3樓-2` → 3樓之2.
fn subnumbers_before_the_sign(chars: &[char]) -> String {
    let mut out: Vec<char> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let digits_end = |from: usize| (from..chars.len()).find(|i| !chars[*i].is_ascii_digit()).unwrap_or(chars.len());
        let c = chars[at];
        let is_mark = |at: usize| chars.get(at).is_some_and(|c| matches!(c, '-' | '之'));
        if c == '號' && is_mark(at + 1) && at + 2 < digits_end(at + 2) {
            let end = digits_end(at + 2);
            // 12號3樓之2 has its own 之; 12號-3樓 would be a floor.
            if chars.get(end) != Some(&'樓') {
                out.push('之');
                out.extend(&chars[at + 2..end]);
                out.push('號');
                at = end;
                continue;
            }
        }
        let before_is_digit = out.last().is_some_and(char::is_ascii_digit);
        let after_digits = digits_end(at + 1);
        let is_sub = c == '-' && at + 1 < after_digits;
        if is_sub && before_is_digit && chars.get(after_digits).is_some_and(|c| matches!(c, '號' | '巷' | '弄'))
            || is_sub && out.last() == Some(&'樓')
        {
            out.push('之');
        } else {
            out.push(c);
        }
        at += 1;
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/vectors/address.json")).unwrap()
    }

    fn parts(address: &Address) -> Value {
        let mut parts = Map::new();
        let mut put = |name: &str, value: Option<Value>| value.map(|value| parts.insert(name.to_owned(), value));
        put("zip", address.zip.clone().map(Value::from));
        put("county", address.county.clone().map(Value::from));
        put("district", address.district.clone().map(Value::from));
        put("zip3", address.zip3().map(Value::from));
        put("village", address.village.clone().map(Value::from));
        put("neighborhood", address.neighborhood.map(Value::from));
        put("road", address.road.clone().map(Value::from));
        put("place", address.place.clone().map(Value::from));
        put("section", address.section.map(Value::from));
        put("lane", address.lane.clone().map(Value::from));
        put("alley", address.alley.clone().map(Value::from));
        put("number", Some(Value::from(address.number.clone())));
        put("floor", address.floor.map(Value::from));
        put("floor_sub", address.floor_sub.map(Value::from));
        put("rest", address.rest.clone().map(Value::from));
        Value::Object(parts)
    }

    #[test]
    fn every_address_of_the_vectors_is_taken_apart() {
        for case in vectors()["valid"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            assert_eq!(normalize(input), case["normalized"].as_str().unwrap(), "{input}");
            let address = Address::parse(input).unwrap_or_else(|| panic!("{input}"));
            let (mut have, mut want) = (parts(&address), case["parsed"].clone());
            have.sort_all_objects();
            want.sort_all_objects();
            assert_eq!(have, want, "{input}");
            assert_eq!(normalize(&normalize(input)), normalize(input), "{input}");
        }
        for input in vectors()["invalid"].as_array().unwrap() {
            assert_eq!(Address::parse(input.as_str().unwrap()), None, "{input}");
        }
    }

    #[test]
    fn spellings_of_one_place_meet() {
        for group in vectors()["same_place"].as_array().unwrap() {
            let places: Vec<Address> =
                group.as_array().unwrap().iter().map(|text| Address::parse(text.as_str().unwrap()).unwrap()).collect();
            for place in &places {
                assert!(place.is_same_place(&places[0]), "{}", place.match_key());
                assert_eq!(place.match_key(), places[0].match_key());
            }
        }
        let cases = [
            ("臺東市日昇路5號2樓", "台東市日昇路5號3樓", false),
            ("臺東市日昇路5號2樓", "台東市日昇路5號", true),
            ("臺東縣卑南鄉和風村日昇路12號", "卑南鄉日昇路12號", true),
            ("臺東縣東河鄉都蘭村5鄰436號", "東河鄉都蘭村436號", true),
            ("臺東縣東河鄉都蘭村436號", "東河鄉興昌村436號", false),
            ("臺東市日昇路一段5號", "臺東市日昇路二段5號", false),
            ("臺東市日昇路25巷5號", "臺東市日昇路5號", false),
        ];
        for (here, there, is_same) in cases {
            let (here, there) = (Address::parse(here).unwrap(), Address::parse(there).unwrap());
            assert_eq!(here.is_same_place(&there), is_same, "{} and {}", here.match_key(), there.match_key());
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_typed_is_answered(typed in "[臺台東市縣鄉里路段巷號樓之一二十FB0-9-]{0,24}|.{0,30}") {
            let _ = (Address::parse(&typed), normalize(&typed));
        }
    }
}
