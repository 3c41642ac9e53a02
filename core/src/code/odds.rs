//! How hard a code is to guess, and the floor below which nothing is minted.

use super::format::CodeFormat;

/// Least guess bits of coupons and passes: one hit in about 10^12 tries.
pub const FLOOR_BITS_COUPON: u32 = 40;
/// Least guess bits of cards that hold money or goods: one hit in about 10^18 tries.
pub const FLOOR_BITS_STORED_VALUE: u32 = 60;

/// A format whose codes would be too easy to guess for so many cards.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "format {format} with {live} live cards: {guess_bits} guess bits, floor {floor_bits}, {}",
    match .would_do { Some(format) => format!("format {format} would do"), None => "no format would do".to_owned() }
)]
pub struct FormatRefused {
    /// The format that was asked for.
    pub format: CodeFormat,
    /// Live cards that the odds were worked out for.
    pub live: u64,
    /// What one try would have: one chance in 2^`guess_bits`.
    pub guess_bits: u32,
    /// What was asked for at least.
    pub floor_bits: u32,
    /// The shortest format with the same prefix that reaches the floor for as many live cards.
    pub would_do: Option<CodeFormat>,
}

impl CodeFormat {
    /// The odds of one guess are at most one in 2^`guess_bits` while `live` cards of this tenant, world, key slot and format
    /// could be redeemed: `min(body + tag bits - log2(live), 2 × tag bits)`, the logarithm rounded up.
    ///
    /// Prefix and key slot count for nothing: an attacker knows them.
    pub fn guess_bits(&self, live: u64) -> u32 {
        let live_log2 = u64::BITS - live.saturating_sub(1).leading_zeros();
        let tag_bits = self.tag_bits();
        (self.body_bits() + tag_bits).saturating_sub(live_log2).min(2 * tag_bits)
    }

    /// The most live cards with which this format still has `floor_bits`: 0 if it never has, and never more than the format
    /// can number.
    pub fn live_max(&self, floor_bits: u32) -> u64 {
        if 2 * self.tag_bits() < floor_bits {
            return 0;
        }
        let cards_bits = self.layout.batch_bits + self.layout.serial_bits;
        match (self.body_bits() + self.tag_bits()).checked_sub(floor_bits) {
            Some(spare_bits) => 1 << spare_bits.min(cards_bits),
            None => 0,
        }
    }

    /// Whether codes of this format are hard enough to guess with `live` cards in all, those about to be minted included.
    ///
    /// # Errors
    /// [`FormatRefused`] if [`CodeFormat::guess_bits`] is below `floor_bits` or the format cannot number so many cards; it
    /// names the format that would do.
    pub fn require(&self, live: u64, floor_bits: u32) -> Result<(), FormatRefused> {
        if live <= self.live_max(floor_bits) {
            return Ok(());
        }
        let would_do = Self::PLAIN
            .into_iter()
            .map(|plain| Self { prefix: self.prefix, ..plain })
            .find(|format| live <= format.live_max(floor_bits));
        Err(FormatRefused { format: *self, live, guess_bits: self.guess_bits(live), floor_bits, would_do })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_table() {
        let table = CodeFormat::PLAIN.map(|format| [16, 20, 30].map(|log2| format.guess_bits(1 << log2)));
        assert_eq!(table, [[41, 37, 27], [54, 54, 46], [80, 76, 66], [99, 95, 85]]);
        assert_eq!(CodeFormat::S12.guess_bits(0), 52);
        assert_eq!(CodeFormat::S12.guess_bits((1 << 16) + 1), 40, "rounded against us");
    }

    #[test]
    fn g31_minting_below_the_floor_is_refused_with_the_format_that_would_do() {
        let short = CodeFormat::new(12, "VIP").unwrap();
        assert_eq!(short.require(1 << 16, FLOOR_BITS_COUPON), Ok(()));
        let refused = short.require(1 << 20, FLOOR_BITS_COUPON).unwrap_err();
        assert_eq!((refused.guess_bits, refused.would_do), (37, Some(CodeFormat::new(16, "VIP").unwrap())));
        let text = "format VIP+12 with 1048576 live cards: 37 guess bits, floor 40, format VIP+16 would do";
        assert_eq!(refused.to_string(), text);
        let stored_value = CodeFormat::S16.require(1, FLOOR_BITS_STORED_VALUE).unwrap_err();
        assert_eq!(stored_value.would_do, Some(CodeFormat::S20));
        assert_eq!(CodeFormat::S12.require(1, 111).unwrap_err().would_do, None);
    }

    proptest! {
        #[test]
        fn live_max_is_where_the_odds_turn(format in prop::sample::select(&CodeFormat::PLAIN), floor in 0_u32..120) {
            let live_max = format.live_max(floor);
            if live_max > 0 {
                prop_assert!(format.guess_bits(live_max) >= floor);
            }
            let cards_max = u64::from(format.size_max()) * (u64::from(format.batch_no_max()) + 1);
            prop_assert!(live_max == cards_max || format.guess_bits(live_max + 1) < floor);
        }
    }
}
