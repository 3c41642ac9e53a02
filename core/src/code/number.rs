//! Card numbers (卡号): 16 digits and a check digit, printed beside the code. They name a card and prove nothing.

use super::book::CodeBook;
use super::format::CodeFormat;
use super::mac::MacKey;
use super::round_mac::RoundMac;
use crate::Invalid;

/// Digits without the check digit.
const DIGITS: usize = 16;
/// Card numbers lie below it.
const NUMBERS: u64 = 10_u64.pow(16);
/// Two halves of 27 bits: the narrowest even split that holds 10^16.
const HALF_BITS: u32 = 27;

/// The formats' shares of the numbers, in this order; the last has what is left.
const SHARES: [CodeFormat; 4] = CodeFormat::PLAIN;

/// A permutation of the numbers below 10^16, of one tenant and world. From the base secret: a card keeps its number when
/// code keys rotate.
pub(super) struct CardNumbers {
    rounds: [RoundMac; 4],
}

impl CardNumbers {
    pub(super) fn new(key: &MacKey) -> Self {
        Self { rounds: [1, 2, 3, 4].map(|round| RoundMac::new(key.derive(&[b"cardmint/1/number", &[round]]).bytes())) }
    }

    /// Walks on until a number lies in the range: on average less than two steps, as 2^54 is below twice 10^16.
    fn permute(&self, index: u64) -> u64 {
        let mut number = self.step(index);
        while number >= NUMBERS {
            number = self.step(number);
        }
        number
    }

    fn restore(&self, number: u64) -> u64 {
        let mut index = self.step_back(number);
        while index >= NUMBERS {
            index = self.step_back(index);
        }
        index
    }

    fn step(&self, number: u64) -> u64 {
        let (mut left, mut right) = halves(number);
        for round in &self.rounds {
            let [mask] = round.bits([right], HALF_BITS);
            (left, right) = (right, left ^ mask);
        }
        (left << HALF_BITS) | right
    }

    fn step_back(&self, number: u64) -> u64 {
        let (mut left, mut right) = halves(number);
        for round in self.rounds.iter().rev() {
            let [mask] = round.bits([left], HALF_BITS);
            (left, right) = (right ^ mask, left);
        }
        (left << HALF_BITS) | right
    }
}

fn halves(number: u64) -> (u64, u64) {
    (number >> HALF_BITS, number & ((1 << HALF_BITS) - 1))
}

impl CodeBook {
    /// The card number of a card whose batch has codes of `symbols` symbols: 17 digits, the last a Luhn check digit. Stable
    /// over key rotation, and over a replaced code.
    ///
    /// # Errors
    /// - `symbols`: not 12, 16, 20 or 24.
    /// - `batch_no`, `serial`: beyond what the format can name. In 24 symbols there are numbers only for the first eight
    ///   million batches; the error tells the bound.
    pub fn card_number(&self, symbols: u8, batch_no: u32, serial: u32) -> Result<String, Invalid> {
        let (format, offset, end) = share_of(symbols)?;
        let range = |field, given, max: u64| Invalid::new(field, given, format!("0 to {max} in {symbols} symbols"));
        if serial >= format.size_max() {
            return Err(range("serial", serial, u64::from(format.size_max()) - 1));
        }
        // Only whole batches have numbers, so that a batch does not run out of them half way.
        let batches = (end - offset) >> format.serial_bits();
        if u64::from(batch_no) >= batches {
            return Err(range("batch_no", batch_no, batches - 1));
        }
        let index = offset + ((u64::from(batch_no) << format.serial_bits()) | u64::from(serial));
        let digits = format!("{:0DIGITS$}", self.numbers.permute(index));
        let check = luhn_sum(digits.bytes().rev(), true);
        Ok(format!("{digits}{}", (10 - check % 10) % 10))
    }

