//! HMAC-SHA-256 of one 64-bit number: the round function of every permutation here.
//!
//! The message always fits one block, so a keyed state needs exactly two compressions and no buffering. The `hmac` crate
//! would compute the same; docs/decisions/0001-code-format.md has the figures that paid for this file.

use sha2::block_api::compress256;
use zeroize::ZeroizeOnDrop;

const BLOCK_BYTES: usize = 64;

/// SHA-256's initial state (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// HMAC-SHA-256 with its key already absorbed.
#[derive(ZeroizeOnDrop)]
pub(super) struct RoundMac {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl RoundMac {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let absorb = |pad: u8| {
            let mut block = zeroize::Zeroizing::new([pad; BLOCK_BYTES]);
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = INITIAL;
            compress256(&mut state, std::slice::from_ref(&*block));
            state
        };
        Self { inner: absorb(0x36), outer: absorb(0x5c) }
    }

    /// The first `bits` bits (1 to 64) of the HMAC of each message's eight bytes, big endian on both sides.
    ///
    /// Lanes are independent, so that a processor overlaps their compressions; one lane waits for itself.
    #[inline]
    pub(super) fn bits<const N: usize>(&self, messages: [u64; N], bits: u32) -> [u64; N] {
        #[cfg(test)]
        COUNT.with(|count| count.set(count.get() + N));
        let mut blocks = [MESSAGE_BLOCK; N];
        for (block, message) in blocks.iter_mut().zip(messages) {
            write_front(block, [(message >> 32) as u32, message as u32]);
        }
        let mut states = [self.inner; N];
        states.iter_mut().zip(&blocks).for_each(|(state, block)| compress256(state, std::slice::from_ref(block)));
        blocks = [DIGEST_BLOCK; N];
        blocks.iter_mut().zip(&states).for_each(|(block, state)| write_front(block, *state));
        states = [self.outer; N];
        states.iter_mut().zip(&blocks).for_each(|(state, block)| compress256(state, std::slice::from_ref(block)));
        states.map(|[high, low, ..]| ((u64::from(high) << 32) | u64::from(low)) >> (64 - bits))
    }
}

const MESSAGE_BLOCK: [u8; BLOCK_BYTES] = last_block(8);
const DIGEST_BLOCK: [u8; BLOCK_BYTES] = last_block(32);

/// The last block of a hash that has already absorbed one block of key, with `message_bytes` still to be written in front
/// (FIPS 180-4, 5.1.1: a one bit, zeros, the length in bits).
const fn last_block(message_bytes: usize) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let length_bits = ((BLOCK_BYTES + message_bytes) * 8).to_be_bytes();
    if let ([.., high, low], Some((_, [end_mark, .., to_high, to_low]))) =
        (length_bits, block.split_at_mut_checked(message_bytes))
    {
        (*end_mark, *to_high, *to_low) = (0x80, high, low);
    }
    block
}

#[inline]
fn write_front<const W: usize>(block: &mut [u8; BLOCK_BYTES], words: [u32; W]) {
    let (chunks, _) = block.as_chunks_mut::<4>();
    chunks.iter_mut().zip(words).for_each(|(chunk, word)| *chunk = word.to_be_bytes());
}

#[cfg(test)]
thread_local! {
    static COUNT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many HMACs `work` computes on this thread.
#[cfg(test)]
pub(super) fn count_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = COUNT.get();
    let done = work();
    (done, COUNT.get() - before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha2::Sha256;

    proptest! {
        #[test]
        fn equals_the_hmac_crate(key: [u8; 32], messages: [u64; 8], bits in 1_u32..=64) {
            let expected = messages.map(|message| {
                let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
                mac.update(&message.to_be_bytes());
                let digest = mac.finalize().into_bytes();
                u64::from_be_bytes(digest[..8].try_into().unwrap()) >> (64 - bits)
            });
            let mac = RoundMac::new(&key);
            prop_assert_eq!(mac.bits(messages, bits), expected);
            for (message, expected) in messages.into_iter().zip(expected) {
                prop_assert_eq!(mac.bits([message], bits), [expected]);
            }
        }
    }
}
