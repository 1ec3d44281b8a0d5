//! Chance that can be had again: every choice of a run comes from its seed.

/// splitmix64: a stream of numbers from a seed, as even as is needed here.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream `name` of `seed`; streams of other names know nothing of it.
    pub fn new(seed: u64, name: &str) -> Dice {
        let mixed = name.bytes().fold(seed ^ 0x9E37_79B9_7F4A_7C15, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        Dice(mixed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end - 1`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
