//! The same throws for the same seed, on every machine (SplitMix64; Steele, Lea, Flood 2014). For invented
//! shops only: anybody can guess the next throw.

pub struct Dice(u64);

impl Dice {
    /// A row of throws of its own for each `stream`, so that one more customer changes no other.
    pub fn new(seed: u64, stream: u64) -> Dice {
        let mut dice = Dice(seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to, not including, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below((last - first + 1).max(0) as usize) as i64
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of `all`, which is not empty.
    pub fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = self.below(all.len());
        all.get(at).copied().unwrap_or_default()
    }

    /// One of `all`, which is not empty, made for this throw.
    pub fn pick_one(&mut self, all: &[String]) -> String {
        let at = self.below(all.len());
        all.get(at).cloned().unwrap_or_default()
    }

    /// One of the characters of `all`.
    pub fn letter(&mut self, all: &str) -> char {
        let at = self.below(all.chars().count());
        all.chars().nth(at).unwrap_or('某')
    }

    /// One of `all`, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, all: &[(T, u32)]) -> T {
        let mut left = self.below(all.iter().map(|(_, weight)| *weight as usize).sum()) as u32;
        for (one, weight) in all {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        all[0].0
    }

    /// Around 0, two thirds within 1 (Box and Muller).
    pub fn bell(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Around `median`, as many above as below, never below 0.
    pub fn spread(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.bell()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same() {
        let throw = |seed, stream| {
            let mut dice = Dice::new(seed, stream);
            [dice.next(), dice.next(), dice.next()]
        };
        assert_eq!(throw(1, 2), throw(1, 2));
        assert_ne!(throw(1, 2), throw(1, 3));
        assert_ne!(throw(1, 2), throw(2, 2));
    }

    #[test]
    fn throws_fall_where_they_should() {
        let mut dice = Dice::new(7, 0);
        let throws: Vec<i64> = (0..10_000).map(|_| dice.between(1, 6)).collect();
        for face in 1..=6 {
            let share = throws.iter().filter(|throw| **throw == face).count();
            assert!((1_500..1_850).contains(&share), "{face}: {share}");
        }
        let mean = (0..10_000).map(|_| dice.bell()).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05, "{mean}");
        assert!((0..1_000).all(|_| dice.weighted(&[('甲', 0), ('乙', 3)]) == '乙'));
    }
}