    /// The card behind a card number: symbols of its codes, batch number, serial. Spaces and dashes are forgiven. `None` for
    /// a wrong check digit, another length, or a number that no card can have.
    ///
    /// A card number is public: it finds a card for a clerk and must never stand in for the code.
    pub fn card_of_number(&self, text: &str) -> Option<(u8, u32, u32)> {
        let symbols = super::alphabet::Symbols::read(text)?;
        let digits = digits_of_number(symbols.as_str())?;
        if luhn_sum(digits.bytes().rev(), false) % 10 != 0 {
            return None;
        }
        let index = self.numbers.restore(digits.get(..DIGITS)?.parse().ok()?);
        let (format, offset, end) =
            SHARES.iter().filter_map(|format| share_of(format.symbols()).ok()).find(|(_, _, end)| index < *end)?;
        let within = index - offset;
        let batches = (end - offset) >> format.serial_bits();
        let batch_no = within >> format.serial_bits();
        let serial = within - (batch_no << format.serial_bits());
        if batch_no >= batches {
            return None;
        }
        Some((format.symbols(), u32::try_from(batch_no).ok()?, u32::try_from(serial).ok()?))
    }
}

/// `symbols` themselves if they are a card number: 17 digits.
pub(super) fn digits_of_number(symbols: &str) -> Option<&str> {
    (symbols.len() == DIGITS + 1 && symbols.bytes().all(|symbol| symbol.is_ascii_digit())).then_some(symbols)
}

/// The format of `symbols` symbols and its share of the indices: from the first up to, not including, the second.
fn share_of(symbols: u8) -> Result<(CodeFormat, u64, u64), Invalid> {
    let mut offset = 0;
    for format in SHARES {
        let cards = 1_u64 << (format.layout.batch_bits + format.layout.serial_bits);
        let end = NUMBERS.min(offset + cards);
        if format.symbols() == symbols {
            return Ok((format, offset, end));
        }
        offset = end;
    }
    Err(Invalid::new("symbols", symbols, "12, 16, 20 or 24"))
}

/// Luhn's sum over digits from the last to the first; `double_first` tells whether the first of them counts twice.
fn luhn_sum(digits_from_last: impl Iterator<Item = u8>, double_first: bool) -> u32 {
    let digits = digits_from_last.map(|digit| u32::from(digit.saturating_sub(b'0')));
    let doubles = [double_first, !double_first].into_iter().cycle();
    digits.zip(doubles).map(|(digit, double)| if double { digit / 5 + digit * 2 % 10 } else { digit }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn numbers() -> CardNumbers {
        CardNumbers::new(&MacKey::from_bytes(Zeroizing::new([9; 32])))
    }

    proptest! {
        #[test]
        fn a_permutation_of_all_numbers(index in 0..NUMBERS, other in 0..NUMBERS) {
            let numbers = numbers();
            let number = numbers.permute(index);
            prop_assert!(number < NUMBERS);
            prop_assert_eq!(numbers.restore(number), index);
            prop_assert_eq!(numbers.permute(numbers.restore(other)), other);
        }
    }

    #[test]
    fn neighbours_get_distant_numbers() {
        let numbers = numbers();
        let seen: std::collections::BTreeSet<_> = (0..2000).map(|index| numbers.permute(index)).collect();
        assert_eq!(seen.len(), 2000);
        let near = seen.iter().zip(seen.iter().skip(1)).filter(|(low, high)| *high - *low < 1_000_000).count();
        assert!(near < 5, "{near} of 2000 numbers have a neighbour near by");
    }

    #[test]
    fn luhn_of_a_known_number() {
        // The textbook example 7992739871 has the check digit 3.
        assert_eq!(luhn_sum(b"7992739871".iter().rev().copied(), true), 67);
        assert_eq!(luhn_sum(b"79927398713".iter().rev().copied(), false), 70);
    }

    #[test]
    fn shares_meet_and_end_at_the_last_number() {
        let shares = [12, 16, 20, 24].map(|symbols| share_of(symbols).unwrap());
        assert_eq!(shares[0].2, 1 << 29);
        assert_eq!(shares[1].2, (1 << 29) + (1 << 46));
        assert_eq!(shares[2].2, (1 << 29) + (1 << 46) + (1 << 50));
        assert_eq!(shares[3].2, NUMBERS);
        assert!(shares.windows(2).all(|pair| pair[0].2 == pair[1].1));
    }
}
