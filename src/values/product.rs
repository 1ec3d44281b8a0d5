//! What is sold: sixteen kinds of cylinder, a product being method × family × size (business §5).

use crate::values::choice::choice;
use crate::values::text;

choice! {
    /// How its gas is charged.
    Method {
        /// A price a cylinder.
        Cylinder = "cylinder", "桶裝";
        /// A price a kilogram, by the meter.
        Flow = "flow", "流量";
    }
}

choice! {
    /// Which of the shop's lines it belongs to.
    Family {
        Regular = "regular", "一般";
        Commercial = "commercial", "營";
        Lucky = "lucky", "好運";
        /// 瓶安桶, of composite.
        Safety = "safety", "瓶安";
        /// 幸福丸, 4 kg.
        Happiness = "happiness", "幸福";
    }
}

/// One of the sixteen.
#[derive(Debug, PartialEq, Eq)]
pub struct Product {
    /// `C20`, `F16-LUCKY`: how the database names it.
    pub code: &'static str,
    /// `流量50公斤`: as people see it, and the heading of its column in the shop's client list.
    pub name: &'static str,
    pub method: Method,
    pub family: Family,
    pub size_kg: u8,
}

const fn cylinder(code: &'static str, name: &'static str, family: Family, size_kg: u8) -> Product {
    Product { code, name, method: Method::Cylinder, family, size_kg }
}

const fn flow(code: &'static str, name: &'static str, family: Family, size_kg: u8) -> Product {
    Product { code, name, method: Method::Flow, family, size_kg }
}

impl Product {
    /// In the order of the columns of the client list.
    pub const ALL: [Product; 16] = [
        cylinder("C50", "50KG", Family::Regular, 50),
        cylinder("C20-YING", "營20", Family::Commercial, 20),
        cylinder("C16-YING", "營16", Family::Commercial, 16),
        cylinder("C20", "20KG", Family::Regular, 20),
        cylinder("C16", "16KG", Family::Regular, 16),
        cylinder("C10", "10KG", Family::Regular, 10),
        cylinder("C04", "4KG", Family::Regular, 4),
        cylinder("C16-LUCKY", "好運16", Family::Lucky, 16),
        cylinder("C10-SAFE", "瓶安桶10", Family::Safety, 10),
        cylinder("C04-PILL", "幸福丸", Family::Happiness, 4),
        cylinder("C20-LUCKY", "好運20", Family::Lucky, 20),
        flow("F50", "流量50公斤", Family::Regular, 50),
        flow("F20", "流量20公斤", Family::Regular, 20),
        flow("F16", "流量16公斤", Family::Regular, 16),
        flow("F20-LUCKY", "流量好運20公斤", Family::Lucky, 20),
        flow("F16-LUCKY", "流量好運16公斤", Family::Lucky, 16),
    ];

    pub fn find(code: &str) -> Option<&'static Product> {
        ALL.iter().find(|product| product.code == code)
    }

    /// The product of a column of the client list; full width, blanks and line breaks in the heading are forgiven.
    pub fn of_heading(heading: &str) -> Option<&'static Product> {
        let tight: String = text::narrow(heading).chars().filter(|c| !text::is_blank(*c)).collect::<String>().to_uppercase();
        ALL.iter().find(|product| product.name == tight)
    }
}

static ALL: [Product; 16] = Product::ALL;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_found_by_code_and_by_heading() {
        for product in &Product::ALL {
            assert_eq!(Product::find(product.code), Some(product));
            assert_eq!(Product::of_heading(product.name), Some(product));
            let same = Product::ALL
                .iter()
                .filter(|other| (other.method, other.family, other.size_kg) == (product.method, product.family, product.size_kg));
            assert_eq!(same.count(), 1, "method × family × size is unique: {}", product.code);
        }
        let cases = [
            ("20KG\n", Some("C20")),
            ("流量 ５０公斤", Some("F50")),
            ("4kg", Some("C04")),
            ("幸福丸", Some("C04-PILL")),
            ("30KG", None),
            ("", None),
        ];
        for (heading, code) in cases {
            assert_eq!(Product::of_heading(heading).map(|product| product.code), code, "{heading}");
        }
        assert_eq!(Product::find("C99"), None);
    }
}
